//! 4-ary Merkle trees: notes (depth 16) and members (depth 10), node H(NODE; c₀, c₁, c₂, c₃), empty leaf 0.

use crate::{Domain, Fr, field_newtype, hash};
use alloc::vec::Vec;
use ark_ff::AdditiveGroup;

field_newtype!(Anchor, "Root of a tree at some moment of the ledger.");

/// Depth of the note tree: 2^32 leaves.
pub const NOTE_DEPTH: usize = 16;
/// Depth of the member tree: 2^20 leaves.
pub const MEMBER_DEPTH: usize = 10;
/// Children of a node.
pub const ARITY: usize = 4;

/// H(NODE; children).
pub fn node(children: &[Fr; ARITY]) -> Fr {
    hash(Domain::Node, children)
}

/// e₀ = 0, e_{i+1} = H(NODE; e_i, e_i, e_i, e_i): roots of empty subtrees by height, `depth` + 1 of them.
pub fn empty_roots(depth: usize) -> Vec<Fr> {
    let mut roots = alloc::vec![Fr::ZERO];
    for height in 0..depth {
        let below = roots[height];
        roots.push(node(&[below; ARITY]));
    }
    roots
}

/// A leaf's way to the root: its position and, on each of `D` levels, leaves first, the three siblings in child order.
///
/// Level i uses bits 2i and 2i + 1 of the position to say which child the path comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path<const D: usize> {
    /// Index of the leaf, below 4^D.
    pub position: u32,
    /// Siblings per level.
    pub siblings: [[Fr; ARITY - 1]; D],
}

impl<const D: usize> Path<D> {
    /// A path of zeros, for dummies.
    pub fn blank() -> Self {
        Self { position: 0, siblings: [[Fr::ZERO; ARITY - 1]; D] }
    }

    /// Which child the path comes from at `level`.
    pub fn index(&self, level: usize) -> usize {
        (u64::from(self.position) >> (2 * level) & 3) as usize
    }

    /// All four children at `level`, `current` in its place.
    pub fn children(&self, level: usize, current: Fr) -> [Fr; ARITY] {
        let (index, siblings) = (self.index(level), &self.siblings[level]);
        core::array::from_fn(|child| match child.cmp(&index) {
            core::cmp::Ordering::Less => siblings[child],
            core::cmp::Ordering::Equal => current,
            core::cmp::Ordering::Greater => siblings[child - 1],
        })
    }

    /// The root above `leaf`.
    pub fn root(&self, leaf: Fr) -> Anchor {
        let root = (0..D).fold(leaf, |current, level| node(&self.children(level, current)));
        Anchor::new(root)
    }
}

/// A path in the note tree.
pub type NotePath = Path<NOTE_DEPTH>;
/// A path in the member tree.
pub type MemberPath = Path<MEMBER_DEPTH>;
