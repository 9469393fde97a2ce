//! The golden contracts generate the golden files, and what the generator cannot express is refused with its line.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::generate::bundles;
use crate::spec::Document;

const CONTRACT: &str = "openapi/public/v9.yaml";

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generate/golden")
}

fn catalogue() -> BTreeMap<String, u16> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let catalogue =
        Document::load(&root, "openapi/shared/problems.yaml").expect("the catalogue is YAML");
    let problems = catalogue.value["problems"]
        .as_object()
        .expect("problems")
        .iter();
    problems
        .map(|(code, problem)| {
            (
                code.clone(),
                problem["status"].as_u64().expect("a status") as u16,
            )
        })
        .collect()
}

#[test]
fn the_golden_contracts_generate_the_golden_files() {
    let documents = bundles(&golden()).expect("they bundle");
    for (name, contents) in super::generate(&documents, &catalogue(), &[]).expect("they generate") {
        let expected =
            fs::read_to_string(golden().join("expected").join(&name)).unwrap_or_default();
        assert!(
            contents == expected,
            "{name} differs; run `cargo xtask generate` and look at what changed"
        );
    }
}

/// What the generator says to the golden contract with one text replaced.
fn refusal(old: &str, new: &str) -> String {
    let root = tempfile::tempdir().expect("a folder");
    for file in [CONTRACT, "openapi/shared/things.yaml"] {
        let text = fs::read_to_string(golden().join(file)).expect("it is there");
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        let edited = if file == CONTRACT {
            text.replacen(old, new, 1)
        } else {
            text.clone()
        };
        assert!(
            file != CONTRACT || edited != text,
            "the golden contract has no `{old}`"
        );
        fs::write(path, edited).expect("it is written");
    }
    let generated = Document::bundle(root.path(), CONTRACT)
        .map_err(anyhow::Error::from)
        .and_then(|document| super::generate(&[document], &catalogue(), &[]));
    generated.expect_err(new).to_string()
}

#[test]
fn what_cannot_be_expressed_is_refused_with_its_line() {
    for (old, new, expected) in [
        (
            "type: boolean}}",
            "type: number}}",
            "type `number` is outside of the dialect",
        ),
        (
            "{type: boolean}",
            "{type: boolean, not: {}}",
            "`not` is outside of the dialect here",
        ),
        (
            "fragile: {type: boolean}",
            "fragile: {}",
            "a schema without `type`",
        ),
        (
            "fragile: {type: boolean}",
            "fragile: {type: object, properties: {}}",
            "an object that stands inline",
        ),
        (
            "fragile: {type: boolean}",
            "fragile: {allOf: []}",
            "a schema without `type`",
        ),
        (
            "fragile: {type: boolean}",
            "fragile: {oneOf: [{type: boolean}, {type: string}]}",
            "`oneOf` without a discriminator",
        ),
        (
            "fragile: {type: boolean}",
            "Fragile: {type: boolean}",
            "the member `Fragile` is not a snake_case name",
        ),
        ("format: date-time", "format: time", "the format `time`"),
        (
            "'^[a-z]+$'",
            r"'^\d+$'",
            r"`\d` in a pattern means different things to different engines",
        ),
        ("'^[a-z]+$'", "'^[a-z+$'", "unclosed character class"),
        (
            "format: int32, minimum: 0, maximum: 9}",
            "format: int32, minimum: 0}",
            "an integer without bounds",
        ),
        (
            "format: int32, minimum: 0, maximum: 9}",
            "minimum: 0, maximum: 9}",
            "an integer without a width",
        ),
        (
            "enum: [light, very_dark]",
            "enum: [light, Light]",
            "the word `Light` has no name of its own in Rust",
        ),
        (
            "required: [name, price]",
            "required: [name, cost]",
            "`cost` is required and not a property",
        ),
        (
            "const: small",
            "maxLength: 5",
            "the alternative `SmallThingInput` does not tell itself apart",
        ),
        (
            "      additionalProperties: false\n      required: [name, price]",
            "      required: [name, price]",
            "requests reach `PartInput`, which is open",
        ),
        (
            "x-scope: things:read",
            "x-scopes: things:read",
            "`x-scopes` is outside of the dialect here",
        ),
        (
            "x-idempotency: natural",
            "x-idempotency: maybe",
            "an unknown kind of idempotency",
        ),
        (
            "x-rate-policy: read",
            "x-rate-policy: rad",
            "there is no rate policy `rad`",
        ),
        (
            "not_found, not_acceptable",
            "not_fond, not_acceptable",
            "`not_fond` is not in openapi/shared/problems.yaml",
        ),
        (
            "not_found, not_acceptable",
            "not_acceptable",
            "no code of x-problems is answered with 404",
        ),
        (
            "not_found, not_acceptable",
            "not_found, seats_unavailable, not_acceptable",
            "`seats_unavailable` is answered with 409, which is not declared",
        ),
        (
            "x-sunset: '2029-01-01'",
            "x-sunset: soon",
            "`soon` is not a date",
        ),
        (
            "security: [{apiKey: []}]",
            "security: [{apiKey: []}, {}]",
            "not exactly one security requirement",
        ),
        (
            "name: Api-Key",
            "name: Key",
            "the security scheme `apiKey` is neither the key in the header `Api-Key` nor an OAuth 2 client's token",
        ),
        (
            "tokenUrl: /oauth/token",
            "tokenUrl: /token",
            "the security scheme `oauth2` is neither the key in the header `Api-Key` nor an OAuth 2 client's token",
        ),
        (
            "sunset: 2029-06-01",
            "sunset: next year",
            "`next year` is not a date",
        ),
        (
            "status: deprecated, deprecated: 2027-01-01, ",
            "status: deprecated, ",
            "deprecated, without `deprecated`",
        ),
        (
            "successor: /public/v10",
            "successor: v10",
            "`successor` is not a path",
        ),
        (
            "status: deprecated, deprecated",
            "status: ended, deprecated",
            "a lifecycle without a known status",
        ),
        (
            "x-deprecated-since: '2027-01-01'\n      ",
            "",
            "deprecated, without `x-deprecated-since`",
        ),
        (
            "scope: {type: string, maxLength: 80, pattern: '^[a-z:_ ]+$'}",
            "scope: {type: boolean}",
            "the form `TokenInput` is not an object of texts",
        ),
        (
            "application/x-www-form-urlencoded:",
            "multipart/form-data:",
            "a body that is neither JSON nor a form",
        ),
        (
            "      x-body-limit: 256\n",
            "      parameters: [{name: full, in: query, required: false, schema: {type: boolean}}]\n",
            "parameters of an operation that answers 400 with a body of its own",
        ),
        (
            "      security: []\n",
            "",
            "the body of 400 is outside of the dialect",
        ),
        (
            "  thing.made:\n    post:",
            "  thing.made:\n    put:",
            "`put` on a webhook",
        ),
        (
            "      requestBody:\n        required: true\n        content:\n          application/json:\n            schema: {$ref: '#/components/schemas/ThingMade'}",
            "      requestBody:\n        required: true\n        content:\n          text/plain:\n            schema: {$ref: '#/components/schemas/ThingMade'}",
            "a webhook without a JSON payload",
        ),
        (
            "      name: thing_id",
            "      name: thing",
            "path parameters differ from the path",
        ),
        (
            "in: query, required: false, schema: {type: boolean}",
            "in: cookie, required: false, schema: {type: boolean}",
            "a parameter without name or place",
        ),
        ("        '204':", "        2XX:", "`2XX` is not a status"),
        (
            "  /public/v9/things:\n",
            "  /public/v9/things:\n    summary: Things\n",
            "`summary` on a path is outside of the dialect",
        ),
    ] {
        let said = refusal(old, new);
        assert!(said.contains(expected), "{new}: {said}");
        assert!(said.starts_with("openapi/"), "{new}: {said}");
    }
}
