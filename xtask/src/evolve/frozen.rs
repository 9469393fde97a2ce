//! The gate `frozen`: what was released never changes. Every file below the folders of released things has its entry in the
//! index and its digest, and where git history is at hand the entries themselves are compared with those of the merge base.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use walkdir::WalkDir;

use super::index::{Entry, INDEX, Index, digest};
use crate::finding::Finding;

/// Folders that hold nothing but released files (and the index).
pub const FOLDERS: [&str; 3] = ["openapi/released", "proto/released", FIXTURES];

/// Where clients of released revisions are recorded, a folder a revision.
pub const FIXTURES: &str = "contract-tests/released";

/// Commits of which the entries must still be here; those that do not exist say nothing.
const EARLIER: [&str; 2] = ["HEAD", "HEAD~1"];

/// Branches of which the merge base with the present commit is such a commit.
const TRUNKS: [&str; 2] = ["origin/main", "main"];

/// Every released file that changed, is gone, or was never released.
///
/// # Errors
///
/// When the index or a file cannot be read.
pub fn gate(root: &Path) -> Result<Vec<Finding>> {
    let index = Index::read(root)?;
    let mut findings = digests(root, &index)?;
    let merge_bases = TRUNKS
        .iter()
        .filter_map(|trunk| git(root, &["merge-base", "HEAD", trunk]));
    let commits: BTreeSet<String> = merge_bases
        .chain(
            EARLIER
                .iter()
                .filter_map(|commit| git(root, &["rev-parse", "--verify", "--quiet", commit])),
        )
        .collect();
    for commit in commits {
        // A commit from before the first release has no index.
        let Some(text) = git(root, &["show", &format!("{commit}:{INDEX}")]) else {
            continue;
        };
        findings.extend(kept(&Index::parse(&text)?, &index, &commit));
    }
    findings.sort();
    findings.dedup_by(|one, other| one.path == other.path && one.fix == other.fix);
    Ok(findings)
}

fn digests(root: &Path, index: &Index) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut entries: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in &index.released {
        if entries.insert(&entry.file, entry).is_some() {
            let what = format!("{} has two entries", entry.file);
            findings.push(Finding::new(INDEX, 0, what, "keep the older one"));
        }
        if !root.join(&entry.file).is_file() {
            let what = "a released file is gone";
            let fix = format!(
                "bring it back: `git checkout <commit before> -- {}`",
                entry.file
            );
            findings.push(Finding::new(&entry.file, 0, what, fix));
        }
    }
    for file in files(root)? {
        let bytes = fs::read(root.join(&file)).with_context(|| format!("cannot read {file}"))?;
        match entries.get(file.as_str()) {
            Some(entry) if entry.sha256 == digest(&bytes) => {}
            Some(entry) => {
                let what = format!("differs from what was released on {}", entry.date);
                let fix = format!(
                    "undo the edit (`git checkout <commit before> -- {file}`), change the working copy instead, and release it as a new revision"
                );
                findings.push(Finding::new(&file, 0, what, fix));
            }
            None => {
                let what = format!("is among the released files and has no entry in {INDEX}");
                let fix = match file.starts_with(FIXTURES) {
                    true => {
                        "freeze it: `cargo xtask release <audience> <version> --fixtures`, or remove it"
                    }
                    false => "remove it; `cargo xtask release` alone writes here",
                };
                findings.push(Finding::new(&file, 0, what, fix));
            }
        }
    }
    Ok(findings)
}

/// The files below the folders of released things, relative to the root, sorted.
pub fn files(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        if !root.join(folder).is_dir() {
            continue;
        }
        for entry in WalkDir::new(root.join(folder)).sort_by_file_name() {
            let entry = entry?;
            let path = entry
                .path()
                .strip_prefix(root)?
                .to_string_lossy()
                .into_owned();
            if entry.file_type().is_file() && path != INDEX {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// Entries of an earlier commit that are no longer here as they were.
fn kept(before: &Index, index: &Index, commit: &str) -> Vec<Finding> {
    let lost = before
        .released
        .iter()
        .filter(|entry| !index.released.contains(entry));
    lost.map(|entry| {
        let what = format!(
            "the entry of {} is not what it was in {}",
            entry.file,
            &commit[..commit.len().min(10)]
        );
        Finding::new(
            INDEX,
            0,
            what,
            "restore the entry; what is released stays released",
        )
    })
    .collect()
}

/// What git says; None when there is no git, no repository or no such thing.
fn git(root: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .current_dir(root)
        .args(args)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
