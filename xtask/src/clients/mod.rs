//! `cargo xtask clients`: packages that call Fareway, written from every contract that is served, compiled, and run against a server.
//!
//! [`api`] is a contract as clients see it. Rust, TypeScript and Python are written here, from the model that the server's own code is
//! generated from; Java, Go and C# by openapi-generator, from the [`profile`] of the contract. Each package then has to compile with
//! every warning an error, and its journey, a program of the language's folder, has to run against a server that is started for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use regex::Regex;
use walkdir::WalkDir;

use api::Api;
use stand::Stand;
use table::Row;

mod api;
mod cutter;
mod expressible;
mod generator;
mod money;
mod profile;
mod python;
mod rust;
mod stand;
mod table;
mod typescript;

/// Build the clients of the contracts, and run each against a server: typed packages in target/clients
#[derive(clap::Args)]
pub struct Args {
    /// The languages to build; all when none is named
    #[arg(value_enum)]
    languages: Vec<Language>,
    /// Only the clients of this contract, such as public/v2
    #[arg(long, value_name = "AUDIENCE/vMAJOR")]
    contract: Option<String>,
    /// Write and compile the packages, but start no server and run nothing
    #[arg(long)]
    no_run: bool,
}

impl Args {
    /// What the tests want: the clients that need nothing but cargo.
    pub fn rust() -> Args {
        Args {
            languages: vec![Language::Rust],
            contract: None,
            no_run: false,
        }
    }
}

/// What the programs that people are shown print, in every language: the cheapest price, and what was held.
const PRINTS: [&str; 2] = [
    r"^[0-9]+\.[0-9]{2} GBP\n$",
    r"^[A-Z0-9]{6}: [0-9]+\.[0-9]{2} GBP, pay by 2027-03-0[1-9][T ]",
];

/// A language that has clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Language {
    Rust,
    Typescript,
    Python,
    Java,
    Go,
    Csharp,
}

/// Whether packages were compiled; if not, what is missing.
enum Compiled {
    Yes,
    No(&'static str),
}

/// The files of a package, by their path in it.
type Files = BTreeMap<String, String>;

/// The folders that packages are made in.
struct Workshop {
    root: PathBuf,
    /// `target/clients/<language>`.
    folder: PathBuf,
}

impl Language {
    fn name(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::Typescript => "typescript",
            Language::Python => "python",
            Language::Java => "java",
            Language::Go => "go",
            Language::Csharp => "csharp",
        }
    }

    /// Writes all packages.
    fn write(self, workshop: &Workshop, apis: &[Api]) -> Result<()> {
        let package = match self {
            Language::Rust => rust::package,
            Language::Typescript => typescript::package,
            Language::Python => python::package,
            Language::Java => return generator::write(workshop, &generator::JAVA, apis),
            Language::Go => return generator::write(workshop, &generator::GO, apis),
            Language::Csharp => return generator::write(workshop, &generator::CSHARP, apis),
        };
        for api in apis {
            workshop.write(&api.folder(), package(api)?)?;
        }
        Ok(())
    }

    /// Type-checks and packs all packages, with the journeys; warnings are errors.
    fn compile(self, workshop: &Workshop, apis: &[Api]) -> Result<Compiled> {
        match self {
            Language::Rust => rust::compile(workshop, apis)?,
            Language::Typescript => typescript::compile(workshop, apis)?,
            Language::Python => python::compile(workshop, apis)?,
            Language::Java => return generator::compile_java(workshop, apis),
            Language::Go => return generator::compile_go(workshop, apis),
            Language::Csharp => {
                return Ok(Compiled::No(
                    "a C# client wants the .NET SDK, 8 or newer, and its libraries from NuGet: run `dotnet build` in its folder where they are at hand",
                ));
            }
        }
        Ok(Compiled::Yes)
    }

    /// The program that makes the journey with the package of a contract, if the language has one.
    fn journey(self, workshop: &Workshop, api: &Api) -> Result<Option<std::process::Command>> {
        match self {
            Language::Rust => rust::journey(workshop, api).map(Some),
            Language::Typescript => typescript::journey(workshop, api).map(Some),
            Language::Python => python::journey(workshop, api).map(Some),
            Language::Java => generator::run_java(workshop, api).map(Some),
            Language::Go | Language::Csharp => Ok(None),
        }
    }

    /// The programs that the landing page and README.md show, which use the current public contract; see [`PRINTS`].
    fn shown(self, workshop: &Workshop, api: &Api) -> Result<Vec<std::process::Command>> {
        if api.contract() != "public/v2" {
            return Ok(Vec::new());
        }
        match self {
            Language::Rust => Ok(rust::shown(workshop, api)),
            Language::Typescript => Ok(typescript::shown(workshop, api)),
            Language::Python => python::shown(workshop, api),
            Language::Java | Language::Go | Language::Csharp => Ok(Vec::new()),
        }
    }
}

/// Runs the verb.
///
/// # Errors
///
/// When a contract cannot be read, a runtime is missing, or the server does not start.
pub fn run(root: &Path, args: &Args) -> Result<ExitCode> {
    let mut apis = api::all(root)?;
    if let Some(contract) = &args.contract {
        let known: Vec<String> = apis.iter().map(Api::contract).collect();
        apis.retain(|api| api.contract() == *contract);
        ensure!(
            !apis.is_empty(),
            "there is no contract {contract}; name one of {}",
            known.join(", ")
        );
    }
    let languages = match &args.languages[..] {
        [] => Language::value_variants(),
        named => named,
    };
    let mut rows = Vec::new();
    let mut stand = None;
    for language in languages {
        let workshop = Workshop::new(root, language.name())?;
        anstream::eprintln!(
            "{}: writing and compiling {} packages",
            language.name(),
            apis.len()
        );
        language.write(&workshop, &apis)?;
        let missing = match language.compile(&workshop, &apis)? {
            Compiled::Yes => None,
            Compiled::No(missing) => Some(missing),
        };
        for api in &apis {
            let folder = workshop.folder.join(api.folder());
            let mut row = Row::new(language.name(), &api.folder(), folder, missing);
            if missing.is_none()
                && !args.no_run
                && let Some(journey) = language.journey(&workshop, api)?
            {
                let stand = match &mut stand {
                    Some(stand) => stand,
                    None => stand.insert(Stand::start(root)?),
                };
                row.ran(stand.run(journey, api)?);
                for (program, prints) in language.shown(&workshop, api)?.into_iter().zip(PRINTS) {
                    row.showed(stand.run(program, api)?.expected(&Regex::new(prints)?));
                }
            }
            rows.push(row);
        }
    }
    table::print(&rows, root);
    if let Some(stand) = stand {
        stand.stop()?;
    }
    Ok(match rows.iter().all(Row::is_well) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

impl Workshop {
    fn new(root: &Path, language: &str) -> Result<Workshop> {
        let folder = root.join("target/clients").join(language);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Workshop {
            root: root.to_owned(),
            folder,
        })
    }

    /// Writes a folder of files; those that are the same already are left alone, so that compilers see what changed. What was
    /// written there before and is no longer is removed.
    fn write(&self, folder: &str, files: Files) -> Result<()> {
        self.remove_others(&self.folder.join(folder), &files)?;
        for (path, contents) in files {
            let path = self.folder.join(folder).join(path);
            if fs::read_to_string(&path).is_ok_and(|found| found == contents) {
                continue;
            }
            let parent = path.parent().context("a file has a folder")?;
            fs::create_dir_all(parent)?;
            fs::write(&path, contents)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// Removes what is in the folders of files and is none of them.
    fn remove_others(&self, folder: &Path, files: &Files) -> Result<()> {
        let folders: BTreeSet<&str> = files
            .keys()
            .filter_map(|path| path.split_once('/'))
            .map(|(first, _)| first)
            .collect();
        for entry in folders
            .iter()
            .flat_map(|first| WalkDir::new(folder.join(first)))
        {
            let Ok(entry) = entry else { continue };
            let path = entry.path().strip_prefix(folder)?;
            if entry.file_type().is_file() && !files.contains_key(&*path.to_string_lossy()) {
                fs::remove_file(entry.path())
                    .with_context(|| format!("cannot remove {}", entry.path().display()))?;
            }
        }
        Ok(())
    }

    /// Runs a tool; what it printed is shown when it fails.
    fn tool(&self, command: &mut std::process::Command, needs: &str) -> Result<String> {
        let name = format!("{command:?}");
        let output = match command.output() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!("{needs}"),
            other => other.with_context(|| format!("{name} cannot be started"))?,
        };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            output.status.success(),
            "{name} ended with {}:\n{said}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_longer_written_is_removed() {
        let root = tempfile::tempdir().expect("a folder");
        let workshop = Workshop::new(root.path(), "rust").expect("a workshop");
        let files = |paths: &[&str]| -> Files {
            let file = |path: &&str| ((*path).to_owned(), String::new());
            paths.iter().map(file).collect()
        };
        let exists = |path: &str| workshop.folder.join("a").join(path).exists();
        workshop
            .write("a", files(&["README", "src/kept", "src/b/old"]))
            .expect("written");
        fs::write(workshop.folder.join("a/compiled"), "").expect("written");
        workshop
            .write("a", files(&["README", "src/kept", "src/new"]))
            .expect("written");
        assert!(!exists("src/b/old"));
        for path in ["README", "src/kept", "src/new", "compiled"] {
            assert!(exists(path), "{path}");
        }
    }

    #[test]
    fn the_programs_of_the_readme_are_those_that_run() {
        let readme = include_str!("../../../README.md");
        for (fence, program) in [
            (
                "rust",
                include_str!("../../../src/edge/docs/clients/hold_cheapest.rs"),
            ),
            (
                "ts",
                include_str!("../../../src/edge/docs/clients/hold_cheapest.ts"),
            ),
            (
                "python",
                include_str!("../../../src/edge/docs/clients/hold_cheapest.py"),
            ),
        ] {
            let block = format!("```{fence}\n{}\n```", program.trim());
            assert!(
                readme.contains(&block),
                "copy the program in {fence} into README.md"
            );
        }
    }
}
