//! The tables `[serve.tokens]` and `[serve.certificates]`: whose tokens are believed, and which
//! certificate is whose. Secrets are named by their files and never written there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::schema;
use crate::cmd::error::{CmdError, Result};

/// Whose tokens are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Who issues them.
    pub issuer: String,
    /// For whom: this server.
    pub audience: String,
    /// Where the keys are.
    pub keys: KeysAt,
    /// The claim that holds roles.
    pub roles: Option<String>,
    /// Tokens that are worthless, by `jti`.
    pub revoked: Vec<String>,
}

/// Where the keys of an issuer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysAt {
    /// A key set in a file.
    File(PathBuf),
    /// A key set at an address.
    Url(String),
    /// A shared secret in a file, for HS256.
    Secret(PathBuf),
}

/// Who is known beside those with keys of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trusted {
    /// Whose tokens are believed.
    pub tokens: Option<Tokens>,
    /// Which certificate is whose.
    pub certificates: BTreeMap<String, String>,
}

impl Trusted {
    /// Takes over what a file says; it is stronger than what was said before.
    pub(super) fn take(&mut self, path: &Path, said: &schema::Serve) -> Result<()> {
        if let Some(tokens) = &said.tokens {
            self.tokens = Some(read(path, tokens)?);
        }
        if let Some(certificates) = &said.certificates {
            self.certificates.clone_from(certificates);
        }
        Ok(())
    }
}

fn read(path: &Path, said: &schema::ServeTokens) -> Result<Tokens> {
    let wrong = |why: &str| CmdError::usage(format!("{}: [serve.tokens] {why}", path.display()));
    let from = |named: &PathBuf| path.parent().unwrap_or(Path::new("")).join(named);
    let keys = match (&said.keys, &said.keys_url, &said.secret) {
        (Some(file), None, None) => KeysAt::File(from(file)),
        (None, Some(url), None) if url.starts_with("https://") => KeysAt::Url(url.clone()),
        (None, Some(_), None) => return Err(wrong("keys-url: keys are fetched over https only")),
        (None, None, Some(file)) => KeysAt::Secret(from(file)),
        _ => return Err(wrong("needs exactly one of keys, keys-url and secret")),
    };
    let needed = |name: &str, value: &Option<String>| match value {
        Some(value) if !value.is_empty() => Ok(value.clone()),
        _ => Err(wrong(&format!("needs {name}"))),
    };
    Ok(Tokens {
        issuer: needed("issuer", &said.issuer)?,
        audience: needed("audience", &said.audience)?,
        keys,
        roles: said.roles.clone(),
        revoked: said.revoked.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Trusted> {
        let schema: schema::Schema = toml::from_str(text).unwrap();
        let mut trusted = Trusted::default();
        trusted.take(Path::new("/etc/vql/vql.toml"), &schema.serve)?;
        Ok(trusted)
    }

    #[test]
    fn an_issuer_needs_a_name_an_audience_and_one_place_for_its_keys() {
        let trusted = parsed(
            "[serve.tokens]\nissuer = 'https://i'\naudience = 'vql'\nkeys = 'keys.json'\n\
             [serve.certificates]\n'dns:a' = 'ada'\n",
        )
        .unwrap();
        let tokens = trusted.tokens.unwrap();
        assert_eq!(tokens.keys, KeysAt::File("/etc/vql/keys.json".into()));
        assert_eq!(trusted.certificates["dns:a"], "ada");
        for (text, why) in [
            ("issuer = 'i'\naudience = 'a'", "exactly one of"),
            ("issuer = 'i'\naudience = 'a'\nkeys = 'k'\nsecret = 's'", "exactly one of"),
            ("issuer = 'i'\nkeys = 'k'", "needs audience"),
            ("audience = 'i'\nkeys = 'k'", "needs issuer"),
            ("issuer = 'i'\naudience = 'a'\nkeys-url = 'http://x'", "https only"),
        ] {
            let error = parsed(&format!("[serve.tokens]\n{text}")).unwrap_err();
            assert!(error.message.contains(why), "{error:?}");
        }
    }
}
