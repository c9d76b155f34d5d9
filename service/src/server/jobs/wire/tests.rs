//! Both forms of every relation, over the pairs that the attack harness draws.

use super::*;
use privity_circuits::Relation as _;
use privity_circuits::mint::Mint;
use privity_circuits::transfer::Transfer7x2;
use privity_testkit::{Subject, rng, samples};
use std::str::from_utf8;

fn round_trip<C: Provable>(relation: Relation, subject: &Subject<C>) {
    let mut rng = rng(7);
    for _ in 0..6 {
        let (statement, witness) = (subject.valid)(&mut rng);
        let pair = Pair::<C> { statement, witness };
        assert!(format!("{pair:?}").contains("redacted"));
        let (json, bytes) = (pair.to_json(), pair.secret(relation));
        assert!(json.len() <= MAX_PAIR_JSON && bytes.bytes().len() <= MAX_PAIR_BYTES, "nothing was reallocated");
        let read = relation.read(Encoding::Json, json.as_bytes()).unwrap();
        assert_eq!(read.bytes(), bytes.bytes(), "JSON and bytes say the same");
        let read = relation.read(Encoding::Bytes, bytes.bytes()).unwrap();
        assert_eq!(*read.open::<C>().unwrap().to_json(), *json);
        strict(relation, &json, bytes.bytes());
    }
}

/// Nothing missing, nothing more, nothing else.
fn strict(relation: Relation, json: &str, bytes: &[u8]) {
    let other = Relation::ALL.into_iter().find(|other| *other != relation).unwrap();
    assert!(other.read(Encoding::Bytes, bytes).is_err());
    assert!(relation.read(Encoding::Bytes, &bytes[..bytes.len() - 1]).is_err());
    assert!(relation.read(Encoding::Bytes, &[bytes, &[0]].concat()).is_err());
    for (from, to) in
        [("{\"statement\":{", "{\"statement\":{\"sk\":\"1\","), ("}}", "}} "), ("}}", "}}{}"), ("0x", "0X")]
    {
        let changed = json.replacen(from, to, 1);
        let outcome = relation.read(Encoding::Json, changed.as_bytes());
        assert_eq!(outcome.is_ok(), to == "}} ", "{from} to {to}");
    }
}

#[test]
fn every_relation_in_both_forms() {
    round_trip(Relation::Mint, &samples::mint::subject());
    round_trip(Relation::Transfer2x3, &samples::transfer::subject::<2, 3>());
    round_trip(Relation::Transfer7x2, &samples::transfer::subject::<7, 2>());
    round_trip(Relation::Capacity, &samples::capacity::subject());
    round_trip(Relation::Price, &samples::price::subject());
    round_trip(Relation::Release, &samples::release::subject());
    round_trip(Relation::Disclose, &samples::disclose::subject());
}

#[test]
fn a_broken_pair_is_refused_by_its_rule() {
    let mut rng = rng(8);
    let (mut statement, witness) = (samples::mint::subject().valid)(&mut rng);
    statement.value ^= 1;
    let pair = Pair::<Mint> { statement, witness };
    let refused = Relation::Mint.read(Encoding::Json, pair.to_json().as_bytes());
    assert!(matches!(refused, Err(PairError::Violation(violation)) if violation.rule == "M1"));
}

#[test]
fn errors_name_the_place_and_repeat_no_value() {
    let mut rng = rng(9);
    let (statement, witness) = (samples::transfer::subject::<7, 2>().valid)(&mut rng);
    let pair = Pair::<Transfer7x2> { statement, witness };
    let mut json = String::new();
    pair.witness.inputs[3].blinding.show(&mut json);
    let secret = json.trim_matches('"');
    let long = pair.to_json().replace(secret, &format!("{secret}0"));
    let error = Pair::<Transfer7x2>::from_json(long.as_bytes()).unwrap_err();
    assert_eq!(error.pointer, "/witness/inputs/3/blinding");
    assert!(!error.to_string().contains(&secret[2..]));
    let number = pair.to_json().replace(&format!("\"{secret}\""), &secret[2..8].replace(char::is_alphabetic, "1"));
    let error = Pair::<Transfer7x2>::from_json(number.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("line 1") && !error.contains(&secret[2..8]), "{error}");
}

#[test]
fn integers_are_canonical_decimal_text() {
    let read = |text: &str| u64::parse(&Json::Text(text), &At::Root).ok();
    assert_eq!(read("18446744073709551615"), Some(u64::MAX));
    for wrong in ["18446744073709551616", "01", "+1", "-1", "1.0", "", " 1", "1e3", "0x1"] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

/// Pitfall 28: no member of any witness takes a signing key.
#[test]
fn a_witness_has_no_place_for_a_spend_key() {
    let mut rng = rng(10);
    let (statement, witness) = (samples::disclose::subject().valid)(&mut rng);
    let json = Pair::<privity_circuits::disclose::Disclose> { statement, witness }.to_json();
    for name in ["sk", "spend_key", "signing_key", "seed"] {
        let more = json.replacen("\"witness\":{", &format!("\"witness\":{{\"{name}\":\"1\","), 1);
        assert!(Relation::Disclose.read(Encoding::Json, more.as_bytes()).is_err());
    }
}

#[test]
fn dropping_overwrites() {
    let mut rng = rng(11);
    let (_, mut witness) = (samples::disclose::subject().valid)(&mut rng);
    witness.wipe();
    let mut out = Vec::new();
    witness.write(&mut out);
    let identity = [[0; 63].as_slice(), &[1]].concat();
    assert_eq!(out[..64], identity, "the public key became the identity");
    assert!(out[64..].chunks(32).take(2).all(|field| field.iter().all(|byte| *byte == 0)), "nk and rho are gone");
    assert!(from_utf8(Mint::NAME.as_bytes()).is_ok());
}

proptest::proptest! {
    /// No body makes a decoder panic, and what it takes it gives back.
    #[test]
    fn any_bytes_are_decoded_or_refused(
        relation in 0..Relation::ALL.len(),
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..600),
    ) {
        let relation = Relation::ALL[relation];
        let mut framed = vec![1, relation as u8];
        framed.extend(&bytes);
        for body in [&bytes, &framed] {
            for encoding in [Encoding::Bytes, Encoding::Json] {
                proptest::prop_assert!(relation.read(encoding, body).is_err(), "random bytes prove nothing");
            }
        }
    }
}
