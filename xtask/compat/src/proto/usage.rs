//! Who writes a message and who reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How a message or an enumeration is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// In requests only: written by clients, which may be old.
    Requests,
    /// In responses only: read by clients, which may be old.
    Responses,
    /// In both.
    Both,
    /// No method carries it: an event, or something kept.
    Events,
}

impl Use {
    /// Old programs write it and new ones read it.
    pub fn is_read_by_new(self) -> bool {
        self != Use::Responses
    }

    /// New programs write it and old ones read it.
    pub fn is_read_by_old(self) -> bool {
        self != Use::Requests
    }

    /// Its use on one side together with that on the other.
    pub fn with(self, other: Use) -> Use {
        match (self, other) {
            (one, other) if one == other => one,
            (Use::Events, other) | (other, Use::Events) => other,
            _ => Use::Both,
        }
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Use::Requests => "in requests",
            Use::Responses => "in responses",
            Use::Both => "in requests and responses",
            Use::Events => "in events",
        })
    }
}

/// The types that methods name, and the types inside of types.
#[derive(Debug, Default)]
pub struct Usage {
    requests: BTreeSet<String>,
    responses: BTreeSet<String>,
    inside: BTreeMap<String, BTreeSet<String>>,
}

impl Usage {
    /// A method takes one type and answers another.
    pub fn method(&mut self, request: &str, response: &str) {
        self.requests.insert(request.to_owned());
        self.responses.insert(response.to_owned());
    }

    /// A field of a message has another type.
    pub fn field(&mut self, message: &str, inner: &str) {
        let inside = self.inside.entry(message.to_owned()).or_default();
        inside.insert(inner.to_owned());
    }

    /// Carries the use of messages on to what is inside of them.
    pub fn settle(&mut self) {
        for types in [&mut self.requests, &mut self.responses] {
            let mut open: Vec<String> = types.iter().cloned().collect();
            while let Some(next) = open.pop() {
                for inner in self.inside.get(&next).into_iter().flatten() {
                    if types.insert(inner.clone()) {
                        open.push(inner.clone());
                    }
                }
            }
        }
    }

    /// How a type is used.
    pub fn of(&self, name: &str) -> Use {
        match (self.requests.contains(name), self.responses.contains(name)) {
            (true, true) => Use::Both,
            (true, false) => Use::Requests,
            (false, true) => Use::Responses,
            (false, false) => Use::Events,
        }
    }
}
