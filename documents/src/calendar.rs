//! Civil dates, weeks named by their Monday, and date-times with offsets.

use core::fmt;

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};

/// Seconds of a day.
pub const DAY: u64 = 86_400;
/// Seconds of a week.
pub const WEEK: u64 = 7 * DAY;

/// A civil date, `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

/// A date-time as a document writes it; its text is kept for the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateTime {
    text: String,
    instant: Option<Timestamp>,
}

/// Why a text is no date, or a date is not usable where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Not `YYYY-MM-DD`, or a day that the calendar lacks.
    #[error("`{0}` is not a date YYYY-MM-DD")]
    Date(String),
    /// Not an RFC 3339 date-time.
    #[error("`{0}` is not a date-time like 2026-03-16T14:00:00+01:00")]
    DateTime(String),
    /// Without an offset the instant is unknown.
    #[error("`{0}` has no offset; write Z or +hh:mm behind it")]
    NoOffset(String),
    /// Ledger time counts whole seconds.
    #[error("`{0}` has a fraction of a second; write whole seconds")]
    Fraction(String),
    /// Weeks are named by their Monday.
    #[error("{0} is not a Monday; weeks are named by their Monday")]
    NotMonday(Date),
    /// Before 1970-01-02, hence without a bucket or ledger time.
    #[error("`{0}` lies before 1970-01-02")]
    TooEarly(String),
}

impl Date {
    /// Parses `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`CalendarError::Date`].
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let fail = || CalendarError::Date(text.chars().take(40).collect());
        let bytes = text.as_bytes();
        let shape = bytes.len() == 10
            && bytes.iter().enumerate().all(|(i, b)| match i {
                4 | 7 => *b == b'-',
                _ => b.is_ascii_digit(),
            });
        if !shape {
            return Err(fail());
        }
        let year = text[..4].parse().map_err(|_| fail())?;
        let month = text[5..7].parse().map_err(|_| fail())?;
        let day = text[8..].parse().map_err(|_| fail())?;
        jiff::civil::Date::new(year, month, day).map(Self).map_err(|_| fail())
    }

    /// The bucket of the week that this Monday names: days from 1970-01-01.
    ///
    /// # Errors
    /// [`CalendarError::NotMonday`], [`CalendarError::TooEarly`].
    pub fn bucket(self) -> Result<u32, CalendarError> {
        if self.0.weekday() != Weekday::Monday {
            return Err(CalendarError::NotMonday(self));
        }
        match u32::try_from(self.day_number()) {
            Ok(day) if day > 0 => Ok(day),
            _ => Err(CalendarError::TooEarly(self.to_string())),
        }
    }

    /// Days from 1970-01-01.
    #[must_use]
    pub fn day_number(self) -> i64 {
        self.0.duration_since(EPOCH).as_secs() / DAY.cast_signed()
    }

    /// Unix seconds of the midnight (UTC) that ends this day.
    ///
    /// # Errors
    /// [`CalendarError::TooEarly`].
    pub fn end(self) -> Result<u64, CalendarError> {
        u64::try_from((self.day_number() + 1) * DAY.cast_signed())
            .map_err(|_| CalendarError::TooEarly(self.to_string()))
    }

    /// The last day of the week that begins on this day.
    #[must_use]
    pub fn week_end(self) -> Self {
        Self(self.0.saturating_add(SignedDuration::from_hours(6 * 24)))
    }
}

const EPOCH: jiff::civil::Date = jiff::civil::Date::constant(1970, 1, 1);

impl DateTime {
    /// Parses `YYYY-MM-DDThh:mm:ss[.fraction][Z|±hh:mm]`.
    ///
    /// # Errors
    /// [`CalendarError::DateTime`] for another shape, a day that the calendar lacks, hour 24 or more than nine
    /// digits of fraction.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let fail = || CalendarError::DateTime(text.chars().take(40).collect());
        let offset = offset_of(text).ok_or_else(fail)?;
        let zoned = if offset { text.to_owned() } else { format!("{text}Z") };
        let instant: Timestamp = zoned.parse().map_err(|_| fail())?;
        Ok(Self { text: text.to_owned(), instant: offset.then_some(instant) })
    }

    /// The instant in Unix seconds, exact.
    ///
    /// # Errors
    /// [`CalendarError`] if the offset is missing, the second is not whole or lies before 1970.
    pub fn unix_seconds(&self) -> Result<u64, CalendarError> {
        let instant = self.instant()?;
        if instant.subsec_nanosecond() != 0 {
            return Err(CalendarError::Fraction(self.text.clone()));
        }
        u64::try_from(instant.as_second()).map_err(|_| CalendarError::TooEarly(self.text.clone()))
    }

    /// True if the text says at which offset it counts.
    #[must_use]
    pub fn has_offset(&self) -> bool {
        self.instant.is_some()
    }

    /// True if this instant lies after the other one: `changedAt` orders updates.
    ///
    /// # Errors
    /// [`CalendarError::NoOffset`] if either lacks its offset.
    pub fn is_after(&self, other: &Self) -> Result<bool, CalendarError> {
        Ok(self.instant()? > other.instant()?)
    }

    /// The text as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn instant(&self) -> Result<Timestamp, CalendarError> {
        self.instant.ok_or_else(|| CalendarError::NoOffset(self.text.clone()))
    }
}

/// Checks the shape; says whether an offset stands at the end.
fn offset_of(text: &str) -> Option<bool> {
    let (clock, rest) = text.get(10..19).zip(text.get(19..))?;
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let two_below =
        |s: Option<&str>, limit: u8| s.is_some_and(|s| digits(s) && s.parse::<u8>().is_ok_and(|v| v < limit));
    let separators = clock.starts_with('T') && clock.get(3..4) == Some(":") && clock.get(6..7) == Some(":");
    let in_range = two_below(clock.get(1..3), 24) && two_below(clock.get(4..6), 60) && two_below(clock.get(7..9), 60);
    Date::parse(text.get(..10)?).ok()?;
    let end = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (fraction, offset) = rest.split_at(end);
    let fraction = fraction.is_empty() || fraction.strip_prefix('.').is_some_and(|f| digits(f) && f.len() <= 9);
    let zone = match offset.as_bytes() {
        [] | [b'Z'] => true,
        [b'+' | b'-', _, _, b':', _, _] => two_below(offset.get(1..3), 24) && two_below(offset.get(4..6), 60),
        _ => false,
    };
    (separators && in_range && fraction && zone).then_some(!offset.is_empty())
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
