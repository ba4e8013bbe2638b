//! Who acts.

use std::fmt;
use std::sync::Arc;

use crate::engine::base::{Error, Kind};

use super::action::Scope;

/// Bytes a name may have.
const LONGEST: usize = 128;

/// Who acts: the owner of the process that has the database open, or somebody with a name.
///
/// A principal says who somebody is, not what they may do: that is in the database, under the name, and
/// is looked up with every statement, so that what is revoked is gone at once. What an authenticator
/// adds (roles of a token, the scopes of a key) is carried along. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Principal(Option<Arc<Named>>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Named {
    name: String,
    roles: Vec<String>,
    scopes: Option<Vec<Scope>>,
    /// By what they were known: a key, a token, a certificate.
    by: String,
}

/// Why a name cannot be that of a principal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PrincipalError(&'static str);

impl From<PrincipalError> for Error {
    fn from(error: PrincipalError) -> Self {
        Self::new(Kind::InvalidInput, error.0)
    }
}

impl Principal {
    /// The owner of the process: may do everything, and is what an embedded database knows alone.
    pub const fn owner() -> Self {
        Self(None)
    }

    /// Somebody, by name: 1 to 128 bytes without control characters.
    pub fn named(name: impl Into<String>) -> Result<Self, PrincipalError> {
        let name = name.into();
        check_name(&name)?;
        let named = Named { name, roles: Vec::new(), scopes: None, by: String::new() };
        Ok(Self(Some(Arc::new(named))))
    }

    /// The same, also in these roles, as an authenticator vouches for. Of the owner: nothing changes.
    #[must_use]
    pub fn in_roles(mut self, roles: impl IntoIterator<Item = String>) -> Self {
        if let Some(named) = &mut self.0 {
            let named = Arc::make_mut(named);
            named.roles.extend(roles);
            named.roles.sort_unstable();
            named.roles.dedup();
        }
        self
    }

    /// The same, limited to these scopes and to those it was limited to before: an action must be
    /// covered by one of them as well. Of the owner: nothing changes.
    #[must_use]
    pub fn within(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        if let Some(named) = &mut self.0 {
            let named = Arc::make_mut(named);
            let mut scopes: Vec<Scope> = scopes.into_iter().collect();
            if let Some(before) = &named.scopes {
                scopes.retain(|scope| before.contains(scope));
            }
            scopes.sort_unstable();
            scopes.dedup();
            named.scopes = Some(scopes);
        }
        self
    }

    /// The same, and by what they were known (`key 1a2b3c4d`, `token`, `certificate`): for the audit log.
    #[must_use]
    pub fn known_by(mut self, by: impl Into<String>) -> Self {
        if let Some(named) = &mut self.0 {
            Arc::make_mut(named).by = by.into();
        }
        self
    }

    /// True for the owner of the process.
    pub fn is_owner(&self) -> bool {
        self.0.is_none()
    }

    /// The name; none of the owner of the process.
    pub fn name(&self) -> Option<&str> {
        self.0.as_ref().map(|named| named.name.as_str())
    }

    /// The roles somebody vouched for.
    pub fn roles(&self) -> &[String] {
        self.0.as_ref().map(|named| named.roles.as_slice()).unwrap_or_default()
    }

    /// What it is limited to, when it is.
    pub fn scopes(&self) -> Option<&[Scope]> {
        self.0.as_ref()?.scopes.as_deref()
    }

    /// By what they were known; empty when nobody said.
    pub fn by(&self) -> &str {
        self.0.as_ref().map(|named| named.by.as_str()).unwrap_or_default()
    }
}

/// Whether a user or role may be called so.
pub(super) fn check_name(name: &str) -> Result<(), PrincipalError> {
    if name.is_empty() {
        return Err(PrincipalError("the name of a principal may not be empty"));
    }
    if name.len() > LONGEST {
        return Err(PrincipalError("the name of a principal is longer than 128 bytes"));
    }
    if name.chars().any(char::is_control) {
        return Err(PrincipalError("the name of a principal holds a control character"));
    }
    Ok(())
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principal({self})")
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name().unwrap_or("(owner)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_only_ever_narrow() {
        let scope = |word: &str| Scope::parse(word).unwrap();
        let key = Principal::named("ada").unwrap().within([scope("read"), scope("write")]);
        let narrower = key.within([scope("read"), scope("grant")]);
        assert_eq!(narrower.scopes(), Some(&[scope("read")][..]));
    }

    #[test]
    fn the_owner_cannot_be_limited_and_has_no_name() {
        let owner = Principal::owner().in_roles(["reader".to_owned()]).within([]).known_by("x");
        assert!(owner.is_owner() && owner.name().is_none() && owner.scopes().is_none());
    }

    #[test]
    fn names_are_checked() {
        for name in ["", "a\nb", &"x".repeat(129)] {
            assert!(Principal::named(name).is_err(), "{name:?}");
        }
        assert_eq!(Principal::named("ada lovelace").unwrap().to_string(), "ada lovelace");
    }
}
