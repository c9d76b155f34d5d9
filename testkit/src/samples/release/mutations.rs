//! Ways to break a pair of release, by rule.

use super::super::common::{off_curve_key, sign_by_small_order, signing_key, small_order_key};
use super::case::{Case, Output, WIDE, sign};
use crate::{Breakable, Drawn, TestRng};
use ark_ff::UniformRand;
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::jubjub::Scalar;
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::note::{self, Nullifier, UNLOCK_BITS};
use privity_circuits::release::{Claim, Evidence, Holding, Release, Signed};
use privity_circuits::terms::{WEEK, receipt_message};
use privity_circuits::tree::{Anchor, NOTE_DEPTH};
use privity_circuits::{Fr, hash};
use rand::Rng;

type Mutation = crate::Mutation<Case>;

impl Breakable for Case {
    type Relation = Release;

    fn random(rng: &mut TestRng) -> Self {
        Self::new(rng)
    }

    fn pair(self) -> Drawn<Release> {
        (self.x, self.w)
    }

    fn mutations() -> Vec<Mutation> {
        table()
    }
}

fn table() -> Vec<Mutation> {
    [pair(), nullifier(), terms(), receipts(), lapses(), decisions(), keys(), amounts(), values(), owners(), openings()]
        .concat()
}

/// 1 000 pieces, 400 of them settled, 600 002 minor units and 2 100 units of capacity left, 0.5 % a week up to 5 %.
fn usual(case: &mut Case) {
    let terms = &mut case.w.terms;
    (terms.goods.quantity, terms.goods.load_factor) = (1_000_000, 3_500);
    (terms.goods.due, terms.remedy.claim_until) = (1_700_000_000, 1_700_000_000 + 12 * WEEK);
    (terms.remedy.rate, terms.remedy.cap) = (50, 500);
    case.w.held = Holding { done: 400_000, payment: 600_002, capacity: 2_100_000_000 };
}

/// The usual deal, of which 900 pieces are delivered three weeks late.
pub(super) fn late(case: &mut Case, rng: &mut TestRng) {
    usual(case);
    case.claim(Claim::Delivered { delivered: 900_000, time: 1_700_000_000 + 3 * WEEK, last: false }, rng);
}

/// The usual deal, delivered in full on time.
fn whole(case: &mut Case, rng: &mut TestRng) {
    usual(case);
    case.claim(Claim::Delivered { delivered: 1_005_000, time: 1_700_000_000, last: false }, rng);
}

fn lapsed(case: &mut Case, rng: &mut TestRng) {
    let claim = case.lapse(rng);
    case.claim(claim, rng);
}

fn awarded(case: &mut Case, rng: &mut TestRng) {
    let claim = case.decided(rng, |pay, used| Claim::Awarded { pay, used });
    case.claim(claim, rng);
}

fn agreed(case: &mut Case, rng: &mut TestRng) {
    let claim = case.decided(rng, |pay, used| Claim::Agreed { pay, used });
    case.claim(claim, rng);
}

/// A refund out of a leaf that is made of two notes after `change`.
fn foreign_pair(case: &mut Case, rng: &mut TestRng, change: impl FnOnce(&mut [note::Note; 2])) {
    lapsed(case, rng);
    let mut halves = case.w.halves();
    change(&mut halves);
    let [payment, capacity] = halves.each_ref().map(note::Note::commitment);
    case.x.anchor = case.w.path.root(note::pair(payment, capacity).field());
}

/// The pair is not in the tree.
fn pair() -> Vec<Mutation> {
    vec![
        ("R1", "another anchor", |case, rng| case.x.anchor = Anchor::new(Fr::rand(rng))),
        ("R1", "another sibling", |case, rng| {
            let level = rng.gen_range(0..NOTE_DEPTH);
            case.w.path.siblings[level][rng.gen_range(0..3)] = Fr::rand(rng);
        }),
        ("R1", "another position", |case, rng| {
            case.w.path.position ^= 1 << rng.gen_range(0..32);
            case.restate(rng);
        }),
        ("R1", "an empty pair outside the tree", |case, rng| {
            (case.w.held.payment, case.w.held.capacity) = (0, 0);
            lapsed(case, rng);
            case.x.anchor = Anchor::new(Fr::rand(rng));
        }),
        ("R1", "a plain note instead of a pair", |case, _| {
            let [payment, _] = case.w.halves();
            case.x.anchor = case.w.path.root(payment.commitment().field());
        }),
        ("R1", "a pair with foreign capacity", |case, rng| {
            let asset = AssetId::new(Fr::rand(rng));
            foreign_pair(case, rng, |halves| halves[1].asset = asset);
        }),
        ("R1", "a pair with a worthless token", |case, rng| {
            let asset = AssetId::new(Fr::rand(rng));
            foreign_pair(case, rng, |halves| halves[0].asset = asset);
        }),
        ("R1", "a pair of somebody else", |case, rng| {
            let owner = Owner::new(Fr::rand(rng));
            foreign_pair(case, rng, |halves| halves[1].owner = owner);
        }),
        ("R1", "a locked half", |case, rng| {
            let (half, unlock) = (rng.gen_range(0..2), 1 << rng.gen_range(0..UNLOCK_BITS));
            foreign_pair(case, rng, |halves| halves[half].unlock = unlock);
        }),
        ("R1", "the halves exchanged", |case, rng| foreign_pair(case, rng, |halves| halves.swap(0, 1))),
        ("R1", "more money than the pair holds", |case, rng| {
            case.w.held.payment = rng.gen_range(0..u64::MAX);
            lapsed(case, rng);
            case.w.held.payment += 1;
            case.restate(rng);
        }),
        ("R1", "more capacity than the pair holds", |case, rng| {
            lapsed(case, rng);
            case.w.held.capacity ^= 1 << rng.gen_range(0..64);
            case.restate(rng);
        }),
        ("R1", "another state of the deal", |case, rng| {
            usual(case);
            lapsed(case, rng);
            case.w.held.done -= 1;
            case.restate(rng);
        }),
        ("R1", "another blinding", |case, rng| {
            case.w.capacity_blinding = Fr::rand(rng);
            case.restate(rng);
        }),
    ]
}

/// The nullifier is not the pair's.
fn nullifier() -> Vec<Mutation> {
    fn state(case: &mut Case, nullifier: Nullifier, rng: &mut TestRng) {
        case.x.nullifier = nullifier;
        case.settle(case.w.evidence.claim(), rng);
    }
    vec![
        ("R1", "a chosen nullifier", |case, rng| state(case, Nullifier::new(Fr::rand(rng)), rng)),
        ("R1", "the nullifier of another salt", |case, rng| {
            let mut other = case.w.terms.clone();
            other.money.salt = Fr::rand(rng);
            let nk = other.escrow_nullifier_key();
            state(case, note::nullifier(nk, case.w.pair(), case.w.path.position), rng);
        }),
        ("R1", "the nullifier at position + 2^32", |case, rng| {
            let position = Fr::from(u64::from(case.w.path.position) + (1 << 32));
            let inputs = [case.w.terms.escrow_nullifier_key(), case.w.pair().field(), position];
            state(case, Nullifier::new(hash(privity_circuits::Domain::Nullifier, &inputs)), rng);
        }),
        ("R1", "the nullifier of the payment alone", |case, rng| {
            let [payment, _] = case.w.halves();
            let nk = case.w.terms.escrow_nullifier_key();
            state(case, note::nullifier(nk, payment.commitment(), case.w.path.position), rng);
        }),
    ]
}

/// The terms are not the escrow's, or nothing is left of them.
fn terms() -> Vec<Mutation> {
    fn alter(case: &mut Case, rng: &mut TestRng, change: impl FnOnce(&mut Case)) {
        usual(case);
        lapsed(case, rng);
        change(case);
        case.restate(rng);
    }
    vec![
        ("R1", "an earlier claim_until", |case, rng| alter(case, rng, |case| case.w.terms.remedy.claim_until -= 1)),
        ("R1", "a lower penalty", |case, rng| alter(case, rng, |case| case.w.terms.remedy.cap -= 1)),
        ("R1", "a later due time", |case, rng| alter(case, rng, |case| case.w.terms.goods.due += 1)),
        ("R1", "another supplier", |case, rng| {
            let owner = Owner::new(Fr::rand(rng));
            alter(case, rng, |case| case.w.terms.parties.supplier = owner);
        }),
        ("R1", "a signer of one's own", |case, rng| {
            let key = signing_key(rng);
            alter(case, rng, |case| {
                case.w.terms.parties.buyer_signer = SignerId::of(&key.public_key());
                case.keys.buyer = key;
            });
        }),
        ("R1", "other prices", |case, rng| alter(case, rng, |case| case.w.terms.money.set_up ^= 1)),
        ("R1", "all is settled", |case, rng| {
            usual(case);
            case.w.held.done = 1_000_000;
            awarded(case, rng);
        }),
        ("R1", "more than all is settled", |case, rng| {
            usual(case);
            case.w.held.done = rng.gen_range(1_000_001..WIDE);
            agreed(case, rng);
        }),
        ("R1", "an order of 41 bits", |case, rng| {
            usual(case);
            case.w.terms.goods.quantity = WIDE;
            lapsed(case, rng);
        }),
        ("R1", "a cap of 15 bits", |case, rng| {
            usual(case);
            case.w.terms.remedy.cap += 1 << 14;
            case.claim(Claim::Delivered { delivered: 900_000, time: 1_700_000_000 + 3 * WEEK, last: false }, rng);
        }),
        ("R1", "settled quantity of 41 bits", |case, rng| {
            usual(case);
            case.w.held.done += WIDE;
            lapsed(case, rng);
        }),
    ]
}

/// The receipt is not the next one.
fn receipts() -> Vec<Mutation> {
    fn inspect(case: &mut Case, done: u64, delivered: u64, time: u64, rng: &mut TestRng) {
        let id = case.w.terms.parties.inspector;
        let m = receipt_message(case.w.terms.id(), done, delivered, time, false);
        *case.signed() = sign(&case.keys.inspector, id.field(), m, rng);
    }
    const LATE: u64 = 1_700_000_000 + 3 * WEEK;
    vec![
        ("R2", "a receipt after a skipped one", |case, rng| {
            late(case, rng);
            inspect(case, 500_000, 900_000, LATE, rng);
        }),
        ("R2", "more pieces than received", |case, rng| {
            late(case, rng);
            inspect(case, 400_000, 899_000, LATE, rng);
        }),
        ("R2", "later than stated", |case, rng| {
            late(case, rng);
            inspect(case, 400_000, 900_000, LATE + 1, rng);
        }),
        ("R2", "said to be the last", |case, rng| {
            usual(case);
            case.claim(Claim::Delivered { delivered: 900_000, time: LATE, last: true }, rng);
            inspect(case, 400_000, 900_000, LATE, rng);
        }),
        ("R2", "a receipt of another deal", |case, rng| {
            late(case, rng);
            let m =
                receipt_message(privity_circuits::terms::TermsId::new(Fr::rand(rng)), 400_000, 900_000, LATE, false);
            *case.signed() = sign(&case.keys.inspector, case.w.terms.parties.inspector.field(), m, rng);
        }),
        ("R2", "nothing delivered and not the last", |case, rng| {
            usual(case);
            case.claim(Claim::Delivered { delivered: 400_000, time: LATE, last: false }, rng);
        }),
        ("R2", "fewer pieces than before", |case, rng| {
            usual(case);
            let delivered = rng.gen_range(0..400_000);
            case.claim(Claim::Delivered { delivered, time: LATE, last: rng.r#gen() }, rng);
        }),
        ("R2", "fewer pieces than before, worth nothing", |case, rng| {
            usual(case);
            (case.w.terms.goods.load_factor, case.w.held.payment) = (0, 0);
            let delivered = rng.gen_range(0..400_000);
            case.claim(Claim::Delivered { delivered, time: LATE, last: false }, rng);
        }),
        ("R2", "a quantity of 41 bits", |case, rng| {
            usual(case);
            case.claim(Claim::Delivered { delivered: WIDE, time: LATE, last: false }, rng);
        }),
        ("R2", "a time of 41 bits", |case, rng| {
            usual(case);
            case.w.terms.goods.due = WIDE - WEEK;
            case.claim(Claim::Delivered { delivered: 900_000, time: WIDE + 2 * WEEK, last: false }, rng);
        }),
    ]
}

/// The escrow has not lapsed, or the refund was not signed.
fn lapses() -> Vec<Mutation> {
    vec![
        ("R2", "a second before claim_until", |case, rng| {
            lapsed(case, rng);
            case.x.now = case.w.terms.remedy.claim_until - 1;
        }),
        ("R2", "a time beyond all clocks", |case, rng| {
            lapsed(case, rng);
            case.x.now = u64::MAX;
        }),
        ("R2", "a refund in another transaction", |case, rng| {
            lapsed(case, rng);
            case.x.context = Context::new(Fr::rand(rng));
        }),
        ("R2", "a refund of another state", |case, rng| {
            lapsed(case, rng);
            let nullifier = case.x.nullifier;
            case.x.nullifier = Nullifier::new(Fr::rand(rng));
            let evidence = case.evidence(Claim::Lapsed, rng);
            case.x.nullifier = nullifier;
            case.w.evidence = evidence;
        }),
    ]
}

/// What is moved is not what the arbiter or the parties signed.
fn decisions() -> Vec<Mutation> {
    vec![
        ("R2", "more than awarded", |case, rng| {
            usual(case);
            case.claim(Claim::Awarded { pay: 1, used: 1 }, rng);
            if let Evidence::Awarded { pay, .. } = &mut case.w.evidence {
                *pay += 1;
            }
            case.pay_out();
        }),
        ("R2", "less capacity than agreed", |case, rng| {
            usual(case);
            case.claim(Claim::Agreed { pay: 1, used: 1 }, rng);
            if let Evidence::Agreed { used, .. } = &mut case.w.evidence {
                *used -= 1;
            }
            case.pay_out();
        }),
        ("R2", "an award of an earlier state", |case, rng| {
            usual(case);
            awarded(case, rng);
            case.w.held.done -= 1;
            let evidence = case.evidence(case.w.evidence.claim(), rng);
            case.w.held.done += 1;
            case.w.evidence = evidence;
        }),
        ("R2", "an agreement for another transaction", |case, rng| {
            agreed(case, rng);
            case.x.context = Context::new(Fr::rand(rng));
        }),
        ("R2", "agreed by one party alone", |case, rng| {
            agreed(case, rng);
            if let Evidence::Agreed { buyer, supplier, .. } = &mut case.w.evidence {
                *supplier = *buyer;
            }
        }),
        ("R2", "agreed with a stranger", |case, rng| {
            case.keys.supplier = signing_key(rng);
            agreed(case, rng);
        }),
        ("R2", "the parties exchanged", |case, rng| {
            agreed(case, rng);
            if let Evidence::Agreed { buyer, supplier, .. } = &mut case.w.evidence {
                core::mem::swap(buyer, supplier);
            }
        }),
        ("R2", "a receipt as an award", |case, rng| {
            // Both messages have the same lanes; only the tags differ.
            usual(case);
            case.w.held.done = 0;
            case.w.terms.parties.arbiter = case.w.terms.parties.inspector;
            case.claim(Claim::Awarded { pay: 0, used: 0 }, rng);
            let receipt = Claim::Delivered { delivered: 0, time: 0, last: false };
            let (id, m) = (case.w.terms.parties.inspector, case.message(&receipt));
            *case.signed() = sign(&case.keys.inspector, id.field(), m, rng);
        }),
        ("R2", "an award as an agreement", |case, rng| {
            usual(case);
            case.w.terms.parties.arbiter = case.w.terms.parties.buyer_signer;
            case.x.context = Context::default();
            case.claim(Claim::Agreed { pay: 1, used: 1 }, rng);
            let (id, m) = (case.w.terms.parties.arbiter, case.message(&Claim::Awarded { pay: 1, used: 1 }));
            *case.signed() = sign(&case.keys.buyer, id.field(), m, rng);
        }),
    ]
}

/// The signature is not that of whom the terms name.
fn keys() -> Vec<Mutation> {
    fn resign(case: &mut Case, prefix: Option<SignerId>, rng: &mut TestRng) {
        let m = case.message(&case.w.evidence.claim());
        let id = prefix.unwrap_or(case.w.terms.parties.inspector);
        *case.signed() = sign(&case.keys.inspector, id.field(), m, rng);
    }
    vec![
        ("R2", "signed by a stranger", |case, rng| {
            late(case, rng);
            let pk = case.signed().pk;
            case.keys.inspector = signing_key(rng);
            resign(case, None, rng);
            case.signed().pk = pk;
        }),
        ("R2", "a stranger's key and signature", |case, rng| {
            late(case, rng);
            case.keys.inspector = signing_key(rng);
            resign(case, None, rng);
        }),
        ("R2", "a receipt by the supplier", |case, rng| {
            late(case, rng);
            let m = case.message(&case.w.evidence.claim());
            let id = case.w.terms.parties.supplier_signer;
            *case.signed() = sign(&case.keys.supplier, id.field(), m, rng);
        }),
        ("R2", "a refund by the supplier", |case, rng| {
            lapsed(case, rng);
            let m = case.message(&Claim::Lapsed);
            let id = case.w.terms.parties.supplier_signer;
            *case.signed() = sign(&case.keys.supplier, id.field(), m, rng);
        }),
        ("R2", "an award by the inspector", |case, rng| {
            awarded(case, rng);
            resign(case, None, rng);
        }),
        ("R2", "signed under an owner", |case, rng| {
            late(case, rng);
            resign(case, Some(SignerId::new(case.w.terms.parties.buyer.field())), rng);
        }),
        ("R2", "no inspector", |case, rng| {
            case.w.terms.parties.inspector = SignerId::NONE;
            late(case, rng);
        }),
        ("R2", "an inspector's key of small order", |case, rng| {
            let pk = small_order_key();
            let id = SignerId::of(&pk);
            case.w.terms.parties.inspector = id;
            late(case, rng);
            let m = case.message(&case.w.evidence.claim());
            *case.signed() = Signed { pk, signature: sign_by_small_order(id.field(), m, rng) };
        }),
        ("R2", "an inspector's key off the curve", |case, rng| {
            let pk = off_curve_key(rng);
            case.w.terms.parties.inspector = SignerId::of(&pk);
            late(case, rng);
            case.signed().pk = pk;
        }),
        ("R2", "another challenge", |case, rng| case.signed().signature.c ^= 1 << rng.gen_range(0..128)),
        ("R2", "another response", |case, rng| {
            case.signed().signature.s += Scalar::from(1u64 << rng.gen_range(0..64));
        }),
    ]
}

/// More moves than the pair holds.
fn amounts() -> Vec<Mutation> {
    vec![
        ("R3", "an award of more money", |case, rng| {
            case.w.held.payment = rng.gen_range(0..u64::MAX);
            let pay = rng.gen_range(case.w.held.payment..u64::MAX) + 1;
            case.claim(Claim::Awarded { pay, used: 0 }, rng);
        }),
        ("R3", "one minor unit too many agreed", |case, rng| {
            case.w.held.payment = rng.gen_range(0..u64::MAX);
            case.claim(Claim::Agreed { pay: case.w.held.payment + 1, used: 0 }, rng);
        }),
        ("R3", "an award of more capacity", |case, rng| {
            usual(case);
            let used = case.w.held.capacity + 1;
            case.claim(Claim::Awarded { pay: 0, used }, rng);
        }),
        ("R3", "all the capacity there is agreed", |case, rng| {
            usual(case);
            case.claim(Claim::Agreed { pay: 0, used: u64::MAX }, rng);
        }),
        ("R3", "more pieces than capacity", |case, rng| {
            usual(case);
            case.w.held.capacity = 1_750_000_000 - 1;
            case.claim(Claim::Delivered { delivered: 900_000, time: 0, last: rng.r#gen() }, rng);
        }),
        ("R3", "capacity of 65 bits", |case, rng| {
            usual(case);
            case.w.terms.goods.quantity = WIDE - 1;
            case.w.terms.goods.load_factor = u64::from(u32::MAX);
            case.w.held.capacity = u64::MAX;
            case.claim(Claim::Delivered { delivered: WIDE - 1, time: 0, last: false }, rng);
        }),
        ("R3", "a penalty above the amount due", |case, rng| {
            usual(case);
            (case.w.terms.remedy.rate, case.w.terms.remedy.cap) = (10_001, 10_001);
            let time = case.w.terms.goods.due + 1;
            case.claim(Claim::Delivered { delivered: 900_000, time, last: rng.r#gen() }, rng);
        }),
    ]
}

/// The outputs hold something else.
fn values() -> Vec<Mutation> {
    fn shift(outputs: &mut [Output; 5], from: usize, to: usize) {
        outputs[from].value -= 1;
        outputs[to].value += 1;
    }
    vec![
        ("R4", "a unit more in some output", |case, rng| {
            let index = rng.gen_range(0..5);
            case.replace(|outputs| outputs[index].value += 1);
        }),
        ("R4", "the penalty is waived", |case, rng| {
            late(case, rng);
            case.replace(|outputs| shift(outputs, 1, 0));
        }),
        ("R4", "less stays in escrow", |case, rng| {
            late(case, rng);
            case.replace(|outputs| shift(outputs, 3, 1));
        }),
        ("R4", "capacity returns early", |case, rng| {
            late(case, rng);
            case.replace(|outputs| outputs.swap(2, 4));
        }),
        ("R4", "the price of a piece is paid and its capacity returned", |case, rng| {
            whole(case, rng);
            case.replace(|outputs| outputs[2].value += 3_500_000);
        }),
        ("R4", "a closed escrow keeps money", |case, rng| {
            whole(case, rng);
            case.replace(|outputs| shift(outputs, 0, 3));
        }),
        ("R4", "a minted balance wrapped into the unlock time", |case, rng| {
            whole(case, rng);
            case.replace(|outputs| outputs[1].value += (1 << 64) * 77);
        }),
    ]
}

/// The outputs belong to somebody else.
fn owners() -> Vec<Mutation> {
    vec![
        ("R4", "some output to a stranger", |case, rng| {
            let (index, owner) = (rng.gen_range(0..5), Owner::new(Fr::rand(rng)));
            case.replace(|outputs| outputs[index].owner = owner);
        }),
        ("R4", "capacity to the buyer", |case, rng| {
            let buyer = case.w.terms.parties.buyer;
            lapsed(case, rng);
            case.replace(|outputs| outputs[2].owner = buyer);
        }),
        ("R4", "a closed escrow under its old state", |case, rng| {
            usual(case);
            awarded(case, rng);
            let owner = case.w.terms.escrow_owner(400_000);
            case.replace(|outputs| (outputs[3].owner, outputs[4].owner) = (owner, owner));
        }),
        ("R4", "an open escrow under its old state", |case, rng| {
            late(case, rng);
            let owner = case.w.terms.escrow_owner(400_000);
            case.replace(|outputs| (outputs[3].owner, outputs[4].owner) = (owner, owner));
        }),
        ("R4", "an open escrow that nothing releases", |case, rng| {
            late(case, rng);
            let owner = case.w.terms.escrow_owner(1_000_000);
            case.replace(|outputs| (outputs[3].owner, outputs[4].owner) = (owner, owner));
        }),
        ("R4", "payment and refund exchanged", |case, _| {
            std::mem::swap(&mut case.x.out_supplier, &mut case.x.out_buyer);
        }),
    ]
}

/// The outputs open otherwise.
fn openings() -> Vec<Mutation> {
    vec![
        ("R4", "some output locked", |case, rng| {
            let (index, unlock) = (rng.gen_range(0..5), 1 << rng.gen_range(0..UNLOCK_BITS));
            case.replace(|outputs| outputs[index].unlock = unlock);
        }),
        ("R4", "a chosen blinding", |case, rng| {
            let (index, blinding) = (rng.gen_range(0..5), Fr::rand(rng));
            case.replace(|outputs| outputs[index].blinding = blinding);
        }),
        ("R4", "the blinding of the deal", |case, rng| {
            let index = rng.gen_range(0..5);
            let blinding = case.w.terms.blinding(case.w.terms.id().field(), index as u64);
            case.replace(|outputs| outputs[index].blinding = blinding);
        }),
        ("R4", "another asset", |case, rng| {
            let (index, asset) = (rng.gen_range(0..5), AssetId::new(Fr::rand(rng)));
            case.replace(|outputs| outputs[index].asset = asset);
        }),
        ("R4", "no pair", |case, _| case.x.out_pair = note::NO_COMMITMENT),
        ("R4", "the remaining halves exchanged", |case, rng| {
            let claim = case.receipt(rng);
            case.claim(claim, rng);
            case.replace(|outputs| outputs.swap(3, 4));
        }),
    ]
}
