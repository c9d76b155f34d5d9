//! Constraints of mint.

use super::{Mint, Statement, Witness};
use crate::asset::AssetId;
use crate::context::Context;
use crate::gadgets::{Num, note};
use crate::keys::Owner;
use crate::note::Commitment;
use crate::r1cs::Cs;
use crate::{Circuit, Fr};
use ark_ff::AdditiveGroup;

impl Circuit for Mint {
    const MATRICES: Option<[u8; 32]> =
        Some(crate::r1cs::pinned("21393bac1560792292356a52e0fafe7a72f3cd3c7e0c5c76229d827110233c2e"));

    fn enforce(cs: &mut Cs, x: &[Num], w: &Witness) {
        let [asset, value, out, _context] = x else {
            return;
        };
        cs.rule("M1", |cs| {
            let amount = note::Amount::stated(cs, value, w.unlock);
            let owner = cs.hint("owner", w.owner.field());
            let blinding = cs.hint("blinding", w.blinding);
            let opened = note::open(cs, asset, amount, &owner, &blinding);
            cs.equal(opened.commitment(), out);
        });
    }

    fn blank() -> (Statement, Witness) {
        let statement =
            Statement { asset: AssetId::default(), value: 0, out: Commitment::default(), context: Context::default() };
        (statement, Witness { unlock: 0, owner: Owner::default(), blinding: Fr::ZERO })
    }
}
