//! The sections of the settings with their defaults.

use actix_cors::Cors;
use actix_web::middleware::Condition;
use serde::{Deserialize, Serialize};

macro_rules! section {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])+ $field:ident: $type:ty = $default:expr,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $($(#[$doc])+ pub $field: $type,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
}

section! {
    /// Listener and limits of single requests.
    Http {
        /// Address and port; port 0 takes a free one.
        listen: String = "127.0.0.1:8380".to_owned(),
        /// Threads that answer; 0 for one per core.
        workers: usize = 0,
        /// Connections at a time per thread, streams of entries among them.
        connections: usize = 25_000,
        /// Requests at a time, streams aside; more are answered 503.
        concurrency: usize = 2_048,
        /// Bytes of a body.
        body_bytes: usize = 1 << 20,
        /// Nesting of a JSON body.
        json_depth: usize = 16,
        /// Seconds in which a request's header must have arrived.
        header_seconds: u64 = 5,
        /// Seconds from the header to the answer, the body's arrival included.
        request_seconds: u64 = 10,
        /// Seconds that an idle connection is kept.
        idle_seconds: u64 = 30,
        /// Seconds after which a client that takes nothing of an answer is cut.
        stall_seconds: u64 = 15,
        /// Seconds for requests to finish when the service stops.
        stop_seconds: u64 = 20,
        /// Origins whose web pages may call, as `https://erp.example`; empty for none.
        origins: Vec<String> = Vec::new(),
    }
}

impl Http {
    /// What lets the pages of `origins` call: never with cookies, since a credential is a header here.
    pub fn cors(&self) -> Condition<Cors> {
        let cors = self.origins.iter().fold(Cors::default(), |cors, origin| cors.allowed_origin(origin));
        let cors = cors
            .allowed_methods(["GET", "POST", "PUT", "DELETE"])
            .allowed_headers([
                "authorization",
                "content-type",
                "idempotency-key",
                "if-none-match",
                "last-event-id",
                "prefer",
                "x-request-id",
            ])
            .expose_headers(["etag", "location", "retry-after", "x-request-id"])
            .max_age(3_600);
        Condition::new(!self.origins.is_empty(), cors)
    }

    /// Whether every origin is one: scheme and host, perhaps a port.
    pub(super) fn origins_fit(&self) -> bool {
        self.origins.iter().all(|origin| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' ']))
                && origin.parse::<actix_web::http::Uri>().is_ok()
        })
    }
}

section! {
    /// TLS and client certificates.
    Tls {
        /// PEM file of the certificate chain; empty for plain HTTP, behind a proxy or on loopback.
        certificate: String = String::new(),
        /// PEM file of its private key.
        key: String = String::new(),
        /// PEM file of authorities whose client certificates are accepted as credentials; empty for none.
        client_authority: String = String::new(),
        /// Whether a client without certificate is refused.
        client_required: bool = false,
    }
}

impl Tls {
    /// Whether the listener speaks TLS.
    pub fn is_on(&self) -> bool {
        !self.certificate.is_empty()
    }
}

section! {
    /// The ledger and its files.
    Node {
        /// The ledger's store.
        ledger: String = "ledger.redb".to_owned(),
        /// The service's own store.
        database: String = "service.redb".to_owned(),
        /// Whether this node signs heads and entries with the home's operator key.
        sign: bool = true,
        /// Whether the store is opened for reading alone.
        read_only: bool = false,
        /// Transactions that are verified together.
        batch: usize = 64,
        /// Transactions that may wait; more are answered 503.
        waiting: usize = 4_096,
        /// Bytes of the ledger store's page cache.
        cache_bytes: usize = 256 << 20,
        /// Entries of one page.
        page: usize = 256,
    }
}

section! {
    /// Credentials.
    Auth {
        /// The file of tokens; `privity token` writes it, the service reads it again within a second of a change.
        tokens: String = "tokens.json".to_owned(),
    }
}

section! {
    /// Limits of callers.
    Limits {
        /// Requests per second of one caller in the long run.
        per_second: u32 = 2_000,
        /// Requests of one caller at once.
        burst: u32 = 4_000,
        /// Requests per second of one address without a valid credential.
        anonymous_per_second: u32 = 20,
        /// Streams of entries of one caller.
        streams: usize = 20_000,
    }
}

section! {
    /// The clock.
    Clock {
        /// Seconds by which the machine's clock may leave the monotonic one before settling stops.
        jump_seconds: u64 = 60,
        /// Seconds by which the machine's clock may be ahead of the ledger's time when the service starts.
        start_seconds: u64 = 31_536_000,
    }
}

section! {
    /// Proving jobs.
    Jobs {
        /// Whether this process proves.
        enabled: bool = true,
        /// The proving keys.
        keys: String = "keys".to_owned(),
        /// Batches that are proved at a time; 0 for one per core.
        workers: usize = 0,
        /// Threads of one worker.
        threads: usize = 1,
        /// Jobs of one relation that are proved together.
        batch: usize = 4,
        /// Jobs that are not done, of all callers; more are answered 503.
        waiting: usize = 256,
        /// Jobs that are not done, of one caller; more are answered 429.
        per_caller: usize = 32,
        /// Seconds for which a job waits for a worker.
        wait_seconds: u64 = 600,
        /// Seconds for which a result is kept.
        kept_seconds: u64 = 86_400,
    }
}

impl Jobs {
    /// What the queue takes.
    pub fn limits(&self) -> crate::server::jobs::Limits {
        let Self { waiting, per_caller, wait_seconds, kept_seconds, .. } = *self;
        crate::server::jobs::Limits { jobs: waiting, per_caller, wait: wait_seconds, kept: kept_seconds }
    }
}

section! {
    /// Webhooks.
    Webhooks {
        /// Whether this process sends them.
        enabled: bool = true,
        /// Networks that are allowed although they are not public, as `10.0.0.0/8`.
        allow: Vec<String> = Vec::new(),
        /// Whether plain HTTP is allowed.
        plain_http: bool = false,
    }
}

impl Webhooks {
    /// Where they may go.
    ///
    /// # Errors
    /// [`Code::Input`](crate::error::Code::Input) names the network that is none.
    pub fn targets(&self) -> Result<crate::server::hooks::Targets, crate::error::Failure> {
        let allow = self.allow.iter().map(|text| text.parse()).collect::<Result<Vec<_>, String>>();
        let wrong = |text| crate::error::Failure::new(crate::error::Code::Input, format!("webhooks.allow: {text}"));
        let (allow, plain_http) = (allow.map_err(wrong)?, self.plain_http);
        Ok(crate::server::hooks::Targets { allow, plain_http, ..Default::default() })
    }
}

section! {
    /// The wallet daemon.
    Daemon {
        /// Address and port; empty for no daemon.
        listen: String = String::new(),
        /// Whether `listen` may be another than a loopback address.
        remote: bool = false,
        /// The wallets that it opens, by name; all with one password.
        wallets: Vec<String> = vec!["main".to_owned()],
        /// Which account of each; 0 is the member address.
        account: u32 = 0,
        /// File with the wallets' password in its first line; empty for PRIVITY_PASSWORD or a prompt.
        password_file: String = String::new(),
        /// The file of the daemon's token, made if it is not there.
        token_file: String = "daemon.token".to_owned(),
    }
}

section! {
    /// Following another node.
    Follow {
        /// The other node's address; empty to settle transactions here.
        url: String = String::new(),
        /// File with a token of that node, scope auditor.
        token_file: String = String::new(),
        /// Seconds between looks.
        seconds: u64 = 2,
    }
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object per line.
    Json,
    /// For people.
    Text,
}

section! {
    /// Logs.
    Log {
        /// `json` or `text`.
        format: Format = Format::Json,
        /// Which lines: a level, or levels by target.
        filter: String = "info".to_owned(),
    }
}
