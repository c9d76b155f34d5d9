//! The demo's world: a ledger in memory, its members, and a clock that only the story moves.

use super::DemoError;
use crate::keyring::KeyRing;
use crate::view::View;
use privity_circuits::keys::SigningKey;
use privity_circuits::terms::Policy;
use privity_documents::deal::DealInputs;
use privity_ledger::{
    Admission, Codec, EntryBody, Genesis, Item, Ledger, LocalOperator, MemoryStore, NO_END, Name, Receipt, Record,
    Registration, Transaction,
};
use privity_wallet::build::When;
use privity_wallet::{Account, Seed, Wallet};
use rand::rngs::OsRng;
use std::collections::BTreeMap;

/// Who plays; each has a phrase of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Attests capacity.
    Certifier,
    /// Sells machine time.
    Supplier,
    /// Buys it.
    Buyer,
    /// Signs receipts.
    Inspector,
    /// Decides disputes.
    Arbiter,
    /// Mints tokens.
    Issuer,
    /// May be shown terms.
    Auditor,
    /// Receives fees.
    Treasury,
    /// A member who is no party to the deal.
    Stranger,
}

impl Role {
    const ALL: [Self; 9] = [
        Self::Certifier,
        Self::Supplier,
        Self::Buyer,
        Self::Inspector,
        Self::Arbiter,
        Self::Issuer,
        Self::Auditor,
        Self::Treasury,
        Self::Stranger,
    ];
    const MEMBERS: [Self; 3] = [Self::Supplier, Self::Buyer, Self::Stranger];
}

/// Ledger, members and clock.
pub struct World {
    /// The ledger.
    pub ledger: Ledger,
    /// Ledger time, Unix seconds.
    pub now: u64,
    /// Proving keys and prover.
    pub keys: KeyRing,
    /// What signs the ledger's entries.
    pub operator: LocalOperator,
    /// A wallet per role.
    pub wallets: BTreeMap<Role, Wallet>,
    /// The fee policy of the genesis.
    pub policy: Policy,
    /// What the ledger started from.
    pub genesis: Genesis,
}

impl World {
    /// Founds the ledger of `deal.toml`, registers keys, signers, tokens and the certifier, and admits the members.
    ///
    /// # Errors
    /// [`DemoError`] if the configuration makes no ledger, or keys cannot be had.
    pub fn found(inputs: &DealInputs, mut keys: KeyRing) -> Result<Self, DemoError> {
        let seeds: BTreeMap<Role, Seed> = Role::ALL.map(|role| (role, Seed::generate(&mut OsRng))).into();
        let account = |role: Role| -> Result<Account, DemoError> {
            let seed = seeds.get(&role).ok_or(DemoError::Missing("a role's seed"))?;
            Account::derive(seed, 0).map_err(DemoError::other)
        };
        let treasury = account(Role::Treasury)?.address();
        let policy = Policy {
            flat: inputs.config.fee.flat,
            rate: u64::from(inputs.config.fee.rate),
            treasury: treasury.owner,
            delivery_key: treasury.delivery,
        };
        let operator =
            SigningKey::from_wide(&Seed::generate(&mut OsRng).derive("signer", 0)).map_err(DemoError::other)?;
        let genesis = Genesis {
            name: Name::new(&inputs.config.ledger.name).map_err(DemoError::other)?,
            operator: operator.public_key(),
            production: false,
            grace: 86_400,
            signer_delay: 7 * 86_400,
            max_bytes: 1 << 16,
            policy: policy.clone(),
            time: inputs.config.ledger.genesis,
        };
        let signer = Box::new(LocalOperator::new(operator.clone()));
        let ledger = Ledger::create(Box::new(MemoryStore::new()), &genesis, Some(signer)).map_err(DemoError::other)?;
        let operator = LocalOperator::new(operator);
        let verifying = keys.all().map_err(DemoError::other)?;
        let world = Self { ledger, now: genesis.time, keys, operator, wallets: BTreeMap::new(), policy, genesis };
        for key in verifying {
            let key = Box::new(key.key().clone());
            world.enter(EntryBody::Register(Registration::Key { key, ends: NO_END }))?;
        }
        for role in [Role::Certifier, Role::Inspector, Role::Arbiter, Role::Issuer, Role::Auditor] {
            world.enter(EntryBody::Register(Registration::Signer(account(role)?.signer.public)))?;
        }
        let issuer = account(Role::Issuer)?.signer.id;
        for token in [&inputs.config.token, &inputs.config.app_token] {
            let name = Name::new(&token.name).map_err(DemoError::other)?;
            world.enter(EntryBody::Register(Registration::Token { issuer, name }))?;
        }
        world.enter(EntryBody::Register(Registration::Certifier(account(Role::Certifier)?.signer.id)))?;
        for role in Role::MEMBERS {
            let member = account(role)?;
            let owner = member.address().owner;
            world.enter(EntryBody::Member(Admission { owner, signer: member.signer.public, consent: None }))?;
        }
        world.with_wallets(seeds)
    }

    fn with_wallets(mut self, seeds: BTreeMap<Role, Seed>) -> Result<Self, DemoError> {
        let records = self.records()?;
        for (role, seed) in seeds {
            self.wallets.insert(role, Wallet::restore(seed, &self.genesis, 1, &records).map_err(DemoError::other)?);
        }
        Ok(self)
    }

    fn enter(&self, body: EntryBody) -> Result<Receipt, DemoError> {
        self.ledger.enter(body, self.now).map_err(DemoError::other)
    }

    /// Moves the clock to `time`; it never goes back.
    ///
    /// # Errors
    /// [`DemoError::Clock`] if it would.
    pub fn advance(&mut self, time: u64) -> Result<(), DemoError> {
        if time < self.now {
            return Err(DemoError::Clock { from: self.now, to: time });
        }
        self.now = time;
        Ok(())
    }

    /// The ledger as wallets see it now.
    ///
    /// # Errors
    /// [`DemoError`] if the store does not answer.
    pub fn view(&self) -> Result<View<'_>, DemoError> {
        View::new(&self.ledger, self.now).map_err(DemoError::other)
    }

    /// Settles a transaction or tender and lets every wallet read it.
    ///
    /// # Errors
    /// [`DemoError`] if the ledger refuses it.
    pub fn settle(&mut self, item: impl Into<Item>) -> Result<Receipt, DemoError> {
        let receipt = self.ledger.submit(item, self.now).map_err(DemoError::other)?;
        self.read(receipt)
    }

    /// Has the operator sign and enter `body`, and lets every wallet read it.
    ///
    /// # Errors
    /// As [`World::settle`].
    pub fn operate(&mut self, body: EntryBody) -> Result<Receipt, DemoError> {
        let receipt = self.enter(body)?;
        self.read(receipt)
    }

    fn read(&mut self, receipt: Receipt) -> Result<Receipt, DemoError> {
        for record in self.ledger.records(receipt.position, 1).map_err(DemoError::other)? {
            for wallet in self.wallets.values_mut() {
                wallet.read(&record).map_err(DemoError::other)?;
            }
        }
        Ok(receipt)
    }

    /// A role's wallet.
    ///
    /// # Errors
    /// [`DemoError::Missing`] in no world of [`World::found`].
    pub fn wallet(&self, role: Role) -> Result<&Wallet, DemoError> {
        self.wallets.get(&role).ok_or(DemoError::Missing("a role's wallet"))
    }

    /// A role's account 0.
    ///
    /// # Errors
    /// As [`World::wallet`].
    pub fn account(&self, role: Role) -> Result<&Account, DemoError> {
        self.wallet(role)?.member().map_err(DemoError::other)
    }

    /// Where and until when something made now is settled.
    pub fn when(&self) -> When {
        When { time: self.now, expiry: self.now + 3_600 }
    }

    /// The log.
    ///
    /// # Errors
    /// [`DemoError`] if the store does not answer.
    pub fn records(&self) -> Result<Vec<Record>, DemoError> {
        self.ledger.records(0, usize::MAX).map_err(DemoError::other)
    }

    /// All transactions of the log.
    ///
    /// # Errors
    /// As [`World::records`].
    pub fn transactions(&self) -> Result<Vec<Transaction>, DemoError> {
        let mut transactions = Vec::new();
        for record in self.records()? {
            if let Item::Transaction(transaction) = Item::from_bytes(&record.body).map_err(DemoError::other)? {
                transactions.push(*transaction);
            }
        }
        Ok(transactions)
    }
}
