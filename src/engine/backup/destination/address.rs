//! How users name the place of backups: a directory, `-` or `s3://BUCKET/PREFIX`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{Destination, Directory};
use crate::engine::base::{Error, Kind, Result};

/// A place for backups, as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A directory.
    Directory(PathBuf),
    /// Standard input or output.
    Stream,
    /// A bucket of an object store, and what names in it begin with; no `/` at its ends.
    Bucket {
        /// The bucket.
        bucket: String,
        /// What names begin with, perhaps nothing.
        prefix: String,
    },
}

/// What is needed to reach an object store. Its values are never shown.
#[derive(Clone, Default)]
pub struct Access {
    /// Variables as tools for S3 name them: `AWS_ACCESS_KEY_ID` and others.
    pub variables: BTreeMap<String, String>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("variables", &self.variables.len()).finish()
    }
}

impl Address {
    /// Reads what the user wrote.
    pub fn parse(text: &OsStr) -> Result<Self> {
        if text == "-" {
            return Ok(Self::Stream);
        }
        let Some(rest) = text.to_str().and_then(|text| text.strip_prefix("s3://")) else {
            return Ok(Self::Directory(text.into()));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let wrong = |what: &str| {
            let message = format!("`s3://{rest}` {what}");
            Err(Error::new(Kind::InvalidInput, message)
                .hint("write `s3://BUCKET` or `s3://BUCKET/PREFIX`"))
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if bucket.is_empty() || !bucket.chars().all(plain) {
            return wrong("names no bucket");
        }
        let part =
            |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(plain);
        if !prefix.is_empty() && !prefix.split('/').all(part) {
            return wrong(
                "has other signs than letters, digits, `.`, `_`, `-` and `/` in its prefix",
            );
        }
        Ok(Self::Bucket { bucket: bucket.into(), prefix: prefix.into() })
    }

    /// The place itself. Streams are not kept anywhere: see [`super::incoming`], [`super::outgoing`].
    pub fn open(&self, access: &Access) -> Result<Box<dyn Destination>> {
        match self {
            Self::Directory(path) => Ok(Box::new(Directory::new(path))),
            Self::Stream => Err(Error::new(
                Kind::NotSupported,
                "a stream holds one backup and cannot be listed or pruned",
            )
            .hint("name a directory or `s3://BUCKET/PREFIX`")),
            #[cfg(feature = "s3")]
            Self::Bucket { bucket, prefix } => {
                Ok(Box::new(super::s3::Bucket::open(bucket, prefix, access)?))
            }
            #[cfg(not(feature = "s3"))]
            Self::Bucket { .. } => {
                let _ = access;
                Err(Error::new(Kind::NotSupported, "this vql was built without object stores")
                    .hint("build it with the feature `s3`"))
            }
        }
    }

    /// The directory, when it is one.
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Self::Directory(path) => Some(path),
            _ => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "{}", path.display()),
            Self::Stream => f.write_str("the stream"),
            Self::Bucket { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::Bucket { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Address> {
        Address::parse(OsStr::new(text))
    }

    #[test]
    fn directories_streams_and_buckets_are_told_apart() {
        assert_eq!(parsed("-").unwrap(), Address::Stream);
        assert_eq!(parsed("./-").unwrap(), Address::Directory("./-".into()));
        for (text, name) in [
            ("s3://b", "s3://b"),
            ("s3://b/", "s3://b"),
            ("s3://my.bucket/a/b-1/", "s3://my.bucket/a/b-1"),
            ("backups", "backups"),
        ] {
            assert_eq!(parsed(text).unwrap().to_string(), name);
        }
        for bad in ["s3://", "s3:///x", "s3://b/a/../c", "s3://b/a//c", "s3://b/a b", "s3://b?x=1"]
        {
            assert_eq!(parsed(bad).unwrap_err().kind, Kind::InvalidInput, "{bad}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let secret = ("AWS_SECRET_ACCESS_KEY".to_owned(), "hush".to_owned());
        let access = Access { variables: [secret].into() };
        assert!(!format!("{access:?}").contains("hush"));
    }
}
