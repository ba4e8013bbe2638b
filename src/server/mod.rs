//! `vql serve`: sockets in front of an [`Engine`](crate::engine::Engine). Requests become calls of the
//! engine under the name of whoever asks, and nothing is decided here that the engine can decide.
//!
//! It reads no settings, no environment and no command line: [`Settings`] come in as values. The engine
//! is synchronous; [`work::Work`] is where statements wait for one of a bounded number of threads.

pub mod auth;
pub mod connection;
pub mod console;
pub mod conversation;
pub mod front;
pub mod graphql;
pub mod grpc;
pub mod listen;
pub mod lsp;
pub mod metrics;
pub mod problem;
pub mod rate;
pub mod rest;
pub mod settings;
pub mod shutdown;
pub mod state;
pub mod tls;
pub mod work;

pub use listen::{Bound, Server};
pub use settings::{Limits, Settings, TlsFiles};
pub use state::App;
