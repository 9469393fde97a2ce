//! Python: a package a contract, with one dependency. Types, operations and problems are written from the model; what sends
//! requests, reads answers and checks webhooks is the same in all packages and lies in `runtime/`.

use anyhow::Result;

use super::api::{Api, Credential};
use super::{Files, money};
use text::{HEADER, docstring, literal};

mod client;
mod evidence;
mod exports;
mod operations;
mod problems;
mod readme;
mod schemas;
mod text;
mod toolchain;

pub use toolchain::{compile, journey, shown};

/// The part of every package that is written by hand.
const RUNTIME: [(&str, &str); 9] = [
    ("_answer.py", include_str!("runtime/_answer.py")),
    ("_codec.py", include_str!("runtime/_codec.py")),
    ("_connection.py", include_str!("runtime/_connection.py")),
    ("_refusal.py", include_str!("runtime/_refusal.py")),
    ("_request.py", include_str!("runtime/_request.py")),
    ("_retry.py", include_str!("runtime/_retry.py")),
    ("_session.py", include_str!("runtime/_session.py")),
    ("_unset.py", include_str!("runtime/_unset.py")),
    ("errors.py", include_str!("runtime/errors.py")),
];

/// The tests of every package; `fareway` stands for its name.
const TESTS: [(&str, &str); 4] = [
    ("scripted.py", include_str!("tests/scripted.py")),
    ("test_codec.py", include_str!("tests/test_codec.py")),
    (
        "test_connection.py",
        include_str!("tests/test_connection.py"),
    ),
    ("test_examples.py", include_str!("tests/test_examples.py")),
];

/// The files of a package.
///
/// # Errors
///
/// When a name would stand for two things, or something of the contract is not in the package.
pub fn package(api: &Api) -> Result<Files> {
    let module = module(api);
    let mut files = Files::new();
    let mut source = |file: &str, text: String| files.insert(format!("src/{module}/{file}"), text);
    for (file, text) in RUNTIME {
        source(file, text.to_owned());
    }
    let credential = match api.credential {
        Credential::Key => include_str!("runtime/credential_key.py"),
        Credential::Client => include_str!("runtime/credential_client.py"),
    };
    source("_credential.py", credential.to_owned());
    source("_contract.py", contract(api));
    source("schemas.py", schemas::module(api));
    source("problems.py", problems::module(api)?);
    source("answers.py", client::answers(api));
    source("client.py", client::client(api)?);
    if let Some(payload) = &api.payload {
        source(
            "_signature.py",
            include_str!("runtime/_signature.py").to_owned(),
        );
        source(
            "webhooks.py",
            include_str!("runtime/webhooks.py").replace("Payload", payload),
        );
    }
    source("__init__.py", exports::module(api)?);
    source("py.typed", String::new());
    let mut test = |file: &str, text: &str| {
        let text = text.replace("from fareway", &format!("from {module}"));
        files.insert(format!("tests/{file}"), text)
    };
    for (file, text) in TESTS {
        test(file, text);
    }
    test("examples.json", &evidence::examples(api)?);
    if api.credential == Credential::Client {
        test("test_token.py", include_str!("tests/test_token.py"));
    }
    if money::of(api).is_some() {
        test("test_money.py", include_str!("tests/test_money.py"));
    }
    if api.payload.is_some() {
        test("test_webhooks.py", include_str!("tests/test_webhooks.py"));
    }
    files.insert("README.md".to_owned(), readme::text(api)?);
    files.insert("pyproject.toml".to_owned(), manifest(api));
    evidence::is_complete(api, &files)?;
    Ok(files)
}

/// What it is installed as: `fareway-public-v2`.
fn distribution(api: &Api) -> String {
    format!("fareway-{}-v{}", api.audience, api.major)
}

/// What it is imported as: `fareway_public_v2`.
fn module(api: &Api) -> String {
    distribution(api).replace('-', "_")
}

/// What the package says of itself to the server.
fn contract(api: &Api) -> String {
    let docs = docstring("The contract that this package was made of.", 0);
    let agent = format!("fareway-python/{} ({})", api.version, api.contract());
    format!(
        "{HEADER}{docs}\nfrom typing import Final\n\nVERSION: Final = {}\nUSER_AGENT: Final = {}\n",
        literal(&api.version.to_string()),
        literal(&agent)
    )
}

fn manifest(api: &Api) -> String {
    format!(
        r#"{HEADER}[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{}"
version = "{}"
description = {}
readme = "README.md"
license = "Apache-2.0"
requires-python = ">=3.10"
dependencies = ["httpx>=0.27,<1"]
keywords = ["airline", "booking", "fareway", "flights", "travel"]
classifiers = [
    "Operating System :: OS Independent",
    "Programming Language :: Python :: 3",
    "Programming Language :: Python :: 3 :: Only",
    "Typing :: Typed",
]

[tool.hatch.build]
ignore-vcs = true

[tool.hatch.build.targets.sdist]
only-include = ["src", "tests"]

[tool.hatch.build.targets.wheel]
packages = ["src/{}"]

[tool.mypy]
strict = true
"#,
        distribution(api),
        api.version,
        literal(&api.title),
        module(api)
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::clients::api::{Operation, all};
    use crate::generate::openapi::schema::Type;

    fn words(words: &[&str]) -> Type {
        Type::Words {
            docs: String::new(),
            words: words.iter().map(ToString::to_string).collect(),
        }
    }

    fn order(api: &mut Api) -> &mut Operation {
        let mut operations = api.operations.iter_mut();
        let found =
            operations.find(|operation| operation.path == "/public/v2/orders" && operation.keyed);
        found.expect("createOrder")
    }

    /// Why there is no package.
    fn refusal(api: &Api) -> String {
        match package(api) {
            Ok(_) => panic!("there is a package"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_package_has_all_of_its_contract_or_is_none() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let apis = all(root.expect("a root")).expect("the contracts make clients");
        for api in &apis {
            let files = package(api).expect("a package");
            assert!(files.values().all(|text| !text.contains("fareway import")));
        }
        let is_wanted = |api: &Api| api.contract() == "public/v2";
        let mut api = apis.into_iter().find(is_wanted).expect("public/v2");

        api.types.insert("Notfound".to_owned(), words(&["a"]));
        assert!(refusal(&api).contains("`Notfound` of schemas.py"));
        api.types.remove("Notfound");

        let lost = api.codes.pop().expect("a code");
        assert!(refusal(&api).contains(&format!("`{lost}` has no class")));
        api.codes.push(lost);

        let prefer = order(&mut api).optional.pop();
        assert!(refusal(&api).contains("createOrder never sends `Prefer`"));
        order(&mut api).optional.extend(prefer);

        order(&mut api).id = "close".to_owned();
        api.document["paths"]["/public/v2/orders"]["post"]["operationId"] = "close".into();
        assert!(refusal(&api).contains("two methods are called close"));
        order(&mut api).id = "createOrder".to_owned();
        api.document["paths"]["/public/v2/orders"]["post"]["operationId"] = "createOrder".into();

        order(&mut api).keyed = false;
        assert!(refusal(&api).contains("createOrder never sends `Idempotency-Key`"));
    }
}
