//! The roles every database has. Roles of its own are entries of the catalogue.

use super::action::{Action, Level};

/// A role that is always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// What it may do with all data.
    pub levels: &'static [Level],
    /// The acts it may do.
    pub acts: &'static [Action],
    /// One sentence.
    pub about: &'static str,
}

/// Everybody is in it without being told; rules for it give way to all others of the same depth.
pub const EVERYONE: &str = "everyone";

/// May do everything, and no rule can take that away: nobody can lock themselves out.
pub const ADMIN: &str = "admin";

/// All of them.
pub const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: EVERYONE,
        levels: &[],
        acts: &[],
        about: "Everybody who is let in; may do what is granted to it, which at first is nothing.",
    },
    BuiltIn { name: "reader", levels: &[Level::Read], acts: &[], about: "Reads all data." },
    BuiltIn {
        name: "writer",
        levels: &[Level::Read, Level::Write],
        acts: &[],
        about: "Reads and writes all data.",
    },
    BuiltIn {
        name: "steward",
        levels: &[Level::Read, Level::Write],
        acts: &[Action::Observe, Action::Normalize, Action::Define],
        about: "Reads and writes all data, normalizes, defines contracts and policies.",
    },
    BuiltIn { name: ADMIN, levels: &Level::ALL, acts: Action::ACTS, about: "May do everything." },
];

/// A built-in role by its name.
pub fn built_in(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|role| role.name == name)
}
