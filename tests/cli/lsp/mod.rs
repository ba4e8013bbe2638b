//! The language server through the protocol, spoken to the real process.

mod editor;

mod answers;
mod life;
mod names;
mod texts;
