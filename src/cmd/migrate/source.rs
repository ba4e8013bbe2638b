//! Where an import reads from: a file, a compressed file or standard input, and in which form.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::cmd::args::InputFormat;
use crate::cmd::error::{CmdError, Result};

/// Bytes read ahead.
const BUFFER: usize = 1 << 18;

/// Something to import.
pub(super) struct Source {
    /// What it is called in messages.
    pub(super) name: String,
    /// Its form.
    pub(super) format: InputFormat,
    /// Its text, decompressed.
    pub(super) input: Box<dyn BufRead + Send>,
    /// Bytes on the disk, when that is known.
    pub(super) size: Option<u64>,
    /// Bytes read of them so far.
    pub(super) read: Arc<AtomicU64>,
}

/// Opens what the user named.
pub(super) fn open(path: &Path, format: Option<InputFormat>) -> Result<Source> {
    let read = Arc::new(AtomicU64::new(0));
    if path == Path::new("-") {
        let input = Counted { inner: io::stdin(), read: Arc::clone(&read) };
        return Ok(Source {
            name: "<stdin>".to_owned(),
            format: format.unwrap_or(InputFormat::Jsonl),
            input: decompressed(BufReader::with_capacity(BUFFER, input))?,
            size: None,
            read,
        });
    }
    let failed = |cause: io::Error| CmdError::file("read", path, &cause);
    let file = File::open(path).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    if meta.is_dir() {
        return Err(CmdError::usage(format!("`{}` is a directory", path.display())));
    }
    let format = format.or_else(|| by_name(path)).ok_or_else(|| {
        CmdError::usage(format!("cannot tell the form of `{}`", path.display()))
            .hint("name it with `--input-format jsonl` or `--input-format csv`")
    })?;
    let counted = Counted { inner: file, read: Arc::clone(&read) };
    Ok(Source {
        name: path.display().to_string(),
        format,
        input: decompressed(BufReader::with_capacity(BUFFER, counted)).map_err(failed)?,
        size: meta.is_file().then_some(meta.len()),
        read,
    })
}

/// The form a name stands for, `.gz` aside.
fn by_name(path: &Path) -> Option<InputFormat> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.rsplit_once('.')?.1 {
        "jsonl" | "ndjson" | "json" => Some(InputFormat::Jsonl),
        "csv" => Some(InputFormat::Csv),
        _ => None,
    }
}

/// Compressed input is known by its first bytes, whatever it is called.
fn decompressed(mut input: impl BufRead + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
    if input.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(input))));
    }
    Ok(Box::new(input))
}

/// Counts the bytes that pass.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.inner.read(buffer)?;
        self.read.fetch_add(size as u64, Ordering::Relaxed);
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn the_name_tells_the_form() {
        assert_eq!(by_name(Path::new("a/B.JSONL.gz")), Some(InputFormat::Jsonl));
        assert_eq!(by_name(Path::new("x.csv")), Some(InputFormat::Csv));
        assert_eq!(by_name(Path::new("x.txt")), None);
        assert_eq!(by_name(Path::new("x")), None);
    }

    #[test]
    fn compressed_input_is_read_through() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.jsonl");
        let file = File::create(&path).unwrap();
        let mut gz = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        gz.write_all(b"{\"id\":\"a\"}\n").unwrap();
        gz.finish().unwrap();
        let mut source = open(&path, None).unwrap();
        let mut text = String::new();
        source.input.read_to_string(&mut text).unwrap();
        assert_eq!(text, "{\"id\":\"a\"}\n");
        assert_eq!(Some(source.read.load(Ordering::Relaxed)), source.size);
    }
}
