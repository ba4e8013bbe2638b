//! Who may do what: `GRANT`, `DENY`, `REVOKE`, roles and keys.

use super::expected::Class;
use super::parser::Parser;
use crate::engine::lang::ast::{
    Grantee, IdRef, KeyStatement, Permission, PermissionOf, RoleStatement, StatementKind as S,
};
use crate::engine::lang::kind::{Kw, SyntaxKind as K};

impl Parser<'_> {
    /// `("GRANT" | "DENY" | "REVOKE") ["ROLE"] word { "," word } [permission_on]
    /// ("TO" | "FROM") grantee`
    pub(super) fn permission(&mut self, kw: Kw) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let permission = self.permission_body(kw).map(Box::new);
        self.close();
        match (permission, kw) {
            (Some(permission), Kw::Grant) => S::Grant(permission),
            (Some(permission), Kw::Deny) => S::Deny(permission),
            (Some(permission), _) => S::Revoke(permission),
            (None, _) => S::Error,
        }
    }

    fn permission_body(&mut self, kw: Kw) -> Option<Permission> {
        self.expected.keyword(Kw::Role);
        let roles = kw != Kw::Deny && self.at(Kw::Role) && self.nth_kind(1) == K::Word;
        if roles {
            self.bump_as(K::Keyword);
        }
        let mut privileges = vec![self.any_name(Class::Name)?];
        while self.eat_sign(K::Comma) {
            privileges.push(self.any_name(Class::Name)?);
        }
        let (mut modality, mut of) = (None, None);
        if !roles && !self.panicking && self.eat(Kw::On) {
            modality = self.at_modality();
            if modality.is_none() || self.eat(Kw::Of) {
                of = Some(self.permission_of()?);
            }
        }
        let to = if kw == Kw::Revoke { Kw::From } else { Kw::To };
        (!self.panicking && self.expect(to)).then_some(())?;
        let principal = self.grantee()?;
        Some(Permission { roles, privileges, modality, of, principal })
    }

    /// `"TYPE" name | source`
    fn permission_of(&mut self) -> Option<PermissionOf> {
        self.expected.keyword(Kw::Type);
        if self.at(Kw::Type) && matches!(self.nth_kind(1), K::Word | K::String | K::Param) {
            self.bump_as(K::Keyword);
            return self.id(Class::Name).map(PermissionOf::Type);
        }
        let source = self.source();
        (!self.panicking).then_some(PermissionOf::Source(source))
    }

    /// `["ROLE"] name`
    fn grantee(&mut self) -> Option<Grantee> {
        self.expected.keyword(Kw::Role);
        let role = self.at(Kw::Role) && matches!(self.nth_kind(1), K::Word | K::String | K::Param);
        if role {
            self.bump_as(K::Keyword);
        }
        let name = self.id(Class::Actor)?;
        Some(Grantee { role, name })
    }

    /// `("CREATE" | "DROP") "ROLE" ["IF" "EXISTS"] name`, behind `ROLE`.
    pub(super) fn role(&mut self, kw: Kw) -> Option<S> {
        if kw == Kw::Create {
            return self.name(Class::Name).map(|name| S::Role(RoleStatement::Create(name)));
        }
        let if_exists = self.eat(Kw::If) && self.expect(Kw::Exists);
        self.name(Class::Name).map(|name| S::Role(RoleStatement::Drop { name, if_exists }))
    }

    /// `"CREATE" "KEY" "FOR" name ["WITH" parameters]`, behind `KEY`; closes the head.
    pub(super) fn create_key(&mut self) -> S {
        let named = !self.panicking && self.expect(Kw::For);
        let principal = if named { self.id(Class::Actor) } else { None };
        self.close();
        let Some(principal) = principal else { return S::Error };
        let params = self.with_parameters();
        S::Key(Box::new(KeyStatement::Create { principal, params }))
    }

    /// `"DROP" "KEY" id`, behind `KEY`.
    pub(super) fn drop_key(&mut self) -> Option<S> {
        self.id(Class::Name).map(|key| S::Key(Box::new(KeyStatement::Drop(key))))
    }

    /// `"ROTATE" "KEY" id ["WITH" parameters]`
    pub(super) fn rotate(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let key = if self.expect(Kw::Key) { self.id(Class::Name) } else { None };
        self.close();
        let Some(key) = key else { return S::Error };
        let params = self.with_parameters();
        S::Key(Box::new(KeyStatement::Rotate { key, params }))
    }

    /// `"FOR" name "ON" "HEXAD" id`, behind `SHOW ACCESS`.
    pub(super) fn show_access(&mut self) -> (Option<IdRef>, Option<IdRef>) {
        if !self.expect(Kw::For) {
            return (None, None);
        }
        let principal = self.id(Class::Actor);
        let on = principal.is_some() && self.expect(Kw::On) && self.expect(Kw::Hexad);
        (principal, if on { self.id(Class::HexadId) } else { None })
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::lang::ast::{PermissionOf, ShowTarget, StatementKind};
    use crate::engine::lang::parse;

    fn one(text: &str) -> StatementKind {
        let parsed = parse(text);
        assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
        parsed.script.statements.into_iter().next().expect("one").kind
    }

    #[test]
    fn what_a_permission_is_about() {
        let StatementKind::Grant(p) = one("GRANT read, write ON DOCUMENT OF TYPE Person TO ROLE x")
        else {
            panic!()
        };
        assert_eq!(p.privileges.len(), 2);
        assert!(p.modality.is_some() && p.principal.role && !p.roles);
        assert!(matches!(p.of, Some(PermissionOf::Type(_))));
        let StatementKind::Deny(p) = one("DENY read ON HEXAD 'a' TO bob") else { panic!() };
        assert!(matches!(p.of, Some(PermissionOf::Source(_))) && p.modality.is_none());
        let StatementKind::Revoke(p) = one("REVOKE ROLE a, b FROM bob") else { panic!() };
        assert!(p.roles && p.privileges.len() == 2 && p.of.is_none());
        let StatementKind::Grant(p) = one("GRANT backup TO role") else { panic!() };
        assert!(!p.roles && !p.principal.role && p.of.is_none());
    }

    #[test]
    fn roles_keys_and_what_is_shown() {
        for text in [
            "CREATE ROLE editors",
            "DROP ROLE IF EXISTS editors",
            "CREATE KEY FOR 'ada lovelace' WITH scopes = 'read', expires = '2030-01-01'",
            "ROTATE KEY ab12cd34 WITH grace = '1h'",
            "DROP KEY 'ab12cd34'",
            "SHOW GRANTS alice",
            "SHOW ROLES",
            "SHOW KEYS",
            "SHOW AUDIT alice LIMIT 3",
        ] {
            one(text);
        }
        let StatementKind::Show(show) = one("SHOW ACCESS FOR alice ON HEXAD a-1") else { panic!() };
        assert_eq!(show.target, Some(ShowTarget::Access));
        assert!(show.subject.is_some() && show.on.is_some());
    }

    #[test]
    fn what_is_left_out_is_missed() {
        for text in [
            "GRANT read ON STORE graph",
            "GRANT TO alice",
            "DENY ROLE x TO alice ON HEXAD a",
            "REVOKE read ON DOCUMENT TO alice",
            "CREATE KEY alice",
            "ROTATE KEY",
            "SHOW ACCESS",
            "SHOW ACCESS FOR alice",
            "DROP ROLE",
        ] {
            assert!(!parse(text).diagnostics.is_empty(), "{text}");
        }
    }
}
