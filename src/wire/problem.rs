//! Problems (RFC 9457): what a handler fails with, and how that reads on the wire.
//! Text that stems from a request is cleaned here, once, so that nobody can write into somebody's terminal or log.

use std::collections::BTreeMap;

use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::problem::Code;
use crate::platform::status;

/// Seconds after which a service that was away is worth asking again.
const AWAY_SECONDS: u64 = 1;

/// What the code of a problem is appended to for its `type`.
pub const TYPE_BASE: &str = "https://fareway.example/problems/";
/// Most characters of a detail.
const DETAIL_MAX: usize = 2000;
/// Most violations that are listed; a request that is wrong throughout is not worth more.
const VIOLATIONS_MAX: usize = 100;

/// Why an operation failed, for its caller.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    code: Code,
    detail: String,
    errors: Vec<Violation>,
    headers: Vec<(HeaderName, HeaderValue)>,
    facts: BTreeMap<String, String>,
}

impl Problem {
    /// A problem, and what is wrong with this request in particular; for people.
    pub fn new(code: Code, detail: impl AsRef<str>) -> Problem {
        Problem {
            code,
            detail: clean(detail.as_ref(), DETAIL_MAX),
            errors: Vec::new(),
            headers: Vec::new(),
            facts: BTreeMap::new(),
        }
    }

    /// Adds where the request does not fit.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<Violation>) -> Problem {
        self.errors = errors;
        self.errors.truncate(VIOLATIONS_MAX);
        self
    }

    /// Adds a response header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.headers.push((name, value));
        self
    }

    /// Adds an extension member, such as the id of the order that the caller already has.
    #[must_use]
    pub fn with_fact(mut self, name: &str, value: impl AsRef<str>) -> Problem {
        self.facts
            .insert(name.to_owned(), clean(value.as_ref(), DETAIL_MAX));
        self
    }

    /// What went wrong.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What is wrong with this request in particular.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The response that tells of it.
    pub fn into_response(self, request_id: &str) -> Response {
        let document = Document {
            r#type: format!("{TYPE_BASE}{}", self.code),
            title: self.code.title().to_owned(),
            status: i32::from(self.code.status()),
            detail: self.detail,
            code: self.code.as_str().to_owned(),
            request_id: request_id.to_owned(),
            retryable: self.code.retryable(),
            errors: self.errors,
        };
        let mut members = match serde_json::to_value(document) {
            Ok(serde_json::Value::Object(members)) => members,
            _ => unreachable!("a struct of strings serialises to an object"),
        };
        for (name, value) in self.facts {
            members.entry(name).or_insert(value.into());
        }
        let body = serde_json::Value::Object(members).to_string();
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(self.code.status())
            .expect("the catalogue holds HTTP statuses only");
        let away = self.code.status() == StatusCode::SERVICE_UNAVAILABLE.as_u16();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if away {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(AWAY_SECONDS));
        }
        headers.extend(self.headers);
        response
    }
}

/// A refusal of a service keeps its code, its words and its facts.
impl From<tonic::Status> for Problem {
    fn from(status: tonic::Status) -> Problem {
        let code = status::code_of(&status);
        let detail = match code {
            // The words of a fault, or of the transport, are not for callers.
            Code::Internal | Code::DependencyUnavailable => code.title(),
            _ => status.message(),
        };
        let mut problem = Problem::new(code, detail);
        let mut facts = status::metadata_of(&status);
        if let Some(pointer) = facts.remove(status::POINTER) {
            let rule = facts.remove(status::RULE).unwrap_or_default();
            let violation = Violation::at_pointer(&pointer, &rule, detail);
            problem = problem.with_errors(vec![violation]);
        }
        for (name, value) in facts {
            problem = problem.with_fact(&name, value);
        }
        problem
    }
}

/// A problem as it is written.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    /// A URI that ends with the code.
    #[schema(format = "uri")]
    r#type: String,
    /// The code in words, the same every time.
    title: String,
    /// The HTTP status.
    status: i32,
    /// What is wrong with this request in particular, for people.
    detail: String,
    /// What went wrong, for programs.
    code: String,
    /// The `Request-Id` of the exchange.
    request_id: String,
    /// Whether the same request may succeed later.
    retryable: bool,
    /// Where the request does not fit, one entry a violation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Violation>,
}

/// One place where a request does not fit its contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProblemError)]
pub struct Violation {
    /// JSON pointer into the body (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pointer: Option<String>,
    /// Name of a path or query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameter: Option<String>,
    /// Name of a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    header: Option<String>,
    /// The rule that is violated.
    code: String,
    /// The violation in words.
    detail: String,
}

impl Violation {
    /// A violation in the body.
    pub fn at_pointer(pointer: &str, code: &str, detail: &str) -> Violation {
        Violation {
            pointer: Some(clean(pointer, 1000)),
            ..Violation::of(code, detail)
        }
    }

    /// A violation in a path or query parameter.
    pub fn at_parameter(name: &str, code: &str, detail: &str) -> Violation {
        Violation {
            parameter: Some(clean(name, 200)),
            ..Violation::of(code, detail)
        }
    }

    /// A violation in a header.
    pub fn at_header(name: &str, code: &str, detail: &str) -> Violation {
        Violation {
            header: Some(clean(name, 200)),
            ..Violation::of(code, detail)
        }
    }

    /// Whether it is about the parameter or header of this name.
    pub fn is_about(&self, name: &str) -> bool {
        [&self.parameter, &self.header]
            .into_iter()
            .flatten()
            .any(|about| about == name)
    }

    fn of(code: &str, detail: &str) -> Violation {
        Violation {
            code: code.to_owned(),
            detail: clean(detail, DETAIL_MAX),
            ..Violation::default()
        }
    }
}

/// The text without control characters, and no longer than `max` characters.
fn clean(text: &str, max: usize) -> String {
    text.chars()
        .take(max)
        .map(|letter| {
            if letter.is_control() {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_hold_no_control_characters_and_end() {
        let problem = Problem::new(Code::NotFound, format!("\u{1b}[31m{}", "x".repeat(5000)));
        assert!(problem.detail().starts_with("\u{fffd}[31mxxx"));
        assert_eq!(problem.detail().chars().count(), DETAIL_MAX);
    }

    #[test]
    fn refusals_of_services_keep_code_and_facts_and_faults_keep_their_words() {
        let refused = status::refuse_with(
            Code::OfferAlreadyBooked,
            "again",
            [("order_id", "ord_1".to_owned())],
        );
        let problem = Problem::from(refused);
        assert_eq!(
            (problem.code(), problem.detail()),
            (Code::OfferAlreadyBooked, "again")
        );
        assert_eq!(problem.facts["order_id"], "ord_1");
        let misfit = status::refuse_at(
            Code::ServicesMismatch,
            "/services/0/id",
            "unknown",
            "there is none",
        );
        let problem = Problem::from(misfit);
        let violation = Violation::at_pointer("/services/0/id", "unknown", "there is none");
        assert_eq!(problem.errors, [violation]);
        assert!(problem.facts.is_empty());
        let fault = Problem::from(tonic::Status::unknown("at /srv/secret.rs"));
        assert_eq!(fault.code(), Code::Internal);
        assert!(!fault.detail().contains("secret"));
    }
}
