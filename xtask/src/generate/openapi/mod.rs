//! Rust from a contract: `src/api/<audience>_v<major>/`. Reads the bundled document into a small model ([`schema`], [`operation`])
//! and writes types, operations, the trait and the routes from it. What the model cannot hold is an error with its line.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use heck::ToUpperCamelCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::render;
use crate::spec::Document;

mod message;
mod object;
mod operation;
mod operations;
mod routes;
mod scalar;
mod schema;
mod schemas;
mod structs;
#[cfg(test)]
mod tests;
mod validation;

/// Schemas that `src/wire` writes by hand, because it renders them.
const FOREIGN: [&str; 2] = ["Problem", "ProblemError"];

/// A contract, read.
struct Contract {
    /// `public_v2`.
    module: String,
    audience: String,
    title: String,
    operations: Vec<operation::Operation>,
    types: BTreeMap<String, schema::Type>,
    in_requests: std::collections::BTreeSet<String>,
    patterns: BTreeMap<String, String>,
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

/// The files of a contract's module, by name.
pub fn generate(
    document: &Document,
    catalogue: &BTreeMap<String, u16>,
) -> Result<BTreeMap<String, String>> {
    let module = module(&document.file)?;
    let mut schemas = schemas::Schemas::new(document, &FOREIGN);
    let operations = operation::read(document, &mut schemas, catalogue)?;
    let contract = Contract {
        audience: module.split('_').next().unwrap_or_default().to_owned(),
        title: document.value["info"]["title"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        operations,
        types: schemas.types,
        in_requests: schemas.in_requests,
        patterns: schemas.patterns,
        module,
    };
    let source = &*document.file;
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
            render(source, &contract_docs(&contract), interface(&contract))?,
        ),
        (
            "operations.rs".into(),
            render(
                source,
                "The operations: what each is asked with, how it succeeds, and what the pipeline must know of it.",
                operations::tokens(&contract),
            )?,
        ),
        (
            "patterns.rs".into(),
            render(
                source,
                "The patterns of requests, compiled once.",
                patterns(&contract),
            )?,
        ),
        (
            "routes.rs".into(),
            render(
                source,
                "The routes: takes requests apart, calls the implementation, and reports itself through utoipa.",
                routes::tokens(&contract),
            )?,
        ),
        (
            "types.rs".into(),
            render(
                source,
                "The schemas. Requests are closed and validated; responses are open, so clients ignore what they do not know.",
                structs::tokens(&contract),
            )?,
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
        quote! {
            #docs
            fn #method(
                &self,
                caller: Caller,
                request: operations::#request,
            ) -> impl Future<Output = Result<operations::#success, Problem>> + Send;
        }
    });
    let modules = ["operations", "patterns", "routes", "types"].map(|name| format_ident!("{name}"));
    quote! {
        #(pub mod #modules;)*

        use crate::platform::auth::Caller;
        use crate::wire::problem::Problem;

        /// The bundled contract as JSON: what is served, and what requests are validated with.
        pub const CONTRACT: &str = include_str!("contract.json");
        /// The same as YAML, for those who read it.
        pub const CONTRACT_YAML: &str = include_str!("contract.yaml");

        #docs
        pub trait #name: Clone + Send + Sync + 'static {
            #(#methods)*
        }
    }
}

fn patterns(contract: &Contract) -> TokenStream {
    let statics = contract.patterns.iter().map(|(name, text)| {
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

/// Documentation as attributes: paragraphs are filled anew, lists and blocks keep their lines.
fn doc(text: &str) -> TokenStream {
    let mut lines: Vec<String> = Vec::new();
    let mut open = false;
    for source in text.lines() {
        let indent: String = source
            .chars()
            .take_while(|letter| letter.is_whitespace())
            .collect();
        let words = source.trim();
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
        open = !words.is_empty();
        lines.push(line);
    }
    let lines = lines.iter().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        }
    });
    quote! { #(#[doc = #lines])* }
}
