"""Sealed quotes: requests, ids, derived secrets, boxes, the two sigma proofs. All but the range proofs."""

import hmac

import hpke
import merlin
import privity as p
import ristretto as r
from encode import F, I
from scenario import fe, person, scalar


def wide(material, label, *fields):
    """64 bytes from the 64 bytes of label `rfq` of a seed."""
    prk = hmac.digest(b"privity.v1", material, "sha512")
    return hmac.digest(prk, label.encode() + b"".join(fields) + b"\x01", "sha512")


def ristretto_scalar(material, label, *fields):
    """Little-endian, mod the order."""
    return int.from_bytes(wide(material, label, *fields), "little") % r.ORDER


def le(x):
    """A Ristretto scalar on the wire."""
    return x.to_bytes(32, "little")


def be(x, size):
    """An integer on the wire."""
    return x.to_bytes(size, "big")


def request(label):
    """A request with every secret behind it."""
    buyer, operator = person("buyer"), person("operator")
    ledger, nonce = p.sha(b"ledger " + label.encode()), p.sha(b"nonce " + label.encode())
    secret = ristretto_scalar(buyer.okm["rfq"], "quote buyer", ledger, nonce)
    opened = p.clamp(wide(operator.okm["rfq"], "quote operator", ledger, p.be32(buyer.owner), nonce)[:32])
    fields = {
        "ledger": ledger,
        "buyer": p.be32(buyer.owner),
        "document": p.be32(p.truncate(p.sha(b"drawing " + label.encode()))),
        "currency": p.be32(fe("currency " + label)),
        "exponent": be(2, 1),
        "quantity": be(2**40 - 1 if label == "largest" else 1_005_000, 8),
        "price_weight": be(2**15 - 1 if label == "largest" else 3, 2),
        "lead_weight": be(2**15 - 1 if label == "largest" else 20_000, 2),
        "opens": be(0 if label == "largest" else 1_800_000_000, 8),
        "closes": be(2**40 - 1 if label == "largest" else 1_800_086_400, 8),
        "delay": be(2**40 - 1 if label == "largest" else 172_800, 8),
        "key": (secret * r.B).encode(),
        "operator_key": p.x25519(opened),
        "nonce": nonce,
    }
    endorsed = p.unnamed("privity.rfq-key.v1", ledger, fields["buyer"], nonce, fields["operator_key"])
    message = p.H("ENTRY", p.truncate(endorsed))
    signature = p.sign(operator.signer_sk, operator.signer, message, scalar("endorsement " + label))
    hashed = b"".join(fields.values())
    return {
        "fields": fields,
        "hash": p.unnamed("privity.rfq.v1", hashed),
        "secret": secret,
        "opened": opened,
        "message": message,
        "signer": operator.signer_pk,
        "bytes": hashed + p.be32(operator.signer) + p.wire(signature),
    }


def commit(value, blinding):
    """value·B + blinding·B̃."""
    return (value * r.B + blinding * r.BLINDING).encode()


def opening(rfq, material, attempt, price, lead):
    """price ‖ lead ‖ blindings, and the commitments."""
    info = (rfq["hash"], be(attempt, 4), be(price, 8), be(lead, 2))
    blindings = [ristretto_scalar(material, label, *info) for label in ("quote price", "quote lead")]
    plain = be(price, 8) + be(lead, 2) + le(blindings[0]) + le(blindings[1])
    return plain, commit(price, blindings[0]) + commit(lead, blindings[1])


def sigma(transcript, secret, bases, nonce):
    """Announcements ‖ response."""
    announcements = [(nonce * base).encode() for base in bases]
    for announcement in announcements:
        transcript.append(b"announcement", announcement)
    c = int.from_bytes(transcript.challenge(b"challenge", 64), "little") % r.ORDER
    return b"".join(announcements) + le((nonce + c * secret) % r.ORDER)


def quote(rfq, label, attempt, price, lead, boxed_price):
    """A quote of `price` whose box holds an opening of `boxed_price`; the place of the range proof is zero."""
    supplier = person(label)
    material, owner = supplier.okm["rfq"], p.be32(supplier.owner)
    ephemeral = ristretto_scalar(material, "quote ephemeral", rfq["hash"], be(attempt, 4))
    point, shared = ephemeral * r.B, (ephemeral * rfq["secret"] * r.B).encode()
    _, commitments = opening(rfq, material, attempt, price, lead)
    boxed, _ = opening(rfq, material, attempt, boxed_price, lead)
    quote_id = p.unnamed("privity.quote.v1", rfq["hash"], owner, commitments, point.encode())
    prk = hmac.digest(b"privity.v1", shared, "sha512")
    key = hmac.digest(prk, b"quote box" + point.encode() + quote_id + b"\x01", "sha512")[:32]
    inner = hpke.chacha20_poly1305(key, bytes(12), quote_id, boxed)
    encapsulation = p.clamp(p.sha(b"encapsulation " + label.encode()))
    info = b"privity.quote.v1" + rfq["hash"]
    sealed = hpke.seal(encapsulation, rfq["fields"]["operator_key"], info, quote_id, inner)
    transcript = merlin.Transcript(b"privity.v1 quote")
    transcript.append(b"rfq", rfq["hash"])
    transcript.append(b"supplier", owner)
    transcript.append(b"price", commitments[:32])
    transcript.append(b"lead", commitments[32:])
    transcript.append(b"ephemeral", point.encode())
    transcript.append(b"box", sealed)
    nonce = int.from_bytes(p.sha(b"quote nonce " + label.encode()), "big") % r.ORDER
    proof = sigma(transcript, ephemeral, [r.B], nonce)
    start = rfq["hash"] + owner + commitments + point.encode() + sealed + proof
    return {
        "name": label,
        "material": material.hex(),
        "attempt": I(attempt),
        "price": I(price),
        "lead": I(lead),
        "ephemeral": le(ephemeral).hex(),
        "shared": shared.hex(),
        "id": quote_id.hex(),
        "inner": inner.hex(),
        "opens": boxed_price == price,
        "without_range_proof": start.hex(),
    }


def exclusion(rfq, excluded):
    """The evidence against a quote."""
    start = bytes.fromhex(excluded["without_range_proof"])
    point, shared = start[128:160], bytes.fromhex(excluded["shared"])
    transcript = merlin.Transcript(b"privity.v1 exclusion")
    transcript.append(b"rfq", rfq["hash"])
    transcript.append(b"quote", bytes.fromhex(excluded["id"]))
    transcript.append(b"key", rfq["fields"]["key"])
    transcript.append(b"ephemeral", point)
    transcript.append(b"shared", shared)
    ephemeral = int.from_bytes(bytes.fromhex(excluded["ephemeral"]), "little")
    nonce = int.from_bytes(p.sha(b"exclusion nonce"), "big") % r.ORDER
    proof = sigma(transcript, rfq["secret"], [r.B, ephemeral * r.B], nonce)
    return {"quote": excluded["name"], "bytes": (rfq["hash"] + bytes.fromhex(excluded["id"]) + shared + proof).hex()}


def quotes():
    """The file."""
    requests = {label: request(label) for label in ("ordinary", "largest")}
    rfq = requests["ordinary"]
    made = [
        quote(rfq, "supplier", 0, 1_234_567, 21, 1_234_567),
        quote(rfq, "cheapest", 0, 0, 0, 0),
        quote(rfq, "dearest", 2**32 - 1, 2**48 - 1, 2**16 - 1, 2**48 - 1),
        quote(rfq, "liar", 7, 1_234_567, 21, 1_234_566),
    ]
    return {
        "generators": {"value": r.B.encode().hex(), "blinding": r.BLINDING.encode().hex()},
        "requests": [
            {
                "name": label,
                "material": person("buyer").okm["rfq"].hex(),
                "operator_material": person("operator").okm["rfq"].hex(),
                "operator_public": p.be32(x["signer"][0]).hex() + p.be32(x["signer"][1]).hex(),
                "fields": {key: value.hex() for key, value in x["fields"].items()},
                "endorsement": F(x["message"]),
                "secret": le(x["secret"]).hex(),
                "opened": x["opened"].hex(),
                "hash": x["hash"].hex(),
                "id": F(p.truncate(x["hash"])),
                "bytes": x["bytes"].hex(),
            }
            for label, x in requests.items()
        ],
        "quotes": made,
        "exclusion": exclusion(rfq, made[3]),
    }


def known_answers():
    """Of the group and of the transcripts."""
    r.known_answers()
    merlin.known_answer()
