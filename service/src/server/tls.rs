//! TLS, and client certificates as credentials.

use super::settings::Settings;
use crate::error::{Code, Failure};
use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use socket2::SockRef;
use std::any::Any;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The certificate of a client that showed one, DER; its chain was verified.
#[derive(Clone, Debug)]
pub struct Certificate(pub Vec<u8>);

/// The listener's TLS, if the settings have a certificate.
///
/// # Errors
/// [`Code::Input`] names the file that is none of what it should be.
pub fn config(settings: &Settings) -> Result<Option<ServerConfig>, Failure> {
    let tls = &settings.tls;
    if !tls.is_on() {
        return Ok(None);
    }
    let builder = ServerConfig::builder();
    let builder = if tls.client_authority.is_empty() {
        builder.with_no_client_auth()
    } else {
        let path = settings.path(&tls.client_authority);
        let mut roots = RootCertStore::empty();
        for authority in certificates(&path)? {
            roots.add(authority).map_err(|error| wrong(&path, error))?;
        }
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots));
        let verifier = if tls.client_required { verifier } else { verifier.allow_unauthenticated() };
        builder.with_client_cert_verifier(verifier.build().map_err(|error| wrong(&path, error))?)
    };
    let (chain, path) = (certificates(&settings.path(&tls.certificate))?, settings.path(&tls.key));
    let key = PrivateKeyDer::from_pem_file(&path).map_err(|error| wrong(&path, error))?;
    builder.with_single_cert(chain, key).map(Some).map_err(|error| wrong(&path, error))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(found) if found.is_empty() => Err(wrong(path, "there is no certificate in it")),
        read => read.map_err(|error| wrong(path, error)),
    }
}

fn wrong(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::new(Code::Input, format!("{error}; give PEM files as openssl writes them")).in_file(path)
}

/// What is done with every new connection: its certificate is kept, and who takes nothing of an answer for `stall` is cut.
pub fn on_connect(connection: &dyn Any, data: &mut Extensions, stall: Duration) {
    let stream = match connection.downcast_ref::<TlsStream<TcpStream>>() {
        Some(tls) => {
            let (stream, session) = tls.get_ref();
            let shown = session.peer_certificates().and_then(|chain| chain.first());
            if let Some(certificate) = shown {
                data.insert(Certificate(certificate.to_vec()));
            }
            Some(stream)
        }
        None => connection.downcast_ref::<TcpStream>(),
    };
    // A system without the option keeps its own patience.
    let _ = stream.map(|stream| SockRef::from(stream).set_tcp_user_timeout(Some(stall)));
}
