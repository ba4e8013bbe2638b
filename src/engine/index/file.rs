//! The folder of one index: its segments, one file each, and a manifest that says which of them make
//! up the index, at which commit, and what their checksums are.
//!
//! ```text
//! manifest = "VQLIDX1\n", u32 format of the index, u64 lsn, u32 number of segments,
//!            per segment: u64 file number, u64 length, u32 checksum, u32 length of dead, dead (roaring),
//!            u32 CRC-32 of everything before
//! ```
//! The manifest is replaced by renaming, after the segments it names were written. Nothing is forced
//! to the disk: a file that a power cut has eaten fails its checksum, and the index is built again.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Error, Kind, Lsn, Result};

use super::column::damaged;
use super::{Generation, Loaded, Part, Segment};

const MAGIC: &[u8; 8] = b"VQLIDX1\n";

/// Where an index lives.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

/// What the manifest says of one segment.
#[derive(Debug)]
struct Entry {
    file: u64,
    length: u64,
    sum: u32,
    dead: RoaringBitmap,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn manifest(&self) -> PathBuf {
        self.path.join("manifest")
    }

    fn segment(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:08}.seg"))
    }

    /// The commit at which the index was saved, if it was and can be believed.
    pub(super) fn saved_at(&self, format: u32) -> Option<Lsn> {
        Some(decode(&fs::read(self.manifest()).ok()?, format)?.0)
    }

    /// Makes what is saved unbelievable.
    pub(super) fn discard(&self) {
        // The manifest goes first: without it nothing else is believed.
        drop(fs::remove_file(self.manifest()));
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            drop(fs::remove_file(entry.path()));
        }
    }

    /// The saved index, or nothing when there is none or it is damaged.
    pub(super) fn load<S: Segment>(&self) -> Option<Generation<S>> {
        let (lsn, entries) = decode(&fs::read(self.manifest()).ok()?, S::FORMAT)?;
        let parts = entries.into_iter().map(|entry| self.load_part(entry)).collect::<Result<_>>();
        Generation::new(lsn, parts.ok()?)
    }

    /// The files that cannot be believed, and why.
    pub(super) fn faults<S: Segment>(&self) -> Vec<(String, String)> {
        let Ok(bytes) = fs::read(self.manifest()) else { return Vec::new() };
        let Some((_, entries)) = decode(&bytes, S::FORMAT) else {
            return vec![("manifest".into(), "it is damaged, or of another version".into())];
        };
        let fault = |entry: Entry| {
            let name = format!("{:08}.seg", entry.file);
            self.load_part::<S>(entry).err().map(|error| (name, error.message))
        };
        entries.into_iter().filter_map(fault).collect()
    }

    fn load_part<S: Segment>(&self, entry: Entry) -> Result<Part<S>> {
        let file = File::open(self.segment(entry.file)).map_err(|e| damaged(&e.to_string()))?;
        let loaded = Loaded::open(&file)?;
        let bytes = loaded.bytes();
        if bytes.len() as u64 != entry.length || crc32fast::hash(bytes) != entry.sum {
            return Err(damaged("a segment fails its checksum"));
        }
        let segment = S::load(&loaded)?;
        if !entry.dead.is_subset(segment.iids()) {
            return Err(damaged("the dead of a segment are not in it"));
        }
        Ok(Part { segment: Arc::new(segment), dead: Arc::new(entry.dead), file: Some(entry.file) })
    }

    /// Saves an index. Gives the same generation back, with its segments in files.
    pub(super) fn save<S: Segment>(&self, generation: &Generation<S>) -> Result<Generation<S>> {
        fs::create_dir_all(&self.path).map_err(|e| self.failed(&e))?;
        let known = fs::read(self.manifest()).ok().and_then(|bytes| decode(&bytes, S::FORMAT));
        let known = known.map(|(_, entries)| entries).unwrap_or_default();
        let mut number = self.highest();
        let mut entries = Vec::with_capacity(generation.parts.len());
        let mut parts = Vec::with_capacity(generation.parts.len());
        for part in &generation.parts {
            let old = part.file.and_then(|file| known.iter().find(|entry| entry.file == file));
            let (file, length, sum) = if let Some(old) = old {
                (old.file, old.length, old.sum)
            } else {
                number += 1;
                let (length, sum) = self.write_segment(number, &*part.segment)?;
                (number, length, sum)
            };
            entries.push(Entry { file, length, sum, dead: (*part.dead).clone() });
            parts.push(Part { file: Some(file), ..part.clone() });
        }
        self.replace(&self.manifest(), &encode(S::FORMAT, generation.lsn, &entries)?)?;
        self.sweep(&entries);
        Generation::new(generation.lsn, parts).ok_or_else(|| damaged("two segments hold one hexad"))
    }

    fn write_segment<S: Segment>(&self, number: u64, segment: &S) -> Result<(u64, u32)> {
        let path = self.segment(number);
        let file = File::create(&path).map_err(|e| self.failed(&e))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        let (mut length, mut sum) = (0, crc32fast::Hasher::new());
        segment.save()?.write(&mut |bytes| {
            length += bytes.len() as u64;
            sum.update(bytes);
            out.write_all(bytes).map_err(|e| self.failed(&e))
        })?;
        out.flush().map_err(|e| self.failed(&e))?;
        Ok((length, sum.finalize()))
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let fresh = path.with_extension("new");
        fs::write(&fresh, bytes).map_err(|e| self.failed(&e))?;
        fs::rename(&fresh, path).map_err(|e| self.failed(&e))
    }

    /// Removes segments the manifest does not name.
    fn sweep(&self, entries: &[Entry]) {
        for number in self.numbers() {
            if !entries.iter().any(|entry| entry.file == number) {
                // A file that stays is in nobody's way; the next save tries again.
                drop(fs::remove_file(self.segment(number)));
            }
        }
    }

    fn highest(&self) -> u64 {
        self.numbers().into_iter().max().unwrap_or(0)
    }

    fn numbers(&self) -> Vec<u64> {
        let Ok(entries) = fs::read_dir(&self.path) else { return Vec::new() };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter_map(|name| name.strip_suffix(".seg")?.parse().ok()).collect()
    }

    fn failed(&self, cause: &std::io::Error) -> Error {
        let kind = match cause.kind() {
            std::io::ErrorKind::StorageFull => Kind::DiskFull,
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Kind::ReadOnlyStore
            }
            _ => Kind::Io,
        };
        Error::new(kind, format!("cannot save the index in {}: {cause}", self.path.display()))
    }
}

fn encode(format: u32, lsn: Lsn, entries: &[Entry]) -> Result<Vec<u8>> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(format.to_le_bytes());
    bytes.extend(lsn.0.to_le_bytes());
    bytes.extend((entries.len() as u32).to_le_bytes());
    for entry in entries {
        bytes.extend(entry.file.to_le_bytes());
        bytes.extend(entry.length.to_le_bytes());
        bytes.extend(entry.sum.to_le_bytes());
        bytes.extend((entry.dead.serialized_size() as u32).to_le_bytes());
        entry.dead.serialize_into(&mut bytes).map_err(|e| damaged(&e.to_string()))?;
    }
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    Ok(bytes)
}

fn decode(bytes: &[u8], format: u32) -> Option<(Lsn, Vec<Entry>)> {
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
        return None;
    }
    let mut rest = body.strip_prefix(MAGIC)?;
    if take::<4>(&mut rest).map(u32::from_le_bytes)? != format {
        return None;
    }
    let lsn = Lsn(u64::from_le_bytes(take(&mut rest)?));
    let count = u32::from_le_bytes(take(&mut rest)?);
    let mut entries = Vec::new();
    for _ in 0..count {
        let file = u64::from_le_bytes(take(&mut rest)?);
        let length = u64::from_le_bytes(take(&mut rest)?);
        let sum = u32::from_le_bytes(take(&mut rest)?);
        let size = u32::from_le_bytes(take(&mut rest)?) as usize;
        let (dead, behind) = rest.split_at_checked(size)?;
        rest = behind;
        entries.push(Entry {
            file,
            length,
            sum,
            dead: RoaringBitmap::deserialize_from(dead).ok()?,
        });
    }
    Some((lsn, entries))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, behind) = rest.split_first_chunk::<N>()?;
    *rest = behind;
    Some(*head)
}
