//! What no line may say: a second word for a thing that has one, a task left for later, and a path of somebody's machine.

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
const CODE: [&str; 6] = [".rs", ".proto", ".py", ".sql", ".ts", ".yaml"];

/// A run of letters longer than any word is data.
const LONGEST_WORD: usize = 40;

/// What marks a comment, and what no comment may hold.
const COMMENTS: [&str; 4] = ["//", "#", "--", "/*"];
const LATER: [&str; 3] = ["TODO", "FIXME", "XXX"];

/// Folders that only one machine has.
const MACHINE: [&str; 3] = ["/work/", "/root/", "/tmp/wt"];

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
        if let Some(folder) = MACHINE.into_iter().find(|folder| names(line, folder)) {
            find(
                format!("names {folder}, a path of one machine"),
                "write the path from the root of the repository".to_owned(),
            );
        }
        if let Some(mark) = left_behind(line).filter(|_| is_code) {
            find(
                format!("a {mark} left behind"),
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

/// Whether the folder starts a path here, and is not the middle of a longer one.
fn names(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && !"._-/".contains(before))
    })
}

fn left_behind(line: &str) -> Option<&'static str> {
    let comment = COMMENTS.iter().filter_map(|start| line.find(start)).min()?;
    LATER
        .into_iter()
        .find(|mark| words(&line[comment..]).any(|word| word == *mark))
}

/// Runs of letters and digits.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_ascii_alphanumeric())
}

fn synonyms(line: &str) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    for run in words(line).filter(|run| (3..=LONGEST_WORD).contains(&run.len())) {
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
