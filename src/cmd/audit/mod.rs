//! `vql audit`: takes the audit log out of a database, and verifies it.

pub mod args;

use std::fs;
use std::io::{BufReader, Write as _};
use std::path::Path;

use self::args::{AuditCommand, AuditExportArgs, AuditVerifyArgs};
use super::database::Database;
use super::error::{CmdError, Result};
use super::exit::ExitStatus;
use super::ui::Ui;
use crate::config::{Config, SystemClock};
use crate::engine::auth::AuditLog;
use crate::engine::auth::audit::{self, Head, SignedHead};
use crate::engine::base::Clock as _;

/// Runs one of its verbs.
pub fn run(command: &AuditCommand, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    match command {
        AuditCommand::Export(args) => export(args, config, ui),
        AuditCommand::Verify(args) => verify(args, config, ui),
    }
}

fn export(args: &AuditExportArgs, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    let target = args.target.as_deref().unwrap_or(&config.target.value);
    let mut database = Database::new(target, true)?;
    let log = database.engine()?.audit_log();
    // The key first: what is exported without a head is worth less.
    let key = args.key.as_deref().map(signing_key).transpose()?;
    let mut text = Vec::new();
    let head = log.export(&mut text)?;
    if let (Some(path), Some(key)) = (&args.head, key) {
        let signed = SignedHead::sign(&head, log.root(), SystemClock.now(), &key)?;
        let mut text = serde_json::to_string_pretty(&signed).expect("a head is JSON");
        text.push('\n');
        fs::write(path, text).map_err(|cause| CmdError::file("write", path, &cause))?;
        ui.note(&format!("the head of {} entries is signed by {}", head.entries, signed.key));
    }
    ui.print(&String::from_utf8_lossy(&text))?;
    Ok(ExitStatus::Ok)
}

/// Reads the key, or makes one that nobody else can read.
fn signing_key(path: &Path) -> Result<Vec<u8>> {
    match fs::read(path) {
        Ok(key) => return Ok(key),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
        Err(cause) => return Err(CmdError::file("read", path, &cause)),
    }
    let key = audit::signing_key()?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut file| file.write_all(&key));
    written.map_err(|cause| CmdError::file("write", path, &cause))?;
    Ok(key)
}

fn verify(args: &AuditVerifyArgs, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    let target = args.target.as_deref().unwrap_or(&config.target.value);
    let mut database = Database::new(target, true)?;
    let log = database.engine()?.audit_log();
    let head = match &args.head {
        None => None,
        Some(path) => Some(read_head(path, log, args.signer.as_deref())?),
    };
    let flaw = match &args.log {
        None => log.verify(head.as_ref())?,
        Some(path) => {
            let file =
                fs::File::open(path).map_err(|cause| CmdError::file("read", path, &cause))?;
            audit::verify(&mut BufReader::new(file), log.root(), head.as_ref())?
        }
    };
    let Some(flaw) = flaw else {
        let reach = match head {
            Some(head) => format!(", and reaches at least to entry {}", head.entries),
            None => ": that nothing was cut off behind it only an exported head shows".to_owned(),
        };
        ui.print(&format!("the audit log is what was written{reach}\n"))?;
        return Ok(ExitStatus::Ok);
    };
    ui.print(&format!("line {}: {}\n", flaw.line, flaw.what))?;
    Ok(ExitStatus::Damaged)
}

fn read_head(path: &Path, log: &AuditLog, signer: Option<&str>) -> Result<Head> {
    let text = fs::read_to_string(path).map_err(|cause| CmdError::file("read", path, &cause))?;
    let signed: SignedHead = serde_json::from_str(&text)
        .map_err(|_| CmdError::usage(format!("`{}` holds no exported head", path.display())))?;
    Ok(signed.open(log.root(), signer)?)
}
