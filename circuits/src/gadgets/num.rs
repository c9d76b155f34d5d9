//! A field element inside a circuit: a linear combination of variables, or a constant.

use crate::Fr;
use crate::r1cs::{Lc, Variable};
use ark_ff::{AdditiveGroup, Field};
use core::ops::{Add, Mul, Neg, Sub};

/// A field element inside a circuit.
///
/// Sums, differences and multiples by constants cost nothing; products of two variables go through
/// [`Cs::mul`](crate::r1cs::Cs::mul). If the system keeps no rows, only the value is carried.
#[derive(Clone, Debug)]
pub struct Num {
    value: Fr,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Constant,
    Linear(Lc),
    /// A combination of variables in a system that keeps no rows.
    Unrecorded,
}

impl Num {
    pub(crate) fn variable(value: Fr, index: Option<Variable>) -> Self {
        Self { value, form: index.map_or(Form::Unrecorded, |index| Form::Linear(Lc::variable(index))) }
    }

    /// A constant.
    pub fn from_constant(value: impl Into<Fr>) -> Self {
        Self { value: value.into(), form: Form::Constant }
    }

    /// 0.
    pub fn zero() -> Self {
        Self::from_constant(Fr::ZERO)
    }

    /// 1.
    pub fn one() -> Self {
        Self::from_constant(Fr::ONE)
    }

    /// The value under the present assignment.
    pub fn value(&self) -> Fr {
        self.value
    }

    /// The value, if it does not depend on any variable.
    pub fn constant(&self) -> Option<Fr> {
        matches!(self.form, Form::Constant).then_some(self.value)
    }

    /// The linear combination.
    pub fn lc(&self) -> Lc {
        match &self.form {
            Form::Constant => Lc::constant(self.value),
            Form::Linear(lc) => lc.clone(),
            Form::Unrecorded => Lc::default(),
        }
    }

    /// k·self.
    pub fn scale(&self, k: impl Into<Fr>) -> Self {
        let k = k.into();
        Self::linear(&[(k, self)], Fr::ZERO)
    }

    /// self + k.
    pub fn plus(&self, k: impl Into<Fr>) -> Self {
        Self::linear(&[(Fr::ONE, self)], k.into())
    }

    /// Σ coefficient·term + constant.
    pub fn linear(terms: &[(Fr, &Num)], constant: Fr) -> Self {
        let product = |(k, num): &(Fr, &Num)| if *k == Fr::ONE { num.value } else { *k * num.value };
        let value = terms.iter().map(product).sum::<Fr>() + constant;
        if terms.iter().all(|(_, num)| num.constant().is_some()) {
            return Self { value, form: Form::Constant };
        }
        if terms.iter().any(|(_, num)| num.unrecorded()) {
            return Self { value, form: Form::Unrecorded };
        }
        let mut known = constant;
        for (k, num) in terms {
            if num.constant().is_some() {
                known += *k * num.value;
            }
        }
        let known = Lc::constant(known);
        let linear = terms.iter().filter_map(|(k, num)| match &num.form {
            Form::Linear(lc) => Some((*k, lc)),
            Form::Constant | Form::Unrecorded => None,
        });
        let lc = Lc::sum(linear.chain(core::iter::once((Fr::ONE, &known))));
        Self { value, form: Form::Linear(lc) }
    }

    /// Σ 2^i·b_i over `bits`, low first.
    pub fn from_bits(bits: &[Num]) -> Self {
        if bits.iter().any(Num::unrecorded) {
            let value = bits.iter().rev().fold(Fr::ZERO, |sum, bit| sum.double() + bit.value);
            return Self { value, form: Form::Unrecorded };
        }
        let mut power = Fr::ONE;
        let terms: alloc::vec::Vec<(Fr, &Num)> = bits
            .iter()
            .map(|bit| {
                let term = (power, bit);
                power.double_in_place();
                term
            })
            .collect();
        Self::linear(&terms, Fr::ZERO)
    }
}

impl Num {
    /// Whether only the value is carried.
    fn unrecorded(&self) -> bool {
        matches!(self.form, Form::Unrecorded)
    }
}

impl Add for &Num {
    type Output = Num;
    fn add(self, other: &Num) -> Num {
        if self.unrecorded() || other.unrecorded() {
            return Num { value: self.value + other.value, form: Form::Unrecorded };
        }
        Num::linear(&[(Fr::ONE, self), (Fr::ONE, other)], Fr::ZERO)
    }
}

impl Sub for &Num {
    type Output = Num;
    fn sub(self, other: &Num) -> Num {
        if self.unrecorded() || other.unrecorded() {
            return Num { value: self.value - other.value, form: Form::Unrecorded };
        }
        Num::linear(&[(Fr::ONE, self), (-Fr::ONE, other)], Fr::ZERO)
    }
}

impl Neg for &Num {
    type Output = Num;
    fn neg(self) -> Num {
        if self.unrecorded() {
            return Num { value: -self.value, form: Form::Unrecorded };
        }
        self.scale(-Fr::ONE)
    }
}

impl Mul<u64> for &Num {
    type Output = Num;
    fn mul(self, k: u64) -> Num {
        self.scale(Fr::from(k))
    }
}

impl Num {
    /// self − other.
    pub fn minus(&self, other: &Num) -> Num {
        self - other
    }
}
