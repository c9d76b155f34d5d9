//! Working memory that outlives the sum it served, so that the next one finds its pages there. As much is kept as was ever in use at a
//! time; it holds points that depend on scalars, as any freed memory would.

/// Runs `work` on an idle `T`, or on a new one.
#[cfg(feature = "std")]
pub(crate) fn with<T: Default + Send + 'static, R>(work: impl FnOnce(&mut T) -> R) -> R {
    use std::any::Any;
    use std::boxed::Box;
    use std::sync::{Mutex, PoisonError};
    use std::vec::Vec;

    static IDLE: Mutex<Vec<Box<dyn Any + Send>>> = Mutex::new(Vec::new());
    let idle = || IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let found = {
        let mut idle = idle();
        let place = idle.iter().rposition(|some| some.is::<T>());
        place.map(|place| idle.swap_remove(place))
    };
    let mut memory: Box<T> = found.and_then(|some| some.downcast().ok()).unwrap_or_default();
    let result = work(&mut memory);
    idle().push(memory);
    result
}

/// Runs `work` on a new `T`.
#[cfg(not(feature = "std"))]
pub(crate) fn with<T: Default, R>(work: impl FnOnce(&mut T) -> R) -> R {
    work(&mut T::default())
}
