//! Equality of meaning: two texts say the same when their ASTs are equal without spans.
//!
//! Every type of the AST is listed here with all its fields; a field that is forgotten does not
//! compile.

#[cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "every type of the AST is named here")
)]
use super::*;
use crate::engine::base::{Modality, Span, Timestamp, Value};

/// Something that carries spans and can lose them.
pub trait Spanless {
    /// Sets every span in it to zero.
    fn clear_spans(&mut self);

    /// True when both say the same, wherever they stand.
    fn says(&self, other: &Self) -> bool;
}

/// The same node with every span set to zero, to compare what two texts say.
pub fn without_spans<T: Spanless + Clone>(node: &T) -> T {
    let mut copy = node.clone();
    copy.clear_spans();
    copy
}

impl Spanless for Span {
    fn clear_spans(&mut self) {
        *self = Self::default();
    }

    fn says(&self, _: &Self) -> bool {
        true
    }
}

impl<T: Spanless> Spanless for Vec<T> {
    fn clear_spans(&mut self) {
        self.iter_mut().for_each(Spanless::clear_spans);
    }

    fn says(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(a, b)| a.says(b))
    }
}

impl<T: Spanless> Spanless for Option<T> {
    fn clear_spans(&mut self) {
        self.iter_mut().for_each(Spanless::clear_spans);
    }

    fn says(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(a), Some(b)) => a.says(b),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<T: Spanless> Spanless for Box<T> {
    fn clear_spans(&mut self) {
        self.as_mut().clear_spans();
    }

    fn says(&self, other: &Self) -> bool {
        self.as_ref().says(other)
    }
}

impl<A: Spanless, B: Spanless> Spanless for (A, B) {
    fn clear_spans(&mut self) {
        self.0.clear_spans();
        self.1.clear_spans();
    }

    fn says(&self, other: &Self) -> bool {
        self.0.says(&other.0) && self.1.says(&other.1)
    }
}

/// The fields of a variant, borrowed, as nested pairs.
trait Fields {
    fn say(self, other: Self) -> bool;
}

impl Fields for () {
    fn say(self, (): Self) -> bool {
        true
    }
}

impl<T: Spanless, Rest: Fields> Fields for (&T, Rest) {
    fn say(self, other: Self) -> bool {
        self.0.says(other.0) && self.1.say(other.1)
    }
}

/// Nested pairs of what is named.
macro_rules! pairs {
    () => { () };
    ($first:ident $($rest:ident)*) => { ($first, pairs!($($rest)*)) };
}

impl Spanless for f64 {
    fn clear_spans(&mut self) {}

    fn says(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits()
    }
}

/// Types that carry no spans.
macro_rules! plain {
    ($($ty:ty),* $(,)?) => {
        $(impl Spanless for $ty {
            fn clear_spans(&mut self) {}

            fn says(&self, other: &Self) -> bool {
                self == other
            }
        })*
    };
}

/// Structs: all fields.
macro_rules! structs {
    ($($ty:ident { $($field:ident),* })*) => {
        $(impl Spanless for $ty {
            fn clear_spans(&mut self) {
                let Self { $($field),* } = self;
                $($field.clear_spans();)*
            }

            fn says(&self, other: &Self) -> bool {
                true $(&& self.$field.says(&other.$field))*
            }
        })*
    };
}

/// Enums: all variants with all their fields.
macro_rules! enums {
    ($($ty:ident {
        $($variant:ident $(( $($item:ident),* ))? $({ $($field:ident),* })?,)*
    })*) => {
        $(impl Spanless for $ty {
            fn clear_spans(&mut self) {
                match self {
                    $(Self::$variant $(( $($item),* ))? $({ $($field),* })? => {
                        $($($item.clear_spans();)*)?
                        $($($field.clear_spans();)*)?
                    })*
                }
            }

            fn says(&self, other: &Self) -> bool {
                match self {
                    $(Self::$variant $(( $($item),* ))? $({ $($field),* })? => {
                        let mine = pairs!($($($item)*)? $($($field)*)?);
                        match other {
                            Self::$variant $(( $($item),* ))? $({ $($field),* })? => {
                                mine.say(pairs!($($($item)*)? $($($field)*)?))
                            }
                            _ => false,
                        }
                    })*
                }
            }
        })*
    };
}

plain!(
    bool,
    u32,
    u64,
    String,
    Value,
    Timestamp,
    Modality,
    AddOp,
    CompareOp,
    AggregateFn,
    Direction,
    Metric,
    Unit,
    QueryForm,
    SetOp,
    Nulls,
    ProofJoin,
    ShowTarget,
    Isolation,
    DriftAction,
);

structs! {
    Script { statements }
    Name { text, span }
    Param { name, span }
    ModalityRef { modality, span }
    IdRef { kind, span }
    Expr { kind, span }
    TimeRef { kind, span }
    Path { modality, segments, span }
    Call { name, args, compared, span }
    Aggregate { function, distinct, path, span }
    Condition { kind, span }
    GraphPattern { nodes, edges, span }
    PatternNode { variable, question, span }
    PatternEdge { direction, edge_type, quantifier, span }
    Quantifier { min, max, span }
    VectorTarget { kind, span }
    MetricRef { metric, span }
    Query {
        form, verification, select, source, modifiers, condition, group_by, having, proof,
        order_by, limit, offset, set_operations, span
    }
    SetOperation { op, query, span }
    SelectItem { kind, alias, span }
    Source { kind, span }
    SourceModifier { kind, span }
    AsOf { at, revert_to, span }
    OrderKey { expr, descending, nulls, span }
    Proof { specs, threshold, span }
    ProofSpec { joined, proof_type, argument, params, block, span }
    Statement { kind, span }
    VersionPragma { version }
    Explain { analyze, options, statement }
    Insert { form, proof }
    Row { values, span }
    ModalityData { modality, content, span }
    Assignment { path, value, span }
    Update { id, set, condition, proof }
    Delete { source, condition, proof }
    Search { kind, limit }
    Count { condition }
    Show { target, subject, on, limit }
    Begin { read_only, isolation, sync }
    DriftStatement {
        action, federation, source, condition, strategy, stores, coordinator, modifiers,
        order_by, limit
    }
    SetSetting { name, value, value_span }
    Prepare { name, types, statement }
    Execute { name, args }
    CreateContract { name, or_replace, proof_type, condition, params }
    DropContract { name, if_exists }
    Permission { roles, privileges, modality, of, principal }
    Grantee { role, name }
    Normalize { id, condition, from, strategy, dry_run }
    Revert { entry, force }
    CreatePolicy { name, or_replace, scope, parts }
    PolicyPart { key, value }
    DropPolicy { name, if_exists }
    Resolve { conflict, resolution }
    Transfer { source, file, format, params }
}

enums! {
    IdKind { Word(word), Text(text), Param(param), }
    ExprKind {
        Literal(value), Time(time), Interval(text), Param(param), Array(items), Path(path),
        Call(call), Aggregate(aggregate), Sum { first, rest }, Regex(text), Elided, Error,
    }
    TimeKind { Instant(instant), Text(text), Param(param), }
    ConditionKind {
        And(members), Or(members), Not(inner), Paren(inner), Literal(value), Pattern(pattern),
        Drift { left, right, op, value },
        DriftAny { threshold },
        Consistent { left, right, metric, test },
        Exists { modality, negated },
        Satisfies { contract, params },
        HasProof(name), VerifiedBy(id), Verified(inner), FullText(query), FullTextMatches(regex),
        Field { path, test },
        AsOf(as_of),
        Between { from, to },
        Version(id), ModifiedBy(id),
        Similar { subject, target, within, metric },
        Nearest { subject, k, target, metric },
        Radius { latitude, longitude, radius, unit },
        Bounds { min_latitude, min_longitude, max_latitude, max_longitude },
        NearestPoint { latitude, longitude, k },
        Comparison { left, test },
        Shape { subject, op, shape },
        Rank { subject, op, rank },
        Predicate(call),
        Refinement { variable, base, condition },
        Elided, Error,
    }
    Test {
        Compare(op, value), Like(value), Contains(value), Matches(value), Includes(value),
        In(values), InParam(param), Between(low, high), IsNull, IsNotNull, Error,
    }
    TargetKind { Array(array), Param(param), Entity(id), Variable(name), Call(call), Error, }
    SelectKind {
        Everything, Modality(modality), Projection(modality, items), Drift, Expr(expr),
    }
    ProjectionItem { Pattern(pattern), Expr(expr), }
    SourceKind {
        Hexad(id), Federation(federation), Store(id), Reflect,
        Legacy { name, glob },
        Collection { name, instance },
        Error,
    }
    Federation { Glob(glob), Nodes(nodes), Store(store), Hexad, Named(name), }
    ModifierKind {
        Drift(policy), DriftTolerance(fraction), AsOf(as_of),
        Traverse { predicate, depth },
        UsingContract(name), Verify(name), ByzantineTolerance(faults), MinQuorum(peers),
    }
    DriftPolicy { Strict, Repair, Tolerate, Latest, Named(name), }
    RowCount { Number(number, span), Param(param), }
    ProofBlock {
        Elided,
        Quantified { all, variable, domain, condition },
    }
    StatementKind {
        Version(pragma), Explain(explain), Query(query), Insert(insert), Update(update),
        Delete(delete), Search(search), Count(count), Show(show), Describe(describe),
        Drift(drift), Set(setting), Transaction(transaction), Prepare(prepare),
        Execute(execute), Deallocate(name), CreateContract(contract), DropContract(contract),
        Grant(permission), Deny(permission), Revoke(permission), Role(role), Key(key), Normalize(normalize), Resolve(resolve),
        Revert(revert), CreatePolicy(policy), DropPolicy(policy),
        Snapshot(snapshot), Import(transfer), Export(transfer), Checkpoint, Analyze(modality),
        CheckIntegrity, Error,
    }
    InsertForm {
        Hexad { id, data },
        Values { collection, columns, rows },
        Short { title, body },
    }
    DataContent {
        Fields(fields), Vector(vector), Tensor(arrays),
        Edge { predicate, target },
        Type(name), Time(time), Error,
    }
    SearchKind {
        Text(text),
        Vector { target, within, metric },
        Related { id, predicate },
        Modality { modality, condition },
        Error,
    }
    PermissionOf { Type(name), Source(source), }
    RoleStatement { Create(name), Drop { name, if_exists }, }
    KeyStatement {
        Create { principal, params }, Rotate { key, params }, Drop(key),
    }
    Describe { Source(source), Contract(name), Modality(modality), }
    Transaction {
        Begin(begin), Commit, Rollback(name), Savepoint(name), Release(name),
    }
    Resolution { KeepModality(modality), Keep(name), Set(assignments), Dismiss, }
    PolicyScope { All, Type(name), Hexad(id), }
    Snapshot { Create(name), Drop(name), Restore(name), Into(path), }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_places_of_one_name_are_equal_without_spans() {
        let here = Name { text: "a".into(), span: Span::new(0, 1) };
        let there = Name { text: "a".into(), span: Span::new(7, 8) };
        assert_ne!(here, there);
        assert_eq!(without_spans(&here), without_spans(&there));
        assert!(here.says(&there));
        assert!(!here.says(&Name { text: "b".into(), ..here.clone() }));
    }
}
