//! Faults that no compiler sees: parts of the contract that a package says wrongly or not at all.
//!
//! The package is read as the compiler reads it, and held against the document, not against the model that it was written from; what
//! the model lost on its way is found too.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::clients::Files;
use document::Document;
use source::Source;

mod calls;
mod document;
mod problems;
mod schemas;
mod source;
#[cfg(test)]
mod tests;

/// Refuses a package that does not say all of its document.
///
/// # Errors
///
/// Names every fault, or what cannot be read.
pub fn look(document: &Value, files: &Files) -> Result<()> {
    let document = Document(document);
    let source = Source::read(files)?;
    let mut faults = Faults::default();
    alike("file", files.keys().map(String::as_str), &mut faults);
    for (folder, names) in source.names() {
        alike(&format!("name in {folder}"), names, &mut faults);
    }
    calls::look(document, &source, &mut faults);
    problems::look(document, &source, &mut faults);
    schemas::look(document, &source, &mut faults);
    match faults.0.len() {
        0 => Ok(()),
        _ => bail!(
            "the package lacks something of its contract:\n{}",
            faults.0.join("\n")
        ),
    }
}

/// What was found.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, at: &str, what: impl AsRef<str>) {
        let fault = format!("{at}: {}", what.as_ref());
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    /// Adds a fault unless something is so.
    fn unless(&mut self, is_so: bool, at: &str, what: impl FnOnce() -> String) {
        if !is_so {
            self.add(at, what());
        }
    }
}

/// Looks for names that some file system or reader takes for the same.
fn alike<'a>(kind: &str, names: impl Iterator<Item = &'a str>, faults: &mut Faults) {
    let mut found: BTreeMap<String, &str> = BTreeMap::new();
    for name in names {
        if let Some(other) = found.insert(name.to_lowercase(), name) {
            faults.add(name, format!("two things have this {kind}, or one {other}"));
        }
    }
}
