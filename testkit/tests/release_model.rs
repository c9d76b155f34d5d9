//! Amounts of a release against the integer model, and what a deal's parties may rely on.

use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::context::LedgerId;
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::r1cs::{Cs, Shape};
use privity_circuits::release::{Claim, Holding, Release, Settlement};
use privity_circuits::terms::{DocumentHash, Goods, Money, Parties, Remedy, RfqId, Terms, WEEK};
use privity_circuits::{Fr, Relation};
use privity_model::{self as model, Escrow, Receipt, sample};
use privity_testkit::samples::release::settled;
use privity_testkit::size;
use rand::Rng;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

fn rounds(short: usize) -> usize {
    size(short, 50 * short)
}

/// Puts the model's numbers into terms.
fn carry(escrow: &Escrow, terms: &mut Terms) {
    let (goods, remedy) = (&mut terms.goods, &mut terms.remedy);
    (goods.quantity, goods.load_factor, goods.due) = (escrow.quantity, escrow.load_factor, escrow.due);
    (remedy.claim_until, remedy.rate, remedy.cap) = (escrow.claim_until, escrow.rate_bp, escrow.cap_bp);
}

fn holding(escrow: &Escrow) -> Holding {
    Holding { done: escrow.done, payment: escrow.v, capacity: escrow.u }
}

/// Terms with the model's numbers and nobody in them.
fn terms(escrow: &Escrow) -> Terms {
    let salt = Fr::from(7u64);
    let mut terms = Terms {
        parties: Parties {
            ledger: LedgerId::default(),
            buyer: Owner::default(),
            supplier: Owner::default(),
            buyer_signer: SignerId::NONE,
            supplier_signer: SignerId::NONE,
            inspector: SignerId::NONE,
            arbiter: SignerId::NONE,
            auditor: SignerId::NONE,
            salt,
        },
        goods: Goods {
            certifier: SignerId::NONE,
            origin: Owner::default(),
            resource: ResourceId::default(),
            document: DocumentHash::default(),
            quantity: 0,
            load_factor: 0,
            increment: 1,
            due: 0,
            bucket: 20_801,
            salt,
        },
        money: Money {
            currency: AssetId::default(),
            rfq: RfqId::default(),
            exponent: 2,
            decimals: 2,
            mode: Default::default(),
            surcharge: 0,
            allowance: 0,
            set_up: 0,
            rounding: Default::default(),
            stage: Default::default(),
            payment_unlock: 0,
            frame: 0,
            tiers: Default::default(),
            salt,
        },
        remedy: Remedy { escrow: true, claim_until: 0, rate: 0, cap: 0, salt },
    };
    carry(escrow, &mut terms);
    terms
}

/// Both must settle alike, or name the same rule.
fn compare(escrow: &Escrow, claim: &Claim, now: u64) {
    let ours = Settlement::of(&terms(escrow), &holding(escrow), claim, now);
    let theirs = match *claim {
        Claim::Delivered { delivered, time, last } => escrow.deliver(delivered, time, last),
        Claim::Lapsed => escrow.lapse(now),
        Claim::Awarded { pay, used } => escrow.award(pay, used),
        Claim::Agreed { pay, used } => escrow.agree(pay, used),
    };
    let ours = ours.map_err(|violation| violation.rule);
    let theirs = theirs.map_err(|refusal| refusal.rule());
    assert_eq!(ours.map(amounts), theirs.map(|release| model_amounts(&release)), "{escrow:?} {claim:?} {now}");
}

type Amounts = ([u64; 8], Option<Holding>);

fn amounts(s: Settlement) -> Amounts {
    ([s.delivered, s.gross, s.pay, s.refund, s.used, s.returned, s.rest, s.kept], s.next())
}

fn model_amounts(r: &model::Release) -> Amounts {
    let values = [r.delivered, r.gross, r.pay, r.refund, r.used, r.capacity_back, r.rest, r.capacity_rest];
    (values, r.next.as_ref().map(holding))
}

/// Any number of at most 64 bits, every length equally often.
fn any(rng: &mut impl Rng) -> u64 {
    rng.r#gen::<u64>() >> rng.gen_range(0..64)
}

fn claims(rng: &mut impl Rng, escrow: &Escrow) -> [Claim; 4] {
    let mut upto = |most: u64| if rng.r#gen() { rng.gen_range(0..=most) } else { any(rng) };
    let (pay, used) = (upto(escrow.v), upto(escrow.u));
    let (delivered, time) = (upto(escrow.quantity), upto(escrow.due.saturating_mul(2)));
    let last = pay & 1 == 1;
    [
        Claim::Delivered { delivered, time, last },
        Claim::Lapsed,
        Claim::Awarded { pay, used },
        Claim::Agreed { pay, used },
    ]
}

#[test]
fn every_branch_settles_like_the_model() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    for _ in 0..rounds(5_000) {
        let escrow = sample::escrow(rng);
        let now = escrow.claim_until + rng.gen_range(0..2) - rng.gen_range(0..2);
        for claim in claims(rng, &escrow) {
            compare(&escrow, &claim, now);
        }
    }
}

#[test]
fn numbers_out_of_range_are_refused_like_the_model() {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    for _ in 0..rounds(5_000) {
        let mut escrow = sample::escrow(rng);
        let wide = any(rng);
        match rng.gen_range(0..9) {
            0 => escrow.quantity = wide,
            1 => escrow.load_factor = wide,
            2 => escrow.due = wide,
            3 => escrow.claim_until = wide,
            4 => escrow.rate_bp = wide,
            5 => escrow.cap_bp = wide,
            6 => escrow.done = wide,
            7 => escrow.v = wide,
            _ => escrow.u = wide,
        }
        for claim in claims(rng, &escrow) {
            compare(&escrow, &claim, escrow.claim_until & ((1 << 40) - 1));
        }
    }
}

#[test]
fn chains_of_receipts_settle_like_the_model() {
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    for _ in 0..rounds(2_000) {
        let escrow = sample::escrow(rng);
        let terms = terms(&escrow);
        let receipts = sample::receipts(rng, &escrow);
        let releases = model::replay(escrow, &receipts).expect("a valid chain");
        let mut held = Some(holding(&escrow));
        let (mut paid, mut used) = (0u128, 0u128);
        for (receipt, release) in receipts.iter().zip(&releases) {
            let claim = Claim::Delivered { delivered: receipt.done_new, time: receipt.time, last: receipt.last };
            let settlement = Settlement::of(&terms, &held.expect("open"), &claim, 0).expect("a valid release");
            assert_eq!(amounts(settlement), model_amounts(release));
            paid += u128::from(settlement.gross);
            used += u128::from(settlement.used);
            held = settlement.next();
        }
        // Floors compose: delivered in full, the gross amounts are exactly the price and all capacity is used.
        assert_eq!((held, paid, used), (None, escrow.v.into(), escrow.u.into()));
    }
}

/// 1 000 pieces for 10 000.03, load factor 3.5, 0.5 % a week up to 5 %.
const DEAL: Escrow = Escrow {
    quantity: 1_000_000,
    load_factor: 3_500,
    due: 1_700_000_000,
    claim_until: 1_700_000_000 + 12 * WEEK,
    rate_bp: 50,
    cap_bp: 500,
    done: 0,
    v: 1_000_003,
    u: 3_500_000_000,
};

#[test]
fn row_33_partial_late_and_surplus_deliveries() {
    let terms = terms(&DEAL);
    let deliver = |held: &Holding, delivered, late| {
        let claim = Claim::Delivered { delivered, time: DEAL.due + late, last: false };
        Settlement::of(&terms, held, &claim, DEAL.due).expect("a valid release")
    };
    let first = deliver(&holding(&DEAL), 400_000, 0);
    assert_eq!((first.pay, first.refund, first.rest), (400_001, 0, 600_002));
    let second = deliver(&first.next().expect("open"), 900_000, 1);
    assert_eq!((second.pay, second.refund, second.rest), (497_501, 2_500, 100_001));
    let third = deliver(&second.next().expect("open"), 1_005_000, 10 * WEEK + 1);
    assert_eq!((third.pay, third.refund, third.rest), (95_001, 5_000, 0));
    assert_eq!((third.used, third.returned, third.kept, third.next()), (350_000_000, 0, 0, None));
}

#[test]
fn row_34_a_receipt_and_the_lapse_work_in_either_order() {
    let terms = terms(&DEAL);
    let (early, lapsed) = (DEAL.claim_until - 1, DEAL.claim_until);
    let receipt = Claim::Delivered { delivered: 400_000, time: DEAL.due, last: false };
    let refuses = |now| Settlement::of(&terms, &holding(&DEAL), &Claim::Lapsed, now).is_err();
    assert!(refuses(early) && !refuses(lapsed));
    // A receipt is good before and after; what it leaves lapses as well.
    for now in [early, lapsed] {
        let first = Settlement::of(&terms, &holding(&DEAL), &receipt, now).expect("a valid release");
        let rest = first.next().expect("open");
        let second = Settlement::of(&terms, &rest, &Claim::Lapsed, lapsed).expect("a valid release");
        assert_eq!((second.pay, second.refund, second.returned), (0, 600_002, 2_100_000_000));
    }
}

#[test]
fn row_43_capacity_follows_pieces_not_money() {
    let deal = Escrow { v: 1, ..DEAL };
    let claim = Claim::Delivered { delivered: 999_000, time: deal.due, last: true };
    let settlement = Settlement::of(&terms(&deal), &holding(&deal), &claim, deal.due).expect("a valid release");
    assert_eq!((settlement.pay, settlement.refund), (0, 1));
    assert_eq!((settlement.used, settlement.returned), (3_496_500_000, 3_500_000));
}

/// The escrow of random accepted terms.
fn accepted(rng: &mut impl Rng) -> Escrow {
    loop {
        let (terms, flat, rate) = sample::terms(rng);
        if let Some(escrow) = terms.deal(flat, rate).expect("accepted terms").escrow {
            return escrow;
        }
    }
}

/// One claim per branch and way to end it that must succeed, whatever the terms.
fn rights(escrow: &Escrow) -> Vec<Claim> {
    let Escrow { quantity, v, u, done, .. } = *escrow;
    let mut claims = vec![Claim::Lapsed];
    for time in [0, escrow.due, escrow.due + 1, (1 << 40) - 1] {
        for delivered in [done + 1, done + (quantity - done).div_ceil(2), quantity, (1 << 40) - 1] {
            for last in [false, true] {
                claims.push(Claim::Delivered { delivered, time, last });
            }
        }
        claims.push(Claim::Delivered { delivered: done, time, last: true });
    }
    for (pay, used) in [(0, 0), (v, u), (v / 2, u / 2)] {
        claims.extend([Claim::Awarded { pay, used }, Claim::Agreed { pay, used }]);
    }
    // done′ = q = 2^40 − 1 has no successor.
    claims.retain(|claim| !matches!(claim, Claim::Delivered { delivered, last: false, .. } if *delivered <= done));
    claims
}

#[test]
fn row_44_every_accepted_deal_can_be_released_in_each_branch() {
    let rng = &mut ChaCha20Rng::seed_from_u64(4);
    for _ in 0..rounds(500) {
        let escrow = accepted(rng);
        let terms = terms(&escrow);
        let mut held = Some(holding(&escrow));
        // In the first state, and in each that receipts of one more half lead to.
        for _ in 0..5 {
            let Some(now) = held else { break };
            let state = Escrow { done: now.done, v: now.payment, u: now.capacity, ..escrow };
            for claim in rights(&state) {
                let settled = Settlement::of(&terms, &now, &claim, escrow.claim_until);
                assert!(settled.is_ok(), "{state:?} {claim:?} {settled:?}");
            }
            let half = now.done + (escrow.quantity - now.done).div_ceil(2);
            let claim = Claim::Delivered { delivered: half, time: escrow.due, last: false };
            held = Settlement::of(&terms, &now, &claim, 0).expect("a valid release").next();
        }
    }
}

#[test]
fn row_44_and_the_constraints_agree() {
    let rng = &mut ChaCha20Rng::seed_from_u64(5);
    let shape = Shape::of::<Release>();
    for _ in 0..rounds(6) {
        let escrow = accepted(rng);
        for claim in rights(&escrow).into_iter().step_by(3) {
            let (x, w) = settled(
                claim,
                |terms, held, now| {
                    carry(&escrow, terms);
                    (*held, *now) = (holding(&escrow), escrow.claim_until);
                },
                rng,
            );
            assert_eq!(Release::check(&x, &w), Ok(()));
            let z = Cs::without_rows().synthesize::<Release>(&x, &w);
            assert_eq!(shape.first_violation(z.assignment()), None);
        }
    }
}

#[test]
fn row_42_only_the_chain_in_order_is_accepted() {
    let receipt = |done, done_new, late| Receipt { done, done_new, time: DEAL.due + late, last: false };
    let (punctual, late) = (receipt(0, 400_000, 0), receipt(400_000, 900_000, WEEK));
    assert!(model::replay(DEAL, &[punctual, late]).is_ok());
    assert!(model::replay(DEAL, &[late]).is_err());
    // The inspector signed `late` for the state after `punctual`: for the first state it is another message.
    let terms = terms(&DEAL).id();
    let claim = Claim::Delivered { delivered: late.done_new, time: late.time, last: false };
    let message = |done| claim.message(terms, done, Default::default(), Default::default());
    assert_ne!(message(late.done), message(DEAL.done));
}
