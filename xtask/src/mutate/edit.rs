//! Makes edits choices: a text with mutants runs as it did until one of them is chosen at run time.

use anyhow::{Context, Result, bail, ensure};

use super::table::Mutant;

/// The variable that names the mutant.
pub const VARIABLE: &str = "FAREWAY_MUTANT";

/// The root of the library, which is told what every edited file asks.
pub fn library(text: &str) -> String {
    format!(
        r#"#![allow(unused)]
{text}
/// Whether the server runs as this mutant.
pub fn mutant(name: &str) -> bool {{
    static CHOSEN: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| std::env::var("{VARIABLE}").unwrap_or_default());
    *CHOSEN == name
}}
"#
    )
}

/// A text in which each of the mutants, all of this file, can be chosen.
///
/// # Errors
///
/// When the text of one does not stand there once, or two overlap without being the same.
pub fn with_choices(text: &str, mutants: &[&Mutant]) -> Result<String> {
    let mut places = Vec::new();
    for mutant in mutants {
        let start = once(text, &mutant.find, mutant)?;
        places.push((start, start + mutant.find.len(), *mutant));
    }
    places.sort_by_key(|(start, end, _)| (*start, *end));
    let (mut edited, mut done) = (String::new(), 0);
    let mut places = places.into_iter().peekable();
    while let Some((start, end, mutant)) = places.next() {
        ensure!(
            start >= done,
            "{}: the text of mutant `{}` ({}) overlaps that of another; let both say the same text, or texts apart",
            mutant.file,
            mutant.name,
            mutant.table
        );
        edited.push_str(&text[done..start]);
        let found = &text[start..end];
        // Where an expression stands first in a statement, a block would be one by itself.
        let (open, close) = match found.ends_with([';', '}']) {
            true => ("{ ", " }"),
            false => ("(", ")"),
        };
        edited.push_str(open);
        edited.push_str(&alternative(mutant));
        while let Some((_, _, same)) = places.next_if(|next| (next.0, next.1) == (start, end)) {
            edited.push_str(&alternative(same));
        }
        edited.push_str(&format!("{{\n{found}\n}}{close}"));
        done = end;
    }
    edited.push_str(&text[done..]);
    Ok(edited)
}

/// In a block of its own, so that statements fit as well as expressions.
fn alternative(mutant: &Mutant) -> String {
    format!(
        "if crate::mutant({:?}) {{\n{}\n}} else ",
        mutant.name, mutant.with
    )
}

fn once(text: &str, find: &str, mutant: &Mutant) -> Result<usize> {
    let found: Vec<usize> = text.match_indices(find).map(|(at, _)| at).collect();
    let Mutant {
        name, file, table, ..
    } = mutant;
    match found[..] {
        [at] => Ok(at),
        [] => bail!(
            "{file}: the text of mutant `{name}` is not there; correct its `find` in {table}, or delete it with what it was about\n  {find}"
        ),
        _ => bail!(
            "{file}: the text of mutant `{name}` stands there {} times; lengthen its `find` in {table} until it is one\n  {find}",
            found.len()
        ),
    }
}

/// A manifest of the workspace whose version says that mutants are in it.
///
/// # Errors
///
/// When it has no version, or not at one place.
pub fn versioned(manifest: &str) -> Result<String> {
    let lines = manifest
        .lines()
        .filter(|line| line.starts_with("version = "));
    let [line] = lines.collect::<Vec<_>>()[..] else {
        bail!("Cargo.toml: one line says `version = `, that of the workspace; so it has to stay");
    };
    let own = line
        .strip_suffix('"')
        .map(|start| format!("{start}-mutants\""));
    let own = own.context("Cargo.toml: the version is a text in quotation marks")?;
    Ok(manifest.replacen(line, &own, 1))
}
