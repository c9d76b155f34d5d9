//! Pairs of disclose.

use super::common::{off_curve_key, sign_by_small_order, signing_key, small_order_key};
use crate::{Breakable, Drawn, Subject, TestRng};
use ark_ff::{AdditiveGroup, UniformRand};
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::disclose::{Disclose, Scope, Statement, Tag, Witness};
use privity_circuits::jubjub::Scalar;
use privity_circuits::keys::{NullifierKey, Owner, SignerId, SigningKey};
use privity_circuits::note::{self, Party};
use privity_circuits::schnorr::Signature;
use privity_circuits::tree::{Anchor, NOTE_DEPTH, NotePath};
use privity_circuits::{Domain, Fr, hash};
use rand::Rng;

/// 2^40: one second after the last unlock time.
const LATE: u64 = 1 << note::UNLOCK_BITS;

/// A pair under construction, with the secret that signs it.
struct Case {
    x: Statement,
    w: Witness,
    sk: SigningKey,
}

impl Case {
    fn new(rng: &mut TestRng) -> Self {
        let sk = signing_key(rng);
        let value = match rng.gen_range(0..4) {
            0 => 0,
            1 => u64::MAX,
            _ => rng.r#gen(),
        };
        let unlock = match rng.gen_range(0..4) {
            0 => 0,
            1 => LATE - 1,
            _ => rng.gen_range(0..LATE),
        };
        let w = Witness {
            pk: sk.public_key(),
            nk: NullifierKey::new(Fr::rand(rng)),
            rho: Fr::rand(rng),
            value,
            unlock,
            blinding: Fr::rand(rng),
            path: NotePath {
                position: rng.r#gen(),
                siblings: std::array::from_fn(|_| std::array::from_fn(|_| Fr::rand(rng))),
            },
            signature: Signature { c: 0, s: Scalar::ZERO },
        };
        let x = Statement {
            anchor: Anchor::default(),
            asset: AssetId::new(Fr::rand(rng)),
            threshold: at_most(value, rng),
            hold: at_most(unlock, rng),
            scope: Scope::new(Fr::rand(rng)),
            tag: Tag::default(),
            party: Party::default(),
            context: Context::new(Fr::rand(rng)),
        };
        let mut case = Self { x, w, sk };
        case.renew(rng);
        case
    }

    fn owner(&self) -> Owner {
        Owner::of(&self.w.pk, &self.w.nk)
    }

    /// The anchor above the note as it stands.
    fn plant(&mut self) {
        self.x.anchor = self.w.path.root(self.w.commitment(self.x.asset).field());
    }

    /// Tag and party of what stands in the case.
    fn mark(&mut self) {
        let cm = self.w.commitment(self.x.asset);
        self.x.tag = Tag::of(&self.w.nk, cm, self.w.path.position, self.x.scope);
        self.x.party = note::party(self.owner(), self.w.rho);
    }

    /// The owner signs what stands in the case.
    fn sign(&mut self, rng: &mut TestRng) {
        let (prefix, m) = (self.owner().field(), self.x.message());
        self.w.signature = Signature::sign(&self.sk, prefix, m, rng);
    }

    fn renew(&mut self, rng: &mut TestRng) {
        self.plant();
        self.restate(rng);
    }

    /// Everything but the anchor follows.
    fn restate(&mut self, rng: &mut TestRng) {
        self.mark();
        self.sign(rng);
    }
}

/// `limit` itself, 0, or something between.
fn at_most(limit: u64, rng: &mut TestRng) -> u64 {
    match rng.gen_range(0..3) {
        0 => limit,
        1 => 0,
        _ => rng.gen_range(0..=limit),
    }
}

/// A pair that holds.
pub fn valid(rng: &mut TestRng) -> Drawn<Disclose> {
    Case::valid(rng)
}

/// Disclose for the harness: beside siblings off the path, the prover chooses nothing that the public inputs leave open.
pub fn subject() -> Subject<Disclose> {
    Subject::of::<Case>(&[])
}

impl Breakable for Case {
    type Relation = Disclose;

    fn random(rng: &mut TestRng) -> Self {
        Self::new(rng)
    }

    fn pair(self) -> Drawn<Disclose> {
        (self.x, self.w)
    }

    fn mutations() -> Vec<Mutation> {
        [note(), owner(), amounts(), tag(), signature()].concat()
    }
}

type Mutation = crate::Mutation<Case>;

/// The note is not in the tree.
fn note() -> Vec<Mutation> {
    vec![
        ("D1", "another anchor", |case, rng| {
            case.x.anchor = Anchor::new(Fr::rand(rng));
            case.sign(rng);
        }),
        ("D1", "another asset", |case, rng| {
            case.x.asset = AssetId::new(Fr::rand(rng));
            case.restate(rng);
        }),
        ("D1", "a larger value", |case, rng| {
            case.w.value = rng.gen_range(0..u64::MAX);
            case.renew(rng);
            case.w.value += 1;
            case.restate(rng);
        }),
        ("D1", "a later unlock time", |case, rng| {
            case.w.unlock = rng.gen_range(0..LATE - 1);
            case.x.hold = at_most(case.w.unlock, rng);
            case.renew(rng);
            case.w.unlock += 1;
            case.restate(rng);
        }),
        ("D1", "an unlock time of 41 bits", |case, rng| {
            case.w.unlock += LATE;
            case.plant();
            case.sign(rng);
        }),
        ("D1", "another blinding", |case, rng| {
            case.w.blinding = Fr::rand(rng);
            case.restate(rng);
        }),
        ("D1", "a note of value 0 outside the tree", |case, rng| {
            case.w.value = 0;
            case.x.threshold = 0;
            case.x.anchor = Anchor::new(Fr::rand(rng));
            case.restate(rng);
        }),
        ("D1", "another sibling", |case, rng| {
            let level = rng.gen_range(0..NOTE_DEPTH);
            case.w.path.siblings[level][rng.gen_range(0..3)] = Fr::rand(rng);
            case.restate(rng);
        }),
        ("D1", "another position", |case, rng| {
            case.w.path.position ^= 1 << rng.gen_range(0..32);
            case.restate(rng);
        }),
    ]
}

/// The owner, or the party that hides him, is another.
fn owner() -> Vec<Mutation> {
    vec![
        ("D1", "a stranger's note", |case, rng| {
            case.sk = signing_key(rng);
            case.w.pk = case.sk.public_key();
            case.restate(rng);
        }),
        ("D1", "another nullifier key", |case, rng| {
            case.w.nk = NullifierKey::new(Fr::rand(rng));
            case.restate(rng);
        }),
        ("D1", "a key of small order", |case, rng| {
            case.w.pk = small_order_key();
            case.renew(rng);
            let (prefix, m) = (case.owner().field(), case.x.message());
            case.w.signature = sign_by_small_order(prefix, m, rng);
        }),
        ("D1", "a key off the curve", |case, rng| {
            case.w.pk = off_curve_key(rng);
            case.renew(rng);
        }),
        ("D1", "another's party", |case, rng| {
            case.x.party = note::party(Owner::new(Fr::rand(rng)), case.w.rho);
            case.sign(rng);
        }),
        ("D1", "another ρ", |case, rng| {
            case.w.rho = Fr::rand(rng);
        }),
    ]
}

/// The note holds less, or not as long.
fn amounts() -> Vec<Mutation> {
    vec![
        ("D2", "one unit too little", |case, rng| {
            case.w.value = rng.gen_range(0..u64::MAX);
            case.x.threshold = case.w.value + 1;
            case.renew(rng);
        }),
        ("D2", "the highest threshold", |case, rng| {
            case.w.value = rng.gen_range(0..u64::MAX);
            case.x.threshold = u64::MAX;
            case.renew(rng);
        }),
        ("D2", "one second too early", |case, rng| {
            case.x.hold = case.w.unlock + 1;
            case.renew(rng);
        }),
        ("D2", "a hold of 41 bits", |case, rng| {
            case.x.hold = LATE + at_most(case.w.unlock, rng);
            case.renew(rng);
        }),
        ("D2", "the highest hold", |case, rng| {
            case.x.hold = u64::MAX;
            case.renew(rng);
        }),
    ]
}

/// The tag is not the note's.
fn tag() -> Vec<Mutation> {
    fn retag(case: &mut Case, nk: Fr, position: u64, rng: &mut TestRng) {
        let cm = case.w.commitment(case.x.asset).field();
        let inputs = [nk, cm, Fr::from(position), case.x.scope.field()];
        case.x.tag = Tag::new(hash(Domain::Disclosed, &inputs));
        case.sign(rng);
    }
    vec![
        ("D3", "a chosen tag", |case, rng| {
            case.x.tag = Tag::new(Fr::rand(rng));
            case.sign(rng);
        }),
        ("D3", "the tag of another scope", |case, rng| {
            case.x.scope = Scope::new(Fr::rand(rng));
            case.sign(rng);
        }),
        ("D3", "the tag of another position", |case, rng| {
            let position = case.w.path.position ^ 1 << rng.gen_range(0..32);
            retag(case, case.w.nk.field(), position.into(), rng);
        }),
        ("D3", "the position + 2^32", |case, rng| {
            let position = u64::from(case.w.path.position) + (1 << 32);
            retag(case, case.w.nk.field(), position, rng);
        }),
        ("D3", "the tag of another nullifier key", |case, rng| {
            let (nk, position) = (Fr::rand(rng), case.w.path.position.into());
            retag(case, nk, position, rng);
        }),
        ("D3", "the nullifier for a tag", |case, rng| {
            let cm = case.w.commitment(case.x.asset);
            let nf = note::nullifier(case.w.nk.field(), cm, case.w.path.position);
            case.x.tag = Tag::new(nf.field());
            case.sign(rng);
        }),
    ]
}

/// The owner did not sign this.
fn signature() -> Vec<Mutation> {
    vec![
        ("D4", "signed for another audience", |case, rng| {
            case.x.context = Context::new(Fr::rand(rng));
        }),
        ("D4", "signed for another threshold", |case, rng| {
            case.w.value = rng.gen_range(1..=u64::MAX);
            case.x.threshold = 0;
            case.renew(rng);
            case.x.threshold = 1;
        }),
        ("D4", "signed for another hold", |case, rng| {
            case.w.unlock = rng.gen_range(1..LATE);
            case.x.hold = 0;
            case.renew(rng);
            case.x.hold = 1;
        }),
        ("D4", "signed for another scope", |case, rng| {
            case.x.scope = Scope::new(Fr::rand(rng));
            case.mark();
        }),
        ("D4", "signed for another party", |case, rng| {
            case.w.rho = Fr::rand(rng);
            case.mark();
        }),
        ("D4", "signed by a stranger", |case, rng| {
            case.sk = signing_key(rng);
            case.sign(rng);
        }),
        ("D4", "signed under a signer id", |case, rng| {
            let prefix = SignerId::of(&case.w.pk).field();
            case.w.signature = Signature::sign(&case.sk, prefix, case.x.message(), rng);
        }),
        ("D4", "another challenge", |case, rng| {
            case.w.signature.c ^= 1 << rng.gen_range(0..128);
        }),
        ("D4", "another response", |case, rng| {
            case.w.signature.s += Scalar::from(1u64 << rng.gen_range(0..64));
        }),
    ]
}
