//! Spends built by hand, so that they can be false.

use super::DemoError;
use super::world::{Role, World};
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::transfer::{Statement, Transfer2x3, Witness};
use privity_circuits::{Fr, Relation};
use privity_ledger::{Body, Ciphertexts, Leg, Proven, SealedNote, Transaction};
use privity_verifier::groth16::{G1Affine, G2Affine, Points};
use privity_verifier::{KeyId, Proof};
use privity_wallet::delivery::Memo;
use privity_wallet::leg::{self, At, Coin, Planned, Recipient};
use privity_wallet::scan::OwnNote;
use privity_wallet::{Prove, random_field};
use rand::rngs::OsRng;

/// Ciphertexts and expiry of a spend.
pub struct SpendFrame {
    expiry: u64,
    ciphertexts: Ciphertexts,
}

impl SpendFrame {
    /// The transaction of a claim.
    pub fn transaction(&self, claim: Proven<Transfer2x3>) -> Transaction {
        let body = Body::Transfer { leg: Leg::Payment(claim), recipient: Fr::default() };
        Transaction { expiry: self.expiry, body, ciphertexts: self.ciphertexts.clone() }
    }
}

/// An unspent note of a role.
///
/// # Errors
/// [`DemoError::Missing`] if it holds none of this asset.
pub fn unspent(world: &World, role: Role, asset: AssetId) -> Result<NoteAt, DemoError> {
    let notes = world.wallet(role)?.scanner().notes();
    let own = notes.iter().find(|own: &&OwnNote| own.spent.is_none() && own.note.asset == asset && own.note.value > 0);
    let own = own.ok_or(DemoError::Missing("an unspent note"))?;
    Ok(NoteAt { asset, value: own.note.value, position: own.position })
}

/// Where a note lies and what it holds.
#[derive(Clone, Copy)]
pub struct NoteAt {
    asset: AssetId,
    /// Minor units, or millionths.
    pub value: u64,
    position: u32,
}

/// Statement and witness that turn `spent` into a note of `value` to oneself, balanced or not.
///
/// # Errors
/// [`DemoError`] if the note is gone.
pub fn to_self(
    world: &World,
    role: Role,
    spent: &NoteAt,
    value: u64,
) -> Result<(Statement<2, 3>, Witness<2, 3>, SpendFrame), DemoError> {
    let (wallet, account) = (world.wallet(role)?, world.account(role)?);
    let (scanner, key) = (wallet.scanner(), account.address().delivery);
    let root = scanner.tree().latest();
    let own = scanner.notes().iter().find(|own| own.position == spent.position);
    let note = own.map(|own| own.note.clone()).ok_or(DemoError::Missing("the note to spend"))?;
    let path = scanner.tree().path(spent.position, root).map_err(DemoError::other)?;
    let mut rng = OsRng;
    let planned = [value, 0, 0].map(|value| Planned {
        note: leg::fresh(spent.asset, value, 0, account.owner, &mut rng),
        recipient: Recipient::Key(key),
        memo: Memo::EMPTY,
    });
    let channel = privity_wallet::delivery::Channel::new(&wallet.ledger().0);
    let mut ciphertexts = Ciphertexts::default();
    for output in &planned {
        let sealed = leg::seal(&channel, account, output, &mut rng).map_err(DemoError::other)?;
        ciphertexts.recipients.push(SealedNote(sealed.recipient));
        ciphertexts.senders.push(SealedNote(sealed.copy));
    }
    let frame = SpendFrame { expiry: world.when().expiry, ciphertexts };
    let at = At { anchor: root.anchor, now: world.now - world.now % 3_600 };
    let rho = random_field(&mut rng);
    let leg = leg::Leg::<2, 3>::new(account, spent.asset, at, &[Coin { note, path }], &planned, rho, &mut rng)
        .map_err(DemoError::other)?;
    let (unbound, _) = leg.sign(Context::default(), &mut rng);
    let placeholder = Proven { key: KeyId([0; 32]), statement: unbound, proof: no_proof()? };
    let context = frame.transaction(placeholder).context(wallet.ledger());
    let (x, w) = leg.sign(context, &mut rng);
    Ok((x, w, frame))
}

/// The honest spend, proved.
///
/// # Errors
/// [`DemoError`] if it is not honest.
pub fn prove(world: &mut World, role: Role, spent: &NoteAt, value: u64) -> Result<Transaction, DemoError> {
    let (statement, witness, frame) = to_self(world, role, spent, value)?;
    Transfer2x3::check(&statement, &witness).map_err(DemoError::other)?;
    let (key, proof) = Prove::<Transfer2x3>::prove(&mut world.keys, &statement, &witness).map_err(DemoError::other)?;
    Ok(frame.transaction(Proven { key, statement, proof }))
}

/// A proof of nothing, to fill a frame whose context is wanted.
///
/// # Errors
/// [`DemoError`] in no case.
pub fn no_proof() -> Result<Proof, DemoError> {
    let points = Points { a: G1Affine::identity(), b: G2Affine::identity(), c: G1Affine::identity() };
    Proof::from_points(points).map_err(DemoError::other)
}
