//! Files that commands read and write.

use crate::error::{Code, Failure};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

/// Longest file read whole: a price table or a capacity group.
pub const MAX_BYTES: u64 = 16 << 20;

/// The bytes of a file of at most [`MAX_BYTES`].
///
/// # Errors
/// [`Code::Missing`], [`Code::Input`] if it is too long, [`Code::Store`] for what the machine refuses.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = open(path)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| io(path, &error))?;
    if bytes.len() as u64 > MAX_BYTES {
        let text = format!("longer than {MAX_BYTES} bytes; give the right file");
        return Err(Failure::new(Code::Input, text).in_file(path));
    }
    Ok(bytes)
}

/// Opens a file to read.
///
/// # Errors
/// [`Code::Missing`] or [`Code::Store`].
pub fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| io(path, &error))
}

/// The text of a file.
///
/// # Errors
/// As [`read`], [`Code::Input`] if it is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?)
        .map_err(|_| Failure::new(Code::Input, "not UTF-8 text; give the right file").in_file(path))
}

/// Writes a file whole or not at all: beside its place, synced, renamed. Readable by its owner alone.
///
/// # Errors
/// [`Code::Store`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    replace_by(path, |file| file.write_all(bytes).map_err(|error| io(path, &error)))
}

/// As [`replace`], written piece by piece.
///
/// # Errors
/// [`Code::Store`]; `write`'s own.
pub fn replace_by<T>(path: &Path, write: impl FnOnce(&mut File) -> Result<T, Failure>) -> Result<T, Failure> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let failed = |error: std::io::Error| io(path, &error);
    let written = (|| {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let mut file = private().create(true).truncate(true).open(&temporary).map_err(failed)?;
        let done = write(&mut file)?;
        file.sync_all().map_err(failed)?;
        fs::rename(&temporary, path).map_err(failed)?;
        Ok(done)
    })();
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Writes a file that must not exist yet, for secrets: nothing is overwritten.
///
/// # Errors
/// [`Code::Store`], also if the file exists.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let opened = (|| {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent)?;
        }
        private().create_new(true).open(path)
    })();
    let mut file = opened.map_err(|error| io(path, &error))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
        // Half a secret is none, and would be in the way of the next attempt.
        let _ = fs::remove_file(path);
        io(path, &error)
    })
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// What the machine said about a file.
pub fn io(path: &Path, error: &std::io::Error) -> Failure {
    let failure = match error.kind() {
        ErrorKind::NotFound => Failure::new(Code::Missing, "there is no such file; check the path"),
        ErrorKind::AlreadyExists => {
            Failure::new(Code::Store, "exists already; choose another path, nothing is overwritten")
        }
        _ => Failure::new(Code::Store, format!("{error}; check space and permissions")),
    };
    failure.in_file(path)
}

/// Lower-case digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What [`hex`] writes.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_prefix("0x").unwrap_or(text);
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if !text.len().is_multiple_of(2) || !text.bytes().all(digit) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
