//! Writes `types.rs`: structs, enums and unions, with how serde, validator and utoipa see them.

use heck::ToUpperCamelCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::doc;
use super::homes::Module;
use super::schema::{Field, Node, Shape, Struct, Text, Type};
use super::validation::validation;

/// The file's content.
pub fn tokens(module: &Module<'_>) -> TokenStream {
    let mut items = Vec::new();
    for (name, kind) in &module.own {
        items.push(item(name, kind, module.in_requests.contains(name)));
    }
    let borrowed = module.borrowed.iter().map(|(home, names)| {
        let home = format_ident!("{home}");
        let names = names.iter().map(|name| format_ident!("{name}"));
        quote!(pub use super::super::#home::types::{#(#names),*};)
    });
    quote! {
        use std::collections::BTreeMap;

        use serde::de::Error as _;
        use serde::{Deserialize, Deserializer, Serialize};
        use utoipa::ToSchema;
        use validator::{Validate, ValidationError, ValidationErrors};

        use super::patterns;
        use crate::wire::{format, json};

        #(#borrowed)*

        #(#items)*
    }
}

/// A type as it is written; requests' types are validated.
pub fn item(name: &str, kind: &Type, in_request: bool) -> TokenStream {
    match kind {
        Type::Struct(structure) => structure_tokens(name, structure, in_request),
        Type::Words { docs, words } => words_tokens(name, docs, words),
        Type::Union {
            docs,
            tag,
            variants,
        } => union_tokens(name, docs, tag, variants, in_request),
    }
}

fn structure_tokens(name: &str, structure: &Struct, in_request: bool) -> TokenStream {
    let ident = format_ident!("{name}");
    let docs = doc(&structure.docs);
    let closed = structure
        .closed
        .then(|| quote!(#[serde(deny_unknown_fields)]));
    let mut checks = Vec::new();
    let fields: Vec<TokenStream> = structure
        .fields
        .iter()
        .map(|field| field_tokens(name, field, in_request, &mut checks))
        .collect();
    let derive = in_request.then(|| quote!(, Validate));
    let counted =
        (structure.members_min.is_some() || structure.members_max.is_some()) && in_request;
    let schema_rule = counted.then(|| {
        let function = format!("{}_members", heck::AsSnakeCase(name));
        checks.push(members_check(name, structure));
        quote!(#[validate(schema(function = #function))])
    });
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema #derive)]
        #closed
        #schema_rule
        pub struct #ident {
            #(#fields)*
        }

        #(#checks)*
    }
}

/// `minProperties` and `maxProperties` of an object with known members.
fn members_check(name: &str, structure: &Struct) -> TokenStream {
    let ident = format_ident!("{name}");
    let function = format_ident!("{}_members", heck::AsSnakeCase(name).to_string());
    let required = structure
        .fields
        .iter()
        .filter(|field| field.required)
        .count() as u64;
    let required = (required > 0).then(|| quote!(#required));
    let optional = structure
        .fields
        .iter()
        .filter(|field| !field.required)
        .map(|field| {
            let member = member_ident(&field.name);
            quote!(u64::from(value.#member.is_some()))
        });
    let counts = required.into_iter().chain(optional);
    let (min, max) = (
        structure.members_min.unwrap_or(0),
        structure.members_max.unwrap_or(u64::MAX),
    );
    quote! {
        fn #function(value: &#ident) -> Result<(), ValidationError> {
            let members = #(#counts)+*;
            if (#min..=#max).contains(&members) {
                return Ok(());
            }
            Err(ValidationError::new("members"))
        }
    }
}

fn field_tokens(
    parent: &str,
    field: &Field,
    in_request: bool,
    checks: &mut Vec<TokenStream>,
) -> TokenStream {
    let ident = member_ident(&field.name);
    let docs = doc(&field.docs);
    let deprecated = field.deprecated.then(|| quote!(#[schema(deprecated)]));
    let inner = rust_type(&field.node);
    let (ty, serde, schema) = match (field.required, field.node.nullable) {
        (true, false) => (inner, read_with(&field.node, "", &[]), None),
        (true, true) => (
            quote!(Option<#inner>),
            read_with(&field.node, "nullable", &[]),
            Some(quote!(required = true)),
        ),
        (false, false) => (
            quote!(Option<#inner>),
            read_with(&field.node, "present", &OPTIONAL),
            Some(quote!(nullable = false)),
        ),
        (false, true) => (
            quote!(Option<Option<#inner>>),
            read_with(&field.node, "optional_nullable", &OPTIONAL),
            None,
        ),
    };
    let format = match &field.node.shape {
        Shape::Text(Text {
            format: Some(format),
            ..
        }) => Some(quote!(format = #format)),
        _ => None,
    };
    let schema: Vec<TokenStream> = schema.into_iter().chain(format).collect();
    let schema = (!schema.is_empty()).then(|| quote!(#[schema(#(#schema),*)]));
    let validate = in_request
        .then(|| validation(parent, field, checks))
        .flatten();
    quote! {
        #docs
        #deprecated
        #serde
        #schema
        #validate
        pub #ident: #ty,
    }
}

const OPTIONAL: [&str; 2] = ["default", "skip_serializing_if = \"Option::is_none\""];

/// How serde reads a member: integers leniently, objects never as lists, null never as absence, names of a map once.
fn read_with(node: &Node, presence: &str, extra: &[&str]) -> Option<TokenStream> {
    let kind = match &node.shape {
        Shape::Integer { .. } => "integer",
        Shape::List { items, .. } if matches!(items.shape, Shape::Integer { .. }) => "integers",
        Shape::List { items, .. } if matches!(items.shape, Shape::Named(_)) => "objects",
        Shape::Named(_) => "object",
        Shape::Map { .. } => "map",
        _ => "",
    };
    let function = match (presence, kind) {
        ("", "") => None,
        ("", kind) => Some(kind.to_owned()),
        (presence, "") => Some(presence.to_owned()),
        (presence, kind) => Some(format!("{presence}_{kind}")),
    };
    let extra = extra.iter().map(|text| {
        text.parse::<TokenStream>()
            .expect("the constant above is Rust")
    });
    let function = function.map(|function| {
        let path = format!("json::{function}");
        quote!(deserialize_with = #path)
    });
    let parts: Vec<TokenStream> = extra.chain(function).collect();
    (!parts.is_empty()).then(|| quote!(#[serde(#(#parts),*)]))
}

/// The Rust type of a value, null aside.
pub fn rust_type(node: &Node) -> TokenStream {
    match &node.shape {
        Shape::Text(_) => quote!(String),
        Shape::Integer { wide: true, .. } => quote!(i64),
        Shape::Integer { wide: false, .. } => quote!(i32),
        Shape::Boolean => quote!(bool),
        Shape::List { items, .. } => {
            let items = rust_type(items);
            quote!(Vec<#items>)
        }
        Shape::Map { values, .. } => {
            let values = rust_type(values);
            quote!(BTreeMap<String, #values>)
        }
        Shape::Word(name) | Shape::Named(name) => {
            let name = format_ident!("{name}");
            quote!(#name)
        }
    }
}

fn words_tokens(name: &str, docs: &str, words: &[String]) -> TokenStream {
    let ident = format_ident!("{name}");
    let docs = doc(docs);
    let variants: Vec<_> = words
        .iter()
        .map(|word| format_ident!("{}", word.to_upper_camel_case()))
        .collect();
    let word_docs = words.iter().map(|word| format!(" `{word}`"));
    quote! {
        #docs
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum #ident {
            #(
                #[doc = #word_docs]
                #[serde(rename = #words)]
                #variants,
            )*
        }

        impl #ident {
            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    #(#ident::#variants => #words,)*
                }
            }

            /// The value of a word on the wire.
            pub fn parse(word: &str) -> Option<#ident> {
                match word {
                    #(#words => Some(#ident::#variants),)*
                    _ => None,
                }
            }
        }
    }
}

fn union_tokens(
    name: &str,
    docs: &str,
    tag: &str,
    variants: &[(String, String)],
    in_request: bool,
) -> TokenStream {
    let ident = format_ident!("{name}");
    let docs = doc(docs);
    let words: Vec<_> = variants.iter().map(|(word, _)| word).collect();
    let cases: Vec<_> = variants
        .iter()
        .map(|(word, _)| format_ident!("{}", word.to_upper_camel_case()))
        .collect();
    let types = variants.iter().map(|(_, name)| format_ident!("{name}"));
    let case_docs = variants.iter().map(|(word, _)| format!(" `{tag}: {word}`"));
    let validate = in_request.then(|| {
        quote! {
            impl Validate for #ident {
                fn validate(&self) -> Result<(), ValidationErrors> {
                    match self {
                        #(#ident::#cases(value) => value.validate(),)*
                    }
                }
            }
        }
    });
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
        #[serde(tag = #tag)]
        pub enum #ident {
            #(
                #[doc = #case_docs]
                #[serde(rename = #words)]
                #cases(#types),
            )*
        }

        // Derived readers take the number of a case for its word.
        impl<'de> Deserialize<'de> for #ident {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let (word, members) = json::tagged(from, #tag)?;
                match word.as_str() {
                    #(#words => json::case::<_, D>(members).map(#ident::#cases),)*
                    _ => Err(D::Error::unknown_variant(&word, &[#(#words),*])),
                }
            }
        }

        #validate
    }
}

/// The field of a member; a keyword of Rust becomes a raw identifier.
pub fn member_ident(name: &str) -> proc_macro2::Ident {
    match syn::parse_str::<syn::Ident>(name) {
        Ok(ident) => ident,
        Err(_) => format_ident!("r#{name}"),
    }
}
