//! R1 to R4: examples computed by hand, and properties.

mod common;

use common::{rng, rounds};
use privity_model::terms::WEEK;
use privity_model::{Escrow, Receipt, Refusal, Release, replay, sample};
use rand::Rng;

/// Thousandths of a piece.
const PIECE: u64 = 1_000;

/// 1 000 pieces for 10 000.03, load factor 3.5, 0.5 % a week up to 5 %.
const ESCROW: Escrow = Escrow {
    quantity: 1_000 * PIECE,
    load_factor: 3_500,
    due: 1_700_000_000,
    claim_until: 1_700_000_000 + 12 * WEEK,
    rate_bp: 50,
    cap_bp: 500,
    done: 0,
    v: 1_000_003,
    u: 3_500_000_000,
};

/// A receipt in pieces; `late` seconds after due.
fn receipt(done: u64, done_new: u64, late: u64, last: bool) -> Receipt {
    Receipt { done: done * PIECE, done_new: done_new * PIECE, time: ESCROW.due + late, last }
}

#[test]
fn row_33_partial_late_and_surplus_deliveries() {
    let chain = [receipt(0, 400, 0, false), receipt(400, 900, 1, false), receipt(900, 1_005, 10 * WEEK + 1, false)];
    let releases = replay(ESCROW, &chain).expect("a valid chain");

    // ⌊1 000 003 · 400/1 000⌋ = ⌊400 001.2⌋, on time. Capacity 3.5 · 400 = 1 400 units.
    let first = Release {
        delivered: 400 * PIECE,
        gross: 400_001,
        pay: 400_001,
        refund: 0,
        used: 1_400_000_000,
        capacity_back: 0,
        rest: 600_002,
        capacity_rest: 2_100_000_000,
        next: Some(Escrow { done: 400 * PIECE, v: 600_002, u: 2_100_000_000, ..ESCROW }),
    };
    // ⌊600 002 · 500/600⌋ = ⌊500 001.67⌋; a second late is a week begun: ⌊500 001 · 0.5 %⌋ = ⌊2 500.005⌋.
    let second = Release {
        delivered: 900 * PIECE,
        gross: 500_001,
        pay: 497_501,
        refund: 2_500,
        used: 1_750_000_000,
        capacity_back: 0,
        rest: 100_001,
        capacity_rest: 350_000_000,
        next: Some(Escrow { done: 900 * PIECE, v: 100_001, u: 350_000_000, ..ESCROW }),
    };
    // Of 105 pieces 100 count; eleven weeks begun cost 5.5 %, capped at 5: ⌊100 001 · 5 %⌋ = ⌊5 000.05⌋.
    let third = Release {
        delivered: 1_000 * PIECE,
        gross: 100_001,
        pay: 95_001,
        refund: 5_000,
        used: 350_000_000,
        capacity_back: 0,
        rest: 0,
        capacity_rest: 0,
        next: None,
    };
    assert_eq!(releases, [first, second, third]);
}

#[test]
fn weeks_begun_count_whole() {
    // On 10 000.00: nothing up to the due second, 0.5 % for each week begun, 5 % from the tenth on.
    let even = Escrow { v: 1_000_000, ..ESCROW };
    let cases = [
        (0, 0),
        (1, 5_000),
        (WEEK, 5_000),
        (WEEK + 1, 10_000),
        (9 * WEEK, 45_000),
        (9 * WEEK + 1, 50_000),
        (10 * WEEK + 1, 50_000),
    ];
    for (late, penalty) in cases {
        let release = even.deliver(1_000 * PIECE, even.due + late, false).expect("valid");
        assert_eq!((release.pay, release.refund), (1_000_000 - penalty, penalty), "{late} s late");
    }
    let early = even.deliver(1_000 * PIECE, 0, false).expect("valid");
    assert_eq!((early.pay, early.refund), (1_000_000, 0));
    // A cap below one week's rate binds at once; rate 0 never costs anything.
    let capped = Escrow { rate_bp: 700, cap_bp: 300, ..even };
    assert_eq!(capped.deliver(1_000 * PIECE, even.due + 1, true).map(|r| r.refund), Ok(30_000));
    let free = Escrow { rate_bp: 0, ..even };
    assert_eq!(free.deliver(1_000 * PIECE, (1 << 40) - 1, true).map(|r| r.refund), Ok(0));
    // The penalty is rounded down, in favour of the supplier: ⌊199 · 0.5 %⌋ = 0, ⌊200 · 0.5 %⌋ = 1.
    for (v, penalty) in [(199, 0), (200, 1)] {
        let small = Escrow { v, ..ESCROW };
        assert_eq!(small.deliver(1_000 * PIECE, small.due + 1, false).map(|r| r.refund), Ok(penalty));
    }
}

#[test]
fn row_42_receipts_form_a_chain() {
    let on_time = receipt(0, 400, 0, false);
    let late = receipt(400, 900, WEEK, false);
    assert!(replay(ESCROW, &[on_time, late]).is_ok());
    let skipped = Err(Refusal::R2("the receipt does not continue the chain"));
    assert_eq!(replay(ESCROW, &[late]), skipped);
    assert_eq!(replay(ESCROW, &[late, on_time]), skipped);
    assert_eq!(replay(ESCROW, &[on_time, on_time]), skipped);
    // Nothing follows the last one.
    let last = receipt(400, 400, 0, true);
    assert_eq!(replay(ESCROW, &[on_time, last, late]), Err(Refusal::R1("the escrow is closed")));
}

#[test]
fn row_43_capacity_follows_pieces_and_not_money() {
    // One minor unit in all, 999 of 1 000 delivered: ⌊1 · 999/1 000⌋ = 0 is paid, 3 496.5 of 3 500 units are used.
    let cheap = Escrow { v: 1, ..ESCROW };
    let release = cheap.deliver(999 * PIECE, cheap.due, true).expect("valid");
    assert_eq!((release.pay, release.refund, release.rest), (0, 1, 0));
    assert_eq!((release.used, release.capacity_back, release.capacity_rest), (3_496_500_000, 3_500_000, 0));
    // Not closed, the minor unit waits for the last piece.
    let open = cheap.deliver(999 * PIECE, cheap.due, false).expect("valid");
    assert_eq!((open.pay, open.refund, open.rest, open.capacity_rest), (0, 0, 1, 3_500_000));
    let rest = open.next.expect("open").deliver(1_000 * PIECE, cheap.due, false).expect("valid");
    assert_eq!((rest.pay, rest.used), (1, 3_500_000));
}

#[test]
fn rest_is_what_g_leaves_and_not_what_pay_leaves() {
    // 10 000.00, 600 of 1 000, 5 % late: g = 600 000, pay = 570 000; 400 000 stay, the 30 000 go back at once.
    let even = Escrow { v: 1_000_000, ..ESCROW };
    let release = even.deliver(600 * PIECE, even.due + 20 * WEEK, false).expect("valid");
    assert_eq!((release.gross, release.pay, release.refund, release.rest), (600_000, 570_000, 30_000, 400_000));
    // Closed early, the buyer also gets the rest and the supplier the unused capacity.
    let closed = even.deliver(600 * PIECE, even.due + 20 * WEEK, true).expect("valid");
    assert_eq!((closed.pay, closed.refund, closed.rest), (570_000, 430_000, 0));
    assert_eq!((closed.used, closed.capacity_back), (2_100_000_000, 1_400_000_000));
}

#[test]
fn progress_or_an_end() {
    let half = Escrow { done: 500 * PIECE, v: 500_000, u: 1_750_000_000, ..ESCROW };
    let idle = Err("R2");
    let rule = |result: Result<Release, Refusal>| result.map_err(|e| e.rule());
    assert_eq!(rule(half.deliver(500 * PIECE, half.due, false)), idle);
    assert_eq!(rule(half.deliver(499 * PIECE, half.due, true)), idle);
    assert_eq!(rule(half.deliver(1 << 40, half.due, false)), idle);
    assert_eq!(rule(half.deliver(501 * PIECE, 1 << 40, false)), idle);
    let end = half.deliver(500 * PIECE, half.due, true).expect("valid");
    assert_eq!((end.pay, end.refund, end.used, end.capacity_back, end.next), (0, 500_000, 0, 1_750_000_000, None));
    // Nothing is left to release of what is delivered, in any branch.
    let done = Escrow { done: 1_000 * PIECE, v: 0, u: 0, ..ESCROW };
    let all = [done.deliver(1_001 * PIECE, 0, true), done.lapse(1 << 39), done.award(0, 0), done.agree(0, 0)];
    assert_eq!(all.map(rule), [(); 4].map(|()| Err("R1")));
}

#[test]
fn lapse_award_and_agreement_close() {
    assert_eq!(ESCROW.lapse(ESCROW.claim_until - 1).map_err(|e| e.rule()), Err("R2"));
    let lapsed = ESCROW.lapse(ESCROW.claim_until).expect("valid");
    assert_eq!((lapsed.pay, lapsed.refund, lapsed.used, lapsed.capacity_back), (0, 1_000_003, 0, 3_500_000_000));
    for decide in [Escrow::award, Escrow::agree] {
        let release = decide(&ESCROW, 250_000, 1_000_000_000).expect("valid");
        assert_eq!((release.pay, release.refund, release.rest), (250_000, 750_003, 0));
        assert_eq!((release.used, release.capacity_back, release.next), (1_000_000_000, 2_500_000_000, None));
        assert!(decide(&ESCROW, ESCROW.v, ESCROW.u).is_ok());
        assert_eq!(decide(&ESCROW, ESCROW.v + 1, 0), Err(Refusal::R3("v − pay − rest")));
        assert_eq!(decide(&ESCROW, 0, ESCROW.u + 1), Err(Refusal::R3("u − used")));
    }
}

#[test]
fn lanes_are_ranged_by_width() {
    let too_wide: [fn(&mut Escrow); 7] = [
        |e| e.quantity = 1 << 40,
        |e| e.load_factor = 1 << 32,
        |e| e.due = 1 << 40,
        |e| e.claim_until = 1 << 40,
        |e| e.rate_bp = 1 << 14,
        |e| e.cap_bp = 1 << 14,
        |e| e.done = 1 << 40,
    ];
    for widen in too_wide {
        let mut escrow = ESCROW;
        widen(&mut escrow);
        assert_eq!(escrow.agree(0, 0).map_err(|e| e.rule()), Err("R1"));
    }
    // 14 bits hold more than 100 %: a penalty above g would make pay negative.
    let absurd = Escrow { rate_bp: 16_383, cap_bp: 16_383, ..ESCROW };
    assert_eq!(absurd.deliver(PIECE, absurd.due + 1, false), Err(Refusal::R3("pay")));
    // A pair that holds less capacity than its pieces use.
    let torn = Escrow { u: 3_499, ..ESCROW };
    assert_eq!(torn.deliver(PIECE, torn.due, false), Err(Refusal::R3("u − used")));
}

#[test]
fn delivered_on_time_in_any_split_pays_exactly_the_total() {
    let rng = &mut rng(10);
    for _ in 0..rounds(2_000) {
        let escrow = sample::escrow(rng);
        let mut chain = sample::receipts(rng, &escrow);
        for link in &mut chain {
            link.time = rng.gen_range(0..=escrow.due);
        }
        let releases = replay(escrow, &chain).expect("a valid chain");
        let paid: u128 = releases.iter().map(|r| u128::from(r.pay)).sum();
        let used: u128 = releases.iter().map(|r| u128::from(r.used)).sum();
        assert_eq!((paid, used), (escrow.v.into(), escrow.u.into()), "{escrow:?} {chain:?}");
        assert!(releases.last().is_some_and(|r| r.next.is_none() && r.refund == 0 && r.capacity_back == 0));
    }
}

#[test]
fn each_release_conserves_money_and_capacity() {
    let rng = &mut rng(11);
    for _ in 0..rounds(2_000) {
        let escrow = sample::escrow(rng);
        let chain = sample::receipts(rng, &escrow);
        let mut before = escrow;
        for (release, link) in replay(escrow, &chain).expect("a valid chain").iter().zip(&chain) {
            conserves(&before, release);
            assert!(release.pay <= release.gross && release.gross <= before.v);
            // The formula of the page in machine integers; every product stays below 2^104.
            let d = u128::from(link.done_new.min(before.quantity));
            let g = u128::from(before.v) * (d - u128::from(before.done)) / u128::from(before.quantity - before.done);
            let weeks = u128::from(link.time.saturating_sub(before.due)).div_ceil(WEEK.into());
            let penalty = g * u128::from(before.cap_bp).min(u128::from(before.rate_bp) * weeks) / 10_000;
            assert_eq!((u128::from(release.gross), u128::from(release.pay)), (g, g - penalty));
            before = release.next.unwrap_or(before);
        }
    }
}

fn conserves(before: &Escrow, release: &Release) {
    let money = [release.pay, release.refund, release.rest].map(u128::from).iter().sum::<u128>();
    let capacity = [release.used, release.capacity_back, release.capacity_rest].map(u128::from).iter().sum::<u128>();
    assert_eq!((money, capacity), (before.v.into(), before.u.into()), "{before:?} {release:?}");
    match release.next {
        Some(next) => assert_eq!((next.v, next.u, next.done), (release.rest, release.capacity_rest, release.delivered)),
        None => assert_eq!((release.rest, release.capacity_rest), (0, 0)),
    }
}

#[test]
fn row_44_every_accepted_deal_has_a_release_in_each_branch() {
    let rng = &mut rng(12);
    let mut escrowed = 0;
    for _ in 0..rounds(1_500) {
        let (mut terms, flat, rate) = sample::terms(rng);
        if !terms.escrow {
            terms.escrow = true;
            terms.claim_until = terms.advised_claim_until();
        }
        // The wallet's claim_until may leave 40 bits behind; such terms are refused, not stranded.
        let Ok(deal) = terms.deal(flat, rate) else {
            assert!(terms.claim_until >= 1 << 40);
            continue;
        };
        let escrow = deal.escrow.expect("escrowed");
        assert_eq!((escrow.v, escrow.u, escrow.done), (deal.price.total, deal.used, 0));
        let pay = rng.gen_range(0..=escrow.v);
        let used = rng.gen_range(0..=escrow.u);
        let latest = (1 << 40) - 1;
        let branches = [
            escrow.deliver(terms.quantity, terms.due, false),
            escrow.deliver(terms.quantity, latest, true),
            escrow.deliver(1, latest, terms.quantity == 1),
            escrow.deliver(0, terms.due, true),
            escrow.lapse(terms.claim_until),
            escrow.award(pay, used),
            escrow.agree(pay, used),
        ];
        for release in branches {
            conserves(&escrow, &release.expect("a release that succeeds"));
        }
        escrowed += 1;
    }
    assert!(escrowed > rounds(1_000));
}

#[test]
fn a_day_later_never_pays_more() {
    let rng = &mut rng(13);
    for _ in 0..rounds(1_000) {
        let escrow = sample::escrow(rng);
        let done_new = rng.gen_range(escrow.done + 1..=escrow.quantity);
        let time = escrow.due + rng.gen_range(0..20 * WEEK);
        let [sooner, later] = [time, time + 86_400].map(|t| escrow.deliver(done_new, t, false).expect("valid"));
        assert!(sooner.pay >= later.pay && sooner.gross == later.gross);
        assert_eq!(sooner.rest, later.rest);
    }
}

#[test]
fn the_wallet_waits_until_lateness_is_capped() {
    let (mut terms, _, _) = sample::terms(&mut rng(14));
    terms.due = 1_700_000_000;
    // 5 % at 0.5 % a week: ten weeks and 14 days. At 0.3 %: 16.67, so 17 weeks. Without a rate: 14 days.
    for (rate_bp, cap_bp, weeks) in [(50, 500, 10), (30, 500, 17), (0, 500, 0), (50, 0, 0)] {
        (terms.rate_bp, terms.cap_bp) = (rate_bp, cap_bp);
        assert_eq!(terms.advised_claim_until(), 1_700_000_000 + (weeks + 2) * WEEK);
    }
}
