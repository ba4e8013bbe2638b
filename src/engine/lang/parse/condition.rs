//! Conditions.

use super::expected::Class;
use super::literal;
use super::parser::Parser;
use crate::engine::base::{Kind, Span};
use crate::engine::lang::ast::{
    Condition, ConditionKind as C, Expr, ExprKind, Metric, MetricRef, Path, TargetKind, Test, Unit,
    VectorTarget,
};
use crate::engine::lang::diag::{Diagnostic, closest};
use crate::engine::lang::kind::{Kw, SyntaxKind as K};

/// Half the circumference of the Earth in kilometers: no radius is longer.
const FARTHEST_KM: f64 = 20_040.0;

impl Parser<'_> {
    /// `condition = conjunction { "OR" conjunction }`
    pub(super) fn condition(&mut self) -> Condition {
        let start = self.start();
        let checkpoint = self.checkpoint();
        let first = self.conjunction();
        if !self.at(Kw::Or) {
            return first;
        }
        self.open_at(checkpoint, K::OrChain);
        let mut members = vec![first];
        while self.eat(Kw::Or) {
            members.push(self.conjunction());
        }
        self.close();
        Condition { kind: C::Or(members), span: self.since(start) }
    }

    /// `conjunction = negation { "AND" negation }`
    fn conjunction(&mut self) -> Condition {
        let start = self.start();
        let checkpoint = self.checkpoint();
        let first = self.negation();
        if !self.at(Kw::And) {
            return first;
        }
        self.open_at(checkpoint, K::AndChain);
        let mut members = vec![first];
        while self.eat(Kw::And) {
            members.push(self.negation());
        }
        self.close();
        Condition { kind: C::And(members), span: self.since(start) }
    }

    /// `negation = "NOT" negation | predicate`
    fn negation(&mut self) -> Condition {
        if !self.at(Kw::Not) {
            return self.guarded_predicate();
        }
        let start = self.start();
        self.open(K::NotCondition);
        self.bump_as(K::Keyword);
        let inner = self.deeper(Self::negation).unwrap_or_else(|| self.hole(start));
        self.close();
        Condition { kind: C::Not(Box::new(inner)), span: self.since(start) }
    }

    /// A predicate; after an error in it, goes on at the next `AND`, `OR`, `)` or clause.
    fn guarded_predicate(&mut self) -> Condition {
        let start = self.start();
        let kind = self.predicate();
        let span = self.since(start);
        self.recover_in_condition();
        Condition { kind, span }
    }

    fn hole(&mut self, start: usize) -> Condition {
        Condition { kind: C::Error, span: self.since(start) }
    }

    fn predicate(&mut self) -> C {
        self.want(Class::Condition);
        self.expect_predicate_words();
        if self.at_pattern() {
            let pattern = self.pattern();
            return C::Pattern(pattern);
        }
        if self.kind() == K::LeftParen {
            return self.parenthesised();
        }
        self.open(K::Predicate);
        let kind = self.simple_predicate();
        self.close();
        kind
    }

    /// `"(" condition ")"`
    fn parenthesised(&mut self) -> C {
        let start = self.start();
        self.open(K::ParenCondition);
        self.bump();
        let inner = self.inside_parens(Self::condition).unwrap_or_else(|| self.hole(start));
        self.expect_sign(K::RightParen);
        self.close();
        C::Paren(Box::new(inner))
    }

    fn expect_predicate_words(&mut self) {
        for kw in [
            Kw::Drift,
            Kw::Consistent,
            Kw::Satisfies,
            Kw::Has,
            Kw::Verified,
            Kw::Fulltext,
            Kw::Field,
            Kw::As,
            Kw::Between,
            Kw::Version,
            Kw::Modified,
            Kw::Within,
            Kw::Nearest,
            Kw::Not,
        ] {
            self.expected.keyword(kw);
        }
        self.want(Class::Modality);
        self.want(Class::Path);
        self.want(Class::Function);
        self.expected.sign(K::LeftParen);
    }

    fn simple_predicate(&mut self) -> C {
        let leaf = self.nth(0);
        if leaf.kind == K::Ellipsis {
            self.bump();
            return C::Elided;
        }
        let Some(kw) = leaf.kw else { return self.expression_predicate() };
        let (next, next_kw) = (self.nth_kind(1), self.nth_kw(1));
        match kw {
            Kw::Drift if next == K::LeftParen => self.drift_between(),
            Kw::Drift if next_kw == Some(Kw::Threshold) || !self.goes_on_as_expression(1) => {
                self.drift_any()
            }
            Kw::Consistent if next == K::LeftParen => self.consistent(),
            Kw::Satisfies => self.satisfies(),
            Kw::Has if next_kw == Some(Kw::Proof) => self.has_proof(),
            Kw::Verified if next_kw == Some(Kw::By) => self.verified_by(),
            Kw::Verified if next == K::LeftParen => self.verified(),
            Kw::Fulltext => self.fulltext(),
            Kw::Field if self.at_field() => self.field_condition(),
            Kw::As => C::AsOf(self.as_of()),
            Kw::Between => self.between_instants(),
            Kw::Version if self.at_keyword_before_id() => {
                self.bump_as(K::Keyword);
                self.id_or_number(Class::Name).map_or(C::Error, C::Version)
            }
            Kw::Modified if next_kw == Some(Kw::By) => {
                self.bump_as(K::Keyword);
                self.bump_as(K::Keyword);
                self.id(Class::Actor).map_or(C::Error, C::ModifiedBy)
            }
            Kw::Within | Kw::Spatial if self.at_area() => self.area(),
            Kw::Nearest | Kw::Spatial if self.at_nearest_point() => self.nearest_point(),
            Kw::Hexad if next == K::Colon => self.refinement(),
            Kw::True | Kw::False if !self.goes_on_as_expression(1) => {
                self.bump_as(K::Keyword);
                C::Literal(kw == Kw::True)
            }
            _ if kw.modality().is_some() && self.at_exists() => self.exists(),
            _ => self.expression_predicate(),
        }
    }

    /// True when the `n`th leaf continues an expression or tests one.
    fn goes_on_as_expression(&mut self, n: usize) -> bool {
        let leaf = self.nth(n);
        leaf.kind.is_comparison()
            || matches!(leaf.kind, K::Dot | K::Plus | K::Minus | K::LeftParen)
            || matches!(
                leaf.kw,
                Some(
                    Kw::Like
                        | Kw::Contains
                        | Kw::Matches
                        | Kw::Includes
                        | Kw::In
                        | Kw::Between
                        | Kw::Is
                        | Kw::Shape
                        | Kw::Rank
                        | Kw::Similar
                        | Kw::Nearest
                )
            )
    }

    /// `FIELD name ..` as opposed to a path that starts with the name `field`.
    fn at_field(&mut self) -> bool {
        self.nth_kind(1) == K::Word
            && (!self.goes_on_as_expression(1) || self.goes_on_as_expression(2))
    }

    /// `VERSION id` as opposed to a path that starts with the name `version`.
    fn at_keyword_before_id(&mut self) -> bool {
        matches!(self.nth_kind(1), K::Word | K::String | K::Param | K::Number | K::Timestamp)
            && (!self.goes_on_as_expression(1) || self.nth_kind(1) == K::String)
    }

    fn at_exists(&mut self) -> bool {
        self.nth_kw(1) == Some(Kw::Exists)
            || (self.nth_kw(1) == Some(Kw::Not) && self.nth_kw(2) == Some(Kw::Exists))
    }

    fn exists(&mut self) -> C {
        let Some(modality) = self.modality() else { return C::Error };
        let negated = self.eat(Kw::Not);
        self.expect(Kw::Exists);
        C::Exists { modality, negated }
    }

    // ----- drift and consistency

    /// `"(" MODALITY "," MODALITY ")"`
    fn modality_pair(
        &mut self,
    ) -> Option<(crate::engine::lang::ast::ModalityRef, crate::engine::lang::ast::ModalityRef)>
    {
        self.expect_sign(K::LeftParen);
        let left = self.modality()?;
        if !self.expect_sign(K::Comma) {
            return None;
        }
        let right = self.modality()?;
        self.expect_sign(K::RightParen).then_some((left, right))
    }

    fn drift_between(&mut self) -> C {
        self.bump_as(K::Keyword);
        let Some((left, right)) = self.modality_pair() else { return C::Error };
        let Some(op) = self.comparison_sign() else {
            self.unexpected_but(&["a comparison such as > 0.3"]);
            return C::Error;
        };
        let value = self.value();
        C::Drift { left, right, op, value }
    }

    fn drift_any(&mut self) -> C {
        self.bump_as(K::Keyword);
        let threshold = if self.eat(Kw::Threshold) { self.plain_number() } else { None };
        C::DriftAny { threshold }
    }

    fn consistent(&mut self) -> C {
        self.bump_as(K::Keyword);
        let Some((left, right)) = self.modality_pair() else { return C::Error };
        if !self.expect(Kw::Using) {
            return C::Error;
        }
        self.expect_metrics();
        let known = self.kw().and_then(|kw| Metric::from_keyword(kw.word()));
        let metric = match known {
            Some(known) => {
                // Kept in its canonical form, so that its case does not matter.
                let mut name = self.bump_name(K::Keyword);
                known.keyword().clone_into(&mut name.text);
                name
            }
            None => match self.name(Class::Name) {
                Some(name) => name,
                None => return C::Error,
            },
        };
        let test = self.comparison_sign().map(|op| (op, self.value()));
        C::Consistent { left, right, metric, test }
    }

    fn expect_metrics(&mut self) {
        for kw in [Kw::Cosine, Kw::Euclidean, Kw::DotProduct, Kw::Jaccard] {
            self.expected.keyword(kw);
        }
    }

    // ----- semantic

    fn satisfies(&mut self) -> C {
        self.bump_as(K::Keyword);
        let Some(contract) = self.name(Class::ContractName) else { return C::Error };
        let mut params = Vec::new();
        if self.eat_sign(K::LeftParen) {
            params = self.parameters();
            self.expect_sign(K::RightParen);
        }
        C::Satisfies { contract, params }
    }

    fn has_proof(&mut self) -> C {
        self.bump_as(K::Keyword);
        self.bump_as(K::Keyword);
        self.name(Class::ProofType).map_or(C::Error, C::HasProof)
    }

    fn verified_by(&mut self) -> C {
        self.bump_as(K::Keyword);
        self.bump_as(K::Keyword);
        self.id(Class::Actor).map_or(C::Error, C::VerifiedBy)
    }

    fn verified(&mut self) -> C {
        let start = self.start();
        self.bump_as(K::Keyword);
        self.bump();
        let inner = self.inside_parens(Self::condition).unwrap_or_else(|| self.hole(start));
        self.expect_sign(K::RightParen);
        C::Verified(Box::new(inner))
    }

    /// `"HEXAD" ":" "{" name ":" any_name "|" condition "}"`
    fn refinement(&mut self) -> C {
        let start = self.start();
        self.bump_as(K::Keyword);
        self.bump();
        self.open(K::Refinement);
        let parsed = self.refinement_body(start);
        self.close();
        parsed.unwrap_or(C::Error)
    }

    fn refinement_body(&mut self, start: usize) -> Option<C> {
        if !self.expect_sign(K::LeftBrace) {
            return None;
        }
        let variable = self.name(Class::Variable)?;
        if !self.expect_sign(K::Colon) {
            return None;
        }
        let base = self.any_name(Class::Name)?;
        if !self.expect_sign(K::Bar) {
            return None;
        }
        let condition = self.deeper(Self::condition).unwrap_or_else(|| self.hole(start));
        self.expect_sign(K::RightBrace);
        Some(C::Refinement { variable, base, condition: Box::new(condition) })
    }

    // ----- documents

    fn fulltext(&mut self) -> C {
        self.bump_as(K::Keyword);
        if self.eat(Kw::Contains) {
            if !matches!(self.kind(), K::String | K::Param) {
                self.want(Class::String);
                self.want(Class::Param);
                self.unexpected_but(&["a string", "a parameter"]);
                return C::Error;
            }
            return C::FullText(self.value());
        }
        if self.eat(Kw::Matches) {
            if !matches!(self.kind(), K::Regex | K::String | K::Param) {
                self.want(Class::String);
                self.unexpected_but(&["a regular expression such as /ab+c/", "a string"]);
                return C::Error;
            }
            return C::FullTextMatches(self.regex_or_expr());
        }
        self.unexpected();
        C::Error
    }

    fn regex_or_expr(&mut self) -> Expr {
        let leaf = self.nth(0);
        if leaf.kind != K::Regex {
            return self.expr();
        }
        self.bump();
        Expr {
            kind: ExprKind::Regex(literal::regex(self.text_of(leaf))),
            span: Span::new(leaf.start, leaf.end),
        }
    }

    fn field_condition(&mut self) -> C {
        self.bump_as(K::Keyword);
        let mut path = Vec::new();
        self.open(K::Path);
        while let Some(name) = self.any_name(Class::Path) {
            path.push(name);
            if !self.eat_sign(K::Dot) {
                break;
            }
        }
        self.close();
        let test = self.test().unwrap_or_else(|| self.no_test());
        C::Field { path, test }
    }

    // ----- time

    fn between_instants(&mut self) -> C {
        self.bump_as(K::Keyword);
        let from = self.instant();
        self.expect(Kw::And);
        let to = self.instant();
        C::Between { from, to }
    }

    // ----- vectors

    fn similar(&mut self, subject: Path) -> C {
        self.bump_as(K::Keyword);
        if !self.eat(Kw::To) {
            let diagnostic = self.unexpected_diagnostic(Kind::InvalidVectorExpression, &["TO"]);
            self.report(diagnostic.hint("write SIMILAR TO [0.1, 0.2]"));
            return C::Error;
        }
        let target = self.vector_target();
        let (within, metric) = self.within_and_metric();
        C::Similar { subject, target, within, metric }
    }

    fn nearest(&mut self, subject: Path) -> C {
        self.bump_as(K::Keyword);
        let Some(k) = self.whole_number() else { return C::Error };
        let target = if self.eat(Kw::To) { Some(self.vector_target()) } else { None };
        let metric = self.metric();
        C::Nearest { subject, k, target, metric }
    }

    /// `[ "WITHIN" value ] [ "USING" metric ]`, in any order.
    pub(super) fn within_and_metric(&mut self) -> (Option<Expr>, Option<MetricRef>) {
        let early = self.metric();
        let area = matches!(self.nth_kw(1), Some(Kw::Radius | Kw::Bounds));
        let within = if !area && self.eat(Kw::Within) { Some(self.value()) } else { None };
        (within, early.or_else(|| self.metric()))
    }

    /// `"USING" metric`
    fn metric(&mut self) -> Option<MetricRef> {
        let other = matches!(self.nth_kw(1), Some(Kw::Contract | Kw::Strategy));
        if self.panicking || other || !self.eat(Kw::Using) {
            return None;
        }
        self.expect_metrics();
        let leaf = self.nth(0);
        let span = Span::new(leaf.start, leaf.end);
        if let Some(metric) = Metric::from_keyword(self.text_of(leaf)) {
            self.bump_as(K::Keyword);
            return Some(MetricRef { metric, span });
        }
        let words = Metric::ALL.map(Metric::keyword);
        let kind = match leaf.kind {
            K::Word => Kind::InvalidDistanceMetric,
            _ => Kind::UnexpectedToken,
        };
        let mut diagnostic = self.unexpected_diagnostic(kind, &words);
        if kind == Kind::InvalidDistanceMetric {
            diagnostic.message = format!("unknown metric {}", literal::shown(self.text_of(leaf)));
        }
        self.report(diagnostic);
        None
    }

    /// `target = array | parameter | "ENTITY" id | "VECTOR" "(" array ")" | call | name`
    pub(super) fn vector_target(&mut self) -> VectorTarget {
        let start = self.start();
        self.want(Class::Array);
        self.want(Class::Param);
        self.expected.keyword(Kw::Entity);
        let kind = match (self.kind(), self.kw(), self.nth_kind(1)) {
            (K::LeftBracket, ..) => TargetKind::Array(self.array()),
            (K::Param, ..) => TargetKind::Param(self.bump_param()),
            (_, Some(Kw::Entity), next) if is_id_start(next) => {
                self.bump_as(K::Keyword);
                self.id(Class::HexadId).map_or(TargetKind::Error, TargetKind::Entity)
            }
            (_, Some(Kw::Vector), K::LeftParen) => self.vector_literal(),
            (K::Word, kw, K::LeftParen) if !kw.is_some_and(Kw::is_reserved) => {
                TargetKind::Call(self.expr())
            }
            (K::Word, kw, _) if !kw.is_some_and(Kw::is_reserved) => {
                self.name(Class::Variable).map_or(TargetKind::Error, TargetKind::Variable)
            }
            _ => {
                self.unexpected_but(&["a vector such as [0.1, 0.2]", "ENTITY", "a parameter"]);
                TargetKind::Error
            }
        };
        VectorTarget { kind, span: self.since(start) }
    }

    fn vector_literal(&mut self) -> TargetKind {
        self.open(K::Call);
        self.bump_as(K::ModalityWord);
        self.bump();
        let array = self.array();
        self.expect_sign(K::RightParen);
        self.close();
        TargetKind::Array(array)
    }

    // ----- places

    fn at_area(&mut self) -> bool {
        let n = usize::from(self.kw() == Some(Kw::Spatial));
        self.nth_kw(n) == Some(Kw::Within)
            && matches!(self.nth_kw(n + 1), Some(Kw::Radius | Kw::Bounds))
    }

    /// `[ "SPATIAL" ] "WITHIN" ("RADIUS" | "BOUNDS") "(" .. ")"`
    fn area(&mut self) -> C {
        if self.kw() == Some(Kw::Spatial) {
            self.bump_as(K::ModalityWord);
        }
        self.bump_as(K::Keyword);
        let radius = self.kw() == Some(Kw::Radius);
        self.bump_as(K::Keyword);
        let area = if radius { self.radius() } else { self.bounds() };
        area.unwrap_or(C::Error)
    }

    fn radius(&mut self) -> Option<C> {
        self.expect_sign(K::LeftParen).then_some(())?;
        let latitude = self.value();
        self.expect_sign(K::Comma).then_some(())?;
        let longitude = self.value();
        self.expect_sign(K::Comma).then_some(())?;
        let radius = self.value();
        let unit = Unit::from_symbol(&self.text_here());
        match unit {
            Some(_) => {
                self.bump_as(K::Name);
            }
            None if radius.number().is_some_and(|km| km > FARTHEST_KM) => {
                let message = "a radius without a unit is in kilometers, and this one is more than half the Earth";
                self.note(
                    Diagnostic::warning(Kind::Lint, radius.span, message)
                        .hint("did you mean meters? write `m` after the number"),
                );
            }
            None => {}
        }
        self.expect_sign(K::RightParen).then_some(())?;
        Some(C::Radius { latitude, longitude, radius, unit })
    }

    fn bounds(&mut self) -> Option<C> {
        self.expect_sign(K::LeftParen).then_some(())?;
        let min_latitude = self.value();
        self.expect_sign(K::Comma).then_some(())?;
        let min_longitude = self.value();
        self.expect_sign(K::Comma).then_some(())?;
        let max_latitude = self.value();
        self.expect_sign(K::Comma).then_some(())?;
        let max_longitude = self.value();
        self.expect_sign(K::RightParen).then_some(())?;
        Some(C::Bounds { min_latitude, min_longitude, max_latitude, max_longitude })
    }

    fn at_nearest_point(&mut self) -> bool {
        let n = usize::from(self.kw() == Some(Kw::Spatial));
        self.nth_kw(n) == Some(Kw::Nearest) && self.nth_kind(n + 1) == K::LeftParen
    }

    /// `[ "SPATIAL" ] "NEAREST" "(" latitude "," longitude "," k ")"`
    fn nearest_point(&mut self) -> C {
        if self.kw() == Some(Kw::Spatial) {
            self.bump_as(K::ModalityWord);
        }
        self.bump_as(K::Keyword);
        let mut parse = || -> Option<C> {
            self.expect_sign(K::LeftParen).then_some(())?;
            let latitude = self.value();
            self.expect_sign(K::Comma).then_some(())?;
            let longitude = self.value();
            self.expect_sign(K::Comma).then_some(())?;
            let k = self.value();
            self.expect_sign(K::RightParen).then_some(())?;
            Some(C::NearestPoint { latitude, longitude, k })
        };
        parse().unwrap_or(C::Error)
    }

    // ----- comparisons

    /// `expr test`, `path SIMILAR TO ..`, `path NEAREST k ..`, `expr SHAPE ..`, `expr RANK ..`, a call.
    fn expression_predicate(&mut self) -> C {
        let before = self.start();
        let left = self.expr();
        if self.panicking {
            return C::Error;
        }
        self.expected.keyword(Kw::Similar);
        self.expected.keyword(Kw::Nearest);
        self.expected.keyword(Kw::Shape);
        self.expected.keyword(Kw::Rank);
        if matches!(&left.kind, ExprKind::Path(p) if p.modality.is_some() && p.segments.is_empty())
        {
            self.expected.keyword(Kw::Exists);
        }
        match (self.kw(), left.kind) {
            (Some(Kw::Similar), ExprKind::Path(subject)) => self.similar(subject),
            (Some(Kw::Nearest), ExprKind::Path(subject)) => self.nearest(subject),
            (Some(Kw::Shape), kind) => self.shape(Expr { kind, span: left.span }),
            (Some(Kw::Rank), kind) => self.rank(Expr { kind, span: left.span }),
            (_, kind) => {
                if let Some(test) = self.test() {
                    return C::Comparison { left: Expr { kind, span: left.span }, test };
                }
                if let ExprKind::Call(call) = kind {
                    return C::Predicate(call);
                }
                self.not_a_condition(before);
                C::Error
            }
        }
    }

    fn shape(&mut self, subject: Expr) -> C {
        self.bump_as(K::Keyword);
        let op = self.comparison_sign().unwrap_or(crate::engine::lang::ast::CompareOp::Equal);
        let shape = self.array();
        C::Shape { subject, op, shape }
    }

    fn rank(&mut self, subject: Expr) -> C {
        self.bump_as(K::Keyword);
        let op = self.comparison_sign().unwrap_or(crate::engine::lang::ast::CompareOp::Equal);
        let rank = self.value();
        C::Rank { subject, op, rank }
    }

    /// An expression stands where a condition is needed.
    fn not_a_condition(&mut self, before: usize) {
        let mut diagnostic = self.unexpected_diagnostic(Kind::UnexpectedToken, &["a comparison"]);
        let negated = self.kw() == Some(Kw::Not)
            && matches!(self.nth_kw(1), Some(Kw::In | Kw::Like | Kw::Between));
        if negated {
            diagnostic.hint = Some("put the NOT first: NOT (x IN (..))".into());
        } else if diagnostic.hint.is_none() {
            // The word before may be a misspelled keyword: `FULTEXT CONTAINS 'x'` has no such case,
            // `SATISFYS Contract` has.
            let word = self.text.get(before..).unwrap_or("");
            let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let word = word.get(..end.unwrap_or(word.len())).unwrap_or("");
            let starts = ["SATISFIES", "FULLTEXT", "CONSISTENT", "VERIFIED", "FIELD", "BETWEEN"];
            diagnostic.hint = closest(word, starts).map(|best| format!("did you mean `{best}`?"));
        }
        self.report(diagnostic);
    }

    fn no_test(&mut self) -> Test {
        self.unexpected_but(&["a comparison"]);
        Test::Error
    }

    /// What follows the left side of a comparison; `None` when nothing of the kind does.
    fn test(&mut self) -> Option<Test> {
        if let Some(op) = self.comparison_sign() {
            return Some(Test::Compare(op, self.expr()));
        }
        if self.eat(Kw::Like) {
            return Some(Test::Like(self.expr()));
        }
        if self.eat(Kw::Contains) {
            return Some(Test::Contains(self.expr()));
        }
        if self.eat(Kw::Matches) {
            return Some(Test::Matches(self.regex_or_expr()));
        }
        if self.eat(Kw::Includes) {
            return Some(Test::Includes(self.expr()));
        }
        if self.eat(Kw::In) {
            return Some(self.in_list());
        }
        if self.eat(Kw::Between) {
            let low = self.expr();
            self.expect(Kw::And);
            return Some(Test::Between(low, self.expr()));
        }
        if self.eat(Kw::Is) {
            let negated = self.eat(Kw::Not);
            self.expect(Kw::Null);
            return Some(if negated { Test::IsNotNull } else { Test::IsNull });
        }
        None
    }

    /// `parameter | array | "(" expr { "," expr } ")"`
    fn in_list(&mut self) -> Test {
        self.want(Class::Param);
        match self.kind() {
            K::Param => Test::InParam(self.bump_param()),
            K::LeftBracket => match self.array().kind {
                ExprKind::Array(items) => Test::In(items),
                _ => Test::Error,
            },
            K::LeftParen => {
                self.open(K::List);
                self.bump();
                let mut items = vec![self.expr()];
                while !self.panicking && self.eat_sign(K::Comma) {
                    items.push(self.expr());
                }
                self.expect_sign(K::RightParen);
                self.close();
                Test::In(items)
            }
            _ => {
                self.unexpected_but(&["a list such as (1, 2)", "a parameter"]);
                Test::Error
            }
        }
    }
}

fn is_id_start(kind: K) -> bool {
    matches!(kind, K::Word | K::String | K::Param | K::Number | K::Timestamp)
}
