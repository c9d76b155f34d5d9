//! Terms of nothing, from which shapes are read.

use super::{DocumentHash, Goods, MAX_TIERS, Mode, Money, Parties, Remedy, RfqId, Rounding, Stage, Terms, Tier};
use crate::Fr;
use crate::asset::{AssetId, ResourceId};
use crate::context::LedgerId;
use crate::keys::{Owner, SignerId};
use ark_ff::AdditiveGroup;

impl Terms {
    /// Zero in every field.
    pub(crate) fn blank() -> Self {
        Self {
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
}
