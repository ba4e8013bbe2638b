//! Instants in UTC with microseconds.

use std::fmt;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Reads ISO 8601: a date, or a date and time, without a zone meaning UTC.
    ///
    /// `2026-01-01`, `2026-01-01T10:30`, `2026-01-01T10:30:00.5Z`, `2026-01-01 10:30:00+02:00`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(Self(instant.as_microsecond()));
        }
        let zoned = text.len() > 10 && {
            let clock = text.get(10..)?;
            clock.ends_with(['Z', 'z']) || clock.contains(['+', '-'])
        };
        if zoned {
            // `+0200` and minutes without seconds are ISO 8601 too.
            let sign = text.get(11..)?.find(['+', '-', 'Z', 'z'])? + 11;
            let (local, zone) = text.split_at_checked(sign)?;
            let seconds = offset_seconds(zone)?;
            let local: jiff::civil::DateTime = local.replace(' ', "T").parse().ok()?;
            let instant = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
            return Some(Self(instant.as_microsecond() - seconds * 1_000_000));
        }
        let local: jiff::civil::DateTime = text.parse().ok()?;
        let instant = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        Some(Self(instant.as_microsecond()))
    }
}

/// `Z`, `+02`, `+0200` or `+02:00` in seconds east of Greenwich.
fn offset_seconds(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: String = zone.get(1..)?.chars().filter(|c| *c != ':').collect();
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = if digits.len() == 4 { digits.get(2..)?.parse().ok()? } else { 0 };
    (hours < 24 && minutes < 60 && matches!(digits.len(), 2 | 4))
        .then_some(sign * (hours * 3600 + minutes * 60))
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with a fraction only where there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant}"),
            Err(_) => write!(f, "@{}us", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_forms_name_the_same_instant() {
        let noon = Timestamp::parse("2026-01-01T12:00:00Z");
        assert!(noon.is_some());
        for text in [
            "2026-01-01T12:00",
            "2026-01-01 12:00:00",
            "2026-01-01T14:00:00+02:00",
            "2026-01-01T14:00+0200",
        ] {
            assert_eq!(Timestamp::parse(text), noon, "{text}");
        }
    }

    #[test]
    fn display_reads_back() {
        for text in ["2026-01-01T00:00:00Z", "1969-12-31T23:59:59.000001Z"] {
            assert_eq!(Timestamp::parse(text).map(|t| t.to_string()).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "yesterday", "2026-13-01", "2026-01-01T25:00:00Z", "2026-01-01T12:00é"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
