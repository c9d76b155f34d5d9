//! Section 3's ranges, T2, T5 to T7, and C2.

mod common;

use common::{rng, rounds};
use privity_model::notes::{Coin, Transfer, attested};
use rand::Rng;

const LARGEST: u128 = (1 << 64) - 1;

fn coins(values: &[u128]) -> Vec<Coin> {
    values.iter().map(|&value| Coin { value, unlock: 0 }).collect()
}

fn transfer(inputs: &[u128], outputs: &[u128], exposed: u128) -> Transfer {
    Transfer { inputs: coins(inputs), outputs: coins(outputs), exposed, exposes_own_asset: true, now: 0 }
}

fn rule(transfer: &Transfer) -> Option<&'static str> {
    transfer.check().err().map(|e| e.rule())
}

#[test]
fn value_is_conserved_over_the_integers() {
    assert_eq!(rule(&transfer(&[70, 30], &[50, 49, 1], 0)), None);
    assert_eq!(rule(&transfer(&[70, 30], &[50, 10, 0], 40)), None);
    assert_eq!(rule(&transfer(&[70, 30], &[50, 50, 1], 0)), Some("T7"));
    assert_eq!(rule(&transfer(&[70, 30], &[50, 49, 0], 0)), Some("T7"));
    // Sums beyond 64 bits are no reason to refuse, and do not wrap.
    assert_eq!(rule(&transfer(&[LARGEST; 2], &[LARGEST, LARGEST, 0], 0)), None);
    assert_eq!(rule(&transfer(&[LARGEST, 1], &[0, 0, 0], 0)), Some("T7"));
    assert_eq!(rule(&transfer(&[LARGEST; 7], &[LARGEST; 2], LARGEST)), Some("T7"));
}

#[test]
fn ranges_lock_and_exposure() {
    assert_eq!(rule(&transfer(&[1 << 64, 0], &[LARGEST, 1, 0], 0)), Some("T2"));
    assert_eq!(rule(&transfer(&[LARGEST, 1], &[1 << 64, 0, 0], 0)), Some("T6"));
    assert_eq!(rule(&transfer(&[LARGEST, 1], &[0, 0, 0], 1 << 64)), Some("T7"));

    let mut locked = transfer(&[5, 0], &[5, 0, 0], 0);
    locked.inputs[0].unlock = 100;
    locked.now = 99;
    assert_eq!(rule(&locked), Some("T5"));
    locked.now = 100;
    assert_eq!(rule(&locked), None);
    // A dummy's unlock counts like any other's.
    locked.inputs[1].unlock = 101;
    assert_eq!(rule(&locked), Some("T5"));
    locked.inputs[1].unlock = 1 << 40;
    assert_eq!(rule(&locked), Some("T2"));
    locked.inputs[1].unlock = 0;
    locked.outputs[2].unlock = 1 << 40;
    assert_eq!(rule(&locked), Some("T6"));

    let mut foreign = transfer(&[5, 0], &[5, 0, 0], 0);
    foreign.exposes_own_asset = false;
    assert_eq!(rule(&foreign), None);
    foreign.outputs[0].value = 4;
    foreign.exposed = 1;
    assert_eq!(rule(&foreign), Some("T7"));
}

#[test]
fn a_random_split_holds_and_one_more_or_less_does_not() {
    let rng = &mut rng(20);
    for _ in 0..rounds(500) {
        let inputs: Vec<u128> = (0..7).map(|_| rng.gen_range(0..=LARGEST / 7)).collect();
        let sum: u128 = inputs.iter().sum();
        let first = rng.gen_range(0..=sum);
        let exposed = rng.gen_range(0..=sum - first);
        let mut split = transfer(&inputs, &[first, sum - first - exposed], exposed);
        assert_eq!(rule(&split), None);
        split.outputs[0].value += 1;
        assert_eq!(rule(&split), Some("T7"));
    }
}

#[test]
fn attested_weeks() {
    let rule = |weeks: [(u128, u128); 8]| attested(&weeks).err().map(|e| e.rule());
    let mut weeks = [(0, 0); 8];
    assert_eq!(rule(weeks), Some("C2"));
    weeks[0] = (20_000, 4_000_000_000);
    weeks[1] = (20_007, 0);
    weeks[2] = ((1 << 32) - 1, LARGEST);
    assert_eq!(attested(&weeks), Ok(vec![(20_000, 4_000_000_000), (20_007, 0), (u32::MAX, u64::MAX)]));
    let breakers: [(usize, (u128, u128)); 7] = [
        (1, (20_000, 0)),
        (1, (19_993, 0)),
        (1, (0, 0)),
        (3, (0, 1)),
        (4, (20_014, 1)),
        (2, (1 << 32, 1)),
        (0, (20_000, 1 << 64)),
    ];
    for (at, week) in breakers {
        let mut broken = weeks;
        broken[at] = week;
        assert_eq!(rule(broken), Some("C2"), "{week:?} at {at}");
    }
    // All eight, every one a week after the other.
    let full = std::array::from_fn(|i| (20_000 + 7 * i as u128, 1));
    assert_eq!(attested(&full).map(|used| used.len()), Ok(8));
}
