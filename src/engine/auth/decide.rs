//! The decision: may this principal do that, to this, and why.
//!
//! In this order, and the first that speaks decides:
//!
//! 1. the owner of the process may do everything;
//! 2. what the scopes of the key or token do not cover is denied;
//! 3. the role `admin` may do everything;
//! 4. rules of administrators: of those that match the deepest count (entity over type over all data,
//!    then one modality over all of them); among these, those for `everyone` only when no other
//!    speaks, and then *deny* wins. A denial ends it here: what an administrator denies no owner allows;
//! 5. the owner of an entity may do everything with it;
//! 6. rules of the owner of the entity, as far as the database leaves that to owners, in the order of 4;
//! 7. what 4 allowed is allowed; anything else is denied.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use crate::engine::base::{ContentHash, Error, Kind, Modality, Result};

use super::action::{Action, Level, Resource};
use super::principal::Principal;
use super::role::{ADMIN, EVERYONE, built_in};
use super::rule::{Effect, Of, Rank, Right, Rule, Subject};

/// What a principal has: everything a decision needs but the thing it is about.
#[derive(Clone, Debug)]
pub struct Rights {
    who: Principal,
    roles: BTreeSet<String>,
    admin: bool,
    /// The rules about them, whoever made them.
    rules: Vec<Rule>,
    /// The highest level an owner of an entity may decide about; none when owners may not.
    range: Option<Level>,
    identity: ContentHash,
    sees_all: bool,
}

/// An answer, with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Yes or no.
    pub allowed: bool,
    /// Why.
    pub reason: Reason,
}

/// What decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The owner of the process.
    Process,
    /// The scopes of the key do not cover it.
    Scopes,
    /// The role `admin`.
    Admin,
    /// A rule.
    Rule(Box<Rule>),
    /// A built-in role.
    Role(&'static str),
    /// They own the entity.
    Owner,
    /// Nothing allows it.
    Nothing,
}

impl Reason {
    /// In words.
    pub fn describe(&self) -> String {
        match self {
            Self::Process => "the owner of the process may do everything".to_owned(),
            Self::Scopes => "the scopes of the key do not cover it".to_owned(),
            Self::Admin => "the role admin may do everything".to_owned(),
            Self::Rule(rule) => {
                let whose = match rule.rank {
                    Rank::Admin => "administrator",
                    Rank::Owner => "owner",
                };
                let verb = match rule.effect {
                    Effect::Allow => "allows",
                    Effect::Deny => "denies",
                };
                format!(
                    "a rule of the {whose} {} {verb} {} on {} to {}",
                    rule.by,
                    rule.right.name(),
                    rule.reach,
                    rule.subject
                )
            }
            Self::Role(name) => format!("the role {name} may do it"),
            Self::Owner => "they own the entity".to_owned(),
            Self::Nothing => "nothing allows it".to_owned(),
        }
    }
}

/// How strongly something speaks: its depth, and whether it is for more than `everyone`.
type Strength = (u8, bool);

impl Rights {
    /// Those of the owner of the process.
    pub fn of_owner() -> &'static Arc<Self> {
        static OWNER: LazyLock<Arc<Rights>> = LazyLock::new(|| {
            Arc::new(Rights::of(Principal::owner(), BTreeSet::new(), Vec::new(), None))
        });
        &OWNER
    }

    /// Those of `who`, being in `roles`, by the `rules` that are about them.
    pub fn of(
        who: Principal,
        roles: BTreeSet<String>,
        mut rules: Vec<Rule>,
        range: Option<Level>,
    ) -> Self {
        rules.sort_by_cached_key(Rule::key);
        let mut bytes = format!("{who:?}\u{1f}{:?}\u{1f}{range:?}\u{1f}{roles:?}", who.scopes());
        for rule in &rules {
            bytes.push_str(&rule.key());
            bytes.push_str(rule.effect.name());
            bytes.push_str(&rule.by);
        }
        let identity = ContentHash::of(bytes.as_bytes());
        let admin = roles.contains(ADMIN);
        let mut rights = Self { who, roles, admin, rules, range, identity, sees_all: false };
        rights.sees_all = rights.hides_nothing();
        rights
    }

    /// Whose.
    pub fn who(&self) -> &Principal {
        &self.who
    }

    /// The roles they are in, `everyone` not among them.
    pub fn roles(&self) -> &BTreeSet<String> {
        &self.roles
    }

    /// The rules about them.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A name for what they may do: two principals, or two times, with the same one see the same.
    pub fn identity(&self) -> ContentHash {
        self.identity
    }

    /// The highest level the owner of an entity may grant and deny to others.
    pub fn range(&self) -> Option<Level> {
        self.range
    }

    /// Refuses what is not allowed, with `PermissionDenied`. For what must not be known to exist at
    /// all, look first whether it may be seen.
    pub fn authorize(&self, action: Action, resource: Resource<'_>) -> Result<()> {
        if self.decide(action, resource).allowed {
            return Ok(());
        }
        Err(self.refusal(action, resource))
    }

    /// The error of something that is not allowed. Says nothing about the data.
    pub fn refusal(&self, action: Action, resource: Resource<'_>) -> Error {
        let what = match resource {
            Resource::Database => String::new(),
            Resource::Type(name) => format!(" of type `{name}`"),
            Resource::Hexad { id, .. } => format!(" of `{id}`"),
        };
        let message = match action {
            Action::Data => format!("{} has no rights in this database", self.who),
            _ => format!("{} may not {action}{what}", self.who),
        };
        Error::new(Kind::PermissionDenied, message).hint(
            "whoever administers the database may GRANT it; SHOW GRANTS lists what you may do",
        )
    }

    /// May they?
    pub fn decide(&self, action: Action, resource: Resource<'_>) -> Decision {
        if self.who.is_owner() {
            return yes(Reason::Process);
        }
        if let Some(scopes) = self.who.scopes()
            && !scopes.iter().any(|scope| scope.covers(action))
        {
            return no(Reason::Scopes);
        }
        if self.admin {
            return yes(Reason::Admin);
        }
        match action.data() {
            Some((level, modality)) => self.decide_data(level, modality, resource),
            None if action == Action::Data => self.decide_entrance(),
            None => self.strongest(Rank::Admin, Right::Act(action), None, Resource::Database),
        }
    }

    fn decide_data(&self, level: Level, modality: Modality, resource: Resource<'_>) -> Decision {
        let right = Right::Data(level);
        let ruled = self.strongest(Rank::Admin, right, Some(modality), resource);
        if matches!(&ruled.reason, Reason::Rule(_)) && !ruled.allowed {
            return ruled;
        }
        if let Resource::Hexad { owner: Some(owner), .. } = resource {
            if self.who.name() == Some(owner) {
                return yes(Reason::Owner);
            }
            if self.range.is_some_and(|range| level <= range) {
                let own = self.strongest(Rank::Owner, right, Some(modality), resource);
                if matches!(&own.reason, Reason::Rule(_)) {
                    return own;
                }
            }
        }
        ruled
    }

    /// Let in is who may do anything at all.
    fn decide_entrance(&self) -> Decision {
        if let Some(role) = self.roles.iter().find_map(|role| built_in(role)) {
            return yes(Reason::Role(role.name));
        }
        let allows = |rule: &&Rule| rule.effect == Effect::Allow;
        match self.rules.iter().find(allows) {
            Some(rule) => yes(Reason::Rule(Box::new(rule.clone()))),
            None => no(Reason::Nothing),
        }
    }

    /// The rule of a rank that counts, or the built-in role when nothing is deeper.
    fn strongest(
        &self,
        rank: Rank,
        right: Right,
        modality: Option<Modality>,
        resource: Resource<'_>,
    ) -> Decision {
        let mut best: Option<(Strength, Decision)> = None;
        let mut offer = |strength: Strength, decision: Decision| {
            let stronger = match &best {
                None => true,
                Some((other, known)) => {
                    strength > *other || strength == *other && known.allowed && !decision.allowed
                }
            };
            if stronger {
                best = Some((strength, decision));
            }
        };
        if rank == Rank::Admin
            && let Some(role) = self.roles.iter().find_map(|role| {
                built_in(role).filter(|role| match right {
                    Right::Data(level) => role.levels.contains(&level),
                    Right::Act(action) => role.acts.contains(&action),
                })
            })
        {
            offer((0, true), yes(Reason::Role(role.name)));
        }
        for rule in &self.rules {
            if rule.rank == rank && rule.right == right && reaches(rule, modality, resource) {
                let everyone = matches!(&rule.subject, Subject::Role(name) if name == EVERYONE);
                let allowed = rule.effect == Effect::Allow;
                let reason = Reason::Rule(Box::new(rule.clone()));
                offer((rule.reach.depth(), !everyone), Decision { allowed, reason });
            }
        }
        best.map_or(no(Reason::Nothing), |(_, decision)| decision)
    }

    /// Whether nothing at all is hidden from them, so that no view of theirs needs a mask.
    pub fn sees_all(&self) -> bool {
        self.sees_all
    }

    fn hides_nothing(&self) -> bool {
        let denies =
            |rule: &Rule| rule.effect == Effect::Deny && rule.right == Right::Data(Level::Read);
        let everywhere = |modality| self.decide(Action::Read(modality), Resource::Database).allowed;
        self.who.is_owner()
            || Modality::ALL.into_iter().all(everywhere)
                && (self.admin || !self.rules.iter().any(denies))
    }

    /// Whether what they see depends on the types of an entity.
    pub fn by_type(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.reach.of, Of::Type(_)))
    }
}

/// Whether a rule speaks of this.
fn reaches(rule: &Rule, modality: Option<Modality>, resource: Resource<'_>) -> bool {
    if rule.reach.modality.is_some() && rule.reach.modality != modality {
        return false;
    }
    match (&rule.reach.of, resource) {
        (Of::Everything, Resource::Database | Resource::Type(_)) => true,
        (Of::Everything, Resource::Hexad { owner, .. }) => speaks_for(rule, owner),
        (Of::Type(name), Resource::Type(of)) => name == of,
        (Of::Type(name), Resource::Hexad { types, owner, .. }) => {
            speaks_for(rule, owner) && types.contains(name)
        }
        (Of::Hexad(iid, _), Resource::Hexad { iid: Some(of), owner, .. }) => {
            speaks_for(rule, owner) && *iid == of
        }
        _ => false,
    }
}

/// A rule an owner made counts while they are the owner.
fn speaks_for(rule: &Rule, owner: Option<&str>) -> bool {
    rule.rank == Rank::Admin || owner == Some(rule.by.as_str())
}

fn yes(reason: Reason) -> Decision {
    Decision { allowed: true, reason }
}

fn no(reason: Reason) -> Decision {
    Decision { allowed: false, reason }
}
