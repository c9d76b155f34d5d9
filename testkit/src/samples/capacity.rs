//! Pairs of capacity.

use super::common::{off_curve_key, sign_by_small_order, signing_key, small_order_key};
use crate::{Breakable, Drawn, Subject, TestRng};
use ark_ff::UniformRand;
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::capacity::{Capacity, Issued, Serial, Statement, WEEKS, Week, Witness};
use privity_circuits::context::{Context, LedgerId};
use privity_circuits::jubjub::Scalar;
use privity_circuits::keys::{NullifierKey, Owner, SignerId, SigningKey};
use privity_circuits::note::{self, Commitment, Note};
use privity_circuits::schnorr::Signature;
use privity_circuits::{Domain, Fr, hash};
use rand::Rng;

/// A pair under construction, with the secrets that sign it.
struct Case {
    x: Statement,
    w: Witness,
    supplier: SigningKey,
    certifier: SigningKey,
}

impl Case {
    fn new(rng: &mut TestRng) -> Self {
        let (supplier, certifier) = (signing_key(rng), signing_key(rng));
        let blank = Signature { c: 0, s: Scalar::from(0u64) };
        let x = Statement {
            ledger: LedgerId::new(Fr::rand(rng)),
            certifier: SignerId::of(&certifier.public_key()),
            issued: Issued::default(),
            outputs: [Commitment::default(); WEEKS],
            context: Context::new(Fr::rand(rng)),
        };
        let w = Witness {
            pk: supplier.public_key(),
            nk: NullifierKey::new(Fr::rand(rng)),
            resource: ResourceId::new(Fr::rand(rng)),
            weeks: [Week::default(); WEEKS],
            serial: Serial::new(Fr::rand(rng)),
            certifier: certifier.public_key(),
            attested: blank,
            accepted: blank,
        };
        let mut case = Self { x, w, supplier, certifier };
        let used = rng.gen_range(1..=WEEKS);
        case.use_weeks(used, rng);
        case.renew(rng);
        case
    }

    /// `used` ascending weeks, quantities at the edges among them.
    fn use_weeks(&mut self, used: usize, rng: &mut TestRng) {
        let mut buckets = std::collections::BTreeSet::new();
        while buckets.len() < used {
            buckets.insert(match rng.gen_range(0..8) {
                0 => 1,
                1 => u32::MAX,
                _ => 18_994 + 7 * rng.gen_range(0..2_000),
            });
        }
        self.w.weeks = [Week::default(); WEEKS];
        for (week, bucket) in self.w.weeks.iter_mut().zip(buckets) {
            let quantity = match rng.gen_range(0..4) {
                0 => 0,
                1 => u64::MAX,
                _ => rng.r#gen(),
            };
            *week = Week { bucket, quantity };
        }
    }

    fn owner(&self) -> Owner {
        Owner::of(&self.w.pk, &self.w.nk)
    }

    fn notes(&self) -> [Note; WEEKS] {
        self.w.attestation(&self.x).notes(&self.w.serial)
    }

    fn attested_message(&self) -> Fr {
        self.w.attestation(&self.x).message()
    }

    /// The certifier signs what stands in the case.
    fn attest(&mut self, rng: &mut TestRng) {
        let (prefix, m) = (self.x.certifier.field(), self.attested_message());
        self.w.attested = Signature::sign(&self.certifier, prefix, m, rng);
    }

    /// Outputs and mark of what stands in the case.
    fn issue(&mut self) {
        self.x.outputs = self.notes().each_ref().map(Note::commitment);
        self.x.issued = self.w.serial.issued(self.x.certifier);
    }

    /// The supplier signs what stands in the case.
    fn accept(&mut self, rng: &mut TestRng) {
        let m = self.w.attestation(&self.x).acceptance(self.x.context);
        let prefix = self.owner().field();
        self.w.accepted = Signature::sign(&self.supplier, prefix, m, rng);
    }

    fn renew(&mut self, rng: &mut TestRng) {
        self.attest(rng);
        self.issue();
        self.accept(rng);
    }

    /// Everything but the certifier's signature follows.
    fn reissue(&mut self, rng: &mut TestRng) {
        self.issue();
        self.accept(rng);
    }

    /// Output `index` becomes `note` after `change`.
    fn replace(&mut self, index: usize, change: impl FnOnce(&mut Note)) {
        let mut note = self.notes()[index].clone();
        change(&mut note);
        self.x.outputs[index] = note.commitment();
    }
}

/// A pair that holds.
pub fn valid(rng: &mut TestRng) -> Drawn<Capacity> {
    Case::valid(rng)
}

/// Capacity for the harness: the prover chooses nothing that the public inputs leave open.
pub fn subject() -> Subject<Capacity> {
    Subject::of::<Case>(&[])
}

impl Breakable for Case {
    type Relation = Capacity;

    fn random(rng: &mut TestRng) -> Self {
        Self::new(rng)
    }

    fn pair(self) -> Drawn<Capacity> {
        (self.x, self.w)
    }

    fn mutations() -> Vec<Mutation> {
        [attestation(), certifier(), outputs(), weeks(), issuing()].concat()
    }
}

type Mutation = crate::Mutation<Case>;

/// The attestation is not the one signed.
fn attestation() -> Vec<Mutation> {
    vec![
        ("C1", "attested for another ledger", |case, rng| {
            case.x.ledger = LedgerId::new(Fr::rand(rng));
            case.reissue(rng);
        }),
        ("C1", "more capacity than attested", |case, rng| {
            case.w.weeks[0].quantity ^= 1 << rng.gen_range(0..64);
            case.reissue(rng);
        }),
        ("C1", "attested for another week", |case, rng| {
            case.use_weeks(1, rng);
            case.renew(rng);
            case.w.weeks[0].bucket ^= 6 << rng.gen_range(0..29);
            case.reissue(rng);
        }),
        ("C1", "a further week than attested", |case, rng| {
            case.use_weeks(WEEKS, rng);
            let last = std::mem::take(&mut case.w.weeks[WEEKS - 1]);
            case.attest(rng);
            case.w.weeks[WEEKS - 1] = last;
            case.reissue(rng);
        }),
        ("C1", "attested for other machines", |case, rng| {
            case.w.resource = ResourceId::new(Fr::rand(rng));
            case.reissue(rng);
        }),
        ("C1", "attested to another supplier", |case, rng| {
            case.supplier = signing_key(rng);
            case.w.pk = case.supplier.public_key();
            case.reissue(rng);
        }),
        ("C1", "attested to another nullifier key", |case, rng| {
            case.w.nk = NullifierKey::new(Fr::rand(rng));
            case.reissue(rng);
        }),
        ("C1", "issued again under another serial", |case, rng| {
            case.w.serial = Serial::new(Fr::rand(rng));
            case.reissue(rng);
        }),
    ]
}

/// The certifier did not sign.
fn certifier() -> Vec<Mutation> {
    vec![
        ("C1", "signed by a stranger", |case, rng| {
            case.certifier = signing_key(rng);
            case.attest(rng);
        }),
        ("C1", "a stranger's key and signature", |case, rng| {
            case.certifier = signing_key(rng);
            case.w.certifier = case.certifier.public_key();
            case.attest(rng);
        }),
        ("C1", "a certifier whom the key does not open", |case, rng| {
            case.x.certifier = SignerId::new(Fr::rand(rng));
            case.renew(rng);
        }),
        ("C1", "signed under an owner", |case, rng| {
            let (prefix, m) = (case.owner().field(), case.attested_message());
            case.w.attested = Signature::sign(&case.certifier, prefix, m, rng);
        }),
        ("C1", "a key of small order", |case, rng| {
            case.w.certifier = small_order_key();
            case.x.certifier = SignerId::of(&case.w.certifier);
            let (prefix, m) = (case.x.certifier.field(), case.attested_message());
            case.w.attested = sign_by_small_order(prefix, m, rng);
            case.reissue(rng);
        }),
        ("C1", "a key off the curve", |case, rng| {
            case.w.certifier = off_curve_key(rng);
            case.x.certifier = SignerId::of(&case.w.certifier);
            case.renew(rng);
        }),
        ("C1", "another challenge", |case, rng| {
            case.w.attested.c ^= 1 << rng.gen_range(0..128);
        }),
        ("C1", "another response", |case, rng| {
            case.w.attested.s += Scalar::from(1u64 << rng.gen_range(0..64));
        }),
    ]
}

/// The outputs are not the attested notes.
fn outputs() -> Vec<Mutation> {
    vec![
        ("C2", "a note of one unit more", |case, rng| {
            case.replace(rng.gen_range(0..WEEKS), |note| {
                note.value = note.value.wrapping_add(1);
            });
        }),
        ("C2", "a locked note", |case, rng| {
            let unlock = 1 << rng.gen_range(0..40);
            case.replace(rng.gen_range(0..WEEKS), |note| note.unlock = unlock);
        }),
        ("C2", "a note of another version", |case, rng| {
            case.replace(rng.gen_range(0..WEEKS), |note| note.unlock = 1 << 40);
        }),
        ("C2", "a note of another owner", |case, rng| {
            let owner = Owner::new(Fr::rand(rng));
            case.replace(rng.gen_range(0..WEEKS), |note| note.owner = owner);
        }),
        ("C2", "a note of a chosen blinding", |case, rng| {
            let blinding = Fr::rand(rng);
            case.replace(rng.gen_range(0..WEEKS), |note| note.blinding = blinding);
        }),
        ("C2", "a note of the next week's blinding", |case, rng| {
            let index = rng.gen_range(0..WEEKS);
            let blinding = case.w.serial.blinding(index + 1);
            case.replace(index, |note| note.blinding = blinding);
        }),
        ("C2", "capacity of another origin", |case, rng| {
            let (certifier, resource) = (case.x.certifier, case.w.resource);
            let origin = Owner::new(Fr::rand(rng));
            let bucket = case.w.weeks[0].bucket;
            let asset = AssetId::capacity(certifier, origin, resource, bucket);
            case.replace(0, |note| note.asset = asset);
        }),
        ("C2", "capacity of another week", |case, rng| {
            let (certifier, resource) = (case.x.certifier, case.w.resource);
            let bucket = case.w.weeks[0].bucket ^ 1 << rng.gen_range(0..32);
            let asset = AssetId::capacity(certifier, case.owner(), resource, bucket);
            case.replace(0, |note| note.asset = asset);
        }),
        ("C2", "two outputs exchanged", |case, rng| {
            let index = rng.gen_range(1..WEEKS);
            case.x.outputs.swap(0, index);
        }),
        ("C2", "no output for a week", |case, rng| {
            case.x.outputs[rng.gen_range(0..WEEKS)] = note::NO_COMMITMENT;
        }),
    ]
}

/// The weeks, duly attested and accepted, break their order.
fn weeks() -> Vec<Mutation> {
    vec![
        ("C2", "no week is used", |case, rng| {
            case.w.weeks = [Week::default(); WEEKS];
            case.renew(rng);
        }),
        ("C2", "an unused week comes first", |case, rng| {
            case.use_weeks(rng.gen_range(2..=WEEKS), rng);
            case.w.weeks[0] = Week::default();
            case.renew(rng);
        }),
        ("C2", "an unused week in between", |case, rng| {
            case.use_weeks(rng.gen_range(3..=WEEKS), rng);
            case.w.weeks[1] = Week::default();
            case.renew(rng);
        }),
        ("C2", "two weeks exchanged", |case, rng| {
            let used = rng.gen_range(2..=WEEKS);
            case.use_weeks(used, rng);
            case.w.weeks.swap(used - 2, used - 1);
            case.renew(rng);
        }),
        ("C2", "one week twice", |case, rng| {
            let used = rng.gen_range(2..=WEEKS);
            case.use_weeks(used, rng);
            case.w.weeks[used - 1].bucket = case.w.weeks[used - 2].bucket;
            case.renew(rng);
        }),
        ("C2", "an unused week has a quantity", |case, rng| {
            let used = rng.gen_range(1..WEEKS);
            case.use_weeks(used, rng);
            let unused = rng.gen_range(used..WEEKS);
            case.w.weeks[unused].quantity = 1 << rng.gen_range(0..64);
            case.renew(rng);
        }),
    ]
}

/// The mark or the supplier's acceptance is wrong.
fn issuing() -> Vec<Mutation> {
    vec![
        ("C3", "a chosen mark", |case, rng| {
            case.x.issued = Issued::new(Fr::rand(rng));
        }),
        ("C3", "another certifier's mark", |case, rng| {
            case.x.issued = case.w.serial.issued(SignerId::new(Fr::rand(rng)));
        }),
        ("C3", "the serial's id for a mark", |case, _| {
            case.x.issued = Issued::new(case.w.serial.id().field());
        }),
        ("C4", "accepted in another transaction", |case, rng| {
            case.x.context = Context::new(Fr::rand(rng));
        }),
        ("C4", "accepted by a stranger", |case, rng| {
            case.supplier = signing_key(rng);
            case.accept(rng);
        }),
        ("C4", "accepted by the certifier", |case, _| {
            case.w.accepted = case.w.attested;
        }),
        ("C4", "accepted under the certifier's id", |case, rng| {
            let m = case.w.attestation(&case.x).acceptance(case.x.context);
            let prefix = case.x.certifier.field();
            case.w.accepted = Signature::sign(&case.supplier, prefix, m, rng);
        }),
        ("C4", "another attestation accepted", |case, rng| {
            let inputs = [Fr::rand(rng), case.x.context.field()];
            let (prefix, m) = (case.owner().field(), hash(Domain::Accept, &inputs));
            case.w.accepted = Signature::sign(&case.supplier, prefix, m, rng);
        }),
        ("C4", "a supplier's key of small order", |case, rng| {
            case.w.pk = small_order_key();
            case.renew(rng);
            let m = case.w.attestation(&case.x).acceptance(case.x.context);
            case.w.accepted = sign_by_small_order(case.owner().field(), m, rng);
        }),
        ("C4", "a supplier's key off the curve", |case, rng| {
            case.w.pk = off_curve_key(rng);
            case.renew(rng);
        }),
        ("C4", "another challenge", |case, rng| {
            case.w.accepted.c ^= 1 << rng.gen_range(0..128);
        }),
        ("C4", "another response", |case, rng| {
            case.w.accepted.s += Scalar::from(1u64 << rng.gen_range(0..64));
        }),
    ]
}
