//! Statements that are not what the terms make: P7 to P12.

use super::{Case, Mutation};
use crate::TestRng;
use ark_ff::{PrimeField, UniformRand};
use privity_circuits::asset::AssetId;
use privity_circuits::jubjub::Point;
use privity_circuits::keys::Owner;
use privity_circuits::note::{self, Commitment, NO_COMMITMENT};
use privity_circuits::terms::volume_generators;
use privity_circuits::tree::{Anchor, MEMBER_DEPTH};
use privity_circuits::{Domain, Fr, hash};
use rand::Rng;

pub(super) fn table() -> Vec<Mutation> {
    [payment(), capacity(), pair(), fee(), volume(), members(), tags()].concat()
}

/// The payment is another note; its blinding is P8's.
fn payment() -> Vec<Mutation> {
    vec![
        ("P7", "a unit more than the total", |case, _| {
            case.alter(0, |note| note.value = note.value.wrapping_add(1));
        }),
        ("P7", "a unit less than the total", |case, _| {
            case.alter(0, |note| note.value = note.value.wrapping_sub(1));
        }),
        ("P7", "the total without the set-up", |case, _| {
            let set_up = case.w.terms.money.set_up.max(1);
            case.alter(0, |note| note.value = note.value.wrapping_sub(set_up));
        }),
        ("P7", "paid in another token", |case, rng| {
            let asset = AssetId::new(Fr::rand(rng));
            case.alter(0, |note| note.asset = asset);
        }),
        ("P7", "paid to a stranger", |case, rng| {
            let owner = Owner::new(Fr::rand(rng));
            case.alter(0, |note| note.owner = owner);
        }),
        ("P7", "paid to the supplier despite escrow, or the reverse", |case, _| {
            let terms = case.w.terms.clone();
            let owner = match terms.remedy.escrow {
                true => terms.parties.supplier,
                false => terms.escrow_owner(0),
            };
            case.alter(0, |note| note.owner = owner);
        }),
        ("P7", "an escrow of later", |case, _| {
            let owner = case.w.terms.escrow_owner(1);
            case.alter(0, |note| note.owner = owner);
        }),
        ("P7", "another unlock", |case, _| {
            case.alter(0, |note| note.unlock ^= 1);
        }),
        ("P7", "the fee's blinding for the payment's", |case, _| {
            let blinding = case.notes()[1].blinding;
            case.alter(0, |note| note.blinding = blinding);
        }),
        ("P7", "a payment that nobody can open", |case, rng| {
            case.x.out_payment = Commitment::new(Fr::rand(rng));
            if case.w.terms.remedy.escrow {
                case.x.pair = note::pair(case.x.out_payment, case.x.out_capacity);
            }
        }),
    ]
}

/// The capacity is another note.
fn capacity() -> Vec<Mutation> {
    vec![
        ("P7", "less capacity than used", |case, _| {
            case.alter(2, |note| note.value -= 1);
        }),
        ("P7", "the capacity of another week", |case, _| {
            let mut terms = case.w.terms.clone();
            terms.goods.bucket ^= 7;
            let asset = terms.capacity_asset();
            case.alter(2, |note| note.asset = asset);
        }),
        ("P7", "the capacity of other machines", |case, rng| {
            let asset = AssetId::new(Fr::rand(rng));
            case.alter(2, |note| note.asset = asset);
        }),
        ("P7", "capacity kept by the supplier", |case, _| {
            let owner = case.w.terms.parties.supplier;
            case.alter(2, |note| note.owner = owner);
        }),
        ("P7", "capacity retired despite escrow, or the reverse", |case, _| {
            let terms = case.w.terms.clone();
            let owner = match terms.remedy.escrow {
                true => terms.retired_owner(),
                false => terms.escrow_owner(0),
            };
            case.alter(2, |note| note.owner = owner);
        }),
        ("P7", "locked capacity", |case, _| {
            case.alter(2, |note| note.unlock = 1);
        }),
        ("P7", "a chosen blinding", |case, rng| {
            let blinding = Fr::rand(rng);
            case.alter(2, |note| note.blinding = blinding);
        }),
    ]
}

/// The pair is none, or another.
fn pair() -> Vec<Mutation> {
    vec![
        ("P7", "a pair without escrow, or none with it", |case, _| {
            case.x.pair = match case.w.terms.remedy.escrow {
                true => NO_COMMITMENT,
                false => note::pair(case.x.out_payment, case.x.out_capacity),
            };
        }),
        ("P7", "a pair of swapped halves", |case, _| {
            case.x.pair = note::pair(case.x.out_capacity, case.x.out_payment);
        }),
        ("P7", "a chosen pair", |case, rng| {
            case.x.pair = Commitment::new(Fr::rand(rng));
        }),
    ]
}

/// The fee is another note, or of another policy.
fn fee() -> Vec<Mutation> {
    vec![
        ("P9", "a unit less than the fee", |case, _| {
            case.alter(1, |note| note.value = note.value.wrapping_sub(1));
        }),
        ("P9", "a unit more than the fee", |case, _| {
            case.alter(1, |note| note.value = note.value.wrapping_add(1));
        }),
        ("P9", "a fee in another token", |case, rng| {
            let asset = AssetId::new(Fr::rand(rng));
            case.alter(1, |note| note.asset = asset);
        }),
        ("P9", "a fee to the supplier", |case, _| {
            let owner = case.w.terms.parties.supplier;
            case.alter(1, |note| note.owner = owner);
        }),
        ("P9", "a locked fee", |case, _| case.alter(1, |note| note.unlock = 1)),
        ("P9", "the payment's blinding for the fee's", |case, _| {
            let blinding = case.notes()[0].blinding;
            case.alter(1, |note| note.blinding = blinding);
        }),
        ("P9", "another policy", |case, rng| case.x.policy = Fr::rand(rng)),
        ("P9", "a lower rate than the policy's", |case, _| {
            case.w.policy.rate = (case.w.policy.rate + 1) % 10_001;
        }),
        ("P9", "another treasury", |case, rng| {
            case.w.policy.treasury = Owner::new(Fr::rand(rng));
        }),
        ("P9", "another delivery key", |case, _| case.w.policy.delivery_key[31] ^= 1),
    ]
}

/// The volume is another point.
fn volume() -> Vec<Mutation> {
    fn commit(case: &mut Case, total: u64, scalar: [u64; 4]) {
        let [v, w] = volume_generators();
        case.x.volume = v.mul_integer(&[total]) + w.mul_integer(&scalar);
    }
    vec![
        ("P10", "the volume of another total", |case, _| {
            let scalar = case.volume_scalar();
            commit(case, case.total.wrapping_add(1), scalar);
        }),
        ("P10", "the volume of a total + 2^64", |case, _| {
            let [v, _] = volume_generators();
            case.x.volume = case.x.volume + v.mul_integer(&[0, 1]);
        }),
        ("P10", "a chosen scalar", |case, rng| {
            commit(case, case.total, Fr::rand(rng).into_bigint().0);
        }),
        ("P10", "the scalar + r", |case, _| {
            let mut scalar = ark_ff::BigInt(case.volume_scalar());
            ark_ff::BigInteger::add_with_carry(&mut scalar, &Fr::MODULUS);
            commit(case, case.total, scalar.0);
        }),
        ("P10", "the volume of other terms", |case, rng| {
            let scalar = hash(Domain::Volume, &[case.w.terms.money.salt, Fr::rand(rng)]);
            commit(case, case.total, scalar.into_bigint().0);
        }),
        ("P10", "the opposite point", |case, _| case.x.volume = case.x.volume.neg()),
        ("P10", "the volume's y for its x", |case, _| {
            let Point { x, y } = case.x.volume;
            case.x.volume = Point { x: y, y: x };
        }),
        ("P10", "no volume", |case, _| case.x.volume = Point::IDENTITY),
    ]
}

/// A party is no member.
fn members() -> Vec<Mutation> {
    fn nobody(case: &mut Case, index: usize, rng: &mut TestRng) {
        let mut terms = case.w.terms.clone();
        let parties = &mut terms.parties;
        [&mut parties.buyer, &mut parties.supplier][index].clone_from(&Owner::default());
        let amounts = [case.total, case.used, case.fee];
        *case = Case::of(terms, case.w.policy.clone(), amounts, rng);
    }
    vec![
        ("P11", "another root", |case, rng| case.x.members = Anchor::new(Fr::rand(rng))),
        ("P11", "a buyer who is no member", |case, rng| {
            case.w.terms.parties.buyer = Owner::new(Fr::rand(rng));
            case.restate();
        }),
        ("P11", "a supplier who is no member", |case, rng| {
            case.w.terms.parties.supplier = Owner::new(Fr::rand(rng));
            case.restate();
        }),
        ("P11", "the buyer's path for the supplier's", |case, _| {
            case.w.supplier_path = case.w.buyer_path.clone();
        }),
        ("P11", "another sibling", |case, rng| {
            let level = rng.gen_range(0..MEMBER_DEPTH);
            case.w.buyer_path.siblings[level][rng.gen_range(0..3)] = Fr::rand(rng);
        }),
        ("P11", "another position", |case, rng| {
            case.w.supplier_path.position ^= 1 << rng.gen_range(0..20);
        }),
        ("P11", "a buyer of 0 in an empty leaf", |case, rng| nobody(case, 0, rng)),
        ("P11", "a supplier of 0 in an empty leaf", |case, rng| nobody(case, 1, rng)),
    ]
}

/// Tags that open to something else.
fn tags() -> Vec<Mutation> {
    vec![
        ("P12", "the parties' tags exchanged", |case, _| {
            core::mem::swap(&mut case.x.party_buyer, &mut case.x.party_supplier);
        }),
        ("P12", "a stranger's tag for the buyer's", |case, rng| {
            case.x.party_buyer = note::party(Owner::new(Fr::rand(rng)), case.w.terms.rho(0));
        }),
        ("P12", "another ρ of the supplier's tag", |case, rng| {
            case.x.party_supplier = note::party(case.w.terms.parties.supplier, Fr::rand(rng));
        }),
        ("P12", "an award of fewer pieces", |case, _| {
            case.x.award = case.award(|terms| terms.goods.quantity -= 1);
        }),
        ("P12", "an award due later", |case, _| {
            case.x.award = case.award(|terms| terms.goods.due += 1);
        }),
        ("P12", "an award in another currency", |case, rng| {
            let currency = AssetId::new(Fr::rand(rng));
            case.x.award = case.award(|terms| terms.money.currency = currency);
        }),
        ("P12", "an award to the buyer", |case, _| {
            case.x.award = case.award(|terms| terms.parties.supplier = terms.parties.buyer);
        }),
        ("P12", "an award of no RFQ, or of one", |case, _| {
            let changed = Fr::from(u64::from(case.w.terms.money.rfq.is_zero()));
            let rfq = privity_circuits::terms::RfqId::new(changed);
            case.x.award = case.award(|terms| terms.money.rfq = rfq);
        }),
    ]
}
