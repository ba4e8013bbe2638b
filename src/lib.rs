//! `vql`: the database for things that must agree with themselves.
//!
//! One entity (a *hexad*) lives in eight modalities at once; they are written together, kept
//! together and asked together. The engine is the only door to a database: see [`engine`].

pub mod cmd;
pub mod config;
pub mod engine;
pub mod lsp;
pub mod remote;
#[cfg(feature = "serve")]
pub mod server;
