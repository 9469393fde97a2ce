//! Every document of a folder against itself and against rewrites of it that mean the same: nothing may be found.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use compat::document::Forest;
use compat::refactor;
use serde_json::Value;

/// What was compared, and what was found where nothing is.
#[derive(Default)]
pub struct Tally {
    documents: usize,
    comparisons: usize,
    /// Documents that cannot be used, which the pairs tell of.
    unusable: usize,
    pub findings: usize,
}

impl Tally {
    /// Compares each of the files with its rewrites, and names what was found.
    ///
    /// # Errors
    ///
    /// When a file cannot be read.
    pub fn of<'n>(
        folder: &Path,
        files: impl Iterator<Item = &'n str>,
        out: &mut impl Write,
    ) -> Result<Tally> {
        let (mut tally, mut met) = (Tally::default(), BTreeSet::new());
        for file in files {
            let path = folder.join(file);
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            if !met.insert(text.clone()) {
                continue;
            }
            tally.documents += 1;
            if Forest::default()
                .load(&source(folder, file, &text), file)
                .is_err()
            {
                tally.unusable += 1;
                continue;
            }
            tally.document(folder, file, &text, out)?;
        }
        Ok(tally)
    }

    fn document(
        &mut self,
        folder: &Path,
        file: &str,
        text: &str,
        out: &mut impl Write,
    ) -> Result<()> {
        let value: Value =
            yaml_serde::from_str(text).with_context(|| format!("{file} is not understood"))?;
        let json = |value: &Value| ("rewrite.json", value.to_string());
        let mut rewrites = vec![
            ("itself", (file, text.to_owned())),
            (
                "written as YAML",
                ("rewrite.yaml", yaml_serde::to_string(&value)?),
            ),
            ("written as JSON", json(&value)),
        ];
        let more = refactor::all(&value).into_iter();
        rewrites.extend(more.map(|(name, value)| (name, json(&value))));
        for (name, (called, rewrite)) in rewrites {
            self.comparisons += 1;
            for found in findings(folder, (file, text), (called, &rewrite))? {
                self.findings += 1;
                writeln!(out, "{file}, {name}: {found}")?;
            }
        }
        Ok(())
    }

    /// The sums in one line.
    pub fn line(&self) -> String {
        let left = match self.unusable {
            0 => String::new(),
            unusable => format!(" ({unusable} of them unusable)"),
        };
        format!(
            "rewrites: {} documents{left}, {} comparisons, {} findings",
            self.documents, self.comparisons, self.findings
        )
    }
}

/// The text for the file, and the folder for what it refers to.
fn source<'s>(
    folder: &'s Path,
    file: &'s str,
    text: &'s str,
) -> impl Fn(&str) -> Result<String, String> + 's {
    move |wanted| match wanted {
        wanted if wanted == file => Ok(text.to_owned()),
        wanted => fs::read_to_string(folder.join(wanted)).map_err(|error| error.to_string()),
    }
}

fn findings(folder: &Path, base: (&str, &str), revision: (&str, &str)) -> Result<Vec<String>> {
    let mut forest = Forest::default();
    let mut load = |(file, text): (&str, &str)| {
        let loaded = forest.load(&source(folder, file, text), file);
        loaded.map_err(|error| anyhow!(error))
    };
    let (base, revision) = (load(base)?, load(revision)?);
    let report = compat::compare(&forest, base, revision)?;
    // That it is written otherwise and means the same is what is to be found.
    let others = report
        .findings
        .iter()
        .filter(|finding| finding.rule != "written-otherwise");
    Ok(others
        .map(|finding| format!("[{}] {}: {}", finding.rule, finding.at(), finding.what))
        .collect())
}
