//! Writes `types.rs` of a package: what requests carry and answers hold.
//!
//! What is sent may grow by optional members and words, so that structs are made by constructors and matches are never complete;
//! what is received is only read, and its words are all there will be.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::clients::api::Api;
use crate::generate::openapi::schema::{Field, Node, Shape, Struct, Type};
use crate::generate::openapi::{doc, member_ident};

/// The file's content.
pub fn tokens(api: &Api) -> TokenStream {
    let items = api.types.iter().map(|(name, kind)| {
        let ways = Ways {
            sent: api.sent.contains(name),
            received: api.received.contains(name),
        };
        match kind {
            Type::Struct(structure) => structure_tokens(api, name, structure, ways),
            Type::Words { docs, words } => words_tokens(name, docs, words, ways),
            Type::Union {
                docs,
                tag,
                variants,
            } => union_tokens(name, docs, tag, variants, ways),
        }
    });
    let may_lack = |name: &String| matches!(api.types.get(name), Some(Type::Struct(structure)) if structure.fields.iter().any(|field| !field.required));
    let present = api.received.iter().any(may_lack).then(|| {
        quote! {
            /// Reads a member that may be left out but, unless its type says so, is never null.
            fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
                from: D,
            ) -> Result<Option<T>, D::Error> {
                T::deserialize(from).map(Some)
            }
        }
    });
    quote! {
        use serde::{Deserialize, Serialize};

        #(#items)*

        #present
    }
}

/// Where a type is seen.
#[derive(Clone, Copy)]
struct Ways {
    sent: bool,
    received: bool,
}

impl Ways {
    /// What is received is also kept, by those who want to.
    fn derived(self) -> TokenStream {
        match self.received {
            true => quote!(Serialize, Deserialize),
            false => quote!(Serialize),
        }
    }

    /// Words and alternatives are added to requests only.
    fn grows(self) -> Option<TokenStream> {
        self.sent.then(|| quote!(#[non_exhaustive]))
    }
}

fn structure_tokens(api: &Api, name: &str, structure: &Struct, ways: Ways) -> TokenStream {
    let ident = format_ident!("{name}");
    let docs = doc(&structure.docs);
    let fields = structure.fields.iter().map(|field| {
        let member = member_ident(&field.name);
        let docs = doc(&member_docs(field));
        let inner = owned(&field.node);
        let absence =
            (!field.required).then(|| quote!(#[serde(skip_serializing_if = "Option::is_none")]));
        let reading = match (field.required, field.node.nullable) {
            (true, false) => None,
            (true, true) => Some(quote!(#[serde(deserialize_with = "Option::deserialize")])),
            (false, _) => Some(quote!(#[serde(default, deserialize_with = "present")])),
        };
        let reading = reading.filter(|_| ways.received);
        let ty = match (field.required, field.node.nullable) {
            (true, false) => inner,
            (true, true) | (false, false) => quote!(Option<#inner>),
            (false, true) => quote!(Option<Option<#inner>>),
        };
        quote! {
            #docs
            #absence
            #reading
            pub #member: #ty,
        }
    });
    let making = ways.sent.then(|| making(api, &ident, structure));
    let derived = ways.derived();
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq, #derived)]
        #[non_exhaustive]
        pub struct #ident {
            #(#fields)*
        }

        #making
    }
}

/// The constructor, which takes what is demanded, and a method for each member that is not.
fn making(api: &Api, ident: &Ident, structure: &Struct) -> TokenStream {
    let (demanded, optional): (Vec<&Field>, Vec<&Field>) =
        structure.fields.iter().partition(|field| field.required);
    let arguments = demanded.iter().map(|field| {
        let member = member_ident(&field.name);
        let ty = argument(api, &field.node);
        quote!(#member: #ty)
    });
    let members = demanded.iter().map(|field| {
        let member = member_ident(&field.name);
        let value = conversion(api, &field.node, quote!(#member));
        match &value {
            Some(value) => quote!(#member: #value,),
            None => quote!(#member,),
        }
    });
    let absent = optional.iter().map(|field| member_ident(&field.name));
    let setters = optional.iter().map(|field| setter(api, field));
    let (docs, default) = match demanded[..] {
        [] => (
            " Says nothing yet.",
            Some(quote! {
                impl Default for #ident {
                    fn default() -> Self {
                        Self::new()
                    }
                }
            }),
        ),
        _ => (" Says what has to be said.", None),
    };
    quote! {
        impl #ident {
            #[doc = #docs]
            #[must_use]
            pub fn new(#(#arguments),*) -> Self {
                Self {
                    #(#members)*
                    #(#absent: None,)*
                }
            }

            #(#setters)*
        }

        #default
    }
}

fn setter(api: &Api, field: &Field) -> TokenStream {
    let member = member_ident(&field.name);
    let plain = Node {
        nullable: false,
        ..field.node.clone()
    };
    let docs = doc(&member_docs(field));
    let ty = argument(api, &plain);
    let value = conversion(api, &plain, quote!(#member)).unwrap_or_else(|| quote!(#member));
    let set = quote! {
        #docs
        #[must_use]
        pub fn #member(mut self, #member: #ty) -> Self
    };
    if !field.node.nullable {
        return quote!(#set { self.#member = Some(#value); self });
    }
    let clear = format_ident!("clear_{}", field.name);
    let clear_docs = format!(" Says that `{}` shall be null.", field.name);
    quote! {
        #set { self.#member = Some(Some(#value)); self }

        #[doc = #clear_docs]
        #[must_use]
        pub fn #clear(mut self) -> Self { self.#member = Some(None); self }
    }
}

/// A member's description, with what its type does not say.
fn member_docs(field: &Field) -> String {
    let mut docs = field.docs.clone();
    let mut add = |paragraph: String| {
        docs.push_str("\n\n");
        docs.push_str(&paragraph);
    };
    if let Shape::Text(text) = innermost(&field.node) {
        if !text.known.is_empty() {
            let known: Vec<_> = text.known.iter().map(|word| format!("`{word}`")).collect();
            add(format!("Known: {}; there may be more.", known.join(", ")));
        }
        match text.format.as_deref() {
            Some("date") => add("A date, such as `2027-03-15`.".to_owned()),
            Some("date-time") => {
                add("A moment (RFC 3339), such as `2027-03-01T09:00:00Z`.".to_owned());
            }
            _ => {}
        }
    }
    if field.deprecated {
        add("Deprecated.".to_owned());
    }
    match docs.trim() {
        "" => format!("`{}`.", field.name),
        docs => docs.to_owned(),
    }
}

fn innermost(node: &Node) -> &Shape {
    match &node.shape {
        Shape::List { items, .. } => innermost(items),
        Shape::Map { values, .. } => innermost(values),
        shape => shape,
    }
}

/// The type of a value as it is kept, null aside.
fn owned(node: &Node) -> TokenStream {
    match &node.shape {
        Shape::Text(_) => quote!(String),
        Shape::Integer { wide: true, .. } => quote!(i64),
        Shape::Integer { wide: false, .. } => quote!(i32),
        Shape::Boolean => quote!(bool),
        Shape::List { items, .. } => {
            let items = owned(items);
            quote!(Vec<#items>)
        }
        Shape::Map { values, .. } => {
            let values = owned(values);
            quote!(std::collections::BTreeMap<String, #values>)
        }
        Shape::Word(name) | Shape::Named(name) => {
            let name = format_ident!("{name}");
            quote!(#name)
        }
    }
}

/// The type of a value as it is given: whatever becomes what is kept.
fn argument(api: &Api, node: &Node) -> TokenStream {
    if node.nullable {
        let inner = owned(node);
        return quote!(Option<#inner>);
    }
    match &node.shape {
        Shape::Text(_) => quote!(impl Into<String>),
        Shape::Named(name) if is_union(api, name) => {
            let name = format_ident!("{name}");
            quote!(impl Into<#name>)
        }
        Shape::List { items, .. } => {
            let items = argument(api, items);
            quote!(impl IntoIterator<Item = #items>)
        }
        Shape::Map { values, .. } => {
            let values = argument(api, values);
            quote!(impl IntoIterator<Item = (impl Into<String>, #values)>)
        }
        Shape::Named(_) | Shape::Word(_) | Shape::Integer { .. } | Shape::Boolean => owned(node),
    }
}

/// What makes the value that is kept of the one that is given; nothing when they are the same.
fn conversion(api: &Api, node: &Node, value: TokenStream) -> Option<TokenStream> {
    if node.nullable {
        return None;
    }
    match &node.shape {
        Shape::Text(_) => Some(quote!(#value.into())),
        Shape::Named(name) => is_union(api, name).then(|| quote!(#value.into())),
        Shape::List { items, .. } => {
            let each = conversion(api, items, quote!(item)).map(|each| quote!(.map(|item| #each)));
            Some(quote!(#value.into_iter() #each.collect()))
        }
        Shape::Map { values, .. } => {
            let each = conversion(api, values, quote!(value)).unwrap_or_else(|| quote!(value));
            Some(quote!(#value.into_iter().map(|(name, value)| (name.into(), #each)).collect()))
        }
        Shape::Word(_) | Shape::Integer { .. } | Shape::Boolean => None,
    }
}

/// Whether a type is one of several.
pub fn is_union(api: &Api, name: &str) -> bool {
    matches!(api.types.get(name), Some(Type::Union { .. }))
}

fn words_tokens(name: &str, docs: &str, words: &[String], ways: Ways) -> TokenStream {
    let ident = format_ident!("{name}");
    let docs = doc(docs);
    let (derived, grows) = (ways.derived(), ways.grows());
    let variants: Vec<Ident> = words.iter().map(|word| variant(word)).collect();
    let word_docs = words.iter().map(|word| format!(" `{word}`"));
    quote! {
        #docs
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, #derived)]
        #grows
        pub enum #ident {
            #(
                #[doc = #word_docs]
                #[serde(rename = #words)]
                #variants,
            )*
        }

        impl #ident {
            /// The word in the contract.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    #(Self::#variants => #words,)*
                }
            }
        }

        impl std::fmt::Display for #ident {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    }
}

fn union_tokens(
    name: &str,
    docs: &str,
    tag: &str,
    variants: &[(String, String)],
    ways: Ways,
) -> TokenStream {
    let ident = format_ident!("{name}");
    let docs = doc(docs);
    let (derived, grows) = (ways.derived(), ways.grows());
    let cases = variants.iter().map(|(word, ty)| {
        let (case, ty) = (variant(word), format_ident!("{ty}"));
        let docs = format!(" `{tag}` is `{word}`.");
        quote! {
            #[doc = #docs]
            #[serde(rename = #word)]
            #case(#ty),
        }
    });
    let types: BTreeSet<&String> = variants.iter().map(|(_, ty)| ty).collect();
    // A type that stands for two words does not tell which is meant.
    let told = types.len() == variants.len();
    let conversions = variants.iter().filter(|_| told).map(|(word, ty)| {
        let (case, ty) = (variant(word), format_ident!("{ty}"));
        quote! {
            impl From<#ty> for #ident {
                fn from(value: #ty) -> Self {
                    Self::#case(value)
                }
            }
        }
    });
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq, #derived)]
        #[serde(tag = #tag)]
        #grows
        pub enum #ident {
            #(#cases)*
        }

        #(#conversions)*
    }
}

/// The name of a word among the values of an enum.
pub fn variant(word: &str) -> Ident {
    format_ident!("{}", word.to_upper_camel_case())
}
