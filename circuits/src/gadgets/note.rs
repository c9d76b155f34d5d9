//! Opening a note commitment, ranges included.

use super::poseidon::{Lane, Shared};
use super::{Num, bits, poseidon};
use crate::Fr;
use crate::hash::Domain;
use crate::note::{NOTE_VERSION, Note, UNLOCK_BITS};
use crate::r1cs::Cs;
use alloc::vec::Vec;
use ark_ff::Field;

/// A note whose value and unlock are ranged and whose version is pinned; whoever makes its [`Amount`] ranges it.
pub struct NoteVar {
    /// Asset.
    pub asset: Num,
    /// Value, below 2^64.
    pub value: Num,
    /// Bits of the value, low first; empty if the value is constant or was ranged elsewhere.
    pub value_bits: Vec<Num>,
    /// Unlock time, below 2^40.
    pub unlock: Num,
    /// H(NOTE; …).
    pub commitment: Num,
}

/// Value and unlock of a note, ranged.
pub struct Amount {
    /// Value, below 2^64.
    pub value: Num,
    /// Bits of the value; may be empty.
    pub value_bits: Vec<Num>,
    /// Unlock, below 2^40.
    pub unlock: Num,
}

impl Amount {
    /// Takes a prover's value and unlock: 64 and 40 booleans define them.
    pub fn witness(cs: &mut Cs, value: u64, unlock: u64) -> Self {
        let (value, value_bits) = bits::integer(cs, Fr::from(value), 64);
        let (unlock, _) = bits::integer(cs, Fr::from(unlock), UNLOCK_BITS as usize);
        Self { value, value_bits, unlock }
    }

    /// A value that its maker has proven to be below 2^64, unlock 0.
    pub fn ranged(value: Num) -> Self {
        Self { value, value_bits: Vec::new(), unlock: Num::zero() }
    }
}

/// The commitment to (asset, amount, owner, blinding).
pub fn open(cs: &mut Cs, asset: &Num, amount: Amount, owner: &Num, blinding: &Num) -> NoteVar {
    commit(cs, asset, amount, blinding, [Lane::Own(asset), Lane::Own(owner)])
}

/// The same for an asset (input 0) and an owner (input 2) that other notes have too.
pub fn open_shared(cs: &mut Cs, asset: &Shared, amount: Amount, owner: &Shared, blinding: &Num) -> NoteVar {
    commit(cs, asset.input(), amount, blinding, [Lane::Shared(asset), Lane::Shared(owner)])
}

fn commit(cs: &mut Cs, asset: &Num, amount: Amount, blinding: &Num, [first, third]: [Lane; 2]) -> NoteVar {
    cs.gadget("note", |cs| {
        let two = Fr::from(2u64);
        let packed = Num::linear(
            &[(Fr::ONE, &amount.value), (two.pow([64]), &amount.unlock)],
            two.pow([104]) * Fr::from(NOTE_VERSION),
        );
        let inputs = [first, Lane::Own(&packed), third, Lane::Own(blinding)];
        let commitment = poseidon::hash_block(cs, Domain::Note, inputs);
        let Amount { value, value_bits, unlock } = amount;
        NoteVar { asset: asset.clone(), value, value_bits, unlock, commitment }
    })
}

/// A witness note of `asset` and `owner`.
pub fn witness(cs: &mut Cs, asset: &Num, owner: &Num, note: &Note) -> NoteVar {
    let amount = Amount::witness(cs, note.value, note.unlock);
    let blinding = cs.hint("blinding", note.blinding);
    open(cs, asset, amount, owner, &blinding)
}

/// nf = H(NULLIFIER; nk, cm, position).
pub fn nullifier(cs: &mut Cs, nk: &Num, cm: &Num, position: &Num) -> Num {
    poseidon::hash(cs, Domain::Nullifier, &[nk.clone(), cm.clone(), position.clone()])
}
