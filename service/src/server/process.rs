//! What the process asks of the system.

use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// No memory of this process is written to a core file, and no other process of the user may read it: witnesses are in it.
pub fn forbid_core_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let outcomes = [set_dumpable_behavior(DumpableBehavior::NotDumpable), setrlimit(Resource::Core, none)];
    for error in outcomes.into_iter().filter_map(Result::err) {
        tracing::warn!(%error, "core dumps cannot be forbidden; set LimitCORE=0");
    }
}

/// Opens as many files as the system lets this process: every stream and every connection is one.
pub fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}
