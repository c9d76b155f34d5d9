//! Where news may be sent: not into the operator's own network (server-side request forgery).

use actix_web::http::Uri;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;
use std::sync::Arc;
use std::{fmt, io};

/// Longest address of a hook.
const MAX_URL: usize = 2_048;

/// Why an address is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Not `https://host/…`.
    #[error("not an absolute https address without user name and fragment; give https://host[:port]/path")]
    Form,
    /// Plain HTTP.
    #[error("plain http is not allowed here; give an https address, or have the operator set webhooks.plain_http")]
    Plain,
    /// An address inside.
    #[error("{0} is no public address; give one that is, or have the operator list its network in webhooks.allow")]
    Inside(IpAddr),
    /// The name does not resolve.
    #[error("the host's name does not resolve; correct it")]
    Unknown,
}

/// An IP network, as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no network; write one as 10.0.0.0/8 or fd00::/8");
        let (address, bits) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits: u8 = bits.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl Network {
    /// Whether `address` is in the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                u32::from(own) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                u128::from(own) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }
}

/// What turns a host's name and port into addresses: the system's resolver, or another in tests.
#[derive(Clone)]
pub struct Names(Arc<Lookup>);

type Lookup = dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync;

impl Names {
    /// Names as `lookup` knows them; it may block.
    pub fn new(lookup: impl Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// The addresses of a name.
    ///
    /// # Errors
    /// The resolver's.
    pub fn lookup(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        (self.0)(host, port)
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::new(|host, port| Ok((host, port).to_socket_addrs()?.collect()))
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}

/// What the operator allows.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// Networks that are allowed although they are not public.
    pub allow: Vec<Network>,
    /// Whether `http:` is allowed.
    pub plain_http: bool,
    /// Who resolves names.
    pub names: Names,
}

impl Targets {
    /// An address that may be registered.
    ///
    /// # Errors
    /// [`TargetError`].
    pub fn check(&self, url: &str) -> Result<Target, TargetError> {
        let printable = url.bytes().all(|byte| byte.is_ascii_graphic());
        if url.len() > MAX_URL || !printable || url.contains(['#', '@', '\\']) {
            return Err(TargetError::Form);
        }
        let uri: Uri = url.parse().map_err(|_| TargetError::Form)?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if self.plain_http => {}
            Some("http") => return Err(TargetError::Plain),
            _ => return Err(TargetError::Form),
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(TargetError::Form)?;
        let port = uri.authority().and_then(|authority| authority.as_str().strip_prefix(host));
        if port.is_some_and(|port| !port.is_empty()) && uri.port_u16().is_none() {
            return Err(TargetError::Form);
        }
        if let Some(address) = literal(host) {
            self.permits(address)?;
        }
        Ok(Target { uri })
    }

    /// Whether one may connect there.
    ///
    /// # Errors
    /// [`TargetError::Inside`].
    pub fn permits(&self, address: IpAddr) -> Result<(), TargetError> {
        if is_public(address) || self.allow.iter().any(|network| network.contains(address)) {
            Ok(())
        } else {
            Err(TargetError::Inside(address))
        }
    }
}

/// An address that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    uri: Uri,
}

impl Target {
    /// The address.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The host's name and port, to resolve.
    pub fn host(&self) -> (String, u16) {
        let plain = self.uri.scheme_str() == Some("http");
        let host = self.uri.host().unwrap_or_default();
        let host = literal(host).map_or_else(|| host.to_owned(), |address| address.to_string());
        (host, self.uri.port_u16().unwrap_or(if plain { 80 } else { 443 }))
    }
}

/// The IP address that a host is written as.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok()
}

/// Whether an address is one of the public internet: neither private, shared (CGNAT), loopback, link-local, multicast, reserved,
/// documentation nor a form that hides a version 4 address.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let inside = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !inside
}

/// Global unicast is 2000::/3; within it Teredo and other protocol assignments, 6to4, and documentation are not. Mapped, translated,
/// unique local, link-local, multicast addresses and the loopback lie outside.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let protocol = a == 0x2001 && b < 0x0200;
    let documentation = a == 0x2001 && b == 0x0db8 || a == 0x3fff && b < 0x1000;
    a & 0xe000 == 0x2000 && !protocol && a != 0x2002 && !documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses() {
        let inside = [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "224.0.0.1",
            "239.255.255.255",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:169.254.169.254",
            "::7f00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fec0::1",
        ];
        for text in inside {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in
            ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1111", "2001:4860::8888"]
        {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn addresses_that_are_refused_at_once() {
        let targets = Targets::default();
        for url in [
            "https://example.com/a?b=c",
            "https://example.com:8443/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/x",
        ] {
            assert!(targets.check(url).is_ok(), "{url}");
        }
        for url in [
            "https://127.0.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://10.0.0.8:8443/",
            "https://[fd00::1]/",
            "https://0.0.0.0/",
        ] {
            assert!(matches!(targets.check(url), Err(TargetError::Inside(_))), "{url}");
        }
        assert_eq!(targets.check("http://example.com/"), Err(TargetError::Plain));
        for url in [
            "",
            "example.com",
            "/path",
            "ftp://example.com/",
            "https://",
            "https:///x",
            "https://user:pass@example.com/",
            "https://a b/",
            "https://example.com/#x",
            "file:///etc/passwd",
            "https://example.com\\@127.0.0.1/",
            "https://exämple.com/",
            "https://example.com/\r\nHost: x",
            "gopher://x/",
            "//example.com/",
            "https://example.com:99999/",
            "https://example.com:y/",
            "https://example.com:/",
            "https://[2606:4700::1111]:65536/",
        ] {
            assert_eq!(targets.check(url), Err(TargetError::Form), "{url}");
        }
        assert_eq!(targets.check(&format!("https://example.com/{}", "a".repeat(MAX_URL))), Err(TargetError::Form));
    }

    #[test]
    fn the_operator_may_allow_networks() {
        let allow = vec!["127.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let targets = Targets { allow, plain_http: true, ..Targets::default() };
        for url in ["http://127.0.0.1:9/", "https://127.9.9.9/", "https://[fd12::1]/"] {
            assert!(targets.check(url).is_ok(), "{url}");
        }
        for url in ["http://10.0.0.1/", "https://[fc00::1]/", "https://[::1]/", "https://[::ffff:127.0.0.1]/"] {
            assert!(matches!(targets.check(url), Err(TargetError::Inside(_))), "{url}");
        }
        for text in ["10.0.0.0", "10.0.0.0/33", "x/8", "fd00::/129", "10.0.0.0/-1"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("1.2.3.4".parse().unwrap()) && !all.contains("::1".parse().unwrap()));
    }
}
