//! The functions of the language: names, arguments, results. The executor computes them by this
//! table, completion offers them from it, and `docs/reference/functions.md` is printed from it.
//!
//! Aggregates are not here (they are syntax), nor are `DRIFT(..)` and `CONSISTENT(..)` (conditions).

use super::ty::Ty;

/// What a function computes; the executor matches on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// One minus the greatest drift between the given modalities.
    Coherence,
    /// The similarity of two vectors by a metric, cosine by default.
    Similarity,
    /// The cosine of the angle between two vectors.
    Cosine,
    /// The Euclidean distance of two vectors.
    Euclidean,
    /// The dot product of two vectors.
    DotProduct,
    /// The weighted Jaccard similarity of two vectors.
    Jaccard,
    /// The Euclidean norm of a vector.
    Magnitude,
    /// How many numbers a vector has.
    Dimension,
    /// The present instant, the same throughout a statement.
    Now,
    /// Reads an instant from text.
    Timestamp,
    /// The year of an instant, UTC.
    Year,
    /// The month of an instant, 1 to 12, UTC.
    Month,
    /// The day of the month of an instant, UTC.
    Day,
    /// The hour of an instant, 0 to 23, UTC.
    Hour,
    /// Text in lower case.
    Lower,
    /// Text in upper case.
    Upper,
    /// Characters of text, elements of a list or vector, entries of a map.
    Length,
    /// Text without white space around it.
    Trim,
    /// A part of text, from a 1-based character on.
    Substring,
    /// Text with every occurrence of a part replaced.
    Replace,
    /// All arguments as one text; null counts as nothing.
    Concat,
    /// Whether text contains text, ignoring case, or a list contains a value.
    Contains,
    /// Whether text starts with text.
    StartsWith,
    /// Whether text ends with text.
    EndsWith,
    /// The absolute value.
    Abs,
    /// Rounded half away from zero, to so many decimals.
    Round,
    /// The greatest whole number not above.
    Floor,
    /// The least whole number not below.
    Ceil,
    /// The square root; null for a negative number.
    Sqrt,
    /// The greatest of the arguments that are not null.
    Greatest,
    /// The least of the arguments that are not null.
    Least,
    /// The first argument that is not null.
    Coalesce,
    /// Kilometers from the hexad to a point, or between two points.
    DistanceKm,
    /// The vector an embedder makes of a text.
    Embed,
}

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arg {
    /// Anything.
    Any,
    /// A number.
    Number,
    /// Text.
    Text,
    /// An instant, or text that reads as one.
    Time,
    /// A vector or an array of numbers.
    Vector,
    /// The name of a modality.
    Modality,
    /// The name of a metric, bare or as a string.
    Metric,
}

impl Arg {
    /// True when an argument of type `ty` may do.
    pub fn takes(self, ty: Ty) -> bool {
        match self {
            Self::Any | Self::Modality | Self::Metric => true,
            Self::Number => ty.may_be_number(),
            Self::Text => ty.may_be_text(),
            Self::Time => ty.may_be_time(),
            Self::Vector => ty.may_be_vector(),
        }
    }

    /// How messages and the manual call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "value",
            Self::Number => "number",
            Self::Text => "text",
            Self::Time => "instant",
            Self::Vector => "vector",
            Self::Modality => "modality",
            Self::Metric => "metric",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// What it computes.
    pub function: Function,
    /// The name, and then the other names it is known by; lower case.
    pub names: &'static [&'static str],
    /// The arguments that must be given, and then those that may be.
    pub args: &'static [Arg],
    /// How many of `args` must be given.
    pub required: usize,
    /// The last of `args` may be repeated.
    pub repeats: bool,
    /// Any other number of arguments that is wrong although it lies within the bounds.
    pub never: Option<usize>,
    /// The result.
    pub returns: Ty,
    /// One sentence for the manual.
    pub about: &'static str,
    /// One example for the manual.
    pub example: &'static str,
}

impl Signature {
    /// The canonical name.
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }

    /// True when it may be called with `count` arguments.
    pub fn accepts(&self, count: usize) -> bool {
        count >= self.required
            && (self.repeats || count <= self.args.len())
            && self.never != Some(count)
    }

    /// The argument at `index`; past the end the one that repeats.
    pub fn arg(&self, index: usize) -> Arg {
        self.args.get(index).or(self.args.last()).copied().unwrap_or(Any)
    }

    /// How it is called, for messages and the manual: `round(number[, number])`.
    pub fn usage(&self) -> String {
        let mut text = format!("{}(", self.name());
        for (i, arg) in self.args.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            if i < self.required {
                text.push_str(comma);
                text.push_str(arg.name());
            } else {
                text.push('[');
                text.push_str(comma);
                text.push_str(arg.name());
                text.push(']');
            }
        }
        if self.repeats {
            text.push_str(", ..");
        }
        text.push(')');
        text
    }
}

/// Finds a function by name, in any case.
pub fn function(name: &str) -> Option<&'static Signature> {
    FUNCTIONS.iter().find(|f| f.names.iter().any(|n| n.eq_ignore_ascii_case(name)))
}

/// A signature whose arguments are all required.
const fn fixed(
    function: Function,
    names: &'static [&'static str],
    args: &'static [Arg],
    returns: Ty,
    about: &'static str,
    example: &'static str,
) -> Signature {
    Signature {
        function,
        names,
        args,
        required: args.len(),
        repeats: false,
        never: None,
        returns,
        about,
        example,
    }
}

const fn optional(mut signature: Signature, required: usize) -> Signature {
    signature.required = required;
    signature
}

const fn repeated(mut signature: Signature, required: usize) -> Signature {
    signature.required = required;
    signature.repeats = true;
    signature
}

const fn never(mut signature: Signature, count: usize) -> Signature {
    signature.never = Some(count);
    signature
}

use Arg::{Any, Metric, Modality, Number, Text, Time, Vector};
use Function as F;

/// Every function, by topic.
pub const FUNCTIONS: &[Signature] = &[
    repeated(
        fixed(
            F::Coherence,
            &["coherence"],
            &[Modality, Modality],
            Ty::Float,
            "One minus the greatest drift between any two of the given modalities.",
            "coherence(VECTOR, DOCUMENT) < 0.8",
        ),
        2,
    ),
    optional(
        fixed(
            F::Similarity,
            &["similarity"],
            &[Vector, Vector, Metric],
            Ty::Float,
            "The similarity of two vectors; cosine unless a metric is named.",
            "similarity(h.embedding, $query, EUCLIDEAN)",
        ),
        2,
    ),
    fixed(
        F::Cosine,
        &["cosine", "cosine_similarity"],
        &[Vector, Vector],
        Ty::Float,
        "The cosine of the angle between two vectors, -1 to 1.",
        "cosine(VECTOR.embedding, [0.6, 0.8])",
    ),
    fixed(
        F::Euclidean,
        &["euclidean", "l2_distance", "euclidean_distance"],
        &[Vector, Vector],
        Ty::Float,
        "The Euclidean distance of two vectors.",
        "euclidean(VECTOR.embedding, $query)",
    ),
    fixed(
        F::DotProduct,
        &["dot_product", "dot"],
        &[Vector, Vector],
        Ty::Float,
        "The dot product of two vectors.",
        "dot_product(VECTOR.embedding, $query)",
    ),
    fixed(
        F::Jaccard,
        &["jaccard"],
        &[Vector, Vector],
        Ty::Float,
        "The weighted Jaccard similarity of two vectors without negative numbers.",
        "jaccard(VECTOR.embedding, $query)",
    ),
    fixed(
        F::Magnitude,
        &["magnitude", "norm"],
        &[Vector],
        Ty::Float,
        "The Euclidean norm of a vector.",
        "magnitude(h.embedding) > 0.99",
    ),
    fixed(
        F::Dimension,
        &["dimension", "dimensions", "vector_dims"],
        &[Vector],
        Ty::Int,
        "How many numbers a vector has.",
        "dimension(h.embedding) == 384",
    ),
    optional(
        fixed(
            F::Embed,
            &["embed"],
            &[Text, Text],
            Ty::Vector(None),
            "The vector that an embedder, the one named or the default, makes of a text. In a write, \
             `EMBED(DOCUMENT)` is that of the document as the statement leaves it.",
            "cosine(EMBED('high tide'), EMBED('low tide'))",
        ),
        1,
    ),
    fixed(
        F::Now,
        &["now"],
        &[],
        Ty::Time,
        "The present instant, the same throughout a statement.",
        "modified_at > now() - INTERVAL '7 days'",
    ),
    fixed(
        F::Timestamp,
        &["timestamp", "date"],
        &[Time],
        Ty::Time,
        "Reads an instant from text (ISO 8601, or a relative time); null when it is none.",
        "timestamp(DOCUMENT.published) < '2020-01-01'",
    ),
    fixed(
        F::Year,
        &["year"],
        &[Time],
        Ty::Int,
        "The year of an instant, UTC.",
        "year(created_at) == 2026",
    ),
    fixed(
        F::Month,
        &["month"],
        &[Time],
        Ty::Int,
        "The month of an instant, 1 to 12, UTC.",
        "month(created_at)",
    ),
    fixed(
        F::Day,
        &["day"],
        &[Time],
        Ty::Int,
        "The day of the month of an instant, UTC.",
        "day(created_at)",
    ),
    fixed(
        F::Hour,
        &["hour"],
        &[Time],
        Ty::Int,
        "The hour of an instant, 0 to 23, UTC.",
        "hour(modified_at)",
    ),
    fixed(
        F::Lower,
        &["lower", "lowercase"],
        &[Text],
        Ty::Text,
        "Text in lower case.",
        "lower(DOCUMENT.title) LIKE '%graph%'",
    ),
    fixed(
        F::Upper,
        &["upper", "uppercase"],
        &[Text],
        Ty::Text,
        "Text in upper case.",
        "upper(DOCUMENT.currency) == 'EUR'",
    ),
    fixed(
        F::Length,
        &["length", "len", "char_length", "size"],
        &[Any],
        Ty::Int,
        "Characters of text, elements of a list or vector, entries of a map.",
        "length(DOCUMENT.body) > 200",
    ),
    fixed(
        F::Trim,
        &["trim"],
        &[Text],
        Ty::Text,
        "Text without the white space around it.",
        "trim(DOCUMENT.name)",
    ),
    optional(
        fixed(
            F::Substring,
            &["substring", "substr"],
            &[Text, Number, Number],
            Ty::Text,
            "Text from a character (the first is 1) on, so many characters or to the end.",
            "substring(DOCUMENT.title, 1, 40)",
        ),
        2,
    ),
    fixed(
        F::Replace,
        &["replace"],
        &[Text, Text, Text],
        Ty::Text,
        "Text with every occurrence of the second argument replaced by the third.",
        "replace(DOCUMENT.doi, 'doi:', '')",
    ),
    repeated(
        fixed(
            F::Concat,
            &["concat"],
            &[Any],
            Ty::Text,
            "All arguments as one text; null counts as nothing.",
            "concat(DOCUMENT.name, ' ', DOCUMENT.section)",
        ),
        1,
    ),
    fixed(
        F::Contains,
        &["contains", "includes"],
        &[Any, Any],
        Ty::Bool,
        "Whether text contains text, ignoring case, or a list contains a value.",
        "contains(h.content, 'drift')",
    ),
    fixed(
        F::StartsWith,
        &["starts_with"],
        &[Text, Text],
        Ty::Bool,
        "Whether text starts with text.",
        "starts_with(id, 'deb:')",
    ),
    fixed(
        F::EndsWith,
        &["ends_with"],
        &[Text, Text],
        Ty::Bool,
        "Whether text ends with text.",
        "ends_with(DOCUMENT.homepage, '.org')",
    ),
    fixed(
        F::Abs,
        &["abs"],
        &[Number],
        Ty::Float,
        "The absolute value; a whole number stays one.",
        "abs(SPATIAL.latitude) < 23.5",
    ),
    optional(
        fixed(
            F::Round,
            &["round"],
            &[Number, Number],
            Ty::Float,
            "Rounded half away from zero, to whole numbers or to so many decimals.",
            "round(TENSOR.mean, 2)",
        ),
        1,
    ),
    fixed(
        F::Floor,
        &["floor"],
        &[Number],
        Ty::Int,
        "The greatest whole number not above.",
        "floor(score)",
    ),
    fixed(
        F::Ceil,
        &["ceil", "ceiling"],
        &[Number],
        Ty::Int,
        "The least whole number not below.",
        "ceil(DOCUMENT.price)",
    ),
    fixed(
        F::Sqrt,
        &["sqrt"],
        &[Number],
        Ty::Float,
        "The square root; null for a negative number.",
        "sqrt(DOCUMENT.area_km2)",
    ),
    repeated(
        fixed(
            F::Greatest,
            &["greatest"],
            &[Any],
            Ty::Any,
            "The greatest of the arguments that are not null.",
            "greatest(DOCUMENT.stars, 1)",
        ),
        1,
    ),
    repeated(
        fixed(
            F::Least,
            &["least"],
            &[Any],
            Ty::Any,
            "The least of the arguments that are not null.",
            "least(DOCUMENT.stars, 5)",
        ),
        1,
    ),
    repeated(
        fixed(
            F::Coalesce,
            &["coalesce", "ifnull"],
            &[Any],
            Ty::Any,
            "The first argument that is not null.",
            "coalesce(DOCUMENT.nickname, DOCUMENT.name)",
        ),
        1,
    ),
    never(
        optional(
            fixed(
                F::DistanceKm,
                &["distance_km", "geo_distance"],
                &[Number, Number, Number, Number],
                Ty::Float,
                "Kilometers from the place of the hexad to a latitude and longitude, or between two.",
                "distance_km(48.86, 2.35) < 50",
            ),
            2,
        ),
        3,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_taken_twice_and_every_function_is_in_the_table_once() {
        let mut names = std::collections::BTreeSet::new();
        let mut functions = std::collections::HashSet::new();
        for signature in FUNCTIONS {
            assert!(functions.insert(signature.function), "{}", signature.name());
            for name in signature.names {
                assert!(names.insert(*name), "{name}");
            }
        }
    }

    #[test]
    fn usage_shows_what_may_be_left_out() {
        let usage = |name| function(name).map(Signature::usage);
        assert_eq!(usage("ROUND").as_deref(), Some("round(number[, number])"));
        assert_eq!(usage("concat").as_deref(), Some("concat(value, ..)"));
        assert_eq!(usage("now").as_deref(), Some("now()"));
    }

    #[test]
    fn a_distance_has_two_numbers_or_four() {
        let takes = |n| function("distance_km").is_some_and(|f| f.accepts(n));
        assert_eq!([1, 2, 3, 4, 5].map(takes), [false, true, false, true, false]);
    }
}
