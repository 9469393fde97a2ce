//! The golden contract makes the golden client, and a client with a fault is refused.

use std::path::Path;

use super::super::Files;
use super::super::api::{self, Api};
use super::{faults, readme, sources};

fn files(api: &Api) -> Files {
    let sources = sources(api).expect("the contract makes a client");
    let sources = sources.into_iter();
    sources
        .map(|(name, contents)| (format!("src/{name}"), contents))
        .collect()
}

#[test]
fn the_golden_contract_makes_the_golden_client() {
    let files = files(&api::golden().expect("the golden contract"));
    let written = ["contract", "types", "options", "client", "index"];
    let written = written.map(|name| files[&format!("src/{name}.ts")].as_str());
    insta::with_settings!({ snapshot_path => "golden", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("client", written.join("\n"));
    });
}

#[test]
fn a_client_with_a_fault_is_refused() {
    let api = api::golden().expect("the golden contract");
    faults::look(&api, &files(&api)).expect("it has none");
    for (file, old, new, fault) in [
        (
            "src/client.ts",
            "headers: { \"If-None-Match\": options.ifNoneMatch },",
            "",
            "get /public/v9/things/{thing_id}: the client never sends If-None-Match",
        ),
        (
            "src/client.ts",
            "keyed: true,",
            "",
            "post /public/v9/things: the client never sends Idempotency-Key",
        ),
        (
            "src/client.ts",
            "thing_id: thingId",
            "thing_id: body",
            "patch /public/v9/things/{thing_id}: the client never sends thing_id",
        ),
        (
            "src/client.ts",
            "  createThing(",
            "  makeThing(",
            "post /public/v9/things: the client has no method createThing",
        ),
        (
            "src/contract.ts",
            "  \"invalid_state\",\n",
            "",
            "post /public/v9/things: the client does not know the problem \"invalid_state\"",
        ),
        (
            "src/credential.ts",
            "\"Api-Key\"",
            "\"Authorization\"",
            "post /public/v9/things: the client does not send the credential apiKey",
        ),
        (
            "src/types.ts",
            "export interface Thing {",
            "export interface FARE_WAY {}\nexport interface Fareway {",
            "two things of the package have the name Fareway, or one Fareway",
        ),
        (
            "src/types.ts",
            "export interface Thing {",
            "export interface keyedOptions {",
            "two things of the package have the name keyedOptions, or one KeyedOptions",
        ),
    ] {
        let mut files = files(&api);
        let text = files.get_mut(file).expect("a file");
        assert!(text.contains(old), "{file} has no {old}");
        // The last one, for declarations stand before what they declare.
        let at = text.rfind(old).expect("it is there");
        text.replace_range(at..at + old.len(), new);
        let error = faults::look(&api, &files).expect_err(fault);
        assert_eq!(format!("{error:#}"), fault);
    }
    let mut files = files(&api);
    files.insert("SRC/types.ts".to_owned(), String::new());
    let error = faults::look(&api, &files).expect_err("two files");
    assert_eq!(
        error.to_string(),
        "two things of the package have the file src/types.ts, or one SRC/types.ts"
    );
}

#[test]
fn every_package_has_a_readme_that_is_a_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    for api in api::all(root.expect("a root")).expect("contracts") {
        let readme = readme::file(&api).expect("a readme");
        let program = readme::program(&readme);
        let import = format!("from \"{}\";", super::name(&api));
        let blocks = if api.payload.is_some() { 3 } else { 2 };
        assert_eq!(program.matches(&import).count(), blocks, "{}", api.folder());
        assert!(!readme.contains("{package}"), "{}", api.folder());
    }
}
