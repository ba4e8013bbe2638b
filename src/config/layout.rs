//! How `vql fmt` lays out the files of a directory, and who said so.
//!
//! Flags beat the nearest `vql.toml` at or above the file, which beats the indentation of an
//! `.editorconfig`, which beats the table `[fmt]` of the user's settings, which beats the defaults.

use std::fs;
use std::path::{Path, PathBuf};

use ignore::gitignore::GitignoreBuilder;

use super::schema::Fmt;
use super::{Origin, Setting, parse};
use crate::cmd::args::KeywordCase;
use crate::cmd::error::{CmdError, Result};

/// What the settings say about layouts; the files of projects are read when they are asked for.
#[derive(Clone, Debug, Default)]
pub struct Layouts {
    /// A settings file named by the user: it speaks for every directory.
    pub(super) named: Option<(PathBuf, Fmt)>,
    /// The settings of the user.
    pub(super) user: Option<(PathBuf, Fmt)>,
    /// No file speaks.
    pub(super) isolated: bool,
}

/// What the flags say about the layout.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// `--line-width`
    pub width: Option<u16>,
    /// `--indent`
    pub indent: Option<u16>,
    /// `--keyword-case`
    pub case: Option<KeywordCase>,
}

/// The layout of the files of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Columns a line may have.
    pub line_width: Setting<u16>,
    /// Columns of a step of indentation.
    pub indent: Setting<u16>,
    /// How keywords are written.
    pub keyword_case: Setting<KeywordCase>,
    /// Patterns of files left alone, and the directory they are relative to.
    pub exclude: Vec<(PathBuf, String)>,
}

impl Layouts {
    /// Without any file.
    pub fn isolated() -> Self {
        Self { isolated: true, ..Self::default() }
    }

    /// The layout of a file of this name.
    pub fn of(&self, file: &Path, wishes: &Wishes) -> Result<Layout> {
        let dir = file.parent().unwrap_or(Path::new(""));
        let project = if self.isolated || self.named.is_some() { None } else { nearest(dir)? };
        let strong = self.named.as_ref().or(project.as_ref());
        let editor = if self.isolated { None } else { editorconfig(dir, file) };
        let weak = self.user.as_ref();
        let said = |get: &dyn Fn(&Fmt) -> Option<u16>, file: Option<&(PathBuf, Fmt)>| {
            file.and_then(|(path, fmt)| Some((get(fmt)?, Origin::File(path.clone()))))
        };
        let pick = |flag: Option<u16>, get: &dyn Fn(&Fmt) -> Option<u16>, editor, default| {
            let found = flag.map(|value| (value, Origin::Flag));
            let found = found.or_else(|| said(get, strong)).or(editor);
            let (value, origin) =
                found.or_else(|| said(get, weak)).unwrap_or((default, Origin::Default));
            Setting { value, origin }
        };
        let exclude = [strong, weak].into_iter().flatten().flat_map(|(path, fmt)| {
            let root = path.parent().unwrap_or(Path::new("")).to_owned();
            fmt.exclude.iter().map(move |glob| (root.clone(), glob.clone()))
        });
        Ok(Layout {
            line_width: pick(wishes.width, &|f| f.line_width, None, 100),
            indent: pick(wishes.indent, &|f| f.indent, editor, 2),
            keyword_case: case(wishes, [strong, weak]),
            exclude: exclude.collect(),
        })
    }
}

fn case(wishes: &Wishes, files: [Option<&(PathBuf, Fmt)>; 2]) -> Setting<KeywordCase> {
    if let Some(value) = wishes.case {
        return Setting { value, origin: Origin::Flag };
    }
    files
        .into_iter()
        .flatten()
        .find_map(|(path, fmt)| {
            let value = fmt.keyword_case?.into();
            Some(Setting { value, origin: Origin::File(path.clone()) })
        })
        .unwrap_or(Setting { value: KeywordCase::Upper, origin: Origin::Default })
}

/// The nearest `vql.toml` at or above a directory.
fn nearest(dir: &Path) -> Result<Option<(PathBuf, Fmt)>> {
    // A directory that is gone has no settings.
    let Ok(dir) =
        std::path::absolute(if dir.as_os_str().is_empty() { Path::new(".") } else { dir })
    else {
        return Ok(None);
    };
    let Some(path) = dir.ancestors().map(|dir| dir.join("vql.toml")).find(|path| path.is_file())
    else {
        return Ok(None);
    };
    let text = fs::read_to_string(&path).map_err(|e| CmdError::file("read", &path, &e))?;
    let schema = parse(&path, &text)?;
    Ok(Some((path, schema.fmt)))
}

/// The `indent_size` that the `.editorconfig` files at and above a directory give a file. They are
/// meant for editors, so whatever else they say, and what is wrong in them, is none of ours.
fn editorconfig(dir: &Path, file: &Path) -> Option<(u16, Origin)> {
    let dir = std::path::absolute(if dir.as_os_str().is_empty() { Path::new(".") } else { dir });
    let name = Path::new(file.file_name()?);
    for dir in dir.ok()?.ancestors() {
        let path = dir.join(".editorconfig");
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let (size, root) = indent_size(&text, dir, &dir.join(name));
        if let Some(size) = size {
            return Some((size, Origin::File(path)));
        }
        if root {
            return None;
        }
    }
    None
}

/// What one `.editorconfig` says about a file, and whether it is the last to be asked.
fn indent_size(text: &str, dir: &Path, file: &Path) -> (Option<u16>, bool) {
    let (mut size, mut root) = (None, false);
    // Before the first section stands what concerns all files of editors, not those of a name.
    let mut section: Option<bool> = None;
    for line in text.lines().map(str::trim) {
        if let Some(glob) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let mut builder = GitignoreBuilder::new(dir);
            builder.add_line(None, glob).ok();
            let meant = builder.build().is_ok_and(|globs| globs.matched(file, false).is_ignore());
            section = Some(meant);
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim().to_ascii_lowercase());
        match (key.as_str(), section) {
            ("root", None) => root = value == "true",
            ("indent_size", Some(true)) => {
                size = value.parse().ok().filter(|size| INDENTS.contains(size));
            }
            _ => {}
        }
    }
    (size, root)
}

/// Columns a line may have.
pub const WIDTHS: std::ops::RangeInclusive<u16> = 20..=1000;
/// Columns a step of indentation may have.
pub const INDENTS: std::ops::RangeInclusive<u16> = 1..=8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_speaks_and_editors_only_of_indentation() {
        let dir = tempfile::tempdir().unwrap();
        let sub = dir.path().join("a/b");
        fs::create_dir_all(&sub).unwrap();
        let project = dir.path().join("vql.toml");
        fs::write(&project, "[fmt]\nline-width = 80\nkeyword-case = 'lower'\nexclude = ['x']\n")
            .unwrap();
        let editor = dir.path().join("a/.editorconfig");
        fs::write(&editor, "root = true\n[*.py]\nindent_size = 3\n[*.{vql,md}]\nindent_size = 4\n")
            .unwrap();
        let layouts = Layouts::default();
        let file = sub.join("q.vql");
        let layout = layouts.of(&file, &Wishes::default()).unwrap();
        assert_eq!(layout.line_width, Setting { value: 80, origin: Origin::File(project) });
        assert_eq!(layout.indent, Setting { value: 4, origin: Origin::File(editor) });
        assert_eq!(layout.keyword_case.value, KeywordCase::Lower);
        assert_eq!(layout.exclude, [(dir.path().to_owned(), "x".to_owned())]);
        let layout = layouts.of(&sub.join("q.txt"), &Wishes::default()).unwrap();
        assert_eq!(layout.indent.origin, Origin::Default);
        fs::write(sub.join("vql.toml"), "").unwrap();
        let wishes = Wishes { indent: Some(3), ..Wishes::default() };
        let layout = layouts.of(&file, &wishes).unwrap();
        assert_eq!((layout.line_width.value, layout.indent.origin), (100, Origin::Flag));
        fs::write(sub.join("vql.toml"), "[fmt]\nwidth = 3\n").unwrap();
        let error = layouts.of(&file, &wishes).unwrap_err();
        assert!(error.message.contains("vql.toml:2: unknown field `width`"), "{error:?}");
        let alone = Layouts::isolated();
        assert_eq!(alone.of(&file, &Wishes::default()).unwrap().indent.origin, Origin::Default);
    }
}
