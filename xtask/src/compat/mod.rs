//! May a server move from one contract to another without breaking a client that was right under the first? A library: two
//! OpenAPI documents in, [`Change`]s as data out. It knows nothing of this repository, prints nothing and reads no clock.
//!
//! The law: what the client sends may be widened and not narrowed; what it receives may be narrowed and not widened. Whatever
//! cannot be judged counts as a break and says so. `schema` reads schemas as sets, `escape` and `plain` ask which values of one
//! set are none of the other, `operations` walks the documents, `change` puts the answers into words, `proof` validates the value
//! that is shown for a break. What departs from the law has its reason where it does.

use std::fmt;

use jiff::civil::Date;
use serde_json::Value;

mod admit;
mod bodies;
mod change;
mod escape;
mod messages;
mod nested;
mod operations;
mod parameters;
mod plain;
mod promises;
mod proof;
pub mod proto;
mod reader;
pub mod render;
mod same;
mod sample;
mod schema;
mod security;
mod texts;

#[cfg(test)]
mod brute;
#[cfg(test)]
mod tests;

pub use change::sunset;

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// From the client to the server; for a webhook, the receiver's answer.
    Request,
    /// From the server to the client; for a webhook, what the receiver gets.
    Response,
}

/// What a change means for a client that was right under the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It may fail: calls for a new major.
    Breaking,
    /// It may use more: calls for a new minor.
    Additive,
    /// It is told that something will go: calls for a new minor.
    Deprecating,
    /// Nothing on the wire: calls for a new patch.
    Worded,
}

/// One change, however many operations it reaches.
#[derive(Clone, Debug)]
pub struct Change {
    /// A stable name of the kind of change, such as `request-maximum-narrowed`.
    pub rule: String,
    /// What it means for clients.
    pub severity: Severity,
    /// The side of the wire; None for what is neither.
    pub position: Option<Position>,
    /// JSON pointer in the base; None for what is new.
    pub base: Option<String>,
    /// JSON pointer in the revision; None for what is gone.
    pub revision: Option<String>,
    /// The operations it reaches, such as `POST /orders`, in the order in which they were met; empty for the document as a whole.
    pub operations: Vec<String>,
    /// The place in the first of them: `request body /passengers/*/ptc`.
    pub place: String,
    /// What changed, in lower case without a full stop.
    pub what: String,
    /// What to do instead, as an order.
    pub fix: String,
    /// False when it could not be judged and therefore counts as breaking.
    pub decided: bool,
    /// What proves a break.
    pub witness: Option<Witness>,
    /// For something removed that the base had announced: from this day on it may go.
    pub sunset: Option<Date>,
}

/// A value or an exchange that is right under the base and wrong under the revision, or may come under the revision and is
/// wrong under the base.
#[derive(Clone, Debug, PartialEq)]
pub enum Witness {
    /// A body or the value of a parameter, validated against both sides.
    Value(Value),
    /// An exchange, as a line of text.
    Exchange(String),
}

impl Change {
    /// Breaking, and not a removal whose day has come.
    pub fn breaks(&self, today: Date) -> bool {
        self.severity == Severity::Breaking && self.sunset.is_none_or(|sunset| today < sunset)
    }

    /// What it was found in, for people.
    pub fn at(&self) -> String {
        let first = self
            .operations
            .first()
            .map_or("the contract", String::as_str);
        let more = match self.operations.len() {
            0 | 1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        match self.place.as_str() {
            "" => format!("{first}{more}"),
            place => format!("{first}{more}, {place}"),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Position::Request => "request",
            Position::Response => "response",
        })
    }
}

/// Every change from `base` to `revision`, the worst first, then by place. Both are bundled OpenAPI documents: references are
/// local.
pub fn compare(base: &Value, revision: &Value) -> Vec<Change> {
    let mut comparison = change::Comparison::new(base, revision);
    operations::compare(&mut comparison);
    texts::compare(&mut comparison);
    comparison.into_changes()
}

/// Escapes a member name for a JSON pointer (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
