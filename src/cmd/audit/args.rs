//! The arguments of `vql audit`.

use std::path::PathBuf;

use crate::cmd::examples;

/// `vql audit ..`
#[derive(Debug, clap::Subcommand)]
pub enum AuditCommand {
    /// Write the log out, and its signed head
    ///
    /// A head kept elsewhere is what shows later that nothing was cut off.
    #[command(after_long_help = examples::AUDIT_EXPORT)]
    Export(AuditExportArgs),
    /// Say whether the log is what was written, and where it stops being that
    ///
    /// Exits 4 when something was changed, removed, inserted, moved or cut off.
    #[command(after_long_help = examples::AUDIT_VERIFY)]
    Verify(AuditVerifyArgs),
}

/// `vql audit export`
#[derive(Debug, clap::Args)]
pub struct AuditExportArgs {
    /// The database [default: ./vql.db]
    pub target: Option<String>,
    /// Write the head there, signed
    #[arg(long, value_name = "FILE", requires = "key")]
    pub head: Option<PathBuf>,
    /// The Ed25519 key to sign with (PKCS #8); made when there is none
    #[arg(long, value_name = "FILE", requires = "head")]
    pub key: Option<PathBuf>,
}

/// `vql audit verify`
#[derive(Debug, clap::Args)]
pub struct AuditVerifyArgs {
    /// The database [default: ./vql.db]
    pub target: Option<String>,
    /// A head that was exported earlier: the log must reach as far
    #[arg(long, value_name = "FILE")]
    pub head: Option<PathBuf>,
    /// The public key the head must be signed with, in hexadecimal
    #[arg(long, value_name = "HEX", requires = "head")]
    pub signer: Option<String>,
    /// Verify a log that was exported, in place of that in the database
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}
