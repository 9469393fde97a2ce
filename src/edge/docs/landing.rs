//! The landing page: what this is, the contracts of the door, and a tour by curl that works by copy and paste.

use std::fmt::Write;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Contract, Pages, Sandbox, escape, page};

/// The tour, as it stands in the README; `{{base}}` and `{{key}}` are filled in.
pub const TOUR: &str = include_str!("tour.sh");
/// That of staff: `{{base}}`, `{{client}}` and `{{secret}}` are filled in.
pub const STAFF_TOUR: &str = include_str!("staff-tour.sh");

/// The beginning of each language: its name, its package, and the program.
const CLIENTS: [(&str, &str, &str); 3] = [
    ("Rust", "fareway-public-v2", include_str!("clients/rust.rs")),
    (
        "TypeScript",
        "@fareway/public-v2",
        include_str!("clients/typescript.ts"),
    ),
    (
        "Python",
        "fareway-public-v2",
        include_str!("clients/python.py"),
    ),
];
/// The address that the programs are written for.
const WRITTEN_FOR: &str = "http://127.0.0.1:8080";

/// The page.
pub fn render(pages: &Pages) -> String {
    let mut contracts = String::new();
    for contract in &pages.contracts {
        let summary = contract.summary();
        let follows = summary
            .successor
            .as_ref()
            .map_or_else(String::new, |successor| {
                let guide = successor.trim_start_matches('/').replace('/', "-");
                format!(
                    " · followed by <a href=\"/migration/{}\">{}</a>",
                    escape(&guide),
                    escape(successor)
                )
            });
        write!(
            contracts,
            "<article><h3>{title} v{major} <span class=\"badge {status}\">{badge}</span></h3>\
             <p>{what}</p>\
             <p>{audience}/v{major} · revision {revision} · {operations} operations{follows}</p>\
             <p class=\"links\"><a class=\"button\" href=\"/docs/?urls.primaryName={entry}\">Swagger UI</a> <a href=\"{path}.json\">JSON</a> <a href=\"{path}.yaml\">YAML</a></p></article>",
            title = escape(&summary.title),
            what = escape(&summary.summary),
            status = escape(&summary.status),
            badge = escape(&summary.badge()),
            audience = contract.audience,
            major = contract.major,
            revision = escape(&summary.revision),
            operations = summary.operations,
            entry = utf8_percent_encode(&summary.entry(), NON_ALPHANUMERIC),
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
    let (credentials, tour) = pages.sandbox.map_or_else(
        || {
            (
                "<p>The sandbox is switched off here.</p>".to_owned(),
                String::new(),
            )
        },
        |sandbox| (credentials(pages, &sandbox), tour(pages, &sandbox)),
    );
    let body = include_str!("landing.html")
        .replace("{{lead}}", pages.lead)
        .replace("{{contracts}}", &contracts)
        .replace("{{world}}", &world)
        .replace("{{credentials}}", &credentials)
        .replace("{{tour}}", &escape(&tour))
        .replace("{{clients}}", &clients(pages));
    page("Fareway", include_str!("landing.css"), &body)
}

/// How each language begins, where developers come in; `cargo xtask clients` runs these programs.
fn clients(pages: &Pages) -> String {
    if !pages
        .contracts
        .iter()
        .any(|contract| contract.audience == "public")
    {
        return String::new();
    }
    let mut text = "<h2>From your own program</h2><p class=\"small\">Typed clients of every contract, which page, retry safely and know every \
        problem by its code: <code>cargo xtask clients rust typescript python</code> makes the packages in <code>target/clients</code>.</p>"
        .to_owned();
    for (language, package, program) in CLIENTS {
        let program = program.trim().replace(WRITTEN_FOR, &pages.base_url);
        write!(
            text,
            "<h3>{language} · <code>{package}</code></h3><pre>{}</pre>",
            escape(&program)
        )
        .expect("a string takes all that is written to it");
    }
    text
}

/// How each contract of the door is tried out.
fn credentials(pages: &Pages, sandbox: &Sandbox) -> String {
    let (id, secret) = sandbox.client;
    let mut text = String::new();
    if let Some(key) = sandbox.key {
        text.push_str(&format!(
            "<p>The public sandbox key, already in place in Swagger UI: <code class=\"key\">{key}</code></p>"
        ));
    }
    let by_token = pages.contracts.iter().map(Contract::summary);
    for contract in by_token.filter(|summary| !summary.scopes.is_empty()) {
        text.push_str(&format!(
            "<p>The sandbox client of the {}: <code>{id}</code> with the secret <code>{secret}</code>, already in the \
             <i>Authorize</i> dialogue of Swagger UI.</p>",
            escape(&contract.title)
        ));
    }
    text
}

fn tour(pages: &Pages, sandbox: &Sandbox) -> String {
    let (id, secret) = sandbox.client;
    pages
        .tour
        .replace("{{base}}", &pages.base_url)
        .replace("{{key}}", sandbox.key.unwrap_or_default())
        .replace("{{client}}", id)
        .replace("{{secret}}", secret)
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
