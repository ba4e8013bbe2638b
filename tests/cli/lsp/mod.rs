//! The language server through the protocol, spoken to the real process.

mod editor;

mod answers;
mod features;
mod life;
mod names;
mod prefixes;
mod texts;
