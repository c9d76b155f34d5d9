//! Batches of mixed relations and keys: every culprit is named, nobody else.

mod common;

use common::{One, Product, Square, Three, product_key, rng, square_key};
use privity_testkit::simulate::SimulatedKey;
use privity_verifier::{Batch, Refusal, Ticket};
use proptest::prelude::*;

struct Setting {
    old: SimulatedKey<Product>,
    new: SimulatedKey<Product>,
    square: SimulatedKey<Square>,
}

enum AnyTicket {
    Product(Ticket<Product>),
    Square(Ticket<Square>),
}

fn setting() -> Setting {
    Setting { old: product_key(1), new: product_key(2), square: square_key(3) }
}

/// A batch of `n` claims over three keys; those in `false_ones` carry a proof of another statement.
fn filled(setting: &Setting, n: usize, false_ones: &[usize]) -> (Batch, Vec<AnyTicket>) {
    let mut batch = Batch::new();
    let mut random = rng(n as u64);
    let tickets = (0..n)
        .map(|i| {
            let shift = u64::from(false_ones.contains(&i));
            let product = |key: &SimulatedKey<Product>, batch: &mut Batch, random: &mut _| {
                let x = Three([i as u64, 1, 2]);
                let proved = Three([i as u64 + shift, 1, 2]);
                let proof = key.simulate(&proved, random).unwrap();
                AnyTicket::Product(batch.add(key.key(), x, &proof).unwrap())
            };
            match i % 3 {
                0 => product(&setting.old, &mut batch, &mut random),
                1 => product(&setting.new, &mut batch, &mut random),
                _ => {
                    let key = &setting.square;
                    let proof = key.simulate(&One(i as u64 + shift), &mut random).unwrap();
                    AnyTicket::Square(batch.add(key.key(), One(i as u64), &proof).unwrap())
                }
            }
        })
        .collect();
    (batch, tickets)
}

fn agree(setting: &Setting, n: usize, false_ones: &[usize]) {
    let (batch, tickets) = filled(setting, n, false_ones);
    let outcome = batch.verify(&mut rng(99));
    assert_eq!(outcome.culprits(), false_ones);
    for (i, ticket) in tickets.into_iter().enumerate() {
        let good = match ticket {
            AnyTicket::Product(ticket) => outcome.claim(ticket).map(|claim| {
                let key = if i % 3 == 0 { &setting.old } else { &setting.new };
                assert_eq!(claim.statement().0[0], i as u64);
                assert_eq!(claim.key_id(), key.key().id());
            }),
            AnyTicket::Square(ticket) => outcome.claim(ticket).map(|claim| {
                assert_eq!(claim.statement(), &One(i as u64));
                assert_eq!(claim.key_id(), setting.square.key().id());
            }),
        };
        let expected = if false_ones.contains(&i) { Err(Refusal::Equation) } else { Ok(()) };
        assert_eq!(good, expected);
    }
}

#[test]
fn no_one_and_two_culprits() {
    let setting = setting();
    agree(&setting, 0, &[]);
    agree(&setting, 1, &[]);
    agree(&setting, 1, &[0]);
    agree(&setting, 13, &[]);
    for i in 0..13 {
        agree(&setting, 13, &[i]);
    }
    for pair in [[0, 1], [0, 12], [5, 6], [6, 7], [11, 12]] {
        agree(&setting, 13, &pair);
    }
    agree(&setting, 4, &[0, 1, 2, 3]);
}

/// Two false proofs whose errors cancel without randomisers: C + D and C − D.
#[test]
fn errors_do_not_cancel() {
    let setting = setting();
    let mut random = rng(4);
    let (x, y) = (Three([1, 1, 1]), Three([2, 2, 2]));
    let shift = setting.old.key().key().elements().alpha;
    let key = setting.old.key();
    let mut batch = Batch::new();
    for (statement, shift) in [(x, shift), (y, -shift)] {
        let mut points = *setting.old.simulate(&statement, &mut random).unwrap().points();
        points.c = (points.c + shift).into();
        let proof = privity_verifier::Proof::from_points(points).unwrap();
        batch.add::<Product>(key, statement, &proof).unwrap();
    }
    assert_eq!(batch.verify(&mut random).culprits(), [0, 1]);
}

/// The same proof of the same statement under another version of the key is a culprit.
#[test]
fn keys_are_not_mixed_up() {
    let setting = setting();
    let x = Three([1, 2, 3]);
    let proof = setting.old.simulate(&x, &mut rng(5)).unwrap();
    let mut batch = Batch::new();
    let first = batch.add::<Product>(setting.old.key(), x.clone(), &proof).unwrap();
    let second = batch.add::<Product>(setting.new.key(), x, &proof).unwrap();
    let outcome = batch.verify(&mut rng(6));
    assert_eq!(outcome.claim(first).unwrap().key_id(), setting.old.key().id());
    assert_eq!(outcome.claim(second).unwrap_err(), Refusal::Equation);
}

#[test]
fn a_ticket_is_good_for_its_own_batch_only() {
    let setting = setting();
    let (good, _) = filled(&setting, 3, &[]);
    let (bad, tickets) = filled(&setting, 3, &[0]);
    let (good, bad) = (good.verify(&mut rng(7)), bad.verify(&mut rng(7)));
    assert_eq!(bad.culprits(), [0]);
    for ticket in tickets {
        let refusal = match ticket {
            AnyTicket::Product(ticket) => good.claim(ticket).map(drop),
            AnyTicket::Square(ticket) => good.claim(ticket).map(drop),
        };
        assert_eq!(refusal, Err(Refusal::Ticket));
    }
}

#[test]
fn a_claim_of_another_relation_does_not_enter() {
    let setting = setting();
    let proof = setting.old.simulate(&Three([1, 2, 3]), &mut rng(8)).unwrap();
    let mut batch = Batch::new();
    let refused = batch.add::<Square>(setting.old.key(), One(1), &proof);
    assert!(matches!(refused.map(drop), Err(Refusal::Relation { .. })));
    assert!(batch.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn culprits_are_exactly_the_false(n in 1usize..20, mask in any::<u32>()) {
        let false_ones: Vec<usize> = (0..n).filter(|i| mask >> i & 1 == 1).collect();
        agree(&setting(), n, &false_ones);
    }
}
