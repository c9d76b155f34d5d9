//! A prover who lies: he forges one choice, states whatever follows from it, and hides what no longer adds up in a bit that is none.
//!
//! Integers are *defined* by booleans all over the circuits. A liar changes such an integer, lets the witness generator compute what
//! follows, and repairs the first row that fails through another integer of that row: with booleans if the integer that the row asks for
//! fits, else, once, by putting the difference on a single bit. If one row is left that refuses him, the lie is that row's own.

mod comparison;

use crate::subject::Subject;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use privity_circuits::r1cs::{Lc, Row, Variable};
use privity_circuits::{Circuit, Fr, Relation};
use rand::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// A false assignment that one row refuses.
pub struct Lie {
    /// The row.
    pub row: usize,
    /// The assignment.
    pub z: Vec<Fr>,
    /// What was forged; the rest followed.
    pub forgery: Forgery,
}

/// A statement and a witness.
pub type Pair<'p, C> = (&'p <C as Relation>::Statement, &'p <C as Relation>::Witness);

/// Values for variables, in place of the honest ones.
pub type Forgery = BTreeMap<Variable, Fr>;

/// Hints that are bits, or whose lies [`crate::forge`] tells.
const DERIVED: &[&str] = &[
    "bit",
    "child",
    "inverse",
    "inverse or 0",
    "pk.x",
    "pk.y",
    "quotient",
    "selector",
    "window u",
    "window v",
    "window x",
    "window y",
];
/// Rows that a lie may fail before it is given up.
const REPAIRS: usize = 3;
/// Integers of a row that are tried for a repair.
const CHOICES: usize = 4;
/// Integers that a row may have so that one of them covers for another.
const COMPANY: usize = 8;
/// Rounds after which the statement follows from the witness: outputs, then what is made of outputs, and so on.
const ROUNDS: usize = 6;

/// An integer by its booleans, low first.
#[derive(Clone, Debug)]
struct Integer {
    /// The bits' variables, consecutive.
    first: Variable,
    /// The rows b·b = b, consecutive.
    row: usize,
    /// How many there are.
    width: usize,
}

impl Integer {
    fn bits(&self) -> core::ops::Range<Variable> {
        self.first..self.first + self.width as Variable
    }

    fn top(&self) -> Variable {
        self.first + self.width as Variable - 1
    }

    fn sum(&self, z: &[Fr]) -> Fr {
        self.bits().rev().fold(Fr::ZERO, |sum, bit| sum.double() + z[bit as usize])
    }

    /// The bits of `value`, if it fits.
    fn write(&self, value: Fr) -> Option<Forgery> {
        let integer = value.into_bigint();
        let fits = integer.num_bits() as usize <= self.width;
        fits.then(|| self.bits().enumerate().map(|(i, bit)| (bit, Fr::from(integer.get_bit(i)))).collect())
    }
}

/// The variable b of a row b·b = b.
pub fn boolean(row: &Row) -> Option<Variable> {
    match row.a.terms() {
        [(variable, one)] if *one == Fr::ONE && *variable != 0 && row.a == row.b && row.b == row.c => Some(*variable),
        _ => None,
    }
}

/// What a liar knows of a relation.
pub struct Liar<'a, C: Circuit> {
    subject: &'a Subject<C>,
    /// (row, public input) where the row says what the input is.
    stated: Vec<(usize, Variable)>,
    integers: Vec<Integer>,
    /// Hints that stand for numbers, none of them the prover's to choose.
    numbers: Vec<Variable>,
    of_bit: BTreeMap<Variable, usize>,
}

impl<'a, C: Circuit> Liar<'a, C> {
    /// Reads off the rows which integers there are and which rows define public inputs.
    pub fn new(subject: &'a Subject<C>) -> Self {
        let shape = subject.shape();
        let mut stated: Vec<(usize, Variable)> = Vec::new();
        for (index, row) in shape.rows.iter().enumerate() {
            if let Some(input) = defined(row, shape.num_inputs)
                && stated.iter().all(|(_, other)| *other != input)
            {
                stated.push((index, input));
            }
        }
        let mut integers: Vec<Integer> = Vec::new();
        let spans = subject.layout().gadgets().to_vec();
        let spans = spans.iter().filter(|span| matches!(span.name, "range" | "compare"));
        let within: BTreeMap<usize, usize> =
            spans.flat_map(|span| (span.start..span.end).map(|row| (row, span.start))).collect();
        for (index, row) in shape.rows.iter().enumerate() {
            let Some(bit) = boolean(row) else { continue };
            match integers.last_mut() {
                Some(last)
                    if last.row + last.width == index
                        && last.first + last.width as Variable == bit
                        && within.contains_key(&index)
                        && within.get(&index) == within.get(&last.row) =>
                {
                    last.width += 1;
                }
                _ => integers.push(Integer { first: bit, row: index, width: 1 }),
            }
        }
        let of_bit = (integers.iter().enumerate()).flat_map(|(i, n)| n.bits().map(move |bit| (bit, i))).collect();
        let chosen = |name: &str| subject.free.contains(&name) || subject.chosen.contains(&name);
        let hints = subject.hints().iter().filter(|(_, name)| !DERIVED.contains(name) && !chosen(name));
        let numbers = hints.map(|(variable, _)| *variable).collect();
        Self { subject, stated, integers, numbers, of_bit }
    }

    /// The assignment under `forgery`, of a statement in which whatever a row computes is as computed.
    pub fn state(&self, (x, w): Pair<C>, forgery: &Forgery) -> Vec<Fr> {
        let rows = &self.subject.shape().rows;
        let mut forged = forgery.clone();
        let mut z = Vec::new();
        for _ in 0..ROUNDS {
            let list: Vec<(Variable, Fr)> = forged.iter().map(|(variable, value)| (*variable, *value)).collect();
            z = self.subject.forged(x, w, &list);
            let mut settled = true;
            for (row, input) in &self.stated {
                let residue = rows[*row].residue(&z);
                if residue == Fr::ZERO {
                    continue;
                }
                let slope = slope(&rows[*row], *input, &z);
                let value = z[*input as usize] - residue * slope.inverse().unwrap_or_default();
                settled &= forged.insert(*input, value) == Some(value);
            }
            if settled {
                break;
            }
        }
        z
    }

    /// The first two violated rows.
    fn violated(&self, z: &[Fr]) -> Vec<usize> {
        let rows = self.subject.shape().rows.iter().enumerate();
        rows.filter(|(_, row)| row.residue(z) != Fr::ZERO).map(|(index, _)| index).take(2).collect()
    }

    /// The row that alone refuses `z`.
    pub fn refused(&self, z: &[Fr]) -> Option<usize> {
        match self.violated(z)[..] {
            [row] => Some(row),
            _ => None,
        }
    }

    /// Lies about every number that is a hint, about what each `wanted` row defines, and about every integer with a `wanted` row or
    /// beside one that has: some bit and the top one negated, and 2^w more or less than there is.
    pub fn lies<R: Rng>(&self, pair: Pair<C>, wanted: &BTreeSet<usize>, rng: &mut R) -> Vec<Lie> {
        let honest = self.state(pair, &Forgery::new());
        let value = |variable: Variable| honest[variable as usize];
        let (one, two) = (Fr::ONE, Fr::from(2u64));
        let mut lies = Vec::new();
        let defined = wanted.iter().filter_map(|row| self.defines(*row));
        for number in self.numbers.iter().copied().chain(defined) {
            for forged in [value(number) + one, value(number) - one, value(number) * two] {
                self.repair(pair, Forgery::from([(number, forged)]), None, REPAIRS, &mut lies);
            }
        }
        for integer in self.around(wanted) {
            let (any, top) = (integer.first + rng.gen_range(0..integer.width) as Variable, integer.top());
            let mut forged = vec![(any, one - value(any), None), (top, one - value(top), None)];
            forged.dedup();
            forged.extend([value(top) + two, value(top) - two].map(|bent| (top, bent, Some(self.row_of(top)))));
            for (bit, forged, spoilt) in forged {
                self.repair(pair, Forgery::from([(bit, forged)]), spoilt, REPAIRS, &mut lies);
            }
        }
        lies
    }

    /// The last variable of a row that is no bit's: what it defines, if it defines anything.
    fn defines(&self, row: usize) -> Option<Variable> {
        let row = &self.subject.shape().rows[row];
        let last = [&row.a, &row.b, &row.c].into_iter().filter_map(|lc| lc.terms().last()).map(|(v, _)| *v).max()?;
        let witness = last as usize > self.subject.shape().num_inputs;
        (witness && !self.of_bit.contains_key(&last)).then_some(last)
    }

    /// Integers with a wanted row, and those that share a row with them.
    fn around(&self, wanted: &BTreeSet<usize>) -> Vec<&Integer> {
        let has = |integer: &Integer| wanted.range(integer.row..integer.row + integer.width).next().is_some();
        let mut around: BTreeSet<usize> = (0..self.integers.len()).filter(|i| has(&self.integers[*i])).collect();
        for row in self.subject.shape().rows.iter().filter(|row| boolean(row).is_none()) {
            let beside = self.indices_of(row);
            if beside.len() <= COMPANY && beside.iter().any(|i| has(&self.integers[*i])) {
                around.extend(beside);
            }
        }
        around.into_iter().map(|index| &self.integers[index]).collect()
    }

    /// The same lie with the spoilt bit made whole and the difference on another bit of its integer, for every other that is `wanted`.
    pub fn spread(&self, (x, w): Pair<C>, lie: &Lie, wanted: &BTreeSet<usize>) -> Vec<Lie> {
        let Some(spoilt) = boolean(&self.subject.shape().rows[lie.row]) else { return Vec::new() };
        let integer = &self.integers[self.of_bit[&spoilt]];
        let weight = |bit: Variable| Fr::from(2u64).pow([(bit - integer.first) as u64]);
        let inputs = (1..=self.subject.shape().num_inputs as Variable).map(|input| (input, lie.z[input as usize]));
        let bent = lie.z[spoilt as usize] * weight(spoilt);
        let others = integer.bits().filter(|bit| wanted.contains(&self.row_of(*bit)) && *bit != spoilt);
        let moved = others.map(|bit| {
            let more = bent * weight(bit).inverse().unwrap_or_default();
            let mut forgery = lie.forgery.clone();
            forgery.extend([(spoilt, Fr::ZERO), (bit, lie.z[bit as usize] + more)]);
            let forged: Vec<(Variable, Fr)> = forgery.clone().into_iter().chain(inputs.clone()).collect();
            Lie { row: self.row_of(bit), z: self.subject.forged(x, w, &forged), forgery }
        });
        moved.filter(|lie| self.violated(&lie.z) == [lie.row]).collect()
    }

    /// The same from a false pair, with a single repair: there are many such pairs.
    pub fn insist(&self, pair: Pair<C>) -> Vec<Lie> {
        let mut lies = Vec::new();
        self.repair(pair, Forgery::new(), None, 1, &mut lies);
        lies
    }

    fn row_of(&self, bit: Variable) -> usize {
        let integer = &self.integers[self.of_bit[&bit]];
        integer.row + (bit - integer.first) as usize
    }

    /// Follows a forgery until a single row refuses it. `spoilt` is the row of a bit that is none.
    fn repair(&self, pair: Pair<C>, forgery: Forgery, spoilt: Option<usize>, repairs: usize, lies: &mut Vec<Lie>) {
        let z = self.state(pair, &forgery);
        let violated = self.violated(&z);
        if let [row] = violated[..]
            && self.is_lie(pair, &forgery, &z)
        {
            lies.push(Lie { row, z: z.clone(), forgery: forgery.clone() });
        }
        let Some(row) = violated.into_iter().find(|row| Some(*row) != spoilt) else { return };
        if repairs == 0 {
            return;
        }
        let row = &self.subject.shape().rows[row];
        let missing = |variable| slope(row, variable, &z).inverse().map(|inverse| -row.residue(&z) * inverse);
        for number in self.numbers.iter().filter(|number| !forgery.contains_key(number)) {
            if let Some(missing) = missing(*number) {
                let mut next = forgery.clone();
                next.insert(*number, z[*number as usize] + missing);
                self.repair(pair, next, spoilt, repairs - 1, lies);
            }
        }
        for integer in self.integers_of(row).into_iter().take(CHOICES) {
            let Some(missing) = missing(integer.first) else { continue };
            let mut next = forgery.clone();
            let mut now_spoilt = spoilt;
            let forged = integer.bits().any(|bit| forgery.contains_key(&bit));
            match integer.write(integer.sum(&z) + missing) {
                Some(bits) if !forged => next.extend(bits),
                // On the highest bit that was left alone.
                _ if spoilt.is_none() => {
                    let free = integer.bits().rev().find(|bit| !forgery.contains_key(bit));
                    let Some(bit) = free else { continue };
                    let weight = Fr::from(2u64).pow([(bit - integer.first) as u64]);
                    next.insert(bit, z[bit as usize] + missing * weight.inverse().unwrap_or_default());
                    now_spoilt = Some(self.row_of(bit));
                }
                _ => continue,
            }
            self.repair(pair, next, now_spoilt, repairs - 1, lies);
        }
    }

    /// Integers with a bit in the row.
    fn indices_of(&self, row: &Row) -> BTreeSet<usize> {
        let sides = [&row.a, &row.b, &row.c];
        sides.into_iter().flat_map(Lc::terms).filter_map(|(variable, _)| self.of_bit.get(variable)).copied().collect()
    }

    /// The same, the last defined first.
    fn integers_of(&self, row: &Row) -> Vec<&Integer> {
        self.indices_of(row).into_iter().rev().map(|index| &self.integers[index]).collect()
    }

    /// Whether no honest reading of the forged integers makes the same statement: each as the integer that its bits add up to, or as
    /// the witness generator would have it.
    fn is_lie(&self, pair: Pair<C>, forgery: &Forgery, z: &[Fr]) -> bool {
        let forged: BTreeSet<usize> = forgery.keys().filter_map(|bit| self.of_bit.get(bit).copied()).collect();
        let forged: Vec<&Integer> = forged.into_iter().map(|index| &self.integers[index]).collect();
        let inputs = 1..=self.subject.shape().num_inputs;
        (0..1u32 << forged.len()).all(|kept| {
            let mut reading = Forgery::new();
            for (_, integer) in forged.iter().enumerate().filter(|(i, _)| kept >> i & 1 == 1) {
                match integer.write(integer.sum(z)) {
                    Some(bits) => reading.extend(bits),
                    None => return true,
                }
            }
            let honest = self.state(pair, &reading);
            honest[inputs.clone()] != z[inputs.clone()] || !self.violated(&honest).is_empty()
        })
    }
}

/// ∂/∂variable of the row at `z`, as if it stood in one factor only.
fn slope(row: &Row, variable: Variable, z: &[Fr]) -> Fr {
    let of = |lc: &Lc| lc.terms().iter().find(|(v, _)| *v == variable).map_or(Fr::ZERO, |(_, k)| *k);
    of(&row.a) * row.b.evaluate(z) + of(&row.b) * row.a.evaluate(z) - of(&row.c)
}

/// The public input that `row` says to be something: alone in C, or in A beside a constant B.
fn defined(row: &Row, inputs: usize) -> Option<Variable> {
    let of = |lc: &Lc| lc.terms().iter().map(|(variable, _)| *variable).find(|v| (1..=inputs).contains(&(*v as usize)));
    let constant = row.b.terms().iter().all(|(variable, _)| *variable == 0);
    match (of(&row.a), of(&row.b), of(&row.c)) {
        (None, None, input) => input,
        (input, None, None) if constant => input,
        _ => None,
    }
}
