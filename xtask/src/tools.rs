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
    let missing =
        "python3 is missing: install Python, 3.10 or newer, with pip (on Debian: python3-pip)";
    // Debian keeps what puts pip inside in a package of its own, so an environment without it has to do.
    run(
        Command::new("python3")
            .args(["-m", "venv", "--without-pip"])
            .arg(&folder),
        missing,
    )?;
    let file = folder.join("requirements.txt");
    fs::write(&file, requirements)?;
    let inside = folder.join("bin/python");
    let install = ["install", "--quiet", "--disable-pip-version-check", "-r"];
    let has_pip = run(
        Command::new("python3").args(["-m", "pip", "--version"]),
        missing,
    )
    .is_ok();
    let mut pip = match has_pip {
        true => {
            let mut pip = Command::new("python3");
            pip.args(["-m", "pip", "--python"]).arg(&inside);
            pip
        }
        false => {
            run(Command::new(&inside).args(["-m", "ensurepip"]), missing)
                .context("python3 has no pip: install it (on Debian: python3-pip)")?;
            let mut pip = Command::new(&inside);
            pip.args(["-m", "pip"]);
            pip
        }
    };
    run(pip.args(install).arg(&file), missing)?;
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
