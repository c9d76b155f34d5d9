//! A pair of nothing, from which the shape is read.

use crate::Fr;
use crate::context::{Context, LedgerId};
use crate::jubjub::Point;
use crate::keys::Owner;
use crate::note::{Commitment, Party};
use crate::price::{Statement, Witness};
use crate::terms::{AwardTag, Policy, Terms, TermsId};
use crate::tree::{Anchor, MemberPath};
use ark_ff::AdditiveGroup;

pub(super) fn blank() -> (Statement, Witness) {
    let none = Commitment::default();
    let statement = Statement {
        ledger: LedgerId::default(),
        terms: TermsId::default(),
        out_payment: none,
        out_fee: none,
        out_capacity: none,
        pair: none,
        volume: Point::IDENTITY,
        policy: Fr::ZERO,
        members: Anchor::default(),
        party_buyer: Party::default(),
        party_supplier: Party::default(),
        award: AwardTag::default(),
        context: Context::default(),
    };
    let witness = Witness {
        terms: Terms::blank(),
        policy: Policy { flat: 0, rate: 0, treasury: Owner::default(), delivery_key: [0; 32] },
        buyer_path: MemberPath::blank(),
        supplier_path: MemberPath::blank(),
    };
    (statement, witness)
}
