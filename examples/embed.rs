//! Privity inside a program of one's own: key, proof, settlement, wallet. `cargo run --release -p privity-examples --example embed`
use privity_circuits::{Circuit, asset::AssetId, keys::SigningKey, mint::Mint, terms::Policy};
use privity_ledger::{Body, Codec, EntryBody, Genesis, Ledger, LocalOperator, MemoryStore, NO_END, Name, Registration};
use privity_prover::{Control, KeyStore, Prover};
use privity_verifier::{KeyId, Proof};
use privity_wallet::build::{Make, MintOrder, When};
use privity_wallet::{Prove, ProveError, Seed, Wallet, delivery::Memo};
use rand::rngs::OsRng;
use std::{error::Error, fs, path::Path};

/// What a wallet proves with: the prover of this process.
pub struct Local(pub Prover);

impl<C: Circuit<Statement: Clone>> Prove<C> for Local {
    fn prove(&mut self, x: &C::Statement, w: &C::Witness) -> Result<(KeyId, Proof), ProveError> {
        let failed = |error| ProveError::Prover(Box::new(error));
        let proof = self.0.prove::<C>(x, w, &mut OsRng).map_err(failed)?;
        Ok((self.0.key::<C>().map_err(failed)?.id(), proof))
    }
}

pub fn main() -> Result<(), Box<dyn Error>> {
    run(&std::env::temp_dir().join("privity-embed"))
}

/// Mints 1 234.56 of a token on a new ledger, and leaves in `folder` what somebody else needs to verify it.
pub fn run(folder: &Path) -> Result<(), Box<dyn Error>> {
    let key = KeyStore::new(folder).load_or_generate::<Mint>(&mut OsRng, &Control::default())?;
    let operator = SigningKey::from_wide(&Seed::generate(&mut OsRng).derive("signer", 0))?;
    let policy = Policy { flat: 0, rate: 0, treasury: Default::default(), delivery_key: [9; 32] };
    let (name, public, time) = (Name::new("a small community")?, operator.public_key(), 1_800_000_000);
    let (grace, signer_delay, max_bytes) = (3_600, 86_400, 65_536);
    let genesis = Genesis { name, operator: public, production: false, grace, signer_delay, max_bytes, policy, time };
    let ledger = Ledger::create(Box::new(MemoryStore::new()), &genesis, Some(Box::new(LocalOperator::new(operator))))?;
    let mut wallet = Wallet::new(Seed::generate(&mut OsRng), &genesis, 1)?;
    let (issuer, to, token) = (wallet.member()?.signer.clone(), wallet.member()?.address(), Name::new("EUR")?);
    for registration in [
        Registration::Key { key: Box::new(key.verifying().key().clone()), ends: NO_END },
        Registration::Signer(issuer.public),
        Registration::Token { issuer: issuer.id, name: token.clone() },
    ] {
        ledger.enter(EntryBody::Register(registration), time)?;
    }
    let order = MintOrder { name: token.as_str().into(), value: 123_456, to, unlock: 0, memo: Memo::EMPTY };
    let (when, mut prover) = (When { time, expiry: time + 600 }, Local(Prover::new().with_key(key)));
    let transaction = wallet.mint(0, &order, &mut Make { when, prover: &mut prover, rng: &mut OsRng })?;
    let receipt = ledger.submit(transaction.clone(), time)?;
    ledger.records(0, 100)?.iter().try_for_each(|record| wallet.read(record).map(drop))?;
    let held: u64 = wallet.spendable(0, AssetId::token(issuer.id, "EUR"), time).iter().map(|coin| coin.value).sum();
    println!("log position {}: the wallet holds {held} minor units; see {}", receipt.position, folder.display());
    if let Body::Mint { mint, .. } = transaction.body {
        fs::write(folder.join("mint.statement"), mint.statement.to_bytes())?;
        fs::write(folder.join("mint.proof"), mint.proof.to_bytes())?;
    }
    Ok(())
}
