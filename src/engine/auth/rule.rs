//! One rule: who may, or may not, do what, to what, and who said so.

use std::fmt;

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{Iid, Modality, Result, Timestamp};

use super::action::{Action, Level};

/// The format of the bytes.
const VERSION: u8 = 1;

/// Whom a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// One user.
    User(String),
    /// Everybody in a role.
    Role(String),
}

impl Subject {
    /// The name without what it is the name of.
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Role(name) => name,
        }
    }

    /// Its name in the catalogue.
    pub fn key(&self) -> String {
        match self {
            Self::User(name) => format!("u:{name}"),
            Self::Role(name) => format!("r:{name}"),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => f.write_str(name),
            Self::Role(name) => write!(f, "role {name}"),
        }
    }
}

/// Whether a rule allows or forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// `GRANT`
    Allow,
    /// `DENY`
    Deny,
}

impl Effect {
    /// The word of the answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// By which authority a rule was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Rank {
    /// The owner of the entity it is about.
    Owner = 0,
    /// Whoever administers what it is about.
    Admin = 1,
}

/// What a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Of {
    /// All data.
    Everything,
    /// Whatever has this type.
    Type(String),
    /// One entity: its internal number, which is never given again, and the id it had.
    Hexad(Iid, String),
}

/// How far a rule reaches.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reach {
    /// One modality, or all.
    pub modality: Option<Modality>,
    /// Of what.
    pub of: Of,
}

impl Reach {
    /// All modalities of everything.
    pub const EVERYTHING: Self = Self { modality: None, of: Of::Everything };

    /// How deep it is: a rule about one entity is deeper than one about a type, that deeper than one
    /// about all data; and of two about the same, that about one modality.
    pub fn depth(&self) -> u8 {
        let of = match self.of {
            Of::Everything => 0,
            Of::Type(_) => 1,
            Of::Hexad(..) => 2,
        };
        of * 2 + u8::from(self.modality.is_some())
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(modality) = self.modality {
            write!(f, "{modality} of ")?;
        }
        match &self.of {
            Of::Everything => f.write_str("everything"),
            Of::Type(name) => write!(f, "type {name}"),
            Of::Hexad(_, id) => write!(f, "hexad {id}"),
        }
    }
}

/// What a rule is a rule for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Right {
    /// A level of access to data.
    Data(Level),
    /// An act on the database.
    Act(Action),
}

impl Right {
    /// The word of the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data(level) => level.name(),
            Self::Act(action) => action.name(),
        }
    }

    /// Finds a right by its word, in any case.
    pub fn from_name(word: &str) -> Option<Self> {
        let level = Level::from_name(word).map(Self::Data);
        level.or_else(|| Action::act(word).map(Self::Act))
    }
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Whom it is about.
    pub subject: Subject,
    /// What it allows or forbids.
    pub right: Right,
    /// To what.
    pub reach: Reach,
    /// Which of both.
    pub effect: Effect,
    /// By which authority.
    pub rank: Rank,
    /// Who made it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Rule {
    /// Its name in the catalogue: the same thing said again, or said otherwise, takes its place.
    pub fn key(&self) -> String {
        let of = match &self.reach.of {
            Of::Everything => "*".to_owned(),
            Of::Type(name) => format!("t:{name}"),
            Of::Hexad(iid, _) => format!("h:{:010}", iid.0),
        };
        let modality = self.reach.modality.map_or("*", Modality::name);
        let rank = self.rank as u8;
        // The names come last: nothing can follow on them.
        format!(
            "{rank}\u{1f}{}\u{1f}{modality}\u{1f}{of}\u{1f}{}",
            self.right.name(),
            self.subject.key()
        )
    }

    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.push(u8::from(matches!(self.subject, Subject::Role(_))));
        codec::put_text(&mut out, self.subject.name());
        codec::put_text(&mut out, self.right.name());
        codec::put_text(&mut out, self.reach.modality.map_or("", Modality::name));
        match &self.reach.of {
            Of::Everything => out.push(0),
            Of::Type(name) => {
                out.push(1);
                codec::put_text(&mut out, name);
            }
            Of::Hexad(iid, id) => {
                out.push(2);
                codec::put_uint(&mut out, u64::from(iid.0));
                codec::put_text(&mut out, id);
            }
        }
        out.push(u8::from(self.effect == Effect::Deny));
        out.push(self.rank as u8);
        codec::put_text(&mut out, &self.by);
        codec::put_int(&mut out, self.at.0);
        out
    }

    /// The rule these bytes are of.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes, "rule");
        if reader.byte()? != VERSION {
            return Err(reader.damaged("is of a version nobody knows"));
        }
        let role = reader.flag()?;
        let name = reader.text()?.to_owned();
        let subject = if role { Subject::Role(name) } else { Subject::User(name) };
        let word = reader.text()?;
        let right = Right::from_name(word).ok_or_else(|| reader.damaged("allows nothing known"))?;
        let modality = match reader.text()? {
            "" => None,
            word => Some(
                Modality::from_keyword(word)
                    .ok_or_else(|| reader.damaged("is about no modality"))?,
            ),
        };
        let of = match reader.byte()? {
            0 => Of::Everything,
            1 => Of::Type(reader.text()?.to_owned()),
            2 => {
                let iid = Iid(reader.u32()?);
                Of::Hexad(iid, reader.text()?.to_owned())
            }
            _ => return Err(reader.damaged("is about nothing known")),
        };
        let effect = if reader.flag()? { Effect::Deny } else { Effect::Allow };
        let rank = if reader.flag()? { Rank::Admin } else { Rank::Owner };
        let by = reader.text()?.to_owned();
        let at = Timestamp(reader.int()?);
        reader.finish()?;
        Ok(Self { subject, right, reach: Reach { modality, of }, effect, rank, by, at })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::base::Kind;
    use crate::engine::base::codec::tests::damage;

    fn any_rule() -> impl Strategy<Value = Rule> {
        let subject = (any::<bool>(), "[a-z]{1,4}")
            .prop_map(|(role, name)| if role { Subject::Role(name) } else { Subject::User(name) });
        let right = prop_oneof![
            (0..3_usize).prop_map(|n| Right::Data(Level::ALL[n])),
            (0..Action::ACTS.len()).prop_map(|n| Right::Act(Action::ACTS[n])),
        ];
        let of = prop_oneof![
            Just(Of::Everything),
            "[A-Z]{1,3}".prop_map(Of::Type),
            (any::<u32>(), "[a-z]{1,3}").prop_map(|(n, id)| Of::Hexad(Iid(n), id)),
        ];
        let modality = prop::option::of((0..8_usize).prop_map(|n| Modality::ALL[n]));
        (subject, right, of, modality, any::<bool>(), any::<bool>(), any::<i64>()).prop_map(
            |(subject, right, of, modality, deny, admin, at)| Rule {
                subject,
                right,
                reach: Reach { modality, of },
                effect: if deny { Effect::Deny } else { Effect::Allow },
                rank: if admin { Rank::Admin } else { Rank::Owner },
                by: "root".to_owned(),
                at: Timestamp(at),
            },
        )
    }

    proptest! {
        #[test]
        fn reads_back_what_was_written(rule in any_rule()) {
            prop_assert_eq!(Rule::decode(&rule.encode()).unwrap(), rule);
        }

        #[test]
        fn damage_is_corruption_or_another_rule(
            rule in any_rule(),
            seed in prop::collection::vec(any::<(u16, u8)>(), 1..4),
        ) {
            if let Err(error) = Rule::decode(&damage(&rule.encode(), &seed)) {
                prop_assert_eq!(error.kind, Kind::Corruption);
            }
        }

        #[test]
        fn only_rules_that_speak_of_the_same_replace_each_other(a in any_rule(), b in any_rule()) {
            let of = |rule: &Rule| {
                let of = match &rule.reach.of {
                    Of::Hexad(iid, _) => Of::Hexad(*iid, String::new()),
                    other => other.clone(),
                };
                (rule.subject.clone(), rule.right, rule.reach.modality, of, rule.rank)
            };
            prop_assert_eq!(a.key() == b.key(), of(&a) == of(&b));
        }
    }
}
