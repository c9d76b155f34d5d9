//! TLS, and client certificates as credentials.

use crate::app::{Setup, TestApp, settings};
use privity_service::server::Scope;
use privity_service::server::tokens::{Credential, Grant};
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// An authority of a test.
struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key.
struct Identity {
    certificate: Certificate,
    key: KeyPair,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        Self { certificate: params.self_signed(&key).unwrap(), issuer: Issuer::new(params, key) }
    }

    fn identity(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        Identity { certificate: params.signed_by(&key, &self.issuer).unwrap(), key }
    }
}

impl Identity {
    /// It as a credential with this scope alone.
    fn credential(&self, scope: Scope) -> Credential {
        let grant =
            Grant { name: "machine".into(), scopes: [scope].into(), party: None, created: 0, expires: u64::MAX };
        grant.certificate(self.certificate.der())
    }
}

/// A server with TLS, and who may call it.
struct Secured {
    app: TestApp,
    servers: Authority,
    clients: Authority,
    auditor: Identity,
    _folder: TempDir,
}

impl Secured {
    fn start(required: bool) -> Self {
        let (servers, clients, folder) =
            (Authority::new("servers"), Authority::new("clients"), TempDir::new().unwrap());
        let (server, auditor) = (servers.identity("localhost"), clients.identity("auditor"));
        let keep = |name: &str, text: String| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let mut settings = settings();
        settings.tls.certificate = keep("server.pem", server.certificate.pem());
        settings.tls.key = keep("server.key", server.key.serialize_pem());
        settings.tls.client_authority = keep("clients.pem", clients.certificate.pem());
        settings.tls.client_required = required;
        let setup = Setup { credentials: vec![auditor.credential(Scope::Auditor)], ..Setup::fresh(settings) };
        Self { app: TestApp::of(setup), servers, clients, auditor, _folder: folder }
    }

    /// One call over TLS: the status, or why there is no answer.
    fn call(&self, who: Option<&Identity>, request: &str, token: Option<&str>) -> io::Result<u16> {
        call(self.app.address, &self.servers, who, request, token)
    }
}

fn call(
    address: SocketAddr,
    trusted: &Authority,
    who: Option<&Identity>,
    request: &str,
    token: Option<&str>,
) -> io::Result<u16> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.certificate.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    let config = match who {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain: Vec<CertificateDer<'static>> = vec![identity.certificate.der().clone()];
            let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut stream = StreamOwned::new(connection, socket);
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    write!(
        stream,
        "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{authorization}content-length: 0\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    // A server may close without the notice of TLS; what came before counts.
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer);
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::other(format!("no status line: {text:?}")))
}

#[test]
fn a_certificate_is_a_credential_with_its_scope_and_no_other() {
    let secured = Secured::start(false);
    let (good, unknown) = (Some(&secured.auditor), secured.clients.identity("unknown"));
    assert_eq!(secured.call(None, "GET /livez", None).unwrap(), 200);
    assert_eq!(secured.call(None, "GET /v1/ledger", None).unwrap(), 401, "without a certificate");
    assert_eq!(secured.call(good, "GET /v1/ledger", None).unwrap(), 200);
    for forbidden in ["POST /v1/transactions", "GET /metrics", "POST /v1/operations", "GET /v1/jobs"] {
        assert_eq!(secured.call(good, forbidden, None).unwrap(), 403, "{forbidden}");
    }
    assert_eq!(
        secured.call(Some(&unknown), "GET /v1/ledger", None).unwrap(),
        401,
        "of the authority, but not registered"
    );
    let token = secured.app.token(Scope::Auditor).to_owned();
    assert_eq!(secured.call(None, "GET /v1/ledger", Some(&token)).unwrap(), 200, "a token does without");
    assert_eq!(secured.call(good, "GET /v1/ledger", Some("wrong")).unwrap(), 401, "a wrong token is not helped by it");
}

#[test]
fn other_authorities_and_plain_text_get_nowhere() {
    let secured = Secured::start(false);
    let stranger = Authority::new("strangers").identity("auditor");
    assert!(secured.call(Some(&stranger), "GET /livez", None).is_err(), "a certificate of another authority");
    let elsewhere = Authority::new("servers");
    assert!(call(secured.app.address, &elsewhere, None, "GET /livez", None).is_err(), "a client that trusts others");
    assert!(secured.app.connect().call("GET", "/livez", &[], &[]).is_err(), "plain text");
    assert_eq!(secured.call(None, "GET /livez", None).unwrap(), 200);
}

#[test]
fn a_certificate_may_be_required_of_everybody() {
    let secured = Secured::start(true);
    assert!(secured.call(None, "GET /livez", None).is_err());
    assert_eq!(secured.call(Some(&secured.auditor), "GET /livez", None).unwrap(), 200);
}
