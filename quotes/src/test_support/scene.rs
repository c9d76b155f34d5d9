//! One RFQ with its buyer, its operator and suppliers.

use crate::{Opening, OperatorSecret, QuotingKey, Rfq, SealedQuote, SecretScalar, Weights};
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::jubjub::{Scalar, scalar_to_bytes};
use privity_circuits::keys::{Owner, SignerId, SigningKey};
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::DocumentHash;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// A seeded generator.
pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// An RFQ and every secret behind it.
pub(crate) struct Scene {
    pub(crate) rfq: Rfq,
    pub(crate) buyer: SecretScalar,
    pub(crate) operator: OperatorSecret,
    pub(crate) signer: SigningKey,
}

impl Scene {
    /// Scenes of different numbers share no key; all are on one ledger.
    pub(crate) fn new(number: u8) -> Self {
        let key = QuotingKey::from_wide(&[number; 64]);
        let (ledger, nonce) = ([7; 32], [number; 32]);
        let buyer = Owner::new(Fr::from(1000 + u64::from(number)));
        let secret = key.buyer_secret(&ledger, &nonce);
        let operator = QuotingKey::from_wide(&[99; 64]).operator_secret(&ledger, buyer, &nonce);
        let signer = SigningKey::from_bytes(&scalar_to_bytes(&Scalar::from(31u64))).unwrap();
        let signer_id = SignerId::of(&signer.public_key());
        let message = Rfq::endorsement(&ledger, buyer, &nonce, &operator.public());
        let rfq = Rfq {
            ledger,
            buyer,
            document: DocumentHash::new(Fr::from(11u64)),
            currency: AssetId::new(Fr::from(12u64)),
            exponent: 2,
            quantity: 1_005_000,
            weights: Weights { price: 3, lead: 20_000 },
            opens: 1_800_000_000,
            closes: 1_800_086_400,
            delay: 172_800,
            key: secret.public(),
            operator_key: operator.public(),
            nonce,
            operator: signer_id,
            endorsement: Signature::sign(&signer, signer_id.field(), message, &mut rng(number.into())),
        };
        Self { rfq, buyer: secret, operator, signer }
    }

    /// The quote of `supplier` at `price` minor units and `lead` days.
    pub(crate) fn quote(&self, supplier: &Supplier, price: u64, lead: u16) -> SealedQuote {
        let (ephemeral, opening) = (supplier.ephemeral(&self.rfq), supplier.opening(&self.rfq, price, lead));
        let mut rng = rng(price ^ u64::from(lead) << 48);
        SealedQuote::seal(&self.rfq, supplier.owner, &ephemeral, &opening, &mut rng).unwrap()
    }
}

/// A member that quotes.
pub(crate) struct Supplier {
    pub(crate) owner: Owner,
    key: QuotingKey,
}

impl Supplier {
    /// Suppliers of different numbers share nothing.
    pub(crate) fn new(number: u8) -> Self {
        Self { owner: Owner::new(Fr::from(2000 + u64::from(number))), key: QuotingKey::from_wide(&[100 + number; 64]) }
    }

    /// e of the first attempt.
    pub(crate) fn ephemeral(&self, rfq: &Rfq) -> SecretScalar {
        self.key.ephemeral(&rfq.hash(), 0)
    }

    /// The opening of the first attempt.
    pub(crate) fn opening(&self, rfq: &Rfq, price: u64, lead: u16) -> Opening {
        self.key.opening(&rfq.hash(), 0, price, lead).unwrap()
    }
}
