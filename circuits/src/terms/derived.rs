//! What is computed from terms: volume, policy, award, and the messages that evidence a delivery.

use super::{DocumentHash, TermsId};
use crate::asset::AssetId;
use crate::context::Context;
use crate::jubjub::Point;
use crate::keys::Owner;
use crate::note::Nullifier;
use crate::{Domain, Fr, field, field_newtype, hash};
use ark_ff::{MontFp, PrimeField};
use sha2::{Digest, Sha256};

field_newtype!(RfqId, "Truncated id of a request for quotation; 0 if the deal answers none.");
field_newtype!(AwardTag, "H(AWARDED; supplier, rfq id, offer, ρ): opens to the bidders.");

/// What a community charges for a deal: flat + ⌈total·rate/10⁴⌉ to the treasury.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Policy {
    /// Minor units, below 2^48.
    pub flat: u64,
    /// Basis points of the total, ≤ 10⁴.
    pub rate: u64,
    /// Who receives the fee.
    pub treasury: Owner,
    /// The treasury's X25519 key, to which the fee note is delivered.
    pub delivery_key: [u8; 32],
}

impl Policy {
    /// H(POLICY; flat, rate, treasury, delivery key); the key enters as its truncated SHA-256.
    pub fn id(&self) -> Fr {
        let inputs = [Fr::from(self.flat), Fr::from(self.rate), self.treasury.field(), self.delivery_key_field()];
        hash(Domain::Policy, &inputs)
    }

    /// The delivery key as a field element.
    pub fn delivery_key_field(&self) -> Fr {
        field::truncate(&Sha256::digest(self.delivery_key).into())
    }
}

/// H(OFFER; currency, exponent, quantity + 2^40·due, document).
pub fn offer(currency: AssetId, exponent: u64, quantity: u64, due: u64, document: DocumentHash) -> Fr {
    let packed = Fr::from(quantity) + Fr::from(1u64 << 40) * Fr::from(due);
    hash(Domain::Offer, &[currency.field(), Fr::from(exponent), packed, document.field()])
}

/// V and W of P10: BLAKE2s-256(`privity.v1` ‖ `V` or `W` ‖ counter) as a compressed point, the first that decodes, × 8; pinned.
pub fn volume_generators() -> [Point; 2] {
    [
        Point {
            x: MontFp!("25214432912928041368603951024368061490161012753952891266539753232272922181406"),
            y: MontFp!("33598640822278554772831685698881186388015236142346651409898367922453473963663"),
        },
        Point {
            x: MontFp!("19694865157642800011703791269899769008405298929654854105687873647883911250974"),
            y: MontFp!("26237871192725078427338029290579789592997453824197827916731741301178296571257"),
        },
    ]
}

/// volume = total·V + H(VOLUME; s₃, terms)·W.
pub fn volume(total: u64, salt: Fr, terms: TermsId) -> Point {
    let [v, w] = volume_generators();
    let blinding = hash(Domain::Volume, &[salt, terms.field()]);
    v.mul_integer(&[total]) + w.mul_integer(&blinding.into_bigint().0)
}

/// H(RECEIPT; terms, done + 2^40·done′ + 2^80·time + 2^120·final), which the inspector signs: of `terms`, up to `delivered`
/// thousandths were delivered by `time`, after a receipt up to `done`.
pub fn receipt_message(terms: TermsId, done: u64, delivered: u64, time: u64, last: bool) -> Fr {
    let packed = super::lane(&[(done, 40), (delivered, 40), (time, 40), (u64::from(last), 1)]);
    hash(Domain::Receipt, &[terms.field(), packed])
}

/// H(REFUND; terms, nf, context), which the buyer's signer signs.
pub fn refund_message(terms: TermsId, nf: Nullifier, context: Context) -> Fr {
    hash(Domain::Refund, &[terms.field(), nf.field(), context.field()])
}

/// H(AWARD; terms, done, pay + 2^64·used), which the arbiter signs.
pub fn award_message(terms: TermsId, done: u64, pay: u64, used: u64) -> Fr {
    hash(Domain::Award, &[terms.field(), Fr::from(done), super::lane(&[(pay, 64), (used, 64)])])
}

/// H(SETTLE; terms, done, pay + 2^64·used, context), which both parties' signers sign.
pub fn settle_message(terms: TermsId, done: u64, pay: u64, used: u64, context: Context) -> Fr {
    let packed = super::lane(&[(pay, 64), (used, 64)]);
    hash(Domain::Settle, &[terms.field(), Fr::from(done), packed, context.field()])
}
