//! The command's clock: an argument, else the machine's.

use crate::error::{Code, Failure};
use privity_documents::calendar::DateTime;
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds of an hour: ledgers begin at a full one.
pub const HOUR: u64 = 3_600;

/// Unix seconds: RFC 3339 with an offset, or an integer.
///
/// # Errors
/// Words for a usage message.
pub fn instant(text: &str) -> Result<u64, String> {
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => DateTime::parse(text).and_then(|time| time.unix_seconds()).map_err(|error| error.to_string())?,
    };
    if seconds >> 40 == 0 { Ok(seconds) } else { Err("must lie below 2^40 Unix seconds".to_owned()) }
}

/// The machine's time, Unix seconds.
///
/// # Errors
/// [`Failure`] if the machine's clock stands before 1970.
pub fn system() -> Result<u64, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.map_err(|_| Failure::new(Code::Usage, "the machine's clock stands before 1970; give --now"))?;
    Ok(since.as_secs())
}

/// RFC 3339 in UTC, for people.
pub fn show(seconds: u64) -> String {
    let shown = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    shown.map_or_else(|| seconds.to_string(), |time| time.to_string())
}

/// A bucket, days from 1970-01-01, as YYYY-MM-DD.
pub fn day(bucket: u32) -> String {
    let mut text = show(u64::from(bucket) * 86_400);
    text.truncate("1970-01-01".len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_fractions_are_not() {
        assert_eq!(instant("2026-03-16T14:00:00+01:00"), Ok(1_773_666_000));
        assert_eq!(instant("1773666000"), Ok(1_773_666_000));
        assert_eq!(show(1_773_666_000), "2026-03-16T13:00:00Z");
        assert!(instant("2026-03-16T14:00:00.5Z").is_err());
        assert!(instant("2026-03-16T14:00:00").is_err());
        assert!(instant("1.5").is_err());
        assert!(instant("1099511627776").is_err());
    }
}
