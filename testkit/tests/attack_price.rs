//! Attempts on price by somebody who did not write it; `docs/attacks.md` lists them.

mod attack;

use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField, UniformRand};
use attack::{Forgery, accepted, bits_between, perhaps, read, unguarded, write};
use privity_circuits::keys::Owner;
use privity_circuits::price::{Price, Statement, Witness, pricing};
use privity_circuits::r1cs::{Cs, Lc, Shape, Span, Variable};
use privity_circuits::terms::{BASIS_POINTS, Mode, RfqId, Rounding, Stage, Terms, Tier, WEEK, volume_generators};
use privity_circuits::tree::MemberPath;
use privity_circuits::{Domain, Fr, Relation, hash};
use privity_testkit::samples::price::{assembled, policy, subject, terms, valid};
use privity_testkit::{TestRng, jacobian, rng, size};
use rand::Rng;
use rand::seq::SliceRandom;

const MODES: [Rounding; 4] = [Rounding::Down, Rounding::Up, Rounding::HalfUp, Rounding::HalfEven];

/// Terms with a statement of nothing; the attacker fits it himself.
fn pair(terms: Terms, rng: &mut TestRng) -> (Statement, Witness) {
    let policy = policy(rng);
    assembled(terms, policy, [0; 3], rng)
}

fn native(x: &Statement, w: &Witness) -> bool {
    let built = Statement::of(&w.terms, &w.policy, x.members, x.ledger, x.context);
    built.is_ok_and(|x| Price::check(&x, w).is_ok())
}

fn span(spans: &[Span], name: &str) -> Span {
    *spans.iter().find(|span| span.name == name).expect("a span of this name")
}

/// The booleans of a span, in their order.
fn booleans(cs: &Cs, span: &Span) -> Vec<Variable> {
    let one = |lc: &Lc| match lc.terms() {
        [(variable, k)] if *variable != 0 && *k == Fr::from(1u64) => Some(*variable),
        _ => None,
    };
    let rows = &cs.rows()[span.start..span.end];
    rows.iter().filter(|row| row.a == row.b && row.b == row.c).filter_map(|row| one(&row.a)).collect()
}

/// Simple terms: 1 000 pieces in two tiers at 15.84 and 12.10, in cents.
fn usual(rng: &mut TestRng) -> Terms {
    let mut terms = terms(rng);
    let (goods, money) = (&mut terms.goods, &mut terms.money);
    (goods.quantity, goods.increment, goods.load_factor) = (1_000_000, 1_000, 3_500);
    money.tiers = Default::default();
    money.tiers[0] = Tier { minimum: 1_000, price: 15_840_000 };
    money.tiers[1] = Tier { minimum: 500_000, price: 12_100_000 };
    (money.mode, money.stage, money.rounding) = (Mode::Graduated, Stage::Line, Rounding::HalfUp);
    (money.exponent, money.decimals, money.surcharge, money.allowance, money.set_up) = (2, 2, 0, 500, 7_777);
    terms
}

/// Terms and policy with edges on both sides of every width and bound: no statement is true of what `check` refuses.
#[test]
fn both_forms_agree_at_every_edge() {
    let rng = &mut rng(1);
    let shape = Shape::of::<Price>();
    let mut outcomes = [0; 2];
    for _ in 0..size(150, 4_000) {
        let mut terms = if rng.r#gen() { terms(rng) } else { usual(rng) };
        edges(&mut terms, rng);
        let (x, mut w) = pair(terms, rng);
        perhaps(&mut w.policy.flat, &[0, (1 << 48) - 1, 1 << 48, u64::MAX], rng);
        perhaps(&mut w.policy.rate, &[0, 1, 10_000, 10_001, 1 << 14, u64::MAX], rng);
        let expected = native(&x, &w);
        assert_eq!(accepted::<Price>(&shape, &x, &w, &[]), expected, "{}", describe(&w));
        outcomes[usize::from(expected)] += 1;
    }
    println!("refused and accepted by both: {outcomes:?}");
    assert!(outcomes.iter().all(|count| *count >= 30), "{outcomes:?}");
}

fn describe(w: &Witness) -> String {
    let (goods, money, remedy) = (&w.terms.goods, &w.terms.money, &w.terms.remedy);
    format!("{:?} {:?} {:?} {:?} {:?}", goods.fields(), money.fields(), money.tiers, remedy.fields(), w.policy)
}

fn edges(terms: &mut Terms, rng: &mut TestRng) {
    const TIME: u64 = 1 << 40;
    let (goods, money, remedy) = (&mut terms.goods, &mut terms.money, &mut terms.remedy);
    let [m1, m2] = [money.tiers[0].minimum, money.tiers[1].minimum];
    let near = [m1.saturating_sub(1), m1, m1 + 1, m2.saturating_sub(1), m2, m2 + 1];
    let quantities = [near.as_slice(), &[0, 1, TIME - 1, TIME, u64::MAX]].concat();
    perhaps(&mut goods.quantity, &quantities, rng);
    let q = goods.quantity;
    perhaps(&mut goods.increment, &[0, 1, 2, 7, q, q / 2, q.wrapping_add(1), TIME - 1, TIME], rng);
    let most = u64::MAX / q.max(1);
    perhaps(&mut goods.load_factor, &[0, 1, most, most.wrapping_add(1), (1 << 32) - 1, 1 << 32], rng);
    perhaps(&mut goods.due, &[0, TIME - 1, TIME, remedy.claim_until], rng);
    perhaps(&mut goods.bucket, &[0, (1 << 32) - 1, 1 << 32], rng);
    perhaps(&mut money.exponent, &[0, 6, 7, 8], rng);
    perhaps(&mut money.decimals, &[0, 6, 7, 8], rng);
    perhaps(&mut money.surcharge, &[0, (1 << 16) - 1, 1 << 16], rng);
    perhaps(&mut money.allowance, &[0, 10_000, 10_001, (1 << 14) - 1, 1 << 14], rng);
    perhaps(&mut money.set_up, &[0, (1 << 48) - 1, 1 << 48, u64::MAX], rng);
    perhaps(&mut money.payment_unlock, &[0, TIME - 1, TIME], rng);
    if rng.gen_ratio(1, 10) {
        money.frame = [1, 1 << 63][rng.gen_range(0..2)];
    }
    let k = rng.gen_range(0..8);
    perhaps(&mut money.tiers[k].minimum, &[0, 1, q, q.wrapping_add(1), TIME - 1, TIME], rng);
    perhaps(&mut money.tiers[k].price, &[0, 1, (1 << 48) - 1, 1 << 48], rng);
    (money.mode, money.stage) = ([Mode::AllUnits, Mode::Graduated][k & 1], [Stage::Line, Stage::UnitPrice][k >> 1 & 1]);
    money.rounding = *MODES.choose(rng).expect("four");
    let earliest = goods.due.wrapping_add(2 * WEEK);
    perhaps(&mut remedy.claim_until, &[0, earliest, earliest.wrapping_sub(1), TIME - 1, TIME], rng);
    perhaps(&mut remedy.rate, &[0, 10_000, 10_001, (1 << 14) - 1, 1 << 14], rng);
    perhaps(&mut remedy.cap, &[0, 10_000, 10_001, (1 << 14) - 1, 1 << 14], rng);
}

/// Every other solution of the line's equation, a neighbouring total with fee, volume and notes to match, is refused: at ties, with
/// a set-up of either parity, for each rounding.
#[test]
fn a_line_has_one_rounding() {
    let rng = &mut rng(2);
    let shape = Shape::of::<Price>();
    for (set_up, quantity) in [(0, 500), (1, 500), (1, 1_500), (3, 1_000)] {
        for rounding in MODES {
            let mut terms = usual(rng);
            // One cent a piece: `quantity` thousandths are that many thousandths of a cent.
            terms.money.tiers = Default::default();
            terms.money.tiers[0] = Tier { minimum: 1, price: 10_000 };
            (terms.goods.quantity, terms.goods.increment) = (quantity, 1);
            (terms.money.set_up, terms.money.rounding, terms.money.allowance) = (set_up, rounding, 0);
            let (x, w) = pair(terms, rng);
            let cs = Cs::with_rows().synthesize::<Price>(&x, &w);
            let bits = booleans(&cs, &span(cs.gadgets(), "line"));
            assert_eq!(bits.len(), 64 + 2 + 56);
            let numerator = u128::from(quantity) * 10_000 * BASIS_POINTS as u128 * BASIS_POINTS as u128 * 100;
            lies(&shape, (&x, &w), &cs, (&bits, 64), numerator, (pricing::LINE_DIVISOR, set_up));
        }
    }
}

/// The same of a unit price that counts.
#[test]
fn a_unit_price_has_one_rounding() {
    let rng = &mut rng(3);
    let shape = Shape::of::<Price>();
    for price in [15_845_000, 15_855_000, 15_854_999] {
        for rounding in MODES {
            let mut terms = usual(rng);
            terms.money.tiers[0].price = price;
            (terms.money.stage, terms.money.rounding, terms.money.allowance) = (Stage::UnitPrice, rounding, 0);
            let (x, w) = pair(terms, rng);
            let cs = Cs::with_rows().synthesize::<Price>(&x, &w);
            let bits = booleans(&cs, &span(cs.gadgets(), "unit price"));
            assert_eq!(bits.len(), 51 + 2 + 46);
            let numerator = u128::from(price) * u128::from(BASIS_POINTS * BASIS_POINTS * 100);
            lies(&shape, (&x, &w), &cs, (&bits, 51), numerator, (pricing::UNIT_DIVISOR, 0));
        }
    }
}

/// value − added = round(numerator/divisor) by the first `width` of `bits`, then up, half, rest: only the honest four are accepted.
fn lies(
    shape: &Shape,
    (x, w): (&Statement, &Witness),
    cs: &Cs,
    (bits, width): (&[u32], usize),
    numerator: u128,
    (divisor, added): (u128, u64),
) {
    let honest = [read(cs, &bits[..width]), read(cs, &bits[width..=width]), read(cs, &bits[width + 1..width + 2])];
    let mut refused = 0;
    for value in honest[0].saturating_sub(1)..=honest[0] + 1 {
        for (up, half) in [(0u128, 0u128), (0, 1), (1, 0), (1, 1)] {
            let quotient = Fr::from(value) - Fr::from(added) - Fr::from(up);
            let rest = Fr::from(numerator) - quotient * Fr::from(divisor) - Fr::from(half * divisor / 2);
            let mut forgery = write(&bits[..width], Fr::from(value));
            forgery.extend([(bits[width], Fr::from(up)), (bits[width + 1], Fr::from(half))]);
            forgery.extend(write(&bits[width + 2..], rest));
            let is_honest = [value, up, half] == honest;
            assert_eq!(accepted::<Price>(shape, x, w, &forgery), is_honest, "{value} {up} {half}: {}", describe(w));
            refused += u32::from(!is_honest);
        }
    }
    assert!(refused >= 7);
}

/// The volume's scalar by the bits of s + r, which has the same residue and is another multiple of W.
#[test]
fn a_volume_has_one_scalar() {
    let rng = &mut rng(4);
    let shape = Shape::of::<Price>();
    let (x, w, wide) = loop {
        let mut terms = usual(rng);
        terms.money.salt = Fr::rand(rng);
        let scalar = hash(Domain::Volume, &[terms.money.salt, terms.id().field()]);
        let mut wide = scalar.into_bigint();
        wide.add_with_carry(&Fr::MODULUS);
        if wide.num_bits() <= 255 {
            let (x, w) = pair(terms, rng);
            break (x, w, wide);
        }
    };
    let cs = Cs::with_rows().synthesize::<Price>(&x, &w);
    let canonical = span(cs.gadgets(), "canonical");
    let first = cs.rows()[canonical.start..canonical.end].iter().find(|row| row.a == row.b && row.b == row.c);
    // Bit 0 of r − 1 is 0 and has no row of its own: the variables are numbered, the first boolean row is some later bit's.
    let mut start = first.expect("a boolean").a.terms()[0].0;
    let order = (-Fr::ONE).into_bigint();
    start -= (0..255).find(|i| order.get_bit(*i)).expect("a bit") as u32;
    let bits: Vec<u32> = (start..start + 255).collect();
    let spelled = bits.iter().rev().fold(Fr::ZERO, |sum, bit| sum.double() + cs.assignment()[*bit as usize]);
    assert_eq!(spelled, hash(Domain::Volume, &[w.terms.money.salt, w.terms.id().field()]));
    let forged: Forgery = bits.iter().enumerate().map(|(i, v)| (*v, Fr::from(u64::from(wide.get_bit(i))))).collect();
    assert!(accepted::<Price>(&shape, &x, &w, &[]));
    assert!(!accepted::<Price>(&shape, &x, &w, &forged));
    let [_, generator] = volume_generators();
    let [narrow, wide] = [hash(Domain::Volume, &[w.terms.money.salt, w.terms.id().field()]).into_bigint(), wide];
    assert_ne!(generator.mul_integer(&narrow.0), generator.mul_integer(&wide.0), "the lie would have been one");
}

/// P3's booleans: seven flags, eight bits that choose the tier; all flags with all choices, the divisions of a foreign increment.
#[test]
fn a_schedule_has_one_reading() {
    let rng = &mut rng(5);
    let shape = Shape::of::<Price>();
    let mut terms = usual(rng);
    terms.money.tiers[2] = Tier { minimum: 1_000_001, price: 1 };
    let (x, w) = pair(terms, rng);
    let cs = Cs::with_rows().synthesize::<Price>(&x, &w);
    let bits = booleans(&cs, &span(cs.rules(), "P3"));
    assert_eq!(bits.len(), 7 + 7 * 40 + 40 + 8 + 40);
    let (flags, top) = (&bits[..7], &bits[327..335]);
    assert_eq!((read(&cs, flags), read(&cs, top)), (0b11, 0b10));
    for used in [0b0u64, 0b1, 0b10, 0b11, 0b111, 0b1111111, 0b101] {
        for tier in 0..5 {
            let mut forgery = write(flags, Fr::from(used));
            forgery.extend(write(top, Fr::from(1u64 << tier)));
            assert_eq!(accepted::<Price>(&shape, &x, &w, &forgery), (used, tier) == (0b11, 1), "{used:b} {tier}");
        }
    }
    let mut terms = w.terms.clone();
    terms.goods.increment = 7_001;
    let (x, w) = pair(terms, rng);
    let cs = Cs::with_rows().synthesize::<Price>(&x, &w);
    let count = &booleans(&cs, &span(cs.rules(), "P3"))[287..327];
    let quotient = Fr::from(1_000_000u64) * Fr::from(7_001u64).inverse().expect("not 0");
    for lie in [quotient, Fr::from(142u64), Fr::from(143u64)] {
        assert!(!accepted::<Price>(&shape, &x, &w, &write(count, lie)));
    }
}

/// The payment's unlock time, which an escrow does not use, absorbs the set-up: the lane and the terms stay as they were, and the
/// deal is cheaper. The one bit that is no bit gives it away.
#[test]
fn a_neighbour_absorbs_nothing() {
    let rng = &mut rng(9);
    let shape = Shape::of::<Price>();
    let mut terms = usual(rng);
    terms.remedy.escrow = true;
    terms.remedy.claim_until = terms.goods.due + 2 * WEEK;
    let (x, w) = pair(terms, rng);
    let cs = Cs::with_rows().synthesize::<Price>(&x, &w);
    let bits = bits_between(&cs, "salt 2", "frame");
    assert_eq!(bits.len(), 128);
    let (set_up, unlock) = (&bits[37..85], &bits[88..]);
    assert_eq!(read(&cs, set_up), 7_777);
    for i in [0, 23, 39] {
        let shift = Fr::from(2u64).pow([51 + i as u64]).inverse().expect("not 0");
        let mut forgery = write(set_up, Fr::ZERO);
        forgery.push((unlock[i], cs.assignment()[unlock[i] as usize] + Fr::from(7_777u64) * shift));
        assert!(!accepted::<Price>(&shape, &x, &w, &forgery), "{i}");
        let open = unguarded::<Price>(&unlock[i..=i], 1);
        assert!(accepted::<Price>(&open, &x, &w, &forgery), "the attack is real where the row is missing");
    }
}

/// A fee by a neighbour of its quotient.
#[test]
fn a_fee_has_one_rounding() {
    let rng = &mut rng(6);
    let shape = Shape::of::<Price>();
    for (flat, rate) in [(0, 0), (0, 25), (500, 1), (7, 10_000)] {
        let (x, mut w) = pair(usual(rng), rng);
        (w.policy.flat, w.policy.rate) = (flat, rate);
        let total = w.terms.money.quote(&w.terms.goods).expect("a price").total;
        let honest = w.policy.fee(total).expect("a fee");
        let cs = Cs::with_rows().synthesize::<Price>(&x, &w);
        let bits = booleans(&cs, &span(cs.rules(), "P9"));
        assert_eq!(bits.len(), 64 + 14);
        for fee in [honest.saturating_sub(1), honest, honest + 1, 0, total, u64::MAX] {
            let short = (Fr::from(fee) - Fr::from(flat)) * Fr::from(BASIS_POINTS) - Fr::from(total) * Fr::from(rate);
            let mut forgery = write(&bits[..64], Fr::from(fee));
            forgery.extend(write(&bits[64..], short));
            assert_eq!(accepted::<Price>(&shape, &x, &w, &forgery), fee == honest, "{flat} {rate} {fee}");
        }
    }
}

/// The empty leaf is no member, nor is an inner node of the tree.
#[test]
fn nobody_is_no_member() {
    let rng = &mut rng(7);
    let shape = Shape::of::<Price>();
    let (x, w) = valid(rng);
    for (owner, lie) in [(Owner::default(), true), (w.terms.parties.buyer, false)] {
        let mut w = w.clone();
        (w.terms.parties.buyer, w.terms.parties.supplier) = (owner, owner);
        // One path for both, so that the roots agree.
        (w.buyer_path, w.supplier_path) = (MemberPath::blank(), MemberPath::blank());
        assert_eq!(accepted::<Price>(&shape, &x, &w, &[]), !lie);
    }
    let mut inner = w.clone();
    let parent = hash(Domain::Node, &w.buyer_path.children(0, w.terms.parties.buyer.field()));
    inner.terms.parties.buyer = Owner::new(parent);
    inner.buyer_path.siblings.rotate_left(1);
    inner.buyer_path.position >>= 2;
    assert!(!accepted::<Price>(&shape, &x, &inner, &[]));
}

/// To the first order, statement and hidden fields leave nothing else open.
#[test]
fn statement_and_hidden_fields_determine_the_rest() {
    let counts = jacobian::run(&subject(), size(3, 50), 10);
    println!("price Jacobian: {counts:?}");
}

/// What may be extreme and still is a deal: totals, fees and capacities of exactly 64 bits, prices of 0, nobody to inspect.
#[test]
fn extreme_deals_are_provable() {
    let rng = &mut rng(8);
    let shape = Shape::of::<Price>();
    let deals: [fn(&mut Terms, &mut privity_circuits::terms::Policy); 6] = [
        // 2^64 − 1 minor units: line 2^64 − 2^48 of (2^40 − 2^24) units at 2^24 minor units, set-up 2^48 − 1.
        |terms, policy| {
            (terms.goods.quantity, terms.goods.increment, terms.goods.load_factor) = ((1 << 40) - (1 << 24), 1, 1);
            terms.money.tiers[0] = Tier { minimum: 1, price: 16_777_216_000 };
            (terms.money.exponent, terms.money.decimals, terms.money.set_up) = (6, 6, (1 << 48) - 1);
            (policy.flat, policy.rate) = (0, 10_000);
        },
        // 2^64 − 1 millionths: 4 294 967 297·(2^32 − 1).
        |terms, _| (terms.goods.quantity, terms.goods.load_factor) = (4_294_967_297, (1 << 32) - 1),
        |terms, _| (terms.money.tiers[0].price, terms.money.set_up) = (0, 0),
        |terms, _| (terms.parties.inspector, terms.parties.arbiter) = Default::default(),
        |terms, _| {
            (terms.goods.quantity, terms.goods.load_factor) = (1, 1);
            (terms.money.exponent, terms.money.decimals, terms.money.allowance) = (0, 6, 10_000);
            terms.money.rfq = RfqId::default();
        },
        // The dearest unit price: 7.5535·(2^48 − 1) to six places.
        |terms, _| {
            terms.goods.quantity = 1;
            terms.money.tiers[0].price = (1 << 48) - 1;
            (terms.money.exponent, terms.money.decimals, terms.money.surcharge) = (0, 6, (1 << 16) - 1);
        },
    ];
    for (index, change) in deals.iter().enumerate() {
        for stage in [Stage::Line, Stage::UnitPrice] {
            let (mut terms, mut policy) = (usual(rng), policy(rng));
            (policy.flat, policy.rate) = (0, 25);
            terms.money.tiers = Default::default();
            terms.money.tiers[0] = Tier { minimum: 1, price: 1_000 };
            (terms.goods.increment, terms.money.allowance, terms.money.stage) = (1, 0, stage);
            change(&mut terms, &mut policy);
            let (x, w) = assembled(terms, policy, [0; 3], rng);
            assert!(native(&x, &w), "{index}");
            assert!(accepted::<Price>(&shape, &x, &w, &[]), "{index}");
        }
    }
}
