//! Tools that verbs install for themselves: pinned, below `target/tools`, and only when they are missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

/// A virtual environment that holds exactly `requirements`, the text of a requirements file; made anew when that changes.
///
/// # Errors
///
/// When Python or its `venv` is missing, or a package cannot be fetched.
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
    let missing = "python3 with venv is missing: install Python, 3.10 or newer (on Debian: python3 and python3-venv)";
    run(
        Command::new("python3").args(["-m", "venv"]).arg(&folder),
        missing,
    )?;
    let file = folder.join("requirements.txt");
    fs::write(&file, requirements)?;
    let mut install = Command::new(folder.join("bin/python"));
    install
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
        ])
        .arg(&file);
    run(&mut install, missing)?;
    fs::write(&stamp, digest)?;
    Ok(folder)
}

/// Runs an installer; what it printed is shown when it fails.
fn run(command: &mut Command, missing: &str) -> Result<()> {
    let name = format!("{command:?}");
    let output = match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!("{missing}"),
        other => other.with_context(|| format!("{name} cannot be started"))?,
    };
    ensure!(
        output.status.success(),
        "{name} ended with {}:\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
