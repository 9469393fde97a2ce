//! The README of a Python package. Its code is one program, which is type-checked with the package.

use anyhow::{Context, Result};

use super::operations::{gives, plural};
use super::text::name;
use super::{distribution, module};
use crate::clients::api::{Api, Credential, Operation};
use crate::clients::money;

/// What the landing page shows.
pub const SHOWN: &str = include_str!("../../../../src/edge/docs/clients/python.py");

/// What comes next in public v2.
const HOLD: &str = include_str!("../../../../src/edge/docs/clients/hold_cheapest.py");

/// What the reader of each contract wants first.
const FIRST: [(&str, &str); 4] = [
    ("partner/v1", include_str!("examples/availability.py")),
    ("private/v1", include_str!("examples/departures.py")),
    ("public/v1", include_str!("examples/search_v1.py")),
    ("public/v2", SHOWN),
];

/// The text of `README.md`.
///
/// # Errors
///
/// When the contract has nothing to show.
pub fn text(api: &Api) -> Result<String> {
    let contract = api.contract();
    let first = FIRST.iter().find(|(of, _)| *of == contract);
    let (_, first) = first.with_context(|| {
        format!("{contract} has no example: write one in xtask/src/clients/python/examples, and name it in readme.rs")
    })?;
    let find = |is_wanted: fn(&&Operation) -> bool, what: &str| {
        let found = api.operations.iter().find(is_wanted);
        found.with_context(|| format!("{contract} has no {what} for the README"))
    };
    let list = find(lists_all, "list")?;
    let read = find(reads_one, "operation with an ETag")?;
    let sunset = match &api.sunset {
        Some(day) => format!("That version is served until {day}. "),
        None => String::new(),
    };
    let credential = match api.credential {
        Credential::Key => "The key is sent in the header `Api-Key`.",
        Credential::Client => {
            "The client gets tokens for its secret by itself, each before the last one ends."
        }
    };
    let amounts = match money::of(api) {
        Some(_) => " `Money` is in minor units; as text it is in major ones: `498.10 GBP`.",
        None => "",
    };
    let wheel = format!(
        "target/clients/python/{}/dist/{}-{}-py3-none-any.whl",
        api.folder(),
        module(api),
        api.version
    );
    let filled = [
        ("FIRST", first.trim().to_owned()),
        ("HOLD", HOLD.trim().to_owned()),
        ("MONEY", amounts.to_owned()),
        ("WHEEL", wheel),
        ("DISTRIBUTION", distribution(api)),
        ("TITLE", api.title.clone()),
        ("VERSION", api.version.to_string()),
        ("SUNSET", sunset),
        ("CREDENTIAL", credential.to_owned()),
        ("MODULE", module(api)),
        ("ENTITY_ID", name(&read.demanded[0].name)),
        ("ENTITY", gives(read).to_owned()),
        ("READ", name(&read.id)),
        ("LIST", name(&list.id)),
        ("ITER", format!("iter_{}", plural(list))),
        ("CONTRACT", contract.clone()),
    ];
    let sections = include_str!("readme.md").split("\n## ");
    let is_fitting = |section: &&str| match section.split('\n').next() {
        Some("Hold an offer") => contract == "public/v2",
        Some("Webhooks") => api.payload.is_some(),
        _ => true,
    };
    let sections = sections.filter(is_fitting);
    let text = sections.collect::<Vec<_>>().join("\n## ");
    Ok(filled
        .iter()
        .fold(text, |text, (word, with)| text.replace(word, with)))
}

fn lists_all(operation: &&Operation) -> bool {
    operation.page.is_some() && operation.demanded.is_empty()
}

fn reads_one(operation: &&Operation) -> bool {
    let is_conditional = |parameter: &crate::generate::openapi::operation::Parameter| {
        parameter.name == "If-None-Match"
    };
    operation.demanded.len() == 1 && operation.optional.iter().any(is_conditional)
}
