//! The harness over capacity, disclose, price and release.

use ark_ff::UniformRand;
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::capacity::{Capacity, Issued, Serial, Statement, WEEKS, Week, Witness};
use privity_circuits::context::{Context, LedgerId};
use privity_circuits::jubjub::Scalar;
use privity_circuits::keys::{NullifierKey, SignerId};
use privity_circuits::note::Commitment;
use privity_circuits::schnorr::Signature;
use privity_circuits::{Circuit, Domain, Fr, hash};
use privity_testkit::deletion::{self, Plan};
use privity_testkit::liar::Liar;
use privity_testkit::samples::transfer::Actor;
use privity_testkit::samples::{capacity, disclose, price, release};
use privity_testkit::{Subject, TestRng, forge, jacobian, mutation, rng, size};

/// All four attacks, their counts printed; in thousandths, how many deleted rows and classes somebody has to notice.
fn attack<C: Circuit>(subject: &Subject<C>, plan: Plan<C>, [rows, classes]: [usize; 2]) {
    let counts = jacobian::run(subject, size(3, 50), 4);
    println!("{} Jacobian: {counts:?}", C::NAME);
    let counts = mutation::run(subject, size(2, 20), 3);
    println!("{} mutations: {counts:?}", C::NAME);
    let counts = forge::run(subject, size(1, 10), size(3, 100), 2);
    println!("{} forged: {counts:?}", C::NAME);
    let counts = deletion::run(subject, plan);
    println!("{} deletion: {counts}", C::NAME);
    assert!(counts.noticed_per_mille() >= rows && counts.classes_per_mille() >= classes, "{:?}", counts.unnoticed);
}

/// Rows that an assignment violates.
fn refusing<C: Circuit>(subject: &Subject<C>, z: &[Fr]) -> Vec<usize> {
    let rows = subject.shape().rows.iter().enumerate();
    rows.filter(|(_, row)| row.residue(z) != Fr::from(0u64)).map(|(index, _)| index).collect()
}

/// An attestation whose last used week `k` has the bucket 5 and the quantity 9, opened as bucket 2^32 + 5 and quantity 8: the lane is
/// the same, both signatures hold, the note is of that bucket. Only a bit of the bucket is no bit.
fn wide_week(k: usize, subject: &Subject<Capacity>, rng: &mut TestRng) -> Vec<Fr> {
    let (supplier, certifier) = (Actor::random(rng), Actor::random(rng));
    let blank = Signature { c: 0, s: Scalar::from(0u64) };
    let mut weeks = [Week::default(); WEEKS];
    for (j, week) in weeks[..k].iter_mut().enumerate() {
        *week = Week { bucket: u32::MAX - (k - j) as u32, quantity: 1 };
    }
    weeks[k] = Week { bucket: 5, quantity: 9 };
    let mut x = Statement {
        ledger: LedgerId::new(Fr::rand(rng)),
        certifier: SignerId::of(&certifier.pk),
        issued: Issued::default(),
        outputs: [Commitment::default(); WEEKS],
        context: Context::new(Fr::rand(rng)),
    };
    let mut w = Witness {
        pk: supplier.pk,
        nk: NullifierKey::new(supplier.nk),
        resource: ResourceId::new(Fr::rand(rng)),
        weeks,
        serial: Serial::new(Fr::rand(rng)),
        certifier: certifier.pk,
        attested: blank,
        accepted: blank,
    };
    let attestation = w.attestation(&x);
    x.outputs = attestation.notes(&w.serial).each_ref().map(|note| note.commitment());
    let mut note = attestation.notes(&w.serial)[k].clone();
    let bucket = Fr::from(5 + (1u64 << 32));
    let source = [x.certifier.field(), supplier.owner().field(), w.resource.field(), bucket];
    note.asset = AssetId::new(hash(Domain::Capacity, &source));
    note.value = 8;
    x.outputs[k] = note.commitment();
    x.issued = w.serial.issued(x.certifier);
    w.attested = Signature::sign(&certifier.secret, x.certifier.field(), attestation.message(), rng);
    w.accepted = Signature::sign(&supplier.secret, supplier.owner().field(), attestation.acceptance(x.context), rng);
    let bits: Vec<_> = subject.hints().iter().filter(|(_, name)| *name == "bit").collect();
    // 32 bits of the bucket and 64 of the quantity per week, before any other.
    let (top, lowest) = (bits[96 * k + 31].0, bits[96 * k + 32].0);
    subject.forged(&x, &w, &[(top, Fr::from(2u64)), (lowest, Fr::from(0u64))])
}

#[test]
fn capacity_is_sound() {
    let subject = capacity::subject()
        .choosing(&["pk.x", "nk", "resource", "serial"])
        .deriving(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    let mut rng = rng(1);
    let forgeries: Vec<Vec<Fr>> = (0..WEEKS).map(|k| wide_week(k, &subject, &mut rng)).collect();
    for z in &forgeries {
        assert_eq!(refusing(&subject, z).len(), 1);
    }
    let plan = Plan { forgeries, ..Plan::new(size(5, 20), size(200, 2000)) };
    attack(&subject, plan, [990, 990]);
}

#[test]
fn disclose_is_sound() {
    let subject = disclose::subject().choosing(&["pk.x", "nk", "rho", "blinding"]).deriving(&[0, 5, 6, 7]);
    let plan = Plan::new(size(5, 20), 0);
    attack(&subject, plan, [1000, 1000]);
}

#[test]
fn price_is_sound() {
    let subject = price::subject();
    let liar = Liar::new(&subject);
    let mut rng = rng(2);
    let told = price::lies(&mut rng);
    for ((x, w), forgery) in &told {
        let refusing = refusing(&subject, &liar.state((x, w), forgery));
        assert_eq!(refusing.len(), 1, "{refusing:?}");
    }
    let mut pairs = vec![price::free_of_charge(&mut rng)];
    pairs.extend((0..size(2, 20)).map(|_| price::roomy(&mut rng)));
    pairs.extend((0..size(1, 10)).map(|_| price::valid(&mut rng)));
    let plan = Plan { told, pairs, ..Plan::new(size(5, 20), size(150, 3000)) };
    attack(&subject, plan, [990, 990]);
}

#[test]
fn release_is_sound() {
    let subject = release::subject();
    let mut rng = rng(3);
    // A late partial delivery, in which every amount is at stake.
    let mut pairs = vec![release::skewed(0, 0, 0, &mut rng)];
    pairs.extend((0..size(1, 20)).map(|_| release::valid(&mut rng)));
    let plan = Plan { pairs, ..Plan::new(size(16, 60), size(200, 3000)) };
    attack(&subject, plan, [985, 990]);
}
