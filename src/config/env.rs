//! The environment of the process, read once; nobody else in the program asks for it.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The variable that holds the key for a server.
const KEY: &str = "VQL_API_KEY";

/// What the environment says that matters to us.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// How to treat the terminal.
    pub terminal: Terminal,
    /// The home directory.
    pub home: Option<PathBuf>,
    /// Where users keep settings.
    pub config_dir: Option<PathBuf>,
    /// Where programs keep what they remember, such as histories.
    pub state_dir: Option<PathBuf>,
    /// The pager, `None` when unset; empty switches paging off.
    pub pager: Option<String>,
    /// The editor.
    pub editor: Option<String>,
    /// Every `VQL_*` variable, by its full name; the API key is not among them.
    pub ours: BTreeMap<String, String>,
    /// Every `AWS_*` variable, by its full name: how object stores are reached. Some are secrets.
    pub aws: Secrets,
    /// All variables, for those that settings name.
    others: Secrets,
}

/// Variables that may hold keys: never shown.
#[derive(Clone, Default)]
pub struct Secrets(pub(super) BTreeMap<String, String>);

impl std::ops::Deref for Secrets {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

/// What the environment says about color and size.
#[derive(Clone, Debug, Default)]
pub struct Terminal {
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set and not `0`.
    pub force_color: bool,
    /// `TERM=dumb`.
    pub dumb: bool,
    /// `COLUMNS`, which beats what the terminal says.
    pub columns: Option<usize>,
}

impl Env {
    /// Reads the environment of the process.
    pub fn read() -> Self {
        // Variables that are not text are none of ours.
        Self::of(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// Reads these variables.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let all: BTreeMap<String, String> = variables.into_iter().collect();
        let get = |name: &str| all.get(name).filter(|value| !value.is_empty());
        let beginning = |prefix: &str| {
            let found = all.iter().filter(|(name, _)| name.starts_with(prefix));
            found.map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        // What is ours may be shown, and the key may not.
        let mut ours: BTreeMap<String, String> = beginning("VQL_");
        ours.remove(KEY);
        let directory = |name: &str| get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = directory("HOME").or_else(|| directory("USERPROFILE"));
        let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
        Self {
            terminal: Terminal {
                no_color: get("NO_COLOR").is_some(),
                force_color: get("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
                dumb: get("TERM").is_some_and(|value| value == "dumb"),
                columns: get("COLUMNS").and_then(|value| value.parse().ok()),
            },
            config_dir: directory("XDG_CONFIG_HOME").or_else(|| below_home(".config")),
            state_dir: directory("XDG_STATE_HOME").or_else(|| below_home(".local/state")),
            pager: all.get("VQL_PAGER").or_else(|| all.get("PAGER")).cloned(),
            editor: get("VISUAL").or_else(|| get("EDITOR")).cloned(),
            ours,
            aws: Secrets(beginning("AWS_")),
            home,
            others: Secrets(all),
        }
    }

    /// The key for a server.
    pub fn api_key(&self) -> Option<&str> {
        self.secret(KEY)
    }

    /// The variable that a setting names; `None` when it is not set or empty.
    pub fn secret(&self, name: &str) -> Option<&str> {
        self.others.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Env {
        Env::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn an_empty_no_color_is_no_wish() {
        assert!(!env(&[("NO_COLOR", "")]).terminal.no_color);
        assert!(env(&[("NO_COLOR", "1")]).terminal.no_color);
        assert!(!env(&[("CLICOLOR_FORCE", "0")]).terminal.force_color);
    }

    #[test]
    fn the_key_is_there_and_never_shown() {
        let env = env(&[(KEY, "vqlk_canary"), ("VQL_TARGET", "x")]);
        assert_eq!(env.api_key(), Some("vqlk_canary"));
        let shown = format!("{env:?}");
        assert!(shown.contains("VQL_TARGET") && !shown.contains("canary"), "{shown}");
    }

    #[test]
    fn directories_follow_xdg() {
        let env = env(&[("HOME", "/home/ada"), ("XDG_STATE_HOME", "/state")]);
        assert_eq!(env.config_dir, Some("/home/ada/.config".into()));
        assert_eq!(env.state_dir, Some("/state".into()));
    }
}
