//! The table at the end: sizes and times of each relation, measured here and now.

use super::DemoError;
use super::world::World;
use privity_circuits::Relation;
use privity_circuits::disclose::Disclose;
use privity_ledger::{Body, Leg, Proven, Settled, Transaction};
use privity_verifier::{Keys, PROOF_BYTES};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Prints a row per relation: rows of the circuit, its size with input rows, proving and verification time. `disclosed` is what the
/// audience's check took, as a disclosure stands in no log.
///
/// # Errors
/// [`DemoError`] if the log cannot be read or a settled proof does not verify.
pub fn print(world: &World, disclosed: Option<Duration>) -> Result<(), DemoError> {
    let keys: Keys = world
        .ledger
        .read(|state| state.keys())
        .map_err(DemoError::other)?
        .into_iter()
        .map(privity_verifier::PreparedKey::new)
        .collect();
    let mut verified = BTreeMap::new();
    for transaction in world.transactions()? {
        verify_all(&keys, &transaction, &mut verified)?;
    }
    verified.extend(disclosed.map(|time| (Disclose::NAME, time.as_secs_f64() * 1_000.0)));
    println!(
        "   {:<16} {:>11} {:>9} {:>11} {:>10} {:>6}",
        "relation", "constraints", "size", "proving ms", "verify ms", "bytes"
    );
    for timing in world.keys.timings() {
        let verify = verified.get(timing.relation).map_or("–".into(), |ms: &f64| format!("{ms:.2}"));
        println!(
            "   {:<16} {:>11} {:>9} {:>11.0} {:>10} {:>6}",
            timing.relation, timing.constraints, timing.size, timing.milliseconds, verify, PROOF_BYTES
        );
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("   {cores} threads, {}; medians", super::narrator::processor());
    Ok(())
}

fn verify_all(
    keys: &Keys,
    transaction: &Transaction,
    times: &mut BTreeMap<&'static str, f64>,
) -> Result<(), DemoError> {
    match &transaction.body {
        Body::Issue { capacity } => verify(keys, capacity, times),
        Body::Mint { mint, .. } => verify(keys, mint, times),
        Body::Transfer { leg, .. } => verify_leg(keys, leg, times),
        Body::Swap { legs } => legs.iter().try_for_each(|leg| verify_leg(keys, leg, times)),
        Body::Deal { price, buyer, supplier } => {
            verify(keys, price, times)?;
            verify(keys, buyer, times)?;
            verify(keys, supplier, times)
        }
        Body::Release { release } => verify(keys, release, times),
    }
}

fn verify_leg(keys: &Keys, leg: &Leg, times: &mut BTreeMap<&'static str, f64>) -> Result<(), DemoError> {
    match leg {
        Leg::Payment(claim) => verify(keys, claim, times),
        Leg::Consolidation(claim) => verify(keys, claim, times),
    }
}

fn verify<R: Settled>(
    keys: &Keys,
    claim: &Proven<R>,
    times: &mut BTreeMap<&'static str, f64>,
) -> Result<(), DemoError> {
    let started = Instant::now();
    keys.verify::<R>(&claim.key, claim.statement.clone(), &claim.proof).map_err(DemoError::other)?;
    times.insert(R::NAME, started.elapsed().as_secs_f64() * 1_000.0);
    Ok(())
}
