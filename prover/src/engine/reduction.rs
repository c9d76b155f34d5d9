//! The reduction to polynomials on a domain that fits, for ark-groth16.

use ark_ff::{Field, PrimeField};
use ark_groth16::r1cs_to_qap::{R1CSToQAP, evaluate_constraint};
use ark_poly::EvaluationDomain;
use ark_relations::gr1cs::{ConstraintSystemRef, Matrix, R1CS_PREDICATE_LABEL, Result, SynthesisError};
use core::any::Any;
use privity_arith::Backend;
use privity_arith::ntt::{Coset, Domain};
use privity_circuits::Fr;

/// ark's reduction, but on [`Domain::fitting`] instead of a power of two. Only for BLS12-381's scalar field.
///
/// With it ark-groth16 runs the same keys as the engine: `Groth16::<Bls12_381, FittingReduction>`.
pub struct FittingReduction;

impl R1CSToQAP for FittingReduction {
    fn instance_map_with_evaluation<F: PrimeField, D: EvaluationDomain<F>>(
        cs: ConstraintSystemRef<F>,
        t: &F,
    ) -> Result<(Vec<F>, Vec<F>, Vec<F>, F, usize, usize)> {
        let matrices = &cs.to_matrices()?[R1CS_PREDICATE_LABEL];
        let (rows, inputs) = (cs.num_constraints(), cs.num_instance_variables());
        let variables = inputs + cs.num_witness_variables();
        let domain = fitting(rows + inputs)?;
        let t = *cast::<F, Fr>(t)?;
        let lagrange = domain.lagrange(Fr::ONE, t);
        let u = cast::<Vec<Fr>, Vec<F>>(&lagrange)?;
        let combine = |matrix: &Matrix<F>| {
            let mut sums = vec![F::zero(); variables];
            for (row, weight) in matrix.iter().zip(u) {
                row.iter().for_each(|(coefficient, variable)| sums[*variable] += *coefficient * weight);
            }
            sums
        };
        let [a, b, c] = [0, 1, 2].map(|side| matrices.get(side).map(combine).unwrap_or_default());
        let mut a = a;
        for (a, u) in a.iter_mut().zip(&u[rows..rows + inputs]) {
            *a += u;
        }
        let vanishing = *cast::<Fr, F>(&domain.vanishing(t))?;
        Ok((a, b, c, vanishing, variables - 1, domain.size()))
    }

    fn witness_map_from_matrices<F: PrimeField, D: EvaluationDomain<F>>(
        matrices: &[Matrix<F>],
        num_inputs: usize,
        num_constraints: usize,
        full_assignment: &[F],
    ) -> Result<Vec<F>> {
        let [a, b, c] = matrices else {
            return Err(SynthesisError::Unsatisfiable);
        };
        let evaluate = |matrix: &Matrix<F>| -> Result<Vec<Fr>> {
            let values: Vec<F> = matrix.iter().map(|row| evaluate_constraint(row, full_assignment)).collect();
            Ok(cast::<Vec<F>, Vec<Fr>>(&values)?.clone())
        };
        let inputs = cast::<Vec<F>, Vec<Fr>>(&full_assignment[..num_inputs].to_vec())?.clone();
        let coset = Coset::new(fitting(num_constraints + num_inputs)?, Backend::PORTABLE);
        let a = [evaluate(a)?, inputs].concat();
        let quotient = quotient(&coset, [a, evaluate(b)?, evaluate(c)?]);
        Ok(cast::<Vec<Fr>, Vec<F>>(&quotient)?.clone())
    }

    fn h_query_scalars<F: PrimeField, D: EvaluationDomain<F>>(
        max_power: usize,
        t: F,
        zt: F,
        delta_inverse: F,
    ) -> Result<Vec<F>> {
        let next = |scalar: &F| Some(*scalar * t);
        Ok(core::iter::successors(Some(zt * delta_inverse), next).take(max_power).collect())
    }
}

/// Coefficients of (A·B − C)/Z, the polynomials being given by their values on the domain, ω⁰ first.
pub(crate) fn quotient(coset: &Coset, values: [Vec<Fr>; 3]) -> Vec<Fr> {
    let [mut a, b, c] = values.map(|values| {
        let mut values = coset.place(values);
        coset.evaluate(&mut values);
        values
    });
    let inverse = coset.domain().coset_vanishing().inverse().unwrap_or_default();
    for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
        *a = (*a * b - c) * inverse;
    }
    coset.coefficients(a)
}

fn fitting(size: usize) -> Result<Domain> {
    Domain::fitting(size).ok_or(SynthesisError::PolynomialDegreeTooLarge)
}

/// The same value, if the types are the same.
fn cast<T: Any, U: Any>(value: &T) -> Result<&U> {
    (value as &dyn Any).downcast_ref().ok_or(SynthesisError::Unsatisfiable)
}
