//! A package as the compiler reads it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, ImplItem, ImplItemFn, Item, ItemEnum, ItemStruct, Lit};

use crate::clients::Files;

/// The sources of a package.
#[derive(Default)]
pub struct Source {
    /// What requests carry and answers hold.
    pub types: Module,
    /// All else.
    pub rest: Module,
    /// The names in each public module.
    names: BTreeMap<String, Vec<String>>,
}

/// What some files declare, by name.
#[derive(Default)]
pub struct Module {
    pub structs: BTreeMap<String, ItemStruct>,
    pub enums: BTreeMap<String, ItemEnum>,
    /// By type and name.
    pub methods: BTreeMap<(String, String), ImplItemFn>,
    /// What awaiting a type gives.
    pub outputs: BTreeMap<String, String>,
    /// How types are made of texts.
    pub readings: BTreeMap<String, String>,
    /// What constants are, by type, if they belong to one, and name.
    pub constants: BTreeMap<String, String>,
}

impl Source {
    /// Reads the sources of a package.
    ///
    /// # Errors
    ///
    /// When a file is no Rust, or is not part of the package, or is missing.
    pub fn read(files: &Files) -> Result<Source> {
        let mut source = Source::default();
        let mut modules = Vec::new();
        for (path, text) in files {
            let Some(name) = path.strip_prefix("src/") else {
                continue;
            };
            let parsed = syn::parse_file(text).with_context(|| format!("{path} is not Rust"))?;
            for item in parsed.items {
                if let (Item::Mod(module), "lib.rs") = (&item, name) {
                    modules.push(format!("src/{}.rs", module.ident));
                }
                source.declare(item, name);
            }
        }
        for path in files.keys().filter(|path| path.starts_with("src/")) {
            ensure!(
                path == "src/lib.rs" || modules.contains(path),
                "{path} is no module of the package"
            );
        }
        for path in &modules {
            ensure!(files.contains_key(path), "the package has no {path}");
        }
        Ok(source)
    }

    /// The names in each public module, with the module.
    pub fn names(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &str>)> {
        let modules = self.names.iter();
        modules.map(|(module, names)| (module.as_str(), names.iter().map(String::as_str)))
    }

    /// The words of an enum, in order, as they are written.
    pub fn words(&self, name: &str) -> Option<Vec<String>> {
        let variants = self.types.enums.get(name)?.variants.iter();
        let bare = variants.map(|it| it.fields.is_empty().then(|| wire(&it.attrs, &it.ident)));
        bare.collect()
    }

    fn declare(&mut self, item: Item, file: &str) {
        if let (
            Item::Struct(ItemStruct { ident, .. }) | Item::Enum(ItemEnum { ident, .. }),
            "operations.rs" | "types.rs",
        ) = (&item, file)
        {
            let names = self.names.entry(file.to_owned()).or_default();
            names.push(ident.to_string());
        }
        match file {
            "types.rs" => self.types.declare(item),
            _ => self.rest.declare(item),
        }
    }
}

impl Module {
    fn declare(&mut self, item: Item) {
        match item {
            Item::Struct(item) => {
                self.structs.insert(item.ident.to_string(), item);
            }
            Item::Enum(item) => {
                self.enums.insert(item.ident.to_string(), item);
            }
            Item::Const(item) => {
                self.constants
                    .insert(item.ident.to_string(), text(&item.expr));
            }
            Item::Impl(item) => {
                let owner = text(&item.self_ty);
                let of = item.trait_.as_ref().map(|(_, path, _)| text(path));
                for member in item.items {
                    match member {
                        ImplItem::Fn(method) if of.is_none() => {
                            let name = method.sig.ident.unraw().to_string();
                            self.methods.insert((owner.clone(), name), method);
                        }
                        ImplItem::Type(it) if it.ident == "Output" => {
                            self.outputs.insert(owner.clone(), text(&it.ty));
                        }
                        ImplItem::Const(it) => {
                            let name = format!("{owner}::{}", it.ident);
                            self.constants.insert(name, text(&it.expr));
                        }
                        ImplItem::Fn(method) if of.as_deref() == Some("From<String>") => {
                            self.readings.insert(owner.clone(), text(&method.block));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// Code as text, without spaces.
pub fn text(code: &impl ToTokens) -> String {
    code.to_token_stream().to_string().replace(' ', "")
}

/// The name of a member or a word where it is sent.
pub fn wire(attributes: &[syn::Attribute], name: &syn::Ident) -> String {
    serde(attributes, "rename").unwrap_or_else(|| name.unraw().to_string())
}

/// What an attribute says of how something is written: `#[serde(word = "…")]`.
pub fn serde(attributes: &[syn::Attribute], word: &str) -> Option<String> {
    let mut found = None;
    for attribute in attributes.iter().filter(|it| it.path().is_ident("serde")) {
        let read = attribute.parse_nested_meta(|meta| {
            let value = match meta.input.peek(syn::Token![=]) {
                true => meta.value()?.parse::<syn::LitStr>()?.value(),
                false => String::new(),
            };
            if meta.path.is_ident(word) {
                found = Some(value);
            }
            Ok(())
        });
        // What is not of this form is not ours, and is found missing.
        if read.is_err() {
            return None;
        }
    }
    found
}

/// The documentation of an item.
pub fn docs(attributes: &[syn::Attribute]) -> String {
    let lines = attributes.iter().filter(|it| it.path().is_ident("doc"));
    lines.map(|it| text(&it.meta) + "\n").collect()
}

/// The calls of methods in a function.
pub fn calls(function: &ImplItemFn) -> Vec<&ExprMethodCall> {
    struct Calls<'a>(Vec<&'a ExprMethodCall>);
    impl<'a> Visit<'a> for Calls<'a> {
        fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
            self.0.push(call);
            visit::visit_expr_method_call(self, call);
        }
    }
    let mut calls = Calls(Vec::new());
    calls.visit_impl_item_fn(function);
    calls.0
}

/// The texts in a function.
pub fn literals(function: &ImplItemFn) -> Vec<String> {
    struct Literals(Vec<String>);
    impl Visit<'_> for Literals {
        fn visit_lit_str(&mut self, literal: &syn::LitStr) {
            self.0.push(literal.value());
        }
        fn visit_attribute(&mut self, _: &syn::Attribute) {}
    }
    let mut literals = Literals(Vec::new());
    literals.visit_impl_item_fn(function);
    literals.0
}

/// The text that an expression is.
pub fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The types of the arguments of a function, by name, but for `self`.
pub fn arguments(function: &ImplItemFn) -> BTreeMap<String, String> {
    let inputs = function.sig.inputs.iter();
    let typed = inputs.filter_map(|input| match input {
        syn::FnArg::Typed(it) => match &*it.pat {
            syn::Pat::Ident(name) => Some((name.ident.unraw().to_string(), text(&it.ty))),
            _ => None,
        },
        syn::FnArg::Receiver(_) => None,
    });
    typed.collect()
}
