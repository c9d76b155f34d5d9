//! Attempts on disclose and mint by somebody who did not write them; `docs/attacks.md` lists them.

mod attack;

use ark_ff::{AdditiveGroup, Field, UniformRand};
use attack::{
    Forgery, accepted, beyond_the_order, bottom, digest, hints, mix_leaf, restated, sign_without_key, stands_on, write,
};
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::disclose::{Disclose, Scope, Statement, Tag, Witness};
use privity_circuits::jubjub::{Point, Scalar};
use privity_circuits::keys::{NullifierKey, Owner, PublicKey, SigningKey};
use privity_circuits::mint::{self, Mint};
use privity_circuits::note::{self, Commitment, Party};
use privity_circuits::r1cs::{Cs, Shape, Variable};
use privity_circuits::schnorr::Signature;
use privity_circuits::tree::{Anchor, NotePath};
use privity_circuits::{Domain, Fr, Relation, hash};
use privity_testkit::samples::common::{sign_by_small_order, signing_key, small_order_key};
use privity_testkit::{TestRng, rng, size};
use rand::Rng;
use rand::seq::SliceRandom;

type Pair = (Statement, Witness);

/// 2^64.
fn word() -> Fr {
    Fr::from(2u64).pow([64])
}

/// A note of 5 000, unlocked at 9 000, of which 3 000 until 8 000 are shown.
fn usual(key: &SigningKey, rng: &mut TestRng) -> Pair {
    let w = Witness {
        pk: key.public_key(),
        nk: NullifierKey::new(Fr::rand(rng)),
        rho: Fr::rand(rng),
        value: 5_000,
        unlock: 9_000,
        blinding: Fr::rand(rng),
        path: NotePath { position: rng.r#gen(), siblings: [(); 16].map(|()| [(); 3].map(|()| Fr::rand(rng))) },
        signature: Signature { c: 0, s: Scalar::ZERO },
    };
    let x = Statement {
        anchor: Anchor::default(),
        asset: AssetId::new(Fr::rand(rng)),
        threshold: 3_000,
        hold: 8_000,
        scope: Scope::new(Fr::from(20_836u64)),
        tag: Tag::default(),
        party: Party::default(),
        context: Context::new(Fr::rand(rng)),
    };
    let mut pair = (x, w);
    finish(key, &mut pair, rng);
    pair
}

/// Anchor, tag and party of the witness, signed.
fn finish(key: &SigningKey, (x, w): &mut Pair, rng: &mut TestRng) {
    let (cm, owner) = (w.commitment(x.asset), Owner::of(&w.pk, &w.nk));
    x.anchor = w.path.root(cm.field());
    x.tag = Tag::of(&w.nk, cm, w.path.position, x.scope);
    x.party = note::party(owner, w.rho);
    w.signature = Signature::sign(key, owner.field(), x.message(), rng);
}

/// The owner signs what the forged assignment will state.
fn resign(shape: &Shape, key: &SigningKey, (x, w): &mut Pair, forgery: &[(Variable, Fr)], rng: &mut TestRng) {
    let z = restated::<Disclose>(shape, x, w, forgery).expect("a statement");
    let message = hash(Domain::Disclose, &z[1..9]);
    w.signature = Signature::sign(key, Owner::of(&w.pk, &w.nk).field(), message, rng);
}

fn layout((x, w): &Pair) -> Cs {
    Cs::with_rows().synthesize::<Disclose>(x, w)
}

fn passes(shape: &Shape, (x, w): &Pair, forgery: &[(Variable, Fr)]) -> bool {
    accepted::<Disclose>(shape, x, w, forgery)
}

/// 64 bits of the value, 40 of the unlock time; behind the 32 of the position the 64 of value − threshold, the 40 of unlock − hold.
fn amount_bits(cs: &Cs) -> [Vec<Variable>; 4] {
    let bits = hints(cs, "bit");
    [0..64, 64..104, 136..200, 200..240].map(|range| bits[range].to_vec())
}

/// Value, unlock, threshold and hold on both sides of each other and of every width.
#[test]
fn both_forms_agree_at_every_edge() {
    let rng = &mut rng(1);
    let (shape, key) = (Shape::of::<Disclose>(), signing_key(rng));
    let mut outcomes = [0; 2];
    const TIME: u64 = 1 << 40;
    for _ in 0..size(100, 3_000) {
        let mut pair = usual(&key, rng);
        let (x, w) = &mut pair;
        let values = [0, 1, 2_999, 3_000, 3_001, 1 << 63, u64::MAX - 1, u64::MAX];
        let times = [0, 1, 7_999, 8_000, 8_001, TIME - 1, TIME, TIME + 8_000, u64::MAX];
        for (field, edges) in [(&mut w.value, &values[..]), (&mut x.threshold, &values)] {
            *field = if rng.gen_ratio(1, 3) { *edges.choose(rng).expect("some") } else { *field };
        }
        for field in [&mut w.unlock, &mut x.hold] {
            *field = if rng.gen_ratio(1, 3) { *times.choose(rng).expect("some") } else { *field };
        }
        finish(&key, &mut pair, rng);
        let expected = Disclose::check(&pair.0, &pair.1).is_ok();
        // As it stands: threshold and hold are not restated here.
        let z = Cs::without_rows().synthesize::<Disclose>(&pair.0, &pair.1).into_assignment();
        let found = shape.first_violation(&z).is_none();
        assert_eq!(found, expected, "{} {} {} {}", pair.1.value, pair.0.threshold, pair.1.unlock, pair.0.hold);
        outcomes[usize::from(found)] += 1;
    }
    println!("refused and accepted by both: {outcomes:?}");
    assert!(outcomes.iter().all(|count| *count >= 15), "{outcomes:?}");
}

/// More than there is: (5 000, unlock 9 000) opened as (5 000 + 2^64, unlock 8 999), shown as 2^64 − 1. And longer than it is locked:
/// (5 000 − 2^64, unlock 9 001), the difference to the threshold following.
#[test]
fn a_note_opens_one_way() {
    let rng = &mut rng(2);
    let (shape, key) = (Shape::of::<Disclose>(), signing_key(rng));
    let mut pair = usual(&key, rng);
    pair.0.threshold = u64::MAX;
    let [value, unlock, over, _] = amount_bits(&layout(&pair));
    let mut forgery = write(&value, Fr::from(5_000u64) + word());
    forgery.extend(write(&unlock, Fr::from(8_999u64)));
    forgery.extend(write(&over, Fr::from(5_001u64)));
    resign(&shape, &key, &mut pair, &forgery, rng);
    stands_on::<Disclose>(&shape, (&pair.0, &pair.1), &forgery, value[63]);

    let mut pair = usual(&key, rng);
    (pair.0.threshold, pair.0.hold) = (0, 9_001);
    let mut forgery = write(&value, Fr::from(5_000u64) - word());
    forgery.extend(write(&unlock, Fr::from(9_001u64)));
    forgery.extend(write(&over, Fr::from(5_000u64) - word()));
    resign(&shape, &key, &mut pair, &forgery, rng);
    assert!(!passes(&shape, &pair, &forgery));
    let open = attack::unguarded::<Disclose>(&[value[63], over[63]], 2);
    assert!(accepted::<Disclose>(&open, &pair.0, &pair.1, &forgery), "two rows refuse it");
}

/// One unit or one second short, the difference written as −1.
#[test]
fn a_difference_is_not_negative() {
    let rng = &mut rng(3);
    let (shape, key) = (Shape::of::<Disclose>(), signing_key(rng));
    let mut pair = usual(&key, rng);
    pair.0.threshold = 5_001;
    finish(&key, &mut pair, rng);
    let [_, _, over, beyond] = amount_bits(&layout(&pair));
    stands_on::<Disclose>(&shape, (&pair.0, &pair.1), &write(&over, -Fr::ONE), over[63]);
    let mut pair = usual(&key, rng);
    pair.0.hold = 9_001;
    finish(&key, &mut pair, rng);
    stands_on::<Disclose>(&shape, (&pair.0, &pair.1), &write(&beyond, -Fr::ONE), beyond[39]);
}

/// Funds that are in no tree: a leaf mixed of two that are, and with them another tag.
#[test]
fn a_leaf_mixed_of_two_is_refused() {
    let rng = &mut rng(4);
    let (shape, key) = (Shape::of::<Disclose>(), signing_key(rng));
    let mut pair = usual(&key, rng);
    let honest = pair.1.path.children(0, pair.1.commitment(pair.0.asset).field());
    (pair.1.value, pair.0.threshold) = (u64::MAX, u64::MAX);
    let leaf = pair.1.commitment(pair.0.asset).field();
    let (forgery, low) = mix_leaf(&layout(&pair), 0, honest, leaf);
    resign(&shape, &key, &mut pair, &forgery, rng);
    let (x, w) = &pair;
    let honest = restated::<Disclose>(&shape, x, w, &[]).expect("a statement");
    let forged = restated::<Disclose>(&shape, x, w, &forgery).expect("a statement");
    assert_ne!(honest[1], forged[1], "the tree without that leaf");
    stands_on::<Disclose>(&shape, (x, w), &forgery, low);
}

/// Pitfall 37: one note has one tag in a scope. Sixteen readings of its place, the tag and the signature following.
#[test]
fn a_note_has_one_tag() {
    let rng = &mut rng(5);
    let (shape, key) = (Shape::of::<Disclose>(), signing_key(rng));
    let half = Fr::from(2u64).inverse().expect("not 0");
    let numbers = [Fr::ZERO, Fr::ONE, -Fr::ONE, half];
    let pair = usual(&key, rng);
    let children = pair.1.path.children(0, pair.1.commitment(pair.0.asset).field());
    let ([low, high], variables) = bottom(&layout(&pair), 0);
    let place = (pair.1.path.position & 1, pair.1.path.position >> 1 & 1);
    for (first, second) in (0..4).flat_map(|first| (0..4).map(move |second| (first, second))) {
        let mut forgery: Forgery = variables.into_iter().zip(children).collect();
        forgery.extend([(low, numbers[first]), (high, numbers[second])]);
        let mut other = pair.clone();
        resign(&shape, &key, &mut other, &forgery, rng);
        let honest = (first as u32, second as u32) == place;
        assert_eq!(passes(&shape, &other, &forgery), honest, "{first} {second}");
    }
}

/// Rented funds: another's note without his key, by one bit of the challenge that is no bit; a note of 0 outside the tree; a party of
/// somebody else; a second challenge e + r.
#[test]
fn funds_are_the_claimants() {
    let rng = &mut rng(6);
    let (shape, key) = (Shape::of::<Disclose>(), signing_key(rng));
    let mut rented = usual(&key, rng);
    let noise = Signature { c: rng.r#gen(), s: Scalar::rand(rng) };
    rented.1.signature = noise;
    let bits = hints(&layout(&rented), "bit");
    let challenge = &bits[bits.len() - 255..];
    let owner = Owner::of(&rented.1.pk, &rented.1.nk);
    let e = digest(&rented.1.pk, owner.field(), rented.0.message(), &noise);
    let (forgery, guard) = sign_without_key(challenge, e, noise.c);
    stands_on::<Disclose>(&shape, (&rented.0, &rented.1), &forgery, guard);

    let mut pair = usual(&key, rng);
    let wide = loop {
        finish(&key, &mut pair, rng);
        let owner = Owner::of(&pair.1.pk, &pair.1.nk);
        if let Some(wide) = beyond_the_order(digest(&pair.1.pk, owner.field(), pair.0.message(), &pair.1.signature)) {
            break wide;
        }
    };
    assert!(passes(&shape, &pair, &[]));
    let forgery: Forgery = challenge.iter().zip(&wide).map(|(bit, value)| (*bit, Fr::from(*value))).collect();
    assert!(!passes(&shape, &pair, &forgery));

    let mut empty = usual(&key, rng);
    (empty.1.value, empty.0.threshold) = (0, 0);
    finish(&key, &mut empty, rng);
    assert!(passes(&shape, &empty, &[]), "a note of 0 that is there");
    let anchor = Anchor::new(Fr::rand(rng));
    empty.0.anchor = anchor;
    let z = restated::<Disclose>(&shape, &empty.0, &empty.1, &[]).expect("a statement");
    assert_ne!(z[1], anchor.field(), "no exception for 0: the anchor follows from the path");

    let other = note::party(Owner::new(Fr::rand(rng)), pair.1.rho);
    let z = restated::<Disclose>(&shape, &pair.0, &pair.1, &[(hints(&layout(&pair), "rho")[0], Fr::rand(rng))]);
    assert_ne!(z.expect("a statement")[7], other.field());
}

/// The owner's signatures of other kinds over the same numbers, his signer's, and keys of small order.
#[test]
fn only_a_disclosure_is_signed() {
    let rng = &mut rng(7);
    let (shape, key) = (Shape::of::<Disclose>(), signing_key(rng));
    let pair = usual(&key, rng);
    let (x, w) = &pair;
    let publics = privity_circuits::Statement::public_inputs(x);
    let owner = Owner::of(&w.pk, &w.nk).field();
    let signer = privity_circuits::keys::SignerId::of(&w.pk).field();
    let domains = [Domain::Intent, Domain::Accept, Domain::Entry, Domain::Disclosed, Domain::Settle];
    let mut signatures: Vec<Signature> =
        domains.into_iter().map(|domain| Signature::sign(&key, owner, hash(domain, &publics), rng)).collect();
    signatures.push(Signature::sign(&key, signer, x.message(), rng));
    signatures.push(Signature::sign(&key, owner, hash(Domain::Disclose, &publics[..7]), rng));
    for (index, signature) in signatures.into_iter().enumerate() {
        let mut other = pair.clone();
        other.1.signature = signature;
        assert!(!passes(&shape, &other, &[]), "signature {index}");
    }
    for point in [small_order_key().point(), Point::IDENTITY, Point { x: Fr::ONE, y: Fr::ONE }] {
        let mut other = pair.clone();
        other.1.pk = PublicKey::new_unchecked(point);
        finish(&key, &mut other, rng);
        let owner = Owner::of(&other.1.pk, &other.1.nk).field();
        other.1.signature = sign_by_small_order(owner, other.0.message(), rng);
        assert!(Disclose::check(&other.0, &other.1).is_err() && !passes(&shape, &other, &[]), "{point:?}");
    }
}

/// What the audience checks by types: a threshold of r − 5 would be met by a note of 0. Statements hold integers, so none exists.
#[test]
fn a_threshold_is_an_integer() {
    let rng = &mut rng(8);
    let (shape, key) = (Shape::of::<Disclose>(), signing_key(rng));
    let mut pair = usual(&key, rng);
    pair.1.value = 0;
    pair.0.threshold = 0;
    // The public input itself forged: the circuit has no row against it, the page says who has.
    let forgery = vec![(3, -Fr::from(5u64))];
    resign(&shape, &key, &mut pair, &forgery, rng);
    assert!(passes(&shape, &pair, &forgery), "the relation leaves it to the statement's type");
    assert_eq!(privity_circuits::Statement::public_inputs(&pair.0)[2], Fr::ZERO);
}

fn minted(value: u64, unlock: u64, rng: &mut TestRng) -> (mint::Statement, mint::Witness) {
    let w = mint::Witness { unlock, owner: Owner::new(Fr::rand(rng)), blinding: Fr::rand(rng) };
    let asset = AssetId::new(Fr::rand(rng));
    let out = note::commitment(asset, note::pack(value, unlock), w.owner, w.blinding);
    (mint::Statement { asset, value, out, context: Context::new(Fr::rand(rng)) }, w)
}

/// Values and unlock times at every edge: both forms of mint agree.
#[test]
fn both_forms_of_mint_agree() {
    let rng = &mut rng(9);
    let shape = Shape::of::<Mint>();
    let values = [0, 1, 1 << 63, u64::MAX];
    let times = [0, 1, (1 << 40) - 1, 1 << 40, (1 << 40) + 1, 1 << 63, u64::MAX];
    for (value, unlock) in values.iter().flat_map(|value| times.map(|time| (*value, time))) {
        let (x, w) = minted(value, unlock, rng);
        assert_eq!(accepted::<Mint>(&shape, &x, &w, &[]), Mint::check(&x, &w).is_ok(), "{value} {unlock}");
    }
}

/// Pitfall 40 at its source: a public mint of 1 whose note opens later as 2^64 − 1, the unlock time being the field element
/// (2^64 − 2)/2^64, whose remainder stands in its top bit.
#[test]
fn a_mint_of_one_stays_one() {
    let rng = &mut rng(10);
    let shape = Shape::of::<Mint>();
    let (x, w) = minted(1, 0, rng);
    let bits = hints(&Cs::with_rows().synthesize::<Mint>(&x, &w), "bit");
    let unlock = &bits[64..104];
    let more = (Fr::from(u64::MAX) - Fr::ONE) * word().inverse().expect("not 0");
    let forgery = write(unlock, more);
    let z = restated::<Mint>(&shape, &x, &w, &forgery).expect("a statement");
    let opens = note::commitment(x.asset, note::pack(u64::MAX, 0), w.owner, w.blinding);
    assert_eq!((z[2], z[3]), (Fr::ONE, opens.field()), "1 is signed for, 2^64 − 1 is opened");
    stands_on::<Mint>(&shape, (&x, &w), &forgery, unlock[39]);
    // A public value of 2^64 + 1 with an unlock one second lower would open as 1 with this unlock time.
    let (x, w) = minted(1, 5, rng);
    let mut forgery = write(&bits[..64], Fr::ONE + word());
    forgery.extend(write(unlock, Fr::from(4u64)));
    let z = restated::<Mint>(&shape, &x, &w, &forgery).expect("a statement");
    assert_eq!((z[2], z[3]), (Fr::ONE + word(), x.out.field()));
    stands_on::<Mint>(&shape, (&x, &w), &forgery, bits[63]);
}

/// A version other than 1, packed above or borrowed from: no assignment of the bits makes it.
#[test]
fn a_version_is_pinned() {
    let rng = &mut rng(11);
    let shape = Shape::of::<Mint>();
    let (x, w) = minted(7, (1 << 40) - 1, rng);
    let bits = hints(&Cs::with_rows().synthesize::<Mint>(&x, &w), "bit");
    let unlock = &bits[64..104];
    let above = Fr::from(2u64).pow([40]);
    for (lie, version) in [(above, 2u64), (-above, 0)] {
        let honest = Fr::from(w.unlock);
        let forgery = write(unlock, honest + lie);
        assert!(!accepted::<Mint>(&shape, &x, &w, &forgery));
        let z = restated::<Mint>(&shape, &x, &w, &forgery).expect("a statement");
        let two = Fr::from(2u64);
        let packed = Fr::from(7u64) + word() * honest + two.pow([104]) * Fr::from(version);
        let inputs = [x.asset.field(), packed, w.owner.field(), w.blinding];
        assert_eq!(z[3], hash(Domain::Note, &inputs), "it would be a note of version {version}");
        stands_on::<Mint>(&shape, (&x, &w), &forgery, unlock[39]);
    }
    assert_ne!(z_of(&shape, &x, &w), Commitment::default().field());
}

fn z_of(shape: &Shape, x: &mint::Statement, w: &mint::Witness) -> Fr {
    restated::<Mint>(shape, x, w, &[]).expect("a statement")[3]
}

/// The statement's own fields, each forged alone beside an honest witness: asset and context are no row's, so the hash moves or the
/// proof's own input does; value and output are tied.
#[test]
fn what_is_stated_is_what_is_minted() {
    let rng = &mut rng(12);
    let shape = Shape::of::<Mint>();
    let (x, w) = minted(500, 9, rng);
    let honest = z_of(&shape, &x, &w);
    for asset in [Fr::ZERO, Fr::rand(rng)] {
        let z = restated::<Mint>(&shape, &x, &w, &[(1, asset)]).expect("a statement");
        assert_ne!(z[3], honest, "a note of another asset");
    }
    let bits = hints(&Cs::with_rows().synthesize::<Mint>(&x, &w), "bit");
    for bit in &bits[..64] {
        let z = Cs::with_rows().synthesize::<Mint>(&x, &w).into_assignment();
        let flipped = Fr::ONE - z[*bit as usize];
        let forged = restated::<Mint>(&shape, &x, &w, &[(*bit, flipped)]).expect("a statement");
        assert_ne!(forged[2], Fr::from(500u64), "the stated value follows its bits");
    }
    // Nothing in the rows speaks of the context: its input row binds it, which a key's IC shows.
    let free = restated::<Mint>(&shape, &x, &w, &[(4, Fr::from(9u64))]).expect("a statement");
    assert_eq!(shape.first_violation(&free), None);
    assert_eq!(shape.size(), shape.rows.len() + 4 + 1, "every input has a row of its own");
}
