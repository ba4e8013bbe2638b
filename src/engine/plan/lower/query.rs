//! Queries: source, state, condition, columns, groups, order.

use std::sync::Arc;

use super::Lowering;
use super::expr::{Names, OfRow};
use crate::engine::base::{Error, HexadId, Kind, Modality, Result, Span, Value};
use crate::engine::lang::ast::{
    Aggregate as AstAggregate, AggregateFn, AsOf, Condition, ConditionKind, DriftPolicy, Expr,
    ExprKind, ModifierKind, Name, Nulls, OrderKey, Path, ProjectionItem, Query, RowCount,
    SelectItem, SelectKind, Source as AstSource, SourceKind, SourceModifier,
};
use crate::engine::lang::resolve::{FieldRef, Place, Pseudo};
use crate::engine::plan::logical::{
    Aggregate, Filter, Item, Order, Scalar, Select, Source, Test, Tolerance, VectorTarget, When,
};

/// What the drift policies of a query put up with: the strictest counts.
fn tolerance(query: &Query) -> Option<Tolerance> {
    let shares = query.modifiers.iter().filter_map(|modifier| {
        let share = match &modifier.kind {
            ModifierKind::Drift(DriftPolicy::Strict) => 0.0,
            ModifierKind::Drift(DriftPolicy::Named(name))
                if name.is("strict") || name.is("strict_consistency") =>
            {
                0.0
            }
            ModifierKind::DriftTolerance(share) => *share,
            _ => return None,
        };
        Some(Tolerance { share, span: modifier.span })
    });
    shares.min_by(|a, b| a.share.total_cmp(&b.share))
}

impl Lowering<'_> {
    /// One query, without its set operations.
    pub fn query(&self, query: &Query) -> Result<Select> {
        if let Some(proof) = &query.proof {
            return self.refuse("PROOF", proof.span);
        }
        if let Some(name) = &query.verification {
            return self.refuse("WITH VERIFICATION", name.span);
        }
        let mut source = self.source(&query.source)?;
        let mut when = When::Now;
        for modifier in &query.modifiers {
            self.modifier(modifier, &mut when)?;
        }
        let scoped = self.scoped_query(query);
        let filter = scoped.where_clause(query.condition.as_ref(), &mut source, &mut when)?;
        let mut columns = Columns::new(query);
        let items = scoped.items(&query.select, &mut columns)?;
        let having = match &query.having {
            Some(having) => scoped.filter(having, &mut columns)?,
            None => Filter::Const(true),
        };
        let order = query
            .order_by
            .iter()
            .map(|key| scoped.order_key(key, &mut columns))
            .collect::<Result<Vec<_>>>()?;
        let mut select = Select {
            source,
            when,
            filter,
            items,
            group: columns.group,
            aggregates: columns.aggregates,
            grouped: columns.grouped,
            having,
            order,
            limit: query.limit.as_ref().map(|n| scoped.row_count(n)).transpose()?,
            offset: query.offset.as_ref().map(|n| scoped.row_count(n)).transpose()?.unwrap_or(0),
            tolerance: tolerance(query),
            repair: query.drift_repair(),
            id_added: false,
        };
        add_id_and_score(&mut select, &query.select);
        Ok(select)
    }

    /// What `FROM` names, on this database.
    pub fn source(&self, source: &AstSource) -> Result<Source> {
        let span = source.span;
        match &source.kind {
            SourceKind::Hexad(None) => Ok(Source::All),
            SourceKind::Hexad(Some(id)) => {
                let id = HexadId::new(self.id(id)?).map_err(|e| e.at(self.at(span)))?;
                Ok(Source::One(id))
            }
            SourceKind::Federation(_) | SourceKind::Legacy { glob: Some(_), .. } => {
                self.refuse("FEDERATION", span)
            }
            SourceKind::Store(id) => {
                let name = self.id(id)?;
                self.store(&name, span)
            }
            SourceKind::Reflect => Ok(Source::Reflect),
            SourceKind::Legacy { name, .. } if name.is("federation") => {
                self.refuse("FEDERATION", span)
            }
            SourceKind::Legacy { name, glob: None } => self.store(&name.text, span),
            SourceKind::Collection { instance: Some(_), .. } => {
                self.refuse("FROM collection@instance", span)
            }
            SourceKind::Collection { name, instance: None } if name.is("hexads") => Ok(Source::All),
            SourceKind::Collection { name, instance: None } if name.is("audit_log") => {
                self.refuse("FROM audit_log", span)
            }
            SourceKind::Collection { name, .. } => self.unknown_source(&name.text, span),
            SourceKind::Error => self.wrong(Kind::UnexpectedToken, "the source is malformed", span),
        }
    }

    /// The stores of a database that runs alone are its modalities, and `hexads` is all of them.
    fn store(&self, name: &str, span: Span) -> Result<Source> {
        if let Some(modality) = Modality::from_keyword(name) {
            return Ok(Source::Having(modality));
        }
        if ["hexads", "hexad", "local"].iter().any(|all| name.eq_ignore_ascii_case(all)) {
            return Ok(Source::All);
        }
        self.unknown_source(name, span)
    }

    fn unknown_source<T>(&self, name: &str, span: Span) -> Result<T> {
        self.wrong(Kind::UnknownSource, format!("no source is called `{name}`"), span).map_err(
            |e: Error| {
                e.hint("sources: HEXAD id, hexads, STORE with the name of a modality, REFLECT")
            },
        )
    }

    fn modifier(&self, modifier: &SourceModifier, when: &mut When) -> Result<()> {
        match &modifier.kind {
            ModifierKind::AsOf(as_of) => self.as_of(as_of, when),
            // How much is tolerated and whether it is repaired is read from the query; of its one copy of everything a database
            // has only the latest.
            ModifierKind::Drift(_) | ModifierKind::DriftTolerance(_) => Ok(()),
            ModifierKind::Traverse { .. } => self.refuse("TRAVERSE", modifier.span),
            ModifierKind::UsingContract(_) => self.refuse("USING CONTRACT", modifier.span),
            ModifierKind::Verify(_) => self.refuse("VERIFY", modifier.span),
            ModifierKind::ByzantineTolerance(_) => {
                self.refuse("BYZANTINE TOLERANCE", modifier.span)
            }
            ModifierKind::MinQuorum(_) => self.refuse("MIN QUORUM", modifier.span),
        }
    }

    fn as_of(&self, as_of: &AsOf, when: &mut When) -> Result<()> {
        if as_of.revert_to.is_some() {
            return self.refuse("REVERT TO", as_of.span);
        }
        self.set_when(When::At(self.instant(&as_of.at)?), as_of.span, when)
    }

    fn set_when(&self, to: When, span: Span, when: &mut When) -> Result<()> {
        if *when != When::Now && *when != to {
            let message = "the query already says which state it reads";
            return self.wrong(Kind::TypeMismatch, message, span);
        }
        *when = to;
        Ok(())
    }

    /// The condition without what chooses the state; also turns `FROM HEXAD x .. NEAREST k` into a
    /// search around `x`.
    fn where_clause(
        &self,
        condition: Option<&Condition>,
        source: &mut Source,
        when: &mut When,
    ) -> Result<Filter> {
        let Some(condition) = condition else { return Ok(Filter::Const(true)) };
        let mut members = vec![];
        for member in condition.conjuncts() {
            match &member.kind {
                ConditionKind::AsOf(as_of) => self.as_of(as_of, when)?,
                ConditionKind::Version(id) => {
                    let version = When::Version(self.id(id)?, self.at(member.span));
                    self.set_when(version, member.span, when)?;
                }
                ConditionKind::Between { from, to } => {
                    let between = When::Between(self.instant(from)?, self.instant(to)?);
                    self.set_when(between, member.span, when)?;
                }
                ConditionKind::Nearest { subject, k, target: None, metric } => {
                    let Source::One(id) = &source else {
                        return Err(self.nothing_to_compare(member.span));
                    };
                    let target = VectorTarget::Entity(id.as_str().to_owned());
                    *source = Source::All;
                    let search =
                        self.vector_search(subject, target, metric.as_ref(), None, Some(*k))?;
                    members.push(self.leaf(Test::Similar(search), member.span));
                }
                _ => members.push(self.filter(member, &mut OfRow)?),
            }
        }
        Ok(Filter::all(members))
    }

    fn nothing_to_compare(&self, span: Span) -> Error {
        Error::new(Kind::InvalidVectorExpression, "NEAREST has nothing to compare with")
            .at(self.at(span))
            .hint("write NEAREST k TO a vector, a parameter or ENTITY 'id', or FROM HEXAD id")
    }

    /// `LIMIT` and `OFFSET`.
    pub fn row_count(&self, count: &RowCount) -> Result<u64> {
        match count {
            RowCount::Number(n, _) => Ok(*n),
            RowCount::Param(param) => match self.param(param)? {
                Value::Int(n) if n >= 0 => Ok(n as u64),
                other => Err(self.wrong_parameter(param, "a whole number from 0 on", &other)),
            },
        }
    }

    fn items(&self, select: &[SelectItem], columns: &mut Columns<'_>) -> Result<Vec<Item>> {
        let mut items = vec![];
        for item in select {
            self.item(item, columns, &mut items)?;
        }
        Ok(items)
    }

    fn item(
        &self,
        item: &SelectItem,
        columns: &mut Columns<'_>,
        items: &mut Vec<Item>,
    ) -> Result<()> {
        let span = self.at(item.span);
        let whole = matches!(
            item.kind,
            SelectKind::Everything
                | SelectKind::Modality(_)
                | SelectKind::Projection(..)
                | SelectKind::Drift
        );
        if columns.grouped && whole {
            return self.wrong(
                Kind::AggregateWithoutGroupBy,
                "whole modalities do not go with aggregates or GROUP BY",
                item.span,
            );
        }
        let (name, value) = match &item.kind {
            SelectKind::Everything => {
                if let Some(alias) = &item.alias {
                    return self.wrong(Kind::UnexpectedToken, "`*` has no name", alias.span);
                }
                items.extend(Modality::ALL.map(|modality| Item {
                    name: modality.name().to_owned(),
                    value: whole_modality(modality),
                    span,
                }));
                return Ok(());
            }
            SelectKind::Modality(m) => (m.modality.name().to_owned(), whole_modality(m.modality)),
            SelectKind::Projection(m, parts) => {
                (m.modality.name().to_owned(), self.projection(m.modality, parts, item.span)?)
            }
            SelectKind::Drift => ("drift".to_owned(), Scalar::DriftScores),
            SelectKind::Expr(expr) => (self.column_name(expr), self.expr(expr, columns)?),
        };
        let name = item.alias.as_ref().map_or(name, |alias| alias.text.clone());
        items.push(Item { name, value, span });
        Ok(())
    }

    fn projection(
        &self,
        modality: Modality,
        parts: &[ProjectionItem],
        span: Span,
    ) -> Result<Scalar> {
        let mut names = vec![];
        for part in parts {
            match part {
                ProjectionItem::Pattern(pattern) if modality == Modality::Graph => {
                    return Ok(Scalar::Bindings(Arc::new(self.pattern(pattern))));
                }
                ProjectionItem::Expr(expr) => match expr.path().and_then(Path::bare) {
                    Some(name) => names.push(name.text.clone()),
                    None => return self.refuse("a number or array in a projection", expr.span),
                },
                ProjectionItem::Pattern(_) => {
                    return self.refuse("a graph pattern in this projection", span);
                }
            }
        }
        Ok(Scalar::Part(modality, names))
    }

    fn column_name(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Path(path) => path_name(path),
            ExprKind::Aggregate(aggregate) => aggregate_name(aggregate),
            _ => self.text.get(expr.span.range()).unwrap_or("expression").trim().to_owned(),
        }
    }

    fn order_key(&self, key: &OrderKey, columns: &mut Columns<'_>) -> Result<Order> {
        let alias = key.expr.path().and_then(Path::bare).and_then(|n| columns.alias(n));
        let value = match alias {
            Some(item) => self.expr(&item.clone(), columns)?,
            None => self.expr(&key.expr, columns)?,
        };
        Ok(Order {
            value,
            descending: key.descending,
            nulls_first: key.nulls == Some(Nulls::First),
            span: self.at(key.span),
        })
    }
}

fn whole_modality(modality: Modality) -> Scalar {
    let path = Path {
        modality: Some(crate::engine::lang::ast::ModalityRef { modality, span: Span::default() }),
        segments: vec![],
        span: Span::default(),
    };
    Scalar::Field(Arc::new(FieldRef::of(&path, &crate::engine::lang::resolve::Scope::default())))
}

fn path_name(path: &Path) -> String {
    match path.modality {
        Some(m) if path.segments.is_empty() => m.modality.name().to_owned(),
        Some(m) => format!("{}.{}", m.modality.name(), path.field()),
        None => path.field(),
    }
}

fn aggregate_name(aggregate: &AstAggregate) -> String {
    let over = aggregate.path.as_ref().map_or_else(|| "*".to_owned(), path_name);
    let distinct = if aggregate.distinct { "DISTINCT " } else { "" };
    format!("{}({distinct}{over})", aggregate.function.keyword())
}

/// What names mean in the columns of one query: fields of a row, or keys and aggregates of a group.
struct Columns<'q> {
    query: &'q Query,
    grouped: bool,
    group: Vec<Scalar>,
    aggregates: Vec<Aggregate>,
    keys_ready: bool,
}

impl<'q> Columns<'q> {
    fn new(query: &'q Query) -> Self {
        let mut aggregates = false;
        for item in &query.select {
            if let SelectKind::Expr(expr) = &item.kind {
                aggregates |= has_aggregate(expr);
            }
        }
        aggregates |= query.order_by.iter().any(|key| has_aggregate(&key.expr));
        let grouped = aggregates || !query.group_by.is_empty() || query.having.is_some();
        Self { query, grouped, group: vec![], aggregates: vec![], keys_ready: false }
    }

    /// The expression of the select item with this alias.
    fn alias(&self, name: &Name) -> Option<&'q Expr> {
        self.query.select.iter().find_map(|item| match (&item.alias, &item.kind) {
            (Some(alias), SelectKind::Expr(expr)) if alias.text == name.text => Some(expr),
            _ => None,
        })
    }

    fn prepare(&mut self, lowering: &Lowering<'_>) -> Result<()> {
        if !self.keys_ready {
            self.keys_ready = true;
            for expr in &self.query.group_by {
                let alias = expr.path().and_then(Path::bare).and_then(|n| self.alias(n));
                self.group.push(lowering.row_expr(alias.unwrap_or(expr))?);
            }
        }
        Ok(())
    }

    fn push(&mut self, aggregate: Aggregate) -> Scalar {
        let same = |a: &Aggregate| {
            a.function == aggregate.function
                && a.distinct == aggregate.distinct
                && a.value == aggregate.value
        };
        let index = self.aggregates.iter().position(same).unwrap_or_else(|| {
            self.aggregates.push(aggregate);
            self.aggregates.len() - 1
        });
        Scalar::Aggregate(index)
    }

    /// `count`, `sum_severity`, `total`: names for aggregates the query may not even select.
    fn implied(&mut self, lowering: &Lowering<'_>, name: &str, span: Span) -> Option<Scalar> {
        let lower = name.to_ascii_lowercase();
        if lower == "count" {
            let function = AggregateFn::Count;
            return Some(self.push(Aggregate { function, distinct: false, value: None, span }));
        }
        if lower == "total" {
            let mut sums = self.selected().filter(|a| a.function == AggregateFn::Sum);
            if let (Some(sum), None) = (sums.next(), sums.next()) {
                return self.aggregate(lowering, &sum.clone()).ok();
            }
            return None;
        }
        let (function, field) = lower.split_once('_')?;
        let function = AggregateFn::from_keyword(function)?;
        let field = name.get(name.len() - field.len()..)?;
        let of_field = |a: &&AstAggregate| {
            a.function == function
                && a.path.as_ref().and_then(|p| p.segments.last()).is_some_and(|s| s.is(field))
        };
        if let Some(selected) = self.selected().find(of_field) {
            return self.aggregate(lowering, &selected.clone()).ok();
        }
        let path = [Name { text: field.to_owned(), span }];
        let value = Some(Scalar::Field(Arc::new(FieldRef::of_field(&path))));
        Some(self.push(Aggregate { function, distinct: false, value, span }))
    }

    fn selected(&self) -> impl Iterator<Item = &'q AstAggregate> + use<'q> {
        self.query.select.iter().filter_map(|item| match &item.kind {
            SelectKind::Expr(Expr { kind: ExprKind::Aggregate(aggregate), .. }) => Some(aggregate),
            _ => None,
        })
    }

    /// A name in a grouped query.
    fn group_name(
        &mut self,
        lowering: &Lowering<'_>,
        path: &Path,
        field: FieldRef,
    ) -> Result<Scalar> {
        self.prepare(lowering)?;
        let wanted = Scalar::Field(Arc::new(field));
        if let Some(index) = self.group.iter().position(|key| *key == wanted) {
            return Ok(Scalar::Key(index));
        }
        if let (None, [name]) = (path.modality, path.segments.as_slice()) {
            if let Some(alias) = self.alias(name) {
                return lowering.expr(&alias.clone(), self);
            }
            let named = |expr: &Expr| {
                expr.path().and_then(|p| p.segments.last()).is_some_and(|s| s.is(&name.text))
            };
            if let Some(index) = self.query.group_by.iter().position(named) {
                return Ok(Scalar::Key(index));
            }
            if let Some(implied) = self.implied(lowering, &name.text, path.span) {
                return Ok(implied);
            }
        }
        let message =
            format!("`{}` is neither a key of the group nor an aggregate", path_name(path));
        let kind = if self.query.having.is_some() && !self.query.group_by.is_empty() {
            Kind::UnknownField
        } else {
            Kind::AggregateWithoutGroupBy
        };
        lowering.wrong(kind, message, path.span)
    }
}

impl Names for Columns<'_> {
    fn path(&mut self, lowering: &Lowering<'_>, path: &Path) -> Result<Scalar> {
        let field = FieldRef::of(path, &lowering.scope);
        if self.grouped {
            return self.group_name(lowering, path, field);
        }
        if let crate::engine::lang::resolve::Subject::Variable(name) = &field.subject {
            let message =
                format!("`{name}` may be many hexads for one row, so it has no column of its own");
            return lowering.wrong(Kind::NotSupported, message, path.span).map_err(|e: Error| {
                e.hint("select GRAPH((h)-[:TYPE]->(x)) to see what a pattern binds")
            });
        }
        Ok(Scalar::Field(Arc::new(field)))
    }

    fn field(&mut self, lowering: &Lowering<'_>, path: &[Name], span: Span) -> Result<Scalar> {
        if self.grouped {
            let bare = Path { modality: None, segments: path.to_vec(), span };
            return self.group_name(lowering, &bare, FieldRef::of_field(path));
        }
        Ok(Scalar::Field(Arc::new(FieldRef::of_field(path))))
    }

    fn aggregate(&mut self, lowering: &Lowering<'_>, aggregate: &AstAggregate) -> Result<Scalar> {
        let value = match &aggregate.path {
            None => None,
            Some(path) => Some(OfRow.path(lowering, path)?),
        };
        Ok(self.push(Aggregate {
            function: aggregate.function,
            distinct: aggregate.distinct,
            value,
            span: lowering.at(aggregate.span),
        }))
    }

    fn whole(&mut self, lowering: &Lowering<'_>, expr: &Expr) -> Result<Option<Scalar>> {
        if !self.grouped || !matches!(expr.kind, ExprKind::Call(_) | ExprKind::Sum { .. }) {
            return Ok(None);
        }
        self.prepare(lowering)?;
        if has_aggregate(expr) {
            return Ok(None);
        }
        let Ok(wanted) = lowering.row_expr(expr) else { return Ok(None) };
        Ok(self.group.iter().position(|key| key_equal(key, &wanted)).map(Scalar::Key))
    }
}

/// Equal but for where they are written.
fn key_equal(a: &Scalar, b: &Scalar) -> bool {
    match (a, b) {
        (Scalar::Call(f, xs, _), Scalar::Call(g, ys, _)) => {
            f == g && xs.len() == ys.len() && xs.iter().zip(ys).all(|(x, y)| key_equal(x, y))
        }
        (Scalar::Sum(x, xs, _), Scalar::Sum(y, ys, _)) => {
            key_equal(x, y)
                && xs.len() == ys.len()
                && xs.iter().zip(ys).all(|(x, y)| x.0 == y.0 && key_equal(&x.1, &y.1))
        }
        (a, b) => a == b,
    }
}

fn has_aggregate(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Aggregate(_) => true,
        ExprKind::Call(call) => call.args.iter().any(has_aggregate),
        ExprKind::Array(items) => items.iter().any(has_aggregate),
        ExprKind::Sum { first, rest } => {
            has_aggregate(first) || rest.iter().any(|(_, term)| has_aggregate(term))
        }
        _ => false,
    }
}

/// `id` goes in front of whole modalities; what rows are ranked by goes behind them.
fn add_id_and_score(select: &mut Select, written: &[SelectItem]) {
    let whole = written.iter().any(|item| !matches!(item.kind, SelectKind::Expr(_)));
    if !whole || select.grouped {
        return;
    }
    let id = pseudo_item("id", &Place::Id);
    if !select.items.iter().any(|item| item.value == id.value) {
        select.items.insert(0, id);
        select.id_added = true;
    }
    let ranking = rankings(&select.filter);
    if select.id_added && ranking.scores {
        select.items.push(pseudo_item("score", &Place::Pseudo(Pseudo::Score)));
    }
    if select.id_added && ranking.distance {
        select.items.push(pseudo_item("distance_km", &Place::Pseudo(Pseudo::DistanceKm)));
    }
}

fn pseudo_item(name: &str, place: &Place) -> Item {
    let field = match place {
        Place::Id => "id",
        _ => name,
    };
    let path = Path {
        modality: None,
        segments: vec![Name { text: field.to_owned(), span: Span::default() }],
        span: Span::default(),
    };
    let field = FieldRef::of(&path, &crate::engine::lang::resolve::Scope::default());
    Item { name: name.to_owned(), value: Scalar::Field(Arc::new(field)), span: Span::default() }
}

/// What ranks the rows of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Rankings {
    /// Similarity or full text: there is a score.
    scores: bool,
    /// The distance to a point.
    distance: bool,
}

/// The rankings among the top-level conjuncts; elsewhere a ranking condition only filters.
fn rankings(filter: &Filter) -> Rankings {
    let mut found = Rankings::default();
    for member in filter.conjuncts() {
        if let Filter::Leaf(leaf) = member {
            match &leaf.test {
                Test::Similar(_) | Test::FullText(_) => found.scores = true,
                Test::NearestPoint { .. } => found.distance = true,
                _ => {}
            }
        }
    }
    found
}
