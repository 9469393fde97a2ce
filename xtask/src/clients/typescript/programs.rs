//! Programs that use a package as its users do: they import what was packed, by its name.

use anyhow::{Context, Result};
use serde_json::json;

use super::{manifest, readme};
use crate::clients::Files;
use crate::clients::api::Api;

/// The journey of each contract, and how its readme begins.
const CONTRACTS: [(&str, &str, &str); 4] = [
    (
        "partner/v1",
        include_str!("journeys/partner_v1.ts"),
        include_str!("examples/partner_v1.ts"),
    ),
    (
        "private/v1",
        include_str!("journeys/private_v1.ts"),
        include_str!("examples/private_v1.ts"),
    ),
    (
        "public/v1",
        include_str!("journeys/public_v1.ts"),
        include_str!("examples/public_v1.ts"),
    ),
    ("public/v2", include_str!("journeys/public_v2.ts"), SHOWN),
];

/// What the landing page shows.
const SHOWN: &str = include_str!("../../../../src/edge/docs/clients/typescript.ts");

/// What the journeys share.
const SHOW: &str = include_str!("journeys/show.ts");

const HOLD_CHEAPEST: &str = include_str!("../../../../src/edge/docs/clients/hold_cheapest.ts");

/// What comes after the beginning of public v2: the rest of the program that holds an offer.
pub fn hold(api: &Api) -> Option<&'static str> {
    let at = HOLD_CHEAPEST
        .find("for await")
        .filter(|_| api.contract() == "public/v2");
    at.map(|at| &HOLD_CHEAPEST[at..])
}

/// The folder of the programs of a contract.
pub fn folder(api: &Api) -> String {
    format!("programs/{}", api.folder())
}

/// The shortest program that does something, which begins the readme.
///
/// # Errors
///
/// When the contract has none.
pub fn beginning(api: &Api) -> Result<&'static str> {
    Ok(of(api)?.1)
}

fn of(api: &Api) -> Result<(&'static str, &'static str)> {
    let contract = api.contract();
    let found = CONTRACTS.iter().find(|(name, ..)| *name == contract);
    let file = contract.replace('/', "_");
    let (_, journey, beginning) = found.with_context(|| {
        format!(
            "the contract {contract} has no journey in TypeScript: write journeys/{file}.ts and examples/{file}.ts in \
             xtask/src/clients/typescript, and name them in programs.rs"
        )
    })?;
    Ok((journey, beginning))
}

/// The programs of a contract.
///
/// # Errors
///
/// When the contract has no journey.
pub fn files(api: &Api) -> Result<Files> {
    let (journey, beginning) = of(api)?;
    let mut options = manifest::strict();
    options["lib"] = json!(["es2023"]);
    options["types"] = json!(["node"]);
    options["rootDir"] = json!("src");
    options["outDir"] = json!("build");
    options["tsBuildInfoFile"] = json!("build/programs.tsbuildinfo");
    let compiler = json!({"compilerOptions": options, "include": ["src"]});
    let package = json!({"name": "programs", "private": true, "type": "module"});
    let mut files = Files::from([
        ("package.json".to_owned(), manifest::pretty(&package)?),
        ("tsconfig.json".to_owned(), manifest::pretty(&compiler)?),
        ("src/show.ts".to_owned(), SHOW.to_owned()),
        ("src/journey.ts".to_owned(), journey.to_owned()),
        ("src/beginning.ts".to_owned(), placed(beginning)),
        (
            "src/readme.ts".to_owned(),
            readme::program(&readme::file(api)?),
        ),
    ]);
    if api.contract() == "public/v2" {
        files.insert("src/hold_cheapest.ts".to_owned(), placed(HOLD_CHEAPEST));
    }
    Ok(files)
}

/// An example that finds its server in the environment.
fn placed(example: &str) -> String {
    let address = "url: \"http://127.0.0.1:808";
    example.replace(
        address,
        &format!("url: process.env[\"FAREWAY_URL\"] ?? {}", &address[5..]),
    )
}
