//! What a test is about, without its constants: two questions of one shape are likely to be wrong in
//! the same way.

use crate::engine::lang::resolve::{FieldRef, Place, Subject};
use crate::engine::plan::access::{Access, Ask};
use crate::engine::plan::logical::{Filter, Leaf, Node, Scalar, Test};

/// The shape of a filter.
pub fn of_filter(filter: &Filter) -> String {
    match filter {
        Filter::Const(holds) => holds.to_string(),
        Filter::And(members) => format!("({})", list(members, " and ")),
        Filter::Or(members) => format!("({})", list(members, " or ")),
        Filter::Not(inner) => format!("not {}", of_filter(inner)),
        Filter::Leaf(leaf) => of_leaf(leaf),
    }
}

fn list(members: &[Filter], word: &str) -> String {
    let mut shapes: Vec<String> = members.iter().map(of_filter).collect();
    shapes.sort_unstable();
    shapes.join(word)
}

/// The shape of a question to an index: that of its test, and whether it knows where to begin.
pub fn of_access(filter: &Filter, access: &Access) -> String {
    let seeded =
        matches!(access, Access::Probe(p) if matches!(&p.ask, Ask::Pattern(s) if !s.is_empty()));
    format!("{}{}", of_filter(filter), if seeded { " from" } else { "" })
}

/// The shape of a test.
pub fn of_leaf(leaf: &Leaf) -> String {
    let scalar = of_scalar;
    match &leaf.test {
        Test::Compare(a, op, b) => format!("{} {op:?} {}", scalar(a), scalar(b)),
        Test::Like(a, _) => format!("{} like", scalar(a)),
        Test::Contains(a, _) => format!("{} contains", scalar(a)),
        Test::Matches(a, _) => format!("{} matches", scalar(a)),
        Test::Includes(a, _) => format!("{} includes", scalar(a)),
        Test::In(a, _) => format!("{} in", scalar(a)),
        Test::Between(a, ..) => format!("{} between", scalar(a)),
        Test::IsNull(a) => format!("{} is null", scalar(a)),
        Test::Exists(modality) => format!("{modality} exists"),
        Test::Drift(a, b, ..) => format!("drift {a} {b}"),
        Test::DriftAny(_) => "drift".to_owned(),
        Test::Consistent(a, b, ..) => format!("consistent {a} {b}"),
        Test::Contract(name, _) => format!("contract {name}"),
        Test::HasProof(_) => "has proof".to_owned(),
        Test::VerifiedBy(_) => "verified by".to_owned(),
        Test::ModifiedBy(_) => "modified by".to_owned(),
        Test::FullText(search) if search.any_word => "search".to_owned(),
        Test::FullText(_) => "fulltext".to_owned(),
        Test::FullTextMatches(_) => "fulltext matches".to_owned(),
        Test::Similar(search) => format!("{} similar", search.embedding),
        Test::Radius(_) => "radius".to_owned(),
        Test::Bounds(_) => "bounds".to_owned(),
        Test::NearestPoint { .. } => "nearest".to_owned(),
        Test::Pattern(pattern) => {
            let mut shape = String::new();
            for (at, node) in pattern.nodes.iter().enumerate() {
                shape.push_str(if *node == Node::Row { "(row)" } else { "()" });
                if let Some(edge) = pattern.edges.get(at) {
                    let hops = (edge.min, edge.max);
                    let edge = format!("{:?} {} {hops:?}", edge.direction, edge.predicate);
                    shape.push_str(&edge);
                }
            }
            shape
        }
        Test::Shape(..) => "shape".to_owned(),
        Test::Rank(op, _) => format!("rank {op:?}"),
        Test::True(a) => scalar(a),
        Test::OfType(..) => "of type".to_owned(),
    }
}

fn of_scalar(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Field(field) => of_field(field),
        Scalar::Call(function, args, _) => {
            format!("{function:?}({})", args.iter().map(of_scalar).collect::<Vec<_>>().join(","))
        }
        _ => "?".to_owned(),
    }
}

fn of_field(field: &FieldRef) -> String {
    let whose = match &field.subject {
        Subject::Row => "",
        Subject::Variable(_) => "v.",
    };
    match field.place() {
        Some(Place::Document(path)) => format!("{whose}document.{}", path.join(".")),
        Some(Place::Property(path)) => format!("{whose}semantic.{}", path.join(".")),
        Some(place) => format!("{whose}{place:?}"),
        None => format!("{whose}nothing"),
    }
}
