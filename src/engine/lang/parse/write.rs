//! `INSERT`, `UPDATE`, `DELETE`.

use super::expected::Class;
use super::expr::bare_path;
use super::parser::Parser;
use crate::engine::base::{Modality, Span};
use crate::engine::lang::ast::{
    Assignment, DataContent, Delete, Expr, ExprKind, Federation, Insert, InsertForm, ModalityData,
    ModalityRef, Path, Row, Source, SourceKind, StatementKind, Update,
};
use crate::engine::lang::diag::Diagnostic;
use crate::engine::lang::kind::{Kw, SyntaxKind as K};

impl Parser<'_> {
    /// `insert = "INSERT" ("HEXAD" .. | "INTO" .. | string string)`
    pub(super) fn insert(&mut self) -> StatementKind {
        self.open(K::InsertHead);
        self.bump_as(K::Keyword);
        let form = if self.eat(Kw::Hexad) {
            self.insert_hexad()
        } else if self.eat(Kw::Into) {
            self.insert_values()
        } else if self.kind() == K::String {
            let title = self.value();
            let body = if self.kind() == K::String {
                self.value()
            } else {
                self.want(Class::String);
                self.unexpected_but(&["a string"]);
                self.missing_expr()
            };
            self.close();
            Some(InsertForm::Short { title, body })
        } else {
            self.want(Class::String);
            self.unexpected_but(&["HEXAD", "INTO", "a string"]);
            self.close();
            None
        };
        self.recover(|leaf| leaf.kw == Some(Kw::Proof));
        let proof = self.at(Kw::Proof).then(|| self.proof());
        form.map_or(StatementKind::Error, |form| StatementKind::Insert(Insert { form, proof }))
    }

    fn missing_expr(&mut self) -> Expr {
        Expr { kind: ExprKind::Error, span: Span::new(self.last_end, self.last_end) }
    }

    /// `"HEXAD" [id] "WITH" data { "," data }`; closes the head.
    fn insert_hexad(&mut self) -> Option<InsertForm> {
        self.want(Class::HexadId);
        let id = if self.at_id() { self.id(Class::HexadId) } else { None };
        let with = self.expect(Kw::With);
        self.close();
        if !with {
            return None;
        }
        let mut data = Vec::new();
        self.open(K::SetClause);
        loop {
            let start = self.start();
            self.open(K::ModalityData);
            if let Some(modality) = self.modality() {
                let content = self.modality_data(modality.modality);
                data.push(ModalityData { modality, content, span: self.since(start) });
            }
            self.close();
            self.recover(|leaf| leaf.kw == Some(Kw::Proof));
            if !self.eat_sign(K::Comma) {
                break;
            }
        }
        self.close();
        Some(InsertForm::Hexad { id, data })
    }

    /// What stands in the parentheses after a modality.
    fn modality_data(&mut self, modality: Modality) -> DataContent {
        if !self.expect_sign(K::LeftParen) {
            return DataContent::Error;
        }
        let content = match modality {
            Modality::Document | Modality::Provenance | Modality::Spatial => {
                DataContent::Fields(self.assignments(Self::field_assignment))
            }
            Modality::Vector if self.kind() == K::Word && self.nth_kind(1) == K::LeftParen => {
                DataContent::Vector(self.expr())
            }
            Modality::Vector => DataContent::Vector(self.array_or_param()),
            Modality::Tensor => {
                let mut arrays = vec![self.array_or_param()];
                while !self.panicking && self.eat_sign(K::Comma) {
                    arrays.push(self.array_or_param());
                }
                DataContent::Tensor(arrays)
            }
            Modality::Graph => self.edge().unwrap_or(DataContent::Error),
            Modality::Semantic => {
                self.id(Class::Name).map_or(DataContent::Error, DataContent::Type)
            }
            Modality::Temporal => DataContent::Time(self.instant()),
        };
        self.expect_sign(K::RightParen);
        content
    }

    fn array_or_param(&mut self) -> Expr {
        self.want(Class::Param);
        if self.kind() == K::Param { self.value() } else { self.array() }
    }

    fn edge(&mut self) -> Option<DataContent> {
        let predicate = self.name(Class::EdgeType)?;
        self.expect_sign(K::Comma).then_some(())?;
        let target = self.id(Class::HexadId)?;
        Some(DataContent::Edge { predicate, target })
    }

    // ----- assignments

    fn assignments(&mut self, one: fn(&mut Self) -> Option<Path>) -> Vec<Assignment> {
        let mut all = Vec::new();
        loop {
            let start = self.start();
            self.open(K::Assignment);
            let path = one(self);
            let mut value = None;
            if path.is_some() && self.expect_sign(K::Equal) {
                value = Some(self.expr());
            }
            self.close();
            if let (Some(path), Some(value)) = (path, value) {
                all.push(Assignment { path, value, span: self.since(start) });
            }
            if self.panicking || !self.eat_sign(K::Comma) {
                return all;
            }
        }
    }

    fn field_assignment(&mut self) -> Option<Path> {
        self.name(Class::Path).map(bare_path)
    }

    fn path_assignment(&mut self) -> Option<Path> {
        self.want(Class::Path);
        self.want(Class::Modality);
        let reserved = self.kw().is_some_and(|kw| kw.is_reserved() && kw != Kw::Hexad);
        if self.kind() != K::Word || reserved {
            self.unexpected_but(&["a field such as DOCUMENT.title"]);
            return None;
        }
        Some(self.path())
    }

    /// `"SET" path "=" expr { "," .. }`
    pub(super) fn set_clause(&mut self) -> Vec<Assignment> {
        if !self.at(Kw::Set) {
            self.unexpected();
            self.recover(|leaf| matches!(leaf.kw, Some(Kw::Set | Kw::Where | Kw::Proof)));
            if self.kw() != Some(Kw::Set) {
                return Vec::new();
            }
        }
        self.open(K::SetClause);
        self.bump_as(K::Keyword);
        let all = self.assignments(Self::path_assignment);
        self.close();
        self.recover(|leaf| matches!(leaf.kw, Some(Kw::Where | Kw::Proof)));
        all
    }

    // ----- INSERT INTO

    /// `"INTO" collection "(" name { "," name } ")" "VALUES" row { "," row }`; closes the head.
    fn insert_values(&mut self) -> Option<InsertForm> {
        let collection = self.collection_name();
        let columns = self.columns();
        self.close();
        self.recover(|leaf| matches!(leaf.kw, Some(Kw::Values | Kw::Proof)));
        if !self.at(Kw::Values) {
            let mut diagnostic =
                self.unexpected_diagnostic(crate::engine::base::Kind::UnexpectedToken, &["VALUES"]);
            diagnostic.hint.get_or_insert("INSERT INTO needs VALUES (..)".to_owned());
            self.report(diagnostic);
            return None;
        }
        self.open(K::ValuesClause);
        self.bump_as(K::Keyword);
        let mut rows = Vec::new();
        loop {
            rows.extend(self.row());
            self.recover(|leaf| leaf.kind == K::Comma || leaf.kw == Some(Kw::Proof));
            if !self.eat_sign(K::Comma) {
                break;
            }
        }
        self.close();
        self.check_rows(columns.len(), &rows);
        Some(InsertForm::Values { collection: collection?, columns, rows })
    }

    fn columns(&mut self) -> Vec<Path> {
        let mut columns = Vec::new();
        if self.panicking {
            return columns;
        }
        self.open(K::List);
        let open = self.expect_sign(K::LeftParen);
        if open {
            while let Some(path) = self.path_assignment() {
                columns.push(path);
                if !self.eat_sign(K::Comma) {
                    break;
                }
            }
        }
        self.expect_sign(K::RightParen);
        self.close();
        columns
    }

    fn row(&mut self) -> Option<Row> {
        let start = self.start();
        self.open(K::Row);
        let values = self.row_values();
        self.close();
        values.map(|values| Row { values, span: self.since(start) })
    }

    fn row_values(&mut self) -> Option<Vec<Expr>> {
        self.expect_sign(K::LeftParen).then_some(())?;
        let mut values = vec![self.expr()];
        while !self.panicking && self.eat_sign(K::Comma) {
            values.push(self.expr());
        }
        self.expect_sign(K::RightParen).then_some(values)
    }

    fn check_rows(&mut self, columns: usize, rows: &[Row]) {
        if let Some(row) = rows.iter().find(|row| row.values.len() != columns) {
            let message = format!("{} values for {columns} columns", row.values.len());
            self.note(Diagnostic::error(
                crate::engine::base::Kind::UnexpectedToken,
                row.span,
                message,
            ));
        }
    }

    // ----- UPDATE and DELETE

    /// `update = "UPDATE" "HEXAD" [id] "SET" .. [where] [proof]`
    pub(super) fn update(&mut self) -> StatementKind {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        self.expect(Kw::Hexad);
        self.want(Class::HexadId);
        let there = !self.panicking && self.at_optional_id();
        let id = if there { self.id(Class::HexadId) } else { None };
        self.close();
        self.recover(|leaf| matches!(leaf.kw, Some(Kw::Set | Kw::Where | Kw::Proof)));
        let set = self.set_clause();
        let condition = self.where_clause();
        let proof = self.at(Kw::Proof).then(|| self.proof());
        StatementKind::Update(Update { id, set, condition, proof })
    }

    /// `delete = "DELETE" ("HEXAD" id | "FROM" source [where]) [proof]`
    pub(super) fn delete(&mut self) -> StatementKind {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let start = self.start();
        let source = if self.at(Kw::Hexad) {
            self.open(K::Source);
            self.bump_as(K::Keyword);
            let id = self.id(Class::HexadId);
            self.close();
            let broken = id.is_none();
            let kind = if broken { SourceKind::Error } else { SourceKind::Hexad(id) };
            Source { kind, span: self.since(start) }
        } else if self.eat(Kw::From) {
            self.source()
        } else {
            self.unexpected_but(&["HEXAD", "FROM"]);
            Source { kind: SourceKind::Error, span: self.since(start) }
        };
        self.close();
        self.recover(|leaf| matches!(leaf.kw, Some(Kw::Where | Kw::Proof)));
        self.check_delete_source(&source);
        let by_id = matches!(source.kind, SourceKind::Hexad(Some(_)));
        let condition = if by_id { None } else { self.where_clause() };
        let proof = self.at(Kw::Proof).then(|| self.proof());
        StatementKind::Delete(Delete { source, condition, proof })
    }

    fn check_delete_source(&mut self, source: &Source) {
        let fine = matches!(
            source.kind,
            SourceKind::Hexad(_)
                | SourceKind::Collection { .. }
                | SourceKind::Federation(Federation::Hexad)
                | SourceKind::Error
        );
        if !fine {
            self.note(
                Diagnostic::error(
                    crate::engine::base::Kind::UnexpectedToken,
                    source.span,
                    "nothing can be deleted from this source",
                )
                .expected(["HEXAD", "a collection"]),
            );
        }
    }

    /// A modality on its own, for `KEEP` and `FROM`.
    pub(super) fn at_modality(&mut self) -> Option<ModalityRef> {
        self.want(Class::Modality);
        self.kw().and_then(Kw::modality)?;
        self.modality()
    }
}
