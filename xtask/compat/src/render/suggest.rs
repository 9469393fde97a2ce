//! The version that a comparison calls for.

use std::io::{self, Write};

use super::plain;
use crate::judgement::Judgement;

/// Writes `major`, `minor`, `patch` or `none` on a line of its own, then the finding that calls for it.
///
/// # Errors
///
/// When the stream does not take it.
pub fn suggest(judgement: &Judgement<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (bump, judged) = judgement.bump();
    writeln!(out, "{}", bump.word())?;
    let Some(judged) = judged else {
        return writeln!(out, "nothing changed");
    };
    let finding = judged.finding;
    let text = format!(
        "{} [{}] {}: {}",
        judged.word(),
        finding.rule,
        finding.at(),
        finding.what
    );
    writeln!(out, "{}", plain(&text))?;
    match judgement.place(finding) {
        Some(place) => writeln!(out, "{}", plain(&place)),
        None => Ok(()),
    }
}
