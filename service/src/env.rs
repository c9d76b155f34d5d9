//! What every command works with: the home, the time, the secrets, progress.

use crate::answer::Answer;
use crate::cli::{Global, Settle};
use crate::clock;
use crate::error::{Code, Failure};
use crate::files;
use crate::home::{Book, Home, OPERATOR};
use crate::keyring::KeyRing;
use crate::progress::Progress;
use crate::purse::Purse;
use crate::secret::Secrets;
use crate::view::View;
use privity_circuits::keys::{SignerId, SigningKey};
use privity_ledger::store::Options;
use privity_ledger::{Codec, Item, Ledger, Operator, Receipt, RedbStore, Transaction};
use privity_prover::EngineChoice;
use privity_verifier::{Keys, PreparedKey};
use privity_wallet::Seed;
use privity_wallet::build::When;
use privity_wallet::file::Document;
use std::path::{Path, PathBuf};

/// What a command works with.
pub struct Env {
    /// Where things lie.
    pub home: Home,
    /// The time, Unix seconds.
    pub now: u64,
    /// Which wallet.
    pub wallet: String,
    /// Which of its accounts.
    pub account: u32,
    /// Where passwords come from.
    pub secrets: Secrets,
    /// What proves.
    pub engine: EngineChoice,
    /// Progress of long work.
    pub progress: Progress,
}

impl Env {
    /// From the options of every command.
    ///
    /// # Errors
    /// [`Code::Usage`].
    pub fn new(global: &Global) -> Result<Self, Failure> {
        let Global { home, ledger, keys, .. } = global.clone();
        let home = Home::new(home, ledger, keys)?;
        home.wallet(&global.wallet)?;
        Ok(Self {
            home,
            now: global.now.map_or_else(clock::system, Ok)?,
            wallet: global.wallet.clone(),
            account: global.account,
            secrets: Secrets {
                password_file: global.password_file.clone(),
                operator_password_file: global.operator_password_file.clone(),
                book_password_file: global.book_password_file.clone(),
            },
            engine: global.engine.unwrap_or_default(),
            // With --json standard error is for JSON alone.
            progress: if global.quiet || global.json { Progress::Silent } else { Progress::Visible },
        })
    }

    /// The proving keys.
    pub fn keyring(&self) -> KeyRing {
        KeyRing::new(&self.home.keys, self.engine, self.progress)
    }

    /// The store, which must be there.
    fn store(&self) -> Result<Box<RedbStore>, Failure> {
        let path = &self.home.ledger;
        if !path.exists() {
            let text = "there is no ledger; found one with `privity ledger create`, or name its store with --ledger";
            return Err(Failure::new(Code::Missing, text).in_file(path));
        }
        self.new_store()
    }

    /// The store, made if need be.
    ///
    /// # Errors
    /// [`Code::Busy`] if another process has it open, [`Code::Store`].
    pub fn new_store(&self) -> Result<Box<RedbStore>, Failure> {
        let path = &self.home.ledger;
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(|error| files::io(parent, &error))?;
        }
        let store = RedbStore::open(path, Options::default()).map_err(|error| Failure::from(error).in_file(path))?;
        Ok(Box::new(store))
    }

    /// The ledger. Heads are signed if the operator's password was given and its key is here.
    ///
    /// # Errors
    /// [`Code::Missing`], [`Code::Busy`], [`Code::Store`].
    pub fn ledger(&self) -> Result<Ledger, Failure> {
        let operator = match self.secrets.has_operator() && self.wallet != OPERATOR && self.home.operator().exists() {
            true => Some(self.operator()?),
            false => None,
        };
        Ok(Ledger::open(self.store()?, operator)?)
    }

    /// The ledger with its operator.
    ///
    /// # Errors
    /// As [`Env::ledger`]; [`Code::Missing`] without `operator.key`.
    pub fn operated(&self) -> Result<Ledger, Failure> {
        Ok(Ledger::open(self.store()?, Some(self.operator()?))?)
    }

    fn operator(&self) -> Result<Box<dyn Operator>, Failure> {
        self.operator_purse()?.operator()
    }

    /// The operator's own wallet.
    ///
    /// # Errors
    /// [`Code::Missing`] without `operator.key`, and as [`Purse::open`].
    pub fn operator_purse(&self) -> Result<Purse, Failure> {
        let path = self.home.operator();
        if !path.exists() {
            let text = "this home holds no operator key; work in the operator's home";
            return Err(Failure::new(Code::Missing, text).in_file(&path));
        }
        Purse::open(path, || self.secrets.operator(false))
    }

    /// The wallet, abreast of the ledger.
    ///
    /// # Errors
    /// As [`Purse::open`] and [`Purse::scan`].
    pub fn purse(&self, ledger: &Ledger) -> Result<Purse, Failure> {
        let mut purse = Purse::open(self.home.wallet(&self.wallet)?, || match self.wallet.as_str() {
            OPERATOR => self.secrets.operator(false),
            name => self.secrets.wallet(&format!("Password of the wallet {name}: "), false),
        })?;
        purse.scan(ledger, &self.progress.task(&self.wallet))?;
        Ok(purse)
    }

    /// The book of a role: as given, else `name` in the home.
    ///
    /// # Errors
    /// As [`Book::open`].
    pub fn book<T: Document + Default>(
        &self,
        given: Option<&PathBuf>,
        name: &str,
        purse: Option<&Purse>,
    ) -> Result<Book<T>, Failure> {
        Book::open(self.home.book(given, name), |new| self.secrets.book(purse.map(Purse::password), new))
    }

    /// The ledger as a wallet sees it.
    ///
    /// # Errors
    /// The store's.
    pub fn view<'a>(&self, ledger: &'a Ledger) -> Result<View<'a>, Failure> {
        Ok(View::new(ledger, self.now)?)
    }

    /// Until when a transaction may settle.
    ///
    /// # Errors
    /// The store's.
    pub fn when(&self, ledger: &Ledger, expires_in: u64) -> Result<When, Failure> {
        let time = ledger.read(|state| Ok(state.time()))?.max(self.now);
        Ok(When { time, expiry: time.saturating_add(expires_in) })
    }

    /// The verifying keys that the ledger accepts now.
    ///
    /// # Errors
    /// The store's.
    pub fn accepted(&self, ledger: &Ledger) -> Result<Keys, Failure> {
        let now = self.now;
        let keys = ledger.read(|state| {
            let now = now.max(state.time());
            let mut accepted = Vec::new();
            for key in state.keys()? {
                if state.key_end(key.id())?.is_some_and(|end| now < end) {
                    accepted.push(key);
                }
            }
            Ok(accepted)
        })?;
        Ok(keys.into_iter().map(PreparedKey::new).collect())
    }

    /// Settles a transaction, or writes it to a file.
    ///
    /// # Errors
    /// The ledger's refusal by its rule.
    pub fn settle(
        &self,
        ledger: &Ledger,
        purse: &mut Purse,
        transaction: Transaction,
        out: Option<&Path>,
    ) -> Result<Answer, Failure> {
        // What was promised is on disk before anybody sees it.
        purse.save()?;
        if let Some(path) = out {
            let bytes = Item::from(transaction.clone()).to_bytes();
            files::replace(path, &bytes)?;
            let answer = Answer::new().shown("transaction", transaction.id()).field("bytes", bytes.len());
            return Ok(answer.shown("expires", clock::show(transaction.expiry)).shown("file", path.display()));
        }
        let receipt = self.submit(ledger, transaction)?;
        Ok(self.caught_up(ledger, purse, settled(&receipt)))
    }

    /// The answer about something that settled, once the wallet has read it. A wallet that cannot be written now takes nothing back:
    /// who was told of a failure would send again.
    pub fn caught_up(&self, ledger: &Ledger, purse: &mut Purse, answer: Answer) -> Answer {
        match purse.scan(ledger, &self.progress.task(&self.wallet)) {
            Ok(_) => answer,
            Err(failure) => {
                let text = "it is settled, do not send it again; the wallet reads it with the next command";
                answer.field("warning", format!("{}: {text}", failure.what))
            }
        }
    }

    /// As [`Env::settle`], as the options say.
    ///
    /// # Errors
    /// As [`Env::settle`].
    pub fn settle_as(
        &self,
        ledger: &Ledger,
        purse: &mut Purse,
        transaction: Transaction,
        settle: &Settle,
    ) -> Result<Answer, Failure> {
        self.settle(ledger, purse, transaction, settle.out.as_deref())
    }

    /// Settles at the command's time.
    ///
    /// # Errors
    /// The ledger's refusal by its rule.
    pub fn submit(&self, ledger: &Ledger, item: impl Into<Item>) -> Result<Receipt, Failure> {
        Ok(ledger.submit(item, self.now)?)
    }
}

/// The signing key of account 0's signer, which a seed makes.
///
/// # Errors
/// [`Code::Input`] with probability 2^-252.
pub fn signing_key(seed: &Seed) -> Result<SigningKey, Failure> {
    Ok(SigningKey::from_wide(&seed.derive("signer", 0))?)
}

/// Where something settled.
pub fn settled(receipt: &Receipt) -> Answer {
    let effects = &receipt.effects;
    let mut answer = Answer::new()
        .shown("transaction", effects.id)
        .field("position", receipt.position)
        .shown("time", clock::show(effects.time))
        .shown("anchor", receipt.anchor);
    if let Some((asset, supply)) = effects.supply {
        answer = answer.shown("asset", asset).shown("supply", supply);
    }
    if let Some(terms) = effects.terms {
        answer = answer.shown("terms", terms);
    }
    if let Some(out) = &effects.withdrawal {
        let recipient = Some(SignerId::new(out.recipient)).filter(|recipient| !recipient.is_zero());
        answer = answer.field("withdrawn", out.value).field("burnt", recipient.is_none());
        answer = answer.field("recipient", recipient.map(|recipient| recipient.to_string()));
    }
    answer
}
