//! Requests made of the contract's own examples: what somebody gets who presses "Try it out".

use serde_json::Value;

use super::app::Account;
use super::client::{Call, Client};
use super::contract::{Contract, Node, Operation};

/// A request for an operation. All of it may be changed before it is sent.
#[derive(Clone)]
pub struct Sample {
    pub operation: &'static Operation,
    /// Name of the example of the body, when there is one.
    pub name: &'static str,
    /// Values of path parameters, by name.
    pub path: Vec<(&'static str, String)>,
    pub query: Vec<(&'static str, String)>,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Value>,
}

impl Sample {
    /// One for each example of the body; one when there is no body.
    pub fn all_of(operation: &'static Operation) -> Vec<Self> {
        let bodies = operation
            .body()
            .map_or_else(Vec::new, |body| body.at("examples").members());
        let with = |name: &'static str, body: Option<Value>| Self {
            operation,
            name,
            path: parameters(operation, "path", name),
            query: parameters(operation, "query", name),
            headers: parameters(operation, "header", name),
            body,
        };
        if bodies.is_empty() {
            return vec![with("", None)];
        }
        bodies
            .into_iter()
            .map(|(name, example)| with(name, Some(example.at("value").value.clone())))
            .collect()
    }

    /// The first one.
    pub fn of(operation: &'static Operation) -> Self {
        Self::all_of(operation).remove(0)
    }

    /// One for each operation of a contract, with the clock of the account's own world: a request that the contract has nothing
    /// against.
    pub fn each_of(contract: &'static Contract, account: &Account) -> Vec<Self> {
        let samples = contract.operations.iter().map(Self::of);
        samples.map(|sample| sample.in_world_of(account)).collect()
    }

    /// The same, with the clock of the account's own world.
    pub fn in_world_of(mut self, account: &Account) -> Self {
        for (name, value) in &mut self.path {
            if *name == "test_clock_id" {
                value.clone_from(&account.clock_id);
            }
        }
        self
    }

    /// The status that success has.
    pub fn success(&self) -> u16 {
        let statuses = self.operation.statuses();
        *statuses
            .iter()
            .find(|status| (200..300).contains(*status))
            .expect("an operation can succeed")
    }

    /// Replaces a header, or adds it.
    pub fn set_header(&mut self, name: &'static str, value: &str) {
        self.headers.retain(|(given, _)| *given != name);
        self.headers.push((name, value.to_owned()));
    }

    /// Path and query as they go over the wire.
    pub fn target(&self) -> String {
        let mut target = self.operation.path.clone();
        for (name, value) in &self.path {
            target = target.replace(&format!("{{{name}}}"), &percent_encoded(value));
        }
        for (at, (name, value)) in self.query.iter().enumerate() {
            let joint = if at == 0 { '?' } else { '&' };
            target.push_str(&format!("{joint}{name}={}", percent_encoded(value)));
        }
        target
    }

    /// The request without its body.
    pub fn bare(&self, client: &Client) -> Call {
        let call = client.call(&self.operation.method, self.target());
        self.headers
            .iter()
            .fold(call, |call, (name, value)| call.header(name, value))
    }

    /// The request.
    pub fn call(&self, client: &Client) -> Call {
        match &self.body {
            Some(body) if self.operation.media_type() == "application/json" => {
                self.bare(client).json(body)
            }
            Some(body) => self.bare(client).form(body),
            None => self.bare(client),
        }
    }
}

/// The example values of the parameters in `place`; among several, the one named like the body.
fn parameters(operation: &Operation, place: &str, name: &str) -> Vec<(&'static str, String)> {
    let value = |parameter: &Node| {
        let examples = parameter
            .find("examples")
            .map_or_else(Vec::new, |all| all.members());
        let named = examples
            .iter()
            .find(|(example, _)| *example == name)
            .or(examples.first());
        let value = match named {
            Some((_, example)) => example.at("value"),
            None => parameter.at("example"),
        };
        value
            .value
            .as_str()
            .map_or_else(|| value.value.to_string(), str::to_owned)
    };
    operation
        .parameters(place)
        .iter()
        .map(|parameter| (parameter.text("name"), value(parameter)))
        .collect()
}

/// A value as it stands in a URL.
pub fn percent_encoded(value: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    value.bytes().map(encoded).collect()
}
