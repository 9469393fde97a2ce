//! The contracts of the working tree and the revisions released of each, both as self-contained documents.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::Version;
use super::index::Index;
use crate::compat::{self, Change};
use crate::spec::{self, Document, Location};

const PROBLEMS: &str = "openapi/shared/problems.yaml";

/// Where a bundled contract carries the entries of the catalogue of problems that it uses.
pub const CATALOGUE: &str = "x-problem-catalogue";

/// A contract of the working tree, with what was released of its major.
pub struct Contract {
    /// `public`, `partner` or `private`.
    pub audience: String,
    /// As in the name of its file.
    pub major: u32,
    /// Bundled, with its part of the catalogue of problems.
    pub document: Document,
    /// What its `info.version` says.
    pub version: Version,
    /// The revisions released of this major, the oldest first.
    pub released: Vec<Released>,
    problems: Document,
}

/// A released revision.
#[derive(Clone, Debug)]
pub struct Released {
    pub version: Version,
    pub document: Value,
}

impl Contract {
    /// Such as `public v2`.
    pub fn name(&self) -> String {
        format!("{} v{}", self.audience, self.major)
    }

    /// The newest released revision of this major.
    pub fn newest(&self) -> Option<&Released> {
        self.released.last()
    }

    /// What changed since a released revision.
    pub fn changes_since(&self, released: &Released) -> Vec<Change> {
        compat::compare(&released.document, &self.document.value)
    }

    /// Where a change was made; where what it took away used to be, when nothing is left.
    pub fn place(&self, change: &Change) -> Location {
        let pointer = change.revision.as_ref().or(change.base.as_ref());
        self.position(pointer.map_or("", String::as_str))
    }

    /// Where a node was written.
    pub fn position(&self, pointer: &str) -> Location {
        match pointer.strip_prefix(&format!("/{CATALOGUE}")) {
            Some(rest) => self.problems.position(&format!("/problems{rest}")),
            None => self.document.position(pointer),
        }
    }
}

/// The contracts of the working tree, sorted by file.
///
/// # Errors
///
/// When one cannot be read or bundled, or a released file cannot be read.
pub fn contracts(root: &Path) -> Result<Vec<Contract>> {
    let index = Index::read(root)?;
    let files = spec::contracts(root)?;
    files
        .iter()
        .map(|file| contract(root, &index, file))
        .collect()
}

fn contract(root: &Path, index: &Index, file: &str) -> Result<Contract> {
    let mut parts = file.split('/').skip(1);
    let audience = parts.next().unwrap_or_default().to_owned();
    let major = parts
        .next()
        .and_then(|name| name.strip_prefix('v')?.strip_suffix(".yaml"));
    let major = major
        .unwrap_or_default()
        .parse()
        .with_context(|| format!("{file} is no contract"))?;
    let problems = Document::load(root, PROBLEMS)?;
    let mut document = Document::bundle(root, file)?;
    let catalogue = catalogue(&document.value, &problems.value);
    if let Value::Object(members) = &mut document.value {
        members.insert(CATALOGUE.to_owned(), catalogue);
    }
    let version = document.value["info"]["version"]
        .as_str()
        .unwrap_or_default();
    let version = version.parse().map_err(|error| {
        document.finding(
            "/info/version",
            format!("{error}"),
            "write three numbers, as in `1.4.0`",
        )
    })?;
    let released = released(root, index, &audience, major)?;
    Ok(Contract {
        audience,
        major,
        document,
        version,
        released,
        problems,
    })
}

/// The revisions released of a major, the oldest first.
fn released(root: &Path, index: &Index, audience: &str, major: u32) -> Result<Vec<Released>> {
    let revisions = index.revisions().into_iter();
    revisions
        .filter(|revision| revision.audience == audience && revision.version.major == major)
        .map(|revision| {
            let file = &revision.entry.file;
            let text = std::fs::read_to_string(root.join(file));
            let text = text.with_context(|| {
                format!("cannot read {file}; restore it: `git checkout {file}`")
            })?;
            Ok(Released {
                version: revision.version,
                document: serde_json::from_str(&text)
                    .with_context(|| format!("{file} is no JSON"))?,
            })
        })
        .collect()
}

/// What the catalogue says of the problems that a contract lists.
fn catalogue(contract: &Value, problems: &Value) -> Value {
    let items = contract["paths"].as_object().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let lists = operations.filter_map(|(_, operation)| operation["x-problems"].as_array());
    let listed: Vec<&str> = lists.flatten().filter_map(Value::as_str).collect();
    let mut used = Map::new();
    for (code, entry) in problems["problems"].as_object().into_iter().flatten() {
        if listed.contains(&code.as_str()) {
            let mut entry = entry.clone();
            if let Value::Object(members) = &mut entry {
                members.shift_remove("grpc");
            }
            used.insert(code.clone(), entry);
        }
    }
    Value::Object(used)
}

/// The contract of an audience and a version.
///
/// # Errors
///
/// When there is none.
pub fn find(root: &Path, audience: &str, version: Version) -> Result<Contract> {
    let file = format!("openapi/{audience}/v{}.yaml", version.major);
    if !root.join(&file).is_file() {
        bail!("there is no {file}; write it first, or correct audience and version");
    }
    contract(root, &Index::read(root)?, &file)
}
