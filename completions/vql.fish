# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_vql_global_optspecs
    string join \n format= o/output= color= param= timeout= config= q/quiet v/verbose h/help V/version
end

function __fish_vql_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_vql_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_vql_using_subcommand
    set -l cmd (__fish_vql_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c vql -n "__fish_vql_needs_command" -l format -d 'Form of the results [default: table on a terminal, jsonl otherwise]' -r -f -a "table\t'A table drawn with lines, fitted to the terminal'
expanded\t'One line for each value, records one below the other'
json\t'One JSON document a statement, on one line'
jsonl\t'One JSON object a row'
csv\t'Comma-separated values (RFC 4180) with a header'
tsv\t'Tab-separated values with a header'
markdown\t'A table in Markdown'"
complete -c vql -n "__fish_vql_needs_command" -s o -l output -d 'Write the results to a file instead of standard output' -r -F
complete -c vql -n "__fish_vql_needs_command" -l color -d 'When to use color [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c vql -n "__fish_vql_needs_command" -l param -d 'Give a value to `$NAME` in statements (can be repeated)' -r
complete -c vql -n "__fish_vql_needs_command" -l timeout -d 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`' -r
complete -c vql -n "__fish_vql_needs_command" -l config -d 'Read the settings from this file instead of the usual ones' -r -F
complete -c vql -n "__fish_vql_needs_command" -s q -l quiet -d 'Print only results and errors'
complete -c vql -n "__fish_vql_needs_command" -s v -l verbose -d 'Say more about what is done'
complete -c vql -n "__fish_vql_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vql -n "__fish_vql_needs_command" -s V -l version -d 'Print version'
complete -c vql -n "__fish_vql_needs_command" -f -a "repl" -d 'Open a shell, or run statements from the command line, files or standard input'
complete -c vql -n "__fish_vql_needs_command" -f -a "explain" -d 'Show the plan of a statement without running it'
complete -c vql -n "__fish_vql_needs_command" -f -a "migrate" -d 'Move data into or out of a database'
complete -c vql -n "__fish_vql_needs_command" -f -a "bench" -d 'Measure this machine\'s vql beside the same work done by hand on SQLite'
complete -c vql -n "__fish_vql_needs_command" -f -a "fmt" -d 'Rewrite VQL files in the standard layout'
complete -c vql -n "__fish_vql_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c vql -n "__fish_vql_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vql -n "__fish_vql_using_subcommand repl" -s c -l command -d 'Run this statement or meta command (can be repeated)' -r
complete -c vql -n "__fish_vql_using_subcommand repl" -s f -l file -d 'Run the statements of a file, `-` for standard input (can be repeated)' -r -F
complete -c vql -n "__fish_vql_using_subcommand repl" -l format -d 'Form of the results [default: table on a terminal, jsonl otherwise]' -r -f -a "table\t'A table drawn with lines, fitted to the terminal'
expanded\t'One line for each value, records one below the other'
json\t'One JSON document a statement, on one line'
jsonl\t'One JSON object a row'
csv\t'Comma-separated values (RFC 4180) with a header'
tsv\t'Tab-separated values with a header'
markdown\t'A table in Markdown'"
complete -c vql -n "__fish_vql_using_subcommand repl" -s o -l output -d 'Write the results to a file instead of standard output' -r -F
complete -c vql -n "__fish_vql_using_subcommand repl" -l color -d 'When to use color [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c vql -n "__fish_vql_using_subcommand repl" -l param -d 'Give a value to `$NAME` in statements (can be repeated)' -r
complete -c vql -n "__fish_vql_using_subcommand repl" -l timeout -d 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`' -r
complete -c vql -n "__fish_vql_using_subcommand repl" -l config -d 'Read the settings from this file instead of the usual ones' -r -F
complete -c vql -n "__fish_vql_using_subcommand repl" -l demo -d 'Open a small generated database, removed at the end unless TARGET is given'
complete -c vql -n "__fish_vql_using_subcommand repl" -l keep-going -d 'Go on after a statement that failed'
complete -c vql -n "__fish_vql_using_subcommand repl" -l force -d 'Allow writes that name neither a hexad nor a condition'
complete -c vql -n "__fish_vql_using_subcommand repl" -l read-only -d 'Refuse every write'
complete -c vql -n "__fish_vql_using_subcommand repl" -l no-init -d 'Do not run `~/.vqlrc`'
complete -c vql -n "__fish_vql_using_subcommand repl" -s q -l quiet -d 'Print only results and errors'
complete -c vql -n "__fish_vql_using_subcommand repl" -s v -l verbose -d 'Say more about what is done'
complete -c vql -n "__fish_vql_using_subcommand repl" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vql -n "__fish_vql_using_subcommand repl" -s V -l version -d 'Print version'
complete -c vql -n "__fish_vql_using_subcommand explain" -l format -d 'Form of the results [default: table on a terminal, jsonl otherwise]' -r -f -a "table\t'A table drawn with lines, fitted to the terminal'
expanded\t'One line for each value, records one below the other'
json\t'One JSON document a statement, on one line'
jsonl\t'One JSON object a row'
csv\t'Comma-separated values (RFC 4180) with a header'
tsv\t'Tab-separated values with a header'
markdown\t'A table in Markdown'"
complete -c vql -n "__fish_vql_using_subcommand explain" -s o -l output -d 'Write the results to a file instead of standard output' -r -F
complete -c vql -n "__fish_vql_using_subcommand explain" -l color -d 'When to use color [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c vql -n "__fish_vql_using_subcommand explain" -l param -d 'Give a value to `$NAME` in statements (can be repeated)' -r
complete -c vql -n "__fish_vql_using_subcommand explain" -l timeout -d 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`' -r
complete -c vql -n "__fish_vql_using_subcommand explain" -l config -d 'Read the settings from this file instead of the usual ones' -r -F
complete -c vql -n "__fish_vql_using_subcommand explain" -l analyze -d 'Run the statement and show measured figures beside the estimates'
complete -c vql -n "__fish_vql_using_subcommand explain" -s q -l quiet -d 'Print only results and errors'
complete -c vql -n "__fish_vql_using_subcommand explain" -s v -l verbose -d 'Say more about what is done'
complete -c vql -n "__fish_vql_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vql -n "__fish_vql_using_subcommand explain" -s V -l version -d 'Print version'
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -l format -d 'Form of the results [default: table on a terminal, jsonl otherwise]' -r -f -a "table\t'A table drawn with lines, fitted to the terminal'
expanded\t'One line for each value, records one below the other'
json\t'One JSON document a statement, on one line'
jsonl\t'One JSON object a row'
csv\t'Comma-separated values (RFC 4180) with a header'
tsv\t'Tab-separated values with a header'
markdown\t'A table in Markdown'"
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -s o -l output -d 'Write the results to a file instead of standard output' -r -F
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -l color -d 'When to use color [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -l param -d 'Give a value to `$NAME` in statements (can be repeated)' -r
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -l timeout -d 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`' -r
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -l config -d 'Read the settings from this file instead of the usual ones' -r -F
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -s q -l quiet -d 'Print only results and errors'
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -s v -l verbose -d 'Say more about what is done'
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -s V -l version -d 'Print version'
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -f -a "import" -d 'Load hexads from files'
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -f -a "export" -d 'Write every hexad to a file, in the format that import reads'
complete -c vql -n "__fish_vql_using_subcommand migrate; and not __fish_seen_subcommand_from import export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l input-format -d 'The form of the input [default: by the name of the file, jsonl for standard input]' -r -f -a "jsonl\t'One hexad a line, as JSON'
csv\t'Comma-separated values with a header'"
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l map -d 'Where a column of a CSV file goes, such as `title=Name` or `spatial.latitude=Lat`' -r
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l on-conflict -d 'What to do with a hexad that exists already' -r -f -a "skip\t'Keep the one in the database'
replace\t'Take the one in the file'
fail\t'Stop the import; what was loaded before stays'"
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l rejects -d 'Where to collect lines that cannot be loaded [default: FILE.rejects.jsonl in this directory]' -r -F
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l batch -d 'Hexads written together' -r
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l format -d 'Form of the results [default: table on a terminal, jsonl otherwise]' -r -f -a "table\t'A table drawn with lines, fitted to the terminal'
expanded\t'One line for each value, records one below the other'
json\t'One JSON document a statement, on one line'
jsonl\t'One JSON object a row'
csv\t'Comma-separated values (RFC 4180) with a header'
tsv\t'Tab-separated values with a header'
markdown\t'A table in Markdown'"
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -s o -l output -d 'Write the results to a file instead of standard output' -r -F
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l color -d 'When to use color [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l param -d 'Give a value to `$NAME` in statements (can be repeated)' -r
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l timeout -d 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`' -r
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l config -d 'Read the settings from this file instead of the usual ones' -r -F
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l strict -d 'Stop at the first line that cannot be loaded'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -l restart -d 'Start at the first line even when an earlier import of the file stopped in the middle'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print only results and errors'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say more about what is done'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from export" -l format -d 'Form of the results [default: table on a terminal, jsonl otherwise]' -r -f -a "table\t'A table drawn with lines, fitted to the terminal'
expanded\t'One line for each value, records one below the other'
json\t'One JSON document a statement, on one line'
jsonl\t'One JSON object a row'
csv\t'Comma-separated values (RFC 4180) with a header'
tsv\t'Tab-separated values with a header'
markdown\t'A table in Markdown'"
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from export" -s o -l output -d 'Write the results to a file instead of standard output' -r -F
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from export" -l color -d 'When to use color [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from export" -l param -d 'Give a value to `$NAME` in statements (can be repeated)' -r
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from export" -l timeout -d 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`' -r
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from export" -l config -d 'Read the settings from this file instead of the usual ones' -r -F
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print only results and errors'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more about what is done'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "import" -d 'Load hexads from files'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write every hexad to a file, in the format that import reads'
complete -c vql -n "__fish_vql_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vql -n "__fish_vql_using_subcommand bench" -l size -d 'Hexads to load' -r
complete -c vql -n "__fish_vql_using_subcommand bench" -l dimensions -d 'Numbers in an embedding' -r
complete -c vql -n "__fish_vql_using_subcommand bench" -l seed -d 'Seed of the generated data' -r
complete -c vql -n "__fish_vql_using_subcommand bench" -l dir -d 'Make the databases below this directory instead of the temporary one' -r -F
complete -c vql -n "__fish_vql_using_subcommand bench" -l format -d 'Form of the results [default: table on a terminal, jsonl otherwise]' -r -f -a "table\t'A table drawn with lines, fitted to the terminal'
expanded\t'One line for each value, records one below the other'
json\t'One JSON document a statement, on one line'
jsonl\t'One JSON object a row'
csv\t'Comma-separated values (RFC 4180) with a header'
tsv\t'Tab-separated values with a header'
markdown\t'A table in Markdown'"
complete -c vql -n "__fish_vql_using_subcommand bench" -s o -l output -d 'Write the results to a file instead of standard output' -r -F
complete -c vql -n "__fish_vql_using_subcommand bench" -l color -d 'When to use color [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c vql -n "__fish_vql_using_subcommand bench" -l param -d 'Give a value to `$NAME` in statements (can be repeated)' -r
complete -c vql -n "__fish_vql_using_subcommand bench" -l timeout -d 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`' -r
complete -c vql -n "__fish_vql_using_subcommand bench" -l config -d 'Read the settings from this file instead of the usual ones' -r -F
complete -c vql -n "__fish_vql_using_subcommand bench" -l alone -d 'Measure vql only'
complete -c vql -n "__fish_vql_using_subcommand bench" -l keep -d 'Leave the databases behind'
complete -c vql -n "__fish_vql_using_subcommand bench" -s q -l quiet -d 'Print only results and errors'
complete -c vql -n "__fish_vql_using_subcommand bench" -s v -l verbose -d 'Say more about what is done'
complete -c vql -n "__fish_vql_using_subcommand bench" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vql -n "__fish_vql_using_subcommand bench" -s V -l version -d 'Print version'
complete -c vql -n "__fish_vql_using_subcommand fmt" -l range -d 'Format only the statements between two places, such as `3:1-7:20` (one file or `-`)' -r
complete -c vql -n "__fish_vql_using_subcommand fmt" -l output-format -d 'How findings are reported [default: text]' -r -f -a "text\t'For people, with the lines they are about'
json\t'One JSON object a line'
github\t'Annotations of GitHub Actions'
sarif\t'One SARIF 2.1.0 document'"
complete -c vql -n "__fish_vql_using_subcommand fmt" -l exclude -d 'Leave out files that match, as a line of `.gitignore` would (can be repeated)' -r
complete -c vql -n "__fish_vql_using_subcommand fmt" -l stdin-filename -d 'The name standard input goes by: in messages, for ignore rules and for settings' -r -F
complete -c vql -n "__fish_vql_using_subcommand fmt" -l line-width -d 'Columns a line may have [default: 100]' -r
complete -c vql -n "__fish_vql_using_subcommand fmt" -l indent -d 'Columns of a step of indentation [default: 2]' -r
complete -c vql -n "__fish_vql_using_subcommand fmt" -l keyword-case -d 'How keywords are written [default: upper]' -r -f -a "upper\t'`SELECT`'
lower\t'`select`'
preserve\t'As they stand in the file'"
complete -c vql -n "__fish_vql_using_subcommand fmt" -l format -d 'Form of the results [default: table on a terminal, jsonl otherwise]' -r -f -a "table\t'A table drawn with lines, fitted to the terminal'
expanded\t'One line for each value, records one below the other'
json\t'One JSON document a statement, on one line'
jsonl\t'One JSON object a row'
csv\t'Comma-separated values (RFC 4180) with a header'
tsv\t'Tab-separated values with a header'
markdown\t'A table in Markdown'"
complete -c vql -n "__fish_vql_using_subcommand fmt" -s o -l output -d 'Write the results to a file instead of standard output' -r -F
complete -c vql -n "__fish_vql_using_subcommand fmt" -l color -d 'When to use color [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c vql -n "__fish_vql_using_subcommand fmt" -l param -d 'Give a value to `$NAME` in statements (can be repeated)' -r
complete -c vql -n "__fish_vql_using_subcommand fmt" -l timeout -d 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`' -r
complete -c vql -n "__fish_vql_using_subcommand fmt" -l config -d 'Read the settings from this file instead of the usual ones' -r -F
complete -c vql -n "__fish_vql_using_subcommand fmt" -l check -d 'Change nothing; list the files that would change, exit with 1 when there are some'
complete -c vql -n "__fish_vql_using_subcommand fmt" -l diff -d 'Change nothing; show what would change, exit with 1 when something would'
complete -c vql -n "__fish_vql_using_subcommand fmt" -l lint -d 'Report mistakes of syntax, types and style instead, without a database'
complete -c vql -n "__fish_vql_using_subcommand fmt" -l fix -d 'Apply the edits that findings come with (with `--lint`)'
complete -c vql -n "__fish_vql_using_subcommand fmt" -l force-exclude -d 'Leave out ignored and excluded files even when they are named'
complete -c vql -n "__fish_vql_using_subcommand fmt" -l isolated -d 'Read no settings files'
complete -c vql -n "__fish_vql_using_subcommand fmt" -l print-config -d 'Print the layout in force and where each part of it comes from'
complete -c vql -n "__fish_vql_using_subcommand fmt" -s q -l quiet -d 'Print only results and errors'
complete -c vql -n "__fish_vql_using_subcommand fmt" -s v -l verbose -d 'Say more about what is done'
complete -c vql -n "__fish_vql_using_subcommand fmt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vql -n "__fish_vql_using_subcommand fmt" -s V -l version -d 'Print version'
complete -c vql -n "__fish_vql_using_subcommand completions" -l format -d 'Form of the results [default: table on a terminal, jsonl otherwise]' -r -f -a "table\t'A table drawn with lines, fitted to the terminal'
expanded\t'One line for each value, records one below the other'
json\t'One JSON document a statement, on one line'
jsonl\t'One JSON object a row'
csv\t'Comma-separated values (RFC 4180) with a header'
tsv\t'Tab-separated values with a header'
markdown\t'A table in Markdown'"
complete -c vql -n "__fish_vql_using_subcommand completions" -s o -l output -d 'Write the results to a file instead of standard output' -r -F
complete -c vql -n "__fish_vql_using_subcommand completions" -l color -d 'When to use color [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c vql -n "__fish_vql_using_subcommand completions" -l param -d 'Give a value to `$NAME` in statements (can be repeated)' -r
complete -c vql -n "__fish_vql_using_subcommand completions" -l timeout -d 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`' -r
complete -c vql -n "__fish_vql_using_subcommand completions" -l config -d 'Read the settings from this file instead of the usual ones' -r -F
complete -c vql -n "__fish_vql_using_subcommand completions" -s q -l quiet -d 'Print only results and errors'
complete -c vql -n "__fish_vql_using_subcommand completions" -s v -l verbose -d 'Say more about what is done'
complete -c vql -n "__fish_vql_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vql -n "__fish_vql_using_subcommand completions" -s V -l version -d 'Print version'
complete -c vql -n "__fish_vql_using_subcommand help; and not __fish_seen_subcommand_from repl explain migrate bench fmt completions help" -f -a "repl" -d 'Open a shell, or run statements from the command line, files or standard input'
complete -c vql -n "__fish_vql_using_subcommand help; and not __fish_seen_subcommand_from repl explain migrate bench fmt completions help" -f -a "explain" -d 'Show the plan of a statement without running it'
complete -c vql -n "__fish_vql_using_subcommand help; and not __fish_seen_subcommand_from repl explain migrate bench fmt completions help" -f -a "migrate" -d 'Move data into or out of a database'
complete -c vql -n "__fish_vql_using_subcommand help; and not __fish_seen_subcommand_from repl explain migrate bench fmt completions help" -f -a "bench" -d 'Measure this machine\'s vql beside the same work done by hand on SQLite'
complete -c vql -n "__fish_vql_using_subcommand help; and not __fish_seen_subcommand_from repl explain migrate bench fmt completions help" -f -a "fmt" -d 'Rewrite VQL files in the standard layout'
complete -c vql -n "__fish_vql_using_subcommand help; and not __fish_seen_subcommand_from repl explain migrate bench fmt completions help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c vql -n "__fish_vql_using_subcommand help; and not __fish_seen_subcommand_from repl explain migrate bench fmt completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vql -n "__fish_vql_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "import" -d 'Load hexads from files'
complete -c vql -n "__fish_vql_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "export" -d 'Write every hexad to a file, in the format that import reads'
