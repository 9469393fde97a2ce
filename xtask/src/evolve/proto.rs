//! The internal contracts under the same gates: `proto/fareway` against the copies in `proto/released/<version>/fareway`. A package
//! carries its major in its name, so a break calls for a package of the next.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use compat::proto::{Difference, compare};
use compat::report::Severity;
use prost_types::FileDescriptorSet;
use walkdir::WalkDir;

use super::Version;
use super::compatible::Step;
use super::index::Index;
use crate::finding::Finding;

/// The folder of the released copies.
pub const RELEASED: &str = "proto/released";

const WORKING: &str = "proto";

/// The released versions of the internal contracts, the oldest first.
///
/// # Errors
///
/// When the index cannot be read.
pub fn released(root: &Path) -> Result<Vec<Version>> {
    let index = Index::read(root)?;
    let files = index.released.iter().map(|entry| entry.file.as_str());
    let folders = files.filter_map(|file| file.strip_prefix("proto/released/")?.split('/').next());
    let mut versions: Vec<Version> = folders.filter_map(|version| version.parse().ok()).collect();
    versions.sort_unstable();
    versions.dedup();
    Ok(versions)
}

/// What changed in `proto/` since a released version.
///
/// # Errors
///
/// When either does not compile.
pub fn changes_since(root: &Path, version: Version) -> Result<Vec<Difference>> {
    let base = compile(root, &format!("{RELEASED}/{version}"))?;
    Ok(compare(&base, &compile(root, WORKING)?))
}

/// Every break of a released version, each once.
///
/// # Errors
///
/// When the index cannot be read or a file does not compile.
pub fn breaks(root: &Path) -> Result<Vec<Finding>> {
    let mut findings: Vec<Finding> = Vec::new();
    for version in released(root)?.into_iter().rev() {
        for change in changes_since(root, version)? {
            let file = format!("{WORKING}/{}", change.file);
            let what = format!(
                "[{}] {}, which breaks proto {version}",
                change.rule, change.what
            );
            let known = |finding: &Finding| {
                finding.fix == change.fix && finding.line == change.line && *finding.path == *file
            };
            if is_break(&change) && !findings.iter().any(known) {
                findings.push(Finding::new(&file, change.line, what, &change.fix));
            }
        }
    }
    Ok(findings)
}

/// Policy is a break to us, as with the contracts, because names are kept; only a new value of an enumeration is not: readers are
/// told to expect those.
fn is_break(change: &Difference) -> bool {
    match change.severity {
        Severity::Breaking => true,
        Severity::Policy => change.rule != "proto-value-added",
        _ => false,
    }
}

/// The step that the changes since the newest released version call for; None when they break it.
pub fn step(changes: &[Difference]) -> Option<Step> {
    match changes {
        [] => Some(Step::None),
        changes if changes.iter().any(is_break) => None,
        _ => Some(Step::Minor),
    }
}

/// Copies the working files to the folder of a version; gives the new files, relative to the root.
///
/// # Errors
///
/// When the folder is there already, or a file cannot be written.
pub fn freeze(root: &Path, version: Version) -> Result<Vec<String>> {
    let folder = format!("{RELEASED}/{version}");
    if root.join(&folder).exists() {
        bail!(
            "{folder} is there already; a released copy is never written again, so choose the next version"
        );
    }
    let mut copies = Vec::new();
    for file in files(&root.join(WORKING))? {
        let copy = format!("{folder}/{file}");
        let to = root.join(&copy);
        fs::create_dir_all(to.parent().context("a copy has a folder")?)?;
        fs::copy(root.join(WORKING).join(&file), &to)
            .with_context(|| format!("cannot write {copy}"))?;
        copies.push(copy);
    }
    Ok(copies)
}

fn compile(root: &Path, folder: &str) -> Result<FileDescriptorSet> {
    let includes = root.join(folder);
    let files = files(&includes)?;
    let mut compiler = protox::Compiler::new([&includes])?;
    compiler.include_source_info(true);
    compiler
        .open_files(files.iter().map(Path::new))
        .with_context(|| format!("{folder}/ does not compile; mend the file named here"))?;
    Ok(compiler.file_descriptor_set())
}

/// The `.proto` files of our packages, relative to the include path, sorted.
fn files(includes: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(includes.join("fareway")).sort_by_file_name() {
        let entry = entry?;
        let path = entry.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            files.push(path.strip_prefix(includes)?.to_string_lossy().into_owned());
        }
    }
    Ok(files)
}
