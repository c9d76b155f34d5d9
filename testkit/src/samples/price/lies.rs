//! Cheaper, dearer and impossible prices, each of which a single row refuses: what a lying prover would choose, made by hand where a
//! lie takes a pair of its own.

use super::{Case, draw, policy, roomy_with, subject, with_remainder};
use crate::liar::{Forgery, Liar};
use crate::{Drawn, Subject, TestRng};
use ark_ff::Field;
use draw::{Remainder, STEP};
use privity_circuits::Fr;
use privity_circuits::price::pricing::{LINE_DIVISOR, UNIT_DIVISOR};
use privity_circuits::price::{Deal, Price};
use privity_circuits::r1cs::{Cs, Variable};
use privity_circuits::terms::{BASIS_POINTS, MAX_TIERS, Mode, Policy, Rounding, Stage, Terms, Tier};

/// A pair, and what the liar puts in place of honest values.
pub type Told = (Drawn<Price>, Forgery);

/// All of them.
pub fn lies(rng: &mut TestRng) -> Vec<Told> {
    let book = Book::new();
    let mut lies = book.divisions(rng);
    lies.extend(book.tiers(rng));
    lies.push(book.half_even(rng));
    lies.extend(book.fees(rng));
    lies
}

/// A pair in which nothing has a price, so that no factor is at stake.
pub fn free_of_charge(rng: &mut TestRng) -> Drawn<Price> {
    let mut terms = roomy_with(0, 0, rng);
    terms.money.tiers.iter_mut().for_each(|tier| tier.price = 0);
    honest(terms, 0, rng)
}

/// The statement follows from the terms; it is right where the terms are.
fn honest(terms: Terms, rate: u64, rng: &mut TestRng) -> Drawn<Price> {
    let policy = Policy { rate, flat: 0, ..policy(rng) };
    let amounts = Deal::of(&terms, &policy).map(|deal| [deal.quote.total, deal.used, deal.fee]).unwrap_or_default();
    let case = Case::of(terms, policy, amounts, rng);
    (case.x, case.w)
}

/// Terms whose line leaves half and `rest`, without set-up.
fn line_with(rest: u128, rng: &mut TestRng) -> Terms {
    let remainder = if rest == 0 { Remainder::Half } else { Remainder::Exactly(LINE_DIVISOR / 2 + rest) };
    loop {
        let mut terms = with_remainder(remainder, Stage::Line, rng);
        terms.money.set_up = 0;
        if Deal::of(&terms, &Policy { rate: 0, flat: 0, ..policy(rng) }).is_ok_and(|deal| deal.quote.total > 2) {
            return terms;
        }
    }
}

/// The bits of `value` from the variable `first` on.
fn bits(first: Variable, width: u32, value: u128) -> impl Iterator<Item = (Variable, Fr)> {
    (0..width).map(move |i| (first + i, Fr::from(value >> i & 1)))
}

/// A division's variables: the bits of its value, `up` and `half`, the bits of its rest.
#[derive(Clone, Copy)]
struct Division {
    value: (Variable, u32),
    up: Variable,
    rest: u32,
    divisor: u128,
}

/// What is told of a division.
#[derive(Clone, Copy)]
enum Rounded {
    /// What is left is not half and much over, but no half and too much over: a value one smaller.
    Cheaper(u128),
    /// In the middle, half to even made odd, said to be even: the missing bit hides in the top one.
    Odd,
    /// In the middle, half to even made odd, openly.
    OpenlyOdd,
    /// In the middle, half to even rounded up by two or three.
    TwiceUp,
    /// A divisor more of what is left, as two halves: a value one smaller.
    TwoHalves,
}

impl Rounded {
    const MIDDLE: [Self; 4] = [Self::Odd, Self::OpenlyOdd, Self::TwiceUp, Self::TwoHalves];

    fn mode(self) -> Rounding {
        match self {
            Self::Cheaper(_) => Rounding::HalfUp,
            Self::TwoHalves => Rounding::Down,
            _ => Rounding::HalfEven,
        }
    }
}

impl Division {
    fn tell(&self, z: &[Fr], told: Rounded) -> Forgery {
        let (first, width) = self.value;
        let is_set = |variable: Variable| z[variable as usize] != Fr::from(0u64);
        let value: u128 = (0..width).map(|i| u128::from(is_set(first + i)) << i).sum();
        let quotient = value - u128::from(is_set(self.up));
        let odd = quotient | 1;
        let whole = |value: u128| bits(first, width, value).collect::<Forgery>();
        let up = |up: u128| (self.up, Fr::from(up));
        let mut forgery = match told {
            Rounded::Cheaper(_) | Rounded::TwoHalves => whole(value - 1),
            Rounded::Odd => whole(odd - 1),
            Rounded::OpenlyOdd => whole(odd),
            Rounded::TwiceUp => whole((quotient + 3) & !1),
        };
        match told {
            Rounded::Cheaper(rest) => {
                forgery.extend([up(0), (self.up + 1, Fr::from(0u64))]);
                forgery.extend(bits(self.up + 2, self.rest, self.divisor / 2 + rest));
            }
            Rounded::Odd => {
                let top = first + width - 1;
                let hidden = Fr::from(2u64).pow([u64::from(width - 1)]).inverse().unwrap_or_default();
                forgery.extend([up(odd - quotient), (top, forgery[&top] + hidden)]);
            }
            Rounded::OpenlyOdd => forgery.extend([up(odd - quotient)]),
            Rounded::TwiceUp => forgery.extend([up(((quotient + 3) & !1) - quotient)]),
            Rounded::TwoHalves => forgery.extend([(self.up + 1, z[self.up as usize + 1] + Fr::from(2u64))]),
        }
        forgery
    }

    /// All that is told, with what is over half: nothing, or 2^i − 1 for the bits that the bound on rests lacks.
    fn lies(&self) -> Vec<(Rounded, u128)> {
        let bound = self.divisor / 2 - 1;
        let rests = (0..self.rest).filter(|i| bound >> i & 1 == 0).map(|i| (1 << i) - 1);
        rests.map(|rest| (Rounded::Cheaper(rest), rest)).chain(Rounded::MIDDLE.map(|told| (told, 0))).collect()
    }
}

/// Where things stand in price.
struct Book {
    subject: Subject<Price>,
    layout: Cs,
}

impl Book {
    fn new() -> Self {
        let subject = subject();
        let layout = subject.layout();
        Self { subject, layout }
    }

    /// The first variable of the first row in the `index`-th gadget of this name, which starts at row `from` or later.
    fn gadget(&self, name: &str, from: usize, index: usize) -> Variable {
        let mut starts: Vec<usize> =
            self.layout.gadgets().iter().filter(|span| span.name == name).map(|span| span.start).collect();
        starts.sort_unstable();
        self.first_of(starts.into_iter().filter(|start| *start >= from).nth(index).unwrap_or_default())
    }

    fn first_of(&self, row: usize) -> Variable {
        self.layout.rows()[row].a.terms()[0].0
    }

    /// The first row of a rule, the last span of that name.
    fn rule(&self, name: &str) -> usize {
        self.layout.rules().iter().filter(|span| span.name == name).map(|span| span.start).max().unwrap_or_default()
    }

    /// Every unit price and the line.
    fn divisions(&self, rng: &mut TestRng) -> Vec<Told> {
        let liar = Liar::new(&self.subject);
        let tell = |mut terms: Terms, division: &Division, told: Rounded, rng: &mut TestRng| {
            terms.money.rounding = told.mode();
            let pair = honest(terms, 0, rng);
            let z = liar.state((&pair.0, &pair.1), &Forgery::new());
            (pair, division.tell(&z, told))
        };
        let mut lies = Vec::new();
        for tier in 0..MAX_TIERS {
            let first = self.gadget("unit price", 0, tier);
            let unit = Division { value: (first, 51), up: first + 51, rest: 46, divisor: UNIT_DIVISOR };
            for (told, rest) in unit.lies() {
                lies.push(tell(roomy_with(tier, UNIT_DIVISOR / 2 + rest, rng), &unit, told, rng));
            }
        }
        // 64 bits of the total, then the parity of the line.
        let first = self.gadget("line", 0, 0);
        let line = Division { value: (first, 64), up: first + 65, rest: 56, divisor: LINE_DIVISOR };
        for (told, rest) in line.lies() {
            lies.push(tell(line_with(rest, rng), &line, told, rng));
        }
        lies
    }

    fn tiers(&self, rng: &mut TestRng) -> Vec<Told> {
        let flag = self.first_of(self.rule("P3"));
        let mut lies = Vec::new();
        let minima = |minima: &[u64], rng: &mut TestRng| {
            let mut terms = roomy_with(0, 0, rng);
            terms.money.tiers = [Tier::default(); MAX_TIERS];
            for (tier, minimum) in terms.money.tiers.iter_mut().zip(minima) {
                *tier = Tier { minimum: *minimum, price: u64::from(*minimum > 0) };
            }
            terms
        };
        for last in 1..MAX_TIERS {
            let mut steps: Vec<u64> = (2..last as u64 + 2).collect();
            steps.push(STEP);
            // A last tier that is reached and said to be unused.
            let unused = (flag + last as Variable - 1, Fr::from(0u64));
            lies.push((honest(minima(&steps, rng), 0, rng), Forgery::from([unused])));
            // A minimum of 2^40 + 1, whose carry the price beside it hides: never reached, though 1 is stated.
            let minimum = self.gadget("range", 0, 14 + 2 * last);
            let mut forgery: Forgery = bits(minimum, 40, 1).collect();
            forgery.insert(minimum + 39, Fr::from(2u64));
            lies.push((honest(minima(&steps, rng), 0, rng), forgery));
            // A gap.
            steps.insert(last, 0);
            if steps.len() <= MAX_TIERS {
                lies.push((honest(minima(&steps, rng), 0, rng), Forgery::new()));
            }
        }
        // A first minimum of −1, borrowed from the price beside it: always reached, though 2^40 − 1 is stated.
        let first = self.gadget("range", 0, 14);
        let mut forgery: Forgery = bits(first, 40, (1 << 40) - 1).collect();
        forgery.insert(first + 39, -Fr::from(1u64));
        lies.push((honest(minima(&[1], rng), 0, rng), forgery));
        // Tiers i and j less tier k stand for t = i + j − k, at p_i + p_j − p_k.
        let top = self.tops();
        for (k, t, i, j) in [(0, 7, 3, 4), (1, 6, 3, 4), (2, 5, 3, 4), (3, 4, 2, 5)] {
            let mut terms = roomy_with(0, 0, rng);
            (terms.money.mode, terms.goods.quantity) = (Mode::AllUnits, STEP * u64::from(t));
            terms.money.tiers[k as usize].price = 1;
            let tops = [(t, Fr::from(0u64)), (k, -Fr::from(1u64)), (i, Fr::from(1u64)), (j, Fr::from(1u64))];
            lies.push((honest(terms, 0, rng), tops.map(|(index, value)| (top + index, value)).into()));
        }
        // The last tier, whose upper bound is 2^40: tiers 6 and 7 less tier 8 stand for tier 6.
        let mut terms = roomy_with(0, 0, rng);
        let minima = [1, 2, 3, 4, 5, 1_000, (1 << 40) - 20, (1 << 40) - 10];
        (terms.money.mode, terms.goods.quantity, terms.goods.increment) = (Mode::AllUnits, 1_005, 1);
        for (tier, minimum) in terms.money.tiers.iter_mut().zip(minima) {
            *tier = Tier { minimum, price: 10_000_000 };
        }
        terms.money.tiers[6].price = 20_000_000;
        lies.push((honest(terms, 0, rng), [(top + 6, Fr::from(1u64)), (top + 7, -Fr::from(1u64))].into()));
        lies
    }

    /// The variable of the first choice among tiers: the hint beside the constant 1 of P3's sum.
    fn tops(&self) -> Variable {
        let rows = self.layout.rows();
        let sum = (self.rule("P3")..self.rule("P4")).find(|row| rows[*row].a.terms().len() == MAX_TIERS + 1);
        sum.map(|row| rows[row].a.terms()[1].0).unwrap_or_default()
    }

    /// Rounding half to even that denies being so, and then is rounding up.
    fn half_even(&self, rng: &mut TestRng) -> Told {
        let mut terms = with_remainder(Remainder::Zero, Stage::Line, rng);
        let money = &mut terms.money;
        // Unit prices come out even, the line is a little over 0.
        (money.surcharge, money.allowance, money.decimals, money.exponent, money.set_up) = (0, 0, 6, 0, 0);
        (money.rounding, money.mode) = (Rounding::HalfEven, Mode::AllUnits);
        money.tiers = [Tier::default(); MAX_TIERS];
        money.tiers[0] = Tier { minimum: 1, price: 1 };
        (terms.goods.quantity, terms.goods.increment, terms.goods.load_factor) = (1_001, 1, 1);
        let total = self.gadget("line", 0, 0);
        let half_even = self.layout.rows()[self.rule("P5") + 8].c.terms()[0].0;
        let forged = [(half_even, Fr::from(0u64)), (total, Fr::from(1u64)), (total + 65, Fr::from(1u64))];
        (honest(terms, 0, rng), forged.into())
    }

    /// A fee that is one more, and a shortfall that is too large.
    fn fees(&self, rng: &mut TestRng) -> Vec<Told> {
        let from = self.rule("P9");
        let (fee, short) = (self.gadget("range", from, 0), self.gadget("range", from, 1));
        let basis = BASIS_POINTS;
        let lacking = (0..14).filter(|i| (basis - 1) >> i & 1 == 0);
        let told = |i: u32, rng: &mut TestRng| {
            let mut terms = roomy_with(0, 0, rng);
            terms.money.tiers.iter_mut().for_each(|tier| tier.price = 0);
            let rest = (1 << i) - 1;
            terms.money.set_up = 7 * basis - rest;
            let mut forgery: Forgery = bits(fee, 64, 8).collect();
            forgery.extend(bits(short, 14, u128::from(rest + basis)));
            (honest(terms, 1, rng), forgery)
        };
        lacking.map(|i| told(i, rng)).collect()
    }
}
