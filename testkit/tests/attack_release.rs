//! Attempts on release by somebody who did not write it; `docs/attacks.md` lists them.
//!
//! The worst case throughout: one key is the signer of both parties, the inspector and the arbiter, so that only the message tells
//! one claim from another; and the attacker states whatever outputs his witness makes.

mod attack;

use ark_ff::{BigInteger, Field, PrimeField, UniformRand};
use attack::{Forgery, accepted, bits_between, hints, perhaps, read, unguarded, write};
use privity_circuits::hash::tag;
use privity_circuits::jubjub::{Point, Scalar, scalar_to_bytes};
use privity_circuits::keys::{PublicKey, SignerId, SigningKey};
use privity_circuits::poseidon::permute;
use privity_circuits::r1cs::{Cs, Shape, Variable};
use privity_circuits::release::{Claim, Evidence, Holding, Release, Settlement, Signed, Statement, Witness};
use privity_circuits::schnorr::{Signature, challenge};
use privity_circuits::terms::{Terms, WEEK};
use privity_circuits::{Domain, Fr, Relation, hash};
use privity_testkit::samples::common::signing_key;
use privity_testkit::samples::release::valid;
use privity_testkit::{TestRng, rng, size};
use rand::Rng;
use rand::seq::SliceRandom;

type Pair = (Statement, Witness);

const DUE: u64 = 1_700_000_000;
const TIME: u64 = 1 << 40;
const PARTIAL: Claim = Claim::Delivered { delivered: 900_000, time: DUE + 3 * WEEK, last: false };

/// 1 000 pieces, 400 settled, 600 002 minor units left, 0.5 % a week up to 5 %, everybody's signer `id`.
fn usual(id: SignerId, rng: &mut TestRng) -> Pair {
    let (mut x, mut w) = valid(rng);
    let parties = &mut w.terms.parties;
    (parties.buyer_signer, parties.supplier_signer, parties.inspector, parties.arbiter) = (id, id, id, id);
    let (goods, remedy) = (&mut w.terms.goods, &mut w.terms.remedy);
    (goods.quantity, goods.load_factor, goods.due) = (1_000_000, 3_500, DUE);
    (remedy.claim_until, remedy.rate, remedy.cap) = (DUE + 12 * WEEK, 50, 500);
    w.held = Holding { done: 400_000, payment: 600_002, capacity: 2_100_000_000 };
    x.now = DUE + 12 * WEEK;
    (x, w)
}

/// Root and nullifier of the pair as it stands.
fn plant((x, w): &mut Pair) {
    x.anchor = w.path.root(w.pair().field());
    x.nullifier = w.nullifier();
}

fn evidence(claim: Claim, signed: Signed) -> Evidence {
    match claim {
        Claim::Delivered { delivered, time, last } => Evidence::Delivered { delivered, time, last, inspector: signed },
        Claim::Lapsed => Evidence::Lapsed { buyer: signed },
        Claim::Awarded { pay, used } => Evidence::Awarded { pay, used, arbiter: signed },
        Claim::Agreed { pay, used } => Evidence::Agreed { pay, used, buyer: signed, supplier: signed },
    }
}

/// The one key's signature on `claim`.
fn signed((x, w): &Pair, key: &SigningKey, claim: Claim, rng: &mut TestRng) -> Signed {
    let pk = key.public_key();
    let message = claim.message(w.terms.id(), w.held.done, x.nullifier, x.context);
    Signed { pk, signature: Signature::sign(key, SignerId::of(&pk).field(), message, rng) }
}

/// The usual deal with `claim`, signed.
fn claimed(key: &SigningKey, claim: Claim, rng: &mut TestRng) -> Pair {
    let mut pair = usual(SignerId::of(&key.public_key()), rng);
    plant(&mut pair);
    pair.1.evidence = evidence(claim, signed(&pair, key, claim, rng));
    pair
}

fn native((x, w): &Pair) -> bool {
    let built = Statement::of(w, x.anchor, x.now, x.context);
    built.is_ok_and(|x| Release::check(&x, w).is_ok())
}

/// Whether the attacker finds a statement that this witness satisfies.
fn passes(shape: &Shape, (x, w): &Pair, forgery: &[(Variable, Fr)]) -> bool {
    accepted::<Release>(shape, x, w, forgery)
}

/// Terms, holding, claim and time with edges on both sides of every bound: no statement is true of what `check` refuses, and
/// whatever it accepts is provable.
#[test]
fn both_forms_agree_at_every_edge() {
    let rng = &mut rng(1);
    let shape = Shape::of::<Release>();
    let key = signing_key(rng);
    let mut outcomes = [0; 2];
    for _ in 0..size(150, 4_000) {
        let mut pair = usual(SignerId::of(&key.public_key()), rng);
        let claim = edges(&mut pair, rng);
        plant(&mut pair);
        pair.1.evidence = evidence(claim, signed(&pair, &key, claim, rng));
        let expected = native(&pair);
        let (x, w) = &pair;
        let fields = (w.terms.goods.fields(), w.terms.remedy.fields());
        assert_eq!(passes(&shape, &pair, &[]), expected, "{fields:?} {:?} {claim:?} {}", w.held, x.now);
        outcomes[usize::from(expected)] += 1;
    }
    println!("refused and accepted by both: {outcomes:?}");
    assert!(outcomes.iter().all(|count| *count >= 30), "{outcomes:?}");
}

fn edges((x, w): &mut Pair, rng: &mut TestRng) -> Claim {
    let Witness { terms, held, .. } = w;
    let Terms { goods, remedy, parties, .. } = terms;
    perhaps(&mut goods.quantity, &[0, 1, held.done, held.done + 1, TIME - 1, TIME], rng);
    let q = goods.quantity;
    perhaps(&mut goods.load_factor, &[0, 1, (1 << 32) - 1, 1 << 32], rng);
    perhaps(&mut goods.increment, &[0, TIME - 1, TIME], rng);
    perhaps(&mut goods.due, &[0, TIME - 1, TIME], rng);
    perhaps(&mut goods.bucket, &[0, 1 << 32], rng);
    perhaps(&mut held.done, &[0, q.wrapping_sub(1), q, q.wrapping_add(1), TIME], rng);
    perhaps(&mut held.payment, &[0, 1, 1 << 63, u64::MAX], rng);
    let full = goods.load_factor.wrapping_mul(q.wrapping_sub(held.done));
    perhaps(&mut held.capacity, &[0, full, full.wrapping_sub(1), full.wrapping_add(1), u64::MAX], rng);
    perhaps(&mut remedy.claim_until, &[0, x.now, TIME - 1, TIME], rng);
    perhaps(&mut remedy.rate, &[0, 1, 10_000, 10_001, (1 << 14) - 1, 1 << 14], rng);
    perhaps(&mut remedy.cap, &[0, 1, 10_000, 10_001, (1 << 14) - 1, 1 << 14], rng);
    let until = remedy.claim_until;
    let later = [0, until.wrapping_sub(1), until, until.wrapping_add(TIME - 1), until.wrapping_add(TIME), u64::MAX];
    perhaps(&mut x.now, &later, rng);
    if rng.gen_ratio(1, 20) {
        (parties.inspector, parties.arbiter) = Default::default();
    }
    if rng.gen_ratio(1, 12) {
        remedy.escrow = false;
    }
    let (mut pay, mut used) = (rng.gen_range(0..=held.payment), rng.gen_range(0..=held.capacity));
    perhaps(&mut pay, &[0, held.payment, held.payment.wrapping_add(1), u64::MAX], rng);
    perhaps(&mut used, &[0, held.capacity, held.capacity.wrapping_add(1), u64::MAX], rng);
    let done = held.done;
    let due = goods.due;
    let cumulative = [done.wrapping_sub(1), done, done + 1, q.wrapping_sub(1), q, q.wrapping_add(1), TIME - 1, TIME];
    let times = [0, due.wrapping_sub(1), due, due + 1, due + WEEK, due + WEEK + 1, due + 10 * WEEK, TIME - 1, TIME];
    let [delivered, time] = [&cumulative[..], &times[..]].map(|edges| edges.choose(rng).copied().unwrap_or(0));
    match rng.gen_range(0..6) {
        0 => Claim::Lapsed,
        1 => Claim::Awarded { pay, used },
        2 => Claim::Agreed { pay, used },
        _ => Claim::Delivered { delivered, time, last: rng.r#gen() },
    }
}

/// A signature on one claim carries no other, neither of another kind nor with other numbers.
#[test]
fn no_signature_serves_two_claims() {
    let rng = &mut rng(2);
    let shape = Shape::of::<Release>();
    let key = signing_key(rng);
    let claims = [
        PARTIAL,
        Claim::Delivered { delivered: 900_000, time: DUE + 3 * WEEK, last: true },
        Claim::Lapsed,
        Claim::Awarded { pay: 300_000, used: 0 },
        Claim::Awarded { pay: 300_001, used: 0 },
        Claim::Agreed { pay: 300_000, used: 0 },
    ];
    for written in claims {
        let mut pair = claimed(&key, written, rng);
        let by = signed(&pair, &key, written, rng);
        for claim in claims {
            pair.1.evidence = evidence(claim, by);
            assert_eq!(passes(&shape, &pair, &[]), claim == written, "{written:?} as {claim:?}");
        }
    }
}

/// The three selectors by any of four numbers, the fourth following, in each branch.
#[test]
fn selectors_have_one_value() {
    let rng = &mut rng(3);
    let shape = Shape::of::<Release>();
    let key = signing_key(rng);
    let half = Fr::from(2u64).inverse().expect("not 0");
    let numbers = [Fr::from(0u64), Fr::from(1u64), -Fr::from(1u64), half];
    for (index, claim) in
        [PARTIAL, Claim::Lapsed, Claim::Awarded { pay: 1, used: 1 }, Claim::Agreed { pay: 0, used: 0 }]
            .into_iter()
            .enumerate()
    {
        let pair = claimed(&key, claim, rng);
        let cs = Cs::with_rows().synthesize::<Release>(&pair.0, &pair.1);
        let selectors = hints(&cs, "selector");
        for code in (0..64usize).filter(|code| code % 3 == index % 3 || code.is_power_of_two() || *code == 0) {
            let chosen = [code & 3, code >> 2 & 3, code >> 4];
            let forgery: Forgery = selectors.iter().zip(chosen).map(|(v, i)| (*v, numbers[i])).collect();
            let honest = (0..3).all(|i| chosen[i] == usize::from(i == index));
            assert_eq!(passes(&shape, &pair, &forgery), honest, "{claim:?} {chosen:?}");
        }
    }
}

/// Selectors that are no booleans mix signer ids: awarded = α and lapsed = 1 − α make buyer's and arbiter's ids into the attacker's
/// own, who then signs the mixed message himself and takes everything back. All but the selectors' own rows hold.
#[test]
fn a_signer_mixed_of_two_is_refused() {
    let rng = &mut rng(9);
    let shape = Shape::of::<Release>();
    let (key, arbiter) = (signing_key(rng), signing_key(rng));
    let pk = key.public_key();
    let mut pair = usual(SignerId::of(&signing_key(rng).public_key()), rng);
    pair.1.terms.parties.arbiter = SignerId::of(&arbiter.public_key());
    plant(&mut pair);
    let (x, w) = &pair;
    let [mine, buyer, arbiter] =
        [SignerId::of(&pk), w.terms.parties.buyer_signer, w.terms.parties.arbiter].map(|id| id.field());
    let awarded = (mine - buyer) * (arbiter - buyer).inverse().expect("two signers");
    let lapsed = Fr::from(1u64) - awarded;
    let done = Fr::from(w.held.done);
    let mixed = [
        tag(Domain::Refund, 3) * lapsed + tag(Domain::Award, 3) * awarded,
        w.terms.id().field(),
        lapsed * (x.nullifier.field() - done) + done,
        lapsed * x.context.field(),
        Fr::from(0u64),
    ];
    let mut state = mixed;
    permute(&mut state);
    let signature = Signature::sign(&key, mine, state[1], rng);
    pair.1.evidence = Evidence::Lapsed { buyer: Signed { pk, signature } };
    let cs = Cs::with_rows().synthesize::<Release>(&pair.0, &pair.1);
    let forgery: Forgery = hints(&cs, "selector").into_iter().zip([Fr::from(0u64), lapsed, awarded]).collect();
    assert!(!passes(&shape, &pair, &forgery));
    // Three selectors and the fourth that follows: one row each.
    let selectors: Vec<Variable> = forgery.iter().map(|(variable, _)| *variable).collect();
    let open = unguarded::<Release>(&selectors, 4);
    assert!(passes(&open, &pair, &forgery), "the attack is real where the rows are missing");
}

/// Every other solution of g, of weeks and of pay, hints and outputs to match.
#[test]
fn amounts_have_one_solution() {
    let rng = &mut rng(4);
    let shape = Shape::of::<Release>();
    let key = signing_key(rng);
    for claim in [PARTIAL, Claim::Delivered { delivered: 999_999, time: DUE + WEEK + 1, last: true }] {
        let pair = claimed(&key, claim, rng);
        let cs = Cs::with_rows().synthesize::<Release>(&pair.0, &pair.1);
        assert!(passes(&shape, &pair, &[]));
        let bits = bits_between(&cs, "gross", "pay");
        assert_eq!(bits.len(), 40 + 40 + 41 + 21 + 20 + 36);
        let (remainder, weeks, spare) = (&bits[..40], &bits[121..142], &bits[142..162]);
        let value = |name| cs.assignment()[hints(&cs, name)[0] as usize];
        let undelivered = Fr::from(600_000u64);
        for step in [-2i64, -1, 1, 2] {
            let step = if step < 0 { -Fr::from(step.unsigned_abs()) } else { Fr::from(step as u64) };
            // g and its remainder.
            let rest = Fr::from(read(&cs, remainder)) - step * undelivered;
            let mut forgery = write(remainder, rest);
            forgery.push((hints(&cs, "gross")[0], value("gross") + step));
            assert!(!passes(&shape, &pair, &forgery));
            // Weeks and what is left of the last.
            let mut forgery = write(weeks, Fr::from(read(&cs, weeks)) + step);
            forgery.extend(write(spare, Fr::from(read(&cs, spare)) + step * Fr::from(WEEK)));
            assert!(!passes(&shape, &pair, &forgery));
            // pay and its remainder, fourteen bits after its decided part.
            let pay = hints(&cs, "pay")[0];
            let remainder: Vec<Variable> = (pay + 2..pay + 16).collect();
            let mut forgery = write(&remainder, Fr::from(read(&cs, &remainder)) + step * Fr::from(10_000u64));
            forgery.push((pay, value("pay") + step));
            assert!(!passes(&shape, &pair, &forgery));
            assert!(!passes(&shape, &pair, &[(hints(&cs, "used")[0], value("used") + step)]));
        }
    }
}

/// The increment, which a release does not use, absorbs four weeks by which the due time is moved: lane, terms and receipt stay as
/// they were, and nothing is late. The one bit that is no bit gives it away.
#[test]
fn a_neighbour_absorbs_nothing() {
    let rng = &mut rng(10);
    let shape = Shape::of::<Release>();
    let key = signing_key(rng);
    let pair = claimed(&key, PARTIAL, rng);
    let cs = Cs::with_rows().synthesize::<Release>(&pair.0, &pair.1);
    let bits = bits_between(&cs, "document", "salt 2");
    assert_eq!(bits.len(), 40 + 32 + 40 + 40 + 32);
    let (increment, due) = (&bits[72..112], &bits[112..152]);
    assert_eq!(read(&cs, due), u128::from(DUE));
    for i in [0, 17, 39] {
        let absorbed = Fr::from(4 * WEEK) * Fr::from(2u64).pow([40 - i as u64]);
        let mut forgery = write(due, Fr::from(DUE + 4 * WEEK));
        forgery.push((increment[i], cs.assignment()[increment[i] as usize] - absorbed));
        assert!(!passes(&shape, &pair, &forgery), "{i}");
        let open = unguarded::<Release>(&increment[i..=i], 1);
        assert!(passes(&open, &pair, &forgery), "the attack is real where the row is missing");
    }
}

/// In the other branches nothing may be paid or used but what was signed.
#[test]
fn nothing_is_paid_without_a_word() {
    let rng = &mut rng(5);
    let shape = Shape::of::<Release>();
    let key = signing_key(rng);
    let claims = [Claim::Lapsed, Claim::Awarded { pay: 7, used: 9 }, Claim::Agreed { pay: 0, used: 0 }];
    for claim in claims {
        let pair = claimed(&key, claim, rng);
        let cs = Cs::with_rows().synthesize::<Release>(&pair.0, &pair.1);
        assert!(passes(&shape, &pair, &[]));
        let (pay, used) = (hints(&cs, "pay")[0], hints(&cs, "used")[0]);
        let lane = |pay: Fr, used: Fr| pay + Fr::from(1u128 << 64) * used;
        let signed = lane(cs.assignment()[pay as usize], cs.assignment()[used as usize]);
        let down = Fr::from(1u128 << 64).inverse().expect("not 0");
        // The last two leave the packed lane as it was signed: pay takes 2^64 and used gives one, or used takes all of it mod r.
        let lies = [
            (Fr::from(600_002u64), Fr::from(0u64)),
            (Fr::from(0u64), Fr::from(2_100_000_000u64)),
            (Fr::from(0u64), -Fr::from(1u64)),
            (signed - lane(Fr::from(0u64), Fr::from(1u64)), Fr::from(1u64)),
            (Fr::from(600_002u64), (signed - Fr::from(600_002u64)) * down),
        ];
        for (paid, consumed) in lies {
            // In *lapsed* the remainder of pay may be forged as well: 10⁴·pay of it.
            let remainder: Vec<Variable> = (pay + 2..pay + 16).collect();
            let mut forgery = vec![(pay, paid), (used, consumed)];
            assert!(!passes(&shape, &pair, &forgery), "{claim:?}");
            forgery.extend(write(&remainder, paid * Fr::from(10_000u64)));
            assert!(!passes(&shape, &pair, &forgery), "{claim:?}");
        }
    }
}

/// What a closing release leaves behind, nothing owned by E(q), is released by no branch, nor is it with q − 1 in its place.
#[test]
fn a_closed_escrow_stays_closed() {
    let rng = &mut rng(6);
    let shape = Shape::of::<Release>();
    let key = signing_key(rng);
    let claim = Claim::Delivered { delivered: 1_000_000, time: DUE, last: false };
    let (x, w) = claimed(&key, claim, rng);
    let settlement = Settlement::of(&w.terms, &w.held, &claim, x.now).expect("whole");
    assert_eq!((settlement.closes, settlement.next_done(&w.terms)), (true, 1_000_000));
    let [.., rest, kept] = settlement.notes(&w.terms, x.nullifier);
    let mut left = (x.clone(), w.clone());
    left.1.held = Holding { done: 1_000_000, payment: 0, capacity: 0 };
    (left.1.payment_blinding, left.1.capacity_blinding) = (rest.blinding, kept.blinding);
    let claims = [
        Claim::Lapsed,
        Claim::Awarded { pay: 0, used: 0 },
        Claim::Agreed { pay: 0, used: 0 },
        Claim::Delivered { delivered: 1_000_000, time: DUE, last: true },
        Claim::Delivered { delivered: 1_000_001, time: DUE, last: false },
    ];
    for claim in claims {
        plant(&mut left);
        assert_eq!(left.1.pair(), privity_circuits::note::pair(rest.commitment(), kept.commitment()));
        left.1.evidence = evidence(claim, signed(&left, &key, claim, rng));
        assert!(!native(&left));
        assert!(!passes(&shape, &left, &[]), "{claim:?}");
    }
}

/// A challenge by the bits of e + r: the attacker knows the key, so he could make such a signature; two encodings are one too many.
#[test]
fn a_challenge_has_one_encoding() {
    let rng = &mut rng(7);
    let shape = Shape::of::<Release>();
    let secret = Scalar::rand(rng);
    let key = SigningKey::from_bytes(&scalar_to_bytes(&secret)).expect("a key");
    let pk = key.public_key();
    let prefix = SignerId::of(&pk).field();
    let mut pair = claimed(&key, PARTIAL, rng);
    let message = PARTIAL.message(pair.1.terms.id(), pair.1.held.done, pair.0.nullifier, pair.0.context);
    let (nonce, wide) = loop {
        let nonce = Scalar::rand(rng);
        let commitment = Point::generator().mul(&nonce);
        let mut wide = hash(Domain::Sig, &[commitment.x, commitment.y, prefix, message]).into_bigint();
        wide.add_with_carry(&Fr::MODULUS);
        if wide.num_bits() <= 255 {
            break (nonce, wide);
        }
    };
    let commitment = Point::generator().mul(&nonce);
    let narrow = challenge(&commitment, prefix, message);
    let c = u128::from(wide.0[0]) | u128::from(wide.0[1]) << 64;
    for (c, honest) in [(narrow, true), (c, false)] {
        let signature = Signature { c, s: nonce + Scalar::from(c) * secret };
        pair.1.evidence = evidence(PARTIAL, Signed { pk, signature });
        assert_eq!(passes(&shape, &pair, &[]), honest);
        let cs = Cs::with_rows().synthesize::<Release>(&pair.0, &pair.1);
        let mut forgery = Forgery::new();
        for x in hints(&cs, "pk.x") {
            // Key, its signer id, then the low bits; the high ones come after both multiplications and the hash.
            let following: Vec<Variable> = hints(&cs, "bit").into_iter().filter(|bit| *bit > x).take(255).collect();
            let spelled = following[..128]
                .iter()
                .rev()
                .fold(0u128, |sum, bit| sum << 1 | u128::from(cs.assignment()[*bit as usize] != Fr::from(0u64)));
            assert_eq!(spelled, c);
            forgery.extend(following.iter().enumerate().map(|(i, v)| (*v, Fr::from(u64::from(wide.get_bit(i))))));
        }
        assert!(!passes(&shape, &pair, &forgery));
    }
}

/// A signer id made from a key of order 2·l: the relation takes it as `check` does; such a key has a secret like any other, and
/// registers refuse it. Small orders, for which anybody signs, and points off the curve are refused.
#[test]
fn hostile_keys_are_judged_alike() {
    let rng = &mut rng(8);
    let shape = Shape::of::<Release>();
    let secret = Scalar::rand(rng);
    let torsion = Point { x: Fr::from(0u64), y: -Fr::from(1u64) };
    let keys = [
        (Point::generator().mul(&secret) + torsion, true),
        (torsion, false),
        (Point::IDENTITY, false),
        (Point { x: Fr::from(1u64), y: Fr::from(1u64) }, false),
        (Point { x: Fr::from(0u64), y: Fr::from(0u64) }, false),
    ];
    for (point, admissible) in keys {
        let pk = PublicKey::new_unchecked(point);
        let id = SignerId::of(&pk);
        let mut pair = usual(id, rng);
        plant(&mut pair);
        let message = PARTIAL.message(pair.1.terms.id(), pair.1.held.done, pair.0.nullifier, pair.0.context);
        let signature = loop {
            let nonce = Scalar::rand(rng);
            let c = challenge(&Point::generator().mul(&nonce), id.field(), message);
            // An even challenge takes the torsion out.
            if c.is_multiple_of(2) {
                let s = if admissible { nonce + Scalar::from(c) * secret } else { nonce };
                break Signature { c, s };
            }
        };
        pair.1.evidence = evidence(PARTIAL, Signed { pk, signature });
        assert_eq!((native(&pair), passes(&shape, &pair, &[])), (admissible, admissible), "{point:?}");
    }
    // A signer id of 0 is nobody's: no key opens it.
    let key = signing_key(rng);
    let mut pair = claimed(&key, PARTIAL, rng);
    pair.1.terms.parties.inspector = SignerId::NONE;
    plant(&mut pair);
    pair.1.evidence = evidence(PARTIAL, signed(&pair, &key, PARTIAL, rng));
    assert!(!native(&pair) && !passes(&shape, &pair, &[]));
}
