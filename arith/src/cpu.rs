//! What the CPU says about itself.

use alloc::vec::Vec;

/// Those of the CPU's extensions that field arithmetic can use: figures mean nothing without them.
pub fn cpu_features() -> Vec<&'static str> {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    let all = [
        ("adx", is_x86_feature_detected!("adx")),
        ("bmi2", is_x86_feature_detected!("bmi2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512dq", is_x86_feature_detected!("avx512dq")),
        ("avx512ifma", is_x86_feature_detected!("avx512ifma")),
    ];
    #[cfg(not(all(target_arch = "x86_64", feature = "std")))]
    let all: [(&str, bool); 0] = [];
    all.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}
