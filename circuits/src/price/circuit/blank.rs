//! Terms of nothing, from which the shape is read.

use crate::Fr;
use crate::asset::{AssetId, ResourceId};
use crate::context::{Context, LedgerId};
use crate::jubjub::Point;
use crate::keys::{Owner, SignerId};
use crate::note::{Commitment, Party};
use crate::price::{Statement, Witness};
use crate::terms::{
    AwardTag, DocumentHash, Goods, MAX_TIERS, Mode, Money, Parties, Policy, Remedy, RfqId, Rounding, Stage, Terms,
    TermsId, Tier,
};
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
        terms: terms(),
        policy: Policy { flat: 0, rate: 0, treasury: Owner::default(), delivery_key: [0; 32] },
        buyer_path: MemberPath::blank(),
        supplier_path: MemberPath::blank(),
    };
    (statement, witness)
}

fn terms() -> Terms {
    Terms {
        parties: Parties {
            ledger: LedgerId::default(),
            buyer: Owner::default(),
            supplier: Owner::default(),
            buyer_signer: SignerId::NONE,
            supplier_signer: SignerId::NONE,
            inspector: SignerId::NONE,
            arbiter: SignerId::NONE,
            auditor: SignerId::NONE,
            salt: Fr::ZERO,
        },
        goods: Goods {
            certifier: SignerId::NONE,
            origin: Owner::default(),
            resource: ResourceId::default(),
            document: DocumentHash::default(),
            quantity: 0,
            load_factor: 0,
            increment: 0,
            due: 0,
            bucket: 0,
            salt: Fr::ZERO,
        },
        money: Money {
            currency: AssetId::default(),
            rfq: RfqId::default(),
            exponent: 0,
            decimals: 0,
            mode: Mode::AllUnits,
            surcharge: 0,
            allowance: 0,
            set_up: 0,
            rounding: Rounding::Down,
            stage: Stage::Line,
            payment_unlock: 0,
            frame: 0,
            tiers: [Tier::default(); MAX_TIERS],
            salt: Fr::ZERO,
        },
        remedy: Remedy { escrow: false, claim_until: 0, rate: 0, cap: 0, salt: Fr::ZERO },
    }
}
