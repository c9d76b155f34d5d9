//! The harness over capacity and disclose.

use ark_ff::UniformRand;
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::capacity::{Capacity, Issued, Serial, Statement, WEEKS, Week, Witness};
use privity_circuits::context::{Context, LedgerId};
use privity_circuits::jubjub::Scalar;
use privity_circuits::keys::{NullifierKey, SignerId};
use privity_circuits::note::Commitment;
use privity_circuits::schnorr::Signature;
use privity_circuits::{Circuit, Domain, Fr, hash};
use privity_testkit::samples::transfer::Actor;
use privity_testkit::samples::{capacity, disclose};
use privity_testkit::{Subject, TestRng, deletion, forge, jacobian, mutation, rng, size};
use std::collections::BTreeMap;

fn attack<C: Circuit>(subject: &Subject<C>, forgeries: Vec<Vec<Fr>>) {
    let counts = jacobian::run(subject, size(3, 50), 4);
    println!("{} Jacobian: {counts:?}", C::NAME);
    let counts = mutation::run(subject, size(2, 20), 3);
    println!("{} mutations: {counts:?}", C::NAME);
    let counts = forge::run(subject, size(1, 10), size(3, 100), 2);
    println!("{} forged: {counts:?}", C::NAME);
    let counts = deletion::run(subject, size(5, 20), size(400, 2000), forgeries, 5);
    let mut unnoticed: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (_, (gadget, rule, _)) in &counts.unnoticed {
        *unnoticed.entry((gadget, rule)).or_default() += 1;
    }
    println!(
        "{} deletion: {} rows in {} classes, {} noticed by rank, {} by attack, others {unnoticed:?}",
        C::NAME,
        counts.rows,
        counts.classes,
        counts.by_rank,
        counts.by_attack
    );
    assert!(counts.noticed_per_mille() >= 990);
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
        let broken = subject.shape().rows.iter().filter(|row| row.residue(z) != Fr::from(0u64));
        assert_eq!(broken.count(), 1);
    }
    attack(&subject, forgeries);
}

#[test]
fn disclose_is_sound() {
    let subject = disclose::subject().choosing(&["pk.x", "nk", "rho", "blinding"]).deriving(&[0, 5, 6, 7]);
    attack(&subject, Vec::new());
}
