//! TypeScript: a package that needs nothing at run time, for Node, browsers, Deno and Bun.
//!
//! What differs between contracts is written here; what they have in common is the folder `runtime`, copied as it stands. The
//! compiler comes from npm, at the versions of `tools/package-lock.json`.

use std::process::Command;

use anyhow::Result;

use super::api::{Api, Credential, Paging};
use super::{Files, Workshop, money};

mod faults;
mod manifest;
mod methods;
mod options;
mod programs;
mod readme;
mod schemas;
#[cfg(test)]
mod tests;
mod text;
mod tools;

/// The run-time that every package has.
const RUNTIME: [(&str, &str); 9] = [
    ("call.ts", include_str!("runtime/call.ts")),
    ("connection.ts", include_str!("runtime/connection.ts")),
    ("errors.ts", include_str!("runtime/errors.ts")),
    ("exchange.ts", include_str!("runtime/exchange.ts")),
    ("reading.ts", include_str!("runtime/reading.ts")),
    ("request.ts", include_str!("runtime/request.ts")),
    ("retry.ts", include_str!("runtime/retry.ts")),
    ("server.ts", include_str!("runtime/server.ts")),
    ("settings.ts", include_str!("runtime/settings.ts")),
];

/// The npm name of a package: `@fareway/public-v2`.
fn name(api: &Api) -> String {
    format!("@fareway/{}-v{}", api.audience, api.major)
}

/// The files of a package.
///
/// # Errors
///
/// When two things of the contract would have one name, or one would be left out.
pub fn package(api: &Api) -> Result<Files> {
    let mut files = Files::new();
    let mut add = |path: String, contents: String| files.insert(path, contents);
    for (name, contents) in sources(api)? {
        add(format!("src/{name}"), contents);
    }
    for (name, contents) in tests_of(api) {
        add(format!("test/{name}"), contents.to_owned());
    }
    add("test/tsconfig.json".into(), manifest::tests()?);
    add("tsconfig.json".into(), manifest::compiler()?);
    add("package.json".into(), manifest::package(api)?);
    add("README.md".into(), readme::file(api)?);
    faults::look(api, &files)?;
    Ok(files)
}

/// What is compiled into the package.
fn sources(api: &Api) -> Result<Vec<(&'static str, String)>> {
    let mut files: Vec<(&str, String)> = RUNTIME
        .iter()
        .map(|(name, contents)| (*name, (*contents).to_owned()))
        .collect();
    let credential = match api.credential {
        Credential::Key => include_str!("runtime/credential_key.ts"),
        Credential::Client => include_str!("runtime/credential_client.ts"),
    };
    files.push(("credential.ts", credential.to_owned()));
    let page = api
        .operations
        .iter()
        .find_map(|operation| operation.page.as_ref());
    if let Some(page) = page {
        let paging = match page.by {
            Paging::Cursor => include_str!("runtime/paging_by_cursor.ts"),
            Paging::Number => include_str!("runtime/paging_by_number.ts"),
        };
        files.push(("paging.ts", paging.to_owned()));
        files.push(("list.ts", include_str!("runtime/list.ts").to_owned()));
    }
    if let Some(payload) = &api.payload {
        let webhooks = include_str!("runtime/webhooks.ts").replace("WebhookPayload", payload);
        files.push(("webhooks.ts", webhooks));
    }
    if money::of(api).is_some() {
        files.push(("money.ts", include_str!("runtime/money.ts").to_owned()));
    }
    files.push(("contract.ts", manifest::contract(api)));
    files.push(("types.ts", schemas::file(api)));
    files.push(("options.ts", options::file(api)?));
    files.push(("client.ts", methods::file(api)?));
    files.push(("index.ts", manifest::index(api)));
    Ok(files)
}

/// What tests the run-time that a package has.
fn tests_of(api: &Api) -> Vec<(&'static str, &'static str)> {
    let mut files = vec![
        (
            "connection.test.ts",
            include_str!("runtime/test/connection.test.ts"),
        ),
        ("door.ts", include_str!("runtime/test/door.ts")),
        ("retry.test.ts", include_str!("runtime/test/retry.test.ts")),
    ];
    files.extend(match api.credential {
        Credential::Key => [
            (
                "credential.ts",
                include_str!("runtime/test/credential_key.ts"),
            ),
            ("key.test.ts", include_str!("runtime/test/key.test.ts")),
        ],
        Credential::Client => [
            (
                "credential.ts",
                include_str!("runtime/test/credential_client.ts"),
            ),
            ("token.test.ts", include_str!("runtime/test/token.test.ts")),
        ],
    });
    if money::of(api).is_some() {
        files.push(("money.test.ts", include_str!("runtime/test/money.test.ts")));
    }
    if api.payload.is_some() {
        files.push((
            "webhooks.test.ts",
            include_str!("runtime/test/webhooks.test.ts"),
        ));
    }
    files
}

/// Type-checks, tests and packs the packages, and type-checks the programs that import what was packed.
///
/// # Errors
///
/// When Node is missing, or something does not compile or pass.
pub fn compile(workshop: &Workshop, apis: &[Api]) -> Result<()> {
    tools::install(workshop)?;
    for api in apis {
        tools::sweep(workshop, &api.folder(), &package(api)?)?;
    }
    tools::build(
        workshop,
        apis.iter().map(|api| format!("{}/test", api.folder())),
    )?;
    for api in apis {
        tools::test(workshop, &api.folder(), tests_of(api))?;
    }
    tools::pack(workshop, apis)?;
    for api in apis {
        workshop.write(&programs::folder(api), programs::files(api)?)?;
        tools::link(workshop, api)?;
    }
    tools::build(workshop, apis.iter().map(programs::folder))
}

/// The journey.
///
/// # Errors
///
/// Never; other languages have some.
pub fn journey(workshop: &Workshop, api: &Api) -> Result<Command> {
    let folder = workshop.folder.join(programs::folder(api));
    let mut command = Command::new("node");
    command.arg(folder.join("build/journey.js"));
    Ok(command)
}

/// The programs of the landing page and of the project's README.
pub fn shown(workshop: &Workshop, api: &Api) -> Vec<Command> {
    let folder = workshop.folder.join(programs::folder(api));
    let program = |name: &str| {
        let mut command = Command::new("node");
        command.arg(folder.join("build").join(name));
        command
    };
    vec![program("beginning.js"), program("hold_cheapest.js")]
}
