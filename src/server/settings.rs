//! What a server is told when it starts, and again when it is told to reload: values, no files read.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How to serve.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of HTTP.
    pub listen: SocketAddr,
    /// Nobody is asked who they are. Only on addresses of this machine.
    pub insecure: bool,
    /// The certificate and its key; without them connections are in the clear.
    pub tls: Option<TlsFiles>,
    /// The schema of GraphQL may be looked at, and there is a page to try queries on.
    pub introspection: bool,
    /// What one request, one principal and all together may use.
    pub limits: Limits,
    /// Origins of web pages that may call: none unless they are named.
    pub origins: Vec<String>,
    /// How long requests may go on after the server was told to end.
    pub drain: Duration,
    /// The directory that backups are kept in; none is made without it.
    pub backups: Option<PathBuf>,
}

/// Where the certificates are, as PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain of the server, its own certificate first.
    pub certificate: PathBuf,
    /// The private key of the first.
    pub key: PathBuf,
    /// Who signs the certificates of clients; with it a client must show one.
    pub client_ca: Option<PathBuf>,
}

/// Bounds. All of them can be changed while the server runs, but for the first two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Statements that run at the same time.
    pub statements: usize,
    /// Statements that wait for their turn; more are refused with 503.
    pub queue: usize,
    /// Open connections.
    pub connections: usize,
    /// Bytes of a body, after it has been decompressed.
    pub body: usize,
    /// Time in which the head of a request must arrive.
    pub head_time: Duration,
    /// Time in which the body of a request must arrive.
    pub body_time: Duration,
    /// The longest time of a statement, and its time when the request does not say.
    pub statement_time: Duration,
    /// Rows of one answer.
    pub rows: usize,
    /// Open transactions, prepared statements and the like, of one principal.
    pub kept: usize,
    /// The time after which a transaction that is not used is rolled back.
    pub idle: Duration,
    /// Subscribers of streams.
    pub subscribers: usize,
    /// Requests of one principal in a second, and of one address that is nobody yet; none for any number.
    pub rate: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            statements: 16,
            queue: 256,
            connections: 10_000,
            body: 32 << 20,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            statement_time: Duration::from_secs(30),
            rows: 100_000,
            kept: 64,
            idle: Duration::from_mins(1),
            subscribers: 10_000,
            rate: None,
        }
    }
}
