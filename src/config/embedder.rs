//! The tables `[embedder.NAME]`: from settings to embedders that can be asked. A key is read from the
//! variable that the settings name, when the program starts; the settings never hold one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Env;
use super::host::SystemRng;
use super::schema::{self, EmbedderKind, Schema};
use crate::cmd::error::{CmdError, Result};
use crate::engine::embed::{DEFAULT, Embedder, Embedders};
use crate::remote::embedder::{HttpEmbedder, Key, Protocol, Settings};

/// The pause before a request is tried again; it doubles.
const PAUSE: Duration = Duration::from_millis(250);

/// The embedders of these files; the first file that describes a name is believed.
pub(super) fn all(files: &[(PathBuf, Schema)], env: &Env) -> Result<Embedders> {
    let mut found: BTreeMap<&str, Arc<dyn Embedder>> = BTreeMap::new();
    for (path, file) in files {
        for (name, table) in &file.embedder {
            if found.contains_key(name.as_str()) {
                continue;
            }
            let made = one(name, table, env).map_err(|why| {
                CmdError::usage(format!("{}: [embedder.{name}]: {why}", path.display()))
            })?;
            found.insert(name, Arc::new(made));
        }
    }
    Ok(Embedders::with(found.into_values()))
}

fn one(name: &str, table: &schema::Embedder, env: &Env) -> Result<HttpEmbedder, String> {
    if name == DEFAULT {
        return Err("this is the name of the built-in embedder".to_owned());
    }
    if table.dimension == 0 || table.batch == 0 || table.timeout_ms == 0 {
        return Err("`dimension`, `batch` and `timeout_ms` are at least 1".to_owned());
    }
    let key = match &table.key_env {
        None => Key::None,
        Some(variable) => env.secret(variable).map_or_else(
            || Key::Missing(variable.clone()),
            |secret| Key::Secret(secret.trim().to_owned()),
        ),
    };
    let settings = Settings {
        name: name.to_owned(),
        protocol: match table.kind {
            EmbedderKind::OpenAi => Protocol::OpenAi,
            EmbedderKind::Ollama => Protocol::Ollama,
        },
        url: table.url.clone(),
        model: table.model.clone(),
        dimension: table.dimension,
        batch: table.batch,
        timeout: Duration::from_millis(table.timeout_ms),
        retries: table.retries,
        pause: PAUSE,
        key,
    };
    HttpEmbedder::new(settings, Arc::new(SystemRng))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Embedders> {
        let file = toml::from_str::<Schema>(text).map_err(|e| CmdError::usage(e.to_string()))?;
        all(&[(PathBuf::from("vql.toml"), file)], &Env::default())
    }

    const LOCAL: &str =
        "[embedder.local]\nkind = 'ollama'\nurl = 'http://localhost:11434'\nmodel = 'm'\n";

    #[test]
    fn a_table_is_an_embedder() {
        let all = read(&format!("{LOCAL}dimension = 3")).unwrap();
        assert_eq!(all.names().collect::<Vec<_>>(), [DEFAULT, "local"]);
        let local = all.named("local").unwrap();
        assert_eq!((local.dimension(), local.batch()), (3, 64));
        assert_eq!(local.parameters(), r#"{"kind":"ollama","model":"m"}"#);
    }

    #[test]
    fn what_is_wrong_is_said_with_the_file_and_the_table() {
        let message = |text: &str| read(text).unwrap_err().message;
        assert!(message(LOCAL).contains("dimension"));
        let zero = message(&format!("{LOCAL}dimension = 0"));
        assert!(zero.starts_with("vql.toml: [embedder.local]: "), "{zero}");
        assert!(message(&format!("{LOCAL}dimension = 3\nkey = 'x'")).contains("key"));
        let own = LOCAL.replace("local]", "hash-384]");
        assert!(message(&format!("{own}dimension = 3")).contains("built-in"));
    }
}
