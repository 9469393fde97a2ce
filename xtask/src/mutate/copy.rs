//! The scratch copy in which the mutants live: the files of the repository as they are now, but for those that are edited.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use walkdir::WalkDir;

/// Brings `scratch` up to date with the files of `root` that git does not ignore, with the `edited` texts in place of some. A file
/// that is right already is left alone, so that only what changed is built again.
///
/// # Errors
///
/// When git does not answer, or a file cannot be read or written.
pub fn refresh(root: &Path, scratch: &Path, edited: &BTreeMap<String, String>) -> Result<()> {
    let mut kept = BTreeSet::new();
    for file in files(root)? {
        let source = root.join(&file);
        // Deleted, and git has not been told.
        if !source.is_file() {
            continue;
        }
        let bytes = match edited.get(&file) {
            Some(text) => text.clone().into_bytes(),
            None => std::fs::read(&source).with_context(|| file.clone())?,
        };
        let target = scratch.join(&file);
        if std::fs::read(&target).ok().as_ref() != Some(&bytes) {
            if let Some(folder) = target.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&target, bytes).with_context(|| target.display().to_string())?;
        }
        kept.insert(target);
    }
    for entry in WalkDir::new(scratch) {
        let entry = entry?;
        if entry.file_type().is_file() && !kept.contains(entry.path()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// All files that git knows, or would if they were added.
fn files(root: &Path) -> Result<Vec<String>> {
    let asked = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let told = Command::new("git")
        .args(asked)
        .current_dir(root)
        .output()
        .context("git cannot be started; it tells which files to copy")?;
    ensure!(
        told.status.success(),
        "git {}: {}",
        asked.join(" "),
        String::from_utf8_lossy(&told.stderr).trim()
    );
    let names = String::from_utf8(told.stdout).context("names of files are UTF-8")?;
    Ok(names.split_terminator('\0').map(str::to_owned).collect())
}
