//! A disk that loses power: what was forced to it is there, of everything else any part may be.
//!
//! Fed with the calls of a program, it gives images of what a machine may find when it comes back:
//! unsynced writes dropped, kept, reordered and torn at sectors; names that were not forced to the disk
//! there or not.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::dice::Dice;
use crate::trace::Event;

/// What a disk writes as a whole.
const SECTOR: usize = 512;

/// A change to the bytes of a file.
#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut(usize),
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => put(to, *at, bytes),
            Self::Cut(length) => to.resize(*length, 0),
        }
    }
}

fn put(to: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if to.len() < end {
        to.resize(end, 0);
    }
    to[at..end].copy_from_slice(bytes);
}

#[derive(Clone, Debug, Default)]
struct File {
    durable: Vec<u8>,
    live: Vec<u8>,
    /// With the event that made them.
    pending: Vec<(usize, Change)>,
}

/// A change to the names.
#[derive(Clone, Debug)]
enum Naming {
    Link { path: PathBuf, file: usize },
    Folder { path: PathBuf },
    Remove { path: PathBuf },
    Rename { from: PathBuf, to: PathBuf },
}

impl Naming {
    /// The directory that has to be forced to the disk to make it last.
    fn folder(&self) -> &Path {
        let path = match self {
            Self::Link { path, .. } | Self::Folder { path } | Self::Remove { path } => path,
            Self::Rename { to, .. } => to,
        };
        path.parent().unwrap_or(Path::new("/"))
    }

    fn apply(&self, names: &mut Names) {
        match self {
            Self::Link { path, file } => {
                names.insert(path.clone(), Some(*file));
            }
            Self::Folder { path } => {
                names.insert(path.clone(), None);
            }
            Self::Remove { path } => {
                names.remove(path);
            }
            Self::Rename { from, to } => {
                if let Some(what) = names.remove(from) {
                    names.insert(to.clone(), what);
                }
            }
        }
    }
}

/// Where each name leads: to a file, or it is a directory.
type Names = BTreeMap<PathBuf, Option<usize>>;

/// The disk below one directory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    root: PathBuf,
    files: Vec<File>,
    durable: Names,
    live: Names,
    pending: Vec<(usize, Naming)>,
    /// Events followed so far.
    now: usize,
}

/// How much of what is pending an image has.
#[derive(Clone, Copy)]
enum Luck {
    None,
    All,
    Prefix,
    Any,
}

const LUCK: [Luck; 4] = [Luck::None, Luck::All, Luck::Prefix, Luck::Any];

impl Disk {
    /// An empty disk that follows what happens in `root`.
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.into(), ..Self::default() }
    }

    /// Follows one call.
    pub(crate) fn follow(&mut self, event: &Event) {
        match event {
            Event::Create { path, cut } => {
                if self.ours(path) {
                    self.create(path, *cut);
                }
            }
            Event::Write { path, at, bytes } => self.change(path, |file| Change::Write {
                at: if *at == u64::MAX { file.live.len() } else { *at as usize },
                bytes: bytes.clone(),
            }),
            Event::Cut { path, length } => self.change(path, |_| Change::Cut(*length as usize)),
            Event::Sync { path, since } => self.sync(path, *since),
            Event::Rename { from, to } => {
                self.name(Naming::Rename { from: from.clone(), to: to.clone() });
            }
            Event::Remove { path } => self.name(Naming::Remove { path: path.clone() }),
            Event::MakeDir { path } => self.name(Naming::Folder { path: path.clone() }),
            Event::Print(_) => {}
        }
        self.now += 1;
    }

    fn ours(&self, path: &Path) -> bool {
        // Shared memory does not survive, and SQLite does not expect it to.
        path.starts_with(&self.root) && path.extension().is_none_or(|e| e != "db-shm")
    }

    fn create(&mut self, path: &Path, cut: bool) {
        if let Some(Some(file)) = self.live.get(path).copied() {
            if cut && !self.files[file].live.is_empty() {
                self.change(path, |_| Change::Cut(0));
            }
            return;
        }
        self.files.push(File::default());
        self.name(Naming::Link { path: path.into(), file: self.files.len() - 1 });
    }

    fn name(&mut self, naming: Naming) {
        let path = match &naming {
            Naming::Link { path, .. } | Naming::Folder { path } | Naming::Remove { path } => path,
            Naming::Rename { from, .. } => from,
        };
        if self.ours(path) {
            naming.apply(&mut self.live);
            self.pending.push((self.now, naming));
        }
    }

    fn change(&mut self, path: &Path, make: impl FnOnce(&File) -> Change) {
        if let Some(Some(file)) = self.live.get(path).copied() {
            let file = &mut self.files[file];
            let change = make(file);
            change.apply(&mut file.live);
            file.pending.push((self.now, change));
        }
    }

    fn sync(&mut self, path: &Path, since: usize) {
        if let Some(Some(file)) = self.live.get(path).copied() {
            let file = &mut self.files[file];
            // What came while it was under way may have been too late.
            let early = file.pending.partition_point(|(when, _)| *when < since);
            for (_, change) in file.pending.drain(..early) {
                change.apply(&mut file.durable);
            }
            return;
        }
        let (lasting, pending): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|(when, naming)| *when < since && naming.folder() == path);
        self.pending = pending;
        for (_, naming) in &lasting {
            naming.apply(&mut self.durable);
        }
    }

    /// Writes what the machine may find after losing power now into the directory `to`.
    pub(crate) fn image(&self, dice: &mut Dice, to: &Path) -> std::io::Result<()> {
        drop(fs::remove_dir_all(to));
        let names = self.names(dice);
        let usual = *dice.pick(&LUCK);
        for (path, what) in &names {
            let Ok(inside) = path.strip_prefix(&self.root) else { continue };
            let reachable = path
                .ancestors()
                .skip(1)
                .take_while(|folder| folder.starts_with(&self.root))
                .all(|folder| names.get(folder).is_some_and(Option::is_none));
            if !reachable && path != &self.root {
                continue;
            }
            match what {
                None => fs::create_dir_all(to.join(inside))?,
                Some(file) => {
                    let luck = if dice.once_in(3) { *dice.pick(&LUCK) } else { usual };
                    fs::write(to.join(inside), self.files[*file].after(luck, dice))?;
                }
            }
        }
        Ok(())
    }

    fn names(&self, dice: &mut Dice) -> Names {
        let mut names = self.durable.clone();
        let luck = *dice.pick(&LUCK);
        let end = dice.below(self.pending.len() as u64 + 1) as usize;
        // What happens to one name happens in order: once lost, the later changes are lost too.
        let mut lost: Vec<&Path> = Vec::new();
        for (n, (_, naming)) in self.pending.iter().enumerate() {
            let kept = match luck {
                Luck::None => false,
                Luck::All => true,
                Luck::Prefix => n < end,
                Luck::Any => !dice.once_in(3),
            };
            let touched: Vec<&Path> = match naming {
                Naming::Rename { from, to } => vec![from, to],
                Naming::Link { path, .. } | Naming::Folder { path } | Naming::Remove { path } => {
                    vec![path]
                }
            };
            if kept && !touched.iter().any(|path| lost.contains(path)) {
                naming.apply(&mut names);
            } else {
                lost.extend(touched);
            }
        }
        names
    }
}

impl File {
    /// What is left of the file.
    fn after(&self, luck: Luck, dice: &mut Dice) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        let end = dice.below(self.pending.len() as u64 + 1) as usize;
        for (n, (_, change)) in self.pending.iter().enumerate() {
            match luck {
                Luck::All => change.apply(&mut bytes),
                Luck::Prefix if n < end => change.apply(&mut bytes),
                Luck::Prefix if n == end => torn(change, &mut bytes, dice),
                Luck::Any => torn(change, &mut bytes, dice),
                Luck::None | Luck::Prefix => {}
            }
        }
        if matches!(luck, Luck::Any) && bytes.len() < self.live.len() && dice.once_in(3) {
            // The length arrived, the data did not.
            bytes.resize(self.live.len(), 0);
        }
        bytes
    }
}

/// Some sectors of a write arrive, others do not.
fn torn(change: &Change, bytes: &mut Vec<u8>, dice: &mut Dice) {
    match change {
        Change::Cut(_) => {
            if dice.once_in(2) {
                change.apply(bytes);
            }
        }
        Change::Write { at, bytes: written } => {
            let mut from = 0;
            while from < written.len() {
                let sector = SECTOR - (at + from) % SECTOR;
                let to = written.len().min(from + sector);
                if dice.once_in(2) {
                    put(bytes, at + from, &written[from..to]);
                }
                from = to;
            }
        }
    }
}
