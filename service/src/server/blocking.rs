//! Work that waits for a disk or a processor, away from the threads that answer.

use super::{Kind, Problem};
use actix_web::web;

/// Runs `work` on a thread for such work.
///
/// # Errors
/// What `work` refuses.
pub async fn blocking<T, F>(work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Problem> + Send + 'static,
{
    web::block(work).await.unwrap_or_else(|_| Err(Problem::of(Kind::Internal)))
}
