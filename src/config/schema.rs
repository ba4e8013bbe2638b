//! What a settings file may say. An unknown key is an error: a setting that is misspelt must not
//! be ignored.

use serde::Deserialize;

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
    /// How `vql fmt` formats.
    pub(super) fmt: Fmt,
}

/// The table `[fmt]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fmt {
    /// Columns a line may have.
    #[serde(rename = "line-width", alias = "line_width")]
    pub(super) line_width: Option<u16>,
}
