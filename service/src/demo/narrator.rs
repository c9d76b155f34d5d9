//! What the demo says: scenes, figures, checks.

use super::DemoError;
use std::time::Instant;

/// Prints the story, and fails where a figure is not what integers say.
pub struct Narrator {
    started: Instant,
    checks: usize,
}

impl Default for Narrator {
    fn default() -> Self {
        Self { started: Instant::now(), checks: 0 }
    }
}

impl Narrator {
    /// Begins a scene.
    pub fn scene(&self, title: &str) {
        println!("\n── {title} ── [{:.1} s]", self.started.elapsed().as_secs_f64());
    }

    /// Says a line.
    pub fn say(&self, line: impl AsRef<str>) {
        println!("   {}", line.as_ref());
    }

    /// Says what the system computed beside what integers say.
    ///
    /// # Errors
    /// [`DemoError::Figure`] if they differ.
    pub fn check(
        &mut self,
        what: &str,
        found: u128,
        expected: u128,
        shown: impl Fn(u128) -> String,
    ) -> Result<(), DemoError> {
        self.checks += 1;
        if found != expected {
            return Err(DemoError::Figure { what: what.into(), found, expected });
        }
        println!("   {what:<46} {:>14}   = integers {:>14}", shown(found), shown(expected));
        Ok(())
    }

    /// Figures compared so far.
    pub fn checks(&self) -> usize {
        self.checks
    }

    /// Seconds since the beginning.
    pub fn elapsed(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

/// Minor units as a decimal of the major unit.
pub fn money(minor: u128, exponent: u8, code: &str) -> String {
    format!("{} {code}", decimal(minor, exponent))
}

/// An integer as a decimal with `places` places.
pub fn decimal(value: u128, places: u8) -> String {
    let unit = 10u128.pow(u32::from(places));
    match places {
        0 => value.to_string(),
        _ => format!("{}.{:0width$}", value / unit, value % unit, width = usize::from(places)),
    }
}

/// Unix seconds as a date and hour, UTC.
pub fn instant(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Civil date from days, by the proleptic Gregorian calendar.
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", rest / 3_600, rest % 3_600 / 60)
}

/// The processor and which vector instructions it has.
pub fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| text.lines().find(|line| line.starts_with(name)).and_then(|line| line.split(':').nth(1));
    let flags = field("flags").unwrap_or_default();
    let has = |flag: &str| flags.split_whitespace().any(|word| word == flag);
    let vectors = match (has("avx512ifma"), has("avx2")) {
        (true, _) => "AVX-512 IFMA",
        (false, true) => "AVX2",
        _ => "no AVX2",
    };
    format!("{} ({vectors})", field("model name").unwrap_or("unknown processor").trim())
}
