//! The `vql` program.

fn main() {}
