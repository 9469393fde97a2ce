//! What a comparison has to say, as data. Nothing here prints.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document::Place;

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From the client to the server; in webhooks and callbacks, the receiver's answer.
    Request,
    /// From the server to the client; in webhooks and callbacks, what the receiver gets.
    Response,
}

impl Direction {
    /// The other way.
    pub fn turned(self) -> Direction {
        match self {
            Direction::Request => Direction::Response,
            Direction::Response => Direction::Request,
        }
    }
}

/// What a change does to a set: of values that are accepted, of answers that may come, of credentials that suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Some are no longer in it.
    Narrows,
    /// Some are new to it.
    Widens,
}

/// What a change means for a client that was right under the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It may fail: calls for a new major.
    Breaking,
    /// No exchange becomes invalid, and yet a client may meet something else than it did: for the owner to decide.
    Policy,
    /// It may use more: calls for a new minor.
    Additive,
    /// It is told that something will go: calls for a new minor.
    Deprecating,
    /// Nothing on the wire: calls for a new patch.
    Worded,
}

/// The law: what the client sends may be widened and not narrowed, what it receives narrowed and not widened.
pub fn law(direction: Direction, effect: Effect) -> Severity {
    match (direction, effect) {
        (Direction::Request, Effect::Narrows) | (Direction::Response, Effect::Widens) => {
            Severity::Breaking
        }
        (Direction::Request, Effect::Widens) | (Direction::Response, Effect::Narrows) => {
            Severity::Additive
        }
    }
}

/// Whom a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lane {
    /// What is exchanged.
    Wire,
    /// Names in generated clients.
    Sdk,
    /// What is only read.
    Docs,
}

/// A node of one of the documents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The JSON pointer in its file.
    pub pointer: String,
    /// File and line.
    pub place: Place,
}

/// One cause, however many operations it reaches.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The id of the rule, such as `request-maximum-narrowed`; its words stand in the table of rules.
    pub rule: String,
    pub severity: Severity,
    pub lane: Lane,
    /// The side of the wire; None for what is neither.
    pub direction: Option<Direction>,
    pub effect: Option<Effect>,
    /// Where it stands in the base; None for what is new.
    pub base: Option<Spot>,
    /// Where it stands in the revision; None for what is gone.
    pub revision: Option<Spot>,
    /// The operations it reaches, such as `POST /orders`, in the order of the document; empty for the document as a whole.
    pub reach: Vec<String>,
    /// The place in the first of them: `request body /passengers/*/ptc`.
    pub place: String,
    /// The references that lead from the first operation to the cause, as pointers in the revision.
    pub trail: Vec<String>,
    /// The member, value, parameter or header it is about.
    pub subject: Option<String>,
    /// What the base says, as short text.
    pub before: Option<String>,
    /// What the revision says, as short text.
    pub after: Option<String>,
    /// What changed, in lower case without a full stop.
    pub what: String,
    /// What to do instead, as an order.
    pub fix: String,
    /// Why it is judged milder or harsher than the law has it.
    pub reason: Option<String>,
    pub proof: Proof,
    /// For something removed that the base had announced: from this day on it may go.
    pub sunset: Option<Date>,
}

/// How sure a finding is.
#[derive(Clone, Debug, PartialEq)]
pub enum Proof {
    /// An exchange that was checked on both sides.
    Witness(Box<Witness>),
    /// It follows from the documents, and no exchange can show it: why.
    Argued(String),
    /// It could not be judged and counts as breaking: why.
    Undecided(String),
}

/// What shows a break.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// The value that one side accepts and the other refuses, where the change is one of values.
    pub value: Option<Value>,
    /// The whole exchange.
    pub exchange: Exchange,
    /// What both sides make of it: `right under the base, refused by the revision`.
    pub says: String,
}

/// A request, and the answer if that is what matters.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Exchange {
    pub method: String,
    /// Server, path and query, encoded.
    pub url: String,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// What a server answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Answer {
    pub status: String,
    pub headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// How an operation fared that both documents have and that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Something in it breaks.
    Breaks,
    /// Every question about it was answered: nothing breaks.
    Proved,
    /// Some question was answered only by so many samples that did not refute it.
    Sampled(u32),
}

/// A comparison.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The worst first, then by place.
    pub findings: Vec<Finding>,
    /// Operations that changed, in the order of the base.
    pub operations: Vec<(String, Verdict)>,
}

impl Finding {
    /// It breaks what is exchanged, and is not a removal whose day has come.
    pub fn breaks(&self, today: Date) -> bool {
        self.severity == Severity::Breaking && self.is_due(today)
    }

    /// It is not a removal whose announced day has come.
    pub fn is_due(&self, today: Date) -> bool {
        self.sunset.is_none_or(|sunset| today < sunset)
    }

    /// What it was found in, for people.
    pub fn at(&self) -> String {
        let first = self.reach.first().map_or("the contract", String::as_str);
        let more = match self.reach.len() {
            0 | 1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        match self.place.as_str() {
            "" => format!("{first}{more}"),
            place => format!("{first}{more}, {place}"),
        }
    }
}
