//! What a settings file may say. An unknown key is an error: a setting that is misspelt must not
//! be ignored.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::layout::{INDENTS, WIDTHS};
use crate::cmd::args::KeywordCase;

/// A `config.toml` or `vql.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Schema {
    /// The database when none is named.
    pub(super) target: Option<String>,
    /// Form of the results.
    pub(super) format: Option<String>,
    /// When to use color.
    pub(super) color: Option<String>,
    /// Time a statement may take.
    pub(super) timeout: Option<String>,
    /// The pager, empty for none.
    pub(super) pager: Option<String>,
    /// Where the log is copied to while it grows.
    pub(super) archive: Option<PathBuf>,
    /// What becomes of commits that cannot be archived.
    #[serde(rename = "archive-failure", alias = "archive_failure")]
    pub(super) archive_failure: Option<String>,
    /// How object stores are reached.
    pub(super) s3: S3,
    /// How `vql serve` serves.
    pub(super) serve: Serve,
    /// How `vql fmt` formats.
    pub(super) fmt: Fmt,
    /// What makes vectors of texts, by name.
    pub(super) embedder: BTreeMap<String, Embedder>,
}

/// A table `[embedder.NAME]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Embedder {
    /// What it speaks.
    pub(super) kind: EmbedderKind,
    /// Where it is.
    pub(super) url: String,
    /// The model asked for.
    pub(super) model: String,
    /// Numbers in a vector.
    pub(super) dimension: u32,
    /// Texts of one request.
    #[serde(default = "batch")]
    pub(super) batch: usize,
    /// Time one request may take.
    #[serde(default = "timeout_ms")]
    pub(super) timeout_ms: u64,
    /// Further tries.
    #[serde(default = "retries")]
    pub(super) retries: u32,
    /// The variable of the environment that holds the key.
    pub(super) key_env: Option<String>,
}

/// What an embedder speaks.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum EmbedderKind {
    OpenAi,
    Ollama,
}

fn batch() -> usize {
    64
}

fn timeout_ms() -> u64 {
    30_000
}

fn retries() -> u32 {
    4
}

/// The table `[serve]`. Paths are meant from where the file is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct Serve {
    /// The address.
    pub(super) listen: Option<std::net::SocketAddr>,
    /// The certificate of the server, as PEM.
    pub(super) tls_cert: Option<PathBuf>,
    /// Its private key.
    pub(super) tls_key: Option<PathBuf>,
    /// Who signs the certificates of clients.
    pub(super) client_ca: Option<PathBuf>,
    /// Where backups are kept.
    pub(super) backups: Option<PathBuf>,
    /// Origins of web pages that may call.
    pub(super) origins: Option<Vec<String>>,
    /// How long requests may go on at the end.
    pub(super) drain: Option<String>,
    /// `error`, `warn`, `info`, `debug` or `trace`, or a filter of them.
    pub(super) log_level: Option<String>,
    /// `text` or `json`.
    pub(super) log_format: Option<String>,
    /// The bounds.
    pub(super) limits: ServeLimits,
    /// Whose tokens are believed.
    pub(super) tokens: Option<ServeTokens>,
    /// Which certificate is whose.
    pub(super) certificates: Option<BTreeMap<String, String>>,
}

/// The table `[serve.tokens]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct ServeTokens {
    /// Who issues them.
    pub(super) issuer: Option<String>,
    /// For whom: this server.
    pub(super) audience: Option<String>,
    /// The file with the key set of the issuer.
    pub(super) keys: Option<PathBuf>,
    /// Its address.
    pub(super) keys_url: Option<String>,
    /// The file with a shared secret, for HS256.
    pub(super) secret: Option<PathBuf>,
    /// The claim that holds roles.
    pub(super) roles: Option<String>,
    /// Tokens that are worthless, by `jti`.
    pub(super) revoked: Vec<String>,
}

/// The table `[serve.limits]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct ServeLimits {
    /// Statements at the same time.
    pub(super) statements: Option<usize>,
    /// Statements that wait.
    pub(super) queue: Option<usize>,
    /// Open connections.
    pub(super) connections: Option<usize>,
    /// Bytes of a body.
    pub(super) body: Option<usize>,
    /// Time for the head of a request.
    pub(super) head_time: Option<String>,
    /// Time for its body.
    pub(super) body_time: Option<String>,
    /// Time of a statement.
    pub(super) statement_time: Option<String>,
    /// Rows of an answer.
    pub(super) rows: Option<usize>,
    /// Open transactions of a principal.
    pub(super) transactions: Option<usize>,
    /// Idle time of a transaction.
    pub(super) idle: Option<String>,
    /// Readers of streams.
    pub(super) subscribers: Option<usize>,
    /// Requests of a principal in a second; 0 for any number.
    pub(super) rate: Option<u32>,
}

/// The table `[s3]`. Secrets do not belong into a file that lies beside a project.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct S3 {
    /// Where the store is, when it is not Amazon's.
    pub(super) endpoint: Option<String>,
    /// Its region.
    pub(super) region: Option<String>,
}

/// The table `[fmt]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct Fmt {
    /// Columns a line may have.
    #[serde(alias = "line_width", deserialize_with = "line_width")]
    pub(super) line_width: Option<u16>,
    /// Columns of a step of indentation.
    #[serde(deserialize_with = "indent")]
    pub(super) indent: Option<u16>,
    /// How keywords are written.
    #[serde(alias = "keyword_case")]
    pub(super) keyword_case: Option<Case>,
    /// Files left alone, as in a `.gitignore`.
    pub(super) exclude: Vec<String>,
}

/// How keywords are written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Case {
    Upper,
    Lower,
    Preserve,
}

impl From<Case> for KeywordCase {
    fn from(case: Case) -> Self {
        match case {
            Case::Upper => Self::Upper,
            Case::Lower => Self::Lower,
            Case::Preserve => Self::Preserve,
        }
    }
}

fn line_width<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u16>, D::Error> {
    within(from, &WIDTHS)
}

fn indent<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u16>, D::Error> {
    within(from, &INDENTS)
}

fn within<'de, D: Deserializer<'de>>(
    from: D,
    range: &RangeInclusive<u16>,
) -> Result<Option<u16>, D::Error> {
    let number = u16::deserialize(from)?;
    if range.contains(&number) {
        return Ok(Some(number));
    }
    let (least, most) = (range.start(), range.end());
    Err(D::Error::custom(format!("{number} is not a number from {least} to {most}")))
}
