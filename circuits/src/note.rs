//! Notes, commitments and nullifiers (protocol, section 3).

use crate::asset::AssetId;
use crate::keys::{NullifierKey, Owner};
use crate::{DecodeError, Domain, Fr, field, field_newtype, hash};
use ark_ff::AdditiveGroup;
use zeroize::Zeroize;

field_newtype!(Commitment, "Note or pair commitment, a leaf of the note tree.");
field_newtype!(Nullifier, "H(NULLIFIER; nk, cm, position): a spent note's mark.");
field_newtype!(Party, "H(PARTY; owner, ρ): hides who a leg's owner is.");

/// Version of a note, pinned in its packed lane.
pub const NOTE_VERSION: u64 = 1;
/// Bits of an unlock time (Unix seconds).
pub const UNLOCK_BITS: u32 = 40;

/// An amount of one asset owned by one owner, spendable when now ≥ `unlock`.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// What it holds.
    pub asset: AssetId,
    /// Minor units of a token, millionths of a unit of capacity.
    pub value: u64,
    /// Unix seconds, below 2^40.
    pub unlock: u64,
    /// Who spends it.
    pub owner: Owner,
    /// Uniform in F.
    pub blinding: Fr,
}

impl Note {
    /// cm = H(NOTE; asset, value + 2^64·unlock + 2^104·version, owner, blinding). An unlock of 2^40 and more makes a note that
    /// nothing opens.
    pub fn commitment(&self) -> Commitment {
        commitment(self.asset, pack(self.value, self.unlock), self.owner, self.blinding)
    }

    /// nf = H(NULLIFIER; nk, cm, position).
    pub fn nullifier(&self, nk: &NullifierKey, position: u32) -> Nullifier {
        nullifier(nk.field(), self.commitment(), position)
    }

    /// Whether the unlock time fits its 40 bits.
    ///
    /// # Errors
    /// [`DecodeError::Range`] if it does not.
    pub fn check_ranges(&self) -> Result<(), DecodeError> {
        if self.unlock >> UNLOCK_BITS == 0 { Ok(()) } else { Err(DecodeError::Range("unlock")) }
    }
}

impl core::fmt::Debug for Note {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Note(redacted)")
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.value.zeroize();
        self.blinding.0.0.zeroize();
    }
}

/// The packed lane: value + 2^64·unlock + 2^104·version, over the integers.
pub fn pack(value: u64, unlock: u64) -> Fr {
    Fr::from(value) + Fr::from(1u128 << 64) * Fr::from(unlock) + Fr::from((NOTE_VERSION as u128) << 104)
}

/// H(NOTE; asset, packed, owner, blinding).
pub fn commitment(asset: AssetId, packed: Fr, owner: Owner, blinding: Fr) -> Commitment {
    Commitment::new(hash(Domain::Note, &[asset.field(), packed, owner.field(), blinding]))
}

/// H(NULLIFIER; nk, cm, position); for an escrowed pair nk = H(ESCROWNK; s₃) and cm is the pair.
pub fn nullifier(nk: Fr, cm: Commitment, position: u32) -> Nullifier {
    Nullifier::new(hash(Domain::Nullifier, &[nk, cm.field(), Fr::from(u64::from(position))]))
}

/// H(PARTY; owner, ρ).
pub fn party(owner: Owner, rho: Fr) -> Party {
    Party::new(hash(Domain::Party, &[owner.field(), rho]))
}

/// H(PAIR; payment, capacity): an escrow's two notes as one leaf.
pub fn pair(payment: Commitment, capacity: Commitment) -> Commitment {
    Commitment::new(hash(Domain::Pair, &[payment.field(), capacity.field()]))
}

/// H(BLIND; secret, context, i), or H(BLIND; secret, i) where the protocol names two inputs.
pub fn blind(inputs: &[Fr]) -> Fr {
    hash(Domain::Blind, inputs)
}

/// No commitment: what a statement carries where a note is absent.
pub const NO_COMMITMENT: Commitment = Commitment::new(Fr::ZERO);

/// Whether `x` is an integer below 2^64.
pub fn is_u64(x: &Fr) -> bool {
    field::fits(x, 64)
}
