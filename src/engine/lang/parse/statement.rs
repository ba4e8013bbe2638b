//! Texts, statements, and the statements with few clauses of their own.

use super::expected::Class;
use super::literal;
use super::parser::Parser;
use crate::engine::base::{Kind, Span, Value};
use crate::engine::lang::ast::{
    Count, CreateContract, Describe, DriftAction, DriftStatement, DropContract, Execute, Explain,
    Expr, ExprKind, Name, Param, Prepare, Script, Search, SearchKind, SetSetting, Show, ShowTarget,
    Snapshot, Source, SourceKind, Statement, StatementKind as S, Transfer, VersionPragma,
};
use crate::engine::lang::diag::closest;
use crate::engine::lang::kind::{Kw, SyntaxKind as K};

impl Parser<'_> {
    /// `script = [ statement ] { ";" [ statement ] }`
    pub(super) fn script(&mut self) -> Script {
        let mut statements = Vec::new();
        loop {
            self.skip_semicolons();
            if self.kind() == K::Eof {
                self.want(Class::Statement);
                for kw in Kw::STATEMENTS {
                    self.expected.keyword(*kw);
                }
                return Script { statements };
            }
            statements.push(self.whole_statement());
        }
    }

    /// Empty statements, and the first step of the one behind them.
    pub(super) fn skip_semicolons(&mut self) {
        self.begin_statement();
        while self.kind() == K::Semicolon {
            self.bump();
            self.begin_statement();
        }
    }

    /// A statement up to its `;`, whatever stands in between.
    pub(super) fn whole_statement(&mut self) -> Statement {
        let start = self.start();
        self.open(K::Statement);
        let statement = self.statement();
        if !self.at_end() {
            self.expected.sign(K::Semicolon);
            self.report_leftover();
        } else if matches!(statement.kind, S::Version(_)) && self.kind() != K::Semicolon {
            self.unexpected_but(&["`;`"]);
        }
        self.panicking = true;
        self.recover(|_| false);
        self.close();
        Statement { kind: statement.kind, span: self.since(start) }
    }

    fn report_leftover(&mut self) {
        let leaf = self.nth(0);
        if leaf.kw.is_some_and(Kw::starts_statement) && !self.panicking {
            let diagnostic = self.unexpected_diagnostic(Kind::UnexpectedToken, &["`;`"]);
            self.report(diagnostic.hint("statements are separated by `;`"));
        } else {
            self.unexpected();
        }
    }

    /// `statement = ..`; the caller has made sure that there is something.
    pub(super) fn statement(&mut self) -> Statement {
        let start = self.start();
        let kind = self.statement_kind();
        Statement { kind, span: self.since(start) }
    }

    fn statement_kind(&mut self) -> S {
        if self.kind() == K::LeftParen {
            return self.set_query().map_or(S::Error, |query| S::Query(Box::new(query)));
        }
        self.want(Class::Statement);
        for kw in Kw::STATEMENTS {
            self.expected.keyword(*kw);
        }
        let Some(kw) = self.kw() else { return self.unknown_statement() };
        match kw {
            Kw::Select | Kw::From | Kw::With | Kw::Find => S::Query(Box::new(self.query())),
            Kw::Explain => self.explain(),
            Kw::Insert => self.insert(),
            Kw::Update => self.update(),
            Kw::Delete => self.delete(),
            Kw::Search => self.search(),
            Kw::Count => self.count(),
            Kw::Show => self.show(),
            Kw::Describe => self.describe(),
            Kw::Drift => self.drift(),
            Kw::Set => self.set_setting(),
            Kw::Version => self.version(),
            Kw::Begin | Kw::Commit | Kw::Rollback | Kw::Savepoint | Kw::Release => {
                self.transaction(kw)
            }
            Kw::Prepare => self.prepare(),
            Kw::Execute => self.execute(),
            Kw::Deallocate => self.deallocate(),
            Kw::Create | Kw::Drop | Kw::Restore => self.create_or_drop(kw),
            Kw::Grant | Kw::Deny | Kw::Revoke => self.permission(kw),
            Kw::Rotate => self.rotate(),
            Kw::Normalize => self.normalize(),
            Kw::Resolve => self.resolve(),
            Kw::Revert => self.revert(),
            Kw::Snapshot => self.snapshot_into(),
            Kw::Import | Kw::Export => self.transfer(kw),
            Kw::Checkpoint => {
                self.head_word();
                S::Checkpoint
            }
            Kw::Analyze => {
                self.open(K::Head);
                self.bump_as(K::Keyword);
                let modality = self.at_modality();
                self.close();
                S::Analyze(modality)
            }
            Kw::Check => {
                self.open(K::Head);
                self.bump_as(K::Keyword);
                self.expect(Kw::Integrity);
                self.close();
                S::CheckIntegrity
            }
            _ => self.unknown_statement(),
        }
    }

    fn unknown_statement(&mut self) -> S {
        let words: Vec<&str> = Kw::STATEMENTS.iter().take(10).map(|kw| kw.word()).collect();
        let mut diagnostic = self.unexpected_diagnostic(Kind::UnexpectedToken, &words);
        diagnostic.expected.push("..".into());
        let leaf = self.nth(0);
        if leaf.kind == K::Word {
            diagnostic.message =
                format!("no statement starts with {}", literal::shown(self.text_of(leaf)));
            let all = Kw::STATEMENTS.iter().map(|kw| kw.word());
            diagnostic.hint =
                closest(self.text_of(leaf), all).map(|best| format!("did you mean `{best}`?"));
        }
        self.report(diagnostic);
        S::Error
    }

    fn head_word(&mut self) {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        self.close();
    }

    /// `"VERSION" number "." number ["." number]`; the `;` belongs to the text.
    fn version(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let pragma = if self.relex_version() {
            let version = self.bump_name(K::Number);
            S::Version(VersionPragma { version })
        } else {
            self.unexpected_but(&["a version such as 2.0"]);
            S::Error
        };
        self.close();
        pragma
    }

    /// `"EXPLAIN" ["ANALYZE"] ["(" name { "," name } ")"] statement`
    fn explain(&mut self) -> S {
        self.open(K::Explain);
        self.bump_as(K::Keyword);
        // `EXPLAIN ANALYZE VECTOR` explains the statement ANALYZE.
        let next = self.nth(1);
        let statement_itself = matches!(next.kind, K::Eof | K::Semicolon)
            || next.kw.is_some_and(|kw| kw.modality().is_some());
        let analyze = !statement_itself && self.eat(Kw::Analyze);
        let mut options = Vec::new();
        let set_query = matches!(self.nth_kw(1), Some(Kw::Select | Kw::From | Kw::With));
        if self.kind() == K::LeftParen && !set_query {
            options = self.name_list(Class::Name);
        }
        self.close();
        let statement = self.inner_statement();
        S::Explain(Explain { analyze, options, statement: Box::new(statement) })
    }

    /// `"(" name { "," name } ")"`
    fn name_list(&mut self, class: Class) -> Vec<Name> {
        let mut names = Vec::new();
        self.open(K::List);
        self.expect_sign(K::LeftParen);
        while let Some(name) = self.name(class) {
            names.push(name);
            if !self.eat_sign(K::Comma) {
                break;
            }
        }
        self.expect_sign(K::RightParen);
        self.close();
        names
    }

    fn inner_statement(&mut self) -> Statement {
        let span = self.span();
        let hole = Statement { kind: S::Error, span };
        if self.panicking {
            return hole;
        }
        self.deeper(Self::statement).unwrap_or(hole)
    }

    // ----- reading

    fn search(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        self.want(Class::Modality);
        let kind = if self.eat(Kw::Text) {
            self.search_text()
        } else if self.eat(Kw::Related) {
            self.search_related()
        } else if self.at(Kw::Vector) && !self.at_modality_search() {
            self.bump_as(K::ModalityWord);
            if self.eat(Kw::Similar) {
                self.expect(Kw::To);
            }
            let target = self.vector_target();
            let (within, metric) = self.within_and_metric();
            SearchKind::Vector { target, within, metric }
        } else if let Some(modality) = self.at_modality() {
            self.close();
            let condition = self.where_clause();
            let limit = self.limit_clause(Kw::Limit, K::LimitClause);
            let kind = SearchKind::Modality { modality, condition };
            return S::Search(Search { kind, limit });
        } else {
            self.unexpected_but(&["TEXT", "VECTOR", "RELATED", "a modality"]);
            SearchKind::Error
        };
        self.close();
        self.recover(|leaf| leaf.kw == Some(Kw::Limit));
        let limit = self.limit_clause(Kw::Limit, K::LimitClause);
        S::Search(Search { kind, limit })
    }

    /// `SEARCH VECTOR WHERE ..` as opposed to `SEARCH VECTOR [..]`.
    fn at_modality_search(&mut self) -> bool {
        matches!(self.nth_kw(1), Some(Kw::Where | Kw::Limit))
    }

    fn search_text(&mut self) -> SearchKind {
        self.want(Class::String);
        self.want(Class::Param);
        if matches!(self.kind(), K::String | K::Param) {
            return SearchKind::Text(self.value());
        }
        self.unexpected_but(&["a string", "a parameter"]);
        SearchKind::Error
    }

    fn search_related(&mut self) -> SearchKind {
        let Some(id) = self.id(Class::HexadId) else { return SearchKind::Error };
        let predicate = if self.eat(Kw::By) { self.id(Class::EdgeType) } else { None };
        SearchKind::Related { id, predicate }
    }

    fn count(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        if self.at(Kw::Hexads) {
            self.bump_as(K::Name);
        } else {
            self.unexpected();
        }
        self.close();
        self.recover(|leaf| leaf.kw == Some(Kw::Where));
        S::Count(Count { condition: self.where_clause() })
    }

    fn show(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        for target in ShowTarget::ALL {
            if let Some(kw) = Kw::find(target.keyword()) {
                self.expected.keyword(kw);
            }
        }
        let target = self.kw().and_then(|kw| ShowTarget::from_keyword(kw.word()));
        let (mut subject, mut on) = (None, None);
        if target.is_some() {
            self.bump_as(K::Keyword);
            if target == Some(ShowTarget::Slow) {
                self.expect(Kw::Queries);
            }
            self.want(Class::HexadId);
            if target == Some(ShowTarget::Access) {
                (subject, on) = self.show_access();
            } else if self.at_id() {
                subject = self.id(Class::HexadId);
            }
        } else {
            let words: Vec<&str> = ShowTarget::ALL.iter().map(|t| t.keyword()).collect();
            self.unexpected_but(&words);
        }
        self.close();
        self.recover(|leaf| leaf.kw == Some(Kw::Limit));
        let limit = self.limit_clause(Kw::Limit, K::LimitClause);
        S::Show(Show { target, subject, on, limit })
    }

    fn describe(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let what = if self.at(Kw::Contract) && self.nth_kind(1) == K::Word {
            self.bump_as(K::Keyword);
            self.name(Class::ContractName).map_or(S::Error, |n| S::Describe(Describe::Contract(n)))
        } else if let Some(modality) = self.at_modality() {
            S::Describe(Describe::Modality(modality))
        } else {
            S::Describe(Describe::Source(self.source()))
        };
        self.close();
        what
    }

    // ----- drift

    fn drift(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        for action in DriftAction::ALL {
            if let Some(kw) = Kw::find(action.keyword()) {
                self.expected.keyword(kw);
            }
        }
        let Some(action) = self.kw().and_then(|kw| DriftAction::from_keyword(kw.word())) else {
            let words = DriftAction::ALL.map(DriftAction::keyword);
            self.unexpected_but(&words);
            self.close();
            return S::Error;
        };
        self.bump_as(K::Keyword);
        let federation = self.eat(Kw::Federation);
        self.close();
        let source = self.drift_source();
        let mut drift = DriftStatement {
            action,
            federation,
            source,
            condition: None,
            strategy: None,
            stores: Vec::new(),
            coordinator: None,
            modifiers: Vec::new(),
            order_by: Vec::new(),
            limit: None,
        };
        self.drift_options(&mut drift);
        drift.condition = self.where_clause();
        self.drift_options(&mut drift);
        drift.order_by = self.order_clause();
        drift.limit = self.limit_clause(Kw::Limit, K::LimitClause);
        S::Drift(Box::new(drift))
    }

    fn drift_source(&mut self) -> Source {
        let place = Span::new(self.last_end, self.last_end);
        if !self.at(Kw::From) {
            self.unexpected();
            self.recover(|leaf| leaf.kw == Some(Kw::From));
            if self.kw() != Some(Kw::From) {
                return Source { kind: SourceKind::Error, span: place };
            }
        }
        self.open(K::FromClause);
        self.bump_as(K::Keyword);
        let source = self.source();
        self.close();
        self.recover(|leaf| leaf.kw.is_some_and(Kw::is_reserved));
        source
    }

    /// `"USING" "STRATEGY" name | "STORES" "[" parameter, .. "]" | "COORDINATOR" parameter | modifier`
    fn drift_options(&mut self, drift: &mut DriftStatement) {
        while !self.panicking {
            if let Some(name) = self.strategy() {
                drift.strategy = Some(name);
            } else if self.at(Kw::Stores) {
                self.open(K::Option);
                self.bump_as(K::Keyword);
                drift.stores = self.param_list();
                self.close();
            } else if self.at(Kw::Coordinator) {
                self.open(K::Option);
                self.bump_as(K::Keyword);
                drift.coordinator = self.param();
                self.close();
            } else if self.at_modifier() {
                self.modifiers(&mut drift.modifiers);
            } else {
                break;
            }
        }
        self.recover(|leaf| leaf.kw.is_some_and(Kw::is_reserved));
    }

    /// `"USING" "STRATEGY" name`
    pub(super) fn strategy(&mut self) -> Option<Name> {
        self.expected.keyword(Kw::Using);
        if self.kw() != Some(Kw::Using) || self.nth_kw(1) != Some(Kw::Strategy) {
            return None;
        }
        self.open(K::Option);
        self.bump_as(K::Keyword);
        self.bump_as(K::Keyword);
        let name = self.name(Class::Name);
        self.close();
        name
    }

    fn param(&mut self) -> Option<Param> {
        self.want(Class::Param);
        if self.kind() == K::Param {
            return Some(self.bump_param());
        }
        self.unexpected_but(&["a parameter"]);
        None
    }

    fn param_list(&mut self) -> Vec<Param> {
        let mut params = Vec::new();
        self.open(K::Array);
        self.expect_sign(K::LeftBracket);
        while !self.panicking {
            params.extend(self.param());
            if self.panicking || !self.eat_sign(K::Comma) {
                break;
            }
        }
        self.expect_sign(K::RightBracket);
        self.close();
        params
    }

    // ----- settings, prepared statements

    /// `"SET" name ["=" | "TO"] (name | number | string)`
    fn set_setting(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let setting = self.setting();
        self.close();
        setting.map_or(S::Error, S::Set)
    }

    fn setting(&mut self) -> Option<SetSetting> {
        let mut name = self.name(Class::Setting)?;
        while self.kind() == K::Dot {
            self.bump();
            let part = self.any_name(Class::Setting)?;
            name.text = format!("{}.{}", name.text, part.text);
            name.span = name.span.to(part.span);
        }
        if !self.eat_sign(K::Equal)
            && self.nth_kind(1) != K::Eof
            && self.nth_kind(1) != K::Semicolon
        {
            self.eat(Kw::To);
        }
        self.want(Class::Value);
        let start = self.start();
        let constant = matches!(self.kw(), Some(Kw::True | Kw::False));
        let value = if self.kind() == K::Word && !constant {
            self.relex_word();
            Value::Text(self.bump_name(K::Id).text)
        } else {
            let expr = self.value();
            match expr.kind {
                ExprKind::Literal(value) => value,
                ExprKind::Error => return None,
                _ => {
                    let message = "a setting takes a number, a string or a word";
                    self.note(crate::engine::lang::diag::Diagnostic::error(
                        Kind::UnexpectedToken,
                        expr.span,
                        message,
                    ));
                    return None;
                }
            }
        };
        Some(SetSetting { name, value, value_span: self.since(start) })
    }

    /// `"PREPARE" name ["(" name, .. ")"] "AS" statement`
    fn prepare(&mut self) -> S {
        self.open(K::Explain);
        self.bump_as(K::Keyword);
        let name = self.name(Class::Name);
        let types =
            if self.at_sign(K::LeftParen) { self.name_list(Class::Name) } else { Vec::new() };
        if !self.panicking {
            self.expect(Kw::As);
        }
        self.close();
        let statement = Box::new(self.inner_statement());
        name.map_or(S::Error, |name| S::Prepare(Prepare { name, types, statement }))
    }

    /// `"EXECUTE" name ["(" argument { "," argument } ")"]`
    fn execute(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let Some(name) = self.name(Class::PreparedName) else {
            self.close();
            return S::Error;
        };
        let mut args = Vec::new();
        if self.at_sign(K::LeftParen) {
            self.open(K::List);
            self.bump();
            while !self.panicking && !self.at_sign(K::RightParen) {
                args.push(self.execute_argument());
                if !self.eat_sign(K::Comma) {
                    break;
                }
            }
            self.expect_sign(K::RightParen);
            self.close();
        }
        self.close();
        S::Execute(Execute { name, args })
    }

    fn execute_argument(&mut self) -> (Option<Name>, Expr) {
        let mut name = None;
        if self.kind() == K::Word && self.nth_kind(1) == K::FatArrow {
            name = Some(self.bump_name(K::Name));
            self.bump();
        }
        (name, self.expr())
    }

    fn deallocate(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let which = if self.eat(Kw::All) {
            S::Deallocate(None)
        } else {
            self.name(Class::PreparedName).map_or(S::Error, |name| S::Deallocate(Some(name)))
        };
        self.close();
        which
    }

    // ----- contracts, snapshots, rights

    fn create_or_drop(&mut self, kw: Kw) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let or_replace = kw == Kw::Create && self.eat(Kw::Or) && self.expect(Kw::Replace);
        let contract = kw != Kw::Restore && !self.panicking && self.eat(Kw::Contract);
        let statement = if contract && kw == Kw::Create {
            return self.create_contract(or_replace);
        } else if kw != Kw::Restore && !self.panicking && self.eat(Kw::Policy) {
            if kw == Kw::Create {
                return self.create_policy(or_replace);
            }
            self.drop_policy()
        } else if kw != Kw::Restore && !or_replace && !self.panicking && self.eat(Kw::Role) {
            self.role(kw)
        } else if kw != Kw::Restore && !or_replace && !self.panicking && self.eat(Kw::Key) {
            if kw == Kw::Create {
                return self.create_key();
            }
            self.drop_key()
        } else if contract {
            let if_exists = self.eat(Kw::If) && self.expect(Kw::Exists);
            let name = self.name(Class::ContractName);
            name.map(|name| S::DropContract(DropContract { name, if_exists }))
        } else if !or_replace && self.eat(Kw::Snapshot) {
            self.name(Class::SnapshotName).map(|name| {
                S::Snapshot(match kw {
                    Kw::Create => Snapshot::Create(name),
                    Kw::Drop => Snapshot::Drop(name),
                    _ => Snapshot::Restore(name),
                })
            })
        } else {
            self.unexpected();
            None
        };
        self.close();
        statement.unwrap_or(S::Error)
    }

    /// `"CONTRACT" name ["FOR" name] "AS" "(" condition ")" ["WITH" parameters]`; closes the head.
    fn create_contract(&mut self, or_replace: bool) -> S {
        let name = self.name(Class::ContractName);
        let proof_type =
            if !self.panicking && self.eat(Kw::For) { self.name(Class::ProofType) } else { None };
        let body = !self.panicking && self.expect(Kw::As);
        self.close();
        let (Some(name), true) = (name, body) else { return S::Error };
        self.open(K::ParenCondition);
        if !self.expect_sign(K::LeftParen) {
            self.close();
            return S::Error;
        }
        let span = self.span();
        let hole = crate::engine::lang::ast::Condition {
            kind: crate::engine::lang::ast::ConditionKind::Error,
            span,
        };
        let condition = self.inside_parens(Self::condition).unwrap_or(hole);
        self.expect_sign(K::RightParen);
        self.close();
        let params = self.with_parameters();
        S::CreateContract(Box::new(CreateContract {
            name,
            or_replace,
            proof_type,
            condition,
            params,
        }))
    }

    /// `["WITH" parameters]`
    pub(super) fn with_parameters(&mut self) -> Vec<crate::engine::lang::ast::Assignment> {
        if self.panicking || !self.at(Kw::With) {
            return Vec::new();
        }
        self.open(K::Option);
        self.bump_as(K::Keyword);
        let params = self.parameters();
        self.close();
        params
    }

    /// `"SNAPSHOT" ["INTO"] string`
    fn snapshot_into(&mut self) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        self.eat(Kw::Into);
        let file = self.file();
        self.close();
        file.map_or(S::Error, |path| S::Snapshot(Snapshot::Into(path)))
    }

    fn file(&mut self) -> Option<Expr> {
        self.want(Class::String);
        if self.kind() == K::String {
            return Some(self.value());
        }
        self.unexpected_but(&["a file name in quotes"]);
        None
    }

    // ----- keeping the database whole

    /// `("IMPORT" | "EXPORT") [source] ("FROM" | "TO") string ["FORMAT" name] ["WITH" parameters]`
    fn transfer(&mut self, kw: Kw) -> S {
        self.open(K::Head);
        self.bump_as(K::Keyword);
        let direct = matches!(self.kw(), Some(Kw::From | Kw::To)) && self.nth_kind(1) == K::String;
        self.expected.keyword(if kw == Kw::Import { Kw::From } else { Kw::To });
        let source = if direct { None } else { Some(self.source()) };
        if !self.panicking && !self.eat(Kw::From) {
            self.expect(Kw::To);
        }
        let file = if self.panicking { None } else { self.file() };
        self.close();
        let mut format = None;
        if !self.panicking && self.at(Kw::Format) {
            self.open(K::Option);
            self.bump_as(K::Keyword);
            format = self.name(Class::Name);
            self.close();
        }
        let params = self.with_parameters();
        let Some(file) = file else { return S::Error };
        let transfer = Transfer { source, file, format, params };
        if kw == Kw::Import { S::Import(transfer) } else { S::Export(transfer) }
    }
}
