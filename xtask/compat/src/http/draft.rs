//! What was found in a part of a document before it is known which operations use that part. A shared part is compared once; its
//! drafts become findings with every operation that it reaches.

use std::rc::Rc;

use jiff::civil::Date;
use serde_json::Value;

use super::security::Token;
use crate::document::{Node, NodeId};
use crate::report::{Direction, Effect};
use crate::variance::{Cause, Shown};

/// A finding without operations.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Tells apart drafts that are kept; 0 until then.
    pub serial: usize,
    pub rule: Rule,
    pub direction: Option<Direction>,
    pub effect: Option<Effect>,
    pub subject: Option<String>,
    pub before: Option<String>,
    pub after: Option<String>,
    pub base: Option<NodeId>,
    pub revision: Option<NodeId>,
    pub part: Part,
    /// The way into the part: ` /passengers/*/ptc`.
    pub path: String,
    pub show: Show,
    /// The schema of the part, in the revision.
    pub schema: Option<NodeId>,
    pub sunset: Option<Date>,
}

/// The id of a rule.
pub type Rule = std::borrow::Cow<'static, str>;

/// Drafts of a part.
pub type Drafts = Rc<[Draft]>;

/// A part of an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Whole,
    Security,
    Servers,
    /// The key by which a parameter is known to both sides, and its name: `query parameter `limit``.
    Parameter(Rc<str>, Rc<str>),
    /// A media type of the request body, if there are several.
    Body(Option<Rc<str>>),
    /// A status, which only the operation knows, or the body that it comes with.
    Status,
    Answer(Option<Rc<str>>),
    Header(Rc<str>),
}

/// What shows a change, and what is to be said of it.
#[derive(Clone, Debug)]
pub enum Show {
    /// Nothing need be shown.
    Nothing,
    /// The exchange as it was.
    Plain(String),
    /// The exchange with a part that need not be in it.
    With(Part, String),
    /// The exchange without a part.
    Without(Part, String),
    /// The exchange with a value of a part.
    Value(Value, Part, String),
    /// The value that the engine found for the part of the draft.
    Caused(Rc<[(Cause, Shown)]>, usize),
    /// Credentials that were right.
    Held(Vec<Token>, String),
    /// Another server.
    Server(String, String),
    /// Another path.
    Path(String, String),
    /// No exchange can show it: why.
    Argued(String),
    /// Nothing was found, and not for certain: so many values did not show anything.
    Sampled(u32),
}

impl Draft {
    /// A change of what may be sent or what may come.
    pub fn wire(rule: impl Into<Rule>, direction: Direction, effect: Effect) -> Draft {
        Draft {
            direction: Some(direction),
            effect: Some(effect),
            ..Draft::plain(rule)
        }
    }

    /// A change of no set.
    pub fn plain(rule: impl Into<Rule>) -> Draft {
        Draft {
            serial: 0,
            rule: rule.into(),
            direction: None,
            effect: None,
            subject: None,
            before: None,
            after: None,
            base: None,
            revision: None,
            part: Part::Whole,
            path: String::new(),
            show: Show::Nothing,
            schema: None,
            sunset: None,
        }
    }

    /// No finding: nothing was found, though not for certain.
    pub fn sampled(samples: u32) -> Draft {
        Draft::plain(Rule::default()).show(Show::Sampled(samples))
    }

    pub fn base(mut self, node: Node<'_>) -> Draft {
        self.base = Some(node.id());
        self
    }

    pub fn revision(mut self, node: Node<'_>) -> Draft {
        self.revision = Some(node.id());
        self
    }

    pub fn both(self, base: Node<'_>, revision: Node<'_>) -> Draft {
        self.base(base).revision(revision)
    }

    pub fn about(mut self, subject: impl Into<String>) -> Draft {
        self.subject = Some(subject.into());
        self
    }

    pub fn change(mut self, before: impl Into<String>, after: impl Into<String>) -> Draft {
        (self.before, self.after) = (Some(before.into()), Some(after.into()));
        self
    }

    pub fn part(mut self, part: Part) -> Draft {
        self.part = part;
        self
    }

    pub fn show(mut self, show: Show) -> Draft {
        self.show = show;
        self
    }

    pub fn sunset(mut self, day: Option<Date>) -> Draft {
        self.sunset = day;
        self
    }
}

impl Part {
    /// As people call it.
    pub fn called(&self, status: Option<&str>) -> String {
        let status = status.unwrap_or_default();
        let typed = |what: String, media: &Option<Rc<str>>| match media {
            Some(media) => format!("{what} {media}"),
            None => what,
        };
        match self {
            Part::Whole => String::new(),
            Part::Security => "security".to_owned(),
            Part::Servers => "servers".to_owned(),
            Part::Parameter(_, called) => called.to_string(),
            Part::Body(media) => typed("request body".to_owned(), media),
            Part::Status => format!("status {status}"),
            Part::Answer(media) => typed(format!("{status} body"), media),
            Part::Header(name) => format!("status {status}, header {name}"),
        }
    }
}

/// The effect by which an exchange of one set for another breaks.
pub fn replaced(direction: Direction) -> Effect {
    match direction {
        Direction::Request => Effect::Narrows,
        Direction::Response => Effect::Widens,
    }
}

/// Whether a set lost or gained.
pub fn effect(narrows: bool) -> Effect {
    if narrows {
        Effect::Narrows
    } else {
        Effect::Widens
    }
}
