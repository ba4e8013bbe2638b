//! What a backup says of itself: a JSON file with a checksum of its own, in one way of writing only,
//! so that every changed byte shows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::engine::base::{ContentHash, Error, Kind, Result, Timestamp};

/// The version of backups this program writes.
pub const VERSION: u32 = 1;
/// Its name within a backup.
pub const NAME: &str = "manifest.json";
/// No manifest is longer.
pub const MAX_BYTES: u64 = 16 << 20;
/// The folders of a backup.
pub const FOLDERS: [&str; 2] = ["data", "log"];
/// No backup has more files.
const MAX_FILES: usize = 1000;

/// Everything, or what came since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The whole database.
    Full,
    /// The commits since another backup.
    Incremental,
}

impl Form {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
        }
    }
}

/// A file of the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Relative to the backup, with `/`.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// BLAKE3 of its content.
    pub blake3: String,
}

/// What the database held at the end of the backup, in one modality or the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Which.
    pub name: String,
    /// Records, entries or headers of the present.
    pub records: u64,
    /// BLAKE3 over all rows, those of the past too.
    pub blake3: String,
}

/// The manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this layout.
    pub vql_backup: u32,
    /// The name of the backup's folder.
    pub id: String,
    /// Everything, or what came since.
    pub kind: Form,
    /// The backup it continues.
    pub parent: Option<String>,
    /// The sum of the parent's manifest: it is that one and no other.
    pub parent_blake3: Option<String>,
    /// The identity of the database.
    pub database: String,
    /// The format of its files.
    pub format: u32,
    /// The version of vql that made the backup.
    pub vql: String,
    /// When it was taken.
    pub taken: String,
    /// The first commit in it.
    pub first_lsn: u64,
    /// The last commit in it.
    pub lsn: u64,
    /// The time of that commit.
    pub time: String,
    /// BLAKE3 of that commit as the log has it, if the log still had it.
    pub last_record: Option<String>,
    /// Its files.
    pub files: Vec<FileEntry>,
    /// What a database restored from it holds.
    pub contents: Vec<Content>,
    /// BLAKE3 of the manifest with this field empty.
    pub blake3: String,
}

impl Manifest {
    /// When it was taken.
    pub fn taken(&self) -> Timestamp {
        Timestamp::parse(&self.taken).unwrap_or_default()
    }

    /// The time of its last commit.
    pub fn time(&self) -> Timestamp {
        Timestamp::parse(&self.time).unwrap_or_default()
    }

    /// Bytes of all its files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Fills in the checksum.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.blake3 = self.sum();
        self
    }

    fn sum(&self) -> String {
        let unsealed = Self { blake3: String::new(), ..self.clone() };
        ContentHash::of(&unsealed.encode()).to_hex()
    }

    /// The only way it is written.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("plain fields make JSON");
        bytes.push(b'\n');
        bytes
    }

    /// Reads what [`Self::encode`] wrote for the backup `id`.
    pub fn decode(bytes: &[u8], id: &str) -> Result<Self> {
        let damaged =
            |what: &str| Error::new(Kind::Corruption, format!("backup {id}: {NAME} {what}"));
        if bytes.len() as u64 > MAX_BYTES {
            return Err(damaged("is too long to be one"));
        }
        let loose: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|_| damaged("is not JSON"))?;
        let version = loose.get("vql_backup").and_then(serde_json::Value::as_u64);
        let version = version.ok_or_else(|| damaged("is not one of a backup"))?;
        if version > u64::from(VERSION) {
            let message =
                format!("backup {id} has version {version}, this program reads {VERSION}");
            return Err(Error::new(Kind::NewerFormat, message)
                .hint("use the version of vql that made it, or a newer one"));
        }
        let manifest: Self =
            serde_json::from_value(loose).map_err(|_| damaged("cannot be understood"))?;
        if manifest.encode() != bytes || manifest.sum() != manifest.blake3 {
            return Err(damaged("fails its checksum"));
        }
        if manifest.id != id {
            return Err(damaged(&format!("belongs to backup {}", manifest.id)));
        }
        let mut names = BTreeSet::new();
        for file in &manifest.files {
            if !is_plain(&file.name) {
                return Err(damaged(&format!(
                    "names a file outside of the backup: {:?}",
                    file.name
                )));
            }
            if !names.insert(&file.name) || names.len() > MAX_FILES {
                return Err(damaged(&format!("names too many files, or {} twice", file.name)));
            }
        }
        Ok(manifest)
    }
}

/// Names a backup may contain: `data/NAME` and `log/NAME`, in plain letters.
pub fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match name.split_once('/') {
        Some((folder, file)) if FOLDERS.contains(&folder) => {
            !file.is_empty() && !file.starts_with('.') && file.chars().all(plain)
        }
        _ => false,
    }
}

#[cfg(test)]
pub(super) fn sample() -> Manifest {
    Manifest {
        vql_backup: VERSION,
        id: "000001".into(),
        kind: Form::Full,
        parent: None,
        parent_blake3: None,
        database: "0".repeat(32),
        format: 1,
        vql: "0.1.0".into(),
        taken: Timestamp(1_000_000).to_string(),
        first_lsn: 1,
        lsn: 7,
        time: Timestamp(999_999).to_string(),
        last_record: None,
        files: vec![FileEntry { name: "data/graph.db".into(), bytes: 3, blake3: "aa".into() }],
        contents: Vec::new(),
        blake3: String::new(),
    }
    .sealed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_shows() {
        let bytes = sample().encode();
        assert_eq!(Manifest::decode(&bytes, "000001").unwrap(), sample());
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                assert!(Manifest::decode(&damaged, "000001").is_err(), "byte {at} bit {bit}");
            }
            assert!(Manifest::decode(&bytes[..at], "000001").is_err(), "cut at {at}");
        }
    }

    #[test]
    fn one_of_another_place_or_time_is_refused() {
        let bytes = sample().encode();
        assert_eq!(Manifest::decode(&bytes, "000002").unwrap_err().kind, Kind::Corruption);
        let newer = Manifest { vql_backup: 2, ..sample() }.sealed().encode();
        assert_eq!(Manifest::decode(&newer, "000001").unwrap_err().kind, Kind::NewerFormat);
        let mut outside = sample();
        outside.files[0].name = "data/../../x".into();
        assert!(Manifest::decode(&outside.sealed().encode(), "000001").is_err());
    }

    #[test]
    fn names_stay_inside() {
        for good in ["data/graph.db", "log/00000000000000000001.vlog", "data/FORMAT"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["graph.db", "/data/x", "data/", "data/..", "data/a/b", "data/.x", "log/a\\b"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
