//! Where a server is: `https://host:port`, and a path when it stands behind something.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// The path under which the interface is.
const PREFIX: &str = "/api/v1";

/// The address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// True for what means a server and not a directory.
    pub fn is_meant(target: &str) -> bool {
        let scheme = target.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        matches!(scheme.as_deref(), Some("http" | "https"))
    }

    /// Reads an address, or says what is wrong with it.
    pub fn parse(target: &str) -> Result<Self, String> {
        // What is wrong is said without the address: it may hold a password.
        let mut url =
            Url::parse(target).map_err(|cause| format!("the address is malformed: {cause}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                "an address holds no name and no password: keys come from elsewhere".to_owned()
            );
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("an address ends with its path: no `?` and no `#`".to_owned());
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self(url))
    }

    /// Whether what is sent there cannot be read on the way: it is encrypted, or stays on this machine.
    pub fn is_safe(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        self.0.scheme() == "https" || local
    }

    /// The address of something there.
    pub(super) fn of(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let base = url.path().trim_end_matches('/');
        let base = base.strip_suffix(PREFIX).unwrap_or(base);
        let whole = format!("{base}{PREFIX}{path}");
        url.set_path(&whole);
        url
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}
