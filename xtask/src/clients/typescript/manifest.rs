//! Writes what makes files a package: the manifest, the settings of the compiler, and what the package exports.

use anyhow::Result;
use serde_json::{Value, json};

use super::text::{GENERATED, comment, literal};
use super::{name, tools};
use crate::clients::api::{Api, Credential};
use crate::clients::money;

/// `package.json`.
///
/// # Errors
///
/// When the lock file of the tools names no version.
pub fn package(api: &Api) -> Result<String> {
    let access = match api.audience.as_str() {
        "public" => "public",
        _ => "restricted",
    };
    let types = "./dist/index.d.ts";
    let manifest = json!({
        "name": name(api),
        "version": api.version.to_string(),
        "description": format!("A typed client of the {}", api.title),
        "keywords": ["fareway", "flights", "booking"],
        "license": "Apache-2.0",
        "type": "module",
        "sideEffects": false,
        "types": types,
        "exports": {
            ".": {"types": types, "default": "./dist/index.js"},
            "./package.json": "./package.json",
        },
        "files": ["dist", "src"],
        "engines": {"node": ">=20"},
        "publishConfig": {"access": access},
        "scripts": {
            "build": "tsc -b",
            "test": "tsc -b test && node --test build/*.test.js",
        },
        "devDependencies": tools::versions()?,
    });
    pretty(&manifest)
}

/// `tsconfig.json` of the package. It has browsers' types and not those of Node, so that it runs wherever `fetch` does.
pub fn compiler() -> Result<String> {
    let mut options = strict();
    for (name, value) in [
        ("lib", json!(["es2022", "dom", "dom.iterable"])),
        ("types", json!([])),
        ("composite", json!(true)),
        ("declaration", json!(true)),
        ("declarationMap", json!(true)),
        ("sourceMap", json!(true)),
        ("isolatedDeclarations", json!(true)),
        ("rootDir", json!("src")),
        ("outDir", json!("dist")),
        ("tsBuildInfoFile", json!("build/package.tsbuildinfo")),
    ] {
        options[name] = value;
    }
    pretty(&json!({"compilerOptions": options, "include": ["src"]}))
}

/// `tsconfig.json` of the package's tests.
pub fn tests() -> Result<String> {
    let mut options = strict();
    options["lib"] = json!(["es2023"]);
    options["types"] = json!(["node"]);
    options["rootDir"] = json!(".");
    options["outDir"] = json!("../build");
    options["tsBuildInfoFile"] = json!("../build/test.tsbuildinfo");
    pretty(&json!({
        "compilerOptions": options,
        "include": ["."],
        "references": [{"path": ".."}],
    }))
}

/// What the compiler has to refuse, everywhere.
pub fn strict() -> Value {
    json!({
        "target": "es2022",
        "module": "nodenext",
        "strict": true,
        "exactOptionalPropertyTypes": true,
        "noFallthroughCasesInSwitch": true,
        "noImplicitOverride": true,
        "noImplicitReturns": true,
        "noPropertyAccessFromIndexSignature": true,
        "noUncheckedIndexedAccess": true,
        "noUnusedLocals": true,
        "noUnusedParameters": true,
        "erasableSyntaxOnly": true,
        "isolatedModules": true,
        "verbatimModuleSyntax": true,
    })
}

/// JSON as people write it.
///
/// # Errors
///
/// Never, in truth.
pub fn pretty(value: &Value) -> Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// `contract.ts`: what the run-time has to know of the contract.
pub fn contract(api: &Api) -> String {
    let agent = format!("fareway-typescript/{} ({})", api.version, api.contract());
    let codes: String = (api.codes.iter())
        .map(|code| format!("  {},\n", literal(code)))
        .collect();
    let docs = "The codes of the contract's problems.";
    format!(
        "{GENERATED}\n\
         {agent_docs}export const AGENT = {agent};\n\n\
         {docs}export const PROBLEM_CODES = [\n{codes}] as const;\n\n\
         {code_docs}export type ProblemCode = (typeof PROBLEM_CODES)[number];\n",
        agent_docs = comment(
            "",
            "How the package calls itself, in the header `User-Agent`.",
            &[]
        ),
        agent = literal(&agent),
        docs = comment("", docs, &[]),
        code_docs = comment("", "The code of a problem.", &[]),
    )
}

/// `index.ts`: what the package exports.
pub fn index(api: &Api) -> String {
    let mut lines = vec![
        "export type { Call, Reply } from \"./call.js\";",
        "export { Fareway } from \"./client.js\";",
        "export type { ProblemCode } from \"./contract.js\";",
        match api.credential {
            Credential::Key => "export type { FarewayOptions } from \"./credential.js\";",
            Credential::Client => {
                "export { type FarewayOptions, FarewayOAuthError, type OAuthCode } from \"./credential.js\";"
            }
        },
        "export * from \"./errors.js\";",
    ];
    if api
        .operations
        .iter()
        .any(|operation| operation.page.is_some())
    {
        lines.push("export type { ListCall } from \"./list.js\";");
    }
    if money::of(api).is_some() {
        lines.push("export { formatMoney } from \"./money.js\";");
    }
    lines.push("export type * from \"./options.js\";");
    lines.push("export type * from \"./settings.js\";");
    lines.push("export type * from \"./types.js\";");
    if api.payload.is_some() {
        lines.push("export * from \"./webhooks.js\";");
    }
    format!("{GENERATED}\n{}\n", lines.join("\n"))
}
