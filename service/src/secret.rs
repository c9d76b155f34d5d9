//! Passwords and phrases: by file, environment variable or prompt, never as arguments.

use crate::error::{Code, Failure};
use crate::files;
use std::env;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The environment variable of the wallets' password.
pub const PASSWORD: &str = "PRIVITY_PASSWORD";
/// The environment variable of the operator key's password, if it is another.
pub const OPERATOR_PASSWORD: &str = "PRIVITY_OPERATOR_PASSWORD";
/// The environment variable of the books' password, if it is another.
pub const BOOK_PASSWORD: &str = "PRIVITY_BOOK_PASSWORD";
/// Longest password or phrase read.
const MAX_SECRET: usize = 1024;

/// Where passwords come from.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// A file with the wallets' password in its first line.
    pub password_file: Option<PathBuf>,
    /// The operator's, if it is another.
    pub operator_password_file: Option<PathBuf>,
    /// The books', if it is another.
    pub book_password_file: Option<PathBuf>,
}

impl Secrets {
    /// The password of a wallet, asked for by `prompt`; twice if it is a new one.
    ///
    /// # Errors
    /// [`Code::Locked`] if there is none, [`Code::Missing`] if the file is not there.
    pub fn wallet(&self, prompt: &str, new: bool) -> Result<Zeroizing<String>, Failure> {
        password(self.password_file.as_deref(), &[PASSWORD], prompt, new)
    }

    /// The password of the operator's key.
    ///
    /// # Errors
    /// As [`Secrets::wallet`].
    pub fn operator(&self, new: bool) -> Result<Zeroizing<String>, Failure> {
        let file = self.operator_password_file.as_deref();
        let variables = [OPERATOR_PASSWORD, PASSWORD];
        let file = file.or_else(|| self.password_file.as_deref().filter(|_| env::var_os(OPERATOR_PASSWORD).is_none()));
        password(file, &variables, "Password of the operator key: ", new)
    }

    /// The password of a book: its own if one was given, else `own`, that of the wallet that signs, else the wallets'.
    ///
    /// # Errors
    /// As [`Secrets::wallet`].
    pub fn book(&self, own: Option<&Zeroizing<String>>, new: bool) -> Result<Zeroizing<String>, Failure> {
        let file = self.book_password_file.as_deref();
        match own.filter(|_| file.is_none() && env::var_os(BOOK_PASSWORD).is_none()) {
            Some(own) => Ok(own.clone()),
            None => {
                let file =
                    file.or_else(|| self.password_file.as_deref().filter(|_| env::var_os(BOOK_PASSWORD).is_none()));
                password(file, &[BOOK_PASSWORD, PASSWORD], "Password of the book: ", new)
            }
        }
    }

    /// Whether the operator's password was given, so that nobody has to be asked.
    pub fn has_operator(&self) -> bool {
        self.operator_password_file.is_some() || env::var_os(OPERATOR_PASSWORD).is_some()
    }
}

fn password(file: Option<&Path>, variables: &[&str], prompt: &str, new: bool) -> Result<Zeroizing<String>, Failure> {
    let found = match file {
        Some(path) => Some(first_line(path)?),
        None => variables.iter().find_map(|name| env::var(name).ok()).map(Zeroizing::new),
    };
    let found = match found {
        Some(found) => found,
        None => ask(prompt, new)?,
    };
    if found.is_empty() || found.len() > MAX_SECRET {
        return Err(Failure::new(Code::Locked, "a password has 1 to 1024 bytes; give another"));
    }
    Ok(found)
}

fn ask(prompt: &str, new: bool) -> Result<Zeroizing<String>, Failure> {
    let none = |_| {
        Failure::new(
            Code::Locked,
            format!("no password, and no terminal to ask at; give --password-file or the variable {PASSWORD}"),
        )
    };
    let first = Zeroizing::new(rpassword::prompt_password(prompt).map_err(none)?);
    if new {
        let second = Zeroizing::new(rpassword::prompt_password("The same again: ").map_err(none)?);
        if first != second {
            return Err(Failure::new(Code::Locked, "the two passwords differ; try again"));
        }
    }
    Ok(first)
}

fn first_line(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = Zeroizing::new(files::read_text(path)?);
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

/// A phrase from a file, or asked for.
///
/// # Errors
/// As [`Secrets::wallet`].
pub fn phrase(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    match file {
        Some(path) => Ok(Zeroizing::new(files::read_text(path)?)),
        None => rpassword::prompt_password("The phrase of 24 words: ")
            .map(Zeroizing::new)
            .map_err(|_| Failure::new(Code::Usage, "no terminal to ask for the phrase at; give --phrase-file")),
    }
}

/// Hands out a new phrase, once: to a file that must not exist yet, or to the terminal.
///
/// # Errors
/// [`Code::Usage`] if there is neither.
pub fn hand_out(phrase: &str, file: Option<&Path>) -> Result<(), Failure> {
    match file {
        Some(path) => files::create(path, format!("{phrase}\n").as_bytes()),
        None => {
            eprintln!("Write these 24 words down, in order; they are shown once and restore everything:\n\n{phrase}\n");
            Ok(())
        }
    }
}

/// Refuses to make a phrase that nobody would see.
///
/// # Errors
/// [`Code::Usage`].
pub fn can_hand_out(file: Option<&Path>) -> Result<(), Failure> {
    match file {
        Some(path) if path.exists() => {
            Err(Failure::new(Code::Store, "exists already; choose another path, nothing is overwritten").in_file(path))
        }
        Some(_) => Ok(()),
        None if std::io::stderr().is_terminal() => Ok(()),
        None => Err(Failure::new(Code::Usage, "no terminal to show the phrase at; give --phrase-file")),
    }
}
