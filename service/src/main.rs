//! `privity`: parses, runs, prints, and exits with a documented code.
#![forbid(unsafe_code)]

use clap::Parser;
use clap::error::ErrorKind;
use privity_service::answer::Answer;
use privity_service::cli::Cli;
use privity_service::commands;
use privity_service::error::{Code, Failure};
use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let parsed = Cli::try_parse();
    let json = parsed.as_ref().map_or_else(|_| env::args_os().any(|arg| arg == "--json"), |cli| cli.global.json);
    let outcome = match parsed {
        Ok(cli) => commands::run(cli),
        Err(error) if json && !is_help(error.kind()) => {
            let text = error.to_string();
            let what = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Err(Failure { remedy: Some("see `privity --help`".to_owned()), ..Failure::new(Code::Usage, what) })
        }
        Err(error) => error.exit(),
    };
    match outcome {
        Ok(answer) => print(&answer, json),
        Err(failure) => {
            if json {
                eprintln!("{}", failure.to_json())
            } else {
                eprintln!("{failure}")
            }
            ExitCode::from(failure.code as u8)
        }
    }
}

fn is_help(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

fn print(answer: &Answer, json: bool) -> ExitCode {
    let text = if json { format!("{}\n", answer.to_json()) } else { answer.to_text() };
    // A reader that went away, as `head` does, is no failure.
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(Code::Store as u8),
        _ => ExitCode::SUCCESS,
    }
}
