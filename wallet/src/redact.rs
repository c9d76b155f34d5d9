//! Debug output that names a type and nothing in it.

/// `Debug` as `Name(redacted)`.
macro_rules! redacted {
    ($($name:ty),* $(,)?) => {
        $(impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        })*
    };
}
