//! Runs the program the way a user would: in a directory of its own, with an environment that
//! holds nothing of the machine's, and keeps what came out.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use tempfile::TempDir;

/// An empty directory to work in.
pub(crate) struct Place {
    dir: TempDir,
}

/// What a run left behind.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The program with a clean environment, not yet started.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vql"));
        command.args(args).current_dir(self.root()).env_clear();
        command.env("HOME", self.root().join("home")).env("PATH", "/usr/bin:/bin");
        command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        command
    }

    /// Runs `vql ARGS` with nothing on standard input.
    pub(crate) fn vql<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        self.with_input(args, "")
    }

    /// Runs `vql ARGS` with this on standard input.
    pub(crate) fn with_input<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        input: impl AsRef<[u8]>,
    ) -> Run {
        run(&mut self.command(args), input.as_ref())
    }

    /// Runs a script on the database `t.db` and gives what it printed, which must succeed.
    pub(crate) fn script(&self, script: &str) -> String {
        let run = self.with_input(["repl", "t.db", "--format", "jsonl"], script);
        assert_eq!(run.code, 0, "{script}\n{run}");
        run.out
    }

    /// Starts a program that a conversation is held with.
    pub(crate) fn talk(&self, args: &[&str]) -> Talk {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        Talk { child, input, output }
    }
}

/// Runs a command to its end with this input.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // A program that fails early does not read all of it.
    let writer = std::thread::spawn(move || stdin.write_all(&input).ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run::from(output)
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Run {
    /// The same without what differs from run to run: times and temporary names.
    pub(crate) fn redacted(mut self, place: &Place) -> Self {
        let root = place.root().display().to_string();
        let ms = regex::Regex::new(r#""elapsed_ms":[0-9.]+"#).unwrap();
        for text in [&mut self.out, &mut self.err] {
            *text = ms.replace_all(&text.replace(&root, "[DIR]"), r#""elapsed_ms":0"#).into_owned();
        }
        self
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit {}", self.code)?;
        for (name, text) in [("stdout", &self.out), ("stderr", &self.err)] {
            if !text.is_empty() {
                writeln!(f, "---- {name}\n{}", text.trim_end_matches('\n'))?;
            }
        }
        Ok(())
    }
}

/// A conversation with a running program.
pub(crate) struct Talk {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Talk {
    /// Says something and takes the one line that answers it.
    pub(crate) fn ask(&mut self, text: &str) -> serde_json::Value {
        self.say(text);
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{text}: {line:?}: {e}"))
    }

    pub(crate) fn say(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end while the input stays open.
    pub(crate) fn wait(mut self) -> Run {
        let input = self.input.take();
        let mut out = String::new();
        self.output.read_to_string(&mut out).unwrap();
        let mut run = Run::from(self.child.wait_with_output().unwrap());
        drop(input);
        run.out = out;
        run
    }

    /// Closes the input and waits for the end; what was not read yet is in `out`.
    pub(crate) fn end(mut self) -> Run {
        drop(self.input.take());
        let mut out = String::new();
        self.output.read_to_string(&mut out).unwrap();
        let mut run = Run::from(self.child.wait_with_output().unwrap());
        run.out = out;
        run
    }
}
