//! What every benchmark prints first, and how time is taken on a machine that others use too.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::fs;
use std::time::{Duration, Instant};

/// The processor, its vector extensions, and how many threads a proof may use: figures mean nothing without them.
pub fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    };
    let model = field("model name").unwrap_or_else(|| format!("unknown {} processor", std::env::consts::ARCH));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let extensions = vector_extensions(&field("flags").or_else(|| field("Features")).unwrap_or_default());
    format!("{model}; {threads} threads; vectors: {extensions}")
}

/// Those of a processor's flags that speed field arithmetic up.
fn vector_extensions(flags: &str) -> String {
    const KNOWN: [&str; 9] = ["sse4_2", "avx", "avx2", "avx512f", "avx512ifma", "bmi2", "adx", "asimd", "sve"];
    let found: Vec<&str> = KNOWN.into_iter().filter(|known| flags.split(' ').any(|flag| flag == *known)).collect();
    if found.is_empty() { "not known".into() } else { found.join(" ") }
}

/// Takes the time that this thread spends on a processor; the clock's where the system does not tell it.
pub struct Stopwatch {
    clock: Instant,
    processor: Option<Duration>,
}

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self { processor: processor_time(), clock: Instant::now() }
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        match (self.processor, processor_time()) {
            (Some(before), Some(after)) => after - before,
            _ => self.clock.elapsed(),
        }
    }
}

/// Time of this thread on a processor so far, as Linux counts it.
fn processor_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleeping_thread_spends_no_processor_time() {
        let started = Stopwatch::start();
        std::thread::sleep(Duration::from_millis(20));
        assert!(started.processor.is_none() || started.elapsed() < started.clock.elapsed());
    }

    #[test]
    fn whole_flags_only() {
        assert_eq!(vector_extensions("fpu avx512f avx2 bmi2x"), "avx2 avx512f");
        assert_eq!(vector_extensions(""), "not known");
    }
}
