//! Conditions, except those that choose the state a query reads: the query takes these out first.

use std::cell::RefCell;
use std::sync::Arc;

use super::{CONTRACT_DEPTH, Lowering};
use crate::engine::base::{Kind, Modality, Result, Span, Value};
use crate::engine::lang::ast::{
    Assignment, CompareOp, Condition, ConditionKind, Direction, Expr, ExprKind, GraphPattern,
    IdRef, Metric, MetricRef, Name, Path, Quantifier, TargetKind, Test as AstTest, Unit,
    VectorTarget as AstTarget,
};
use crate::engine::lang::resolve::{FieldRef, Place, Pseudo, Subject};
use crate::engine::outcome::Params;
use crate::engine::plan::logical::{
    BoundingBox, Circle, Filter, Leaf, Node, Pattern, PatternEdge, Scalar, Test, TextSearch,
    VectorSearch, VectorTarget,
};

use super::expr::{Names, OfRow};

/// Without a threshold two modalities agree from this score on.
const CONSISTENT_FROM: f64 = 0.7;

impl Lowering<'_> {
    /// A condition of rows; brings its own variables.
    pub fn condition(&self, condition: &Condition) -> Result<Filter> {
        self.scoped(Some(condition)).filter(condition, &mut OfRow)
    }

    pub(super) fn filter(&self, condition: &Condition, names: &mut dyn Names) -> Result<Filter> {
        let span = condition.span;
        match &condition.kind {
            ConditionKind::And(members) => {
                let members =
                    members.iter().map(|m| self.filter(m, names)).collect::<Result<Vec<_>>>()?;
                Ok(Filter::all(members))
            }
            ConditionKind::Or(members) => {
                let members = members.iter().map(|m| self.filter(m, names)).collect::<Result<_>>();
                members.map(Filter::Or)
            }
            ConditionKind::Not(inner) => Ok(Filter::Not(Box::new(self.filter(inner, names)?))),
            ConditionKind::Paren(inner) => self.filter(inner, names),
            ConditionKind::Literal(value) => Ok(Filter::Const(*value)),
            ConditionKind::Exists { modality, negated } => {
                let exists = self.leaf(Test::Exists(modality.modality), span);
                Ok(if *negated { Filter::Not(Box::new(exists)) } else { exists })
            }
            ConditionKind::Comparison { left, test } => {
                let left = self.expr(left, names)?;
                self.test(left, test, span, names)
            }
            ConditionKind::Field { path, test } => {
                let left = self.field_path(path, names)?;
                self.test(left, test, span, names)
            }
            ConditionKind::Refinement { variable, base, condition } => {
                self.refinement(variable, base, condition, span)
            }
            ConditionKind::Satisfies { contract, params } => self.contract(contract, params, span),
            _ => Ok(self.leaf(self.leaf_test(condition, names)?, span)),
        }
    }

    /// The conditions that are one test of a row by their own form.
    fn leaf_test(&self, condition: &Condition, names: &mut dyn Names) -> Result<Test> {
        let span = condition.span;
        Ok(match &condition.kind {
            ConditionKind::Shape { op, shape, .. } => Test::Shape(*op, self.shape(shape)?),
            ConditionKind::Rank { op, rank, .. } => Test::Rank(*op, self.expr(rank, names)?),
            ConditionKind::Drift { left, right, op, value } => {
                Test::Drift(left.modality, right.modality, *op, self.expr(value, names)?)
            }
            ConditionKind::DriftAny { threshold } => Test::DriftAny(*threshold),
            ConditionKind::Consistent { left, right, metric, test } => {
                let metric = self.metric_name(metric)?;
                let (op, value) = match test {
                    Some((op, value)) => (*op, self.expr(value, names)?),
                    None => (CompareOp::GreaterEqual, Scalar::Const(Value::Float(CONSISTENT_FROM))),
                };
                Test::Consistent(left.modality, right.modality, metric, op, value)
            }
            ConditionKind::HasProof(name) => Test::HasProof(name.text.clone()),
            ConditionKind::VerifiedBy(id) => Test::VerifiedBy(self.id(id)?),
            ConditionKind::ModifiedBy(id) => Test::ModifiedBy(self.id(id)?),
            ConditionKind::Predicate(call) => {
                let kind = ExprKind::Call(call.clone());
                Test::True(self.expr(&Expr { kind, span: call.span }, names)?)
            }
            ConditionKind::FullText(query) => {
                Test::FullText(TextSearch { query: self.text_value(query)?, any_word: false })
            }
            ConditionKind::FullTextMatches(regex) => Test::FullTextMatches(self.text_value(regex)?),
            ConditionKind::Similar { subject, target, within, metric } => {
                let within = within.as_ref().map(|w| self.number(w)).transpose()?;
                let target = self.vector_target(target)?;
                Test::Similar(self.vector_search(subject, target, metric.as_ref(), within, None)?)
            }
            ConditionKind::Nearest { subject, k, target, metric } => {
                let Some(target) = target else {
                    let message = "NEAREST has nothing to compare with";
                    return self.wrong(Kind::InvalidVectorExpression, message, span);
                };
                let (target, metric) = (self.vector_target(target)?, metric.as_ref());
                Test::Similar(self.vector_search(subject, target, metric, None, Some(*k))?)
            }
            ConditionKind::Radius { latitude, longitude, radius, unit } => {
                self.circle(latitude, longitude, radius, *unit, span)?
            }
            ConditionKind::Bounds { min_latitude, min_longitude, max_latitude, max_longitude } => {
                self.bounds([min_latitude, min_longitude, max_latitude, max_longitude])?
            }
            ConditionKind::NearestPoint { latitude, longitude, k } => Test::NearestPoint {
                latitude: self.latitude(latitude)?,
                longitude: self.longitude(longitude)?,
                k: self.whole(k)?,
            },
            ConditionKind::Pattern(pattern) => Test::Pattern(self.pattern(pattern)),
            ConditionKind::AsOf(_) | ConditionKind::Between { .. } | ConditionKind::Version(_) => {
                let message = "the state a query reads is one for the whole query";
                return self.wrong(Kind::TypeMismatch, message, span).map_err(
                    |e: crate::engine::base::Error| {
                        e.hint("join it to the other conditions with AND, outside of OR and NOT")
                    },
                );
            }
            ConditionKind::Verified(_) => return self.refuse("VERIFIED(condition)", span),
            ConditionKind::Elided => {
                return self.wrong(Kind::Elided, "`...` cannot be executed", span);
            }
            // The first of these leaves no more than a hole; the others are no single test, and
            // `filter` has taken them apart.
            ConditionKind::Error
            | ConditionKind::And(_)
            | ConditionKind::Or(_)
            | ConditionKind::Not(_)
            | ConditionKind::Paren(_)
            | ConditionKind::Literal(_)
            | ConditionKind::Exists { .. }
            | ConditionKind::Comparison { .. }
            | ConditionKind::Field { .. }
            | ConditionKind::Refinement { .. }
            | ConditionKind::Satisfies { .. } => {
                return self.wrong(Kind::UnexpectedToken, "the condition is malformed", span);
            }
        })
    }

    /// One test as a filter.
    pub fn leaf(&self, test: Test, span: Span) -> Filter {
        Filter::Leaf(Arc::new(Leaf { number: self.number_leaf(), test, span: self.at(span) }))
    }

    /// The hexads an edge with this predicate leads to from the hexad called `id`.
    pub fn related(&self, id: &str, predicate: &str, span: Span) -> Filter {
        let variable = "(from)".to_owned();
        let edge = PatternEdge {
            predicate: predicate.to_owned(),
            direction: Direction::In,
            min: 1,
            max: Some(1),
        };
        let nodes = vec![Node::Row, Node::Variable(variable.clone())];
        let pattern = self.leaf(Test::Pattern(Pattern { nodes, edges: vec![edge] }), span);
        let own = FieldRef {
            subject: Subject::Variable(variable),
            places: vec![Place::Id],
            ty: crate::engine::lang::resolve::Ty::Text,
            many: false,
            modality: None,
            registered: true,
        };
        let same = Test::Compare(
            Scalar::Field(Arc::new(own)),
            CompareOp::Equal,
            Scalar::Const(Value::from(id)),
        );
        Filter::all(vec![pattern, self.leaf(same, span)])
    }

    fn field_path(&self, path: &[Name], names: &mut dyn Names) -> Result<Scalar> {
        let span = match (path.first(), path.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::default(),
        };
        names.field(self, path, span)
    }

    fn test(
        &self,
        left: Scalar,
        test: &AstTest,
        span: Span,
        names: &mut dyn Names,
    ) -> Result<Filter> {
        let test = match test {
            AstTest::Compare(op, right) => {
                let right = self.beside(self.expr(right, names)?, &left, right.span)?;
                let left = self.beside(left, &right, span)?;
                Test::Compare(left, *op, right)
            }
            AstTest::Like(pattern) => Test::Like(left, self.expr(pattern, names)?),
            AstTest::Contains(part) => Test::Contains(left, self.expr(part, names)?),
            AstTest::Matches(regex) => Test::Matches(left, self.expr(regex, names)?),
            AstTest::Includes(item) => Test::Includes(left, self.expr(item, names)?),
            AstTest::In(items) => {
                let items = items
                    .iter()
                    .map(|item| self.member(&left, item, names))
                    .collect::<Result<Vec<_>>>()?;
                Test::In(left, items)
            }
            AstTest::InParam(param) => {
                let value = self.param(param)?;
                let items = match value {
                    Value::List(items) => items.into_iter().map(Scalar::Const).collect(),
                    other => vec![Scalar::Const(other)],
                };
                Test::In(left, items)
            }
            AstTest::Between(low, high) => {
                let low = self.beside(self.expr(low, names)?, &left, low.span)?;
                let high = self.beside(self.expr(high, names)?, &left, high.span)?;
                Test::Between(left, low, high)
            }
            AstTest::IsNull => Test::IsNull(left),
            AstTest::IsNotNull => {
                return Ok(Filter::Not(Box::new(self.leaf(Test::IsNull(left), span))));
            }
            AstTest::Error => {
                return self.wrong(Kind::UnexpectedToken, "the condition is malformed", span);
            }
        };
        Ok(self.leaf(test, span))
    }

    fn member(&self, left: &Scalar, item: &Expr, names: &mut dyn Names) -> Result<Scalar> {
        // `modalities IN (graph, vector)`: there a modality is a name, not its content.
        if let (Scalar::Field(field), Some(path)) = (left, item.path())
            && field.places.contains(&Place::Pseudo(Pseudo::Modalities))
            && let Some(modality) = path.modality
            && path.segments.is_empty()
        {
            return Ok(Scalar::Const(modality.modality.name().into()));
        }
        self.beside(self.expr(item, names)?, left, item.span)
    }

    fn refinement(
        &self,
        variable: &Name,
        base: &Name,
        condition: &Condition,
        span: Span,
    ) -> Result<Filter> {
        let mut inner = self.scoped(Some(condition));
        inner.scope.bound.remove(&variable.text);
        inner.scope.row.insert(variable.text.clone());
        let condition = inner.filter(condition, &mut OfRow)?;
        let everything = ["hexad", "entity", "any"].iter().any(|word| base.is(word));
        if everything {
            return Ok(condition);
        }
        let typed = self.leaf(Test::OfType(Subject::Row, base.text.clone()), span);
        Ok(Filter::all(vec![typed, condition]))
    }

    fn contract(&self, name: &Name, args: &[Assignment], span: Span) -> Result<Filter> {
        if self.depth >= CONTRACT_DEPTH {
            let message = format!("contract `{}` is nested too deep", name.text);
            return self.wrong(Kind::NestingTooDeep, message, name.span);
        }
        let Some(contract) = (self.contracts)(&name.text) else {
            let message = format!("no contract is called `{}`", name.text);
            return self.wrong(Kind::ContractNotFound, message, name.span);
        };
        let mut params: Params = contract.defaults.clone();
        for arg in args {
            params.insert(arg.path.field(), self.parameter_value(&arg.value)?);
        }
        let used = RefCell::default();
        let inner = Lowering {
            params: &params,
            used: &used,
            depth: self.depth + 1,
            inside: Some(self.at(span)),
            ..self.scoped(Some(&contract.condition))
        };
        let filter = inner.filter(&contract.condition, &mut OfRow)?;
        for arg in args {
            let key = arg.path.field();
            if !contract.defaults.contains_key(&key) && !used.borrow().contains(&key) {
                let message = format!("contract `{}` has no parameter `{key}`", name.text);
                return self.wrong(Kind::InvalidParameter, message, arg.span);
            }
        }
        Ok(self.leaf(Test::Contract(name.text.clone(), filter), span))
    }

    /// A value after `name =`: constants, and bare words as text.
    pub fn parameter_value(&self, expr: &Expr) -> Result<Value> {
        match expr.path() {
            Some(path) => Ok(Value::Text(match path.modality {
                Some(m) if path.segments.is_empty() => m.modality.name().to_owned(),
                Some(m) => format!("{}.{}", m.modality.name(), path.field()),
                None => path.field(),
            })),
            None => self.value(expr),
        }
    }

    fn shape(&self, expr: &Expr) -> Result<Vec<u64>> {
        let value = self.value(expr)?;
        let sizes = match &value {
            Value::List(items) => items
                .iter()
                .map(|i| match i {
                    Value::Int(n) => u64::try_from(*n).ok(),
                    _ => None,
                })
                .collect::<Option<Vec<_>>>(),
            _ => None,
        };
        sizes.ok_or_else(|| self.not_a(expr.span, "a list of whole numbers", &value))
    }

    fn metric_name(&self, name: &Name) -> Result<Metric> {
        if let Some(metric) = Metric::from_keyword(&name.text) {
            Ok(metric)
        } else {
            let message = format!("CONSISTENT knows no metric `{}`", name.text);
            self.wrong(Kind::ConsistencyMetricInvalid, message, name.span)
        }
    }

    /// The other side of a similarity.
    pub fn vector_target(&self, target: &AstTarget) -> Result<VectorTarget> {
        let value = match &target.kind {
            TargetKind::Array(inner) | TargetKind::Call(inner) => self.value(inner)?,
            TargetKind::Param(param) => self.param(param)?,
            TargetKind::Entity(id) => return self.id(id).map(VectorTarget::Entity),
            TargetKind::Variable(name) => {
                if let Some(value) = self.params.get(&name.text) {
                    value.clone()
                } else {
                    let message = format!("`{}` stands for no vector", name.text);
                    return self.wrong(Kind::UnknownVariable, message, name.span).map_err(
                        |e: crate::engine::base::Error| {
                            e.hint("give a list of numbers, a parameter, or ENTITY 'id'")
                        },
                    );
                }
            }
            TargetKind::Error => {
                return self.wrong(Kind::InvalidVectorExpression, "malformed vector", target.span);
            }
        };
        match numbers(&value) {
            Some(numbers) if !numbers.is_empty() => Ok(VectorTarget::Numbers(numbers)),
            Some(_) => self.wrong(
                Kind::InvalidVectorExpression,
                "a vector needs at least one number",
                target.span,
            ),
            None => self.wrong(
                Kind::InvalidVectorExpression,
                "a vector is a list of finite numbers",
                target.span,
            ),
        }
    }

    /// A search by similarity.
    pub fn vector_search(
        &self,
        subject: &Path,
        target: VectorTarget,
        metric: Option<&MetricRef>,
        within: Option<f64>,
        nearest: Option<u64>,
    ) -> Result<VectorSearch> {
        let field = FieldRef::of(subject, &self.scope);
        let embedding = match field.places.first() {
            Some(Place::Embedding(name)) => name.clone(),
            Some(Place::Whole(Modality::Vector)) => "embedding".to_owned(),
            // `h.abstract_embedding`: a dynamic name addresses the embedding of that name here.
            Some(Place::Document(path)) if path.len() == 1 => path.concat(),
            _ => {
                let message = "this is no embedding";
                return self.wrong(Kind::InvalidVectorExpression, message, subject.span);
            }
        };
        let metric = metric.map_or(Metric::Cosine, |m| m.metric);
        Ok(VectorSearch { subject: field.subject, embedding, target, metric, within, nearest })
    }

    fn circle(
        &self,
        latitude: &Expr,
        longitude: &Expr,
        radius: &Expr,
        unit: Option<Unit>,
        span: Span,
    ) -> Result<Test> {
        let kilometers = self.number(radius)? * unit.map_or(1.0, Unit::kilometers);
        if kilometers < 0.0 {
            return self.wrong(Kind::InvalidCoordinates, "a radius is not negative", span);
        }
        Ok(Test::Radius(Circle {
            latitude: self.latitude(latitude)?,
            longitude: self.longitude(longitude)?,
            kilometers,
        }))
    }

    fn bounds(&self, [south, west, north, east]: [&Expr; 4]) -> Result<Test> {
        let corner = BoundingBox {
            south: self.latitude(south)?,
            west: self.longitude(west)?,
            north: self.latitude(north)?,
            east: self.longitude(east)?,
        };
        if corner.south > corner.north {
            return self.wrong(
                Kind::InvalidCoordinates,
                "the least latitude is greater than the greatest",
                south.span.to(north.span),
            );
        }
        Ok(Test::Bounds(corner))
    }

    fn latitude(&self, expr: &Expr) -> Result<f64> {
        self.degrees(expr, 90.0, "latitude")
    }

    fn longitude(&self, expr: &Expr) -> Result<f64> {
        self.degrees(expr, 180.0, "longitude")
    }

    fn degrees(&self, expr: &Expr, most: f64, what: &str) -> Result<f64> {
        let degrees = self.number(expr)?;
        if degrees.abs() > most {
            let message = format!("{what} {degrees} is not between -{most} and {most}");
            return self.wrong(Kind::InvalidCoordinates, message, expr.span);
        }
        Ok(degrees)
    }

    fn whole(&self, expr: &Expr) -> Result<u64> {
        let value = self.value(expr)?;
        match value {
            Value::Int(n) if n >= 0 => Ok(n as u64),
            Value::Float(x) if x >= 0.0 && x.fract() == 0.0 => Ok(x as u64),
            other => Err(self.not_a(expr.span, "a whole number from 0 on", &other)),
        }
    }

    /// A graph pattern.
    pub fn pattern(&self, pattern: &GraphPattern) -> Pattern {
        let nodes = pattern
            .nodes
            .iter()
            .enumerate()
            .map(|(i, node)| match &node.variable {
                _ if i == 0 && self.row_is_first => Node::Row,
                Some(name) if self.scope.is_row(&name.text) => Node::Row,
                Some(name) => Node::Variable(name.text.clone()),
                None => Node::Anonymous,
            })
            .collect();
        let edges = pattern
            .edges
            .iter()
            .map(|edge| {
                let (min, max) = hops(edge.quantifier);
                PatternEdge {
                    predicate: edge.edge_type.text.clone(),
                    direction: edge.direction,
                    min,
                    max,
                }
            })
            .collect();
        Pattern { nodes, edges }
    }

    /// Whether an id is a parameter or text, as a value.
    pub fn id_value(&self, id: &IdRef) -> Result<Value> {
        self.id(id).map(Value::Text)
    }
}

fn hops(quantifier: Option<Quantifier>) -> (u32, Option<u32>) {
    quantifier.map_or((1, Some(1)), |q| (q.min, q.max))
}

/// The numbers of a vector or of a list of numbers.
pub fn numbers(value: &Value) -> Option<Arc<[f32]>> {
    match value {
        Value::Vector(numbers) => Some(Arc::clone(numbers)),
        Value::List(items) => items
            .iter()
            .map(|i| i.as_f64().map(|x| x as f32).filter(|x| x.is_finite()))
            .collect::<Option<Vec<f32>>>()
            .map(Into::into),
        _ => None,
    }
}
