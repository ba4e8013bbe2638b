//! What can be done, and to what: the words every decision is made of.

use std::fmt;

use crate::engine::base::{Iid, Modality};

/// How far something goes with data. Each level is for itself: who may write may not read by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// See it: in rows, counts, scores, paths, reports.
    Read = 0,
    /// Create, change, delete it.
    Write = 1,
    /// Grant and revoke rights on it.
    Admin = 2,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// The word of the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// Finds a level by its word, in any case.
    pub fn from_name(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(word))
    }

    /// The level with this number on disk.
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

macro_rules! actions {
    ($($name:ident $word:literal $doc:literal,)*) => {
        /// Something a principal may or may not do.
        ///
        /// The first four are about data; what they are done to is the [`Resource`]. The others are
        /// acts on the database as a whole and know no resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            /// Be let in at all, and ask: what is seen and changed is decided from the statement. The
            /// action of every route and method that runs statements or moves hexads.
            Data,
            /// Sees a modality.
            Read(Modality),
            /// Changes a modality.
            Write(Modality),
            /// Grants and revokes rights on a modality.
            Administer(Modality),
            $(#[doc = $doc] $name,)*
        }

        impl Action {
            /// The acts on the database as a whole: those a right is granted for by name.
            pub const ACTS: &'static [Self] = &[$(Self::$name,)*];

            /// The word of the language.
            pub fn name(self) -> &'static str {
                match self {
                    Self::Data => "data",
                    Self::Read(_) => "read",
                    Self::Write(_) => "write",
                    Self::Administer(_) => "admin",
                    $(Self::$name => $word,)*
                }
            }

            /// One sentence about an act.
            pub fn about(self) -> &'static str {
                match self {
                    Self::Data => "Be let in, and ask.",
                    Self::Read(_) => "See it.",
                    Self::Write(_) => "Change it.",
                    Self::Administer(_) => "Grant and revoke rights on it.",
                    $(Self::$name => $doc,)*
                }
            }
        }
    };
}

actions! {
    Observe "observe" "See how the database is: status, health, metrics, open transactions.",
    Normalize "normalize" "Normalize, repair, revert, and resolve conflicts.",
    Define "define" "Create and drop contracts and policies.",
    Maintain "maintain" "Checkpoint, analyze, check the integrity.",
    Backup "backup" "Make, restore and drop snapshots and backups.",
    Transfer "transfer" "Import and export whole files.",
    Configure "configure" "Change the settings of the database.",
    Grant "grant" "Grant and revoke rights of everybody, create and drop roles.",
    Keys "keys" "Create, rotate and revoke the keys of everybody.",
    Audit "audit" "Read and export the audit log.",
}

impl Action {
    /// All actions on data: each level of each modality.
    pub fn on_data() -> impl Iterator<Item = Self> {
        Level::ALL.into_iter().flat_map(|level| Modality::ALL.map(|m| Self::of(level, m)))
    }

    /// Every action there is.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Data].into_iter().chain(Self::on_data()).chain(Self::ACTS.iter().copied())
    }

    /// A level of a modality.
    pub fn of(level: Level, modality: Modality) -> Self {
        match level {
            Level::Read => Self::Read(modality),
            Level::Write => Self::Write(modality),
            Level::Admin => Self::Administer(modality),
        }
    }

    /// The level and modality of an action on data.
    pub fn data(self) -> Option<(Level, Modality)> {
        match self {
            Self::Read(modality) => Some((Level::Read, modality)),
            Self::Write(modality) => Some((Level::Write, modality)),
            Self::Administer(modality) => Some((Level::Admin, modality)),
            _ => None,
        }
    }

    /// Finds an act by its word, in any case.
    pub fn act(word: &str) -> Option<Self> {
        Self::ACTS.iter().copied().find(|action| action.name().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.data() {
            Some((level, modality)) => write!(f, "{} {modality}", level.name()),
            None => f.write_str(self.name()),
        }
    }
}

/// What an action on data is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource<'a> {
    /// The data as a whole: rules about types and single entities say nothing about it.
    Database,
    /// Whatever has this type.
    Type(&'a str),
    /// One entity.
    Hexad {
        /// Which; none for one that is being created.
        iid: Option<Iid>,
        /// Its id.
        id: &'a str,
        /// Its types.
        types: &'a [String],
        /// Who owns it, if anybody does.
        owner: Option<&'a str>,
    },
}

/// What a key is limited to, whatever its holder may do.
///
/// In words `read`, `write`, `admin`, each alone or with a modality (`read:document`), and the words of
/// the acts (`normalize`, `backup`, ..).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// A level, of one modality or of all.
    Data(Level, Option<Modality>),
    /// An act.
    Act(Action),
}

impl Scope {
    /// Reads one word.
    pub fn parse(word: &str) -> Option<Self> {
        if let Some(act) = Action::act(word) {
            return Some(Self::Act(act));
        }
        let (level, modality) = match word.split_once(':') {
            Some((level, modality)) => (level, Some(Modality::from_keyword(modality)?)),
            None => (word, None),
        };
        Level::from_name(level).map(|level| Self::Data(level, modality))
    }

    /// The word.
    pub fn text(&self) -> String {
        match self {
            Self::Data(level, None) => level.name().to_owned(),
            Self::Data(level, Some(modality)) => format!("{}:{modality}", level.name()),
            Self::Act(action) => action.name().to_owned(),
        }
    }

    /// Whether it is about this action.
    pub fn covers(&self, action: Action) -> bool {
        match (self, action.data()) {
            (Self::Data(level, modality), Some((wanted, of))) => {
                *level == wanted && modality.is_none_or(|modality| modality == of)
            }
            (Self::Data(..), None) => action == Action::Data,
            (Self::Act(act), _) => *act == action,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_is_read_back_from_its_word() {
        for action in Action::all().filter(|action| *action != Action::Data) {
            let scope = match action.data() {
                Some((level, modality)) => Scope::Data(level, Some(modality)),
                None => Scope::Act(action),
            };
            assert_eq!(Scope::parse(&scope.text()), Some(scope.clone()));
            assert!(scope.covers(action));
        }
        assert_eq!(Scope::parse("READ:Document"), Some(Scope::parse("read:document").unwrap()));
        for word in ["", "reads", "read:", "read:x", "data", "write:grant", "observe:graph"] {
            assert_eq!(Scope::parse(word), None, "{word}");
        }
    }

    #[test]
    fn a_scope_of_one_modality_covers_no_other() {
        let scope = Scope::parse("read:document").unwrap();
        assert!(scope.covers(Action::Read(Modality::Document)));
        assert!(!scope.covers(Action::Read(Modality::Graph)));
        assert!(!scope.covers(Action::Write(Modality::Document)));
        assert!(!scope.covers(Action::Grant));
    }
}
