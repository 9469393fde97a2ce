//! The landing page: what this is, the contracts of the door, and a tour by curl that works by copy and paste.

use std::fmt::Write;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Pages, Sandbox, escape, page};

/// The tour, as it stands in the README; `{{base}}` and `{{key}}` are filled in.
pub const TOUR: &str = include_str!("tour.sh");
/// That of staff: `{{base}}`, `{{client}}` and `{{secret}}` are filled in.
pub const STAFF_TOUR: &str = include_str!("staff-tour.sh");

/// How each language begins.
const CLIENTS: [Client; 3] = [
    Client {
        language: "Rust",
        package: "fareway-public-v2",
        install: "cargo add --path ../fareway/target/clients/rust/public-{version}\n\
                  cargo add tokio --features macros,rt-multi-thread",
        begin: include_str!("clients/rust.rs"),
        hold: include_str!("clients/hold_cheapest.rs"),
    },
    Client {
        language: "TypeScript",
        package: "@fareway/public-v2",
        install: "npm install ../fareway/target/clients/typescript/fareway-public-v2-{version}.tgz",
        begin: include_str!("clients/typescript.ts"),
        hold: include_str!("clients/hold_cheapest.ts"),
    },
    Client {
        language: "Python",
        package: "fareway-public-v2",
        install: "pip install ../fareway/target/clients/python/public-{version}/dist/fareway_public_v2-{version}-py3-none-any.whl",
        begin: include_str!("clients/python.py"),
        hold: include_str!("clients/hold_cheapest.py"),
    },
];
/// The address that the programs are written for.
const WRITTEN_FOR: &str = "http://127.0.0.1:8080";

/// What the page says of a language.
struct Client {
    language: &'static str,
    package: &'static str,
    install: &'static str,
    /// The first program: the cheapest price.
    begin: &'static str,
    /// The second one: the cheapest offer that may be held is held.
    hold: &'static str,
}

/// The page.
pub fn render(pages: &Pages) -> String {
    let mut contracts = String::new();
    for contract in &pages.contracts {
        let summary = contract.summary;
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
    let mut contracts = pages.contracts.iter();
    let Some(public) = contracts.find(|it| it.audience == "public" && it.major == 2) else {
        return String::new();
    };
    let mut text = include_str!("landing-clients.html").to_owned();
    for client in CLIENTS {
        let program = |text: &str| escape(&text.trim().replace(WRITTEN_FOR, &pages.base_url));
        let install = client
            .install
            .replace("{version}", &public.summary.revision);
        write!(
            text,
            "<h3>{} · <code>{}</code></h3><pre>{}</pre><pre>{}</pre>\
             <details><summary>Hold the cheapest offer that may be held</summary><pre>{}</pre></details>",
            client.language,
            client.package,
            escape(&install),
            program(client.begin),
            program(client.hold),
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
    let by_token = pages.contracts.iter().map(|contract| contract.summary);
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
