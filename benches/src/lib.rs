//! What every benchmark prints first, and how time is taken on a machine that others use too.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Median, least and greatest of some times, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// Median.
    pub median: f64,
    /// Least.
    pub least: f64,
    /// Greatest.
    pub greatest: f64,
}

impl Spread {
    /// Of `times`, milliseconds; there must be some.
    pub fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        let (least, greatest) = (times.first().copied(), times.last().copied());
        Self {
            median: times.get(times.len() / 2).copied().unwrap_or_default(),
            least: least.unwrap_or_default(),
            greatest: greatest.unwrap_or_default(),
        }
    }

    /// By the clock, `rounds` calls of `work` with their number.
    pub fn measure<T>(rounds: usize, mut work: impl FnMut(usize) -> T) -> Self {
        let time = |round| {
            let watch = Instant::now();
            let made = work(round);
            let taken = watch.elapsed().as_secs_f64() * 1e3;
            drop(made);
            taken
        };
        Self::of((0..rounds).map(time).collect())
    }

    /// Of several works in turn, `rounds` times: a slow minute of the machine then falls on all of them, and their ratios hold. Each is called
    /// once before, unmeasured, which also tells how often a round must call it to take 20 ms at least.
    pub fn race(rounds: usize, works: &mut [&mut dyn FnMut(usize)]) -> Vec<Self> {
        const LONG: f64 = 0.02;
        let repetitions = |work: &mut &mut dyn FnMut(usize)| {
            let watch = Instant::now();
            work(0);
            (LONG / watch.elapsed().as_secs_f64()).ceil().clamp(1.0, 1e6) as u32
        };
        let repetitions: Vec<u32> = works.iter_mut().map(repetitions).collect();
        let mut times = vec![Vec::new(); works.len()];
        for round in 0..rounds {
            for ((work, times), repetitions) in works.iter_mut().zip(&mut times).zip(&repetitions) {
                let watch = Instant::now();
                (0..*repetitions).for_each(|_| work(round));
                times.push(watch.elapsed().as_secs_f64() * 1e3 / f64::from(*repetitions));
            }
        }
        times.into_iter().map(Self::of).collect()
    }

    /// The same for a number of works that is known.
    pub fn race_of<const N: usize>(rounds: usize, mut works: [&mut dyn FnMut(usize); N]) -> [Self; N] {
        let times = Self::race(rounds, &mut works);
        std::array::from_fn(|index| times[index])
    }

    /// The same, each divided by `by`.
    #[must_use]
    pub fn per(self, by: f64) -> Self {
        Self { median: self.median / by, least: self.least / by, greatest: self.greatest / by }
    }

    /// For a results file.
    pub fn json(self) -> Value {
        let round = |value: f64| (value * 1e3).round() / 1e3;
        json!({ "median": round(self.median), "least": round(self.least), "greatest": round(self.greatest) })
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} ({:.2}–{:.2})", self.median, self.least, self.greatest)
    }
}

/// With `PRIVITY_RESULTS` set, puts `rows` under `section` in `benches/RESULTS.json`, with the machine, its load and what was run on it.
///
/// # Errors
/// If the file cannot be read as JSON or written.
pub fn record(section: &str, setting: &str, rows: Vec<Value>) -> std::io::Result<()> {
    if std::env::var_os("PRIVITY_RESULTS").is_none() {
        return Ok(());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.json");
    let mut all: Map<String, Value> = match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(_) => Map::new(),
    };
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let taken = json!({
        "machine": machine(),
        "setting": setting,
        "load": load.split(' ').next().unwrap_or_default(),
        "flags": option_env!("RUSTFLAGS").unwrap_or("none beyond the release profile's"),
        "unit": "milliseconds unless the name says otherwise",
        "rows": rows,
    });
    all.insert(section.to_owned(), taken);
    fs::write(path, format!("{:#}\n", Value::Object(all)))
}

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
