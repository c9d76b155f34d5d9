//! Opening a note commitment, ranges included.

use super::bits::Ranged;
use super::poseidon::{Lane, Shared};
use super::{Num, poseidon};
use crate::Fr;
use crate::hash::Domain;
use crate::note::{NOTE_VERSION, UNLOCK_BITS};
use crate::r1cs::Cs;
use ark_ff::Field;

/// Bits of a value.
const VALUE_BITS: u32 = u64::BITS;

/// A note whose value and unlock are ranged and whose version is pinned.
pub struct NoteVar {
    amount: Amount,
    commitment: Num,
}

impl NoteVar {
    /// Value, below 2^64.
    pub fn value(&self) -> &Num {
        &self.amount.value
    }

    /// Unlock time, below 2^40.
    pub fn unlock(&self) -> &Num {
        &self.amount.unlock
    }

    /// H(NOTE; …).
    pub fn commitment(&self) -> &Num {
        &self.commitment
    }
}

/// Value and unlock of a note, below 2^64 and 2^40: every constructor but [`Amount::ranged_elsewhere`] has the rows that say so.
pub struct Amount {
    value: Num,
    unlock: Num,
}

impl Amount {
    /// Takes a prover's value and unlock: 64 and 40 booleans define them.
    pub fn witness(cs: &mut Cs, value: u64, unlock: u64) -> Self {
        let value = Ranged::witness(cs, value, VALUE_BITS);
        let unlock = Ranged::witness(cs, unlock, UNLOCK_BITS);
        Self { value: value.num().clone(), unlock: unlock.num().clone() }
    }

    /// A value that exists, and a prover's unlock.
    pub fn stated(cs: &mut Cs, value: &Num, unlock: u64) -> Self {
        let value = Ranged::of(cs, value, VALUE_BITS);
        let unlock = Ranged::witness(cs, unlock, UNLOCK_BITS);
        Self { value: value.num().clone(), unlock: unlock.num().clone() }
    }

    /// A value of at most 64 bits, unlock 0.
    pub fn of(value: &Ranged) -> Self {
        debug_assert!(value.bits().len() <= VALUE_BITS as usize, "a value too wide for a note");
        Self { value: value.num().clone(), unlock: Num::zero() }
    }

    /// The same locked until `unlock` of at most 40 bits, or not at all if the boolean `locked` is 0.
    pub fn locked_if(self, cs: &mut Cs, locked: &Num, unlock: &Ranged) -> Self {
        debug_assert!(unlock.bits().len() <= UNLOCK_BITS as usize, "an unlock time too wide for a note");
        Self { unlock: cs.mul(locked, unlock.num()), ..self }
    }

    /// A value that other rows prove to be below 2^64, unlock 0: the caller says which.
    pub fn ranged_elsewhere(value: &Num) -> Self {
        Self { value: value.clone(), unlock: Num::zero() }
    }
}

/// The commitment to (asset, amount, owner, blinding).
pub fn open(cs: &mut Cs, asset: &Num, amount: Amount, owner: &Num, blinding: &Num) -> NoteVar {
    commit(cs, amount, blinding, [Lane::Own(asset), Lane::Own(owner)])
}

/// The same for an asset (input 0) and an owner (input 2) that other notes have too.
pub fn open_shared(cs: &mut Cs, asset: &Shared, amount: Amount, owner: &Shared, blinding: &Num) -> NoteVar {
    commit(cs, amount, blinding, [Lane::Shared(asset), Lane::Shared(owner)])
}

fn commit(cs: &mut Cs, amount: Amount, blinding: &Num, [first, third]: [Lane; 2]) -> NoteVar {
    cs.gadget("note", |cs| {
        let two = Fr::from(2u64);
        let packed = Num::linear(
            &[(Fr::ONE, &amount.value), (two.pow([64]), &amount.unlock)],
            two.pow([104]) * Fr::from(NOTE_VERSION),
        );
        let inputs = [first, Lane::Own(&packed), third, Lane::Own(blinding)];
        let commitment = poseidon::hash_block(cs, Domain::Note, inputs);
        NoteVar { amount, commitment }
    })
}

/// nf = H(NULLIFIER; nk, cm, position).
pub fn nullifier(cs: &mut Cs, nk: &Num, cm: &Num, position: &Num) -> Num {
    poseidon::hash(cs, Domain::Nullifier, &[nk.clone(), cm.clone(), position.clone()])
}
