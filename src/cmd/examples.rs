//! The examples that stand at the end of each `--help` and in the manual. A test runs every line that
//! begins with `$`, in a directory that has `my.db`, `people.jsonl` and `queries/`.

/// `vql`
pub const VQL: &str = "\
Examples:
  A shell on a small made-up world, without leaving anything behind:
  $ vql repl --demo
  A database from a file, and a first question:
  $ vql migrate import people.jsonl new.db
  $ vql repl new.db -c 'SELECT id, DOCUMENT.name FROM hexads LIMIT 5'

Exit codes:
  0  everything asked for was done
  1  a statement failed, or `fmt --check` found something to change
  2  the command line, a setting or a file named there is wrong
  3  the database cannot be opened
  4  stored data is damaged
  130  Ctrl-C";

/// `vql lsp`
pub const LSP: &str = "\
Examples:
  What to enter as the command of the server in the settings of an editor:
  vql lsp --stdio

  The names of a database for editors that do not have it at hand:
  vql lsp --print-schema --database papers.db > schema.json
  vql lsp --schema schema.json";

/// `vql serve`
#[cfg(feature = "serve")]
pub const SERVE: &str = "\
Examples:
  On this machine only, without keys, to try it out:
  vql serve my.db --insecure
  curl http://127.0.0.1:8080/api/v1/query --json '{\"query\": \"SHOW STATUS\"}'
  What would be served, and whether the settings are right:
  $ vql serve my.db --insecure --check-config";

/// `vql repl`
pub const REPL: &str = "\
Examples:
  A shell, or the statements of standard input:
  $ vql repl my.db
  One statement, for a program to read:
  $ vql repl my.db -c 'SHOW STATUS' --format json
  A value that is never read as a part of the statement:
  $ vql repl my.db -c 'SELECT id FROM hexads WHERE name = $who LIMIT 5' --param who=Ada
  A script, into a file:
  $ vql repl my.db -f queries/people.vql --format csv --output people.csv
  On a server, with a key from a file:
  $ vql repl https://db.example:8443 --user-key key.txt";

/// `vql explain`
pub const EXPLAIN: &str = "\
Examples:
  $ vql explain my.db 'SELECT id FROM hexads WHERE age > 40 LIMIT 5'
  With what was found beside what was expected:
  $ vql explain my.db --analyze 'SELECT id FROM hexads WHERE age > 40 LIMIT 5'
  As a picture, and for a program:
  $ vql explain my.db --html plan.html 'SELECT id FROM hexads WHERE age > 40 LIMIT 5'
  $ vql explain my.db --format json 'SELECT id FROM hexads WHERE age > 40 LIMIT 5'";

/// `vql migrate`
pub const MIGRATE: &str = "\
Examples:
  $ vql migrate import people.jsonl new.db
  $ vql migrate export my.db all.jsonl.gz";

/// `vql migrate import`
pub const IMPORT: &str = "\
Examples:
  $ vql migrate import people.jsonl new.db
  Take what the file says of hexads that exist already:
  $ vql migrate import people.jsonl my.db --on-conflict replace
  From standard input:
  $ cat people.jsonl | vql migrate import - other.db";

/// `vql migrate export`
pub const EXPORT: &str = "\
Examples:
  $ vql migrate export my.db all.jsonl
  To standard output:
  $ vql migrate export my.db - | head -n 1";

/// `vql backup`
pub const BACKUP: &str = "\
Examples:
  $ vql backup create my.db backups
  $ vql backup verify backups
  $ vql backup restore backups again.db";

/// `vql backup create`
pub const BACKUP_CREATE: &str = "\
Examples:
  $ vql backup create my.db backups
  What was committed since:
  $ vql backup create my.db backups --incremental
  As a stream:
  $ vql backup create my.db - | gzip > my.tar.gz
  In an object store, such as `s3://BUCKET/PREFIX`, the same commands.";

/// `vql backup list`
pub const BACKUP_LIST: &str = "\
Examples:
  $ vql backup create my.db backups -q
  $ vql backup list backups --format table";

/// `vql backup verify`
pub const BACKUP_VERIFY: &str = "\
Examples:
  $ vql backup create my.db backups -q
  All, or one:
  $ vql backup verify backups
  $ vql backup verify backups 000001
  A stream:
  $ vql backup create my.db - -q | vql backup verify -";

/// `vql backup restore`
pub const BACKUP_RESTORE: &str = "\
Examples:
  $ vql backup create my.db backups -q
  The newest backup:
  $ vql backup restore backups again.db
  From a stream:
  $ vql backup create my.db - -q | vql backup restore - copy.db
  The state after commit 2:
  $ vql backup restore backups first.db --to-lsn 2";

/// `vql backup prune`
pub const BACKUP_PRUNE: &str = "\
Examples:
  $ vql backup create my.db backups -q
  $ vql backup prune backups --keep 7 --dry-run
  $ vql backup prune backups --keep-daily 7 --keep-weekly 4 --keep-monthly 12";

/// `vql bench`
pub const BENCH: &str = "\
Examples:
  Some suites, on little data, without anything to compare with:
  $ vql bench load get --size 200 --dimensions 16 --alone
  For a program; later runs are held against it, the exit code is 1 when something became slower:
  $ vql bench get --size 200 --dimensions 16 --alone --format json -o old.json
  vql bench get --size 200 --dimensions 16 --alone --compare old.json
  Against bare libraries, at two sizes, with a plot:
  $ vql bench get knn --size 100,200 --dimensions 16 --against libraries --html bench.html
  Against a server:
  vql bench --against postgres=postgres://me@localhost/test
  Your own statements on your own database, which is only read:
  $ vql bench --database my.db --queries queries/people.vql
  How much of the harm done to a twentieth of the data is found and repaired:
  $ vql bench drift --size 40";

/// `vql fmt`
pub const FMT: &str = "\
Examples:
  Everything below this directory:
  $ vql fmt
  What would change; exit with 1 when something would:
  $ vql fmt --diff queries/
  In CI:
  $ vql fmt --check --output-format github
  Standard input, as an editor would:
  $ vql fmt - --stdin-filename queries/people.vql < queries/people.vql
  Mistakes, and what can be done about them without asking:
  $ vql fmt --lint --fix queries/";

/// `vql completions`
pub const COMPLETIONS: &str = "\
Examples:
  bash, in ~/.bashrc:
  $ source <(vql completions bash)
  fish:
  $ vql completions fish > vql.fish
  zsh, in a directory of $fpath:
  $ vql completions zsh > _vql";

/// `vql audit`
pub const AUDIT: &str = "\
Examples:
  $ vql audit verify my.db";

/// `vql audit export`
pub const AUDIT_EXPORT: &str = "\
Examples:
  The log, and a head to keep elsewhere:
  $ vql audit export my.db --head head.json --key audit.key --output audit.log";

/// `vql audit verify`
pub const AUDIT_VERIFY: &str = "\
Examples:
  That nothing was changed in it:
  $ vql audit verify my.db
  Nor cut off since the head was exported:
  vql audit verify my.db --head head.json";
