//! What a relation is: a statement everyone sees, a witness only the prover knows, and numbered rules between them.

use crate::Fr;
use alloc::vec::Vec;

/// The public half of a claim.
pub trait Statement {
    /// The public inputs in the order of the verifying key; the only such list there is.
    fn public_inputs(&self) -> Vec<Fr>;
}

/// A broken rule of a relation, by its id on the protocol's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {reason}")]
pub struct Violation {
    /// Rule id, as `T7`.
    pub rule: &'static str,
    /// What is wrong, and how to mend it.
    pub reason: &'static str,
}

impl Violation {
    /// `Ok` if the rule holds.
    ///
    /// # Errors
    /// The violation of `rule`, if `holds` is false.
    pub fn unless(holds: bool, rule: &'static str, reason: &'static str) -> Result<(), Self> {
        if holds { Ok(()) } else { Err(Self { rule, reason }) }
    }
}

/// R = {(x; w)}: a statement x and a witness w that satisfy numbered rules.
///
/// A partner adds a relation of its own by implementing this trait and [`Circuit`].
pub trait Relation {
    /// Name and version, as `transfer.v1`; part of every key id.
    const NAME: &'static str;
    /// The public half.
    type Statement: Statement;
    /// The private half.
    type Witness;

    /// The rules in plain Rust, in their order.
    ///
    /// # Errors
    /// The first rule that is broken.
    fn check(x: &Self::Statement, w: &Self::Witness) -> Result<(), Violation>;
}

/// The same rules as rank-1 constraints.
#[cfg(feature = "constraints")]
pub trait Circuit: Relation {
    /// [`Shape::digest`](crate::r1cs::Shape::digest) of these constraints, if a test pins it: then a proving key is opened without making
    /// them. A value that is not theirs makes good keys be refused.
    const MATRICES: Option<[u8; 32]> = None;

    /// Adds the constraints. `x` holds one variable per element of [`Statement::public_inputs`], in that order.
    ///
    /// Values of hints are computed totally: a false witness gives an unsatisfied system, never a panic.
    fn enforce(cs: &mut crate::r1cs::Cs, x: &[crate::gadgets::Num], w: &Self::Witness);

    /// Some pair of the right shape; a circuit's matrices are read off it, its values are not.
    fn blank() -> (Self::Statement, Self::Witness);
}
