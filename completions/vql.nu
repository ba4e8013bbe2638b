module completions {

  def "nu-complete vql format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql color" [] {
    [ "auto" "always" "never" ]
  }

  # The database for things that must agree with themselves
  export extern vql [
    --format: string@"nu-complete vql format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete vql repl format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql repl color" [] {
    [ "auto" "always" "never" ]
  }

  # Open a shell, or run statements from the command line, files or standard input
  export extern "vql repl" [
    --command(-c): string     # Run this statement or meta command (can be repeated)
    --file(-f): path          # Run the statements of a file, `-` for standard input (can be repeated)
    --demo                    # Open a small generated database, removed at the end unless TARGET is given
    --keep-going              # Go on after a statement that failed
    --single-transaction(-1)  # Run all of `-c`, `-f` or standard input as one transaction: everything is written, or nothing
    --force                   # Allow writes that name neither a hexad nor a condition
    --read-only               # Refuse every write
    --accept-loss             # Open a database whose log is damaged, without the commits that cannot be read
    --no-init                 # Do not run `~/.vqlrc`
    --user-key: path          # Read the API key from this file [default: the variable `VQL_API_KEY`]
    --ca-cert: path           # Trust servers whose certificate is signed by one of this PEM file, and no others
    --client-cert: path       # Show this certificate, a PEM file that holds its private key too
    --format: string@"nu-complete vql repl format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql repl color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    target?: string           # The database, or the address of a server (`https://host:port`) [default: ./vql.db]
  ]

  def "nu-complete vql explain format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql explain color" [] {
    [ "auto" "always" "never" ]
  }

  # Show the plan of a statement without running it
  export extern "vql explain" [
    --analyze                 # Run the statement and show measured figures beside the estimates; a write is made ready and dropped
    --user-key: path          # Read the API key from this file [default: the variable `VQL_API_KEY`]
    --ca-cert: path           # Trust servers whose certificate is signed by one of this PEM file, and no others
    --client-cert: path       # Show this certificate, a PEM file that holds its private key too
    --html: path              # Draw the plan into a file: one page that loads nothing
    --format: string@"nu-complete vql explain format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql explain color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...what: string           # The database [default: ./vql.db], and the statement, `-` to read it from standard input
  ]

  def "nu-complete vql migrate format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql migrate color" [] {
    [ "auto" "always" "never" ]
  }

  # Move data into or out of a database
  export extern "vql migrate" [
    --format: string@"nu-complete vql migrate format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql migrate color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete vql migrate import input_format" [] {
    [ "jsonl" "csv" ]
  }

  def "nu-complete vql migrate import on_conflict" [] {
    [ "skip" "replace" "fail" ]
  }

  def "nu-complete vql migrate import format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql migrate import color" [] {
    [ "auto" "always" "never" ]
  }

  # Load hexads from files
  export extern "vql migrate import" [
    --input-format: string@"nu-complete vql migrate import input_format" # The form of the input [default: by the name of the file, jsonl for standard input]
    --map: string             # Where a column of a CSV file goes, such as `title=Name` or `spatial.latitude=Lat`
    --on-conflict: string@"nu-complete vql migrate import on_conflict" # What to do with a hexad that exists already
    --strict                  # Stop at the first line that cannot be loaded
    --rejects: path           # Where to collect lines that cannot be loaded [default: FILE.rejects.jsonl in this directory]
    --batch: string           # Hexads written together
    --restart                 # Start at the first line even when an earlier import of the file stopped in the middle
    --embed: string           # Make vectors with this embedder for hexads that have a text and no vector
    --format: string@"nu-complete vql migrate import format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql migrate import color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...files: path            # The files to read, `-` for standard input
    target: string            # The database, created when it does not exist
  ]

  def "nu-complete vql migrate export format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql migrate export color" [] {
    [ "auto" "always" "never" ]
  }

  # Write every hexad to a file, in the format that import reads
  export extern "vql migrate export" [
    --format: string@"nu-complete vql migrate export format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql migrate export color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    target: string            # The database
    file: path                # The file to write, compressed when it ends in `.gz`, `-` for standard output
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "vql migrate help" [
  ]

  # Load hexads from files
  export extern "vql migrate help import" [
  ]

  # Write every hexad to a file, in the format that import reads
  export extern "vql migrate help export" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "vql migrate help help" [
  ]

  def "nu-complete vql backup format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql backup color" [] {
    [ "auto" "always" "never" ]
  }

  # Keep copies of a database, and go back to any moment they hold
  export extern "vql backup" [
    --format: string@"nu-complete vql backup format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql backup color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete vql backup create format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql backup create color" [] {
    [ "auto" "always" "never" ]
  }

  # Add a backup to those in a place, while others go on writing
  export extern "vql backup create" [
    --incremental             # Only what was committed since the newest backup there
    --format: string@"nu-complete vql backup create format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql backup create color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    target: string            # The database
    dest: path                # The place of the backups: a directory, `s3://BUCKET/PREFIX`, or `-` for standard output
  ]

  def "nu-complete vql backup list format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql backup list color" [] {
    [ "auto" "always" "never" ]
  }

  # List the backups in a place
  export extern "vql backup list" [
    --format: string@"nu-complete vql backup list format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql backup list color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    dest: path                # The place of the backups: a directory or `s3://BUCKET/PREFIX`
  ]

  def "nu-complete vql backup verify format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql backup verify color" [] {
    [ "auto" "always" "never" ]
  }

  # Check every sum, restore into a temporary directory and compare with what was backed up
  export extern "vql backup verify" [
    --format: string@"nu-complete vql backup verify format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql backup verify color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    dest: path                # The place of the backups: a directory, `s3://BUCKET/PREFIX`, or `-` for standard input
    id?: string               # The backup [default: all]
  ]

  def "nu-complete vql backup restore format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql backup restore color" [] {
    [ "auto" "always" "never" ]
  }

  # Make a new database from backups
  export extern "vql backup restore" [
    --to-time: string         # To everything committed up to this time, such as `2026-01-01T10:30:00Z`
    --to-lsn: string          # To the state after this commit
    --backup: string          # From this backup [default: the newest, or the one that leads to the time or commit]
    --archive: path           # The archive that continues the backups [default: `archive` in vql.toml]
    --no-archive              # Without an archive
    --format: string@"nu-complete vql backup restore format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql backup restore color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    dest: path                # The place of the backups: a directory, `s3://BUCKET/PREFIX`, or `-` for standard input
    new_dir: path             # The new database, which must not exist
  ]

  def "nu-complete vql backup prune format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql backup prune color" [] {
    [ "auto" "always" "never" ]
  }

  # Remove old backups, never one that a newer one needs
  export extern "vql backup prune" [
    --keep: string            # Keep the newest N
    --keep-days: string       # Keep all of the last N times 24 hours
    --keep-daily: string      # Keep the newest of each of the last N days that have one
    --keep-weekly: string     # Keep the newest of each of the last N weeks that have one
    --keep-monthly: string    # Keep the newest of each of the last N months that have one
    --archive: path           # The archive that continues the backups [default: `archive` in vql.toml]
    --dry-run                 # Only say what would be removed
    --format: string@"nu-complete vql backup prune format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql backup prune color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    dest: path                # The place of the backups: a directory or `s3://BUCKET/PREFIX`
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "vql backup help" [
  ]

  # Add a backup to those in a place, while others go on writing
  export extern "vql backup help create" [
  ]

  # List the backups in a place
  export extern "vql backup help list" [
  ]

  # Check every sum, restore into a temporary directory and compare with what was backed up
  export extern "vql backup help verify" [
  ]

  # Make a new database from backups
  export extern "vql backup help restore" [
  ]

  # Remove old backups, never one that a newer one needs
  export extern "vql backup help prune" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "vql backup help help" [
  ]

  def "nu-complete vql audit format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql audit color" [] {
    [ "auto" "always" "never" ]
  }

  # Take out and verify the log of who was allowed or refused what
  export extern "vql audit" [
    --format: string@"nu-complete vql audit format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql audit color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete vql audit export format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql audit export color" [] {
    [ "auto" "always" "never" ]
  }

  # Write the log out, and its signed head
  export extern "vql audit export" [
    --head: path              # Write the head there, signed
    --key: path               # The Ed25519 key to sign with (PKCS #8); made when there is none
    --format: string@"nu-complete vql audit export format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql audit export color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    target?: string           # The database [default: ./vql.db]
  ]

  def "nu-complete vql audit verify format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql audit verify color" [] {
    [ "auto" "always" "never" ]
  }

  # Say whether the log is what was written, and where it stops being that
  export extern "vql audit verify" [
    --head: path              # A head that was exported earlier: the log must reach as far
    --signer: string          # The public key the head must be signed with, in hexadecimal
    --log: path               # Verify a log that was exported, in place of that in the database
    --format: string@"nu-complete vql audit verify format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql audit verify color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    target?: string           # The database [default: ./vql.db]
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "vql audit help" [
  ]

  # Write the log out, and its signed head
  export extern "vql audit help export" [
  ]

  # Say whether the log is what was written, and where it stops being that
  export extern "vql audit help verify" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "vql audit help help" [
  ]

  def "nu-complete vql bench format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql bench color" [] {
    [ "auto" "always" "never" ]
  }

  # Measure this machine's vql beside the same work done by hand on SQLite
  export extern "vql bench" [
    --against: string         # What else to measure in the same run (can be repeated) [default: sqlite]
    --database: path          # Measure your own statements on this database, which is only read (with `--queries`)
    --queries: path           # The statements to measure, each for itself (with `--database`)
    --compare: path           # Compare with the JSON of an earlier run; exit with 1 when something became slower
    --html: path              # Draw the findings into a file that needs nothing else
    --data: path              # A file of hexads to harm, in place of made-up data (drift)
    --size: string            # Hexads to load; with several sizes, `20000,100000`, all is done for each, and growth is shown
    --dimensions: string      # Numbers in an embedding
    --seed: string            # Seed of the generated data
    --alone                   # Measure vql only
    --dir: path               # Make the databases below this directory instead of the temporary one
    --keep                    # Leave the databases behind
    --format: string@"nu-complete vql bench format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql bench color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...suite: string          # The suites to run: load, insert, writers, get, knn, knn-filtered, text, hops, hybrid, aggregate, as-of, mixed, recovery, plan, parse, fmt [default: all of these]; or drift, alone; or calibrate, alone: what elementary work costs here, kept with `--database` for its planner
  ]

  def "nu-complete vql fmt output_format" [] {
    [ "text" "json" "github" "sarif" ]
  }

  def "nu-complete vql fmt keyword_case" [] {
    [ "upper" "lower" "preserve" ]
  }

  def "nu-complete vql fmt format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql fmt color" [] {
    [ "auto" "always" "never" ]
  }

  # Rewrite VQL files in the standard layout
  export extern "vql fmt" [
    --check                   # Change nothing; list the files that would change, exit with 1 when there are some
    --diff                    # Change nothing; show what would change, exit with 1 when something would
    --lint                    # Report mistakes of syntax, types and style instead, without a database
    --fix                     # Apply the edits that findings come with (with `--lint`)
    --range: string           # Format only the statements between two places, such as `3:1-7:20` (one file or `-`)
    --output-format: string@"nu-complete vql fmt output_format" # How findings are reported [default: text]
    --exclude: string         # Leave out files that match, as a line of `.gitignore` would (can be repeated)
    --force-exclude           # Leave out ignored and excluded files even when they are named
    --stdin-filename: path    # The name standard input goes by: in messages, for ignore rules and for settings
    --line-width: string      # Columns a line may have [default: 100]
    --indent: string          # Columns of a step of indentation [default: 2]
    --keyword-case: string@"nu-complete vql fmt keyword_case" # How keywords are written [default: upper]
    --isolated                # Read no settings files
    --print-config            # Print the layout in force and where each part of it comes from
    --format: string@"nu-complete vql fmt format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql fmt color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    ...paths: path            # Files or directories, `-` for standard input [default: .]
  ]

  def "nu-complete vql lsp format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql lsp color" [] {
    [ "auto" "always" "never" ]
  }

  # Serve an editor: the language server, on standard input and output
  export extern "vql lsp" [
    --database: string        # Look at this database, for reading only: names, ids, plans
    --schema: path            # Take names from this file, made by `--print-schema`
    --print-schema            # Print the names of the database as a schema file, and serve nobody
    --stdio                   # Talk on standard input and output; there is no other way, editors like to say so
    --format: string@"nu-complete vql lsp format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql lsp color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete vql serve format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql serve color" [] {
    [ "auto" "always" "never" ]
  }

  # Serve a database over HTTP
  export extern "vql serve" [
    --listen: string          # The address to listen on [default: 127.0.0.1:8080]
    --insecure                # Let everybody do everything; only on an address of this machine
    --introspection           # Let clients look at the schema of GraphQL, and show a page to try queries at /graphql
    --tls-cert: path          # The certificate of the server and those it builds on, as PEM
    --tls-key: path           # The private key of the certificate, as PEM
    --client-ca: path         # Accept only clients whose certificate one of these has signed, as PEM
    --read-only               # Refuse every write
    --check-config            # Read the settings and certificates, say what is wrong with them, and serve nobody
    --format: string@"nu-complete vql serve format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql serve color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    target?: string           # The database, created when it does not exist [default: ./vql.db]
  ]

  def "nu-complete vql completions shell" [] {
    [ "bash" "zsh" "fish" "powershell" "elvish" "nushell" ]
  }

  def "nu-complete vql completions format" [] {
    [ "table" "expanded" "json" "jsonl" "csv" "tsv" "markdown" ]
  }

  def "nu-complete vql completions color" [] {
    [ "auto" "always" "never" ]
  }

  # Print a completion script for a shell
  export extern "vql completions" [
    --format: string@"nu-complete vql completions format" # Form of the results [default: table on a terminal, jsonl otherwise]
    --output(-o): path        # Write the results to a file instead of standard output
    --color: string@"nu-complete vql completions color" # When to use color [default: auto]
    --param: string           # Give a value to `$NAME` in statements (can be repeated)
    --timeout: string         # Stop a statement that takes longer, such as `30s`, `500ms` or `2m`
    --config: path            # Read the settings from this file instead of the usual ones
    --quiet(-q)               # Print only results and errors
    --verbose(-v)             # Say more about what is done
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    shell: string@"nu-complete vql completions shell" # The shell
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "vql help" [
  ]

  # Open a shell, or run statements from the command line, files or standard input
  export extern "vql help repl" [
  ]

  # Show the plan of a statement without running it
  export extern "vql help explain" [
  ]

  # Move data into or out of a database
  export extern "vql help migrate" [
  ]

  # Load hexads from files
  export extern "vql help migrate import" [
  ]

  # Write every hexad to a file, in the format that import reads
  export extern "vql help migrate export" [
  ]

  # Keep copies of a database, and go back to any moment they hold
  export extern "vql help backup" [
  ]

  # Add a backup to those in a place, while others go on writing
  export extern "vql help backup create" [
  ]

  # List the backups in a place
  export extern "vql help backup list" [
  ]

  # Check every sum, restore into a temporary directory and compare with what was backed up
  export extern "vql help backup verify" [
  ]

  # Make a new database from backups
  export extern "vql help backup restore" [
  ]

  # Remove old backups, never one that a newer one needs
  export extern "vql help backup prune" [
  ]

  # Take out and verify the log of who was allowed or refused what
  export extern "vql help audit" [
  ]

  # Write the log out, and its signed head
  export extern "vql help audit export" [
  ]

  # Say whether the log is what was written, and where it stops being that
  export extern "vql help audit verify" [
  ]

  # Measure this machine's vql beside the same work done by hand on SQLite
  export extern "vql help bench" [
  ]

  # Rewrite VQL files in the standard layout
  export extern "vql help fmt" [
  ]

  # Serve an editor: the language server, on standard input and output
  export extern "vql help lsp" [
  ]

  # Serve a database over HTTP
  export extern "vql help serve" [
  ]

  # Print a completion script for a shell
  export extern "vql help completions" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "vql help help" [
  ]

}

export use completions *
