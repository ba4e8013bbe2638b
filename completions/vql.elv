
use builtin;
use str;

set edit:completion:arg-completer[vql] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'vql'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'vql'= {
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand repl 'Open a shell, or run statements from the command line, files or standard input'
            cand explain 'Show the plan of a statement without running it'
            cand migrate 'Move data into or out of a database'
            cand backup 'Keep copies of a database, and go back to any moment they hold'
            cand audit 'Take out and verify the log of who was allowed or refused what'
            cand bench 'Measure this machine''s vql beside the same work done by hand on SQLite'
            cand fmt 'Rewrite VQL files in the standard layout'
            cand lsp 'Serve an editor: the language server, on standard input and output'
            cand serve 'Serve a database over HTTP'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vql;repl'= {
            cand -c 'Run this statement or meta command (can be repeated)'
            cand --command 'Run this statement or meta command (can be repeated)'
            cand -f 'Run the statements of a file, `-` for standard input (can be repeated)'
            cand --file 'Run the statements of a file, `-` for standard input (can be repeated)'
            cand --user-key 'Read the API key from this file [default: the variable `VQL_API_KEY`]'
            cand --ca-cert 'Trust servers whose certificate is signed by one of this PEM file, and no others'
            cand --client-cert 'Show this certificate, a PEM file that holds its private key too'
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand --demo 'Open a small generated database, removed at the end unless TARGET is given'
            cand --keep-going 'Go on after a statement that failed'
            cand -1 'Run all of `-c`, `-f` or standard input as one transaction: everything is written, or nothing'
            cand --single-transaction 'Run all of `-c`, `-f` or standard input as one transaction: everything is written, or nothing'
            cand --force 'Allow writes that name neither a hexad nor a condition'
            cand --read-only 'Refuse every write'
            cand --accept-loss 'Open a database whose log is damaged, without the commits that cannot be read'
            cand --no-init 'Do not run `~/.vqlrc`'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;explain'= {
            cand --user-key 'Read the API key from this file [default: the variable `VQL_API_KEY`]'
            cand --ca-cert 'Trust servers whose certificate is signed by one of this PEM file, and no others'
            cand --client-cert 'Show this certificate, a PEM file that holds its private key too'
            cand --html 'Draw the plan into a file: one page that loads nothing'
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand --analyze 'Run the statement and show measured figures beside the estimates; a write is made ready and dropped'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;migrate'= {
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand import 'Load hexads from files'
            cand export 'Write every hexad to a file, in the format that import reads'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vql;migrate;import'= {
            cand --input-format 'The form of the input [default: by the name of the file, jsonl for standard input]'
            cand --map 'Where a column of a CSV file goes, such as `title=Name` or `spatial.latitude=Lat`'
            cand --on-conflict 'What to do with a hexad that exists already'
            cand --rejects 'Where to collect lines that cannot be loaded [default: FILE.rejects.jsonl in this directory]'
            cand --batch 'Hexads written together'
            cand --embed 'Make vectors with this embedder for hexads that have a text and no vector'
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand --strict 'Stop at the first line that cannot be loaded'
            cand --restart 'Start at the first line even when an earlier import of the file stopped in the middle'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;migrate;export'= {
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;migrate;help'= {
            cand import 'Load hexads from files'
            cand export 'Write every hexad to a file, in the format that import reads'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vql;migrate;help;import'= {
        }
        &'vql;migrate;help;export'= {
        }
        &'vql;migrate;help;help'= {
        }
        &'vql;backup'= {
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand create 'Add a backup to those in a place, while others go on writing'
            cand list 'List the backups in a place'
            cand verify 'Check every sum, restore into a temporary directory and compare with what was backed up'
            cand restore 'Make a new database from backups'
            cand prune 'Remove old backups, never one that a newer one needs'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vql;backup;create'= {
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand --incremental 'Only what was committed since the newest backup there'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;backup;list'= {
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;backup;verify'= {
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;backup;restore'= {
            cand --to-time 'To everything committed up to this time, such as `2026-01-01T10:30:00Z`'
            cand --to-lsn 'To the state after this commit'
            cand --backup 'From this backup [default: the newest, or the one that leads to the time or commit]'
            cand --archive 'The archive that continues the backups [default: `archive` in vql.toml]'
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand --no-archive 'Without an archive'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;backup;prune'= {
            cand --keep 'Keep the newest N'
            cand --keep-days 'Keep all of the last N times 24 hours'
            cand --keep-daily 'Keep the newest of each of the last N days that have one'
            cand --keep-weekly 'Keep the newest of each of the last N weeks that have one'
            cand --keep-monthly 'Keep the newest of each of the last N months that have one'
            cand --archive 'The archive that continues the backups [default: `archive` in vql.toml]'
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand --dry-run 'Only say what would be removed'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;backup;help'= {
            cand create 'Add a backup to those in a place, while others go on writing'
            cand list 'List the backups in a place'
            cand verify 'Check every sum, restore into a temporary directory and compare with what was backed up'
            cand restore 'Make a new database from backups'
            cand prune 'Remove old backups, never one that a newer one needs'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vql;backup;help;create'= {
        }
        &'vql;backup;help;list'= {
        }
        &'vql;backup;help;verify'= {
        }
        &'vql;backup;help;restore'= {
        }
        &'vql;backup;help;prune'= {
        }
        &'vql;backup;help;help'= {
        }
        &'vql;audit'= {
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand export 'Write the log out, and its signed head'
            cand verify 'Say whether the log is what was written, and where it stops being that'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vql;audit;export'= {
            cand --head 'Write the head there, signed'
            cand --key 'The Ed25519 key to sign with (PKCS #8); made when there is none'
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;audit;verify'= {
            cand --head 'A head that was exported earlier: the log must reach as far'
            cand --signer 'The public key the head must be signed with, in hexadecimal'
            cand --log 'Verify a log that was exported, in place of that in the database'
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;audit;help'= {
            cand export 'Write the log out, and its signed head'
            cand verify 'Say whether the log is what was written, and where it stops being that'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vql;audit;help;export'= {
        }
        &'vql;audit;help;verify'= {
        }
        &'vql;audit;help;help'= {
        }
        &'vql;bench'= {
            cand --against 'What else to measure in the same run (can be repeated) [default: sqlite]'
            cand --database 'Measure your own statements on this database, which is only read (with `--queries`)'
            cand --queries 'The statements to measure, each for itself (with `--database`)'
            cand --compare 'Compare with the JSON of an earlier run; exit with 1 when something became slower'
            cand --html 'Draw the findings into a file that needs nothing else'
            cand --data 'A file of hexads to harm, in place of made-up data (drift)'
            cand --size 'Hexads to load; with several sizes, `20000,100000`, all is done for each, and growth is shown'
            cand --dimensions 'Numbers in an embedding'
            cand --seed 'Seed of the generated data'
            cand --dir 'Make the databases below this directory instead of the temporary one'
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand --alone 'Measure vql only'
            cand --keep 'Leave the databases behind'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;fmt'= {
            cand --range 'Format only the statements between two places, such as `3:1-7:20` (one file or `-`)'
            cand --output-format 'How findings are reported [default: text]'
            cand --exclude 'Leave out files that match, as a line of `.gitignore` would (can be repeated)'
            cand --stdin-filename 'The name standard input goes by: in messages, for ignore rules and for settings'
            cand --line-width 'Columns a line may have [default: 100]'
            cand --indent 'Columns of a step of indentation [default: 2]'
            cand --keyword-case 'How keywords are written [default: upper]'
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand --check 'Change nothing; list the files that would change, exit with 1 when there are some'
            cand --diff 'Change nothing; show what would change, exit with 1 when something would'
            cand --lint 'Report mistakes of syntax, types and style instead, without a database'
            cand --fix 'Apply the edits that findings come with (with `--lint`)'
            cand --force-exclude 'Leave out ignored and excluded files even when they are named'
            cand --isolated 'Read no settings files'
            cand --print-config 'Print the layout in force and where each part of it comes from'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;lsp'= {
            cand --database 'Look at this database, for reading only: names, ids, plans'
            cand --schema 'Take names from this file, made by `--print-schema`'
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand --print-schema 'Print the names of the database as a schema file, and serve nobody'
            cand --stdio 'Talk on standard input and output; there is no other way, editors like to say so'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;serve'= {
            cand --listen 'The address to listen on [default: 127.0.0.1:8080]'
            cand --tls-cert 'The certificate of the server and those it builds on, as PEM'
            cand --tls-key 'The private key of the certificate, as PEM'
            cand --client-ca 'Accept only clients whose certificate one of these has signed, as PEM'
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand --insecure 'Let everybody do everything; only on an address of this machine'
            cand --introspection 'Let clients look at the schema of GraphQL, and show a page to try queries at /graphql'
            cand --read-only 'Refuse every write'
            cand --check-config 'Read the settings and certificates, say what is wrong with them, and serve nobody'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;completions'= {
            cand --format 'Form of the results [default: table on a terminal, jsonl otherwise]'
            cand -o 'Write the results to a file instead of standard output'
            cand --output 'Write the results to a file instead of standard output'
            cand --color 'When to use color [default: auto]'
            cand --param 'Give a value to `$NAME` in statements (can be repeated)'
            cand --timeout 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`'
            cand --config 'Read the settings from this file instead of the usual ones'
            cand -q 'Print only results and errors'
            cand --quiet 'Print only results and errors'
            cand -v 'Say more about what is done'
            cand --verbose 'Say more about what is done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'vql;help'= {
            cand repl 'Open a shell, or run statements from the command line, files or standard input'
            cand explain 'Show the plan of a statement without running it'
            cand migrate 'Move data into or out of a database'
            cand backup 'Keep copies of a database, and go back to any moment they hold'
            cand audit 'Take out and verify the log of who was allowed or refused what'
            cand bench 'Measure this machine''s vql beside the same work done by hand on SQLite'
            cand fmt 'Rewrite VQL files in the standard layout'
            cand lsp 'Serve an editor: the language server, on standard input and output'
            cand serve 'Serve a database over HTTP'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'vql;help;repl'= {
        }
        &'vql;help;explain'= {
        }
        &'vql;help;migrate'= {
            cand import 'Load hexads from files'
            cand export 'Write every hexad to a file, in the format that import reads'
        }
        &'vql;help;migrate;import'= {
        }
        &'vql;help;migrate;export'= {
        }
        &'vql;help;backup'= {
            cand create 'Add a backup to those in a place, while others go on writing'
            cand list 'List the backups in a place'
            cand verify 'Check every sum, restore into a temporary directory and compare with what was backed up'
            cand restore 'Make a new database from backups'
            cand prune 'Remove old backups, never one that a newer one needs'
        }
        &'vql;help;backup;create'= {
        }
        &'vql;help;backup;list'= {
        }
        &'vql;help;backup;verify'= {
        }
        &'vql;help;backup;restore'= {
        }
        &'vql;help;backup;prune'= {
        }
        &'vql;help;audit'= {
            cand export 'Write the log out, and its signed head'
            cand verify 'Say whether the log is what was written, and where it stops being that'
        }
        &'vql;help;audit;export'= {
        }
        &'vql;help;audit;verify'= {
        }
        &'vql;help;bench'= {
        }
        &'vql;help;fmt'= {
        }
        &'vql;help;lsp'= {
        }
        &'vql;help;serve'= {
        }
        &'vql;help;completions'= {
        }
        &'vql;help;help'= {
        }
    ]
    $completions[$command]
}
