//! Runs the program itself, alone or under `strace` with a fault at one of its calls.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The calls at which a fault can strike.
pub(crate) const CALLS: &[&str] = &[
    "write",
    "writev",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "ftruncate",
    "unlink",
    "unlinkat",
    "openat",
    "mkdir",
    "copy_file_range",
];

/// A fault and the call it strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    /// The call.
    pub(crate) call: String,
    /// Which of them, from 1, within its thread.
    pub(crate) nth: u64,
    /// The file, as far as it is known.
    pub(crate) file: String,
}

impl Point {
    /// As the harness names it: `fsync:3`.
    pub(crate) fn name(&self) -> String {
        format!("{}:{} ({})", self.call, self.nth, self.file)
    }
}

/// What a run left.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// Statements that were answered without an error, in order, before the first that was not.
    pub(crate) answers: usize,
    /// The exit status; `None` when it was killed.
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program with a clean environment.
pub(crate) fn vql<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vql"));
    command.args(arguments);
    clean(&mut command);
    command
}

/// The program under `strace`, which takes `options`.
pub(crate) fn under_strace<S: AsRef<OsStr>>(
    options: &[&str],
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-q"]).args(options).arg(env!("CARGO_BIN_EXE_vql")).args(arguments);
    clean(&mut command);
    command
}

fn clean(command: &mut Command) {
    command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").env("LANG", "C.UTF-8");
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command, input: &str) -> Result<Ended, String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().map_err(|e| e.to_string())?;
    let mut stdin = process.stdin.take().expect("it was asked for");
    let input = input.to_owned();
    // A program that ends early does not read all of it.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = process.wait_with_output().map_err(|e| e.to_string())?;
    drop(writer.join());
    Ok(Ended::from(output))
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        // A line that was cut off was not answered.
        let whole = out.rfind('\n').map_or("", |end| &out[..end]);
        let is_error = |line: &&str| line.starts_with("{\"error\"");
        let answers = whole.lines().take_while(|line| !is_error(line)).count();
        Self { answers, status: output.status.code(), out, err }
    }
}

/// Runs `vql` without a fault and lists the calls on files below `dir` that a fault could strike.
pub(crate) fn points(arguments: &[String], input: &str, dir: &Path) -> Result<Vec<Point>, String> {
    let log = dir.with_extension("calls");
    let shown = log.display().to_string();
    let trace = format!("trace={}", CALLS.join(","));
    let ended = run(&mut under_strace(&["-y", "-o", &shown, "-e", &trace], arguments), input)?;
    if ended.status != Some(0) {
        return Err(format!("it fails without a fault: {}{}", ended.out, ended.err));
    }
    let text = std::fs::read(&log).map_err(|e| e.to_string())?;
    Ok(listed(&String::from_utf8_lossy(&text), &dir.display().to_string()))
}

fn listed(log: &str, dir: &str) -> Vec<Point> {
    let mut counts = std::collections::BTreeMap::new();
    let mut points: Vec<Point> = Vec::new();
    for line in log.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((call, arguments)) = rest.trim_start().split_once('(') else { continue };
        if !CALLS.contains(&call) {
            continue;
        }
        let nth: &mut u64 = counts.entry((thread.to_owned(), call.to_owned())).or_default();
        *nth += 1;
        let Some(at) = arguments.find(dir) else { continue };
        let file: String =
            arguments[at + dir.len()..].chars().take_while(|c| !"\"'><, )".contains(*c)).collect();
        let reads = call == "openat" && !arguments.contains("O_CREAT");
        let point = Point { call: call.to_owned(), nth: *nth, file };
        let known = points.iter().any(|p| p.call == point.call && p.nth == point.nth);
        if !known && !reads && !point.file.ends_with("-shm") {
            points.push(point);
        }
    }
    points
}
