//! The table `[serve]`: what files say of `vql serve`. Flags are laid over it by the command.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::schema::{self, Schema};
use super::trust::Trusted;
use crate::cmd::args;
use crate::cmd::error::{CmdError, Result};

/// What files say of `vql serve`; `None` where they say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Serve {
    /// The address.
    pub listen: Option<SocketAddr>,
    /// The certificate of the server, as PEM.
    pub tls_cert: Option<PathBuf>,
    /// Its private key.
    pub tls_key: Option<PathBuf>,
    /// Who signs the certificates of clients.
    pub client_ca: Option<PathBuf>,
    /// Where backups are kept.
    pub backups: Option<PathBuf>,
    /// Origins of web pages that may call.
    pub origins: Vec<String>,
    /// How long requests may go on at the end.
    pub drain: Option<Duration>,
    /// What is logged.
    pub log_level: Option<String>,
    /// Whether the log is JSON.
    pub log_json: bool,
    /// The bounds.
    pub limits: Limits,
    /// Who is known beside those with keys of the database.
    pub trusted: Trusted,
}

/// The bounds that files name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Statements at the same time.
    pub statements: Option<usize>,
    /// Statements that wait.
    pub queue: Option<usize>,
    /// Open connections.
    pub connections: Option<usize>,
    /// Bytes of a body.
    pub body: Option<usize>,
    /// Time for the head of a request.
    pub head_time: Option<Duration>,
    /// Time for its body.
    pub body_time: Option<Duration>,
    /// Time of a statement.
    pub statement_time: Option<Duration>,
    /// Rows of an answer.
    pub rows: Option<usize>,
    /// Open transactions of a principal.
    pub transactions: Option<usize>,
    /// Idle time of a transaction.
    pub idle: Option<Duration>,
    /// Readers of streams.
    pub subscribers: Option<usize>,
    /// Requests of a principal in a second; 0 for any number.
    pub rate: Option<u32>,
}

impl Serve {
    /// What the files say, the stronger one first. Each key is taken from the first file that has it.
    pub(super) fn of(files: &[(PathBuf, Schema)]) -> Result<Self> {
        let mut all = Self::default();
        for (path, file) in files.iter().rev() {
            all.take(path, &file.serve)?;
        }
        Ok(all)
    }

    fn take(&mut self, path: &Path, said: &schema::Serve) -> Result<()> {
        let from = |named: &PathBuf| path.parent().unwrap_or(Path::new("")).join(named);
        let file = |own: &mut Option<PathBuf>, said: &Option<PathBuf>| {
            if let Some(named) = said {
                *own = Some(from(named));
            }
        };
        file(&mut self.tls_cert, &said.tls_cert);
        file(&mut self.tls_key, &said.tls_key);
        file(&mut self.client_ca, &said.client_ca);
        file(&mut self.backups, &said.backups);
        self.trusted.take(path, said)?;
        self.listen = said.listen.or(self.listen);
        if let Some(origins) = &said.origins {
            self.origins.clone_from(origins);
        }
        time(path, "drain", said.drain.as_deref(), &mut self.drain)?;
        if let Some(level) = &said.log_level {
            self.log_level = Some(level.clone());
        }
        match said.log_format.as_deref() {
            None => {}
            Some("text") => self.log_json = false,
            Some("json") => self.log_json = true,
            Some(other) => {
                return Err(wrong(path, "log-format", other).hint("choose one of text, json"));
            }
        }
        self.limits.take(path, &said.limits)
    }
}

impl Limits {
    fn take(&mut self, path: &Path, said: &schema::ServeLimits) -> Result<()> {
        let number = |name: &str, said: Option<usize>, own: &mut Option<usize>| {
            if said == Some(0) {
                let error = wrong(path, &format!("limits.{name}"), "0");
                return Err(error.hint("it is at least 1"));
            }
            *own = said.or(*own);
            Ok(())
        };
        number("statements", said.statements, &mut self.statements)?;
        number("connections", said.connections, &mut self.connections)?;
        number("body", said.body, &mut self.body)?;
        number("rows", said.rows, &mut self.rows)?;
        self.queue = said.queue.or(self.queue);
        self.transactions = said.transactions.or(self.transactions);
        self.subscribers = said.subscribers.or(self.subscribers);
        self.rate = said.rate.or(self.rate);
        time(path, "limits.head-time", said.head_time.as_deref(), &mut self.head_time)?;
        time(path, "limits.body-time", said.body_time.as_deref(), &mut self.body_time)?;
        let statement = said.statement_time.as_deref();
        time(path, "limits.statement-time", statement, &mut self.statement_time)?;
        time(path, "limits.idle", said.idle.as_deref(), &mut self.idle)
    }
}

fn time(path: &Path, key: &str, said: Option<&str>, own: &mut Option<Duration>) -> Result<()> {
    if let Some(text) = said {
        *own = Some(args::duration(text).map_err(|hint| wrong(path, key, text).hint(hint))?);
    }
    Ok(())
}

fn wrong(path: &Path, key: &str, value: &str) -> CmdError {
    let shown = path.display();
    CmdError::usage(format!("{shown}: [serve] {key}: `{value}` is not a value of this setting"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(files: &[&str]) -> Result<Serve> {
        let files: Vec<_> = files
            .iter()
            .enumerate()
            .map(|(n, text)| {
                (PathBuf::from(format!("/etc/{n}/vql.toml")), toml::from_str(text).unwrap())
            })
            .collect();
        Serve::of(&files)
    }

    #[test]
    fn the_first_file_that_has_a_key_is_believed_and_paths_are_its_own() {
        let serve = parsed(&[
            "[serve]\nlisten = '127.0.0.1:1'\n[serve.limits]\nrows = 5\n",
            "[serve]\nlisten = '127.0.0.1:2'\ntls-cert = 'c.pem'\n[serve.limits]\nidle = '5s'\n",
        ])
        .unwrap();
        assert_eq!(serve.listen, Some("127.0.0.1:1".parse().unwrap()));
        assert_eq!(serve.tls_cert, Some("/etc/1/c.pem".into()));
        assert_eq!((serve.limits.rows, serve.limits.idle), (Some(5), Some(Duration::from_secs(5))));
    }

    #[test]
    fn what_is_no_value_names_its_key() {
        for (text, key) in [
            ("[serve]\ndrain = 'soon'", "[serve] drain: `soon`"),
            ("[serve]\nlog-format = 'xml'", "[serve] log-format: `xml`"),
            ("[serve.limits]\nstatements = 0", "[serve] limits.statements: `0`"),
            ("[serve.limits]\nidle = '0s'", "[serve] limits.idle: `0s`"),
        ] {
            let error = parsed(&[text]).unwrap_err();
            assert!(error.message.contains(key), "{error:?}");
        }
    }
}
