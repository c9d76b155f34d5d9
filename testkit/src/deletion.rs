//! Every row deleted in thought: somebody must notice.
//!
//! A deletion is *noticed by rank* if at some valid point the row is no combination of the others, statement included: without it more
//! pairs, or more assignments of one pair, satisfy the rest. It is *noticed by attack* if some assignment violates this row alone and
//! states something false. Attacks start from false pairs and from a relation's own forgeries, and are carried from row to row: a
//! violated row is repaired through one of its variables, and a non-boolean bit is exchanged for another bit of the same range.

use crate::columns::{Columns, Evaluated};
use crate::jacobian::Elimination;
use crate::subject::{Subject, rng};
use ark_ff::{AdditiveGroup, Field};
use privity_circuits::r1cs::{Cs, Span, Variable};
use privity_circuits::{Circuit, Fr};
use std::collections::{BTreeMap, BTreeSet};

/// (innermost gadget, rule, row's position in the gadget).
pub type Class = (&'static str, &'static str, usize);

/// What was deleted, and who noticed.
#[derive(Debug, Default)]
pub struct Counts {
    /// Rows.
    pub rows: usize,
    /// Classes of rows.
    pub classes: usize,
    /// Rows noticed by rank.
    pub by_rank: usize,
    /// Rows noticed only by attack.
    pub by_attack: usize,
    /// Rows that nothing notices.
    pub unnoticed: Vec<(usize, Class)>,
}

impl Counts {
    /// Noticed rows in thousandths of all.
    pub fn noticed_per_mille(&self) -> usize {
        (self.by_rank + self.by_attack) * 1000 / self.rows.max(1)
    }
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

/// Deletes every row: rank at `points` valid points, then attacks from `lies` false pairs and from `forgeries`.
pub fn run<C: Circuit>(subject: &Subject<C>, points: usize, lies: usize, forgeries: Vec<Vec<Fr>>, seed: u64) -> Counts {
    let mut rng = rng(seed);
    let shape = subject.shape();
    let layout = subject.layout();
    let classes = classes(&layout);
    let statement: Vec<Variable> = (1..=shape.num_inputs as Variable).collect();
    let mut open: BTreeSet<usize> = (0..shape.rows.len()).collect();
    for _ in 0..points {
        let (x, w) = (subject.valid)(&mut rng);
        let z = subject.assignment(&x, &w);
        let redundant = Elimination::new(shape, &z, &[], &statement).redundant_rows();
        open.retain(|row| redundant.contains(row));
    }
    let by_rank = shape.rows.len() - open.len();
    let columns = Columns::of(shape);
    let mut carrier = Carrier::new(layout.gadgets(), &open);
    for z in forgeries {
        carrier.attack(Evaluated::new(shape, &columns, z), subject);
    }
    for _ in 0..lies {
        if carrier.open.is_empty() {
            break;
        }
        let (x, w, _) = (subject.falsified)(&mut rng);
        let z = subject.assignment(&x, &w);
        carrier.attack(Evaluated::new(shape, &columns, z), subject);
    }
    Counts {
        rows: shape.rows.len(),
        classes: classes.iter().collect::<BTreeSet<_>>().len(),
        by_rank,
        by_attack: shape.rows.len() - by_rank - carrier.open.len(),
        unnoticed: carrier.open.iter().map(|row| (*row, classes[*row])).collect(),
    }
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
        for span in gadgets.iter().filter(|span| span.name == "range") {
            ranges.extend((span.start..span.end).map(|row| (row, *span)));
        }
        Self { open: open.clone(), seen: BTreeSet::new(), ranges }
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
