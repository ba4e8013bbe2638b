//! What can be set from the outside: by flags, by `initializationOptions`, and while running by
//! `workspace/didChangeConfiguration`, section `vql`.

use serde::Deserialize;

/// The settings of a server. What is `None` was not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// The database directory to look at, for reading only.
    pub database: Option<String>,
    /// A file with the names of a database.
    pub schema: Option<String>,
    /// Where the manual is, as a URI that names of pages are appended to.
    pub documentation: Option<String>,
    /// Milliseconds that typing must pause before findings are published.
    pub pause: Option<u64>,
    /// Whether to show what the linter finds.
    pub lint: Option<bool>,
    /// Whether to offer `Run` and `Explain` above statements.
    pub code_lens: Option<bool>,
    /// Whether to show types and dimensions beside names.
    pub inlay_hints: Option<bool>,
}

impl Settings {
    /// Milliseconds that typing pauses when nothing was said.
    const PAUSE: u64 = 120;

    /// What `said` says, and otherwise what was.
    #[must_use]
    pub fn overridden(self, said: Self) -> Self {
        Self {
            database: said.database.or(self.database),
            schema: said.schema.or(self.schema),
            documentation: said.documentation.or(self.documentation),
            pause: said.pause.or(self.pause),
            lint: said.lint.or(self.lint),
            code_lens: said.code_lens.or(self.code_lens),
            inlay_hints: said.inlay_hints.or(self.inlay_hints),
        }
    }

    /// How long typing must pause before findings are published.
    pub fn pause(&self) -> std::time::Duration {
        std::time::Duration::from_millis(self.pause.unwrap_or(Self::PAUSE))
    }
}
