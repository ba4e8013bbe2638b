//! A terminal for tests: a real pseudo-terminal with the program in it and an emulated screen.
//!
//! There is no sleeping for a guess: tests wait until the screen shows what they expect.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::harness::Place;

/// How long the screen may take; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program on a terminal.
pub(crate) struct Screen {
    child: Child,
    keys: File,
    shown: Arc<Mutex<Shown>>,
}

struct Shown {
    parser: vt100::Parser,
    raw: Vec<u8>,
}

impl Screen {
    /// Starts `vql ARGS` on a terminal of this size.
    pub(crate) fn start(place: &Place, args: &[&str], rows: u16, columns: u16) -> Self {
        Self::start_with(place, args, &[], rows, columns)
    }

    /// The same, with additions to the environment.
    pub(crate) fn start_with(
        place: &Place,
        args: &[&str],
        env: &[(&str, &str)],
        rows: u16,
        columns: u16,
    ) -> Self {
        let leader = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&leader).unwrap();
        unlockpt(&leader).unwrap();
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&leader, size).unwrap();
        let name = ptsname(&leader, Vec::new()).unwrap();
        let follower =
            rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let follower = File::from(follower);
        let end = || Stdio::from(follower.try_clone().unwrap());
        let ours = place.command(args);
        // `setsid -c` makes it the terminal of the session, so that Ctrl-C is a signal.
        let mut command = Command::new("/usr/bin/setsid");
        command.args(["-c", "-w"]).arg(ours.get_program()).args(ours.get_args());
        command.current_dir(place.root()).env_clear();
        for (name, value) in ours.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        command.envs(env.iter().copied());
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        drop(follower);
        let keys = File::from(leader);
        let parser = vt100::Parser::new(rows, columns, 1000);
        let shown = Arc::new(Mutex::new(Shown { parser, raw: Vec::new() }));
        watch(keys.try_clone().unwrap(), Arc::clone(&shown));
        Self { child, keys, shown }
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        self
    }

    /// Pastes a text the way a terminal does.
    pub(crate) fn paste(&mut self, text: &str) -> &mut Self {
        self.press(&format!("\u{1b}[200~{text}\u{1b}[201~"))
    }

    /// Waits until the screen shows `text`.
    pub(crate) fn see(&mut self, text: &str) -> &mut Self {
        self.wait(text, |screen| screen.contains(text));
        self
    }

    /// Waits until the last line that is not empty is a prompt with nothing behind it.
    pub(crate) fn ready(&mut self) -> &mut Self {
        self.prompt("vql>")
    }

    /// Waits until the last line that is not empty is this one.
    pub(crate) fn prompt(&mut self, line: &str) -> &mut Self {
        self.wait(line, |screen| {
            screen.lines().rev().find(|line| !line.trim().is_empty()).map(str::trim_end)
                == Some(line)
        });
        self
    }

    fn wait(&mut self, what: &str, found: impl Fn(&str) -> bool) {
        let started = Instant::now();
        loop {
            let screen = self.text();
            if found(&screen) {
                return;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "waited for {what:?}, the screen shows\n{screen}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What the screen shows.
    pub(crate) fn text(&self) -> String {
        self.shown.lock().unwrap().parser.screen().contents()
    }

    /// Every byte that was written.
    pub(crate) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap().raw).into_owned()
    }

    /// Waits for the end and gives the exit code.
    pub(crate) fn end(mut self) -> i32 {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            if started.elapsed() > PATIENCE {
                self.child.kill().ok();
                panic!("it does not end, the screen shows\n{}", self.text());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Reads what is written to the terminal and answers the one question a line editor asks it.
fn watch(mut terminal: File, shown: Arc<Mutex<Shown>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(size @ 1..) = terminal.read(&mut buffer) {
            let bytes = &buffer[..size];
            let answer = {
                let mut shown = shown.lock().unwrap();
                shown.parser.process(bytes);
                shown.raw.extend_from_slice(bytes);
                let (row, column) = shown.parser.screen().cursor_position();
                let asks = bytes.windows(4).any(|four| four == b"\x1b[6n");
                asks.then(|| format!("\u{1b}[{};{}R", row + 1, column + 1))
            };
            if let Some(answer) = answer {
                terminal.write_all(answer.as_bytes()).ok();
            }
        }
    });
}
