#compdef vql

autoload -U is-at-least

_vql() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--format=[Form of the results \[default\: table on a terminal, jsonl otherwise\]]:FORMAT:((table\:"A table drawn with lines, fitted to the terminal"
expanded\:"One line for each value, records one below the other"
json\:"One JSON document a statement, on one line"
jsonl\:"One JSON object a row"
csv\:"Comma-separated values (RFC 4180) with a header"
tsv\:"Tab-separated values with a header"
markdown\:"A table in Markdown"))' \
'-o+[Write the results to a file instead of standard output]:FILE:_files' \
'--output=[Write the results to a file instead of standard output]:FILE:_files' \
'--color=[When to use color \[default\: auto\]]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--param=[Give a value to \`\$NAME\` in statements (can be repeated)]:NAME=VALUE:_default' \
'--timeout=[Stop a statement that takes longer, such as \`30s\`, \`500ms\` or \`2m\`]:TIME:_default' \
'--config=[Read the settings from this file instead of the usual ones]:FILE:_files' \
'(-v --verbose)-q[Print only results and errors]' \
'(-v --verbose)--quiet[Print only results and errors]' \
'*-v[Say more about what is done]' \
'*--verbose[Say more about what is done]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_vql_commands" \
"*::: :->vql" \
&& ret=0
    case $state in
    (vql)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:vql-command-$line[1]:"
        case $line[1] in
            (repl)
_arguments "${_arguments_options[@]}" : \
'*-c+[Run this statement or meta command (can be repeated)]:STMT:_default' \
'*--command=[Run this statement or meta command (can be repeated)]:STMT:_default' \
'*-f+[Run the statements of a file, \`-\` for standard input (can be repeated)]:FILE:_files' \
'*--file=[Run the statements of a file, \`-\` for standard input (can be repeated)]:FILE:_files' \
'--format=[Form of the results \[default\: table on a terminal, jsonl otherwise\]]:FORMAT:((table\:"A table drawn with lines, fitted to the terminal"
expanded\:"One line for each value, records one below the other"
json\:"One JSON document a statement, on one line"
jsonl\:"One JSON object a row"
csv\:"Comma-separated values (RFC 4180) with a header"
tsv\:"Tab-separated values with a header"
markdown\:"A table in Markdown"))' \
'-o+[Write the results to a file instead of standard output]:FILE:_files' \
'--output=[Write the results to a file instead of standard output]:FILE:_files' \
'--color=[When to use color \[default\: auto\]]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--param=[Give a value to \`\$NAME\` in statements (can be repeated)]:NAME=VALUE:_default' \
'--timeout=[Stop a statement that takes longer, such as \`30s\`, \`500ms\` or \`2m\`]:TIME:_default' \
'--config=[Read the settings from this file instead of the usual ones]:FILE:_files' \
'--demo[Open a small generated database, removed at the end unless TARGET is given]' \
'--keep-going[Go on after a statement that failed]' \
'--force[Allow writes that name neither a hexad nor a condition]' \
'--read-only[Refuse every write]' \
'--no-init[Do not run \`~/.vqlrc\`]' \
'(-v --verbose)-q[Print only results and errors]' \
'(-v --verbose)--quiet[Print only results and errors]' \
'*-v[Say more about what is done]' \
'*--verbose[Say more about what is done]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
'::target -- The database \[default\: ./vql.db\]:_default' \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
'--format=[Form of the results \[default\: table on a terminal, jsonl otherwise\]]:FORMAT:((table\:"A table drawn with lines, fitted to the terminal"
expanded\:"One line for each value, records one below the other"
json\:"One JSON document a statement, on one line"
jsonl\:"One JSON object a row"
csv\:"Comma-separated values (RFC 4180) with a header"
tsv\:"Tab-separated values with a header"
markdown\:"A table in Markdown"))' \
'-o+[Write the results to a file instead of standard output]:FILE:_files' \
'--output=[Write the results to a file instead of standard output]:FILE:_files' \
'--color=[When to use color \[default\: auto\]]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--param=[Give a value to \`\$NAME\` in statements (can be repeated)]:NAME=VALUE:_default' \
'--timeout=[Stop a statement that takes longer, such as \`30s\`, \`500ms\` or \`2m\`]:TIME:_default' \
'--config=[Read the settings from this file instead of the usual ones]:FILE:_files' \
'--analyze[Run the statement and show measured figures beside the estimates]' \
'(-v --verbose)-q[Print only results and errors]' \
'(-v --verbose)--quiet[Print only results and errors]' \
'*-v[Say more about what is done]' \
'*--verbose[Say more about what is done]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
'*::what -- The database \[default\: ./vql.db\], and the statement, `-` to read it from standard input:_default' \
&& ret=0
;;
(migrate)
_arguments "${_arguments_options[@]}" : \
'--format=[Form of the results \[default\: table on a terminal, jsonl otherwise\]]:FORMAT:((table\:"A table drawn with lines, fitted to the terminal"
expanded\:"One line for each value, records one below the other"
json\:"One JSON document a statement, on one line"
jsonl\:"One JSON object a row"
csv\:"Comma-separated values (RFC 4180) with a header"
tsv\:"Tab-separated values with a header"
markdown\:"A table in Markdown"))' \
'-o+[Write the results to a file instead of standard output]:FILE:_files' \
'--output=[Write the results to a file instead of standard output]:FILE:_files' \
'--color=[When to use color \[default\: auto\]]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--param=[Give a value to \`\$NAME\` in statements (can be repeated)]:NAME=VALUE:_default' \
'--timeout=[Stop a statement that takes longer, such as \`30s\`, \`500ms\` or \`2m\`]:TIME:_default' \
'--config=[Read the settings from this file instead of the usual ones]:FILE:_files' \
'(-v --verbose)-q[Print only results and errors]' \
'(-v --verbose)--quiet[Print only results and errors]' \
'*-v[Say more about what is done]' \
'*--verbose[Say more about what is done]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_vql__subcmd__migrate_commands" \
"*::: :->migrate" \
&& ret=0

    case $state in
    (migrate)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:vql-migrate-command-$line[1]:"
        case $line[1] in
            (import)
_arguments "${_arguments_options[@]}" : \
'--input-format=[The form of the input \[default\: by the name of the file, jsonl for standard input\]]:FORMAT:((jsonl\:"One hexad a line, as JSON"
csv\:"Comma-separated values with a header"))' \
'*--map=[Where a column of a CSV file goes, such as \`title=Name\` or \`spatial.latitude=Lat\`]:FIELD=COLUMN:_default' \
'--on-conflict=[What to do with a hexad that exists already]:WHAT:((skip\:"Keep the one in the database"
replace\:"Take the one in the file"
fail\:"Stop the import; what was loaded before stays"))' \
'--rejects=[Where to collect lines that cannot be loaded \[default\: FILE.rejects.jsonl in this directory\]]:FILE:_files' \
'--batch=[Hexads written together]:N:_default' \
'--format=[Form of the results \[default\: table on a terminal, jsonl otherwise\]]:FORMAT:((table\:"A table drawn with lines, fitted to the terminal"
expanded\:"One line for each value, records one below the other"
json\:"One JSON document a statement, on one line"
jsonl\:"One JSON object a row"
csv\:"Comma-separated values (RFC 4180) with a header"
tsv\:"Tab-separated values with a header"
markdown\:"A table in Markdown"))' \
'-o+[Write the results to a file instead of standard output]:FILE:_files' \
'--output=[Write the results to a file instead of standard output]:FILE:_files' \
'--color=[When to use color \[default\: auto\]]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--param=[Give a value to \`\$NAME\` in statements (can be repeated)]:NAME=VALUE:_default' \
'--timeout=[Stop a statement that takes longer, such as \`30s\`, \`500ms\` or \`2m\`]:TIME:_default' \
'--config=[Read the settings from this file instead of the usual ones]:FILE:_files' \
'--strict[Stop at the first line that cannot be loaded]' \
'--restart[Start at the first line even when an earlier import of the file stopped in the middle]' \
'(-v --verbose)-q[Print only results and errors]' \
'(-v --verbose)--quiet[Print only results and errors]' \
'*-v[Say more about what is done]' \
'*--verbose[Say more about what is done]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
'*::files -- The files to read, `-` for standard input:_files' \
':target -- The database, created when it does not exist:_default' \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
'--format=[Form of the results \[default\: table on a terminal, jsonl otherwise\]]:FORMAT:((table\:"A table drawn with lines, fitted to the terminal"
expanded\:"One line for each value, records one below the other"
json\:"One JSON document a statement, on one line"
jsonl\:"One JSON object a row"
csv\:"Comma-separated values (RFC 4180) with a header"
tsv\:"Tab-separated values with a header"
markdown\:"A table in Markdown"))' \
'-o+[Write the results to a file instead of standard output]:FILE:_files' \
'--output=[Write the results to a file instead of standard output]:FILE:_files' \
'--color=[When to use color \[default\: auto\]]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--param=[Give a value to \`\$NAME\` in statements (can be repeated)]:NAME=VALUE:_default' \
'--timeout=[Stop a statement that takes longer, such as \`30s\`, \`500ms\` or \`2m\`]:TIME:_default' \
'--config=[Read the settings from this file instead of the usual ones]:FILE:_files' \
'(-v --verbose)-q[Print only results and errors]' \
'(-v --verbose)--quiet[Print only results and errors]' \
'*-v[Say more about what is done]' \
'*--verbose[Say more about what is done]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
':target -- The database:_default' \
':file -- The file to write, compressed when it ends in `.gz`, `-` for standard output:_files' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_vql__subcmd__migrate__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:vql-migrate-help-command-$line[1]:"
        case $line[1] in
            (import)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
;;
(bench)
_arguments "${_arguments_options[@]}" : \
'--size=[Hexads to load]:N:_default' \
'--dimensions=[Numbers in an embedding]:N:_default' \
'--seed=[Seed of the generated data]:N:_default' \
'--dir=[Make the databases below this directory instead of the temporary one]:DIR:_files' \
'--format=[Form of the results \[default\: table on a terminal, jsonl otherwise\]]:FORMAT:((table\:"A table drawn with lines, fitted to the terminal"
expanded\:"One line for each value, records one below the other"
json\:"One JSON document a statement, on one line"
jsonl\:"One JSON object a row"
csv\:"Comma-separated values (RFC 4180) with a header"
tsv\:"Tab-separated values with a header"
markdown\:"A table in Markdown"))' \
'-o+[Write the results to a file instead of standard output]:FILE:_files' \
'--output=[Write the results to a file instead of standard output]:FILE:_files' \
'--color=[When to use color \[default\: auto\]]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--param=[Give a value to \`\$NAME\` in statements (can be repeated)]:NAME=VALUE:_default' \
'--timeout=[Stop a statement that takes longer, such as \`30s\`, \`500ms\` or \`2m\`]:TIME:_default' \
'--config=[Read the settings from this file instead of the usual ones]:FILE:_files' \
'--alone[Measure vql only]' \
'--keep[Leave the databases behind]' \
'(-v --verbose)-q[Print only results and errors]' \
'(-v --verbose)--quiet[Print only results and errors]' \
'*-v[Say more about what is done]' \
'*--verbose[Say more about what is done]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
'*::suite -- The suites to run\: load, insert, get, knn, knn-filtered, text, 2-hop, hybrid \[default\: all\]:_default' \
&& ret=0
;;
(fmt)
_arguments "${_arguments_options[@]}" : \
'(--lint)--range=[Format only the statements between two places, such as \`3\:1-7\:20\` (one file or \`-\`)]:L:C-L:C:_default' \
'--output-format=[How findings are reported \[default\: text\]]:FORMAT:((text\:"For people, with the lines they are about"
json\:"One JSON object a line"
github\:"Annotations of GitHub Actions"
sarif\:"One SARIF 2.1.0 document"))' \
'*--exclude=[Leave out files that match, as a line of \`.gitignore\` would (can be repeated)]:GLOB:_default' \
'--stdin-filename=[The name standard input goes by\: in messages, for ignore rules and for settings]:NAME:_files' \
'--line-width=[Columns a line may have \[default\: 100\]]:N:_default' \
'--indent=[Columns of a step of indentation \[default\: 2\]]:N:_default' \
'--keyword-case=[How keywords are written \[default\: upper\]]:CASE:((upper\:"\`SELECT\`"
lower\:"\`select\`"
preserve\:"As they stand in the file"))' \
'--format=[Form of the results \[default\: table on a terminal, jsonl otherwise\]]:FORMAT:((table\:"A table drawn with lines, fitted to the terminal"
expanded\:"One line for each value, records one below the other"
json\:"One JSON document a statement, on one line"
jsonl\:"One JSON object a row"
csv\:"Comma-separated values (RFC 4180) with a header"
tsv\:"Tab-separated values with a header"
markdown\:"A table in Markdown"))' \
'-o+[Write the results to a file instead of standard output]:FILE:_files' \
'--output=[Write the results to a file instead of standard output]:FILE:_files' \
'--color=[When to use color \[default\: auto\]]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--param=[Give a value to \`\$NAME\` in statements (can be repeated)]:NAME=VALUE:_default' \
'--timeout=[Stop a statement that takes longer, such as \`30s\`, \`500ms\` or \`2m\`]:TIME:_default' \
'--config=[Read the settings from this file instead of the usual ones]:FILE:_files' \
'--check[Change nothing; list the files that would change, exit with 1 when there are some]' \
'--diff[Change nothing; show what would change, exit with 1 when something would]' \
'(--check --diff)--lint[Report mistakes of syntax, types and style instead, without a database]' \
'--fix[Apply the edits that findings come with (with \`--lint\`)]' \
'--force-exclude[Leave out ignored and excluded files even when they are named]' \
'--isolated[Read no settings files]' \
'--print-config[Print the layout in force and where each part of it comes from]' \
'(-v --verbose)-q[Print only results and errors]' \
'(-v --verbose)--quiet[Print only results and errors]' \
'*-v[Say more about what is done]' \
'*--verbose[Say more about what is done]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
'*::paths -- Files or directories, `-` for standard input \[default\: .\]:_files' \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'--format=[Form of the results \[default\: table on a terminal, jsonl otherwise\]]:FORMAT:((table\:"A table drawn with lines, fitted to the terminal"
expanded\:"One line for each value, records one below the other"
json\:"One JSON document a statement, on one line"
jsonl\:"One JSON object a row"
csv\:"Comma-separated values (RFC 4180) with a header"
tsv\:"Tab-separated values with a header"
markdown\:"A table in Markdown"))' \
'-o+[Write the results to a file instead of standard output]:FILE:_files' \
'--output=[Write the results to a file instead of standard output]:FILE:_files' \
'--color=[When to use color \[default\: auto\]]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'*--param=[Give a value to \`\$NAME\` in statements (can be repeated)]:NAME=VALUE:_default' \
'--timeout=[Stop a statement that takes longer, such as \`30s\`, \`500ms\` or \`2m\`]:TIME:_default' \
'--config=[Read the settings from this file instead of the usual ones]:FILE:_files' \
'(-v --verbose)-q[Print only results and errors]' \
'(-v --verbose)--quiet[Print only results and errors]' \
'*-v[Say more about what is done]' \
'*--verbose[Say more about what is done]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
':shell -- The shell:((bash\:"GNU bash"
zsh\:"Z shell"
fish\:"fish"
powershell\:"\`PowerShell\`"
elvish\:"Elvish"))' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_vql__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:vql-help-command-$line[1]:"
        case $line[1] in
            (repl)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(migrate)
_arguments "${_arguments_options[@]}" : \
":: :_vql__subcmd__help__subcmd__migrate_commands" \
"*::: :->migrate" \
&& ret=0

    case $state in
    (migrate)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:vql-help-migrate-command-$line[1]:"
        case $line[1] in
            (import)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(bench)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(fmt)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
}

(( $+functions[_vql_commands] )) ||
_vql_commands() {
    local commands; commands=(
'repl:Open a shell, or run statements from the command line, files or standard input' \
'explain:Show the plan of a statement without running it' \
'migrate:Move data into or out of a database' \
'bench:Measure this machine'\''s vql beside the same work done by hand on SQLite' \
'fmt:Rewrite VQL files in the standard layout' \
'completions:Print a completion script for a shell' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'vql commands' commands "$@"
}
(( $+functions[_vql__subcmd__bench_commands] )) ||
_vql__subcmd__bench_commands() {
    local commands; commands=()
    _describe -t commands 'vql bench commands' commands "$@"
}
(( $+functions[_vql__subcmd__completions_commands] )) ||
_vql__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'vql completions commands' commands "$@"
}
(( $+functions[_vql__subcmd__explain_commands] )) ||
_vql__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'vql explain commands' commands "$@"
}
(( $+functions[_vql__subcmd__fmt_commands] )) ||
_vql__subcmd__fmt_commands() {
    local commands; commands=()
    _describe -t commands 'vql fmt commands' commands "$@"
}
(( $+functions[_vql__subcmd__help_commands] )) ||
_vql__subcmd__help_commands() {
    local commands; commands=(
'repl:Open a shell, or run statements from the command line, files or standard input' \
'explain:Show the plan of a statement without running it' \
'migrate:Move data into or out of a database' \
'bench:Measure this machine'\''s vql beside the same work done by hand on SQLite' \
'fmt:Rewrite VQL files in the standard layout' \
'completions:Print a completion script for a shell' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'vql help commands' commands "$@"
}
(( $+functions[_vql__subcmd__help__subcmd__bench_commands] )) ||
_vql__subcmd__help__subcmd__bench_commands() {
    local commands; commands=()
    _describe -t commands 'vql help bench commands' commands "$@"
}
(( $+functions[_vql__subcmd__help__subcmd__completions_commands] )) ||
_vql__subcmd__help__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'vql help completions commands' commands "$@"
}
(( $+functions[_vql__subcmd__help__subcmd__explain_commands] )) ||
_vql__subcmd__help__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'vql help explain commands' commands "$@"
}
(( $+functions[_vql__subcmd__help__subcmd__fmt_commands] )) ||
_vql__subcmd__help__subcmd__fmt_commands() {
    local commands; commands=()
    _describe -t commands 'vql help fmt commands' commands "$@"
}
(( $+functions[_vql__subcmd__help__subcmd__help_commands] )) ||
_vql__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'vql help help commands' commands "$@"
}
(( $+functions[_vql__subcmd__help__subcmd__migrate_commands] )) ||
_vql__subcmd__help__subcmd__migrate_commands() {
    local commands; commands=(
'import:Load hexads from files' \
'export:Write every hexad to a file, in the format that import reads' \
    )
    _describe -t commands 'vql help migrate commands' commands "$@"
}
(( $+functions[_vql__subcmd__help__subcmd__migrate__subcmd__export_commands] )) ||
_vql__subcmd__help__subcmd__migrate__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'vql help migrate export commands' commands "$@"
}
(( $+functions[_vql__subcmd__help__subcmd__migrate__subcmd__import_commands] )) ||
_vql__subcmd__help__subcmd__migrate__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'vql help migrate import commands' commands "$@"
}
(( $+functions[_vql__subcmd__help__subcmd__repl_commands] )) ||
_vql__subcmd__help__subcmd__repl_commands() {
    local commands; commands=()
    _describe -t commands 'vql help repl commands' commands "$@"
}
(( $+functions[_vql__subcmd__migrate_commands] )) ||
_vql__subcmd__migrate_commands() {
    local commands; commands=(
'import:Load hexads from files' \
'export:Write every hexad to a file, in the format that import reads' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'vql migrate commands' commands "$@"
}
(( $+functions[_vql__subcmd__migrate__subcmd__export_commands] )) ||
_vql__subcmd__migrate__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'vql migrate export commands' commands "$@"
}
(( $+functions[_vql__subcmd__migrate__subcmd__help_commands] )) ||
_vql__subcmd__migrate__subcmd__help_commands() {
    local commands; commands=(
'import:Load hexads from files' \
'export:Write every hexad to a file, in the format that import reads' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'vql migrate help commands' commands "$@"
}
(( $+functions[_vql__subcmd__migrate__subcmd__help__subcmd__export_commands] )) ||
_vql__subcmd__migrate__subcmd__help__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'vql migrate help export commands' commands "$@"
}
(( $+functions[_vql__subcmd__migrate__subcmd__help__subcmd__help_commands] )) ||
_vql__subcmd__migrate__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'vql migrate help help commands' commands "$@"
}
(( $+functions[_vql__subcmd__migrate__subcmd__help__subcmd__import_commands] )) ||
_vql__subcmd__migrate__subcmd__help__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'vql migrate help import commands' commands "$@"
}
(( $+functions[_vql__subcmd__migrate__subcmd__import_commands] )) ||
_vql__subcmd__migrate__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'vql migrate import commands' commands "$@"
}
(( $+functions[_vql__subcmd__repl_commands] )) ||
_vql__subcmd__repl_commands() {
    local commands; commands=()
    _describe -t commands 'vql repl commands' commands "$@"
}

if [ "$funcstack[1]" = "_vql" ]; then
    _vql "$@"
else
    compdef _vql vql
fi
