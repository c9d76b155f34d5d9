//! `privity ledger …`

use crate::answer::Answer;
use crate::cli::ledger::{Create, Ledger as Command};
use crate::cli::registry::Fee;
use crate::clock::{self, HOUR};
use crate::directory::{self, Directory};
use crate::env::{Env, settled, signing_key};
use crate::error::{Code, Failure};
use crate::files;
use crate::progress::{Counted, Task};
use crate::purse::Purse;
use crate::secret;
use privity_circuits::terms::Policy;
use privity_ledger::{Codec, Genesis, Head, Item, Ledger, LocalOperator, NO_END, Name, Operator, StoreError, audit};
use privity_wallet::{Account, Address, Seed};
use rand::rngs::OsRng;
use serde_json::Value;
use std::fs;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use zeroize::Zeroizing;

pub(super) fn run(env: &Env, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Create(args) => create(env, &args),
        Command::Show => show(&env.ledger()?),
        Command::Log { from, limit } => log(&env.ledger()?, from, limit),
        Command::Export { file } => export(env, &env.ledger()?, &file),
        Command::Import { file } => import(env, &file),
        Command::Audit { file } => {
            let task = env.progress.task("audit");
            let mut file = log_file(&file, &task)?;
            Ok(report(&audit::audit(&mut file, &mut OsRng)?))
        }
        Command::Supply { asset } => supply(&env.ledger()?, asset.as_deref()),
        Command::Head { out, compare } => head(&env.ledger()?, out.as_deref(), compare.as_deref()),
        Command::Submit { file } => {
            let item = Item::from_bytes(&files::read(&file)?).map_err(|error| Failure::from(error).in_file(&file))?;
            Ok(settled(&env.submit(&env.ledger()?, item)?))
        }
    }
}

/// The fee policy of these options; fees go to `own` unless they say otherwise.
pub(super) fn fee(fee: &Fee, own: &Address) -> Result<Policy, Failure> {
    let to = fee.treasury.as_deref().map_or(Ok(*own), directory::address)?;
    let policy = Policy { flat: fee.flat, rate: fee.rate, treasury: to.owner, delivery_key: to.delivery };
    // The ledger's own decoder says what is out of range.
    Ok(Policy::from_bytes(&policy.to_bytes())?)
}

pub(super) fn create(env: &Env, args: &Create) -> Result<Answer, Failure> {
    let name = Name::new(&args.name)?;
    secret::can_hand_out(args.phrase_file.as_deref())?;
    if env.home.ledger.exists() {
        return Err(Failure::from(StoreError::Occupied).in_file(&env.home.ledger));
    }
    if env.home.operator().exists() {
        let text = "this home has an operator key already; work in another home, nothing is overwritten";
        return Err(Failure::new(Code::Store, text).in_file(&env.home.operator()));
    }
    let password = env.secrets.operator(true)?;
    let seed = Seed::generate(&mut OsRng);
    let account = Account::derive(&seed, 0)?;
    let genesis = Genesis {
        name,
        operator: account.signer.public,
        production: args.production,
        grace: args.grace,
        signer_delay: args.signer_delay,
        max_bytes: args.max_bytes,
        policy: fee(&args.fee, &account.address())?,
        time: args.genesis.unwrap_or(env.now - env.now % HOUR),
    };
    // First the phrase: a ledger whose operator nobody can restore is worse than a phrase of no ledger.
    secret::hand_out(&seed.phrase(), args.phrase_file.as_deref())?;
    found(env, &genesis, seed, password).inspect_err(|_| {
        // All of it was made just now, and would only be in the way of the next attempt.
        let made = [Some(env.home.operator()), Some(env.home.ledger.clone()), args.phrase_file.clone()];
        made.into_iter().flatten().for_each(|path| drop(fs::remove_file(path)));
    })?;
    Ok(Answer::new()
        .field("name", args.name.as_str())
        .shown("ledger", genesis.ledger())
        .shown("operator", account.signer.id)
        .shown("treasury", genesis.policy.treasury)
        .shown("time", clock::show(genesis.time))
        .field("production", genesis.production)
        .shown("store", env.home.ledger.display()))
}

fn found(env: &Env, genesis: &Genesis, seed: Seed, password: Zeroizing<String>) -> Result<(), Failure> {
    let operator: Box<dyn Operator> = Box::new(LocalOperator::new(signing_key(&seed)?));
    Purse::create(env.home.operator(), seed, genesis, 1, password)?;
    Ledger::create(env.new_store()?, genesis, Some(operator))?;
    Ok(())
}

fn show(ledger: &Ledger) -> Result<Answer, Failure> {
    let directory = Directory::read(ledger)?;
    let root = files::hex(&ledger.state_root()?);
    Ok(ledger.read(|state| {
        let genesis = state.genesis();
        let (_, policy) = state.policy_of(state.policy())?.ok_or(StoreError::Empty)?;
        let mut members = Vec::new();
        for owner in &directory.members {
            if let Some(member) = state.member(*owner)? {
                let status = if member.active { "active" } else { "revoked" };
                members.push(vec![shown(owner), shown(member.signer_at(state.time())), status.into()]);
            }
        }
        let mut signers = Vec::new();
        for id in &directory.signers {
            let active = matches!(state.signer(*id)?, Some((_, true)));
            let certifier = state.is_certifier(*id)?;
            signers.push(vec![shown(id), active.into(), certifier.into()]);
        }
        let mut keys = Vec::new();
        for (id, relation) in &directory.keys {
            let ends = match state.key_end(*id)? {
                Some(NO_END) => "never".to_owned(),
                Some(end) => clock::show(end),
                None => "unknown".to_owned(),
            };
            keys.push(vec![relation.as_str().into(), shown(id), ends.into()]);
        }
        Ok(Answer::new()
            .field("name", genesis.name.as_str())
            .shown("ledger", state.ledger())
            .shown("time", clock::show(state.time()))
            .field("position", state.position())
            .field("notes", state.notes())
            .shown("anchor", state.anchor())
            .shown("member_root", state.member_root())
            .field("state_root", root)
            .field("production", genesis.production)
            .field("fee_flat", policy.flat)
            .field("fee_rate", policy.rate)
            .shown("treasury", policy.treasury)
            .rows("tokens", TOKENS, tokens(&directory, state, |_| true)?)
            .rows("members", &["owner", "signer", "status"], members)
            .rows("signers", &["id", "active", "certifier"], signers)
            .rows("keys", &["relation", "key_id", "ends"], keys))
    })?)
}

const TOKENS: &[&str] = &["name", "supply", "active", "asset", "issuer"];

fn tokens(
    directory: &Directory,
    state: &privity_ledger::State<'_>,
    wanted: impl Fn(&privity_circuits::asset::AssetId) -> bool,
) -> Result<Vec<Vec<Value>>, StoreError> {
    let tokens = directory.tokens.iter().filter(|(asset, _)| wanted(asset));
    tokens
        .map(|(asset, (name, issuer))| {
            let active = state.token(*asset)?.is_some_and(|token| token.active);
            let supply = state.supply(*asset)?.to_string();
            Ok(vec![name.as_str().into(), supply.into(), active.into(), shown(asset), shown(issuer)])
        })
        .collect()
}

fn supply(ledger: &Ledger, asset: Option<&str>) -> Result<Answer, Failure> {
    let directory = Directory::read(ledger)?;
    let asset = asset.map(|text| directory.asset(text)).transpose()?;
    let rows = ledger.read(|state| tokens(&directory, state, |id| asset.is_none_or(|asset| asset == *id)))?;
    Ok(Answer::new().rows("tokens", TOKENS, rows))
}

fn shown(value: impl std::fmt::Display) -> Value {
    value.to_string().into()
}

fn log(ledger: &Ledger, from: u64, limit: usize) -> Result<Answer, Failure> {
    let id = ledger.read(|state| Ok(state.ledger()))?;
    let mut rows = Vec::new();
    for record in ledger.records(from, limit)? {
        let item = Item::from_bytes(&record.body)?;
        let kind = match &item {
            Item::Transaction(transaction) => format!("{:?}", transaction.kind()),
            Item::Entry(entry) => format!("{:?}", entry.body.kind()),
            Item::Tender(tender) => format!("{:?}", tender.kind()),
        };
        rows.push(vec![
            record.position.into(),
            clock::show(record.time).into(),
            kind.to_lowercase().into(),
            shown(item.id(id)),
            record.body.len().into(),
            files::hex(&record.hash(id)).into(),
        ]);
    }
    Ok(Answer::new().shown("ledger", id).rows("records", &["position", "time", "kind", "id", "bytes", "hash"], rows))
}

/// A log to read; what was read of it shows.
fn log_file<'a>(path: &Path, task: &'a Task) -> Result<BufReader<Counted<'a, fs::File>>, Failure> {
    let file = files::open(path)?;
    let length = file.metadata().map_err(|error| files::io(path, &error))?.len();
    task.say("checking every proof, signature and rule");
    Ok(BufReader::new(task.bytes(file, Some(length))))
}

fn export(env: &Env, ledger: &Ledger, path: &Path) -> Result<Answer, Failure> {
    let task = env.progress.task("export");
    task.say("writing the log");
    let length = files::replace_by(path, |file| {
        let mut bytes = BufWriter::new(task.bytes(file, None));
        audit::export(ledger.store(), &mut bytes).map_err(|error| Failure::from(error).in_file(path))?;
        bytes.flush().map_err(|error| files::io(path, &error))?;
        Ok(task.done().0)
    })?;
    let records = ledger.read(|state| Ok(state.position()))?;
    Ok(Answer::new().field("records", records).field("bytes", length).shown("file", path.display()))
}

pub(super) fn import(env: &Env, path: &Path) -> Result<Answer, Failure> {
    let task = env.progress.task("import");
    let mut file = log_file(path, &task)?;
    let store = env.home.ledger.clone();
    if store.exists() {
        return Err(Failure::from(StoreError::Occupied).in_file(&store));
    }
    let imported = env.new_store().and_then(|opened| Ok(audit::import(&mut file, &*opened, &mut OsRng)?));
    imported.map(|imported| report(&imported)).inspect_err(|_| {
        // A log that broke off is no ledger.
        let _ = fs::remove_file(&store);
    })
}

fn report(report: &audit::Report) -> Answer {
    Answer::new()
        .shown("ledger", report.ledger)
        .field("records", report.records)
        .field("notes", report.notes)
        .shown("time", clock::show(report.time))
        .field("hash", files::hex(&report.hash))
        .field("state_root", files::hex(&report.state_root))
        .field("signed_head", report.head.is_some())
}

fn head(ledger: &Ledger, out: Option<&Path>, compare: Option<&Path>) -> Result<Answer, Failure> {
    let head = ledger.head()?.ok_or_else(|| {
        let text = "no operator signed a head of this log; give the operator's password, or let it enter something";
        Failure::new(Code::Missing, text)
    })?;
    let mut answer = Answer::new()
        .shown("ledger", head.ledger)
        .field("position", head.position)
        .field("records_behind_it", ledger.read(|state| Ok(state.position()))?.saturating_sub(head.position))
        .shown("time", clock::show(head.time))
        .field("hash", files::hex(&head.hash))
        .shown("operator", head.operator)
        .field("signature", files::hex(&head.signature.to_bytes()));
    if let Some(path) = out {
        files::replace(path, &head.to_bytes())?;
        answer = answer.shown("file", path.display());
    }
    if let Some(path) = compare {
        let other = Head::from_bytes(&files::read(path)?).map_err(|error| Failure::from(error).in_file(path))?;
        let key = ledger.read(|state| state.operator(other.operator))?;
        if !key.is_some_and(|(key, _)| other.is_signed_by(&key)) {
            let text = "no operator key of this ledger signed that head; it proves nothing, ask for another";
            return Err(Failure::new(Code::Rule, text).rule("L10").in_file(path));
        }
        let (first, last) = if other.position <= head.position { (&other, &head) } else { (&head, &other) };
        let count = usize::try_from(last.position - first.position).unwrap_or(usize::MAX);
        let records = ledger.records(first.position, count)?;
        first.leads_to(last, &records).map_err(|split| {
            Failure::new(Code::Rule, split).rule("L10").or_remedy("show both heads to the other members")
        })?;
        answer = answer.field("same_history", true).field("other_position", other.position);
    }
    Ok(answer)
}
