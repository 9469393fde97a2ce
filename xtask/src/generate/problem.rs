//! Generates `src/api/problem.rs`, the closed enum of problem codes, from the catalogue `openapi/shared/problems.yaml`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use heck::ToUpperCamelCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::{Sink, render};
use crate::finding::Finding;
use crate::spec::Document;

const SOURCE: &str = "openapi/shared/problems.yaml";

struct Problem {
    code: String,
    status: u16,
    title: String,
    retryable: bool,
    grpc: i32,
    grpc_name: String,
}

/// The HTTP status of each code.
pub fn catalogue(root: &Path) -> Result<BTreeMap<String, u16>> {
    let problems = read(&Document::load(root, SOURCE)?)?;
    Ok(problems
        .into_iter()
        .map(|problem| (problem.code, problem.status))
        .collect())
}

/// Generates the catalogue.
pub fn generate(root: &Path, sink: &mut Sink) -> Result<()> {
    let problems = read(&Document::load(root, SOURCE)?)?;
    let docs = "The closed catalogue of problems (RFC 9457): what each code means on the wire, over HTTP and over gRPC.";
    sink.file(
        "src/api/problem.rs",
        &render(SOURCE, docs, tokens(&problems))?,
    )
}

fn read(document: &Document) -> Result<Vec<Problem>> {
    let members = document
        .get("/problems")
        .and_then(Value::as_object)
        .context("openapi/shared/problems.yaml:1: no mapping `problems`; add it")?;
    let mut problems = Vec::new();
    for (code, entry) in members {
        let at = format!("/problems/{code}");
        let wrong = |member: &str| -> Finding {
            document.finding(
                &at,
                format!("problem `{code}` has no usable `{member}`"),
                "see its neighbours",
            )
        };
        let status = entry["status"]
            .as_u64()
            .filter(|status| (400..600).contains(status));
        let grpc_name = entry["grpc"].as_str().ok_or_else(|| wrong("grpc"))?;
        problems.push(Problem {
            code: code.clone(),
            status: status.ok_or_else(|| wrong("status"))? as u16,
            title: entry["title"]
                .as_str()
                .ok_or_else(|| wrong("title"))?
                .to_owned(),
            retryable: entry["retryable"]
                .as_bool()
                .ok_or_else(|| wrong("retryable"))?,
            grpc: grpc(grpc_name).ok_or_else(|| wrong("grpc"))?,
            grpc_name: grpc_name.to_owned(),
        });
    }
    Ok(problems)
}

/// The number of a gRPC status (google.rpc.Code).
fn grpc(name: &str) -> Option<i32> {
    const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];
    NAMES
        .iter()
        .position(|known| *known == name)
        .map(|index| index as i32)
}

fn tokens(problems: &[Problem]) -> TokenStream {
    let names: Vec<_> = problems
        .iter()
        .map(|p| format_ident!("{}", p.code.to_upper_camel_case()))
        .collect();
    let docs: Vec<_> = problems
        .iter()
        .map(|p| {
            format!(
                " `{}`, {} over HTTP, {} over gRPC: {}.",
                p.code,
                p.status,
                p.grpc_name,
                lowercase_first(&p.title)
            )
        })
        .collect();
    let codes: Vec<_> = problems.iter().map(|p| &p.code).collect();
    let statuses = problems.iter().map(|p| p.status);
    let titles = problems.iter().map(|p| &p.title);
    let grpc = problems.iter().map(|p| p.grpc);
    let retryable: Vec<_> = problems
        .iter()
        .zip(&names)
        .filter(|(p, _)| p.retryable)
        .map(|(_, n)| n)
        .collect();
    quote! {
        /// What went wrong, in one stable word.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            #(#[doc = #docs] #names,)*
        }

        impl Code {
            /// Every code, in the order of the catalogue.
            pub const ALL: &'static [Code] = &[#(Code::#names),*];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    #(Code::#names => #codes,)*
                }
            }

            /// The code of a word on the wire.
            pub fn parse(word: &str) -> Option<Code> {
                match word {
                    #(#codes => Some(Code::#names),)*
                    _ => None,
                }
            }

            /// The HTTP status that carries it.
            pub const fn status(self) -> u16 {
                match self {
                    #(Code::#names => #statuses,)*
                }
            }

            /// One sentence that is the same at every occurrence.
            pub const fn title(self) -> &'static str {
                match self {
                    #(Code::#names => #titles,)*
                }
            }

            /// Whether a repeat of the same request may succeed.
            pub const fn retryable(self) -> bool {
                matches!(self, #(Code::#retryable)|*)
            }

            /// The gRPC status (google.rpc.Code) that carries it between services.
            pub const fn grpc(self) -> i32 {
                match self {
                    #(Code::#names => #grpc,)*
                }
            }
        }

        impl std::fmt::Display for Code {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    }
}

fn lowercase_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}
