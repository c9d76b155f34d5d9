//! Batch verification: many quotes, one multi-scalar multiplication.
//!
//! Every quote's equation is multiplied by a weight of its own and all are added. The weights come from a transcript that holds every
//! quote whole, so they are fixed after the quotes and the verdict is the same for everybody. The generators of the range proofs,
//! most of a single verification, are shared.

use crate::codec::Message;
use crate::error::Error;
use crate::quote::SealedQuote;
use crate::range::equation::Equation;
use crate::rfq::Rfq;
use crate::transcript::{Proof, Protocol};
use crate::verified::Verified;
use alloc::vec::Vec;
use curve25519_dalek::scalar::Scalar;

/// A quote of a batch that does not verify, by its place, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("quote {index} of the batch: {error}")]
pub struct Culprit {
    /// Its place in the batch.
    pub index: usize,
    /// The rule that it breaks.
    #[source]
    pub error: Error,
}

/// Verifies all of `quotes` as answers to `rfq`.
///
/// # Errors
/// Every [`Culprit`], in order.
pub fn verify(rfq: &Rfq, quotes: Vec<SealedQuote>) -> Result<Vec<Verified<SealedQuote>>, Vec<Culprit>> {
    let (mut verified, mut culprits) = (Vec::with_capacity(quotes.len()), Vec::new());
    for (index, verdict) in judge(rfq, quotes).into_iter().enumerate() {
        match verdict {
            Ok(quote) => verified.push(quote),
            Err(error) => culprits.push(Culprit { index, error }),
        }
    }
    if culprits.is_empty() { Ok(verified) } else { Err(culprits) }
}

/// The verdict on each of `quotes`, in their order: false ones are found by halving, and they alone are verified by themselves.
pub fn judge(rfq: &Rfq, quotes: Vec<SealedQuote>) -> Vec<Result<Verified<SealedQuote>, Error>> {
    let hash = rfq.hash();
    let mut culprits = Vec::new();
    let mut equations = Vec::with_capacity(quotes.len());
    for ((index, quote), weight) in quotes.iter().enumerate().zip(weights(&quotes)) {
        match quote.claims().filter(|_| quote.rfq == hash) {
            Some((mut equation, knowledge)) => {
                equation.add(&Scalar::ONE, &knowledge);
                equations.push((index, weight, equation));
            }
            None => culprits.push(index),
        }
    }
    bisect(&equations, &mut culprits);
    let alone = |(index, quote): (usize, SealedQuote)| match culprits.contains(&index) {
        true => quote.verify(rfq),
        false => Ok(Verified::new(quote)),
    };
    quotes.into_iter().enumerate().map(alone).collect()
}

/// A weight for each quote, drawn after all of them were absorbed.
fn weights(quotes: &[SealedQuote]) -> Vec<Scalar> {
    let mut transcript = Proof::Batch.transcript();
    transcript.absorb_u64(b"quotes", quotes.len() as u64);
    for quote in quotes {
        transcript.absorb_bytes(b"quote", &quote.to_bytes());
    }
    quotes.iter().map(|_| transcript.challenge_scalar(b"weight")).collect()
}

/// Adds the false ones among `equations` to `culprits`.
fn bisect(equations: &[(usize, Scalar, Equation)], culprits: &mut Vec<usize>) {
    let mut sum = Equation::default();
    for (_, weight, equation) in equations {
        sum.add(weight, equation);
    }
    if equations.is_empty() || sum.holds() {
        return;
    }
    if let [(index, _, _)] = equations {
        culprits.push(*index);
        return;
    }
    let (left, right) = equations.split_at(equations.len() / 2);
    bisect(left, culprits);
    bisect(right, culprits);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Scene, Supplier, rng};
    use rand::Rng;

    fn quotes(scene: &Scene, count: u8) -> Vec<SealedQuote> {
        (0..count).map(|index| scene.quote(&Supplier::new(index), 1_000 + u64::from(index), 4)).collect()
    }

    /// A quote with one bit of its encoding flipped that still decodes.
    fn damaged(quote: &SealedQuote, seed: u64) -> SealedQuote {
        let (bytes, mut rng) = (quote.to_bytes(), rng(seed));
        loop {
            let mut other = bytes.clone();
            other[rng.gen_range(32..bytes.len())] ^= 1 << rng.gen_range(0..8);
            if let Ok(quote) = SealedQuote::from_bytes(&other) {
                return quote;
            }
        }
    }

    #[test]
    fn honest_batches_of_every_size() {
        let scene = Scene::new(1);
        let all = quotes(&scene, 9);
        for count in 0..=all.len() {
            let verified = verify(&scene.rfq, all[..count].to_vec()).unwrap();
            assert!(verified.iter().map(Verified::get).eq(&all[..count]));
        }
    }

    /// Every set of culprits is found exactly, each with the verdict that it gets alone.
    #[test]
    fn culprits_are_found() {
        let scene = Scene::new(1);
        let all = quotes(&scene, 7);
        for mask in [1u32, 2, 64, 0b101, 0b1100, 0b111_1111, 0b101_0101] {
            let mut batch = all.clone();
            for (index, quote) in batch.iter_mut().enumerate().filter(|(index, _)| mask >> index & 1 == 1) {
                *quote = damaged(quote, u64::from(mask) << 8 | index as u64);
            }
            let culprits = verify(&scene.rfq, batch.clone()).unwrap_err();
            let found = culprits.iter().fold(0, |found, culprit| found | 1u32 << culprit.index);
            assert_eq!(found, mask);
            for Culprit { index, error } in culprits {
                assert_eq!(batch[index].clone().verify(&scene.rfq).unwrap_err(), error);
            }
        }
    }

    /// The same verdict as one by one, whatever bit is flipped.
    #[test]
    fn verdicts_are_those_of_single_verification() {
        let scene = Scene::new(1);
        let honest = quotes(&scene, 3);
        for seed in 0..60 {
            let other = damaged(&honest[1], 1_000 + seed);
            let alone = other.clone().verify(&scene.rfq).is_ok();
            let batch = [honest[0].clone(), other, honest[2].clone()].to_vec();
            assert_eq!(verify(&scene.rfq, batch).is_ok(), alone, "seed {seed}");
        }
    }

    /// Two quotes whose errors cancel if both are added as they are: the weights tell them apart.
    #[test]
    fn errors_do_not_cancel() {
        let scene = Scene::new(1);
        let all = quotes(&scene, 2);
        let equation = |quote: &SealedQuote| {
            let (mut equation, knowledge) = quote.claims().unwrap();
            equation.add(&Scalar::ONE, &knowledge);
            equation
        };
        let [mut one, mut two] = [equation(&all[0]), equation(&all[1])];
        one.base += Scalar::ONE;
        two.base -= Scalar::ONE;
        let mut sum = one.clone();
        sum.add(&Scalar::ONE, &two);
        assert!(sum.holds());
        let mut culprits = Vec::new();
        bisect(&[(0, Scalar::from(3u64), one), (1, Scalar::from(5u64), two)], &mut culprits);
        assert_eq!(culprits, [0, 1]);
    }

    /// Every weight depends on every quote, the last byte of the last included.
    #[test]
    fn weights_follow_the_whole_batch() {
        let all = quotes(&Scene::new(1), 3);
        let honest = weights(&all);
        assert!(honest[0] != honest[1] && honest[1] != honest[2]);
        let mut bytes = all[2].to_bytes();
        let last = bytes.len() - 32;
        bytes[last] ^= 1;
        let other = [all[0].clone(), all[1].clone(), SealedQuote::from_bytes(&bytes).unwrap()];
        assert!(honest.iter().zip(weights(&other)).all(|(old, new)| *old != new));
        assert_ne!(weights(&all[..2])[0], honest[0]);
    }

    #[test]
    fn a_quote_for_another_request_is_foreign() {
        let (scene, other) = (Scene::new(1), Scene::new(2));
        let batch = [quotes(&scene, 1), quotes(&other, 1)].concat();
        let culprits = verify(&scene.rfq, batch).unwrap_err();
        assert_eq!(culprits, [Culprit { index: 1, error: Error::Foreign }]);
    }
}
