//! What Python packages are checked, built and run with: pinned tools in a virtual environment below `target/tools/python`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::{module, readme};
use crate::clients::api::Api;
use crate::clients::{Files, Workshop};

const REQUIREMENTS: &str = include_str!("requirements.txt");
const HOLD_CHEAPEST: &str = include_str!("../../../../src/edge/docs/clients/hold_cheapest.py");
const NEEDS: &str = "the Python clients need python3, 3.10 or newer, with venv (Debian: apt install python3 python3-venv)";

/// Type-checks, tests and packs all packages, with the programs that use them.
///
/// # Errors
///
/// When Python is missing, or something does not pass.
pub fn compile(workshop: &Workshop, apis: &[Api]) -> Result<()> {
    let tools = Tools::install(workshop)?;
    for api in apis {
        tools.pack(workshop, api)?;
        tools.check(workshop, api)?;
        tools.test(workshop, api)?;
    }
    Ok(())
}

/// The program that makes the journey with the installed package of a contract.
///
/// # Errors
///
/// When the tools are missing.
pub fn journey(workshop: &Workshop, api: &Api) -> Result<Command> {
    let mut command = Tools::install(workshop)?.python(workshop, api);
    command.arg(programs(workshop, "journeys").join(format!("{}_v{}.py", api.audience, api.major)));
    Ok(command)
}

/// The programs of the landing page and of the project's README, which find their server in the environment.
///
/// # Errors
///
/// When the tools are missing or a program cannot be written.
pub fn shown(workshop: &Workshop, api: &Api) -> Result<Vec<Command>> {
    let tools = Tools::install(workshop)?;
    let programs = [
        ("shown.py", readme::SHOWN),
        ("hold_cheapest.py", HOLD_CHEAPEST),
    ];
    let mut files = Files::new();
    let mut commands = Vec::new();
    for (name, text) in programs {
        let placed = "__import__(\"os\").environ[\"FAREWAY_URL\"]";
        files.insert(
            name.to_owned(),
            text.replace("\"http://127.0.0.1:8080\"", placed),
        );
        let mut command = tools.python(workshop, api);
        command.arg(workshop.folder.join("shown").join(name));
        commands.push(command);
    }
    workshop.write("shown", files)?;
    Ok(commands)
}

/// A virtual environment with the tools.
struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Installs them, unless they are there already.
    fn install(workshop: &Workshop) -> Result<Tools> {
        let digest = format!("{:x}", Sha256::digest(REQUIREMENTS));
        let folder = workshop
            .root
            .join("target/tools/python")
            .join(&digest[..12]);
        let tools = Tools { folder };
        let done = tools.folder.join("installed");
        if done.exists() {
            return Ok(tools);
        }
        anstream::eprintln!(
            "python: installing {}",
            REQUIREMENTS.lines().skip(1).collect::<Vec<_>>().join(", ")
        );
        let version = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
        let python = || Command::new("python3");
        let suits = workshop.tool(python().args(["-c", version]), NEEDS);
        ensure!(suits.is_ok(), NEEDS);
        let make = ["-m", "venv", "--clear"];
        workshop.tool(python().args(make).arg(&tools.folder), NEEDS)?;
        let requirements = tools.folder.join("requirements.txt");
        fs::write(&requirements, REQUIREMENTS)?;
        let mut install = tools.install_with_pip();
        workshop.tool(install.arg("--requirement").arg(requirements), NEEDS)?;
        fs::write(done, "")?;
        Ok(tools)
    }

    fn tool(&self, name: &str) -> Command {
        Command::new(self.folder.join("bin").join(name))
    }

    fn install_with_pip(&self) -> Command {
        let mut pip = self.tool("pip");
        pip.args(["install", "--quiet", "--disable-pip-version-check"]);
        pip
    }

    /// Python with the package installed, and nothing else of ours.
    fn python(&self, workshop: &Workshop, api: &Api) -> Command {
        let mut python = self.tool("python");
        python
            .env("PYTHONPATH", installed(workshop, api))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        python
    }

    /// Builds the wheel and the source archive, and installs the wheel beside them.
    fn pack(&self, workshop: &Workshop, api: &Api) -> Result<()> {
        let package = workshop.folder.join(api.folder());
        let (archives, target) = (package.join("dist"), installed(workshop, api));
        for folder in [&archives, &target] {
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
        }
        let mut build = self.tool("hatchling");
        build.args(["build", "--target", "sdist", "--target", "wheel"]);
        workshop.tool(build.current_dir(&package), NEEDS)?;
        let mut install = self.install_with_pip();
        install.args(["--no-index", "--no-deps", "--no-compile", "--target"]);
        workshop.tool(install.arg(&target).arg(wheel(&archives)?), NEEDS)?;
        let marker = target.join(module(api)).join("py.typed");
        ensure!(
            marker.exists(),
            "the wheel in {} lacks py.typed",
            archives.display()
        );
        Ok(())
    }

    /// Type-checks the package with its tests, the code of its README, its journey and its examples.
    fn check(&self, workshop: &Workshop, api: &Api) -> Result<()> {
        let package = workshop.folder.join(api.folder());
        let readme = fs::read_to_string(package.join("README.md"))?;
        let code: Vec<&str> = readme
            .split("```")
            .filter_map(|block| block.strip_prefix("python\n"))
            .collect();
        ensure!(
            !code.is_empty(),
            "the README of {} has no code",
            api.folder()
        );
        let blocks = package.join("build/readme.py");
        fs::create_dir_all(package.join("build"))?;
        fs::write(&blocks, code.join("\n\n"))?;
        let mut programs = programs_of(workshop, api)?;
        programs.push(blocks);
        let mut mypy = self.tool("mypy");
        mypy.args([
            "--strict",
            "--python-version",
            "3.10",
            "--no-error-summary",
            "--cache-dir",
        ])
        .arg(
            workshop
                .root
                .join("target/tools/python/mypy")
                .join(api.folder()),
        )
        .arg(package.join("src").join(module(api)))
        .arg(package.join("tests"))
        .args(programs)
        .env(
            "MYPYPATH",
            [package.join("src"), package.join("tests")]
                .map(|path| path.display().to_string())
                .join(":"),
        );
        workshop.tool(&mut mypy, NEEDS)?;
        Ok(())
    }

    fn test(&self, workshop: &Workshop, api: &Api) -> Result<()> {
        let mut tests = self.python(workshop, api);
        tests.args([
            "-W",
            "error",
            "-m",
            "unittest",
            "discover",
            "--start-directory",
        ]);
        workshop.tool(
            tests.arg(workshop.folder.join(api.folder()).join("tests")),
            NEEDS,
        )?;
        Ok(())
    }
}

/// The folder that the wheel of a package is installed in; two revisions of a contract have the same name in Python.
fn installed(workshop: &Workshop, api: &Api) -> PathBuf {
    workshop.folder.join("installed").join(api.folder())
}

fn wheel(archives: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(archives)?.collect::<Result<Vec<_>, _>>()?;
    let mut files = entries.into_iter().map(|entry| entry.path());
    files
        .find(|file| file.extension().is_some_and(|extension| extension == "whl"))
        .with_context(|| format!("there is no wheel in {}", archives.display()))
}

fn programs(workshop: &Workshop, folder: &str) -> PathBuf {
    workshop.root.join("xtask/src/clients/python").join(folder)
}

/// The journey and the examples that import a package.
fn programs_of(workshop: &Workshop, api: &Api) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in ["journeys", "examples"] {
        for entry in fs::read_dir(programs(workshop, folder))? {
            let file = entry?.path();
            if fs::read_to_string(&file)?.contains(&format!("from {} import", module(api))) {
                found.push(file);
            }
        }
    }
    Ok(found)
}
