//! From settings to a server that listens.

use super::annex::Annex;
use super::daemon::Daemon;
use super::frame::frame;
use super::gate::gate;
use super::once;
use super::problem::{Kind, Problem};
use super::routes;
use super::settings::Settings;
use super::state::{Parts, Service};
use super::{follow, tls};
use crate::error::{Code, Failure};
use actix_web::dev::Server;
use actix_web::http::KeepAlive;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, rt, web};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use utoipa_actix_web::AppExt;
use zeroize::Zeroizing;

/// A server that listens; [`Application::run`] answers.
pub struct Application {
    server: Server,
    address: SocketAddr,
    service: Arc<Service>,
    annex: Annex,
    daemon: Option<Daemon>,
}

impl Application {
    /// A server as the settings say; within a runtime of actix.
    ///
    /// # Errors
    /// [`Failure`] names what is in the way: a file, the port, the ledger.
    pub fn build(settings: Settings, parts: Parts) -> Result<Self, Failure> {
        let (http, tls) = (settings.http.clone(), tls::config(&settings)?);
        let service = Arc::new(Service::new(settings, parts)?);
        let (data, cors) = (web::Data::from(service.clone()), http.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(web::PathConfig::default().error_handler(|_, _| Problem::of(Kind::NotFound).into()))
                .app_data(web::QueryConfig::default().error_handler(|_, _| {
                    let text = "a query parameter is unknown, twice there or of the wrong type; see the route's schema";
                    Problem::new(Kind::Malformed, text).into()
                }))
                .into_utoipa_app()
                .configure(routes::configure)
                .map(|app| app.wrap(from_fn(gate)).wrap(cors.cors()).wrap(from_fn(frame)).wrap(Compress::default()))
                .into_app()
        });
        let workers =
            if http.workers == 0 { thread::available_parallelism().map_or(1, usize::from) } else { http.workers };
        let server = server
            .workers(workers)
            .max_connections(http.connections)
            .client_request_timeout(Duration::from_secs(http.header_seconds))
            .client_disconnect_timeout(Duration::from_secs(2))
            .keep_alive(KeepAlive::Timeout(Duration::from_secs(http.idle_seconds)))
            .shutdown_timeout(http.stop_seconds)
            .disable_signals();
        let stall = Duration::from_secs(http.stall_seconds);
        let server = server.on_connect(move |connection, data| tls::on_connect(connection, data, stall));
        let bound = match tls {
            Some(config) => server.bind_rustls_0_23(&http.listen, config),
            None => server.bind(&http.listen),
        };
        let server = bound.map_err(|error| {
            let text = format!("cannot listen on {}: {error}; free the port, or set http.listen", http.listen);
            Failure::new(Code::Busy, text)
        })?;
        let address = server.addrs().first().copied();
        let address = address.ok_or_else(|| Failure::new(Code::Usage, "http.listen names no address; give one"))?;
        let annex = Annex::start(&service)?;
        Ok(Self { server: server.run(), address, service, annex, daemon: None })
    }

    /// The same with the wallet daemon, if the settings ask for one; `password` opens its wallets.
    ///
    /// # Errors
    /// [`Failure`] names the wallet or the port.
    pub fn with_daemon(
        mut self,
        password: impl FnOnce() -> Result<Zeroizing<String>, Failure>,
    ) -> Result<Self, Failure> {
        if !self.service.settings.daemon.listen.is_empty() {
            self.daemon = Daemon::build(&self.service, &password()?)?;
        }
        Ok(self)
    }

    /// Where the wallet daemon listens.
    pub fn daemon_address(&self) -> Option<SocketAddr> {
        self.daemon.as_ref().map(Daemon::address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its handlers share.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// Answers until SIGTERM, SIGINT or [`Service::stop`]; then finishes what was begun.
    ///
    /// # Errors
    /// What the listener fails with.
    pub async fn run(self) -> io::Result<()> {
        let Self { server, service, annex, daemon, .. } = self;
        let errands = annex.errands(&service);
        let daemon = daemon.map(|daemon| (daemon.handle(), rt::spawn(daemon.run())));
        let (handle, stopper) = (server.handle(), service.clone());
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let waiter = rt::spawn(async move {
            let mut stopping = stopper.stopping();
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = stopping.wait_for(|stopping| *stopping) => {}
            }
            tracing::info!("stopping");
            stopper.stop();
            handle.stop(true).await;
        });
        let chores = rt::spawn(chores(service.clone()));
        let follower = (!service.settings.follow.url.is_empty()).then(|| rt::spawn(follow::follow(service.clone())));
        let outcome = server.await;
        chores.abort();
        if let Some(follower) = follower {
            follower.abort();
        }
        waiter.abort();
        service.stop();
        if let Some((handle, daemon)) = daemon {
            handle.stop(true).await;
            // Its listener is gone already if it failed; what it was about is in its answers.
            let _ = daemon.await;
        }
        errands.await;
        annex.stop(&service).await;
        service.node.close();
        tracing::info!("stopped");
        outcome
    }
}

/// What is done every second.
async fn chores(service: Arc<Service>) {
    let mut ticks = rt::time::interval(Duration::from_secs(1));
    let mut count = 0u64;
    loop {
        ticks.tick().await;
        count += 1;
        if let Err(failure) = service.tokens.reload() {
            tracing::error!(what = failure.what, "tokens");
        }
        let tender = service.clone();
        let tended = web::block(move || tender.node.tend()).await;
        if tended.is_err() {
            return;
        }
        if count.is_multiple_of(60) {
            service.limits.sweep();
            let sweeper = service.clone();
            let swept = web::block(move || {
                let now = sweeper.clock.rough();
                while once::sweep(&*sweeper.database, now)? > 0 {}
                while sweeper.node.forget(now)? > 0 {}
                Ok::<(), Problem>(())
            });
            let swept = swept.await;
            if let Ok(Err(problem)) = swept {
                tracing::error!(%problem, "idempotency keys");
            }
        }
    }
}
