//! A changelog for those who use the contract: what breaks, by operation, with an exchange that shows it; then what is new.

use std::io::{self, Write};

use super::exchange::{self, Line};
use super::{count, plain};
use crate::judgement::{Bump, Judged, Judgement, Standing};
use crate::report::{Proof, Severity};

/// How wide examples are.
const WIDTH: usize = 88;

/// Operations that are named before the rest is counted.
const NAMED_MAX: usize = 4;

/// The sections, each with the words of findings that belong to it.
const SECTIONS: [(&str, &str); 7] = [
    ("breaking", "Breaking"),
    ("to decide", "To decide"),
    ("waived", "Breaking, and taken on"),
    ("announced", "Gone as announced"),
    ("new", "New"),
    ("deprecated", "Deprecated"),
    ("wording", "Wording"),
];

/// Writes the changelog.
pub fn write(judgement: &Judgement<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "# From `{}` to `{}`\n",
        plain(&judgement.base.name),
        plain(&judgement.revision.name)
    )?;
    let breaks = judgement
        .findings
        .iter()
        .filter(|judged| judged.fails())
        .count();
    match judgement.bump() {
        (Bump::None, _) => return writeln!(out, "Nothing changed."),
        (Bump::Major, _) => {
            let changes = count(breaks, "change breaks", "changes break");
            writeln!(
                out,
                "{changes} existing clients: this calls for a new major version."
            )?;
        }
        (Bump::Minor, _) => writeln!(out, "No client breaks: this calls for a new minor version.")?,
        (Bump::Patch, _) => writeln!(
            out,
            "Only the wording differs: this calls for a new patch version."
        )?,
    }
    for (word, title) in SECTIONS {
        let found = judgement
            .findings
            .iter()
            .filter(|judged| judged.word() == word);
        let found: Vec<&Judged<'_>> = found.collect();
        if !found.is_empty() {
            writeln!(out, "\n## {title}\n")?;
            section(&found, out)?;
        }
    }
    Ok(())
}

/// The findings of a section under the operations that they reach first.
fn section(found: &[&Judged<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut heads: Vec<&str> = Vec::new();
    for judged in found {
        let head = head(judged);
        if !heads.contains(&head) {
            heads.push(head);
        }
    }
    for (at, wanted) in heads.iter().enumerate() {
        let here: Vec<_> = found
            .iter()
            .filter(|judged| head(judged) == *wanted)
            .collect();
        if here
            .iter()
            .any(|judged| judged.finding.severity != Severity::Worded)
        {
            let gap = if at > 0 { "\n" } else { "" };
            let name = match *wanted {
                "" => "The contract".to_owned(),
                name => format!("`{}`", plain(name)),
            };
            writeln!(out, "{gap}### {name}\n")?;
        }
        for judged in here {
            entry(judged, out)?;
        }
    }
    Ok(())
}

/// The operation that a finding stands under; none for what is only worded.
fn head<'j>(judged: &Judged<'j>) -> &'j str {
    match judged.finding.severity {
        Severity::Worded => "",
        _ => judged.finding.reach.first().map_or("", String::as_str),
    }
}

fn entry(judged: &Judged<'_>, out: &mut dyn Write) -> io::Result<()> {
    let finding = judged.finding;
    let place = match finding.place.split_once(" /") {
        None if finding.place.is_empty() => String::new(),
        None => format!("**{}**: ", text(&finding.place)),
        Some((part, pointer)) => format!("**{}** `/{}`: ", text(part), plain(pointer)),
    };
    let is_worded = finding.severity == Severity::Worded;
    let reach = match finding.reach.len() {
        0 | 1 => String::new(),
        _ if is_worded => String::new(),
        length => {
            let others = &finding.reach[1..length.min(NAMED_MAX + 1)];
            let others: Vec<String> = others
                .iter()
                .map(|name| format!("`{}`", plain(name)))
                .collect();
            let more = match length - 1 - others.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!(" Also {}{more}.", others.join(", "))
        }
    };
    writeln!(out, "- {place}{}.{reach}", text(&finding.what))?;
    let is_shown = !matches!(judged.standing, Standing::Passes | Standing::Announced(_));
    if is_shown {
        if let Some(reason) = &finding.reason {
            writeln!(out, "  Why: {}.", text(reason))?;
        }
        match &finding.proof {
            Proof::Argued(why) => writeln!(out, "  No exchange shows it: {}.", text(why))?,
            Proof::Undecided(why) => {
                writeln!(
                    out,
                    "  It could not be decided and counts as a break: {}.",
                    text(why)
                )?;
            }
            Proof::Witness(witness) => {
                writeln!(out, "  For example, {}:\n", text(&witness.says))?;
                fenced(&exchange::lines(finding, &witness.exchange, WIDTH), out)?;
            }
        }
    }
    match (judged.standing, finding.sunset) {
        (Standing::Waived(waiver), _) => writeln!(
            out,
            "  Taken on by {}: {}.",
            text(&waiver.owner),
            text(&waiver.reason)
        ),
        (Standing::Announced(day), _) => writeln!(out, "  It was announced for {day}."),
        (_, Some(day)) => writeln!(out, "  It may go from {day} on."),
        _ => Ok(()),
    }
}

/// The lines in a fence that none of them closes.
fn fenced(lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    let ticks = |line: &Line| {
        let runs = line.text.split(|letter| letter != '`').map(str::len);
        runs.max().unwrap_or(0)
    };
    let most = lines.iter().map(ticks).max().unwrap_or(0);
    let fence = "`".repeat(3.max(most + 1));
    writeln!(out, "  {fence}http")?;
    for line in lines {
        let mark = if line.counts { "  ←" } else { "" };
        match line.text.as_str() {
            "" => writeln!(out)?,
            text => writeln!(out, "  {text}{mark}")?,
        }
    }
    writeln!(out, "  {fence}")
}

/// Text that Markdown takes as it is, but for what stands between backticks.
fn text(text: &str) -> String {
    let text = plain(text);
    let is_balanced = text.matches('`').count().is_multiple_of(2);
    let mut in_code = false;
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '`' if is_balanced => in_code = !in_code,
            '`' | '*' | '_' | '<' | '>' | '[' | ']' | '|' | '\\' | '&' if !in_code => {
                out.push('\\')
            }
            _ => {}
        }
        out.push(letter);
    }
    out
}
