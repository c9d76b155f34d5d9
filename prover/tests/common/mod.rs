//! A partner's own relation, written against the public traits only: w³ + w + 5 = y, with a context that no rule reads.
#![allow(dead_code)]

use privity_circuits::gadgets::Num;
use privity_circuits::r1cs::Cs;
use privity_circuits::{Circuit, Fr, Relation, Statement, Violation};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CubeStatement {
    pub y: Fr,
    pub context: Fr,
}

impl Statement for CubeStatement {
    fn public_inputs(&self) -> Vec<Fr> {
        vec![self.y, self.context]
    }
}

/// w³ + w + 5 = y.
pub struct Cube;

impl Relation for Cube {
    const NAME: &'static str = "cube.v1";
    type Statement = CubeStatement;
    type Witness = u64;

    fn check(x: &CubeStatement, w: &u64) -> Result<(), Violation> {
        let w = Fr::from(*w);
        Violation::unless(w * w * w + w + Fr::from(5u64) == x.y, "Q1", "w is no root; use one")
    }
}

impl Circuit for Cube {
    fn enforce(cs: &mut Cs, x: &[Num], w: &u64) {
        let [y, _context] = x else {
            return;
        };
        cs.rule("Q1", |cs| {
            let w = cs.hint("w", Fr::from(*w));
            let square = cs.mul(&w, &w);
            let cube = cs.mul(&square, &w);
            cs.equal(&(&cube + &w).plus(5u64), y);
        });
    }

    fn blank() -> (CubeStatement, u64) {
        (CubeStatement { y: Fr::from(0u64), context: Fr::from(0u64) }, 0)
    }
}

/// The same rule under another name.
pub struct Other;

impl Relation for Other {
    const NAME: &'static str = "other.v1";
    type Statement = CubeStatement;
    type Witness = u64;

    fn check(x: &CubeStatement, w: &u64) -> Result<(), Violation> {
        Cube::check(x, w)
    }
}

impl Circuit for Other {
    fn enforce(cs: &mut Cs, x: &[Num], w: &u64) {
        Cube::enforce(cs, x, w);
    }

    fn blank() -> (CubeStatement, u64) {
        Cube::blank()
    }
}

/// The same name with one more row: a later version of the circuit.
pub struct Changed;

impl Relation for Changed {
    const NAME: &'static str = Cube::NAME;
    type Statement = CubeStatement;
    type Witness = u64;

    fn check(x: &CubeStatement, w: &u64) -> Result<(), Violation> {
        Cube::check(x, w)
    }
}

impl Circuit for Changed {
    fn enforce(cs: &mut Cs, x: &[Num], w: &u64) {
        Cube::enforce(cs, x, w);
        if let [y, _] = x {
            cs.mul(y, y);
        }
    }

    fn blank() -> (CubeStatement, u64) {
        Cube::blank()
    }
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// The statement that `w` satisfies.
pub fn cube(w: u64) -> CubeStatement {
    let root = Fr::from(w);
    CubeStatement { y: root * root * root + root + Fr::from(5u64), context: Fr::from(77u64) }
}
