//! Problems (RFC 9457): why the server refused.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use crate::codes::ProblemCode;

/// Why the server refused. Decide by `code`, show `detail` to people, and quote `request_id` when you ask for help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// What went wrong, for programs.
    pub code: ProblemCode,
    /// The HTTP status.
    pub status: u16,
    /// The code in words, the same every time.
    pub title: String,
    /// What is wrong with this request in particular, for people.
    pub detail: String,
    /// Names the exchange.
    pub request_id: String,
    /// Whether the same request may succeed later, with the same idempotency key where there is one.
    pub retryable: bool,
    /// Where the request does not fit, one entry a violation; empty for problems of another kind.
    #[serde(default)]
    pub errors: Vec<ProblemError>,
    /// How long the server asks to wait before the next attempt.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

/// One violation. Exactly one of `pointer`, `parameter` and `header` says where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProblemError {
    /// JSON pointer into the body (RFC 6901).
    pub pointer: Option<String>,
    /// Name of a path or query parameter.
    pub parameter: Option<String>,
    /// Name of a header.
    pub header: Option<String>,
    /// The rule of the schema that is violated, for example `required` or `pattern`.
    pub code: String,
    /// The violation in words, for people.
    pub detail: String,
}

impl std::error::Error for Problem {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem {
            code,
            status,
            detail,
            request_id,
            ..
        } = self;
        write!(f, "{status} {code}: {detail} ({request_id})")?;
        for error in &self.errors {
            let place = [&error.pointer, &error.parameter, &error.header];
            let place = place.into_iter().flatten().next();
            let place = place.map_or("", String::as_str);
            write!(f, "; {place}: {}", error.detail)?;
        }
        Ok(())
    }
}
