//! One pass over a statement that notes every mention.

use super::{Mention, Reach, Role, Symbol, Thing};
use crate::engine::base::{Modality, Span};
use crate::engine::lang::ast::{
    AsOf, Assignment, Condition, ConditionKind, CreateContract, DataContent, Describe, Execute,
    Expr, ExprKind, GraphPattern, IdKind, IdRef, Insert, InsertForm, ModifierKind, Name, Param,
    Path, PermissionOf, ProjectionItem, Proof, ProofBlock, ProofSpec, Query, Resolution, RowCount,
    Search, SearchKind, SelectKind, Snapshot, Source, SourceKind, SourceModifier, Statement,
    StatementKind, TargetKind, Test, TimeKind, TimeRef, Transaction, VectorTarget,
};
use crate::engine::lang::resolve::walk::{self, Met};
use crate::engine::lang::resolve::{FieldRef, Place, Scope};

/// The types of proof whose argument is an entity; that of the others is a contract.
const ABOUT_ENTITIES: [&str; 4] = ["EXISTENCE", "PROVENANCE", "ACCESS", "AUTHORIZATION"];

/// What has been noted so far.
pub(super) struct Collector {
    found: Vec<Mention>,
    scope: Scope,
    /// The names of select items, in lower case.
    aliases: Vec<String>,
    /// The part of the statement whose variables are in scope.
    part: u32,
    /// How many parts there are.
    parts: u32,
    /// Whose the parameters are.
    params: Reach,
}

impl Default for Collector {
    fn default() -> Self {
        Self {
            found: Vec::new(),
            scope: Scope::default(),
            aliases: Vec::new(),
            part: 0,
            parts: 0,
            params: Reach::Part(0),
        }
    }
}

impl Collector {
    /// All of it, in the order of the text.
    pub(super) fn finish(mut self) -> Vec<Mention> {
        self.found.sort_by_key(|mention| mention.span);
        self.found.dedup_by_key(|mention| mention.span);
        self.found
    }

    fn note(&mut self, thing: Thing, name: &str, reach: Reach, span: Span, role: Role) {
        // A name that a syntax error left out has no place.
        if !name.is_empty() && span.start < span.end {
            let symbol = Symbol { thing, name: name.to_owned(), reach };
            self.found.push(Mention { symbol, span, role });
        }
    }

    fn local(&mut self, thing: Thing, name: &str, span: Span, role: Role) {
        self.note(thing, name, Reach::Part(self.part), span, role);
    }

    fn everywhere(&mut self, thing: Thing, name: &Name, role: Role) {
        let key = match thing {
            Thing::Prepared | Thing::Savepoint | Thing::EdgeType => name.text.to_ascii_lowercase(),
            _ => name.text.clone(),
        };
        self.note(thing, &key, Reach::Everywhere, name.span, role);
    }

    fn param(&mut self, param: &Param) {
        let span = Span { start: param.span.start + 1, end: param.span.end };
        let reach = self.params.clone();
        self.note(Thing::Param, &param.name, reach, span, Role::Uses);
    }

    /// What stands in an id position: a thing, or a parameter for one.
    fn id(&mut self, thing: Thing, id: &IdRef, role: Role) {
        match &id.kind {
            IdKind::Word(text) => self.note(thing, text, Reach::Everywhere, id.span, role),
            IdKind::Text(text) => {
                self.note(thing, text, Reach::Everywhere, inside(id.span), role);
            }
            IdKind::Param(param) => self.param(param),
        }
    }

    /// Does something with the variables of another part of the statement.
    fn within(&mut self, scope: Scope, aliases: Vec<String>, act: impl FnOnce(&mut Self)) {
        self.parts += 1;
        let outer = (
            std::mem::replace(&mut self.scope, scope),
            std::mem::replace(&mut self.aliases, aliases),
            std::mem::replace(&mut self.part, self.parts),
        );
        act(self);
        (self.scope, self.aliases, self.part) = outer;
    }

    /// A condition that stands alone, with the assignments and the proof beside it.
    fn alone(&mut self, condition: Option<&Condition>, set: &[Assignment], proof: Option<&Proof>) {
        self.within(Scope::of_condition(condition), Vec::new(), |inner| {
            for assignment in set {
                inner.path(&assignment.path);
                inner.expr(&assignment.value);
            }
            if let Some(condition) = condition {
                inner.condition(condition);
            }
            if let Some(proof) = proof {
                inner.proof(proof);
            }
        });
    }

    pub(super) fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Explain(explain) => self.statement(&explain.statement),
            StatementKind::Query(query) => self.query(query),
            StatementKind::Insert(insert) => self.insert(insert),
            StatementKind::Update(update) => {
                if let Some(id) = &update.id {
                    self.id(Thing::Hexad, id, Role::Uses);
                }
                self.alone(update.condition.as_ref(), &update.set, update.proof.as_ref());
            }
            StatementKind::Delete(delete) => {
                self.source(&delete.source, Role::Removes);
                self.alone(delete.condition.as_ref(), &[], delete.proof.as_ref());
            }
            StatementKind::Search(search) => self.search(search),
            StatementKind::Count(count) => self.alone(count.condition.as_ref(), &[], None),
            StatementKind::Show(show) => {
                show.subject.iter().for_each(|id| self.id(Thing::Hexad, id, Role::Uses));
                self.count(show.limit.as_ref());
            }
            StatementKind::Drift(drift) => {
                self.source(&drift.source, Role::Uses);
                self.modifiers(&drift.modifiers);
                let scope = Scope::of_condition(drift.condition.as_ref());
                self.within(scope, Vec::new(), |inner| {
                    drift.condition.iter().for_each(|condition| inner.condition(condition));
                    drift.order_by.iter().for_each(|key| inner.expr(&key.expr));
                });
                self.count(drift.limit.as_ref());
            }
            StatementKind::Prepare(prepare) => {
                self.everywhere(Thing::Prepared, &prepare.name, Role::Defines);
                self.params = Reach::Prepared(prepare.name.text.to_ascii_lowercase());
                self.statement(&prepare.statement);
            }
            StatementKind::Execute(execute) => self.execute(execute),
            StatementKind::CreateContract(contract) => self.contract(contract),
            other => self.small(other),
        }
    }

    /// The statements that name a thing and little else.
    fn small(&mut self, statement: &StatementKind) {
        match statement {
            StatementKind::Describe(Describe::Source(source)) => self.source(source, Role::Uses),
            StatementKind::Describe(Describe::Contract(name)) => {
                self.everywhere(Thing::Contract, name, Role::Uses);
            }
            StatementKind::Deallocate(Some(name)) => {
                self.everywhere(Thing::Prepared, name, Role::Removes);
            }
            StatementKind::DropContract(drop) => {
                self.everywhere(Thing::Contract, &drop.name, Role::Removes);
            }
            StatementKind::Transaction(transaction) => match transaction {
                Transaction::Savepoint(name) => {
                    self.everywhere(Thing::Savepoint, name, Role::Defines);
                }
                Transaction::Rollback(Some(name)) => {
                    self.everywhere(Thing::Savepoint, name, Role::Uses);
                }
                Transaction::Release(name) => {
                    self.everywhere(Thing::Savepoint, name, Role::Removes);
                }
                Transaction::Begin(_) | Transaction::Commit | Transaction::Rollback(None) => {}
            },
            StatementKind::Snapshot(snapshot) => match snapshot {
                Snapshot::Create(name) => self.everywhere(Thing::Snapshot, name, Role::Defines),
                Snapshot::Drop(name) => self.everywhere(Thing::Snapshot, name, Role::Removes),
                Snapshot::Restore(name) => self.everywhere(Thing::Snapshot, name, Role::Uses),
                Snapshot::Into(file) => self.expr(file),
            },
            StatementKind::Normalize(normalize) => {
                normalize.id.iter().for_each(|id| self.id(Thing::Hexad, id, Role::Uses));
            }
            StatementKind::Resolve(resolve) => {
                if let Resolution::Set(assignments) = &resolve.resolution {
                    self.alone(None, assignments, None);
                }
            }
            StatementKind::Import(transfer) | StatementKind::Export(transfer) => {
                transfer.source.iter().for_each(|source| self.source(source, Role::Uses));
                self.expr(&transfer.file);
                transfer.params.iter().for_each(|param| self.expr(&param.value));
            }
            StatementKind::Grant(permission)
            | StatementKind::Deny(permission)
            | StatementKind::Revoke(permission) => {
                if let Some(PermissionOf::Source(source)) = &permission.of {
                    self.source(source, Role::Uses);
                }
            }
            _ => {}
        }
    }

    fn execute(&mut self, execute: &Execute) {
        self.everywhere(Thing::Prepared, &execute.name, Role::Uses);
        let owner = Reach::Prepared(execute.name.text.to_ascii_lowercase());
        for (name, value) in &execute.args {
            if let Some(name) = name {
                self.note(Thing::Param, &name.text, owner.clone(), name.span, Role::Uses);
            }
            self.expr(value);
        }
    }

    fn contract(&mut self, contract: &CreateContract) {
        self.everywhere(Thing::Contract, &contract.name, Role::Defines);
        self.params = Reach::Contract(contract.name.text.clone());
        self.alone(Some(&contract.condition), &[], None);
        self.given(&contract.params, &self.params.clone(), Role::Defines);
    }

    /// `name = value` where the names are parameters of a contract.
    fn given(&mut self, params: &[Assignment], owner: &Reach, role: Role) {
        for given in params {
            if let Some(name) = given.path.bare() {
                self.note(Thing::Param, &name.text, owner.clone(), name.span, role);
            }
        }
    }

    fn query(&mut self, query: &Query) {
        if let Some(name) = &query.verification {
            self.everywhere(Thing::Contract, name, Role::Uses);
        }
        let named = query.select.iter().filter_map(|item| item.alias.as_ref());
        let aliases = named.map(|alias| alias.text.to_ascii_lowercase()).collect();
        self.within(Scope::of_query(query), Vec::new(), |inner| {
            inner.select(query);
            inner.source(&query.source, Role::Uses);
            inner.modifiers(&query.modifiers);
            query.condition.iter().for_each(|condition| inner.condition(condition));
            // Behind the rows the names of the select items hide those of fields.
            inner.aliases = aliases;
            query.group_by.iter().for_each(|key| inner.expr(key));
            query.having.iter().for_each(|condition| inner.condition(condition));
            query.order_by.iter().for_each(|key| inner.expr(&key.expr));
            inner.aliases.clear();
            query.proof.iter().for_each(|proof| inner.proof(proof));
        });
        self.count(query.limit.as_ref());
        self.count(query.offset.as_ref());
        query.set_operations.iter().for_each(|operation| self.query(&operation.query));
    }

    fn select(&mut self, query: &Query) {
        for item in &query.select {
            if let Some(alias) = &item.alias {
                let name = alias.text.to_ascii_lowercase();
                self.local(Thing::Alias, &name, alias.span, Role::Defines);
            }
            match &item.kind {
                SelectKind::Expr(expr) => self.expr(expr),
                SelectKind::Projection(_, items) => {
                    for item in items {
                        match item {
                            ProjectionItem::Pattern(pattern) => self.pattern(pattern),
                            ProjectionItem::Expr(_) => {}
                        }
                    }
                }
                SelectKind::Everything | SelectKind::Modality(_) | SelectKind::Drift => {}
            }
        }
    }

    fn source(&mut self, source: &Source, role: Role) {
        if let SourceKind::Hexad(Some(id)) = &source.kind {
            self.id(Thing::Hexad, id, role);
        }
    }

    fn modifiers(&mut self, modifiers: &[SourceModifier]) {
        for modifier in modifiers {
            match &modifier.kind {
                ModifierKind::AsOf(as_of) => self.as_of(as_of),
                ModifierKind::Traverse { predicate, .. } => {
                    self.everywhere(Thing::EdgeType, predicate, Role::Uses);
                }
                ModifierKind::UsingContract(name) | ModifierKind::Verify(name) => {
                    self.everywhere(Thing::Contract, name, Role::Uses);
                }
                ModifierKind::Drift(_)
                | ModifierKind::DriftTolerance(_)
                | ModifierKind::ByzantineTolerance(_)
                | ModifierKind::MinQuorum(_) => {}
            }
        }
    }

    fn as_of(&mut self, as_of: &AsOf) {
        self.time(&as_of.at);
        as_of.revert_to.iter().for_each(|at| self.time(at));
    }

    fn time(&mut self, time: &TimeRef) {
        if let TimeKind::Param(param) = &time.kind {
            self.param(param);
        }
    }

    fn count(&mut self, count: Option<&RowCount>) {
        if let Some(RowCount::Param(param)) = count {
            self.param(param);
        }
    }

    fn insert(&mut self, insert: &Insert) {
        match &insert.form {
            InsertForm::Hexad { id, data } => {
                if let Some(id) = id {
                    self.id(Thing::Hexad, id, Role::Defines);
                }
                for part in data {
                    self.data(part.modality.modality, &part.content);
                }
            }
            InsertForm::Values { columns, rows, .. } => {
                for column in columns {
                    self.path(column);
                }
                rows.iter().flat_map(|row| &row.values).for_each(|value| self.expr(value));
            }
            InsertForm::Short { title, body } => {
                self.expr(title);
                self.expr(body);
            }
        }
        insert.proof.iter().for_each(|proof| self.proof(proof));
    }

    fn data(&mut self, modality: Modality, content: &DataContent) {
        match content {
            DataContent::Fields(fields) => {
                for field in fields {
                    let names: Vec<&str> =
                        field.path.segments.iter().map(|s| s.text.as_str()).collect();
                    if field.path.modality.is_none() && modality == Modality::Document {
                        self.field(&format!("DOCUMENT.{}", names.join(".")), &field.path.segments);
                    }
                    self.expr(&field.value);
                }
            }
            DataContent::Vector(value) => self.expr(value),
            DataContent::Tensor(arrays) => arrays.iter().for_each(|array| self.expr(array)),
            DataContent::Edge { predicate, target } => {
                self.everywhere(Thing::EdgeType, predicate, Role::Uses);
                self.id(Thing::Hexad, target, Role::Uses);
            }
            DataContent::Time(time) => self.time(time),
            DataContent::Type(_) | DataContent::Error => {}
        }
    }

    fn search(&mut self, search: &Search) {
        match &search.kind {
            SearchKind::Text(text) => self.expr(text),
            SearchKind::Vector { target, within, .. } => {
                self.target(target);
                if let Some(least) = within {
                    self.expr(least);
                }
            }
            SearchKind::Related { id, predicate } => {
                self.id(Thing::Hexad, id, Role::Uses);
                if let Some(name) = predicate {
                    self.id(Thing::EdgeType, name, Role::Uses);
                }
            }
            SearchKind::Modality { condition, .. } => self.alone(condition.as_ref(), &[], None),
            SearchKind::Error => {}
        }
        self.count(search.limit.as_ref());
    }

    fn proof(&mut self, proof: &Proof) {
        proof.specs.iter().for_each(|spec| self.proof_spec(spec));
    }

    fn proof_spec(&mut self, spec: &ProofSpec) {
        let entity = ABOUT_ENTITIES.iter().any(|name| spec.proof_type.is(name));
        let thing = if entity { Thing::Hexad } else { Thing::Contract };
        spec.argument.iter().for_each(|argument| self.id(thing, argument, Role::Uses));
        spec.params.iter().for_each(|param| self.expr(&param.value));
        if let Some(ProofBlock::Quantified { variable, condition, .. }) = &spec.block {
            let scope = Scope::of_condition(Some(condition)).with_row(&variable.text);
            self.within(scope, Vec::new(), |inner| {
                inner.local(Thing::Variable, &variable.text, variable.span, Role::Defines);
                inner.condition(condition);
            });
        }
    }

    fn condition(&mut self, condition: &Condition) {
        walk::condition(condition, &mut |met| self.meet(met));
    }

    fn expr(&mut self, expr: &Expr) {
        walk::expr(expr, &mut |met| self.meet(met));
    }

    fn meet(&mut self, met: Met<'_>) {
        match met {
            Met::Param(param) => self.param(param),
            Met::Pattern(pattern) => self.pattern(pattern),
            Met::Expr(expr) => match &expr.kind {
                ExprKind::Path(path) => self.path(path),
                ExprKind::Aggregate(aggregate) => {
                    aggregate.path.iter().for_each(|path| self.path(path));
                }
                _ => {}
            },
            Met::Condition(condition) => self.leaf(condition),
        }
    }

    /// What a condition names that is no expression.
    fn leaf(&mut self, condition: &Condition) {
        match &condition.kind {
            ConditionKind::Satisfies { contract, params } => {
                self.everywhere(Thing::Contract, contract, Role::Uses);
                self.given(params, &Reach::Contract(contract.text.clone()), Role::Uses);
            }
            ConditionKind::Similar { subject, target, .. } => {
                self.path(subject);
                self.target_name(target);
            }
            ConditionKind::Nearest { subject, target, .. } => {
                self.path(subject);
                if let Some(target) = target {
                    self.target_name(target);
                }
            }
            ConditionKind::Refinement { variable, .. } => {
                self.local(Thing::Variable, &variable.text, variable.span, Role::Defines);
            }
            ConditionKind::Field { path, .. } => match path.as_slice() {
                [name] if self.aliases.contains(&name.text.to_ascii_lowercase()) => {
                    let key = name.text.to_ascii_lowercase();
                    self.local(Thing::Alias, &key, name.span, Role::Uses);
                }
                names => {
                    let joined: Vec<&str> = names.iter().map(|n| n.text.as_str()).collect();
                    self.field(&format!("DOCUMENT.{}", joined.join(".")), names);
                }
            },
            ConditionKind::Comparison { left, test } => self.compared_id(left, test),
            _ => {}
        }
    }

    /// `id = 'a'`, `h.id IN ('a', 'b')`
    fn compared_id(&mut self, left: &Expr, test: &Test) {
        let Some(path) = left.path() else { return };
        if FieldRef::of(path, &self.scope).place() != Some(&Place::Id) {
            return;
        }
        let values = match test {
            Test::Compare(_, value) => std::slice::from_ref(value),
            Test::In(values) => values.as_slice(),
            _ => return,
        };
        for value in values {
            if let Some(id) = value.text() {
                self.note(Thing::Hexad, id, Reach::Everywhere, inside(value.span), Role::Uses);
            }
        }
    }

    /// The target of a vector condition; what a search has instead.
    fn target(&mut self, target: &VectorTarget) {
        walk::target(target, &mut |met| self.meet(met));
        self.target_name(target);
    }

    fn target_name(&mut self, target: &VectorTarget) {
        match &target.kind {
            TargetKind::Entity(id) if id.param().is_none() => {
                self.id(Thing::Hexad, id, Role::Uses);
            }
            TargetKind::Variable(name) => {
                self.local(Thing::Variable, &name.text, name.span, Role::Uses);
            }
            TargetKind::Entity(_)
            | TargetKind::Array(_)
            | TargetKind::Param(_)
            | TargetKind::Call(_)
            | TargetKind::Error => {}
        }
    }

    fn pattern(&mut self, pattern: &GraphPattern) {
        for variable in pattern.nodes.iter().filter_map(|node| node.variable.as_ref()) {
            let known = |m: &Mention| {
                m.role == Role::Defines
                    && m.symbol.thing == Thing::Variable
                    && m.symbol.reach == Reach::Part(self.part)
                    && m.symbol.name == variable.text
            };
            let role = if self.found.iter().any(known) { Role::Uses } else { Role::Defines };
            self.local(Thing::Variable, &variable.text, variable.span, role);
        }
        for edge in &pattern.edges {
            self.everywhere(Thing::EdgeType, &edge.edge_type, Role::Uses);
        }
    }

    /// A path: an alias, or the variable it starts with, and the field.
    fn path(&mut self, path: &Path) {
        let bare = path.bare().filter(|n| self.aliases.contains(&n.text.to_ascii_lowercase()));
        if let Some(name) = bare {
            let key = name.text.to_ascii_lowercase();
            self.local(Thing::Alias, &key, name.span, Role::Uses);
            return;
        }
        let head = path.segments.first().filter(|_| path.modality.is_none());
        let is_variable =
            |head: &&Name| self.scope.bound.contains(&head.text) || self.scope.is_row(&head.text);
        let rest = match head.filter(is_variable).cloned() {
            Some(head) => {
                self.local(Thing::Variable, &head.text, head.span, Role::Uses);
                path.segments.get(1..).unwrap_or_default()
            }
            None => path.segments.as_slice(),
        };
        let field = FieldRef::of(path, &self.scope);
        if let Some(name) = field_name(&field) {
            self.field(&name, rest);
        }
    }

    fn field(&mut self, name: &str, segments: &[Name]) {
        if let (Some(first), Some(last)) = (segments.first(), segments.last()) {
            let span = first.span.to(last.span);
            self.note(Thing::Field, name, Reach::Everywhere, span, Role::Uses);
        }
    }
}

/// The place between the quotes of a string.
fn inside(quoted: Span) -> Span {
    Span { start: quoted.start + 1, end: quoted.end.saturating_sub(1) }
}

/// The one name of a field, whatever the spelling.
fn field_name(field: &FieldRef) -> Option<String> {
    match field.places.first()? {
        Place::Document(path) => Some(format!("DOCUMENT.{}", path.join("."))),
        Place::Property(path) => Some(format!("SEMANTIC.{}", path.join("."))),
        Place::Embedding(name) => Some(format!("VECTOR.{name}")),
        Place::EdgeTargets(predicate) => Some(format!("GRAPH.{}", predicate.to_ascii_lowercase())),
        Place::Virtual(known) => Some(format!("{known:?}")),
        Place::Pseudo(pseudo) => Some(pseudo.name().to_owned()),
        Place::Types => Some("types".to_owned()),
        Place::Id => Some("id".to_owned()),
        Place::Whole(_) => None,
    }
}
