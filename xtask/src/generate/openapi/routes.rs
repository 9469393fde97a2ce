//! Writes `routes.rs`: one handler an operation with its `#[utoipa::path]`, the router, and the document that the router reports.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::operation::{Header, Operation, Response};
use super::operations::parameter_field;
use super::schema::{Node, Shape, Text};
use super::structs::rust_type;
use super::{Contract, trait_name};

/// The file's content.
pub fn tokens(contract: &Contract) -> TokenStream {
    let api = trait_name(contract);
    let handlers = contract
        .operations
        .iter()
        .map(|operation| handler(contract, operation));
    let methods = contract
        .operations
        .iter()
        .map(|operation| operation.method_ident());
    let paths = contract
        .operations
        .iter()
        .map(|operation| format_ident!("__path_{}", operation.method_ident()));
    let routes = methods
        .zip(paths)
        .map(|(method, path)| quote!(.routes(route::<A, #path, _, _>(#method::<A>))));
    quote! {
        use axum::extract::{Request, State};
        use axum::handler::Handler;
        use axum::response::Response;
        use axum::routing::MethodRouter;
        use utoipa::Path;
        use utoipa::__dev::{SchemaReferences, Tags};
        use utoipa::openapi::path::Paths;
        use utoipa_axum::PathItemExt;
        use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

        use super::types::*;
        use super::{#api, operations};
        use crate::wire::door::Door;
        use crate::wire::parameters::demanded;
        use crate::wire::problem::Document;

        /// The routes of the contract behind a door; whoever joins the routers of a listener adds the fallbacks.
        pub fn router<A: #api>(door: Door<A>) -> axum::Router {
            let (router, _) = mounted::<A>().split_for_parts();
            router.with_state(door)
        }

        /// What the mounted routes report of themselves; the drift gate compares it with the spec.
        pub fn document<A: #api>() -> utoipa::openapi::OpenApi {
            mounted::<A>().into_openapi()
        }

        fn mounted<A: #api>() -> OpenApiRouter<Door<A>> {
            OpenApiRouter::new() #(#routes)*
        }

        /// Mounts a handler where its own attribute says; `utoipa_axum::routes!` does this for handlers that are not generic.
        fn route<A, P, H, T>(handler: H) -> UtoipaMethodRouter<Door<A>>
        where
            A: #api,
            P: Path + SchemaReferences + for<'t> Tags<'t>,
            H: Handler<T, Door<A>>,
            T: 'static,
        {
            let (path, methods, operation) = (P::path(), P::methods(), P::operation());
            let mut schemas = Vec::new();
            P::schemas(&mut schemas);
            let router = methods.iter().fold(MethodRouter::new(), |router, method| {
                router.on(method.to_method_filter(), handler.clone())
            });
            let mut paths = Paths::new();
            paths.add_path_operation(path, methods, operation);
            (schemas, paths, router)
        }

        #(#handlers)*
    }
}

fn handler(contract: &Contract, operation: &Operation) -> TokenStream {
    let api = trait_name(contract);
    let method = operation.method_ident();
    let descriptor = operation.static_ident();
    let request = operation.request_ident();
    let attribute = attribute(operation);
    let reads = operation.parameters.iter().map(|parameter| {
        let field = parameter_field(parameter);
        let rule = operation.parameter_ident(parameter);
        let read = match &parameter.node.shape {
            Shape::Word(name) => {
                let name = format_ident!("{name}");
                quote!(word(&operations::#rule, #name::parse))
            }
            Shape::Integer { .. } => quote!(integer(&operations::#rule)),
            Shape::Boolean => quote!(boolean(&operations::#rule)),
            _ => quote!(text(&operations::#rule)),
        };
        quote!(let #field = given.#read;)
    });
    let reading = if operation.judges_misfits() {
        quote!()
    } else if operation.parameters.is_empty() {
        quote!(call.given().finish()?;)
    } else {
        quote! {
            let mut given = call.given();
            #(#reads)*
            given.finish()?;
        }
    };
    let fields = operation.parameters.iter().map(|parameter| {
        let field = parameter_field(parameter);
        if parameter.required {
            quote!(#field: demanded(#field)?,)
        } else {
            quote!(#field,)
        }
    });
    let body = operation.body.iter().map(|body| {
        let read = if body.required {
            quote!(call.body())
        } else {
            quote!(call.optional_body())
        };
        if operation.judges_misfits() {
            return quote!(body: call.judged(call.given().finish().and_then(|()| #read))?,);
        }
        quote!(body: #read?,)
    });
    let asker = match operation.credential {
        Some(_) => quote!(call.caller()?),
        None => quote!(call.visitor()),
    };
    quote! {
        #attribute
        async fn #method<A: #api>(State(door): State<Door<A>>, request: Request) -> Response {
            door.serve(&operations::#descriptor, request, |api, call| async move {
                #reading
                let request = operations::#request { #(#fields)* #(#body)* };
                api.#method(#asker, request).await
            })
            .await
        }
    }
}

/// What utoipa is told; wire meaning only, for people read the spec itself.
fn attribute(operation: &Operation) -> TokenStream {
    let method = format_ident!("{}", operation.method);
    let (path, id, tag) = (&operation.path, &operation.id, &operation.tag);
    let descriptor = operation.static_ident();
    let parameters = operation.parameters.iter().map(|parameter| {
        let name = &parameter.name;
        let place = format_ident!("{}", heck::AsUpperCamelCase(&parameter.place).to_string());
        let ty = rust_type(&parameter.node);
        let ty = if parameter.required {
            ty
        } else {
            quote!(Option<#ty>)
        };
        // A schema that only a parameter refers to is not among the components that utoipa collects.
        let ty = match parameter.node.shape {
            Shape::Word(_) => quote!(inline(#ty)),
            _ => ty,
        };
        let format = format_of(&parameter.node).map(|format| quote!(, format = #format));
        let nullable = (!parameter.required).then(|| quote!(, nullable = false));
        quote!((#name = #ty, #place #format #nullable))
    });
    let parameters = (!operation.parameters.is_empty()).then(|| quote!(params(#(#parameters),*),));
    let body = operation.body.iter().map(|body| {
        let ty = format_ident!("{}", body.schema);
        let ty = if body.required {
            quote!(#ty)
        } else {
            quote!(Option<#ty>)
        };
        let media = &body.media;
        quote!(request_body(content = #ty, content_type = #media),)
    });
    let responses = operation
        .answers
        .iter()
        .chain(&operation.failures)
        .map(response);
    let security = operation.credential.as_ref().map(|credential| {
        let scheme = &credential.scheme;
        quote!(, security((#scheme = [operations::#descriptor.scope])))
    });
    quote! {
        #[utoipa::path(
            #method,
            path = #path,
            operation_id = #id,
            tag = #tag,
            #parameters
            #(#body)*
            responses(#(#responses),*)
            #security
        )]
    }
}

fn response(response: &Response) -> TokenStream {
    let status = proc_macro2::Literal::u16_unsuffixed(response.status);
    let description = &response.docs;
    let headers = response.headers.iter().map(header);
    let headers = (!response.headers.is_empty()).then(|| quote!(, headers(#(#headers),*)));
    let content = response.content.as_ref().map(|(media, schema)| {
        let ty = if schema == "Problem" {
            format_ident!("Document")
        } else {
            format_ident!("{schema}")
        };
        quote!(, body = #ty, content_type = #media)
    });
    quote!((status = #status, description = #description #content #headers))
}

fn header(header: &Header) -> TokenStream {
    let name = &header.name;
    let ty = rust_type(&header.node);
    quote!((#name = #ty))
}

fn format_of(node: &Node) -> Option<TokenStream> {
    match &node.shape {
        Shape::Text(Text {
            format: Some(format),
            ..
        }) => Some(quote!(#format)),
        _ => None,
    }
}
