//! Select lists.

use super::expected::Class;
use super::expr::{is_like_modality, modality_words, unknown_modality};
use super::parser::Parser;
use crate::engine::base::{Kind, Span};
use crate::engine::lang::ast::{
    AggregateFn, Expr, ExprKind, ModalityRef, Path, ProjectionItem, SelectItem, SelectKind,
};
use crate::engine::lang::diag::{Diagnostic, Severity};
use crate::engine::lang::kind::{Kw, SyntaxKind as K};

impl Parser<'_> {
    /// `select_list = item { [","] item }`; commas may be missing between modalities.
    pub(super) fn select_list(&mut self) -> Vec<SelectItem> {
        let mut items = Vec::new();
        if self.kw() == Some(Kw::From) {
            self.expect_select_words();
            let diagnostic = self.unexpected_diagnostic(Kind::InvalidModality, &modality_words());
            let span = diagnostic.span;
            let mut diagnostic = diagnostic.hint("select something: `*` is everything");
            diagnostic.message = "nothing is selected".into();
            diagnostic.fix = None;
            diagnostic.span = span;
            self.report(diagnostic);
            self.panicking = false;
            return items;
        }
        loop {
            items.extend(self.select_item());
            self.recover(|leaf| {
                leaf.kind == K::Comma
                    || leaf.kind == K::RightParen
                    || leaf.kw.is_some_and(Kw::is_reserved)
            });
            if self.eat_sign(K::Comma) {
                continue;
            }
            if !self.at_item_without_comma() {
                return items;
            }
            let place = Span::new(self.last_end, self.last_end);
            self.note(
                Diagnostic::lint(
                    "VQL012",
                    Severity::Hint,
                    place,
                    "missing comma between selected items",
                )
                .fix(place, ","),
            );
        }
    }

    fn expect_select_words(&mut self) {
        self.want(Class::Modality);
        self.want(Class::Path);
        self.want(Class::Function);
        self.expected.sign(K::Star);
        for kw in [Kw::Count, Kw::Sum, Kw::Avg, Kw::Min, Kw::Max, Kw::Drift] {
            self.expected.keyword(kw);
        }
    }

    fn at_item_without_comma(&mut self) -> bool {
        if self.kind() == K::Star {
            return true;
        }
        let (next, next_kw) = (self.nth_kind(1), self.nth_kw(1));
        self.kw().is_some_and(|kw| {
            kw.modality().is_some()
                || (next == K::LeftParen && AggregateFn::from_keyword(kw.word()).is_some())
                || (kw == Kw::Drift && next != K::LeftParen && next_kw != Some(Kw::Policy))
        })
    }

    fn select_item(&mut self) -> Option<SelectItem> {
        self.expect_select_words();
        let start = self.start();
        if self.kw() == Some(Kw::Distinct) && self.at_value_of_distinct() {
            self.refuse_distinct();
            return None;
        }
        self.open(K::SelectItem);
        let kind = self.select_kind();
        let mut alias = None;
        if !self.panicking && self.nth_kw(1) != Some(Kw::Of) && self.eat(Kw::As) {
            alias = self.name(Class::Name);
        }
        self.close();
        kind.map(|kind| SelectItem { kind, alias, span: self.since(start) })
    }

    /// Otherwise `DISTINCT` is the name of a field.
    fn at_value_of_distinct(&mut self) -> bool {
        self.nth_kind(1) == K::Star
            || (self.nth_kind(1) == K::Word && !matches!(self.nth_kw(1), Some(Kw::From | Kw::As)))
    }

    /// `SELECT DISTINCT x` is no VQL; as a column called `DISTINCT` before one without a comma it would
    /// be answered, and wrongly.
    fn refuse_distinct(&mut self) {
        let diagnostic = self
            .unexpected_diagnostic(Kind::UnexpectedToken, &["a modality", "MODALITY.field", "`*`"]);
        self.report(
            diagnostic.hint("GROUP BY answers every value once: SELECT f FROM .. GROUP BY f"),
        );
    }

    /// `"*" | MODALITY [".*" | "(" projection ")"] | "DRIFT" | expr`
    fn select_kind(&mut self) -> Option<SelectKind> {
        if self.eat_sign(K::Star) {
            return Some(SelectKind::Everything);
        }
        let (next, after) = (self.nth_kind(1), self.nth_kind(2));
        let kw = self.kw();
        if kw == Some(Kw::Drift) && !matches!(next, K::Dot | K::LeftParen) {
            self.bump_as(K::Keyword);
            return Some(SelectKind::Drift);
        }
        let nothing = self.at_end()
            || matches!(self.kind(), K::Comma | K::RightParen)
            || kw.is_some_and(|kw| kw.is_reserved() && kw != Kw::Hexad);
        if nothing {
            self.unexpected_but(&["a modality", "MODALITY.field", "an aggregate", "`*`"]);
            return None;
        }
        let Some(modality) = kw.and_then(Kw::modality) else { return self.select_expr() };
        match (next, after) {
            (K::Dot, K::Star) => {
                let span = self.span();
                self.bump_as(K::ModalityWord);
                self.bump();
                self.bump();
                Some(SelectKind::Modality(ModalityRef { modality, span }))
            }
            (K::LeftParen, _) => self.projection(),
            (K::Dot | K::Plus | K::Minus, _) => self.select_expr(),
            _ => {
                let span = self.span();
                self.bump_as(K::ModalityWord);
                self.expected.sign(K::Dot);
                self.expected.sign(K::LeftParen);
                Some(SelectKind::Modality(ModalityRef { modality, span }))
            }
        }
    }

    fn select_expr(&mut self) -> Option<SelectKind> {
        let expr = self.expr();
        (!matches!(expr.kind, ExprKind::Error)).then_some(SelectKind::Expr(expr))
    }

    /// `MODALITY "(" (pattern | item { "," item }) ")"`
    fn projection(&mut self) -> Option<SelectKind> {
        let modality = self.modality()?;
        self.open(K::List);
        self.bump();
        let mut items = Vec::new();
        if self.at_pattern() && self.kind() != K::Word {
            items.push(ProjectionItem::Pattern(self.pattern()));
        } else {
            loop {
                items.push(ProjectionItem::Expr(self.projection_item()));
                if self.panicking || !self.eat_sign(K::Comma) {
                    break;
                }
            }
        }
        self.expect_sign(K::RightParen);
        self.close();
        Some(SelectKind::Projection(modality, items))
    }

    fn projection_item(&mut self) -> Expr {
        match self.kind() {
            K::Word => self.expr(),
            _ => self.value(),
        }
    }

    /// Where the specification knows only modalities, a name that is almost one is a mistake;
    /// collections have fields of any name.
    pub(super) fn check_selected(&mut self, items: &[SelectItem]) {
        for item in items {
            let SelectKind::Expr(expr) = &item.kind else { continue };
            let path = match &expr.kind {
                ExprKind::Path(path) => Some(path),
                ExprKind::Aggregate(aggregate) => aggregate.path.as_ref(),
                _ => None,
            };
            if let Some(path) = path.filter(|path| path.modality.is_none())
                && let Some(first) = path.segments.first()
                && is_like_modality(&first.text)
                && !is_of_the_row(path)
            {
                self.note(unknown_modality(&first.text, first.span));
            }
            match &expr.kind {
                ExprKind::Literal(_) | ExprKind::Array(_) | ExprKind::Time(_) => {
                    self.note(
                        Diagnostic::error(
                            Kind::UnexpectedToken,
                            expr.span,
                            "a constant cannot be selected from this source",
                        )
                        .expected(modality_words()),
                    );
                }
                _ => {}
            }
        }
    }
}

/// `id` and `score` are of the row itself: every source has them.
fn is_of_the_row(path: &Path) -> bool {
    let names = ["id", "score", "similarity", "distance_km", "types", "version"];
    path.bare().is_some_and(|name| names.iter().any(|n| name.text.eq_ignore_ascii_case(n)))
}
