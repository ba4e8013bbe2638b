//! Settings: flags beat `VQL_*` variables, which beat a project's `vql.toml`, which beats
//! `~/.config/vql/config.toml`, which beats the defaults. Each setting knows where it came from.
//!
//! This is the only reader of the environment, and the place where the real clock lives.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;

mod embedder;
mod env;
mod host;
pub mod layout;
mod schema;
pub mod serve;
pub mod trust;

pub use self::env::{Env, Secrets, Terminal};
pub use self::host::{SystemClock, SystemRng};

use self::layout::Layouts;
use self::schema::Schema;
use crate::cmd::args::{self, ArchiveFailure, Color, Format, Shared};
use crate::cmd::error::{CmdError, Result};
use crate::engine::embed::Embedders;

/// The database when none is named.
pub const DEFAULT_TARGET: &str = "./vql.db";

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line.
    Flag,
    /// This environment variable.
    Variable(&'static str),
    /// This file.
    File(PathBuf),
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Variable(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// What.
    pub value: T,
    /// From where.
    pub origin: Origin,
}

/// Every setting of the program.
#[derive(Clone, Debug)]
pub struct Config {
    /// The environment.
    pub env: Env,
    /// The database when none is named.
    pub target: Setting<String>,
    /// Form of the results; `None` lets the terminal decide.
    pub format: Setting<Option<Format>>,
    /// When to use color.
    pub color: Setting<Color>,
    /// Time a statement may take.
    pub timeout: Setting<Option<Duration>>,
    /// The pager; `None` for the built-in choice, empty for none.
    pub pager: Setting<Option<String>>,
    /// Where the log is copied to while it grows; `None` for nowhere.
    pub archive: Setting<Option<PathBuf>>,
    /// What becomes of commits that cannot be archived.
    pub archive_failure: Setting<ArchiveFailure>,
    /// How object stores are reached: the variables of the environment, beside what files say.
    pub s3: Secrets,
    /// How `vql serve` serves.
    pub serve: serve::Serve,
    /// How `vql fmt` lays out files.
    pub layouts: Layouts,
    /// What makes vectors of texts.
    pub embedders: Embedders,
}

impl Config {
    /// Reads what flags, environment and files say.
    pub fn load(shared: &Shared, env: Env) -> Result<Self> {
        let files = files(shared, &env)?;
        let layouts = layouts(shared, &env, &files);
        Self::of(shared, env, files, layouts)
    }

    /// The same without any file.
    pub fn isolated(shared: &Shared, env: Env) -> Result<Self> {
        Self::of(shared, env, Vec::new(), Layouts::isolated())
    }

    fn of(
        shared: &Shared,
        env: Env,
        files: Vec<(PathBuf, Schema)>,
        layouts: Layouts,
    ) -> Result<Self> {
        let embedders = embedder::all(&files, &env)?;
        let layers = Layers { files, env: &env };
        let color = layers.choice("VQL_COLOR", shared.color, |file| file.color.as_deref())?;
        let format = layers.choice("VQL_FORMAT", shared.format, |file| file.format.as_deref())?;
        Ok(Self {
            target: layers.text("VQL_TARGET", |file| file.target.as_deref()).map_or_else(
                || default(DEFAULT_TARGET.to_owned()),
                |(value, origin)| Setting { value, origin },
            ),
            format: optional(format),
            color: color.unwrap_or_else(|| default(Color::Auto)),
            timeout: optional(layers.timeout(shared.timeout)?),
            pager: match layers
                .files
                .iter()
                .find_map(|(path, file)| Some((file.pager.clone()?, Origin::File(path.clone()))))
            {
                _ if env.pager.is_some() => {
                    let name =
                        if env.ours.contains_key("VQL_PAGER") { "VQL_PAGER" } else { "PAGER" };
                    Setting { value: env.pager.clone(), origin: Origin::Variable(name) }
                }
                Some((value, origin)) => Setting { value: Some(value), origin },
                None => default(None),
            },
            archive: layers.archive(),
            archive_failure: layers
                .choice("VQL_ARCHIVE_FAILURE", None, |file| file.archive_failure.as_deref())?
                .unwrap_or_else(|| default(ArchiveFailure::Refuse)),
            s3: layers.s3(),
            serve: serve::Serve::of(&layers.files)?,
            layouts,
            embedders,
            env,
        })
    }

    /// Where the shell keeps its history.
    pub fn history(&self) -> Option<PathBuf> {
        self.env
            .ours
            .get("VQL_HISTORY")
            .map(PathBuf::from)
            .or_else(|| Some(self.env.state_dir.as_ref()?.join("vql").join("history")))
    }

    /// The statements run at the start of an interactive shell.
    pub fn init_file(&self) -> Option<PathBuf> {
        Some(self.env.home.as_ref()?.join(".vqlrc"))
    }
}

/// The files in order of precedence and the environment.
struct Layers<'a> {
    files: Vec<(PathBuf, Schema)>,
    env: &'a Env,
}

impl Layers<'_> {
    /// A setting as text, from the environment or a file.
    fn text(
        &self,
        variable: &'static str,
        key: impl Fn(&Schema) -> Option<&str>,
    ) -> Option<(String, Origin)> {
        if let Some(value) = self.env.ours.get(variable).filter(|value| !value.is_empty()) {
            return Some((value.clone(), Origin::Variable(variable)));
        }
        self.files
            .iter()
            .find_map(|(path, file)| Some((key(file)?.to_owned(), Origin::File(path.clone()))))
    }

    /// The archive; a relative path in a file is meant from where the file is.
    fn archive(&self) -> Setting<Option<PathBuf>> {
        if let Some(value) = self.env.ours.get("VQL_ARCHIVE").filter(|value| !value.is_empty()) {
            let origin = Origin::Variable("VQL_ARCHIVE");
            return Setting { value: Some(value.into()), origin };
        }
        let found = self.files.iter().find_map(|(path, file)| {
            let value = path.parent().unwrap_or(Path::new("")).join(file.archive.as_ref()?);
            Some(Setting { value: Some(value), origin: Origin::File(path.clone()) })
        });
        found.unwrap_or_else(|| default(None))
    }

    /// How object stores are reached, by the names of the variables that other tools know too.
    fn s3(&self) -> Secrets {
        let mut all = BTreeMap::new();
        for (_, file) in self.files.iter().rev() {
            let said = [("AWS_ENDPOINT_URL", &file.s3.endpoint), ("AWS_REGION", &file.s3.region)];
            let said = said.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
            all.extend(said.map(|(name, value)| (name.to_owned(), value)));
        }
        if self.env.aws.contains_key("AWS_DEFAULT_REGION") {
            all.remove("AWS_REGION");
        }
        all.extend(self.env.aws.iter().map(|(name, value)| (name.clone(), value.clone())));
        Secrets(all)
    }

    /// A setting out of a closed list.
    fn choice<T: ValueEnum>(
        &self,
        variable: &'static str,
        flag: Option<T>,
        key: impl Fn(&Schema) -> Option<&str>,
    ) -> Result<Option<Setting<T>>> {
        if let Some(value) = flag {
            return Ok(Some(Setting { value, origin: Origin::Flag }));
        }
        let Some((text, origin)) = self.text(variable, key) else { return Ok(None) };
        if let Ok(value) = T::from_str(&text, true) {
            return Ok(Some(Setting { value, origin }));
        }
        let names: Vec<String> = T::value_variants()
            .iter()
            .filter_map(|v| Some(v.to_possible_value()?.get_name().to_owned()))
            .collect();
        Err(wrong(&text, &origin).hint(format!("choose one of {}", names.join(", "))))
    }

    fn timeout(&self, flag: Option<Duration>) -> Result<Option<Setting<Duration>>> {
        if let Some(value) = flag {
            return Ok(Some(Setting { value, origin: Origin::Flag }));
        }
        let Some((text, origin)) = self.text("VQL_TIMEOUT", |file| file.timeout.as_deref()) else {
            return Ok(None);
        };
        let value = args::duration(&text).map_err(|hint| wrong(&text, &origin).hint(hint))?;
        Ok(Some(Setting { value, origin }))
    }
}

fn wrong(text: &str, origin: &Origin) -> CmdError {
    CmdError::usage(format!("`{text}` (from {origin}) is not a value of this setting"))
}

fn default<T>(value: T) -> Setting<T> {
    Setting { value, origin: Origin::Default }
}

fn optional<T>(setting: Option<Setting<T>>) -> Setting<Option<T>> {
    match setting {
        Some(Setting { value, origin }) => Setting { value: Some(value), origin },
        None => default(None),
    }
}

/// The settings file that the user names.
fn named(shared: &Shared, env: &Env) -> Option<PathBuf> {
    shared.config.clone().or_else(|| env.ours.get("VQL_CONFIG").map(PathBuf::from))
}

/// The settings of the user, which may be missing.
fn of_user(env: &Env) -> Option<PathBuf> {
    env.config_dir.as_ref().map(|dir| dir.join("vql").join("config.toml"))
}

/// What these files say about layouts. The file of a project is left to those who know of which.
fn layouts(shared: &Shared, env: &Env, files: &[(PathBuf, Schema)]) -> Layouts {
    let find = |wanted: Option<PathBuf>| {
        let wanted = wanted?;
        let (path, schema) = files.iter().find(|(path, _)| *path == wanted)?;
        Some((path.clone(), schema.fmt.clone()))
    };
    Layouts { named: find(named(shared, env)), user: find(of_user(env)), isolated: false }
}

/// The settings files that exist, the stronger one first.
fn files(shared: &Shared, env: &Env) -> Result<Vec<(PathBuf, Schema)>> {
    if let Some(path) = named(shared, env) {
        let text = std::fs::read_to_string(&path).map_err(|e| CmdError::file("read", &path, &e))?;
        return Ok(vec![(path.clone(), parse(&path, &text)?)]);
    }
    // A directory that is gone has no project file.
    let here = std::env::current_dir().unwrap_or_default();
    let project = here.ancestors().map(|dir| dir.join("vql.toml")).find(|path| path.is_file());
    let user = of_user(env);
    let mut found = Vec::new();
    for path in project.into_iter().chain(user) {
        match std::fs::read_to_string(&path) {
            Ok(text) => found.push((path.clone(), parse(&path, &text)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(CmdError::file("read", &path, &error)),
        }
    }
    Ok(found)
}

fn parse(path: &Path, text: &str) -> Result<Schema> {
    toml::from_str(text).map_err(|error| {
        let line =
            error.span().map(|span| 1 + text.get(..span.start).unwrap_or("").matches('\n').count());
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        CmdError::usage(format!("{}{line}: {}", path.display(), error.message().trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Env {
        Env::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn each_layer_beats_the_next_and_says_where_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, "format = 'csv'\ntimeout = '5s'\n[fmt]\nline-width = 80\n").unwrap();
        let shared = Shared { config: Some(path.clone()), ..Shared::default() };
        let config = Config::load(&shared, env(&[("VQL_TIMEOUT", "2s")])).unwrap();
        assert_eq!(config.format.value, Some(Format::Csv));
        assert_eq!(config.format.origin, Origin::File(path));
        assert_eq!(config.timeout.value, Some(Duration::from_secs(2)));
        assert_eq!(config.timeout.origin, Origin::Variable("VQL_TIMEOUT"));
        let layout = config.layouts.of(Path::new("q.vql"), &layout::Wishes::default()).unwrap();
        assert_eq!(layout.line_width.value, 80);
        assert_eq!(config.target.value, DEFAULT_TARGET);
        let shared = Shared { format: Some(Format::Json), ..shared };
        let config = Config::load(&shared, env(&[("VQL_FORMAT", "csv")])).unwrap();
        assert_eq!(config.format.origin, Origin::Flag);
    }

    #[test]
    fn a_misspelt_key_or_value_is_an_error_that_names_the_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, "color = 'auto'\nfromat = 'csv'\n").unwrap();
        let shared = Shared { config: Some(path), ..Shared::default() };
        let error = Config::load(&shared, Env::default()).unwrap_err();
        assert!(error.message.contains("config.toml:2: unknown field `fromat`"), "{error:?}");
        let shared = Shared::default();
        let error = Config::load(&shared, env(&[("VQL_FORMAT", "xml")])).unwrap_err();
        assert!(error.message.contains("`xml` (from VQL_FORMAT)"), "{error:?}");
    }
}
