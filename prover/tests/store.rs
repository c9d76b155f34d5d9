//! Keys on disk: missing, truncated, swapped, foreign, newer and damaged files; JSON and bytes of verifying keys.

mod common;

use ark_bls12_381::{Fq, Fq2, G1Affine, G2Affine};
use ark_serialize::CanonicalSerialize;
use common::{Changed, Cube, Other, cube, rng};
use privity_circuits::mint::Mint;
use privity_circuits::{Circuit, Fr, Relation, Statement};
use privity_prover::{
    Control, Engine, Form, ImportError, KeyProblem, KeyStore, Lanes, Pin, Prover, ProvingKey, TableSetting, generate,
    proof_json, public_inputs_json,
};
use privity_verifier::groth16::Points;
use privity_verifier::{KeyId, Proof};
use serde_json::Value;
use std::fs;
use std::str::FromStr;
use tempfile::TempDir;

fn quiet() -> Control<'static> {
    Control::default()
}

fn store() -> (TempDir, KeyStore, ProvingKey) {
    let directory = tempfile::tempdir().unwrap();
    let store = KeyStore::new(directory.path().join("keys"));
    let key = store.load_or_generate::<Cube>(&mut rng(1), &quiet()).unwrap();
    (directory, store, key)
}

fn problem<C: Circuit>(store: &KeyStore) -> KeyProblem {
    let error = store.load::<C>(&quiet()).unwrap_err();
    assert_eq!(error.path, store.proving_path(C::NAME));
    let text = error.to_string();
    assert!(text.contains(&error.path.display().to_string()) && text.contains("privity keys generate"), "{text}");
    let file = fs::read(&error.path).unwrap_or_default();
    let name = file.get(12).map_or(0, |length| usize::from(*length));
    let complete = file.starts_with(b"PRIVITYP\0\0\0\x03") && file.len() >= 13 + name + 65;
    assert_eq!(error.key, complete.then(|| KeyId(file[46 + name..78 + name].try_into().unwrap())));
    assert!(error.key.is_none_or(|key| text.contains(&key.to_string())), "{text}");
    error.problem
}

#[test]
fn generates_once_then_loads_the_same() {
    let (_directory, store, key) = store();
    let again = store.load_or_generate::<Cube>(&mut rng(2), &quiet()).unwrap();
    assert_eq!(again.id(), key.id());
    assert_eq!(again.parameters(), key.parameters());
    assert_eq!(again.matrices(), key.matrices());
    let prover = Prover::new().with_key(again);
    let proof = prover.prove::<Cube>(&cube(3), &3, &mut rng(3)).unwrap();
    assert!(key.verifying().verify::<Cube>(cube(3), &proof).is_ok());
    let names: Vec<String> = fs::read_dir(store.directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".tmp"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn every_header_field_is_checked() {
    let (_directory, store, _) = store();
    let path = store.proving_path("cube.v1");
    let good = fs::read(&path).unwrap();
    let name = "cube.v1".len();
    let (matrices, mark) = (13 + name, 45 + name);
    let (id, length, hash, body) = (mark + 1, mark + 33, mark + 41, (mark + 73).next_multiple_of(64));
    let damaged = |at: usize, mask: u8| {
        let mut bytes = good.clone();
        bytes[at] ^= mask;
        fs::write(&path, bytes).unwrap();
        problem::<Cube>(&store)
    };
    assert!(matches!(damaged(0, 1), KeyProblem::NotAKey));
    assert!(matches!(damaged(11, 4), KeyProblem::Newer { found: 7 }));
    assert!(matches!(damaged(11, 1), KeyProblem::Older { found: 2 }));
    assert!(matches!(damaged(11, 3), KeyProblem::NotAKey));
    assert!(matches!(damaged(12, 1), KeyProblem::Relation { .. }));
    assert!(matches!(damaged(13, 1), KeyProblem::Relation { .. }));
    assert!(matches!(damaged(matrices, 1), KeyProblem::Matrices { .. }));
    assert!(matches!(damaged(mark, 1), KeyProblem::Header));
    assert!(matches!(damaged(mark, 2), KeyProblem::Header));
    assert!(matches!(damaged(id, 1), KeyProblem::Header));
    assert!(matches!(damaged(length, 0x80), KeyProblem::Truncated { .. }));
    assert!(matches!(damaged(length + 7, 1), KeyProblem::Truncated { .. } | KeyProblem::Trailing(_)));
    assert!(matches!(damaged(hash, 1), KeyProblem::Hash));
    assert!(matches!(damaged(body - 1, 1), KeyProblem::Header));
    for at in [body, body + 10, (body + good.len()) / 2, good.len() - 1] {
        assert!(matches!(damaged(at, 1), KeyProblem::Hash), "{at}");
    }
    fs::write(&path, &good).unwrap();
    assert!(store.load::<Cube>(&quiet()).is_ok());
}

#[test]
fn truncated_at_every_length_or_overlong() {
    let (_directory, store, _) = store();
    let path = store.proving_path("cube.v1");
    let good = fs::read(&path).unwrap();
    for length in (0..200).chain([good.len() / 2, good.len() - 1]) {
        fs::write(&path, &good[..length]).unwrap();
        let found = problem::<Cube>(&store);
        assert!(matches!(found, KeyProblem::Truncated { .. } | KeyProblem::NotAKey), "{length}: {found:?}");
    }
    fs::write(&path, [good.as_slice(), &[0, 0]].concat()).unwrap();
    assert!(matches!(problem::<Cube>(&store), KeyProblem::Trailing(2)));
}

/// Contents that were changed together with their hash still have to be the key of the header, and to fit the circuit.
#[test]
fn rehashed_contents_are_refused() {
    use sha2::{Digest, Sha256};
    let (_directory, store, _) = store();
    let path = store.proving_path("cube.v1");
    let good = fs::read(&path).unwrap();
    let (hash, body) = (86 + 7, 128);
    let verifying = u32::from_be_bytes(good[body..body + 4].try_into().unwrap()) as usize;
    let start = body + 16;
    let mark = start + 11 + 7 + 32;
    let points = body + (16 + verifying).next_multiple_of(64);
    let rehashed = |at: usize, mask: u8| {
        let mut bytes = good.clone();
        bytes[at] ^= mask;
        let digest = Sha256::digest(Sha256::digest(&bytes[body..]));
        bytes[hash..hash + 32].copy_from_slice(&digest);
        fs::write(&path, bytes).unwrap();
        problem::<Cube>(&store)
    };
    assert!(matches!(rehashed(mark, 1), KeyProblem::Header));
    assert!(matches!(rehashed(start, 1), KeyProblem::VerifyingKey(_)));
    // The domain's size, whether there is a fast form, padding, and a coordinate beyond the modulus.
    for (at, mask) in
        [(body + 15, 1), (body + 15, 8), (body + 7, 1), (body + 7, 2), (points - 1, 1), (points + 47, 0xff)]
    {
        assert!(matches!(rehashed(at, mask), KeyProblem::Elements | KeyProblem::Truncated { .. }), "{at}");
    }
    assert!(matches!(rehashed(body, 0x80), KeyProblem::Truncated { .. }));
    // The counts of the matrices, and the last coordinate of the last table.
    let last = good.iter().rposition(|byte| *byte != 0).unwrap();
    for at in [points, points + 4, points + 8, points + 12, last] {
        let found = rehashed(at, 0xff);
        assert!(matches!(found, KeyProblem::Elements | KeyProblem::Truncated { .. }), "{at}: {found:?}");
    }
}

/// Whatever stands behind a right hash, nothing panics and no false proof is handed out.
#[test]
fn rehashed_contents_never_prove_falsely() {
    use sha2::{Digest, Sha256};
    let (_directory, store, key) = store();
    let path = store.proving_path("cube.v1");
    let good = fs::read(&path).unwrap();
    let (hash, body) = (86 + 7, 128);
    let (mut opened, mut proved) = (0, 0);
    for at in (body..good.len()).step_by(good.len() / 400) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let digest = Sha256::digest(Sha256::digest(&bytes[body..]));
        bytes[hash..hash + 32].copy_from_slice(&digest);
        fs::write(&path, bytes).unwrap();
        let Ok(other) = store.load::<Cube>(&quiet()) else { continue };
        opened += 1;
        let prover = Prover::new().with_key(other);
        if let Ok(proof) = prover.prove::<Cube>(&cube(3), &3, &mut rng(3)) {
            proved += 1;
            assert!(key.verifying().verify::<Cube>(cube(3), &proof).is_ok(), "{at}");
        }
    }
    assert!(opened > 100 && proved < opened, "{opened} {proved}");
}

/// Tables of any size are stored and used; an engine that wants others makes them.
#[test]
fn tables_are_a_setting() {
    let (_directory, store, key) = store();
    let path = store.proving_path("cube.v1");
    let mut sizes = Vec::new();
    for copies in [1, 3, 1_000] {
        let store = store.clone().with_tables(TableSetting { copies });
        store.save(&key, &quiet()).unwrap();
        sizes.push(fs::metadata(&path).unwrap().len());
        for wanted in [1, 3] {
            let key = store.load::<Cube>(&quiet()).unwrap();
            let engine = Engine::new(Form::Fast, Lanes::detect(), TableSetting { copies: wanted });
            let prover = Prover::with_backend(Box::new(engine)).with_key(key);
            assert!(prover.prove::<Cube>(&cube(3), &3, &mut rng(3)).is_ok());
        }
    }
    assert!(sizes.is_sorted() && sizes[0] < sizes[2], "{sizes:?}");
}

/// A file with default copies takes at most four times the file of ark's queries, matrices and bases alone.
#[test]
fn default_tables_are_within_four_times_the_plain_key() {
    let directory = tempfile::tempdir().unwrap();
    let key = generate::<Mint>(&mut rng(6), &quiet()).unwrap();
    let size = |copies| {
        let store = KeyStore::new(directory.path()).with_tables(copies);
        store.save(&key, &quiet()).unwrap();
        fs::metadata(store.proving_path(Mint::NAME)).unwrap().len()
    };
    let plain = key.to_ark_bytes().len() as u64;
    let (single, default) = (size(TableSetting { copies: 1 }), size(TableSetting::default()));
    assert!(single < default && default <= 4 * plain, "{plain} {single} {default}");
    assert!(size(TableSetting { copies: 40 }) > 4 * plain);
}

/// ark-groth16's bytes: there and back, proving under it, and what is refused.
#[test]
fn arks_bytes_come_back() {
    let (_directory, store, key) = store();
    let bytes = key.to_ark_bytes();
    let mut expected = Vec::new();
    key.parameters().serialize_uncompressed(&mut expected).unwrap();
    assert_eq!(bytes, expected);
    let again = ProvingKey::from_ark_bytes::<Cube>(&bytes, true).unwrap();
    assert_eq!((again.id(), again.parameters(), again.domain()), (key.id(), key.parameters(), key.domain()));
    assert!(!again.is_fast());
    store.save(&again, &quiet()).unwrap();
    let prover = Prover::new().with_key(store.load::<Cube>(&quiet()).unwrap());
    let proof = prover.prove::<Cube>(&cube(3), &3, &mut rng(3)).unwrap();
    assert!(key.verifying().verify::<Cube>(cube(3), &proof).is_ok());

    let refused = |bytes: &[u8]| ProvingKey::from_ark_bytes::<Cube>(bytes, true).unwrap_err();
    for length in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        assert!(matches!(refused(&bytes[..length]), ImportError::Bytes), "{length}");
    }
    assert!(matches!(refused(&[bytes.as_slice(), &[0]].concat()), ImportError::Bytes));
    // A coordinate off the curve; α's and the last query's.
    for at in [5, bytes.len() - 50] {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        assert!(matches!(refused(&bytes), ImportError::Bytes), "{at}");
    }
    assert!(matches!(ProvingKey::from_ark_bytes::<Mint>(&bytes, true), Err(ImportError::Queries)));
}

#[test]
fn proofs_and_inputs_as_json() {
    let (_directory, _, key) = store();
    let prover = Prover::new().with_key(key);
    let proof = prover.prove::<Cube>(&cube(3), &3, &mut rng(3)).unwrap();
    let (json, points) = (proof_json(&proof), proof.points());
    assert_eq!((&json["protocol"], &json["curve"]), (&Value::from("groth16"), &Value::from("bls12381")));
    assert_eq!((g1(&json["pi_a"]), g2(&json["pi_b"]), g1(&json["pi_c"])), (points.a, points.b, points.c));
    let inputs = cube(3).public_inputs();
    let read: Vec<Fr> = public_inputs_json(&inputs)
        .as_array()
        .unwrap()
        .iter()
        .map(|input| Fr::from_str(input.as_str().unwrap()).unwrap())
        .collect();
    assert_eq!(read, inputs);
    let nothing = Points { a: G1Affine::identity(), b: G2Affine::identity(), c: points.c };
    let json = proof_json(&Proof::from_points(nothing).unwrap());
    assert_eq!((&json["pi_a"][2], &json["pi_b"][2][0]), (&Value::from("0"), &Value::from("0")));
}

#[test]
fn missing_swapped_and_foreign_files() {
    let (_directory, store, _) = store();
    assert!(matches!(problem::<Other>(&store), KeyProblem::Missing));
    fs::copy(store.proving_path("cube.v1"), store.proving_path("other.v1")).unwrap();
    let found = problem::<Other>(&store);
    assert!(matches!(found, KeyProblem::Relation { expected: "other.v1", found } if found == "cube.v1"));
    assert!(matches!(problem::<Changed>(&store), KeyProblem::Matrices { .. }));
    // A bad file is never silently replaced.
    let refused = store.load_or_generate::<Changed>(&mut rng(4), &quiet()).unwrap_err();
    assert!(matches!(refused.problem, KeyProblem::Matrices { .. }));
}

#[test]
fn a_pin_holds_key_and_contents() {
    let (_directory, store, key) = store();
    let pin = store.save(&key, &quiet()).unwrap();
    assert_eq!(pin.key_id, key.id());
    assert!(store.load_pinned::<Cube>(&pin, &quiet()).is_ok());
    for other in [Pin { key_id: KeyId([0; 32]), ..pin }, Pin { hash: [0; 32], ..pin }] {
        let refused = store.load_pinned::<Cube>(&other, &quiet()).unwrap_err();
        assert!(matches!(refused.problem, KeyProblem::NotPinned { found } if found == key.id()));
    }
}

#[test]
fn an_unwritable_place_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, b"not a directory").unwrap();
    let store = KeyStore::new(file.join("keys"));
    assert!(store.load_or_generate::<Cube>(&mut rng(5), &quiet()).is_err());
}

#[test]
fn two_at_once_end_with_one_key() {
    let directory = tempfile::tempdir().unwrap();
    let store = KeyStore::new(directory.path());
    let make = |seed| store.load_or_generate::<Cube>(&mut rng(seed), &quiet()).unwrap().id();
    let ids = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|seed| scope.spawn(move || make(seed))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn verifying_keys_as_bytes_and_json() {
    let (_directory, store, key) = store();
    let loaded = store.load_verifying("cube.v1").unwrap();
    assert_eq!(loaded.id(), key.id());
    let text = fs::read_to_string(store.json_path("cube.v1")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((json["protocol"].as_str(), json["curve"].as_str()), (Some("groth16"), Some("bls12381")));
    assert_eq!(json["nPublic"], 2);
    assert_eq!(json["keyId"], key.id().to_string());
    let elements = loaded.elements();
    assert_eq!(g1(&json["vk_alpha_1"]), elements.alpha);
    assert_eq!(g2(&json["vk_beta_2"]), elements.beta);
    assert_eq!(g2(&json["vk_gamma_2"]), elements.gamma);
    assert_eq!(g2(&json["vk_delta_2"]), elements.delta);
    let ic: Vec<G1Affine> = json["IC"].as_array().unwrap().iter().map(g1).collect();
    assert_eq!(ic, elements.ic);

    fs::copy(store.verifying_path("cube.v1"), store.verifying_path("other.v1")).unwrap();
    assert!(matches!(store.load_verifying("other.v1").unwrap_err().problem, KeyProblem::Relation { .. }));
    assert!(matches!(store.load_verifying("absent.v1").unwrap_err().problem, KeyProblem::Missing));
}

fn fq(value: &Value) -> Fq {
    Fq::from_str(value.as_str().unwrap()).unwrap()
}

fn g1(value: &Value) -> G1Affine {
    assert_eq!(value[2], "1");
    G1Affine::new(fq(&value[0]), fq(&value[1]))
}

fn g2(value: &Value) -> G2Affine {
    let pair = |value: &Value| Fq2::new(fq(&value[0]), fq(&value[1]));
    G2Affine::new(pair(&value[0]), pair(&value[1]))
}
