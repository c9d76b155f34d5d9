//! Linear combinations of variables.

use super::Variable;
use crate::Fr;
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, Field};

/// Σ coefficient·variable, sorted by variable, without zero coefficients; variable 0 is the constant 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lc(Vec<(Variable, Fr)>);

impl Lc {
    /// One variable.
    pub fn variable(index: Variable) -> Self {
        Self(alloc::vec![(index, Fr::ONE)])
    }

    /// A constant.
    pub fn constant(value: Fr) -> Self {
        if value == Fr::ZERO { Self::default() } else { Self(alloc::vec![(0, value)]) }
    }

    /// The terms (variable, coefficient).
    pub fn terms(&self) -> &[(Variable, Fr)] {
        &self.0
    }

    /// The value under the assignment `z`.
    pub fn evaluate(&self, z: &[Fr]) -> Fr {
        self.0.iter().map(|(variable, coefficient)| z[*variable as usize] * coefficient).sum()
    }

    /// Σ scale·combination.
    pub fn sum<'a>(parts: impl Iterator<Item = (Fr, &'a Lc)>) -> Self {
        let mut terms: Vec<(Variable, Fr)> = Vec::new();
        for (scale, lc) in parts {
            terms.extend(lc.0.iter().map(|(variable, coefficient)| (*variable, scale * coefficient)));
        }
        terms.sort_unstable_by_key(|(variable, _)| *variable);
        terms.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        terms.retain(|(_, coefficient)| *coefficient != Fr::ZERO);
        Self(terms)
    }
}
