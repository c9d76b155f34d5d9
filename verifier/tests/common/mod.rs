//! Two small relations with simulated keys.
#![allow(dead_code)]

use privity_circuits::{Fr, Relation, Statement, Violation};
use privity_testkit::simulate::SimulatedKey;
use privity_verifier::{PreparedKey, Proof};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// x₀·x₁ = x₂ for no witness at all: only the shape matters to a verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Three(pub [u64; 3]);

impl Statement for Three {
    fn public_inputs(&self) -> Vec<Fr> {
        self.0.iter().map(|x| Fr::from(*x)).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct One(pub u64);

impl Statement for One {
    fn public_inputs(&self) -> Vec<Fr> {
        vec![Fr::from(self.0)]
    }
}

#[derive(Debug)]
pub struct Product;
impl Relation for Product {
    const NAME: &'static str = "product.v1";
    type Statement = Three;
    type Witness = ();
    fn check(_: &Three, _: &()) -> Result<(), Violation> {
        Ok(())
    }
}

#[derive(Debug)]
pub struct Square;
impl Relation for Square {
    const NAME: &'static str = "square.v1";
    type Statement = One;
    type Witness = ();
    fn check(_: &One, _: &()) -> Result<(), Violation> {
        Ok(())
    }
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn product_key(seed: u64) -> SimulatedKey<Product> {
    SimulatedKey::generate(3, [7; 32], &mut rng(seed)).unwrap()
}

pub fn square_key(seed: u64) -> SimulatedKey<Square> {
    SimulatedKey::generate(1, [8; 32], &mut rng(seed)).unwrap()
}

/// A key, a statement and a proof of it.
pub fn proved(seed: u64) -> (PreparedKey, Three, Proof) {
    let key = product_key(seed);
    let statement = Three([2, 3, 6]);
    let proof = key.simulate(&statement, &mut rng(seed + 1)).unwrap();
    (key.key().clone(), statement, proof)
}
