//! The statements about who may do what.

use super::{Assignment, IdRef, ModalityRef, Name, Source};

/// `GRANT read, write ON DOCUMENT OF TYPE Person TO ROLE editors`, and its sisters `DENY` and
/// `REVOKE`; with `ROLE` in place of rights: who is in which roles.
#[derive(Clone, Debug, PartialEq)]
pub struct Permission {
    /// `ROLE`: what follows are roles.
    pub roles: bool,
    /// What is allowed, or the roles.
    pub privileges: Vec<Name>,
    /// Only this modality.
    pub modality: Option<ModalityRef>,
    /// Of what; `None` is all data.
    pub of: Option<PermissionOf>,
    /// To or from whom.
    pub principal: Grantee,
}

/// What a permission is about.
#[derive(Clone, Debug, PartialEq)]
pub enum PermissionOf {
    /// `TYPE name`
    Type(IdRef),
    /// `HEXADS`, `HEXAD id`, `STORE name`, `FEDERATION ..`
    Source(Source),
}

/// Somebody, or everybody in a role.
#[derive(Clone, Debug, PartialEq)]
pub struct Grantee {
    /// `ROLE`
    pub role: bool,
    /// The name.
    pub name: IdRef,
}

/// `CREATE ROLE name`, `DROP ROLE [IF EXISTS] name`
#[derive(Clone, Debug, PartialEq)]
pub enum RoleStatement {
    /// `CREATE ROLE`
    Create(Name),
    /// `DROP ROLE`
    Drop {
        /// Its name.
        name: Name,
        /// `IF EXISTS`
        if_exists: bool,
    },
}

/// `CREATE KEY FOR name [WITH ..]`, `ROTATE KEY id [WITH ..]`, `DROP KEY id`
#[derive(Clone, Debug, PartialEq)]
pub enum KeyStatement {
    /// `CREATE KEY`
    Create {
        /// Whose.
        principal: IdRef,
        /// `WITH name = value, ..`
        params: Vec<Assignment>,
    },
    /// `ROTATE KEY`
    Rotate {
        /// Which.
        key: IdRef,
        /// `WITH name = value, ..`
        params: Vec<Assignment>,
    },
    /// `DROP KEY`
    Drop(IdRef),
}

impl RoleStatement {
    /// The words it starts with.
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Create(_) => "CREATE ROLE",
            Self::Drop { .. } => "DROP ROLE",
        }
    }
}

impl KeyStatement {
    /// The words it starts with.
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Create { .. } => "CREATE KEY",
            Self::Rotate { .. } => "ROTATE KEY",
            Self::Drop(_) => "DROP KEY",
        }
    }
}
