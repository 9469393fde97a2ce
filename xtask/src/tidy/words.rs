//! What no line may say: a second word for a thing that has one, a task left for later, and a path of somebody's machine.

use std::sync::LazyLock;

use regex::Regex;

use super::File;
use crate::finding::Finding;

/// Synonyms, and the word of the trade that stands for them everywhere.
const SYNONYMS: [(&str, &str); 6] = [
    ("reservation", "order"),
    ("reservations", "orders"),
    ("pax", "passenger"),
    ("paxes", "passengers"),
    ("txn", "tx"),
    ("txns", "transactions"),
];

/// What names things: code and contracts.
const CODE: [&str; 4] = [".rs", ".proto", ".sql", ".yaml"];

/// A run of letters longer than any word is data.
const LONGEST_WORD: usize = 40;

static LATER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?://|#|--|/\*).*\b(TODO|FIXME|XXX)\b").expect("the pattern is constant")
});
static MACHINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^\w./-])(/work/|/root/|/tmp/wt)").expect("the pattern is constant")
});
static RUN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("[A-Za-z0-9]+").expect("the pattern is constant"));

/// Looks at each line of one text file.
pub fn look(file: &File, findings: &mut Vec<Finding>) {
    if file.is_tidy_itself() {
        return;
    }
    let is_code = CODE.iter().any(|end| file.path.ends_with(end));
    for (at, line) in file.text.lines().enumerate() {
        let mut find = |what: String, fix: String| {
            findings.push(Finding::new(&file.path, at + 1, what, fix));
        };
        if let Some(found) = MACHINE.captures(line) {
            find(
                format!("names {}, a path of one machine", &found[1]),
                "write the path from the root of the repository".to_owned(),
            );
        }
        if let Some(found) = LATER.captures(line).filter(|_| is_code) {
            find(
                format!("a {} left behind", &found[1]),
                "do it, or open an issue".to_owned(),
            );
        }
        if is_code {
            for (synonym, word) in synonyms(line) {
                find(
                    format!("says {synonym}"),
                    format!("say {word}: one word a thing"),
                );
            }
        }
    }
}

fn synonyms(line: &str) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    for run in RUN.find_iter(line).map(|run| run.as_str()) {
        if run.len() > LONGEST_WORD {
            continue;
        }
        for part in humps(run) {
            let known = SYNONYMS
                .into_iter()
                .find(|(synonym, _)| part.eq_ignore_ascii_case(synonym));
            found.extend(known.filter(|known| !found.contains(known)));
        }
    }
    found
}

/// `offerPaxCount` as `offer`, `Pax`, `Count`; digits end a word, too.
fn humps(run: &str) -> Vec<&str> {
    let bytes = run.as_bytes();
    let mut parts = Vec::new();
    let mut start = 0;
    for at in 1..bytes.len() {
        let (before, here) = (bytes[at - 1], bytes[at]);
        let rises = before.is_ascii_lowercase() && here.is_ascii_uppercase();
        if rises || before.is_ascii_digit() != here.is_ascii_digit() {
            parts.push(&run[start..at]);
            start = at;
        }
    }
    parts.push(&run[start..]);
    parts
}
