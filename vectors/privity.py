"""Privity, protocol version 1: every encoding of the protocol page, plainly.

An independent and deliberately slow implementation. It shares no code with the Rust crates and needs
nothing but the standard library (Python 3.11). It is made for test vectors: it is not constant-time,
so it must never hold a real secret. Field elements are plain integers in [0, R).

Readings, where the page leaves a choice (the README of this folder lists them all):

* Sponge lanes are numbered 0..4: the tag stands in lane 0, the output is lane 1 after the last permutation.
* L6: the first word is the protocol version, 1. A Deal's legs are its two transfers, the buyer's first: its
  price statement only repeats their outputs, and `pair` is no output of a leg. A Release's outputs follow its
  statement: supplier, buyer, capacity, pair. Ciphertexts are concatenated as they are, without length
  words: all recipients' (output by output), then all sender's copies, then the envelopes.
* The capacity note of a deal without escrow has unlock 0; `payment unlock` belongs to the payment alone.
* V, W: the counter starts at 0; y >= R and the encoding of x = 0 with parity 1 do not decode.
"""

import hashlib
import hmac

VERSION = 1
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
DOMAINS = (
    "OWNER SIGNER SIG INTENT ACCEPT DISCLOSE ATTEST RECEIPT AWARD MINT REFUND SETTLE ENTRY NOTE NULLIFIER "
    "TOKEN ERC20 CAPACITY NODE PARTY SERIAL BLIND ISSUED TERMS PARTIES GOODS MONEY REMEDY ESCROW PAIR RETIRED "
    "POLICY VOLUME RHO AWARDED OFFER ESCROWNK DISCLOSED"
).split()
KINDS = (
    "Disclosure Issue Mint Transfer Swap Deal Release Register Revoke Member Policy Rfq Open Quote Exclude Award"
).split()

# --- Poseidon x5_255_5 ------------------------------------------------------------------------------

T, FULL, PARTIAL, BITS = 5, 8, 60, 255


def _grain():
    """Bits of the self-shrinking Grain LFSR, seeded by field 1, S-box 0 and the sizes."""
    state = []
    for value, width in ((1, 2), (0, 4), (BITS, 12), (T, 12), (FULL, 10), (PARTIAL, 10), (2**30 - 1, 30)):
        state += [value >> i & 1 for i in reversed(range(width))]

    def step():
        bit = state[62] ^ state[51] ^ state[38] ^ state[23] ^ state[13] ^ state[0]
        state.pop(0)
        state.append(bit)
        return bit

    for _ in range(160):
        step()
    while True:
        keep, bit = step(), step()
        if keep:
            yield bit


def _parameters():
    """Round constants (rejection sampled, one row per round) and the Cauchy MDS matrix 1/(x_i + y_j)."""
    bits = _grain()

    def draw():
        value = 0
        for _ in range(BITS):
            value = 2 * value + next(bits)
        return value

    constants = []
    while len(constants) < T * (FULL + PARTIAL):
        value = draw()
        if value < R:
            constants.append(value)
    while True:
        points = [draw() % R for _ in range(2 * T)]
        sums = [[(x + y) % R for y in points[T:]] for x in points[:T]]
        if len(set(points)) == 2 * T and all(all(row) for row in sums):
            break
    rows = [constants[i : i + T] for i in range(0, len(constants), T)]
    return rows, [[pow(s, -1, R) for s in row] for row in sums]


ROUND_CONSTANTS, MDS = _parameters()


def permute(state):
    """The Poseidon permutation, unoptimised: add constants, x^5 (all lanes or lane 0), multiply by the MDS."""
    for number, row in enumerate(ROUND_CONSTANTS):
        state = [(s + c) % R for s, c in zip(state, row)]
        partial = FULL // 2 <= number < FULL // 2 + PARTIAL
        state = [s if partial and lane else pow(s, 5, R) for lane, s in enumerate(state)]
        state = [sum(m * s for m, s in zip(row, state)) % R for row in MDS]
    return state


def tag(domain, inputs):
    """2^32·version + 2^16·domain + inputs."""
    return 2**32 * VERSION + 2**16 * (DOMAINS.index(domain) + 1) + inputs


def H(domain, *inputs):
    """The sponge H(tag; inputs)."""
    assert inputs and all(0 <= x < R for x in inputs), (domain, inputs)
    state = [tag(domain, len(inputs)), 0, 0, 0, 0]
    for i in range(0, len(inputs), 4):
        for lane, x in enumerate(inputs[i : i + 4], 1):
            state[lane] = (state[lane] + x) % R
        state = permute(state)
    return state[1]


# --- encodings --------------------------------------------------------------------------------------


def be32(x):
    """A field element, Jubjub scalar or context word: 32 bytes big-endian."""
    return x.to_bytes(32, "big")


def field(data):
    """The field element of 32 bytes big-endian; refused if >= R, never reduced."""
    if len(data) != 32 or int.from_bytes(data, "big") >= R:
        raise ValueError("not a canonical field element")
    return int.from_bytes(data, "big")


def truncate(digest):
    """248-bit truncation: the digest with its first byte cleared, big-endian."""
    assert len(digest) == 32
    return int.from_bytes(digest[1:], "big")


def sha(data):
    """SHA-256."""
    return hashlib.sha256(data).digest()


def unnamed(label, *fields):
    """An unnamed hash: SHA-256 over label ‖ fixed-length fields."""
    return sha(label.encode() + b"".join(fields))


def name(text):
    """A name as it enters H: the truncated SHA-256 of its UTF-8 bytes."""
    return truncate(sha(text.encode()))


def pack(*fields):
    """A packed lane of (value, width) pairs, low field first; every field is ranged."""
    lane, shift = 0, 0
    for value, width in fields:
        assert 0 <= value < 2**width, (value, width)
        lane += value << shift
        shift += width
    assert shift < BITS
    return lane


# --- Jubjub -----------------------------------------------------------------------------------------

L = 6554484396890773809930967563523245729705921265872317281365359162392183254199
COFACTOR = 8
D = -10240 * pow(10241, -1, R) % R
G = (
    8076246640662884909881801758704306714034609987455869804520522091855516602923,
    13262374693698910701929044844600465831413122818447359594527400194675274060458,
)
IDENTITY = (0, 1)


def on_curve(p):
    """-x² + y² = 1 + d·x²·y²."""
    xx, yy = p[0] * p[0], p[1] * p[1]
    return (yy - xx - 1 - D * xx * yy) % R == 0


def add(p, q):
    """The complete twisted Edwards addition with a = -1."""
    (x1, y1), (x2, y2) = p, q
    k = D * x1 * x2 * y1 * y2 % R
    inverse = pow((1 + k) * (1 - k), -1, R)
    x = (x1 * y2 + y1 * x2) * (1 - k) * inverse
    y = (y1 * y2 + x1 * x2) * (1 + k) * inverse
    return x % R, y % R


def mul(k, p):
    """k·p for an integer k >= 0, by double and add."""
    total = IDENTITY
    for bit in bin(k)[2:]:
        total = add(total, total)
        if bit == "1":
            total = add(total, p)
    return total


def neg(p):
    """-p."""
    return -p[0] % R, p[1]


def valid_key(p):
    """On the curve, in the subgroup of order l, not the identity."""
    return all(0 <= c < R for c in p) and on_curve(p) and p != IDENTITY and mul(L, p) == IDENTITY


def sqrt(a):
    """A square root mod R (Tonelli and Shanks), or None."""
    a %= R
    if a == 0:
        return 0
    if pow(a, (R - 1) // 2, R) != 1:
        return None
    odd, twos = R - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    c, t, root = pow(7, odd, R), pow(a, odd, R), pow(a, (odd + 1) // 2, R)  # 7 is no square
    while t != 1:
        i, power = 0, t
        while power != 1:
            i, power = i + 1, power * power % R
        b = pow(c, 1 << (twos - i - 1), R)
        twos, c = i, b * b % R
        t, root = t * c % R, root * b % R
    return root


def decompress(data):
    """A point from y (little-endian, 255 bits) with the parity of x in the top bit, or None."""
    value = int.from_bytes(data, "little")
    y, parity = value & (2**255 - 1), value >> 255
    if y >= R:
        return None
    x = sqrt((y * y - 1) * pow(1 + D * y * y, -1, R))
    if x is None or (x == 0 and parity):
        return None
    return (x if x & 1 == parity else R - x), y


def generator(letter):
    """P10: a generator nobody knows the logarithm of; returns (point, counter)."""
    for counter in range(256):
        p = decompress(hashlib.blake2s(b"privity.v1" + letter.encode() + bytes([counter])).digest())
        if p is not None and mul(COFACTOR, p) != IDENTITY:
            return mul(COFACTOR, p), counter
    raise ValueError("no generator")


V, W = generator("V")[0], generator("W")[0]

# --- keys -------------------------------------------------------------------------------------------

LABELS = ("sign", "nullifier", "signer", "delivery", "serial", "rfq")


def hkdf(seed, label, index):
    """HKDF-SHA-512, salt `privity.v1`, info label ‖ u32 big-endian, 64 bytes: one block of expansion."""
    assert len(seed) == 32
    prk = hmac.digest(b"privity.v1", seed, "sha512")
    return hmac.digest(prk, label.encode() + index.to_bytes(4, "big") + b"\x01", "sha512")


def clamp(data):
    """RFC 7748 clamping of an X25519 secret."""
    return bytes([data[0] & 248]) + data[1:31] + bytes([data[31] & 127 | 64])


def x25519(secret, u=9):
    """The X25519 function (RFC 7748, section 5) of a secret and a u-coordinate, as 32 bytes little-endian."""
    p, k = 2**255 - 19, int.from_bytes(clamp(secret), "little")
    x2, z2, x3, z3 = 1, 0, u, 1
    for i in reversed(range(255)):
        if k >> i & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a % p, c * b % p, a * a % p, b * b % p
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % p, u * (da - cb) ** 2 % p
        x2, z2 = aa * bb % p, e * (aa + 121665 * e) % p
        if k >> i & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, p - 2, p) % p).to_bytes(32, "little")


def bech32m(hrp, data):
    """Bech32m (BIP-350) of bytes, without that document's length limit of 90."""

    def polymod(values):
        check = 1
        for value in values:
            top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
            for i, g in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                check ^= g if top >> i & 1 else 0
        return check

    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    words = [int(bits[i : i + 5], 2) for i in range(0, len(bits), 5)]
    expanded = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]
    check = polymod(expanded + words + [0] * 6) ^ 0x2BC830A3
    words += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return hrp + "1" + "".join("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[w] for w in words)


class Keys:
    """All keys of one seed and index."""

    def __init__(self, seed, index=0):
        self.seed, self.index = seed, index
        self.okm = {label: hkdf(seed, label, index) for label in LABELS}
        number = {label: int.from_bytes(okm, "big") for label, okm in self.okm.items()}
        self.sk, self.nk = number["sign"] % L, number["nullifier"] % R
        self.signer_sk, self.serial = number["signer"] % L, number["serial"] % R
        self.pk, self.signer_pk = mul(self.sk, G), mul(self.signer_sk, G)
        self.delivery_secret = clamp(self.okm["delivery"][:32])
        self.delivery = x25519(self.delivery_secret)
        self.owner, self.signer = owner(self.pk, self.nk), signer_id(self.signer_pk)
        self.address = bech32m("privity", be32(self.owner) + self.delivery)


def owner(pk, nk):
    """H(OWNER; pk.x, pk.y, nk)."""
    return H("OWNER", *pk, nk)


def signer_id(pk):
    """H(SIGNER; pk.x, pk.y)."""
    return H("SIGNER", *pk)


# --- Schnorr ----------------------------------------------------------------------------------------


def challenge(point, prefix, m):
    """(c, h) with H(SIG; R.x, R.y, prefix, m) = c + 2^128·h."""
    value = H("SIG", *point, prefix, m)
    return value % 2**128, value >> 128


def sign(sk, prefix, m, k):
    """(c, s) under the nonce k. h < 2^127 holds for every canonical hash, since R < 2^255."""
    c, h = challenge(mul(k, G), prefix, m)
    assert h < 2**127 and 0 < k < L
    return c, (k + c * sk) % L


def verify(pk, prefix, m, signature):
    """R = s·G - c·pk is computed; its challenge must be c."""
    c, s = signature
    return s < L and valid_key(pk) and challenge(add(mul(s, G), neg(mul(c, pk))), prefix, m)[0] == c


def wire(signature):
    """c, 16 bytes ‖ s, 32 bytes, both big-endian."""
    return signature[0].to_bytes(16, "big") + be32(signature[1])


# --- assets, notes, trees ---------------------------------------------------------------------------


def token(issuer, text):
    """H(TOKEN; issuer, name)."""
    return H("TOKEN", issuer, name(text))


def erc20(chain_id, address, scale):
    """H(ERC20; chain id, token, scale), the address as a big-endian integer."""
    assert len(address) == 20
    return H("ERC20", chain_id, int.from_bytes(address, "big"), scale)


def capacity(certifier, origin, resource, bucket):
    """H(CAPACITY; certifier, origin, resource, bucket)."""
    return H("CAPACITY", certifier, origin, resource, bucket)


def note_lane(value, unlock):
    """value + 2^64·unlock + 2^104·version."""
    return pack((value, 64), (unlock, 40), (VERSION, 8))


def commitment(asset, value, unlock, owner, blinding):
    """cm = H(NOTE; asset, packed lane, owner, blinding)."""
    return H("NOTE", asset, note_lane(value, unlock), owner, blinding)


def nullifier(nk, cm, position):
    """nf = H(NULLIFIER; nk, cm, position)."""
    return H("NULLIFIER", nk, cm, position)


def note_plaintext(asset, value, unlock, blinding, memo):
    """The HPKE plaintext of a note: 256 bytes, integers big-endian."""
    assert len(memo) == 178
    return bytes([VERSION]) + be32(asset) + value.to_bytes(8, "big") + unlock.to_bytes(5, "big") + be32(blinding) + memo


def empty_roots(depth):
    """e_0 = 0, e_{i+1} = H(NODE; e_i × 4)."""
    roots = [0]
    for _ in range(depth):
        roots.append(H("NODE", *[roots[-1]] * 4))
    return roots


EMPTY = empty_roots(16)


def levels(leaves, depth):
    """All non-empty nodes, level by level, leaves first."""
    rows = [list(leaves)]
    for level in range(depth):
        row = rows[-1] + [EMPTY[level]] * (-len(rows[-1]) % 4)
        rows.append([H("NODE", *row[i : i + 4]) for i in range(0, len(row), 4)] or [EMPTY[level + 1]])
    return rows


def root(leaves, depth):
    """The root of an append-only 4-ary tree."""
    return levels(leaves, depth)[-1][0]


def path(leaves, depth, position):
    """Per level the four children on the way to a leaf; level i branches by position bits 2i, 2i + 1."""
    children = []
    for level, row in enumerate(levels(leaves, depth)[:-1]):
        first = (position >> 2 * level) & ~3
        children.append([row[i] if i < len(row) else EMPTY[level] for i in range(first, first + 4)])
    return children


# --- terms and messages -----------------------------------------------------------------------------

PARTIES = "ledger buyer supplier buyer_signer supplier_signer inspector arbiter auditor".split()
GOODS = "certifier origin resource document".split()
GOODS_LANE = (("quantity", 40), ("load_factor", 32), ("increment", 40), ("due", 40), ("bucket", 32))
MONEY = "currency rfq".split()
MONEY_LANE = (
    ("exponent", 3),
    ("decimals", 3),
    ("mode", 1),
    ("surcharge", 16),
    ("allowance", 14),
    ("set_up", 48),
    ("rounding", 2),
    ("stage", 1),
    ("payment_unlock", 40),
    ("frame", 64),
)
REMEDY_LANE = (("escrow", 1), ("claim_until", 40), ("rate", 14), ("cap", 14))


def lane(widths, values):
    """A packed lane of named fields."""
    return pack(*((values[key], width) for key, width in widths))


def lane_pairs(pairs, *widths):
    """Lanes of two (first, second) pairs each: tiers (m 40, p 48), weeks (bucket 32, quantity 64)."""
    assert len(pairs) == 8
    return [pack(*(zip(pairs[i] + pairs[i + 1], widths * 2))) for i in range(0, 8, 2)]


def hash_terms(t):
    """Lanes and hashes of the four parts, and terms = H(TERMS; parties, goods, money, remedy)."""
    goods, money, remedy = lane(GOODS_LANE, t["goods"]), lane(MONEY_LANE, t["money"]), lane(REMEDY_LANE, t["remedy"])
    tiers = lane_pairs(t["money"]["tiers"], 40, 48)
    parts = {
        "parties": H("PARTIES", *(t["parties"][k] for k in PARTIES), t["parties"]["salt"]),
        "goods": H("GOODS", *(t["goods"][k] for k in GOODS), goods, t["goods"]["salt"]),
        "money": H("MONEY", *(t["money"][k] for k in MONEY), money, *tiers, t["money"]["salt"]),
        "remedy": H("REMEDY", remedy, t["remedy"]["salt"]),
    }
    lanes = {"goods": goods, "money": money, "tiers": tiers, "remedy": remedy}
    return {"lanes": lanes, **parts, "terms": H("TERMS", *parts.values())}


def escrow(terms, done):
    """E(done) = H(ESCROW; terms, done)."""
    return H("ESCROW", terms, done)


def volume(total, s3, terms):
    """P10: total·V + H(VOLUME; s₃, terms)·W."""
    return add(mul(total, V), mul(H("VOLUME", s3, terms), W))


def policy(flat, rate, treasury, delivery):
    """H(POLICY; flat, rate, treasury, delivery key), the X25519 key as its truncated SHA-256."""
    return H("POLICY", flat, rate, treasury, truncate(sha(delivery)))


def offer(currency, exponent, quantity, due, document):
    """H(OFFER; currency, exponent, quantity + 2^40·due, document hash)."""
    return H("OFFER", currency, exponent, pack((quantity, 40), (due, 40)), document)


def attest(ledger, certifier, supplier, resource, weeks, serial):
    """C1: A = H(ATTEST; …, four lanes of two weeks, H(SERIAL; serial))."""
    lanes = lane_pairs(weeks, 32, 64)
    return H("ATTEST", ledger, certifier, supplier, resource, *lanes, H("SERIAL", serial))


def receipt(terms, done, done2, time, final):
    """H(RECEIPT; terms, done + 2^40·done′ + 2^80·time + 2^120·final)."""
    return H("RECEIPT", terms, pack((done, 40), (done2, 40), (time, 40), (final, 1)))


def pay_used(pay, used):
    """pay + 2^64·used, as AWARD and SETTLE sign it."""
    return pack((pay, 64), (used, 64))


# --- price (P4, P5) ---------------------------------------------------------------------------------


def rounded(number, divisor, mode):
    """number / divisor: down, up, half-up, half-even (0–3)."""
    q, rest = divmod(number, divisor)
    odd_half = 2 * rest == divisor and q % 2 == 1
    return q + (False, rest > 0, 2 * rest >= divisor, 2 * rest > divisor or odd_half)[mode]


def price(quantity, money):
    """Line and total in minor units."""
    used = [tier for tier in money["tiers"] if tier[0]]
    starts = [m for m, _ in used] + [quantity]
    if money["mode"] == 0:
        chosen = max(k for k, (m, _) in enumerate(used) if m <= quantity)
        pieces = [quantity if k == chosen else 0 for k in range(len(used))]
    else:
        pieces = [max(0, min(quantity, starts[k + 1]) - starts[k]) for k in range(len(used))]
        pieces[0] = min(quantity, starts[1])
    factor = (10**4 + money["surcharge"]) * (10**4 - money["allowance"])
    minor, places, mode = 10 ** (6 - money["exponent"]), 10 ** (6 - money["decimals"]), money["rounding"]
    if money["stage"] == 0:
        line = rounded(sum(n * p for n, (_, p) in zip(pieces, used)) * factor, 10**11 * minor, mode)
    else:
        units = [places * rounded(p * factor, 10**8 * places, mode) for _, p in used]
        line = rounded(sum(n * u for n, u in zip(pieces, units)), 10**3 * minor, mode)
    return line, line + money["set_up"]


# --- ledger context ---------------------------------------------------------------------------------


def _keccak_f(lanes):
    """Keccak-f[1600] on lanes[x][y]."""
    mask, lfsr = 2**64 - 1, 1

    def rotate(value, by):
        return (value << by | value >> (64 - by)) & mask if by else value

    for _ in range(24):
        parity = [lanes[x][0] ^ lanes[x][1] ^ lanes[x][2] ^ lanes[x][3] ^ lanes[x][4] for x in range(5)]
        theta = [parity[x - 1] ^ rotate(parity[(x + 1) % 5], 1) for x in range(5)]
        lanes = [[word ^ theta[x] for word in lanes[x]] for x in range(5)]
        x, y, moved = 1, 0, lanes[1][0]
        for step in range(24):  # rho and pi along their single cycle
            x, y = y, (2 * x + 3 * y) % 5
            moved, lanes[x][y] = lanes[x][y], rotate(moved, (step + 1) * (step + 2) // 2 % 64)
        lanes = [
            [lanes[x][y] ^ (~lanes[(x + 1) % 5][y] & lanes[(x + 2) % 5][y] & mask) for y in range(5)] for x in range(5)
        ]
        for bit in range(7):  # iota: round constants from their LFSR
            lanes[0][0] ^= (lfsr & 1) << (2**bit - 1)
            lfsr = (lfsr << 1) ^ (0x171 if lfsr >> 7 else 0)
    return lanes


def keccak256(data):
    """Keccak-256 with the original padding (0x01 … 0x80), as on the EVM."""
    rate = 136
    padded = bytearray(data) + bytes(rate - len(data) % rate)
    padded[len(data)] ^= 0x01
    padded[-1] ^= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), rate):
        for i in range(rate // 8):
            word = padded[start + 8 * i : start + 8 * i + 8]
            lanes[i % 5][i // 5] ^= int.from_bytes(word, "little")
        lanes = _keccak_f(lanes)
    return b"".join(lanes[i][0].to_bytes(8, "little") for i in range(4))


def context_words(ledger_id, kind, expiry, terms, volume_point, recipient, outputs, ciphertexts):
    """L6: the words under the hash, 32 bytes each; `ciphertexts` are one list, in L6's order."""
    numbers = [VERSION, int.from_bytes(ledger_id, "big"), KINDS.index(kind), expiry, terms, *volume_point, recipient]
    return [be32(word) for word in numbers + list(outputs)] + [keccak256(b"".join(ciphertexts))]


def context(*arguments):
    """L6: Keccak-256 of the words, first byte cleared: a field element."""
    return truncate(keccak256(b"".join(context_words(*arguments))))
