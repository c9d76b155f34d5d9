//! Mint and Issue: how tokens and certified capacity come into being.

use super::{BuildError, Draftable, Make};
use crate::address::Address;
use crate::certify::SignedAttestation;
use crate::delivery::{Channel, Memo};
use crate::keys::{Account, Signer};
use crate::leg::{self, Planned, Recipient};
use crate::prove::{Prove, proven};
use crate::wallet::Wallet;
use privity_circuits::asset::AssetId;
use privity_circuits::capacity::{self, Attestation, Capacity, Serial};
use privity_circuits::mint::{self, Mint};
use privity_ledger::context::Kind;
use privity_ledger::{Body, LedgerHash, Transaction};
use rand::{CryptoRng, RngCore};

/// What to mint and for whom.
#[derive(Clone)]
pub struct MintOrder {
    /// The token's name; with the issuer's signer id it makes the asset.
    pub name: String,
    /// Minor units.
    pub value: u64,
    /// Who receives it.
    pub to: Address,
    /// From when it may be spent, Unix seconds.
    pub unlock: u64,
    /// Text.
    pub memo: Memo,
}

redacted!(MintOrder);

/// Mints a token of `issuer`, whose account receives the sender's copy.
///
/// # Errors
/// [`BuildError`] if the address or the unlock time is not usable, or there is no proof.
pub fn mint<P: Prove<Mint>, R: RngCore + CryptoRng>(
    ledger: LedgerHash,
    account: &Account,
    issuer: &Signer,
    order: &MintOrder,
    make: &mut Make<'_, P, R>,
) -> Result<Transaction, BuildError> {
    let asset = AssetId::token(issuer.id, &order.name);
    let note = leg::fresh(asset, order.value, order.unlock, order.to.owner, make.rng);
    let witness = mint::Witness { unlock: note.unlock, owner: note.owner, blinding: note.blinding };
    let planned = Planned { note, recipient: Recipient::Key(order.to.delivery), memo: order.memo.clone() };
    let sealed = leg::seal(&Channel::new(&ledger.0), account, &planned, make.rng)?;
    let out = sealed.commitment;
    let frame = Draftable::new(Kind::Mint, make.when.expiry, &[sealed]);
    let statement = mint::Statement { asset, value: order.value, out, context: frame.context(ledger) };
    let signature = issuer.sign(statement.message(), make.rng);
    let mint = proven::<Mint, _>(make.prover, statement, &witness)?;
    Ok(Transaction { expiry: make.when.expiry, body: Body::Mint { mint, signature }, ciphertexts: frame.ciphertexts })
}

/// Turns a certifier's attestation into the supplier's capacity notes.
///
/// # Errors
/// [`BuildError::Rule`] if the attestation is not signed, not for this account and serial, or not for this ledger.
pub fn issue<P: Prove<Capacity>, R: RngCore + CryptoRng>(
    ledger: LedgerHash,
    account: &Account,
    attested: &SignedAttestation,
    serial: &Serial,
    make: &mut Make<'_, P, R>,
) -> Result<Transaction, BuildError> {
    let attestation: Attestation = attested.attestation();
    let channel = Channel::new(&ledger.0);
    let to = Recipient::Key(account.address().delivery);
    let mut outputs = Vec::with_capacity(capacity::WEEKS);
    for note in attestation.notes(serial) {
        let recipient = if note.value > 0 { to } else { Recipient::Nobody };
        outputs.push(leg::seal(&channel, account, &Planned { note, recipient, memo: Memo::EMPTY }, make.rng)?);
    }
    let frame = Draftable::new(Kind::Issue, make.when.expiry, &outputs);
    let context = frame.context(ledger);
    let statement = capacity::Statement {
        ledger: ledger.id(),
        certifier: attestation.certifier,
        issued: serial.issued(attestation.certifier),
        outputs: core::array::from_fn(|index| frame.outputs[index]),
        context,
    };
    let witness = capacity::Witness {
        pk: account.public,
        nk: account.nullifier_key().clone(),
        resource: attestation.resource,
        weeks: attestation.weeks,
        serial: serial.clone(),
        certifier: attested.certifier_key,
        attested: attested.signature,
        accepted: account.sign(attestation.acceptance(context), make.rng),
    };
    let capacity = proven::<Capacity, _>(make.prover, statement, &witness)?;
    Ok(Transaction { expiry: make.when.expiry, body: Body::Issue { capacity }, ciphertexts: frame.ciphertexts })
}

impl Wallet {
    /// Issues an attestation made out to an account under the serial at `serial`.
    ///
    /// # Errors
    /// As [`issue`].
    pub fn issue<P: Prove<Capacity>, R: RngCore + CryptoRng>(
        &self,
        account: u32,
        attested: &SignedAttestation,
        serial: u32,
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, BuildError> {
        issue(self.ledger(), self.account(account)?, attested, &self.serial(serial), make)
    }

    /// Mints a token of this wallet's own signer at `account`.
    ///
    /// # Errors
    /// As [`mint()`].
    pub fn mint<P: Prove<Mint>, R: RngCore + CryptoRng>(
        &self,
        account: u32,
        order: &MintOrder,
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, BuildError> {
        let account = self.account(account)?;
        mint(self.ledger(), account, &account.signer, order, make)
    }
}
