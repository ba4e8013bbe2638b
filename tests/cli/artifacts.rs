//! Files made from the command line itself are checked in and must be fresh. Run the tests with
//! `VQL_BLESS=1` to write them anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory as _;
use vql::cmd::args::{Cli, Shell};
use vql::cmd::completions::script;
use vql::engine::lang::topics::TOPICS;

use crate::harness::{Place, run};

pub(crate) fn fresh(path: &Path, made: &[u8]) {
    if std::env::var_os("VQL_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, made).unwrap();
    }
    let kept = fs::read(path).unwrap_or_default();
    assert!(kept == made, "{} is stale: run the tests with VQL_BLESS=1", path.display());
}

#[test]
fn completions_are_fresh() {
    for (shell, name) in [
        (Shell::Bash, "vql.bash"),
        (Shell::Zsh, "vql.zsh"),
        (Shell::Fish, "vql.fish"),
        (Shell::PowerShell, "vql.ps1"),
        (Shell::Elvish, "vql.elv"),
        (Shell::Nushell, "vql.nu"),
    ] {
        fresh(&Path::new("completions").join(name), script(shell).as_bytes());
    }
}

#[test]
fn manual_pages_are_fresh() {
    let mut command = Cli::command();
    command.build();
    page(&command, "vql");
    fresh(Path::new("man/vql.7"), language().as_bytes());
    fresh(Path::new("man/vql.toml.5"), SETTINGS.as_bytes());
}

/// Writes or checks the page of a command and those of its subcommands.
fn page(command: &clap::Command, name: &str) {
    let mut text = Vec::new();
    let man = clap_mangen::Man::new(command.clone()).title(name).date("");
    man.render(&mut text).unwrap();
    fresh(&Path::new("man").join(format!("{name}.1")), &text);
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        page(sub, &format!("{name}-{}", sub.get_name()));
    }
}

/// vql(7): the language, from its table of topics.
fn language() -> String {
    let mut page = String::from(
        ".TH VQL 7 \"\" \"vql\" \"The language of vql\"\n.SH NAME\nVQL \\- the query language of vql\n\
         .SH DESCRIPTION\nStatements end with a semicolon. Words in capitals are keywords, in any case; \
         brackets stand around what may be missing, a bar between alternatives.\nComments are\n\
         .B \\-\\- ..\nto the end of the line and\n.BR \"/* .. */\" .\n.SH STATEMENTS\n",
    );
    for topic in TOPICS {
        let lines = |text: &str| text.lines().map(roff).collect::<Vec<_>>().join("\n");
        write!(
            page,
            ".SS {}\n{}.\n.PP\n.nf\n.RS 4\n{}\n.RE\n.fi\n.PP\n{}\n.PP\nFor example:\n.PP\n.nf\n.RS 4\n\
             {};\n.RE\n.fi\n",
            topic.name,
            roff(&capital(topic.about)),
            lines(topic.syntax),
            roff(topic.means),
            lines(topic.example.trim_end_matches(';')),
        )
        .unwrap();
    }
    page.push_str(".SH SEE ALSO\n.BR vql (1),\n.BR vql.toml (5)\n");
    page
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A line as roff reads it.
fn roff(line: &str) -> String {
    let text = line.replace('\\', "\\e").replace('-', "\\-").replace('`', "");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

/// vql.toml(5), held to what the program reads by `settings_are_those_of_the_manual`.
const SETTINGS: &str = r#".TH VQL.TOML 5 "" "vql" "Settings of vql"
.SH NAME
vql.toml \- settings of vql
.SH SYNOPSIS
.I vql.toml
of a project, at or above the working directory;
.I ~/.config/vql/config.toml
of a user
.SH DESCRIPTION
Flags beat the variables of the environment, which beat
.IR vql.toml ,
which beats the file of the user. A key that is not known is an error. A file named by
.B \-\-config
or by
.B VQL_CONFIG
stands in for both files.
.TP
.B target
The database when none is named (VQL_TARGET; ./vql.db).
.TP
.B format
The form of the results: table, expanded, json, jsonl, csv, tsv or markdown (VQL_FORMAT).
.TP
.B color
auto, always or never (VQL_COLOR).
.TP
.B timeout
The time a statement may take, such as "30s" (VQL_TIMEOUT).
.TP
.B pager
The pager, empty for none (VQL_PAGER, PAGER).
.TP
.B archive
The directory the log is copied to while it grows, none by default (VQL_ARCHIVE).
.TP
.B archive\-failure
What becomes of commits that cannot be archived: refuse, or continue (VQL_ARCHIVE_FAILURE; refuse).
.SS [s3]
How
.BR vql\-backup (1)
reaches an object store; what the variables AWS_ENDPOINT_URL, AWS_REGION and AWS_DEFAULT_REGION say counts
first. Secrets are read from the environment only: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
.TP
.B endpoint
The address of a store that is not Amazon's.
.TP
.B region
Its region.
.SS [serve]
How
.BR vql\-serve (1)
serves. Paths are meant from where the file is. SIGHUP reads the bounds, the level of the log and the certificates
again; the rest counts when the server is started.
.TP
.B listen
The address (127.0.0.1:8080).
.TP
.B tls\-cert
The certificate of the server and those it builds on, as PEM.
.TP
.B tls\-key
Its private key, as PEM.
.TP
.B client\-ca
Who signs the certificates that clients must show, as PEM.
.TP
.B backups
The directory that backups are kept in; without it none are made over the network.
.TP
.B origins
A list of origins of web pages that may call; none by default.
.TP
.B drain
How long requests may go on after the server was told to end ("30s").
.TP
.B log\-level
error, warn, info, debug or trace (info).
.TP
.B log\-format
text or json (text).
.TP
.B limits
See below.
.SS [serve.limits]
What one request, one principal and all together may use.
.TP
.B statements
Statements that run at the same time (16).
.TP
.B queue
Statements that wait; more are refused with 503 (256).
.TP
.B connections
Open connections (10000).
.TP
.B body
Bytes of a body (33554432).
.TP
.B head\-time
Time in which the head of a request must arrive ("10s").
.TP
.B body\-time
Time in which its body must arrive ("30s").
.TP
.B statement\-time
The longest time of a statement ("30s").
.TP
.B rows
Rows of one answer (100000).
.TP
.B transactions
Open transactions of one principal (64).
.TP
.B idle
The time after which a transaction that is not used is rolled back ("1m").
.TP
.B subscribers
Readers of streams (10000).
.TP
.B rate
Requests of one principal in a second; 0 for any number (0).
.SS [fmt]
The layout of
.BR vql\-fmt (1);
for each file the nearest
.I vql.toml
speaks.
.TP
.B line\-width
Columns a line may have, 20 to 1000 (100).
.TP
.B indent
Columns of a step of indentation, 1 to 8 (2).
.TP
.B keyword\-case
upper, lower or preserve (upper).
.TP
.B exclude
Patterns of files to leave out, as in .gitignore.
.SS [serve.tokens]
Whose signed tokens (JWT) are believed; one of keys, keys\-url and secret says how they are verified.
.TP
.B issuer
Who issues them: exactly their claim iss.
.TP
.B audience
For whom: exactly their claim aud, and no second one.
.TP
.B keys
The file with the key set of the issuer (EdDSA, ES256, RS256).
.TP
.B keys\-url
Its address, over https; fetched again every five minutes.
.TP
.B secret
The file with a secret of 32 bytes and more that is shared with the issuer (HS256).
.TP
.B roles
The claim that holds roles; none are taken from tokens without it.
.TP
.B revoked
Tokens that are worth nothing, by their claim jti.
.SS [serve.certificates]
Whose a certificate of a client is: "sha256:HEX" of the certificate, or a name in it, "dns:NAME",
"email:NAME" or "uri:NAME", and the name of the principal.
.SS [embedder.NAME]
A server that makes vectors of texts, by the name that statements use:
.BR "EMBED('text', 'NAME')" .
.TP
.B kind
What it speaks: openai (POST /v1/embeddings) or ollama (POST /api/embed).
.TP
.B url
Where it is, such as "http://localhost:11434".
.TP
.B model
The model asked for.
.TP
.B dimension
Numbers in its vectors.
.TP
.B batch
Texts of one request (64).
.TP
.B timeout_ms
Milliseconds one request may take (30000).
.TP
.B retries
How often a request that failed is tried again (4).
.TP
.B key_env
The variable of the environment that holds the key; the key is sent over https, or to this machine.
.SH EXAMPLES
.nf
format = "json"
timeout = "30s"

[fmt]
line\-width = 80
exclude = ["/vendor/"]

[embedder.local]
kind = "ollama"
url = "http://localhost:11434"
model = "all\-minilm"
dimension = 384
.fi
.SH SEE ALSO
.BR vql (1),
.BR vql\-fmt (1)
"#;

#[test]
fn settings_are_those_of_the_manual() {
    let place = Place::new();
    let (_, example) = SETTINGS.split_once(".SH EXAMPLES\n.nf\n").unwrap();
    let example = example.split_once("\n.fi").unwrap().0.replace("\\-", "-");
    place.write("vql.toml", &example);
    let run = place.vql(["fmt", "--print-config"]);
    assert!(run.code == 0 && run.out.contains("line-width = 80 "), "{run}");
    // The error about a key that is not known lists those that are.
    for (head, section) in [
        ("nosuch = 1\n", "SH DESCRIPTION"),
        ("[fmt]\nnosuch = 1\n", "SS [fmt]"),
        ("[embedder.x]\nnosuch = 1\n", "SS [embedder"),
        ("[s3]\nnosuch = 1\n", "SS [s3]"),
        ("[serve]\nnosuch = 1\n", "SS [serve]"),
        ("[serve.limits]\nnosuch = 1\n", "SS [serve.limits]"),
        ("[serve.tokens]\nnosuch = 1\n", "SS [serve.tokens]"),
    ] {
        place.write("vql.toml", head);
        let run = place.vql(["fmt", "--print-config"]);
        let text = SETTINGS.split_once(section).unwrap().1;
        let known: Vec<&str> = run.err.split('`').skip(3).step_by(2).collect();
        assert!(known.len() > 1, "{run}");
        let tables = ["fmt", "embedder", "s3", "serve", "limits", "tokens", "certificates"];
        let table = |key: &str| tables.contains(&key);
        for key in known.iter().filter(|key| !table(key) && !key.contains('_')) {
            assert!(text.contains(&format!(".B {}\n", key.replace('-', "\\-"))), "{key}\n{run}");
        }
    }
}

#[test]
fn manual_pages_are_well_formed() {
    if !Path::new("/usr/bin/mandoc").exists() {
        eprintln!("mandoc is not there: the manual pages were not checked");
        return;
    }
    for entry in fs::read_dir("man").unwrap() {
        let page = entry.unwrap().path();
        let found = Command::new("mandoc").args(["-T", "lint", "-W", "error"]).arg(&page).output();
        let found = found.unwrap();
        let text = String::from_utf8_lossy(&found.stdout).into_owned();
        assert!(found.status.success(), "{text}");
    }
}

/// The examples of a command and those below it run.
#[test]
fn examples_of_the_help_run() {
    fn all(command: &clap::Command, name: &str, into: &mut Vec<(String, String)>) {
        let examples = command.get_after_long_help().map(ToString::to_string);
        let examples = examples.unwrap_or_else(|| panic!("`{name} --help` has no examples"));
        let lines = examples.lines().filter_map(|line| line.trim().strip_prefix("$ "));
        into.extend(lines.map(|line| (name.to_owned(), line.to_owned())));
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            all(sub, &format!("{name} {}", sub.get_name()), into);
        }
    }
    let mut examples = Vec::new();
    all(&Cli::command(), "vql", &mut examples);
    assert!(examples.len() > 10);
    let bin = Path::new(env!("CARGO_BIN_EXE_vql")).parent().unwrap().display().to_string();
    let mut place = Place::new();
    let mut of = String::new();
    for (name, example) in examples {
        // There is no server at an address that is only an example: its words are right.
        if example.contains("://db.example") {
            let words = example.split_whitespace();
            Cli::command().try_get_matches_from(words).unwrap_or_else(|e| panic!("{example}: {e}"));
            continue;
        }
        // The examples of one command go on from each other.
        if of != name {
            place = prepared();
            of.clone_from(&name);
        }
        let mut command = Command::new("bash");
        command.args(["-c", &format!("set -o pipefail; {example}")]).current_dir(place.root());
        command.env_clear().env("PATH", format!("{bin}:/usr/bin:/bin")).env("HOME", place.root());
        let run = run(&mut command, b"");
        assert_eq!(run.code, 0, "{name}: {example}\n{run}");
    }
}

/// A directory with what the examples speak of.
fn prepared() -> Place {
    let place = Place::new();
    let person = r#"{"id": "ada", "document": {"name": "Ada", "age": 41}}"#;
    place.write("people.jsonl", format!("{person}\n"));
    place.write("queries/people.vql", "SELECT id, DOCUMENT.name\nFROM hexads\nLIMIT 5;\n");
    let made = place.vql(["migrate", "import", "people.jsonl", "my.db"]);
    assert_eq!(made.code, 0, "{made}");
    place
}
