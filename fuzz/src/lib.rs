//! What each fuzz target does with its bytes.
//!
//! A decoder may answer with a value or a typed error, never with a panic; and a value that it accepts has one encoding: writing it
//! gives the bytes that were read. A property that fails is a panic, which the fuzzer reports with the input.
#![forbid(unsafe_code)]

pub mod ledger;
pub mod quotes;
pub mod wallet;

use privity_circuits::gadgets::Num;
use privity_circuits::keys::{Owner, PublicKey, SigningKey};
use privity_circuits::r1cs::Cs;
use privity_circuits::schnorr::Signature;
use privity_circuits::{Circuit, Fr, Relation, Statement, Violation, field};
use privity_documents::deal::DealConfig;
use privity_documents::decimal::Decimal;
use privity_documents::price_table::PriceTable;
use privity_documents::{Document, calendar, json::Json};
use privity_prover::{Control, KeyStore, Prover};
use privity_verifier::{Proof, VerifyingKey};
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};
use std::fs;
use std::sync::LazyLock;
use tempfile::TempDir;

/// A field element as 32 bytes and as text.
pub fn field(data: &[u8]) {
    if let Ok(x) = field::from_bytes(data) {
        assert_eq!(field::to_bytes(&x), data);
        assert_eq!(field::from_hex(&field::to_hex(&x)), Ok(x));
        assert_eq!(Owner::from_bytes(data).map(|owner| owner.field()), Ok(x));
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(x) = field::from_hex(text) {
        assert_eq!(field::to_hex(&x), text);
    }
    if let Ok(owner) = text.parse::<Owner>() {
        assert_eq!(owner.to_string(), text);
    }
}

/// Signatures, public keys and signing keys.
pub fn signing(data: &[u8]) {
    if let Ok(signature) = Signature::from_bytes(data) {
        assert_eq!(signature.to_bytes(), data);
    }
    if let Ok(key) = PublicKey::from_bytes(data) {
        assert_eq!(key.to_bytes(), data);
        assert!(key.is_admissible());
    }
    if let Ok(key) = data.try_into().map_err(drop).and_then(|bytes| SigningKey::from_bytes(bytes).map_err(drop)) {
        assert!(PublicKey::from_bytes(&key.public_key().to_bytes()).is_ok());
    }
}

/// A proof.
pub fn proof(data: &[u8]) {
    if let Ok(proof) = Proof::from_bytes(data) {
        assert_eq!(proof.to_bytes(), data);
    }
}

/// A verifying key.
pub fn verifying_key(data: &[u8]) {
    if let Ok(key) = VerifyingKey::from_bytes(data) {
        assert_eq!(key.to_bytes(), data);
    }
}

/// x = w²: the smallest relation, so that its key file is small too.
pub struct Square;

/// The square.
#[derive(Clone)]
pub struct Squared(pub Fr);

impl Statement for Squared {
    fn public_inputs(&self) -> Vec<Fr> {
        vec![self.0]
    }
}

impl Relation for Square {
    const NAME: &'static str = "square.v1";
    type Statement = Squared;
    type Witness = Fr;

    fn check(x: &Squared, w: &Fr) -> Result<(), Violation> {
        Violation::unless(x.0 == *w * w, "S1", "the witness is no root of the statement")
    }
}

impl Circuit for Square {
    fn enforce(cs: &mut Cs, x: &[Num], w: &Fr) {
        let root = cs.hint("root", *w);
        x.iter().for_each(|square| cs.enforce(&root, &root, square));
    }

    fn blank() -> (Squared, Fr) {
        (Squared(Fr::from(0u64)), Fr::from(0u64))
    }
}

/// A proving key file.
pub fn proving_key(data: &[u8]) {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));
    let store = KeyStore::new(FOLDER.path());
    fs::write(store.proving_path(Square::NAME), rehashed(data)).expect("a temporary file");
    let Ok(key) = store.load::<Square>(&Control::default()) else { return };
    let (id, fast) = (key.id(), key.is_fast());
    let prover = Prover::new().with_key(key);
    // A key of wrong elements gives proofs that do not verify, or none.
    let z = vec![Fr::from(1u64), Fr::from(9u64), Fr::from(3u64)];
    let _ = prover.prove_assignment::<Square>(z, &mut rand_chacha::ChaCha20Rng::seed_from_u64(1));
    let key = prover.key::<Square>().expect("the key that it was given");
    store.save(key, &Control::default()).expect("a temporary file");
    let again = store.load::<Square>(&Control::default()).expect("what was written");
    assert_eq!((again.id(), again.is_fast()), (id, fast));
}

/// The file with the hash and the length of its body, so that what lies behind them is reached.
fn rehashed(data: &[u8]) -> Vec<u8> {
    let mut file = data.to_vec();
    let name = usize::from(file.get(12).copied().unwrap_or_default());
    let start = (13 + name + 105_usize).next_multiple_of(64);
    if let Some((header, body)) = file.split_at_mut_checked(start) {
        let chunks: Vec<_> = body.chunks(1 << 20).map(Sha256::digest).collect();
        let tail = &mut header[13 + name + 65..];
        tail[..8].copy_from_slice(&(body.len() as u64).to_be_bytes());
        tail[8..40].copy_from_slice(&Sha256::digest(chunks.concat()));
    }
    file
}

/// A document of one kind.
pub fn document<T: Document + PartialEq + std::fmt::Debug>(data: &[u8]) {
    if let Ok(document) = T::from_slice(data) {
        let text = document.to_text().expect("what was read can be written");
        assert_eq!(T::from_slice(text.as_bytes()).as_ref(), Ok(&document));
    }
}

/// JSON, exact numbers, dates.
pub fn text(data: &[u8]) {
    let _ = Json::parse(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = Decimal::parse(text);
    let _ = calendar::Date::parse(text);
    if let Ok(time) = calendar::DateTime::parse(text) {
        let _ = time.unix_seconds();
    }
}

/// A price table.
pub fn price_table(data: &[u8]) {
    let _ = PriceTable::from_slice(data);
}

/// The configuration of a deal.
pub fn deal_config(data: &[u8]) {
    let _ = DealConfig::from_slice(data);
}
