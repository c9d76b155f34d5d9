//! A relation of a partner's own, through the public traits: `cargo run --release -p privity-examples --example partner_relation`
//!
//! A carrier commits to the readings of a refrigerated transport and proves that none was above the agreed limit. Whoever knows the
//! commitment and the limit is convinced; the readings stay with the carrier.
//!
//! - statement: log, limit. witness: eight readings, salt.
//! - A1 log = H(readings, salt), each reading 16 bits wide: without the width, one lane would hold many different readings.
//! - A2 reading ≤ limit for every reading, limit 16 bits wide: a comparison means something on ranged numbers only.
//!
//! Each rule stands twice, in `check` and in `enforce`, and the two say the same. Temperatures are hundredths of a kelvin.

use privity_circuits::gadgets::{Num, bits, poseidon};
use privity_circuits::poseidon::permute;
use privity_circuits::r1cs::{Cs, Shape};
use privity_circuits::{Circuit, Fr, Relation, Violation, field};
use privity_prover::{Control, ProveError, Prover, generate};
use privity_verifier::Verified;
use rand::RngCore;
use rand::rngs::OsRng;
use std::error::Error;

/// Readings of one log.
pub const READINGS: usize = 8;
/// Bits of a reading.
const WIDTH: u32 = 16;

/// The relation `cold-chain.v1`.
pub struct ColdChain;

/// What everyone sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// H(readings, salt).
    pub log: Fr,
    /// The warmest that is allowed.
    pub limit: u16,
}

/// What the carrier knows.
#[derive(Clone)]
pub struct Witness {
    /// The readings, in order.
    pub readings: [u16; READINGS],
    /// 248 random bits: eight readings alone could be guessed.
    pub salt: Fr,
}

/// A tag of the partner's own, above all tags of the protocol: no hash of the one is ever a hash of the other.
fn tag() -> Fr {
    Fr::from(u128::from_be_bytes(*b"cold-chain.v1   "))
}

/// The commitment to a log: H(Σ readings[i]·2^16i, salt).
pub fn commit(w: &Witness) -> Fr {
    let packed = w.readings.iter().rev().fold(0u128, |packed, reading| packed << WIDTH | u128::from(*reading));
    let zero = Fr::from(0u64);
    let mut state = [tag(), Fr::from(packed), w.salt, zero, zero];
    permute(&mut state);
    state[1]
}

impl privity_circuits::Statement for Statement {
    fn public_inputs(&self) -> Vec<Fr> {
        vec![self.log, Fr::from(self.limit)]
    }
}

impl Relation for ColdChain {
    const NAME: &'static str = "cold-chain.v1";
    type Statement = Statement;
    type Witness = Witness;

    fn check(x: &Statement, w: &Witness) -> Result<(), Violation> {
        Violation::unless(commit(w) == x.log, "A1", "the readings are not those of this log; use the logger's export")?;
        let cold = w.readings.iter().all(|reading| *reading <= x.limit);
        Violation::unless(cold, "A2", "a reading is above the limit; this transport cannot be certified")
    }
}

impl Circuit for ColdChain {
    fn enforce(cs: &mut Cs, x: &[Num], w: &Witness) {
        let [log, limit] = x else {
            return;
        };
        let readings = cs.rule("A1", |cs| {
            let readings = w.readings.map(|reading| bits::Ranged::witness(cs, reading, WIDTH));
            let every_bit: Vec<Num> = readings.iter().flat_map(|reading| reading.bits().to_vec()).collect();
            let salt = cs.hint("salt", w.salt);
            let tag = Num::from_constant(tag());
            let opened = poseidon::hash_tagged(cs, &tag, &[Num::from_bits(&every_bit), salt]);
            cs.equal(&opened, log);
            readings
        });
        cs.rule("A2", |cs| {
            bits::range(cs, limit, WIDTH);
            for reading in &readings {
                let cold = bits::at_least(cs, limit, reading.num(), WIDTH);
                cs.equal(&cold, &Num::one());
            }
        });
    }

    fn blank() -> (Statement, Witness) {
        let zero = Fr::from(0u64);
        (Statement { log: zero, limit: 0 }, Witness { readings: [0; READINGS], salt: zero })
    }
}

/// A log of a transport, the last reading being the warmest, under the limit `limit`.
pub fn transport(limit: u16) -> (Statement, Witness) {
    let mut salt = [0; 32];
    OsRng.fill_bytes(&mut salt);
    let salt = field::truncate(&salt);
    let readings = [27_715, 27_720, 27_731, 27_733, 27_740, 27_761, 27_790, 27_802];
    let witness = Witness { readings, salt };
    (Statement { log: commit(&witness), limit }, witness)
}

pub fn main() -> Result<(), Box<dyn Error>> {
    let key = generate::<ColdChain>(&mut OsRng, &Control::default())?;
    let prover = Prover::new().with_key(key);
    println!("{}: {} rows, key {}", ColdChain::NAME, Shape::of::<ColdChain>().size(), prover.key::<ColdChain>()?.id());

    let (statement, witness) = transport(28_115);
    let proof = prover.prove::<ColdChain>(&statement, &witness, &mut OsRng)?;
    let verifying = prover.key::<ColdChain>()?.verifying();
    let claim: Verified<ColdChain> = verifying.verify(statement.clone(), &proof)?;
    println!("verified: {:?}", claim.statement());

    let stricter = Statement { limit: 27_800, ..statement };
    let refused = verifying.verify::<ColdChain>(stricter.clone(), &proof).map(drop);
    println!("the same proof under a lower limit: {}", refused.err().ok_or("a false claim was verified")?);
    match prover.prove::<ColdChain>(&stricter, &witness, &mut OsRng) {
        Err(ProveError::Violation { violation, .. }) => println!("a false witness: {violation}"),
        Err(other) => return Err(other.into()),
        Ok(_) => return Err("a false witness was proved".into()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rules with a row that the honest assignment of a pair violates.
    fn violated(x: &Statement, w: &Witness) -> Vec<&'static str> {
        let cs = Cs::with_rows().synthesize::<ColdChain>(x, w);
        let zero = Fr::from(0u64);
        let rows = cs.rows().iter().enumerate().filter(|(_, row)| row.residue(cs.assignment()) != zero);
        let mut rules: Vec<_> = rows.filter_map(|(index, _)| cs.rule_of(index)).collect();
        rules.dedup();
        rules
    }

    #[test]
    fn check_and_enforce_agree() {
        let (warmest, (x, w)) = (27_802, transport(28_115));
        for limit in [0, warmest - 1, warmest, warmest + 1, u16::MAX] {
            let x = Statement { limit, ..x.clone() };
            let (named, rows) = (ColdChain::check(&x, &w), violated(&x, &w));
            assert_eq!(named.map_err(|violation| violation.rule).err(), rows.first().copied(), "limit {limit}");
            assert_eq!(rows.is_empty(), limit >= warmest);
        }
        let other = Witness { salt: w.salt + Fr::from(1u64), ..w };
        assert_eq!(ColdChain::check(&x, &other).map_err(|violation| violation.rule), Err("A1"));
        assert_eq!(violated(&x, &other), ["A1"]);
    }

    /// A prover who bypasses `check` and assigns what he likes: to a bit of a reading, to the outcome of a comparison.
    #[test]
    fn forged_witnesses_do_not_verify() {
        let key = generate::<ColdChain>(&mut OsRng, &Control::default()).unwrap();
        let prover = Prover::new().with_key(key);
        let verifying = prover.key::<ColdChain>().unwrap().verifying();
        let (x, w) = transport(28_115);
        let honest = Cs::without_rows().synthesize::<ColdChain>(&x, &w).into_assignment();
        let proof = prover.prove_assignment::<ColdChain>(honest.clone(), &mut OsRng).unwrap();
        assert!(verifying.verify::<ColdChain>(x.clone(), &proof).is_ok());

        let stricter = Statement { limit: 27_800, ..x.clone() };
        let layout = Cs::with_rows().synthesize::<ColdChain>(&stricter, &w);
        let first_bit = layout.hints().first().unwrap().0;
        let comparison = layout.hints().last().unwrap().0;
        let two = Fr::from(2u64);
        for (statement, variable, value) in [
            // As computed, without `check`.
            (&stricter, first_bit, honest[first_bit as usize]),
            (&x, first_bit, Fr::from(1u64) - honest[first_bit as usize]),
            (&x, first_bit, two),
            (&stricter, comparison, two),
            (&stricter, comparison, Fr::from(1u64)),
        ] {
            let mut cs = Cs::without_rows();
            cs.forge(variable, value);
            let forged = cs.synthesize::<ColdChain>(statement, &w).into_assignment();
            let proof = prover.prove_assignment::<ColdChain>(forged, &mut OsRng).unwrap();
            assert!(verifying.verify::<ColdChain>(statement.clone(), &proof).is_err());
        }
    }

    #[test]
    fn size_is_pinned() {
        assert_eq!(Shape::of::<ColdChain>().size(), 592);
    }
}
