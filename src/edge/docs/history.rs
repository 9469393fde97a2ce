//! What changed, for people: the changelog of the contracts of a door, and the guides from one major to the next.

use std::fmt::Write;

use pulldown_cmark::{Options, Parser, html};

use super::{Contract, text_page};

/// The changelog of all contracts, as it is kept beside them.
const CHANGELOG: &str = include_str!("../../../openapi/CHANGELOG.md");

/// The guides from one major to the next, as they are kept beside the contracts.
const GUIDES: &[Guide] = &[Guide {
    audience: "public",
    major: 2,
    text: include_str!("../../../openapi/MIGRATION-public-v2.md"),
}];

/// How clients of a major get to the next.
pub struct Guide {
    audience: &'static str,
    major: u32,
    text: &'static str,
}

impl Guide {
    /// Where it is served.
    pub fn path(&self) -> String {
        format!("/migration/{}-v{}", self.audience, self.major)
    }

    /// The page.
    pub fn render(&self) -> String {
        page("Migration guide", self.text)
    }

    /// Its name as a file, as the changelog links to it.
    fn file(&self) -> String {
        format!("MIGRATION-{}-v{}.md", self.audience, self.major)
    }
}

/// The guides to the contracts of a door.
pub fn guides(contracts: &[Contract]) -> impl Iterator<Item = &'static Guide> {
    GUIDES.iter().filter(|guide| {
        let follows = |contract: &Contract| {
            contract.audience == guide.audience && contract.major == guide.major
        };
        contracts.iter().any(follows)
    })
}

/// The changelog, of the contracts that this door keeps only.
pub fn changelog(contracts: &[Contract]) -> String {
    let mut parts = CHANGELOG.split("\n## ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // A heading names the audience first: `Public v2`.
        let audience = part.split_whitespace().next().unwrap_or_default();
        let kept = |contract: &Contract| contract.audience.eq_ignore_ascii_case(audience);
        if contracts.iter().any(kept) {
            write!(text, "\n## {part}").expect("a string takes all that is written to it");
        }
    }
    for guide in guides(contracts) {
        text = text.replace(&guide.file(), &guide.path());
    }
    page("Changelog", &text)
}

/// A page of a text in Markdown that stands in this repository.
fn page(title: &str, markdown: &str) -> String {
    let mut body = String::new();
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    html::push_html(&mut body, parser);
    text_page(&format!("Fareway: {title}"), &body)
}
