//! Annotations of a workflow on GitHub: an error for what fails, a warning for what the owner has to decide, a notice for what is
//! waived; what breaks nobody is only counted.

use std::io::{self, Write};

use super::plain;
use super::text::counts;
use crate::judgement::{Judged, Judgement, Standing};
use crate::report::Proof;

/// Writes the annotations, and the sum as a line of the log.
pub fn write(judgement: &Judgement<'_>, out: &mut dyn Write) -> io::Result<()> {
    for judged in &judgement.findings {
        let level = match judged.standing {
            Standing::Fails => "error",
            Standing::Open => "warning",
            Standing::Waived(_) => "notice",
            Standing::Announced(_) | Standing::Passes => continue,
        };
        annotation(judgement, judged, level, out)?;
    }
    match judgement.bump() {
        (_, None) => writeln!(out, "nothing changed"),
        (bump, Some(_)) => writeln!(
            out,
            "{}: calls for the next {} version",
            counts(judgement),
            bump.word()
        ),
    }
}

fn annotation(
    judgement: &Judgement<'_>,
    judged: &Judged<'_>,
    level: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let finding = judged.finding;
    // An annotation has to stand in a file of the working tree: what is gone is shown at the head of the revision.
    let (file, line) = match &finding.revision {
        Some(spot) => (
            format!("{}{}", judgement.revision.prefix, spot.place.file),
            spot.place.line.max(1),
        ),
        None => (judgement.revision.name.clone(), 1),
    };
    let proof = match (&finding.proof, judged.standing) {
        (_, Standing::Waived(waiver)) => {
            format!(
                "waived by {} until {}: {}",
                waiver.owner, waiver.expires, waiver.reason
            )
        }
        (Proof::Witness(witness), _) => {
            let exchange = &witness.exchange;
            format!("{} {}: {}", exchange.method, exchange.url, witness.says)
        }
        (Proof::Argued(why), _) => format!("argued: {why}"),
        (Proof::Undecided(why), _) => format!("undecided: {why}"),
    };
    let text = format!(
        "{}: {}\n{proof}\nInstead: {}",
        finding.at(),
        finding.what,
        finding.fix
    );
    writeln!(
        out,
        "::{level} file={},line={line},title={}::{}",
        property(&file),
        property(&format!("{} [{}]", judged.word(), finding.rule)),
        data(&text)
    )
}

/// Escapes the message of a workflow command.
fn data(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| plain(line).replace('%', "%25"))
        .collect();
    lines.join("%0A")
}

/// Escapes a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
