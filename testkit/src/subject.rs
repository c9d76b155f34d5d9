//! What the harness has to know of a relation.

use privity_circuits::r1cs::{Cs, Shape, Variable};
use privity_circuits::{Circuit, Fr};
use rand::{Rng, SeedableRng};
use std::sync::OnceLock;

/// The random numbers of tests: seeded, so that a failure repeats.
pub type TestRng = rand_chacha::ChaCha20Rng;

/// A statement and a witness.
pub type Drawn<C> = (<C as privity_circuits::Relation>::Statement, <C as privity_circuits::Relation>::Witness);

/// A statement, a witness, the id of the rule that they break and how they break it.
pub type False<C> = (
    <C as privity_circuits::Relation>::Statement,
    <C as privity_circuits::Relation>::Witness,
    &'static str,
    &'static str,
);

/// One way to break a rule of a pair under construction: the rule's id, what is done, and how.
pub type Mutation<T> = (&'static str, &'static str, fn(&mut T, &mut TestRng));

/// A pair under construction that can be broken in known ways.
pub trait Breakable: Sized {
    /// The relation.
    type Relation: Circuit;
    /// A pair that holds.
    fn random(rng: &mut TestRng) -> Self;
    /// The pair as it stands.
    fn pair(self) -> Drawn<Self::Relation>;
    /// All ways to break it.
    fn mutations() -> Vec<Mutation<Self>>;

    /// A finished pair that holds.
    fn valid(rng: &mut TestRng) -> Drawn<Self::Relation> {
        Self::random(rng).pair()
    }

    /// A finished pair, broken in way `index`.
    fn broken(index: usize, rng: &mut TestRng) -> False<Self::Relation> {
        let (rule, name, mutate) = Self::mutations()[index];
        let mut case = Self::random(rng);
        mutate(&mut case, rng);
        let (x, w) = case.pair();
        (x, w, rule, name)
    }
}

/// A relation under attack.
pub struct Subject<C: Circuit> {
    /// Draws a pair of the relation; over many draws all branches and dummy patterns occur.
    pub valid: fn(&mut TestRng) -> Drawn<C>,
    /// Draws a pair that breaks exactly one rule, in the way of this number, and names both.
    pub broken: fn(usize, &mut TestRng) -> False<C>,
    /// How many ways there are.
    pub ways: usize,
    /// Names of hints of which any value, alone, would be accepted. Two more are free in every relation: siblings off the path of a
    /// dummy, and an inverse of 0.
    pub free: &'static [&'static str],
    /// Names of hints that are witness fields: the prover's choice as far as the public inputs allow.
    pub chosen: &'static [&'static str],
    /// Public inputs (their places in the statement) that follow from the witness, as commitments and nullifiers do, and the context,
    /// which a signer could have moved instead: none of them may be needed to determine a witness variable.
    pub derived: &'static [Variable],
    shape: OnceLock<Shape>,
    hints: OnceLock<Vec<(Variable, &'static str)>>,
}

impl<C: Circuit> Subject<C> {
    /// A subject.
    pub fn new(
        valid: fn(&mut TestRng) -> Drawn<C>,
        ways: usize,
        broken: fn(usize, &mut TestRng) -> False<C>,
        free: &'static [&'static str],
    ) -> Self {
        Self { valid, ways, broken, free, chosen: &[], derived: &[], shape: OnceLock::new(), hints: OnceLock::new() }
    }

    /// A subject out of pairs under construction.
    pub fn of<T: Breakable<Relation = C>>(free: &'static [&'static str]) -> Self {
        Self::new(T::valid, T::mutations().len(), T::broken, free)
    }

    /// Draws a pair that breaks exactly one rule in any of the ways.
    pub fn falsified(&self, rng: &mut TestRng) -> False<C> {
        (self.broken)(rng.gen_range(0..self.ways), rng)
    }

    /// The same, with the hints that are witness fields.
    pub fn choosing(mut self, chosen: &'static [&'static str]) -> Self {
        self.chosen = chosen;
        self
    }

    /// The same, with public inputs that follow from the witness: what the prover chooses must determine the rest without
    /// their help.
    pub fn deriving(mut self, derived: &'static [Variable]) -> Self {
        self.derived = derived;
        self
    }

    /// The matrices, built once.
    pub fn shape(&self) -> &Shape {
        self.shape.get_or_init(Shape::of::<C>)
    }

    /// The system at the blank pair with its names: rules, gadgets, hints.
    pub fn layout(&self) -> Cs {
        let (x, w) = C::blank();
        Cs::with_rows().synthesize::<C>(&x, &w)
    }

    /// Hints with their names, in the order of their variables.
    pub fn hints(&self) -> &[(Variable, &'static str)] {
        self.hints.get_or_init(|| self.layout().hints().to_vec())
    }

    /// The assignment that an honest prover computes, whether the pair is true or not.
    pub fn assignment(&self, x: &C::Statement, w: &C::Witness) -> Vec<Fr> {
        Cs::without_rows().synthesize::<C>(x, w).into_assignment()
    }

    /// The assignment in which some variables have forged values, and what is computed from them follows.
    pub fn forged(&self, x: &C::Statement, w: &C::Witness, forged: &[(Variable, Fr)]) -> Vec<Fr> {
        let mut cs = Cs::without_rows();
        for (variable, value) in forged {
            cs.forge(*variable, *value);
        }
        cs.synthesize::<C>(x, w).into_assignment()
    }

    /// Hint variables that are free or chosen at the assignment `z`, with their names.
    pub fn chosen_at(&self, z: &[Fr]) -> Vec<(Variable, &'static str)> {
        let chosen = self.hints().iter().filter(|(_, name)| self.chosen.contains(name));
        chosen.copied().chain(self.free_at(z)).collect()
    }

    /// Hint variables that are free at the assignment `z`, with their names: the declared ones, siblings that are off the path, and
    /// inverses of 0.
    pub fn free_at(&self, z: &[Fr]) -> Vec<(Variable, &'static str)> {
        let hints = self.hints();
        let zero = Fr::from(0u64);
        let value = |index: usize| z[hints[index].0 as usize];
        let mut free = Vec::new();
        let mut index = 0;
        while index < hints.len() {
            let (variable, name) = hints[index];
            if name == "child" && index >= 2 {
                // Two bits, then four children, of which the bits name one.
                let on_path = usize::from(value(index - 2) != zero) + 2 * usize::from(value(index - 1) != zero);
                free.extend((0..4).filter(|i| *i != on_path).map(|i| hints[index + i]));
                index += 4;
                continue;
            }
            if self.free.contains(&name) || (name == "inverse or 0" && z[variable as usize] == zero) {
                free.push((variable, name));
            }
            index += 1;
        }
        free
    }
}

/// Seeded random numbers; `seed` tells tests apart.
pub fn rng(seed: u64) -> TestRng {
    TestRng::seed_from_u64(seed)
}

/// `short` in CI, `long` with `PRIVITY_LONG=1`.
pub fn size(short: usize, long: usize) -> usize {
    match std::env::var("PRIVITY_LONG") {
        Ok(value) if value == "1" => long,
        _ => short,
    }
}
