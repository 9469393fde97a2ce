//! The rules: ids and words, and for each an example. They stand in `rules/`; nothing here decides. A rule that departs from the
//! law says so with its reason; the severity of all others follows from direction and effect.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::report::{Direction, Effect, Lane, Severity, law};

/// One rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Such as `operation-removed`.
    pub id: String,
    #[serde(default = "wire")]
    pub lane: Lane,
    /// What changed, with `{subject}`, `{before}` and `{after}`.
    pub what: String,
    /// What to do instead of a change that breaks; others call for a new version.
    #[serde(default)]
    pub fix: Option<String>,
    /// How it follows from the law, or why it departs from it.
    pub why: String,
    /// Where it departs from the law, or where the law is silent because no set of values changes.
    #[serde(default)]
    pub departs: Option<Departure>,
    /// A pair of documents that brings it about.
    pub example: Example,
}

/// A severity that is not the law's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Departure {
    pub severity: Severity,
    /// Why; nothing where the law is silent.
    #[serde(default)]
    pub reason: Option<String>,
    /// It departs only on this side of the wire.
    #[serde(default)]
    pub within: Option<Direction>,
}

/// Two fragments of YAML and what comes of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What the fragments are.
    #[serde(default)]
    pub frame: Frame,
    pub base: String,
    pub revision: String,
    pub severity: Severity,
    /// Rules of which the example cannot but bring a case too.
    #[serde(default)]
    pub beside: Vec<String>,
}

/// What an example shows of a document.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Frame {
    /// Members of the document itself.
    #[default]
    Document,
    /// The operation `POST /things`.
    Operation,
    /// The schema of its body.
    Request,
    /// The schema of what it answers.
    Response,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Rule>,
}

/// A keyword of schemas, which makes four rules by the law.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keyword {
    name: String,
    /// What a wider schema takes more of.
    of: String,
    /// What changed, where it narrows and unless `what_widened` says otherwise where it widens.
    what: String,
    what_widened: Option<String>,
    wide: String,
    narrow: String,
    fix_request: Option<String>,
    fix_response: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keywords {
    keyword: Vec<Keyword>,
}

impl Keyword {
    fn rules(&self) -> impl Iterator<Item = Rule> {
        use Direction::{Request, Response};
        use Effect::{Narrows, Widens};
        let all = [
            (Request, Narrows),
            (Request, Widens),
            (Response, Narrows),
            (Response, Widens),
        ];
        all.into_iter()
            .map(|(direction, effect)| self.rule(direction, effect))
    }

    fn rule(&self, direction: Direction, effect: Effect) -> Rule {
        let of = &self.of;
        let (side, frame, own, usual) = match direction {
            Direction::Request => (
                "request",
                Frame::Request,
                &self.fix_request,
                "go on taking what was right before, or wait for the next major",
            ),
            Direction::Response => (
                "response",
                Frame::Response,
                &self.fix_response,
                "send only what was promised, in a new member if need be, or wait for the next major",
            ),
        };
        let (word, what, base, revision) = match effect {
            Effect::Narrows => ("narrowed", &self.what, &self.wide, &self.narrow),
            Effect::Widens => {
                let what = self.what_widened.as_ref().unwrap_or(&self.what);
                ("widened", what, &self.narrow, &self.wide)
            }
        };
        let why = match (direction, effect) {
            (Direction::Request, Effect::Narrows) => {
                format!("Some {of} that a client was right to send are refused.")
            }
            (Direction::Request, Effect::Widens) => {
                format!("More {of} are taken; whatever was right to send stays right.")
            }
            (Direction::Response, Effect::Narrows) => {
                format!("Fewer {of} come; a client that took all of them takes these.")
            }
            (Direction::Response, Effect::Widens) => {
                format!("Some {of} may come that a client was told would not.")
            }
        };
        let severity = law(direction, effect);
        let fix = own.clone().unwrap_or_else(|| usual.to_owned());
        Rule {
            id: format!("{side}-{}-{word}", self.name),
            lane: wire(),
            what: what.clone(),
            fix: (severity == Severity::Breaking).then_some(fix),
            why,
            departs: None,
            example: Example {
                frame,
                base: base.clone(),
                revision: revision.clone(),
                severity,
                beside: Vec::new(),
            },
        }
    }
}

fn wire() -> Lane {
    Lane::Wire
}

/// All rules by id, in the order in which they are written.
pub struct Table {
    rules: Vec<Rule>,
    by_id: HashMap<String, usize>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let texts = [
        include_str!("../rules/http.toml"),
        include_str!("../rules/schema.toml"),
    ];
    let read = |text| {
        toml::from_str::<File>(text)
            .expect("the tables of rules are right")
            .rule
    };
    let keywords: Keywords = toml::from_str(include_str!("../rules/keywords.toml"))
        .expect("the table of keywords is right");
    let of_keywords = keywords.keyword.iter().flat_map(Keyword::rules);
    let rules: Vec<Rule> = texts
        .into_iter()
        .flat_map(read)
        .chain(of_keywords)
        .collect();
    let by_id = rules.iter().enumerate();
    let by_id = by_id.map(|(at, rule)| (rule.id.clone(), at)).collect();
    Table { rules, by_id }
});

/// The rules of the crate.
pub fn table() -> &'static Table {
    &TABLE
}

/// The words of a rule for a case of it.
pub struct Words<'w> {
    pub subject: Option<&'w str>,
    pub before: Option<&'w str>,
    pub after: Option<&'w str>,
}

impl Table {
    /// All rules.
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of an id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.by_id.get(id).map(|at| &self.rules[*at])
    }
}

impl Rule {
    /// What a case of it means, and why if that is not what the law says.
    pub fn judge(
        &self,
        direction: Option<Direction>,
        effect: Option<Effect>,
    ) -> (Severity, Option<&str>) {
        let departs = self.departs.as_ref();
        if let Some(departure) = departs.filter(|it| it.within.is_none() || it.within == direction)
        {
            return (departure.severity, departure.reason.as_deref());
        }
        match (direction, effect) {
            (Some(direction), Some(effect)) => (law(direction, effect), None),
            // What says nothing of sets is neither harmless nor harmful by itself.
            _ => (Severity::Policy, None),
        }
    }

    /// What to do about a case of it.
    pub fn remedy(&self, severity: Severity, words: &Words<'_>) -> String {
        match (severity, &self.fix) {
            (Severity::Breaking | Severity::Policy, Some(fix)) => words.fill(fix),
            (Severity::Breaking | Severity::Policy, None) => {
                "leave it as it was, or wait for the next major".to_owned()
            }
            (Severity::Additive | Severity::Deprecating, _) => "raise the minor version".to_owned(),
            (Severity::Worded, _) => "raise the patch version".to_owned(),
        }
    }
}

impl Words<'_> {
    /// A text in which the words stand for their names.
    pub fn fill(&self, template: &str) -> String {
        let mut text = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some(at) = rest.find('{') {
            text.push_str(&rest[..at]);
            rest = &rest[at..];
            let words = [
                ("{subject}", self.subject),
                ("{before}", self.before),
                ("{after}", self.after),
            ];
            match words.iter().find(|(name, _)| rest.starts_with(name)) {
                Some((name, word)) => {
                    text.push_str(word.unwrap_or("none"));
                    rest = &rest[name.len()..];
                }
                None => {
                    text.push('{');
                    rest = &rest[1..];
                }
            }
        }
        text.push_str(rest);
        text
    }
}
