//! A contract as its clients see it: what the languages write packages from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::expressible;
use crate::evolve::index::Index;
use crate::evolve::{Version, contracts};
use crate::generate::openapi::operation::{self, Parameter};
use crate::generate::openapi::schema::{Node, Shape, Type};
use crate::generate::openapi::{self, Contract};
use crate::generate::{bundles, problem};
use crate::spec::Document;

/// A contract at a revision, as its clients see it.
pub struct Api {
    /// `public`.
    pub audience: String,
    /// `2`.
    pub major: u32,
    /// The revision, and the version of the packages.
    pub version: Version,
    /// `Fareway public API`.
    pub title: String,
    /// How a client says who it is.
    pub credential: Credential,
    /// All but those that get a token, which every client does by itself.
    pub operations: Vec<Operation>,
    /// What the operations and the webhooks carry.
    pub types: BTreeMap<String, Type>,
    /// Types that are sent.
    pub sent: BTreeSet<String>,
    /// Types that are received.
    pub received: BTreeSet<String>,
    /// The problem codes of the operations, in order.
    pub codes: Vec<String>,
    /// What is posted to webhook endpoints.
    pub payload: Option<String>,
    /// The day after which the contract is no longer served, when there is one.
    pub sunset: Option<String>,
    /// The bundled document, for generators that read OpenAPI.
    pub document: Value,
}

/// How a client says who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A key in the header `Api-Key`.
    Key,
    /// A token of `POST /oauth/token` (RFC 6749 §4.4), fetched with the id and the secret of a client.
    Client,
}

/// An operation.
pub struct Operation {
    /// `createOrder`.
    pub id: String,
    /// `post`.
    pub method: String,
    /// `/public/v2/orders/{order_id}`.
    pub path: String,
    pub docs: String,
    /// Those of the path and the query that cannot be left out, in the order of the contract.
    pub demanded: Vec<Parameter>,
    /// Those of the query and the headers that can; never the idempotency key.
    pub optional: Vec<Parameter>,
    /// The type of the request's body.
    pub body: Option<String>,
    /// Whether it may be left out.
    pub body_optional: bool,
    /// The type of a success; none when it has no body.
    pub answer: Option<String>,
    /// Whether it takes an idempotency key: clients make one when none is given.
    pub keyed: bool,
    /// Whether the same request has the same effect twice, so that it may be repeated when its answer was lost.
    pub repeatable: bool,
    /// How its list goes on, when it has one.
    pub page: Option<Page>,
    /// The codes of its problems.
    pub problems: Vec<String>,
}

/// A list in pages.
pub struct Page {
    /// The type of an entry.
    pub item: String,
    pub by: Paging,
}

/// How to ask for the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// `next_cursor` is given as `after`, until it is null.
    Cursor,
    /// `page` counts from 1, while `has_more`.
    Number,
}

impl Api {
    /// `public-2.0.0`: the folder of a package.
    pub fn folder(&self) -> String {
        format!("{}-{}", self.audience, self.version)
    }

    /// `public/v2`: the name of the contract.
    pub fn contract(&self) -> String {
        format!("{}/v{}", self.audience, self.major)
    }
}

/// Every revision that clients are made of: the working contracts, and the released ones that differ from them.
///
/// # Errors
///
/// When a contract cannot be read, or clients could not be made of it.
pub fn all(root: &Path) -> Result<Vec<Api>> {
    let catalogue = problem::catalogue(root)?;
    let mut apis = Vec::new();
    for document in bundles(root)? {
        let module = openapi::module(&document.file)?;
        apis.push(read(&document, module, &catalogue)?);
    }
    for revision in Index::read(root)?.revisions() {
        let document = Document::load(root, &revision.entry.file)?;
        let module = format!("{}_v{}", revision.audience, revision.version.major);
        let released = read(&document, module, &catalogue)?;
        let working = apis
            .iter()
            .any(|api| api.folder() == released.folder() && api.document == released.document);
        if !working {
            apis.push(released);
        }
    }
    apis.sort_by_key(Api::folder);
    let twice = apis
        .windows(2)
        .find(|pair| pair[0].folder() == pair[1].folder());
    ensure!(
        twice.is_none(),
        "{} was released and has changed since; give the contract its next version in `info.version`",
        twice.map(|pair| pair[0].folder()).unwrap_or_default()
    );
    Ok(apis)
}

fn read(document: &Document, module: String, catalogue: &BTreeMap<String, u16>) -> Result<Api> {
    let contract = openapi::read(document, module, catalogue)?;
    expressible::look(&contract).with_context(|| document.file.clone())?;
    let (audience, major) = contract
        .module
        .split_once("_v")
        .context("a contract lies in openapi/<audience>/v<major>.yaml")?;
    let info = &document.value["info"];
    let version = info["version"].as_str().unwrap_or_default();
    let gets_tokens = |operation: &operation::Operation| operation.credential.is_none();
    let operations: Vec<Operation> = contract
        .operations
        .iter()
        .filter(|operation| !gets_tokens(operation))
        .map(|operation| operation_of(operation, &contract))
        .collect();
    let keys = (contract.operations.iter())
        .filter_map(|operation| operation.credential.as_ref())
        .all(|credential| credential.kind == "ApiKey");
    let payloads = contract.webhooks.iter().map(|webhook| &webhook.schema);
    let payloads: BTreeSet<&String> = payloads.collect();
    ensure!(
        payloads.len() < 2,
        "{}: webhooks carry one schema",
        document.file
    );
    let payload = payloads.first().map(|name| (*name).clone());
    let (mut sent, mut received) = (BTreeSet::new(), BTreeSet::new());
    for operation in &operations {
        reach(operation.body.iter(), &contract, &mut sent);
        reach(operation.answer.iter(), &contract, &mut received);
        for parameter in operation.demanded.iter().chain(&operation.optional) {
            reach(named(&parameter.node), &contract, &mut sent);
        }
    }
    reach(payload.iter(), &contract, &mut received);
    let mut bare = document.value.clone();
    // A release adds the statuses of the codes; the working contract leaves them in the catalogue.
    if let Some(members) = bare.as_object_mut() {
        members.shift_remove(contracts::CATALOGUE);
    }
    let codes: BTreeSet<&String> = operations
        .iter()
        .flat_map(|operation| &operation.problems)
        .collect();
    Ok(Api {
        audience: audience.to_owned(),
        major: major.parse()?,
        version: version
            .parse()
            .map_err(|error| anyhow::anyhow!("{}: {error}", document.file))?,
        title: contract.title.clone(),
        credential: if keys {
            Credential::Key
        } else {
            Credential::Client
        },
        codes: codes.into_iter().cloned().collect(),
        operations,
        payload,
        sunset: info["x-lifecycle"]["sunset"]
            .as_str()
            .map(ToOwned::to_owned),
        document: bare,
        types: (contract.types.into_iter())
            .filter(|(name, _)| sent.contains(name) || received.contains(name))
            .collect(),
        sent,
        received,
    })
}

fn operation_of(operation: &operation::Operation, contract: &Contract) -> Operation {
    let parameters = || operation.parameters.iter().cloned();
    let answer = operation
        .answers
        .iter()
        .find_map(|answer| answer.content.as_ref());
    let answer = answer.map(|(_, schema)| schema.clone());
    let keyed = parameters().any(|parameter| parameter.name == "Idempotency-Key");
    Operation {
        id: operation.id.clone(),
        method: operation.method.clone(),
        path: operation.path.clone(),
        docs: operation.docs.clone(),
        demanded: parameters()
            .filter(|parameter| parameter.required && parameter.place != "header")
            .collect(),
        optional: parameters()
            .filter(|parameter| !parameter.required && parameter.name != "Idempotency-Key")
            .collect(),
        body: operation.body.as_ref().map(|body| body.schema.clone()),
        body_optional: operation.body.as_ref().is_some_and(|body| !body.required),
        keyed,
        repeatable: keyed || ["get", "put", "delete"].contains(&operation.method.as_str()),
        page: answer.as_ref().and_then(|answer| page(answer, contract)),
        answer,
        problems: operation.problems.clone(),
    }
}

fn page(answer: &str, contract: &Contract) -> Option<Page> {
    let Some(Type::Struct(list)) = contract.types.get(answer) else {
        return None;
    };
    let member = |name: &str| list.fields.iter().find(|field| field.name == name);
    let Shape::List { items, .. } = &member("data")?.node.shape else {
        return None;
    };
    let by = match (member("next_cursor"), member("has_more")) {
        (Some(_), _) => Paging::Cursor,
        (None, Some(_)) => Paging::Number,
        (None, None) => return None,
    };
    match &items.shape {
        Shape::Named(item) => Some(Page {
            item: item.clone(),
            by,
        }),
        _ => None,
    }
}

/// Adds the types that some types reach, and themselves.
fn reach<'a>(
    names: impl IntoIterator<Item = &'a String>,
    contract: &'a Contract,
    reached: &mut BTreeSet<String>,
) {
    let mut open: Vec<&String> = names.into_iter().collect();
    while let Some(name) = open.pop() {
        if !reached.insert(name.clone()) {
            continue;
        }
        match contract.types.get(name) {
            Some(Type::Struct(structure)) => {
                open.extend(
                    structure
                        .fields
                        .iter()
                        .filter_map(|field| named(&field.node)),
                );
            }
            Some(Type::Union { variants, .. }) => {
                open.extend(variants.iter().map(|(_, name)| name))
            }
            Some(Type::Words { .. }) | None => {}
        }
    }
}

/// The type that a value names, however deep.
fn named(node: &Node) -> Option<&String> {
    match &node.shape {
        Shape::Named(name) | Shape::Word(name) => Some(name),
        Shape::List { items, .. } => named(items),
        Shape::Map { values, .. } => named(values),
        Shape::Text(_) | Shape::Integer { .. } | Shape::Boolean => None,
    }
}

/// The golden contract, which uses the whole dialect once, but for an operation of another credential.
#[cfg(test)]
pub fn golden() -> Result<Api> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalogue = problem::catalogue(root.parent().context("a root")?)?;
    let golden = root.join("src/generate/golden");
    let mut document = Document::bundle(&golden, "openapi/public/v9.yaml")?;
    let thing = &mut document.value["paths"]["/public/v9/things/{thing_id}"];
    thing.as_object_mut().context("a path")?.remove("delete");
    read(&document, "public_v9".to_owned(), &catalogue)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apis() -> Vec<Api> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("a root");
        all(root).expect("the contracts make clients")
    }

    #[test]
    fn every_contract_has_a_client() {
        let names: BTreeSet<String> = apis().iter().map(Api::contract).collect();
        for contract in ["partner/v1", "private/v1", "public/v1", "public/v2"] {
            assert!(
                names.contains(contract),
                "{contract} is not among {names:?}"
            );
        }
    }

    #[test]
    fn credentials_lists_and_keys_are_understood() {
        for api in apis() {
            let credential = match api.audience.as_str() {
                "public" => Credential::Key,
                _ => Credential::Client,
            };
            assert_eq!(api.credential, credential, "{}", api.folder());
            for operation in &api.operations {
                let at = format!("{} {}", api.folder(), operation.id);
                assert_ne!(operation.id, "createToken", "{at}");
                assert_eq!(
                    operation.page.is_some(),
                    operation.id.starts_with("list"),
                    "{at}"
                );
                let paging = match (api.audience.as_str(), api.major) {
                    ("public", 1) => Paging::Number,
                    _ => Paging::Cursor,
                };
                assert!(
                    operation.page.as_ref().is_none_or(|page| page.by == paging),
                    "{at}"
                );
                assert!(operation.repeatable || !operation.keyed, "{at}");
            }
        }
    }
}
