"""Write the test vectors of this folder, or with --check compare them with the committed files.

python3 vectors/generate.py [--check]
"""

import json
import pathlib
import sys

import hpke
import privity as p
import quotes
from encode import F, I, hexed, point
from scenario import CIPHERTEXT, ENVELOPE, NOW, Story, fe, note, note_json, person, scalar
from terms import terms

HERE = pathlib.Path(__file__).resolve().parent
TOP = p.R - 1
PUBLIC = (  # poseidonperm_x5_255_5 on [0, 1, 2, 3, 4], as its authors publish it
    "2a918b9c9f9bd7bb509331c81e297b5707f6fc7393dcee1b13901a0b22202e18",
    "65ebf8671739eeb11fb217f2d5c5bf4a0c3f210e3f3cd3b08b5db75675d797f7",
    "2cc176fc26bc70737a696a9dfd1b636ce360ee76926d182390cdb7459cf585ce",
    "4dc4e29d283afd2a491fe6aef122b9a968e74eff05341f3cc23fda1781dcb566",
    "03ff622da276830b9451b88b85e6184fd6ae15c8ab3ee25a5667be8592cce3b1",
)
SOURCE = "https://extgit.iaik.tugraz.at/krypto/hadeshash/-/blob/master/code/test_vectors.txt (poseidonperm_x5_255_5)"


def poseidon():
    """Parameters, the public known answer and further permutations."""
    cases = [
        ("zero", [0] * 5),
        ("largest", [TOP] * 5),
        ("one lane", [0, 0, 0, 0, 1]),
        ("random", [fe(f"p{i}") for i in range(5)]),
    ]
    return {
        "parameters": {
            "prime": F(p.R),
            "power": I(5),
            "width": I(p.T),
            "full_rounds": I(p.FULL),
            "partial_rounds": I(p.PARTIAL),
            "bits": I(p.BITS),
        },
        "known_answer": {"source": SOURCE, "input": hexed(range(5)), "output": ["0x" + x for x in PUBLIC]},
        "permutations": [{"name": n, "input": hexed(x), "output": hexed(p.permute(x))} for n, x in cases],
        "mds": [hexed(row) for row in p.MDS],
        "round_constants": [hexed(row) for row in p.ROUND_CONSTANTS],
    }


# How many inputs each domain takes; INTENT has two shapes.
ARITY = {
    "OWNER": 3,
    "SIGNER": 2,
    "SIG": 4,
    "INTENT": 8,
    "ACCEPT": 2,
    "DISCLOSE": 8,
    "ATTEST": 9,
    "RECEIPT": 2,
    "AWARD": 3,
    "MINT": 4,
    "REFUND": 3,
    "SETTLE": 4,
    "ENTRY": 1,
    "NOTE": 4,
    "NULLIFIER": 3,
    "TOKEN": 2,
    "ERC20": 3,
    "CAPACITY": 4,
    "NODE": 4,
    "PARTY": 2,
    "SERIAL": 1,
    "BLIND": 3,
    "ISSUED": 2,
    "TERMS": 4,
    "PARTIES": 9,
    "GOODS": 6,
    "MONEY": 8,
    "REMEDY": 2,
    "ESCROW": 2,
    "PAIR": 2,
    "RETIRED": 1,
    "POLICY": 4,
    "VOLUME": 2,
    "RHO": 2,
    "AWARDED": 4,
    "OFFER": 4,
    "ESCROWNK": 1,
    "DISCLOSED": 4,
}


def sponge():
    """Tags, H, truncation, names and assets."""
    shapes = [(d, ARITY[d]) for d in p.DOMAINS] + [("INTENT", 12), ("BLIND", 2)]
    inputs = [(d, [fe(f"{d} {i}") for i in range(n)]) for d, n in shapes]
    inputs += [(d, [x] * n) for d, n in (("NODE", 4), ("GOODS", 6), ("INTENT", 12), ("SERIAL", 1)) for x in (0, TOP)]
    digests = [bytes(32), b"\xff" * 32, b"\xff" + bytes(31), p.sha(b"")]
    texts = ["", "community token", "EUR", "Werkzeugmaschine Süd ½"]
    chains = [
        (0, bytes(20), 1),
        (1, bytes.fromhex("c0ffee254729296a45a3885639ac7e10f9d54979"), 10**12),
        (2**64 - 1, b"\xff" * 20, 2**64 - 1),
    ]
    hashes = [("", []), ("privity.test", [bytes(32), b"\x00\x00\x00\x01", b"\xff" * 8])]
    assets = [(0, 0, 0, 0), (fe("certifier"), fe("origin"), fe("resource"), 20_787), (TOP, TOP, 2**248 - 1, 2**32 - 1)]
    return {
        "domains": [{"domain": d, "number": I(i)} for i, d in enumerate(p.DOMAINS, 1)],
        "hashes": [
            {"domain": d, "inputs": hexed(x), "tag": I(p.tag(d, len(x))), "output": F(p.H(d, *x))} for d, x in inputs
        ],
        "truncations": [{"digest": d.hex(), "field": F(p.truncate(d))} for d in digests],
        "names": [{"text": t, "sha256": p.sha(t.encode()).hex(), "field": F(p.name(t))} for t in texts],
        "fields": [{"value": F(x), "bytes": p.be32(x).hex()} for x in (0, 1, fe("field"), TOP)],
        "refused_fields": [
            {"bytes": x.hex()}
            for x in (p.be32(p.R), p.be32(p.R + 1), b"\xff" * 32, p.be32(1)[1:], p.be32(1) + b"\0", b"")
        ],
        "sha256": [
            {"label": n, "fields": [x.hex() for x in xs], "digest": p.unnamed(n, *xs).hex()} for n, xs in hashes
        ],
        "keccak256": [
            {"bytes": x.hex(), "digest": p.keccak256(x).hex()}
            for x in (b"", b"abc", b"\xa5" * 135, b"\xa5" * 136, b"\xa5" * 137)
        ],
        "tokens": [
            {"issuer": F(i), "name": t, "asset": F(p.token(i, t))}
            for i, t in ((0, ""), (TOP, texts[3]), (fe("issuer"), "EUR"))
        ],
        "erc20": [
            {"chain_id": I(c), "token": a.hex(), "scale": I(s), "asset": F(p.erc20(c, a, s))} for c, a, s in chains
        ],
        "capacity": [
            {"certifier": F(c), "origin": F(o), "resource": F(r), "bucket": I(b), "asset": F(p.capacity(c, o, r, b))}
            for c, o, r, b in assets
        ],
    }


def torsion():
    """A point of order 8, from the first small y that gives one."""
    y = 2
    while True:
        q = p.decompress(y.to_bytes(32, "little"))
        if q is not None and p.mul(4, p.mul(p.L, q)) != p.IDENTITY:
            return p.mul(p.L, q)
        y += 1


def keys():
    """The groups, HKDF, owners, signers, delivery keys, addresses, and keys to refuse."""
    cases = [
        (bytes(32), 0),
        (bytes(range(32)), 0),
        (bytes(range(32)), 1),
        (bytes(range(32)), 2**32 - 1),
        (b"\xff" * 32, 7),
    ]
    rows = []
    for seed, index in cases:
        k = p.Keys(seed, index)
        rows.append(
            {
                "seed": seed.hex(),
                "index": I(index),
                "hkdf": {label: okm.hex() for label, okm in k.okm.items()},
                "sk": F(k.sk),
                "pk": point(k.pk),
                "nk": F(k.nk),
                "owner": F(k.owner),
                "signer_sk": F(k.signer_sk),
                "signer_pk": point(k.signer_pk),
                "signer": F(k.signer),
                "serial": F(k.serial),
                "delivery_secret": k.delivery_secret.hex(),
                "delivery_public": k.delivery.hex(),
                "address": k.address,
            }
        )
    small = torsion()
    refused = [
        ("identity", p.IDENTITY),
        ("order 2", (0, p.R - 1)),
        ("order 8", small),
        ("off the subgroup", p.add(p.G, small)),
        ("off the curve", (p.G[0], p.G[0])),
        ("not canonical", (p.G[0] + p.R, p.G[1])),
    ]
    multiples = [0, 1, 2, p.L - 1, scalar("multiple")]
    assert p.valid_key(p.G) and p.valid_key(p.V) and p.valid_key(p.W) and not any(p.valid_key(q) for _, q in refused)
    return {
        "group": {"order": I(p.L), "cofactor": I(p.COFACTOR), "d": F(p.D), "generator": point(p.G)},
        "generators": [{"name": n, "counter": I(p.generator(n)[1]), "point": point(p.generator(n)[0])} for n in "VW"],
        "multiples": [{"scalar": F(k), "point": point(p.mul(k, p.G))} for k in multiples],
        "keys": rows,
        "refused_keys": [{"why": why, "point": point(q)} for why, q in refused],
    }


def schnorr():
    """Signatures under given nonces, and signatures to refuse."""
    m = p.H("ACCEPT", 1, 2)
    cases = [
        ("nonce 1", 1, fe("prefix"), m, 1),
        ("nonce l - 1", scalar("sk"), fe("prefix"), m, p.L - 1),
        ("key l - 1", p.L - 1, fe("prefix"), m, scalar("k")),
        ("prefix and message 0", scalar("sk"), 0, 0, scalar("k")),
        ("prefix and message r - 1", scalar("sk"), TOP, TOP, scalar("k")),
    ] + [(f"random {i}", scalar(f"sk {i}"), fe(f"prefix {i}"), fe(f"m {i}"), scalar(f"k {i}")) for i in range(5)]
    rows = []
    for label, sk, prefix, m, k in cases:
        pk, nonce, sig = p.mul(sk, p.G), p.mul(k, p.G), p.sign(sk, prefix, m, k)
        assert p.verify(pk, prefix, m, sig)
        rows.append(
            {
                "name": label,
                "sk": F(sk),
                "pk": point(pk),
                "prefix": F(prefix),
                "m": F(m),
                "k": F(k),
                "nonce": point(nonce),
                "hash": F(p.H("SIG", *nonce, prefix, m)),
                "c": I(sig[0]),
                "h": I(p.challenge(nonce, prefix, m)[1]),
                "s": F(sig[1]),
                "wire": p.wire(sig).hex(),
            }
        )
    sk, prefix = scalar("sk"), fe("prefix")
    pk, sig = p.mul(sk, p.G), p.sign(sk, prefix, m, scalar("k"))
    c, s = sig
    good = p.wire(sig)
    bad = [
        ("s + l", pk, prefix, m, p.wire((c, s + p.L))),
        ("c + 1", pk, prefix, m, p.wire((c + 1, s))),
        ("s + 1", pk, prefix, m, p.wire((c, s + 1))),
        ("negated s", pk, prefix, m, p.wire((c, p.L - s))),
        ("negated key", p.neg(pk), prefix, m, good),
        ("another prefix", pk, prefix + 1, m, good),
        ("another message", pk, prefix, m + 1, good),
        ("all zero", pk, prefix, m, bytes(48)),
        ("too short", pk, prefix, m, good[:-1]),
        ("too long", pk, prefix, m, good + b"\0"),
    ]
    for why, key, pre, msg, data in bad:
        assert len(data) != 48 or not p.verify(
            key, pre, msg, (int.from_bytes(data[:16], "big"), int.from_bytes(data[16:], "big"))
        ), why
    return {
        "valid": rows,
        "refused": [{"why": w, "pk": point(k), "prefix": F(a), "m": F(b), "wire": d.hex()} for w, k, a, b, d in bad],
    }


def delivered(n, memo):
    """A note sealed to a delivery key under a fixed ephemeral secret."""
    ledger_id, keys = p.sha(b"privity vectors genesis"), person("recipient")
    info, aad = b"privity.note.v1" + ledger_id, p.be32(n["cm"])
    plaintext = p.note_plaintext(n["asset"], n["value"], n["unlock"], n["blinding"], memo)
    ephemeral = p.sha(b"privity vectors ephemeral")
    box = hpke.seal(ephemeral, keys.delivery, info, aad, plaintext)
    assert len(box) == CIPHERTEXT
    return {
        "note": note_json(n),
        "memo": memo.hex(),
        "ledger_id": ledger_id.hex(),
        "info": info.hex(),
        "aad": aad.hex(),
        "plaintext": plaintext.hex(),
        "recipient_secret": keys.delivery_secret.hex(),
        "recipient_public": keys.delivery.hex(),
        "ephemeral_secret": ephemeral.hex(),
        "sealed": box.hex(),
    }


def notes():
    """Packed lanes, commitments, nullifiers, and what HPKE is given."""
    edges = [(0, 0), (1, 0), (0, 1), (2**64 - 1, 0), (0, 2**40 - 1), (2**64 - 1, 2**40 - 1), (1_685_206, NOW)]
    made = [note(fe(f"asset {i}"), v, u, fe(f"owner {i}"), fe(f"blinding {i}")) for i, (v, u) in enumerate(edges)]
    made += [note(0, 0, 0, 0, 0), note(TOP, 2**64 - 1, 2**40 - 1, TOP, TOP)]
    spent = [(fe("nk"), made[1]["cm"], x) for x in (0, 1, 3, 4, 17, 2**32 - 1)] + [(0, 0, 0), (TOP, TOP, 2**32 - 1)]
    spent.append((fe("nk"), made[2]["cm"], 17))
    return {
        "notes": [note_json(n) | {"packed": F(p.note_lane(n["value"], n["unlock"]))} for n in made],
        "nullifiers": [{"nk": F(k), "cm": F(c), "position": I(x), "nf": F(p.nullifier(k, c, x))} for k, c, x in spent],
        "pair_nullifier": {
            "s3": F(fe("s3")),
            "nk": F(p.H("ESCROWNK", fe("s3"))),
            "pair": F(fe("pair")),
            "position": I(18),
            "nf": F(p.nullifier(p.H("ESCROWNK", fe("s3")), fe("pair"), 18)),
        },
        "delivery": [delivered(made[5], bytes(178)), delivered(made[6], bytes(range(178)))],
    }


def climb(leaf, position, children):
    """The root of a path; the leaf must stand among its level's children."""
    node = leaf
    for level, four in enumerate(children):
        assert four[position >> 2 * level & 3] == node
        node = p.H("NODE", *four)
    return node


def trees():
    """Empty roots, growing trees, paths, and paths at far positions."""
    sizes = {0: [], 1: [], 2: [1], 5: [4], 17: [11]}
    rows = []
    for depth in (16, 10):
        for size, positions in sizes.items():
            leaves = [fe(f"leaf {i}") for i in range(size)]
            paths = [{"position": I(x), "children": [hexed(c) for c in p.path(leaves, depth, x)]} for x in positions]
            assert all(climb(leaves[x], x, p.path(leaves, depth, x)) == p.root(leaves, depth) for x in positions)
            rows.append({"depth": I(depth), "leaves": hexed(leaves), "root": F(p.root(leaves, depth)), "paths": paths})
    leaves = [fe(f"leaf {i}") for i in range(5)]
    revoked = leaves[:2] + [0] + leaves[3:]
    far = []
    for depth, position in ((16, 4**16 - 1), (16, int("0123" * 4, 4)), (10, 4**10 - 1)):
        leaf = node = fe(f"far {position}")
        children = []
        for level in range(depth):
            four = [fe(f"far {position} {level} {i}") for i in range(4)]
            four[position >> 2 * level & 3] = node
            children.append(four)
            node = p.H("NODE", *four)
        far.append(
            {
                "depth": I(depth),
                "leaf": F(leaf),
                "position": I(position),
                "children": [hexed(c) for c in children],
                "root": F(node),
            }
        )
    return {
        "note_depth": I(16),
        "member_depth": I(10),
        "empty_roots": hexed(p.EMPTY),
        "trees": rows,
        "revoked": {"depth": I(10), "leaves": hexed(leaves), "position": I(2), "root": F(p.root(revoked, 10))},
        "paths": far,
    }


def statements(story):
    """Statements of the six relations, flattened, each with a witness for which it holds."""
    people = ("buyer", "supplier", "treasury", "certifier", "issuer", "inspector", "arbiter")
    return {
        "people": [
            {
                "name": n,
                "seed": person(n).seed.hex(),
                "index": I(0),
                "owner": F(person(n).owner),
                "signer": F(person(n).signer),
            }
            for n in people
        ],
        "note_leaves": hexed(story.ledger.leaves),
        "member_leaves": hexed(story.members),
        "statements": story.ledger.statements,
    }


def context(story):
    """Contexts of every kind that has one."""
    return {
        "kinds": [{"kind": k, "number": I(i)} for i, k in enumerate(p.KINDS)],
        "ciphertext_length": I(CIPHERTEXT),
        "envelope_length": I(ENVELOPE),
        "no_ciphertexts": p.keccak256(b"").hex(),
        "contexts": story.ledger.contexts,
    }


def render(value, indent=""):
    """JSON with a line per short record, so that the files stay small and diffs readable."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent + flat) <= 160 or not isinstance(value, (dict, list)):
        return flat
    deeper = indent + " "
    if isinstance(value, dict):
        inner = [f"{deeper}{json.dumps(k)}: {render(v, deeper)}" for k, v in value.items()]
        return "{\n" + ",\n".join(inner) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + render(v, deeper) for v in value) + f"\n{indent}]"


def known_answers():
    """Published vectors: without them, agreement would only mean that two authors err alike."""
    h = bytes.fromhex
    assert hexed(p.permute(list(range(5)))) == ["0x" + x for x in PUBLIC]
    assert p.keccak256(b"") == h("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
    assert p.bech32m("?", b"") == "?1v759aa"  # BIP-350
    secret, u = (  # RFC 7748, section 5.2
        h("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
        h("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
    )
    shared = h("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")
    assert p.x25519(secret, int.from_bytes(u, "little")) == shared
    box = hpke.seal(  # RFC 9180, appendix A.2.1
        h("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600"),
        h("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"),
        b"Ode on a Grecian Urn",
        b"Count-0",
        b"Beauty is truth, truth beauty",
    )
    assert box[:32] == h("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")
    assert box[32:61] == h("1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b")
    assert box[61:] == h("60b4db21993c62ce81883d2dd1b51a28")


def main():
    """Write or check all files; the exit status counts the files that differ."""
    known_answers()
    quotes.known_answers()
    story = Story()
    files = {
        "poseidon": poseidon(),
        "sponge": sponge(),
        "keys": keys(),
        "schnorr": schnorr(),
        "notes": notes(),
        "trees": trees(),
        "terms": terms(story),
        "statements": statements(story),
        "context": context(story),
        "quotes": quotes.quotes(),
    }
    wrong = []
    for stem, value in files.items():
        file, text = HERE / f"{stem}.json", render(value) + "\n"
        if "--check" not in sys.argv:
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            wrong.append(file.name)
    print("differ: " + ", ".join(wrong) if wrong else f"{len(files)} files agree")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
