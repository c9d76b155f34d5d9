"""HPKE (RFC 9180), base mode, single shot: X25519, HKDF-SHA256, ChaCha20-Poly1305. For vectors only."""

import hmac

import privity as p

KEM = b"KEM" + (0x0020).to_bytes(2, "big")
SUITE = b"HPKE" + b"".join(x.to_bytes(2, "big") for x in (0x0020, 0x0001, 0x0003))


def _extract(suite, salt, label, ikm):
    return hmac.digest(salt, b"HPKE-v1" + suite + label + ikm, "sha256")


def _expand(suite, prk, label, info, length):
    assert length <= 32
    return hmac.digest(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01", "sha256")[:length]


def _block(key, counter, nonce):
    """One ChaCha20 block (RFC 8439, section 2.3)."""
    start = [int.from_bytes(b"expand 32-byte k"[i : i + 4], "little") for i in range(0, 16, 4)]
    start += [int.from_bytes(key[i : i + 4], "little") for i in range(0, 32, 4)]
    start += [counter] + [int.from_bytes(nonce[i : i + 4], "little") for i in range(0, 12, 4)]
    s = start[:]

    def mix(a, b, target, by):
        s[a] = (s[a] + s[b]) % 2**32
        s[target] ^= s[a]
        s[target] = (s[target] << by | s[target] >> (32 - by)) % 2**32

    for turn in range(20):
        for i in range(4):
            a, b, c, d = i, 4 + (i + turn % 2) % 4, 8 + (i + turn % 2 * 2) % 4, 12 + (i + turn % 2 * 3) % 4
            mix(a, b, d, 16)
            mix(c, d, b, 12)
            mix(a, b, d, 8)
            mix(c, d, b, 7)
    return b"".join(((x + y) % 2**32).to_bytes(4, "little") for x, y in zip(s, start))


def chacha20_poly1305(key, nonce, aad, text):
    """The AEAD's ciphertext ‖ tag (RFC 8439, section 2.8)."""
    blocks = (_block(key, 1 + i, nonce) for i in range(-(-len(text) // 64)))
    cipher = bytes(x ^ y for x, y in zip(text, b"".join(blocks)))
    one_time = _block(key, 0, nonce)
    r = int.from_bytes(one_time[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    data = b"".join(x + bytes(-len(x) % 16) for x in (aad, cipher))
    data += len(aad).to_bytes(8, "little") + len(cipher).to_bytes(8, "little")
    total = 0
    for i in range(0, len(data), 16):
        total = (total + int.from_bytes(data[i : i + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return cipher + ((total + int.from_bytes(one_time[16:32], "little")) % 2**128).to_bytes(16, "little")


def seal(ephemeral, recipient, info, aad, text):
    """Encapsulated key ‖ ciphertext ‖ tag, under a given ephemeral secret."""
    enc = p.x25519(ephemeral)
    shared = p.x25519(ephemeral, int.from_bytes(recipient, "little") % 2**255)
    prk = _extract(KEM, b"", b"eae_prk", shared)
    secret = _expand(KEM, prk, b"shared_secret", enc + recipient, 32)
    schedule = b"\x00" + _extract(SUITE, b"", b"psk_id_hash", b"") + _extract(SUITE, b"", b"info_hash", info)
    prk = _extract(SUITE, secret, b"secret", b"")
    key, nonce = _expand(SUITE, prk, b"key", schedule, 32), _expand(SUITE, prk, b"base_nonce", schedule, 12)
    return enc + chacha20_poly1305(key, nonce, aad, text)
