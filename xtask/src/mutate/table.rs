//! The mutants, as they are written in `mutants/*.toml`: one small edit each, and which tests ought to see it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// Where the tables are, from the root.
const FOLDER: &str = "xtask/src/mutate/mutants";

/// One way in which the server is wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// Lower-case words with hyphens; unlike all others.
    pub name: String,
    /// What is wrong then, for people.
    pub breaks: String,
    /// The source that is changed, from the root.
    pub file: String,
    /// An expression or statements of the file, which stand there once.
    pub find: String,
    /// What stands there instead; of the same type.
    pub with: String,
    /// A part of the names of the tests that ought to see it.
    pub seen_by: String,
    /// The table that it stands in.
    #[serde(skip)]
    pub table: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    mutant: Vec<Mutant>,
}

/// All mutants, table by table.
///
/// # Errors
///
/// When a table cannot be read or is not understood, or a name stands twice.
pub fn read(root: &Path) -> Result<Vec<Mutant>> {
    let folder = root.join(FOLDER);
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(Some(name).filter(|name| name.ends_with(".toml")));
    }
    names.sort_unstable();
    let mut all = Vec::new();
    for name in names {
        let table = format!("{FOLDER}/{name}");
        let text = std::fs::read_to_string(root.join(&table)).with_context(|| table.clone())?;
        all.extend(parse(&table, &text)?);
    }
    distinct(&all)?;
    Ok(all)
}

/// The mutants of one table.
pub fn parse(table: &str, text: &str) -> Result<Vec<Mutant>> {
    let read: Table = toml::from_str(text).with_context(|| format!("{table} is not understood"))?;
    let mut mutants = read.mutant;
    for mutant in &mut mutants {
        table.clone_into(&mut mutant.table);
        let at = format!("{table}: mutant `{}`", mutant.name);
        let plain = |letter: char| letter.is_ascii_lowercase() || letter == '-';
        ensure!(
            !mutant.name.is_empty() && mutant.name.chars().all(plain),
            "{at}: name it with lower-case letters and hyphens"
        );
        for (member, text) in [
            ("breaks", &mutant.breaks),
            ("find", &mutant.find),
            ("seen_by", &mutant.seen_by),
        ] {
            ensure!(!text.trim().is_empty(), "{at}: say something as `{member}`");
        }
        ensure!(
            mutant.find != mutant.with,
            "{at}: `with` is what stands there already; let it differ"
        );
        ensure!(
            mutant.file.starts_with("src/") && mutant.file != "src/main.rs",
            "{at}: `file` is a source of the library, below src/"
        );
    }
    Ok(mutants)
}

/// That no two mutants have one name.
pub fn distinct(mutants: &[Mutant]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for mutant in mutants {
        ensure!(
            seen.insert(&mutant.name),
            "{}: another mutant is called `{}` too; rename one",
            mutant.table,
            mutant.name
        );
    }
    Ok(())
}

/// Those that are named, in their own order; all when none is.
pub fn chosen<'m>(mutants: &'m [Mutant], names: &[String]) -> Result<Vec<&'m Mutant>> {
    for name in names {
        if !mutants.iter().any(|mutant| mutant.name == *name) {
            bail!("there is no mutant `{name}`; `cargo xtask mutate --list` names all");
        }
    }
    let wanted = |mutant: &&Mutant| names.is_empty() || names.contains(&mutant.name);
    Ok(mutants.iter().filter(wanted).collect())
}
