//! The landing page: what this is, the contracts of the door, and a tour by curl that works by copy and paste.

use std::fmt::Write;

use super::{Pages, escape};

/// The tour, as it stands in the README; `{{base}}` and `{{key}}` are filled in.
pub const TOUR: &str = include_str!("tour.sh");

/// The page.
pub fn render(pages: &Pages) -> String {
    let mut contracts = String::new();
    for contract in &pages.contracts {
        let summary = contract.summary();
        write!(
            contracts,
            "<article><h3>{title} <span class=\"badge {status}\">{status}</span></h3>\
             <p>{audience}/v{major} · revision {revision} · {operations} operations</p>\
             <p class=\"links\"><a class=\"button\" href=\"/docs/\">Swagger UI</a> <a href=\"{path}.json\">JSON</a> <a href=\"{path}.yaml\">YAML</a></p></article>",
            title = escape(&summary.title),
            status = escape(&summary.status),
            audience = contract.audience,
            major = contract.major,
            revision = escape(&summary.revision),
            operations = summary.operations,
            path = contract.path(),
        )
        .expect("a string takes all that is written to it");
    }
    let world = pages.world.as_ref().map_or_else(
        || "The world of flights is served by another process.".to_owned(),
        |world| {
            format!(
                "<b>{}</b> airlines, <b>{}</b> airports and <b>{}</b> flights a week are loaded.",
                grouped(world.airlines as u64),
                grouped(world.airports as u64),
                grouped(world.weekly_flights)
            )
        },
    );
    let (key, tour) = pages.sandbox_key.map_or_else(
        || ("<p>The sandbox is switched off here.</p>".to_owned(), String::new()),
        |key| {
            let tour = TOUR.replace("{{base}}", &pages.base_url).replace("{{key}}", key);
            (
                format!("<p>The sandbox key, already in place in Swagger UI: <code class=\"key\">{key}</code></p>"),
                format!("<pre id=\"tour\">{}</pre>", escape(&tour)),
            )
        },
    );
    include_str!("landing.html")
        .replace("{{contracts}}", &contracts)
        .replace("{{world}}", &world)
        .replace("{{key}}", &key)
        .replace("{{tour}}", &tour)
}

/// A number with thousands set apart: 1 234 567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1\u{202f}000"),
            (1_234_567, "1\u{202f}234\u{202f}567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
