//! Successes on their way out: a status, declared headers, a JSON body.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

/// What a handler answers when it does not fail; generated for each operation.
pub trait Success: Send {
    /// The status, headers and body that stand for it.
    fn into_reply(self) -> Reply;
}

/// A response under construction.
#[derive(Debug)]
pub struct Reply(Response);

impl Reply {
    /// A response without a body.
    pub fn empty(status: StatusCode) -> Reply {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        Reply(response)
    }

    /// A response with a JSON body.
    pub fn json<T: Serialize>(status: StatusCode, body: &T) -> Reply {
        let bytes = serde_json::to_vec(body)
            .expect("generated types have string keys and no failing members");
        let mut response = Response::new(Body::from(bytes));
        *response.status_mut() = status;
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        Reply(response)
    }

    /// Adds a header. What cannot stand in a header is left out and logged: the response is right without it.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl AsRef<str>) -> Reply {
        match HeaderValue::from_str(value.as_ref()) {
            Ok(value) => {
                self.0
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
            Err(_) => tracing::error!(header = name, "a value cannot stand in a header"),
        }
        self
    }

    /// Adds a header when there is a value.
    #[must_use]
    pub fn header_if(self, name: &'static str, value: Option<impl AsRef<str>>) -> Reply {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    /// The finished response.
    pub fn into_response(self) -> Response {
        self.0
    }
}
