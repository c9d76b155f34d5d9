//! The identities of docs/engine/forms.md, and the engine against ark-groth16, on random circuits.

mod against_ark;
mod identities;

use super::rows::Rows;
use super::setup::{Trapdoor, elements};
use crate::ProvingKey;
use crate::engine::FittingReduction;
use crate::engine::queries::Queries;
use crate::key::{Parameters, SetUp};
use ark_bls12_381::Bls12_381;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_groth16::{Groth16, prepare_verifying_key};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, Result as Synthesis, SynthesisError, Variable,
};
use privity_arith::ntt::Domain;
use privity_circuits::Fr;
use privity_circuits::r1cs::{Lc, Row, Shape};
use privity_verifier::groth16::Points;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

pub(super) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// A random satisfied system: each row's C has a new variable, and any others, public inputs among them.
pub(super) fn random_system(inputs: usize, rows: usize, rng: &mut ChaCha20Rng) -> (Shape, Vec<Fr>) {
    let mut z = vec![Fr::ONE];
    z.extend((0..inputs).map(|_| Fr::rand(rng)));
    let mut shape = Shape { num_inputs: inputs, num_variables: 0, rows: Vec::new() };
    for _ in 0..rows {
        let mut combination = |terms: usize| {
            let picked: Vec<_> = (0..terms)
                .map(|_| (if rng.gen_bool(0.5) { Fr::ONE } else { Fr::rand(rng) }, rng.gen_range(0..z.len())))
                .map(|(coefficient, index)| (coefficient, Lc::variable(index as u32)))
                .collect();
            Lc::sum(picked.iter().map(|(coefficient, lc)| (*coefficient, lc)))
        };
        let (a, b, rest) = (combination(3), combination(2), combination(2));
        let fresh = a.evaluate(&z) * b.evaluate(&z) - rest.evaluate(&z);
        let index = z.len() as u32;
        z.push(fresh);
        let c = Lc::sum([(Fr::ONE, &rest), (Fr::ONE, &Lc::variable(index))].into_iter());
        shape.rows.push(Row { a, b, c });
    }
    shape.num_variables = z.len();
    (shape, z)
}

/// A key with a trapdoor that the test keeps.
pub(super) fn key(shape: &Shape, domain: &Domain, trapdoor: &Trapdoor) -> ProvingKey {
    let (parameters, queries) = elements(&Rows::new(shape), domain, trapdoor);
    assemble(shape, domain, parameters, Some(queries))
}

pub(super) fn assemble(shape: &Shape, domain: &Domain, parameters: Parameters, queries: Option<Queries>) -> ProvingKey {
    ProvingKey::new("random.v1", shape, true, SetUp { domain: domain.clone(), parameters, queries }).unwrap()
}

/// Both domains that a circuit may be on.
pub(super) fn domains(shape: &Shape) -> [Domain; 2] {
    [Domain::fitting(shape.size()).unwrap(), Domain::power_of_two(shape.size()).unwrap()]
}

pub(super) fn verifies(key: &ProvingKey, z: &[Fr], points: Points) -> bool {
    let proof = ark_groth16::Proof::<Bls12_381> { a: points.a, b: points.b, c: points.c };
    let prepared = prepare_verifying_key(&key.parameters().vk);
    Groth16::<Bls12_381>::verify_proof(&prepared, &proof, &z[1..=key.num_inputs()]).unwrap()
}

/// A shape, row by row, into ark's constraint system.
pub(super) struct Replay<'a>(pub(super) &'a Shape);

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

#[test]
fn random_systems_are_satisfied_and_use_inputs_in_c() {
    let (shape, z) = random_system(3, 40, &mut rng(1));
    assert_eq!(shape.first_violation(&z), None);
    let in_c = |row: &Row| row.c.terms().iter().any(|(variable, k)| (1..=3).contains(variable) && *k != Fr::ZERO);
    assert!(shape.rows.iter().any(in_c));
}
