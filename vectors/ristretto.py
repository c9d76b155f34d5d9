"""Ristretto255 (RFC 9496), written from the RFC. For vectors only: not constant-time."""

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def _negative(x):
    return x % P % 2 == 1


def _abs(x):
    return (P - x) % P if _negative(x) else x % P


ROOT = _abs(pow(2, (P - 1) // 4, P))  # of −1


def _sqrt_ratio(u, v):
    """(whether u/v is a square, the root of u/v or of ROOT·u/v that is not negative)."""
    r = u * v**3 % P * pow(u * v**7 % P, (P - 5) // 8, P) % P
    check = v * r * r % P
    if check in (-u % P, -u * ROOT % P):
        r = r * ROOT % P
    return check in (u % P, -u % P), _abs(r)


INV_ROOT_A_MINUS_D = _sqrt_ratio(1, (-1 - D) % P)[1]
ROOT_AD_MINUS_ONE = P - _sqrt_ratio((-1 - D) % P, 1)[1]  # of a·d − 1; of the two roots the RFC's is the odd one


class Point:
    """An element, in affine Edwards coordinates of one of its representatives."""

    def __init__(self, x, y):
        self.x, self.y = x % P, y % P

    def __add__(self, other):
        xy, k = self.x * other.y + self.y * other.x, D * self.x * other.x * self.y * other.y % P
        return Point(xy * pow(1 + k, -1, P), (self.y * other.y + self.x * other.x) * pow(1 - k, -1, P))

    def __neg__(self):
        return Point(-self.x, self.y)

    def __rmul__(self, scalar):
        total, power, scalar = Point(0, 1), self, scalar % ORDER
        while scalar:
            if scalar & 1:
                total += power
            power, scalar = power + power, scalar >> 1
        return total

    def encode(self):
        """32 bytes (section 4.3.2)."""
        x, y, t = self.x, self.y, self.x * self.y % P
        u1, u2 = (1 + y) * (1 - y) % P, t
        inverse = _sqrt_ratio(1, u1 * u2 * u2 % P)[1]
        d1, d2 = inverse * u1 % P, inverse * u2 % P
        z_inverse = d1 * d2 * t % P
        inverted = d2
        if _negative(t * z_inverse):
            x, y, inverted = y * ROOT % P, x * ROOT % P, d1 * INV_ROOT_A_MINUS_D % P
        if _negative(x * z_inverse):
            y = -y
        return _abs(inverted * (1 - y)).to_bytes(32, "little")


def _map(data):
    """An element from 32 bytes (section 4.3.4)."""
    t = int.from_bytes(data, "little") % 2**255 % P
    r = ROOT * t * t % P
    u, v = (r + 1) * (1 - D * D) % P, (-1 - r * D) * (r + D) % P
    square, s = _sqrt_ratio(u, v)
    c = P - 1
    if not square:
        s, c = -_abs(s * t) % P, r
    n = (c * (r - 1) * (D - 1) ** 2 - v) % P
    w0, w1, w2, w3 = 2 * s * v, n * ROOT_AD_MINUS_ONE, 1 - s * s, 1 + s * s
    return Point(w0 * pow(w1, -1, P), w2 * pow(w3, -1, P))


def from_uniform(data):
    """An element from 64 uniform bytes."""
    assert len(data) == 64
    return _map(data[:32]) + _map(data[32:])


_Y = 4 * pow(5, -1, P) % P
B = Point(_abs(_sqrt_ratio((_Y * _Y - 1) % P, (D * _Y * _Y + 1) % P)[1]), _Y)
# The generator of blindings, as `bulletproofs` defines it.
BLINDING = from_uniform(hashlib.sha3_512(B.encode()).digest())


def known_answers():
    """Multiples of the generator and an element from uniform bytes (RFC 9496, appendices A.1 and A.3)."""
    assert Point(0, 1).encode() == bytes(32)
    assert B.encode().hex() == "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"
    assert (2 * B).encode().hex() == "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919"
    assert (ORDER * B).encode() == bytes(32) == ((ORDER - 1) * B + B).encode()
    uniform = hashlib.sha512(b"Ristretto is traditionally a short shot of espresso coffee").digest()
    assert from_uniform(uniform).encode().hex() == "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46"
