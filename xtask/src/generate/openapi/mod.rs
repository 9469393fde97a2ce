//! Rust from contracts: `src/api/<audience>_v<major>/`, and `src/api/shared/` for what they share. Reads the bundled document into a small model ([`schema`], [`operation`])
//! and writes types, operations, the trait and the routes from it. What the model cannot hold is an error with its line.
//!
//! # The dialect
//!
//! - Credentials: `security` names one scheme, which is `apiKey` in the header `Api-Key`, or `oauth2` with `clientCredentials`, whose
//!   token comes as `Authorization: Bearer`. The method gets a `Caller`. With `security: []` it gets a `Visitor`, which knows what the
//!   `Authorization` header says, and the rate policy counts by address.
//! - Parameters: texts, words of an `enum`, integers and booleans, in path, query and header.
//! - Bodies: `application/json`, or a form whose members are texts; always a named object. A form may be open.
//! - Answers: a response without content is a variant without a body, and `application/json` at any status a variant with one. Failures
//!   are `application/problem+json` and need no variant; only an operation with `security: []` may word its own. When it words 400, it
//!   takes no parameters, and its `body` is a `Result` whose `Err` says what does not fit.
//! - Headers of a response become fields of the variant, but for those that the pipeline adds.
//! - Ends: `info.x-lifecycle` of the contract, and `deprecated` with `x-deprecated-since`, `x-sunset` and `x-successor` of an operation,
//!   become headers of their answers.
//! - `webhooks`: their payloads become types, and `WEBHOOKS` tells which; they are not mounted.
//! - Schemas of `openapi/shared` are written once, in `shared`; see [`homes`]. So is what operations of several contracts are asked
//!   with and answer alike; see [`alike`].

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use heck::ToUpperCamelCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub use structs::member_ident;

use super::render;
use crate::spec::Document;

mod alike;
mod homes;
mod lifecycle;
mod message;
mod object;
pub mod operation;
mod operations;
mod routes;
mod scalar;
pub mod schema;
mod schemas;
mod structs;
#[cfg(test)]
mod tests;
mod validation;
pub mod webhooks;

/// Schemas that `src/wire` writes by hand, because it renders them.
const FOREIGN: [&str; 2] = ["Problem", "ProblemError"];

/// A contract, read.
pub struct Contract {
    /// `public_v2`.
    pub module: String,
    audience: String,
    pub title: String,
    pub operations: Vec<operation::Operation>,
    pub webhooks: Vec<webhooks::Webhook>,
    pub types: BTreeMap<String, schema::Type>,
    in_requests: BTreeSet<String>,
    /// Names of types that `openapi/shared` gives.
    shared: BTreeSet<String>,
}

/// The module of a contract file: `openapi/public/v2.yaml` is `public_v2`.
pub fn module(file: &str) -> Result<String> {
    let mut parts = file.trim_end_matches(".yaml").rsplit('/');
    let version = parts
        .next()
        .context("a contract lies in openapi/<audience>/")?;
    let audience = parts
        .next()
        .context("a contract lies in openapi/<audience>/")?;
    Ok(format!("{audience}_{version}"))
}

/// The files of the modules of some contracts, by path: one module each, one for what they share, and what holds them all with the
/// modules `beside` them.
pub fn generate(
    documents: &[Document],
    catalogue: &BTreeMap<String, u16>,
    beside: &[&str],
) -> Result<BTreeMap<String, String>> {
    let contracts: Vec<Contract> = documents
        .iter()
        .map(|document| read(document, module(&document.file)?, catalogue))
        .collect::<Result<_>>()?;
    let (shared, modules) = homes::assign(&contracts)?;
    let (alike, none) = (alike::find(&contracts), BTreeSet::new());
    let types = format_ident!("types");
    let held = ["operations", "patterns", "types"].map(|name| format_ident!("{name}"));
    let mut files = BTreeMap::from([
        ("mod.rs".to_owned(), holder(&contracts, beside)?),
        (
            format!("{}/mod.rs", homes::SHARED),
            render(
                "openapi/shared/",
                SHARED_DOCS,
                quote! {
                    #(pub mod #held;)*

                    pub use #types::*;
                },
            )?,
        ),
        (
            format!("{}/operations.rs", homes::SHARED),
            render(
                "openapi/",
                "What operations of several contracts are asked with and answer alike.",
                operations::alike(alike.items.values()),
            )?,
        ),
        (
            format!("{}/patterns.rs", homes::SHARED),
            render(
                "openapi/shared/",
                PATTERNS_DOCS,
                patterns(&shared.patterns()),
            )?,
        ),
        (
            format!("{}/types.rs", homes::SHARED),
            render("openapi/shared/", TYPES_DOCS, structs::tokens(&shared))?,
        ),
    ]);
    for ((document, contract), module) in documents.iter().zip(&contracts).zip(&modules) {
        let borrowed = alike.names.get(&contract.module).unwrap_or(&none);
        for (name, contents) in module_of(document, contract, module, borrowed)? {
            files.insert(format!("{}/{name}", contract.module), contents);
        }
    }
    Ok(files)
}

/// Reads a contract; `catalogue` maps problem codes to statuses.
pub fn read(
    document: &Document,
    module: String,
    catalogue: &BTreeMap<String, u16>,
) -> Result<Contract> {
    lifecycle::contract(document)?;
    let mut schemas = schemas::Schemas::new(document, &FOREIGN);
    let operations = operation::read(document, &mut schemas, catalogue)?;
    let webhooks = webhooks::read(document, &mut schemas)?;
    Ok(Contract {
        audience: module.split('_').next().unwrap_or_default().to_owned(),
        title: document.value["info"]["title"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        operations,
        webhooks,
        types: schemas.types,
        in_requests: schemas.in_requests,
        shared: schemas.shared,
        module,
    })
}

/// The file that holds the modules together.
fn holder(contracts: &[Contract], beside: &[&str]) -> Result<String> {
    let mut modules: Vec<&str> = contracts
        .iter()
        .map(|contract| contract.module.as_str())
        .chain(beside.iter().copied())
        .chain([homes::SHARED])
        .collect();
    modules.sort_unstable();
    let modules = modules.iter().map(|module| format_ident!("{module}"));
    render(
        "openapi/",
        "The contracts in Rust: types, traits and routers that the specs generate. Nothing here is written by hand.",
        quote! {
            #![allow(clippy::all, clippy::allow_attributes, unused_imports)]

            #(pub mod #modules;)*
        },
    )
}

const SHARED_DOCS: &str = "What contracts share: the schemas of `openapi/shared`, each written once, and what operations ask and answer alike.\nEvery contract that uses one of them has it among its own.";
const PATTERNS_DOCS: &str = "The patterns of requests, compiled once.";
const TYPES_DOCS: &str = "The schemas. Requests are closed and validated; responses are open, so clients ignore what they do not know.";

/// The files of a contract's module, by name.
fn module_of(
    document: &Document,
    contract: &Contract,
    module: &homes::Module<'_>,
    alike: &BTreeSet<String>,
) -> Result<BTreeMap<String, String>> {
    let source = &*document.file;
    let mut needed = module.patterns();
    for operation in &contract.operations {
        for parameter in &operation.parameters {
            homes::patterns_of(&parameter.node, &mut needed);
        }
    }
    let mut bundled = serde_json::to_string_pretty(&document.value)?;
    bundled.push('\n');
    Ok(BTreeMap::from([
        ("contract.json".into(), bundled),
        (
            "contract.yaml".into(),
            yaml_serde::to_string(&document.value)?,
        ),
        (
            "mod.rs".into(),
            render(source, &contract_docs(contract), interface(contract))?,
        ),
        (
            "operations.rs".into(),
            render(
                source,
                "The operations: what each is asked with, how it succeeds, and what the pipeline must know of it.",
                operations::tokens(contract, alike),
            )?,
        ),
        (
            "patterns.rs".into(),
            render(source, PATTERNS_DOCS, patterns(&needed))?,
        ),
        (
            "routes.rs".into(),
            render(
                source,
                "The routes: takes requests apart, calls the implementation, and reports itself through utoipa.",
                routes::tokens(contract),
            )?,
        ),
        (
            "types.rs".into(),
            render(source, TYPES_DOCS, structs::tokens(module))?,
        ),
    ]))
}

fn contract_docs(contract: &Contract) -> String {
    format!(
        "{}: one trait to implement, and the router that serves it.\nThe implementation speaks in [`types`] and [`operations`]; HTTP is the routes' matter.",
        contract.title
    )
}

/// The trait that an implementation of the contract writes.
fn interface(contract: &Contract) -> TokenStream {
    let name = trait_name(contract);
    let docs = doc(&format!(
        "{}, implemented: one method an operation.",
        contract.title
    ));
    let methods = contract.operations.iter().map(|operation| {
        let docs = doc(&operation.docs);
        let method = operation.method_ident();
        let request = operation.request_ident();
        let success = operation.success_ident();
        let asker = match operation.credential {
            Some(_) => quote!(caller: Caller),
            None => quote!(visitor: Visitor),
        };
        quote! {
            #docs
            fn #method(
                &self,
                #asker,
                request: operations::#request,
            ) -> impl Future<Output = Result<operations::#success, Problem>> + Send;
        }
    });
    let path = contract.module.replace('_', "/");
    let webhooks = contract.webhooks.iter().map(|webhook| &webhook.name);
    let payloads = contract.webhooks.iter().map(|webhook| &webhook.schema);
    let modules = ["operations", "patterns", "routes", "types"].map(|name| format_ident!("{name}"));
    quote! {
        #(pub mod #modules;)*

        use crate::platform::auth::Caller;
        use crate::wire::problem::Problem;
        use crate::wire::visitor::Visitor;

        /// Audience and major version, as in the paths.
        pub const NAME: &str = #path;
        /// The bundled contract as JSON: what is served, and what requests are validated with.
        pub const CONTRACT: &str = include_str!("contract.json");
        /// The same as YAML, for those who read it.
        pub const CONTRACT_YAML: &str = include_str!("contract.yaml");
        /// What is sent without being asked for: the name of each, and the schema of its payload.
        pub const WEBHOOKS: &[(&str, &str)] = &[#((#webhooks, #payloads)),*];

        #docs
        pub trait #name: Clone + Send + Sync + 'static {
            #(#methods)*
        }
    }
}

fn patterns(patterns: &BTreeMap<String, String>) -> TokenStream {
    let statics = patterns.iter().map(|(name, text)| {
        let name = format_ident!("{name}");
        let docs = format!(" `{text}`");
        quote! {
            #[doc = #docs]
            pub static #name: LazyLock<Regex> = LazyLock::new(|| compiled(#text));
        }
    });
    quote! {
        use std::sync::LazyLock;

        use regex::Regex;

        #(#statics)*

        fn compiled(pattern: &str) -> Regex {
            Regex::new(pattern).expect("the generator compiled it")
        }
    }
}

fn trait_name(contract: &Contract) -> proc_macro2::Ident {
    format_ident!("{}", contract.module.to_upper_camel_case())
}

/// Documentation as attributes.
pub fn doc(text: &str) -> TokenStream {
    let lines = filled(text).into_iter().map(|line| {
        if line.is_empty() {
            line
        } else {
            format!(" {line}")
        }
    });
    quote! { #(#[doc = #lines])* }
}

/// Documentation as lines: paragraphs are filled anew, lists and blocks keep their lines.
pub fn filled(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut open = false;
    for source in text.lines() {
        let indent: String = source
            .chars()
            .take_while(|letter| letter.is_whitespace())
            .collect();
        let words = source.trim();
        if words.is_empty() {
            lines.push(String::new());
            open = false;
            continue;
        }
        let starts_anew = words.starts_with(['-', '*', '#', '|', '`', '>'])
            || words.starts_with(|letter: char| letter.is_ascii_digit())
            || !indent.is_empty();
        let mut line = match lines.pop_if(|_| open && !starts_anew) {
            Some(line) => line,
            None => indent.clone(),
        };
        for word in words.split_whitespace() {
            if line.len() > indent.len() && line.chars().count() + word.chars().count() >= 112 {
                lines.push(std::mem::replace(&mut line, indent.clone()));
            }
            if line.len() > indent.len() {
                line.push(' ');
            }
            line.push_str(word);
        }
        open = true;
        lines.push(line);
    }
    lines
}
