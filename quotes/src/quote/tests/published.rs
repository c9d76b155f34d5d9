//! Range proofs that `bulletproofs` published with version 1.0.0 still verify, by the crate and, where they are of 64 bits, by us.

use crate::range::{BITS, Committed, RangeProof};
use bulletproofs::{BulletproofGens, PedersenGens};
use curve25519_dalek::ristretto::CompressedRistretto;
use merlin::Transcript;
use std::vec::Vec;

const PUBLISHED: &str = include_str!("../../../tests/data/bulletproofs_v1.txt");

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn published_proofs_verify() {
    let lines: Vec<Vec<&str>> = PUBLISHED.lines().map(|line| line.split(' ').collect()).collect();
    let commitments: Vec<CompressedRistretto> = lines
        .iter()
        .filter(|words| words[0] == "commitment")
        .map(|words| CompressedRistretto::from_slice(&unhex(words[1])).unwrap())
        .collect();
    let (pedersen, generators) = (PedersenGens::default(), BulletproofGens::new(BITS, commitments.len()));
    let transcript = || Transcript::new(b"Deserialize-And-Verify Test");
    let mut ours = 0;
    for words in lines.iter().filter(|words| words[0] == "proof") {
        let (bits, parties): (usize, usize) = (words[1].parse().unwrap(), words[2].parse().unwrap());
        let (bytes, on) = (unhex(words[3]), &commitments[..parties]);
        let proof = bulletproofs::RangeProof::from_bytes(&bytes).unwrap();
        let mut rng = crate::test_support::rng(1);
        let verdict = proof.verify_multiple_with_rng(&generators, &pedersen, &mut transcript(), on, bits, &mut rng);
        assert_eq!(verdict, Ok(()), "{bits} bits, {parties} values");
        if bits == BITS {
            let on: Vec<Committed> =
                on.iter().map(|bytes| Committed { point: bytes.decompress().unwrap(), compressed: *bytes }).collect();
            let holds = |on: &[Committed]| {
                let proof = RangeProof::from_bytes(&bytes, parties).unwrap();
                proof.equation(&mut transcript(), on).unwrap().holds()
            };
            assert!(holds(&on), "{parties} values");
            let mut shifted = on.clone();
            shifted[0] = Committed::from(shifted[0].point + pedersen.B);
            assert!(!holds(&shifted), "{parties} values");
            ours += 1;
        }
    }
    assert_eq!(ours, 4);
}
