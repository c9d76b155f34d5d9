"""How vectors are written: field elements and scalars `0x` + 64 digits, integers decimal, bytes hex."""


def F(x):
    """A field element or Jubjub scalar."""
    assert 0 <= x < 2**256
    return f"0x{x:064x}"


def I(x):  # noqa: E743
    """An integer."""
    return str(x)


def point(p):
    """An affine point."""
    return {"x": F(p[0]), "y": F(p[1])}


def hexed(values):
    """A list of field elements."""
    return [F(v) for v in values]


def named(fields, integers=()):
    """A record: the named integers in decimal, the rest as field elements."""
    return {k: I(v) if k in integers else F(v) for k, v in fields.items()}
