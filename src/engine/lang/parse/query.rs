//! Queries: their clauses and the order of them.

use super::expected::Class;
use super::parser::Parser;
use crate::engine::base::{Kind, Span};
use crate::engine::lang::ast::{
    Nulls, OrderKey, Query, QueryForm, RowCount, SelectItem, SelectKind, SetOp, SetOperation,
    Source, SourceKind,
};
use crate::engine::lang::diag::{Diagnostic, closest};
use crate::engine::lang::kind::{Kw, SyntaxKind as K};

/// The clauses behind the source, in their order.
const CLAUSES: [Kw; 7] =
    [Kw::Where, Kw::Group, Kw::Having, Kw::Proof, Kw::Order, Kw::Limit, Kw::Offset];

impl Parser<'_> {
    /// `query = SELECT .. | FROM .. | FIND .. | WITH VERIFICATION ..`; the caller has seen the word.
    pub(super) fn query(&mut self) -> Query {
        let start = self.start();
        self.open(K::Query);
        let mut query = match self.kw() {
            Some(Kw::Find) => self.find_query(),
            Some(Kw::From | Kw::With) => self.legacy_query(),
            _ => self.select_query(),
        };
        self.tail(&mut query);
        self.close();
        query.span = self.since(start);
        query
    }

    fn select_query(&mut self) -> Query {
        self.open(K::SelectClause);
        self.bump_as(K::Keyword);
        if self.kw() == Some(Kw::Hexads) && self.nth_kw(1) == Some(Kw::Where) {
            let name = self.bump_name(K::Name);
            self.close();
            let span = name.span;
            let kind = SourceKind::Collection { name, instance: None };
            return empty_query(QueryForm::SelectHexads, everything(span), Source { kind, span });
        }
        let select = self.select_list();
        self.close();
        let source = self.read_from();
        let of_the_specification =
            !matches!(source.kind, SourceKind::Collection { .. } | SourceKind::Error);
        if of_the_specification {
            self.check_selected(&select);
        }
        empty_query(QueryForm::Select, select, source)
    }

    /// `"FROM" source`, or `MissingFromClause`.
    fn read_from(&mut self) -> Source {
        let place = Span::new(self.last_end, self.last_end);
        if !self.at(Kw::From) {
            self.report_missing_from();
            self.recover(|leaf| leaf.kw.is_some_and(|kw| kw == Kw::From || CLAUSES.contains(&kw)));
        }
        if self.kw() != Some(Kw::From) {
            return Source { kind: SourceKind::Error, span: place };
        }
        self.open(K::FromClause);
        self.bump_as(K::Keyword);
        let source = self.source();
        self.close();
        self.recover(|leaf| leaf.kw.is_some_and(|kw| kw.is_reserved() && kw != Kw::From));
        source
    }

    fn report_missing_from(&mut self) {
        let misspelled = self.nth(0);
        let almost = misspelled.kind == K::Word
            && misspelled.kw.is_none()
            && closest(self.text_of(misspelled), ["FROM"]).is_some();
        let ended = self.at_end()
            || self.kind() == K::RightParen
            || self.kw().is_some_and(|kw| CLAUSES.contains(&kw));
        if !ended {
            let diagnostic = self.unexpected_diagnostic(Kind::UnexpectedToken, &["`,`", "FROM"]);
            self.report(diagnostic);
            if almost {
                // Read on as if it were FROM: the rest of the statement is probably fine.
                self.open(K::FromClause);
                self.bump_as(K::Word);
                self.panicking = false;
                self.source();
                self.close();
                self.panicking = true;
            }
            return;
        }
        let at = Span::new(self.last_end, self.last_end);
        let mut diagnostic =
            Diagnostic::error(Kind::MissingFromClause, at, "every query needs a FROM clause")
                .expected(["FROM"]);
        diagnostic.hint =
            Some("name a source: FROM hexads, FROM HEXAD 'id', FROM STORE name".into());
        self.report(diagnostic);
    }

    /// `["WITH" "VERIFICATION" name] "FROM" legacy {modifier} ["SELECT" list]`
    fn legacy_query(&mut self) -> Query {
        let start = self.start();
        let mut verification = None;
        if self.kw() == Some(Kw::With) {
            self.open(K::VerificationClause);
            self.bump_as(K::Keyword);
            if self.expect(Kw::Verification) {
                verification = self.name(Class::ContractName);
            }
            self.close();
            self.recover(|leaf| leaf.kw == Some(Kw::From));
        }
        if !self.at(Kw::From) {
            self.unexpected();
            let span = self.since(start);
            let source = Source { kind: SourceKind::Error, span };
            return empty_query(QueryForm::FromFirst, everything(span), source);
        }
        self.open(K::FromClause);
        let from = self.span();
        self.bump_as(K::Keyword);
        let source = self.source();
        self.close();
        let legacy = matches!(source.kind, SourceKind::Legacy { .. } | SourceKind::Error);
        if !legacy {
            self.note(
                Diagnostic::error(Kind::MissingSelectClause, from, "missing SELECT clause")
                    .hint("only the verisim: sources of version 1 may leave SELECT out")
                    .expected(["SELECT"]),
            );
        }
        self.recover(|leaf| leaf.kw.is_some_and(|kw| kw.is_reserved() && kw != Kw::From));
        let mut query = empty_query(QueryForm::FromFirst, Vec::new(), source);
        query.verification = verification;
        self.modifiers(&mut query.modifiers);
        if self.at(Kw::Select) {
            self.open(K::SelectClause);
            self.bump_as(K::Keyword);
            query.select = self.select_list();
            self.close();
            let items = query.select.clone();
            self.check_selected(&items);
        } else {
            query.select = everything(query.source.span);
        }
        query
    }

    /// `"FIND" collection`
    fn find_query(&mut self) -> Query {
        self.open(K::FromClause);
        self.bump_as(K::Keyword);
        let start = self.start();
        self.open(K::Source);
        let kind = self.collection();
        self.close();
        self.close();
        let span = self.since(start);
        self.recover(|leaf| leaf.kw.is_some_and(Kw::is_reserved));
        empty_query(QueryForm::Find, everything(span), Source { kind, span })
    }

    // ----- clauses

    /// Everything behind the source, in the documented order.
    fn tail(&mut self, query: &mut Query) {
        self.modifiers(&mut query.modifiers);
        if self.at(Kw::Proof) {
            query.proof = Some(self.proof());
        }
        let early_proof = query.proof.is_some();
        let filtered = self.at(Kw::Where);
        if filtered {
            query.condition = self.where_clause();
            self.modifiers(&mut query.modifiers);
        }
        if !early_proof || filtered {
            self.grouping(query);
            if !early_proof && self.at(Kw::Proof) {
                query.proof = Some(self.proof());
            }
        }
        self.order_and_limits(query);
        self.misplaced_clauses(query);
    }

    /// `"WHERE" condition`
    pub(super) fn where_clause(&mut self) -> Option<crate::engine::lang::ast::Condition> {
        if !self.at(Kw::Where) {
            return None;
        }
        self.open(K::WhereClause);
        self.bump_as(K::Keyword);
        let condition = self.condition();
        self.close();
        Some(condition)
    }

    fn grouping(&mut self, query: &mut Query) {
        if self.at(Kw::Group) {
            self.open(K::GroupClause);
            self.bump_as(K::Keyword);
            self.expect(Kw::By);
            while !self.panicking {
                query.group_by.push(self.expr());
                if !self.eat_sign(K::Comma) {
                    break;
                }
            }
            self.close();
            self.recover(at_clause);
        }
        if self.at(Kw::Having) {
            let span = self.span();
            if query.group_by.is_empty() {
                self.note(
                    Diagnostic::error(Kind::HavingWithoutGroupBy, span, "HAVING needs GROUP BY")
                        .hint("add GROUP BY, or use WHERE to filter rows"),
                );
            }
            self.open(K::HavingClause);
            self.bump_as(K::Keyword);
            query.having = Some(self.condition());
            self.close();
        }
    }

    fn order_and_limits(&mut self, query: &mut Query) {
        query.order_by = self.order_clause();
        query.limit = self.limit_clause(Kw::Limit, K::LimitClause);
        query.offset = self.limit_clause(Kw::Offset, K::OffsetClause);
    }

    /// `"ORDER" "BY" key { "," key }`
    pub(super) fn order_clause(&mut self) -> Vec<OrderKey> {
        let mut keys = Vec::new();
        if !self.at(Kw::Order) {
            return keys;
        }
        self.open(K::OrderClause);
        self.bump_as(K::Keyword);
        self.expect(Kw::By);
        while !self.panicking {
            keys.push(self.order_key());
            if !self.eat_sign(K::Comma) {
                break;
            }
        }
        self.close();
        self.recover(at_clause);
        keys
    }

    /// `key = expr ["ASC" | "DESC"] ["NULLS" ("FIRST" | "LAST")]`
    fn order_key(&mut self) -> OrderKey {
        let start = self.start();
        self.open(K::OrderKey);
        let expr = self.expr();
        let descending = !self.eat(Kw::Asc) && self.eat(Kw::Desc);
        let mut nulls = None;
        if self.eat(Kw::Nulls) {
            nulls = if self.eat(Kw::First) {
                Some(Nulls::First)
            } else {
                self.expect(Kw::Last).then_some(Nulls::Last)
            };
        }
        self.close();
        OrderKey { expr, descending, nulls, span: self.since(start) }
    }

    /// `"LIMIT" (number | parameter)`
    pub(super) fn limit_clause(&mut self, kw: Kw, node: K) -> Option<RowCount> {
        if !self.at(kw) {
            return None;
        }
        self.open(node);
        self.bump_as(K::Keyword);
        self.want(Class::Param);
        let count = if self.kind() == K::Param {
            Some(RowCount::Param(self.bump_param()))
        } else {
            let span = self.span();
            self.whole_number().map(|n| RowCount::Number(n, span))
        };
        self.close();
        self.recover(at_clause);
        count
    }

    /// Clauses that stand too late: reported, then read for what else is wrong with them.
    fn misplaced_clauses(&mut self, query: &mut Query) {
        while let Some(kw) = self.kw().filter(|kw| CLAUSES.contains(kw)) {
            let span = self.span();
            let place = CLAUSES.iter().position(|k| *k == kw).unwrap_or(0);
            let later: Vec<&str> = CLAUSES.iter().skip(place + 1).map(|k| k.word()).collect();
            let message = format!("unexpected `{}`", kw.word());
            let hint = match later.as_slice() {
                _ if clause_given(query, kw) => format!("{} is given twice", kw.word()),
                [] => "it comes last and only once".to_owned(),
                later => format!("{} comes before {}", kw.word(), later.join(", ")),
            };
            self.report(Diagnostic::error(Kind::UnexpectedToken, span, message).hint(hint));
            self.panicking = false;
            let mut scratch = query.scratch();
            match kw {
                Kw::Where => {
                    self.where_clause();
                }
                Kw::Group | Kw::Having => self.grouping(&mut scratch),
                Kw::Proof => {
                    self.proof();
                }
                _ => self.order_and_limits(&mut scratch),
            }
            self.recover(at_clause);
        }
    }

    // ----- set queries

    /// `set_query = arm { ("INTERSECT" | "UNION" ["ALL"] | "EXCEPT") arm }`
    pub(super) fn set_query(&mut self) -> Option<Query> {
        let mut query = self.set_arm()?;
        loop {
            let start = self.start();
            let Some(op) = self.set_operator() else { break };
            if let Some(arm) = self.set_arm() {
                query.set_operations.push(SetOperation { op, query: arm, span: self.since(start) });
            }
            if self.panicking {
                break;
            }
        }
        if query.set_operations.is_empty() {
            self.unexpected_but(&["INTERSECT", "UNION", "EXCEPT"]);
        }
        Some(query)
    }

    fn set_operator(&mut self) -> Option<SetOp> {
        let op = if self.at(Kw::Intersect) {
            SetOp::Intersect
        } else if self.at(Kw::Except) {
            SetOp::Except
        } else if self.at(Kw::Union) {
            SetOp::Union
        } else {
            return None;
        };
        self.open(K::SetOperator);
        self.bump_as(K::Keyword);
        let all = op == SetOp::Union && self.eat(Kw::All);
        self.close();
        Some(if all { SetOp::UnionAll } else { op })
    }

    fn set_arm(&mut self) -> Option<Query> {
        self.open(K::SetArm);
        let arm = self.set_arm_body();
        self.close();
        arm
    }

    fn set_arm_body(&mut self) -> Option<Query> {
        self.expect_sign(K::LeftParen).then_some(())?;
        for kw in [Kw::Select, Kw::From, Kw::With] {
            self.expected.keyword(kw);
        }
        if !matches!(self.kw(), Some(Kw::Select | Kw::From | Kw::With)) {
            self.unexpected();
            return None;
        }
        let query = self.inside_parens(Self::query)?;
        self.expect_sign(K::RightParen);
        Some(query)
    }
}

/// Where a broken clause ends.
fn at_clause(leaf: crate::engine::lang::lexer::Lexed) -> bool {
    leaf.kw.is_some_and(|kw| CLAUSES.contains(&kw)) || leaf.kind == K::RightParen
}

fn clause_given(query: &Query, kw: Kw) -> bool {
    match kw {
        Kw::Where => query.condition.is_some(),
        Kw::Group => !query.group_by.is_empty(),
        Kw::Having => query.having.is_some(),
        Kw::Proof => query.proof.is_some(),
        Kw::Order => !query.order_by.is_empty(),
        Kw::Limit => query.limit.is_some(),
        _ => query.offset.is_some(),
    }
}

/// `*`, at the place that stands for it.
fn everything(span: Span) -> Vec<SelectItem> {
    vec![SelectItem { kind: SelectKind::Everything, alias: None, span }]
}

fn empty_query(form: QueryForm, select: Vec<SelectItem>, source: Source) -> Query {
    let span = source.span;
    Query {
        form,
        verification: None,
        select,
        source,
        modifiers: Vec::new(),
        condition: None,
        group_by: Vec::new(),
        having: None,
        proof: None,
        order_by: Vec::new(),
        limit: None,
        offset: None,
        set_operations: Vec::new(),
        span,
    }
}

impl Query {
    /// A query to read misplaced clauses into, so that they do not overwrite the real ones.
    fn scratch(&self) -> Self {
        let source = Source { kind: SourceKind::Error, span: self.source.span };
        let mut head = empty_query(self.form, Vec::new(), source);
        head.group_by.extend(self.group_by.first().cloned());
        head
    }
}
