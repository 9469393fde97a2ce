//! Writes the README of a package; its programs are tests of the package.

use heck::ToSnakeCase;

use super::package::{fitting, name};
use crate::clients::api::{Api, Credential, Operation};

/// What comes next in public v2.
const HOLD: &str = include_str!("../../../../src/edge/docs/clients/hold_cheapest.rs");
const TEMPLATE: &str = include_str!("readme.md");
/// The first program of public v2.
const THREE_LINES: &str = include_str!("../../../../src/edge/docs/clients/rust.rs");

/// The file's content.
pub fn text(api: &Api) -> String {
    let is_key = api.credential == Credential::Key;
    let mut text = fitting(api, TEMPLATE);
    let reads = |it: &&Operation| {
        it.demanded.len() == 1 && it.optional.iter().any(|it| it.name == "If-None-Match")
    };
    let lists = |it: &&Operation| it.page.is_some() && it.demanded.is_empty();
    let method = |operation: Option<&Operation>| operation.map(|it| it.id.to_snake_case());
    let read = api.operations.iter().find(reads);
    let list = method(api.operations.iter().find(lists));
    let package = name(api);
    let values = [
        ("start", Some(start(api, list.as_deref()))),
        ("crate", Some(package.to_snake_case())),
        ("package", Some(package)),
        ("title", Some(api.title.clone())),
        ("version", Some(api.version.to_string())),
        (
            "folder",
            Some(format!("target/clients/rust/{}", api.folder())),
        ),
        ("hold", Some(HOLD.trim_end().to_owned())),
        ("sunset", api.sunset.clone()),
        (
            "and_token",
            Some(if is_key { "" } else { " and token" }.to_owned()),
        ),
        ("read_answer", read.and_then(|read| read.answer.clone())),
        ("read", method(read)),
        ("list", list),
        ("keyed", method(api.operations.iter().find(|it| it.keyed))),
        ("payload", api.payload.clone()),
    ];
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), &value.unwrap_or_default());
    }
    text
}

/// The first program.
fn start(api: &Api, list: Option<&str>) -> String {
    if api.contract() == "public/v2" {
        return THREE_LINES.trim_end().to_owned();
    }
    let credential = match api.credential {
        Credential::Key => "\"sk_test_…\"",
        Credential::Client => "\"cli_test_…\", \"cs_test_…\"",
    };
    let list = list.unwrap_or_default();
    format!(
        r#"use {{crate}}::Client;

#[tokio::main]
async fn main() -> {{crate}}::Result<()> {{
    let fareway = Client::new("https://fareway.example.com", {credential})?;
    let page = fareway.{list}().await?;
    println!("{{page:?}}");
    Ok(())
}}"#
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use regex::Regex;

    use crate::clients::api;

    #[test]
    fn every_blank_of_a_readme_is_filled_in() {
        let blank = Regex::new("[{][a-z_]+[}]").expect("a pattern");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        for api in api::all(root.expect("a root")).expect("contracts") {
            let text = super::text(&api);
            // What stands in braces in quotation marks is a program's.
            let left = text.lines().filter(|line| !line.contains("println!"));
            let left: Vec<&str> = left.filter(|line| blank.is_match(line)).collect();
            assert!(left.is_empty(), "{}: {left:?}", api.folder());
            let version = format!("revision {}", api.version);
            assert!(text.contains(&version), "{}", api.folder());
        }
    }
}
