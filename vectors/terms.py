"""The vectors of terms.json: lanes, terms, what is derived from them, messages."""

import privity as p
from encode import F, I, hexed, named, point
from scenario import NOW, fe, terms_json

TOP = p.R - 1


def edge_terms(story, largest):
    """Terms at the ends of P2's ranges: they encode, whether or not a deal could carry them."""
    q, top40, top48 = (2**40 - 1, 2**40 - 1, 2**48 - 1) if largest else (1, 0, 0)
    f = TOP if largest else 0
    tiers = [(2**40 - 8 + i, top48) for i in range(8)] if largest else [(1, 0)] + [(0, 0)] * 7
    return {
        "parties": {k: story.ledger.id if k == "ledger" else f for k in p.PARTIES} | {"salt": f},
        "goods": {k: f for k in p.GOODS}
        | {
            "quantity": q,
            "load_factor": 2**32 - 1 if largest else 1,
            "increment": q,
            "due": top40 - 1_209_600 if largest else 0,
            "bucket": 2**32 - 1 if largest else 0,
            "salt": f,
        },
        "money": {k: f for k in p.MONEY}
        | {
            "exponent": 6 * largest,
            "decimals": 6 * largest,
            "mode": largest,
            "surcharge": (2**16 - 1) * largest,
            "allowance": 10**4 * largest,
            "set_up": top48,
            "rounding": 3 * largest,
            "stage": largest,
            "payment_unlock": top40,
            "frame": 0,
            "tiers": tiers,
            "salt": f,
        },
        "remedy": {"escrow": largest, "claim_until": top40, "rate": 10**4 * largest, "cap": 10**4 * largest, "salt": f},
    }


def terms(story):
    """Lanes, terms, and everything that hashes terms."""
    cases = [
        ("deal", story.terms),
        ("plain", story.plain),
        ("least", edge_terms(story, 0)),
        ("largest", edge_terms(story, 1)),
    ]
    rows = []
    for label, t in cases:
        hashes = p.hash_terms(t)
        lanes = named({k: v for k, v in hashes["lanes"].items() if k != "tiers"}) | {
            "tiers": hexed(hashes["lanes"]["tiers"])
        }
        rows.append(
            {
                "name": label,
                **terms_json(t),
                "lanes": lanes,
                "hashes": named({k: v for k, v in hashes.items() if k != "lanes"}),
            }
        )
    pairs = [
        p.GOODS_LANE,
        p.MONEY_LANE,
        p.REMEDY_LANE,
        (("m0", 40), ("p0", 48), ("m1", 40), ("p1", 48)),
        (("bucket0", 32), ("quantity0", 64), ("bucket1", 32), ("quantity1", 64)),
    ]
    kinds = ["goods", "money", "remedy", "tiers", "weeks"]
    lanes = []
    for kind, widths in zip(kinds, pairs):
        for label, pick in (("zero", lambda w, i: 0), ("largest", lambda w, i: 2**w - 1), ("ones", lambda w, i: 1)):
            values = [(pick(w, i), w) for i, (_, w) in enumerate(widths)]
            fields = [{"name": k, "width": I(w), "value": I(v)} for (k, w), (v, _) in zip(widths, values)]
            lanes.append({"lane": kind, "name": label, "fields": fields, "packed": F(p.pack(*values))})
    return {
        "lanes": lanes,
        "terms": rows,
        **escrow_hashes(story),
        **party_hashes(story),
        **capacity_hashes(story),
        "messages": messages(story),
    }


def escrow_hashes(story):
    """What is derived from terms and its salt s₃."""
    t, s3 = p.hash_terms(story.terms)["terms"], story.terms["money"]["salt"]
    totals = [(0, t, s3), (1_685_206, t, s3), (2**64 - 1, t, s3), (1, 0, 0), (2**48 - 1, TOP, TOP)]
    return {
        "escrow": [{"terms": F(t), "done": I(d), "owner": F(p.escrow(t, d))} for d in (0, 1, 400_000, 2**40 - 1)],
        "retired": [{"terms": F(x), "owner": F(p.H("RETIRED", x))} for x in (0, t, TOP)],
        "pairs": [
            {"payment": F(a), "capacity": F(c), "pair": F(p.H("PAIR", a, c))} for a, c in ((0, 0), (fe("a"), fe("c")))
        ],
        "escrow_keys": [{"s3": F(x), "nk": F(p.H("ESCROWNK", x))} for x in (0, s3, TOP)],
        "volumes": [
            {
                "total": I(v),
                "terms": F(x),
                "s3": F(y),
                "scalar": F(p.H("VOLUME", y, x)),
                "volume": point(p.volume(v, y, x)),
            }
            for v, x, y in totals
        ],
        "price_blindings": [
            {"s3": F(s3), "terms": F(t), "i": I(i), "blinding": F(p.H("BLIND", s3, t, i))} for i in range(3)
        ],
        "release_blindings": [
            {"s3": F(s3), "nf": F(fe("nf")), "i": I(i), "blinding": F(p.H("BLIND", s3, fe("nf"), i))} for i in range(5)
        ],
        "rho": [{"s3": F(s3), "i": I(i), "rho": F(p.H("RHO", s3, i))} for i in range(3)],
    }


def party_hashes(story):
    """Policies, parties, offers and awards, disclosure tags."""
    buyer, supplier, s3 = story.buyer, story.supplier, story.terms["money"]["salt"]
    rho = [p.H("RHO", s3, i) for i in range(3)]
    policies = [
        (0, 0, 0, bytes(32)),
        (500, 25, story.treasury.owner, story.treasury.delivery),
        (2**48 - 1, 10**4, TOP, b"\xff" * 32),
    ]
    offers = [
        (0, 0, 0, 0, 0),
        (fe("currency"), 2, 10**6, story.due, fe("document")),
        (TOP, 6, 2**40 - 1, 2**40 - 1, TOP),
    ]
    return {
        "policies": [
            {"flat": I(f), "rate": I(r), "treasury": F(o), "delivery": d.hex(), "policy": F(p.policy(f, r, o, d))}
            for f, r, o, d in policies
        ],
        "parties": [
            {"owner": F(o), "rho": F(x), "party": F(p.H("PARTY", o, x))}
            for o, x in ((0, 0), (buyer.owner, rho[0]), (supplier.owner, rho[1]))
        ],
        "offers": [
            {
                "currency": F(a),
                "exponent": I(e),
                "quantity": I(q),
                "due": I(d),
                "document": F(c),
                "offer": F(p.offer(a, e, q, d, c)),
            }
            for a, e, q, d, c in offers
        ],
        "awards": [
            {"supplier": F(s), "rfq": F(x), "offer": F(o), "rho": F(y), "award": F(p.H("AWARDED", s, x, o, y))}
            for s, x, o, y in (
                (0, 0, 0, 0),
                (supplier.owner, story.terms["money"]["rfq"], p.offer(*offers[1]), rho[2]),
            )
        ],
        "disclosed": [
            {
                "nk": F(buyer.nk),
                "cm": F(fe("cm")),
                "position": I(x),
                "scope": F(s),
                "tag": F(p.H("DISCLOSED", buyer.nk, fe("cm"), x, s)),
            }
            for x, s in ((0, 0), (17, 20_787), (2**32 - 1, 2**248 - 1))
        ],
    }


def capacity_hashes(story):
    """Serials, blindings and attestations."""
    k = story.certifier
    weeks = [("one", [(20_787, 0)] + [(0, 0)] * 7), ("largest", [(2**32 - 8 + i, 2**64 - 1) for i in range(8)])]
    attested = [
        (n, w, p.attest(story.ledger.id, k.signer, story.supplier.owner, fe("resource"), w, fe("serial")))
        for n, w in weeks
    ]
    return {
        "capacity_blindings": [
            {"serial": F(fe("serial")), "i": I(i), "blinding": F(p.H("BLIND", fe("serial"), i))} for i in range(8)
        ],
        "serials": [
            {
                "certifier": F(k.signer),
                "serial": F(x),
                "hidden": F(p.H("SERIAL", x)),
                "issued": F(p.H("ISSUED", k.signer, x)),
            }
            for x in (0, fe("serial"), TOP)
        ],
        "attestations": [
            {
                "name": n,
                "ledger": F(story.ledger.id),
                "certifier": F(k.signer),
                "supplier": F(story.supplier.owner),
                "resource": F(fe("resource")),
                "serial": F(fe("serial")),
                "weeks": [{"bucket": I(x), "quantity": I(y)} for x, y in w],
                "lanes": hexed(p.lane_pairs(w, 32, 64)),
                "attestation": F(a),
            }
            for n, w, a in attested
        ],
    }


def messages(story):
    """Every signed message: its inputs by name, in the order hashed; packed fields once more, unpacked."""
    t, top, context = p.hash_terms(story.terms)["terms"], 2**40 - 1, fe("context")
    rows = []

    def message(label, domain, inputs, **fields):
        rows.append(
            {
                "name": label,
                "domain": domain,
                "inputs": [{"name": k, "value": F(v)} for k, v in inputs.items()],
                "packed_fields": {k: I(v) for k, v in fields.items()},
                "message": F(p.H(domain, *inputs.values())),
            }
        )

    for i, o in ((2, 3), (7, 2)):
        notes = {f"nf{k}": fe(f"nf {k}") for k in range(i)} | {f"out{k}": fe(f"out {k}") for k in range(o)}
        exposed = {"exposed_asset": fe("asset"), "exposed_value": 2**64 - 1}
        message(f"intent {i} {o}", "INTENT", notes | exposed | {"context": context})
    message("accept", "ACCEPT", {"attestation": fe("attestation"), "context": context})
    message("mint", "MINT", {"asset": fe("asset"), "value": 2**64 - 1, "out": fe("out"), "context": context})
    names = "anchor asset threshold hold scope tag party context".split()
    message("disclose", "DISCLOSE", {k: fe(k) for k in names} | {"threshold": 2**64 - 1, "hold": top})
    message("refund", "REFUND", {"terms": t, "nf": fe("nf"), "context": context})
    message("entry", "ENTRY", {"digest": p.truncate(p.sha(b"entry"))})
    for pay, used in ((0, 0), (2**64 - 1, 2**64 - 1), (674_082, 14 * 10**8)):
        fields = {"terms": t, "done": 400_000, "pay_used": p.pay_used(pay, used)}
        message(f"award {pay} {used}", "AWARD", fields, pay=pay, used=used)
        message(f"settle {pay} {used}", "SETTLE", fields | {"done": top, "context": context}, pay=pay, used=used)
    for values in ((0, 0, 0, 0), (0, 400_000, NOW, 0), (400_000, 400_000, NOW, 1), (top, top, top, 1)):
        packed = dict(zip(("done", "done_next", "time", "final"), values))
        inputs = {"terms": t, "packed": p.pack(*zip(values, (40, 40, 40, 1)))}
        label = "receipt " + " ".join(map(str, values))
        message(label, "RECEIPT", inputs, **packed)
        assert rows[-1]["message"] == F(p.receipt(t, *values))
    return rows
