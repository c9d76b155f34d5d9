//! Proving is injected: a wallet builds statements and witnesses, somebody else turns them into proofs.

use privity_circuits::capacity::Capacity;
use privity_circuits::disclose::Disclose;
use privity_circuits::mint::Mint;
use privity_circuits::price::Price;
use privity_circuits::release::Release;
use privity_circuits::transfer::{Transfer2x3, Transfer7x2};
use privity_circuits::{Relation, Violation};
use privity_ledger::{Proven, Settled};
use privity_verifier::{KeyId, Proof};

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The witness breaks a rule of the relation.
    #[error(transparent)]
    Violation(#[from] Violation),
    /// The prover failed; it says why.
    #[error("the prover failed: {0}; look at its keys")]
    Prover(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Proves the relation `R`.
///
/// A witness holds no signing key: whoever proves can neither spend nor redirect, but sees what it proves. A deal's price, releases
/// and the legs of member addresses are proved locally.
pub trait Prove<R: Relation> {
    /// A proof of `x` and the id of the key under which it verifies.
    ///
    /// # Errors
    /// [`ProveError`] if the pair is no member of the relation, or the prover fails.
    fn prove(&mut self, x: &R::Statement, w: &R::Witness) -> Result<(KeyId, Proof), ProveError>;
}

/// Proves everything that a wallet asks for.
pub trait Prover:
    Prove<Mint>
    + Prove<Capacity>
    + Prove<Transfer2x3>
    + Prove<Transfer7x2>
    + Prove<Price>
    + Prove<Release>
    + Prove<Disclose>
{
}

impl<P> Prover for P where
    P: Prove<Mint>
        + Prove<Capacity>
        + Prove<Transfer2x3>
        + Prove<Transfer7x2>
        + Prove<Price>
        + Prove<Release>
        + Prove<Disclose>
{
}

/// Checks the pair, so that a bad witness gets a rule's name, and has it proved.
///
/// # Errors
/// As [`Prove::prove`].
pub fn proven<R: Settled, P: Prove<R> + ?Sized>(
    prover: &mut P,
    statement: R::Statement,
    witness: &R::Witness,
) -> Result<Proven<R>, ProveError> {
    R::check(&statement, witness)?;
    let (key, proof) = prover.prove(&statement, witness)?;
    Ok(Proven { key, statement, proof })
}
