//! What each problem means: the page behind the `type` of every problem document.

use std::fmt::Write;

use crate::api::problem::Code;

use super::{escape, text_page};

/// The page of all problems; each code is an anchor.
pub fn render() -> String {
    let mut rows = String::new();
    for code in Code::ALL {
        let again = if code.retryable() {
            "the same request may succeed later"
        } else {
            "not before something changes"
        };
        write!(
            rows,
            "<tr id=\"{0}\"><td><code>{0}</code></td><td>{1}</td><td>{2}</td><td>{3}</td></tr>",
            code.as_str(),
            code.status(),
            escape(code.title()),
            again
        )
        .expect("a string takes all that is written to it");
    }
    let body = include_str!("problems.html").replace("{{rows}}", &rows);
    text_page("Fareway problems", &body)
}
