//! Envelopes: a deal's full terms, sealed to one party's own key, so that phrase and ledger restore the deal.
//!
//! HPKE as for notes, aad = the terms' id; the plaintext is padded to one length.

use crate::delivery::{Channel, DeliveryError, DeliveryKey, SEAL_BYTES};
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::context::LedgerId;
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::terms::{
    DocumentHash, Goods, MAX_TIERS, Mode, Money, Parties, Remedy, RfqId, Rounding, Stage, Terms, TermsId, Tier,
};
use privity_circuits::{DecodeError, Fr, field};
use privity_ledger::{CodecError, ENVELOPE_BYTES, Envelope, Reader};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// Bytes under the seal.
const PLAINTEXT_BYTES: usize = ENVELOPE_BYTES - SEAL_BYTES;
/// Version of the plaintext.
const VERSION: u8 = 1;

/// What an envelope holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosed {
    /// All that was agreed.
    pub terms: Terms,
    /// The buyer's X25519 key.
    pub buyer_key: [u8; 32],
    /// The supplier's X25519 key.
    pub supplier_key: [u8; 32],
}

impl Channel {
    /// Seals terms to `to`, a party's own key.
    ///
    /// # Errors
    /// [`DeliveryError::Key`] if the key is of small order.
    pub fn seal_envelope<R: RngCore + CryptoRng>(
        &self,
        to: &[u8; 32],
        enclosed: &Enclosed,
        rng: &mut R,
    ) -> Result<Envelope, DeliveryError> {
        let sealed = self.seal(to, &enclosed.terms.id().to_bytes(), &encode(enclosed), rng)?;
        let sealed: Box<[u8; ENVELOPE_BYTES]> = sealed.into_boxed_slice().try_into().map_err(|_| DeliveryError::Key)?;
        Ok(Envelope(sealed))
    }

    /// Opens an envelope; `None` if it is not for `key`, or its terms are not those of `id`.
    pub fn open_envelope(&self, key: &DeliveryKey, id: TermsId, envelope: &Envelope) -> Option<Enclosed> {
        let plaintext = self.open(key, &id.to_bytes(), envelope.0.as_slice())?;
        decode(&plaintext).ok().filter(|enclosed| enclosed.terms.id() == id)
    }
}

fn encode(enclosed: &Enclosed) -> Zeroizing<Vec<u8>> {
    // All at once, so that no smaller buffer is left behind unwiped.
    let mut out = Zeroizing::new(Vec::with_capacity(PLAINTEXT_BYTES));
    let Enclosed { terms, buyer_key, supplier_key } = enclosed;
    out.push(VERSION);
    out.extend_from_slice(buyer_key);
    out.extend_from_slice(supplier_key);
    let mut put = |fields: &[Fr], integers: &[u64]| {
        fields.iter().for_each(|x| out.extend_from_slice(&field::to_bytes(x)));
        integers.iter().for_each(|n| out.extend_from_slice(&n.to_be_bytes()[2..]));
    };
    let Terms { parties, goods, money, remedy } = terms;
    put(&parties.inputs(), &[]);
    put(
        &[goods.certifier.field(), goods.origin.field(), goods.resource.field(), goods.document.field(), goods.salt],
        &[goods.quantity, goods.load_factor, goods.increment, goods.due, goods.bucket],
    );
    put(&[money.currency.field(), money.rfq.field(), money.salt], &[]);
    put(&[], &[money.exponent, money.decimals, money.mode as u64, money.surcharge, money.allowance, money.set_up]);
    put(&[], &[money.rounding as u64, money.stage as u64, money.payment_unlock]);
    for tier in &money.tiers {
        put(&[], &[tier.minimum, tier.price]);
    }
    put(&[remedy.salt], &[u64::from(remedy.escrow), remedy.claim_until, remedy.rate, remedy.cap]);
    out.resize(PLAINTEXT_BYTES, 0);
    out
}

/// Integers of 48 bits: every field of terms that a deal accepts fits, and `frame` is 0.
fn integer(input: &mut Reader<'_>) -> Result<u64, CodecError> {
    Ok(input.array::<6>()?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

fn decode(bytes: &[u8]) -> Result<Enclosed, CodecError> {
    let mut input = Reader::new(bytes);
    let input = &mut input;
    let version = input.u8()?;
    if version != VERSION {
        return Err(CodecError::Version { what: "envelope", found: version.into(), known: VERSION.into() });
    }
    let (buyer_key, supplier_key) = (input.array()?, input.array()?);
    let parties = Parties {
        ledger: LedgerId::new(input.field()?),
        buyer: Owner::new(input.field()?),
        supplier: Owner::new(input.field()?),
        buyer_signer: SignerId::new(input.field()?),
        supplier_signer: SignerId::new(input.field()?),
        inspector: SignerId::new(input.field()?),
        arbiter: SignerId::new(input.field()?),
        auditor: SignerId::new(input.field()?),
        salt: input.field()?,
    };
    let goods = decode_goods(input)?;
    let money = decode_money(input)?;
    let salt = input.field()?;
    let remedy = Remedy {
        escrow: integer(input)? == 1,
        claim_until: integer(input)?,
        rate: integer(input)?,
        cap: integer(input)?,
        salt,
    };
    Ok(Enclosed { terms: Terms { parties, goods, money, remedy }, buyer_key, supplier_key })
}

fn decode_goods(input: &mut Reader<'_>) -> Result<Goods, CodecError> {
    let certifier = SignerId::new(input.field()?);
    let origin = Owner::new(input.field()?);
    let resource = ResourceId::new(input.field()?);
    let document = DocumentHash::new(input.field()?);
    let salt = input.field()?;
    Ok(Goods {
        certifier,
        origin,
        resource,
        document,
        quantity: integer(input)?,
        load_factor: integer(input)?,
        increment: integer(input)?,
        due: integer(input)?,
        bucket: integer(input)?,
        salt,
    })
}

fn decode_money(input: &mut Reader<'_>) -> Result<Money, CodecError> {
    let currency = AssetId::new(input.field()?);
    let rfq = RfqId::new(input.field()?);
    let salt = input.field()?;
    let out_of_range = |name| CodecError::Value(DecodeError::Range(name));
    let (exponent, decimals) = (integer(input)?, integer(input)?);
    let mode = match integer(input)? {
        0 => Mode::AllUnits,
        1 => Mode::Graduated,
        _ => return Err(out_of_range("mode")),
    };
    let (surcharge, allowance, set_up) = (integer(input)?, integer(input)?, integer(input)?);
    let rounding = match integer(input)? {
        0 => Rounding::Down,
        1 => Rounding::Up,
        2 => Rounding::HalfUp,
        3 => Rounding::HalfEven,
        _ => return Err(out_of_range("rounding")),
    };
    let stage = match integer(input)? {
        0 => Stage::Line,
        1 => Stage::UnitPrice,
        _ => return Err(out_of_range("stage")),
    };
    let payment_unlock = integer(input)?;
    let mut tiers = [Tier::default(); MAX_TIERS];
    for tier in &mut tiers {
        *tier = Tier { minimum: integer(input)?, price: integer(input)? };
    }
    Ok(Money {
        currency,
        rfq,
        exponent,
        decimals,
        mode,
        surcharge,
        allowance,
        set_up,
        rounding,
        stage,
        payment_unlock,
        frame: 0,
        tiers,
        salt,
    })
}
