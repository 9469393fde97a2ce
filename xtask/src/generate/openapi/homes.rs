//! Where each type is written. What `openapi/shared` says is one module of its own, so that whoever converts it does so once for all
//! contracts; what a later major says exactly as an earlier one of its audience is written with the earlier.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use super::Contract;
use super::schema::{Node, Shape, Type};
use super::structs::item;

/// The module of what contracts share.
pub const SHARED: &str = "shared";

/// Types of a module, with what makes them differ from what a schema says.
#[derive(Debug, Default)]
pub struct Module<'a> {
    /// The types that are written here.
    pub own: BTreeMap<&'a str, &'a Type>,
    /// Those of them that requests reach.
    pub in_requests: BTreeSet<&'a str>,
    /// Names that are here and written elsewhere, by module.
    pub borrowed: BTreeMap<&'a str, Vec<&'a str>>,
}

/// The module of what is shared, and one for each contract, in their order: by audience, the lower major first.
pub fn assign(contracts: &[Contract]) -> Result<(Module<'_>, Vec<Module<'_>>)> {
    let mut shared = Module::default();
    for contract in contracts {
        for (name, kind) in contract
            .types
            .iter()
            .filter(|(name, _)| contract.shared.contains(*name))
        {
            if let Some(other) = shared.own.insert(name, kind)
                && other != kind
            {
                bail!(
                    "openapi/shared:1: two different schemas give the type `{name}`; rename one of them"
                );
            }
            if contract.in_requests.contains(name) {
                shared.in_requests.insert(name);
            }
        }
    }
    let mut modules = Vec::new();
    for (index, contract) in contracts.iter().enumerate() {
        let mut module = Module::default();
        for name in &contract.shared {
            module.borrowed.entry(SHARED).or_default().push(name);
        }
        for earlier in contracts[..index]
            .iter()
            .filter(|earlier| earlier.audience == contract.audience)
        {
            for name in alike(contract, earlier) {
                let known = module
                    .borrowed
                    .values()
                    .flatten()
                    .any(|known| *known == name);
                if !known {
                    module
                        .borrowed
                        .entry(&earlier.module)
                        .or_default()
                        .push(name);
                }
            }
        }
        let borrowed: BTreeSet<&str> = module.borrowed.values().flatten().copied().collect();
        for (name, kind) in contract
            .types
            .iter()
            .filter(|(name, _)| !borrowed.contains(name.as_str()))
        {
            module.own.insert(name, kind);
            if contract.in_requests.contains(name) {
                module.in_requests.insert(name);
            }
        }
        modules.push(module);
    }
    Ok((shared, modules))
}

/// The types that both contracts write the same, down to the last that they refer to.
fn alike<'a>(contract: &'a Contract, earlier: &Contract) -> BTreeSet<&'a str> {
    let same = |name: &str, kind: &Type| {
        let Some(other) = earlier.types.get(name) else {
            return false;
        };
        let of_request = contract.in_requests.contains(name);
        let written = |kind: &Type| item(name, kind, of_request).to_string();
        !contract.shared.contains(name)
            && !earlier.shared.contains(name)
            && earlier.in_requests.contains(name) == of_request
            && written(other) == written(kind)
            // What a request must match is written elsewhere, under a name of its own.
            && (!of_request || other == kind)
    };
    let types = contract
        .types
        .iter()
        .filter(|(name, kind)| same(name, kind));
    let mut alike: BTreeMap<&str, &Type> =
        types.map(|(name, kind)| (name.as_str(), kind)).collect();
    loop {
        let holds = |target: &str| {
            alike.contains_key(target)
                || (contract.shared.contains(target) && earlier.shared.contains(target))
        };
        let other = alike
            .iter()
            .find(|(_, kind)| !references(kind).into_iter().all(holds));
        let Some(other) = other.map(|(name, _)| *name) else {
            return alike.into_keys().collect();
        };
        alike.remove(other);
    }
}

/// The types that a type names.
fn references(kind: &Type) -> Vec<&str> {
    fn of<'a>(node: &'a Node, into: &mut Vec<&'a str>) {
        match &node.shape {
            Shape::Named(name) | Shape::Word(name) => into.push(name),
            Shape::List { items, .. } => of(items, into),
            Shape::Map { values, .. } => of(values, into),
            Shape::Text(_) | Shape::Integer { .. } | Shape::Boolean => {}
        }
    }
    let mut names = Vec::new();
    match kind {
        Type::Struct(structure) => structure
            .fields
            .iter()
            .for_each(|field| of(&field.node, &mut names)),
        Type::Union { variants, .. } => {
            names.extend(variants.iter().map(|(_, name)| name.as_str()))
        }
        Type::Words { .. } => {}
    }
    names
}

impl Module<'_> {
    /// The patterns that its requests are validated with, by the name of their static.
    pub fn patterns(&self) -> BTreeMap<String, String> {
        let mut patterns = BTreeMap::new();
        for (_, kind) in self
            .own
            .iter()
            .filter(|(name, _)| self.in_requests.contains(*name))
        {
            if let Type::Struct(structure) = kind {
                for field in &structure.fields {
                    patterns_of(&field.node, &mut patterns);
                }
            }
        }
        patterns
    }
}

/// The patterns of a value, those of other types aside.
pub fn patterns_of(node: &Node, into: &mut BTreeMap<String, String>) {
    let mut need = |pattern: &Option<super::schema::Pattern>| {
        if let Some(pattern) = pattern {
            into.insert(pattern.name.clone(), pattern.text.clone());
        }
    };
    match &node.shape {
        Shape::Text(text) => need(&text.pattern),
        Shape::Map { values, names, .. } => {
            need(names);
            patterns_of(values, into);
        }
        Shape::List { items, .. } => patterns_of(items, into),
        Shape::Word(_) | Shape::Named(_) | Shape::Integer { .. } | Shape::Boolean => {}
    }
}
