//! A client that speaks raw HTTP for one key. Every answer is held against the contract and counted before a test sees it.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::contract::{Contract, Scheme, contracts};
use super::judge::{Exchange, judge};
use super::sample::percent_encoded;
use super::{coverage, mask};

/// Speaks for one key or token, or for nobody.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    door: Door,
    credential: Option<(Scheme, String)>,
    judge: Option<&'static Contract>,
}

/// Where a listener is, and which contracts it keeps.
#[derive(Clone)]
pub struct Door {
    /// Such as `http://127.0.0.1:8080`.
    pub base: String,
    /// Whether it is that of staff and services.
    pub private: bool,
}

impl Door {
    /// Whether it keeps this contract.
    pub fn keeps(&self, contract: &Contract) -> bool {
        self.private == (contract.audience == "private")
    }

    /// The contract that a path belongs to; for a path of none, any that is kept here.
    fn contract_of(&self, path: &str) -> &'static Contract {
        let kept = || contracts().filter(|contract| self.keeps(contract));
        let named = kept().find(|contract| path.starts_with(&contract.prefix()));
        let exact = || {
            kept().find(|contract| {
                contract
                    .operations
                    .iter()
                    .any(|operation| operation.path == path)
            })
        };
        named
            .or_else(exact)
            .or_else(|| kept().last())
            .expect("each listener keeps a contract")
    }
}

/// A request that is being made up; awaiting it sends it.
#[must_use = "a call is sent when it is awaited"]
pub struct Call {
    client: Client,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

/// An answer that the contract has nothing against.
pub struct Reply {
    /// What was asked, for messages.
    asked: String,
    /// HTTP status.
    pub status: u16,
    pub headers: HeaderMap,
    /// Null when there was none.
    pub body: Value,
}

impl Client {
    /// Speaks to a door for nobody.
    pub fn new(http: reqwest::Client, door: Door) -> Self {
        Self {
            http,
            door,
            credential: None,
            judge: None,
        }
    }

    /// The same, with answers held against this contract, whatever is written now.
    pub fn judged_by(&self, contract: &'static Contract) -> Self {
        Self {
            judge: Some(contract),
            ..self.clone()
        }
    }

    /// The same server with another key, or none.
    pub fn with_key(&self, key: Option<&str>) -> Self {
        self.with(key.map(|key| (Scheme::ApiKey, key)))
    }

    /// The same server with another token.
    pub fn with_token(&self, token: &str) -> Self {
        self.with(Some((Scheme::Bearer, token)))
    }

    /// The same server with another credential, or none.
    pub fn with(&self, credential: Option<(Scheme, &str)>) -> Self {
        Self {
            credential: credential.map(|(scheme, secret)| (scheme, secret.to_owned())),
            ..self.clone()
        }
    }

    /// The same server and kind of credential with another secret, or none.
    pub fn with_secret(&self, secret: Option<&str>) -> Self {
        let scheme = self
            .credential
            .as_ref()
            .map_or(Scheme::ApiKey, |(scheme, _)| *scheme);
        self.with(secret.map(|secret| (scheme, secret)))
    }

    /// Where its door is.
    pub fn base(&self) -> &str {
        &self.door.base
    }

    /// The secret or token that it speaks with.
    pub fn secret(&self) -> Option<&str> {
        self.credential.as_ref().map(|(_, secret)| secret.as_str())
    }

    /// The same credential at another server.
    pub fn at(&self, base: &str) -> Self {
        Self {
            door: Door {
                base: base.to_owned(),
                ..self.door.clone()
            },
            ..self.clone()
        }
    }

    /// The same credential at the other listener.
    pub fn at_door(&self, door: &Door) -> Self {
        Self {
            door: door.clone(),
            ..self.clone()
        }
    }

    /// A request; `target` is path and query as they go over the wire.
    pub fn call(&self, method: &str, target: impl Into<String>) -> Call {
        let method = method.parse().expect("a method");
        Call {
            client: self.clone(),
            method,
            target: target.into(),
            headers: HeaderMap::new(),
            body: None,
        }
    }

    pub fn get(&self, target: impl Into<String>) -> Call {
        self.call("GET", target)
    }

    pub fn post(&self, target: impl Into<String>, body: &Value) -> Call {
        self.call("POST", target).json(body)
    }

    /// A POST that takes no body.
    pub fn post_empty(&self, target: impl Into<String>) -> Call {
        self.call("POST", target)
    }

    pub fn delete(&self, target: impl Into<String>) -> Call {
        self.call("DELETE", target)
    }

    pub fn put(&self, target: impl Into<String>, body: &Value) -> Call {
        self.call("PUT", target).json(body)
    }

    pub fn patch(&self, target: impl Into<String>, body: &Value) -> Call {
        self.call("PATCH", target).json(body)
    }
}

impl Call {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a name of a header");
        self.headers.append(
            name,
            HeaderValue::from_bytes(value.as_bytes()).expect("a value of a header"),
        );
        self
    }

    /// Names the attempt with an `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json")
            .bytes(body.to_string().into_bytes())
    }

    /// A form: members are texts.
    pub fn form(self, members: &Value) -> Self {
        let pairs: Vec<String> = members
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                format!("{}={}", percent_encoded(name), percent_encoded(&text))
            })
            .collect();
        self.header("Content-Type", "application/x-www-form-urlencoded")
            .bytes(pairs.join("&").into_bytes())
    }

    pub fn bytes(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }

    /// Sends the request; an error when no answer came.
    ///
    /// # Panics
    /// When the contract has something against the answer.
    pub async fn try_send(self) -> Result<Reply, reqwest::Error> {
        let asked = format!("{} {}", self.method, self.target);
        let mut request = self.client.http.request(
            self.method.clone(),
            format!("{}{}", self.client.door.base, self.target),
        );
        if let Some((scheme, secret)) = &self.client.credential {
            let (name, value) = match scheme {
                Scheme::ApiKey => ("Api-Key", secret.clone()),
                Scheme::Bearer => ("Authorization", format!("Bearer {secret}")),
                Scheme::None => ("Authorization", secret.clone()),
            };
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value of a header");
            request = request.header(name, value);
        }
        let sent: Option<Value> = self
            .body
            .as_deref()
            .and_then(|body| serde_json::from_slice(body).ok());
        let told = self
            .body
            .as_deref()
            .map(|body| String::from_utf8_lossy(body).into_owned())
            .unwrap_or_default();
        if let Some(body) = self.body {
            request = request.body(body);
        }
        let response = request.headers(self.headers).send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?;
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&bytes))),
        };
        // An answer to HEAD is that to GET without its body, of which the contract has nothing to say.
        if self.method != Method::HEAD {
            let path = self.target.split('?').next().unwrap_or_default();
            let exchange = Exchange {
                method: self.method.as_str(),
                path,
                sent: sent.as_ref(),
                status,
                headers: &headers,
                body: &body,
            };
            let (operation, faults) = judge(
                self.client
                    .judge
                    .unwrap_or_else(|| self.client.door.contract_of(path)),
                &exchange,
            );
            let faults = faults.join("\n  ");
            assert!(
                faults.is_empty(),
                "{asked}: the answer is against the contract; correct the server, or the contract and \
                 run `cargo xtask generate`\n  {faults}\nsent {told}\nanswered {status} {body:#}\n{headers:#?}",
            );
            if let Some(operation) = operation.filter(|_| self.client.judge.is_none()) {
                let media_type = headers
                    .get("content-type")
                    .and_then(|value| value.to_str().ok());
                coverage::witness(operation, status, media_type.filter(|_| !body.is_null()));
            }
        }
        Ok(Reply {
            asked,
            status,
            headers,
            body,
        })
    }
}

impl IntoFuture for Call {
    type Output = Reply;
    type IntoFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { self.try_send().await.expect("the server answers") })
    }
}

impl Reply {
    /// The same answer, whose status must be this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert!(
            self.status == status,
            "{}: {status} was expected\n{} {:#}",
            self.asked,
            self.status,
            self.body
        );
        self
    }

    /// The same answer, which must be this problem.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert!(
            self.status == status && self.code() == code,
            "{}: {status} {code} was expected\n{} {:#}",
            self.asked,
            self.status,
            self.body
        );
        self
    }

    /// The code of a problem; empty otherwise.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// A header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The text at a JSON pointer.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> &str {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("{}: no text at {pointer} in {:#}", self.asked, self.body))
    }

    /// The body with ids masked, for snapshots.
    pub fn masked(&self) -> Value {
        mask::masked(&self.body)
    }
}
