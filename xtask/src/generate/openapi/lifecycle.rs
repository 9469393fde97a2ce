//! What a contract says of its own end and of its operations': the program turns it into headers as it stands, so it must be right.

use jiff::civil::Date;

use crate::finding::Finding;
use crate::spec::Document;

/// Checks `info.x-lifecycle`; a contract without one is current.
pub fn contract(document: &Document) -> Result<(), Finding> {
    let at = "/info/x-lifecycle";
    let Some(lifecycle) = document.get(at) else {
        return Ok(());
    };
    match lifecycle["status"].as_str() {
        Some("current") => Ok(()),
        Some("deprecated") => {
            for member in ["deprecated", "sunset"] {
                date(document, at, member)?;
            }
            path(document, at, "successor")
        }
        _ => Err(document.finding(
            at,
            "a lifecycle without a known status",
            "write `status: current` or `status: deprecated`",
        )),
    }
}

/// Checks the dates of a deprecated operation.
pub fn operation(document: &Document, pointer: &str) -> Result<(), Finding> {
    if document.get(&format!("{pointer}/deprecated")) != Some(&true.into()) {
        return Ok(());
    }
    for member in ["x-deprecated-since", "x-sunset"] {
        date(document, pointer, member)?;
    }
    match document.get(&format!("{pointer}/x-successor")) {
        None => Ok(()),
        Some(_) => path(document, pointer, "x-successor"),
    }
}

fn date(document: &Document, at: &str, member: &str) -> Result<(), Finding> {
    let pointer = format!("{at}/{member}");
    let text = document.get(&pointer).and_then(|value| value.as_str());
    let Some(text) = text else {
        let what = format!("deprecated, without `{member}`");
        return Err(document.finding(at, what, format!("add `{member}: YYYY-MM-DD`")));
    };
    match text.parse::<Date>() {
        Ok(day) if day.to_string() == text => Ok(()),
        _ => {
            let what = format!("`{text}` is not a date");
            Err(document.finding(&pointer, what, "write YYYY-MM-DD"))
        }
    }
}

/// A path that can stand between the angle brackets of a `Link`.
fn path(document: &Document, at: &str, member: &str) -> Result<(), Finding> {
    let path = document.get(&format!("{at}/{member}"));
    let path = path.and_then(|path| path.as_str()).unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"');
    if path.starts_with('/') && path.bytes().all(fits) {
        return Ok(());
    }
    let what = format!("`{member}` is not a path");
    Err(document.finding(at, what, "say what comes after it, as in /public/v2"))
}
