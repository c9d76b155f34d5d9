//! Every row deleted in thought: somebody must notice.
//!
//! A deletion is *noticed by rank* if at some valid point the row is no combination of the others, statement included: without it more
//! pairs, or more assignments of one pair, satisfy the rest. It is *noticed by attack* if some assignment violates this row alone and
//! states something false. Attacks start from a relation's own forgeries, from false pairs, and from what a [`Liar`] makes of false and
//! of valid ones; they are carried from row to row: a violated row is repaired through one of its variables, and a non-boolean bit is
//! exchanged for another bit of the same range.
//!
//! Nobody can notice a row that another one implies: where a bound has a 0, `bits_at_most` says b = 0 or b = 1 − run, and the bit's own
//! row says no more than that. Such rows are counted apart.

use crate::columns::{Columns, Evaluated};
use crate::jacobian::Elimination;
use crate::liar::{Forgery, Liar, Lie, Pair, boolean};
use crate::subject::{Drawn, Subject, rng};
use ark_ff::{AdditiveGroup, Field};
use privity_circuits::r1cs::{Cs, Shape, Span, Variable};
use privity_circuits::{Circuit, Fr};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// (innermost gadget, rule, row's position in the gadget).
pub type Class = (&'static str, &'static str, usize);

/// What was deleted, and who noticed.
#[derive(Debug, Default)]
pub struct Counts {
    /// Rows.
    pub rows: usize,
    /// Rows noticed by rank.
    pub by_rank: usize,
    /// Rows noticed only by attack.
    pub by_attack: usize,
    /// Rows that another row implies.
    pub implied: usize,
    /// Rows that nothing notices.
    pub unnoticed: Vec<(usize, Class)>,
    /// Classes with a row that is not implied.
    pub classes: usize,
    /// Classes of which no row is noticed.
    pub unnoticed_classes: usize,
}

impl Counts {
    fn new(classes: &[Class], by_rank: usize, implied: &BTreeSet<usize>, open: &BTreeSet<usize>) -> Self {
        let of = |rows: &dyn Fn(usize) -> bool| -> BTreeSet<Class> {
            (0..classes.len()).filter(|row| rows(*row)).map(|row| classes[row]).collect()
        };
        let noticed = of(&|row| !open.contains(&row) && !implied.contains(&row));
        let owed = of(&|row| !implied.contains(&row));
        Self {
            rows: classes.len(),
            by_rank,
            by_attack: classes.len() - by_rank - implied.len() - open.len(),
            implied: implied.len(),
            unnoticed: open.iter().map(|row| (*row, classes[*row])).collect(),
            classes: owed.len(),
            unnoticed_classes: owed.difference(&noticed).count(),
        }
    }

    /// Noticed rows in thousandths of those that are not implied.
    pub fn noticed_per_mille(&self) -> usize {
        (self.by_rank + self.by_attack) * 1000 / (self.rows - self.implied).max(1)
    }

    /// Classes with a noticed row in thousandths of those that are not implied.
    pub fn classes_per_mille(&self) -> usize {
        (self.classes - self.unnoticed_classes) * 1000 / self.classes.max(1)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, by_rank, by_attack, implied, classes, unnoticed_classes, .. } = self;
        write!(f, "{rows} rows, {by_rank} noticed by rank, {by_attack} by attack, {implied} implied; ")?;
        write!(f, "{classes} classes, {unnoticed_classes} unnoticed; unnoticed rows:")?;
        let mut names: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (_, (gadget, rule, _)) in &self.unnoticed {
            *names.entry((rule, gadget)).or_default() += 1;
        }
        names.iter().try_for_each(|((rule, gadget), count)| write!(f, " {rule} {gadget} {count}"))
    }
}

/// Whether the row is b·b = b, and another one is (1 − run − b)·b = 0 for a boolean `run` that does not depend on b.
fn is_implied(shape: &Shape, row: usize) -> bool {
    let Some(bit) = boolean(&shape.rows[row]) else { return false };
    shape.rows.iter().any(|other| {
        let ends = |terms: &[(Variable, Fr)]| terms.iter().all(|(v, k)| *k == if *v == 0 { Fr::ONE } else { -Fr::ONE });
        let a = other.a.terms();
        other.b.terms() == [(bit, Fr::ONE)]
            && other.c.terms().is_empty()
            && a.len() <= 3
            && a.contains(&(0, Fr::ONE))
            && a.contains(&(bit, -Fr::ONE))
            && ends(a)
    })
}

/// The class of every row.
pub fn classes(layout: &Cs) -> Vec<Class> {
    let mut gadget: Vec<(&'static str, usize)> = (0..layout.rows().len()).map(|r| ("", r)).collect();
    // Outer spans close later: painted first, they are painted over by inner ones.
    for span in layout.gadgets().iter().rev() {
        for (position, slot) in gadget[span.start..span.end].iter_mut().enumerate() {
            *slot = (span.name, position);
        }
    }
    let mut rule = vec![("", 0); gadget.len()];
    for span in layout.rules().iter().rev() {
        for (position, slot) in rule[span.start..span.end].iter_mut().enumerate() {
            *slot = (span.name, position);
        }
    }
    let pairs = gadget.into_iter().zip(rule);
    pairs
        .map(|((gadget, position), (rule, in_rule))| {
            let position = if gadget.is_empty() { in_rule } else { position };
            (gadget, rule, position)
        })
        .collect()
}

/// How hard to look, and what to start from.
pub struct Plan<C: Circuit> {
    /// Random valid points at which the rank is taken.
    pub points: usize,
    /// Random false pairs.
    pub falsified: usize,
    /// Assignments that violate one row and state something false.
    pub forgeries: Vec<Vec<Fr>>,
    /// Pairs and what is forged in them, to the same effect.
    pub told: Vec<(Drawn<C>, Forgery)>,
    /// Valid pairs about which a [`Liar`] lies.
    pub pairs: Vec<Drawn<C>>,
    /// Seed of what is random.
    pub seed: u64,
}

impl<C: Circuit> Plan<C> {
    /// A plan without forgeries and pairs.
    pub fn new(points: usize, falsified: usize) -> Self {
        Self { points, falsified, forgeries: Vec::new(), told: Vec::new(), pairs: Vec::new(), seed: 5 }
    }
}

/// Deletes every row.
pub fn run<C: Circuit>(subject: &Subject<C>, plan: Plan<C>) -> Counts {
    let mut rng = rng(plan.seed);
    let shape = subject.shape();
    let layout = subject.layout();
    let classes = classes(&layout);
    let statement: Vec<Variable> = (1..=shape.num_inputs as Variable).collect();
    let mut open: BTreeSet<usize> = (0..shape.rows.len()).collect();
    for _ in 0..plan.points {
        let (x, w) = (subject.valid)(&mut rng);
        let z = subject.assignment(&x, &w);
        let redundant = Elimination::new(shape, &z, &[], &statement).redundant_rows();
        open.retain(|row| redundant.contains(row));
    }
    let by_rank = shape.rows.len() - open.len();
    let implied: BTreeSet<usize> = open.iter().copied().filter(|row| is_implied(shape, *row)).collect();
    open.retain(|row| !implied.contains(row));
    let columns = Columns::of(shape);
    let liar = Liar::new(subject);
    let mut carrier = Carrier::new(layout.gadgets(), &open);
    for z in plan.forgeries {
        carrier.attack(Evaluated::new(shape, &columns, z), subject);
    }
    for ((x, w), forgery) in plan.told {
        let z = liar.state((&x, &w), &forgery);
        let lies = liar.refused(&z).map(|row| Lie { row, z, forgery }).into_iter().collect();
        carrier.listen((&x, &w), lies, &liar, &columns, subject);
    }
    for _ in 0..plan.falsified {
        if carrier.open.is_empty() {
            break;
        }
        let (x, w, ..) = subject.falsified(&mut rng);
        carrier.attack(Evaluated::new(shape, &columns, subject.assignment(&x, &w)), subject);
        let lies = liar.insist((&x, &w));
        carrier.listen((&x, &w), lies, &liar, &columns, subject);
    }
    for (x, w) in &plan.pairs {
        let mut lies = liar.exceed((x, w), &carrier.open);
        lies.extend(liar.lies((x, w), &carrier.open, &mut rng));
        carrier.listen((x, w), lies, &liar, &columns, subject);
    }
    Counts::new(&classes, by_rank, &implied, &carrier.open)
}

/// Carries violations from row to row.
struct Carrier {
    open: BTreeSet<usize>,
    seen: BTreeSet<usize>,
    ranges: BTreeMap<usize, Span>,
}

impl Carrier {
    fn new(gadgets: &[Span], open: &BTreeSet<usize>) -> Self {
        let mut ranges = BTreeMap::new();
        for span in gadgets.iter().filter(|span| matches!(span.name, "range" | "compare")) {
            ranges.extend((span.start..span.end).map(|row| (row, *span)));
        }
        Self { open: open.clone(), seen: BTreeSet::new(), ranges }
    }

    /// Follows lies about a pair, each of them in the other bits of its integer and in what its row takes from others too.
    fn listen<C: Circuit>(
        &mut self,
        pair: Pair<C>,
        lies: Vec<Lie>,
        liar: &Liar<C>,
        columns: &Columns,
        subject: &Subject<C>,
    ) {
        let mut lies = VecDeque::from(lies);
        while let Some(lie) = lies.pop_front() {
            if !self.seen.contains(&lie.row) {
                self.attack(Evaluated::new(subject.shape(), columns, lie.z.clone()), subject);
            }
            for lie in liar.spread(pair, &lie, &self.open) {
                self.open.remove(&lie.row);
            }
            let passed = liar.pass_on(pair, &lie, &self.open);
            for lie in &passed {
                self.open.remove(&lie.row);
            }
            lies.extend(passed);
        }
    }

    /// Follows a false assignment as far as one violated row at a time leads.
    fn attack<C: Circuit>(&mut self, mut lie: Evaluated, subject: &Subject<C>) {
        let Some(row) = single(&lie) else { return };
        self.open.remove(&row);
        if self.seen.insert(row) {
            self.follow(row, &mut lie, subject);
        }
    }

    fn follow<C: Circuit>(&mut self, row: usize, lie: &mut Evaluated, subject: &Subject<C>) {
        for moves in self.moves(row, lie, subject) {
            for (variable, delta) in &moves {
                lie.change(*variable, *delta);
            }
            if let Some(next) = single(lie) {
                self.open.remove(&next);
                if next != row && self.seen.insert(next) {
                    self.follow(next, lie, subject);
                }
            }
            for (variable, delta) in moves.iter().rev() {
                lie.change(*variable, -*delta);
            }
        }
    }

    /// Changes that leave `row` satisfied, or move its bit's fault to another bit.
    fn moves<C: Circuit>(&self, row: usize, lie: &Evaluated, subject: &Subject<C>) -> Vec<Vec<(Variable, Fr)>> {
        let shape = subject.shape();
        let constraint = &shape.rows[row];
        let mut moves = Vec::new();
        let bit = |row: usize| match (shape.rows[row].a.terms(), shape.rows[row].b.terms()) {
            ([(a, one)], [(b, _)]) if a == b && *one == Fr::ONE => Some(*a),
            _ => None,
        };
        if let (Some(variable), Some(range)) = (bit(row), self.ranges.get(&row)) {
            let value = lie.assignment()[variable as usize];
            // Bit i + d weighs 2^d times as much.
            for other in range.start..range.end {
                let Some(carrier) = bit(other).filter(|_| other != row) else {
                    continue;
                };
                let two = Fr::from(2u64);
                let ratio = if other > row {
                    two.inverse().unwrap_or_default().pow([(other - row) as u64])
                } else {
                    two.pow([(row - other) as u64])
                };
                moves.push(vec![(variable, -value), (carrier, value * ratio)]);
            }
            return moves;
        }
        let z = lie.assignment();
        let (a, b) = (constraint.a.evaluate(z), constraint.b.evaluate(z));
        let residue = lie.residue(row as u32);
        let mut slopes: BTreeMap<Variable, Fr> = BTreeMap::new();
        for (lc, scale) in [(&constraint.a, b), (&constraint.b, a), (&constraint.c, -Fr::ONE)] {
            for (variable, k) in lc.terms() {
                *slopes.entry(*variable).or_insert(Fr::ZERO) += scale * k;
            }
        }
        for (variable, slope) in slopes {
            let witness = variable as usize > shape.num_inputs;
            if let Some(inverse) = slope.inverse().filter(|_| witness) {
                moves.push(vec![(variable, -residue * inverse)]);
            }
        }
        moves
    }
}

/// The violated row, if there is exactly one.
fn single(lie: &Evaluated) -> Option<usize> {
    match lie.violated().len() {
        1 => lie.violated().first().map(|row| *row as usize),
        _ => None,
    }
}
