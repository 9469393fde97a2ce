//! A request under construction, and how it is sent: with a time-out, and again when that is safe and worth it.

use std::pin::Pin;
use std::time::Duration;

use http::{HeaderValue, Method, header};
use reqwest::{Body, Request};
use serde::Serialize;
use tokio::time::{sleep, timeout};

use crate::answer::Answer;
use crate::client::{Client, below};
use crate::error::{Error, Result};
use crate::retry;

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// What a call becomes when it is awaited.
pub(crate) type Pending<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// A request under construction.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    client: Client,
    method: Method,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    timeout: Duration,
    keyed: bool,
    repeatable: bool,
}

impl Call {
    /// A request of a path, where `values` stand for what is in braces.
    pub(crate) fn new<const N: usize>(
        client: &Client,
        method: Method,
        path: &str,
        values: [&str; N],
    ) -> Call {
        let mut values = values.into_iter();
        let segments = path.split('/').skip(1).map(|segment| {
            let value = segment.starts_with('{').then(|| values.next());
            value.flatten().unwrap_or(segment).to_owned()
        });
        Call {
            client: client.clone(),
            method,
            path: segments.collect(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            timeout: client.timeout,
            keyed: false,
            repeatable: false,
        }
    }

    /// The same request has the same effect twice.
    pub(crate) fn repeatable(mut self) -> Call {
        self.repeatable = true;
        self
    }

    /// The same request has the same effect twice, for it carries an idempotency key.
    pub(crate) fn keyed(mut self) -> Call {
        self.keyed = true;
        self.repeatable()
    }

    pub(crate) fn body<B: Serialize>(mut self, body: &B) -> Call {
        self.body = Some(
            serde_json::to_vec(body).expect("the types of the contract have an expression in JSON"),
        );
        self
    }

    /// Sets a parameter of the query; the last value counts.
    pub(crate) fn query(mut self, name: &'static str, value: &str) -> Call {
        self.query.retain(|(other, _)| *other != name);
        self.query.push((name, value.to_owned()));
        self
    }

    /// Sets a header; the last value counts.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Call {
        self = self.without_header(name);
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn without_header(mut self, name: &str) -> Call {
        self.headers.retain(|(other, _)| *other != name);
        self
    }

    pub(crate) fn timeout(mut self, timeout: Duration) -> Call {
        self.timeout = timeout;
        self
    }

    /// Sends the request until it succeeds, or until another attempt is not safe, not worth it, or one too many.
    pub(crate) async fn send(&self) -> Result<Answer> {
        let request = self.request()?;
        for attempt in 0.. {
            let failure = match timeout(self.timeout, self.client.attempt(&request)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error,
                Err(_) => Error::Timeout(self.timeout),
            };
            match retry::wait(&failure, attempt) {
                Some(wait) if self.repeatable && attempt < self.client.retries => sleep(wait).await,
                _ => return Err(failure),
            }
        }
        unreachable!("attempts are counted")
    }

    fn request(&self) -> Result<Request> {
        for segment in &self.path {
            // These would name another resource.
            if ["", ".", ".."].contains(&segment.as_str()) {
                return Err(Error::InvalidArgument {
                    name: "path",
                    reason: format!("{segment:?} cannot be in /{}", self.path.join("/")),
                });
            }
        }
        let mut url = below(self.client.base(), self.path.iter().map(String::as_str));
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let mut request = Request::new(self.method.clone(), url);
        let headers = request.headers_mut();
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static("application/json, application/problem+json"),
        );
        for (name, value) in &self.headers {
            let value = HeaderValue::from_str(value).map_err(|_| Error::InvalidArgument {
                name,
                reason: format!("{value:?} cannot stand in a header"),
            })?;
            headers.insert(*name, value);
        }
        if self.keyed && !headers.contains_key(IDEMPOTENCY_KEY) {
            headers.insert(IDEMPOTENCY_KEY, retry::idempotency_key());
        }
        if let Some(body) = &self.body {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            *request.body_mut() = Some(Body::from(body.clone()));
        }
        Ok(request)
    }
}
