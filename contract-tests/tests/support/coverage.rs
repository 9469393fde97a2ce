//! Which documented answers of which operations were witnessed, and whether that is enough: all but those in
//! `coverage-exceptions.txt`. An answer is a status in a media type. That file may only shrink, so nothing here writes it, and an
//! entry that is no longer needed fails.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::contract::{Operation, contracts, repository};

const EXCEPTIONS: &str = "contract-tests/coverage-exceptions.txt";

/// What stands for the media type of an answer without a body.
const NO_BODY: &str = "-";

/// An answer that an operation documents, or that was seen of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Answer {
    /// A contract and an operation's id, such as `public/v2 getOrder`.
    operation: String,
    status: u16,
    media_type: String,
}

impl Answer {
    fn of(operation: &Operation, status: u16, media_type: &str) -> Self {
        Self {
            operation: format!("{} {}", operation.contract, operation.id),
            status,
            media_type: media_type.to_owned(),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.operation, self.status, self.media_type)
    }
}

type Witnessed = BTreeSet<Answer>;

static WITNESSED: Mutex<Witnessed> = Mutex::new(BTreeSet::new());

/// Notes that an operation answered with a status, and with a body of a media type when it had one.
pub fn witness(operation: &Operation, status: u16, media_type: Option<&str>) {
    WITNESSED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(Answer::of(operation, status, media_type.unwrap_or(NO_BODY)));
}

/// Says in a line how much of all contracts was witnessed, or what is missing and what to do.
pub fn verdict() -> Result<String, String> {
    let documented: Witnessed = contracts()
        .flat_map(|contract| &contract.operations)
        .flat_map(answers)
        .collect();
    let witnessed = WITNESSED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let text = std::fs::read_to_string(repository().join(EXCEPTIONS))
        .map_err(|error| format!("{EXCEPTIONS}: {error}"))?;
    let excused = exceptions(&text)?;
    let mut faults = Vec::new();
    for answer in documented
        .difference(&witnessed)
        .filter(|one| !excused.contains(*one))
    {
        faults.push(format!(
            "{answer} is documented and no test has seen it: add a test that gets this answer"
        ));
    }
    for answer in excused.intersection(&witnessed) {
        faults.push(format!(
            "{EXCEPTIONS}: {answer} is seen by a test now: delete the line"
        ));
    }
    for answer in excused.difference(&documented) {
        faults.push(format!(
            "{EXCEPTIONS}: {answer} is not documented: delete the line"
        ));
    }
    if faults.is_empty() {
        let seen = documented.intersection(&witnessed).count();
        Ok(format!(
            "coverage: {seen} of {} documented answers witnessed, {} excepted",
            documented.len(),
            excused.len()
        ))
    } else {
        Err(faults.join("\n"))
    }
}

/// Every answer that an operation documents.
fn answers(operation: &Operation) -> Vec<Answer> {
    let mut all = Vec::new();
    for status in operation.statuses() {
        let response = operation.node.at("responses").at(&status.to_string());
        match response.find("content") {
            None => all.push(Answer::of(operation, status, NO_BODY)),
            Some(content) => all.extend(
                content
                    .members()
                    .into_iter()
                    .map(|(media_type, _)| Answer::of(operation, status, media_type)),
            ),
        }
    }
    all
}

/// One `contract operationId status media-type` a line; what follows a `#` says why.
fn exceptions(text: &str) -> Result<Witnessed, String> {
    let mut excused = Witnessed::new();
    for (at, line) in text.lines().enumerate() {
        let entry = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = entry.split_whitespace().collect();
        let parsed = match words[..] {
            [] => continue,
            [contract, id, status, media_type] => status.parse().ok().map(|status| Answer {
                operation: format!("{contract} {id}"),
                status,
                media_type: media_type.to_owned(),
            }),
            _ => None,
        };
        let entry = parsed.ok_or_else(|| {
            format!(
                "{EXCEPTIONS}:{}: expected `contract operationId status media-type  # why`; the media type of no body is `-`",
                at + 1
            )
        })?;
        if !excused.insert(entry) {
            return Err(format!(
                "{EXCEPTIONS}:{}: the entry stands twice: delete one",
                at + 1
            ));
        }
    }
    Ok(excused)
}
