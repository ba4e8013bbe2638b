//! The entity against the contracts of its types.
//!
//! What the contracts are, and how one is checked, is the business of whoever has them at hand; here
//! the outcome becomes a score.

use super::evidence::{Evidence, LISTED};
use super::report::Found;

/// The outcome of checking an entity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// How many things the contracts of its types require.
    pub required: usize,
    /// Those of them that are not there.
    pub missing: Vec<Evidence>,
    /// How many other constraints they have.
    pub constraints: usize,
    /// Those of them it violates.
    pub violated: Vec<Evidence>,
}

/// Half for what is missing, half for what is violated; each half is half full as soon as one thing is
/// wrong, and the rest of it is filled by the share: a fault does not become smaller because much else
/// is right. `None` when the types demand nothing.
pub fn examine(checked: Checked) -> Option<Found> {
    let Checked { required, missing, constraints, violated } = checked;
    if required == 0 && constraints == 0 {
        return None;
    }
    let half = |part: usize, all: usize| match part {
        0 => 0.0,
        part => 0.25 + 0.25 * part as f64 / all.max(part) as f64,
    };
    let score = half(missing.len(), required) + half(violated.len(), constraints);
    let evidence = missing.into_iter().chain(violated).take(LISTED).collect();
    Some(Found { score, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_for_each() {
        let checked = |required, missing: usize, constraints, violated: usize| {
            let violation = Evidence::Violated { contract: "c".into(), constraint: "x > 1".into() };
            let absence = Evidence::Missing { contract: "c".into(), requires: "x".into() };
            let (missing, violated) = (vec![absence; missing], vec![violation; violated]);
            examine(Checked { required, missing, constraints, violated }).map(|f| f.score)
        };
        assert_eq!(checked(0, 0, 0, 0), None);
        assert_eq!(checked(3, 0, 1, 0), Some(0.0));
        assert_eq!(checked(2, 1, 0, 0), Some(0.375));
        assert_eq!(checked(2, 2, 4, 4), Some(1.0));
        assert_eq!(checked(0, 0, 5, 1), Some(0.3));
    }
}
