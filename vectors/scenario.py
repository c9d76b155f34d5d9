"""One deal from attestation to release, as statements with witnesses and contexts.

Everything is derived from labels, so two runs agree to the byte. The scenario is honest: each statement holds
for its witness by the rules of the protocol page.
"""

import hashlib

import privity as p
from encode import F, I, hexed, named, point

DAY, WEEK, PIECE = 86_400, 604_800, 1_000
MONDAY = 20_787  # 2026-11-30, in days from 1970-01-01
NOW = 20_773 * DAY + 10 * 3_600
CIPHERTEXT, ENVELOPE = 32 + 256 + 16, 1_024


def fe(label):
    """A field element from a label."""
    return int.from_bytes(hashlib.sha512(b"privity vectors " + label.encode()).digest(), "big") % p.R


def scalar(label):
    """A Jubjub scalar from a label."""
    return int.from_bytes(hashlib.sha512(b"privity vectors " + label.encode()).digest(), "big") % p.L


def person(label, index=0):
    """Keys whose seed comes from a label."""
    return p.Keys(p.sha(b"privity vectors seed " + label.encode()), index)


def note(asset, value, unlock, owner, blinding):
    """A note with its commitment."""
    fields = {"asset": asset, "value": value, "unlock": unlock, "owner": owner, "blinding": blinding}
    return fields | {"cm": p.commitment(**fields)}


def note_json(n):
    """A note as JSON."""
    return {k: I(v) if k in ("value", "unlock") else F(v) for k, v in n.items()}


def sealed(first, count, length):
    """Stand-ins for ciphertexts: number i is the byte first + i, repeated."""
    return [bytes([first + i]) * length for i in range(count)]


class Ledger:
    """Leaves, contexts and statements as the scenario grows them."""

    def __init__(self):
        self.genesis_id = p.sha(b"privity vectors genesis")
        self.id = p.truncate(self.genesis_id)
        self.leaves, self.contexts, self.statements = [], [], []

    def context(self, name, kind, outputs=(), expiry=NOW + 600, terms=0, volume=(0, 0), recipient=0, envelopes=0):
        """L6, recorded for context.json."""
        outputs = [n["cm"] if isinstance(n, dict) else n for n in outputs]
        first = 1 + 17 * len(self.contexts) % 100  # not the same bytes in every context
        recipients = sealed(first, len(outputs), CIPHERTEXT)
        senders = sealed(first + 60, len(outputs), CIPHERTEXT)
        boxes = sealed(first + 120, envelopes, ENVELOPE)
        ordered = recipients + senders + boxes
        head = (self.genesis_id, kind, expiry, terms, volume, recipient, outputs)
        value = p.context(*head, ordered)
        self.contexts.append(
            {
                "name": name,
                "version": I(p.VERSION),
                "ledger_id": self.genesis_id.hex(),
                "kind": kind,
                "kind_number": I(p.KINDS.index(kind)),
                "expiry": I(expiry),
                "terms": F(terms),
                "volume": point(volume),
                "recipient": F(recipient),
                "outputs": hexed(outputs),
                "recipient_ciphertexts": [c[:1].hex() for c in recipients],
                "sender_ciphertexts": [c[:1].hex() for c in senders],
                "envelopes": [c[:1].hex() for c in boxes],
                "ciphertexts_hash": p.keccak256(b"".join(ordered)).hex(),
                "preimage": b"".join(p.context_words(*head, ordered)).hex(),
                "context": F(value),
            }
        )
        return value

    def state(self, name, relation, statement, witness, integers=()):
        """Record a statement: its named fields and, in the same order, its public inputs."""
        inputs = []
        for value in statement.values():
            inputs += list(value) if isinstance(value, (list, tuple)) else [value]
        self.statements.append(
            {
                "name": name,
                "relation": relation,
                "statement": {
                    k: point(v)
                    if k == "volume"
                    else hexed(v)
                    if isinstance(v, list)
                    else I(v)
                    if k in integers
                    else F(v)
                    for k, v in statement.items()
                },
                "public_inputs": hexed(inputs),
                "witness": witness,
            }
        )

    def append(self, *outputs):
        """Append leaves in order."""
        self.leaves += [n["cm"] if isinstance(n, dict) else n for n in outputs]

    def anchor(self):
        """The present root."""
        return p.root(self.leaves, 16)

    def where(self, n):
        """A note's position in the tree; a dummy takes 0."""
        return self.leaves.index(n["cm"]) if n["cm"] in self.leaves else 0


def signature(sk, prefix, m, label):
    """A signature with a nonce from a label, on the wire."""
    made = p.sign(sk, prefix, m, scalar("nonce " + label))
    assert p.verify(p.mul(sk, p.G), prefix, m, made)
    return p.wire(made).hex()


def transfer(ledger, name, keys, inputs, outputs, context, rho, exposed=(0, 0)):
    """T1–T9 for one owner and asset; records the statement."""
    placed = [(n, ledger.where(n)) for n in inputs]
    nfs = [p.nullifier(keys.nk, n["cm"], position) for n, position in placed]
    cms = [n["cm"] for n in outputs]
    assert sum(n["value"] for n in inputs) == sum(n["value"] for n in outputs) + exposed[1], name
    party = p.H("PARTY", keys.owner, rho)
    message = p.H("INTENT", *nfs, *cms, *exposed, context)
    statement = {
        "anchor": ledger.anchor(),
        "nf": nfs,
        "out": cms,
        "now": NOW,
        "exposed_asset": exposed[0],
        "exposed_value": exposed[1],
        "party": party,
        "context": context,
    }
    witness = {
        "pk": point(keys.pk),
        "nk": F(keys.nk),
        "rho": F(rho),
        "tree_size": I(len(ledger.leaves)),
        "inputs": [note_json(n) | {"position": I(position)} for n, position in placed],
        "outputs": [note_json(n) for n in outputs],
        "message": F(message),
        "signature": signature(keys.sk, keys.owner, message, name),
    }
    ledger.state(name, f"transfer_{len(inputs)}_{len(outputs)}", statement, witness, ("now", "exposed_value"))
    return party


class Story:
    """The deal."""

    def __init__(self):
        self.ledger = Ledger()
        self.buyer, self.supplier, self.treasury = person("buyer"), person("supplier"), person("treasury")
        self.certifier, self.issuer, self.inspector, self.arbiter = (
            person(k) for k in ("certifier", "issuer", "inspector", "arbiter")
        )
        self.resource = p.truncate(p.sha(b"privity vectors resource"))
        self.members = [self.supplier.owner, self.buyer.owner, person("third").owner]
        self.currency = p.token(self.issuer.signer, "community token")
        self.issue()
        self.mint()
        self.consolidate()
        self.terms = self.make_terms("deal")
        self.deal()
        self.withdraw()
        first = self.release("release delivered", self.pair, "delivered", done2=400 * PIECE, time=self.due - 3 * DAY)
        # One state, five ways to go on: the last one is taken.
        self.release("release lapsed", first, "lapsed", now=self.claim_until - self.claim_until % 3600 + 3600)
        self.release("release awarded", first, "awarded", pay=123_456, used=10**9)
        self.release("release agreed", first, "agreed", pay=first["v"], used=first["u"])
        self.release("release final", first, "delivered", done2=400 * PIECE, time=self.due, final=1)
        self.release("release rest late", first, "delivered", done2=1_005 * PIECE, time=self.due + 8 * DAY)
        self.disclose()
        self.plain_price()

    def capacity_asset(self, bucket):
        return p.capacity(self.certifier.signer, self.supplier.owner, self.resource, bucket)

    def issue(self):
        """capacity: seven weeks and one unused."""
        s, c = self.supplier, self.certifier
        weeks = [(MONDAY + 7 * i, 4_000 * 10**6) for i in range(6)] + [(MONDAY + 42, 0), (0, 0)]
        outs = [
            note(self.capacity_asset(b), q, 0, s.owner, p.H("BLIND", s.serial, i)) for i, (b, q) in enumerate(weeks)
        ]
        self.capacity_notes = outs
        attestation = p.attest(self.ledger.id, c.signer, s.owner, self.resource, weeks, s.serial)
        context = self.ledger.context("issue", "Issue", outs)
        message = p.H("ACCEPT", attestation, context)
        statement = {
            "ledger": self.ledger.id,
            "certifier": c.signer,
            "issued": p.H("ISSUED", c.signer, s.serial),
            "out": [n["cm"] for n in outs],
            "context": context,
        }
        witness = {
            "supplier_pk": point(s.pk),
            "supplier_nk": F(s.nk),
            "resource": F(self.resource),
            "serial": F(s.serial),
            "weeks": [{"bucket": I(b), "quantity": I(q)} for b, q in weeks],
            "attestation": F(attestation),
            "certifier_pk": point(c.signer_pk),
            "certifier_signature": signature(c.signer_sk, c.signer, attestation, "attest"),
            "message": F(message),
            "signature": signature(s.sk, s.owner, message, "accept"),
            "outputs": [note_json(n) for n in outs],
        }
        self.ledger.state("capacity", "capacity", statement, witness)
        self.ledger.append(*outs)

    def mint(self):
        """mint: the first of seven and a locked one."""
        i, ledger = self.issuer, self.ledger
        self.minted = [note(self.currency, 300_000 + k, 0, self.buyer.owner, fe(f"mint {k}")) for k in range(7)]
        self.locked = note(self.currency, 2**40, NOW + 30 * DAY, self.buyer.owner, fe("mint locked"))
        for label, out in (("mint", self.minted[0]), ("mint locked", self.locked)):
            context = ledger.context(label, "Mint", [out])
            message = p.H("MINT", self.currency, out["value"], out["cm"], context)
            statement = {"asset": self.currency, "value": out["value"], "out": out["cm"], "context": context}
            witness = {
                "output": note_json(out),
                "issuer_pk": point(i.signer_pk),
                "message": F(message),
                "signature": signature(i.signer_sk, i.signer, message, label),
            }
            ledger.state(label, "mint", statement, witness, ("value",))
        ledger.append(*self.minted, self.locked)

    def consolidate(self):
        """transfer 7 → 2."""
        total, b = sum(n["value"] for n in self.minted), self.buyer.owner
        self.funds = [
            note(self.currency, total - 1, 0, b, fe("funds 0")),
            note(self.currency, 1, 0, b, fe("funds 1")),
        ]
        context = self.ledger.context("consolidation", "Transfer", self.funds)
        transfer(self.ledger, "consolidation", self.buyer, self.minted, self.funds, context, fe("rho consolidation"))
        self.ledger.append(*self.funds)

    def make_terms(self, label, escrow=1):
        """Terms with escrow: graduated, unit prices. Without: all-units, one line."""
        self.due = (MONDAY + 21) * DAY
        self.claim_until = self.due + 10 * WEEK + 14 * DAY
        tiers = [(1, 15_840_000), (100, 15_048_000), (500, 14_256_000), (1_000, 13_464_500)]
        return {
            "parties": {
                "ledger": self.ledger.id,
                "buyer": self.buyer.owner,
                "supplier": self.supplier.owner,
                "buyer_signer": self.buyer.signer,
                "supplier_signer": self.supplier.signer,
                "inspector": self.inspector.signer,
                "arbiter": self.arbiter.signer,
                "auditor": 0,
                "salt": fe(label + " s1"),
            },
            "goods": {
                "certifier": self.certifier.signer,
                "origin": self.supplier.owner,
                "resource": self.resource,
                "document": p.truncate(p.sha(b"privity vectors document")),
                "quantity": 1_000 * PIECE,
                "load_factor": 3_500,
                "increment": 1 * PIECE,
                "due": self.due,
                "bucket": MONDAY + 14,
                "salt": fe(label + " s2"),
            },
            "money": {
                "currency": self.currency,
                "rfq": p.truncate(p.sha(b"privity vectors rfq")) if escrow else 0,
                "exponent": 2,
                "decimals": 4,
                "mode": escrow,
                "surcharge": 1_500,
                "allowance": 200,
                "set_up": 25_000,
                "rounding": 2 if escrow else 3,
                "stage": escrow,
                "payment_unlock": 0 if escrow else NOW + 30 * DAY,
                "frame": 0,
                "tiers": [(m * PIECE, price) for m, price in tiers] + [(0, 0)] * 4,
                "salt": fe(label + " s3"),
            },
            "remedy": {
                "escrow": escrow,
                "claim_until": self.claim_until if escrow else 0,
                "rate": 100 * escrow,
                "cap": 1_000 * escrow,
                "salt": fe(label + " s4"),
            },
        }

    def price(self, name, t):
        """price: P1–P12, all but the context; returns statement, witness and the three notes."""
        terms, s3, escrow = p.hash_terms(t)["terms"], t["money"]["salt"], t["remedy"]["escrow"]
        goods = t["goods"]
        line, total = p.price(goods["quantity"], t["money"])
        used = goods["quantity"] * goods["load_factor"]
        flat, rate = 500, 25
        fee = flat + -(-total * rate // 10**4)
        blind = [p.H("BLIND", s3, terms, i) for i in range(3)]
        held, kept = p.escrow(terms, 0), p.H("RETIRED", terms)
        unlock = t["money"]["payment_unlock"]
        payment = note(self.currency, total, 0 if escrow else unlock, held if escrow else self.supplier.owner, blind[0])
        fee_note = note(self.currency, fee, 0, self.treasury.owner, blind[1])
        capacity = note(self.capacity_asset(goods["bucket"]), used, 0, held if escrow else kept, blind[2])
        offer = p.offer(self.currency, t["money"]["exponent"], goods["quantity"], goods["due"], goods["document"])
        rho = [p.H("RHO", s3, i) for i in range(3)]
        statement = {
            "ledger": self.ledger.id,
            "terms": terms,
            "out_payment": payment["cm"],
            "out_fee": fee_note["cm"],
            "out_capacity": capacity["cm"],
            "pair": p.H("PAIR", payment["cm"], capacity["cm"]) if escrow else 0,
            "volume": p.volume(total, s3, terms),
            "policy": p.policy(flat, rate, self.treasury.owner, self.treasury.delivery),
            "members": p.root(self.members, 10),
            "party_buyer": p.H("PARTY", self.buyer.owner, rho[0]),
            "party_supplier": p.H("PARTY", self.supplier.owner, rho[1]),
            "award": p.H("AWARDED", self.supplier.owner, t["money"]["rfq"], offer, rho[2]),
        }
        witness = {
            "terms": name,
            "line": I(line),
            "total": I(total),
            "used": I(used),
            "fee": I(fee),
            "flat": I(flat),
            "fee_rate": I(rate),
            "treasury": F(self.treasury.owner),
            "treasury_delivery": self.treasury.delivery.hex(),
            "rho": hexed(rho),
            "offer": F(offer),
            "volume_scalar": F(p.H("VOLUME", s3, terms)),
            "payment": note_json(payment),
            "fee_note": note_json(fee_note),
            "capacity": note_json(capacity),
            "buyer_position": I(self.members.index(self.buyer.owner)),
            "supplier_position": I(self.members.index(self.supplier.owner)),
        }
        return statement, witness, (payment, fee_note, capacity)

    def deal(self):
        """price, buyer leg, supplier leg under one context; the ledger appends the pair in the payment's place."""
        ledger, b, s = self.ledger, self.buyer, self.supplier
        statement, witness, (payment, fee, capacity) = self.price("deal", self.terms)
        rest = sum(n["value"] for n in self.funds) - payment["value"] - fee["value"]
        self.change = note(self.currency, rest, 0, b.owner, fe("deal change"))
        buyer_out = [payment, fee, self.change]
        source = self.capacity_notes[2]
        left = source["value"] - capacity["value"]
        supplier_out = [capacity] + [
            note(source["asset"], v, 0, s.owner, fe(f"deal supplier {i}")) for i, v in enumerate((left, 0))
        ]
        context = ledger.context(
            "deal", "Deal", buyer_out + supplier_out, terms=statement["terms"], volume=statement["volume"], envelopes=2
        )
        ledger.state("deal price", "price", statement | {"context": context}, witness)
        rho = [p.H("RHO", self.terms["money"]["salt"], i) for i in range(2)]
        dummy = note(source["asset"], 0, 0, s.owner, fe("deal dummy"))
        parties = (
            transfer(ledger, "deal buyer leg", b, self.funds, buyer_out, context, rho[0]),
            transfer(ledger, "deal supplier leg", s, [source, dummy], supplier_out, context, rho[1]),
        )
        assert parties == (statement["party_buyer"], statement["party_supplier"])
        ledger.append(statement["pair"], fee, self.change, *supplier_out[1:])
        hashes = {"done": 0, "v": payment["value"], "u": capacity["value"], "pair": statement["pair"]}
        self.pair = hashes | {"payment": payment, "capacity": capacity}

    def withdraw(self):
        """transfer 2 → 3 with a dummy and an exposed value."""
        b, exposed, address = self.buyer, 50_000, int("c0ffee254729296a45a3885639ac7e10f9d54979", 16)
        dummy = note(self.currency, 0, 0, b.owner, fe("withdraw dummy"))
        rest = self.change["value"] - exposed - 1_000
        values = ((1_000, self.supplier.owner), (rest, b.owner), (0, b.owner))
        outs = [note(self.currency, v, 0, o, fe(f"withdraw {i}")) for i, (v, o) in enumerate(values)]
        context = self.ledger.context("withdrawal", "Transfer", outs, recipient=address)
        transfer(
            self.ledger,
            "withdrawal",
            b,
            [self.change, dummy],
            outs,
            context,
            fe("rho withdraw"),
            (self.currency, exposed),
        )
        self.ledger.append(*outs)
        swap = [note(self.currency, i, 0, b.owner, fe(f"swap {i}")) for i in range(6)]
        self.ledger.context("swap", "Swap", swap)

    def release(self, name, pair, branch, done2=0, time=0, final=0, pay=0, used=0, now=None):
        """release: R1–R4; returns the next pair. Only an open pair is appended."""
        ledger, t, hashes = self.ledger, self.terms, p.hash_terms(self.terms)
        terms, s3, goods, remedy = hashes["terms"], t["money"]["salt"], t["goods"], t["remedy"]
        q, done, v, u = goods["quantity"], pair["done"], pair["v"], pair["u"]
        position = ledger.leaves.index(pair["pair"])
        nf = p.nullifier(p.H("ESCROWNK", s3), pair["pair"], position)
        late, closes, d = 0, True, q
        if branch == "delivered":
            d = min(done2, q)
            late, closes = -(-max(0, time - goods["due"]) // WEEK), bool(final) or d == q
            gross = v * (d - done) // (q - done)
            pay = gross - gross * min(remedy["cap"], remedy["rate"] * late) // 10**4
            used = goods["load_factor"] * (d - done)
        else:
            gross = pay
        rest = 0 if closes else v - gross
        blind = [p.H("BLIND", s3, nf, i) for i in range(5)]
        money, asset = t["money"]["currency"], self.capacity_asset(goods["bucket"])
        held = p.escrow(terms, q if closes else d)
        supplier = note(money, pay, 0, self.supplier.owner, blind[0])
        buyer = note(money, v - pay - rest, 0, self.buyer.owner, blind[1])
        returned = note(asset, u - used if closes else 0, 0, self.supplier.owner, blind[2])
        halves = note(money, rest, 0, held, blind[3]), note(asset, 0 if closes else u - used, 0, held, blind[4])
        out_pair = p.H("PAIR", halves[0]["cm"], halves[1]["cm"])
        outs = [supplier, buyer, returned, out_pair]
        now = now or (max(time, NOW) // 3600 + 24) * 3600
        context = ledger.context(name, "Release", outs, expiry=now + 4_200)
        self.close(
            name,
            branch,
            terms,
            nf,
            context,
            (done, done2, time, final, pay, used),
            {
                "anchor": ledger.anchor(),
                "nf": nf,
                "out_supplier": supplier["cm"],
                "out_buyer": buyer["cm"],
                "out_capacity": returned["cm"],
                "out_pair": out_pair,
                "now": now,
                "context": context,
            },
            {
                "terms": "deal",
                "branch": branch,
                "done": I(done),
                "position": I(position),
                "tree_size": I(len(ledger.leaves)),
                "pair": F(pair["pair"]),
                "payment": note_json(pair["payment"]),
                "capacity": note_json(pair["capacity"]),
                "weeks": I(late),
                "gross": I(gross),
                "pay": I(pay),
                "used": I(used),
                "rest": I(rest),
                "closes": I(int(closes)),
                "outputs": [note_json(n) for n in (supplier, buyer, returned, *halves)],
            },
        )
        if not closes:
            ledger.append(*outs)
        return {"done": d, "v": rest, "u": u - used, "pair": out_pair, "payment": halves[0], "capacity": halves[1]}

    def close(self, name, branch, terms, nf, context, numbers, statement, witness):
        """The branch's message and signatures."""
        done, done2, time, final, pay, used = numbers
        both = p.pay_used(pay, used)
        message = {
            "delivered": lambda: p.receipt(terms, done, done2, time, final),
            "lapsed": lambda: p.H("REFUND", terms, nf, context),
            "awarded": lambda: p.H("AWARD", terms, done, both),
            "agreed": lambda: p.H("SETTLE", terms, done, both, context),
        }[branch]()
        signers = {
            "delivered": [self.inspector],
            "lapsed": [self.buyer],
            "awarded": [self.arbiter],
            "agreed": [self.buyer, self.supplier],
        }[branch]
        receipt = {"done_next": I(done2), "time": I(time), "final": I(final)} if branch == "delivered" else {}
        signed = [
            {
                "pk": point(k.signer_pk),
                "signer": F(k.signer),
                "signature": signature(k.signer_sk, k.signer, message, f"{name} {i}"),
            }
            for i, k in enumerate(signers)
        ]
        extra = receipt | {"message": F(message), "signatures": signed}
        self.ledger.state(name, "release", statement, witness | extra, ("now",))

    def disclose(self):
        """disclose: the locked note, for a week's scope."""
        b, n, scope = self.buyer, self.locked, MONDAY
        position, audience = self.ledger.where(n), self.supplier.signer
        rho = fe("rho disclose")
        context = self.ledger.context("disclosure", "Disclosure", expiry=0, recipient=audience)
        statement = {
            "anchor": self.ledger.anchor(),
            "asset": self.currency,
            "threshold": 10**12,
            "hold": NOW + 20 * DAY,
            "scope": scope,
            "tag": p.H("DISCLOSED", b.nk, n["cm"], position, scope),
            "party": p.H("PARTY", b.owner, rho),
            "context": context,
        }
        message = p.H("DISCLOSE", *statement.values())
        witness = {
            "pk": point(b.pk),
            "nk": F(b.nk),
            "rho": F(rho),
            "tree_size": I(len(self.ledger.leaves)),
            "note": note_json(n) | {"position": I(position)},
            "message": F(message),
            "signature": signature(b.sk, b.owner, message, "disclose"),
        }
        self.ledger.state("disclose", "disclose", statement, witness, ("threshold", "hold"))

    def plain_price(self):
        """price without escrow: all-units, pair = 0, the payment locked."""
        self.plain = self.make_terms("plain", escrow=0)
        statement, witness, notes = self.price("plain", self.plain)
        dummies = [note(n["asset"], 0, 0, self.buyer.owner, fe("plain " + k)) for k, n in zip("abc", notes)]
        outs = [notes[0], notes[1], dummies[0], notes[2], dummies[1], dummies[2]]
        context = self.ledger.context(
            "plain deal", "Deal", outs, terms=statement["terms"], volume=statement["volume"], envelopes=2
        )
        self.ledger.state("plain price", "price", statement | {"context": context}, witness)


def terms_json(t):
    """Terms as JSON: fields as field elements, the packed numbers as integers."""
    numbers = {key for lane in (p.GOODS_LANE, p.MONEY_LANE, p.REMEDY_LANE) for key, _ in lane}
    text = {part: named({k: v for k, v in fields.items() if k != "tiers"}, numbers) for part, fields in t.items()}
    text["money"]["tiers"] = [{"m": I(m), "p": I(price)} for m, price in t["money"]["tiers"]]
    return text
