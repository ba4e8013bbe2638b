//! Expressions, instants, ids, parameters.

use super::expected::Class;
use super::literal;
use super::parser::Parser;
use crate::engine::base::{Kind, Modality, Span, Value};
use crate::engine::lang::ast::{
    AddOp, Aggregate, AggregateFn, Assignment, Call, CompareOp, Expr, ExprKind, IdKind, IdRef,
    ModalityRef, Name, Param, Path, TimeKind, TimeRef,
};
use crate::engine::lang::diag::{Diagnostic, closest};
use crate::engine::lang::kind::{Kw, SyntaxKind as K};
use crate::engine::lang::lexer;

impl Parser<'_> {
    /// `expr = term { ("+" | "-") term }`
    pub(super) fn expr(&mut self) -> Expr {
        let start = self.start();
        let checkpoint = self.checkpoint();
        let first = self.term();
        if !matches!(self.kind(), K::Plus | K::Minus) || self.panicking {
            self.expected.sign(K::Plus);
            self.expected.sign(K::Minus);
            return first;
        }
        self.open_at(checkpoint, K::Sum);
        let mut rest = Vec::new();
        while !self.panicking {
            let op = match self.kind() {
                K::Plus => AddOp::Add,
                K::Minus => AddOp::Subtract,
                _ => break,
            };
            self.bump();
            rest.push((op, self.term()));
        }
        self.close();
        Expr { kind: ExprKind::Sum { first: Box::new(first), rest }, span: self.since(start) }
    }

    fn term(&mut self) -> Expr {
        self.want(Class::Path);
        self.want(Class::Function);
        self.expected.keyword(Kw::Interval);
        let leaf = self.nth(0);
        if leaf.kind != K::Word {
            return self.value();
        }
        let next = self.nth_kind(1);
        if next == K::LeftParen {
            if leaf.kw.is_some_and(|kw| AggregateFn::from_keyword(kw.word()).is_some()) {
                return self.aggregate_expr();
            }
            if !leaf.kw.is_some_and(|kw| kw.is_reserved() || kw == Kw::Satisfies) {
                return self.call_expr();
            }
        }
        match leaf.kw {
            Some(Kw::Interval) if next == K::String => self.interval(),
            Some(Kw::Timestamp) if next == K::String => self.timestamp_literal(),
            Some(Kw::True | Kw::False | Kw::Null) if next != K::Dot => self.value(),
            Some(kw) if cannot_start_path(kw) => self.no_expression(),
            _ => self.path_expr(),
        }
    }

    fn no_expression(&mut self) -> Expr {
        let span = Span::new(self.last_end, self.last_end);
        self.unexpected_but(&["a value", "a field"]);
        Expr { kind: ExprKind::Error, span }
    }

    /// `value = number | string | boolean | array | parameter | instant`
    pub(super) fn value(&mut self) -> Expr {
        self.want(Class::Value);
        self.want(Class::Param);
        self.expected.keyword(Kw::True);
        self.expected.keyword(Kw::False);
        let start = self.start();
        let leaf = self.nth(0);
        let kind = match leaf.kind {
            K::Number | K::Minus | K::Plus => return self.number_expr(),
            K::String => ExprKind::Literal(Value::Text(self.bump_string())),
            K::Param => ExprKind::Param(self.bump_param()),
            K::Timestamp => {
                let text = self.text_of(leaf);
                self.bump();
                ExprKind::Time(literal::time(text))
            }
            K::LeftBracket => return self.array(),
            K::Ellipsis => {
                self.bump();
                ExprKind::Elided
            }
            K::Word => match leaf.kw {
                Some(Kw::True) => self.keyword_value(Value::Bool(true)),
                Some(Kw::False) => self.keyword_value(Value::Bool(false)),
                Some(Kw::Null) => self.keyword_value(Value::Null),
                _ => return self.no_expression(),
            },
            _ => return self.no_expression(),
        };
        Expr { kind, span: self.since(start) }
    }

    fn keyword_value(&mut self, value: Value) -> ExprKind {
        self.bump_as(K::Keyword);
        ExprKind::Literal(value)
    }

    fn bump_string(&mut self) -> String {
        let leaf = self.bump();
        literal::string(self.text_of(leaf))
    }

    pub(super) fn bump_param(&mut self) -> Param {
        let leaf = self.bump();
        let name = self.text_of(leaf).get(1..).unwrap_or("").to_owned();
        Param { name, span: Span::new(leaf.start, leaf.end) }
    }

    /// A number with an optional sign.
    fn number_expr(&mut self) -> Expr {
        let start = self.start();
        let signed = matches!(self.kind(), K::Minus | K::Plus);
        if signed && self.nth_kind(1) != K::Number {
            return self.no_expression();
        }
        let negative = self.kind() == K::Minus;
        if signed {
            self.open(K::SignedNumber);
            self.bump();
        }
        let leaf = self.bump();
        if signed {
            self.close();
        }
        let span = self.since(start);
        let value = literal::number(self.text_of(leaf), negative);
        if value.is_none() && leaf.flaw.is_none() {
            let shown = literal::shown(self.text_of(leaf));
            let message = format!("number {shown} is out of range");
            self.note(Diagnostic::error(Kind::InvalidNumber, span, message));
        }
        let kind = value.map_or(ExprKind::Error, ExprKind::Literal);
        Expr { kind, span }
    }

    /// `array = "[" [ element { "," element } ] "]"`
    pub(super) fn array(&mut self) -> Expr {
        let start = self.start();
        if !self.at_sign(K::LeftBracket) {
            self.want(Class::Array);
            self.unexpected_but(&["an array such as [0.1, 0.2]"]);
            return Expr { kind: ExprKind::Error, span: self.since(start) };
        }
        self.open(K::Array);
        self.bump();
        let mut items = Vec::new();
        if !self.at_sign(K::RightBracket) {
            let all = self.deeper(|p| {
                let mut items = Vec::new();
                loop {
                    items.push(p.value());
                    if p.panicking || !p.eat_sign(K::Comma) {
                        return items;
                    }
                }
            });
            items = all.unwrap_or_default();
        }
        self.expect_sign(K::RightBracket);
        self.close();
        Expr { kind: ExprKind::Array(items), span: self.since(start) }
    }

    fn interval(&mut self) -> Expr {
        let start = self.start();
        self.bump_as(K::Keyword);
        let text = self.bump_string();
        Expr { kind: ExprKind::Interval(text), span: self.since(start) }
    }

    fn timestamp_literal(&mut self) -> Expr {
        let start = self.start();
        self.bump_as(K::Keyword);
        let text = self.bump_string();
        Expr { kind: ExprKind::Time(literal::time(&text)), span: self.since(start) }
    }

    // ----- paths

    fn path_expr(&mut self) -> Expr {
        let path = self.path();
        let span = path.span;
        Expr { kind: ExprKind::Path(path), span }
    }

    /// `path = name { "." any_name }`; the caller has seen a word.
    pub(super) fn path(&mut self) -> Path {
        let start = self.start();
        self.open(K::Path);
        let mut segments = Vec::new();
        let mut modality = None;
        if let Some(found) = self.kw().and_then(Kw::modality) {
            let leaf = self.bump_as(K::ModalityWord);
            modality = Some(ModalityRef { modality: found, span: Span::new(leaf.start, leaf.end) });
        } else {
            segments.push(self.bump_name(K::Name));
        }
        while self.kind() == K::Dot {
            self.bump();
            if let Some(name) = self.any_name(Class::Path) {
                segments.push(name);
            } else {
                break;
            }
        }
        self.expected.sign(K::Dot);
        self.close();
        Path { modality, segments, span: self.since(start) }
    }

    // ----- calls

    fn call_expr(&mut self) -> Expr {
        let call = self.call();
        let span = call.span;
        Expr { kind: ExprKind::Call(call), span }
    }

    /// `call = name "(" [ expr [ comparison expr ] { "," expr } ] ")"`
    pub(super) fn call(&mut self) -> Call {
        let start = self.start();
        self.open(K::Call);
        let name = self.bump_name(K::FunctionName);
        self.expect_sign(K::LeftParen);
        let (mut args, mut compared) = (Vec::new(), None);
        if !self.at_sign(K::RightParen) {
            let inside = self.deeper(Self::call_arguments);
            (args, compared) = inside.unwrap_or_default();
        }
        self.expect_sign(K::RightParen);
        self.close();
        Call { name, args, compared, span: self.since(start) }
    }

    fn call_arguments(&mut self) -> (Vec<Expr>, Option<(CompareOp, Box<Expr>)>) {
        let mut args = vec![self.expr()];
        let mut compared = None;
        if let Some(op) = self.comparison_sign() {
            compared = Some((op, Box::new(self.expr())));
        }
        while !self.panicking && self.eat_sign(K::Comma) {
            args.push(self.expr());
        }
        (args, compared)
    }

    fn aggregate_expr(&mut self) -> Expr {
        let aggregate = self.aggregate();
        let span = aggregate.span;
        Expr { kind: ExprKind::Aggregate(aggregate), span }
    }

    /// `aggregate = "COUNT" "(" "*" ")" | function "(" ["DISTINCT"] [MODALITY "."] field ")"`
    pub(super) fn aggregate(&mut self) -> Aggregate {
        let start = self.start();
        self.open(K::Call);
        let leaf = self.bump_as(K::Keyword);
        let function = AggregateFn::from_keyword(self.text_of(leaf)).unwrap_or(AggregateFn::Count);
        self.expect_sign(K::LeftParen);
        let distinct = self.nth_kind(1) == K::Word && self.at(Kw::Distinct);
        self.expected.keyword(Kw::Distinct);
        if distinct {
            self.bump_as(K::Keyword);
        }
        let star = !distinct && function == AggregateFn::Count && self.eat_sign(K::Star);
        let path = if star { None } else { self.aggregate_field(function) };
        self.expect_sign(K::RightParen);
        self.close();
        Aggregate { function, distinct, path, span: self.since(start) }
    }

    fn aggregate_field(&mut self, function: AggregateFn) -> Option<Path> {
        self.want(Class::Modality);
        let next = self.nth_kind(1);
        let modality = self.kw().and_then(Kw::modality).is_some();
        let bare = self.kind() == K::Word
            && !modality
            && !self.kw().is_some_and(Kw::is_reserved)
            && next != K::LeftParen;
        if bare || (modality && next == K::Dot) {
            return Some(self.path());
        }
        let span = self.span();
        let name = function.keyword();
        let found = literal::shown(&self.text_here());
        let mut diagnostic = Diagnostic::error(
            Kind::InvalidAggregateExpression,
            span,
            format!("{name} over {found}"),
        )
        .expected(["MODALITY.field"]);
        diagnostic.hint = Some(match self.kind() {
            K::Star => format!("only COUNT(*) counts rows; write {name}(DOCUMENT.field)"),
            K::Word => format!("name the modality: {name}(DOCUMENT.{})", self.text_here()),
            _ => format!("write {name}(DOCUMENT.field)"),
        });
        self.report(diagnostic);
        self.recover(|leaf| {
            matches!(leaf.kind, K::RightParen) || leaf.kw.is_some_and(Kw::is_reserved)
        });
        None
    }

    pub(super) fn text_here(&mut self) -> String {
        let leaf = self.nth(0);
        self.text_of(leaf).to_owned()
    }

    /// A comparison sign, consumed.
    pub(super) fn comparison_sign(&mut self) -> Option<CompareOp> {
        self.want(Class::Comparison);
        let op = match self.kind() {
            K::Equal | K::EqualEqual => CompareOp::Equal,
            K::NotEqual | K::LessGreater => CompareOp::NotEqual,
            K::Less => CompareOp::Less,
            K::LessEqual => CompareOp::LessEqual,
            K::Greater => CompareOp::Greater,
            K::GreaterEqual => CompareOp::GreaterEqual,
            _ => return None,
        };
        self.bump();
        Some(op)
    }

    // ----- ids, modalities, instants

    /// `id = string | word | uuid | parameter`
    pub(super) fn id(&mut self, class: Class) -> Option<IdRef> {
        self.want(class);
        let start = self.start();
        let kind = match self.kind() {
            K::String => IdKind::Text(self.bump_string()),
            K::Param => IdKind::Param(self.bump_param()),
            _ if self.at_bare_id() && !self.at_bad_store(class) && self.relex_word() => {
                let leaf = self.bump();
                IdKind::Word(self.text_of(leaf).to_owned())
            }
            _ => {
                let mut diagnostic =
                    self.unexpected_diagnostic(Kind::UnexpectedToken, &[class.describe()]);
                if self.kind() == K::Number {
                    self.forgive_flaw();
                    diagnostic.hint = Some(format!("write it in quotes: '{}'", self.text_here()));
                } else if let Some(kw) = self.kw().filter(|kw| kw.is_reserved()) {
                    diagnostic.fix = None;
                    diagnostic.hint = Some(format!(
                        "`{}` is a reserved word; write an id of that name in quotes",
                        kw.word()
                    ));
                }
                self.report(diagnostic);
                return None;
            }
        };
        Some(IdRef { kind, span: self.since(start) })
    }

    /// Stores are named, not numbered: `STORE 3d` needs quotes (`STORE 3-east` does not).
    fn at_bad_store(&mut self, class: Class) -> bool {
        let leaf = self.nth(0);
        class == Class::StoreName
            && leaf.kind == K::Number
            && lexer::word_end(self.text, leaf.start) == Some(leaf.end)
    }

    /// An id that may also be a bare whole number (versions are counted).
    pub(super) fn id_or_number(&mut self, class: Class) -> Option<IdRef> {
        if self.kind() == K::Number && !self.relex_word() {
            let leaf = self.bump();
            let text = self.text_of(leaf).to_owned();
            return Some(IdRef { kind: IdKind::Word(text), span: Span::new(leaf.start, leaf.end) });
        }
        self.id(class)
    }

    /// True when the leaf ahead can start an id.
    pub(super) fn at_id(&mut self) -> bool {
        matches!(self.kind(), K::String | K::Param | K::Id) || self.at_bare_id()
    }

    fn at_bare_id(&mut self) -> bool {
        let leaf = self.nth(0);
        match leaf.kind {
            K::Id => true,
            K::Word => {
                // `order-1` is one word, `ORDER` is not.
                let longer =
                    lexer::word_end(self.text, leaf.start).is_some_and(|end| end > leaf.end);
                longer || !leaf.kw.is_some_and(Kw::is_never_id)
            }
            K::Number | K::Timestamp => lexer::word_end(self.text, leaf.start).is_some(),
            _ => false,
        }
    }

    /// A modality, or `InvalidModality`.
    pub(super) fn modality(&mut self) -> Option<ModalityRef> {
        self.want(Class::Modality);
        if let Some(modality) = self.kw().and_then(Kw::modality) {
            let leaf = self.bump_as(K::ModalityWord);
            return Some(ModalityRef { modality, span: Span::new(leaf.start, leaf.end) });
        }
        let leaf = self.nth(0);
        let diagnostic = match leaf.kind {
            K::Word if !leaf.kw.is_some_and(Kw::is_reserved) => {
                unknown_modality(self.text_of(leaf), Span::new(leaf.start, leaf.end))
            }
            _ => self.unexpected_diagnostic(Kind::UnexpectedToken, &modality_words()),
        };
        self.report(diagnostic);
        None
    }

    /// `instant = bare instant | string | parameter`
    pub(super) fn instant(&mut self) -> TimeRef {
        self.want(Class::Instant);
        let start = self.start();
        let leaf = self.nth(0);
        let kind = match leaf.kind {
            K::Timestamp => {
                self.bump();
                literal::time(self.text_of(leaf))
            }
            K::String => literal::time(&self.bump_string()),
            K::Param => TimeKind::Param(self.bump_param()),
            _ => {
                self.unexpected_but(&["an instant such as 2026-01-31T10:00:00Z"]);
                TimeKind::Text(String::new())
            }
        };
        TimeRef { kind, span: self.since(start) }
    }

    // ----- numbers in clauses

    /// A number, for clauses that take a fraction or threshold.
    pub(super) fn plain_number(&mut self) -> Option<f64> {
        self.want(Class::Number);
        if !matches!(self.kind(), K::Number | K::Minus) {
            self.unexpected_but(&["a number"]);
            return None;
        }
        self.number_expr().number()
    }

    /// A whole number from zero.
    pub(super) fn whole_number(&mut self) -> Option<u64> {
        self.want(Class::Count);
        if !matches!(self.kind(), K::Number | K::Minus) {
            self.unexpected_but(&["a whole number"]);
            return None;
        }
        let expr = self.number_expr();
        match expr.kind {
            ExprKind::Literal(Value::Int(n)) if n >= 0 => Some(n.unsigned_abs()),
            ExprKind::Error => None,
            _ => {
                let message = "not a whole number from zero";
                self.note(Diagnostic::error(Kind::InvalidNumber, expr.span, message));
                None
            }
        }
    }

    // ----- parameters of contracts, proofs, transfers

    /// `parameters = parameter { "," parameter }`, `parameter = name "=" value`
    pub(super) fn parameters(&mut self) -> Vec<Assignment> {
        let mut params = Vec::new();
        loop {
            let start = self.start();
            self.open(K::Assignment);
            let name = self.name(Class::Name);
            self.expect_sign(K::Equal);
            let value = self.parameter_value();
            self.close();
            if let Some(name) = name {
                params.push(Assignment { path: bare_path(name), value, span: self.since(start) });
            }
            // `WITH a=b, INTEGRITY(c)`: the next proof, not a parameter.
            let more = self.nth_kind(1) == K::Word && self.nth_kind(2) == K::Equal;
            if self.panicking || !self.at_sign(K::Comma) || !more {
                return params;
            }
            self.bump();
        }
    }

    /// A bare word is a string here.
    pub(super) fn parameter_value(&mut self) -> Expr {
        self.want(Class::Value);
        let leaf = self.nth(0);
        let next = self.nth_kind(1);
        let constant = matches!(leaf.kw, Some(Kw::True | Kw::False | Kw::Null))
            && !matches!(next, K::Minus | K::Dot);
        if !constant && matches!(leaf.kind, K::Word | K::Number | K::Timestamp) && self.at_bare_id()
        {
            let start = self.start();
            self.relex_word();
            let leaf = self.bump();
            let text = self.text_of(leaf).to_owned();
            return Expr { kind: ExprKind::Literal(Value::Text(text)), span: self.since(start) };
        }
        self.value()
    }
}

/// These words mean something else where an expression starts.
fn cannot_start_path(kw: Kw) -> bool {
    (kw.is_reserved() && kw != Kw::Hexad)
        || matches!(kw, Kw::Fulltext | Kw::Satisfies | Kw::As | Kw::Between)
}

/// The path of one name.
pub(super) fn bare_path(name: Name) -> Path {
    let span = name.span;
    Path { modality: None, segments: vec![name], span }
}

/// The eight keywords.
pub(super) fn modality_words() -> Vec<&'static str> {
    Modality::ALL.map(Modality::keyword).to_vec()
}

/// True for a word that was meant to be a modality: almost one, or in capitals as they are.
pub(super) fn is_like_modality(word: &str) -> bool {
    let shouted = word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase);
    shouted || closest(word, modality_words()).is_some()
}

/// `InvalidModality` for a word.
pub(super) fn unknown_modality(word: &str, span: Span) -> Diagnostic {
    let message = format!("unknown modality {}", literal::shown(word));
    let diagnostic =
        Diagnostic::error(Kind::InvalidModality, span, message).expected(modality_words());
    match closest(word, modality_words()) {
        Some(best) => diagnostic.hint(format!("did you mean `{best}`?")).fix(span, best),
        None => diagnostic.hint("a field is selected with its modality: DOCUMENT.title"),
    }
}
