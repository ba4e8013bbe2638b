//! Backups in a bucket of an S3-compatible object store.
//!
//! ```text
//! PREFIX/000003/making             there while the backup is made, and while it is removed
//! PREFIX/000003/data/.. log/..     the files
//! PREFIX/000003/manifest.json      last
//! ```
//!
//! An object appears whole or not at all, and `making` is created only where it does not exist: two
//! that make backups at once get two names. What has `making` and no manifest does not count, and is
//! removed by the next who changes the place, a day after it was begun.
//!
//! The rest of the program knows no asynchronous work: a small runtime in here is driven by whoever
//! asks, in the thread that asks. Nothing of the access is ever part of a message: what the server
//! answers is shown as its error code only.

use std::fs::File;
use std::io::Read as _;
use std::path::Path as LocalPath;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, ListResult, ObjectStore as _, ObjectStoreExt as _,
    PutMode, PutPayload, RetryConfig,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::super::Watch;
use super::super::file::{self, failed};
use super::super::manifest::{self, FileEntry, Manifest};
use super::address::Access;
use super::{Block, Destination, Held, Incoming, id_after, is_id};
use crate::engine::base::{Error, Kind, Result, Timestamp};

/// The object that says that a backup does not count yet, or no longer.
const MAKING: &str = "making";
/// Bytes of one part of a large object, and of one reading.
const PART: u64 = 16 << 20;
/// Parts an object may have, with some to spare.
const PARTS: u64 = 9_000;
/// Parts on their way at once.
const ABREAST: usize = 4;
/// How long nobody touches a backup that is being made, in seconds.
const PATIENCE: i64 = 24 * 60 * 60;
/// Attempts at one request, unless `AWS_MAX_ATTEMPTS` says otherwise.
const ATTEMPTS: usize = 8;

/// A bucket, and what names of ours begin with in it.
pub(super) struct Bucket {
    store: AmazonS3,
    runtime: Runtime,
    bucket: String,
    prefix: String,
}

impl Bucket {
    /// Nothing is asked of the server yet.
    pub(super) fn open(bucket: &str, prefix: &str, access: &Access) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| {
            Error::new(Kind::ResourceExhausted, format!("the network cannot be used: {e}"))
        })?;
        let attempts = access.variables.get("AWS_MAX_ATTEMPTS").and_then(|n| n.parse().ok());
        let retry = RetryConfig {
            backoff: BackoffConfig {
                max_backoff: Duration::from_secs(5),
                ..BackoffConfig::default()
            },
            max_retries: attempts.unwrap_or(ATTEMPTS).saturating_sub(1),
            retry_timeout: Duration::from_mins(2),
        };
        let client = ClientOptions::new()
            .with_timeout(Duration::from_mins(2))
            .with_connect_timeout(Duration::from_secs(10));
        let mut builder = AmazonS3Builder::new().with_client_options(client).with_retry(retry);
        for (name, value) in access.variables.iter().filter(|(_, value)| !value.is_empty()) {
            if name.starts_with("AWS_ENDPOINT") {
                check_endpoint(name, value)?;
            }
            if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
            // Whoever names an endpoint without TLS means it.
            if name.starts_with("AWS_ENDPOINT_URL") && value.starts_with("http://") {
                builder = builder.with_allow_http(true);
            }
        }
        let store = builder.with_bucket_name(bucket).build().map_err(|_| {
            let message = format!("s3://{bucket} cannot be reached with these settings");
            Error::new(Kind::StoreUnavailable, message).hint(
                "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, and \
                 AWS_ENDPOINT_URL for a store that is not Amazon's",
            )
        })?;
        Ok(Self { store, runtime, bucket: bucket.into(), prefix: prefix.into() })
    }

    fn path(&self, name: &str) -> Path {
        match self.prefix.as_str() {
            "" => Path::from(name),
            prefix => Path::from(format!("{prefix}/{name}")),
        }
    }

    fn list(&self, name: &str) -> Result<ListResult> {
        let path = self.path(name);
        let path = if path.as_ref().is_empty() { None } else { Some(&path) };
        let listed = self.runtime.block_on(self.store.list_with_delimiter(path));
        listed.map_err(|e| self.failed("listed", &e))
    }

    /// Every name of a backup in use, whether it counts or not.
    fn names(&self) -> Result<Vec<String>> {
        let listed = self.list("")?;
        let names = listed.common_prefixes.iter().filter_map(|path| path.filename());
        Ok(names.filter(|name| is_id(name)).map(str::to_owned).collect())
    }

    /// When the making of a backup began that is not finished, in seconds since 1970.
    fn unfinished(&self, id: &str) -> Result<Option<i64>> {
        let objects = self.list(id)?.objects;
        let find = |name| objects.iter().find(|object| object.location.filename() == Some(name));
        let whole = find(manifest::NAME).is_some();
        Ok(find(MAKING).filter(|_| !whole).map(|object| object.last_modified.timestamp()))
    }

    fn delete(&self, name: &str) -> Result<()> {
        match self.runtime.block_on(self.store.delete(&self.path(name))) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(cause) => Err(self.failed(name, &cause)),
        }
    }

    fn put(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let path = self.path(name);
        let put = self.store.put(&path, PutPayload::from(bytes));
        self.runtime.block_on(put).map(drop).map_err(|e| self.failed(name, &e))
    }

    /// Deletes everything of a backup; `making` stays to the end.
    fn clear(&self, id: &str) -> Result<()> {
        self.delete(&format!("{id}/{}", manifest::NAME))?;
        for (name, _) in self.files(id)? {
            self.delete(&format!("{id}/{name}"))?;
        }
        self.delete(&format!("{id}/{MAKING}"))
    }

    /// Sends a file, in parts when it is long.
    fn send(&self, name: &str, path: &LocalPath, bytes: u64, watch: Watch<'_>) -> Result<()> {
        let mut from = File::open(path).map_err(|e| failed(path, &e))?;
        if bytes <= PART {
            watch(name)?;
            let mut content = Vec::new();
            from.read_to_end(&mut content).map_err(|e| failed(path, &e))?;
            return self.put(name, content);
        }
        let size = PART.max(bytes / PARTS + 1);
        let mut block = || {
            let mut part = Vec::new();
            let read = (&mut from).take(size).read_to_end(&mut part);
            read.map(|_| part).map_err(|e| failed(path, &e))
        };
        self.runtime.block_on(async {
            let upload = self.store.put_multipart(&self.path(name)).await;
            let mut upload = upload.map_err(|e| self.failed(name, &e))?;
            let mut sending = JoinSet::new();
            let sent = async {
                loop {
                    watch(name)?;
                    let part = block()?;
                    let last = part.is_empty();
                    if !last {
                        sending.spawn(upload.put_part(PutPayload::from(part)));
                    }
                    while sending.len() >= if last { 1 } else { ABREAST } {
                        let Some(done) = sending.join_next().await else { break };
                        done.map_err(object_store::Error::from)
                            .flatten()
                            .map_err(|e| self.failed(name, &e))?;
                    }
                    if last {
                        return upload.complete().await.map_err(|e| self.failed(name, &e));
                    }
                }
            };
            let sent = sent.await;
            if sent.is_err() {
                sending.abort_all();
                // The server forgets the parts at once when it can still be asked to.
                drop(upload.abort().await);
            }
            sent.map(drop)
        })
    }

    /// What the store said about an object.
    fn failed(&self, name: &str, cause: &object_store::Error) -> Error {
        use object_store::Error as Cause;
        let text = format!("{cause:?} {cause}");
        let code = code(&text);
        let place = self.describe();
        let with = |kind, message: String| Error::new(kind, message);
        let refused = |code: Option<&str>| {
            let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
            with(Kind::StoreUnavailable, format!("{place} refuses the access{code}"))
                .hint("check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION")
        };
        match (cause, code) {
            (_, Some("NoSuchBucket")) => {
                with(Kind::NotFound, format!("there is no bucket {}", self.bucket))
                    .hint("make it first, or name another")
            }
            (_, Some(code)) if REFUSALS.contains(&code) => refused(Some(code)),
            (Cause::Unauthenticated { .. } | Cause::PermissionDenied { .. }, code) => refused(code),
            (Cause::NotFound { .. }, _) => with(Kind::NotFound, format!("{place} has no {name}")),
            (_, Some(code)) => with(Kind::Io, format!("{place}: {name}: {code}")),
            (_, None) => {
                with(Kind::StoreUnavailable, format!("{place} cannot be reached: {}", root(cause)))
                    .hint("AWS_ENDPOINT_URL says where it is; AWS_MAX_ATTEMPTS how often to try")
            }
        }
    }
}

/// What is no address would only be noticed when it is used, by a panic.
fn check_endpoint(name: &str, value: &str) -> Result<()> {
    let rest = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    let port = |host: &str| {
        let port = host.rsplit_once(']').map_or(host, |(_, rest)| rest).rsplit_once(':');
        port.is_none_or(|(_, port)| port.parse::<u16>().is_ok())
    };
    if host.is_some_and(|host| !host.is_empty() && host.chars().all(plain) && port(host)) {
        return Ok(());
    }
    Err(Error::new(Kind::InvalidInput, format!("{name} is not the address of an object store"))
        .hint("such as `https://s3.example.org` or `http://127.0.0.1:9000`"))
}

/// What servers answer to whoever may not come in.
const REFUSALS: [&str; 8] = [
    "AccessDenied",
    "AuthorizationHeaderMalformed",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// The code in an answer of the server. The rest of such an answer can hold what was signed.
fn code(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    (code.len() < 60 && code.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(code)
}

/// The innermost cause, in one line, unless it is an answer of the server.
fn root(cause: &object_store::Error) -> String {
    let mut inner: &dyn std::error::Error = cause;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let text = inner.to_string();
    let line = text.lines().next().unwrap_or_default();
    if line.contains('<') || line.len() > 200 {
        return "the answer is not one of an object store".into();
    }
    line.into()
}

impl Destination for Bucket {
    fn describe(&self) -> String {
        match self.prefix.as_str() {
            "" => format!("s3://{}", self.bucket),
            prefix => format!("s3://{}/{prefix}", self.bucket),
        }
    }

    fn backups(&self) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        for id in self.names()? {
            if self.unfinished(&id)?.is_none() {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    fn manifest(&self, id: &str) -> Result<Vec<u8>> {
        let name = format!("{id}/{}", manifest::NAME);
        let (path, fail) = (self.path(&name), |e| self.failed(&name, &e));
        self.runtime.block_on(async {
            let got = self.store.get(&path).await.map_err(fail)?;
            if got.meta.size > manifest::MAX_BYTES {
                return Err(file::damaged(&name, "is too long to be a manifest"));
            }
            Ok(got.bytes().await.map_err(fail)?.to_vec())
        })
    }

    fn files(&self, id: &str) -> Result<Vec<(String, u64)>> {
        let mut files = Vec::new();
        for folder in manifest::FOLDERS {
            for object in self.list(&format!("{id}/{folder}"))?.objects {
                let name = object.location.filename().unwrap_or_default();
                files.push((format!("{folder}/{name}"), object.size));
            }
        }
        Ok(files)
    }

    fn read(&self, id: &str, entry: &FileEntry, each: Block<'_>) -> Result<()> {
        let name = format!("{id}/{}", entry.name);
        let (path, mut at) = (self.path(&name), 0);
        let shown = || format!("{}/{name}", self.describe());
        loop {
            let upto = entry.bytes.min(at + PART);
            let options = match at {
                0 if upto == 0 => GetOptions::new().with_head(true),
                _ => GetOptions::new().with_range(Some(at..upto)),
            };
            let got = self.runtime.block_on(async {
                let got = self.store.get_opts(&path, options).await?;
                let size = got.meta.size;
                let bytes = if upto == 0 { None } else { Some(got.bytes().await?) };
                Ok((size, bytes))
            });
            let (size, bytes) = got.map_err(|e: object_store::Error| match e {
                object_store::Error::NotFound { .. }
                    if code(&format!("{e:?}")) != Some("NoSuchBucket") =>
                {
                    file::damaged(shown(), "is missing")
                }
                e => self.failed(&name, &e),
            })?;
            if size != entry.bytes {
                return Err(file::damaged(shown(), "has another length"));
            }
            let Some(bytes) = bytes else { return Ok(()) };
            if bytes.len() as u64 != upto - at {
                return Err(file::damaged(shown(), "was not answered in full"));
            }
            each(&bytes)?;
            at = upto;
            if at == entry.bytes {
                return Ok(());
            }
        }
    }

    fn hold(&self, now: Timestamp) -> Result<Held> {
        for id in self.names()? {
            let begun = self.unfinished(&id)?;
            if begun.is_some_and(|begun| now.0 / 1_000_000 - begun > PATIENCE) {
                self.clear(&id)?;
            }
        }
        Ok(Held { lock: None })
    }

    fn begin(&self, _held: &Held, last: u64) -> Result<Box<dyn Incoming + '_>> {
        let used = self.names()?.iter().filter_map(|id| id.parse().ok()).max().unwrap_or(0);
        let mut last = last.max(used);
        let dir = tempfile::tempdir()
            .map_err(|e| failed(LocalPath::new("the temporary directory"), &e))?;
        loop {
            let id = id_after(last);
            let name = format!("{id}/{MAKING}");
            let path = self.path(&name);
            let text = PutPayload::from_static(b"being made\n");
            let claim = self.store.put_opts(&path, text, PutMode::Create.into());
            match self.runtime.block_on(claim) {
                Ok(_) => return Ok(Box::new(Arriving { bucket: self, id, dir, sealed: false })),
                // Somebody else was faster.
                Err(
                    object_store::Error::AlreadyExists { .. }
                    | object_store::Error::Precondition { .. },
                ) => last += 1,
                Err(cause) => return Err(self.failed(&name, &cause)),
            }
        }
    }

    fn remove(&self, _held: &Held, id: &str) -> Result<()> {
        self.put(&format!("{id}/{MAKING}"), b"being removed\n".to_vec())?;
        self.clear(id)
    }
}

/// A backup that is made in a folder and then sent.
struct Arriving<'a> {
    bucket: &'a Bucket,
    id: String,
    dir: TempDir,
    sealed: bool,
}

impl Incoming for Arriving<'_> {
    fn id(&self) -> &str {
        &self.id
    }

    fn dir(&self) -> &LocalPath {
        self.dir.path()
    }

    fn seal(mut self: Box<Self>, manifest: &Manifest, watch: Watch<'_>) -> Result<()> {
        for entry in &manifest.files {
            let path = self.dir.path().join(&entry.name);
            self.bucket.send(&format!("{}/{}", self.id, entry.name), &path, entry.bytes, watch)?;
        }
        // From here on it may count, whatever is answered.
        self.sealed = true;
        self.bucket.put(&format!("{}/{}", self.id, manifest::NAME), manifest.encode())?;
        self.bucket.delete(&format!("{}/{MAKING}", self.id))
    }
}

impl Drop for Arriving<'_> {
    fn drop(&mut self) {
        if !self.sealed {
            // What stays behind counts for nothing and is removed later.
            drop(self.bucket.clear(&self.id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused() {
        for good in
            ["http://127.0.0.1:9000", "https://s3.example.org/", "http://[::1]:9", "http://h"]
        {
            assert!(check_endpoint("AWS_ENDPOINT_URL", good).is_ok(), "{good}");
        }
        for bad in
            ["h", "/x", "ftp://h", "http://", "http:///x", "http://a b", "http://h:x", "http://h:"]
        {
            assert!(check_endpoint("AWS_ENDPOINT_URL", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_code_of_an_answer_is_shown() {
        let answer =
            "<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIA</AWSAccessKeyId>";
        assert_eq!(code(answer), Some("SignatureDoesNotMatch"));
        assert_eq!(code("<Code>a b</Code>"), None);
        assert_eq!(code("nothing"), None);
    }
}
