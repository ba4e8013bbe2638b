//! A server of ours, as its clients see it: requests of REST and their answers. What a statement is, and
//! what a session remembers, is the business of whoever asks.

mod address;
mod answer;
mod request;

pub use address::Address;
pub use answer::Answer;
pub use request::Failure;

use std::time::Duration;

use reqwest::redirect::Policy;
use secrecy::SecretString;
use tokio::runtime::{Builder, Runtime};

/// The longest time to get a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// How a server is reached, beside its address.
#[derive(Debug, Default)]
pub struct Means {
    /// Who asks.
    pub key: Option<SecretString>,
    /// Certificates that sign those of the server, as PEM; without any, those this machine trusts.
    pub ca: Option<Vec<u8>>,
    /// A certificate to show, and its private key, as PEM.
    pub identity: Option<Vec<u8>>,
}

/// A client of one server. Connects when it first asks.
pub struct Client {
    address: Address,
    key: Option<SecretString>,
    http: reqwest::Client,
    /// Keeps connections alive between requests, and notices when they end.
    runtime: Runtime,
}

impl Client {
    /// A client, or what of its means cannot be used.
    pub fn new(address: Address, means: Means) -> Result<Self, String> {
        if means.key.is_some() && !address.is_safe() {
            return Err(format!(
                "the key is not sent to `{address}`: the connection would not be encrypted"
            ));
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("vql/", env!("CARGO_PKG_VERSION")))
            // The address is the one that was given, whatever the environment and the server say.
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .tcp_keepalive(Duration::from_secs(30));
        if let Some(pem) = &means.ca {
            let found = reqwest::Certificate::from_pem_bundle(pem);
            let found = found.ok().filter(|found| !found.is_empty());
            let found = found.ok_or("the file of the CA holds no certificate")?;
            builder = builder.tls_certs_only(found);
        }
        if let Some(pem) = &means.identity {
            let found = reqwest::Identity::from_pem(pem);
            builder = builder.identity(found.map_err(|_| {
                "the file of the client certificate does not hold a certificate and its private key"
            })?);
        }
        let http = builder.build().map_err(|cause| format!("TLS cannot be used: {cause}"))?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|cause| format!("no thread can be started: {cause}"))?;
        Ok(Self { address, key: means.key, http, runtime })
    }

    /// Where the server is.
    pub fn address(&self) -> &Address {
        &self.address
    }
}

#[cfg(test)]
mod tests;
