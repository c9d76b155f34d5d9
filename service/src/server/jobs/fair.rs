//! Whose turn it is: classes share the workers 5 : 2 : 1, callers of one class take turns, a caller's own jobs go first in, first out.

use super::wire::Relation;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use utoipa::ToSchema;

/// A job's class. None starves another: of eight turns five are high, two normal, one low, and a class without jobs yields its turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// For operators.
    High,
    /// What is asked for without saying.
    #[default]
    Normal,
    /// What can wait.
    Low,
}

impl Priority {
    /// The class of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "high" => Some(Self::High),
            "normal" => Some(Self::Normal),
            "low" => Some(Self::Low),
            _ => None,
        }
    }
}

use Priority::{High, Low, Normal};

const CYCLE: [Priority; 8] = [High, Normal, High, High, Low, High, Normal, High];
/// In which order classes are asked when one has nothing on its turn.
const ORDER: [Priority; 3] = [High, Normal, Low];

/// One caller's jobs of one class.
#[derive(Debug)]
struct Line<T> {
    caller: String,
    jobs: VecDeque<(Relation, T)>,
}

/// Jobs that wait, in the order of their turns.
#[derive(Debug)]
pub(super) struct Turns<T> {
    /// Per class, the callers in the order of their turns; no line is empty.
    classes: BTreeMap<Priority, VecDeque<Line<T>>>,
    step: usize,
    len: usize,
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self { classes: BTreeMap::new(), step: 0, len: 0 }
    }
}

impl<T: PartialEq> Turns<T> {
    /// Jobs that wait.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds a job behind the caller's others of its class; a caller without any goes behind the other callers.
    pub(super) fn push(&mut self, priority: Priority, caller: &str, relation: Relation, job: T) {
        let lines = self.classes.entry(priority).or_default();
        match lines.iter_mut().find(|line| line.caller == caller) {
            Some(line) => line.jobs.push_back((relation, job)),
            None => lines.push_back(Line { caller: caller.to_owned(), jobs: VecDeque::from([(relation, job)]) }),
        }
        self.len += 1;
    }

    /// Takes a job out; whether it was there.
    pub(super) fn remove(&mut self, job: &T) -> bool {
        for lines in self.classes.values_mut() {
            for at in 0..lines.len() {
                if let Some(place) = lines[at].jobs.iter().position(|(_, waiting)| waiting == job) {
                    lines[at].jobs.remove(place);
                    if lines[at].jobs.is_empty() {
                        lines.remove(at);
                    }
                    self.len -= 1;
                    return true;
                }
            }
        }
        false
    }

    /// The job whose turn it is and, in the order of their turns, more of its relation: at most `most`. Jobs of other relations keep
    /// their places, and their callers their turns.
    pub(super) fn take(&mut self, most: usize) -> Vec<T> {
        let Some((relation, first)) = self.next(None) else { return Vec::new() };
        let mut batch = vec![first];
        while batch.len() < most {
            let Some((_, job)) = self.next(Some(relation)) else { break };
            batch.push(job);
        }
        batch
    }

    fn next(&mut self, relation: Option<Relation>) -> Option<(Relation, T)> {
        let turn = CYCLE[self.step % CYCLE.len()];
        for priority in std::iter::once(turn).chain(ORDER) {
            let Some(lines) = self.classes.get_mut(&priority) else { continue };
            let fits = |(found, _): &(Relation, T)| relation.is_none_or(|wanted| wanted == *found);
            let Some(at) = lines.iter().position(|line| line.jobs.iter().any(fits)) else { continue };
            let mut line = lines.remove(at)?;
            let place = line.jobs.iter().position(fits)?;
            let job = line.jobs.remove(place)?;
            if !line.jobs.is_empty() {
                lines.push_back(line);
            }
            self.step = self.step.wrapping_add(1);
            self.len -= 1;
            return Some(job);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drain(turns: &mut Turns<u32>, most: usize) -> Vec<Vec<u32>> {
        std::iter::from_fn(|| Some(turns.take(most)).filter(|batch| !batch.is_empty())).collect()
    }

    #[test]
    fn callers_take_turns_however_much_one_asks_for() {
        let mut turns = Turns::default();
        (0..100).for_each(|job| turns.push(Normal, "greedy", Relation::Mint, job));
        turns.push(Normal, "modest", Relation::Mint, 1_000);
        turns.push(Normal, "modest", Relation::Mint, 1_001);
        let order = drain(&mut turns, 1).concat();
        assert_eq!(order[..5], [0, 1_000, 1, 1_001, 2]);
    }

    #[test]
    fn no_class_starves() {
        let mut turns = Turns::default();
        for job in 0..80 {
            turns.push(High, "a", Relation::Mint, job);
            turns.push(Normal, "b", Relation::Mint, 100 + job);
            turns.push(Low, "c", Relation::Mint, 200 + job);
        }
        let first: Vec<u32> = drain(&mut turns, 1).concat()[..16].to_vec();
        let count = |from: u32| first.iter().filter(|job| (from..from + 100).contains(*job)).count();
        assert_eq!((count(0), count(100), count(200)), (10, 4, 2));
    }

    #[test]
    fn a_batch_is_of_one_relation_and_others_keep_their_places() {
        let mut turns = Turns::default();
        turns.push(Normal, "a", Relation::Mint, 1);
        turns.push(Normal, "b", Relation::Price, 2);
        turns.push(Normal, "a", Relation::Price, 3);
        turns.push(Normal, "a", Relation::Mint, 4);
        turns.push(Normal, "c", Relation::Mint, 5);
        assert_eq!(drain(&mut turns, 4), [vec![1, 5, 4], vec![2, 3]]);
    }

    proptest! {
        /// Nothing is lost, nothing comes twice, and a caller's jobs of one relation and class stay in order.
        #[test]
        fn every_job_comes_once(
            jobs in proptest::collection::vec((0..3usize, 0..4u8, 0..3usize), 0..60),
            most in 1..5usize,
            gone in 0..60u32,
        ) {
            let mut turns = Turns::default();
            for (index, (class, caller, relation)) in jobs.iter().enumerate() {
                turns.push(ORDER[*class], &caller.to_string(), Relation::ALL[*relation], index as u32);
            }
            let removed = turns.remove(&gone);
            prop_assert_eq!(removed, (gone as usize) < jobs.len());
            prop_assert_eq!(turns.len(), jobs.len() - usize::from(removed));
            let batches = drain(&mut turns, most);
            prop_assert!(batches.iter().all(|batch| batch.len() <= most));
            for batch in &batches {
                prop_assert!(batch.iter().all(|job| jobs[*job as usize].2 == jobs[batch[0] as usize].2));
            }
            let order = batches.concat();
            for (place, job) in order.iter().enumerate() {
                let earlier = order[..place].iter().filter(|other| jobs[**other as usize] == jobs[*job as usize]);
                prop_assert!(earlier.into_iter().all(|other| other < job));
            }
            let mut sorted = order;
            sorted.sort_unstable();
            let expected: Vec<u32> = (0..jobs.len() as u32).filter(|job| *job != gone).collect();
            prop_assert_eq!(sorted, expected);
        }
    }
}
