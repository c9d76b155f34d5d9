//! Checks that a program can make: file lengths, dependency edges, banned words.
fn main() {}
