//! The vectors of an independent implementation: requests, derived secrets, ids, boxes and both sigma proofs.

use privity_circuits::jubjub::Point as Jubjub;
use privity_circuits::keys::PublicKey;
use privity_circuits::{Fr, field};
use privity_quotes::{
    Error, Exclusion, Message, Open, Opening, OperatorSecret, Point, QuotingKey, Rfq, SealedQuote, SecretScalar,
};
use serde_json::Value;

const RANGE_BYTES: usize = 800;

fn file() -> Value {
    serde_json::from_str(include_str!("../../vectors/quotes.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

fn int<T: std::str::FromStr>(value: &Value) -> T {
    value.as_str().unwrap().parse().ok().unwrap()
}

fn fr(value: &Value) -> Fr {
    field::from_hex(value.as_str().unwrap()).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

struct Request {
    rfq: Rfq,
    secret: SecretScalar,
    operator: OperatorSecret,
}

fn request(case: &Value) -> Request {
    let rfq = Rfq::from_bytes(&bytes(&case["bytes"])).unwrap();
    let secret = QuotingKey::from_wide(&array(&case["material"])).buyer_secret(&rfq.ledger, &rfq.nonce);
    let operator = QuotingKey::from_wide(&array(&case["operator_material"]));
    Request { operator: operator.operator_secret(&rfq.ledger, rfq.buyer, &rfq.nonce), rfq, secret }
}

/// The quote with a range proof that decodes and is false.
fn quote(case: &Value) -> SealedQuote {
    SealedQuote::from_bytes(&quote_bytes(case)).unwrap()
}

fn quote_bytes(case: &Value) -> Vec<u8> {
    let mut all = bytes(&case["without_range_proof"]);
    for word in 0..RANGE_BYTES / 32 {
        let scalar = (4..7).contains(&word) || word >= 23;
        all.extend_from_slice(if scalar { &[0; 32] } else { Point::BASE.as_bytes() });
    }
    all
}

#[test]
fn requests() {
    let file = file();
    for case in list(&file["requests"]) {
        let Request { rfq, secret, operator } = request(case);
        assert_eq!(rfq.hash().0, array(&case["hash"]));
        assert_eq!(rfq.hash().id().field(), fr(&case["id"]));
        let fields = &case["fields"];
        assert_eq!(rfq.quantity.to_be_bytes(), array(&fields["quantity"]));
        assert_eq!(rfq.weights.price.to_be_bytes(), array(&fields["price_weight"]));
        assert_eq!(rfq.weights.lead.to_be_bytes(), array(&fields["lead_weight"]));
        assert_eq!(
            [rfq.opens, rfq.closes, rfq.delay].map(u64::to_be_bytes),
            ["opens", "closes", "delay"].map(|name| array(&fields[name]))
        );
        assert_eq!(*rfq.key.as_bytes(), array(&fields["key"]));
        assert_eq!(secret.public(), rfq.key);
        assert_eq!(secret.scalar().to_bytes(), array(&case["secret"]));
        assert_eq!(*operator.to_bytes(), array(&case["opened"]));
        assert_eq!(operator.public(), rfq.operator_key);
        assert!(Open { rfq: rfq.hash(), secret: operator }.verify(&rfq).is_ok());

        let message = Rfq::endorsement(&rfq.ledger, rfq.buyer, &rfq.nonce, &rfq.operator_key);
        assert_eq!(message, fr(&case["endorsement"]));
        let key: [u8; 64] = array(&case["operator_public"]);
        let (x, y) = (field::from_bytes(&key[..32]).unwrap(), field::from_bytes(&key[32..]).unwrap());
        assert_eq!(rfq.check_endorsement(&PublicKey::new(Jubjub { x, y }).unwrap()), Ok(()));
    }
}

#[test]
fn quotes_and_boxes() {
    let file = file();
    let Request { rfq, secret, operator } = request(&list(&file["requests"])[0]);
    for case in list(&file["quotes"]) {
        let name = case["name"].as_str().unwrap();
        let (key, attempt) = (QuotingKey::from_wide(&array(&case["material"])), int(&case["attempt"]));
        let opening: Opening = key.opening(&rfq.hash(), attempt, int(&case["price"]), int(&case["lead"])).unwrap();
        let ephemeral = key.ephemeral(&rfq.hash(), attempt);
        assert_eq!(ephemeral.scalar().to_bytes(), array(&case["ephemeral"]), "{name}");

        let quote = quote(case);
        assert_eq!(quote.id().0, array(&case["id"]), "{name}");
        assert_eq!(quote.ephemeral, ephemeral.public(), "{name}");
        assert!(opening.opens(&quote.commitments), "{name}");
        let shared = secret.shared(&quote.ephemeral);
        assert_eq!(*shared.as_bytes(), array(&case["shared"]), "{name}");
        assert_eq!(shared, ephemeral.shared(&rfq.key), "{name}");
        let opened = quote.open(&operator, &shared);
        match case["opens"].as_bool().unwrap() {
            true => assert_eq!(opened.unwrap().to_bytes(), opening.to_bytes(), "{name}"),
            false => assert_eq!(opened.unwrap_err(), Error::Box, "{name}"),
        }
    }
}

/// The proofs of e were made by the other implementation's transcripts: of a quote that has a false range proof only, that one is
/// named; of one whose proof of e is false too, that one.
#[test]
fn proofs_of_e() {
    let file = file();
    let Request { rfq, .. } = request(&list(&file["requests"])[0]);
    for case in list(&file["quotes"]) {
        assert_eq!(quote(case).verify(&rfq).unwrap_err(), Error::Range);
        let mut bytes = quote_bytes(case);
        let response = bytes.len() - RANGE_BYTES - 32;
        bytes[response] ^= 1;
        assert_eq!(SealedQuote::from_bytes(&bytes).unwrap().verify(&rfq).unwrap_err(), Error::Ephemeral);
    }
}

#[test]
fn exclusion() {
    let file = file();
    let Request { rfq, operator, .. } = request(&list(&file["requests"])[0]);
    let case = &file["exclusion"];
    let excluded = list(&file["quotes"]).iter().find(|quote| quote["name"] == case["quote"]).unwrap();
    let mut bytes = bytes(&case["bytes"]);
    let exclusion = Exclusion::from_bytes(&bytes).unwrap();
    assert!(exclusion.verify(&rfq, &quote(excluded), &operator).is_ok());
    let last = bytes.len() - 32;
    bytes[last] ^= 1;
    let refused = Exclusion::from_bytes(&bytes).unwrap().verify(&rfq, &quote(excluded), &operator);
    assert_eq!(refused.unwrap_err(), Error::Shared);
}
