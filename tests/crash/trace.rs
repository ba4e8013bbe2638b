//! What a program did to its files, in order, as `strace` saw it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The calls that change files, and what is needed to follow them.
const CALLS: &str = "openat,creat,write,writev,pwrite64,pwritev,fsync,fdatasync,rename,renameat,\
                     renameat2,ftruncate,truncate,unlink,unlinkat,mkdir,mkdirat,rmdir,lseek,\
                     copy_file_range,sendfile,fallocate";

/// Something that happened to a file, or to standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The name now leads to a new empty file, or the file there is emptied.
    Create {
        path: PathBuf,
        cut: bool,
    },
    Write {
        path: PathBuf,
        at: u64,
        bytes: Vec<u8>,
    },
    Cut {
        path: PathBuf,
        length: u64,
    },
    /// Forced to the disk: what a file, or the names in a directory, were before event `since`.
    Sync {
        path: PathBuf,
        since: usize,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    MakeDir {
        path: PathBuf,
    },
    /// Bytes on standard output: an acknowledgement.
    Print(Vec<u8>),
}

/// A command that runs `program` under `strace` with the file `log`.
pub(crate) fn traced(program: &Path, log: &Path) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-q", "-y", "-xx", "-s", "67108864", "-o"]).arg(log);
    command.args(["-e", &format!("trace={CALLS}")]).arg(program);
    command
}

/// Why `strace` cannot be used here, if it cannot.
pub(crate) fn missing() -> Option<String> {
    match Command::new("strace").args(["-o", "/dev/null", "true"]).output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(format!(
            "strace cannot trace here: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => Some(format!("strace cannot be run: {error}")),
    }
}

/// Reads what `strace` wrote.
pub(crate) fn read(log: &str) -> Vec<Event> {
    let mut reader = Reader::default();
    for line in log.lines() {
        reader.line(line);
    }
    reader.events
}

#[derive(Default)]
struct Reader {
    events: Vec<Event>,
    /// Calls under way, by thread.
    begun: BTreeMap<String, (String, usize)>,
    /// Where the next plain write of a descriptor goes.
    at: BTreeMap<String, u64>,
    appending: BTreeMap<String, bool>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let Some((thread, rest)) = line.split_once(' ') else { return };
        let rest = rest.trim_start();
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let Some((_, tail)) = resumed.split_once(" resumed>") else { return };
            let Some((head, since)) = self.begun.remove(thread) else { return };
            return self.call(&format!("{head}{tail}"), since);
        }
        if let Some(head) = rest.strip_suffix(" <unfinished ...>") {
            self.begun.insert(thread.to_owned(), (head.to_owned(), self.events.len()));
            return;
        }
        self.call(rest, self.events.len());
    }

    fn call(&mut self, text: &str, since: usize) {
        let Some((name, rest)) = text.split_once('(') else { return };
        let Some(end) = rest.rfind(") ") else { return };
        let (arguments, tail) = rest.split_at(end);
        let result = tail.trim_start_matches(')').trim_start().trim_start_matches('=').trim_start();
        if result.starts_with('-') || result.starts_with('?') {
            return;
        }
        let arguments: Vec<&str> = arguments.split(", ").collect();
        self.event(name, &arguments, result, since);
    }

    fn event(&mut self, name: &str, arguments: &[&str], result: &str, since: usize) {
        let arg = |n: usize| arguments.get(n).copied().unwrap_or_default();
        let number = |text: &str| text.trim().parse::<u64>().unwrap_or_default();
        let path = path_of(arg(0)).unwrap_or_default();
        match name {
            "openat" => self.opened(arg(2), result),
            "lseek" => {
                self.at.insert(descriptor(arg(0)), number(result));
            }
            "write" => {
                let bytes = unescaped(arg(1));
                self.written(arg(0), path, bytes, number(result));
            }
            "writev" => self.written(arg(0), path, vectors(arguments), number(result)),
            "pwrite64" => {
                let mut bytes = unescaped(arg(1));
                bytes.truncate(number(result) as usize);
                self.events.push(Event::Write { path, at: number(arg(3)), bytes });
            }
            "fsync" | "fdatasync" => self.events.push(Event::Sync { path, since }),
            "ftruncate" => self.events.push(Event::Cut { path, length: number(arg(1)) }),
            "rename" => self.renamed(quoted(arg(0)), quoted(arg(1))),
            "renameat" | "renameat2" => {
                self.renamed(below(arg(0), arg(1)), below(arg(2), arg(3)));
            }
            "unlink" | "rmdir" => self.events.push(Event::Remove { path: quoted(arg(0)) }),
            "unlinkat" => self.events.push(Event::Remove { path: below(arg(0), arg(1)) }),
            "mkdir" => self.events.push(Event::MakeDir { path: quoted(arg(0)) }),
            "mkdirat" => self.events.push(Event::MakeDir { path: below(arg(0), arg(1)) }),
            _ => {}
        }
    }

    fn opened(&mut self, flags: &str, result: &str) {
        let Some(path) = path_of(result) else { return };
        self.at.insert(descriptor(result), 0);
        self.appending.insert(descriptor(result), flags.contains("O_APPEND"));
        let cut = flags.contains("O_TRUNC");
        if cut || flags.contains("O_CREAT") {
            self.events.push(Event::Create { path, cut });
        }
    }

    fn written(&mut self, fd: &str, path: PathBuf, mut bytes: Vec<u8>, done: u64) {
        bytes.truncate(done as usize);
        let fd = descriptor(fd);
        if fd == "1" {
            return self.events.push(Event::Print(bytes));
        }
        if self.appending.get(&fd).copied().unwrap_or_default() {
            return self.events.push(Event::Write { path, at: u64::MAX, bytes });
        }
        let at = self.at.entry(fd).or_default();
        let begin = *at;
        *at += done;
        self.events.push(Event::Write { path, at: begin, bytes });
    }

    fn renamed(&mut self, from: PathBuf, to: PathBuf) {
        self.events.push(Event::Rename { from, to });
    }
}

/// `5<path>` as `5`.
fn descriptor(text: &str) -> String {
    text.split('<').next().unwrap_or_default().trim().to_owned()
}

/// The path of `5<path>`.
fn path_of(text: &str) -> Option<PathBuf> {
    let (_, rest) = text.split_once('<')?;
    let inner = rest.strip_suffix(">(deleted)").or_else(|| rest.strip_suffix('>'))?;
    Some(PathBuf::from(String::from_utf8_lossy(&unescaped(inner)).into_owned()))
}

fn quoted(text: &str) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&unescaped(text)).into_owned())
}

fn below(dir: &str, name: &str) -> PathBuf {
    path_of(dir).unwrap_or_default().join(quoted(name))
}

/// The bytes of `[{iov_base="..", iov_len=..}, ..]`.
fn vectors(arguments: &[&str]) -> Vec<u8> {
    let parts = arguments.iter().filter_map(|a| a.split_once("iov_base=").map(|(_, text)| text));
    parts.flat_map(unescaped).collect()
}

/// The bytes of `"\x41\x42"`.
fn unescaped(text: &str) -> Vec<u8> {
    let digits = text.split("\\x").skip(1);
    digits.filter_map(|pair| u8::from_str_radix(pair.get(..2)?, 16).ok()).collect()
}
