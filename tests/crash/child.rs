//! The programs that are killed: this binary, started again, as a writer that says on standard output
//! what was acknowledged.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use vql::engine::{Engine, Options, Sync};

use crate::database::{self, said};

/// How the writer is told what it is.
const FLAG: &str = "--child";

/// When a commit is safe, by the name of the mode.
pub(crate) fn mode(name: &str) -> Sync {
    match name {
        "off" => Sync::Off,
        "full" => Sync::Full,
        interval => Sync::Interval(interval.parse().unwrap_or(50)),
    }
}

/// The path of this program.
pub(crate) fn program() -> PathBuf {
    std::env::current_exe().expect("this program has a path")
}

/// The arguments that make this program run a script from standard input on the database `dir`.
pub(crate) fn script_arguments(dir: &Path, mode: &str) -> Vec<String> {
    vec![FLAG.into(), "script".into(), dir.display().to_string(), mode.into()]
}

/// The arguments for writers at random.
pub(crate) fn writer_arguments(
    dir: &Path,
    mode: &str,
    [seed, writers, most]: [u64; 3],
) -> Vec<String> {
    let mut arguments = vec![FLAG.into(), "write".into(), dir.display().to_string(), mode.into()];
    arguments.extend([seed, writers, most].map(|n| n.to_string()));
    arguments
}

/// Such a process.
pub(crate) fn command(arguments: &[String]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs as a child when that is what the arguments say; gives the exit status.
pub(crate) fn main(arguments: &[String]) -> Option<i32> {
    let [flag, what, dir, sync, rest @ ..] = arguments else { return None };
    if flag != FLAG {
        return None;
    }
    let options = Options { create: true, sync: mode(sync), ..Options::default() };
    let engine = match database::open_with(Path::new(dir), options) {
        Ok(engine) => engine,
        Err(error) => {
            print(&format!("error {}\n", said(&error)));
            return Some(3);
        }
    };
    let number = |n: usize| rest.get(n).and_then(|text| text.parse().ok()).unwrap_or_default();
    Some(match what.as_str() {
        "script" => script(&engine),
        _ => crate::writers::run(&engine, number(0), number(1), number(2)),
    })
}

/// One line at once: what was printed before a kill has been printed whole.
pub(crate) fn print(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody listens any more: the parent has ended.
    drop(out.write_all(line.as_bytes()).and_then(|()| out.flush()));
}

fn script(engine: &Engine) -> i32 {
    let mut text = String::new();
    drop(std::io::stdin().read_to_string(&mut text));
    let mut session = engine.session();
    for (n, statement) in text.split(";\n").filter(|s| !s.trim().is_empty()).enumerate() {
        match database::execute(&mut session, statement) {
            Ok(_) => print(&format!("ok {}\n", n + 1)),
            Err(error) => {
                print(&format!("error {}\n", said(&error)));
                return 1;
            }
        }
    }
    drop(session);
    match engine.close() {
        Ok(()) => 0,
        Err(error) => {
            print(&format!("error {}\n", said(&error)));
            1
        }
    }
}
