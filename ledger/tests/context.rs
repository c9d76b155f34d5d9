//! Contexts against the independent vectors (L6).

use privity_circuits::field;
use privity_circuits::jubjub::Point;
use privity_circuits::keys::SignerId;
use privity_circuits::note::Commitment;
use privity_circuits::terms::TermsId;
use privity_ledger::context::disclosure;
use privity_ledger::{Ciphertexts, Envelope, Frame, Kind, LedgerHash, SealedNote};
use serde_json::Value;

fn bytes(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/context.json")).unwrap()
}

#[test]
fn kinds_are_numbered_as_the_vectors_number_them() {
    let vectors = vectors();
    let kinds = vectors["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), Kind::ALL.len());
    for (kind, vector) in Kind::ALL.iter().zip(kinds) {
        assert_eq!(vector["kind"], format!("{kind:?}"));
        assert_eq!(vector["number"], (*kind as u8).to_string());
    }
}

#[test]
fn every_context_is_reproduced() {
    let vectors = vectors();
    let contexts = vectors["contexts"].as_array().unwrap();
    assert!(contexts.len() >= 15);
    for vector in contexts {
        let text = |name: &str| vector[name].as_str().unwrap();
        let fill = |name: &str| strings(&vector[name]).into_iter().map(|byte| bytes(byte)[0]).collect::<Vec<u8>>();
        let sealed = |name: &str| fill(name).into_iter().map(|byte| SealedNote([byte; 304])).collect();
        let ciphertexts = Ciphertexts {
            recipients: sealed("recipient_ciphertexts"),
            senders: sealed("sender_ciphertexts"),
            envelopes: fill("envelopes").into_iter().map(|byte| Envelope(Box::new([byte; 1024]))).collect(),
        };
        let outputs: Vec<Commitment> =
            strings(&vector["outputs"]).into_iter().map(|output| output.parse().unwrap()).collect();
        let number: usize = text("kind_number").parse().unwrap();
        let frame = Frame {
            ledger: LedgerHash(bytes(text("ledger_id")).try_into().unwrap()),
            kind: Kind::ALL[number],
            expiry: text("expiry").parse().unwrap(),
            terms: text("terms").parse::<TermsId>().unwrap(),
            volume: Point {
                x: field::from_hex(vector["volume"]["x"].as_str().unwrap()).unwrap(),
                y: field::from_hex(vector["volume"]["y"].as_str().unwrap()).unwrap(),
            },
            recipient: field::from_hex(text("recipient")).unwrap(),
            outputs: &outputs,
            ciphertexts: &ciphertexts,
        };
        assert_eq!(ciphertexts.digest().to_vec(), bytes(text("ciphertexts_hash")), "{}", text("name"));
        assert_eq!(frame.preimage(), bytes(text("preimage")), "{}", text("name"));
        assert_eq!(frame.context().to_string(), text("context"), "{}", text("name"));
        if frame.kind == Kind::Disclosure {
            let audience = SignerId::new(frame.recipient);
            assert_eq!(disclosure(frame.ledger, audience).to_string(), text("context"));
        }
    }
    let nothing = Ciphertexts::default().digest().to_vec();
    assert_eq!(nothing, bytes(vectors["no_ciphertexts"].as_str().unwrap()));
}
