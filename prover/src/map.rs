//! Key files in memory: the one place of this crate with `unsafe`.
#![allow(unsafe_code)]

use memmap2::Mmap;
use std::fs::File;
use std::io;

/// The bytes of `file`, mapped, not read. An empty file gives none.
pub(crate) fn map(file: &File) -> io::Result<Option<Mmap>> {
    if file.metadata()?.len() == 0 {
        return Ok(None);
    }
    // SAFETY: the mapping is read-only and private to this process. The store never changes a key file in place: it writes beside it and
    // renames, which leaves the mapped file as it was. Whoever else truncates a mapped file makes this process end with SIGBUS; whoever
    // changes one is noticed by the hash, or makes a key whose proofs do not verify, as every byte pattern is a valid value of what is
    // read from it (integers, which are range-checked).
    unsafe { Mmap::map(file) }.map(Some)
}
