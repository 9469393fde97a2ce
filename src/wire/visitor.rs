//! Whoever makes a request of an operation that takes no credential of ours: what the operation may want to know of it.

use std::fmt;
use std::time::Duration;

use data_encoding::BASE64;
use http::{HeaderMap, header};

use super::headers;

/// Whoever makes a request without a credential that the door checks.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The id of the request.
    pub request_id: String,
    /// How long the operation may take in all.
    pub deadline: Duration,
    /// What it says in the `Authorization` header, for the operation to judge.
    pub authorization: Authorization,
}

/// What stands in the `Authorization` header.
#[derive(Clone, PartialEq, Eq)]
pub enum Authorization {
    /// Nothing.
    Absent,
    /// A name and a password (RFC 7617).
    Basic {
        /// The name; it holds no colon.
        user: String,
        /// The password.
        password: String,
    },
    /// Another scheme, or what cannot be decoded.
    Unreadable,
}

/// Shows no password.
impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Authorization::Absent => f.write_str("Absent"),
            Authorization::Basic { user, .. } => write!(f, "Basic({user:?})"),
            Authorization::Unreadable => f.write_str("Unreadable"),
        }
    }
}

impl Authorization {
    /// Reads the header.
    pub fn of(headers: &HeaderMap) -> Authorization {
        if !headers.contains_key(header::AUTHORIZATION) {
            return Authorization::Absent;
        }
        basic(headers).unwrap_or(Authorization::Unreadable)
    }
}

fn basic(headers: &HeaderMap) -> Option<Authorization> {
    let (scheme, credentials) = headers::authorization(headers)?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = BASE64.decode(credentials.as_bytes()).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some(Authorization::Basic {
        user: user.to_owned(),
        password: password.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_basic_is_read_and_no_password_is_shown() {
        let named = Authorization::Basic {
            user: "cli_1".to_owned(),
            password: "a:b".to_owned(),
        };
        for (header, read) in [
            (None, Authorization::Absent),
            (Some("Basic Y2xpXzE6YTpi"), named.clone()),
            (Some("basic  Y2xpXzE6YTpi"), named.clone()),
            (Some("Basic Y2xpXzE="), Authorization::Unreadable),
            (Some("Basic ???"), Authorization::Unreadable),
            (Some("Basic"), Authorization::Unreadable),
            (Some("Bearer Y2xpXzE6YTpi"), Authorization::Unreadable),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(header) = header {
                headers.insert(header::AUTHORIZATION, HeaderValue::from_static(header));
            }
            assert_eq!(Authorization::of(&headers), read, "{header:?}");
        }
        assert_eq!(format!("{named:?}"), "Basic(\"cli_1\")");
    }
}
