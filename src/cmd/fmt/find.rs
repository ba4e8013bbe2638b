//! Which files are meant: those named, and in directories those that no ignore file and no pattern
//! leaves out. Reads directories and ignore files, never the files themselves.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::cmd::args::FmtArgs;
use crate::cmd::error::{CmdError, Result};
use crate::config::layout::{Layouts, Wishes};

/// A text to treat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Standard input.
    Stdin,
    /// Standard input, that goes by the name of a file left out: it passes as it is.
    Passed,
    /// A file.
    File(PathBuf),
}

/// The inputs in the order in which they are named, directories in the order of names; and the
/// directories that could not be read.
pub(super) fn inputs(args: &FmtArgs, layouts: &Layouts) -> Result<(Vec<Input>, Vec<CmdError>)> {
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { &here[..] } else { &args.paths };
    let mut finder = Finder {
        flags: patterns(Path::new(""), &args.which.exclude)?,
        layouts,
        force: args.which.force_exclude,
        found: Vec::new(),
        seen: HashSet::new(),
        errors: Vec::new(),
    };
    for path in paths {
        if path.as_os_str() == "-" {
            let name = args.which.stdin_filename.as_deref();
            let out = match name {
                Some(name) => finder.leaves_out(name)?,
                None => false,
            };
            finder.found.push(if out { Input::Passed } else { Input::Stdin });
        } else if path.is_dir() {
            finder.directory(path)?;
        } else if !finder.leaves_out(path)? {
            finder.add(path);
        }
    }
    Ok((finder.found, finder.errors))
}

/// True for the names of Markdown files.
pub(super) fn is_markdown(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| ["md", "markdown"].iter().any(|known| e.eq_ignore_ascii_case(known)))
}

struct Finder<'a> {
    flags: Gitignore,
    layouts: &'a Layouts,
    force: bool,
    found: Vec<Input>,
    seen: HashSet<PathBuf>,
    errors: Vec<CmdError>,
}

impl Finder<'_> {
    fn add(&mut self, path: &Path) {
        let path = path.strip_prefix("./").unwrap_or(path).to_owned();
        if self.seen.insert(path.clone()) {
            self.found.push(Input::File(path));
        }
    }

    /// Every VQL and Markdown file below a directory, but for what is left out, in order of name.
    fn directory(&mut self, dir: &Path) -> Result<()> {
        let mut walk = ignore::WalkBuilder::new(dir);
        walk.require_git(false).sort_by_file_name(Ord::cmp);
        for entry in walk.build() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(cause) => {
                    self.errors.push(CmdError::usage(cause.to_string()));
                    continue;
                }
            };
            let path = entry.path();
            let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
            let ours = path.extension().is_some_and(|e| e == "vql") || is_markdown(path);
            if is_file && ours && !self.is_excluded(path)? {
                self.add(path);
            }
        }
        Ok(())
    }

    /// True when a file that is named is left out all the same.
    fn leaves_out(&self, path: &Path) -> Result<bool> {
        Ok(self.force && (self.is_excluded(path)? || is_ignored(path)))
    }

    /// True when a flag or the settings exclude a file.
    fn is_excluded(&self, path: &Path) -> Result<bool> {
        if excludes(&self.flags, path.strip_prefix("./").unwrap_or(path)) {
            return Ok(true);
        }
        // A settings file that is wrong is reported with the file it is for.
        let Ok(layout) = self.layouts.of(path, &Wishes::default()) else { return Ok(false) };
        for (root, glob) in &layout.exclude {
            let root = std::path::absolute(root).unwrap_or_default();
            let file = std::path::absolute(path).unwrap_or_default();
            let Ok(below) = file.strip_prefix(&root) else { continue };
            if excludes(&patterns(Path::new(""), std::slice::from_ref(glob))?, below) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn patterns(root: &Path, globs: &[String]) -> Result<Gitignore> {
    let mut builder = GitignoreBuilder::new(root);
    let wrong = |cause: ignore::Error| {
        CmdError::usage(format!("not a pattern of files: {cause}"))
            .hint("patterns are those of `.gitignore`, such as `*.gen.vql` or `/vendor/`")
    };
    for glob in globs {
        builder.add_line(None, glob).map_err(wrong)?;
    }
    builder.build().map_err(wrong)
}

/// True when patterns leave out a file or a directory it is in; the last pattern that matches
/// decides.
fn excludes(patterns: &Gitignore, path: &Path) -> bool {
    let mut parts = path.ancestors().filter(|part| !part.as_os_str().is_empty());
    let Some(file) = parts.next() else { return false };
    patterns.matched(file, false).is_ignore()
        || parts.any(|dir| patterns.matched(dir, true).is_ignore())
}

/// True when the ignore files of a directory that holds the file say so; the nearest one decides.
fn is_ignored(path: &Path) -> bool {
    let Ok(file) = std::path::absolute(path) else { return false };
    for dir in file.ancestors().skip(1) {
        for name in [".ignore", ".gitignore"] {
            let rules = dir.join(name);
            if !rules.is_file() {
                continue;
            }
            let (globs, _) = Gitignore::new(&rules);
            let found = globs.matched_path_or_any_parents(&file, false);
            if !found.is_none() {
                return found.is_ignore();
            }
        }
        if dir.join(".git").exists() {
            return false;
        }
    }
    false
}
