//! Reproduces the vectors that an independent implementation computed from the protocol's page.

use ark_ff::PrimeField;
use privity_circuits::asset::{AssetId, ResourceId, name_field};
use privity_circuits::jubjub::{self, Point};
use privity_circuits::keys::{NullifierKey, Owner, PublicKey, SignerId, SigningKey};
use privity_circuits::note::{self, Commitment};
use privity_circuits::schnorr::{self, Signature};
use privity_circuits::terms::{
    self, Goods, Mode, Money, Parties, Policy, Remedy, Rounding, Stage, Terms, TermsId, Tier,
};
use privity_circuits::tree::{Path, empty_roots};
use privity_circuits::{Domain, Fr, field, hash, poseidon};
use serde_json::Value;

mod common;

use common::{array, bytes, fr, frs, int, list, point, text, vectors};

fn domain(name: &str) -> Domain {
    let wanted = name.replace('_', "").to_lowercase();
    *Domain::ALL.iter().find(|domain| format!("{domain:?}").to_lowercase() == wanted).unwrap()
}

#[test]
fn poseidon_permutations() {
    let file = vectors("poseidon");
    let cases = list(&file["permutations"]).iter().chain([&file["known_answer"]]);
    for case in cases {
        let mut state: poseidon::State = frs(&case["input"]).try_into().unwrap();
        let mut plain = state;
        poseidon::permute(&mut state);
        poseidon::permute_plain(&mut plain);
        assert_eq!(state.to_vec(), frs(&case["output"]));
        assert_eq!(plain, state);
    }
}

#[test]
fn sponge_names_and_assets() {
    let file = vectors("sponge");
    for case in list(&file["domains"]) {
        assert_eq!(domain(text(&case["domain"])) as u64, int::<u64>(&case["number"]));
    }
    for case in list(&file["hashes"]) {
        let inputs = frs(&case["inputs"]);
        let domain = domain(text(&case["domain"]));
        assert_eq!(hash::tag(domain, inputs.len()), Fr::from(int::<u64>(&case["tag"])));
        assert_eq!(privity_circuits::hash(domain, &inputs), fr(&case["output"]));
    }
    for case in list(&file["truncations"]) {
        assert_eq!(field::truncate(&array(&case["digest"])), fr(&case["field"]));
    }
    for case in list(&file["names"]) {
        assert_eq!(name_field(text(&case["text"])), fr(&case["field"]));
    }
    for case in list(&file["fields"]) {
        assert_eq!(field::from_bytes(&bytes(&case["bytes"])), Ok(fr(&case["value"])));
    }
    for case in list(&file["refused_fields"]) {
        assert!(field::from_bytes(&bytes(&case["bytes"])).is_err());
    }
    for case in list(&file["tokens"]) {
        let asset = AssetId::token(SignerId::new(fr(&case["issuer"])), text(&case["name"]));
        assert_eq!(asset.field(), fr(&case["asset"]));
    }
    for case in list(&file["erc20"]) {
        let token = array(&case["token"]);
        let asset = AssetId::erc20(int(&case["chain_id"]), &token, int(&case["scale"]));
        assert_eq!(asset.field(), fr(&case["asset"]));
    }
    for case in list(&file["capacity"]) {
        let asset = AssetId::capacity(
            SignerId::new(fr(&case["certifier"])),
            Owner::new(fr(&case["origin"])),
            ResourceId::new(fr(&case["resource"])),
            int(&case["bucket"]),
        );
        assert_eq!(asset.field(), fr(&case["asset"]));
    }
}

#[test]
fn keys_and_points() {
    let file = vectors("keys");
    assert_eq!(Point::generator(), point(&file["group"]["generator"]));
    for (generator, case) in terms::volume_generators().iter().zip(list(&file["generators"])) {
        assert_eq!(*generator, point(&case["point"]));
    }
    for case in list(&file["multiples"]) {
        let scalar = jubjub::scalar_from_bytes(&field::to_bytes(&fr(&case["scalar"]))).unwrap();
        assert_eq!(Point::generator().mul(&scalar), point(&case["point"]));
    }
    for case in list(&file["keys"]) {
        let sk = SigningKey::from_wide(&array(&case["hkdf"]["sign"])).unwrap();
        assert_eq!(sk.public_key().point(), point(&case["pk"]));
        let nk = NullifierKey::from_wide(&array(&case["hkdf"]["nullifier"]));
        assert_eq!(nk.field(), fr(&case["nk"]));
        assert_eq!(Owner::of(&sk.public_key(), &nk).field(), fr(&case["owner"]));
        let signer = SigningKey::from_wide(&array(&case["hkdf"]["signer"])).unwrap();
        assert_eq!(SignerId::of(&signer.public_key()).field(), fr(&case["signer"]));
    }
    for case in list(&file["refused_keys"]) {
        let coordinates = [&case["point"]["x"], &case["point"]["y"]].map(|v| field::from_hex(text(v)));
        if let [Ok(x), Ok(y)] = coordinates {
            assert!(PublicKey::new(Point { x, y }).is_err(), "{}", case["why"]);
        }
    }
}

#[test]
fn schnorr_signatures() {
    let file = vectors("schnorr");
    for case in list(&file["valid"]) {
        let pk = PublicKey::new(point(&case["pk"])).unwrap();
        let signature = Signature::from_bytes(&bytes(&case["wire"])).unwrap();
        let (prefix, m) = (fr(&case["prefix"]), fr(&case["m"]));
        assert!(signature.verify(&pk, prefix, m), "{}", case["name"]);
        assert_eq!(signature.c, int::<u128>(&case["c"]));
        assert_eq!(schnorr::challenge(&point(&case["nonce"]), prefix, m), signature.c);
    }
    for case in list(&file["refused"]) {
        let verdict = Signature::from_bytes(&bytes(&case["wire"])).is_ok_and(|signature| {
            let x = field::from_hex(text(&case["pk"]["x"]));
            let y = field::from_hex(text(&case["pk"]["y"]));
            x.and_then(|x| PublicKey::new(Point { x, y: y? }))
                .is_ok_and(|pk| signature.verify(&pk, fr(&case["prefix"]), fr(&case["m"])))
        });
        assert!(!verdict, "{}", case["why"]);
    }
}

#[test]
fn notes_and_trees() {
    let file = vectors("notes");
    for case in list(&file["notes"]) {
        let note = note::Note {
            asset: AssetId::new(fr(&case["asset"])),
            value: int(&case["value"]),
            unlock: int(&case["unlock"]),
            owner: Owner::new(fr(&case["owner"])),
            blinding: fr(&case["blinding"]),
        };
        assert_eq!(note::pack(note.value, note.unlock), fr(&case["packed"]));
        assert_eq!(note.commitment().field(), fr(&case["cm"]));
    }
    for case in list(&file["nullifiers"]) {
        let cm = Commitment::new(fr(&case["cm"]));
        let nf = note::nullifier(fr(&case["nk"]), cm, int(&case["position"]));
        assert_eq!(nf.field(), fr(&case["nf"]));
    }
    let file = vectors("trees");
    assert_eq!(empty_roots(16), frs(&file["empty_roots"]));
    for case in list(&file["paths"]) {
        match int::<u32>(&case["depth"]) {
            16 => path::<16>(case),
            _ => path::<10>(case),
        }
    }
}

fn path<const D: usize>(case: &Value) {
    let mut path = Path::<D>::blank();
    path.position = int(&case["position"]);
    for (level, children) in list(&case["children"]).iter().enumerate() {
        let index = path.index(level);
        let mut children = frs(children);
        children.remove(index);
        path.siblings[level] = children.try_into().unwrap();
    }
    assert_eq!(path.root(fr(&case["leaf"])).field(), fr(&case["root"]));
}

fn read_terms(case: &Value) -> Terms {
    let (p, g, m, r) = (&case["parties"], &case["goods"], &case["money"], &case["remedy"]);
    let signer = |value: &Value| SignerId::new(fr(value));
    let tiers: Vec<Tier> =
        list(&m["tiers"]).iter().map(|tier| Tier { minimum: int(&tier["m"]), price: int(&tier["p"]) }).collect();
    Terms {
        parties: Parties {
            ledger: text(&p["ledger"]).parse().unwrap(),
            buyer: text(&p["buyer"]).parse().unwrap(),
            supplier: text(&p["supplier"]).parse().unwrap(),
            buyer_signer: signer(&p["buyer_signer"]),
            supplier_signer: signer(&p["supplier_signer"]),
            inspector: signer(&p["inspector"]),
            arbiter: signer(&p["arbiter"]),
            auditor: signer(&p["auditor"]),
            salt: fr(&p["salt"]),
        },
        goods: Goods {
            certifier: signer(&g["certifier"]),
            origin: text(&g["origin"]).parse().unwrap(),
            resource: text(&g["resource"]).parse().unwrap(),
            document: text(&g["document"]).parse().unwrap(),
            quantity: int(&g["quantity"]),
            load_factor: int(&g["load_factor"]),
            increment: int(&g["increment"]),
            due: int(&g["due"]),
            bucket: int(&g["bucket"]),
            salt: fr(&g["salt"]),
        },
        money: Money {
            currency: text(&m["currency"]).parse().unwrap(),
            rfq: text(&m["rfq"]).parse().unwrap(),
            exponent: int(&m["exponent"]),
            decimals: int(&m["decimals"]),
            mode: [Mode::AllUnits, Mode::Graduated][int::<usize>(&m["mode"])],
            surcharge: int(&m["surcharge"]),
            allowance: int(&m["allowance"]),
            set_up: int(&m["set_up"]),
            rounding: [Rounding::Down, Rounding::Up, Rounding::HalfUp, Rounding::HalfEven]
                [int::<usize>(&m["rounding"])],
            stage: [Stage::Line, Stage::UnitPrice][int::<usize>(&m["stage"])],
            payment_unlock: int(&m["payment_unlock"]),
            frame: int(&m["frame"]),
            tiers: tiers.try_into().unwrap(),
            salt: fr(&m["salt"]),
        },
        remedy: Remedy {
            escrow: text(&r["escrow"]) == "1",
            claim_until: int(&r["claim_until"]),
            rate: int(&r["rate"]),
            cap: int(&r["cap"]),
            salt: fr(&r["salt"]),
        },
    }
}

#[test]
fn terms_and_what_derives_from_them() {
    let file = vectors("terms");
    for case in list(&file["terms"]) {
        let terms = read_terms(case);
        let hashes = &case["hashes"];
        assert_eq!(terms.parties.hash(), fr(&hashes["parties"]), "{}", case["name"]);
        assert_eq!(terms.goods.hash(), fr(&hashes["goods"]), "{}", case["name"]);
        assert_eq!(terms.money.hash(), fr(&hashes["money"]), "{}", case["name"]);
        assert_eq!(terms.remedy.hash(), fr(&hashes["remedy"]), "{}", case["name"]);
        assert_eq!(terms.id().field(), fr(&hashes["terms"]), "{}", case["name"]);
        for escrow in list(&file["escrow"]).iter().filter(|e| e["terms"] == hashes["terms"]) {
            assert_eq!(terms.escrow_owner(int(&escrow["done"])).field(), fr(&escrow["owner"]));
        }
        for retired in list(&file["retired"]).iter().filter(|r| r["terms"] == hashes["terms"]) {
            assert_eq!(terms.retired_owner().field(), fr(&retired["owner"]));
        }
        for blinding in list(&file["release_blindings"]).iter().filter(|b| b["s3"] == case["money"]["salt"]) {
            let native = terms.blinding(fr(&blinding["nf"]), int(&blinding["i"]));
            assert_eq!(native, fr(&blinding["blinding"]));
        }
        for rho in list(&file["rho"]).iter().filter(|r| r["s3"] == case["money"]["salt"]) {
            assert_eq!(terms.rho(int(&rho["i"])), fr(&rho["rho"]));
        }
    }
}

#[test]
fn pairs_volumes_policies_and_tags() {
    let file = vectors("terms");
    for case in list(&file["pairs"]) {
        let [payment, capacity] = ["payment", "capacity"].map(|key| Commitment::new(fr(&case[key])));
        assert_eq!(note::pair(payment, capacity).field(), fr(&case["pair"]));
    }
    for case in list(&file["volumes"]) {
        let volume = terms::volume(int(&case["total"]), fr(&case["s3"]), TermsId::new(fr(&case["terms"])));
        assert_eq!(volume, point(&case["volume"]));
    }
    for case in list(&file["policies"]) {
        let policy = Policy {
            flat: int(&case["flat"]),
            rate: int(&case["rate"]),
            treasury: text(&case["treasury"]).parse().unwrap(),
            delivery_key: array(&case["delivery"]),
        };
        assert_eq!(policy.id(), fr(&case["policy"]));
    }
    for case in list(&file["parties"]) {
        let party = note::party(Owner::new(fr(&case["owner"])), fr(&case["rho"]));
        assert_eq!(party.field(), fr(&case["party"]));
    }
    for case in list(&file["offers"]) {
        let offer = terms::offer(
            text(&case["currency"]).parse().unwrap(),
            int(&case["exponent"]),
            int(&case["quantity"]),
            int(&case["due"]),
            text(&case["document"]).parse().unwrap(),
        );
        assert_eq!(offer, fr(&case["offer"]));
    }
}

#[test]
fn signed_messages() {
    let file = vectors("terms");
    for case in list(&file["messages"]) {
        let inputs: Vec<Fr> = list(&case["inputs"]).iter().map(|input| fr(&input["value"])).collect();
        let message = fr(&case["message"]);
        assert_eq!(privity_circuits::hash(domain(text(&case["domain"])), &inputs), message);
        let packed = &case["packed_fields"];
        let terms_id = TermsId::new(inputs[0]);
        let native = match text(&case["domain"]) {
            "RECEIPT" => terms::receipt_message(
                terms_id,
                int(&packed["done"]),
                int(&packed["done_next"]),
                int(&packed["time"]),
                text(&packed["final"]) == "1",
            ),
            "AWARD" => {
                let done = inputs[1].into_bigint().0[0];
                terms::award_message(terms_id, done, int(&packed["pay"]), int(&packed["used"]))
            }
            _ => continue,
        };
        assert_eq!(native, message, "{}", case["name"]);
    }
}
