//! The database: no sockets, no terminal. [`base`] holds the words, every other room uses them.

pub mod base;
pub mod hexad;
pub mod lang;
pub mod modality;
pub mod outcome;
pub mod store;
