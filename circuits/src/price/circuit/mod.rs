//! Constraints of price.

mod amounts;
mod blank;
mod schedule;

use super::{Price, Statement, Witness};
use crate::Circuit;
use crate::Fr;
use crate::gadgets::bits::Ranged;
use crate::gadgets::fixed_base::{FixedBase, combination};
use crate::gadgets::note::{self, Amount};
use crate::gadgets::terms::{GoodsVar, MoneyVar, PartiesVar, RemedyVar};
use crate::gadgets::{Num, bits, poseidon, terms, tree};
use crate::hash::{Domain, tag};
use crate::r1cs::Cs;
use crate::terms::{BASIS_POINTS, CLAIM_MARGIN, PRICE_BITS, Policy, TIME_BITS, Terms};
use alloc::boxed::Box;
use ark_ff::PrimeField;
use once_cell::race::OnceBox;

/// The statement's inputs by name, in their order.
struct StatementVar<'a> {
    ledger: &'a Num,
    terms: &'a Num,
    out_payment: &'a Num,
    out_fee: &'a Num,
    out_capacity: &'a Num,
    pair: &'a Num,
    volume: [&'a Num; 2],
    policy: &'a Num,
    members: &'a Num,
    parties: [&'a Num; 2],
    award: &'a Num,
}

impl<'a> StatementVar<'a> {
    fn new(x: &'a [Num]) -> Option<Self> {
        let [
            ledger,
            terms,
            out_payment,
            out_fee,
            out_capacity,
            pair,
            volume_x,
            volume_y,
            policy,
            members,
            party_buyer,
            party_supplier,
            award,
            _context,
        ] = x
        else {
            return None;
        };
        Some(Self {
            ledger,
            terms,
            out_payment,
            out_fee,
            out_capacity,
            pair,
            volume: [volume_x, volume_y],
            policy,
            members,
            parties: [party_buyer, party_supplier],
            award,
        })
    }
}

/// The terms, every packed field ranged.
struct TermsVar {
    parties: PartiesVar,
    goods: GoodsVar,
    money: MoneyVar,
    remedy: RemedyVar,
}

/// The policy, ranged.
struct PolicyVar {
    flat: Ranged,
    rate: Ranged,
    treasury: Num,
    delivery_key: Num,
}

impl TermsVar {
    fn witness(cs: &mut Cs, terms: &Terms) -> Self {
        Self {
            parties: PartiesVar::witness(cs, &terms.parties),
            goods: GoodsVar::witness(cs, &terms.goods),
            money: MoneyVar::witness(cs, &terms.money),
            remedy: RemedyVar::witness(cs, &terms.remedy),
        }
    }

    fn id(&self, cs: &mut Cs) -> Num {
        let hashes = [self.parties.hash(cs), self.goods.hash(cs), self.money.hash(cs), self.remedy.hash(cs)];
        terms::id(cs, hashes)
    }

    /// H(`domain`; s₃, rest).
    fn derive(&self, cs: &mut Cs, domain: Domain, rest: &[Num]) -> Num {
        let mut inputs = alloc::vec![self.money.salt.clone()];
        inputs.extend_from_slice(rest);
        poseidon::hash(cs, domain, &inputs)
    }

    /// H(RHO; s₃, i).
    fn rho(&self, cs: &mut Cs, index: u64) -> Num {
        self.derive(cs, Domain::Rho, &[Num::from_constant(index)])
    }
}

impl PolicyVar {
    fn witness(cs: &mut Cs, policy: &Policy) -> Self {
        Self {
            flat: Ranged::witness(cs, policy.flat, PRICE_BITS),
            rate: Ranged::witness(cs, policy.rate, 14),
            treasury: cs.hint("treasury", policy.treasury.field()),
            delivery_key: cs.hint("delivery key", policy.delivery_key_field()),
        }
    }

    fn id(&self, cs: &mut Cs) -> Num {
        let inputs = [self.flat.num(), self.rate.num(), &self.treasury, &self.delivery_key];
        poseidon::hash(cs, Domain::Policy, &inputs.map(Num::clone))
    }
}

impl Circuit for Price {
    const MATRICES: Option<[u8; 32]> =
        Some(crate::r1cs::pinned("f50ec4227bf92d6013d3815102886ad4d0e258a84025827db615f16b66371b06"));

    fn enforce(cs: &mut Cs, x: &[Num], w: &Witness) {
        let Some(x) = StatementVar::new(x) else {
            return;
        };
        // The lanes are defined by ranged fields, so their widths come before the hashes of them.
        let (terms, policy) = cs.rule("P2", |cs| {
            let terms = TermsVar::witness(cs, &w.terms);
            (terms, PolicyVar::witness(cs, &w.policy))
        });
        cs.rule("P1", |cs| {
            cs.equal(&terms.parties.ledger, x.ledger);
            let id = terms.id(cs);
            cs.equal(&id, x.terms);
        });
        cs.rule("P2", |cs| limits(cs, &terms, &policy));
        let tiers = schedule::tiers(cs, &terms);
        let quantities = cs.rule("P4", |cs| tiers.quantities(cs, &terms));
        let total = cs.rule("P5", |cs| amounts::total(cs, &terms.money, &quantities));
        let used = cs.rule("P6", |cs| amounts::used(cs, &terms.goods));
        settle(cs, &x, &terms, &total, &used);
        charge(cs, &x, &terms, &policy, &total);
        cs.rule("P10", |cs| volume(cs, &x, &terms, &total));
        let parties = [&terms.parties.buyer, &terms.parties.supplier];
        cs.rule("P11", |cs| {
            for (party, path) in parties.into_iter().zip([&w.buyer_path, &w.supplier_path]) {
                bits::nonzero(cs, party);
                let (root, _) = tree::root(cs, party, path);
                cs.equal(&root, x.members);
            }
        });
        cs.rule("P12", |cs| {
            for (i, (party, expected)) in parties.into_iter().zip(x.parties).enumerate() {
                let rho = terms.rho(cs, i as u64);
                let party = poseidon::hash(cs, Domain::Party, &[party.clone(), rho]);
                cs.equal(&party, expected);
            }
            let award = award(cs, &terms);
            cs.equal(&award, x.award);
        });
    }

    fn blank() -> (Statement, Witness) {
        blank::blank()
    }
}

/// P2 beyond the widths.
fn limits(cs: &mut Cs, terms: &TermsVar, policy: &PolicyVar) {
    let TermsVar { goods, money, remedy, .. } = terms;
    let first = &money.tiers[0].minimum;
    for field in [&goods.quantity, &goods.increment, &goods.load_factor, first] {
        bits::nonzero(cs, field.num());
    }
    for field in [&money.exponent, &money.decimals] {
        field.at_most(cs, super::limits::MAX_DECIMALS);
    }
    for field in [&money.allowance, &remedy.rate, &remedy.cap, &policy.rate] {
        field.at_most(cs, BASIS_POINTS);
    }
    // claim_until and due are below 2^40: the difference wraps into the range only if it is not negative.
    let margin = (remedy.claim_until.num() - goods.due.num()).plus(-Fr::from(CLAIM_MARGIN));
    let margin = cs.mul(&remedy.escrow, &margin);
    bits::range(cs, &margin, TIME_BITS);
}

/// P8: H(BLIND; s₃, terms, i).
fn blinding(cs: &mut Cs, x: &StatementVar, terms: &TermsVar, index: u64) -> Num {
    cs.rule("P8", |cs| terms.derive(cs, Domain::Blind, &[x.terms.clone(), Num::from_constant(index)]))
}

/// P7: payment, capacity, pair.
fn settle(cs: &mut Cs, x: &StatementVar, terms: &TermsVar, total: &Ranged, used: &Ranged) {
    let blindings = [0, 2].map(|index| blinding(cs, x, terms, index));
    cs.rule("P7", |cs| {
        let escrow = &terms.remedy.escrow;
        // H(ESCROW; terms, 0) and H(RETIRED; terms) differ in the tag alone.
        let [sealed, retired] = [tag(Domain::Escrow, 2), tag(Domain::Retired, 1)];
        let tag = Num::linear(&[(sealed - retired, escrow)], retired);
        let sealed = poseidon::hash_tagged(cs, &tag, core::slice::from_ref(x.terms));
        let payment = Amount::of(total).locked_if(cs, &Num::one().minus(escrow), &terms.money.payment_unlock);
        let owner = bits::select(cs, escrow, &sealed, &terms.parties.supplier);
        let payment = note::open(cs, &terms.money.currency, payment, &owner, &blindings[0]);
        cs.equal(payment.commitment(), x.out_payment);
        let asset = terms.goods.capacity_asset(cs);
        let capacity = note::open(cs, &asset, Amount::of(used), &sealed, &blindings[1]);
        cs.equal(capacity.commitment(), x.out_capacity);
        let halves = [x.out_payment.clone(), x.out_capacity.clone()];
        let pair = poseidon::hash(cs, Domain::Pair, &halves);
        cs.enforce(escrow, &pair, x.pair);
    });
}

/// P9: fee and policy.
fn charge(cs: &mut Cs, x: &StatementVar, terms: &TermsVar, policy: &PolicyVar, total: &Ranged) {
    let blinding = blinding(cs, x, terms, 1);
    cs.rule("P9", |cs| {
        let id = policy.id(cs);
        cs.equal(&id, x.policy);
        let fee = Amount::of(&amounts::fee(cs, policy, total));
        let opened = note::open(cs, &terms.money.currency, fee, &policy.treasury, &blinding);
        cs.equal(opened.commitment(), x.out_fee);
    });
}

/// V for totals, W for canonical field elements.
fn volume_bases() -> &'static [FixedBase; 2] {
    static BASES: OnceBox<[FixedBase; 2]> = OnceBox::new();
    BASES.get_or_init(|| {
        let [v, w] = crate::terms::volume_generators();
        let width = Fr::MODULUS_BIT_SIZE as usize;
        Box::new([FixedBase::new(v, 64), FixedBase::new(w, width)])
    })
}

/// P10: total·V + H(VOLUME; s₃, terms)·W by the canonical bits.
fn volume(cs: &mut Cs, x: &StatementVar, terms: &TermsVar, total: &Ranged) {
    let scalar = terms.derive(cs, Domain::Volume, core::slice::from_ref(x.terms));
    let scalar = cs.gadget("canonical", |cs| bits::canonical(cs, &scalar));
    let [v, w] = volume_bases();
    let point = combination(cs, &[(v, total.bits()), (w, &scalar)]);
    cs.equal(&point.x, x.volume[0]);
    cs.equal(&point.y, x.volume[1]);
}

/// P12: H(AWARDED; supplier, rfq id, H(OFFER; …), ρ₂).
fn award(cs: &mut Cs, terms: &TermsVar) -> Num {
    let TermsVar { goods, money, .. } = terms;
    let offer = [
        money.currency.clone(),
        money.exponent.num().clone(),
        terms::lane(&[&goods.quantity, &goods.due]),
        goods.document.clone(),
    ];
    let offer = poseidon::hash(cs, Domain::Offer, &offer);
    let rho = terms.rho(cs, 2);
    let inputs = [terms.parties.supplier.clone(), money.rfq.clone(), offer, rho];
    poseidon::hash(cs, Domain::Awarded, &inputs)
}
