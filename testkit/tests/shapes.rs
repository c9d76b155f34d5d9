//! The shapes of mint and transfer are pinned, as the other relations' are in their own tests: rows, public inputs, digest of the
//! matrices. A change here is a new relation version. And no relation outgrows the domain it is cut for.

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
    assert!(shape.size() <= limit, "{}: {} > {limit}", C::NAME, shape.size());
}

#[test]
fn shapes_are_pinned() {
    pinned::<Mint>(403, 4, "21393bac1560792292356a52e0fafe7a72f3cd3c7e0c5c76229d827110233c2e", 456);
    pinned::<Transfer2x3>(15_764, 11, "e9a84e05bc1b1e6244e2bbfa900cd3c07762ecdd8bec68c5fa583efa8d474b36", 16_384);
    pinned::<Transfer7x2>(43_512, 15, "6d13d1e351bffe9c8be0afad2e130425ac2468027299ab53081b08ae0d553960", 45_056);
}

#[test]
fn circuits_fit_their_domains() {
    let sizes = [
        (Shape::of::<Capacity>().size(), 16_384),
        (Shape::of::<Price>().size(), 19_456),
        (Shape::of::<Release>().size(), 19_456),
        (Shape::of::<Disclose>().size(), 9_728),
    ];
    for (size, domain) in sizes {
        assert!(size <= domain, "{size} > {domain}");
    }
}
