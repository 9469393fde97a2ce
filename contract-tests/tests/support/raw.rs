//! Requests that no library would send, byte by byte, and what is answered to them.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::Client;
use super::contract::{Contract, Scheme};

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    pub headers: HeaderMap,
    /// Null when there was none, a text when it was no JSON.
    pub body: Value,
}

impl Answer {
    /// Status, and the code of a problem; empty otherwise.
    pub fn told(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }
}

/// The header line by which a client says who it is.
pub fn credential(contract: &Contract, client: &Client) -> String {
    let secret = client.secret().unwrap_or_default();
    match contract.scheme() {
        Scheme::Bearer => format!("Authorization: Bearer {secret}\r\n"),
        Scheme::ApiKey | Scheme::None => format!("Api-Key: {secret}\r\n"),
    }
}

/// All answers to `asked`, which has the connection closed after its last request.
pub async fn answers(base: &str, asked: &[u8]) -> Vec<Answer> {
    let address = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    let (mut from, mut to) = stream.split();
    let mut answered = Vec::new();
    let (sent, read) = tokio::join!(to.write_all(asked), from.read_to_end(&mut answered));
    sent.expect("the server takes all of it");
    read.expect("the server ends in order");
    let mut rest = &answered[..];
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (answer, after) = first(rest);
        all.push(answer);
        rest = after;
    }
    all
}

/// The first answer, and what follows it.
fn first(bytes: &[u8]) -> (Answer, &[u8]) {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.expect("an answer has a head");
    let head = str::from_utf8(&bytes[..end]).expect("a head is ASCII");
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let headers: HeaderMap = lines
        .map(|line| {
            let (name, value) = line.split_once(':').expect("a header has a colon");
            let name: HeaderName = name.parse().expect("a name of a header");
            let value = HeaderValue::from_str(value.trim()).expect("a value of a header");
            (name, value)
        })
        .collect();
    let length = headers
        .get("content-length")
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .unwrap_or(0);
    let (body, after) = bytes[end + 4..].split_at(length);
    let answer = Answer {
        status: status
            .and_then(|status| status.parse().ok())
            .expect("an answer has a status"),
        headers,
        body: match body {
            [] => Value::Null,
            body => serde_json::from_slice(body)
                .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body))),
        },
    };
    (answer, after)
}
