//! Development set-up: one party draws the trapdoor and forgets it.

use crate::{Cancelled, Control, ProvingKey, Stage};
use ark_bls12_381::{Bls12_381, G1Projective, G2Projective};
use ark_ec::PrimeGroup;
use ark_ff::{UniformRand, Zero};
use ark_groth16::Groth16;
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, Result as Synthesis, SynthesisError, Variable,
};
use privity_circuits::r1cs::{Lc, Shape};
use privity_circuits::{Circuit, Fr};
use privity_verifier::KeyError;
use rand::{CryptoRng, RngCore};
use zeroize::Zeroize;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The caller asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The engine refused the circuit.
    #[error("set-up engine: {0}; a circuit has at most 2^32 rows")]
    Engine(String),
    /// The verifying key does not pass its own checks.
    #[error("set-up made an unusable key: {0}; use a sound random generator and generate again")]
    Key(#[from] KeyError),
}

/// Keys of `C`, marked *development*: whoever ran this could have kept the trapdoor, and a production ledger refuses them.
///
/// # Errors
/// [`SetupError`] if cancelled, or for a relation whose name or number of inputs no key may have.
pub fn generate<C: Circuit>(
    rng: &mut (impl RngCore + CryptoRng),
    control: &Control<'_>,
) -> Result<ProvingKey, SetupError> {
    control.enter(Stage::Matrices)?;
    let shape = Shape::of::<C>();
    control.enter(Stage::SetUp)?;
    let mut trapdoor: [Fr; 4] = core::array::from_fn(|_| nonzero(rng));
    let [alpha, beta, gamma, delta] = trapdoor;
    let parameters = Groth16::<Bls12_381>::generate_parameters_with_qap(
        Replay(&shape),
        alpha,
        beta,
        gamma,
        delta,
        // The standard generators: "δ = ± the generator" has to mean something.
        G1Projective::generator(),
        G2Projective::generator(),
        rng,
    );
    trapdoor.zeroize();
    let parameters = parameters.map_err(|error| SetupError::Engine(error.to_string()))?;
    Ok(ProvingKey::new(C::NAME, &shape, true, parameters)?)
}

fn nonzero(rng: &mut (impl RngCore + CryptoRng)) -> Fr {
    loop {
        let k = Fr::rand(rng);
        if !k.is_zero() {
            return k;
        }
    }
}

/// A shape, row by row, into ark's constraint system.
pub(crate) struct Replay<'a>(pub(crate) &'a Shape);

impl ConstraintSynthesizer<Fr> for Replay<'_> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Synthesis<()> {
        let Self(shape) = self;
        let missing = || Err(SynthesisError::AssignmentMissing);
        let mut variables = vec![Variable::one()];
        for index in 1..shape.num_variables {
            variables.push(if index <= shape.num_inputs {
                cs.new_input_variable(missing)?
            } else {
                cs.new_witness_variable(missing)?
            });
        }
        let lc = |lc: &Lc| {
            let term = |(index, coefficient): &(u32, Fr)| (*coefficient, variables[*index as usize]);
            LinearCombination(lc.terms().iter().map(term).collect())
        };
        for row in &shape.rows {
            cs.enforce_r1cs_constraint(|| lc(&row.a), || lc(&row.b), || lc(&row.c))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::matrices;
    use ark_relations::gr1cs::{ConstraintSystem, OptimizationGoal, R1CS_PREDICATE_LABEL, SynthesisMode};
    use privity_circuits::mint::Mint;

    /// The set-up sees exactly the matrices that the prover evaluates: no row outlined, none reordered.
    #[test]
    fn replay_keeps_the_matrices() {
        let shape = Shape::of::<Mint>();
        let cs = ConstraintSystem::new_ref();
        cs.set_optimization_goal(OptimizationGoal::Constraints);
        cs.set_mode(SynthesisMode::Setup);
        Replay(&shape).generate_constraints(cs.clone()).unwrap();
        cs.finalize();
        assert_eq!(cs.num_instance_variables(), shape.num_inputs + 1);
        assert_eq!(cs.num_constraints(), shape.rows.len());
        let mut replayed = cs.to_matrices().unwrap()[R1CS_PREDICATE_LABEL].clone();
        for row in replayed.iter_mut().flatten() {
            row.sort_unstable_by_key(|(_, index)| *index);
        }
        assert_eq!(replayed, matrices(&shape));
    }
}
