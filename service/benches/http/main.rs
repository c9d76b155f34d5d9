//! Load on the service, client and server on one machine, in processes of their own.
//!
//! `cargo bench -p privity-service --bench http -- [settle|read|verify|stream|compare|queue|prove|soak]…`; all but `soak` if none is named.
//!
//! - `stream` opens 500 streams, with `PRIVITY_LONG=1` 10 000: both processes raise their limit of open files as far as the system
//!   lets them (`ulimit -Hn`), which must be 10 100 at least.
//! - `queue` and `prove` take the proving keys of `PRIVITY_KEYS`, or make development keys.
//! - `soak` runs a minute, with `PRIVITY_LONG=1` half an hour, and keeps its samples in the file that `PRIVITY_SAMPLES` names.

#[path = "../../tests/http/client.rs"]
mod client;
mod compare;
#[path = "../../tests/http/home.rs"]
mod home;
mod jobs;
mod load;
mod reads;
mod soak;
mod streams;
#[path = "../../../ledger/tests/common/mod.rs"]
mod world;

use home::Home;
use std::env;

const LIMITS: &str = "[limits]\nper_second = 1000000\nburst = 1000000\n";

fn main() {
    privity_service::server::process::raise_open_files();
    let named: Vec<String> = env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|one| one == name);
    if ["settle", "read", "verify", "stream"].into_iter().any(wanted) {
        let mut home = Home::new();
        home.settings(LIMITS);
        let serving = home.serve();
        if wanted("settle") {
            reads::settle(&mut home, &serving);
        }
        if wanted("read") {
            reads::read(&mut home, &serving);
        }
        if wanted("verify") {
            reads::verify(&mut home, &serving);
        }
        if wanted("stream") {
            streams::stream(&mut home, &serving);
        }
    }
    if wanted("compare") {
        compare::compare();
    }
    if wanted("queue") {
        jobs::queue();
    }
    if wanted("prove") {
        jobs::prove();
    }
    if named.iter().any(|one| one == "soak") {
        soak::soak();
    }
}
