//! The independent implementation's statements hold under `check`, witness and all, and flatten to the same public inputs.

mod common;

use common::{fr, frs, int, list, point, text, vectors};
use privity_circuits::asset::ResourceId;
use privity_circuits::capacity::{self, Capacity, Serial, WEEKS, Week};
use privity_circuits::disclose::{self, Disclose};
use privity_circuits::keys::{NullifierKey, PublicKey, SignerId};
use privity_circuits::mint::{self, Mint};
use privity_circuits::schnorr::Signature;
use privity_circuits::transfer::{self, Transfer};
use privity_circuits::tree::{ARITY, NOTE_DEPTH, NotePath, empty_roots, node};
use privity_circuits::{Fr, Relation, Statement};
use serde_json::Value;

/// All levels of a tree over `leaves`, empty subtrees left out.
fn levels(leaves: &[Fr], depth: usize) -> Vec<Vec<Fr>> {
    let empty = empty_roots(depth);
    let mut levels = vec![leaves.to_vec()];
    for height in 0..depth {
        let below = &levels[height];
        let parents = below.chunks(ARITY).map(|chunk| {
            let mut children = [empty[height]; ARITY];
            children[..chunk.len()].copy_from_slice(chunk);
            node(&children)
        });
        levels.push(parents.collect());
    }
    levels
}

fn root(leaves: &[Fr], depth: usize) -> Fr {
    levels(leaves, depth)[depth].first().copied().unwrap_or(empty_roots(depth)[depth])
}

fn path(leaves: &[Fr], position: u32) -> NotePath {
    let (empty, levels) = (empty_roots(NOTE_DEPTH), levels(leaves, NOTE_DEPTH));
    let mut path = NotePath::blank();
    path.position = position;
    let mut index = position as usize;
    for level in 0..NOTE_DEPTH {
        let first = index / ARITY * ARITY;
        let siblings: Vec<Fr> = (first..first + ARITY)
            .filter(|child| *child != index)
            .map(|child| levels[level].get(child).copied().unwrap_or(empty[level]))
            .collect();
        path.siblings[level] = siblings.try_into().unwrap();
        index /= ARITY;
    }
    path
}

fn parse<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
    text(value).parse().unwrap()
}

fn pk(value: &Value) -> PublicKey {
    PublicKey::new(point(value)).unwrap()
}

fn signature(value: &Value) -> Signature {
    Signature::from_bytes(&common::bytes(value)).unwrap()
}

fn holds<R: Relation>(case: &Value, x: R::Statement, w: R::Witness) {
    assert_eq!(x.public_inputs(), frs(&case["public_inputs"]), "{}", case["name"]);
    assert_eq!(R::check(&x, &w), Ok(()), "{}", case["name"]);
}

fn of<'a>(file: &'a Value, relation: &str) -> Vec<&'a Value> {
    let cases: Vec<&Value> = list(&file["statements"]).iter().filter(|case| case["relation"] == relation).collect();
    assert!(!cases.is_empty());
    cases
}

fn leaves(file: &Value, case: &Value) -> Vec<Fr> {
    frs(&file["note_leaves"])[..int::<usize>(&case["witness"]["tree_size"])].to_vec()
}

#[test]
fn mints() {
    for case in of(&vectors("statements"), "mint") {
        let (x, output) = (&case["statement"], &case["witness"]["output"]);
        let statement = mint::Statement {
            asset: parse(&x["asset"]),
            value: int(&x["value"]),
            out: parse(&x["out"]),
            context: parse(&x["context"]),
        };
        let issuer = pk(&case["witness"]["issuer_pk"]);
        assert_eq!(statement.message(), fr(&case["witness"]["message"]));
        let signed = signature(&case["witness"]["signature"]);
        assert!(signed.verify(&issuer, SignerId::of(&issuer).field(), statement.message()));
        let (owner, blinding) = (parse(&output["owner"]), fr(&output["blinding"]));
        holds::<Mint>(case, statement, mint::Witness { unlock: int(&output["unlock"]), owner, blinding });
    }
}

#[test]
fn transfers() {
    let file = vectors("statements");
    of(&file, "transfer_2_3").into_iter().for_each(|case| check_transfer::<2, 3>(&file, case));
    of(&file, "transfer_7_2").into_iter().for_each(|case| check_transfer::<7, 2>(&file, case));
}

fn check_transfer<const I: usize, const O: usize>(file: &Value, case: &Value) {
    let (x, w, leaves) = (&case["statement"], &case["witness"], leaves(file, case));
    let statement = transfer::Statement::<I, O> {
        anchor: parse(&x["anchor"]),
        nullifiers: core::array::from_fn(|i| parse(&x["nf"][i])),
        outputs: core::array::from_fn(|i| parse(&x["out"][i])),
        now: int(&x["now"]),
        exposed_asset: parse(&x["exposed_asset"]),
        exposed_value: int(&x["exposed_value"]),
        party: parse(&x["party"]),
        context: parse(&x["context"]),
    };
    assert_eq!(statement.message(), fr(&w["message"]));
    let input = |note: &Value| {
        let position: u32 = int(&note["position"]);
        let dummy = text(&note["value"]) == "0";
        let path = if dummy { NotePath { position, ..NotePath::blank() } } else { path(&leaves, position) };
        let (value, unlock, blinding) = (int(&note["value"]), int(&note["unlock"]), fr(&note["blinding"]));
        transfer::Input { value, unlock, blinding, path }
    };
    let output = |note: &Value| transfer::Output {
        value: int(&note["value"]),
        unlock: int(&note["unlock"]),
        owner: parse(&note["owner"]),
        blinding: fr(&note["blinding"]),
    };
    let witness = transfer::Witness {
        asset: parse(&w["outputs"][0]["asset"]),
        pk: pk(&w["pk"]),
        nk: NullifierKey::new(fr(&w["nk"])),
        rho: fr(&w["rho"]),
        inputs: core::array::from_fn(|i| input(&w["inputs"][i])),
        outputs: core::array::from_fn(|i| output(&w["outputs"][i])),
        signature: signature(&w["signature"]),
    };
    holds::<Transfer<I, O>>(case, statement, witness);
}

#[test]
fn capacities() {
    for case in of(&vectors("statements"), "capacity") {
        let (x, w) = (&case["statement"], &case["witness"]);
        let statement = capacity::Statement {
            ledger: parse(&x["ledger"]),
            certifier: parse(&x["certifier"]),
            issued: parse(&x["issued"]),
            outputs: core::array::from_fn(|i| parse(&x["out"][i])),
            context: parse(&x["context"]),
        };
        let weeks: [Week; WEEKS] = core::array::from_fn(|i| Week {
            bucket: int(&w["weeks"][i]["bucket"]),
            quantity: int(&w["weeks"][i]["quantity"]),
        });
        let mut wide = [0u8; 64];
        wide[32..].copy_from_slice(&privity_circuits::field::to_bytes(&fr(&w["serial"])));
        let witness = capacity::Witness {
            pk: pk(&w["supplier_pk"]),
            nk: NullifierKey::new(fr(&w["supplier_nk"])),
            resource: ResourceId::new(fr(&w["resource"])),
            weeks,
            serial: Serial::from_wide(&wide),
            certifier: pk(&w["certifier_pk"]),
            attested: signature(&w["certifier_signature"]),
            accepted: signature(&w["signature"]),
        };
        holds::<Capacity>(case, statement, witness);
    }
}

#[test]
fn disclosures() {
    let file = vectors("statements");
    for case in of(&file, "disclose") {
        let (x, w) = (&case["statement"], &case["witness"]);
        let statement = disclose::Statement {
            anchor: parse(&x["anchor"]),
            asset: parse(&x["asset"]),
            threshold: int(&x["threshold"]),
            hold: int(&x["hold"]),
            scope: parse(&x["scope"]),
            tag: parse(&x["tag"]),
            party: parse(&x["party"]),
            context: parse(&x["context"]),
        };
        let note = &w["note"];
        let witness = disclose::Witness {
            pk: pk(&w["pk"]),
            nk: NullifierKey::new(fr(&w["nk"])),
            rho: fr(&w["rho"]),
            value: int(&note["value"]),
            unlock: int(&note["unlock"]),
            blinding: fr(&note["blinding"]),
            path: path(&leaves(&file, case), int(&note["position"])),
            signature: signature(&w["signature"]),
        };
        holds::<Disclose>(case, statement, witness);
    }
}

#[test]
fn tree_roots() {
    let file = vectors("trees");
    let cases = list(&file["trees"]).iter().chain([&file["revoked"]]);
    for case in cases {
        let mut leaves = frs(&case["leaves"]);
        if let Some(position) = case["position"].as_str() {
            leaves[position.parse::<usize>().unwrap()] = Fr::from(0u64);
        }
        assert_eq!(root(&leaves, int(&case["depth"])), fr(&case["root"]));
    }
}
