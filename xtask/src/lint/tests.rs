//! The rules as a table, `cases/edits.txt`: a contract that keeps them all, an edit, and what the linter says then.

use std::fs;

use super::gate;

const CONTRACT: (&str, &str) = (
    "openapi/public/v1.yaml",
    include_str!("cases/contract.yaml"),
);
const SHARED: (&str, &str) = (
    "openapi/shared/shared.yaml",
    include_str!("cases/shared.yaml"),
);
const PROBLEMS: (&str, &str) = (
    "openapi/shared/problems.yaml",
    include_str!("cases/problems.yaml"),
);
const EDITS: &str = include_str!("cases/edits.txt");

fn lint(edit: impl Fn(&str, &str) -> String) -> Vec<String> {
    let root = tempfile::tempdir().expect("a folder");
    for (name, text) in [CONTRACT, SHARED, PROBLEMS] {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        fs::write(path, edit(name, text)).expect("it is written");
    }
    let findings = gate(root.path()).expect("the files can be read");
    findings.iter().map(ToString::to_string).collect()
}

#[test]
fn a_contract_that_keeps_every_rule_has_no_finding() {
    assert_eq!(lint(|_, text| text.to_owned()), [] as [&str; 0]);
}

/// A block of the table: `-` lines are replaced by `+` lines where they first occur in the file of the `>` line, which is the
/// beginning of a finding.
fn apply(block: &str) -> Result<(), String> {
    let lines = |mark: &str| -> String {
        let lines: Vec<&str> = block
            .lines()
            .filter_map(|line| line.strip_prefix(mark))
            .collect();
        lines.join("\n")
    };
    let (old, new, expected) = (lines("- "), lines("+ "), lines("> "));
    let whole = if new.is_empty() {
        format!("{old}\n")
    } else {
        old
    };
    let findings = lint(|name, text| {
        if !expected.starts_with(name) {
            return text.to_owned();
        }
        assert!(text.contains(&whole), "`{whole}` is not in {name}");
        text.replacen(&whole, &new, 1)
    });
    let found = findings
        .iter()
        .any(|finding| finding.starts_with(&expected));
    if found {
        return Ok(());
    }
    Err(format!("{block}\nfound {findings:#?}\n"))
}

#[test]
fn each_edit_is_found_at_its_line() {
    let failed: Vec<String> = EDITS
        .split("\n\n")
        .filter(|block| block.contains("\n> "))
        .filter_map(|block| apply(block).err())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// A rule without an edit that breaks it could be dead.
#[test]
fn every_rule_has_an_edit() {
    let sources = [
        include_str!("examples.rs"),
        include_str!("names.rs"),
        include_str!("operations.rs"),
        include_str!("paging.rs"),
        include_str!("problems.rs"),
        include_str!("references.rs"),
        include_str!("schemas.rs"),
    ];
    let quoted = regex::Regex::new(r#""((?:operation|name|problem|response|request|text|integer|array|schema|webhook|separate|unused)-[a-z-]+)""#)
        .expect("a pattern");
    for source in sources {
        for (_, [rule]) in quoted.captures_iter(source).map(|found| found.extract()) {
            assert!(EDITS.contains(&format!("[{rule}]")), "{rule} has no edit");
        }
    }
}
