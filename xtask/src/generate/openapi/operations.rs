//! Writes `operations.rs`: request structs, success enums, and the statics that tell the pipeline of each operation.

use std::collections::BTreeSet;

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::homes::SHARED;
use super::operation::{Header, Operation, Parameter, Response};
use super::schema::{Shape, Type};
use super::structs::{member_ident, rust_type};
use super::{Contract, doc};

impl Operation {
    /// The method of the trait, and the handler of the route.
    pub fn method_ident(&self) -> Ident {
        format_ident!("{}", self.id.to_snake_case())
    }

    /// The struct of what it is asked with.
    pub fn request_ident(&self) -> Ident {
        format_ident!("{}Input", self.id.to_upper_camel_case())
    }

    /// The enum of its successes.
    pub fn success_ident(&self) -> Ident {
        format_ident!("{}", self.id.to_upper_camel_case())
    }

    /// The static that describes it.
    pub fn static_ident(&self) -> Ident {
        format_ident!("{}", self.id.to_snake_case().to_uppercase())
    }

    /// The static that describes a parameter of it.
    pub fn parameter_ident(&self, parameter: &Parameter) -> Ident {
        let name = parameter.name.to_snake_case();
        format_ident!(
            "{}_{}",
            self.id.to_snake_case().to_uppercase(),
            name.to_uppercase()
        )
    }
}

/// The file's content. What is `alike` elsewhere is written there.
pub fn tokens(contract: &Contract, alike: &BTreeSet<String>) -> TokenStream {
    let items = contract.operations.iter().map(|operation| {
        let own = |ident: Ident| !alike.contains(&ident.to_string());
        let request = own(operation.request_ident()).then(|| request_tokens(operation));
        let success = own(operation.success_ident()).then(|| success_tokens(operation));
        let statics = statics(contract, operation);
        quote! { #request #success #statics }
    });
    let home = format_ident!("{SHARED}");
    let borrowed = alike.iter().map(|name| format_ident!("{name}"));
    let borrowed = (!alike.is_empty())
        .then(|| quote!(pub use super::super::#home::operations::{#(#borrowed),*};));
    quote! {
        use http::StatusCode;

        use super::{patterns, types};
        use crate::api::problem::Code;
        use crate::wire::format;
        use crate::wire::operation::{
            Body, Credential, Idempotency, Media, Operation, Parameter, Place, Rule, Text,
        };
        use crate::wire::problem::Problem;
        use crate::wire::reply::{Reply, Success};

        #borrowed

        #(#items)*
    }
}

/// The file of what several contracts ask and answer alike.
pub fn alike<'a>(items: impl Iterator<Item = &'a TokenStream>) -> TokenStream {
    quote! {
        use http::StatusCode;

        use super::types;
        use crate::wire::problem::Problem;
        use crate::wire::reply::{Reply, Success};

        #(#items)*
    }
}

/// The field of a parameter in the request struct.
pub fn parameter_field(parameter: &Parameter) -> Ident {
    member_ident(&parameter.name.to_snake_case())
}

/// What an operation is asked with.
pub fn request_tokens(operation: &Operation) -> TokenStream {
    let ident = operation.request_ident();
    let docs = doc(&format!("What `{}` is asked with.", operation.id));
    let parameters = operation.parameters.iter().map(|parameter| {
        let docs = doc(&format!(
            "`{}` in the {}. {}",
            parameter.name, parameter.place, parameter.docs
        ));
        let field = parameter_field(parameter);
        let ty = qualified(&parameter.node);
        let ty = if parameter.required {
            ty
        } else {
            quote!(Option<#ty>)
        };
        quote! { #docs pub #field: #ty, }
    });
    let body = operation.body.iter().map(|body| {
        let docs = doc(&format!("The body. {}", body.docs));
        let ty = format_ident!("{}", body.schema);
        let ty = if body.required {
            quote!(types::#ty)
        } else {
            quote!(Option<types::#ty>)
        };
        if operation.judges_misfits() {
            let misfit = doc(
                "`Err` says why the request does not fit; the answer to it is the operation's own.",
            );
            return quote! { #docs #misfit pub body: Result<#ty, Problem>, };
        }
        quote! { #docs pub body: #ty, }
    });
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq)]
        pub struct #ident {
            #(#parameters)*
            #(#body)*
        }
    }
}

/// A type as `operations.rs` names it.
fn qualified(node: &super::schema::Node) -> TokenStream {
    let ty = rust_type(node);
    match node.shape {
        Shape::Word(_) | Shape::Named(_) => quote!(types::#ty),
        _ => ty,
    }
}

/// The variant of a status: its reason phrase.
fn variant(status: u16) -> Ident {
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    match reason {
        Some(reason) => format_ident!("{}", reason.to_upper_camel_case()),
        None => format_ident!("Status{status}"),
    }
}

fn status_constant(status: u16) -> TokenStream {
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    let name = reason
        .unwrap_or("OK")
        .to_uppercase()
        .replace([' ', '-'], "_");
    let name = format_ident!("{name}");
    quote!(StatusCode::#name)
}

fn own_headers(response: &Response) -> impl Iterator<Item = &Header> {
    response
        .headers
        .iter()
        .filter(|header| !header.of_the_pipeline)
}

fn header_field(header: &Header) -> Ident {
    // `ETag` is one word.
    if header.name == "ETag" {
        format_ident!("etag")
    } else {
        member_ident(&header.name.to_snake_case())
    }
}

/// What an operation answers, problems aside.
pub fn success_tokens(operation: &Operation) -> TokenStream {
    let ident = operation.success_ident();
    let own_words = operation.answers.iter().any(|answer| answer.status >= 400);
    let docs = if own_words {
        format!(
            "How `{}` succeeds, and fails in its own words.",
            operation.id
        )
    } else {
        format!("How `{}` succeeds.", operation.id)
    };
    let docs = doc(&docs);
    let variants = operation.answers.iter().map(|response| {
        let name = variant(response.status);
        let docs = doc(&format!("{}: {}", response.status, response.docs));
        let headers = own_headers(response).map(|header| {
            let docs = doc(&format!("Header `{}`: {}", header.name, header.docs));
            let field = header_field(header);
            let ty = rust_type(&header.node);
            let ty = if header.required {
                ty
            } else {
                quote!(Option<#ty>)
            };
            quote! { #docs #field: #ty, }
        });
        let body = response.content.iter().map(|(_, schema)| {
            let ty = format_ident!("{schema}");
            quote! { #[doc = " The body."] body: types::#ty, }
        });
        let fields: Vec<TokenStream> = headers.chain(body).collect();
        if fields.is_empty() {
            return quote! { #docs #name, };
        }
        quote! { #docs #name { #(#fields)* }, }
    });
    let arms = operation.answers.iter().map(|response| {
        let name = variant(response.status);
        let status = status_constant(response.status);
        let mut fields: Vec<TokenStream> = own_headers(response)
            .map(header_field)
            .map(|field| quote!(#field))
            .collect();
        let reply = if response.content.is_some() {
            fields.push(quote!(body));
            quote!(Reply::json(#status, &body))
        } else {
            quote!(Reply::empty(#status))
        };
        let headers = own_headers(response).map(|header| {
            let field = header_field(header);
            let name = header.name.to_lowercase();
            match (header.required, matches!(header.node.shape, Shape::Text(_))) {
                (true, true) => quote!(.header(#name, #field)),
                (true, false) => quote!(.header(#name, #field.to_string())),
                (false, true) => quote!(.header_if(#name, #field)),
                (false, false) => quote!(.header_if(#name, #field.map(|value| value.to_string()))),
            }
        });
        let bindings = (!fields.is_empty()).then(|| quote!({ #(#fields),* }));
        quote!(#ident::#name #bindings => #reply #(#headers)*,)
    });
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq)]
        pub enum #ident {
            #(#variants)*
        }

        impl Success for #ident {
            fn into_reply(self) -> Reply {
                match self {
                    #(#arms)*
                }
            }
        }
    }
}

fn statics(contract: &Contract, operation: &Operation) -> TokenStream {
    let ident = operation.static_ident();
    let parameters: Vec<Ident> = operation
        .parameters
        .iter()
        .map(|parameter| operation.parameter_ident(parameter))
        .collect();
    let parameter_statics = operation.parameters.iter().map(|parameter| {
        let ident = operation.parameter_ident(parameter);
        let docs = doc(&format!("`{}` of `{}`.", parameter.name, operation.id));
        let name = &parameter.name;
        let required = parameter.required;
        let place = format_ident!("{}", parameter.place.to_upper_camel_case());
        let rule = rule(contract, parameter);
        quote! {
            #docs
            pub static #ident: Parameter = Parameter {
                name: #name,
                place: Place::#place,
                required: #required,
                rule: #rule,
            };
        }
    });
    let docs = doc(&format!(
        "`{}`: {} {}.",
        operation.id,
        operation.method.to_uppercase(),
        operation.path
    ));
    let (id, audience, path, scope, policy) = (
        &operation.id,
        &contract.audience,
        &operation.path,
        &operation.scope,
        &operation.policy,
    );
    let method = operation.method.to_uppercase();
    let idempotency = format_ident!("{}", operation.idempotency.to_upper_camel_case());
    let body_limit = Literal::usize_unsuffixed(operation.body_limit as usize);
    let deadline_ms = Literal::u64_unsuffixed(operation.deadline_ms);
    let body = match &operation.body {
        Some(body) => {
            let (schema, required) = (&body.schema, body.required);
            let media = match body.media.as_str() {
                "application/json" => format_ident!("Json"),
                _ => format_ident!("Form"),
            };
            quote!(Some(Body { schema: #schema, required: #required, media: Media::#media }))
        }
        None => quote!(None),
    };
    let problems = operation
        .problems
        .iter()
        .map(|code| format_ident!("{}", code.to_upper_camel_case()));
    let credential = operation.credential.as_ref();
    let credential = format_ident!(
        "{}",
        credential.map_or("None", |credential| credential.kind)
    );
    // Where a success is empty, only a problem has a body; clients that name JSON all the same are not turned away.
    let empty = (operation.answers.iter()).all(|answer| answer.content.is_none());
    let produces = match empty {
        true => &["application/json", "application/problem+json"][..],
        false => &["application/json"],
    };
    quote! {
        #(#parameter_statics)*

        #docs
        pub static #ident: Operation = Operation {
            id: #id,
            audience: #audience,
            method: #method,
            path: #path,
            credential: Credential::#credential,
            scope: #scope,
            idempotency: Idempotency::#idempotency,
            policy: #policy,
            body_limit: #body_limit,
            deadline_ms: #deadline_ms,
            parameters: &[#(&#parameters),*],
            body: #body,
            produces: &[#(#produces),*],
            problems: &[#(Code::#problems),*],
        };
    }
}

fn rule(contract: &Contract, parameter: &Parameter) -> TokenStream {
    match &parameter.node.shape {
        Shape::Integer { min, max, .. } => {
            let (min, max) = (Literal::i64_unsuffixed(*min), Literal::i64_unsuffixed(*max));
            quote!(Rule::Integer { min: #min, max: #max })
        }
        Shape::Boolean => quote!(Rule::Boolean),
        Shape::Word(name) => {
            let words = match contract.types.get(name) {
                Some(Type::Words { words, .. }) => words.as_slice(),
                _ => &[],
            };
            quote!(Rule::Text(Text { min: 0, max: usize::MAX, pattern: None, format: None, words: &[#(#words),*] }))
        }
        Shape::Text(text) => {
            let min = Literal::u64_unsuffixed(text.min.unwrap_or(0));
            let max = match text.max {
                Some(max) => {
                    let max = Literal::u64_unsuffixed(max);
                    quote!(#max)
                }
                None => quote!(usize::MAX),
            };
            let pattern = match &text.pattern {
                Some(pattern) => {
                    let name = format_ident!("{}", pattern.name);
                    quote!(Some(&patterns::#name))
                }
                None => quote!(None),
            };
            let format = match &text.format {
                Some(format) => {
                    let check = format_ident!("is_{}", format.replace('-', "_"));
                    quote!(Some((#format, format::#check)))
                }
                None => quote!(None),
            };
            quote!(Rule::Text(Text { min: #min, max: #max, pattern: #pattern, format: #format, words: &[] }))
        }
        Shape::List { .. } | Shape::Map { .. } | Shape::Named(_) => {
            unreachable!("the reader refuses such parameters")
        }
    }
}
