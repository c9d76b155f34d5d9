//! `privity wallet …`

use crate::answer::Answer;
use crate::cli::wallet::{Format, Wallet as Command};
use crate::clock;
use crate::directory::{Directory, show_key};
use crate::env::Env;
use crate::error::{Code, Failure};
use crate::files;
use crate::home::OPERATOR;
use crate::purse::{self, Purse};
use crate::secret;
use crate::server::follow;
use privity_ledger::{Genesis, Ledger};
use privity_wallet::history::{self, Line};
use privity_wallet::{Account, Fee, Scanner, Seed, ViewingKey};
use rand::rngs::OsRng;
use serde_json::Value;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

pub(super) fn run(env: &Env, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Create { accounts, phrase_file, url, token_file } => {
            secret::can_hand_out(phrase_file.as_deref())?;
            let genesis = match (url, token_file) {
                (Some(url), Some(token)) => actix_web::rt::System::new().block_on(follow::genesis(&url, &token))?,
                _ => founded(&env.ledger()?)?,
            };
            let (path, seed) = (free(env)?, Seed::generate(&mut OsRng));
            let password = new_password(env)?;
            // First the phrase: a wallet that nobody can restore is worse than a phrase of no wallet.
            secret::hand_out(&seed.phrase(), phrase_file.as_deref())?;
            address(env, &Purse::create(path, seed, &genesis, accounts, password)?)
        }
        Command::Restore { accounts, phrase_file } => {
            let ledger = env.ledger()?;
            let seed = Seed::from_phrase(secret::phrase(phrase_file.as_deref())?.trim())?;
            let mut purse = Purse::create(free(env)?, seed, &founded(&ledger)?, accounts, new_password(env)?)?;
            let read = purse.scan(&ledger, &env.progress.task(&env.wallet))?;
            Ok(address(env, &purse)?.field("records_read", read))
        }
        Command::Open { accounts } => {
            let ledger = env.ledger()?;
            let mut purse = env.purse(&ledger)?;
            purse.open_accounts(&ledger, accounts, &env.progress.task(&env.wallet))?;
            Ok(opened(&purse))
        }
        Command::Address => address(env, &env.purse(&env.ledger()?)?),
        Command::Balance => {
            let ledger = env.ledger()?;
            let purse = env.purse(&ledger)?;
            balance(&Directory::read(&ledger)?, purse.wallet.scanner())
        }
        Command::Notes { all } => {
            let ledger = env.ledger()?;
            let purse = env.purse(&ledger)?;
            Ok(notes(&Directory::read(&ledger)?, purse.wallet.scanner(), all))
        }
        Command::History { out, format, find } => {
            let purse = env.purse(&env.ledger()?)?;
            history(purse.wallet.scanner().history(), out.as_deref(), format, find.as_deref())
        }
        Command::Deals => Ok(deals(&env.purse(&env.ledger()?)?)),
        Command::Fees => {
            let ledger = env.ledger()?;
            let purse = env.purse(&ledger)?;
            Ok(fees(&Directory::read(&ledger)?, purse.wallet.fees()))
        }
        Command::ViewingKey { out } => {
            let purse = env.purse(&env.ledger()?)?;
            let key = purse.wallet.account(env.account)?.viewing_key();
            files::create(&out, format!("{}\n", files::hex(key.to_bytes().as_slice())).as_bytes())?;
            Ok(Answer::new().shown("owner", key.owner).shown("file", out.display()))
        }
        Command::View { file } => view(env, &env.ledger()?, &file),
    }
}

/// The place of a wallet that is not there yet.
fn free(env: &Env) -> Result<PathBuf, Failure> {
    let path = env.home.wallet(&env.wallet)?;
    if path.exists() {
        let text = "exists already; choose another name with --wallet, nothing is overwritten";
        return Err(Failure::new(Code::Store, text).in_file(&path));
    }
    Ok(path)
}

fn new_password(env: &Env) -> Result<Zeroizing<String>, Failure> {
    match env.wallet.as_str() {
        OPERATOR => env.secrets.operator(true),
        name => env.secrets.wallet(&format!("New password of the wallet {name}: "), true),
    }
}

fn founded(ledger: &Ledger) -> Result<Genesis, Failure> {
    Ok(ledger.read(|state| Ok(state.genesis().clone()))?)
}

fn address(env: &Env, purse: &Purse) -> Result<Answer, Failure> {
    let account = purse.wallet.account(env.account)?;
    Ok(Answer::new()
        .field("wallet", env.wallet.as_str())
        .field("account", account.index)
        .shown("address", account.address())
        .shown("owner", account.owner)
        .shown("signer", account.signer.id)
        .field("signer_key", show_key(&account.signer.public)))
}

fn opened(purse: &Purse) -> Answer {
    let row = |account: &Account| {
        vec![account.index.into(), account.address().to_string().into(), account.owner.to_string().into()]
    };
    let rows = purse.wallet.accounts().map(row).collect();
    Answer::new().rows("accounts", &["account", "address", "owner"], rows)
}

/// What the treasury received for deals; a fee that did not open has no value.
fn fees(directory: &Directory, fees: &[Fee]) -> Answer {
    let rows = fees.iter().map(|fee| {
        vec![
            clock::show(fee.time).into(),
            fee.opened.map(|(_, value)| value.to_string()).into(),
            fee.opened.and_then(|(asset, _)| directory.name(asset)).into(),
            fee.opened.is_some().into(),
            fee.transaction.to_string().into(),
        ]
    });
    let closed = fees.iter().filter(|fee| fee.opened.is_none()).count();
    let columns = ["time", "value", "token", "opens", "transaction"];
    Answer::new().field("unopened", closed).rows("fees", &columns, rows.collect())
}

pub(crate) fn balance(directory: &Directory, scanner: &Scanner) -> Result<Answer, Failure> {
    let balances = scanner.balances();
    let held = balances.into_iter().filter(|(_, value)| *value > 0);
    let row = |(asset, value): (_, u128)| {
        vec![directory.name(asset).into(), value.to_string().into(), asset.to_string().into()]
    };
    let rows: Vec<Vec<Value>> = held.map(row).collect();
    Ok(Answer::new().shown("time", clock::show(scanner.time())).rows("balances", &["token", "value", "asset"], rows))
}

fn notes(directory: &Directory, scanner: &Scanner, all: bool) -> Answer {
    let wanted = scanner.notes().iter().filter(|own| all || own.spent.is_none());
    let rows = wanted.map(|own| {
        vec![
            own.position.into(),
            own.account.into(),
            own.note.value.to_string().into(),
            directory.name(own.note.asset).into(),
            (own.note.unlock > 0).then(|| clock::show(own.note.unlock)).into(),
            clock::show(own.received).into(),
            own.spent.map(clock::show).into(),
            own.memo.text().filter(|text| text.chars().all(|c| !c.is_control())).into(),
            own.note.asset.to_string().into(),
        ]
    });
    let columns = ["position", "account", "value", "token", "unlock", "received", "spent", "memo", "asset"];
    Answer::new().rows("notes", &columns, rows.collect())
}

fn history(lines: &[Line], out: Option<&Path>, format: Format, find: Option<&str>) -> Result<Answer, Failure> {
    let named = |line: &&Line| {
        let reference = &line.reference;
        find.is_none_or(|text| [&reference.order, &reference.rfq, &reference.material].iter().any(|id| *id == text))
    };
    let lines: Vec<Line> = lines.iter().filter(named).cloned().collect();
    if let Some(path) = out {
        let text = match format {
            Format::Csv => history::csv(&lines),
            Format::Json => history::json(&lines).map_err(|error| Failure::new(Code::Input, error))?,
        };
        files::replace(path, text.as_bytes())?;
        return Ok(Answer::new().field("lines", lines.len()).shown("file", path.display()));
    }
    let rows = lines.iter().map(|line| {
        vec![
            clock::show(line.time).into(),
            line.kind.as_str().into(),
            line.account.into(),
            line.change.to_string().into(),
            line.net.into(),
            line.fee.into(),
            line.lateness.into(),
            line.rounding.into(),
            line.reference.order.as_str().into(),
            line.asset.to_string().into(),
            line.transaction.to_string().into(),
            line.terms.map(|terms| terms.to_string()).into(),
        ]
    });
    let columns = [
        "time",
        "kind",
        "account",
        "change",
        "net",
        "fee",
        "lateness",
        "rounding_millionths",
        "order",
        "asset",
        "transaction",
        "terms",
    ];
    Ok(Answer::new().rows("history", &columns, rows.collect()))
}

pub(crate) fn deals(purse: &Purse) -> Answer {
    let wallet = &purse.wallet;
    let rows = wallet.scanner().deals().iter().map(|(id, deal)| {
        let held = deal.escrow.as_ref().map(|escrow| escrow.holding);
        vec![
            id.to_string().into(),
            clock::show(deal.time).into(),
            deal.total.into(),
            deal.used.into(),
            held.map(|held| held.done).into(),
            held.map(|held| held.payment).into(),
            held.map(|held| held.capacity).into(),
            deal.releases.len().into(),
            wallet.reference(*id).map(|reference| reference.order.as_str()).into(),
        ]
    });
    let columns =
        ["terms", "time", "total", "capacity", "done", "escrow_payment", "escrow_capacity", "releases", "order"];
    let open = wallet.sessions().iter().map(|(id, session)| {
        let firm = session.firm_until.map(clock::show);
        vec![id.to_string().into(), firm.into(), session.draft.reference.order.as_str().into()]
    });
    Answer::new().rows("deals", &columns, rows.collect()).rows(
        "negotiations",
        &["terms", "firm_until", "order"],
        open.collect(),
    )
}

fn view(env: &Env, ledger: &Ledger, file: &Path) -> Result<Answer, Failure> {
    let text = Zeroizing::new(files::read_text(file)?);
    let wrong = || Failure::new(Code::Input, "not a viewing key; it has 258 hexadecimal digits").in_file(file);
    let bytes = Zeroizing::new(files::unhex(text.trim()).ok_or_else(wrong)?);
    let key = ViewingKey::from_bytes(&bytes).map_err(|error| Failure::new(Code::Input, error).in_file(file))?;
    let owner = key.owner;
    let mut scanner = Scanner::new(&ledger.read(|state| Ok(state.genesis().clone()))?, [(0, key)]);
    let read = purse::view(ledger, &mut scanner, &env.progress.task("view"))?;
    let directory = Directory::read(ledger)?;
    let answer = Answer::new().shown("owner", owner).field("records_read", read);
    Ok(answer.and(balance(&directory, &scanner)?).and(notes(&directory, &scanner, true)))
}
