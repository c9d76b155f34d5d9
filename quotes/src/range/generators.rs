//! The vectors G and H of the `bulletproofs` crate, which shows only half of them.
//!
//! Party j has 64 points of each, read from SHAKE256("GeneratorsChain" ‖ `G` or `H` ‖ j as u32 little-endian). They are made when
//! first needed, in blocks that double, so a quote never pays for an award.

use super::BITS;
use alloc::boxed::Box;
use alloc::vec::Vec;
use curve25519_dalek::ristretto::RistrettoPoint;
use once_cell::race::OnceBox;
use sha3::Shake256;
use sha3::digest::{ExtendableOutput, Update, XofReader};

/// Parties of the largest aggregate.
pub(crate) const MAX_PARTIES: usize = 1024;
const BLOCKS: usize = 1 + MAX_PARTIES.ilog2() as usize;

struct Block {
    g: Vec<RistrettoPoint>,
    h: Vec<RistrettoPoint>,
}

/// Block 0 is party 0; block k ≥ 1 holds the parties 2^(k−1) … 2^k − 1.
fn block(index: usize) -> &'static Block {
    static CACHE: [OnceBox<Block>; BLOCKS] = [const { OnceBox::new() }; BLOCKS];
    CACHE[index].get_or_init(|| {
        let parties = if index == 0 { 0..1 } else { 1u32 << (index - 1)..1 << index };
        let points = |letter| parties.clone().flat_map(|party| chain(letter, party)).collect();
        Box::new(Block { g: points(b'G'), h: points(b'H') })
    })
}

fn chain(letter: u8, party: u32) -> impl Iterator<Item = RistrettoPoint> {
    let mut hash = Shake256::default();
    hash.update(b"GeneratorsChain");
    hash.update(&[letter]);
    hash.update(&party.to_le_bytes());
    let mut reader = hash.finalize_xof();
    (0..BITS).map(move |_| {
        let mut uniform = [0u8; 64];
        reader.read(&mut uniform);
        RistrettoPoint::from_uniform_bytes(&uniform)
    })
}

fn blocks(parties: usize) -> impl Iterator<Item = &'static Block> {
    (0..=parties.ilog2() as usize).map(block)
}

/// G of the first `parties` parties, a power of two up to [`MAX_PARTIES`].
pub(crate) fn g(parties: usize) -> impl Iterator<Item = &'static RistrettoPoint> {
    blocks(parties).flat_map(|block| &block.g)
}

/// H of the first `parties` parties.
pub(crate) fn h(parties: usize) -> impl Iterator<Item = &'static RistrettoPoint> {
    blocks(parties).flat_map(|block| &block.h)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulletproofs::BulletproofGens;

    #[test]
    fn same_points_as_the_crate() {
        let gens = BulletproofGens::new(BITS, 8);
        for parties in [1, 2, 4, 8] {
            let theirs: Vec<_> = (0..parties).flat_map(|party| gens.share(party).G(BITS)).copied().collect();
            assert_eq!(g(parties).copied().collect::<Vec<_>>(), theirs);
            assert_eq!(h(parties).count(), theirs.len());
        }
    }
}
