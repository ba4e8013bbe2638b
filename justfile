# The short names of everyday work. `just --list` shows them.

# Type-check everything
check:
    cargo check --all-targets

# Run every test
test:
    cargo test

# Format the sources
fmt:
    cargo fmt

# Lints as CI sees them
lint:
    cargo clippy --all-targets -- -D warnings

# Accept changed snapshots and language cases
bless:
    INSTA_UPDATE=always VQL_BLESS=1 cargo test

# Fuzz one target for a minute: just fuzz parse
fuzz target:
    cargo +nightly fuzz run {{target}} -- -max_total_time=60

# The benchmark suites, side by side with plain SQLite
bench *args:
    cargo run --release -- bench {{args}}

# The documentation of every item, private ones too
doc:
    cargo doc --no-deps --document-private-items --open

# All that guards main
ci:
    .ci/run
