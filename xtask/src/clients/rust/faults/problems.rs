//! Whether every problem of the contract has its code.

use std::collections::BTreeSet;

use super::Faults;
use super::document::{Document, Spelt};
use super::source::{Source, text};

/// The enum of the codes.
const CODES: &str = "ProblemCode";

/// The codes of an operation.
pub fn codes<'a>(operation: &Spelt<'a>) -> impl Iterator<Item = &'a str> {
    let codes = operation.spelt["x-problems"]
        .as_array()
        .into_iter()
        .flatten();
    codes.filter_map(|code| code.as_str())
}

/// Looks for the code of every problem, both ways: when it is read, and when it is shown.
pub fn look(document: Document, source: &Source, faults: &mut Faults) {
    let operations = document.operations();
    let wanted: BTreeSet<&str> = operations.iter().flat_map(codes).collect();
    let Some(known) = source.rest.enums.get(CODES) else {
        return faults.add(CODES, "the package has none");
    };
    let shown = source
        .rest
        .methods
        .get(&(CODES.to_owned(), "as_str".to_owned()));
    let shown = shown.map(|it| text(&it.block)).unwrap_or_default();
    let read = source.rest.readings.get(CODES).cloned().unwrap_or_default();
    for code in &wanted {
        let of = |arms: &str, from: bool| {
            let variants = known.variants.iter().filter(|it| {
                let variant = &it.ident;
                arms.contains(&match from {
                    true => format!("{code:?}=>Self::{variant},"),
                    false => format!("Self::{variant}=>{code:?},"),
                })
            });
            variants.map(|it| it.ident.to_string()).collect::<Vec<_>>()
        };
        let (read, shown) = (of(&read, true), of(&shown, false));
        faults.unless(read.len() == 1 && read == shown, code, || {
            "the problem has no code of its own".to_owned()
        });
    }
    // One is for codes of tomorrow.
    faults.unless(known.variants.len() == wanted.len() + 1, CODES, || {
        "it has codes that the contract does not have".to_owned()
    });
}
