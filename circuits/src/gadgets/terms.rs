//! Opening the hidden terms of a deal: PARTIES, GOODS, MONEY, REMEDY.
//!
//! A packed lane is never taken from the prover: each of its fields is *defined* by booleans, used or not, and the lane is the
//! sum of the fields in their places. So no field borrows from a neighbour, and the high bits that no field has are 0.

use super::bits::Ranged;
use super::{Num, poseidon};
use crate::Fr;
use crate::hash::Domain;
use crate::r1cs::Cs;
use crate::terms::{
    BUCKET_BITS, Goods, LOAD_BITS, MAX_TIERS, Money, PRICE_BITS, Parties, QUANTITY_BITS, Remedy, TIME_BITS, Tier,
};
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, Field as _};

/// Σ fields in their places, low field first.
pub fn lane(fields: &[&Ranged]) -> Num {
    let mut power = Fr::ONE;
    let mut terms = Vec::new();
    for bit in fields.iter().flat_map(|field| field.bits()) {
        terms.push((power, bit));
        power.double_in_place();
    }
    Num::linear(&terms, Fr::ZERO)
}

/// H(TERMS; parties, goods, money, remedy).
pub fn id(cs: &mut Cs, hashes: [Num; 4]) -> Num {
    poseidon::hash(cs, Domain::Terms, &hashes)
}

/// PARTIES, opened.
pub struct PartiesVar {
    /// The ledger's id.
    pub ledger: Num,
    /// The buyer's owner.
    pub buyer: Num,
    /// The supplier's owner.
    pub supplier: Num,
    /// The buyer's signer id.
    pub buyer_signer: Num,
    /// The supplier's signer id.
    pub supplier_signer: Num,
    /// The inspector's signer id.
    pub inspector: Num,
    /// The arbiter's signer id.
    pub arbiter: Num,
    /// The auditor's signer id.
    pub auditor: Num,
    /// s₁.
    pub salt: Num,
}

impl PartiesVar {
    /// Takes PARTIES from the prover.
    pub fn witness(cs: &mut Cs, parties: &Parties) -> Self {
        Self {
            ledger: cs.hint("ledger", parties.ledger.field()),
            buyer: cs.hint("buyer", parties.buyer.field()),
            supplier: cs.hint("supplier", parties.supplier.field()),
            buyer_signer: cs.hint("buyer's signer", parties.buyer_signer.field()),
            supplier_signer: cs.hint("supplier's signer", parties.supplier_signer.field()),
            inspector: cs.hint("inspector", parties.inspector.field()),
            arbiter: cs.hint("arbiter", parties.arbiter.field()),
            auditor: cs.hint("auditor", parties.auditor.field()),
            salt: cs.hint("salt 1", parties.salt),
        }
    }

    /// H(PARTIES; …): three permutations.
    pub fn hash(&self, cs: &mut Cs) -> Num {
        let inputs = [
            &self.ledger,
            &self.buyer,
            &self.supplier,
            &self.buyer_signer,
            &self.supplier_signer,
            &self.inspector,
            &self.arbiter,
            &self.auditor,
            &self.salt,
        ];
        poseidon::hash(cs, Domain::Parties, &inputs.map(Num::clone))
    }
}

/// GOODS, opened, every packed field ranged by its width.
pub struct GoodsVar {
    /// Who certified the capacity.
    pub certifier: Num,
    /// To whom it was attested.
    pub origin: Num,
    /// The capacity group.
    pub resource: Num,
    /// The documents' hash.
    pub document: Num,
    /// q, below 2^40 thousandths.
    pub quantity: Ranged,
    /// Below 2^32 thousandths.
    pub load_factor: Ranged,
    /// Below 2^40 thousandths.
    pub increment: Ranged,
    /// Below 2^40 seconds.
    pub due: Ranged,
    /// Below 2^32 days.
    pub bucket: Ranged,
    /// s₂.
    pub salt: Num,
}

impl GoodsVar {
    /// Takes GOODS from the prover.
    pub fn witness(cs: &mut Cs, goods: &Goods) -> Self {
        Self {
            certifier: cs.hint("certifier", goods.certifier.field()),
            origin: cs.hint("origin", goods.origin.field()),
            resource: cs.hint("resource", goods.resource.field()),
            document: cs.hint("document", goods.document.field()),
            quantity: Ranged::witness(cs, goods.quantity, QUANTITY_BITS),
            load_factor: Ranged::witness(cs, goods.load_factor, LOAD_BITS),
            increment: Ranged::witness(cs, goods.increment, QUANTITY_BITS),
            due: Ranged::witness(cs, goods.due, TIME_BITS),
            bucket: Ranged::witness(cs, goods.bucket, BUCKET_BITS),
            salt: cs.hint("salt 2", goods.salt),
        }
    }

    /// H(GOODS; …): two permutations.
    pub fn hash(&self, cs: &mut Cs) -> Num {
        let packed = lane(&[&self.quantity, &self.load_factor, &self.increment, &self.due, &self.bucket]);
        let inputs = [&self.certifier, &self.origin, &self.resource, &self.document, &packed, &self.salt];
        poseidon::hash(cs, Domain::Goods, &inputs.map(Num::clone))
    }

    /// H(CAPACITY; certifier, origin, resource, bucket): one permutation.
    pub fn capacity_asset(&self, cs: &mut Cs) -> Num {
        let inputs = [&self.certifier, &self.origin, &self.resource, self.bucket.num()];
        poseidon::hash(cs, Domain::Capacity, &inputs.map(Num::clone))
    }
}

/// One quantity break.
pub struct TierVar {
    /// m, below 2^40 thousandths.
    pub minimum: Ranged,
    /// p, below 2^48 millionths of a major unit.
    pub price: Ranged,
}

impl TierVar {
    fn witness(cs: &mut Cs, tier: &Tier) -> Self {
        Self {
            minimum: Ranged::witness(cs, tier.minimum, QUANTITY_BITS),
            price: Ranged::witness(cs, tier.price, PRICE_BITS),
        }
    }
}

/// MONEY, opened, every packed field ranged by its width, frame = 0.
pub struct MoneyVar {
    /// The token that pays.
    pub currency: Num,
    /// The RFQ's truncated id, or 0.
    pub rfq: Num,
    /// e, three bits.
    pub exponent: Ranged,
    /// s, three bits.
    pub decimals: Ranged,
    /// 0 all-units, 1 graduated.
    pub mode: Num,
    /// Below 2^16 basis points.
    pub surcharge: Ranged,
    /// Below 2^14 basis points.
    pub allowance: Ranged,
    /// Below 2^48 minor units.
    pub set_up: Ranged,
    /// 0 down, 1 up, 2 half-up, 3 half-even.
    pub rounding: Ranged,
    /// 0 line, 1 unit price.
    pub stage: Num,
    /// Below 2^40 seconds.
    pub payment_unlock: Ranged,
    /// The eight tiers.
    pub tiers: [TierVar; MAX_TIERS],
    /// s₃.
    pub salt: Num,
    packed: Num,
}

impl MoneyVar {
    /// Takes MONEY from the prover.
    pub fn witness(cs: &mut Cs, money: &Money) -> Self {
        let [fields @ .., (frame, _)] = money.fields();
        let fields = fields.map(|(value, width)| Ranged::witness(cs, value, width));
        // The frame is reserved, hence 0; it stands above all other fields.
        let frame = cs.hint("frame", Fr::from(frame));
        cs.equal(&frame, &Num::zero());
        let shift: usize = fields.iter().map(|field| field.bits().len()).sum();
        let packed = &lane(&fields.each_ref()) + &frame.scale(Fr::from(2u64).pow([shift as u64]));
        let [exponent, decimals, mode, surcharge, allowance, set_up, rounding, stage, payment_unlock] = fields;
        Self {
            currency: cs.hint("currency", money.currency.field()),
            rfq: cs.hint("rfq", money.rfq.field()),
            exponent,
            decimals,
            mode: mode.num().clone(),
            surcharge,
            allowance,
            set_up,
            rounding,
            stage: stage.num().clone(),
            payment_unlock,
            tiers: core::array::from_fn(|k| TierVar::witness(cs, &money.tiers[k])),
            salt: cs.hint("salt 3", money.salt),
            packed,
        }
    }

    /// H(MONEY; …): two permutations.
    pub fn hash(&self, cs: &mut Cs) -> Num {
        let mut inputs = alloc::vec![self.currency.clone(), self.rfq.clone(), self.packed.clone()];
        inputs.extend(self.tiers.chunks(2).map(|pair| {
            let fields: Vec<&Ranged> = pair.iter().flat_map(|tier| [&tier.minimum, &tier.price]).collect();
            lane(&fields)
        }));
        inputs.push(self.salt.clone());
        poseidon::hash(cs, Domain::Money, &inputs)
    }

    /// Takes MONEY's lanes whole: currency and s₃ are visible, no other field is used.
    pub fn whole(cs: &mut Cs, money: &Money) -> WholeMoneyVar {
        let inputs = money.inputs();
        WholeMoneyVar {
            currency: cs.hint("currency", inputs[0]),
            lanes: core::array::from_fn(|i| cs.hint("money lane", inputs[i + 1])),
            salt: cs.hint("salt 3", inputs[7]),
        }
    }
}

/// MONEY with its lanes closed: whoever uses it may not look into them.
pub struct WholeMoneyVar {
    /// The token that pays.
    pub currency: Num,
    /// s₃.
    pub salt: Num,
    /// RFQ id, packed fields, tiers.
    lanes: [Num; 6],
}

impl WholeMoneyVar {
    /// H(MONEY; …): two permutations.
    pub fn hash(&self, cs: &mut Cs) -> Num {
        let mut inputs = alloc::vec![self.currency.clone()];
        inputs.extend_from_slice(&self.lanes);
        inputs.push(self.salt.clone());
        poseidon::hash(cs, Domain::Money, &inputs)
    }
}

/// REMEDY, opened, every packed field ranged by its width.
pub struct RemedyVar {
    /// The escrow flag, a boolean.
    pub escrow: Num,
    /// Below 2^40 seconds.
    pub claim_until: Ranged,
    /// Below 2^14 basis points per week.
    pub rate: Ranged,
    /// Below 2^14 basis points.
    pub cap: Ranged,
    /// s₄.
    pub salt: Num,
    packed: Num,
}

impl RemedyVar {
    /// Takes REMEDY from the prover.
    pub fn witness(cs: &mut Cs, remedy: &Remedy) -> Self {
        let fields = remedy.fields().map(|(value, width)| Ranged::witness(cs, value, width));
        let packed = lane(&fields.each_ref());
        let [escrow, claim_until, rate, cap] = fields;
        Self { escrow: escrow.num().clone(), claim_until, rate, cap, salt: cs.hint("salt 4", remedy.salt), packed }
    }

    /// H(REMEDY; packed, s₄): one permutation.
    pub fn hash(&self, cs: &mut Cs) -> Num {
        let inputs = [self.packed.clone(), self.salt.clone()];
        poseidon::hash(cs, Domain::Remedy, &inputs)
    }
}
