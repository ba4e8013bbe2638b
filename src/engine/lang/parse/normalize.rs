//! `NORMALIZE`, `REVERT`, `RESOLVE`, and the policies they follow.

use super::expected::Class;
use super::parser::Parser;
use crate::engine::base::Kind;
use crate::engine::lang::ast::{
    CreatePolicy, DropPolicy, Name, Normalize, PolicyPart, PolicyScope, Resolution, Resolve,
    Revert, StatementKind as S,
};
use crate::engine::lang::diag::Diagnostic;
use crate::engine::lang::kind::{Kw, SyntaxKind as K};

impl Parser<'_> {
    /// `"NORMALIZE" ("HEXAD" id | "ALL") { where | "FROM" MODALITY | "USING" "STRATEGY" name |
    /// "DRY" "RUN" }`, each once.
    pub(super) fn normalize(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let mut normalize = Normalize::default();
        if self.eat(Kw::Hexad) {
            normalize.id = self.id(Class::HexadId);
        } else {
            self.expect(Kw::All);
        }
        self.close();
        while !self.panicking {
            let start = self.start();
            let twice = if let Some(condition) = self.where_clause() {
                normalize.condition.replace(condition).is_some()
            } else if self.at(Kw::From) {
                self.open(K::Option);
                self.bump_as(K::Keyword);
                let from = self.modality();
                self.close();
                from.is_some_and(|from| normalize.from.replace(from).is_some())
            } else if let Some(name) = self.strategy() {
                normalize.strategy.replace(name).is_some()
            } else if self.at(Kw::Dry) {
                self.open(K::Option);
                self.bump_as(K::Keyword);
                self.expect(Kw::Run);
                self.close();
                std::mem::replace(&mut normalize.dry_run, true)
            } else {
                break;
            };
            if twice {
                let span = self.since(start);
                let message = "this clause of NORMALIZE is given twice";
                self.note(Diagnostic::error(Kind::UnexpectedToken, span, message));
            }
        }
        S::Normalize(Box::new(normalize))
    }

    /// `"REVERT" "NORMALIZATION" id ["FORCE"]`
    pub(super) fn revert(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let entry = if self.expect(Kw::Normalization) { self.id(Class::Name) } else { None };
        let force = !self.panicking && self.eat(Kw::Force);
        self.close();
        entry.map_or(S::Error, |entry| S::Revert(Revert { entry, force }))
    }

    /// `"RESOLVE" "CONFLICT" id ("KEEP" (MODALITY | name) | "SET" .. | "DISMISS")`
    pub(super) fn resolve(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let conflict = if self.expect(Kw::Conflict) { self.id(Class::Name) } else { None };
        let mut resolution = None;
        if !self.panicking && self.eat(Kw::Keep) {
            resolution = match self.at_modality() {
                Some(modality) => Some(Resolution::KeepModality(modality)),
                None => self.name(Class::Name).map(Resolution::Keep),
            };
        } else if !self.panicking && self.eat(Kw::Dismiss) {
            resolution = Some(Resolution::Dismiss);
        }
        self.close();
        if resolution.is_none() && !self.panicking {
            resolution = Some(Resolution::Set(self.set_clause()));
        }
        match (conflict, resolution) {
            (Some(conflict), Some(resolution)) => S::Resolve(Resolve { conflict, resolution }),
            _ => S::Error,
        }
    }

    /// `"POLICY" name "FOR" ("ALL" | "TYPE" id | "HEXAD" id) "AS" part { "," part }`, behind
    /// `CREATE [OR REPLACE] POLICY`; closes the head.
    pub(super) fn create_policy(&mut self, or_replace: bool) -> S {
        let name = self.name(Class::Name);
        let scope =
            if !self.panicking && self.expect(Kw::For) { self.policy_scope() } else { None };
        let body = !self.panicking && self.expect(Kw::As);
        let mut parts = Vec::new();
        while body && !self.panicking {
            self.open(K::Assignment);
            let part = self.policy_part();
            self.close();
            parts.extend(part);
            if !self.eat_sign(K::Comma) {
                break;
            }
        }
        self.close();
        match (name, scope) {
            (Some(name), Some(scope)) if body => {
                S::CreatePolicy(Box::new(CreatePolicy { name, or_replace, scope, parts }))
            }
            _ => S::Error,
        }
    }

    /// `"POLICY" ["IF" "EXISTS"] name`, behind `DROP POLICY`.
    pub(super) fn drop_policy(&mut self) -> Option<S> {
        let if_exists = self.eat(Kw::If) && self.expect(Kw::Exists);
        let name = self.name(Class::Name)?;
        Some(S::DropPolicy(DropPolicy { name, if_exists }))
    }

    fn policy_scope(&mut self) -> Option<PolicyScope> {
        if self.eat(Kw::All) {
            Some(PolicyScope::All)
        } else if self.eat(Kw::Type) {
            self.id(Class::Name).map(PolicyScope::Type)
        } else if self.expect(Kw::Hexad) {
            self.id(Class::HexadId).map(PolicyScope::Hexad)
        } else {
            None
        }
    }

    /// `name { "." name } "=" value`; a bare word is text.
    fn policy_part(&mut self) -> Option<PolicyPart> {
        let mut key: Name = self.any_name(Class::Name)?;
        while self.eat_sign(K::Dot) {
            let part = self.any_name(Class::Name)?;
            key.text = format!("{}.{}", key.text, part.text);
            key.span = key.span.to(part.span);
        }
        self.expect_sign(K::Equal).then_some(())?;
        let value = self.parameter_value();
        Some(PolicyPart { key, value })
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::lang::ast::{PolicyScope, StatementKind};
    use crate::engine::lang::parse;

    fn one(text: &str) -> StatementKind {
        let parsed = parse(text);
        assert!(parsed.is_ok(), "{text}: {:?}", parsed.diagnostics);
        parsed.script.statements.into_iter().next().unwrap().kind
    }

    #[test]
    fn clauses_of_normalize_stand_in_any_order_and_once() {
        let forward = "NORMALIZE ALL WHERE year > 3 FROM DOCUMENT USING STRATEGY merge DRY RUN";
        let StatementKind::Normalize(normalize) = one(forward) else { panic!("{forward}") };
        assert!(normalize.id.is_none() && normalize.condition.is_some() && normalize.dry_run);
        assert!(normalize.from.is_some() && normalize.strategy.is_some());
        one("NORMALIZE HEXAD a DRY RUN USING STRATEGY merge FROM GRAPH");
        assert!(!parse("NORMALIZE ALL DRY RUN DRY RUN").is_ok());
        assert!(!parse("NORMALIZE ALL DRY").is_ok());
    }

    #[test]
    fn policies_have_dotted_keys_and_lists() {
        let text = "CREATE OR REPLACE POLICY p FOR TYPE 'schema:Person' AS \
                    authority = ['graph', 'document'], strategy.vector = merge, rate = 10";
        let StatementKind::CreatePolicy(policy) = one(text) else { panic!("{text}") };
        assert!(policy.or_replace && matches!(policy.scope, PolicyScope::Type(_)));
        let keys: Vec<&str> = policy.parts.iter().map(|part| part.key.text.as_str()).collect();
        assert_eq!(keys, ["authority", "strategy.vector", "rate"]);
        assert!(!parse("CREATE POLICY p FOR ALL AS").is_ok());
        assert!(!parse("CREATE POLICY p FOR document AS rate = 1").is_ok());
        one("DROP POLICY IF EXISTS p");
        one("REVERT NORMALIZATION n-4 FORCE");
        one("RESOLVE CONFLICT c-1 DISMISS");
    }
}
