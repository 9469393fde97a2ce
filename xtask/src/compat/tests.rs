//! The rules as a table, `cases/edits.txt`: a contract, an edit, and everything that is found then.

use serde_json::Value;

use super::{Severity, compare, render};

const BASE: &str = include_str!("cases/base.yaml");
const EDITS: &str = include_str!("cases/edits.txt");

fn document(text: &str) -> Value {
    yaml_serde::from_str(text).expect("the contract is YAML")
}

/// A block of the table with the findings that its edit brings.
fn with_findings(block: &str) -> String {
    let lines = |mark: &str| -> Vec<&str> {
        let marked = block.lines().filter_map(|line| line.strip_prefix(mark));
        marked.collect()
    };
    let (old, new) = (lines("- ").join("\n"), lines("+ ").join("\n"));
    let whole = if new.is_empty() {
        format!("{old}\n")
    } else {
        old.clone()
    };
    assert!(BASE.contains(&whole), "`{whole}` is not in the contract");
    let revision = BASE.replacen(&whole, &new, 1);
    let found = compare(&document(BASE), &document(&revision));
    let mut text: String = block
        .lines()
        .filter(|line| !line.starts_with('>'))
        .map(|line| format!("{line}\n"))
        .collect();
    for change in found {
        let proof = match change.severity {
            Severity::Breaking => format!(" ({})", render::proof(&change)),
            _ => String::new(),
        };
        let announced = change
            .sunset
            .map_or(String::new(), |day| format!(" (announced for {day})"));
        text.push_str(&format!(
            "> {:?} [{}] {}: {}{proof}{announced}\n",
            change.severity,
            change.rule,
            change.at(),
            change.what
        ));
    }
    text.trim_end().to_owned()
}

#[test]
fn each_edit_is_judged_as_the_table_says() {
    let blocks = EDITS.trim_end().split("\n\n");
    let wrong: Vec<String> = blocks
        .filter(|block| block.starts_with("- "))
        .map(|block| (block, with_findings(block)))
        .filter(|(block, found)| block != found)
        .map(|(_, found)| found)
        .collect();
    assert!(
        wrong.is_empty(),
        "the table should say:\n\n{}",
        wrong.join("\n\n")
    );
}

#[test]
fn a_contract_does_not_differ_from_itself() {
    assert!(compare(&document(BASE), &document(BASE)).is_empty());
}
