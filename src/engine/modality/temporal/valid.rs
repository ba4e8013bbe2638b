//! What makes a valid time valid.

use super::ValidTime;
use crate::engine::base::{Fault, Kind};

/// The time as it is stored, or what is wrong with it.
pub fn admit(valid: ValidTime) -> Result<ValidTime, Fault> {
    match (valid.from, valid.to) {
        (Some(from), Some(to)) if from >= to => {
            let message = format!("{to} is not after {from}");
            Err(Fault::new(Kind::InvalidTimestamp, "valid_to", message))
        }
        _ => Ok(valid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::Timestamp;

    #[test]
    fn time_runs_forward() {
        let span = |from, to| ValidTime { from: Some(Timestamp(from)), to: Some(Timestamp(to)) };
        assert!(admit(span(1, 2)).is_ok());
        assert_eq!(admit(span(2, 2)).unwrap_err().kind, Kind::InvalidTimestamp);
    }
}
