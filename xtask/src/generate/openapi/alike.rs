//! What several contracts ask and answer alike: the input or the answers of an operation that two contracts spell the same, in shared
//! types alone, is written once, so that one adapter serves them all. Words for people do not count; the first contract's stand.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};

use super::Contract;
use super::operation::Operation;
use super::operations::{request_tokens, success_tokens};
use super::schema::{Node, Shape};

/// The items that contracts share.
#[derive(Default)]
pub struct Alike {
    /// The items, by name.
    pub items: BTreeMap<String, TokenStream>,
    /// Their names, by the module of each contract that has them.
    pub names: BTreeMap<String, BTreeSet<String>>,
}

/// Finds what at least two of the contracts have.
pub fn find(contracts: &[Contract]) -> Alike {
    let mut found: BTreeMap<String, Vec<(&Contract, TokenStream)>> = BTreeMap::new();
    for contract in contracts {
        for operation in &contract.operations {
            if asked_in_shared_types(contract, operation) {
                let name = operation.request_ident().to_string();
                let item = (contract, request_tokens(operation));
                found.entry(name).or_default().push(item);
            }
            if answered_in_shared_types(contract, operation) {
                let name = operation.success_ident().to_string();
                let item = (contract, success_tokens(operation));
                found.entry(name).or_default().push(item);
            }
        }
    }
    let mut alike = Alike::default();
    for (name, candidates) in found {
        let spelt: Vec<String> = candidates
            .iter()
            .map(|(_, item)| without_docs(item.clone()).to_string())
            .collect();
        let twice = |text: &&String| spelt.iter().filter(|other| other == text).count() > 1;
        let Some(shared) = spelt.iter().find(twice) else {
            continue;
        };
        for ((contract, item), _) in candidates
            .into_iter()
            .zip(&spelt)
            .filter(|(_, text)| *text == shared)
        {
            alike.items.entry(name.clone()).or_insert(item);
            let names = alike.names.entry(contract.module.clone()).or_default();
            names.insert(name.clone());
        }
    }
    alike
}

fn asked_in_shared_types(contract: &Contract, operation: &Operation) -> bool {
    let body = operation.body.as_ref();
    operation
        .parameters
        .iter()
        .all(|parameter| is_shared(contract, &parameter.node))
        && body.is_none_or(|body| contract.shared.contains(&body.schema))
}

fn answered_in_shared_types(contract: &Contract, operation: &Operation) -> bool {
    let schemas = operation
        .answers
        .iter()
        .filter_map(|answer| answer.content.as_ref());
    schemas
        .map(|(_, schema)| schema)
        .all(|schema| contract.shared.contains(schema))
}

fn is_shared(contract: &Contract, node: &Node) -> bool {
    match &node.shape {
        Shape::Named(name) | Shape::Word(name) => contract.shared.contains(name),
        Shape::List { items, .. } => is_shared(contract, items),
        Shape::Map { values, .. } => is_shared(contract, values),
        Shape::Text(_) | Shape::Integer { .. } | Shape::Boolean => true,
    }
}

/// The tokens without `#[doc = "…"]`.
fn without_docs(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if is_doc(&group) => drop(kept.pop()),
            TokenTree::Group(group) => {
                let inside = without_docs(group.stream());
                kept.push(proc_macro2::Group::new(group.delimiter(), inside).into());
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

fn is_doc(group: &proc_macro2::Group) -> bool {
    let first = group.stream().into_iter().next();
    group.delimiter() == proc_macro2::Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(ident)) if ident == "doc")
}
