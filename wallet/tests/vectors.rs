//! The published vectors: key derivation, addresses and delivery.

use privity_circuits::keys::Owner;
use privity_circuits::note::Commitment;
use privity_wallet::delivery::{Channel, DeliveryKey};
use privity_wallet::{Account, Address, Seed, ViewingKey, keys};
use serde_json::Value;

fn load(name: &str) -> Value {
    let path = format!("{}/../vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn keys() {
    let file = load("keys.json");
    let entries = file["keys"].as_array().unwrap();
    assert!(entries.len() >= 5);
    for entry in entries {
        let seed = Seed::new(bytes(&entry["seed"]).try_into().unwrap());
        let index: u32 = text(&entry["index"]).parse().unwrap();
        for (label, okm) in entry["hkdf"].as_object().unwrap() {
            assert_eq!(seed.derive(label, index).as_slice(), bytes(okm), "{label}");
        }
        let account = Account::derive(&seed, index).unwrap();
        let hex = |point: &Value| [text(&point["x"]).to_owned(), text(&point["y"]).to_owned()];
        let point = |p: privity_circuits::jubjub::Point| [p.x, p.y].map(|c| privity_circuits::field::to_hex(&c));
        assert_eq!(point(account.public.point()), hex(&entry["pk"]));
        assert_eq!(point(account.signer.public.point()), hex(&entry["signer_pk"]));
        assert_eq!(privity_circuits::field::to_hex(&account.nullifier_key().field()), text(&entry["nk"]));
        assert_eq!(account.owner.to_string(), text(&entry["owner"]));
        assert_eq!(account.signer.id.to_string(), text(&entry["signer"]));
        let serial = keys::serial(&seed, index);
        assert_eq!(privity_circuits::field::to_hex(&serial.field()), text(&entry["serial"]));
        assert_eq!(account.delivery_key().public().to_vec(), bytes(&entry["delivery_public"]));
        let secret: [u8; 32] = bytes(&entry["delivery_secret"]).try_into().unwrap();
        let viewing = account.viewing_key();
        assert_eq!(&viewing.to_bytes()[97..], &secret);
        assert_eq!(ViewingKey::from_bytes(viewing.to_bytes().as_slice()), Ok(viewing));
        assert_eq!(account.address().to_string(), text(&entry["address"]));
        assert_eq!(text(&entry["address"]).parse::<Address>(), Ok(account.address()));
    }
}

#[test]
fn delivery() {
    let file = load("notes.json");
    for entry in file["delivery"].as_array().unwrap() {
        let channel = Channel::new(&bytes(&entry["ledger_id"]).try_into().unwrap());
        let key = DeliveryKey::from_bytes(&bytes(&entry["recipient_secret"]).try_into().unwrap());
        assert_eq!(key.public().to_vec(), bytes(&entry["recipient_public"]));
        let cm: Commitment = text(&entry["note"]["cm"]).parse().unwrap();
        let owner: Owner = text(&entry["note"]["owner"]).parse().unwrap();
        let sealed = bytes(&entry["sealed"]);
        let plaintext = channel.open(&key, &cm.to_bytes(), &sealed).unwrap();
        assert_eq!(plaintext.as_slice(), bytes(&entry["plaintext"]));
        let delivered = channel.open_note(&key, owner, cm, &sealed).unwrap();
        assert_eq!(delivered.note.value.to_string(), text(&entry["note"]["value"]));
        assert_eq!(delivered.note.unlock.to_string(), text(&entry["note"]["unlock"]));
        assert_eq!(delivered.memo.bytes(), &bytes(&entry["memo"])[..delivered.memo.bytes().len()]);
    }
}

#[test]
fn wrong_addresses() {
    let file = load("keys.json");
    let good = text(&file["keys"][0]["address"]).to_owned();
    let mut wrong = good.clone();
    wrong.replace_range(20..21, if &good[20..21] == "q" { "p" } else { "q" });
    for bad in [wrong, good.to_uppercase(), good[..116].to_owned(), format!("{good}q"), String::new()] {
        assert!(bad.parse::<Address>().is_err(), "{bad}");
    }
}
