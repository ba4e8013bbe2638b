//! Where rules, roles, members and owners are kept: entries of the catalogue, written through the log
//! like everything else. So they are in backups, and part of what a transaction writes; they are not
//! in snapshots: going back to one never gives back a right that was taken away.

use std::collections::BTreeSet;

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{Iid, Result, Timestamp};
use crate::engine::store::{CatalogOp, Space, View};

use super::action::Level;
use super::decide::Rights;
use super::principal::Principal;
use super::role::{EVERYONE, built_in};
use super::rule::{Rule, Subject};

/// The entry of the settings that says what owners may decide.
pub const RANGE: &str = "owner_grants";

/// The highest level owners of entities may decide about when nobody said.
pub const DEFAULT_RANGE: Level = Level::Write;

/// A membership or a role of its own: who said so, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Said {
    fn encode(&self) -> Vec<u8> {
        let mut out = vec![1];
        codec::put_text(&mut out, &self.by);
        codec::put_int(&mut out, self.at.0);
        out
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes, "role");
        if reader.byte()? != 1 {
            return Err(reader.damaged("is of a version nobody knows"));
        }
        let by = reader.text()?.to_owned();
        let at = Timestamp(reader.int()?);
        reader.finish()?;
        Ok(Self { by, at })
    }
}

/// Somebody, or a role, in a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Who is in it.
    pub member: Subject,
    /// In what.
    pub role: String,
    /// Who said so.
    pub said: Said,
}

fn member_name(member: &Subject, role: &str) -> String {
    format!("{}\u{1f}{role}", member.key())
}

/// What puts a member into a role.
pub fn join(membership: &Membership) -> CatalogOp {
    CatalogOp::Set {
        space: Space::Member,
        name: member_name(&membership.member, &membership.role),
        body: membership.said.encode(),
    }
}

/// What takes a member out of a role.
pub fn leave(member: &Subject, role: &str) -> CatalogOp {
    CatalogOp::Unset { space: Space::Member, name: member_name(member, role) }
}

/// What writes a rule in the place of any that says otherwise.
pub fn put(rule: &Rule) -> CatalogOp {
    CatalogOp::Set { space: Space::Rule, name: rule.key(), body: rule.encode() }
}

/// What takes a rule away.
pub fn remove(rule: &Rule) -> CatalogOp {
    CatalogOp::Unset { space: Space::Rule, name: rule.key() }
}

/// What makes a role.
pub fn create_role(name: &str, said: &Said) -> CatalogOp {
    CatalogOp::Set { space: Space::Role, name: name.to_owned(), body: said.encode() }
}

/// What makes somebody the owner of an entity.
pub fn own(iid: Iid, name: &str) -> CatalogOp {
    let body = name.as_bytes().to_vec();
    CatalogOp::Set { space: Space::Owner, name: owner_name(iid), body }
}

fn owner_name(iid: Iid) -> String {
    format!("{:010}", iid.0)
}

/// Who owns an entity.
pub fn owner_of(view: &View, iid: Iid) -> Result<Option<String>> {
    let body = view.entry(Space::Owner, &owner_name(iid))?;
    Ok(body.and_then(|body| String::from_utf8(body).ok()))
}

/// What `owner` owns.
pub fn owned_by(view: &View, owner: &str) -> Result<BTreeSet<Iid>> {
    let entries = view.entries(Space::Owner)?;
    let theirs = entries.into_iter().filter(|(_, body)| body == owner.as_bytes());
    Ok(theirs.filter_map(|(name, _)| name.parse().ok().map(Iid)).collect())
}

/// All rules.
pub fn rules(view: &View) -> Result<Vec<Rule>> {
    view.entries(Space::Rule)?.iter().map(|(_, body)| Rule::decode(body)).collect()
}

/// All memberships.
pub fn memberships(view: &View) -> Result<Vec<Membership>> {
    let mut all = Vec::new();
    for (name, body) in view.entries(Space::Member)? {
        let Some((member, role)) = name.split_once('\u{1f}') else { continue };
        let member = match member.split_once(':') {
            Some(("u", name)) => Subject::User(name.to_owned()),
            Some(("r", name)) => Subject::Role(name.to_owned()),
            _ => continue,
        };
        all.push(Membership { member, role: role.to_owned(), said: Said::decode(&body)? });
    }
    Ok(all)
}

/// The roles that are not built in, with who made them.
pub fn roles(view: &View) -> Result<Vec<(String, Said)>> {
    let entries = view.entries(Space::Role)?.into_iter();
    entries.map(|(name, body)| Ok((name, Said::decode(&body)?))).collect()
}

/// Whether a role exists.
pub fn is_role(view: &View, name: &str) -> Result<bool> {
    Ok(built_in(name).is_some() || view.entry(Space::Role, name)?.is_some())
}

/// The highest level owners may decide about.
pub fn range(view: &View) -> Result<Option<Level>> {
    Ok(match view.entry(Space::Setting, RANGE)? {
        None => Some(DEFAULT_RANGE),
        Some(body) => std::str::from_utf8(&body).ok().and_then(Level::from_name),
    })
}

/// Every role `first` leads to, over roles that are in roles.
pub fn closure(memberships: &[Membership], first: Subject, also: &[String]) -> BTreeSet<String> {
    let mut roles: BTreeSet<String> = also.iter().cloned().collect();
    let mut open: Vec<Subject> = also.iter().cloned().map(Subject::Role).collect();
    open.push(first);
    while let Some(member) = open.pop() {
        for membership in memberships.iter().filter(|m| m.member == member) {
            if roles.insert(membership.role.clone()) {
                open.push(Subject::Role(membership.role.clone()));
            }
        }
    }
    roles
}

/// What `who` may do, as this state of the database says.
pub fn rights(view: &View, who: &Principal) -> Result<Rights> {
    let Some(name) = who.name() else { return Ok(Rights::clone(Rights::of_owner())) };
    let me = Subject::User(name.to_owned());
    // A role that was dropped is nothing any more, whoever vouches for it.
    let mut vouched = Vec::new();
    for role in who.roles() {
        if is_role(view, role)? {
            vouched.push(role.clone());
        }
    }
    let roles = closure(&memberships(view)?, me.clone(), &vouched);
    let mut rules = rules(view)?;
    rules.retain(|rule| match &rule.subject {
        Subject::User(_) => rule.subject == me,
        Subject::Role(role) => role == EVERYONE || roles.contains(role),
    });
    Ok(Rights::of(who.clone(), roles, rules, range(view)?))
}
