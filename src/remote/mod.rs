//! What speaks to other machines, always to addresses that stand in the settings. Nothing here opens a
//! database, reads a setting or prints.

pub mod client;
pub mod embedder;
#[cfg(feature = "serve")]
pub mod keys;
