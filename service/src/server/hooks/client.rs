//! Sends deliveries: to addresses that are checked when they are connected to, following no redirect, reading no body.

use super::outbox::{Attempt, Due};
use super::sign::SIGNATURE_HEADERS;
use super::target::{TargetError, Targets, literal};
use actix_tls::connect::{ConnectError as TcpError, Connector as Tcp, Resolve, Resolver};
use actix_web::web;
use awc::error::{ConnectError, SendRequestError};
use awc::{Client, Connector};
use futures_util::future::LocalBoxFuture;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Seconds for one attempt, from the name's resolution to the answer's status.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Resolves names to addresses that may be connected to. What it answers is what is connected to: a name that changes between check and
/// connection changes nothing.
struct Checked(Arc<Targets>);

impl Resolve for Checked {
    fn lookup<'a>(&'a self, host: &'a str, port: u16) -> LocalBoxFuture<'a, Result<Vec<SocketAddr>, Box<dyn Error>>> {
        Box::pin(async move { Ok(resolve(&self.0, host, port).await?) })
    }
}

/// The addresses of a host, if all of them are allowed; one that is not is a reason to trust none.
///
/// # Errors
/// [`TargetError::Unknown`], [`TargetError::Inside`].
pub(super) async fn resolve(targets: &Targets, host: &str, port: u16) -> Result<Vec<SocketAddr>, TargetError> {
    let found: Vec<SocketAddr> = match literal(host) {
        Some(address) => vec![SocketAddr::new(address, port)],
        None => {
            let (names, host) = (targets.names.clone(), host.to_owned());
            let found = web::block(move || names.lookup(&host, port)).await;
            found.ok().and_then(Result::ok).ok_or(TargetError::Unknown)?
        }
    };
    found.iter().try_for_each(|address| targets.permits(address.ip()))?;
    if found.is_empty() { Err(TargetError::Unknown) } else { Ok(found) }
}

/// Sends deliveries; bound to one thread.
pub(super) struct Sender {
    client: Client,
    targets: Arc<Targets>,
}

impl Sender {
    pub(super) fn new(targets: Arc<Targets>) -> Self {
        // One provider for the whole process; whoever came first chose the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tcp = Tcp::new(Resolver::custom(Checked(targets.clone()))).service();
        // No connection is kept: the next one is checked anew.
        let connector = Connector::new()
            .connector(tcp)
            .timeout(TIMEOUT)
            .handshake_timeout(TIMEOUT)
            .conn_keep_alive(Duration::ZERO)
            .conn_lifetime(Duration::ZERO);
        let client = Client::builder()
            .connector(connector)
            .timeout(TIMEOUT)
            .disable_redirects()
            .no_default_headers()
            .add_default_header(("user-agent", concat!("privity/", env!("CARGO_PKG_VERSION"))));
        Self { client: client.finish(), targets }
    }

    /// One attempt at `now`, Unix seconds.
    pub(super) async fn send(&self, due: &Due, now: u64) -> Attempt {
        if due.url.is_empty() {
            return Attempt::Refused("the webhook was removed".to_owned());
        }
        // Names are checked by the resolver; addresses never reach it.
        let target = match self.targets.check(&due.url) {
            Ok(target) => target,
            Err(error) => return Attempt::Refused(error.to_string()),
        };
        let (id, body) = (due.parcel.delivery.id.to_string(), &due.parcel.body);
        let [name_of_id, name_of_time, name_of_signature] = SIGNATURE_HEADERS;
        let request = self
            .client
            .post(target.uri().clone())
            .insert_header(("content-type", "application/json"))
            .insert_header((name_of_time, now.to_string()))
            .insert_header((name_of_signature, due.key.sign(&id, now, body.as_bytes())))
            .insert_header((name_of_id, id));
        match request.send_body(body.clone()).await {
            Ok(response) => match response.status() {
                status if status.is_success() => Attempt::Delivered,
                status if status.is_redirection() => Attempt::Failed(format!(
                    "{}: redirects are not followed; register the address itself",
                    status.as_u16()
                )),
                status if status.as_u16() == 410 => Attempt::Refused("410: the receiver wants no more".to_owned()),
                status => Attempt::Failed(format!("the receiver answered {}", status.as_u16())),
            },
            Err(error) => failed(&error),
        }
    }
}

fn failed(error: &SendRequestError) -> Attempt {
    match error {
        SendRequestError::Connect(ConnectError::Resolver(cause)) => match refused(cause.as_ref()) {
            Some(TargetError::Unknown) | None => Attempt::Failed("the host's name does not resolve".to_owned()),
            Some(refused) => Attempt::Refused(refused.to_string()),
        },
        SendRequestError::Timeout | SendRequestError::Connect(ConnectError::Timeout) => {
            Attempt::Failed("no answer in time".to_owned())
        }
        SendRequestError::Connect(_) => Attempt::Failed("cannot connect".to_owned()),
        _ => Attempt::Failed("the answer could not be read".to_owned()),
    }
}

/// The refusal below the layers of a connection's error.
fn refused<'a>(mut error: &'a (dyn Error + 'static)) -> Option<&'a TargetError> {
    loop {
        if let Some(refused) = error.downcast_ref::<TargetError>() {
            return Some(refused);
        }
        if let Some(TcpError::Resolver(cause)) = error.downcast_ref::<TcpError>() {
            error = cause.as_ref();
            continue;
        }
        error = error.source()?;
    }
}

#[cfg(test)]
mod tests;
