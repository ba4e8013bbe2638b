//! The command line as clap sees it, and nothing else: no behavior, only clap and std, so that
//! completions, man pages and their tests can be made from this file alone.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgMatches, Args, Parser, Subcommand, ValueEnum};

use super::audit::args::AuditCommand;
use super::examples;
use super::target::Reach;

/// The database for things that must agree with themselves
///
/// One entity, a hexad, lives in eight modalities at once: graph, vector, tensor, semantic,
/// document, temporal, provenance and spatial. They are written together and asked together.
#[derive(Debug, Parser)]
#[command(name = "vql", version, propagate_version = true, arg_required_else_help = true)]
#[command(max_term_width = 100, after_long_help = examples::VQL)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command understands.
    #[command(flatten)]
    pub shared: Shared,
}

/// One verb each.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open a shell, or run statements from the command line, files or standard input
    ///
    /// TARGET is a database directory (default `./vql.db`, created by the first write). With `-c`, `-f`
    /// or a standard input that is not a terminal the statements run as a script, which stops at the
    /// first error.
    #[command(after_long_help = examples::REPL)]
    Repl(ReplArgs),
    /// Show the plan of a statement without running it
    #[command(after_long_help = examples::EXPLAIN)]
    Explain(ExplainArgs),
    /// Move data into or out of a database
    #[command(subcommand, after_long_help = examples::MIGRATE)]
    Migrate(MigrateCommand),
    /// Keep copies of a database, and go back to any moment they hold
    #[command(subcommand, after_long_help = examples::BACKUP)]
    Backup(BackupCommand),
    /// Take out and verify the log of who was allowed or refused what
    #[command(subcommand, after_long_help = examples::AUDIT)]
    Audit(AuditCommand),
    /// Measure this machine's vql beside the same work done by hand on SQLite
    ///
    /// The data is generated, the same for every run with the same seed. Both databases are made in a
    /// temporary directory, asked the same questions in turns, and their answers are compared. Figures
    /// are for one operation: CPU time of all threads, background work included, and wall time.
    #[command(after_long_help = examples::BENCH)]
    Bench(BenchArgs),
    /// Rewrite VQL files in the standard layout
    ///
    /// Directories are searched for `.vql` files, and for Markdown files, of which the blocks fenced as
    /// `vql` are formatted; ignore files are respected. `-` reads standard input and writes standard
    /// output. A statement that cannot be parsed is reported, left as it is, and does not stop the
    /// others. `-- fmt: off`, `-- fmt: on` and `-- fmt: skip` leave statements alone.
    #[command(after_long_help = examples::FMT)]
    Fmt(FmtArgs),
    /// Serve an editor: the language server, on standard input and output
    ///
    /// Speaks the Language Server Protocol: findings while typing, completion, formatting and more. It
    /// needs no database; it knows more names with one, which it only reads, or with a schema file. An
    /// editor starts it; it ends when the editor says so.
    #[command(after_long_help = examples::LSP)]
    Lsp(LspArgs),
    /// Serve a database over HTTP
    ///
    /// REST under `/api/v1`, described by `/api/v1/openapi.json`. Whoever asks must show a key, a token or
    /// a certificate. The first SIGTERM lets requests finish, a second one ends at once, SIGHUP reads
    /// limits, keys and certificates again.
    #[cfg(feature = "serve")]
    #[command(after_long_help = examples::SERVE)]
    Serve(ServeArgs),
    /// Print a completion script for a shell
    ///
    /// The scripts of bash, zsh and fish ask `vql` itself, so that they also complete databases, and
    /// statements with the names that are stored.
    #[command(after_long_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
}

/// Flags of every command.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Shared options")]
pub struct Shared {
    /// Form of the results [default: table on a terminal, jsonl otherwise]
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Write the results to a file instead of standard output
    #[arg(short, long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// When to use color [default: auto]
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub color: Option<Color>,
    /// Give a value to `$NAME` in statements (can be repeated)
    ///
    /// The value is read as JSON where it is JSON (`3`, `true`, `[0.1, 0.2]`, `"text"`) and as
    /// plain text otherwise.
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = parameter)]
    pub param: Vec<(String, String)>,
    /// Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    #[arg(long, global = true, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Read the settings from this file instead of the usual ones
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more about what is done
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The form in which results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table drawn with lines, fitted to the terminal
    Table,
    /// One line for each value, records one below the other
    #[value(alias = "line", alias = "vertical")]
    Expanded,
    /// One JSON document a statement, on one line
    Json,
    /// One JSON object a row
    #[value(alias = "jsonlines", alias = "ndjson")]
    Jsonl,
    /// Comma-separated values (RFC 4180) with a header
    Csv,
    /// Tab-separated values with a header
    Tsv,
    /// A table in Markdown
    #[value(alias = "md")]
    Markdown,
}

/// When to use color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What becomes of commits that cannot be archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ArchiveFailure {
    /// They are refused, and nothing of them is written
    Refuse,
    /// They are answered all the same; the archive gets them later
    Continue,
}

/// Arguments of `vql repl`.
#[derive(Debug, Default, Args)]
pub struct ReplArgs {
    /// The database, or the address of a server (`https://host:port`) [default: ./vql.db]
    pub target: Option<String>,
    /// Run this statement or meta command (can be repeated)
    #[arg(short, long, value_name = "STMT", allow_hyphen_values = true)]
    pub command: Vec<String>,
    /// Run the statements of a file, `-` for standard input (can be repeated)
    #[arg(short, long, value_name = "FILE")]
    pub file: Vec<PathBuf>,
    /// Open a small generated database, removed at the end unless TARGET is given
    #[arg(long)]
    pub demo: bool,
    /// Go on after a statement that failed
    #[arg(long)]
    pub keep_going: bool,
    /// Run all of `-c`, `-f` or standard input as one transaction: everything is written, or nothing
    ///
    /// It is committed when the last statement has succeeded. A script that ends it itself goes on
    /// without one.
    #[arg(short = '1', long, conflicts_with = "keep_going")]
    pub single_transaction: bool,
    /// Allow writes that name neither a hexad nor a condition
    #[arg(long)]
    pub force: bool,
    /// Refuse every write
    #[arg(long)]
    pub read_only: bool,
    /// Open a database whose log is damaged, without the commits that cannot be read
    ///
    /// What is dropped is said on standard error and kept beside the log under the extension `damaged`.
    #[arg(long, conflicts_with = "read_only")]
    pub accept_loss: bool,
    /// Do not run `~/.vqlrc`
    #[arg(long)]
    pub no_init: bool,
    /// How a server is reached.
    #[command(flatten)]
    pub reach: Reach,
}

/// One `-c` or `-f`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `-c STMT`
    Command(String),
    /// `-f FILE`
    File(PathBuf),
}

impl ReplArgs {
    /// The steps in the order in which they stand on the command line, which clap keeps beside
    /// the values.
    pub fn steps(&self, matches: &ArgMatches) -> Vec<Step> {
        let places = |id| matches.indices_of(id).into_iter().flatten();
        let commands = self.command.iter().cloned().map(Step::Command);
        let files = self.file.iter().cloned().map(Step::File);
        let mut steps: Vec<(usize, Step)> =
            places("command").zip(commands).chain(places("file").zip(files)).collect();
        steps.sort_by_key(|(place, _)| *place);
        steps.into_iter().map(|(_, step)| step).collect()
    }
}

/// Arguments of `vql explain`.
#[derive(Debug, Args)]
#[command(override_usage = "vql explain [OPTIONS] [TARGET] <STMT>")]
pub struct ExplainArgs {
    /// The database [default: ./vql.db], and the statement, `-` to read it from standard input
    // One list, because clap cannot tell `TARGET --analyze STMT` from `STMT` alone otherwise.
    #[arg(value_names = ["TARGET", "STMT"], required = true, num_args = 1..=2)]
    pub what: Vec<String>,
    /// Run the statement and show measured figures beside the estimates; a write is made ready and
    /// dropped
    #[arg(long)]
    pub analyze: bool,
    /// How a server is reached.
    #[command(flatten)]
    pub reach: Reach,
    /// Draw the plan into a file: one page that loads nothing
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Move data into or out of a database
#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// Load hexads from files
    ///
    /// Reads JSON Lines (`.jsonl`, `.jsonl.gz`) and CSV (`.csv`, `.csv.gz`). Every batch is written
    /// whole and is durable; an import that was stopped goes on where it stopped. Lines that cannot be
    /// loaded are reported, collected in a rejects file and do not stop the others.
    #[command(after_long_help = examples::IMPORT)]
    Import(ImportArgs),
    /// Write every hexad to a file, in the format that import reads
    #[command(after_long_help = examples::EXPORT)]
    Export(ExportArgs),
}

/// Arguments of `vql migrate import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The files to read, `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The database, created when it does not exist
    pub target: String,
    /// The form of the input [default: by the name of the file, jsonl for standard input]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub input_format: Option<InputFormat>,
    /// Where a column of a CSV file goes, such as `title=Name` or `spatial.latitude=Lat`
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = mapping)]
    pub map: Vec<(String, String)>,
    /// What to do with a hexad that exists already
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = OnConflict::Fail)]
    pub on_conflict: OnConflict,
    /// Stop at the first line that cannot be loaded
    #[arg(long)]
    pub strict: bool,
    /// Where to collect lines that cannot be loaded [default: FILE.rejects.jsonl in this directory]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Hexads written together
    #[arg(long, value_name = "N", default_value_t = 1000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub batch: u32,
    /// Start at the first line even when an earlier import of the file stopped in the middle
    #[arg(long)]
    pub restart: bool,
    /// Make vectors with this embedder for hexads that have a text and no vector
    #[arg(long, value_name = "NAME")]
    pub embed: Option<String>,
}

/// The form of the input of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InputFormat {
    /// One hexad a line, as JSON
    Jsonl,
    /// Comma-separated values with a header
    Csv,
}

/// What an import does with a hexad that exists already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnConflict {
    /// Keep the one in the database
    Skip,
    /// Take the one in the file
    Replace,
    /// Stop the import; what was loaded before stays
    Fail,
}

/// Arguments of `vql migrate export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The database
    pub target: String,
    /// The file to write, compressed when it ends in `.gz`, `-` for standard output
    pub file: PathBuf,
}

/// Keep copies of a database, and go back to any moment they hold
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Add a backup to those in a place, while others go on writing
    ///
    /// A place is a directory, `s3://BUCKET/PREFIX` in an object store (reached with the variables
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`), or `-` for one
    /// full backup as a tar stream on standard output.
    #[command(after_long_help = examples::BACKUP_CREATE)]
    Create(BackupCreateArgs),
    /// List the backups in a place
    #[command(after_long_help = examples::BACKUP_LIST)]
    List(BackupListArgs),
    /// Check every sum, restore into a temporary directory and compare with what was backed up
    #[command(after_long_help = examples::BACKUP_VERIFY)]
    Verify(BackupVerifyArgs),
    /// Make a new database from backups
    ///
    /// The database gets an identity of its own; backups of it go to another place. With an archive
    /// (`archive` in vql.toml, or `--archive`) what was committed behind the newest backup is restored
    /// too, to the last commit that was answered.
    #[command(after_long_help = examples::BACKUP_RESTORE)]
    Restore(BackupRestoreArgs),
    /// Remove old backups, never one that a newer one needs
    ///
    /// Every rule keeps some, whatever the others say; the newest backup always stays. Days, weeks and
    /// months are those of UTC. Files of the archive that end before the oldest backup go too.
    #[command(after_long_help = examples::BACKUP_PRUNE)]
    Prune(BackupPruneArgs),
}

/// Arguments of `vql backup create`.
#[derive(Debug, Args)]
pub struct BackupCreateArgs {
    /// The database
    pub target: String,
    /// The place of the backups: a directory, `s3://BUCKET/PREFIX`, or `-` for standard output
    pub dest: PathBuf,
    /// Only what was committed since the newest backup there
    #[arg(long)]
    pub incremental: bool,
}

/// Arguments of `vql backup list`.
#[derive(Debug, Args)]
pub struct BackupListArgs {
    /// The place of the backups: a directory or `s3://BUCKET/PREFIX`
    pub dest: PathBuf,
}

/// Arguments of `vql backup verify`.
#[derive(Debug, Args)]
pub struct BackupVerifyArgs {
    /// The place of the backups: a directory, `s3://BUCKET/PREFIX`, or `-` for standard input
    pub dest: PathBuf,
    /// The backup [default: all]
    pub id: Option<String>,
}

/// Arguments of `vql backup restore`.
#[derive(Debug, Args)]
pub struct BackupRestoreArgs {
    /// The place of the backups: a directory, `s3://BUCKET/PREFIX`, or `-` for standard input
    pub dest: PathBuf,
    /// The new database, which must not exist
    pub new_dir: PathBuf,
    /// To everything committed up to this time, such as `2026-01-01T10:30:00Z`
    #[arg(long, value_name = "TIME", conflicts_with = "to_lsn")]
    pub to_time: Option<String>,
    /// To the state after this commit
    #[arg(long, value_name = "N")]
    pub to_lsn: Option<u64>,
    /// From this backup [default: the newest, or the one that leads to the time or commit]
    #[arg(long, value_name = "ID")]
    pub backup: Option<String>,
    /// The archive that continues the backups [default: `archive` in vql.toml]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["backup", "no_archive"])]
    pub archive: Option<PathBuf>,
    /// Without an archive
    #[arg(long)]
    pub no_archive: bool,
}

/// Arguments of `vql backup prune`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("rules").required(true).multiple(true)
    .args(["keep", "keep_days", "keep_daily", "keep_weekly", "keep_monthly"]))]
pub struct BackupPruneArgs {
    /// The place of the backups: a directory or `s3://BUCKET/PREFIX`
    pub dest: PathBuf,
    /// Keep the newest N
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
    /// Keep all of the last N times 24 hours
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep_days: Option<u32>,
    /// Keep the newest of each of the last N days that have one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep_daily: Option<u32>,
    /// Keep the newest of each of the last N weeks that have one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep_weekly: Option<u32>,
    /// Keep the newest of each of the last N months that have one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep_monthly: Option<u32>,
    /// The archive that continues the backups [default: `archive` in vql.toml]
    #[arg(long, value_name = "DIR")]
    pub archive: Option<PathBuf>,
    /// Only say what would be removed
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `vql bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The suites to run: load, insert, writers, get, knn, knn-filtered, text, hops, hybrid, aggregate,
    /// as-of, mixed, recovery, plan, parse, fmt [default: all of these]; or drift, alone;
    /// or calibrate, alone: what elementary work costs here, kept with `--database` for its planner
    pub suite: Vec<String>,
    /// What else to measure in the same run (can be repeated) [default: sqlite]
    ///
    /// `sqlite` is the same work by hand on SQLite, FTS5 and sqlite-vec; `row` one SQLite table, `usearch`,
    /// `tantivy` and `adjacency` bare libraries; `libraries` all of these. Servers are asked over their own
    /// protocols: `postgres=URL`, `qdrant=URL`, `surrealdb=URL`, `arangodb=URL`, `virtuoso=URL`. The data is
    /// put where nothing else is, and taken away at the end.
    #[arg(long, value_name = "NAME[=URL]", conflicts_with = "alone")]
    pub against: Vec<String>,
    /// Measure your own statements on this database, which is only read (with `--queries`)
    #[arg(long, value_name = "DIR")]
    pub database: Option<PathBuf>,
    /// The statements to measure, each for itself (with `--database`)
    #[arg(long, value_name = "FILE.vql", requires = "database")]
    pub queries: Option<PathBuf>,
    /// Compare with the JSON of an earlier run; exit with 1 when something became slower
    #[arg(long, value_name = "OLD.json")]
    pub compare: Option<PathBuf>,
    /// Draw the findings into a file that needs nothing else
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// A file of hexads to harm, in place of made-up data (drift)
    #[arg(long, value_name = "FILE")]
    pub data: Vec<PathBuf>,
    /// Hexads to load; with several sizes, `20000,100000`, all is done for each, and growth is shown
    #[arg(long, default_value = "20000", value_name = "N", value_delimiter = ',')]
    pub size: Vec<usize>,
    /// Numbers in an embedding
    #[arg(long, default_value_t = 384, value_name = "N", value_parser = dimensions)]
    pub dimensions: usize,
    /// Seed of the generated data
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Measure vql only
    #[arg(long)]
    pub alone: bool,
    /// Make the databases below this directory instead of the temporary one
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Leave the databases behind
    #[arg(long)]
    pub keep: bool,
}

/// Arguments of `vql fmt`.
#[derive(Debug, Default, Args)]
pub struct FmtArgs {
    /// Files or directories, `-` for standard input [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; list the files that would change, exit with 1 when there are some
    #[arg(long)]
    pub check: bool,
    /// Change nothing; show what would change, exit with 1 when something would
    #[arg(long)]
    pub diff: bool,
    /// Report mistakes of syntax, types and style instead, without a database
    #[arg(long, conflicts_with_all = ["check", "diff"])]
    pub lint: bool,
    /// Apply the edits that findings come with (with `--lint`)
    #[arg(long, requires = "lint")]
    pub fix: bool,
    /// Format only the statements between two places, such as `3:1-7:20` (one file or `-`)
    #[arg(long, value_name = "L:C-L:C", value_parser = range, conflicts_with = "lint")]
    pub range: Option<Range>,
    /// How findings are reported [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub output_format: Option<ReportFormat>,
    /// Files to format
    #[command(flatten)]
    pub which: FmtWhich,
    /// The layout
    #[command(flatten)]
    pub layout: FmtLayout,
}

/// Which files `vql fmt` takes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Which files")]
pub struct FmtWhich {
    /// Leave out files that match, as a line of `.gitignore` would (can be repeated)
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Leave out ignored and excluded files even when they are named
    #[arg(long)]
    pub force_exclude: bool,
    /// The name standard input goes by: in messages, for ignore rules and for settings
    #[arg(long, value_name = "NAME", alias = "stdin-filepath")]
    pub stdin_filename: Option<PathBuf>,
}

/// How `vql fmt` lays out.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Layout")]
pub struct FmtLayout {
    /// Columns a line may have [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(20..=1000))]
    pub line_width: Option<u16>,
    /// Columns of a step of indentation [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=8))]
    pub indent: Option<u16>,
    /// How keywords are written [default: upper]
    #[arg(long, value_enum, value_name = "CASE")]
    pub keyword_case: Option<KeywordCase>,
    /// Read no settings files
    #[arg(long)]
    pub isolated: bool,
    /// Print the layout in force and where each part of it comes from
    #[arg(long)]
    pub print_config: bool,
}

/// How keywords are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KeywordCase {
    /// `SELECT`
    Upper,
    /// `select`
    Lower,
    /// As they stand in the file
    Preserve,
}

/// How `vql fmt` reports findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people, with the lines they are about
    Text,
    /// One JSON object a line
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// One SARIF 2.1.0 document
    Sarif,
}

/// From one place to another; lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Line and column of the first character.
    pub start: (u32, u32),
    /// Line and column behind the last one.
    pub end: (u32, u32),
}

/// Reads `L:C-L:C`; a column may be left out (the first one, and the end of the line).
fn range(text: &str) -> Result<Range, String> {
    let wrong = || format!("`{text}` is not a range: expected LINE:COLUMN-LINE:COLUMN");
    let place = |text: &str, column: u32| {
        let (line, column) = match text.split_once(':') {
            Some((line, column)) => (line, column.parse().ok()?),
            None => (text, column),
        };
        let line: u32 = line.parse().ok()?;
        (line > 0 && column > 0).then_some((line, column))
    };
    let (start, end) = text.split_once('-').ok_or_else(wrong)?;
    let start = place(start, 1).ok_or_else(wrong)?;
    let end = place(end, u32::MAX).ok_or_else(wrong)?;
    if end < start { Err(wrong()) } else { Ok(Range { start, end }) }
}

/// Arguments of `vql lsp`.
#[derive(Debug, Args)]
pub struct LspArgs {
    /// Look at this database, for reading only: names, ids, plans
    #[arg(long, value_name = "DIR")]
    pub database: Option<String>,
    /// Take names from this file, made by `--print-schema`
    #[arg(long, value_name = "FILE", conflicts_with = "database")]
    pub schema: Option<PathBuf>,
    /// Print the names of the database as a schema file, and serve nobody
    #[arg(long, conflicts_with = "schema")]
    pub print_schema: bool,
    /// Talk on standard input and output; there is no other way, editors like to say so
    #[arg(long)]
    pub stdio: bool,
}

/// Arguments of `vql serve`.
#[cfg(feature = "serve")]
#[derive(Debug, Default, Args)]
pub struct ServeArgs {
    /// The database, created when it does not exist [default: ./vql.db]
    pub target: Option<String>,
    /// The address to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<std::net::SocketAddr>,
    /// Let everybody do everything; only on an address of this machine
    #[arg(long)]
    pub insecure: bool,
    /// Let clients look at the schema of GraphQL, and show a page to try queries at /graphql
    #[arg(long)]
    pub introspection: bool,
    /// The certificate of the server and those it builds on, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of the certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Accept only clients whose certificate one of these has signed, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub client_ca: Option<PathBuf>,
    /// Refuse every write
    #[arg(long)]
    pub read_only: bool,
    /// Read the settings and certificates, say what is wrong with them, and serve nobody
    #[arg(long)]
    pub check_config: bool,
}

/// Arguments of `vql completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// A shell with programmable completion.
#[expect(clippy::enum_variant_names, reason = "that is what it is called")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU bash
    Bash,
    /// Z shell
    Zsh,
    /// fish
    Fish,
    /// `PowerShell`
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
    /// Elvish
    Elvish,
    /// Nushell
    #[value(alias = "nu")]
    Nushell,
}

/// Reads `NAME=VALUE`; the sign of a parameter may stand before its name.
pub fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) =
        text.split_once('=').ok_or("expected NAME=VALUE, such as `topic=rivers`".to_owned())?;
    let name = name.trim().trim_start_matches(['$', '@']);
    let good = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !good {
        return Err(format!("`{name}` is not a name of a parameter: letters, digits and `_`"));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Reads `FIELD=COLUMN`.
fn mapping(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, column)) if !field.is_empty() && !column.is_empty() => {
            Ok((field.to_owned(), column.to_owned()))
        }
        _ => Err("expected FIELD=COLUMN, such as `title=Name`".to_owned()),
    }
}

/// Reads `500ms`, `30s`, `2m`, `1h`; a bare number counts seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time: expected `500ms`, `30s`, `2m` or `1h`");
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit.trim() {
        "ms" => number / 1000.0,
        "" | "s" => number,
        "m" | "min" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(wrong()),
    };
    // Over a century nobody waits, and the arithmetic of deadlines stays far from its edges.
    if seconds <= 0.0 || seconds > 3.2e9 {
        return Err(wrong());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// As many numbers as an embedding may have here, and sqlite-vec takes.
fn dimensions(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if (1..=8192).contains(&n) => Ok(n),
        _ => Err("expected a number from 1 to 8192".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, FromArgMatches as _};

    use super::*;

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn steps_keep_their_order() {
        let line = ["vql", "repl", "-f", "a", "-c", "1", "db", "-c", "-2", "-f", "b"];
        let matches = Cli::command().try_get_matches_from(line).unwrap();
        let cli = Cli::from_arg_matches(&matches).unwrap();
        let Command::Repl(args) = cli.command else { panic!("not repl") };
        let steps = args.steps(matches.subcommand_matches("repl").unwrap());
        let command = |text: &str| Step::Command(text.to_owned());
        let file = |path: &str| Step::File(PathBuf::from(path));
        assert_eq!(steps, [file("a"), command("1"), command("-2"), file("b")]);
        assert_eq!(args.target.as_deref(), Some("db"));
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        for wrong in ["", "s", "-1s", "3 weeks", "0", "1e400", "1.2.3s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_parameter_may_carry_its_sign() {
        assert_eq!(parameter("$a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(parameter("=1").is_err());
        assert!(parameter("plain").is_err());
    }
}
