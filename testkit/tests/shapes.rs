//! The shapes of all relations are pinned: rows, public inputs, digest of the matrices. A change here is a new relation version. And no
//! relation outgrows the domain it is cut for.

use privity_circuits::capacity::Capacity;
use privity_circuits::disclose::Disclose;
use privity_circuits::mint::Mint;
use privity_circuits::price::Price;
use privity_circuits::r1cs::Shape;
use privity_circuits::release::Release;
use privity_circuits::transfer::{Transfer2x3, Transfer7x2};
use privity_circuits::{Circuit, Relation};

/// Rows, public inputs, digest, and the size asked of the circuit: constraints + input rows, the constant's among them.
fn pinned<C: Circuit + Relation>(rows: usize, inputs: usize, digest: &str, limit: usize) {
    let shape = Shape::of::<C>();
    let found: String = shape.digest().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((shape.rows.len(), shape.num_inputs, found.as_str()), (rows, inputs, digest), "{}", C::NAME);
    // What opening a proving key relies on.
    assert_eq!(C::MATRICES, Some(shape.digest()), "{}", C::NAME);
    assert!(shape.size() <= limit, "{}: {} > {limit}", C::NAME, shape.size());
}

#[test]
fn shapes_are_pinned() {
    pinned::<Mint>(403, 4, "21393bac1560792292356a52e0fafe7a72f3cd3c7e0c5c76229d827110233c2e", 456);
    pinned::<Transfer2x3>(15_764, 11, "e9a84e05bc1b1e6244e2bbfa900cd3c07762ecdd8bec68c5fa583efa8d474b36", 16_384);
    pinned::<Transfer7x2>(43_512, 15, "6d13d1e351bffe9c8be0afad2e130425ac2468027299ab53081b08ae0d553960", 45_056);
    pinned::<Capacity>(14_775, 12, "55f864c250a375dc57e57e8f3d6c57ae6f74db1e733fcbb8aaa9dec61b97ed34", 16_384);
    pinned::<Disclose>(8_989, 8, "c10358a1792fb2817898d342c25cbdad7c304c933f8e134e86b5ce9534131acf", 9_728);
    pinned::<Price>(18_151, 14, "f50ec4227bf92d6013d3815102886ad4d0e258a84025827db615f16b66371b06", 19_456);
    pinned::<Release>(19_445, 8, "3424dbb9e85c405dddbfad5b3608a217aea34b586a30f71cbbc02b7c8fc2d003", 19_456);
}
