//! What a settings file may say. An unknown key is an error: a setting that is misspelt must not
//! be ignored.

use serde::Deserialize;

/// A `config.toml` or `vql.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schema {
    /// The database when none is named.
    pub target: Option<String>,
    /// Form of the results.
    pub format: Option<String>,
    /// When to use color.
    pub color: Option<String>,
    /// Time a statement may take.
    pub timeout: Option<String>,
    /// The pager, empty for none.
    pub pager: Option<String>,
    /// How `vql fmt` formats.
    pub fmt: Fmt,
}

/// The table `[fmt]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fmt {
    /// Columns a line may have.
    #[serde(rename = "line-width", alias = "line_width")]
    pub line_width: Option<u16>,
}
