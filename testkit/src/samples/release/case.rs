//! A pair under construction, with the secrets that sign it.

use super::super::common::signing_key;
use crate::TestRng;
use ark_ff::UniformRand;
use privity_circuits::Fr;
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::context::{Context, LedgerId};
use privity_circuits::keys::{Owner, SignerId, SigningKey};
use privity_circuits::note::{self, Commitment, Nullifier};
use privity_circuits::release::{Claim, Evidence, Holding, Signed, Statement, Witness};
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::{CLAIM_MARGIN, DocumentHash, Goods, Money, Parties, Remedy, RfqId, Terms, Tier, WEEK};
use privity_circuits::tree::{Anchor, NotePath};
use rand::Rng;

/// 2^40: the first number that has no place in 40 bits.
pub(super) const WIDE: u64 = 1 << 40;

/// Keys of everybody who may sign a release.
pub(super) struct Signers {
    pub(super) buyer: SigningKey,
    pub(super) supplier: SigningKey,
    pub(super) inspector: SigningKey,
    pub(super) arbiter: SigningKey,
}

/// A pair under construction.
pub(super) struct Case {
    pub(super) x: Statement,
    pub(super) w: Witness,
    pub(super) keys: Signers,
}

/// An output before it is hashed; the value may be no integer of 64 bits.
#[derive(Clone, Copy)]
pub(super) struct Output {
    pub(super) asset: AssetId,
    pub(super) value: i128,
    pub(super) unlock: u64,
    pub(super) owner: Owner,
    pub(super) blinding: Fr,
}

impl Output {
    pub(super) fn commitment(&self) -> Commitment {
        let size = Fr::from(self.value.unsigned_abs());
        let value = if self.value < 0 { -size } else { size };
        note::commitment(self.asset, value + note::pack(0, self.unlock), self.owner, self.blinding)
    }
}

/// 1 to 2^`bits` − 1, every length of number equally often.
fn magnitude(bits: u32, rng: &mut TestRng) -> u64 {
    let bits = rng.gen_range(1..=bits);
    rng.gen_range(1..1 << bits)
}

fn terms(keys: &Signers, rng: &mut TestRng) -> Terms {
    let quantity = magnitude(40, rng);
    let due = rng.gen_range(0..WIDE / 2);
    let (rate, cap) = match rng.gen_range(0..4) {
        0 => (50, 500),
        1 => (0, rng.gen_range(0..=10_000)),
        _ => (rng.gen_range(0..=10_000), rng.gen_range(0..=10_000)),
    };
    let id = |key: &SigningKey| SignerId::of(&key.public_key());
    Terms {
        parties: Parties {
            ledger: LedgerId::new(Fr::rand(rng)),
            buyer: Owner::new(Fr::rand(rng)),
            supplier: Owner::new(Fr::rand(rng)),
            buyer_signer: id(&keys.buyer),
            supplier_signer: id(&keys.supplier),
            inspector: id(&keys.inspector),
            arbiter: id(&keys.arbiter),
            auditor: SignerId::NONE,
            salt: Fr::rand(rng),
        },
        goods: Goods {
            certifier: SignerId::new(Fr::rand(rng)),
            origin: Owner::new(Fr::rand(rng)),
            resource: ResourceId::new(Fr::rand(rng)),
            document: DocumentHash::new(Fr::rand(rng)),
            quantity,
            load_factor: magnitude(32, rng).min(u64::MAX / quantity),
            increment: 1,
            due,
            bucket: rng.gen_range(0..1 << 32),
            salt: Fr::rand(rng),
        },
        money: Money {
            currency: AssetId::new(Fr::rand(rng)),
            rfq: RfqId::new(Fr::rand(rng)),
            exponent: rng.gen_range(0..=6),
            decimals: rng.gen_range(0..=6),
            mode: Default::default(),
            surcharge: 0,
            allowance: 0,
            set_up: 0,
            rounding: Default::default(),
            stage: Default::default(),
            payment_unlock: 0,
            frame: 0,
            tiers: [Tier { minimum: 1, price: magnitude(48, rng) }; 8],
            salt: Fr::rand(rng),
        },
        remedy: Remedy {
            escrow: true,
            claim_until: due + CLAIM_MARGIN + rng.gen_range(0..WEEK),
            rate,
            cap,
            salt: Fr::rand(rng),
        },
    }
}

impl Case {
    /// A pair of a random branch and pattern.
    pub(super) fn new(rng: &mut TestRng) -> Self {
        let keys = Signers {
            buyer: signing_key(rng),
            supplier: signing_key(rng),
            inspector: signing_key(rng),
            arbiter: signing_key(rng),
        };
        let terms = terms(&keys, rng);
        let quantity = terms.goods.quantity;
        let done = if rng.r#gen() { 0 } else { rng.gen_range(0..quantity) };
        let payment = match rng.gen_range(0..8) {
            0 => 0,
            1 => 1,
            2 => u64::MAX,
            _ => magnitude(63, rng),
        };
        let held = Holding { done, payment, capacity: terms.goods.load_factor * (quantity - done) };
        let path = NotePath {
            position: rng.r#gen(),
            siblings: std::array::from_fn(|_| std::array::from_fn(|_| Fr::rand(rng))),
        };
        let pk = keys.buyer.public_key();
        let buyer = Signed { pk, signature: Signature { c: 0, s: Default::default() } };
        let x = Statement {
            anchor: Anchor::default(),
            nullifier: Nullifier::default(),
            out_supplier: Commitment::default(),
            out_buyer: Commitment::default(),
            out_capacity: Commitment::default(),
            out_pair: Commitment::default(),
            now: terms.goods.due,
            context: Context::new(Fr::rand(rng)),
        };
        let w = Witness {
            terms,
            held,
            payment_blinding: Fr::rand(rng),
            capacity_blinding: Fr::rand(rng),
            path,
            evidence: Evidence::Lapsed { buyer },
        };
        let mut case = Self { x, w, keys };
        let claim = case.any_claim(rng);
        case.claim(claim, rng);
        case
    }

    fn any_claim(&mut self, rng: &mut TestRng) -> Claim {
        match rng.gen_range(0..8) {
            0 => self.lapse(rng),
            1 => self.decided(rng, |pay, used| Claim::Awarded { pay, used }),
            2 | 3 => self.decided(rng, |pay, used| Claim::Agreed { pay, used }),
            _ => self.receipt(rng),
        }
    }

    /// Around and after claim_until.
    pub(super) fn lapse(&mut self, rng: &mut TestRng) -> Claim {
        let waited = if rng.r#gen() { 0 } else { rng.gen_range(0..WIDE) };
        self.x.now = self.w.terms.remedy.claim_until + waited;
        Claim::Lapsed
    }

    /// Nothing, everything or something.
    pub(super) fn decided(&mut self, rng: &mut TestRng, make: fn(u64, u64) -> Claim) -> Claim {
        let mut part = |whole: u64| match rng.gen_range(0..3) {
            0 => 0,
            1 => whole,
            _ => rng.gen_range(0..=whole),
        };
        make(part(self.w.held.payment), part(self.w.held.capacity))
    }

    /// Part, all, too much, or nothing but the end; on time, late by exact weeks, or much too late.
    pub(super) fn receipt(&mut self, rng: &mut TestRng) -> Claim {
        let (quantity, done) = (self.w.terms.goods.quantity, self.w.held.done);
        let delivered = match rng.gen_range(0..5) {
            0 => quantity,
            1 => rng.gen_range(quantity..WIDE),
            2 => done,
            _ => rng.gen_range(done..quantity) + 1,
        };
        Claim::Delivered { delivered, time: self.time(rng), last: delivered == done || rng.gen_range(0..4) == 0 }
    }

    fn time(&self, rng: &mut TestRng) -> u64 {
        let due = self.w.terms.goods.due;
        let weeks = due + rng.gen_range(0..=15) * WEEK;
        match rng.gen_range(0..6) {
            0 => rng.gen_range(0..=due),
            1 => due,
            2 => weeks,
            3 => weeks + 1,
            4 => weeks.saturating_sub(1),
            _ => rng.gen_range(0..WIDE),
        }
    }

    /// Replaces the claim; everything follows.
    pub(super) fn claim(&mut self, claim: Claim, rng: &mut TestRng) {
        self.plant();
        self.state(claim, rng);
    }

    /// Everything but the anchor follows.
    pub(super) fn restate(&mut self, rng: &mut TestRng) {
        self.state(self.w.evidence.claim(), rng);
    }

    fn state(&mut self, claim: Claim, rng: &mut TestRng) {
        self.x.nullifier = self.w.nullifier();
        self.settle(claim, rng);
    }

    /// Evidence and outputs follow from claim and statement.
    pub(super) fn settle(&mut self, claim: Claim, rng: &mut TestRng) {
        self.w.evidence = self.evidence(claim, rng);
        self.pay_out();
    }

    /// The anchor above the pair as it stands.
    pub(super) fn plant(&mut self) {
        self.x.anchor = self.w.path.root(self.w.pair().field());
    }

    /// Duly signed evidence of `claim`.
    pub(super) fn evidence(&self, claim: Claim, rng: &mut TestRng) -> Evidence {
        let parties = &self.w.terms.parties;
        let message = self.message(&claim);
        let mut sign = |key: &SigningKey, id: SignerId| sign(key, id.field(), message, rng);
        match claim {
            Claim::Delivered { delivered, time, last } => {
                let inspector = sign(&self.keys.inspector, parties.inspector);
                Evidence::Delivered { delivered, time, last, inspector }
            }
            Claim::Lapsed => Evidence::Lapsed { buyer: sign(&self.keys.buyer, parties.buyer_signer) },
            Claim::Awarded { pay, used } => {
                Evidence::Awarded { pay, used, arbiter: sign(&self.keys.arbiter, parties.arbiter) }
            }
            Claim::Agreed { pay, used } => Evidence::Agreed {
                pay,
                used,
                buyer: sign(&self.keys.buyer, parties.buyer_signer),
                supplier: sign(&self.keys.supplier, parties.supplier_signer),
            },
        }
    }

    pub(super) fn message(&self, claim: &Claim) -> Fr {
        claim.message(self.w.terms.id(), self.w.held.done, self.x.nullifier, self.x.context)
    }

    /// The first signature of the evidence.
    pub(super) fn signed(&mut self) -> &mut Signed {
        match &mut self.w.evidence {
            Evidence::Delivered { inspector: signed, .. }
            | Evidence::Lapsed { buyer: signed }
            | Evidence::Awarded { arbiter: signed, .. }
            | Evidence::Agreed { buyer: signed, .. } => signed,
        }
    }

    /// The outputs, computed from the page over unbounded integers; negative ones stay negative.
    pub(super) fn outputs(&self) -> [Output; 5] {
        let (terms, held) = (&self.w.terms, &self.w.held);
        let quantity = i128::from(terms.goods.quantity);
        let [done, v, u] = [held.done, held.payment, held.capacity].map(i128::from);
        let (d, pay, used, rest) = match self.w.evidence.claim() {
            Claim::Delivered { delivered, time, last } => {
                let d = quantity.min(delivered.into());
                let gross = v * (d - done) / (quantity - done).max(1);
                let weeks = time.saturating_sub(terms.goods.due).div_ceil(WEEK);
                let share = terms.remedy.cap.min(terms.remedy.rate * weeks);
                let closes = last || d == quantity;
                let pay = gross - gross * i128::from(share) / 10_000;
                let used = i128::from(terms.goods.load_factor) * (d - done);
                (if closes { quantity } else { d }, pay, used, if closes { 0 } else { v - gross })
            }
            Claim::Lapsed => (quantity, 0, 0, 0),
            Claim::Awarded { pay, used } | Claim::Agreed { pay, used } => (quantity, pay.into(), used.into(), 0),
        };
        let (returned, kept) = if d == quantity { (u - used, 0) } else { (0, u - used) };
        let (currency, asset) = (terms.money.currency, terms.capacity_asset());
        let (supplier, buyer) = (terms.parties.supplier, terms.parties.buyer);
        let escrow = terms.escrow_owner(d as u64);
        let values = [
            (currency, pay, supplier),
            (currency, v - pay - rest, buyer),
            (asset, returned, supplier),
            (currency, rest, escrow),
            (asset, kept, escrow),
        ];
        let blindings: [Fr; 5] = std::array::from_fn(|i| terms.blinding(self.x.nullifier.field(), i as u64));
        std::array::from_fn(|i| {
            let (asset, value, owner) = values[i];
            Output { asset, value, unlock: 0, owner, blinding: blindings[i] }
        })
    }

    /// The statement's outputs follow.
    pub(super) fn pay_out(&mut self) {
        self.replace(|_| ());
    }

    /// The statement's outputs follow, after `change`.
    pub(super) fn replace(&mut self, change: impl FnOnce(&mut [Output; 5])) {
        let mut outputs = self.outputs();
        change(&mut outputs);
        let [supplier, buyer, capacity, rest, kept] = outputs.map(|output| output.commitment());
        self.x.out_supplier = supplier;
        self.x.out_buyer = buyer;
        self.x.out_capacity = capacity;
        self.x.out_pair = note::pair(rest, kept);
    }
}

/// A key's signature on `m` under `prefix`.
pub(super) fn sign(key: &SigningKey, prefix: Fr, m: Fr, rng: &mut TestRng) -> Signed {
    Signed { pk: key.public_key(), signature: Signature::sign(key, prefix, m, rng) }
}
