//! Embedders behind HTTP: servers that speak the protocol of `OpenAI`, or that of Ollama.
//!
//! An answer is bounded in time and in bytes; what may pass is tried again after a pause that doubles;
//! the key goes to the configured address, encrypted or within this machine, and is never shown.

mod call;
mod protocol;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::Url;
use reqwest::blocking::Client;

use crate::engine::base::{Error, Kind, Result, Rng};
use crate::engine::embed::Embedder;
use crate::engine::outcome::Control;

pub use protocol::Protocol;

/// How an embedder is reached and what it gives.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name in statements.
    pub name: String,
    /// What it speaks.
    pub protocol: Protocol,
    /// The server, or the very address of its embeddings.
    pub url: String,
    /// The model asked for.
    pub model: String,
    /// Numbers in its vectors.
    pub dimension: u32,
    /// Texts of one request.
    pub batch: usize,
    /// Time one request may take.
    pub timeout: Duration,
    /// How often a request is tried again.
    pub retries: u32,
    /// The pause before the first of them; each further one is twice as long.
    pub pause: Duration,
    /// What it takes to be let in.
    pub key: Key,
}

/// A secret that can be sent but not shown.
#[derive(Clone, Default)]
pub enum Key {
    /// None is needed.
    #[default]
    None,
    /// This one.
    Secret(String),
    /// One is needed, and the variable that should hold it is not set.
    Missing(String),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Secret(_) => "Secret(..)",
            Self::Missing(_) => "Missing",
        })
    }
}

/// An embedder behind HTTP.
pub struct HttpEmbedder {
    settings: Settings,
    address: Url,
    parameters: String,
    rng: Arc<dyn Rng>,
    /// Made when the first text comes: most statements embed nothing.
    client: OnceLock<Client>,
}

impl HttpEmbedder {
    /// Checks the settings; nothing is asked yet. Fails with what is wrong, for whoever wrote them.
    pub fn new(settings: Settings, rng: Arc<dyn Rng>) -> Result<Self, String> {
        let address = settings.protocol.address(&settings.url)?;
        if !matches!(settings.key, Key::None) && address.scheme() != "https" && !is_local(&address)
        {
            return Err("a key is sent encrypted or within this machine only: write https".into());
        }
        let parameters = settings.protocol.parameters(&settings.model);
        Ok(Self { settings, address, parameters, rng, client: OnceLock::new() })
    }

    fn client(&self) -> Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let made = Client::builder()
            .user_agent(concat!("vql/", env!("CARGO_PKG_VERSION")))
            // Addresses come from the settings, not from the environment.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::custom(call::follow))
            .timeout(self.settings.timeout)
            .build();
        let made = made.map_err(|error| {
            let message = format!("embedder `{}` cannot be used: {error}", self.settings.name);
            Error::new(Kind::EmbedderUnavailable, message)
        })?;
        Ok(self.client.get_or_init(|| made))
    }
}

/// True for this machine itself.
fn is_local(address: &Url) -> bool {
    let host = address.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl Embedder for HttpEmbedder {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn dimension(&self) -> u32 {
        self.settings.dimension
    }

    fn parameters(&self) -> &str {
        &self.parameters
    }

    fn batch(&self) -> usize {
        self.settings.batch
    }

    fn embed(&self, texts: &[&str], control: &Control) -> Result<Vec<Vec<f32>>> {
        if let Key::Missing(variable) = &self.settings.key {
            let name = &self.settings.name;
            let message = format!("the key of embedder `{name}` is missing");
            return Err(Error::new(Kind::EmbedderRefused, message)
                .hint(format!("put it into the environment variable {variable}")));
        }
        call::Call { embedder: self, client: self.client()?, texts, control }.run()
    }
}
