//! Reads strings, integers and maps: what stands inline.

use std::collections::BTreeSet;

use anyhow::Result;
use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::Value;

use super::schema::{Pattern, Shape, Text, Type, docs};
use super::schemas::Schemas;
use crate::finding::Finding;

/// The largest integer that a double holds exactly; JSON in the wild goes no further.
const INTEGER_MAX: i64 = 9_007_199_254_740_991;

/// The values that a text has today.
fn known(schema: &Value) -> Vec<String> {
    let values = schema["x-extensible-enum"].as_array().into_iter().flatten();
    values
        .filter_map(Value::as_str)
        .map(ToOwned::to_owned)
        .collect()
}

impl Schemas<'_> {
    pub(super) fn string(
        &mut self,
        pointer: &str,
        schema: &Value,
        context: &str,
        keywords: &mut Vec<&str>,
    ) -> Result<Shape, Finding> {
        if let Some(words) = schema.get("enum") {
            keywords.push("enum");
            let words: Option<Vec<String>> = words.as_array().map(|words| {
                words
                    .iter()
                    .filter_map(Value::as_str)
                    .map(ToOwned::to_owned)
                    .collect()
            });
            let words = words.filter(|words| {
                !words.is_empty() && Some(words.len()) == schema["enum"].as_array().map(Vec::len)
            });
            let Some(words) = words else {
                return Err(self.refuse(
                    pointer,
                    "an `enum` that is not a list of strings",
                    "list strings",
                ));
            };
            return self.words(pointer, schema, context, words);
        }
        if let Some(word) = schema.get("const").and_then(Value::as_str) {
            keywords.push("const");
            return self.words(pointer, schema, context, vec![word.to_owned()]);
        }
        keywords.extend(["minLength", "maxLength", "pattern", "format"]);
        let pattern = match schema.get("pattern").and_then(Value::as_str) {
            Some(text) => Some(self.pattern(pointer, text, context)?),
            None => None,
        };
        let format = schema.get("format").and_then(Value::as_str);
        if format.is_some_and(|format| !["date", "date-time", "email", "uri"].contains(&format)) {
            let what = format!("the format `{}`", format.unwrap_or_default());
            return Err(self.refuse(
                pointer,
                what,
                "use date, date-time, email or uri, or a pattern",
            ));
        }
        Ok(Shape::Text(Text {
            min: self.count(pointer, schema, "minLength")?,
            max: self.count(pointer, schema, "maxLength")?,
            pattern,
            format: format.map(ToOwned::to_owned),
            known: known(schema),
        }))
    }

    pub(super) fn words(
        &mut self,
        pointer: &str,
        schema: &Value,
        context: &str,
        words: Vec<String>,
    ) -> Result<Shape, Finding> {
        let name = context.to_upper_camel_case();
        let mut variants = BTreeSet::new();
        for word in &words {
            let variant = word.to_upper_camel_case();
            if syn::parse_str::<syn::Ident>(&variant).is_err() || !variants.insert(variant) {
                let what = format!("the word `{word}` has no name of its own in Rust");
                return Err(self.refuse(
                    pointer,
                    what,
                    "use words that differ in letters and digits",
                ));
            }
        }
        let new = Type::Words {
            docs: docs(schema),
            words,
        };
        let clash = match (self.types.get(&name), &new) {
            (Some(Type::Words { words: old, .. }), Type::Words { words, .. }) => old != words,
            (Some(_), _) => true,
            (None, _) => false,
        };
        if clash {
            let what = format!("two different types would be called `{name}`");
            return Err(self.refuse(
                pointer,
                what,
                "name this one under components/schemas and refer to it",
            ));
        }
        self.add(&name, new, pointer);
        Ok(Shape::Word(name))
    }

    pub(super) fn pattern(
        &mut self,
        pointer: &str,
        text: &str,
        context: &str,
    ) -> Result<Pattern, Finding> {
        let foreign = [r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\b", r"\B", "(?"];
        if let Some(construct) = foreign.iter().find(|construct| text.contains(**construct)) {
            let what =
                format!("`{construct}` in a pattern means different things to different engines");
            return Err(self.refuse(
                &format!("{pointer}/pattern"),
                what,
                "write the characters out, as in [0-9]",
            ));
        }
        if let Err(error) = regex::Regex::new(text) {
            let line = error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .to_owned();
            return Err(self.refuse(&format!("{pointer}/pattern"), line, "correct the pattern"));
        }
        Ok(Pattern {
            name: context.to_snake_case().to_uppercase(),
            text: text.to_owned(),
        })
    }

    pub(super) fn integer(&self, pointer: &str, schema: &Value) -> Result<Shape, Finding> {
        let wide = match schema.get("format").and_then(Value::as_str) {
            Some("int32") => false,
            Some("int64") => true,
            _ => {
                return Err(self.refuse(
                    pointer,
                    "an integer without a width",
                    "add `format: int32` or `int64`",
                ));
            }
        };
        let bounds = (schema.get("minimum"), schema.get("maximum"));
        let (Some(min), Some(max)) = (
            bounds.0.and_then(Value::as_i64),
            bounds.1.and_then(Value::as_i64),
        ) else {
            return Err(self.refuse(
                pointer,
                "an integer without bounds",
                "add `minimum` and `maximum`",
            ));
        };
        let widest = if wide {
            -INTEGER_MAX..=INTEGER_MAX
        } else {
            i64::from(i32::MIN)..=i64::from(i32::MAX)
        };
        if !widest.contains(&min) || !widest.contains(&max) || min > max {
            return Err(self.refuse(
                pointer,
                "bounds that do not fit the format",
                "stay within ±(2^53 − 1), or ±2^31",
            ));
        }
        Ok(Shape::Integer { wide, min, max })
    }

    pub(super) fn map(
        &mut self,
        pointer: &str,
        schema: &Value,
        context: &str,
    ) -> Result<Shape, Finding> {
        let values = self.node(&format!("{pointer}/additionalProperties"), context)?;
        if values.nullable {
            return Err(self.refuse(
                pointer,
                "a map may not hold null",
                "make the values not nullable",
            ));
        }
        let names = match schema.get("propertyNames") {
            None => None,
            Some(rule) => {
                let at = format!("{pointer}/propertyNames");
                self.only(&at, rule, &["pattern"])?;
                let text = rule["pattern"].as_str().unwrap_or_default().to_owned();
                Some(self.pattern(&at, &text, &format!("{context}_names"))?)
            }
        };
        Ok(Shape::Map {
            values: Box::new(values),
            names,
            min: self.count(pointer, schema, "minProperties")?,
            max: self.count(pointer, schema, "maxProperties")?,
        })
    }
}
