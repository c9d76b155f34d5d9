//! Rank-1 constraints ⟨A, z⟩·⟨B, z⟩ = ⟨C, z⟩ over z = (1, public inputs, witness).
//!
//! A [`Cs`] is built in one of two ways: with rows, to read matrices off it or to test an assignment, or without, when only the
//! assignment is wanted for a proof. Gadgets do not know which.

mod lc;

use crate::gadgets::Num;
use crate::{Circuit, Fr, Statement};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, Field};
use privity_arith::inverse_fr;
use sha2::{Digest, Sha256};

pub use lc::Lc;

/// Index of a variable in z: 0 is the constant 1, then public inputs, then witness.
pub type Variable = u32;

/// One row: ⟨a, z⟩·⟨b, z⟩ = ⟨c, z⟩.
#[derive(Clone, Debug)]
pub struct Row {
    /// Left factor.
    pub a: Lc,
    /// Right factor.
    pub b: Lc,
    /// Product.
    pub c: Lc,
}

impl Row {
    /// ⟨a, z⟩·⟨b, z⟩ − ⟨c, z⟩.
    pub fn residue(&self, z: &[Fr]) -> Fr {
        self.a.evaluate(z) * self.b.evaluate(z) - self.c.evaluate(z)
    }
}

/// Rows [start, end) that uphold one rule or belong to one gadget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Rule id (`T4`) or gadget name (`poseidon`).
    pub name: &'static str,
    /// First row.
    pub start: usize,
    /// One past the last row.
    pub end: usize,
}

/// A constraint system under construction.
#[derive(Default)]
pub struct Cs {
    inputs: usize,
    values: Vec<Fr>,
    rows: Option<Vec<Row>>,
    count: usize,
    rules: Vec<Span>,
    gadgets: Vec<Span>,
    hints: Vec<(Variable, &'static str)>,
    forged: BTreeMap<Variable, Fr>,
}

impl Cs {
    /// A system that keeps its rows.
    pub fn with_rows() -> Self {
        Self { values: alloc::vec![Fr::ONE], rows: Some(Vec::new()), ..Self::default() }
    }

    /// A system that keeps only the assignment.
    pub fn without_rows() -> Self {
        Self { values: alloc::vec![Fr::ONE], ..Self::default() }
    }

    /// Replaces the value that a variable will be given; what is computed from it follows. For attacks: an honest prover has no
    /// use for it, and it weakens nothing, as a prover may assign what he likes anyway.
    pub fn forge(&mut self, variable: Variable, value: Fr) {
        self.forged.insert(variable, value);
    }

    /// The system of `C` at (`x`, `w`).
    pub fn synthesize<C: Circuit>(mut self, x: &C::Statement, w: &C::Witness) -> Self {
        let inputs: Vec<Num> = x.public_inputs().into_iter().map(|v| self.input(v)).collect();
        C::enforce(&mut self, &inputs, w);
        self
    }

    fn input(&mut self, value: Fr) -> Num {
        self.inputs += 1;
        self.variable(value)
    }

    fn variable(&mut self, value: Fr) -> Num {
        let index = self.values.len() as Variable;
        let value = self.forged.get(&index).copied().unwrap_or(value);
        self.values.push(value);
        Num::variable(value, self.rows.is_some().then_some(index))
    }

    /// A witness variable that the rows determine: the value follows from earlier ones.
    pub fn alloc(&mut self, value: Fr) -> Num {
        self.variable(value)
    }

    /// A witness variable that the prover chooses: a witness field, bit, root, inverse, quotient or selector. `name` says which
    /// in attack reports.
    pub fn hint(&mut self, name: &'static str, value: Fr) -> Num {
        if self.rows.is_some() {
            self.hints.push((self.values.len() as Variable, name));
        }
        self.variable(value)
    }

    /// a·b = c.
    pub fn enforce(&mut self, a: &Num, b: &Num, c: &Num) {
        self.count += 1;
        if let Some(rows) = &mut self.rows {
            rows.push(Row { a: a.lc(), b: b.lc(), c: c.lc() });
        }
    }

    /// a = b.
    pub fn equal(&mut self, a: &Num, b: &Num) {
        self.enforce(&(a - b), &Num::one(), &Num::zero());
    }

    /// a·b as a new variable, or as a linear combination if either is constant.
    pub fn mul(&mut self, a: &Num, b: &Num) -> Num {
        match (a.constant(), b.constant()) {
            (Some(k), _) => b.scale(k),
            (_, Some(k)) => a.scale(k),
            _ => {
                let product = self.alloc(a.value() * b.value());
                self.enforce(a, b, &product);
                product
            }
        }
    }

    /// a/b as a new variable; unsatisfiable if b = 0 unless a = 0 too, when the quotient is free.
    pub fn div(&mut self, a: &Num, b: &Num) -> Num {
        let quotient = self.hint("quotient", a.value() * inverse_fr(&b.value()).unwrap_or_default());
        self.enforce(&quotient, b, a);
        quotient
    }

    /// Names the rows that `body` adds after a rule of the protocol's page.
    pub fn rule<T>(&mut self, id: &'static str, body: impl FnOnce(&mut Self) -> T) -> T {
        let start = self.count;
        let out = body(self);
        self.rules.push(Span { name: id, start, end: self.count });
        out
    }

    /// Names the rows that `body` adds after a gadget.
    pub fn gadget<T>(&mut self, name: &'static str, body: impl FnOnce(&mut Self) -> T) -> T {
        let start = self.count;
        let out = body(self);
        self.gadgets.push(Span { name, start, end: self.count });
        out
    }

    /// The assignment z = (1, public inputs, witness).
    pub fn assignment(&self) -> &[Fr] {
        &self.values
    }

    /// Gives up the assignment.
    pub fn into_assignment(self) -> Vec<Fr> {
        self.values
    }

    /// Public inputs, the constant 1 not counted.
    pub fn num_inputs(&self) -> usize {
        self.inputs
    }

    /// Rows so far.
    pub fn num_constraints(&self) -> usize {
        self.count
    }

    /// The rows; none if they were not kept.
    pub fn rows(&self) -> &[Row] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// Rule spans in the order in which they closed; one rule may have several.
    pub fn rules(&self) -> &[Span] {
        &self.rules
    }

    /// Gadget spans in the order in which they closed; they nest.
    pub fn gadgets(&self) -> &[Span] {
        &self.gadgets
    }

    /// Variables that the prover chooses, with their names.
    pub fn hints(&self) -> &[(Variable, &'static str)] {
        &self.hints
    }

    /// The innermost rule that owns a row.
    pub fn rule_of(&self, row: usize) -> Option<&'static str> {
        innermost(&self.rules, row)
    }

    /// The first row that the assignment violates.
    pub fn first_violation(&self) -> Option<usize> {
        self.rows().iter().position(|row| row.residue(&self.values) != Fr::ZERO)
    }
}

fn innermost(spans: &[Span], row: usize) -> Option<&'static str> {
    spans
        .iter()
        .filter(|span| span.start <= row && row < span.end)
        .min_by_key(|span| span.end - span.start)
        .map(|span| span.name)
}

/// A circuit's matrices, free of any assignment.
pub struct Shape {
    /// Public inputs, the constant 1 not counted.
    pub num_inputs: usize,
    /// Length of z.
    pub num_variables: usize,
    /// The rows.
    pub rows: Vec<Row>,
}

impl Shape {
    /// The shape of `C`.
    pub fn of<C: Circuit>() -> Self {
        let (x, w) = C::blank();
        let cs = Cs::with_rows().synthesize::<C>(&x, &w);
        Self { num_inputs: cs.inputs, num_variables: cs.values.len(), rows: cs.rows.unwrap_or_default() }
    }

    /// Constraints + input rows (the constant's among them): what an evaluation domain has to hold.
    pub fn size(&self) -> usize {
        self.rows.len() + self.num_inputs + 1
    }

    /// SHA-256 over label ‖ counts ‖ rows, each entry as index (4 bytes) ‖ coefficient (32), big-endian.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new().chain_update(b"privity.v1 matrices");
        for count in [self.num_inputs, self.num_variables, self.rows.len()] {
            hasher.update((count as u64).to_be_bytes());
        }
        for row in &self.rows {
            for lc in [&row.a, &row.b, &row.c] {
                hasher.update((lc.terms().len() as u32).to_be_bytes());
                for (variable, coefficient) in lc.terms() {
                    hasher.update(variable.to_be_bytes());
                    hasher.update(crate::field::to_bytes(coefficient));
                }
            }
        }
        hasher.finalize().into()
    }

    /// The first row that `z` violates.
    pub fn first_violation(&self, z: &[Fr]) -> Option<usize> {
        self.rows.iter().position(|row| row.residue(z) != Fr::ZERO)
    }
}

/// The digest that is written in 64 lower-case hexadecimal digits; for constants, where anything else is an error of compilation.
pub const fn pinned(hex: &str) -> [u8; 32] {
    const fn nibble(digit: u8) -> u8 {
        assert!(digit.is_ascii_hexdigit() && !digit.is_ascii_uppercase(), "not a lower-case hexadecimal digit");
        if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 }
    }
    let digits = hex.as_bytes();
    assert!(digits.len() == 64, "a digest has 64 hexadecimal digits");
    let mut digest = [0; 32];
    let mut at = 0;
    while at < 32 {
        digest[at] = nibble(digits[2 * at]) << 4 | nibble(digits[2 * at + 1]);
        at += 1;
    }
    digest
}
