//! Arrays of field elements, on huge pages where the system has them: points are read in random order, and on small pages each read
//! would miss the translation buffers too.

use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

use crate::lanes::Limbs;

/// An array of [`Limbs`].
#[derive(Default)]
pub(crate) struct Buffer {
    memory: Memory,
    length: usize,
}

/// From this many bytes on an array is mapped by itself.
#[cfg(all(target_os = "linux", feature = "std"))]
const LARGE: usize = 1 << 21;

enum Memory {
    Heap(Vec<Limbs>),
    #[cfg(all(target_os = "linux", feature = "std"))]
    Mapped(mapped::Mapped),
}

impl Default for Memory {
    fn default() -> Self {
        Self::Heap(Vec::new())
    }
}

impl Buffer {
    /// An array of zeros.
    pub(crate) fn zeroed(length: usize) -> Self {
        let mut buffer = Self::default();
        buffer.resize(length);
        buffer
    }

    /// Makes the length `length`; what the array holds is not defined afterwards, but zeros where it is new.
    pub(crate) fn resize(&mut self, length: usize) -> &mut [Limbs] {
        if self.memory.capacity() < length {
            self.memory = Memory::zeroed(length);
        }
        self.length = length;
        self
    }
}

impl Memory {
    fn zeroed(length: usize) -> Self {
        #[cfg(all(target_os = "linux", feature = "std"))]
        if length * size_of::<Limbs>() >= LARGE
            && let Some(mapped) = mapped::Mapped::new(length)
        {
            return Self::Mapped(mapped);
        }
        Self::Heap(alloc::vec![Limbs::default(); length])
    }

    fn capacity(&self) -> usize {
        match self {
            Self::Heap(limbs) => limbs.len(),
            #[cfg(all(target_os = "linux", feature = "std"))]
            Self::Mapped(mapped) => mapped.limbs().len(),
        }
    }
}

impl Deref for Buffer {
    type Target = [Limbs];

    fn deref(&self) -> &[Limbs] {
        match &self.memory {
            Memory::Heap(limbs) => &limbs[..self.length],
            #[cfg(all(target_os = "linux", feature = "std"))]
            Memory::Mapped(mapped) => &mapped.limbs()[..self.length],
        }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [Limbs] {
        match &mut self.memory {
            Memory::Heap(limbs) => &mut limbs[..self.length],
            #[cfg(all(target_os = "linux", feature = "std"))]
            Memory::Mapped(mapped) => &mut mapped.limbs_mut()[..self.length],
        }
    }
}

#[cfg(all(target_os = "linux", feature = "std"))]
mod mapped {
    use memmap2::{Advice, MmapMut};

    use super::{LARGE, Limbs};

    /// Anonymous memory that starts at a huge page.
    pub(super) struct Mapped {
        map: MmapMut,
        start: usize,
        length: usize,
    }

    impl Mapped {
        /// Zeros, if the system grants them.
        pub(super) fn new(length: usize) -> Option<Self> {
            // Room to start at a huge page; what is never touched takes no memory.
            let bytes = length.checked_mul(size_of::<Limbs>())?.checked_next_multiple_of(LARGE)?;
            let map = MmapMut::map_anon(bytes.checked_add(LARGE)?).ok()?;
            let start = map.as_ptr().align_offset(LARGE);
            // A system without huge pages says no: then they are small.
            let _ = map.advise_range(Advice::HugePage, start, bytes);
            (start <= LARGE).then_some(Self { map, start, length })
        }

        pub(super) fn limbs(&self) -> &[Limbs] {
            // SAFETY: `start` + 64 · `length` bytes lie in the mapping (`new`), which lives as long as `self`; `start` is a multiple of
            // 64 from 0; any 64 bytes are a value of `Limbs`.
            unsafe { core::slice::from_raw_parts(self.map.as_ptr().add(self.start).cast(), self.length) }
        }

        pub(super) fn limbs_mut(&mut self) -> &mut [Limbs] {
            // SAFETY: as for `limbs`; the borrow of `self` is exclusive.
            unsafe { core::slice::from_raw_parts_mut(self.map.as_mut_ptr().add(self.start).cast(), self.length) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_of_all_sizes_are_zero_and_writable() {
        let mut buffer = Buffer::default();
        for length in [0, 1, 5_000, 40_000, 3, 100_000] {
            let fresh = Buffer::zeroed(length);
            assert!(fresh.len() == length && fresh.iter().all(|limbs| *limbs == Limbs::default()));
            assert_eq!(buffer.resize(length).len(), length);
            buffer.fill(Limbs([7; 8]));
            assert!(buffer.iter().all(|limbs| *limbs == Limbs([7; 8])));
        }
    }
}
