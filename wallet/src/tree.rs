//! The wallet's own part of the note tree: the right edge, and the nodes beside the paths of its own leaves.
//!
//! Appending a leaf costs O(1) amortised, a path O(depth) hashes, whatever the size of the tree. One older root is remembered as
//! well, that of the last full hour, because an anchor dates a spend.

use privity_circuits::Fr;
use privity_circuits::note::Commitment;
use privity_circuits::tree::{Anchor, NotePath};
use privity_ledger::tree::{Frontier, historic_path};
use std::collections::{BTreeSet, HashMap};

/// Nodes above which the map is swept, beyond what the last sweep left.
const SLACK: usize = 4096;

/// A root that paths can lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    /// Leaves below it.
    pub size: u64,
    /// The root.
    pub anchor: Anchor,
}

/// The note tree as one wallet keeps it.
#[derive(Clone, Debug)]
pub struct NoteTree {
    pub(crate) frontier: Frontier,
    pub(crate) nodes: HashMap<(u8, u32), Fr>,
    pub(crate) tracked: BTreeSet<u32>,
    pub(crate) hour: Root,
    swept: usize,
}

/// A node that this wallet did not keep: the leaf was not tracked when it was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the wallet kept no path for leaf {0}; restore it from its phrase and the ledger")]
pub struct Untracked(pub u32);

impl Default for NoteTree {
    fn default() -> Self {
        let frontier = Frontier::default();
        let hour = Root { size: 0, anchor: frontier.root() };
        Self::from_parts(frontier, HashMap::new(), BTreeSet::new(), hour)
    }
}

impl NoteTree {
    pub(crate) fn from_parts(
        frontier: Frontier,
        nodes: HashMap<(u8, u32), Fr>,
        tracked: BTreeSet<u32>,
        hour: Root,
    ) -> Self {
        let swept = nodes.len();
        Self { frontier, nodes, tracked, hour, swept }
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The latest root.
    pub fn latest(&self) -> Root {
        Root { size: self.size(), anchor: self.frontier.root() }
    }

    /// The root at the last full hour that [`NoteTree::remember_hour`] saw.
    pub fn hour(&self) -> Root {
        self.hour
    }

    /// Remembers the latest root as that of the last full hour.
    pub fn remember_hour(&mut self) {
        self.hour = self.latest();
    }

    /// Appends a leaf; its path is kept if `track`.
    pub fn append(&mut self, leaf: Commitment, track: bool) {
        if track {
            self.tracked.insert(self.size() as u32);
        }
        let nodes = &mut self.nodes;
        self.frontier.append(leaf.field(), &mut |(level, index, value)| {
            nodes.insert((level, index), value);
        });
        if self.nodes.len() > self.swept + SLACK {
            self.sweep();
        }
    }

    /// Stops keeping the path of a leaf.
    pub fn forget(&mut self, position: u32) {
        self.tracked.remove(&position);
    }

    /// The path of a tracked leaf under `root`, which is the latest or the hour's.
    ///
    /// # Errors
    /// [`Untracked`] if the leaf's path was not kept.
    pub fn path(&self, position: u32, root: Root) -> Result<NotePath, Untracked> {
        if !self.tracked.contains(&position) || u64::from(position) >= root.size {
            return Err(Untracked(position));
        }
        let stored = |level, index| self.nodes.get(&(level, index)).copied().ok_or(Untracked(position));
        historic_path(position, root.size, &stored)
    }

    /// Drops what no tracked leaf and neither edge needs.
    fn sweep(&mut self) {
        let (tracked, edges) = (&self.tracked, [self.frontier.size(), self.hour.size]);
        self.nodes.retain(|&(level, index), _| {
            let above = 2 * (u32::from(level) + 1);
            let group = u64::from(index) >> 2;
            if edges.iter().any(|size| size >> above == group) {
                return true;
            }
            let (first, behind) = (group << above, (group + 1) << above);
            let last = (behind - 1).min(u64::from(u32::MAX));
            tracked.range(first as u32..=last as u32).next().is_some()
        });
        self.swept = self.nodes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3))]

        /// Swept after every leaf, the tree still leads each tracked leaf to the latest root and to the hour's.
        #[test]
        fn paths_survive_sweeping(marks in prop::collection::vec((any::<bool>(), 0u8..12), 1..90)) {
            let mut tree = NoteTree::default();
            let leaf = |position: u64| Commitment::new(Fr::from(position + 1));
            for (track, hour) in marks {
                let position = tree.size();
                tree.append(leaf(position), track);
                tree.sweep();
                if hour == 0 {
                    tree.remember_hour();
                }
                for tracked in tree.tracked.clone() {
                    let path = tree.path(tracked, tree.latest()).unwrap();
                    prop_assert_eq!(path.root(leaf(tracked.into()).field()), tree.latest().anchor);
                    if u64::from(tracked) < tree.hour().size {
                        let path = tree.path(tracked, tree.hour()).unwrap();
                        prop_assert_eq!(path.root(leaf(tracked.into()).field()), tree.hour().anchor);
                    }
                }
            }
            prop_assert_eq!(tree.path(u32::MAX, tree.latest()), Err(Untracked(u32::MAX)));
        }
    }

    #[test]
    fn sweeping_drops_strangers() {
        let mut tree = NoteTree::default();
        for position in 0..300u64 {
            tree.append(Commitment::new(Fr::from(position + 1)), position == 5);
        }
        tree.remember_hour();
        tree.sweep();
        assert!(tree.nodes.len() < 60, "{}", tree.nodes.len());
    }
}
