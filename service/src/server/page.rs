//! Lists that are read page by page: of jobs, deals, dead letters.

use super::problem::Problem;
use serde::Deserialize;
use utoipa::IntoParams;

/// Items of one page.
pub const PAGE: usize = 100;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct After {
    /// `next` of the page before; the beginning if absent.
    #[param(pattern = "^[0-9a-f]{32}$")]
    after: Option<String>,
}

impl After {
    /// The id behind which the page begins.
    ///
    /// # Errors
    /// What `named` says of a text that is no id.
    pub fn id<I>(&self, named: impl FnOnce(&str) -> Result<I, Problem>) -> Result<Option<I>, Problem> {
        self.after.as_deref().map(named).transpose()
    }
}

/// The id behind which the next page begins: of the last item, if the page is full.
pub fn next<T, I>(items: &[T], id: impl FnOnce(&T) -> I) -> Option<I> {
    items.last().filter(|_| items.len() == PAGE).map(id)
}
