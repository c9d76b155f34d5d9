//! Attempts on capacity by somebody who did not write it; `docs/attacks.md` lists them.

mod attack;

use ark_ff::{AdditiveGroup, Field, UniformRand};
use attack::{Forgery, accepted, beyond_the_order, digest, hints, restated, sign_without_key, stands_on, write};
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::capacity::{Capacity, Issued, Serial, Statement, WEEKS, Week, Witness};
use privity_circuits::context::{Context, LedgerId};
use privity_circuits::jubjub::{Point, Scalar};
use privity_circuits::keys::{NullifierKey, Owner, PublicKey, SignerId, SigningKey};
use privity_circuits::note::{self, Commitment};
use privity_circuits::r1cs::{Cs, Shape, Variable};
use privity_circuits::schnorr::Signature;
use privity_circuits::{Fr, Relation};
use privity_testkit::samples::common::{sign_by_small_order, signing_key, small_order_key};
use privity_testkit::samples::transfer::torsion;
use privity_testkit::{TestRng, rng, size};
use rand::Rng;
use rand::seq::SliceRandom;

/// A Monday.
const MONDAY: u32 = 20_836;

/// The keys of a pair: one for the supplier, one for the certifier.
struct Keys {
    supplier: SigningKey,
    certifier: SigningKey,
}

type Pair = (Statement, Witness);

/// Two weeks of 4 000 and 1 000 millionths, signed by both.
fn usual(keys: &Keys, rng: &mut TestRng) -> Pair {
    let mut weeks = [Week::default(); WEEKS];
    weeks[0] = Week { bucket: MONDAY, quantity: 4_000 };
    weeks[1] = Week { bucket: MONDAY + 7, quantity: 1_000 };
    let nobody = Signature { c: 0, s: Scalar::ZERO };
    let x = Statement {
        ledger: LedgerId::new(Fr::rand(rng)),
        certifier: SignerId::of(&keys.certifier.public_key()),
        issued: Issued::default(),
        outputs: [Commitment::default(); WEEKS],
        context: Context::new(Fr::rand(rng)),
    };
    let w = Witness {
        pk: keys.supplier.public_key(),
        nk: NullifierKey::new(Fr::rand(rng)),
        resource: ResourceId::new(Fr::rand(rng)),
        weeks,
        serial: Serial::new(Fr::rand(rng)),
        certifier: keys.certifier.public_key(),
        attested: nobody,
        accepted: nobody,
    };
    let mut pair = (x, w);
    sign(keys, &mut pair, rng);
    pair
}

/// Both sign what stands in the pair.
fn sign(keys: &Keys, (x, w): &mut Pair, rng: &mut TestRng) {
    let attestation = w.attestation(x);
    w.attested = Signature::sign(&keys.certifier, x.certifier.field(), attestation.message(), rng);
    let (prefix, message) = (attestation.supplier.field(), attestation.acceptance(x.context));
    w.accepted = Signature::sign(&keys.supplier, prefix, message, rng);
}

fn keys(rng: &mut TestRng) -> Keys {
    Keys { supplier: signing_key(rng), certifier: signing_key(rng) }
}

fn shape() -> Shape {
    Shape::of::<Capacity>()
}

fn passes(shape: &Shape, (x, w): &Pair, forgery: &[(Variable, Fr)]) -> bool {
    accepted::<Capacity>(shape, x, w, forgery)
}

/// Whether `check` takes the pair with the outputs and the mark that follow from its witness.
fn native((x, w): &Pair) -> bool {
    let mut x = x.clone();
    x.outputs = w.attestation(&x).notes(&w.serial).map(|note| note.commitment());
    x.issued = w.serial.issued(x.certifier);
    Capacity::check(&x, w).is_ok()
}

fn layout((x, w): &Pair) -> Cs {
    Cs::with_rows().synthesize::<Capacity>(x, w)
}

/// The 32 bits of a week's bucket and the 64 of its quantity.
fn week_bits(cs: &Cs, week: usize) -> (Vec<Variable>, Vec<Variable>) {
    let bits = hints(cs, "bit");
    (bits[96 * week..96 * week + 32].to_vec(), bits[96 * week + 32..96 * week + 96].to_vec())
}

/// `used` of a later week, and the 32 bits of the gap before it.
fn gap_bits(cs: &Cs, week: usize) -> (Variable, Vec<Variable>) {
    let start = 96 * WEEKS + 255 + 33 * (week - 1);
    let bits = hints(cs, "bit");
    (bits[start], bits[start + 1..start + 33].to_vec())
}

/// Weeks in any order, repeated, with holes, at the edges of their widths: no statement is true of what `check` refuses, and
/// whatever it accepts is provable.
#[test]
fn both_forms_agree_at_every_edge() {
    let rng = &mut rng(1);
    let (shape, keys) = (shape(), keys(rng));
    let mut outcomes = [0; 2];
    for _ in 0..size(80, 2_000) {
        let mut pair = usual(&keys, rng);
        let mut bucket = 0;
        for week in &mut pair.1.weeks {
            let steps = [0, 1, 1, 7, 7, 7, u32::MAX - bucket];
            bucket += *steps.choose(rng).expect("some");
            week.bucket = *[bucket, bucket, bucket, bucket, 0].choose(rng).expect("some");
            week.quantity = *[0, 1, 1 << 32, u64::MAX].choose(rng).expect("some");
            if rng.gen_ratio(3, 4) && week.bucket == 0 {
                week.quantity = 0;
            }
        }
        if rng.gen_ratio(1, 2) {
            pair.1.weeks.sort_by_key(|week| (week.bucket == 0, week.bucket));
        }
        if rng.gen_ratio(1, 2) {
            let used = rng.gen_range(0..=WEEKS);
            pair.1.weeks[used..].fill(Week::default());
        }
        sign(&keys, &mut pair, rng);
        let expected = native(&pair);
        let weeks = pair.1.weeks.map(|week| (week.bucket, week.quantity));
        assert_eq!(passes(&shape, &pair, &[]), expected, "{weeks:?}");
        outcomes[usize::from(expected)] += 1;
    }
    println!("refused and accepted by both: {outcomes:?}");
    assert!(outcomes.iter().all(|count| *count >= 15), "{outcomes:?}");
}

/// **Another week's capacity out of this attestation.** The lane of two weeks is b₀ + 2^32·q₀ + 2^96·b₁ + 2^128·q₁. With q₀ + 7·2^64 in
/// place of q₀ and b₁ − 7 in place of b₁ it is the same, so the certifier's signature holds; the first note opens as (q₀, unlocked
/// since second 7), and the second is of the Monday before, which nobody certified. One bit's row refuses it.
#[test]
fn a_week_is_not_moved_by_its_neighbour() {
    let rng = &mut rng(2);
    let (shape, keys) = (shape(), keys(rng));
    let mut pair = usual(&keys, rng);
    pair.1.weeks[1].bucket = MONDAY + 14;
    sign(&keys, &mut pair, rng);
    assert!(passes(&shape, &pair, &[]), "the honest twin");
    let cs = layout(&pair);
    let (quantity, bucket) = (week_bits(&cs, 0).1, week_bits(&cs, 1).0);
    let mut forgery = write(&quantity, Fr::from(4_000u64) + Fr::from(7u128 << 64));
    forgery.extend(write(&bucket, Fr::from(MONDAY + 7)));
    let gap = gap_bits(&cs, 1).1;
    forgery.extend(write(&gap, Fr::from(6u64)));
    let (x, w) = &pair;
    let z = restated::<Capacity>(&shape, x, w, &forgery).expect("a statement");
    // What the two outputs are to whoever opens them.
    let owner = Owner::of(&w.pk, &w.nk);
    let asset = |bucket| AssetId::capacity(x.certifier, owner, w.resource, bucket);
    let opens = |index, bucket, value, unlock| {
        note::commitment(asset(bucket), note::pack(value, unlock), owner, w.serial.blinding(index)).field()
    };
    assert_eq!(z[4], opens(0, MONDAY, 4_000, 7));
    assert_eq!(z[5], opens(1, MONDAY + 7, 1_000, 0), "a week that was never attested");
    stands_on::<Capacity>(&shape, (x, w), &forgery, quantity[63]);
}

/// A quantity one millionth less, its bucket 2^32 days later: the other neighbour.
#[test]
fn a_bucket_is_not_moved_by_its_quantity() {
    let rng = &mut rng(3);
    let (shape, keys) = (shape(), keys(rng));
    let pair = usual(&keys, rng);
    let cs = layout(&pair);
    // The last used week: no gap follows from it. What stands before it grows by 2^32 as well.
    let (bucket, quantity) = week_bits(&cs, 1);
    let mut forgery = write(&bucket, Fr::from(MONDAY + 7) + Fr::from(1u64 << 32));
    forgery.extend(write(&quantity, Fr::from(999u64)));
    let gap = gap_bits(&cs, 1).1;
    forgery.extend(write(&gap, Fr::from(6 + (1u64 << 32))));
    let (x, w) = &pair;
    assert!(!accepted::<Capacity>(&shape, x, w, &forgery));
    let open = attack::unguarded::<Capacity>(&[bucket[31], gap[31]], 2);
    assert!(accepted::<Capacity>(&open, x, w, &forgery), "two rows refuse it");
}

/// The same week twice, or a later one first, attested by a careless certifier: the gap is no integer of 32 bits.
#[test]
fn weeks_ascend() {
    let rng = &mut rng(4);
    let (shape, keys) = (shape(), keys(rng));
    for second in [MONDAY, MONDAY - 7] {
        let mut pair = usual(&keys, rng);
        pair.1.weeks[1].bucket = second;
        sign(&keys, &mut pair, rng);
        assert!(!native(&pair));
        let (used, gap) = gap_bits(&layout(&pair), 1);
        let forgery = write(&gap, Fr::from(second) - Fr::from(MONDAY) - Fr::ONE);
        stands_on::<Capacity>(&shape, (&pair.0, &pair.1), &forgery, gap[31]);
        // A flag that is neither: used·gap = 0 and (1 − used)·week = 0 have no common solution but the honest one.
        let half = Fr::from(2u64).inverse().expect("not 0");
        for flag in [Fr::ZERO, -Fr::ONE, half, Fr::from(2u64)] {
            let gap_value = (Fr::from(second) - Fr::from(MONDAY) - Fr::ONE) * flag;
            let mut forgery = write(&gap, gap_value);
            forgery.push((used, flag));
            assert!(!passes(&shape, &pair, &forgery), "used = {flag}");
        }
    }
}

/// Every used flag by 0, 1, 2 and ½, gaps to match: weeks are used or not, in one way. A hole before a used week, and a quantity in
/// an unused one, have none.
#[test]
fn weeks_are_used_in_one_way() {
    let rng = &mut rng(5);
    let (shape, keys) = (shape(), keys(rng));
    let half = Fr::from(2u64).inverse().expect("not 0");
    let used = |bucket| Week { bucket, quantity: 5 };
    let none = Week::default();
    let hidden = Week { bucket: 0, quantity: 5 };
    let cases: [([Week; 3], bool); 4] = [
        ([used(MONDAY), used(MONDAY + 7), none], true),
        ([used(MONDAY), none, used(MONDAY + 7)], false),
        ([used(MONDAY), hidden, none], false),
        ([none, used(MONDAY), none], false),
    ];
    for (weeks, holds) in cases {
        let mut pair = usual(&keys, rng);
        pair.1.weeks[..3].copy_from_slice(&weeks);
        sign(&keys, &mut pair, rng);
        assert_eq!(native(&pair), holds);
        let cs = layout(&pair);
        let mut found = Vec::new();
        for (first, second) in (0..4).flat_map(|first| (0..4).map(move |second| (first, second))) {
            let flags = [Fr::ZERO, Fr::ONE, Fr::from(2u64), half];
            let mut forgery = Forgery::new();
            for (week, flag) in [(1, flags[first]), (2, flags[second])] {
                let (variable, gap) = gap_bits(&cs, week);
                let [before, after] = [weeks[week - 1], weeks[week]].map(|week| Fr::from(week.bucket));
                forgery.push((variable, flag));
                forgery.extend(write(&gap, flag * (after - before - Fr::ONE)));
            }
            if passes(&shape, &pair, &forgery) {
                found.push((first, second));
            }
        }
        assert_eq!(found, if holds { vec![(1, 0)] } else { Vec::new() });
    }
}

/// Capacity that nobody certified, and somebody else's attestation issued without his key: a signature whose challenge has one bit
/// that is no bit.
#[test]
fn a_signature_without_a_key_is_refused() {
    let rng = &mut rng(6);
    let (shape, keys) = (shape(), keys(rng));
    let honest = usual(&keys, rng);
    let bits = hints(&layout(&honest), "bit");
    let (x, w) = &honest;
    let attestation = w.attestation(x);
    let noise = Signature { c: rng.r#gen(), s: Scalar::rand(rng) };

    let mut uncertified = w.clone();
    uncertified.attested = noise;
    let e = digest(&w.certifier, x.certifier.field(), attestation.message(), &noise);
    let (forgery, guard) = sign_without_key(&bits[96 * WEEKS..96 * WEEKS + 255], e, noise.c);
    stands_on::<Capacity>(&shape, (x, &uncertified), &forgery, guard);

    let mut stolen = w.clone();
    stolen.accepted = noise;
    let e = digest(&w.pk, attestation.supplier.field(), attestation.acceptance(x.context), &noise);
    let (forgery, guard) = sign_without_key(&bits[bits.len() - 255..], e, noise.c);
    stands_on::<Capacity>(&shape, (x, &stolen), &forgery, guard);
}

/// The certifier's second signature over e + r would be a second attestation with the same numbers; it is none.
#[test]
fn a_challenge_has_one_encoding() {
    let rng = &mut rng(7);
    let (shape, keys) = (shape(), keys(rng));
    let mut pair = usual(&keys, rng);
    let wide = loop {
        sign(&keys, &mut pair, rng);
        let (x, w) = &pair;
        let e = digest(&w.certifier, x.certifier.field(), w.attestation(x).message(), &w.attested);
        if let Some(wide) = beyond_the_order(e) {
            break wide;
        }
    };
    assert!(passes(&shape, &pair, &[]));
    let bits = hints(&layout(&pair), "bit");
    let challenge = &bits[96 * WEEKS..96 * WEEKS + 255];
    for from in [128, 0] {
        let forgery: Forgery =
            challenge[from..].iter().zip(&wide[from..]).map(|(bit, value)| (*bit, Fr::from(*value))).collect();
        assert!(!passes(&shape, &pair, &forgery), "from bit {from}");
    }
}

/// One key is certifier and supplier: neither of its two signatures is the other, nor good for another attestation or context.
#[test]
fn no_signature_serves_two_claims() {
    let rng = &mut rng(8);
    let shape = shape();
    let key = signing_key(rng);
    let both = Keys { supplier: key.clone(), certifier: key };
    let pair = usual(&both, rng);
    assert!(passes(&shape, &pair, &[]));
    let mut other = pair.clone();
    other.1.weeks[0].quantity += 1;
    sign(&both, &mut other, rng);
    let mut elsewhere = pair.clone();
    elsewhere.0.context = Context::new(Fr::rand(rng));
    sign(&both, &mut elsewhere, rng);
    let candidates = [pair.1.accepted, pair.1.attested, other.1.accepted, other.1.attested, elsewhere.1.accepted];
    for (attested, accepted) in candidates.iter().flat_map(|one| candidates.map(|two| (*one, two))) {
        let mut mixed = pair.clone();
        (mixed.1.attested, mixed.1.accepted) = (attested, accepted);
        let honest = attested == pair.1.attested && accepted == pair.1.accepted;
        assert_eq!(passes(&shape, &mixed, &[]), honest);
    }
    // The attestation itself is of no ledger and no context: it may be signed again, for this context alone.
    let mut again = pair.clone();
    (again.1.attested, again.0.context) = (elsewhere.1.attested, elsewhere.0.context);
    again.1.accepted = elsewhere.1.accepted;
    assert!(passes(&shape, &again, &[]));
}

/// A serial in the attestation, another in the mark or in the blindings: one variable is all three. Issued twice under one
/// attestation, a correction with another quantity keeps the mark.
#[test]
fn a_serial_has_one_mark() {
    let rng = &mut rng(9);
    let (shape, keys) = (shape(), keys(rng));
    let pair = usual(&keys, rng);
    let cs = layout(&pair);
    let serial = hints(&cs, "serial")[0];
    for other in [Fr::ZERO, Fr::rand(rng), pair.1.serial.field() + Fr::ONE] {
        assert!(!passes(&shape, &pair, &[(serial, other)]));
    }
    let z = restated::<Capacity>(&shape, &pair.0, &pair.1, &[]).expect("a statement");
    let mut corrected = pair.clone();
    corrected.1.weeks[0].quantity = 3_999;
    sign(&keys, &mut corrected, rng);
    let second = restated::<Capacity>(&shape, &corrected.0, &corrected.1, &[]).expect("a statement");
    assert!(passes(&shape, &corrected, &[]));
    assert_eq!(z[3], second[3], "the ledger takes one of the two");
    assert_ne!(z[4], second[4]);
}

/// Certifier's and supplier's keys of small order, of order 2·l, off the curve; both forms judge alike.
#[test]
fn hostile_keys_are_judged_alike() {
    let rng = &mut rng(10);
    let (shape, keys) = (shape(), keys(rng));
    let off = Point { x: Fr::ONE, y: Fr::ONE };
    for point in [small_order_key().point(), Point::IDENTITY, off] {
        let pk = PublicKey::new_unchecked(point);
        let mut pair = usual(&keys, rng);
        (pair.1.certifier, pair.0.certifier) = (pk, SignerId::of(&pk));
        let (x, w) = &mut pair;
        let message = w.attestation(x).message();
        w.attested = sign_by_small_order(x.certifier.field(), message, rng);
        let (prefix, message) = (Owner::of(&w.pk, &w.nk).field(), w.attestation(x).acceptance(x.context));
        w.accepted = Signature::sign(&keys.supplier, prefix, message, rng);
        assert!(!native(&pair) && !passes(&shape, &pair, &[]), "certifier {point:?}");
    }
    let mut mixed = usual(&keys, rng);
    mixed.1.pk = PublicKey::new_unchecked(mixed.1.pk.point() + torsion(4, rng));
    loop {
        sign(&keys, &mut mixed, rng);
        if mixed.1.accepted.c & 1 == 0 {
            break;
        }
    }
    assert_eq!(passes(&shape, &mixed, &[]), native(&mixed), "a supplier of order 2·l is another supplier");
}
