//! Behavior through the binary: one test program for the whole command line, one module a topic.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test reports")]

mod harness;

#[cfg(feature = "serve")]
mod access;
mod archive;
mod artifacts;
mod atomic;
mod backup;
mod bad_input;
mod bench;
mod check;
mod completions;
mod constructs;
mod conversation;
mod drift;
mod drift_bench;
mod embedders;
mod explain;
mod fmt;
mod formats;
mod guide;
mod interactive;
mod keywords;
mod lsp;
mod migrate;
mod plan;
mod reference;
mod repl;
mod s3;
mod screen;
#[cfg(feature = "serve")]
mod serve;
mod stream;
mod suite;
mod tidy;
mod usage;
