//! The table of what was built: language × contract × what the client was seen to do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};

use super::stand::Ran;

/// What every journey shows, each by a line of its output that starts with the word and a colon.
const PARTS: [&str; 4] = ["journey", "failure", "paging", "retry"];

const FAILED: (&str, Style) = ("FAILED", AnsiColor::Red.on_default().bold());

/// A client.
pub struct Row {
    language: &'static str,
    contract: String,
    folder: PathBuf,
    /// What it would need to be compiled.
    missing: Option<&'static str>,
    ran: Option<Ran>,
    /// The programs that people are shown.
    shown: Vec<Ran>,
}

impl Row {
    pub fn new(
        language: &'static str,
        contract: &str,
        folder: PathBuf,
        missing: Option<&'static str>,
    ) -> Row {
        Row {
            language,
            contract: contract.to_owned(),
            folder,
            missing,
            ran: None,
            shown: Vec::new(),
        }
    }

    pub fn ran(&mut self, ran: Ran) {
        self.ran = Some(ran);
    }

    /// Adds what a program did that people are shown; it has to print something.
    pub fn showed(&mut self, ran: Ran) {
        self.shown.push(ran);
    }

    /// Whether everything that was tried went well.
    pub fn is_well(&self) -> bool {
        self.ran.as_ref().is_none_or(|ran| {
            ran.error.is_none() && PARTS.iter().all(|part| shows(&ran.said, part))
        }) && self.shown.iter().all(Ran::is_well)
    }

    fn cell(&self, part: &str) -> (&'static str, Style) {
        match &self.ran {
            None => ("not run", Style::new()),
            Some(ran) if shows(&ran.said, part) => ("ok", AnsiColor::Green.on_default()),
            Some(_) => FAILED,
        }
    }

    fn examples(&self) -> (&'static str, Style) {
        match &self.shown[..] {
            [] => ("", Style::new()),
            shown if shown.iter().all(Ran::is_well) => ("ok", AnsiColor::Green.on_default()),
            _ => FAILED,
        }
    }
}

fn shows(said: &str, part: &str) -> bool {
    said.lines().any(|line| {
        line.strip_prefix(part)
            .is_some_and(|rest| rest.starts_with(": "))
    })
}

/// Prints the table, and below it why what failed did.
pub fn print(rows: &[Row], root: &Path) {
    let bold = Style::new().bold();
    anstream::println!(
        "{bold}{:<11} {:<14} {:<9} {:<9} {:<9} {:<9} {:<9} {:<9}{bold:#} package",
        "language",
        "contract",
        "compiles",
        "journey",
        "failure",
        "paging",
        "retry",
        "examples"
    );
    for row in rows {
        let (word, style) = match row.missing {
            None => ("ok", AnsiColor::Green.on_default()),
            Some(_) => ("not tried", Style::new()),
        };
        anstream::print!(
            "{:<11} {:<14} {style}{word:<9}{style:#}",
            row.language,
            row.contract
        );
        for part in PARTS {
            let (word, style) = row.cell(part);
            anstream::print!(" {style}{word:<9}{style:#}");
        }
        let (word, style) = row.examples();
        anstream::print!(" {style}{word:<9}{style:#}");
        let folder = row.folder.strip_prefix(root).unwrap_or(&row.folder);
        anstream::println!(" {}", folder.display());
    }
    let reasons: BTreeSet<(&str, &str)> = rows
        .iter()
        .filter_map(|row| Some((row.language, row.missing?)))
        .collect();
    for (language, missing) in reasons {
        anstream::eprintln!("{language} was not compiled: {missing}");
    }
    for row in rows {
        for ran in row.ran.iter().chain(&row.shown) {
            if let Some(error) = &ran.error {
                anstream::eprintln!("\n{} {}: {error}", row.language, row.contract);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(said: &str, error: Option<&str>) -> Row {
        let mut row = Row::new("rust", "public-2.0.0", PathBuf::new(), None);
        row.ran(Ran {
            said: said.to_owned(),
            error: error.map(ToOwned::to_owned),
        });
        row
    }

    #[test]
    fn a_client_is_well_when_it_showed_every_part() {
        let all = "journey: a\nfailure: b\npaging: c\nretry: d\n";
        assert!(row(all, None).is_well());
        assert!(!row(all, Some("ended with 1")).is_well());
        for part in PARTS {
            let without = all.replace(&format!("{part}: "), "");
            assert!(!row(&without, None).is_well(), "{part}");
        }
    }
}
