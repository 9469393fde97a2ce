//! `src/api/released.rs`: the released revisions of every contract as they were frozen, for the server to serve for ever.

use std::path::Path;

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::quote;

use super::render;
use crate::evolve::index::{Index, Revision};

/// The text of the module. Revisions of the private contract are a list of their own, so that no door serves them by mistake.
pub fn generate(root: &Path) -> Result<String> {
    let index = Index::read(root)?;
    let revisions = index.revisions();
    let (private, open): (Vec<_>, Vec<_>) = revisions
        .iter()
        .partition(|revision| revision.audience == "private");
    let (private, open) = (list(&private), list(&open));
    render(
        "openapi/released/index.toml",
        "The released revisions of the contracts, each as it was frozen.",
        quote! {
            /// A released revision of a contract.
            #[derive(Clone, Copy, Debug)]
            pub struct Revision {
                /// `public`, `partner` or `private`.
                pub audience: &'static str,
                /// As in its `info.version`: `2.1.0`.
                pub version: &'static str,
                /// The day of its release, `YYYY-MM-DD`.
                pub date: &'static str,
                /// The SHA-256 of `json`, in lower-case hexadecimal; a strong ETag.
                pub sha256: &'static str,
                /// The bundled document.
                pub json: &'static str,
            }
            /// The revisions of the public and the partner contracts, by audience and then by version.
            pub const OPEN: &[Revision] = &[#(#open),*];
            /// The revisions of the private contract, by version.
            pub const PRIVATE: &[Revision] = &[#(#private),*];
        },
    )
}

fn list(revisions: &[&Revision<'_>]) -> Vec<TokenStream> {
    revisions
        .iter()
        .map(|revision| {
            let audience = revision.audience;
            let version = revision.version.to_string();
            let date = revision.entry.date.to_string();
            let sha256 = &revision.entry.sha256;
            let path = format!("../../{}", revision.entry.file);
            quote! {
                Revision {
                    audience: #audience,
                    version: #version,
                    date: #date,
                    sha256: #sha256,
                    json: include_str!(#path),
                }
            }
        })
        .collect()
}
