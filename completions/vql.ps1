
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'vql' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'vql'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'vql' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('repl', 'repl', [CompletionResultType]::ParameterValue, 'Open a shell, or run statements from the command line, files or standard input')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show the plan of a statement without running it')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Move data into or out of a database')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Keep copies of a database, and go back to any moment they hold')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Take out and verify the log of who was allowed or refused what')
            [CompletionResult]::new('bench', 'bench', [CompletionResultType]::ParameterValue, 'Measure this machine''s vql beside the same work done by hand on SQLite')
            [CompletionResult]::new('fmt', 'fmt', [CompletionResultType]::ParameterValue, 'Rewrite VQL files in the standard layout')
            [CompletionResult]::new('lsp', 'lsp', [CompletionResultType]::ParameterValue, 'Serve an editor: the language server, on standard input and output')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve a database over HTTP')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vql;repl' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Run this statement or meta command (can be repeated)')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Run this statement or meta command (can be repeated)')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Run the statements of a file, `-` for standard input (can be repeated)')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Run the statements of a file, `-` for standard input (can be repeated)')
            [CompletionResult]::new('--user-key', '--user-key', [CompletionResultType]::ParameterName, 'Read the API key from this file [default: the variable `VQL_API_KEY`]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust servers whose certificate is signed by one of this PEM file, and no others')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Show this certificate, a PEM file that holds its private key too')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Open a small generated database, removed at the end unless TARGET is given')
            [CompletionResult]::new('--keep-going', '--keep-going', [CompletionResultType]::ParameterName, 'Go on after a statement that failed')
            [CompletionResult]::new('-1', '-1', [CompletionResultType]::ParameterName, 'Run all of `-c`, `-f` or standard input as one transaction: everything is written, or nothing')
            [CompletionResult]::new('--single-transaction', '--single-transaction', [CompletionResultType]::ParameterName, 'Run all of `-c`, `-f` or standard input as one transaction: everything is written, or nothing')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Allow writes that name neither a hexad nor a condition')
            [CompletionResult]::new('--read-only', '--read-only', [CompletionResultType]::ParameterName, 'Refuse every write')
            [CompletionResult]::new('--accept-loss', '--accept-loss', [CompletionResultType]::ParameterName, 'Open a database whose log is damaged, without the commits that cannot be read')
            [CompletionResult]::new('--no-init', '--no-init', [CompletionResultType]::ParameterName, 'Do not run `~/.vqlrc`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;explain' {
            [CompletionResult]::new('--user-key', '--user-key', [CompletionResultType]::ParameterName, 'Read the API key from this file [default: the variable `VQL_API_KEY`]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Trust servers whose certificate is signed by one of this PEM file, and no others')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Show this certificate, a PEM file that holds its private key too')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Draw the plan into a file: one page that loads nothing')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('--analyze', '--analyze', [CompletionResultType]::ParameterName, 'Run the statement and show measured figures beside the estimates; a write is made ready and dropped')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;migrate' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Load hexads from files')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write every hexad to a file, in the format that import reads')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vql;migrate;import' {
            [CompletionResult]::new('--input-format', '--input-format', [CompletionResultType]::ParameterName, 'The form of the input [default: by the name of the file, jsonl for standard input]')
            [CompletionResult]::new('--map', '--map', [CompletionResultType]::ParameterName, 'Where a column of a CSV file goes, such as `title=Name` or `spatial.latitude=Lat`')
            [CompletionResult]::new('--on-conflict', '--on-conflict', [CompletionResultType]::ParameterName, 'What to do with a hexad that exists already')
            [CompletionResult]::new('--rejects', '--rejects', [CompletionResultType]::ParameterName, 'Where to collect lines that cannot be loaded [default: FILE.rejects.jsonl in this directory]')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Hexads written together')
            [CompletionResult]::new('--embed', '--embed', [CompletionResultType]::ParameterName, 'Make vectors with this embedder for hexads that have a text and no vector')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Stop at the first line that cannot be loaded')
            [CompletionResult]::new('--restart', '--restart', [CompletionResultType]::ParameterName, 'Start at the first line even when an earlier import of the file stopped in the middle')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;migrate;export' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;migrate;help' {
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Load hexads from files')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write every hexad to a file, in the format that import reads')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vql;migrate;help;import' {
            break
        }
        'vql;migrate;help;export' {
            break
        }
        'vql;migrate;help;help' {
            break
        }
        'vql;backup' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Add a backup to those in a place, while others go on writing')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the backups in a place')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check every sum, restore into a temporary directory and compare with what was backed up')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Make a new database from backups')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove old backups, never one that a newer one needs')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vql;backup;create' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('--incremental', '--incremental', [CompletionResultType]::ParameterName, 'Only what was committed since the newest backup there')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;backup;list' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;backup;verify' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;backup;restore' {
            [CompletionResult]::new('--to-time', '--to-time', [CompletionResultType]::ParameterName, 'To everything committed up to this time, such as `2026-01-01T10:30:00Z`')
            [CompletionResult]::new('--to-lsn', '--to-lsn', [CompletionResultType]::ParameterName, 'To the state after this commit')
            [CompletionResult]::new('--backup', '--backup', [CompletionResultType]::ParameterName, 'From this backup [default: the newest, or the one that leads to the time or commit]')
            [CompletionResult]::new('--archive', '--archive', [CompletionResultType]::ParameterName, 'The archive that continues the backups [default: `archive` in vql.toml]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('--no-archive', '--no-archive', [CompletionResultType]::ParameterName, 'Without an archive')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;backup;prune' {
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Keep the newest N')
            [CompletionResult]::new('--keep-days', '--keep-days', [CompletionResultType]::ParameterName, 'Keep all of the last N times 24 hours')
            [CompletionResult]::new('--keep-daily', '--keep-daily', [CompletionResultType]::ParameterName, 'Keep the newest of each of the last N days that have one')
            [CompletionResult]::new('--keep-weekly', '--keep-weekly', [CompletionResultType]::ParameterName, 'Keep the newest of each of the last N weeks that have one')
            [CompletionResult]::new('--keep-monthly', '--keep-monthly', [CompletionResultType]::ParameterName, 'Keep the newest of each of the last N months that have one')
            [CompletionResult]::new('--archive', '--archive', [CompletionResultType]::ParameterName, 'The archive that continues the backups [default: `archive` in vql.toml]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only say what would be removed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;backup;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Add a backup to those in a place, while others go on writing')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the backups in a place')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check every sum, restore into a temporary directory and compare with what was backed up')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Make a new database from backups')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove old backups, never one that a newer one needs')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vql;backup;help;create' {
            break
        }
        'vql;backup;help;list' {
            break
        }
        'vql;backup;help;verify' {
            break
        }
        'vql;backup;help;restore' {
            break
        }
        'vql;backup;help;prune' {
            break
        }
        'vql;backup;help;help' {
            break
        }
        'vql;audit' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the log out, and its signed head')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say whether the log is what was written, and where it stops being that')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vql;audit;export' {
            [CompletionResult]::new('--head', '--head', [CompletionResultType]::ParameterName, 'Write the head there, signed')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The Ed25519 key to sign with (PKCS #8); made when there is none')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;audit;verify' {
            [CompletionResult]::new('--head', '--head', [CompletionResultType]::ParameterName, 'A head that was exported earlier: the log must reach as far')
            [CompletionResult]::new('--signer', '--signer', [CompletionResultType]::ParameterName, 'The public key the head must be signed with, in hexadecimal')
            [CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'Verify a log that was exported, in place of that in the database')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;audit;help' {
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the log out, and its signed head')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say whether the log is what was written, and where it stops being that')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vql;audit;help;export' {
            break
        }
        'vql;audit;help;verify' {
            break
        }
        'vql;audit;help;help' {
            break
        }
        'vql;bench' {
            [CompletionResult]::new('--against', '--against', [CompletionResultType]::ParameterName, 'What else to measure in the same run (can be repeated) [default: sqlite]')
            [CompletionResult]::new('--database', '--database', [CompletionResultType]::ParameterName, 'Measure your own statements on this database, which is only read (with `--queries`)')
            [CompletionResult]::new('--queries', '--queries', [CompletionResultType]::ParameterName, 'The statements to measure, each for itself (with `--database`)')
            [CompletionResult]::new('--compare', '--compare', [CompletionResultType]::ParameterName, 'Compare with the JSON of an earlier run; exit with 1 when something became slower')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Draw the findings into a file that needs nothing else')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'A file of hexads to harm, in place of made-up data (drift)')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Hexads to load; with several sizes, `20000,100000`, all is done for each, and growth is shown')
            [CompletionResult]::new('--dimensions', '--dimensions', [CompletionResultType]::ParameterName, 'Numbers in an embedding')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed of the generated data')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Make the databases below this directory instead of the temporary one')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('--alone', '--alone', [CompletionResultType]::ParameterName, 'Measure vql only')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Leave the databases behind')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;fmt' {
            [CompletionResult]::new('--range', '--range', [CompletionResultType]::ParameterName, 'Format only the statements between two places, such as `3:1-7:20` (one file or `-`)')
            [CompletionResult]::new('--output-format', '--output-format', [CompletionResultType]::ParameterName, 'How findings are reported [default: text]')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out files that match, as a line of `.gitignore` would (can be repeated)')
            [CompletionResult]::new('--stdin-filename', '--stdin-filename', [CompletionResultType]::ParameterName, 'The name standard input goes by: in messages, for ignore rules and for settings')
            [CompletionResult]::new('--line-width', '--line-width', [CompletionResultType]::ParameterName, 'Columns a line may have [default: 100]')
            [CompletionResult]::new('--indent', '--indent', [CompletionResultType]::ParameterName, 'Columns of a step of indentation [default: 2]')
            [CompletionResult]::new('--keyword-case', '--keyword-case', [CompletionResultType]::ParameterName, 'How keywords are written [default: upper]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Change nothing; list the files that would change, exit with 1 when there are some')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Change nothing; show what would change, exit with 1 when something would')
            [CompletionResult]::new('--lint', '--lint', [CompletionResultType]::ParameterName, 'Report mistakes of syntax, types and style instead, without a database')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Apply the edits that findings come with (with `--lint`)')
            [CompletionResult]::new('--force-exclude', '--force-exclude', [CompletionResultType]::ParameterName, 'Leave out ignored and excluded files even when they are named')
            [CompletionResult]::new('--isolated', '--isolated', [CompletionResultType]::ParameterName, 'Read no settings files')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Print the layout in force and where each part of it comes from')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;lsp' {
            [CompletionResult]::new('--database', '--database', [CompletionResultType]::ParameterName, 'Look at this database, for reading only: names, ids, plans')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Take names from this file, made by `--print-schema`')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('--print-schema', '--print-schema', [CompletionResultType]::ParameterName, 'Print the names of the database as a schema file, and serve nobody')
            [CompletionResult]::new('--stdio', '--stdio', [CompletionResultType]::ParameterName, 'Talk on standard input and output; there is no other way, editors like to say so')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;serve' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'The address to listen on [default: 127.0.0.1:8080]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'The certificate of the server and those it builds on, as PEM')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The private key of the certificate, as PEM')
            [CompletionResult]::new('--client-ca', '--client-ca', [CompletionResultType]::ParameterName, 'Accept only clients whose certificate one of these has signed, as PEM')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Let everybody do everything; only on an address of this machine')
            [CompletionResult]::new('--introspection', '--introspection', [CompletionResultType]::ParameterName, 'Let clients look at the schema of GraphQL, and show a page to try queries at /graphql')
            [CompletionResult]::new('--read-only', '--read-only', [CompletionResultType]::ParameterName, 'Refuse every write')
            [CompletionResult]::new('--check-config', '--check-config', [CompletionResultType]::ParameterName, 'Read the settings and certificates, say what is wrong with them, and serve nobody')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;completions' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the results [default: table on a terminal, jsonl otherwise]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the results to a file instead of standard output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use color [default: auto]')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Give a value to `$NAME` in statements (can be repeated)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a statement that takes longer, such as `30s`, `500ms` or `2m`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read the settings from this file instead of the usual ones')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more about what is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'vql;help' {
            [CompletionResult]::new('repl', 'repl', [CompletionResultType]::ParameterValue, 'Open a shell, or run statements from the command line, files or standard input')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show the plan of a statement without running it')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Move data into or out of a database')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Keep copies of a database, and go back to any moment they hold')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Take out and verify the log of who was allowed or refused what')
            [CompletionResult]::new('bench', 'bench', [CompletionResultType]::ParameterValue, 'Measure this machine''s vql beside the same work done by hand on SQLite')
            [CompletionResult]::new('fmt', 'fmt', [CompletionResultType]::ParameterValue, 'Rewrite VQL files in the standard layout')
            [CompletionResult]::new('lsp', 'lsp', [CompletionResultType]::ParameterValue, 'Serve an editor: the language server, on standard input and output')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve a database over HTTP')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vql;help;repl' {
            break
        }
        'vql;help;explain' {
            break
        }
        'vql;help;migrate' {
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Load hexads from files')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write every hexad to a file, in the format that import reads')
            break
        }
        'vql;help;migrate;import' {
            break
        }
        'vql;help;migrate;export' {
            break
        }
        'vql;help;backup' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Add a backup to those in a place, while others go on writing')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the backups in a place')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check every sum, restore into a temporary directory and compare with what was backed up')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Make a new database from backups')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove old backups, never one that a newer one needs')
            break
        }
        'vql;help;backup;create' {
            break
        }
        'vql;help;backup;list' {
            break
        }
        'vql;help;backup;verify' {
            break
        }
        'vql;help;backup;restore' {
            break
        }
        'vql;help;backup;prune' {
            break
        }
        'vql;help;audit' {
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the log out, and its signed head')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Say whether the log is what was written, and where it stops being that')
            break
        }
        'vql;help;audit;export' {
            break
        }
        'vql;help;audit;verify' {
            break
        }
        'vql;help;bench' {
            break
        }
        'vql;help;fmt' {
            break
        }
        'vql;help;lsp' {
            break
        }
        'vql;help;serve' {
            break
        }
        'vql;help;completions' {
            break
        }
        'vql;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
