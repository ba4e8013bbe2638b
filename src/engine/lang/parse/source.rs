//! What `FROM` names, and what qualifies it.

use super::expected::Class;
use super::literal;
use super::parser::Parser;
use crate::engine::base::{Kind, Span};
use crate::engine::lang::ast::{
    AsOf, DriftPolicy, Federation, ModifierKind, Name, Source, SourceKind, SourceModifier,
};
use crate::engine::lang::diag::Diagnostic;
use crate::engine::lang::kind::{Kw, SyntaxKind as K};

impl Parser<'_> {
    /// `source = "HEXAD" [id] | "FEDERATION" .. | "STORE" id | "REFLECT" | legacy | collection`
    pub(super) fn source(&mut self) -> Source {
        let start = self.start();
        self.open(K::Source);
        let kind = self.source_kind();
        self.close();
        Source { kind, span: self.since(start) }
    }

    fn source_kind(&mut self) -> SourceKind {
        self.want(Class::Collection);
        if self.eat(Kw::Hexad) {
            let there = self.at_optional_id();
            self.want(Class::HexadId);
            let id = if there { self.id(Class::HexadId) } else { None };
            return SourceKind::Hexad(id);
        }
        if self.eat(Kw::Federation) {
            return self.federation().map_or(SourceKind::Error, SourceKind::Federation);
        }
        if self.eat(Kw::Store) {
            return self.id(Class::StoreName).map_or(SourceKind::Error, SourceKind::Store);
        }
        if self.at(Kw::Reflect) && self.nth_kind(1) != K::Param {
            self.bump_as(K::Keyword);
            return SourceKind::Reflect;
        }
        if self.kind() == K::LegacySource {
            return self.legacy_source();
        }
        self.expected.class(Class::LegacySource);
        self.collection()
    }

    /// `"verisim:" name [glob]`
    pub(super) fn legacy_source(&mut self) -> SourceKind {
        let leaf = self.bump();
        let text = self.text_of(leaf);
        let colon = text.find(':').map_or(0, |at| at + 1);
        let name = Name {
            text: text.get(colon..).unwrap_or("").to_owned(),
            span: Span::new(leaf.start + colon, leaf.end),
        };
        let glob = (self.kind() == K::Glob).then(|| self.bump_name(K::Glob));
        SourceKind::Legacy { name, glob }
    }

    /// `collection = name ["@" name]`, with or without blanks around the `@`.
    pub(super) fn collection(&mut self) -> SourceKind {
        let Some(name) = self.collection_name() else { return SourceKind::Error };
        let leaf = self.nth(0);
        let mut instance = None;
        if leaf.kind == K::Param && self.text_of(leaf).starts_with('@') {
            self.bump_as(K::Name);
            let text = self.text_of(leaf).get(1..).unwrap_or("").to_owned();
            instance = Some(Name { text, span: Span::new(leaf.start + 1, leaf.end) });
        } else if leaf.kind == K::Unknown && self.text_of(leaf) == "@" && self.at_instance() {
            self.bump_as(K::Name);
            instance = Some(self.bump_name(K::Name));
        }
        SourceKind::Collection { name, instance }
    }

    /// True when a name follows the `@`.
    fn at_instance(&mut self) -> bool {
        self.nth_kind(1) == K::Word && !self.nth_kw(1).is_some_and(Kw::is_reserved)
    }

    /// The name of a collection. `hexads` is the built-in one, whatever its case.
    pub(super) fn collection_name(&mut self) -> Option<Name> {
        self.want(Class::Collection);
        let leaf = self.nth(0);
        if leaf.kind == K::Word && !leaf.kw.is_some_and(Kw::is_reserved) {
            return Some(self.bump_name(K::Name));
        }
        let words = ["HEXAD", "FEDERATION", "STORE", "REFLECT", "a collection such as hexads"];
        self.unexpected_but(&words);
        None
    }

    /// `federation = glob | "[" id, .. "]" | "STORE" id "HEXAD" | "HEXAD" | name`
    fn federation(&mut self) -> Option<Federation> {
        self.want(Class::PeerPath);
        match self.kind() {
            K::Glob => Some(Federation::Glob(self.bump_name(K::Glob))),
            K::LeftBracket => Some(self.federation_nodes()),
            K::Word if self.at(Kw::Store) => {
                self.bump_as(K::Keyword);
                let store = self.id(Class::StoreName)?;
                self.expect(Kw::Hexad);
                Some(Federation::Store(store))
            }
            K::Word if self.at(Kw::Hexad) => {
                self.bump_as(K::Keyword);
                Some(Federation::Hexad)
            }
            K::Word if !self.kw().is_some_and(Kw::is_reserved) => {
                self.relex_word();
                Some(Federation::Named(self.bump_name(K::Id)))
            }
            _ => {
                self.expected.keyword(Kw::Store);
                self.expected.keyword(Kw::Hexad);
                self.unexpected_but(&["a path such as /universities/*", "a list such as [a, b]"]);
                None
            }
        }
    }

    fn federation_nodes(&mut self) -> Federation {
        self.open(K::Array);
        self.bump();
        let mut nodes = Vec::new();
        while let Some(id) = self.id(Class::StoreName) {
            nodes.push(id);
            if !self.eat_sign(K::Comma) {
                break;
            }
        }
        self.expect_sign(K::RightBracket);
        self.close();
        Federation::Nodes(nodes)
    }

    /// True when an id follows `HEXAD` where it may be left out: a clause is not an id.
    pub(super) fn at_optional_id(&mut self) -> bool {
        let (next, next_kind) = (self.nth_kw(1), self.nth_kind(1));
        let clause = match self.kw() {
            Some(Kw::As) => next == Some(Kw::Of),
            Some(Kw::Drift) => next == Some(Kw::Policy),
            Some(Kw::Using) => matches!(next, Some(Kw::Contract | Kw::Strategy)),
            Some(Kw::Min) => next == Some(Kw::Quorum),
            Some(Kw::Verify) => next_kind == K::Word && !next.is_some_and(Kw::is_reserved),
            Some(Kw::To) => next != Some(Kw::To),
            Some(Kw::Stores) => next_kind == K::LeftBracket,
            Some(Kw::Coordinator) => next_kind == K::Param,
            _ => false,
        };
        !clause && self.at_id()
    }

    // ----- modifiers

    /// The source modifiers, as many as there are.
    pub(super) fn modifiers(&mut self, into: &mut Vec<SourceModifier>) {
        while !self.panicking && self.at_modifier() {
            let start = self.start();
            self.open(K::Modifier);
            let kind = self.modifier();
            self.close();
            if let Some(kind) = kind {
                into.push(SourceModifier { kind, span: self.since(start) });
            }
            self.recover(|leaf| leaf.kw.is_some_and(Kw::is_reserved));
        }
    }

    pub(super) fn at_modifier(&mut self) -> bool {
        for kw in
            [Kw::With, Kw::Drift, Kw::As, Kw::At, Kw::Traverse, Kw::Using, Kw::Verify, Kw::Min]
        {
            self.expected.keyword(kw);
        }
        let next = self.nth_kw(1);
        match self.kw() {
            // `WITH VERIFICATION` and other uses of `WITH` are not modifiers.
            Some(Kw::With) => next != Some(Kw::Verification),
            Some(Kw::Drift) => next == Some(Kw::Policy),
            Some(Kw::As | Kw::At | Kw::Traverse | Kw::Verify) => true,
            Some(Kw::Using) => next != Some(Kw::Strategy),
            Some(Kw::Min) => next == Some(Kw::Quorum),
            _ => false,
        }
    }

    fn modifier(&mut self) -> Option<ModifierKind> {
        match self.kw()? {
            Kw::With => self.with_modifier(),
            Kw::Drift => {
                self.bump_as(K::Keyword);
                self.bump_as(K::Keyword);
                self.drift_policy(true).map(ModifierKind::Drift)
            }
            Kw::As => Some(ModifierKind::AsOf(self.as_of())),
            Kw::At => {
                let start = self.start();
                self.bump_as(K::Keyword);
                self.expect(Kw::Time);
                let at = self.instant();
                Some(ModifierKind::AsOf(AsOf { at, revert_to: None, span: self.since(start) }))
            }
            Kw::Traverse => {
                self.bump_as(K::Keyword);
                let predicate = self.name(Class::EdgeType)?;
                let depth = if self.eat(Kw::Depth) { self.whole_number() } else { None };
                Some(ModifierKind::Traverse { predicate, depth })
            }
            Kw::Using => {
                let span = self.span();
                self.bump_as(K::Keyword);
                self.expect(Kw::Contract).then_some(())?;
                let name = self.name(Class::ContractName)?;
                let message = "USING CONTRACT belongs to version 1.0 of the language";
                self.note(
                    Diagnostic::warning(Kind::Lint, span.to(name.span), message)
                        .hint(format!("write SATISFIES {} in WHERE", name.text)),
                );
                Some(ModifierKind::UsingContract(name))
            }
            Kw::Verify => {
                self.bump_as(K::Keyword);
                self.name(Class::ContractName).map(ModifierKind::Verify)
            }
            _ => {
                self.bump_as(K::Keyword);
                self.bump_as(K::Keyword);
                self.whole_number().map(ModifierKind::MinQuorum)
            }
        }
    }

    fn with_modifier(&mut self) -> Option<ModifierKind> {
        self.bump_as(K::Keyword);
        if self.eat(Kw::Byzantine) {
            self.expect(Kw::Tolerance).then_some(())?;
            return self.whole_number().map(ModifierKind::ByzantineTolerance);
        }
        self.expect(Kw::Drift).then_some(())?;
        if self.eat(Kw::Tolerance) {
            return self.plain_number().map(ModifierKind::DriftTolerance);
        }
        self.drift_policy(false).map(ModifierKind::Drift)
    }

    /// `"STRICT" | "REPAIR" | "TOLERATE" | "LATEST"`, and after `DRIFT POLICY` any name.
    fn drift_policy(&mut self, named: bool) -> Option<DriftPolicy> {
        let modes = [
            (Kw::Strict, DriftPolicy::Strict),
            (Kw::Repair, DriftPolicy::Repair),
            (Kw::Tolerate, DriftPolicy::Tolerate),
            (Kw::Latest, DriftPolicy::Latest),
        ];
        for (kw, policy) in modes {
            if self.eat(kw) {
                return Some(policy);
            }
        }
        if named {
            return self.name(Class::Name).map(DriftPolicy::Named);
        }
        let leaf = self.nth(0);
        let words = ["STRICT", "REPAIR", "TOLERATE", "LATEST", "TOLERANCE"];
        let kind = match leaf.kind {
            K::Word if !leaf.kw.is_some_and(Kw::is_reserved) => Kind::InvalidDriftPolicy,
            _ => Kind::UnexpectedToken,
        };
        let mut diagnostic = self.unexpected_diagnostic(kind, &words);
        if kind == Kind::InvalidDriftPolicy {
            diagnostic.message =
                format!("unknown drift policy {}", literal::shown(self.text_of(leaf)));
        }
        self.report(diagnostic);
        if kind == Kind::InvalidDriftPolicy {
            self.open(K::Error);
            self.bump();
            self.close();
        }
        None
    }

    /// `"AS" "OF" ["TIMESTAMP"] instant ["REVERT" "TO" instant]`
    pub(super) fn as_of(&mut self) -> AsOf {
        let start = self.start();
        self.bump_as(K::Keyword);
        self.expect(Kw::Of);
        self.eat(Kw::Timestamp);
        let at = self.instant();
        let revert = !self.panicking && self.eat(Kw::Revert);
        let revert_to = revert.then(|| {
            self.expect(Kw::To);
            self.instant()
        });
        AsOf { at, revert_to, span: self.since(start) }
    }
}
