//! `cargo xtask tidy`: the habits of the house that neither the compiler nor clippy sees.
//!
//! `layers` holds src/ to `xtask/layers.txt`, `sources` looks at each Rust file, `words` at each line of text. There is no
//! file of exceptions: what cannot be held is changed here, where everybody sees it.

mod layers;
mod paths;
mod sources;
mod words;

#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context, Result};

use crate::finding::Finding;

/// A text file of the repository.
struct File {
    /// From the root, with forward slashes.
    path: String,
    text: String,
}

impl File {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Written by `cargo xtask generate`, or the expected output of its tests.
    fn is_generated(&self) -> bool {
        self.is_below("src/api") || self.is_below("src/rpc") || self.is_golden()
    }

    fn is_golden(&self) -> bool {
        self.path.split('/').any(|part| part == "golden")
    }

    fn is_below(&self, folder: &str) -> bool {
        self.path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    }

    /// The list of banned words has to spell them.
    fn is_tidy_itself(&self) -> bool {
        self.is_below("xtask/src/tidy")
    }
}

/// Everything that is untidy below `root`.
///
/// # Errors
///
/// When a file cannot be read, a Rust file does not parse, or `xtask/layers.txt` is not understood.
pub fn gate(root: &Path) -> Result<Vec<Finding>> {
    let files = read(root)?;
    let layers = layers::Layers::read(root)?;
    let mut findings = Vec::new();
    for file in &files {
        words::look(file, &mut findings);
        if file.is_rust() {
            let code = paths::read(&file.path, &file.text)?;
            sources::look(file, &code, &mut findings);
            layers.look(file, &code, &mut findings);
        }
    }
    findings.sort();
    Ok(findings)
}

const TEXT: [&str; 12] = [
    "css", "html", "js", "md", "proto", "py", "rs", "sql", "toml", "ts", "txt", "yaml",
];

/// All text that people write; not what is built, downloaded or frozen.
fn read(root: &Path) -> Result<Vec<File>> {
    let walk = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            let hidden = name.starts_with('.') && !matches!(&*name, ".ci" | ".cargo" | ".github");
            entry.depth() == 0 || !(hidden || name == "target" || name == "released")
        });
    let mut files = Vec::new();
    for entry in walk {
        let entry = entry?;
        let path = entry
            .path()
            .strip_prefix(root)
            .expect("the walk stays below its root");
        let extension = path.extension().and_then(|text| text.to_str());
        let is_text = extension.map_or(path.starts_with(".ci"), |end| TEXT.contains(&end));
        if entry.file_type().is_file() && is_text {
            let text = std::fs::read_to_string(entry.path())
                .with_context(|| format!("{}: cannot be read as text", path.display()))?;
            let path = path.to_string_lossy().replace('\\', "/");
            files.push(File { path, text });
        }
    }
    Ok(files)
}
