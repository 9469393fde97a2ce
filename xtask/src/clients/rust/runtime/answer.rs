//! An answer of the server: whether it is a success, and what it says.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use reqwest::Response;

use crate::error::{Error, Result, Unexpected};
use crate::problem::Problem;

/// A success, with what its headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply<T> {
    /// The HTTP status.
    pub status: u16,
    /// The version of what was answered, for `If-None-Match` and `If-Match`.
    pub etag: Option<String>,
    /// Names the exchange; quote it when you ask for help.
    pub request_id: Option<String>,
    /// Whether this is the answer to an earlier request with the same idempotency key, and nothing was done again.
    pub replayed: bool,
    /// What was answered.
    pub body: T,
}

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) async fn receive(response: reqwest::Result<Response>) -> Result<Answer> {
        let response = response.map_err(Error::transport)?;
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await.map_err(Error::transport)?.into(),
        })
    }

    /// Makes an error of what is not a success.
    pub(crate) fn success(self) -> Result<Answer> {
        if self.status.is_success() {
            return Ok(self);
        }
        if self.status == StatusCode::NOT_MODIFIED {
            return Err(Error::NotModified);
        }
        Err(match serde_json::from_slice::<Problem>(&self.body) {
            Ok(problem) => Error::Problem(Box::new(Problem {
                retry_after: self.retry_after(),
                ..problem
            })),
            Err(error) => self.unexpected(&error),
        })
    }

    /// Reads the body.
    pub(crate) fn read<T>(
        self,
        read: impl FnOnce(&[u8]) -> serde_json::Result<T>,
    ) -> Result<Reply<T>> {
        match read(&self.body) {
            Ok(body) => Ok(Reply {
                status: self.status.as_u16(),
                etag: self.header("etag"),
                request_id: self.header("request-id"),
                replayed: self.header("idempotency-replayed").as_deref() == Some("true"),
                body,
            }),
            Err(error) => Err(self.unexpected(&error)),
        }
    }

    fn header(&self, name: &str) -> Option<String> {
        Some(self.headers.get(name)?.to_str().ok()?.to_owned())
    }

    fn retry_after(&self) -> Option<Duration> {
        Some(Duration::from_secs(
            self.header("retry-after")?.parse().ok()?,
        ))
    }

    fn unexpected(&self, error: &serde_json::Error) -> Error {
        Error::Unexpected(Box::new(Unexpected {
            status: self.status.as_u16(),
            request_id: self.header("request-id"),
            reason: error.to_string(),
            body: String::from_utf8_lossy(&self.body).into_owned(),
            retry_after: self.retry_after(),
        }))
    }
}
