//! `vql serve` as its clients see it: the program is started on a free port and spoken to.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::harness::Place;

mod console;
mod graphql;
mod grpc;
mod hexads;
mod hostile;
mod operation;
mod query;
mod resources;
mod shell;
mod web;

/// A running server, killed when it is dropped.
pub(crate) struct Served {
    child: Child,
    /// Open for as long as the server may write to it.
    _out: BufReader<ChildStdout>,
    /// What it says before it listens: its first key.
    pub(crate) greeting: String,
    /// `http://127.0.0.1:port`
    pub(crate) url: String,
}

impl Served {
    /// Serves `t.db` of this place to everybody.
    pub(crate) fn open(place: &Place) -> Self {
        Self::start(place.command(["serve", "t.db", "--insecure", "--listen", "127.0.0.1:0"]))
    }

    /// Starts it and waits until it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        let url = loop {
            let mut line = String::new();
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "{greeting}");
            match line.strip_prefix("listening on ") {
                Some(url) => break url.trim().to_owned(),
                None => greeting += &line,
            }
        };
        Self { child, _out: out, greeting, url }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
