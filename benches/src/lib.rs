//! What every benchmark prints first.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::fs;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_flags_only() {
        assert_eq!(vector_extensions("fpu avx512f avx2 bmi2x"), "avx2 avx512f");
        assert_eq!(vector_extensions(""), "not known");
    }
}
