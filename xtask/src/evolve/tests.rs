//! A small repository, released, then edited: `cases/edits.txt` holds each edit with all that the gates say about it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::Result;
use jiff::civil::{Date, date};
use tempfile::TempDir;

use super::index::{INDEX, Index};
use super::{Version, changelog, compatible, contracts, frozen, lifecycle, release};
use crate::lint;

const TODAY: Date = date(2026, 11, 21);

const EDITS: &str = include_str!("cases/edits.txt");

/// It keeps every rule of the linter; one operation grows old, and one event is told.
const CONTRACT: &str = include_str!("cases/contract.yaml");

fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
    fs::write(path, text).expect("it is written");
}

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn release_all() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    write(root, "openapi/public/v1.yaml", CONTRACT);
    write(
        root,
        "openapi/shared/shared.yaml",
        include_str!("../lint/cases/shared.yaml"),
    );
    write(
        root,
        "openapi/shared/problems.yaml",
        include_str!("../lint/cases/problems.yaml"),
    );
    write(
        root,
        "proto/fareway/things/v1/things.proto",
        include_str!("cases/things.proto"),
    );
    write(
        root,
        "contract-tests/released/public-1.0.0/story.ndjson",
        "{}\n",
    );
    release::release(root, "public", version("1.0.0"), TODAY).expect("the contract is released");
    release::release(root, "proto", version("1.0.0"), TODAY).expect("proto is released");
    folder
}

/// A copy of the repository as it is after its first releases.
fn released() -> TempDir {
    static ONCE: OnceLock<TempDir> = OnceLock::new();
    let from = ONCE.get_or_init(release_all).path();
    let folder = tempfile::tempdir().expect("a folder");
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("it can be read");
        if entry.file_type().is_file() {
            let file = entry
                .path()
                .strip_prefix(from)
                .expect("it is below")
                .to_string_lossy();
            let text = fs::read_to_string(entry.path()).expect("it is text");
            write(folder.path(), &file, &text);
        }
    }
    folder
}

/// All that the gates find, each under the name of its gate.
fn findings(root: &Path) -> Result<Vec<String>> {
    let mut found = vec![("lint", lint::gate(root)?), ("frozen", frozen::gate(root)?)];
    // A contract that cannot be bundled is a finding of the linter, and of no other gate.
    if let Ok(contracts) = contracts::contracts(root) {
        found.push(("compat", compatible::gate(root, &contracts, TODAY)?));
        let mut numbers = Vec::new();
        for contract in &contracts {
            numbers.extend(compatible::misnumbered(contract, TODAY)?);
        }
        found.push(("version", numbers));
        found.push(("lifecycle", lifecycle::every(root, TODAY)?));
        found.push(("changelog", changelog::check(root, TODAY)?));
    }
    let lines = found.into_iter().flat_map(|(gate, findings)| {
        findings
            .into_iter()
            .map(move |finding| format!("{gate}: {finding}"))
    });
    Ok(lines.collect())
}

/// A block of the table with what its edit brings.
fn with_findings(block: &str) -> String {
    let folder = released();
    let root = folder.path();
    for hunk in block.split("\n@ ").skip(1) {
        let (file, lines) = hunk.split_once('\n').expect("a file and lines");
        let marked = |mark: &str| -> String {
            let lines: Vec<&str> = lines
                .lines()
                .filter_map(|line| line.strip_prefix(mark))
                .collect();
            lines.join("\n")
        };
        let (old, new) = (marked("- "), marked("+ "));
        let old = if new.is_empty() {
            format!("{old}\n")
        } else {
            old
        };
        let text = fs::read_to_string(root.join(file)).unwrap_or_default();
        assert!(text.contains(&old), "`{old}` is not in {file}");
        write(root, file, &text.replacen(&old, &new, 1));
    }
    let found = findings(root).unwrap_or_else(|error| vec![format!("trouble: {error:#}")]);
    let edit = block
        .lines()
        .filter(|line| !line.starts_with('>'))
        .map(str::to_owned);
    let found = found.iter().map(|finding| format!("> {finding}"));
    edit.chain(found).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_released_repository_has_no_finding() {
    assert_eq!(
        findings(released().path()).expect("the gates work"),
        [] as [&str; 0]
    );
}

fn refusal(root: &Path, audience: &str, wanted: &str) -> String {
    let refused = release::release(root, audience, version(wanted), TODAY);
    let message = refused.expect_err("it is refused").to_string();
    message.replace(&root.to_string_lossy().into_owned(), "")
}

#[test]
fn a_release_is_refused_with_what_to_do() {
    let folder = released();
    let root = folder.path();
    assert_eq!(
        refusal(root, "public", "1.0.0"),
        "openapi/released/public-1.0.0.json is released already and is never written again; raise `info.version` at \
         openapi/public/v1.yaml:4 and release that"
    );
    assert_eq!(
        refusal(root, "public", "1.1.0"),
        "openapi/public/v1.yaml:4: `info.version` is 1.0.0, and you asked to release 1.1.0; release public 1.0.0, or write \
         `version: 1.1.0`"
    );
    assert_eq!(
        refusal(root, "partner", "1.0.0"),
        "there is no openapi/partner/v1.yaml; write it first, or correct audience and version"
    );
    assert_eq!(
        refusal(root, "proto", "1.1.0"),
        "nothing changed in proto/ since 1.0.0; there is nothing to release"
    );
    let text = CONTRACT.replace("version: 1.0.0", "version: 1.1.0");
    write(root, "openapi/public/v1.yaml", &text);
    assert_eq!(
        refusal(root, "public", "1.1.0"),
        "nothing is released while the gate version finds something:\nopenapi/public/v1.yaml:4: `info.version` of public v1 is \
         1.1.0, and since 1.0.0 nothing changed; write `version: 1.0.0`"
    );
}

#[test]
fn a_release_writes_the_copy_its_digest_and_the_changelog() {
    let folder = released();
    let root = folder.path();
    let text = CONTRACT
        .replace("version: 1.0.0", "version: 1.1.0")
        .replace("        id: {description: Its id.", "        size: {description: Its size., type: integer, format: int32, minimum: 0, maximum: 9}\n        id: {description: Its id.");
    write(root, "openapi/public/v1.yaml", &text);
    let files = release::release(root, "public", version("1.1.0"), date(2026, 12, 1))
        .expect("it is released");
    assert_eq!(files, ["openapi/released/public-1.1.0.json"]);
    assert_eq!(findings(root).expect("the gates work"), [] as [&str; 0]);
    let log = fs::read_to_string(root.join(changelog::CHANGELOG)).expect("it is written");
    let (_, log) = log.split_once("## Public v1\n\n").expect("its section");
    assert_eq!(
        log,
        "### 1.1.0 · 2026-12-01\n\n\
         - **added** GET /public/v1/things, 200 body /data/*: member `size` is new\n\n\
         ### 1.0.0 · 2026-11-21\n\n\
         - First revision of v1.\n\n\
         ## Internal (proto)\n\n\
         ### 1.0.0 · 2026-11-21\n\n\
         - First revision.\n"
    );
}

#[test]
fn fixtures_recorded_later_are_frozen_by_a_release_of_their_own() {
    let folder = released();
    let root = folder.path();
    write(
        root,
        "contract-tests/released/public-1.0.0/another.ndjson",
        "{}\n",
    );
    let found = findings(root).expect("the gates work");
    assert_eq!(
        found,
        [
            "frozen: contract-tests/released/public-1.0.0/another.ndjson: is among the released files and has no entry in \
          openapi/released/index.toml; freeze it: `cargo xtask release <audience> <version> --fixtures`, or remove it"
        ]
    );
    let frozen = release::fixtures(root, "public-1.0.0", TODAY).expect("it is frozen");
    assert_eq!(
        frozen,
        ["contract-tests/released/public-1.0.0/another.ndjson"]
    );
    assert_eq!(findings(root).expect("the gates work"), [] as [&str; 0]);
}

#[test]
fn history_shows_an_edit_that_mends_its_digest() {
    let folder = released();
    let root = folder.path();
    let git = |args: &[&str]| {
        let identity = [
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@fareway.example",
            "-c",
            "init.defaultBranch=main",
        ];
        let output = Command::new("git")
            .current_dir(root)
            .args(identity)
            .args(args)
            .output()
            .expect("git runs");
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "released"]);
    let file = "openapi/released/public-1.0.0.json";
    let text = fs::read_to_string(root.join(file))
        .expect("it is there")
        .replace("List things", "List all");
    write(root, file, &text);
    let mut index = Index::read(root).expect("it is an index");
    index.released.retain(|entry| entry.file != file);
    index.add(root, file, TODAY).expect("it is added");
    let found = findings(root).expect("the gates work");
    assert!(
        found[0].starts_with(&format!(
            "frozen: {INDEX}: the entry of {file} is not what it was in "
        )),
        "{found:?}"
    );
}

#[test]
fn a_contract_goes_only_after_its_sunset() {
    let folder = released();
    let root = folder.path();
    fs::remove_file(root.join("openapi/public/v1.yaml")).expect("it was there");
    let found = lifecycle::every(root, TODAY).expect("the gate works");
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "openapi/public/v1.yaml: the contract is gone and was never deprecated; bring it back; a contract goes after the day \
          that a release of it has announced"
        ]
    );
}

#[test]
fn what_was_announced_goes_when_its_day_has_come() {
    let folder = released();
    let root = folder.path();
    let (start, end) = (
        CONTRACT
            .find("  /public/v1/things/{thing_id}:")
            .expect("its path"),
        CONTRACT.find("webhooks:").expect("what follows"),
    );
    let text = format!("{}{}", &CONTRACT[..start], &CONTRACT[end..])
        .replace("version: 1.0.0", "version: 1.1.0");
    write(root, "openapi/public/v1.yaml", &text);
    let later = date(2028, 1, 1);
    assert!(lifecycle::every(root, TODAY).expect("the gate works").len() == 1);
    assert!(
        lifecycle::every(root, later)
            .expect("the gate works")
            .is_empty()
    );
    let contracts = contracts::contracts(root).expect("they are bundled");
    let number = compatible::misnumbered(&contracts[0], later).expect("the gate works");
    assert_eq!(number, None);
    let breaks = compatible::breaks(&contracts[0], later).expect("the gate works");
    assert!(breaks.is_empty());
}

#[test]
fn each_edit_is_answered_as_the_table_says() {
    let blocks = EDITS.trim_end().split("\n\n");
    let wrong: Vec<String> = blocks
        .filter(|block| block.contains("\n@ "))
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
