//! Where documents come from: the working tree, a folder elsewhere, or a commit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::compat::Change;
use crate::spec::Document;

/// A document with the lines of its nodes, if it was written by hand.
pub struct Source {
    /// What it was called when it was asked for.
    pub name: String,
    /// The bundled document.
    pub value: Value,
    written: Option<Document>,
}

impl Source {
    /// Reads a file, or `git-ref:path`; YAML is bundled with what it refers to.
    ///
    /// # Errors
    ///
    /// When there is no such file or commit, or the file is no document.
    pub fn open(root: &Path, name: &str) -> Result<Source> {
        if Path::new(name).is_file() {
            return Source::file(name, Path::new(name));
        }
        let Some((commit, path)) = name.split_once(':') else {
            bail!(
                "`{name}` is no file; write a path, or `git-ref:path` as in `main:openapi/public/v2.yaml`"
            );
        };
        let folder = TempDir::new().context("no folder to check the commit out to")?;
        check_out(root, commit, path, folder.path())?;
        Source::file(name, &folder.path().join(path))
    }

    fn file(name: &str, path: &Path) -> Result<Source> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let written = if is_json { None } else { Some(bundle(path)?) };
        let value = match &written {
            Some(document) => document.value.clone(),
            None => serde_json::from_str(&text).with_context(|| format!("{name} is no JSON"))?,
        };
        if value.get("openapi").is_none() {
            bail!("{name} is no OpenAPI document: it has no member `openapi`");
        }
        Ok(Source {
            name: name.to_owned(),
            value,
            written,
        })
    }

    /// The place of a node for people: file and line where it was written, or the pointer.
    pub fn place(&self, pointer: &str) -> String {
        match &self.written {
            Some(document) => {
                let at = document.position(pointer);
                match self.name.ends_with(&*at.file) {
                    true => format!("{}:{}", self.name, at.line),
                    false => at.to_string(),
                }
            }
            None => format!("{}#{pointer}", self.name),
        }
    }
}

/// The places of a change in both documents.
pub fn places(base: &Source, revision: &Source, change: &Change) -> String {
    let was = change.base.as_ref().map(|pointer| base.place(pointer));
    let is = change
        .revision
        .as_ref()
        .map(|pointer| revision.place(pointer));
    match (was, is) {
        (Some(was), Some(is)) => format!("{was} → {is}"),
        (Some(was), None) => was,
        (None, is) => is.unwrap_or_default(),
    }
}

/// Bundles a file from the folder in which all its references stay: that of the contracts when it is one of them.
fn bundle(path: &Path) -> Result<Document> {
    let path = path
        .canonicalize()
        .with_context(|| format!("cannot read {}", path.display()))?;
    let home = path
        .ancestors()
        .skip(1)
        .find(|folder| folder.join("openapi").is_dir())
        .or_else(|| path.parent())
        .context("a file has a folder")?;
    let file = path
        .strip_prefix(home)
        .context("a file is below its folder")?;
    Document::bundle(home, &file.to_string_lossy()).map_err(anyhow::Error::new)
}

/// Writes the top folder of `path` as it was in a commit; the index of the repository is left alone.
fn check_out(root: &Path, commit: &str, path: &str, folder: &Path) -> Result<()> {
    let top = path.split('/').next().unwrap_or(path);
    let index: PathBuf = folder.join(".index");
    let output = Command::new("git")
        .current_dir(root)
        .env("GIT_INDEX_FILE", &index)
        .arg(format!("--work-tree={}", folder.display()))
        .args(["checkout", commit, "--", top])
        .output()
        .context("git cannot be run")?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        bail!("`{commit}:{path}` cannot be read: {}", why.trim());
    }
    Ok(())
}
