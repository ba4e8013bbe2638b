//! `vql backup create TARGET -` and what reads it: streams that are whole, cut off, foreign or hostile.

use std::fs;
use std::io::Write as _;

use crate::harness::{Place, Run, run};

/// The stream of a backup of a small database, and the export of that.
fn stream(place: &Place) -> (Vec<u8>, String) {
    place.script(
        "INSERT HEXAD 'a:1' WITH DOCUMENT(title = 'One'), SPATIAL(latitude = 1, longitude = 2);",
    );
    let output = place.command(["backup", "create", "t.db", "-", "-q"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.stdout, export(place, "t.db"))
}

fn export(place: &Place, database: &str) -> String {
    let run = place.vql(["migrate", "export", database, "-"]);
    assert_eq!(run.code, 0, "{run}");
    run.out
}

fn read(place: &Place, args: &[&str], stream: &[u8]) -> Run {
    run(&mut place.command(args), stream)
}

/// Restoring fails with this text, and leaves nothing.
fn refused(place: &Place, stream: &[u8], code: i32, text: &str) {
    let before = names(place);
    let run = read(place, &["backup", "restore", "-", "no.db"], stream);
    assert!(run.code == code && run.err.contains(text), "{text}: {run}");
    assert_eq!(names(place), before, "{text}");
    let run = read(place, &["backup", "verify", "-"], stream);
    assert_ne!(run.code, 0, "{text}: {run}");
}

fn names(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.root()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_stream_is_a_backup() {
    let place = Place::new();
    let (stream, expected) = stream(&place);
    assert_eq!(read(&place, &["backup", "verify", "-"], &stream).code, 0);
    let run = read(&place, &["backup", "restore", "-", "r.db"], &stream);
    assert!(run.code == 0 && run.err.contains("1 hexads at commit"), "{run}");
    assert_eq!(export(&place, "r.db"), expected);
    // Unpacked by hand it is one in a directory.
    fs::create_dir(place.path("unpacked")).unwrap();
    tar::Archive::new(&*stream).unpack(place.path("unpacked")).unwrap();
    let run = place.vql(["backup", "verify", "unpacked"]);
    assert!(run.code == 0 && run.out.contains("good"), "{run}");
    // Whoever packs that again names directories too.
    let mut again = tar::Builder::new(Vec::new());
    again.append_dir("000001", place.path("unpacked/000001")).unwrap();
    for name in ["manifest.json", "data/FORMAT"] {
        let name = format!("000001/{name}");
        again.append_path_with_name(place.path("unpacked").join(&name), &name).unwrap();
    }
    for entry in fs::read_dir(place.path("unpacked/000001/data")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name != "FORMAT" {
            again.append_path_with_name(entry.path(), format!("000001/data/{name}")).unwrap();
        }
    }
    let again = again.into_inner().unwrap();
    assert_eq!(read(&place, &["backup", "restore", "-", "s.db"], &again).code, 0);
    let run = place.vql(["backup", "create", "t.db", "-", "--incremental"]);
    assert!(run.code == 2 && run.err.contains("one full backup"), "{run}");
    for args in [["backup", "list", "-"].as_slice(), &["backup", "prune", "-", "--keep", "1"]] {
        let run = place.vql(args);
        assert!(run.code == 1 && run.err.contains("one backup"), "{run}");
    }
}

#[test]
fn a_stream_that_was_cut_off_is_refused() {
    let place = Place::new();
    let (stream, _) = stream(&place);
    for (length, text, code) in [
        (0, "it is empty", 1),
        (100, "not a backup of vql", 1),
        (600, "cut off in its manifest", 4),
        (stream.len() / 2, "cut off", 4),
        (stream.len() - 2000, "cut off", 4),
    ] {
        refused(&place, &stream[..length], code, text);
    }
    // The zeros at the end are not missed.
    let run = read(&place, &["backup", "restore", "-", "r.db"], &stream[..stream.len() - 1024]);
    assert_eq!(run.code, 0, "{run}");
}

#[test]
fn every_changed_byte_is_found_or_means_nothing() {
    let place = Place::new();
    let (stream, expected) = stream(&place);
    for n in 0..40_usize {
        // Half of them in the headers and the manifest, which stand first.
        let at = if n % 2 == 0 { n * 97 % 4096 } else { n * 7_368_787 % stream.len() };
        let mut damaged = stream.clone();
        damaged[at] ^= 1 << (n % 8);
        let name = format!("r{n}.db");
        let run = read(&place, &["backup", "restore", "-", &name], &damaged);
        if run.code == 0 {
            assert_eq!(export(&place, &name), expected, "byte {at}");
        } else {
            assert!(!place.path(&name).exists() && run.err.contains("error["), "byte {at}: {run}");
        }
    }
}

/// The whole stream with one more entry, at its end or behind its manifest.
fn with(stream: &[u8], last: bool, add: impl Fn(&mut tar::Builder<Vec<u8>>)) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    let mut archive = tar::Archive::new(stream);
    for (n, entry) in archive.entries().unwrap().enumerate() {
        let mut entry = entry.unwrap();
        if n == 1 && !last {
            add(&mut out);
        }
        let header = entry.header().clone();
        out.append(&header, &mut entry).unwrap();
    }
    if last {
        add(&mut out);
    }
    out.into_inner().unwrap()
}

fn entry(name: &str, kind: tar::EntryType, link: &str, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    // Written into the header as it is: the library itself refuses such names.
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().div_ceil(512) * 512, 0);
    bytes
}

#[test]
fn nothing_gets_out_of_its_place() {
    use tar::EntryType as Is;
    let place = Place::new();
    let (stream, _) = stream(&place);
    let outside = place.path("outside");
    let cases = [
        (entry("../outside", Is::Regular, "", b"x"), "does not name"),
        (entry(outside.to_str().unwrap(), Is::Regular, "", b"x"), "does not name"),
        (entry("000001/../../outside", Is::Regular, "", b"x"), "does not name"),
        (entry("000001/data/../../../outside", Is::Regular, "", b"x"), "does not name"),
        (entry("000001/data/extra.db", Is::Regular, "", b"x"), "does not name"),
        (entry("000001/manifest.json", Is::Regular, "", b"{}"), "does not name"),
        (entry("000001/data/graph.db", Is::Symlink, "/etc/passwd", b""), "is a link"),
        (entry("000001/data/graph.db", Is::Link, "/etc/passwd", b""), "is a link"),
        (entry("000001/data/graph.db", Is::Char, "", b""), "neither a file nor"),
        (entry("000001/data/graph.db", Is::Fifo, "", b""), "neither a file nor"),
        (entry("000001/data/graph.db", Is::GNULongName, "", b"x"), "neither a file nor"),
    ];
    for (bytes, text) in &cases {
        for last in [false, true] {
            let add = |out: &mut tar::Builder<Vec<u8>>| out.get_mut().write_all(bytes).unwrap();
            refused(&place, &with(&stream, last, add), 1, text);
            assert!(!outside.exists());
        }
    }
    // Twice, or longer than announced.
    let twice = entry("000001/data/FORMAT", Is::Regular, "", b"x");
    let add = |out: &mut tar::Builder<Vec<u8>>| out.get_mut().write_all(&twice).unwrap();
    refused(&place, &with(&stream, true, add), 1, "does not name");
    refused(&place, &with(&stream, false, add), 4, "another length");
    // What does not begin with a manifest is nothing of ours.
    refused(&place, &entry("etc/passwd", Is::Regular, "", b"root"), 1, "not a backup of vql");
    refused(&place, &[7; 4096], 1, "not a backup of vql");
}
