//! Which documented statuses of which operations were witnessed, and whether that is enough: all but those in
//! `coverage-exceptions.txt`. That file may only shrink, so nothing here writes it, and an entry that is no longer needed fails.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::contract::{Operation, contracts, repository};

const EXCEPTIONS: &str = "contract-tests/coverage-exceptions.txt";

/// A contract and an operation's id, such as `public/v2 getOrder`, and a status.
type Witnessed = BTreeSet<(String, u16)>;

static WITNESSED: Mutex<Witnessed> = Mutex::new(BTreeSet::new());

/// Notes that an operation answered with a status.
pub fn witness(operation: &Operation, status: u16) {
    WITNESSED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert((name(operation), status));
}

/// Says in a line how much of all contracts was witnessed, or what is missing and what to do.
pub fn verdict() -> Result<String, String> {
    let documented: Witnessed = contracts()
        .flat_map(|contract| &contract.operations)
        .flat_map(|operation| {
            operation
                .statuses()
                .into_iter()
                .map(|status| (name(operation), status))
        })
        .collect();
    let witnessed = WITNESSED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let text = std::fs::read_to_string(repository().join(EXCEPTIONS))
        .map_err(|error| format!("{EXCEPTIONS}: {error}"))?;
    let excused = exceptions(&text)?;
    let mut faults = Vec::new();
    for (id, status) in documented
        .difference(&witnessed)
        .filter(|one| !excused.contains(*one))
    {
        faults.push(format!(
            "{id} {status} is documented and no test has seen it: add a test that gets this answer"
        ));
    }
    for (id, status) in excused.intersection(&witnessed) {
        faults.push(format!(
            "{EXCEPTIONS}: {id} {status} is seen by a test now: delete the line"
        ));
    }
    for (id, status) in excused.difference(&documented) {
        faults.push(format!(
            "{EXCEPTIONS}: {id} {status} is not documented: delete the line"
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

fn name(operation: &Operation) -> String {
    format!("{} {}", operation.contract, operation.id)
}

/// One `contract operationId status` a line; what follows a `#` says why.
fn exceptions(text: &str) -> Result<Witnessed, String> {
    let mut excused = Witnessed::new();
    for (at, line) in text.lines().enumerate() {
        let entry = line.split('#').next().unwrap_or_default().trim();
        if entry.is_empty() {
            continue;
        }
        let parsed = entry
            .rsplit_once(' ')
            .and_then(|(id, status)| Some((id.to_owned(), status.trim().parse().ok()?)));
        let entry = parsed.ok_or_else(|| {
            format!(
                "{EXCEPTIONS}:{}: expected `contract operationId status  # why`",
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
