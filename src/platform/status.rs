//! Problem codes as gRPC statuses and back: a refusal carries its code in google.rpc.ErrorInfo, whether it crosses a
//! socket or not. HTTP is the doors' matter.

use std::collections::HashMap;

use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt};

use super::db;
use crate::api::problem::Code;

const DOMAIN: &str = "fareway";
/// The facts that tell where a request does not fit, and which rule it breaks there.
pub const POINTER: &str = "pointer";
pub const RULE: &str = "rule";

/// A refusal with its code and what the caller may read about it.
pub fn refuse(code: Code, detail: impl Into<String>) -> Status {
    refuse_with::<String>(code, detail, [])
}

/// A refusal that also names facts, such as the id of the order that a caller already has.
pub fn refuse_with<K: Into<String>>(
    code: Code,
    detail: impl Into<String>,
    metadata: impl IntoIterator<Item = (K, String)>,
) -> Status {
    let metadata: HashMap<String, String> = metadata
        .into_iter()
        .map(|(key, value)| (key.into(), value))
        .collect();
    let details = ErrorDetails::with_error_info(code.as_str(), DOMAIN, metadata);
    Status::with_error_details(tonic::Code::from_i32(code.grpc()), detail, details)
}

/// A refusal of what stands at a place of a request, told by a JSON pointer; `rule` is what it breaks.
pub fn refuse_at(code: Code, pointer: &str, rule: &str, detail: impl Into<String>) -> Status {
    let place = [(POINTER, pointer.to_owned()), (RULE, rule.to_owned())];
    refuse_with(code, detail, place)
}

/// A fault of ours: its causes go to the log, and the caller learns only that it happened, or that a database is not to be had now.
pub fn fault(error: &(dyn std::error::Error + 'static)) -> Status {
    tracing::error!(error = chain(error), "a request failed");
    match db::is_away(error) {
        true => refuse(Code::DependencyUnavailable, "the database is not to be had"),
        false => refuse(Code::Internal, "the request could not be carried out"),
    }
}

/// The code a status carries; for a status that is not ours, the nearest one.
pub fn code_of(status: &Status) -> Code {
    let ours = status
        .get_details_error_info()
        .filter(|info| info.domain == DOMAIN);
    match (
        ours.and_then(|info| Code::parse(&info.reason)),
        status.code(),
    ) {
        (Some(code), _) => code,
        // A channel whose time is over says `cancelled`; which of the two clocks rings first is chance.
        (None, tonic::Code::DeadlineExceeded | tonic::Code::Cancelled) => Code::DeadlineExceeded,
        (None, tonic::Code::Unavailable) => Code::DependencyUnavailable,
        (None, _) => Code::Internal,
    }
}

/// The facts a refusal names; empty when there are none.
pub fn metadata_of(status: &Status) -> HashMap<String, String> {
    status
        .get_details_error_info()
        .filter(|info| info.domain == DOMAIN)
        .map(|info| info.metadata)
        .unwrap_or_default()
}

/// An error and its causes in one line.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_and_its_facts_survive_the_wire() {
        for &code in Code::ALL {
            let status = refuse_with(code, "why", [("order_id", "ord_1".to_owned())]);
            let mut headers = tonic::codegen::http::HeaderMap::new();
            status
                .add_header(&mut headers)
                .expect("a status fits into headers");
            let received = Status::from_header_map(&headers).expect("there is a status");
            assert_eq!(code_of(&received), code);
            assert_eq!(received.message(), "why");
            assert_eq!(metadata_of(&received)["order_id"], "ord_1");
            assert_ne!(received.code(), tonic::Code::Unknown, "{}", code.as_str());
        }
    }

    #[test]
    fn foreign_statuses_have_the_nearest_code() {
        for (status, code) in [
            (Status::deadline_exceeded("late"), Code::DeadlineExceeded),
            (Status::cancelled("Timeout expired"), Code::DeadlineExceeded),
            (Status::unavailable("away"), Code::DependencyUnavailable),
            (Status::not_found("what"), Code::Internal),
        ] {
            assert_eq!(code_of(&status), code);
            assert!(metadata_of(&status).is_empty());
        }
    }

    #[test]
    fn fault_keeps_its_causes_to_itself() {
        let status = fault(&std::io::Error::other("the password is 1234"));
        assert_eq!(code_of(&status), Code::Internal);
        assert!(!status.message().contains("1234"));
    }

    #[test]
    fn database_that_is_not_to_be_had_now_may_be_later() {
        let status = fault(&db::Error::Lost);
        assert_eq!(code_of(&status), Code::DependencyUnavailable);
        assert_eq!(code_of(&fault(&db::Error::Panicked)), Code::Internal);
    }
}
