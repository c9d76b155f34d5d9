//! Both verifiers of the same proofs agree, on honest and on damaged ones.

use super::*;
use alloc::vec;
use bulletproofs::PedersenGens;
use rand::Rng;

struct Sample {
    proof: Vec<u8>,
    commitments: Vec<Committed>,
}

fn sample(values: &[u64], rng: &mut ChaCha20Rng) -> Sample {
    let blindings: Vec<_> = values.iter().map(|_| Scalar::random(rng)).collect();
    let gens = PedersenGens::default();
    let commitments =
        values.iter().zip(&blindings).map(|(v, r)| Committed::from(gens.commit(Scalar::from(*v), *r))).collect();
    let proof = prove(&mut Transcript::new(b"test"), values, &blindings, rng).unwrap();
    Sample { proof, commitments }
}

fn ours(proof: &[u8], commitments: &[Committed]) -> bool {
    RangeProof::from_bytes(proof, commitments.len())
        .and_then(|proof| proof.equation(&mut Transcript::new(b"test"), commitments))
        .is_some_and(|equation| equation.holds())
}

fn theirs(proof: &[u8], commitments: &[Committed], rng: &mut ChaCha20Rng) -> bool {
    let gens = BulletproofGens::new(BITS, commitments.len());
    let compressed: Vec<_> = commitments.iter().map(|c| c.compressed).collect();
    bulletproofs::RangeProof::from_bytes(proof).is_ok_and(|proof| {
        let mut transcript = Transcript::new(b"test");
        proof.verify_multiple_with_rng(&gens, &PedersenGens::default(), &mut transcript, &compressed, BITS, rng).is_ok()
    })
}

#[test]
fn accepts_what_the_crate_proves() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    for parties in [1, 2, 4, 8] {
        let values: Vec<u64> = (0..parties).map(|_| rng.r#gen()).collect();
        let Sample { proof, commitments } = sample(&values, &mut rng);
        assert_eq!(proof.len(), proof_bytes(parties));
        assert!(ours(&proof, &commitments), "{parties} parties");
    }
    let Sample { proof, commitments } = sample(&[0, u64::MAX], &mut rng);
    assert!(ours(&proof, &commitments));
}

/// Every 32-byte word of a proof damaged in turn, by a bit, by zeroing, by an integer that is not canonical; every commitment too.
#[test]
fn verdicts_are_the_crates() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let Sample { proof, commitments } = sample(&[5, 1 << 40], &mut rng);
    let mut refused = 0;
    for word in 0..proof.len() / 32 {
        for kind in 0..4 {
            let mut damaged = proof.clone();
            let bytes = &mut damaged[32 * word..32 * word + 32];
            match kind {
                0 => bytes[rng.gen_range(0..32)] ^= 1 << rng.gen_range(0..8),
                1 => bytes.fill(0),
                2 => bytes.fill(0xff),
                _ => bytes[0] ^= 1,
            }
            let verdict = ours(&damaged, &commitments);
            assert_eq!(verdict, theirs(&damaged, &commitments, &mut rng), "word {word}, kind {kind}");
            refused += usize::from(!verdict);
        }
    }
    assert_eq!(refused, proof.len() / 8);
    for index in 0..2 {
        let mut others = commitments.clone();
        others[index] = Committed::from(others[index].point + PedersenGens::default().B);
        assert!(!ours(&proof, &others) && !theirs(&proof, &others, &mut rng));
    }
    // The identity is refused before any arithmetic, wherever a point stands.
    let points = (0..4).chain(7..proof.len() / 32 - 2);
    for word in points {
        let mut damaged = proof.clone();
        damaged[32 * word..32 * word + 32].fill(0);
        let damaged = RangeProof::from_bytes(&damaged, 2).unwrap();
        assert!(damaged.equation(&mut Transcript::new(b"test"), &commitments).is_none());
    }
    let swapped = [commitments[1], commitments[0]];
    assert!(!ours(&proof, &swapped) && !theirs(&proof, &swapped, &mut rng));
}

/// A value outside the range cannot be proven: the crate takes a u64, so the commitment is moved by 2^64 or below zero.
#[test]
fn values_outside_are_refused() {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let gens = PedersenGens::default();
    let Sample { proof, commitments } = sample(&[u64::MAX, 0], &mut rng);
    for (index, shift) in [(0, gens.B), (1, -gens.B), (0, gens.B * Scalar::from(1u128 << 64))] {
        let mut moved = commitments.clone();
        moved[index] = Committed::from(moved[index].point + shift);
        assert!(!ours(&proof, &moved));
    }
}

#[test]
fn lengths_are_exact() {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let Sample { proof, commitments } = sample(&[7], &mut rng);
    let longer = [proof.as_slice(), &[0]].concat();
    assert!(RangeProof::from_bytes(&longer, 1).is_none());
    assert!(RangeProof::from_bytes(&proof[..proof.len() - 32], 1).is_none());
    assert!(RangeProof::from_bytes(&proof, 2).is_none());
    assert!(ours(&proof, &commitments));
}

/// The identity stands for the value 0 with blinding 0, which is how awards are padded.
#[test]
fn padding_is_a_commitment_to_zero() {
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let blinding = Scalar::random(&mut rng);
    let point = PedersenGens::default().commit(Scalar::from(9u64), blinding);
    let proof = prove(&mut Transcript::new(b"test"), &[9, 0], &[blinding, Scalar::ZERO], &mut rng).unwrap();
    let commitments = [Committed::from(point), Committed::from(RistrettoPoint::default())];
    assert!(ours(&proof, &commitments) && theirs(&proof, &commitments, &mut rng));
}

/// Weighted sums hold if every part does, and fail if one does not.
#[test]
fn sums_of_equations() {
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let equation = |values: &[u64], shift: u64, rng: &mut ChaCha20Rng| {
        let Sample { proof, mut commitments } = sample(values, rng);
        commitments[0] = Committed::from(commitments[0].point + PedersenGens::default().B * Scalar::from(shift));
        let proof = RangeProof::from_bytes(&proof, values.len()).unwrap();
        proof.equation(&mut Transcript::new(b"test"), &commitments).unwrap()
    };
    let parts = vec![equation(&[1], 0, &mut rng), equation(&[2, 3], 0, &mut rng), equation(&[4, 5, 6, 7], 0, &mut rng)];
    let mut sum = Equation::default();
    for part in &parts {
        sum.add(&Scalar::random(&mut rng), part);
    }
    assert!(sum.holds());
    sum.add(&Scalar::random(&mut rng), &equation(&[8], 1, &mut rng));
    assert!(!sum.holds());
}

/// Every word of a proof changes the challenge that follows it, and the weight that follows all.
#[test]
fn every_word_is_absorbed() {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let Sample { proof, commitments } = sample(&[5, 6], &mut rng);
    let challenges = |bytes: &[u8], commitments: &[Committed]| {
        let proof = RangeProof::from_bytes(bytes, 2).unwrap();
        let challenges = proof.challenges(&mut Transcript::new(b"test"), commitments).unwrap();
        let folds = challenges.folds.iter().map(|fold| fold.square);
        let Challenges { x, y, z, w, c, .. } = &challenges;
        [*y, *z, *x, *w].into_iter().chain(folds).chain([*c]).collect::<Vec<_>>()
    };
    let honest = challenges(&proof, &commitments);
    for word in 0..proof.len() / 32 {
        let mut other = proof.clone();
        other[32 * word] ^= 1;
        let folds = proof.len() / 32 - 9;
        // Challenges drawn before: none for A and S, y and z for T₁ and T₂, x for the blindings, w and the foldings' for L and R.
        let before = match word {
            0 | 1 => 0,
            2 | 3 => 2,
            4..=6 => 3,
            _ if word < 7 + folds => 4 + (word - 7) / 2,
            _ => 4 + folds / 2,
        };
        let drawn = challenges(&other, &commitments);
        for (index, (old, new)) in honest.iter().zip(&drawn).enumerate() {
            assert_eq!(old == new, index < before, "word {word}, challenge {index}");
        }
    }
    let swapped = challenges(&proof, &[commitments[1], commitments[0]]);
    assert!(honest.iter().zip(&swapped).all(|(old, new)| old != new));
}
