//! Writes how a member of a request is validated: attributes of the validator crate, and functions for what they cannot say of
//! the items of a list and the entries of a map.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::schema::{Field, Node, Shape, Text};
use super::structs::rust_type;

/// The `validate` attribute of a member; checks of list items and map entries become functions.
pub fn validation(
    parent: &str,
    field: &Field,
    checks: &mut Vec<TokenStream>,
) -> Option<TokenStream> {
    let rules: Vec<TokenStream> = match &field.node.shape {
        Shape::Text(text) => text_rules(text),
        Shape::Integer { min, max, wide } => {
            let (min, max) = (number(*min, *wide), number(*max, *wide));
            vec![quote!(range(min = #min, max = #max))]
        }
        Shape::Named(_) => vec![quote!(nested)],
        Shape::List { items, min, max } => {
            let mut rules: Vec<TokenStream> = length(*min, *max).into_iter().collect();
            match &items.shape {
                Shape::Named(_) => rules.push(quote!(nested)),
                Shape::Word(_) | Shape::Boolean => {}
                shape => rules.extend(each_item(parent, field, shape, checks)),
            }
            rules
        }
        Shape::Map {
            values,
            names,
            min,
            max,
        } => {
            let mut rules: Vec<TokenStream> = length(*min, *max).into_iter().collect();
            let names = names.as_ref().map(|pattern| {
                let pattern = format_ident!("{}", pattern.name);
                quote!(if !patterns::#pattern.is_match(name) { return Err(ValidationError::new("propertyNames")); })
            });
            let function = format_ident!("{}_entries", context(parent, field));
            let value = condition(&values.shape);
            let rust = rust_type(values);
            checks.push(quote! {
                fn #function(entries: &BTreeMap<String, #rust>) -> Result<(), ValidationError> {
                    for (name, value) in entries {
                        #names
                        if !(#value) {
                            return Err(ValidationError::new("additionalProperties"));
                        }
                    }
                    Ok(())
                }
            });
            let function = function.to_string();
            rules.push(quote!(custom(function = #function)));
            rules
        }
        Shape::Word(_) | Shape::Boolean => Vec::new(),
    };
    (!rules.is_empty()).then(|| quote!(#[validate(#(#rules),*)]))
}

fn each_item(
    parent: &str,
    field: &Field,
    shape: &Shape,
    checks: &mut Vec<TokenStream>,
) -> Option<TokenStream> {
    let function = format_ident!("{}_items", context(parent, field));
    let rust = rust_type(&Node {
        shape: shape.clone(),
        nullable: false,
    });
    let condition = condition(shape);
    checks.push(quote! {
        fn #function(items: &[#rust]) -> Result<(), ValidationError> {
            for value in items {
                if !(#condition) {
                    return Err(ValidationError::new("items"));
                }
            }
            Ok(())
        }
    });
    let function = function.to_string();
    Some(quote!(custom(function = #function)))
}

/// An expression that is true when `value`, a reference, fits.
fn condition(shape: &Shape) -> TokenStream {
    let mut conditions: Vec<TokenStream> = Vec::new();
    match shape {
        Shape::Text(text) => {
            if text.min.is_some() || text.max.is_some() {
                let (min, max) = (
                    text.min.unwrap_or(0) as usize,
                    text.max.unwrap_or(u64::MAX) as usize,
                );
                conditions.push(quote!((#min..=#max).contains(&value.chars().count())));
            }
            if let Some(pattern) = &text.pattern {
                let pattern = format_ident!("{}", pattern.name);
                conditions.push(quote!(patterns::#pattern.is_match(value)));
            }
            if let Some(format) = &text.format {
                let check = format_ident!("is_{}", format.replace('-', "_"));
                conditions.push(quote!(format::#check(value)));
            }
        }
        Shape::Integer { min, max, wide } => {
            let (min, max) = (number(*min, *wide), number(*max, *wide));
            conditions.push(quote!((#min..=#max).contains(value)));
        }
        Shape::Named(_) => conditions.push(quote!(value.validate().is_ok())),
        _ => {}
    }
    if conditions.is_empty() {
        quote!(true)
    } else {
        quote!(#(#conditions)&&*)
    }
}

fn text_rules(text: &Text) -> Vec<TokenStream> {
    let mut rules: Vec<TokenStream> = length(text.min, text.max).into_iter().collect();
    if let Some(pattern) = &text.pattern {
        let pattern = format_ident!("{}", pattern.name);
        rules.push(quote!(regex(path = *patterns::#pattern)));
    }
    if let Some(format) = &text.format {
        let function = format!("format::{}", format.replace('-', "_"));
        rules.push(quote!(custom(function = #function)));
    }
    rules
}

fn length(min: Option<u64>, max: Option<u64>) -> Option<TokenStream> {
    let min = min.map(|min| {
        let min = proc_macro2::Literal::u64_unsuffixed(min);
        quote!(min = #min)
    });
    let max = max.map(|max| {
        let max = proc_macro2::Literal::u64_unsuffixed(max);
        quote!(max = #max)
    });
    let bounds: Vec<TokenStream> = min.into_iter().chain(max).collect();
    (!bounds.is_empty()).then(|| quote!(length(#(#bounds),*)))
}

fn number(value: i64, wide: bool) -> TokenStream {
    let text = if wide {
        format!("{value}i64")
    } else {
        format!("{value}i32")
    };
    text.parse().expect("a number is Rust")
}

fn context(parent: &str, field: &Field) -> String {
    format!("{}_{}", heck::AsSnakeCase(parent), field.name)
}
