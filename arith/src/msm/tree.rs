//! Sums of buckets by rounds of disjoint pairs: the points of a bucket lie side by side, so no two additions of a round
//! touch the same point and nothing has to be queued.

use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::Range;

use super::batch::{Add, Addition, Scratch};
use super::digits::Sorted;
use super::points::{Map, stride};
use crate::buffer::Buffer;
use crate::count::Counters;
use crate::curve::{Curve, MAX_PARTS};
use crate::field::Base;
use crate::lanes::{Lanes, Limbs};
use crate::prefetch::prefetch;
use crate::{parallel, pool};

/// Coordinates of a group of buckets that is summed at a time: two buffers of half as many points stay in the cache.
const GROUP: usize = 1 << 13;
/// Buckets between fetching a point that is left over and copying it.
const AHEAD: usize = 8;
/// Groups per task.
const TASK: usize = 4;

/// Writes the buckets' sums to `out`; an empty bucket gives infinity. `parts` are the points of each part of the scalars, sorted into as
/// many buckets: part e is multiplied by the e-th power of the endomorphism. The source holds no infinity where it is referred to.
pub(crate) fn sum<C: Curve, L: Lanes>(source: &[Limbs], parts: &[Sorted], mut out: &mut [Limbs]) -> Counters {
    let groups = groups::<C>(parts);
    let mut tasks = Vec::with_capacity(groups.len().div_ceil(TASK));
    for task in groups.chunks(TASK) {
        let buckets: usize = task.iter().map(Range::len).sum();
        let (sums, rest) = out.split_at_mut(buckets * stride::<C>());
        tasks.push((task, sums));
        out = rest;
    }
    let counters = parallel::map(tasks, |(groups, mut out): (&[Range<usize>], &mut [Limbs])| {
        pool::with(|work: &mut Work<C, L>| {
            work.counters = Counters::default();
            for group in groups {
                let (sums, rest) = out.split_at_mut(group.len() * stride::<C>());
                work.group(source, parts, group.clone(), sums);
                out = rest;
            }
            work.counters
        })
    });
    counters.into_iter().fold(Counters::default(), |mut all, counted| {
        all += counted;
        all
    })
}

/// Buckets in groups of at least [`GROUP`] coordinates in x, the last one excepted.
fn groups<C: Curve>(parts: &[Sorted]) -> Vec<Range<usize>> {
    let (mut groups, mut first) = (Vec::new(), 0);
    let last = parts.first().map_or(0, |sorted| sorted.starts.len() - 1);
    let before = |bucket: usize| parts.iter().map(|sorted| sorted.starts[bucket] as usize).sum::<usize>();
    let mut start = 0;
    for bucket in 1..=last {
        let end = before(bucket);
        if bucket == last || end - start >= GROUP / C::DEGREE {
            groups.push(first..bucket);
            (first, start) = (bucket, end);
        }
    }
    groups
}

struct Work<C: Curve, L: Lanes> {
    current: Buffer,
    next: Buffer,
    /// Sums of the parts, to be added to each other.
    joined: Buffer,
    /// The first round's points, bucket by bucket.
    references: Vec<u32>,
    additions: Vec<Addition>,
    /// Points left in each bucket of the group.
    counts: Vec<usize>,
    scratch: Scratch<C::Coordinate<L::Base>>,
    counters: Counters,
}

impl<C: Curve, L: Lanes> Default for Work<C, L> {
    fn default() -> Self {
        Self {
            current: Buffer::default(),
            next: Buffer::default(),
            joined: Buffer::default(),
            references: Vec::new(),
            additions: Vec::new(),
            counts: Vec::new(),
            scratch: Scratch::new(),
            counters: Counters::default(),
        }
    }
}

impl<C: Curve, L: Lanes> Work<C, L> {
    fn group(&mut self, source: &[Limbs], parts: &[Sorted], group: Range<usize>, sums: &mut [Limbs]) {
        self.counts.clear();
        self.references.clear();
        for Sorted { starts, references } in parts {
            let starts = &starts[group.start..=group.end];
            self.counts.extend(starts.windows(2).map(|pair| (pair[1] - pair[0]) as usize));
            self.references.extend_from_slice(&references[starts[0] as usize..starts[starts.len() - 1] as usize]);
        }
        let infinite = self.rounds(source, false);
        if parts.len() > 1 {
            self.join(group.len(), infinite);
        }
        let mut points = self.next.chunks_exact(stride::<C>());
        for (sum, count) in sums.chunks_exact_mut(stride::<C>()).zip(&self.counts) {
            match if *count == 1 { points.next() } else { None } {
                Some(point) => sum.copy_from_slice(point),
                None => sum.fill(Limbs::default()),
            }
        }
    }

    /// Adds the sums of the parts, bucket by bucket.
    fn join(&mut self, buckets: usize, infinite: bool) {
        core::mem::swap(&mut self.joined, &mut self.next);
        let mut sums = core::mem::take(&mut self.joined);
        let mut first = 0;
        let mut firsts = [0; MAX_PARTS];
        for (part, counts) in self.counts.chunks(buckets).enumerate() {
            firsts[part] = first;
            let next = first + counts.iter().sum::<usize>();
            let points = &mut sums[first * stride::<C>()..next * stride::<C>()];
            if part > 0 {
                L::enter(Map::<C> { points, times: part, curve: PhantomData });
            }
            first = next;
        }
        self.references.clear();
        for bucket in 0..buckets {
            let mut joined = 0;
            for (part, next) in firsts.iter_mut().enumerate().take(self.counts.len() / buckets) {
                if self.counts[part * buckets + bucket] > 0 {
                    self.references.push((*next as u32) << 1);
                    (*next, joined) = (*next + 1, joined + 1);
                }
            }
            // The first part's counts have been read up to here.
            self.counts[bucket] = joined;
        }
        self.counts.truncate(buckets);
        self.rounds(&sums, infinite);
        self.joined = sums;
    }

    /// Rounds of additions until no bucket has two points: those that are left lie in `next`. Says whether infinity may be among them, as
    /// it may among the source's if `infinite`.
    fn rounds(&mut self, source: &[Limbs], mut infinite: bool) -> bool {
        self.pair::<true>(source);
        infinite |= self.add(source, infinite);
        while self.counts.iter().any(|count| *count > 1) {
            core::mem::swap(&mut self.current, &mut self.next);
            let current = core::mem::take(&mut self.current);
            self.pair::<false>(&current);
            infinite |= self.add(&current, infinite);
            self.current = current;
        }
        infinite
    }

    /// Lists the additions of a round and copies what is left over into `next`. In the first round points are taken
    /// by reference, in later ones they lie in order.
    fn pair<const REFERRED: bool>(&mut self, source: &[Limbs]) {
        let stride = stride::<C>();
        self.additions.clear();
        let (mut read, mut write) = (0, 0);
        let total: usize = self.counts.iter().map(|count| count.div_ceil(2)).sum();
        self.next.resize(total * stride);
        // Where the bucket ends whose odd point is fetched.
        let mut ahead: usize = self.counts.iter().take(AHEAD).sum();
        for bucket in 0..self.counts.len() {
            let count = self.counts[bucket];
            if let (true, Some(next)) = (REFERRED, self.counts.get(bucket + AHEAD)) {
                ahead += next;
                if next % 2 == 1 {
                    let single = (self.references[ahead - 1] >> 1) as usize;
                    (0..stride).for_each(|line| prefetch(source, single * stride + line));
                }
            }
            let reference = |index: usize| if REFERRED { self.references[index] } else { (index as u32) << 1 };
            for pair in 0..count / 2 {
                let left = read + 2 * pair;
                let target = (write + pair) as u32;
                self.additions.push(Addition { left: reference(left), right: reference(left + 1), target });
            }
            if count % 2 == 1 {
                let single = reference(read + count - 1);
                let from = (single >> 1) as usize * stride;
                let to = (write + count / 2) * stride;
                let point = &mut self.next[to..to + stride];
                point.copy_from_slice(&source[from..from + stride]);
                if single & 1 == 1 {
                    point[C::DEGREE..].iter_mut().for_each(|limbs| *limbs = L::Base::negate_limbs(limbs));
                }
            }
            read += count;
            self.counts[bucket] = count.div_ceil(2);
            write += count.div_ceil(2);
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
