//! The independent vectors of terms and price, reproduced.

use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::keys::Owner;
use privity_circuits::note::{self, Note};
use privity_circuits::price::{Deal, Price, Statement, Witness, notes};
use privity_circuits::r1cs::Cs;
use privity_circuits::terms::{
    self, Goods, MAX_TIERS, Mode, Money, Parties, Policy, Remedy, Rounding, Stage, Terms, TermsId, Tier,
};
use privity_circuits::tree::{MEMBER_DEPTH, MemberPath, empty_roots};
use privity_circuits::{Domain, Fr, Relation, Statement as _, field, hash};
use serde_json::Value;

fn load(text: &str) -> Value {
    serde_json::from_str(text).expect("vectors are JSON")
}

fn terms_vectors() -> Value {
    load(include_str!("../../vectors/terms.json"))
}

fn rows(vectors: &Value, list: &str) -> Vec<Value> {
    vectors[list].as_array().expect("a list").clone()
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {row}"))
}

fn element(row: &Value, key: &str) -> Fr {
    field::from_hex(text(row, key)).expect("a field element")
}

fn integer(row: &Value, key: &str) -> u64 {
    text(row, key).parse().expect("an integer")
}

fn parsed<T: std::str::FromStr>(row: &Value, key: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text(row, key).parse().expect("an identifier")
}

fn read_goods(row: &Value) -> Goods {
    Goods {
        certifier: parsed(row, "certifier"),
        origin: parsed(row, "origin"),
        resource: parsed::<ResourceId>(row, "resource"),
        document: parsed(row, "document"),
        quantity: integer(row, "quantity"),
        load_factor: integer(row, "load_factor"),
        increment: integer(row, "increment"),
        due: integer(row, "due"),
        bucket: integer(row, "bucket"),
        salt: element(row, "salt"),
    }
}

fn read_money(row: &Value) -> Money {
    let tiers = rows(row, "tiers");
    assert_eq!(tiers.len(), MAX_TIERS);
    let roundings = [Rounding::Down, Rounding::Up, Rounding::HalfUp, Rounding::HalfEven];
    Money {
        currency: parsed(row, "currency"),
        rfq: parsed(row, "rfq"),
        exponent: integer(row, "exponent"),
        decimals: integer(row, "decimals"),
        mode: [Mode::AllUnits, Mode::Graduated][integer(row, "mode") as usize],
        surcharge: integer(row, "surcharge"),
        allowance: integer(row, "allowance"),
        set_up: integer(row, "set_up"),
        rounding: roundings[integer(row, "rounding") as usize],
        stage: [Stage::Line, Stage::UnitPrice][integer(row, "stage") as usize],
        payment_unlock: integer(row, "payment_unlock"),
        frame: integer(row, "frame"),
        tiers: core::array::from_fn(|k| Tier { minimum: integer(&tiers[k], "m"), price: integer(&tiers[k], "p") }),
        salt: element(row, "salt"),
    }
}

fn read_terms(row: &Value) -> Terms {
    let (parties, remedy) = (&row["parties"], &row["remedy"]);
    Terms {
        parties: Parties {
            ledger: parsed(parties, "ledger"),
            buyer: parsed(parties, "buyer"),
            supplier: parsed(parties, "supplier"),
            buyer_signer: parsed(parties, "buyer_signer"),
            supplier_signer: parsed(parties, "supplier_signer"),
            inspector: parsed(parties, "inspector"),
            arbiter: parsed(parties, "arbiter"),
            auditor: parsed(parties, "auditor"),
            salt: element(parties, "salt"),
        },
        goods: read_goods(&row["goods"]),
        money: read_money(&row["money"]),
        remedy: Remedy {
            escrow: integer(remedy, "escrow") == 1,
            claim_until: integer(remedy, "claim_until"),
            rate: integer(remedy, "rate"),
            cap: integer(remedy, "cap"),
            salt: element(remedy, "salt"),
        },
    }
}

fn named_terms(name: &str) -> Terms {
    let rows = rows(&terms_vectors(), "terms");
    read_terms(rows.iter().find(|row| row["name"] == name).expect("terms of that name"))
}

#[test]
fn lanes_and_hashes() {
    for row in rows(&terms_vectors(), "terms") {
        let terms = read_terms(&row);
        let (lanes, hashes) = (&row["lanes"], &row["hashes"]);
        let money = terms.money.inputs();
        assert_eq!(terms.goods.inputs()[4], element(lanes, "goods"));
        assert_eq!(money[2], element(lanes, "money"));
        for (lane, expected) in money[3..7].iter().zip(rows(lanes, "tiers")) {
            assert_eq!(field::to_hex(lane), expected.as_str().expect("a lane"));
        }
        assert_eq!(terms.remedy.inputs()[0], element(lanes, "remedy"));
        assert_eq!(terms.parties.hash(), element(hashes, "parties"));
        assert_eq!(terms.goods.hash(), element(hashes, "goods"));
        assert_eq!(terms.money.hash(), element(hashes, "money"));
        assert_eq!(terms.remedy.hash(), element(hashes, "remedy"));
        assert_eq!(terms.id().field(), element(hashes, "terms"));
    }
}

#[test]
fn what_terms_derive() {
    let vectors = terms_vectors();
    let terms = named_terms("deal");
    for row in rows(&vectors, "escrow") {
        assert_eq!(element(&row, "terms"), terms.id().field());
        assert_eq!(terms.escrow_owner(integer(&row, "done")), parsed(&row, "owner"));
    }
    let retired = |row: &Value| hash(Domain::Retired, &[element(row, "terms")]);
    for row in rows(&vectors, "retired") {
        assert_eq!(retired(&row), element(&row, "owner"));
    }
    let own = rows(&vectors, "retired");
    let own = own.iter().find(|row| element(row, "terms") == terms.id().field());
    assert_eq!(own.map(|row| parsed(row, "owner")), Some(terms.retired_owner()));
    for row in rows(&vectors, "pairs") {
        let pair = note::pair(parsed(&row, "payment"), parsed(&row, "capacity"));
        assert_eq!(pair, parsed(&row, "pair"));
    }
    for row in rows(&vectors, "escrow_keys") {
        assert_eq!(hash(Domain::EscrowNk, &[element(&row, "s3")]), element(&row, "nk"));
    }
    for row in rows(&vectors, "volumes") {
        let id = TermsId::new(element(&row, "terms"));
        let volume = terms::volume(integer(&row, "total"), element(&row, "s3"), id);
        let expected = &row["volume"];
        assert_eq!((volume.x, volume.y), (element(expected, "x"), element(expected, "y")));
    }
    for row in rows(&vectors, "price_blindings") {
        let blinding = terms.blinding(element(&row, "terms"), integer(&row, "i"));
        assert_eq!(blinding, element(&row, "blinding"));
    }
    for row in rows(&vectors, "rho") {
        assert_eq!(terms.rho(integer(&row, "i")), element(&row, "rho"));
    }
    for row in rows(&vectors, "parties") {
        let party = note::party(parsed(&row, "owner"), element(&row, "rho"));
        assert_eq!(party, parsed(&row, "party"));
    }
    for row in rows(&vectors, "offers") {
        let [exponent, quantity, due] = ["exponent", "quantity", "due"].map(|key| integer(&row, key));
        let (currency, document) = (parsed(&row, "currency"), parsed(&row, "document"));
        let offer = terms::offer(currency, exponent, quantity, due, document);
        assert_eq!(offer, element(&row, "offer"));
    }
    for row in rows(&vectors, "awards") {
        let inputs = ["supplier", "rfq", "offer", "rho"].map(|key| element(&row, key));
        assert_eq!(hash(Domain::Awarded, &inputs), element(&row, "award"));
    }
}

fn bytes(row: &Value, key: &str) -> [u8; 32] {
    let digits = text(row, key);
    core::array::from_fn(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).expect("hexadecimal digits"))
}

#[test]
fn policies() {
    for row in rows(&terms_vectors(), "policies") {
        let policy = Policy {
            flat: integer(&row, "flat"),
            rate: integer(&row, "rate"),
            treasury: Owner::new(element(&row, "treasury")),
            delivery_key: bytes(&row, "delivery"),
        };
        assert_eq!(policy.id(), element(&row, "policy"));
    }
}

/// The members' leaves are few: both parties lie under the first node.
fn path(leaves: &[Fr], position: u32) -> MemberPath {
    let empty = empty_roots(MEMBER_DEPTH);
    let leaf = |i: usize| leaves.get(i).copied().unwrap_or(empty[0]);
    let mut siblings: [[Fr; 3]; MEMBER_DEPTH] = core::array::from_fn(|level| [empty[level]; 3]);
    let others: Vec<Fr> = (0..4).filter(|i| *i != position as usize).map(leaf).collect();
    siblings[0].copy_from_slice(&others);
    MemberPath { position, siblings }
}

fn assert_note(note: &Note, row: &Value) {
    assert_eq!(note.asset, parsed::<AssetId>(row, "asset"));
    assert_eq!(note.value, integer(row, "value"));
    assert_eq!(note.unlock, integer(row, "unlock"));
    assert_eq!(note.owner, parsed(row, "owner"));
    assert_eq!(note.blinding, element(row, "blinding"));
    assert_eq!(note.commitment(), parsed(row, "cm"));
}

#[test]
fn price_statements() {
    let vectors = load(include_str!("../../vectors/statements.json"));
    let leaves: Vec<Fr> = (rows(&vectors, "member_leaves").iter())
        .map(|leaf| field::from_hex(leaf.as_str().expect("a leaf")).expect("a leaf"))
        .collect();
    let mut count = 0;
    for row in rows(&vectors, "statements") {
        if row["relation"] != "price" {
            continue;
        }
        count += 1;
        let (statement, witness) = (&row["statement"], &row["witness"]);
        let terms = named_terms(text(witness, "terms"));
        let policy = Policy {
            flat: integer(witness, "flat"),
            rate: integer(witness, "fee_rate"),
            treasury: parsed(witness, "treasury"),
            delivery_key: bytes(witness, "treasury_delivery"),
        };
        let deal = Deal::of(&terms, &policy).expect("a deal");
        assert_eq!(deal.quote.line, integer(witness, "line"));
        assert_eq!(deal.quote.total, integer(witness, "total"));
        assert_eq!((deal.used, deal.fee), (integer(witness, "used"), integer(witness, "fee")));
        let [payment, fee, capacity] = notes(&terms, &policy).expect("three notes");
        assert_note(&payment, &witness["payment"]);
        assert_note(&fee, &witness["fee_note"]);
        assert_note(&capacity, &witness["capacity"]);

        let [members, ledger, context] = ["members", "ledger", "context"].map(|key| text(statement, key));
        let parse = "an identifier";
        let x = Statement::of(
            &terms,
            &policy,
            members.parse().expect(parse),
            ledger.parse().expect(parse),
            context.parse().expect(parse),
        )
        .expect("a statement");
        let inputs: Vec<String> = x.public_inputs().iter().map(field::to_hex).collect();
        let expected = rows(&row, "public_inputs");
        let expected: Vec<&str> = expected.iter().filter_map(Value::as_str).collect();
        assert_eq!(inputs, expected);
        let w = Witness {
            terms,
            policy,
            buyer_path: path(&leaves, integer(witness, "buyer_position") as u32),
            supplier_path: path(&leaves, integer(witness, "supplier_position") as u32),
        };
        assert_eq!(Price::check(&x, &w), Ok(()));
        assert_eq!(Cs::with_rows().synthesize::<Price>(&x, &w).first_violation(), None);
    }
    assert_eq!(count, 2);
}
