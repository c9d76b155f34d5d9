//! The daemon's listener, its token, and the drawer in which its wallets lie.

use super::desk::{Counter, Desk};
use super::routes;
use crate::error::{Code, Failure};
use crate::files;
use crate::home::Home;
use crate::purse::Purse;
use crate::server::browse;
use crate::server::caller::{Caller, Scope};
use crate::server::client::Remote;
use crate::server::document::{Access, complete, introduced, ranged};
use crate::server::frame::frame;
use crate::server::node::views::SettledView;
use crate::server::{Kind, Problem, Service, Settings};
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Server, ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, HttpMessage, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use privity_ledger::{Codec, Item, Ledger};
use rand::RngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq;
use utoipa_actix_web::AppExt;
use zeroize::Zeroizing;

/// In front of the daemon's token.
const PREFIX: &str = "privity_wallet_";

/// The daemon's wallets by name.
pub struct Drawer {
    desks: BTreeMap<String, Mutex<Desk>>,
    token: [u8; 32],
    /// The OpenAPI document of the daemon's routes.
    document: String,
    /// The methods of each path's pattern.
    methods: Methods,
}

type Methods = BTreeMap<String, Vec<String>>;

impl Drawer {
    /// The desk of a wallet, for this call alone.
    ///
    /// # Errors
    /// [`Kind::NotFound`].
    pub(super) fn desk(&self, name: &str) -> Result<MutexGuard<'_, Desk>, Problem> {
        let missing = || Problem::new(Kind::NotFound, "the daemon has no such wallet open; name it in daemon.wallets");
        // What a wallet promises is on disk before it is answered, so a call that broke off left nothing half.
        Ok(self.desks.get(name).ok_or_else(missing)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Counter for Service {
    fn ledger(&self) -> Result<Arc<Ledger>, Failure> {
        if !self.settings.follow.url.is_empty() {
            // Called from a thread for work that waits, within the runtime.
            tokio::runtime::Handle::current().block_on(self.looks.look());
        }
        Ok(self.node.ledger()?)
    }

    fn now(&self) -> Result<u64, Failure> {
        Ok(self.clock.now()?)
    }

    fn submit(&self, item: Item) -> Result<SettledView, Problem> {
        if !self.settings.follow.url.is_empty() {
            return elsewhere(&self.settings, item.to_bytes());
        }
        self.settles()?;
        let now = self.clock.now()?;
        // Called from a thread for work that waits, within the runtime.
        let told = tokio::runtime::Handle::current().block_on(self.node.settle(item, None, now))?;
        SettledView::new(&told, &*self.node.ledger()?)
    }
}

/// Has the node that this one follows settle it.
fn elsewhere(settings: &Settings, bytes: Vec<u8>) -> Result<SettledView, Problem> {
    let remote = Remote::new(&settings.follow.url, &settings.path(&settings.follow.token_file))?;
    // The client is bound to one thread and its runtime.
    let call = std::thread::spawn(move || actix_web::rt::System::new().block_on(remote.submit(bytes)));
    call.join().unwrap_or_else(|_| Err(Problem::of(Kind::Internal)))
}

/// The daemon, listening.
pub struct Daemon {
    server: Server,
    address: SocketAddr,
}

impl Daemon {
    /// The daemon as the settings say; none if they name no listener. `password` opens the wallets.
    ///
    /// # Errors
    /// [`Code::Usage`] for an address that is not loopback, [`Code::Missing`], [`Code::Locked`] for a wallet, [`Code::Input`] for the token's
    /// file, [`Code::Busy`].
    pub fn build(service: &Arc<Service>, password: &Zeroizing<String>) -> Result<Option<Self>, Failure> {
        let settings = &service.settings.daemon;
        if settings.listen.is_empty() {
            return Ok(None);
        }
        let addresses: Vec<SocketAddr> = settings.listen.to_socket_addrs().map(Iterator::collect).unwrap_or_default();
        let inside = addresses.iter().all(|address| address.ip().is_loopback());
        if addresses.is_empty() || !inside && !settings.remote {
            let text = "daemon.listen is no loopback address; who reaches it spends: set daemon.remote if a proxy with TLS guards it";
            return Err(Failure::new(Code::Usage, text));
        }
        let drawer = web::Data::new(Self::drawer(service, password)?);
        let data = web::Data::from(service.clone());
        let server = HttpServer::new(move || {
            let app = App::new().app_data(data.clone()).app_data(drawer.clone());
            let app = app.into_utoipa_app().configure(routes::routes).configure(browse::routes).into_app();
            app.route("/openapi.json", web::get().to(document)).wrap(from_fn(guard)).wrap(from_fn(frame))
        });
        let server = server
            .workers(1)
            .client_request_timeout(Duration::from_secs(service.settings.http.header_seconds))
            .shutdown_timeout(service.settings.http.stop_seconds)
            .disable_signals()
            .bind(addresses.as_slice())
            .map_err(|error| {
                let text =
                    format!("cannot listen on {}: {error}; free the port, or set daemon.listen", settings.listen);
                Failure::new(Code::Busy, text)
            })?;
        let address = server.addrs().first().copied();
        let address = address.ok_or_else(|| Failure::new(Code::Usage, "daemon.listen names no address; give one"))?;
        Ok(Some(Self { server: server.run(), address }))
    }

    fn drawer(service: &Arc<Service>, password: &Zeroizing<String>) -> Result<Drawer, Failure> {
        let settings = &service.settings;
        let keys = settings.path(&settings.jobs.keys);
        let home = Home::new(Some(settings.home.clone()), None, Some(keys))?;
        let mut desks = BTreeMap::new();
        for name in &settings.daemon.wallets {
            let purse = Purse::open(home.wallet(name)?, || Ok(password.clone()))?;
            let counter: Arc<dyn Counter> = service.clone();
            desks.insert(name.clone(), Mutex::new(Desk::new(purse, home.clone(), settings.daemon.account, counter)));
        }
        let token = token(&settings.path(&settings.daemon.token_file))?;
        let (_, api) = App::new().into_utoipa_app().configure(routes::routes).split_for_parts();
        let (document, methods) = described(api).map_err(|error| Failure::new(Code::Usage, error))?;
        Ok(Drawer { desks, token: Sha256::digest(token.trim().as_bytes()).into(), document, methods })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stops it.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Answers until it is stopped.
    ///
    /// # Errors
    /// What the listener fails with.
    pub async fn run(self) -> std::io::Result<()> {
        self.server.await
    }
}

/// The OpenAPI document's text, and its methods by path.
fn described(api: utoipa::openapi::OpenApi) -> Result<(String, Methods), serde_json::Error> {
    let text = "Drives wallets; their spend keys stay in the daemon. Integers are decimal text.";
    let mut json = serde_json::to_value(introduced(api, "Privity wallet daemon", text, "The daemon's own token"))?;
    let mut methods = Methods::new();
    for (path, item) in json["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            methods.entry(path.clone()).or_default().push(method.to_ascii_uppercase());
            // Of a wallet: that it is open here, that no rule forbids it, that it is not done already.
            for (status, description) in [("404", "No such wallet, deal or token"), ("409", "It is so already")] {
                operation["responses"][status] = serde_json::json!({ "description": description });
            }
            complete(method, operation, Access::Scope(Scope::Submitter));
        }
    }
    ranged(&mut json);
    Ok((serde_json::to_string(&json)?, methods))
}

/// The token in its file; a new one if there is none.
fn token(path: &Path) -> Result<Zeroizing<String>, Failure> {
    if path.exists() {
        let text = files::read_text(path).map(Zeroizing::new)?;
        // A file that is empty or cut short would let in whoever sends as little.
        let secret = text.trim().strip_prefix(PREFIX).and_then(|secret| BASE64_URL_SAFE_NO_PAD.decode(secret).ok());
        if secret.map(Zeroizing::new).is_none_or(|secret| secret.len() != 32) {
            let text = "that is no token of the daemon; remove the file, and a new one is made";
            return Err(Failure::new(Code::Input, text).in_file(path));
        }
        return Ok(text);
    }
    let mut secret = Zeroizing::new([0u8; 32]);
    OsRng.fill_bytes(secret.as_mut_slice());
    let token = Zeroizing::new(format!("{PREFIX}{}\n", BASE64_URL_SAFE_NO_PAD.encode(secret.as_slice())));
    files::create(path, token.as_bytes())?;
    Ok(token)
}

async fn document(drawer: web::Data<Drawer>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(drawer.document.clone())
}

/// Lets nobody in without the daemon's token but to its document and the page for it.
async fn guard<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match admit(&request) {
        Ok(()) => Ok(next.call(request).await?.map_into_left_body()),
        Err(problem) => Ok(request.error_response(problem).map_into_right_body()),
    }
}

fn admit(request: &ServiceRequest) -> Result<(), Problem> {
    if matches!(request.match_pattern().as_deref(), Some("/openapi.json" | "/docs" | "/docs/{name}")) {
        return Ok(());
    }
    let drawer = request.app_data::<web::Data<Drawer>>().ok_or_else(|| Problem::of(Kind::Internal))?;
    let mut sent = request.headers().get_all(AUTHORIZATION);
    let bearer = sent.next().and_then(|value| value.to_str().ok()?.split_once(' '));
    let token = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let hash: [u8; 32] = Sha256::digest(token.unwrap_or_default().as_bytes()).into();
    if sent.next().is_some() || !bool::from(hash.ct_eq(&drawer.token)) {
        return Err(Problem::of(Kind::Unauthenticated));
    }
    let methods = request.match_pattern().and_then(|pattern| drawer.methods.get(&pattern));
    if let Some(methods) = methods.filter(|methods| !methods.iter().any(|one| one == request.method().as_str())) {
        return Err(Problem { allow: Some(methods.join(", ")), ..Problem::of(Kind::MethodNotAllowed) });
    }
    let caller = Caller { name: "wallet daemon".to_owned(), scopes: BTreeSet::new(), party: None };
    request.extensions_mut().insert(caller);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a full disk leaves of the file must not open the wallets to whoever sends as little.
    #[test]
    fn what_is_left_of_a_token_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("daemon.token");
        let made = token(&path).unwrap();
        assert_eq!(token(&path).unwrap(), made);
        for left in ["", "\n", "x", PREFIX, "privity_wallet_AAAA", &made[..made.len() - 4], &made[1..]] {
            std::fs::write(&path, left).unwrap();
            assert_eq!(token(&path).unwrap_err().code, Code::Input, "{left:?}");
        }
    }
}
