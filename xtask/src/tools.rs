//! Tools that verbs install for themselves: pinned, below `target/tools`, and only when they are missing.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

/// A virtual environment that holds exactly `requirements`, the text of a requirements file; made anew when that changes.
///
/// # Errors
///
/// When Python or pip is missing, or a package cannot be fetched.
pub fn python(root: &Path, name: &str, requirements: &str) -> Result<PathBuf> {
    let folder = root.join("target/tools").join(name);
    let stamp = folder.join("requirements.sha256");
    let digest = format!("{:x}", Sha256::digest(requirements));
    if fs::read_to_string(&stamp).is_ok_and(|found| found == digest) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    anstream::eprintln!("installing {name} into {}", folder.display());
    // Debian keeps what puts pip inside in a package of its own, so an environment without it has to do.
    let venv = ["-m", "venv", "--without-pip"];
    ensure!(
        succeeds(Command::new("python3").args(venv).arg(&folder))?,
        "python3 makes no virtual environments: install its module venv (on Debian: python3-venv)"
    );
    let file = folder.join("requirements.txt");
    fs::write(&file, requirements)?;
    let mut pip = pip(&folder.join("bin/python"))?;
    pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]);
    let output = pip.arg(&file).output()?;
    ensure!(
        output.status.success(),
        "pip cannot install {name}:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    fs::write(&stamp, digest)?;
    Ok(folder)
}

/// The pip of python3, or else one of its own, that installs for the Python of an environment.
fn pip(inside: &Path) -> Result<Command> {
    if succeeds(Command::new("python3").args(["-m", "pip", "--version"]))? {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "--python"]).arg(inside);
        return Ok(pip);
    }
    ensure!(
        succeeds(Command::new(inside).args(["-m", "ensurepip"]))?,
        "python3 has no pip: install it (on Debian: python3-pip)"
    );
    let mut pip = Command::new(inside);
    pip.args(["-m", "pip"]);
    Ok(pip)
}

/// Whether Python does it; what it prints tells no more than that.
fn succeeds(python: &mut Command) -> Result<bool> {
    match python.output() {
        Ok(output) => Ok(output.status.success()),
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "python3 is missing: install Python, 3.10 or newer, with pip (on Debian: python3-pip)"
        ),
        Err(error) => Err(error).context("python3 cannot be started"),
    }
}
