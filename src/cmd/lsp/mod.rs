//! `vql lsp`: the language server on standard input and output, and what it may see of the world:
//! the layouts of files, schema files, databases that are only read.

mod live;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::LspArgs;
use super::database::Database;
use super::error::{CmdError, Result, plain};
use super::exit::ExitStatus;
use super::fmt;
use super::ui::Ui;
use crate::config::Config;
use crate::config::layout::{Layouts, Wishes};
use crate::engine::base::{self, Error, Kind};
use crate::engine::catalog::Snapshot;
use crate::engine::lang::format::Options;
use crate::lsp::{self, Live, Settings, World};

/// Threads for work that takes a while; two of them belong to the streams of the process.
const THREADS: usize = 8;

/// How much of a workspace is read: levels, entries, files, and bytes of one file.
const DEPTH: usize = 12;
const ENTRIES: usize = 100_000;
const FILES: usize = 2000;
const FILE_BYTES: u64 = 1 << 20;

/// Serves one editor until it says `exit` or goes away; or prints the names of a database.
///
/// As the protocol wants it, the program fails when the editor leaves without saying `shutdown`.
pub fn run(args: &LspArgs, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    if args.print_schema {
        let target = args.database.as_deref().unwrap_or(&config.target.value);
        let names = Database::new(target, true)?.engine()?.names()?;
        ui.print(&schema::written(&names))?;
        return Ok(ExitStatus::Ok);
    }
    let settings = Settings {
        database: args.database.clone(),
        schema: args.schema.as_ref().map(|path| path.display().to_string()),
        documentation: manual(),
        ..Settings::default()
    };
    let world = Arc::new(Around { layouts: config.layouts.clone() });
    let built = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(THREADS)
        .enable_time()
        .build();
    let runtime = built.map_err(|cause| {
        CmdError::new(ExitStatus::Failed, format!("cannot start threads: {}", plain(&cause)))
    })?;
    let served = lsp::run(tokio::io::stdin(), tokio::io::stdout(), settings, world);
    let orderly = runtime.block_on(served);
    // A thread may still be waiting for input of an editor that said `exit`.
    runtime.shutdown_background();
    Ok(if orderly { ExitStatus::Ok } else { ExitStatus::Failed })
}

/// The manual that was installed with the program, as a URI.
fn manual() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?.parent()?.join("share/doc/vql/reference");
    folder.is_dir().then(|| format!("file://{}", folder.display()))
}

/// What lies around the server.
struct Around {
    layouts: Layouts,
}

impl World for Around {
    fn connect(&self, database: &str) -> base::Result<Arc<dyn Live>> {
        let engine = live::Connection::open(database)?;
        Ok(Arc::new(engine))
    }

    fn schema(&self, path: &Path) -> base::Result<Arc<Snapshot>> {
        let text = std::fs::read_to_string(path).map_err(|cause| {
            Error::new(Kind::Io, format!("cannot read `{}`: {}", path.display(), plain(&cause)))
        })?;
        Ok(Arc::new(schema::read(path, &text)?))
    }

    fn texts(&self, folder: &Path) -> Vec<(PathBuf, String)> {
        let mut walk = ignore::WalkBuilder::new(folder);
        walk.sort_by_file_path(Path::cmp).max_depth(Some(DEPTH)).require_git(false);
        let named = |entry: &ignore::DirEntry| {
            let file = entry.file_type().is_some_and(|kind| kind.is_file());
            let small = entry.metadata().is_ok_and(|about| about.len() <= FILE_BYTES);
            file && small && entry.path().extension().is_some_and(|end| end == "vql")
        };
        let files = walk
            .build()
            .take(ENTRIES)
            .filter_map(std::result::Result::ok)
            .filter(named)
            .take(FILES);
        let read = |entry: ignore::DirEntry| {
            let text = std::fs::read_to_string(entry.path()).ok()?;
            Some((entry.into_path(), text))
        };
        files.filter_map(read).collect()
    }

    fn layout(&self, file: Option<&Path>) -> base::Result<Options> {
        let file = file.unwrap_or(Path::new("x.vql"));
        let layout = self.layouts.of(file, &Wishes::default()).map_err(|error| error.payload())?;
        Ok(fmt::options(&layout))
    }
}
