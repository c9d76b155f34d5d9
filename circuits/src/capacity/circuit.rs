//! Constraints of capacity.

use super::attestation::{BUCKET_BITS, QUANTITY_BITS};
use super::{Capacity, Issued, Serial, Statement, WEEKS, Week, Witness};
use crate::asset::ResourceId;
use crate::context::{Context, LedgerId};
use crate::gadgets::bits::Ranged;
use crate::gadgets::curve::PublicKeyVar;
use crate::gadgets::{Num, bits, note, poseidon, schnorr};
use crate::hash::Domain;
use crate::jubjub::{Point, Scalar};
use crate::keys::{NullifierKey, PublicKey, SignerId};
use crate::note::Commitment;
use crate::r1cs::Cs;
use crate::schnorr::Signature;
use crate::transfer::Spender;
use crate::{Circuit, Fr};
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, Field};

/// A week whose bucket and quantity are ranged by the bits that define them.
struct WeekVar {
    bucket: Num,
    quantity: Ranged,
    /// bucket + 2^32·quantity, 0 iff both are.
    packed: Num,
}

impl WeekVar {
    fn witness(cs: &mut Cs, week: &Week) -> Self {
        let bucket = Ranged::witness(cs, week.bucket, BUCKET_BITS).num().clone();
        let quantity = Ranged::witness(cs, week.quantity, QUANTITY_BITS);
        let packed = &bucket + &quantity.num().scale(1u64 << BUCKET_BITS);
        Self { bucket, quantity, packed }
    }
}

impl Circuit for Capacity {
    const MATRICES: Option<[u8; 32]> =
        Some(crate::r1cs::pinned("55f864c250a375dc57e57e8f3d6c57ae6f74db1e733fcbb8aaa9dec61b97ed34"));

    fn enforce(cs: &mut Cs, x: &[Num], w: &Witness) {
        let [ledger, certifier, issued, outputs @ .., context] = x else {
            return;
        };
        let supplier = cs.rule("C4", |cs| Spender::open(cs, &w.pk, &w.nk));
        let weeks = cs.rule("C2", |cs| w.weeks.each_ref().map(|week| WeekVar::witness(cs, week)));
        let resource = cs.hint("resource", w.resource.field());
        let serial = cs.hint("serial", w.serial.field());
        let attestation = cs.rule("C1", |cs| {
            let serial = poseidon::hash(cs, Domain::Serial, core::slice::from_ref(&serial));
            let mut inputs = [ledger, certifier, &supplier.owner, &resource].map(Num::clone).to_vec();
            inputs.extend(lanes(&weeks));
            inputs.push(serial);
            let message = poseidon::hash(cs, Domain::Attest, &inputs);
            attested(cs, certifier, &message, w);
            message
        });
        cs.rule("C2", |cs| {
            ascending(cs, &weeks, &w.weeks);
            for (index, (week, out)) in weeks.iter().zip(outputs).enumerate() {
                let source = [certifier, &supplier.owner, &resource, &week.bucket];
                let asset = poseidon::hash(cs, Domain::Capacity, &source.map(Num::clone));
                let index = Num::from_constant(index as u64);
                let blinding = poseidon::hash(cs, Domain::Blind, &[serial.clone(), index]);
                let amount = note::Amount::of(&week.quantity);
                let opened = note::open(cs, &asset, amount, &supplier.owner, &blinding);
                cs.equal(opened.commitment(), out);
            }
        });
        cs.rule("C3", |cs| {
            let mark = poseidon::hash(cs, Domain::Issued, &[certifier.clone(), serial.clone()]);
            cs.equal(&mark, issued);
        });
        cs.rule("C4", |cs| {
            let message = poseidon::hash(cs, Domain::Accept, &[attestation, context.clone()]);
            schnorr::verify(cs, &supplier.pk, &supplier.owner, &message, &w.accepted);
        });
    }

    fn blank() -> (Statement, Witness) {
        let statement = Statement {
            ledger: LedgerId::default(),
            certifier: SignerId::NONE,
            issued: Issued::default(),
            outputs: [Commitment::default(); WEEKS],
            context: Context::default(),
        };
        let pk = PublicKey::new_unchecked(Point::generator());
        let signature = Signature { c: 0, s: Scalar::ZERO };
        let witness = Witness {
            pk,
            nk: NullifierKey::new(Fr::ZERO),
            resource: ResourceId::default(),
            weeks: [Week::default(); WEEKS],
            serial: Serial::new(Fr::ZERO),
            certifier: pk,
            attested: signature,
            accepted: signature,
        };
        (statement, witness)
    }
}

/// Two weeks per lane, 96 bits each, the earlier lower.
fn lanes(weeks: &[WeekVar; WEEKS]) -> Vec<Num> {
    let next = Fr::from(2u64).pow([(BUCKET_BITS + QUANTITY_BITS) as u64]);
    weeks
        .chunks(2)
        .map(|pair| pair.iter().rev().fold(Num::zero(), |lane, week| &lane.scale(next) + &week.packed))
        .collect()
}

/// The certifier's key opens `certifier` and signed `message`.
fn attested(cs: &mut Cs, certifier: &Num, message: &Num, w: &Witness) {
    let pk = PublicKeyVar::witness(cs, &w.certifier);
    let point = [pk.point().x.clone(), pk.point().y.clone()];
    let id = poseidon::hash(cs, Domain::Signer, &point);
    cs.equal(&id, certifier);
    schnorr::verify(cs, &pk, certifier, message, &w.attested);
}

/// used = (bucket ≠ 0): the first week is used, later ones only after a used one and with a larger bucket, unused ones are all 0.
///
/// A used bucket exceeds the one before it, hence is not 0; an unused one is 0: `used` has one value, and no inverse is left free.
fn ascending(cs: &mut Cs, weeks: &[WeekVar; WEEKS], values: &[Week; WEEKS]) {
    bits::nonzero(cs, &weeks[0].bucket);
    let mut before = Num::one();
    for (pair, value) in weeks.windows(2).zip(&values[1..]) {
        let used = bits::boolean(cs, value.is_used());
        cs.enforce(&used, &Num::one().minus(&before), &Num::zero());
        cs.enforce(&Num::one().minus(&used), &pair[1].packed, &Num::zero());
        let gap = (&pair[1].bucket - &pair[0].bucket).plus(-Fr::ONE);
        let ranged = Ranged::witness(cs, used.value() * gap.value(), BUCKET_BITS);
        cs.enforce(&used, &gap, ranged.num());
        before = used;
    }
}
