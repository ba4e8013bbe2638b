//! How a server is reached, from flags and the environment. A key never stands on the command line,
//! where everybody on the machine could read it.

use std::path::{Path, PathBuf};

use clap::Args;
use secrecy::SecretString;

use crate::cmd::error::{CmdError, Result};
use crate::config::Config;
use crate::remote::client::Means;

/// Bytes of a file that holds a key or certificates.
const MOST: u64 = 1 << 20;

/// Flags of the commands that can speak to a server.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options for a server (TARGET is an address)")]
pub struct Reach {
    /// Read the API key from this file [default: the variable `VQL_API_KEY`]
    #[arg(long, value_name = "FILE")]
    pub user_key: Option<PathBuf>,
    /// Trust servers whose certificate is signed by one of this PEM file, and no others
    #[arg(long, value_name = "FILE")]
    pub ca_cert: Option<PathBuf>,
    /// Show this certificate, a PEM file that holds its private key too
    #[arg(long, value_name = "FILE")]
    pub client_cert: Option<PathBuf>,
}

impl Reach {
    /// Reads what the flags and the environment name.
    pub(super) fn means(&self, config: &Config) -> Result<Means> {
        let key = match &self.user_key {
            Some(path) => Some(key_of(path)?),
            None => config.env.api_key().map(|key| SecretString::from(key.trim())),
        };
        let file = |flag: &Option<PathBuf>, variable: &str| {
            let named = config.env.ours.get(variable).filter(|value| !value.is_empty());
            let path = flag.clone().or_else(|| named.map(PathBuf::from));
            path.map(|path| read(&path)).transpose()
        };
        Ok(Means {
            key,
            ca: file(&self.ca_cert, "VQL_CA_CERT")?,
            identity: file(&self.client_cert, "VQL_CLIENT_CERT")?,
        })
    }
}

fn key_of(path: &Path) -> Result<SecretString> {
    let text = String::from_utf8(read(path)?).unwrap_or_default();
    let key = text.trim();
    if key.is_empty() || key.chars().any(|c| c.is_control() || c.is_whitespace()) {
        let message = format!("`{}` does not hold an API key", path.display());
        return Err(CmdError::usage(message).hint("it holds the key in one line and nothing else"));
    }
    Ok(SecretString::from(key))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let cannot = |cause: std::io::Error| CmdError::file("read", path, &cause);
    let size = std::fs::metadata(path).map_err(cannot)?.len();
    if size > MOST {
        return Err(CmdError::usage(format!("`{}` is too large for a key", path.display())));
    }
    std::fs::read(path).map_err(cannot)
}
