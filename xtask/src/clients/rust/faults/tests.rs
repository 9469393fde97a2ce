//! Every contract's package has no fault, and each fault that is put into one is found.

use std::path::Path;

use super::look;
use crate::clients::Files;
use crate::clients::api;
use crate::clients::rust::package;

/// A fault: the file, what stands there, what stands there instead, and what is said.
type Fault = (&'static str, &'static str, &'static str, &'static str);

const CALLS: [Fault; 18] = [
    (
        "operations",
        r#"pub fn create_thing("#,
        "pub fn make_thing(",
        "createThing: the client has no method for it\nmake_thing: no operation is called so",
    ),
    (
        "operations",
        r#""/public/v9/things","#,
        r#""/public/v9/thing","#,
        "createThing: its call is not POST /public/v9/things with the values of the path in their order",
    ),
    (
        "operations",
        "Method::PATCH",
        "Method::PUT",
        "updateThing: its call is not PATCH /public/v9/things/{thing_id} with the values",
    ),
    (
        "operations",
        "[thing_id.as_ref()]",
        r#"["thing_id"]"#,
        "getThing: its call is not GET /public/v9/things/{thing_id} with the values",
    ),
    (
        "operations",
        r#"self.0.header("If-None-Match", if_none_match.as_ref())"#,
        "self.0",
        "getThing: it never sends the header parameter `If-None-Match`",
    ),
    (
        "operations",
        r#".header("If-None-Match""#,
        r#".query("If-None-Match""#,
        "getThing: it never sends the header parameter `If-None-Match`\ngetThing: it sends the query parameter `If-None-Match`, which",
    ),
    (
        "operations",
        r#".query("limit", "#,
        r#".query("size", "#,
        "getThing: it never sends the query parameter `limit`\ngetThing: it sends the query parameter `size`, which",
    ),
    (
        "operations",
        r#".query("sort", sort.as_str())"#,
        r#".query("sort", "price")"#,
        "getThing: it never sends the query parameter `sort`",
    ),
    (
        "operations",
        "limit: i32",
        "limit: i64",
        "getThing: `limit` is given as i64, which is not what its schema says",
    ),
    (
        "operations",
        ".keyed()",
        "",
        "createThing: it never sends the header parameter `Idempotency-Key`\ncreateThing: it makes an idempotency key where none is taken",
    ),
    (
        "operations",
        "-> UpdateThing {",
        "-> UpdateThing { let _ = self.repeatable();",
        "updateThing: it is repeated though that is not safe",
    ),
    (
        "operations",
        "body: types::ThingChangeInput",
        "body: types::PartInput",
        "updateThing: its body is types::PartInput, not ThingChangeInput",
    ),
    (
        "operations",
        "type Output = Result<types::Thing>",
        "type Output = Result<types::Part>",
        "createThing: it does not give types::Thing",
    ),
    (
        "operations",
        "`invalid_state`",
        "and more",
        "createThing: its method does not name the problem invalid_state",
    ),
    (
        "codes",
        r#""invalid_state" => Self::InvalidState"#,
        r#""invalid_state" => Self::Internal"#,
        "invalid_state: the problem has no code of its own",
    ),
    (
        "codes",
        "Other(String)",
        "Another,\nOther(String)",
        "ProblemCode: it has codes that the contract does not have",
    ),
    (
        "credential",
        r#"HeaderName::from_static("api-key")"#,
        "header::AUTHORIZATION",
        "getThing: the credential is not sent as the contract says",
    ),
    (
        "client",
        "insert(Credential::HEADER, credential)",
        "insert(header::COOKIE, credential)",
        "getThing: the credential is not sent as the contract says",
    ),
];

const TYPES: [Fault; 12] = [
    (
        "types",
        "Small(SmallThingInput)",
        "Small(LargeThingInput)",
        "ThingInput: `small` does not stand for SmallThingInput",
    ),
    (
        "types",
        r#"#[serde(tag = "type")]"#,
        r#"#[serde(tag = "kind")]"#,
        "ThingInput: its alternatives are not told apart by Some(\"type\")",
    ),
    (
        "types",
        "pub struct PartInput {",
        "pub struct Piece {",
        "PartInput: the schema has no struct",
    ),
    (
        "types",
        "pub parts: Option<Vec<PartInput>>",
        "pub parts: Option<Vec<ContactInput>>",
        "LargeThingInput: `parts` is Option<Vec<ContactInput>>, which is not what its schema says",
    ),
    (
        "types",
        "pub note: Option<Option<String>>,",
        "pub remark: Option<Option<String>>,",
        "PartInput: the property `note` is no member",
    ),
    (
        "types",
        "pub fragile: Option<bool>,",
        "pub fragile: Option<bool>, pub brittle: bool,",
        "LargeThingInput: the member `brittle` is no property",
    ),
    (
        "types",
        "pub price: Option<i32>",
        "pub price: i32",
        "PartInput: `price` is i32, which is not what its schema says",
    ),
    (
        "types",
        "pub weight: i64",
        "pub weight: i32",
        "LargeThingInput: `weight` is i32, which is not what its schema says",
    ),
    (
        "types",
        r#"#[serde(rename = "very_dark")]"#,
        r#"#[serde(rename = "dark")]"#,
        "LargeThingInput: `shade` is Option<LargeThingInputShade>, which is not what its schema says",
    ),
    (
        "types",
        "pub fn shade(",
        "pub fn tone(",
        "LargeThingInput: nothing sets `shade`",
    ),
    (
        "types",
        "pub struct ThingMade {",
        "pub struct Thing_ {} pub struct THING {} pub struct ThingMade {",
        "THING: two things have this name in types.rs, or one Thing",
    ),
    (
        "types",
        "#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]\n#[non_exhaustive]\npub struct ThingMade",
        "#[derive(Clone, Debug, PartialEq, Eq, Serialize)]\n#[non_exhaustive]\npub struct ThingMade",
        "ThingMade: it does not derive Deserialize",
    ),
];

#[test]
fn packages_of_the_contracts_have_no_fault() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    for api in api::all(root.expect("a root")).expect("contracts") {
        let files = package::files(&api).expect("a package");
        look(&api.document, &files).unwrap_or_else(|error| panic!("{}: {error:#}", api.folder()));
    }
}

#[test]
fn each_fault_is_found() {
    let api = api::golden().expect("the golden contract");
    let files = package::files(&api).expect("a package");
    look(&api.document, &files).expect("it has none");
    for (file, old, new, said) in CALLS.into_iter().chain(TYPES) {
        let mut files = files.clone();
        let text = files.get_mut(&format!("src/{file}.rs")).expect("a file");
        assert!(text.contains(old), "{file} has no {old}");
        *text = text.replacen(old, new, 1);
        found(&api, &files, said);
    }
}

#[test]
fn files_that_are_not_of_the_package_are_found() {
    let api = api::golden().expect("the golden contract");
    let files = package::files(&api).expect("a package");
    for (path, said) in [
        ("src/stray.rs", "src/stray.rs is no module of the package"),
        (
            "SRC/types.rs",
            "src/types.rs: two things have this file, or one SRC/types.rs",
        ),
    ] {
        let mut files = files.clone();
        files.insert(path.to_owned(), String::new());
        found(&api, &files, said);
    }
    let mut files = files;
    files.remove("src/types.rs");
    found(&api, &files, "the package has no src/types.rs");
}

fn found(api: &api::Api, files: &Files, said: &str) {
    let error = look(&api.document, files).expect_err(said);
    let error = format!("{error:#}");
    assert!(error.contains(said), "{said}\nis not in\n{error}");
}
