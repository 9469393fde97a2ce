//! What can go wrong with a call.

use std::time::Duration;

// oauth {
use serde::Deserialize;
// }

use crate::problem::{Problem, ProblemCode};

/// What a call gives, or why it failed.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server refused, and says why. Decide by [`Problem::code`].
    #[error(transparent)]
    Problem(Box<Problem>),
    /// What the caller has is current. Only after `if_none_match`.
    #[error("not modified")]
    NotModified,
    // oauth {
    /// There is no token for the client.
    #[error(transparent)]
    OAuth(OAuthError),
    // }
    /// There was no answer, or not all of it.
    #[error("no answer")]
    Transport(#[source] TransportError),
    /// There was no answer in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The answer does not keep to the contract: perhaps it is not Fareway who answers.
    #[error(transparent)]
    Unexpected(Box<Unexpected>),
    /// An argument can never be right, so nothing was sent.
    #[error("{name}: {reason}")]
    InvalidArgument {
        /// Which argument.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// What the layers below say of a connection.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct TransportError(Box<dyn std::error::Error + Send + Sync>);

/// An answer that does not keep to the contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("status {status} with an unexpected body: {reason}")]
#[non_exhaustive]
pub struct Unexpected {
    /// The HTTP status.
    pub status: u16,
    /// Names the exchange.
    pub request_id: Option<String>,
    /// Where the body does not fit.
    pub reason: String,
    /// The body.
    pub body: String,
    /// How long the server asks to wait before the next attempt.
    pub retry_after: Option<Duration>,
}

// oauth {
/// Why there is no token (RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("no token: {error}: {error_description}")]
#[non_exhaustive]
pub struct OAuthError {
    /// What is the matter, for programs: `invalid_client`, for example.
    pub error: String,
    /// The same in words, for people.
    #[serde(default)]
    pub error_description: String,
}
// }

impl Error {
    /// The problem, when it is one.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Error::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// The code of the problem, when it is one.
    #[must_use]
    pub fn code(&self) -> Option<&ProblemCode> {
        self.problem().map(|problem| &problem.code)
    }

    pub(crate) fn transport(error: impl std::error::Error + Send + Sync + 'static) -> Error {
        Error::Transport(TransportError(Box::new(error)))
    }
}
