//! Who asks: from what a request shows to a [`Principal`]. What a principal may do is decided in the
//! engine and not here.
//!
//! No header says who somebody is: a key, a signed token or a certificate does.

pub mod certificate;
pub mod door;
pub mod token;

use std::fmt;
use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::engine::auth::Principal;

pub use door::{Door, Known};

/// What a request shows of who sent it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The headers; of HTTP, or the metadata of gRPC.
    pub headers: &'a HeaderMap,
    /// The other end of the connection.
    pub address: Option<IpAddr>,
    /// The certificate of the client, as DER, when the handshake has verified one.
    pub certificate: Option<&'a [u8]>,
}

/// Why nobody is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nothing was shown.
    Missing,
    /// What was shown is wrong, expired or revoked; which of them is not told.
    Invalid,
    /// There were too many wrong ones; seconds until the next may be tried.
    TooMany(u32),
    /// It cannot be decided now, and so it is refused.
    Unavailable,
}

/// Decides who somebody is. Quick, or at least rarely slow: it is asked for every request.
pub trait Authenticate: Send + Sync {
    /// The principal.
    fn authenticate(&self, shown: &Shown<'_>) -> Result<Principal, Refused>;
}

/// Everybody is the owner: `--insecure`, on an address of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Insecure;

impl Authenticate for Insecure {
    fn authenticate(&self, _: &Shown<'_>) -> Result<Principal, Refused> {
        Ok(Principal::owner())
    }
}

/// Nobody is known.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Authenticate for Nobody {
    fn authenticate(&self, shown: &Shown<'_>) -> Result<Principal, Refused> {
        let any =
            ["authorization", "x-api-key"].iter().any(|name| shown.headers.contains_key(*name));
        Err(if any { Refused::Invalid } else { Refused::Missing })
    }
}

impl fmt::Debug for dyn Authenticate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authenticate")
    }
}
