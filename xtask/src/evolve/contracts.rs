//! The contracts of the working tree and the revisions released of each, both as self-contained documents.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::rc::Rc;
use std::sync::{LazyLock, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use compat::document::Forest;
use compat::report::{Finding, Report, Severity};
use compat::waivers::Waivers;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::Version;
use super::index::Index;
use crate::spec::{self, Document, Location};

/// What the owners of the contracts take on; there need not be such a file.
pub const WAIVERS: &str = "openapi/waivers.toml";

/// Policy that is a break to our own contracts: what a client was told that it may send stays, even where nothing was checked before, and
/// so do the names by which its code calls an operation.
const STRICT: [&str; 3] = [
    "parameter-removed",
    "operation-id-changed",
    "operation-id-removed",
];

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
    /// Those of all contracts.
    pub waivers: Rc<Waivers>,
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
    ///
    /// # Errors
    ///
    /// When either cannot be understood.
    pub fn changes_since(&self, released: &Released) -> Result<Report> {
        compare(&released.document, &self.document.value)
    }

    /// A client breaks, nobody has taken that on, and its day was not announced or has not come.
    pub fn breaks(&self, finding: &Finding, today: Date) -> bool {
        is_break(finding)
            && finding.is_due(today)
            && self.waivers.covering(finding, today).is_none()
    }

    /// Where a change was made; where what it took away used to be, when nothing is left.
    pub fn place(&self, finding: &Finding) -> Location {
        let spot = finding.revision.as_ref().or(finding.base.as_ref());
        self.position(spot.map_or("", |spot| &spot.pointer))
    }

    /// Where a node was written.
    pub fn position(&self, pointer: &str) -> Location {
        match pointer.strip_prefix(&format!("/{CATALOGUE}")) {
            Some(rest) => self.problems.position(&format!("/problems{rest}")),
            None => self.document.position(pointer),
        }
    }
}

/// What was compared in this program: several gates look at the same pairs.
static COMPARED: LazyLock<Mutex<HashMap<(String, String), Report>>> = LazyLock::new(Mutex::default);

/// Compares two documents that stand alone.
///
/// # Errors
///
/// When either cannot be understood.
pub fn compare(base: &Value, revision: &Value) -> Result<Report> {
    let texts = (base.to_string(), revision.to_string());
    let known = || COMPARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(report) = known().get(&texts) {
        return Ok(report.clone());
    }
    let mut forest = Forest::default();
    let base = forest.plant("the base", base)?;
    let revision = forest.plant("the revision", revision)?;
    let report = compat::compare(&forest, base, revision)?;
    known().insert(texts, report.clone());
    Ok(report)
}

/// A client may break, whatever was announced and whoever has taken that on.
pub fn is_break(finding: &Finding) -> bool {
    match finding.severity {
        Severity::Breaking => true,
        Severity::Policy => STRICT.contains(&finding.rule.as_str()),
        _ => false,
    }
}

/// The contracts of the working tree, sorted by file.
///
/// # Errors
///
/// When one cannot be read or bundled, or a released file cannot be read.
pub fn contracts(root: &Path) -> Result<Vec<Contract>> {
    let index = Index::read(root)?;
    let waivers = Rc::new(waivers(root)?);
    let files = spec::contracts(root)?;
    files
        .iter()
        .map(|file| contract(root, &index, &waivers, file))
        .collect()
}

/// The waivers of all contracts.
///
/// # Errors
///
/// When there is a file and it is not understood.
pub fn waivers(root: &Path) -> Result<Waivers> {
    match fs::read_to_string(root.join(WAIVERS)) {
        Ok(text) => Ok(Waivers::read(WAIVERS, &text)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Waivers::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {WAIVERS}")),
    }
}

fn contract(root: &Path, index: &Index, waivers: &Rc<Waivers>, file: &str) -> Result<Contract> {
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
        waivers: Rc::clone(waivers),
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
    contract(root, &Index::read(root)?, &Rc::new(waivers(root)?), &file)
}
