//! Class `compat`: the databases in `tests/compat/`, one for each format that was ever released, open and
//! hold what they held; one of a later format is refused.

use std::fs::{self, File};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use vql::engine::base::Kind;

use crate::database::{self, said};
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::{Plan, world};

/// Runs the class; there is nothing to choose.
pub(crate) fn run(_plan: &Plan) -> Report {
    let mut report = Report::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat");
    let Ok(entries) = fs::read_dir(&folder) else {
        return Report::skip("tests/compat is not there");
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".tar.gz") else { continue };
        report.count += 1;
        if let Err(what) = keeps(&entry.path(), &folder.join(format!("{stem}.jsonl"))) {
            report.violation(format!("compat {name}"), what);
        }
        if let Err(what) = refuses_the_next(&entry.path()) {
            report.violation(format!("compat {name}, one format later"), what);
        }
    }
    report
}

/// Makes the archive of the present format: done once, when a version with it is released.
pub(crate) fn make(name: &str) -> Result<(), String> {
    let sandbox = Sandbox::new();
    let db = sandbox.path("d.db");
    let engine = database::create(&db).map_err(|e| said(&e))?;
    let mut session = engine.session();
    for statement in world::script(1, 2) {
        database::execute(&mut session, &statement)
            .map(drop)
            .or_else(|e| if e.kind == Kind::NotSupported { Ok(()) } else { Err(said(&e)) })?;
    }
    drop(session);
    engine.settle().map_err(|e| said(&e))?;
    let mut export = Vec::new();
    engine.export(&mut export, &mut |_| Ok(())).map_err(|e| said(&e))?;
    engine.close().map_err(|e| said(&e))?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat");
    fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let file = File::create(folder.join(format!("{name}.tar.gz"))).map_err(|e| e.to_string())?;
    let mut archive = tar::Builder::new(GzEncoder::new(file, Compression::best()));
    archive.append_dir_all("d.db", &db).map_err(|e| e.to_string())?;
    archive.into_inner().and_then(GzEncoder::finish).map_err(|e| e.to_string())?;
    fs::write(folder.join(format!("{name}.jsonl")), export).map_err(|e| e.to_string())
}

fn unpacked(archive: &Path, sandbox: &Sandbox) -> Result<std::path::PathBuf, String> {
    let file = File::open(archive).map_err(|e| e.to_string())?;
    let place = sandbox.path("compat");
    tar::Archive::new(GzDecoder::new(file)).unpack(&place).map_err(|e| e.to_string())?;
    Ok(place.join("d.db"))
}

/// Opens, exports the very bytes it should, and can be written to.
fn keeps(archive: &Path, expected: &Path) -> Result<(), String> {
    let sandbox = Sandbox::new();
    let db = unpacked(archive, &sandbox)?;
    let expected = fs::read(expected).map_err(|e| format!("{}: {e}", expected.display()))?;
    for round in 0..2 {
        let engine = database::open(&db).map_err(|e| said(&e))?;
        if round == 0 {
            let mut export = Vec::new();
            engine.export(&mut export, &mut |_| Ok(())).map_err(|e| said(&e))?;
            if export != expected {
                let (a, b) = (String::from_utf8_lossy(&expected), String::from_utf8_lossy(&export));
                return Err(database::difference(&a, &b));
            }
        }
        database::sound_contents(&engine)?;
        let statement = world::insert(&format!("new{round}"), 77);
        database::execute(&mut engine.session(), &statement).map_err(|e| said(&e))?;
        engine.close().map_err(|e| said(&e))?;
    }
    Ok(())
}

fn refuses_the_next(archive: &Path) -> Result<(), String> {
    let sandbox = Sandbox::new();
    let db = unpacked(archive, &sandbox)?;
    let path = db.join("FORMAT");
    let text = fs::read_to_string(&path).map_err(|e| e.to_string())?;
    fs::write(&path, text.replacen("format ", "format 9", 1)).map_err(|e| e.to_string())?;
    match database::open(&db) {
        Err(error) if error.kind == Kind::NewerFormat => Ok(()),
        Err(error) => Err(format!("refused as {}", said(&error))),
        Ok(_) => Err("opened".to_owned()),
    }
}
