//! What people and machines read of a [`Judgement`]. A format is one function here and one line of [`Format::ALL`]; what it says comes
//! from the findings, so that all formats say the same.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::judgement::Judgement;

mod curl;
mod exchange;
mod github;
mod json;
mod markdown;
pub mod rules;
mod suggest;
mod text;

pub use suggest::suggest;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

/// How a judgement is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal, with colours for streams that have them.
    Text,
    /// As `report.schema.json` describes it.
    Json,
    /// A changelog.
    Markdown,
    /// Annotations of a workflow on GitHub.
    Github,
    /// The witnesses as commands for sh.
    Curl,
}

impl Format {
    /// Every format with its name.
    pub const ALL: [(&str, Format); 5] = [
        ("text", Format::Text),
        ("json", Format::Json),
        ("markdown", Format::Markdown),
        ("github", Format::Github),
        ("curl", Format::Curl),
    ];
}

/// Writes a judgement.
///
/// # Errors
///
/// When the stream does not take it.
pub fn write(format: Format, judgement: &Judgement<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(judgement, out),
        Format::Json => json::write(judgement, out),
        Format::Markdown => markdown::write(judgement, out),
        Format::Github => github::write(judgement, out),
        Format::Curl => curl::write(judgement, out),
    }
}

/// Text of a document without what would steer a terminal or turn its direction.
fn plain(text: &str) -> Cow<'_, str> {
    let steers = |letter: char| {
        letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let letters = text.chars().flat_map(|letter| {
        let escaped = steers(letter).then(|| letter.escape_unicode());
        let kept = escaped.is_none().then_some(letter);
        escaped.into_iter().flatten().chain(kept)
    });
    Cow::Owned(letters.collect())
}

/// `1 break`, `2 breaks`.
fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}
