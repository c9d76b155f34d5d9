//! Sums of buckets by rounds of disjoint pairs: the points of a bucket lie side by side, so no two additions of a round
//! touch the same point and nothing has to be queued.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::batch::{Add, Addition, Scratch};
use super::digits::Sorted;
use super::points::stride;
use crate::count::Counters;
use crate::curve::Curve;
use crate::field::Base;
use crate::lanes::{Lanes, Limbs};
use crate::parallel;

/// Coordinates of a group of buckets that is summed at a time: two buffers of half as many points stay in the cache.
const GROUP: usize = 1 << 13;
/// Groups per task.
const TASK: usize = 4;

/// The buckets' sums; an empty bucket gives infinity. The source holds no infinity where it is referred to.
pub(crate) fn sum<C: Curve, L: Lanes>(source: &[Limbs], sorted: &Sorted) -> (Vec<Limbs>, Counters) {
    let tasks = groups::<C>(sorted).chunks(TASK).map(<[_]>::to_vec).collect();
    let parts = parallel::map(tasks, |groups: Vec<Range<usize>>| {
        let mut work = Work::<C, L>::new();
        let sums: Vec<Vec<Limbs>> = groups.into_iter().map(|group| work.group(source, sorted, group)).collect();
        (sums.concat(), work.counters)
    });
    let mut counters = Counters::default();
    let mut sums = Vec::with_capacity((sorted.starts.len() - 1) * stride::<C>());
    for (part, counted) in parts {
        sums.extend_from_slice(&part);
        counters += counted;
    }
    (sums, counters)
}

/// Buckets in groups of at least [`GROUP`] coordinates in x, the last one excepted.
fn groups<C: Curve>(sorted: &Sorted) -> Vec<Range<usize>> {
    let (mut groups, mut first) = (Vec::new(), 0);
    let last = sorted.starts.len() - 1;
    for bucket in 1..=last {
        if bucket == last || (sorted.starts[bucket] - sorted.starts[first]) as usize >= GROUP / C::DEGREE {
            groups.push(first..bucket);
            first = bucket;
        }
    }
    groups
}

struct Work<C: Curve, L: Lanes> {
    current: Vec<Limbs>,
    next: Vec<Limbs>,
    additions: Vec<Addition>,
    /// Points left in each bucket of the group.
    counts: Vec<usize>,
    scratch: Scratch<C::Coordinate<L::Base>>,
    counters: Counters,
}

impl<C: Curve, L: Lanes> Work<C, L> {
    fn new() -> Self {
        Self {
            current: Vec::new(),
            next: Vec::new(),
            additions: Vec::new(),
            counts: Vec::new(),
            scratch: Scratch::new(),
            counters: Counters::default(),
        }
    }

    fn group(&mut self, source: &[Limbs], sorted: &Sorted, group: Range<usize>) -> Vec<Limbs> {
        let starts = &sorted.starts[group.start..=group.end];
        self.counts.clear();
        self.counts.extend(starts.windows(2).map(|pair| (pair[1] - pair[0]) as usize));
        let references = &sorted.references[starts[0] as usize..starts[starts.len() - 1] as usize];
        self.pair::<true>(source, references);
        let mut infinite = self.add(source, false);
        while self.counts.iter().any(|count| *count > 1) {
            core::mem::swap(&mut self.current, &mut self.next);
            let current = core::mem::take(&mut self.current);
            self.pair::<false>(&current, &[]);
            infinite |= self.add(&current, infinite);
            self.current = current;
        }
        let stride = stride::<C>();
        let mut sums = vec![Limbs::default(); self.counts.len() * stride];
        let full = sums.chunks_mut(stride).zip(&self.counts).filter(|(_, count)| **count == 1);
        for ((sum, _), point) in full.zip(self.next.chunks(stride)) {
            sum.copy_from_slice(point);
        }
        sums
    }

    /// Lists the additions of a round and copies what is left over into `next`. In the first round points are taken
    /// by reference, in later ones they lie in order.
    fn pair<const REFERRED: bool>(&mut self, source: &[Limbs], references: &[u32]) {
        let stride = stride::<C>();
        self.additions.clear();
        let (mut read, mut write) = (0, 0);
        let total: usize = self.counts.iter().map(|count| count.div_ceil(2)).sum();
        if self.next.len() < total * stride {
            self.next.resize(total * stride, Limbs::default());
        }
        for count in &mut self.counts {
            let reference = |index: usize| if REFERRED { references[index] } else { (index as u32) << 1 };
            for pair in 0..*count / 2 {
                let left = read + 2 * pair;
                let target = (write + pair) as u32;
                self.additions.push(Addition { left: reference(left), right: reference(left + 1), target });
            }
            if *count % 2 == 1 {
                let single = reference(read + *count - 1);
                let from = (single >> 1) as usize * stride;
                let to = (write + *count / 2) * stride;
                let point = &mut self.next[to..to + stride];
                point.copy_from_slice(&source[from..from + stride]);
                if single & 1 == 1 {
                    point[C::DEGREE..].iter_mut().for_each(|limbs| *limbs = L::Base::negate_limbs(limbs));
                }
            }
            read += *count;
            *count = count.div_ceil(2);
            write += *count;
        }
    }

    fn add(&mut self, source: &[Limbs], complete: bool) -> bool {
        L::enter(Add {
            source,
            additions: &self.additions,
            target: &mut self.next,
            complete,
            scratch: &mut self.scratch,
            counters: &mut self.counters,
        })
    }
}
