//! Membership in a 4-ary tree.

use super::{Num, bits, poseidon};
use crate::hash::Domain;
use crate::r1cs::Cs;
use crate::tree::Path;
use alloc::vec::Vec;

/// The root above `leaf` and the position whose bits led there.
///
/// Per level all four children are the prover's; the child that the position's two bits name is tied to what came from below,
/// and the node's hash ties the rest.
pub fn root<const D: usize>(cs: &mut Cs, leaf: &Num, path: &Path<D>) -> (Num, Num) {
    cs.gadget("path", |cs| {
        let mut position = Vec::with_capacity(2 * D);
        let mut current = leaf.clone();
        for level in 0..D {
            let index = path.index(level);
            let low = bits::boolean(cs, index & 1 == 1);
            let high = bits::boolean(cs, index >> 1 == 1);
            let children = path.children(level, current.value()).map(|child| cs.hint("child", child));
            let first = bits::select(cs, &low, &children[1], &children[0]);
            let second = bits::select(cs, &low, &children[3], &children[2]);
            cs.enforce(&high, &(&second - &first), &(&current - &first));
            current = poseidon::hash(cs, Domain::Node, &children);
            position.push(low);
            position.push(high);
        }
        (current, Num::from_bits(&position))
    })
}
