//! Writes `operations.rs` of a package: a method of the client for each operation, and what takes its options and is awaited.

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::clients::api::{Api, Operation, Page, Paging};
use crate::generate::openapi::operation::Parameter;
use crate::generate::openapi::schema::{Node, Shape};
use crate::generate::openapi::{doc, member_ident};

use super::schemas;

/// The file's content.
pub fn tokens(api: &Api) -> TokenStream {
    let methods = api.operations.iter().map(|it| method(api, it));
    let calls = api.operations.iter().map(call);
    quote! {
        use std::time::Duration;

        use http::Method;

        use crate::answer::Reply;
        use crate::call::{Call, Pending};
        use crate::client::Client;
        use crate::error::Result;
        use crate::types;

        impl Client {
            #(#methods)*
        }

        #(#calls)*
    }
}

/// The method of the client: it takes what cannot be left out.
fn method(api: &Api, operation: &Operation) -> TokenStream {
    let name = member_ident(&operation.id.to_snake_case());
    let call = call_name(operation);
    let docs = doc(&method_docs(operation));
    let demanded = operation.demanded.iter().map(|parameter| {
        let (name, ty) = (argument_name(parameter), argument_type(&parameter.node));
        quote!(#name: #ty)
    });
    let demanded_body = operation.body.as_ref().filter(|_| !operation.body_optional);
    let body = demanded_body.map(|name| {
        let ty = format_ident!("{name}");
        match schemas::is_union(api, name) {
            true => (
                quote!(body: impl Into<types::#ty>),
                quote!(.body::<types::#ty>(&body.into())),
            ),
            false => (quote!(body: types::#ty), quote!(.body(&body))),
        }
    });
    let (body, carries) = body.unzip();
    let verb = format_ident!("{}", operation.method.to_uppercase());
    let path = &operation.path;
    let placed = path.split('/').filter_map(|part| {
        let is_here = |it: &&Parameter| it.place == "path" && part == format!("{{{}}}", it.name);
        operation.demanded.iter().find(is_here).map(as_text)
    });
    let repeats = match (operation.keyed, operation.repeatable) {
        (true, _) => Some(quote!(.keyed())),
        (false, true) => Some(quote!(.repeatable())),
        (false, false) => None,
    };
    let query = operation.demanded.iter().filter(|it| it.place == "query");
    let query = query.map(|parameter| {
        let (name, value) = (&parameter.name, as_text(parameter));
        quote!(.query(#name, #value))
    });
    quote! {
        #docs
        pub fn #name(&self, #(#demanded,)* #body) -> #call {
            #call(Call::new(self, Method::#verb, #path, [#(#placed),*]) #repeats #(#query)* #carries)
        }
    }
}

/// What takes the options of an operation and is awaited.
fn call(operation: &Operation) -> TokenStream {
    let name = call_name(operation);
    let docs = format!(
        " [`Client::{}`], to be awaited.",
        operation.id.to_snake_case()
    );
    let options = operation.optional.iter().map(option);
    let key = operation.keyed.then(|| {
        quote! {
            /// Names this request, so that nothing happens twice however often it is sent. A random key is made when none is given.
            pub fn idempotency_key(self, key: impl AsRef<str>) -> Self {
                Self(self.0.header("Idempotency-Key", key.as_ref()))
            }
        }
    });
    let body = operation.body.as_ref().filter(|_| operation.body_optional);
    let body = body.map(|name| {
        let ty = format_ident!("{name}");
        quote! {
            /// Sends this body, which may be left out.
            pub fn body(self, body: types::#ty) -> Self {
                Self(self.0.body(&body))
            }
        }
    });
    let (answer, read, gives) = match &operation.answer {
        Some(answer) => {
            let answer = format_ident!("{answer}");
            let read = quote!(serde_json::from_slice(body));
            (
                quote!(types::#answer),
                read,
                quote!(Ok(self.send().await?.body)),
            )
        }
        None => (
            quote!(()),
            quote!(Ok(())),
            quote!(self.send().await.map(|_| ())),
        ),
    };
    let argument = operation
        .answer
        .as_ref()
        .map_or(quote!(_), |_| quote!(body));
    let entries = operation.page.as_ref().map(|page| entries(page, &answer));
    quote! {
        #[doc = #docs]
        #[derive(Clone, Debug)]
        #[must_use = "nothing is sent until it is awaited"]
        pub struct #name(Call);

        impl #name {
            #(#options)*

            #key

            #body

            /// Waits at most this long for the answer to each attempt.
            pub fn timeout(self, timeout: Duration) -> Self {
                Self(self.0.timeout(timeout))
            }

            #entries

            /// Sends the request, and gives what the headers of the answer say along with its body.
            ///
            /// # Errors
            ///
            /// As when it is awaited.
            pub async fn send(self) -> Result<Reply<#answer>> {
                self.0.send().await?.read(|#argument| #read)
            }
        }

        impl IntoFuture for #name {
            type Output = Result<#answer>;
            type IntoFuture = Pending<#answer>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(async { #gives })
            }
        }
    }
}

fn option(parameter: &Parameter) -> TokenStream {
    let (method, ty) = (argument_name(parameter), argument_type(&parameter.node));
    let docs = doc(match &*parameter.docs {
        "" => &parameter.name,
        docs => docs,
    });
    let (name, value) = (&parameter.name, as_text(parameter));
    let place = format_ident!("{}", parameter.place);
    quote! {
        #docs
        pub fn #method(self, #method: #ty) -> Self {
            Self(self.0.#place(#name, #value))
        }
    }
}

/// The entries of a list, and how the next page is asked for.
fn entries(page: &Page, list: &TokenStream) -> TokenStream {
    let item = format_ident!("{}", page.item);
    let next = match page.by {
        Paging::Cursor => quote!(page.next_cursor.map(|cursor| ("after", cursor))),
        Paging::Number => quote!(page.has_more.then(|| ("page", (page.page + 1).to_string()))),
    };
    quote! {
        /// The entries of this page and of all that follow, fetched page by page.
        pub fn entries(self) -> crate::Pager<types::#item> {
            crate::Pager::new(self.0, |body| {
                let page: #list = serde_json::from_slice(body)?;
                Ok((page.data, #next))
            })
        }
    }
}

fn method_docs(operation: &Operation) -> String {
    let problems: Vec<String> = operation
        .problems
        .iter()
        .map(|code| format!("`{code}`"))
        .collect();
    format!(
        "{}\n\n# Errors\n\nAny [`Error`](crate::Error); its problems are {}.",
        operation.docs.trim(),
        problems.join(", ")
    )
}

fn call_name(operation: &Operation) -> Ident {
    format_ident!("{}", operation.id.to_upper_camel_case())
}

fn argument_name(parameter: &Parameter) -> Ident {
    member_ident(&parameter.name.to_snake_case())
}

/// The type that a parameter is given as.
fn argument_type(node: &Node) -> TokenStream {
    match &node.shape {
        Shape::Word(name) => {
            let name = format_ident!("{name}");
            quote!(types::#name)
        }
        Shape::Integer { wide: true, .. } => quote!(i64),
        Shape::Integer { wide: false, .. } => quote!(i32),
        Shape::Boolean => quote!(bool),
        _ => quote!(impl AsRef<str>),
    }
}

/// A parameter as the text that is sent.
fn as_text(parameter: &Parameter) -> TokenStream {
    let name = argument_name(parameter);
    match &parameter.node.shape {
        Shape::Word(_) => quote!(#name.as_str()),
        Shape::Integer { .. } | Shape::Boolean => quote!(&#name.to_string()),
        _ => quote!(#name.as_ref()),
    }
}
