//! Conditional requests (RFC 9110, section 13): what `If-Match` and `If-None-Match` mean for a version.

use crate::api::problem::Code;
use crate::wire::etag;
use crate::wire::problem::Problem;

use super::money::large;

/// Stands for any version between services.
const ANY: u64 = 0;
/// A version that nothing has.
const NONE: u64 = u64::MAX;

/// The version that `If-Match` names, for the service to compare when it writes: the `current` one when the condition holds, and
/// one that nothing has when it does not. So the service refuses, unless it recognises a repeat of what was done before.
///
/// # Errors
/// `precondition_required` without a condition.
pub fn version_seen(if_match: Option<&str>, current: u64) -> Result<u64, Problem> {
    match if_match {
        None => Err(Problem::new(
            Code::PreconditionRequired,
            "send the ETag of what you have read as If-Match, or *",
        )),
        Some(condition) if condition.trim() == "*" => Ok(ANY),
        Some(condition) => {
            let holds = etag::match_hits(condition, &etag::of_version(large(current)));
            Ok(if holds { current } else { NONE })
        }
    }
}

/// Whether `If-None-Match` names the tag, so that the answer is 304.
pub fn is_known(if_none_match: Option<&str>, tag: &str) -> bool {
    if_none_match.is_some_and(|condition| etag::none_match_hits(condition, tag))
}

/// Answers with a body, and with its tag alone to who knows it by `If-None-Match`.
macro_rules! unless_known {
    ($operation:ident, $if_none_match:expr, $etag:expr, $body:expr $(, $header:ident: $value:expr)*) => {{
        let etag = $etag;
        if $crate::edge::condition::is_known($if_none_match.as_deref(), &etag) {
            op::$operation::NotModified { etag }
        } else {
            op::$operation::Ok {
                etag,
                $($header: $value,)*
                body: $body,
            }
        }
    }};
}
pub(super) use unless_known;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_names_the_current_version_or_none() {
        for (condition, seen) in [
            ("*", ANY),
            ("\"3\"", 3),
            ("\"1\", \"3\"", 3),
            ("\"2\"", NONE),
        ] {
            assert_eq!(version_seen(Some(condition), 3), Ok(seen), "{condition}");
        }
        let refused = version_seen(None, 3).expect_err("a condition is demanded");
        assert_eq!(refused.code(), Code::PreconditionRequired);
    }
}
