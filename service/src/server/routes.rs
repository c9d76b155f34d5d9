//! The one list of routes.

use super::{backup, browse, hooks, jobs, node, room, system};
use utoipa_actix_web::service_config::ServiceConfig;

/// Adds every route: to the application that answers, and to the document that describes it.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.configure(system::routes).configure(browse::routes).configure(node::routes).configure(backup::routes);
    config.configure(jobs::routes::routes).configure(hooks::routes::routes).configure(room::routes::routes);
}
