//! Runs Node, npm and the compiler.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::symlink;
#[cfg(windows)]
use std::os::windows::fs::symlink_dir as symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{name, programs};
use crate::clients::api::Api;
use crate::clients::{Files, Workshop};

const MANIFEST: &str = include_str!("tools/package.json");
const LOCK: &str = include_str!("tools/package-lock.json");

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

const NEEDS_NODE: &str = "TypeScript needs Node 20 or newer with npm: install it (https://nodejs.org), or name the languages that you \
    have, as in `cargo xtask clients rust`";

/// The versions of the tools, as a manifest names them.
///
/// # Errors
///
/// When the manifest of the tools is not JSON.
pub fn versions() -> Result<Value> {
    let manifest: Value = serde_json::from_str(MANIFEST).context("tools/package.json is JSON")?;
    Ok(manifest["devDependencies"].clone())
}

fn folder(workshop: &Workshop) -> PathBuf {
    workshop.root.join("target/tools/typescript")
}

/// Gets the compiler, unless it is there.
///
/// # Errors
///
/// When Node is missing or too old, or npm gets nothing.
pub fn install(workshop: &Workshop) -> Result<()> {
    let version = workshop.tool(Command::new("node").arg("--version"), NEEDS_NODE)?;
    let major = version.trim().trim_start_matches('v').split('.').next();
    let major = major.and_then(|major| major.parse::<u32>().ok());
    ensure!(
        major.is_some_and(|major| major >= 20),
        "Node is {}, which is too old. {NEEDS_NODE}",
        version.trim()
    );
    let folder = folder(workshop);
    share(workshop, &folder.join("node_modules"))?;
    let installed = folder.join("installed.json");
    if fs::read_to_string(&installed).is_ok_and(|found| found == LOCK) {
        return Ok(());
    }
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("package.json"), MANIFEST)?;
    fs::write(folder.join("package-lock.json"), LOCK)?;
    anstream::eprintln!("typescript: getting the compiler from npm");
    let mut command = Command::new(NPM);
    command
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(&folder);
    workshop.tool(&mut command, NEEDS_NODE)?;
    fs::write(installed, LOCK)?;
    Ok(())
}

/// Lets the packages find the tools as they would in a workspace of npm.
fn share(workshop: &Workshop, tools: &Path) -> Result<()> {
    let shared = workshop.folder.join("node_modules");
    if fs::read_link(&shared).is_ok_and(|found| found == tools) {
        return Ok(());
    }
    symlink(tools, &shared).with_context(|| format!("cannot make {}", shared.display()))
}

/// Removes what an earlier run left: sources that are no longer written, and what was compiled of them.
///
/// # Errors
///
/// When it cannot be removed.
pub fn sweep(workshop: &Workshop, package: &str, files: &Files) -> Result<()> {
    for folder in ["src", "test", "dist"] {
        let path = workshop.folder.join(package).join(folder);
        for entry in path.read_dir().into_iter().flatten() {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let source = match name.split('.').next() {
                Some(stem) if folder == "dist" => format!("src/{stem}.ts"),
                _ => format!("{folder}/{name}"),
            };
            if !files.contains_key(&source) {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

/// Compiles projects, each in its folder of the workshop.
///
/// # Errors
///
/// When the compiler has anything to say.
pub fn build(workshop: &Workshop, projects: impl Iterator<Item = String>) -> Result<()> {
    let mut command = Command::new("node");
    command
        .arg(folder(workshop).join("node_modules/typescript/bin/tsc"))
        .arg("-b")
        .args(projects)
        .current_dir(&workshop.folder);
    workshop.tool(&mut command, NEEDS_NODE)?;
    Ok(())
}

/// Runs the tests of a package.
///
/// # Errors
///
/// When one fails.
pub fn test(
    workshop: &Workshop,
    package: &str,
    files: Vec<(&'static str, &'static str)>,
) -> Result<()> {
    let tests = files
        .into_iter()
        .filter_map(|(name, _)| Some(format!("build/{}.js", name.strip_suffix(".ts")?)))
        .filter(|name| name.ends_with(".test.js"));
    let mut command = Command::new("node");
    command
        .arg("--test")
        .args(tests)
        .current_dir(workshop.folder.join(package));
    workshop.tool(&mut command, NEEDS_NODE)?;
    Ok(())
}

/// Packs packages as npm would publish them, and says how large they are.
///
/// # Errors
///
/// When npm cannot.
pub fn pack(workshop: &Workshop, apis: &[Api]) -> Result<()> {
    let mut command = Command::new(NPM);
    command
        .args(["pack", "--json", "--ignore-scripts"])
        .args(apis.iter().map(|api| format!("./{}", api.folder())))
        .current_dir(&workshop.folder);
    let said = workshop.tool(&mut command, NEEDS_NODE)?;
    let packed: Value = serde_json::from_str(&said).context("npm says in JSON what it packed")?;
    for packed in packed.as_array().into_iter().flatten() {
        anstream::eprintln!(
            "typescript: {} has {} files in {} bytes",
            packed["filename"].as_str().unwrap_or_default(),
            packed["entryCount"],
            packed["size"]
        );
    }
    Ok(())
}

/// What npm calls a packed package: `fareway-public-v2-2.0.0.tgz`.
pub fn archive(api: &Api) -> String {
    let name = name(api).replace('/', "-").replace('@', "");
    format!("{name}-{}.tgz", api.version)
}

/// Installs a packed package where the programs that use it look for it.
///
/// # Errors
///
/// When npm cannot.
pub fn link(workshop: &Workshop, api: &Api) -> Result<()> {
    let packed = workshop.folder.join(archive(api));
    let folder = workshop.folder.join(programs::folder(api));
    let installed = folder.join("node_modules/installed.tgz");
    let contents =
        fs::read(&packed).with_context(|| format!("npm packed no {}", packed.display()))?;
    if fs::read(&installed).is_ok_and(|found| found == contents) {
        return Ok(());
    }
    let modules = folder.join("node_modules");
    if modules.exists() {
        fs::remove_dir_all(&modules)?;
    }
    let mut command = Command::new(NPM);
    command
        .args([
            "install",
            "--offline",
            "--no-save",
            "--no-package-lock",
            "--no-audit",
            "--no-fund",
        ])
        .arg(&packed)
        .current_dir(&folder);
    workshop.tool(&mut command, NEEDS_NODE)?;
    fs::write(installed, contents)?;
    Ok(())
}
