//! The note tree, append-only, and the member tree, whose leaves change; both 4-ary (protocol, section 3).
//!
//! A complete node of the note tree never changes, so that all complete nodes together are every past tree at once: the path of a
//! leaf under the root of any earlier size takes stored nodes left of that size, empty ones right of it, and recomputes what lies
//! on the edge.

use crate::bytes::{Codec, CodecError, Reader, put};
use privity_circuits::Fr;
use privity_circuits::tree::{ARITY, Anchor, NOTE_DEPTH, NotePath, Path, empty_roots, node};
use std::sync::LazyLock;

/// e₀ … e₁₆.
static EMPTY: LazyLock<Vec<Fr>> = LazyLock::new(|| empty_roots(NOTE_DEPTH));

/// The empty subtree's root at `height`.
pub fn empty(height: usize) -> Fr {
    EMPTY[height]
}

/// Leaves that the note tree takes: one less than 4^16, so that it is never full.
pub const NOTE_CAPACITY: u64 = (1 << (2 * NOTE_DEPTH)) - 1;

/// The right edge of the note tree: per level the complete nodes that have no complete parent yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frontier {
    size: u64,
    levels: [[Fr; ARITY - 1]; NOTE_DEPTH],
}

/// A complete node: its level (leaves 0), its index on that level, its value.
pub type Placed = (u8, u32, Fr);

impl Default for Frontier {
    fn default() -> Self {
        Self { size: 0, levels: [[Fr::default(); ARITY - 1]; NOTE_DEPTH] }
    }
}

impl Frontier {
    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many complete nodes without a complete parent stand at `level`.
    fn waiting(&self, level: usize) -> usize {
        (self.size >> (2 * level) & 3) as usize
    }

    /// Appends a leaf and hands every node that it completes to `keep`. The caller has seen that there is room.
    pub fn append(&mut self, leaf: Fr, keep: &mut impl FnMut(Placed)) {
        let mut current = leaf;
        for level in 0..NOTE_DEPTH {
            keep((level as u8, (self.size >> (2 * level)) as u32, current));
            let waiting = self.waiting(level);
            let nodes = &mut self.levels[level];
            if waiting < ARITY - 1 {
                nodes[waiting] = current;
                break;
            }
            current = node(&[nodes[0], nodes[1], nodes[2], current]);
        }
        self.size += 1;
    }

    /// The root over all leaves so far.
    pub fn root(&self) -> Anchor {
        let top = (0..NOTE_DEPTH).fold(empty(0), |edge, level| {
            let waiting = self.waiting(level);
            if waiting == 0 && edge == empty(level) {
                return empty(level + 1);
            }
            let mut children = [empty(level); ARITY];
            children[..waiting].copy_from_slice(&self.levels[level][..waiting]);
            children[waiting] = edge;
            node(&children)
        });
        Anchor::new(top)
    }
}

impl Codec for Frontier {
    const WHAT: &'static str = "frontier";
    const LIMIT: usize = 8 + 32 * NOTE_DEPTH * (ARITY - 1);

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.size.to_be_bytes());
        for level in 0..NOTE_DEPTH {
            put(out, &self.levels[level][..self.waiting(level)]);
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let mut frontier = Self { size: input.u64()?, ..Self::default() };
        for level in 0..NOTE_DEPTH {
            for index in 0..frontier.waiting(level) {
                frontier.levels[level][index] = input.field()?;
            }
        }
        Ok(frontier)
    }
}

/// The path of the leaf at `position` in the note tree of `size` leaves; `stored` gives complete nodes by level and index.
///
/// # Errors
/// What `stored` fails with.
pub fn historic_path<E>(position: u32, size: u64, stored: &impl Fn(u8, u32) -> Result<Fr, E>) -> Result<NotePath, E> {
    let mut path = NotePath::blank();
    path.position = position;
    for level in 0..NOTE_DEPTH {
        let index = u64::from(position) >> (2 * level);
        let first = index & !3;
        let others = (first..first + ARITY as u64).filter(|other| *other != index);
        for (sibling, other) in path.siblings[level].iter_mut().zip(others) {
            *sibling = historic_node(level, other, size, stored)?;
        }
    }
    Ok(path)
}

/// The node at (`level`, `index`) of the note tree of `size` leaves.
fn historic_node<E>(level: usize, index: u64, size: u64, stored: &impl Fn(u8, u32) -> Result<Fr, E>) -> Result<Fr, E> {
    let (first, behind) = (index << (2 * level), (index + 1) << (2 * level));
    if first >= size {
        return Ok(empty(level));
    }
    if behind <= size {
        return stored(level as u8, index as u32);
    }
    let mut children = [empty(level - 1); ARITY];
    for (child, slot) in children.iter_mut().enumerate() {
        *slot = historic_node(level - 1, index * ARITY as u64 + child as u64, size, stored)?;
    }
    Ok(node(&children))
}

/// The path of the leaf at `position` in a tree of depth `D` whose present nodes `stored` gives, absent ones being empty.
///
/// # Errors
/// What `stored` fails with.
pub fn present_path<const D: usize, E>(
    position: u32,
    stored: &impl Fn(u8, u32) -> Result<Option<Fr>, E>,
) -> Result<Path<D>, E> {
    let mut path = Path::<D>::blank();
    path.position = position;
    for level in 0..D {
        let index = position >> (2 * level);
        let others = (index & !3..).take(ARITY).filter(|other| *other != index);
        for (sibling, other) in path.siblings[level].iter_mut().zip(others) {
            *sibling = stored(level as u8, other)?.unwrap_or(empty(level));
        }
    }
    Ok(path)
}

/// The nodes that change when the leaf at the end of `path` becomes `leaf`, the root last.
pub fn updated<const D: usize>(path: &Path<D>, leaf: Fr) -> Vec<Placed> {
    let mut nodes = vec![(0, path.position, leaf)];
    let mut current = leaf;
    for level in 0..D {
        current = node(&path.children(level, current));
        let above = u64::from(path.position) >> (2 * (level + 1));
        nodes.push((level as u8 + 1, above as u32, current));
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use privity_circuits::tree::MemberPath;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use std::convert::Infallible;

    /// The root of `leaves` by the definition.
    fn naive_root(leaves: &[Fr], depth: usize) -> Fr {
        let mut row = leaves.to_vec();
        for height in 0..depth {
            let blank = [empty(height); ARITY];
            let parents = row.chunks(ARITY).map(|chunk| {
                let mut children = blank;
                children[..chunk.len()].copy_from_slice(chunk);
                node(&children)
            });
            row = parents.collect();
            if row.is_empty() {
                row.push(empty(height + 1));
            }
        }
        row[0]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn every_historic_path_leads_to_its_root(count in 1usize..40, at in any::<prop::sample::Index>()) {
            let leaves: Vec<Fr> = (1..=count as u64).map(Fr::from).collect();
            let (mut frontier, mut nodes) = (Frontier::default(), HashMap::new());
            let mut roots = vec![frontier.root()];
            for leaf in &leaves {
                frontier.append(*leaf, &mut |(level, index, value)| {
                    assert_eq!(nodes.insert((level, index), value), None, "a complete node never changes");
                });
                roots.push(frontier.root());
            }
            let size = 1 + at.index(count);
            prop_assert_eq!(roots[size].field(), naive_root(&leaves[..size], NOTE_DEPTH));
            prop_assert_eq!(roots[0].field(), empty(NOTE_DEPTH));
            let stored = |level, index| Ok::<_, Infallible>(nodes[&(level, index)]);
            for (position, leaf) in leaves[..size].iter().enumerate() {
                let path = historic_path(position as u32, size as u64, &stored).unwrap();
                prop_assert_eq!(path.root(*leaf), roots[size]);
            }
            prop_assert_eq!(Frontier::from_bytes(&frontier.to_bytes()).unwrap().root(), roots[count]);
        }

        #[test]
        fn leaves_of_the_member_tree_change(writes in prop::collection::vec((0u32..70, 0u64..5), 1..12)) {
            let (mut nodes, mut leaves) = (HashMap::new(), vec![Fr::default(); 70]);
            for (position, value) in writes {
                let stored = |level, index| Ok::<_, Infallible>(nodes.get(&(level, index)).copied());
                let path: MemberPath = present_path(position, &stored).unwrap();
                leaves[position as usize] = Fr::from(value);
                for (level, index, value) in updated(&path, Fr::from(value)) {
                    nodes.insert((level, index), value);
                }
                let root = nodes[&(10, 0)];
                prop_assert_eq!(root, naive_root(&leaves, 10));
            }
        }
    }
}
