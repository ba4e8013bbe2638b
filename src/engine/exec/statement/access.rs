//! `GRANT`, `DENY`, `REVOKE`, roles, and what is shown of them. What a rule means is said in
//! [`crate::engine::auth`]; here it is decided who may make one, and it is written.

use crate::engine::auth::book::{self, Membership, Said};
use crate::engine::auth::{
    ADMIN, Action, BUILT_IN, Effect, Level, Of, Principal, Rank, Reach, Reason, Resource, Right,
    Rule, Subject, built_in,
};
use crate::engine::base::{Error, Iid, Kind, Modality, Result, Span, Value};
use crate::engine::exec::statement::{Job, done, table};
use crate::engine::lang::ast::{
    Grantee, IdRef, Name, Permission, PermissionOf, RoleStatement, SourceKind,
};
use crate::engine::modality::semantic;
use crate::engine::outcome::{Notice, Outcome};
use crate::engine::store::{CatalogOp, Space, View};

/// What is done with a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `GRANT`
    Grant,
    /// `DENY`
    Deny,
    /// `REVOKE`
    Revoke,
}

/// By what authority somebody makes a rule.
struct Authority {
    rank: Rank,
    /// In whose name.
    by: String,
}

/// `GRANT`, `DENY`, `REVOKE`
pub fn permission(
    job: &Job<'_>,
    verb: Verb,
    permission: &Permission,
    span: Span,
) -> Result<Outcome> {
    let tag = match verb {
        Verb::Grant => "GRANT",
        Verb::Deny => "DENY",
        Verb::Revoke => "REVOKE",
    };
    job.alone(tag, span)?;
    let changed = job.write(|view, draft| {
        let ops = if permission.roles {
            memberships(job, view, verb, permission, span)?
        } else {
            rules(job, view, verb, permission, span)?
        };
        let mut changed = 0;
        for op in ops {
            let _bare = view.bare();
            // What is there already, or is not there, is no change.
            let now = match &op {
                CatalogOp::Set { space, name, .. } | CatalogOp::Unset { space, name } => {
                    view.entry(*space, name)?
                }
                _ => None,
            };
            if now.is_some() || matches!(op, CatalogOp::Set { .. }) {
                changed += 1;
                draft.catalog(op);
            }
        }
        Ok(changed)
    })?;
    job.shared.access.changed();
    let mut outcome = Outcome { affected: Some(changed), ..done(tag) };
    if changed == 0 {
        outcome.notices.push(Notice {
            message: "nothing of that was granted or denied: nothing is changed".to_owned(),
            span: Some(span),
            hint: Some("SHOW GRANTS lists the rules; a role may still allow it".to_owned()),
        });
    }
    Ok(outcome)
}

fn subject(job: &Job<'_>, view: &View, grantee: &Grantee) -> Result<Subject> {
    let name = job.lower(view, |l| l.id(&grantee.name))?;
    let at = |error: Error| error.at(grantee.name.span);
    if grantee.role {
        let _bare = view.bare();
        if !book::is_role(view, &name)? {
            return Err(at(no_role(&name)));
        }
        return Ok(Subject::Role(name));
    }
    Principal::named(name.as_str()).map_err(|error| at(error.into()))?;
    Ok(Subject::User(name))
}

fn no_role(name: &str) -> Error {
    Error::new(Kind::NotFound, format!("no role is called `{name}`"))
        .hint("SHOW ROLES lists them; CREATE ROLE makes one")
}

fn name_of(job: &Job<'_>) -> String {
    job.who.who().name().map_or_else(|| job.shared.options.author().to_owned(), str::to_owned)
}

// ----- who is in which role

fn memberships(
    job: &Job<'_>,
    view: &View,
    verb: Verb,
    permission: &Permission,
    span: Span,
) -> Result<Vec<CatalogOp>> {
    let at = |error: Error| error.at(span);
    job.who.authorize(Action::Grant, Resource::Database).map_err(at)?;
    let member = subject(job, view, &permission.principal)?;
    let _bare = view.bare();
    let mut ops = Vec::new();
    for role in &permission.privileges {
        if !book::is_role(view, &role.text)? {
            return Err(no_role(&role.text).at(role.span));
        }
        if role.text == crate::engine::auth::EVERYONE {
            let message = "everybody is in the role everyone, always";
            return Err(Error::new(Kind::ConstraintViolation, message).at(role.span));
        }
        if verb == Verb::Revoke {
            ops.push(book::leave(&member, &role.text));
            continue;
        }
        if let Subject::Role(inner) = &member {
            let all = book::memberships(view)?;
            let leads = book::closure(&all, Subject::Role(role.text.clone()), &[]);
            if *inner == role.text || leads.contains(inner) {
                let message = format!("the role {inner} would be in itself");
                return Err(Error::new(Kind::CycleDetected, message).at(role.span));
            }
        }
        let said = Said { by: name_of(job), at: job.now };
        let membership = Membership { member: member.clone(), role: role.text.clone(), said };
        ops.push(book::join(&membership));
    }
    Ok(ops)
}

/// `CREATE ROLE`, `DROP ROLE`
pub fn role(job: &Job<'_>, statement: &RoleStatement, span: Span) -> Result<Outcome> {
    job.alone(statement.keyword(), span)?;
    job.who.authorize(Action::Grant, Resource::Database).map_err(|error| error.at(span))?;
    let outcome = match statement {
        RoleStatement::Create(name) => create_role(job, name),
        RoleStatement::Drop { name, if_exists } => drop_role(job, name, *if_exists),
    };
    job.shared.access.changed();
    outcome
}

fn create_role(job: &Job<'_>, name: &Name) -> Result<Outcome> {
    let checked = Principal::named(name.text.as_str());
    checked.map_err(|error| Error::from(error).at(name.span))?;
    job.write(|view, draft| {
        let _bare = view.bare();
        if book::is_role(view, &name.text)? {
            let message = format!("role `{}` exists already", name.text);
            return Err(Error::new(Kind::InsertConflict, message).at(name.span));
        }
        draft.catalog(book::create_role(&name.text, &Said { by: name_of(job), at: job.now }));
        Ok(())
    })?;
    Ok(done("CREATE ROLE"))
}

/// With a role go its members and the rules about it: one of the same name begins with nothing.
fn drop_role(job: &Job<'_>, name: &Name, if_exists: bool) -> Result<Outcome> {
    if built_in(&name.text).is_some() {
        let message = format!("the role {} is built in", name.text);
        return Err(Error::new(Kind::ConstraintViolation, message).at(name.span));
    }
    job.write(|view, draft| {
        let _bare = view.bare();
        if !book::is_role(view, &name.text)? {
            return if if_exists { Ok(()) } else { Err(no_role(&name.text).at(name.span)) };
        }
        let gone = Subject::Role(name.text.clone());
        for membership in book::memberships(view)? {
            if membership.role == name.text || membership.member == gone {
                draft.catalog(book::leave(&membership.member, &membership.role));
            }
        }
        for rule in book::rules(view)?.iter().filter(|rule| rule.subject == gone) {
            draft.catalog(book::remove(rule));
        }
        draft.catalog(CatalogOp::Unset { space: Space::Role, name: name.text.clone() });
        Ok(())
    })?;
    Ok(done("DROP ROLE"))
}

// ----- rules

fn rules(
    job: &Job<'_>,
    view: &View,
    verb: Verb,
    permission: &Permission,
    span: Span,
) -> Result<Vec<CatalogOp>> {
    let subject = subject(job, view, &permission.principal)?;
    if verb == Verb::Deny && matches!(&subject, Subject::Role(name) if name == ADMIN) {
        let message = "nothing can be denied to the role admin";
        return Err(Error::new(Kind::ConstraintViolation, message)
            .at(permission.principal.name.span)
            .hint("REVOKE ROLE admin takes somebody out of it"));
    }
    let reach = reach(job, view, permission)?;
    let mut ops = Vec::new();
    for privilege in &permission.privileges {
        let right = right(privilege, permission)?;
        let authority = authority(job, view, right, &reach).map_err(|error| error.at(span))?;
        let rule = |rank: Rank| Rule {
            subject: subject.clone(),
            right,
            reach: reach.clone(),
            effect: if verb == Verb::Deny { Effect::Deny } else { Effect::Allow },
            rank,
            by: authority.by.clone(),
            at: job.now,
        };
        match (verb, authority.rank) {
            (Verb::Revoke, Rank::Admin) => {
                ops.extend([Rank::Admin, Rank::Owner].map(|rank| book::remove(&rule(rank))));
            }
            (Verb::Revoke, Rank::Owner) => ops.push(book::remove(&rule(Rank::Owner))),
            (_, rank) => ops.push(book::put(&rule(rank))),
        }
    }
    Ok(ops)
}

fn right(word: &Name, permission: &Permission) -> Result<Right> {
    let Some(right) = Right::from_name(&word.text) else {
        let levels = Level::ALL.iter().map(|level| level.name());
        let words: Vec<&str> =
            levels.chain(Action::ACTS.iter().map(|action| action.name())).collect();
        let message = format!("there is no right `{}`", word.text);
        return Err(Error::new(Kind::InvalidInput, message)
            .at(word.span)
            .hint(format!("rights: {}; GRANT ROLE puts somebody into a role", words.join(", "))));
    };
    let about = permission.modality.is_some() || permission.of.is_some();
    if matches!(right, Right::Act(_)) && about {
        let message =
            format!("{} is a right on the database and not on a part of it", right.name());
        return Err(Error::new(Kind::InvalidInput, message).at(word.span).hint("leave out ON .."));
    }
    Ok(right)
}

fn reach(job: &Job<'_>, view: &View, permission: &Permission) -> Result<Reach> {
    let mut modality = permission.modality.map(|modality| modality.modality);
    let of = match &permission.of {
        None => Of::Everything,
        Some(PermissionOf::Type(name)) => Of::Type(job.lower(view, |l| l.id(name))?),
        Some(PermissionOf::Source(source)) => match &source.kind {
            SourceKind::Hexad(Some(id)) => {
                let (iid, name) = hexad(job, view, id)?;
                Of::Hexad(iid, name)
            }
            SourceKind::Hexad(None) => Of::Everything,
            SourceKind::Collection { name, instance: None }
                if name.is("hexads") || name.is("entities") =>
            {
                Of::Everything
            }
            SourceKind::Store(id) => {
                let name = job.lower(view, |l| l.id(id))?;
                let Some(of) = Modality::from_keyword(&name) else {
                    let message = format!("no store is called `{name}`");
                    return Err(Error::new(Kind::UnknownSource, message)
                        .at(id.span)
                        .hint("SHOW STORES lists them"));
                };
                modality = Some(of);
                Of::Everything
            }
            SourceKind::Federation(_)
            | SourceKind::Reflect
            | SourceKind::Legacy { .. }
            | SourceKind::Collection { .. }
            | SourceKind::Error => {
                return Err(Error::not_supported("a permission on this source", source.span));
            }
        },
    };
    Ok(Reach { modality, of })
}

/// A hexad that whoever asks may see.
fn hexad(job: &Job<'_>, view: &View, id: &IdRef) -> Result<(Iid, String)> {
    let name = job.lower(view, |l| l.id(id))?;
    if let Some(iid) = view.iid(&name)? {
        Ok((iid, name))
    } else {
        let message = format!("there is no hexad `{name}`");
        Err(Error::new(Kind::NotFound, message).at(id.span))
    }
}

fn types_of(view: &View, iid: Iid) -> Result<Vec<String>> {
    Ok(match view.record(Modality::Semantic, iid)? {
        Some(record) => semantic::codec::decode(&record.body)?.types,
        None => Vec::new(),
    })
}

/// Whether whoever runs the statement may make such a rule, and in whose name.
fn authority(job: &Job<'_>, view: &View, right: Right, reach: &Reach) -> Result<Authority> {
    let admin = || Authority { rank: Rank::Admin, by: name_of(job) };
    if job.who.decide(Action::Grant, Resource::Database).allowed {
        return Ok(admin());
    }
    let Right::Data(level) = right else {
        return Err(job.who.refusal(Action::Grant, Resource::Database));
    };
    let _bare = view.bare();
    let modalities: Vec<Modality> = match reach.modality {
        Some(modality) => vec![modality],
        None => Modality::ALL.to_vec(),
    };
    let (types, owner) = match &reach.of {
        Of::Hexad(iid, _) => (types_of(view, *iid)?, book::owner_of(view, *iid)?),
        Of::Everything | Of::Type(_) => (Vec::new(), None),
    };
    let resource = match &reach.of {
        Of::Everything => Resource::Database,
        Of::Type(name) => Resource::Type(name),
        Of::Hexad(iid, id) => {
            Resource::Hexad { iid: Some(*iid), id, types: &types, owner: owner.as_deref() }
        }
    };
    let mut rank = Rank::Admin;
    for modality in modalities {
        let decision = job.who.decide(Action::Administer(modality), resource);
        if !decision.allowed {
            return Err(job.who.refusal(Action::Administer(modality), resource));
        }
        let of_owner = match &decision.reason {
            Reason::Owner => true,
            Reason::Rule(rule) => rule.rank == Rank::Owner,
            _ => false,
        };
        if of_owner {
            rank = Rank::Owner;
        }
    }
    let Some(owner) = owner.filter(|_| rank == Rank::Owner) else { return Ok(admin()) };
    if job.who.range().is_none_or(|range| level > range) {
        let range = job.who.range().map_or("nothing", Level::name);
        let message = format!("owners may not grant or deny {}", level.name());
        return Err(Error::new(Kind::PermissionDenied, message)
            .hint(format!("the setting owner_grants leaves them {range} and what is below it")));
    }
    Ok(Authority { rank, by: owner })
}

// ----- what is shown

fn limited(job: &Job<'_>, action: Action) -> Option<String> {
    let all = job.who.decide(action, Resource::Database).allowed;
    if all { None } else { job.who.who().name().map(str::to_owned) }
}

fn wanted(job: &Job<'_>, view: &View, subject: Option<&IdRef>) -> Result<Option<String>> {
    subject.map(|id| job.lower(view, |l| l.id(id))).transpose()
}

/// `SHOW GRANTS [name]`: of everybody, or of whoever asks.
pub fn grants(job: &Job<'_>, view: &View, subject: Option<&IdRef>) -> Result<Outcome> {
    let own = limited(job, Action::Grant);
    let wanted = wanted(job, view, subject)?;
    if let (Some(own), Some(wanted)) = (&own, &wanted)
        && own != wanted
    {
        return Err(job.who.refusal(Action::Grant, Resource::Database));
    }
    let wanted = wanted.or(own);
    let _bare = view.bare();
    let about = |who: &Subject| {
        wanted.as_deref().is_none_or(|wanted| match who {
            Subject::User(name) => name == wanted,
            Subject::Role(name) => {
                name == wanted
                    || job.who.who().name() == Some(wanted) && job.who.roles().contains(name)
            }
        })
    };
    let mut rows = Vec::new();
    for membership in book::memberships(view)?.into_iter().filter(|m| about(&m.member)) {
        rows.push(vec![
            membership.member.to_string().into(),
            "allow".into(),
            format!("role {}", membership.role).into(),
            Value::Null,
            membership.said.by.into(),
            "administrator".into(),
            Value::Time(membership.said.at),
        ]);
    }
    for rule in book::rules(view)?.into_iter().filter(|rule| about(&rule.subject)) {
        let on = match rule.right {
            Right::Data(_) => Value::Text(rule.reach.to_string()),
            Right::Act(_) => Value::Null,
        };
        let rank = if rule.rank == Rank::Admin { "administrator" } else { "owner" };
        rows.push(vec![
            rule.subject.to_string().into(),
            rule.effect.name().into(),
            rule.right.name().into(),
            on,
            rule.by.into(),
            rank.into(),
            Value::Time(rule.at),
        ]);
    }
    let columns = ["to", "effect", "right", "on", "by", "rank", "since"];
    Ok(table("SHOW GRANTS", &columns, rows))
}

/// `SHOW ROLES`
pub fn roles(job: &Job<'_>, view: &View) -> Result<Outcome> {
    let own = limited(job, Action::Grant);
    let _bare = view.bare();
    let memberships = book::memberships(view)?;
    let members = |role: &str| {
        let of_role = memberships.iter().filter(|m| m.role == role);
        let seen = of_role.filter(|m| own.as_deref().is_none_or(|own| m.member.name() == own));
        Value::List(seen.map(|m| m.member.to_string().into()).collect())
    };
    let mut rows = Vec::new();
    for role in BUILT_IN {
        rows.push(vec![role.name.into(), Value::Bool(true), members(role.name), role.about.into()]);
    }
    for (name, said) in book::roles(view)? {
        if own.is_none() || job.who.roles().contains(&name) {
            let about = format!("made by {}", said.by);
            rows.push(vec![name.as_str().into(), Value::Bool(false), members(&name), about.into()]);
        }
    }
    Ok(table("SHOW ROLES", &["role", "built_in", "members", "about"], rows))
}

/// `SHOW ACCESS FOR name ON HEXAD id`: every decision about one entity, with its reason.
pub fn explain(
    job: &Job<'_>,
    view: &View,
    subject: Option<&IdRef>,
    on: Option<&IdRef>,
    span: Span,
) -> Result<Outcome> {
    let (Some(subject), Some(on)) = (subject, on) else {
        return Err(
            Error::new(Kind::UnexpectedToken, "SHOW ACCESS FOR whom ON which hexad").at(span)
        );
    };
    let name = job.lower(view, |l| l.id(subject))?;
    let (iid, id) = hexad(job, view, on)?;
    let _bare = view.bare();
    let owner = book::owner_of(view, iid)?;
    let own = job.who.who().name();
    let may = own == Some(name.as_str())
        || own.is_some() && own == owner.as_deref()
        || job.who.decide(Action::Grant, Resource::Database).allowed;
    if !may {
        return Err(job.who.refusal(Action::Grant, Resource::Database).at(span));
    }
    let who = Principal::named(name).map_err(|error| Error::from(error).at(subject.span))?;
    // Of oneself with what one was let in by: the roles of a token, the scopes of a key.
    let rights = match own {
        Some(own) if who.name() == Some(own) => crate::engine::auth::Rights::clone(job.who),
        _ => book::rights(view, &who)?,
    };
    let types = types_of(view, iid)?;
    let resource =
        Resource::Hexad { iid: Some(iid), id: &id, types: &types, owner: owner.as_deref() };
    let mut rows = Vec::new();
    for level in Level::ALL {
        for modality in Modality::ALL {
            let decision = rights.decide(Action::of(level, modality), resource);
            rows.push(vec![
                level.name().into(),
                modality.name().into(),
                Value::Bool(decision.allowed),
                decision.reason.describe().into(),
            ]);
        }
    }
    Ok(table("SHOW ACCESS", &["right", "modality", "allowed", "why"], rows))
}
