//! A small sparse Merkle tree, for paths with real siblings.

use ark_ff::AdditiveGroup;
use privity_circuits::Fr;
use privity_circuits::tree::{ARITY, Anchor, Path, empty_roots, node};
use std::collections::HashMap;
use std::sync::OnceLock;

/// A 4-ary tree of depth `D` in which most leaves are 0.
pub struct Tree<const D: usize> {
    nodes: HashMap<(usize, u64), Fr>,
}

impl<const D: usize> Default for Tree<D> {
    fn default() -> Self {
        Self { nodes: HashMap::new() }
    }
}

impl<const D: usize> Tree<D> {
    fn get(&self, height: usize, index: u64) -> Fr {
        static EMPTY: OnceLock<Vec<Fr>> = OnceLock::new();
        let empty = EMPTY.get_or_init(|| empty_roots(32));
        let node = self.nodes.get(&(height, index)).copied();
        node.unwrap_or(empty.get(height).copied().unwrap_or(Fr::ZERO))
    }

    /// Puts `leaf` at `position`.
    pub fn set(&mut self, position: u32, leaf: Fr) {
        let mut index = u64::from(position);
        self.nodes.insert((0, index), leaf);
        for height in 1..=D {
            index /= ARITY as u64;
            let first = index * ARITY as u64;
            let children = core::array::from_fn(|i| self.get(height - 1, first + i as u64));
            self.nodes.insert((height, index), node(&children));
        }
    }

    /// The way from `position` to the root.
    pub fn path(&self, position: u32) -> Path<D> {
        let mut path = Path { position, siblings: [[Fr::ZERO; ARITY - 1]; D] };
        for height in 0..D {
            let index = u64::from(position) >> (2 * height);
            let others = (0..ARITY as u64).filter(|child| *child != index & 3);
            for (sibling, child) in path.siblings[height].iter_mut().zip(others) {
                *sibling = self.get(height, (index & !3) + child);
            }
        }
        path
    }

    /// The root.
    pub fn root(&self) -> Anchor {
        Anchor::new(self.get(D, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_the_root() {
        let mut tree = Tree::<16>::default();
        for position in [0u32, 1, 7, 4_000_000_000, u32::MAX] {
            tree.set(position, Fr::from(u64::from(position) + 1));
        }
        for position in [0u32, 1, 7, 4_000_000_000, u32::MAX] {
            let leaf = Fr::from(u64::from(position) + 1);
            assert_eq!(tree.path(position).root(leaf), tree.root());
        }
        assert_eq!(Tree::<16>::default().root().field(), empty_roots(16)[16]);
    }
}
