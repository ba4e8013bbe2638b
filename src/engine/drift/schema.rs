//! The properties of an entity against the constraints of its types.
//!
//! What the constraints are, and how one is checked, is the catalog's business; here their outcome
//! becomes a score.

/// The outcome of checking an entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Properties its types require.
    pub required: usize,
    /// Those of them it does not have.
    pub missing: usize,
    /// Other constraints of its types.
    pub constraints: usize,
    /// Those of them it violates.
    pub violated: usize,
}

/// Half the share of missing properties, half the share of violated constraints. `None` when the types
/// demand nothing.
pub fn score(checked: Checked) -> Option<f64> {
    let share = |part: usize, all: usize| (all > 0).then(|| part as f64 / all as f64);
    match (share(checked.missing, checked.required), share(checked.violated, checked.constraints)) {
        (None, None) => None,
        (missing, violated) => Some(f64::midpoint(missing.unwrap_or(0.0), violated.unwrap_or(0.0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_for_each() {
        let checked = |required, missing, constraints, violated| {
            score(Checked { required, missing, constraints, violated })
        };
        assert_eq!(checked(0, 0, 0, 0), None);
        assert_eq!(checked(2, 1, 0, 0), Some(0.25));
        assert_eq!(checked(2, 2, 4, 4), Some(1.0));
        assert_eq!(checked(0, 0, 4, 1), Some(0.125));
    }
}
