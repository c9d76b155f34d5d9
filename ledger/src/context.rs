//! The ledger's context, which binds every proof to one transaction on one ledger (L6).
//!
//! context = Keccak-256(version ‖ ledger id ‖ kind ‖ expiry ‖ terms ‖ volume x ‖ volume y ‖ recipient ‖ outputs ‖
//! Keccak-256(ciphertexts)), every field a 32-byte big-endian word, the first byte of the digest cleared.

use crate::ciphertexts::Ciphertexts;
use crate::genesis::LedgerHash;
use privity_circuits::context::Context;
use privity_circuits::jubjub::Point;
use privity_circuits::keys::SignerId;
use privity_circuits::note::Commitment;
use privity_circuits::terms::TermsId;
use privity_circuits::{Fr, field};
use sha3::{Digest, Keccak256};

/// Version word of a frame.
pub const FRAME_VERSION: u64 = 1;

/// What a transaction or a log entry is, numbered as the protocol's section 5 lists them; a disclosure is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A disclosure, which never enters the log.
    Disclosure = 0,
    /// An attestation becomes notes.
    Issue = 1,
    /// A token's supply grows.
    Mint = 2,
    /// Notes move, or leave the pool in the open.
    Transfer = 3,
    /// Two transfers, both or neither.
    Swap = 4,
    /// A deal's payment, fee and capacity.
    Deal = 5,
    /// Part or all of an escrow is settled.
    Release = 6,
    /// The operator registers a signer, token, key, certifier or operator key.
    Register = 7,
    /// The operator revokes what was registered, or a member.
    Revoke = 8,
    /// The operator admits a member or changes its signer.
    Member = 9,
    /// The operator sets the fee policy.
    Policy = 10,
    /// A member asks for quotations.
    Rfq = 11,
    /// The operator publishes the secret of an RFQ's key.
    Open = 12,
    /// A member answers, sealed.
    Quote = 13,
    /// The buyer excludes a quote that does not open.
    Exclude = 14,
    /// The buyer names the best quote.
    Award = 15,
}

impl Kind {
    /// Every kind, by number.
    pub const ALL: [Self; 16] = [
        Self::Disclosure,
        Self::Issue,
        Self::Mint,
        Self::Transfer,
        Self::Swap,
        Self::Deal,
        Self::Release,
        Self::Register,
        Self::Revoke,
        Self::Member,
        Self::Policy,
        Self::Rfq,
        Self::Open,
        Self::Quote,
        Self::Exclude,
        Self::Award,
    ];
}

/// What a context is the hash of.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The whole SHA-256 of the genesis.
    pub ledger: LedgerHash,
    /// What the transaction is.
    pub kind: Kind,
    /// Unix seconds; the ledger's time must be below it. 0 for a disclosure.
    pub expiry: u64,
    /// A deal's terms, else 0.
    pub terms: TermsId,
    /// A deal's volume, else two zero words.
    pub volume: Point,
    /// Whom exposed value is for, 0 = burn; a disclosure's audience, else 0.
    pub recipient: Fr,
    /// All outputs of all legs in order, a release's pair included, a deal's pair not.
    pub outputs: &'a [Commitment],
    /// All ciphertexts.
    pub ciphertexts: &'a Ciphertexts,
}

/// The volume of a kind that has none: two zero words, which are no point.
pub const NO_VOLUME: Point = Point { x: SignerId::NONE.field(), y: SignerId::NONE.field() };

impl Frame<'_> {
    /// The hash of the frame.
    pub fn context(&self) -> Context {
        Context::from_digest(&Keccak256::digest(self.preimage()).into())
    }

    /// The words under the hash.
    pub fn preimage(&self) -> Vec<u8> {
        let mut words = Vec::with_capacity(32 * (9 + self.outputs.len()));
        let mut word = |bytes: &[u8; 32]| words.extend_from_slice(bytes);
        word(&integer(FRAME_VERSION));
        word(&self.ledger.0);
        word(&integer(self.kind as u64));
        word(&integer(self.expiry));
        word(&self.terms.to_bytes());
        word(&field::to_bytes(&self.volume.x));
        word(&field::to_bytes(&self.volume.y));
        word(&field::to_bytes(&self.recipient));
        self.outputs.iter().for_each(|output| word(&output.to_bytes()));
        word(&self.ciphertexts.digest());
        words
    }
}

/// The context of a disclosure to `audience`: no expiry, no outputs, no ciphertexts.
pub fn disclosure(ledger: LedgerHash, audience: SignerId) -> Context {
    let ciphertexts = Ciphertexts::default();
    let frame = Frame {
        ledger,
        kind: Kind::Disclosure,
        expiry: 0,
        terms: TermsId::default(),
        volume: NO_VOLUME,
        recipient: audience.field(),
        outputs: &[],
        ciphertexts: &ciphertexts,
    };
    frame.context()
}

fn integer(value: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&value.to_be_bytes());
    word
}
