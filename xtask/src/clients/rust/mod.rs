//! Clients in Rust: a crate for each contract, with calls that are awaited.
//!
//! Each package stands alone, as it would be published. The journeys lie in a workspace of their own, so that two revisions of a
//! contract, which have one name, do not meet.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::api::Api;
use super::{Files, Workshop};

mod faults;
mod operations;
mod package;
mod readme;
mod schemas;

/// The programs that make journeys, by contract.
const JOURNEYS: [(&str, &str); 4] = [
    ("partner/v1", include_str!("journeys/partner_v1.rs")),
    ("private/v1", include_str!("journeys/private_v1.rs")),
    ("public/v1", include_str!("journeys/public_v1.rs")),
    ("public/v2", include_str!("journeys/public_v2.rs")),
];
/// The programs that go with the package of public v2: that of the landing page, and that of the project's README.
const EXAMPLES: [(&str, &str); 2] = [
    (
        "beginning",
        include_str!("../../../../src/edge/docs/clients/rust.rs"),
    ),
    (
        "hold_cheapest",
        include_str!("../../../../src/edge/docs/clients/hold_cheapest.rs"),
    ),
];

/// The server that the examples name.
const WRITTEN_FOR: &str = "\"http://127.0.0.1:8080\"";

fn examples(api: &Api) -> &'static [(&'static str, &'static str)] {
    match api.contract().as_str() {
        "public/v2" => &EXAMPLES,
        _ => &[],
    }
}

/// The files of a package.
///
/// # Errors
///
/// When two things would have one name, or the package would lack something of its contract.
pub fn package(api: &Api) -> Result<Files> {
    let mut files = package::files(api)?;
    for (name, text) in examples(api) {
        let other = files.insert(format!("examples/{name}.rs"), (*text).to_owned());
        ensure!(other.is_none(), "two examples are called {name}");
    }
    faults::look(&api.document, &files).with_context(|| api.folder())?;
    Ok(files)
}

/// Compiles the packages, lets clippy read them, runs their own tests and the programs of their READMEs' examples, and builds the journeys.
pub fn compile(workshop: &Workshop, apis: &[Api]) -> Result<()> {
    let mut files = Files::new();
    for api in apis {
        let folder = api.folder();
        let contract = api.contract();
        let journey = JOURNEYS.iter().find(|(name, _)| *name == contract);
        let (_, journey) = journey.with_context(|| {
            format!("{contract} has no journey; write it in xtask/src/clients/rust/journeys and name it in mod.rs there")
        })?;
        files.insert(format!("{folder}/Cargo.toml"), journey_manifest(api));
        files.insert(format!("{folder}/src/main.rs"), (*journey).to_owned());
        for (name, text) in examples(api) {
            // Where they run, the server is another one.
            let placed = text.replace(WRITTEN_FOR, "std::env::var(\"FAREWAY_URL\")?");
            files.insert(
                format!("{folder}/src/bin/{}-{name}.rs", journey_name(api)),
                placed,
            );
        }
    }
    let folders: Vec<String> = apis.iter().map(Api::folder).collect();
    files.insert(
        "Cargo.toml".to_owned(),
        format!("[workspace]\nmembers = {folders:?}\nresolver = \"3\"\n"),
    );
    workshop.write("journeys", files)?;
    // Clippy judges the packages as it would anywhere, and not by the rules of this repository.
    fs::write(workshop.folder.join("clippy.toml"), "")?;
    for folder in &folders {
        cargo(workshop, folder, &["clippy", "--quiet", "--all-targets"])?;
        cargo(workshop, folder, &["test", "--quiet"])?;
    }
    cargo(workshop, "journeys", &["build", "--quiet", "--workspace"])
}

/// The journey.
pub fn journey(workshop: &Workshop, api: &Api) -> Result<Command> {
    let programs = workshop.folder.join("../build/debug");
    let mut journey = Command::new(programs.join(journey_name(api)));
    // What was not as expected says enough.
    journey.env("RUST_BACKTRACE", "0");
    Ok(journey)
}

/// The programs of the landing page and of the project's README.
pub fn shown(workshop: &Workshop, api: &Api) -> Vec<Command> {
    let programs = workshop.folder.join("../build/debug");
    let program = |name: &str| Command::new(programs.join(format!("{}-{name}", journey_name(api))));
    examples(api)
        .iter()
        .map(|(name, _)| program(name))
        .collect()
}

fn journey_name(api: &Api) -> String {
    format!("journey-{}", api.folder().replace('.', "-"))
}

fn journey_manifest(api: &Api) -> String {
    let (name, package, folder) = (journey_name(api), package::name(api), api.folder());
    format!(
        r#"[package]
name = "{name}"
edition = "2024"
publish = false

[dependencies]
{package} = {{ path = "../../{folder}" }}
tokio = {{ version = "1", features = ["macros", "rt-multi-thread"] }}
"#
    )
}

/// Runs cargo in a folder of the workshop, with the versions that the server is built with; what it builds, all share.
fn cargo(workshop: &Workshop, folder: &str, args: &[&str]) -> Result<()> {
    let folder = workshop.folder.join(folder);
    fs::copy(workshop.root.join("Cargo.lock"), folder.join("Cargo.lock"))
        .context("cannot copy Cargo.lock")?;
    let mut command = Command::new(env!("CARGO"));
    command
        .args(args)
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", workshop.folder.join("../build"))
        // Nobody steps through them, and without it they are built in less time and space.
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .env("RUSTFLAGS", "-Dwarnings");
    workshop.tool(&mut command, "cargo is missing: install Rust")?;
    Ok(())
}
