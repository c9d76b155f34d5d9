//! TLS, and client certificates as credentials.

/// The certificate of a client that showed one, DER; its chain was verified.
#[derive(Clone, Debug)]
pub struct Certificate(pub Vec<u8>);
