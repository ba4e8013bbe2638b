//! The audit log: who was allowed or refused what, each entry bound to the one before by its hash.
//!
//! It is a file of lines in the directory of the database, beside the commit log and not in it: what
//! was refused must not cost a commit, going back to a snapshot or a backup must not take anything out
//! of it, and a database that has stopped writing can still say whom it refused. A line is the hash in
//! hexadecimal, a blank, and the entry as JSON; the hash is BLAKE3 of the hash before and the bytes of
//! the JSON. Whoever changes, removes, inserts or moves a line breaks the chain at that line. Whoever
//! cuts the end off breaks nothing inside of it: that is found against a head that was taken out
//! earlier ([`Head`]), signed where it is exported.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::engine::base::{ContentHash, Error, Kind, Result, Timestamp};

/// The folder in the directory of the database.
pub const FOLDER: &str = "audit";
/// The file in it.
pub const FILE: &str = "log";
/// Entries held back while there is no directory yet.
const HELD: usize = 1000;
/// Bytes of a line that is read at all.
const LONGEST: u64 = 64 * 1024;

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It was allowed.
    Allowed,
    /// It was refused.
    Denied,
    /// It was allowed, and did not succeed.
    Failed,
}

impl Verdict {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// What is to be written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When.
    pub at: i64,
    /// Who.
    pub who: String,
    /// By what they were known.
    pub by: String,
    /// What they did or tried.
    pub act: String,
    /// Of what, or why not.
    pub detail: String,
    /// How it ended.
    pub verdict: Verdict,
}

/// One entry: an event with its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// From 1, without gaps.
    pub n: u64,
    /// What happened.
    pub event: Event,
}

/// Where the log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last entry.
    pub entries: u64,
    /// Its hash.
    pub hash: ContentHash,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The line, from 1.
    pub line: u64,
    /// What.
    pub what: String,
}

/// The log of one database.
#[derive(Debug)]
pub struct AuditLog {
    path: PathBuf,
    /// It is there when the database is.
    format: PathBuf,
    first: ContentHash,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    file: Option<File>,
    head: Option<Head>,
    held: Vec<Event>,
}

/// What the first hash is made of: a log of another database does not fit.
pub fn root(database: &[u8]) -> ContentHash {
    let mut bytes = b"vql audit log 1\n".to_vec();
    bytes.extend_from_slice(database);
    ContentHash::of(&bytes)
}

fn follow(before: ContentHash, json: &[u8]) -> ContentHash {
    let mut bytes = before.0.to_vec();
    bytes.extend_from_slice(json);
    ContentHash::of(&bytes)
}

fn io(path: &Path, cause: &std::io::Error) -> Error {
    Error::new(Kind::Io, format!("the audit log `{}`: {cause}", path.display()))
}

impl AuditLog {
    /// That of the database `database` in the directory `dir`. Nothing is opened yet.
    pub fn new(dir: &Path, database: &[u8]) -> Self {
        let path = dir.join(FOLDER).join(FILE);
        let format = dir.join("FORMAT");
        Self { path, format, first: root(database), state: Mutex::default() }
    }

    /// Writes an event down; with `sync` it is on the disk when this returns.
    ///
    /// An event that cannot be written is an error: what has to be audited must not happen then.
    pub fn record(&self, event: Event, sync: bool) -> Result<()> {
        let mut state = self.state.lock();
        // A database without a directory has nothing that could be done to it.
        if state.file.is_none() && !self.format.exists() {
            if state.held.len() < HELD {
                state.held.push(event);
            }
            return Ok(());
        }
        self.open(&mut state)?;
        for held in std::mem::take(&mut state.held) {
            self.append(&mut state, held)?;
        }
        self.append(&mut state, event)?;
        if sync && let Some(file) = &state.file {
            file.sync_data().map_err(|cause| io(&self.path, &cause))?;
        }
        Ok(())
    }

    fn append(&self, state: &mut State, event: Event) -> Result<()> {
        let head = state.head.unwrap_or(Head { entries: 0, hash: self.first });
        let entry = Entry { n: head.entries + 1, event };
        let json = serde_json::to_string(&entry).expect("an entry is JSON");
        let hash = follow(head.hash, json.as_bytes());
        let line = format!("{} {json}\n", hash.to_hex());
        let file = state.file.as_mut().expect("it was opened");
        if let Err(cause) = file.write_all(line.as_bytes()) {
            // What stands there in part is cut off when it is opened again.
            *state = State::default();
            return Err(io(&self.path, &cause));
        }
        state.head = Some(Head { entries: entry.n, hash });
        Ok(())
    }

    /// Opens the file and goes to its end; a line that was not finished is cut off, and that is noted.
    fn open(&self, state: &mut State) -> Result<()> {
        if state.file.is_some() {
            return Ok(());
        }
        let fail = |cause: std::io::Error| io(&self.path, &cause);
        let folder = self.path.parent().expect("it is in a folder");
        fs::create_dir_all(folder).map_err(fail)?;
        let mut file = open_private(&self.path).map_err(fail)?;
        let (head, whole) = self.end(&file)?;
        let length = file.metadata().map_err(fail)?.len();
        if whole < length {
            file.set_len(whole).map_err(fail)?;
        }
        file.seek(SeekFrom::End(0)).map_err(fail)?;
        (state.file, state.head) = (Some(file), Some(head));
        if whole < length {
            let event = Event {
                at: 0,
                who: String::new(),
                by: String::new(),
                act: "RECOVER".to_owned(),
                detail: format!("an entry of {} bytes was never finished", length - whole),
                verdict: Verdict::Failed,
            };
            self.append(state, event)?;
        }
        Ok(())
    }

    /// The last whole line, and where it ends. It is not verified here.
    fn end(&self, file: &File) -> Result<(Head, u64)> {
        let mut head = Head { entries: 0, hash: self.first };
        let mut whole = 0;
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(|c| io(&self.path, &c))?;
            if read == 0 || line.last() != Some(&b'\n') {
                return Ok((head, whole));
            }
            whole += read as u64;
            // A broken line counts as one: what follows on it goes on, and verifying tells.
            head.entries += 1;
            if let Some((hash, _)) = split(&line) {
                head.hash = hash;
            }
        }
    }

    /// What its first hash is made of.
    pub fn root(&self) -> ContentHash {
        self.first
    }

    /// Where it ends now.
    pub fn head(&self) -> Result<Head> {
        if let Some(head) = self.state.lock().head {
            return Ok(head);
        }
        match File::open(&self.path) {
            Ok(file) => Ok(self.end(&file)?.0),
            Err(_) => Ok(Head { entries: 0, hash: self.first }),
        }
    }

    /// The last `most` entries that `wanted` wants, newest first.
    pub fn last(&self, most: usize, wanted: &dyn Fn(&Entry) -> bool) -> Result<Vec<Entry>> {
        let mut last = VecDeque::new();
        let Ok(file) = File::open(&self.path) else { return Ok(Vec::new()) };
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(|cause| io(&self.path, &cause))?;
            let entry = split(&line).and_then(|(_, json)| serde_json::from_slice(json).ok());
            if let Some(entry) = entry.filter(wanted) {
                if last.len() >= most {
                    last.pop_front();
                }
                if most > 0 {
                    last.push_back(entry);
                }
            }
        }
        Ok(last.into_iter().rev().collect())
    }

    /// Copies the lines to `out`, and says where they end.
    pub fn export(&self, out: &mut dyn std::io::Write) -> Result<Head> {
        // Nobody appends meanwhile.
        let _state = self.state.lock();
        let Ok(file) = File::open(&self.path) else {
            return Ok(Head { entries: 0, hash: self.first });
        };
        let (head, whole) = self.end(&file)?;
        let file = File::open(&self.path).map_err(|cause| io(&self.path, &cause))?;
        std::io::copy(&mut std::io::Read::take(file, whole), out).map_err(|cause| {
            Error::new(Kind::Io, format!("the audit log is not exported: {cause}"))
        })?;
        Ok(head)
    }

    /// What is wrong with it; nothing when all is well.
    pub fn verify(&self, against: Option<&Head>) -> Result<Option<Flaw>> {
        match File::open(&self.path) {
            Ok(file) => verify(&mut BufReader::new(file), self.first, against),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                verify(&mut std::io::empty(), self.first, against)
            }
            Err(cause) => Err(io(&self.path, &cause)),
        }
    }
}

#[cfg(unix)]
fn open_private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn open_private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).open(path)
}

/// The hash and the JSON of a line.
fn split(line: &[u8]) -> Option<(ContentHash, &[u8])> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let (hash, json) = line.split_at_checked(64)?;
    let hash = std::str::from_utf8(hash).ok()?;
    // One hash, one spelling.
    let hash = ContentHash::from_hex(hash).filter(|known| known.to_hex() == hash)?;
    Some((hash, json.strip_prefix(b" ")?))
}

/// Reads a log from its beginning and says where it stops being what was written, if anywhere.
///
/// `first` is the [`root`] of its database. With a head that was taken earlier, the log must reach as
/// far and have had that hash there.
pub fn verify(
    lines: &mut dyn BufRead,
    first: ContentHash,
    against: Option<&Head>,
) -> Result<Option<Flaw>> {
    let mut before = first;
    let mut number = 0;
    let flaw = |line: u64, what: String| Ok(Some(Flaw { line, what }));
    loop {
        if let Some(head) = against
            && head.entries == number
            && head.hash != before
        {
            let what = format!("entry {number} is not the one the exported head speaks of");
            return flaw(number, what);
        }
        let mut line = Vec::new();
        let mut bounded = std::io::Read::take(&mut *lines, LONGEST);
        bounded
            .read_until(b'\n', &mut line)
            .map_err(|cause| Error::new(Kind::Io, format!("the audit log: {cause}")))?;
        if line.is_empty() {
            break;
        }
        number += 1;
        if line.last() != Some(&b'\n') {
            return flaw(number, "the line has no end".to_owned());
        }
        let Some((hash, json)) = split(&line) else {
            return flaw(number, "it is no entry".to_owned());
        };
        if follow(before, json) != hash {
            return flaw(
                number,
                "its hash is not that of the entry on top of the one before".into(),
            );
        }
        match serde_json::from_slice::<Entry>(json) {
            Ok(entry) if entry.n == number => {}
            Ok(entry) => {
                return flaw(number, format!("it says that it is entry {}", entry.n));
            }
            Err(_) => return flaw(number, "it is no entry".to_owned()),
        }
        before = hash;
    }
    if let Some(head) = against
        && head.entries > number
    {
        let what = format!("it ends at entry {number}, the exported head is of {}", head.entries);
        return flaw(number + 1, what);
    }
    Ok(None)
}

/// A head as it leaves the database: signed, so that whoever keeps it can show that it was not made up
/// later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// Which database, as [`root`] in hexadecimal.
    pub database: String,
    /// The number of the last entry.
    pub entries: u64,
    /// Its hash.
    pub hash: String,
    /// When it was exported.
    pub at: i64,
    /// The public key, in hexadecimal.
    pub key: String,
    /// The Ed25519 signature, in hexadecimal.
    pub signature: String,
}

/// A new key for [`SignedHead::sign`], as PKCS #8.
pub fn signing_key() -> Result<Vec<u8>> {
    let key = Ed25519KeyPair::generate();
    let key = key.and_then(|key| Ok(key.to_pkcs8v1()?.as_ref().to_vec()));
    key.map_err(|_| Error::new(Kind::InternalError, "no key can be made"))
}

impl SignedHead {
    fn text(&self) -> String {
        let Self { database, entries, hash, at, .. } = self;
        format!("vql audit head 1\n{database}\n{entries}\n{hash}\n{at}\n")
    }

    /// Signs a head of the log that begins with `first`.
    pub fn sign(head: &Head, first: ContentHash, at: Timestamp, pkcs8: &[u8]) -> Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8)
            .map_err(|_| Error::new(Kind::InvalidInput, "the key is no Ed25519 key in PKCS #8"))?;
        let mut signed = Self {
            database: first.to_hex(),
            entries: head.entries,
            hash: head.hash.to_hex(),
            at: at.0,
            key: hex(pair.public_key().as_ref()),
            signature: String::new(),
        };
        signed.signature = hex(pair.sign(signed.text().as_bytes()).as_ref());
        Ok(signed)
    }

    /// The head, when the signature is right and by `key` (when one is asked for, in hexadecimal).
    pub fn open(&self, first: ContentHash, key: Option<&str>) -> Result<Head> {
        let refuse =
            |what: &str| Error::new(Kind::InvalidInput, format!("the exported head {what}"));
        if key.is_some_and(|key| !key.eq_ignore_ascii_case(&self.key)) {
            return Err(refuse("is signed by another key"));
        }
        let (Some(public), Some(signature)) = (unhex(&self.key), unhex(&self.signature)) else {
            return Err(refuse("has no signature"));
        };
        UnparsedPublicKey::new(&ED25519, public)
            .verify(self.text().as_bytes(), &signature)
            .map_err(|_| refuse("is not what was signed"))?;
        if self.database != first.to_hex() {
            return Err(refuse("is of another database"));
        }
        let hash = ContentHash::from_hex(&self.hash).ok_or_else(|| refuse("has no hash"))?;
        Ok(Head { entries: self.entries, hash })
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes any text");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| Some((digit(*high)? * 16 + digit(*low)?) as u8);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(n: u64) -> Event {
        Event {
            at: n as i64,
            who: format!("u{}", n % 3),
            by: "key 00000000".to_owned(),
            act: "SELECT".to_owned(),
            detail: format!("of\n\"{n}\""),
            verdict: if n.is_multiple_of(2) { Verdict::Allowed } else { Verdict::Denied },
        }
    }

    struct Place {
        dir: tempfile::TempDir,
        log: AuditLog,
    }

    fn log_of(entries: u64, database: &[u8]) -> Place {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("FORMAT"), b"x").unwrap();
        let log = AuditLog::new(dir.path(), database);
        for n in 0..entries {
            log.record(event(n), false).unwrap();
        }
        Place { dir, log }
    }

    impl Place {
        fn lines(&self) -> Vec<Vec<u8>> {
            let text = fs::read(&self.log.path).unwrap();
            text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
        }

        fn put(&self, lines: &[Vec<u8>]) {
            fs::write(&self.log.path, lines.concat()).unwrap();
        }
    }

    #[test]
    fn it_goes_on_where_it_ended_and_holds_what_was_said() {
        let place = log_of(3, b"db");
        let again = AuditLog::new(place.dir.path(), b"db");
        assert_eq!(again.head().unwrap(), place.log.head().unwrap());
        again.record(event(3), true).unwrap();
        assert_eq!(again.verify(None).unwrap(), None);
        let last = again.last(2, &|entry| entry.event.who == "u0").unwrap();
        assert_eq!(last.iter().map(|e| e.n).collect::<Vec<_>>(), [4, 1]);
        assert_eq!(last[0].event, event(3));
    }

    #[test]
    fn a_line_that_was_not_finished_is_cut_off_and_noted() {
        let place = log_of(3, b"db");
        let mut lines = place.lines();
        let half = lines[2].len() / 2;
        lines[2].truncate(half);
        place.put(&lines);
        let again = AuditLog::new(place.dir.path(), b"db");
        again.record(event(9), false).unwrap();
        assert_eq!(again.verify(None).unwrap(), None);
        assert_eq!(again.last(9, &|entry| entry.event.act == "RECOVER").unwrap().len(), 1);
    }

    #[test]
    fn nothing_is_written_before_there_is_a_database_and_nothing_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new.db");
        let log = AuditLog::new(&path, b"db");
        log.record(event(0), true).unwrap();
        assert!(!path.exists());
        fs::create_dir(&path).unwrap();
        fs::write(path.join("FORMAT"), b"x").unwrap();
        log.record(event(1), true).unwrap();
        assert_eq!(log.head().unwrap().entries, 2);
    }

    #[test]
    fn a_head_is_signed_and_of_one_database() {
        let place = log_of(5, b"db");
        let (key, other) = (signing_key().unwrap(), signing_key().unwrap());
        let head = place.log.head().unwrap();
        let signed = SignedHead::sign(&head, place.log.root(), Timestamp(7), &key).unwrap();
        assert_eq!(signed.open(place.log.root(), Some(&signed.key)).unwrap(), head);
        assert!(signed.open(root(b"other"), None).is_err());
        let theirs = SignedHead::sign(&head, place.log.root(), Timestamp(7), &other).unwrap();
        assert!(theirs.open(place.log.root(), Some(&signed.key)).is_err());
        for forged in [
            SignedHead { entries: 4, ..signed.clone() },
            SignedHead { at: 8, ..signed.clone() },
            SignedHead { hash: ContentHash::ZERO.to_hex(), ..signed.clone() },
            SignedHead { key: theirs.key.clone(), ..signed.clone() },
            SignedHead { signature: "zz".to_owned(), ..signed.clone() },
        ] {
            assert!(forged.open(place.log.root(), None).is_err(), "{forged:?}");
        }
    }

    /// What somebody may do to the file; false when it changed nothing.
    fn harm(place: &Place, kind: u8, at: usize, to: usize, byte: u8) -> bool {
        let mut lines = place.lines();
        let before = lines.clone();
        let (at, to) = (at % lines.len(), to % lines.len());
        match kind {
            0 => {
                let column = to * 7 % lines[at].len();
                lines[at][column] ^= byte.max(1);
            }
            1 => drop(lines.remove(at)),
            2 => lines.insert(at, before[to].clone()),
            3 => lines.swap(at, to),
            4 => lines.truncate(at),
            5 => {
                let other = log_of(lines.len() as u64, b"another");
                lines = other.lines();
            }
            // The entry itself, with a hash made for it.
            _ => {
                let text = String::from_utf8(lines[at].clone()).unwrap();
                let json = text[65..].trim_end().replacen("SELECT", "INSERT", 1);
                let previous = match at {
                    0 => place.log.root(),
                    _ => split(&before[at - 1]).unwrap().0,
                };
                let hash = follow(previous, json.as_bytes());
                lines[at] = format!("{} {json}\n", hash.to_hex()).into_bytes();
            }
        }
        place.put(&lines);
        lines != before
    }

    proptest! {
        // With these a thousand in all builds: 128 here, more by PROPTEST_CASES.
        #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_done_to_it_is_found_and_where(
            kind in 0_u8..7, at in any::<usize>(), to in any::<usize>(), byte in any::<u8>(),
        ) {
            let place = log_of(12, b"db");
            let head = place.log.head().unwrap();
            prop_assert_eq!(place.log.verify(Some(&head)).unwrap(), None);
            if harm(&place, kind, at, to, byte) {
                let found = place.log.verify(Some(&head)).unwrap();
                prop_assert!(found.is_some(), "kind {}", kind);
                let line = found.unwrap().line;
                prop_assert!((1..=14).contains(&line));
                // Without a head the end may be missing, and the last entry another; nothing else.
                let alone = place.log.verify(None).unwrap();
                let end = matches!(kind, 1 | 4 | 6) || kind == 2;
                prop_assert!(alone.is_some() || end, "kind {}", kind);
            }
        }
    }
}
