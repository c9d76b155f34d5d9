//! What each command does: one file per group.

pub(crate) mod capacity;
mod circuits;
pub(crate) mod deal;
pub(crate) mod disclose;
mod documents;
pub(crate) mod escrow;
mod keys;
mod ledger;
mod registry;
pub(crate) mod rfq;
mod serve;
mod swap;
pub(crate) mod token;
pub(crate) mod wallet;

use crate::answer::Answer;
use crate::cli::{Cli, Command, DemoArgs};
use crate::demo;
use crate::env::Env;
use crate::error::{Code, Failure};
use clap::CommandFactory;

/// Runs a command.
///
/// # Errors
/// [`Failure`] with the exit code.
pub fn run(cli: Cli) -> Result<Answer, Failure> {
    if let Command::Completions { shell } = cli.command {
        return Ok(completions(shell));
    }
    let env = Env::new(&cli.global)?;
    match cli.command {
        Command::Demo(args) => run_demo(&env, args),
        Command::Serve(args) => serve::serve(env, &args),
        Command::Config(command) => serve::config(&env, command),
        Command::Token(command) => serve::token(&env, command),
        Command::Backup(args) => serve::backup(&env, &args),
        Command::Restore(args) => serve::restore(&env, &args),
        Command::Keys(command) => keys::run(&env, command),
        Command::Ledger(command) => ledger::run(&env, command),
        Command::Register(command) => registry::register(&env, command),
        Command::Revoke(command) => registry::revoke(&env, command),
        Command::Member(command) => registry::member(&env, command),
        Command::Policy(command) => registry::policy(&env, command),
        Command::Wallet(command) => wallet::run(&env, command),
        Command::Import(args) => documents::import(&args),
        Command::Match(args) => documents::compare(&args),
        Command::Quote(args) => documents::quote(&env, &args),
        Command::Certify(command) => capacity::certify(&env, command),
        Command::Issue(args) => capacity::issue(&env, &args),
        Command::Mint(args) => token::mint(&env, &args),
        Command::Send(args) => token::send(&env, &args),
        Command::Consolidate(args) => token::consolidate(&env, &args),
        Command::Withdraw(args) => token::withdraw(&env, &args),
        Command::Swap(command) => swap::run(&env, command),
        Command::Deal(command) => deal::run(&env, command),
        Command::Rfq(command) => rfq::run(&env, command),
        Command::Receipt(command) => escrow::receipt(&env, command),
        Command::Release(args) => escrow::release(&env, &args),
        Command::Refund(args) => escrow::refund(&env, &args),
        Command::Arbitrate(args) => escrow::arbitrate(&env, &args),
        Command::Agree(command) => escrow::agree(&env, command),
        Command::Disclose(args) => disclose::disclose(&env, &args),
        Command::CheckDisclosure(args) => disclose::check(&env, &args),
        Command::Completions { shell } => Ok(completions(shell)),
    }
}

fn completions(shell: clap_complete::Shell) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "privity", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    Answer::new().field("script", script.clone()).text(script)
}

fn run_demo(env: &Env, args: DemoArgs) -> Result<Answer, Failure> {
    let options =
        demo::Options { keys: env.home.keys.clone(), data: args.data, engine: env.engine, progress: env.progress };
    demo::run(&options).map_err(|error| Failure::new(Code::Rule, error))?;
    Ok(Answer::new().shown("demo", "every figure and every refusal was as it must be"))
}
