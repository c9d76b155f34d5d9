//! A prover that bypasses every check: it assigns what it likes and hands out whatever comes of it.

use super::DemoError;
use crate::keyring::KeyRing;
use privity_circuits::r1cs::Cs;
use privity_circuits::{Circuit, Fr};
use privity_ledger::{Proven, Settled};
use rand::rngs::OsRng;

/// The claim `x` with a proof made from `w` and whatever `meddle` does to the assignment.
///
/// # Errors
/// [`DemoError::Attack`] unless the assignment breaks `rule` and no other.
pub fn forge<C: Circuit + Settled>(
    keys: &mut KeyRing,
    name: &'static str,
    rule: &'static str,
    x: C::Statement,
    w: &C::Witness,
    meddle: impl FnOnce(&mut Cs),
) -> Result<Proven<C>, DemoError> {
    let mut cs = Cs::with_rows();
    meddle(&mut cs);
    let cs = cs.synthesize::<C>(&x, w);
    let assignment = cs.assignment();
    let broken = cs.rows().iter().enumerate().filter(|(_, row)| row.residue(assignment) != Fr::default());
    let mut rules: Vec<&str> = broken.filter_map(|(index, _)| cs.rule_of(index)).collect();
    rules.dedup();
    if rules != [rule] {
        let found = format!("the assignment breaks {rules:?}");
        return Err(DemoError::Attack { name, expected: format!("an assignment that breaks {rule} alone"), found });
    }
    let key = keys.key::<C>().map_err(DemoError::other)?.id();
    let proof = keys.prover().prove_assignment::<C>(cs.into_assignment(), &mut OsRng).map_err(DemoError::other)?;
    Ok(Proven { key, statement: x, proof })
}
