//! Reproduces the releases that an independent implementation computed from the protocol's page.

use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::context::{Context, LedgerId};
use privity_circuits::jubjub::Point;
use privity_circuits::keys::{Owner, PublicKey, SignerId};
use privity_circuits::r1cs::{Cs, Shape};
use privity_circuits::release::{Evidence, Holding, Release, Settlement, Signed, Statement, Witness};
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::{
    DocumentHash, Goods, MAX_TIERS, Mode, Money, Parties, Remedy, RfqId, Rounding, Stage, Terms, Tier,
};
use privity_circuits::tree::{Anchor, NOTE_DEPTH, NotePath, empty_roots, node};
use privity_circuits::{Fr, Relation, Statement as _, field};
use serde_json::Value;

fn vectors(name: &str) -> Value {
    let path = format!("{}/../vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn fr(value: &Value) -> Fr {
    field::from_hex(text(value)).unwrap()
}

fn int(value: &Value) -> u64 {
    text(value).parse().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    let digits = text(value);
    (0..digits.len() / 2).map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap()).collect()
}

fn parties(p: &Value) -> Parties {
    let signer = |name: &str| SignerId::new(fr(&p[name]));
    Parties {
        ledger: LedgerId::new(fr(&p["ledger"])),
        buyer: Owner::new(fr(&p["buyer"])),
        supplier: Owner::new(fr(&p["supplier"])),
        buyer_signer: signer("buyer_signer"),
        supplier_signer: signer("supplier_signer"),
        inspector: signer("inspector"),
        arbiter: signer("arbiter"),
        auditor: signer("auditor"),
        salt: fr(&p["salt"]),
    }
}

fn money(m: &Value) -> Money {
    let mut tiers = [Tier::default(); MAX_TIERS];
    for (tier, value) in tiers.iter_mut().zip(list(&m["tiers"])) {
        *tier = Tier { minimum: int(&value["m"]), price: int(&value["p"]) };
    }
    let roundings = [Rounding::Down, Rounding::Up, Rounding::HalfUp, Rounding::HalfEven];
    Money {
        currency: AssetId::new(fr(&m["currency"])),
        rfq: RfqId::new(fr(&m["rfq"])),
        exponent: int(&m["exponent"]),
        decimals: int(&m["decimals"]),
        mode: [Mode::AllUnits, Mode::Graduated][int(&m["mode"]) as usize],
        surcharge: int(&m["surcharge"]),
        allowance: int(&m["allowance"]),
        set_up: int(&m["set_up"]),
        rounding: roundings[int(&m["rounding"]) as usize],
        stage: [Stage::Line, Stage::UnitPrice][int(&m["stage"]) as usize],
        payment_unlock: int(&m["payment_unlock"]),
        frame: int(&m["frame"]),
        tiers,
        salt: fr(&m["salt"]),
    }
}

fn terms(t: &Value) -> Terms {
    let (g, r) = (&t["goods"], &t["remedy"]);
    let goods = Goods {
        certifier: SignerId::new(fr(&g["certifier"])),
        origin: Owner::new(fr(&g["origin"])),
        resource: ResourceId::new(fr(&g["resource"])),
        document: DocumentHash::new(fr(&g["document"])),
        quantity: int(&g["quantity"]),
        load_factor: int(&g["load_factor"]),
        increment: int(&g["increment"]),
        due: int(&g["due"]),
        bucket: int(&g["bucket"]),
        salt: fr(&g["salt"]),
    };
    let remedy = Remedy {
        escrow: int(&r["escrow"]) == 1,
        claim_until: int(&r["claim_until"]),
        rate: int(&r["rate"]),
        cap: int(&r["cap"]),
        salt: fr(&r["salt"]),
    };
    Terms { parties: parties(&t["parties"]), goods, money: money(&t["money"]), remedy }
}

/// The path of `position` in the tree of `leaves`.
fn path(leaves: &[Fr], position: usize) -> NotePath {
    let empty = empty_roots(NOTE_DEPTH);
    let mut path = NotePath { position: position as u32, ..NotePath::blank() };
    let mut nodes = leaves.to_vec();
    for (level, empty) in empty.iter().enumerate().take(NOTE_DEPTH) {
        let child = |i: usize| nodes.get(i).copied().unwrap_or(*empty);
        let index = position >> (2 * level);
        let siblings = (4 * (index / 4)..4 * (index / 4) + 4).filter(|i| *i != index);
        for (slot, i) in path.siblings[level].iter_mut().zip(siblings) {
            *slot = child(i);
        }
        nodes = (0..nodes.len().div_ceil(4)).map(|i| node(&std::array::from_fn(|k| child(4 * i + k)))).collect();
    }
    path
}

fn evidence(w: &Value) -> Evidence {
    let signed: Vec<Signed> = list(&w["signatures"])
        .iter()
        .map(|s| Signed {
            pk: PublicKey::new(Point { x: fr(&s["pk"]["x"]), y: fr(&s["pk"]["y"]) }).unwrap(),
            signature: Signature::from_bytes(&bytes(&s["signature"])).unwrap(),
        })
        .collect();
    let (pay, used) = (int(&w["pay"]), int(&w["used"]));
    match text(&w["branch"]) {
        "delivered" => Evidence::Delivered {
            delivered: int(&w["done_next"]),
            time: int(&w["time"]),
            last: int(&w["final"]) == 1,
            inspector: signed[0],
        },
        "lapsed" => Evidence::Lapsed { buyer: signed[0] },
        "awarded" => Evidence::Awarded { pay, used, arbiter: signed[0] },
        "agreed" => Evidence::Agreed { pay, used, buyer: signed[0], supplier: signed[1] },
        branch => panic!("unknown branch {branch}"),
    }
}

#[test]
fn releases() {
    let (file, all_terms) = (vectors("statements"), vectors("terms"));
    let leaves: Vec<Fr> = list(&file["note_leaves"]).iter().map(fr).collect();
    let shape = Shape::of::<Release>();
    let mut count = 0;
    for case in list(&file["statements"]).iter().filter(|case| text(&case["relation"]) == "release") {
        let (s, w) = (&case["statement"], &case["witness"]);
        let named = list(&all_terms["terms"]).iter().find(|terms| terms["name"] == w["terms"]).unwrap();
        let held = Holding {
            done: int(&w["done"]),
            payment: int(&w["payment"]["value"]),
            capacity: int(&w["capacity"]["value"]),
        };
        let witness = Witness {
            terms: terms(named),
            held,
            payment_blinding: fr(&w["payment"]["blinding"]),
            capacity_blinding: fr(&w["capacity"]["blinding"]),
            path: path(&leaves[..int(&w["tree_size"]) as usize], int(&w["position"]) as usize),
            evidence: evidence(w),
        };
        assert_eq!(witness.pair().field(), fr(&w["pair"]));
        let (anchor, context) = (Anchor::new(fr(&s["anchor"])), Context::new(fr(&s["context"])));
        let statement = Statement::of(&witness, anchor, int(&s["now"]), context).unwrap();
        let inputs: Vec<Fr> = list(&case["public_inputs"]).iter().map(fr).collect();
        assert_eq!(statement.public_inputs(), inputs, "{}", case["name"]);

        let claim = witness.evidence.claim();
        let message = claim.message(witness.terms.id(), held.done, statement.nullifier, context);
        assert_eq!(message, fr(&w["message"]));
        let settlement = Settlement::of(&witness.terms, &held, &claim, statement.now).unwrap();
        for (note, output) in settlement.notes(&witness.terms, statement.nullifier).iter().zip(list(&w["outputs"])) {
            assert_eq!((note.value, note.owner.field()), (int(&output["value"]), fr(&output["owner"])));
            assert_eq!(note.commitment().field(), fr(&output["cm"]));
        }

        assert_eq!(Release::check(&statement, &witness), Ok(()), "{}", case["name"]);
        let z = Cs::without_rows().synthesize::<Release>(&statement, &witness);
        assert_eq!(shape.first_violation(z.assignment()), None, "{}", case["name"]);
        count += 1;
    }
    assert_eq!(count, 6);
}
