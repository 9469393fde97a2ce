//! For a terminal of 80 columns. Colours come as escapes; a stream without colours strips them.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use textwrap::{Options, WordSplitter, wrap};

use super::exchange::{self, short};
use super::{count, plain};
use crate::judgement::{Bump, Judged, Judgement, Standing};
use crate::report::{Proof, Severity, Verdict};

const WIDTH: usize = 80;

/// Where texts begin.
const INDENT: usize = 12;

/// Operations and wordings that are named before the rest is counted.
const NAMED_MAX: usize = 6;

const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const MAGENTA: Style = AnsiColor::Magenta.on_default();
pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();

/// Writes the findings one after another, what became of the other operations, and the sum of all.
pub fn write(judgement: &Judgement<'_>, out: &mut dyn Write) -> io::Result<()> {
    let is_worded = |judged: &&Judged<'_>| judged.finding.severity == Severity::Worded;
    let all = judgement.findings.iter();
    for judged in all.clone().filter(|judged| !is_worded(judged)) {
        finding(judgement, judged, out)?;
        writeln!(out)?;
    }
    let worded: Vec<_> = all.filter(is_worded).collect();
    for (at, judged) in worded.iter().take(NAMED_MAX).enumerate() {
        let word = if at == 0 { judged.word() } else { "" };
        row(out, DIM, word, &judged.finding.what)?;
    }
    if worded.len() > NAMED_MAX {
        row(
            out,
            DIM,
            "",
            &format!("and {} more", worded.len() - NAMED_MAX),
        )?;
    }
    if !worded.is_empty() {
        writeln!(out)?;
    }
    operations(judgement, out)?;
    summary(judgement, out)
}

/// A label and its text, wrapped.
pub fn row(out: &mut dyn Write, style: Style, label: &str, text: &str) -> io::Result<()> {
    let text = plain(text);
    let options = Options::new(WIDTH - INDENT)
        .break_words(true)
        .word_splitter(WordSplitter::NoHyphenation);
    for (at, line) in wrap(&text, options).iter().enumerate() {
        match at {
            0 => writeln!(out, "{style}{label:INDENT$}{style:#}{line}")?,
            _ => writeln!(out, "{:INDENT$}{line}", "")?,
        }
    }
    Ok(())
}

fn style(judged: &Judged<'_>) -> Style {
    match (judged.standing, judged.finding.severity) {
        (Standing::Fails, _) => RED,
        (Standing::Open, _) => MAGENTA,
        (Standing::Waived(_), _) | (_, Severity::Deprecating) => YELLOW,
        (_, Severity::Worded) => DIM,
        _ => GREEN,
    }
}

pub fn finding(
    judgement: &Judgement<'_>,
    judged: &Judged<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let finding = judged.finding;
    row(out, style(judged), judged.word(), &finding.at())?;
    row(
        out,
        DIM,
        "",
        &format!("{} [{}]", finding.what, finding.rule),
    )?;
    let mut label = |label: &str, text: &str| row(out, DIM, &format!("  {label}"), text);
    if let Some(spot) = &finding.base {
        label("base", &judgement.base.place(&spot.place))?;
    }
    if let Some(spot) = &finding.revision {
        label("revision", &judgement.revision.place(&spot.place))?;
    }
    if matches!(judged.standing, Standing::Passes) {
        return Ok(());
    }
    if !finding.trail.is_empty() {
        label("through", &finding.trail.join(" → "))?;
    }
    if finding.reach.len() > 1 {
        let named = finding.reach.len().min(NAMED_MAX);
        let mut reach = finding.reach[..named].join(", ");
        if named < finding.reach.len() {
            reach = format!("{reach} and {} more", finding.reach.len() - named);
        }
        label("reaches", &reach)?;
    }
    if let Some(reason) = &finding.reason {
        label("because", reason)?;
    }
    match &finding.proof {
        Proof::Argued(why) => label("argued", why)?,
        Proof::Undecided(why) => label("undecided", &format!("counts as a break: {why}"))?,
        Proof::Witness(witness) => {
            label("proof", &witness.says)?;
            writeln!(out)?;
            for line in exchange::lines(finding, &witness.exchange, WIDTH - INDENT - 4) {
                match line.counts {
                    true => writeln!(out, "{:INDENT$}{RED}{} ←{RED:#}", "", line.text)?,
                    false if line.text.is_empty() => writeln!(out)?,
                    false => writeln!(out, "{:INDENT$}{}", "", line.text)?,
                }
            }
            writeln!(out)?;
        }
    }
    let mut label = |label: &str, text: &str| row(out, DIM, &format!("  {label}"), text);
    match (judged.standing, finding.sunset) {
        (Standing::Announced(day), _) => label("sunset", &format!("{day}, which has come"))?,
        (_, Some(day)) => label("sunset", &format!("it may go from {day} on"))?,
        _ => {}
    }
    match judged.standing {
        Standing::Announced(_) => Ok(()),
        Standing::Waived(waiver) => {
            let text = format!(
                "{} ({}, until {})",
                waiver.reason, waiver.owner, waiver.expires
            );
            label("waiver", &text)
        }
        _ => label("instead", &finding.fix),
    }
}

/// Operations that changed and break nobody.
fn operations(judgement: &Judgement<'_>, out: &mut dyn Write) -> io::Result<()> {
    let kept = judgement
        .operations
        .iter()
        .filter_map(|(name, verdict)| match verdict {
            Verdict::Breaks => None,
            Verdict::Proved => Some((name, "proved".to_owned())),
            Verdict::Sampled(samples) => {
                Some((name, count(*samples as usize, "sample", "samples")))
            }
        });
    let kept: Vec<(&String, String)> = kept.collect();
    for (at, (name, how)) in kept.iter().take(NAMED_MAX).enumerate() {
        let label = if at == 0 { "compatible" } else { "" };
        let name = short(name, WIDTH - INDENT - 13);
        row(out, GREEN, label, &format!("{name} ({how})"))?;
    }
    if kept.len() > NAMED_MAX {
        row(
            out,
            DIM,
            "",
            &format!("and {} more", kept.len() - NAMED_MAX),
        )?;
    }
    match kept.is_empty() {
        true => Ok(()),
        false => writeln!(out),
    }
}

/// How many findings there are of each word, in the order of gravity.
pub fn counts(judgement: &Judgement<'_>) -> String {
    let words = [
        "breaking",
        "to decide",
        "waived",
        "announced",
        "new",
        "deprecated",
        "wording",
    ];
    let counted = words.iter().filter_map(|word| {
        let found = judgement
            .findings
            .iter()
            .filter(|judged| judged.word() == *word)
            .count();
        (found > 0).then(|| format!("{found} {word}"))
    });
    counted.collect::<Vec<_>>().join(", ")
}

fn summary(judgement: &Judgement<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (bump, _) = judgement.bump();
    let version = match bump {
        Bump::None if judgement.operations.is_empty() => {
            return writeln!(out, "{GREEN}nothing changed{GREEN:#}: the version stays");
        }
        Bump::None => "no other version".to_owned(),
        bump => format!("the next {} version", bump.word()),
    };
    let changed = judgement.operations;
    let of = |wanted: fn(&Verdict) -> bool| {
        changed
            .iter()
            .filter(|(_, verdict)| wanted(verdict))
            .count()
    };
    let (breaks, proved) = (
        of(|verdict| *verdict == Verdict::Breaks),
        of(|verdict| *verdict == Verdict::Proved),
    );
    let sampled = changed.len() - breaks - proved;
    match counts(judgement) {
        none if none.is_empty() => {
            writeln!(out, "nothing was found that changes what is exchanged")?
        }
        counts => writeln!(out, "{BOLD}{counts}{BOLD:#}")?,
    }
    if !changed.is_empty() {
        let operations = count(changed.len(), "operation", "operations");
        let parts = [
            (breaks, "with breaks"),
            (proved, "proved compatible"),
            (sampled, "sampled"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, how)| format!("{number} {how}"))
            .collect();
        writeln!(out, "{operations} changed: {}", parts.join(", "))?;
    }
    let (style, word) = match judgement.fails() {
        true => (RED, "breaking"),
        false => (GREEN, "compatible"),
    };
    writeln!(out, "{style}{word}{style:#}: calls for {version}")
}
