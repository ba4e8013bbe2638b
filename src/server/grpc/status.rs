//! Failures as gRPC tells them: one code for each kind, and the details a program can act on.
//!
//! What may be told at all is decided by [`Problem`], which REST and GraphQL use too.

use std::collections::BTreeMap;

use prost::Message;
use prost_types::Any;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

use crate::server::problem::{Place, Point, Problem};

use super::proto;

/// Bytes of a text in a status: it travels in trailers, and many clients take few of those.
const MOST: usize = 1000;

/// Whose kinds of error these are.
pub const DOMAIN: &str = "vql";

/// `google.rpc.Status`, by its numbers.
#[derive(Clone, PartialEq, Message)]
pub struct Details {
    /// The code again.
    #[prost(int32, tag = "1")]
    pub code: i32,
    /// The message again.
    #[prost(string, tag = "2")]
    pub message: String,
    /// One message of each kind.
    #[prost(message, repeated, tag = "3")]
    pub details: Vec<Any>,
}

/// `google.rpc.ErrorInfo`, by its numbers.
#[derive(Clone, PartialEq, Message)]
pub struct ErrorInfo {
    /// The stable kind of error.
    #[prost(string, tag = "1")]
    pub reason: String,
    /// [`DOMAIN`].
    #[prost(string, tag = "2")]
    pub domain: String,
    /// The family of the kind, and whether trying again may help.
    #[prost(btree_map = "string, string", tag = "3")]
    pub metadata: BTreeMap<String, String>,
}

/// `google.rpc.RetryInfo`, by its number.
#[derive(Clone, PartialEq, Message)]
pub struct RetryInfo {
    /// When trying again makes sense.
    #[prost(message, optional, tag = "1")]
    pub retry_delay: Option<prost_types::Duration>,
}

/// The code of a failure: by its kind where gRPC tells apart what HTTP does not, else by its status.
pub fn code_of(problem: &Problem) -> Code {
    match problem.kind {
        "InsertConflict" => Code::AlreadyExists,
        "WriteConflict" | "Deadlock" | "LockTimeout" | "TransactionAborted" => Code::Aborted,
        "Cancelled" => Code::Cancelled,
        "Corruption" => Code::DataLoss,
        "ReadOnlyStore" => Code::FailedPrecondition,
        _ => match problem.status.as_u16() {
            401 => Code::Unauthenticated,
            403 => Code::PermissionDenied,
            404 => Code::NotFound,
            408 | 504 => Code::DeadlineExceeded,
            409 | 412 => Code::FailedPrecondition,
            410 => Code::OutOfRange,
            413 | 422 | 429 | 507 => Code::ResourceExhausted,
            501 => Code::Unimplemented,
            502 | 503 => Code::Unavailable,
            500 => Code::Internal,
            _ => Code::InvalidArgument,
        },
    }
}

/// A failure as a message.
pub fn failure(problem: &Problem) -> proto::Failure {
    let point = |at: Point| proto::Point { line: at.line, column: at.column, offset: at.offset };
    let span = |place: &Place| proto::Span {
        start: Some(point(place.start)),
        end: Some(point(place.end)),
    };
    proto::Failure {
        kind: problem.kind.to_owned(),
        code: problem.code.to_owned(),
        message: short(&problem.detail),
        hint: problem.hint.as_deref().map(short).unwrap_or_default(),
        span: problem.span.as_deref().map(span),
        recoverable: problem.recoverable,
    }
}

/// A text that is not too long, cut between characters.
fn short(text: &str) -> String {
    if text.len() <= MOST {
        return text.to_owned();
    }
    let end = (0..=MOST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}

fn any(name: &str, message: &impl Message) -> Any {
    Any { type_url: format!("type.googleapis.com/{name}"), value: message.encode_to_vec() }
}

/// A failure as the end of a call.
pub fn status(problem: &Problem) -> Status {
    let code = code_of(problem);
    let metadata =
        [("code", problem.code.to_owned()), ("recoverable", problem.recoverable.to_string())];
    let info = ErrorInfo {
        reason: problem.kind.to_owned(),
        domain: DOMAIN.to_owned(),
        metadata: metadata.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    };
    let mut details =
        vec![any("google.rpc.ErrorInfo", &info), any("vql.v1.Failure", &failure(problem))];
    if let Some(seconds) = problem.retry_after {
        let retry_delay = Some(prost_types::Duration { seconds: i64::from(seconds), nanos: 0 });
        details.push(any("google.rpc.RetryInfo", &RetryInfo { retry_delay }));
    }
    let message = short(&problem.detail);
    let bytes = Details { code: code as i32, message, details }.encode_to_vec();
    Status::with_details_and_metadata(
        code,
        short(&problem.detail),
        bytes.into(),
        MetadataMap::new(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::{Error, Kind, Span};

    #[test]
    fn every_kind_has_a_code_of_a_failure_and_its_name_in_the_details() {
        for kind in Kind::ALL {
            let status = status(&Problem::from(Error::new(*kind, "x")));
            assert!(!matches!(status.code(), Code::Ok | Code::Unknown), "{kind:?}");
            let details = Details::decode(status.details()).unwrap();
            let info = ErrorInfo::decode(&*details.details[0].value).unwrap();
            assert_eq!((info.reason.as_str(), info.domain.as_str()), (kind.name(), "vql"));
            assert_eq!(info.metadata["code"], kind.code());
        }
    }

    #[test]
    fn the_codes_that_clients_act_on() {
        let code = |kind| code_of(&Problem::from(Error::new(kind, "x")));
        assert_eq!(code(Kind::NotFound), Code::NotFound);
        assert_eq!(code(Kind::InsertConflict), Code::AlreadyExists);
        assert_eq!(code(Kind::WriteConflict), Code::Aborted);
        assert_eq!(code(Kind::QueryTimeout), Code::DeadlineExceeded);
        assert_eq!(code(Kind::UnexpectedToken), Code::InvalidArgument);
        assert_eq!(code(Kind::StoreUnavailable), Code::Unavailable);
        assert_eq!(code(Kind::NotSupported), Code::Unimplemented);
    }

    #[test]
    fn a_long_message_still_fits_into_trailers() {
        let problem = Problem::from(Error::new(Kind::NotFound, "é".repeat(1 << 20)));
        let status = status(&problem);
        assert!(status.details().len() < 4 * MOST && status.message().ends_with('…'));
    }

    #[test]
    fn a_place_travels_along() {
        let error = Error::new(Kind::UnexpectedToken, "x").at(Span::new(0, 4));
        let failure = failure(&Problem::of(error, "SELEC"));
        assert_eq!(failure.span.unwrap().end.unwrap().offset, 4);
    }
}
