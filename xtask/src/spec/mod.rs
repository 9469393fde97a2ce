//! Contracts as documents: a JSON value in which every node knows the file and line it came from.
//! [`Document::load`] reads one YAML file, [`Document::bundle`] reads a contract and all it refers to. What a node means is
//! for the linter, the generator and the drift gate; this module only knows `$ref`.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::finding::Finding;

mod bundle;
mod yaml;

/// A line of a file; the file is relative to the root of the repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    pub file: Arc<str>,
    pub line: usize,
}

impl Location {
    /// Makes a location; lines count from 1.
    pub fn new(file: &str, line: usize) -> Location {
        Location {
            file: Arc::from(file),
            line,
        }
    }

    /// A finding about this place.
    pub fn finding(&self, what: impl Into<String>, fix: impl Into<String>) -> Finding {
        Finding::new(&*self.file, self.line, what, fix)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A document and where each of its nodes was written.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file it was read from, relative to the root of the repository.
    pub file: Arc<str>,
    /// The content, in the order of the file.
    pub value: Value,
    positions: HashMap<String, Location>,
}

impl Document {
    /// Reads one YAML file as it stands, `$ref`s untouched. `file` is relative to `root`.
    pub fn load(root: &Path, file: &str) -> Result<Document, Finding> {
        let text = std::fs::read_to_string(root.join(file)).map_err(|error| {
            Location::new(file, 1).finding(format!("cannot be read: {error}"), "correct the path")
        })?;
        let parsed = yaml::parse(file, &text)?;
        Ok(Document {
            file: Arc::from(file),
            value: parsed.value,
            positions: parsed.positions,
        })
    }

    /// Reads a contract and pulls everything that it refers to in other files into its own `components`, under the same
    /// kind and name, so that the result stands alone. Positions keep pointing at the file each node was written in.
    pub fn bundle(root: &Path, file: &str) -> Result<Document, Finding> {
        bundle::bundle(root, Document::load(root, file)?)
    }

    /// The place where the node at a JSON pointer was written; of its nearest ancestor when there is no such node.
    pub fn position(&self, pointer: &str) -> Location {
        let mut pointer = pointer;
        loop {
            if let Some(location) = self.positions.get(pointer) {
                return location.clone();
            }
            match pointer.rfind('/') {
                Some(cut) => pointer = &pointer[..cut],
                None => return Location::new(&self.file, 1),
            }
        }
    }

    /// The node at a JSON pointer.
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.value.pointer(pointer)
    }

    /// Follows local `$ref`s from the node at `pointer`; gives the pointer of the node that is not a reference.
    pub fn resolve(&self, pointer: &str) -> Result<String, Finding> {
        let mut at = pointer.to_owned();
        for _ in 0..32 {
            let Some(target) = self
                .get(&at)
                .and_then(|node| node.get("$ref"))
                .and_then(Value::as_str)
            else {
                return Ok(at);
            };
            let local = target
                .strip_prefix('#')
                .filter(|local| self.get(local).is_some());
            let Some(local) = local else {
                return Err(self.finding(
                    &at,
                    format!("`$ref` to `{target}` leads nowhere"),
                    "correct the reference",
                ));
            };
            at = local.to_owned();
        }
        Err(self.finding(
            pointer,
            "the `$ref`s go in a circle",
            "refer to a schema, not to a reference",
        ))
    }

    /// A finding at the node of a JSON pointer.
    pub fn finding(
        &self,
        pointer: &str,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Finding {
        self.position(pointer).finding(what, fix)
    }
}

/// Escapes a member name for a JSON pointer (RFC 6901).
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Undoes [`escape`].
pub fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// The contracts of the repository: each `openapi/<audience>/v<major>.yaml`, relative to `root`, by audience, the lowest major first.
pub fn contracts(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    for audience in ["partner", "private", "public"] {
        let folder = root.join("openapi").join(audience);
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let major = name
                .strip_prefix('v')
                .and_then(|rest| rest.strip_suffix(".yaml"))
                .and_then(|major| major.parse::<u32>().ok());
            files
                .extend(major.map(|major| (audience, major, format!("openapi/{audience}/{name}"))));
        }
    }
    files.sort();
    Ok(files.into_iter().map(|(_, _, file)| file).collect())
}
