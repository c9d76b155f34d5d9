//! `privity serve`, `privity config …`, `privity token …`, `privity backup`

use super::ledger::create;
use crate::answer::Answer;
use crate::cli::ledger::Create;
use crate::cli::registry::Fee;
use crate::cli::serve::{Backup, Config, NewToken, Restore, Serve, Token};
use crate::clock;
use crate::directory;
use crate::env::Env;
use crate::error::{Code, Failure};
use crate::files;
use crate::purse::Purse;
use crate::secret::Secrets;
use crate::server::backup::Copied;
use crate::server::client::Remote;
use crate::server::process::raise_open_files;
use crate::server::settings::{EXAMPLE, Format};
use crate::server::state::{Parts, database};
use crate::server::tokens::{self, Grant, Tokens};
use crate::server::{Application, RedbDatabase, Scope, Settings, follow};
use privity_ledger::store::Options;
use privity_ledger::{EntryBody, Ledger, NO_END, RedbStore, Registration, Store, aside, audit};
use rand::RngCore;
use rand::rngs::OsRng;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::env;
use std::fs::File;
use std::io::{BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use zeroize::Zeroizing;

/// The password of a development ledger's operator key, which nobody was asked for.
const PASSWORD: &str = "operator.password";
/// The caller that `serve` without settings makes a token for.
const DEVELOPER: &str = "development";

pub(super) fn config(env: &Env, command: Config) -> Result<Answer, Failure> {
    match command {
        Config::Example => Ok(Answer::new().field("settings", EXAMPLE).text(EXAMPLE)),
        Config::Check { file } => {
            let settings = settings(env, file.as_deref())?;
            let text = toml::to_string(&settings).map_err(|error| Failure::new(Code::Input, error))?;
            Ok(Answer::new().field("settings", text.clone()).text(text))
        }
    }
}

fn settings(env: &Env, file: Option<&Path>) -> Result<Settings, Failure> {
    let mut settings = Settings::load(file, env.home.root(), env::vars())?;
    if settings.node.ledger == Settings::default().node.ledger {
        settings.node.ledger = env.home.ledger.display().to_string();
    }
    if settings.jobs.keys == Settings::default().jobs.keys {
        settings.jobs.keys = env.home.keys.display().to_string();
    }
    Ok(settings)
}

pub(super) fn serve(mut env: Env, args: &Serve) -> Result<Answer, Failure> {
    let settings = settings(&env, args.config.as_deref())?;
    log(&settings)?;
    raise_open_files();
    let password = env.home.root().join(PASSWORD);
    let path = settings.path(&settings.node.ledger);
    let development = args.config.is_none() && settings.follow.url.is_empty();
    if development && !path.exists() {
        found(&mut env, &password)?;
    }
    if password.exists() && !env.secrets.has_operator() {
        env.secrets = Secrets { operator_password_file: Some(password), ..env.secrets };
    }
    actix_web::rt::System::new().block_on(async {
        follow::prepare(&settings).await?;
        let operator = match settings.node.sign && !settings.node.read_only && env.home.operator().exists() {
            true => Some(env.operator_purse()?),
            false => None,
        };
        let app = Application::build(settings.clone(), parts(&settings, operator.as_ref())?)?;
        drop(operator);
        let app = app.with_daemon(|| daemon_password(&env, &settings))?;
        let scheme = if settings.tls.is_on() { "https" } else { "http" };
        let daemon = app.daemon_address().map(|address| format!("http://{address}"));
        let answer = announced(&settings, &format!("{scheme}://{}", app.address()), daemon, development)?;
        // Who reads the token may use it at once.
        app.service().tokens.reload()?;
        say(&answer);
        app.run().await.map_err(|error| Failure::new(Code::Store, error))
    })?;
    Ok(Answer::new().text(""))
}

/// The password of the daemon's wallets: of its own file, else as for any wallet.
fn daemon_password(env: &Env, settings: &Settings) -> Result<Zeroizing<String>, Failure> {
    let own = Some(&settings.daemon.password_file).filter(|file| !file.is_empty()).map(|file| settings.path(file));
    let password_file = own.or_else(|| env.secrets.password_file.clone());
    let secrets = Secrets { password_file, ..env.secrets.clone() };
    secrets.wallet("Password of the daemon's wallets: ", false)
}

/// A ledger with development keys, and nobody asked for anything.
fn found(env: &mut Env, password: &Path) -> Result<(), Failure> {
    if !env.secrets.has_operator() {
        let mut secret = [0; 16];
        OsRng.fill_bytes(&mut secret);
        std::fs::create_dir_all(env.home.root()).map_err(|error| files::io(env.home.root(), &error))?;
        files::create(password, format!("{}\n", files::hex(&secret)).as_bytes())?;
        env.secrets = Secrets { operator_password_file: Some(password.to_owned()), ..env.secrets.clone() };
    }
    eprintln!("no settings and no ledger: founding one with development keys, which takes minutes once");
    let args = Create {
        name: "development".into(),
        production: false,
        grace: 86_400,
        signer_delay: 604_800,
        max_bytes: 32_768,
        fee: Fee { flat: 0, rate: 0, treasury: None },
        genesis: None,
        phrase_file: Some(env.home.root().join("operator.phrase")),
    };
    create(env, &args)?;
    let keys = env.keyring().all()?;
    let ledger = env.operated()?;
    for key in keys {
        let key = Box::new(key.key().clone());
        ledger.enter(EntryBody::Register(Registration::Key { key, ends: NO_END }), env.now)?;
    }
    Ok(())
}

/// The parts of a server on the home's files.
fn parts(settings: &Settings, operator: Option<&Purse>) -> Result<Parts, Failure> {
    let path = settings.path(&settings.node.ledger);
    if !path.exists() {
        let text = "there is no ledger; found one with `privity ledger create`, or start without --config for a development one";
        return Err(Failure::new(Code::Missing, text).in_file(&path));
    }
    let (read_only, cache_bytes) = (settings.node.read_only, settings.node.cache_bytes);
    let open = move || -> Result<Box<dyn Store>, _> {
        // A store that is opened again after a failure should not be walked whole.
        let options = Options { cache_bytes, quick_repair: true };
        Ok(match read_only {
            true => Box::new(RedbStore::open_read_only(&path, options)?),
            false => Box::new(RedbStore::open(&path, options)?),
        })
    };
    Ok(Parts {
        store: Box::new(open),
        operator: operator.map(Purse::operator).transpose()?,
        quoting: operator.map(Purse::quoting_key),
        database: database(settings)?,
        tokens: Tokens::open(settings.path(&settings.auth.tokens))?,
        clock: None,
    })
}

/// Where the service and the wallet daemon listen, and without settings with which token.
fn announced(settings: &Settings, url: &str, daemon: Option<String>, development: bool) -> Result<Answer, Failure> {
    let mut answer = Answer::new().field("url", url).field("document", format!("{url}/openapi.json"));
    if let Some(daemon) = daemon {
        let token = settings.path(&settings.daemon.token_file);
        answer = answer.field("daemon", daemon).shown("daemon_token_file", token.display());
    }
    if development {
        let created = clock::system()?;
        let grant = Grant {
            name: DEVELOPER.into(),
            scopes: Scope::ALL.into(),
            party: None,
            created,
            expires: created + 86_400,
        };
        let (text, credential) = grant.token();
        tokens::change(&settings.path(&settings.auth.tokens), |all| {
            all.retain(|_, one| one.name != DEVELOPER);
            all.insert(credential.id.clone(), credential);
            Ok(())
        })?;
        answer = answer.field("token", text.as_str()).field("token_lasts_seconds", 86_400);
    }
    Ok(answer)
}

fn say(answer: &Answer) {
    let text = if std::io::stdout().is_terminal() { answer.to_text() } else { format!("{}\n", answer.to_json()) };
    let mut out = std::io::stdout();
    // A reader that went away does not stop the service.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn log(settings: &Settings) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&settings.log.filter)
        .map_err(|error| Failure::new(Code::Input, format!("log.filter: {error}; `info` is one")))?;
    // A line that cannot be written is lost; saying so where it cannot be written either would end the request.
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    let begun = match settings.log.format {
        Format::Json => lines.json().try_init(),
        Format::Text => lines.try_init(),
    };
    begun.map_err(|error| Failure::new(Code::Usage, error))
}

fn tokens_file(env: &Env, given: Option<PathBuf>) -> PathBuf {
    given.unwrap_or_else(|| env.home.root().join(Settings::default().auth.tokens))
}

pub(super) fn token(env: &Env, command: Token) -> Result<Answer, Failure> {
    match command {
        Token::New(args) => new_token(env, args),
        Token::List { tokens } => {
            let path = tokens_file(env, tokens);
            let rows = tokens::read(&path)?.into_values().map(|one| {
                let state = match one.revoked {
                    true => "revoked".to_owned(),
                    false => clock::show(one.expires),
                };
                let scopes: Vec<&str> = one.scopes.iter().map(|scope| scope.name()).collect();
                vec![one.id.into(), one.name.into(), scopes.join(" ").into(), state.into()]
            });
            Ok(Answer::new().rows("tokens", &["id", "name", "scopes", "expires"], rows.collect()))
        }
        Token::Revoke { id, tokens } => tokens::change(&tokens_file(env, tokens), |all| {
            let missing = || Failure::new(Code::Missing, format!("there is no token {id}; see `privity token list`"));
            all.get_mut(&id).ok_or_else(missing)?.revoked = true;
            Ok(Answer::new().field("revoked", id.as_str()))
        }),
    }
}

fn new_token(env: &Env, args: NewToken) -> Result<Answer, Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@');
    if args.name.is_empty() || args.name.len() > 64 || !args.name.bytes().all(plain) {
        let text = "a caller's name has 1 to 64 letters, digits, -, _, . and @; choose another";
        return Err(Failure::new(Code::Usage, text));
    }
    let party = args.party.as_deref().map(directory::owner).transpose()?;
    let created = clock::system()?;
    let grant = Grant {
        name: args.name,
        scopes: args.scopes.into_iter().collect(),
        party: party.map(|owner| owner.to_string()),
        created,
        expires: created.saturating_add(args.days.saturating_mul(86_400)),
    };
    let (text, credential) = match &args.certificate {
        None => grant.token(),
        Some(path) => {
            let der = CertificateDer::from_pem_slice(&files::read(path)?);
            let der =
                der.map_err(|_| Failure::new(Code::Input, "that is no certificate in PEM; give one").in_file(path))?;
            (Default::default(), grant.certificate(&der))
        }
    };
    let answer = Answer::new().field("id", credential.id.as_str()).shown("expires", clock::show(credential.expires));
    tokens::change(&tokens_file(env, args.tokens), |all| Ok(all.insert(credential.id.clone(), credential)))?;
    Ok(if text.is_empty() { answer } else { answer.field("token", text.as_str()) })
}

/// A copy of a running node's log, verified by replay.
pub(super) fn backup(env: &Env, args: &Backup) -> Result<Answer, Failure> {
    let remote = Remote::new(&args.url, &args.token_file)?;
    // Before the log: what it speaks of is in the log then.
    let copied = args.service.as_ref().map(|path| copy_service(&remote, path)).transpose()?;
    let bytes =
        files::replace_by(&args.file, |file| actix_web::rt::System::new().block_on(remote.download("/v1/log", file)))?;
    let task = env.progress.task("replay");
    task.say("checking every proof, signature and rule");
    let file = File::open(&args.file).map_err(|error| files::io(&args.file, &error))?;
    let report = audit::audit(&mut BufReader::new(file), &mut OsRng)?;
    if copied.is_some_and(|copied| copied.ledger != report.ledger.0) {
        return Err(Failure::new(Code::Store, "the node changed its ledger meanwhile; back it up again"));
    }
    let answer = Answer::new().field("bytes", bytes).field("records", report.records);
    Ok(answer.shown("ledger", report.ledger).field("state_root", files::hex(&report.state_root)))
}

/// Copies what a running service keeps beside the log, and reads the copy.
fn copy_service(remote: &Remote, path: &Path) -> Result<Copied, Failure> {
    files::replace_by(path, |file| actix_web::rt::System::new().block_on(remote.download("/v1/backup", file)))?;
    Copied::read(&mut BufReader::new(files::open(path)?)).map_err(|failure| failure.in_file(path))
}

/// A ledger rebuilt from its log, and beside it what the service kept, each part checked against that log.
pub(super) fn restore(env: &Env, args: &Restore) -> Result<Answer, Failure> {
    let copied = args.service.as_ref().map(|path| {
        let copied = Copied::read(&mut BufReader::new(files::open(path)?));
        copied.map_err(|failure| failure.in_file(path))
    });
    let (copied, settings) = (copied.transpose()?, Settings { home: env.home.root().into(), ..Settings::default() });
    let (database, tokens) = (settings.path(&settings.node.database), settings.path(&settings.auth.tokens));
    if copied.is_some()
        && let Some(there) = [&database, &tokens].into_iter().find(|path| path.exists())
    {
        let text = "exists already; restore into another home, nothing is overwritten";
        return Err(Failure::new(Code::Store, text).in_file(there));
    }
    let answer = super::ledger::import(env, &args.file)?;
    let Some(copied) = copied else { return Ok(answer) };
    let store = RedbStore::open(&env.home.ledger, Options::default())?;
    let id = Ledger::open(Box::new(store), None)?.read(|state| Ok(state.ledger()))?;
    if copied.ledger != id.0 {
        return Err(Failure::new(Code::Input, "the two copies are of different ledgers; give those of one back-up"));
    }
    let store = RedbStore::open(&env.home.ledger, Options::default())?;
    aside::restore(&store, &copied.beside)?;
    copied.fill(&RedbDatabase::open(&database)?)?;
    copied.write_tokens(&tokens)?;
    Ok(answer.field("service_rows", copied.own.len()).field("heads_and_acknowledgements", copied.beside.len()))
}
