//! Reads objects and unions: what becomes a type of its own.

use anyhow::Result;
use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::Value;

use super::schema::{Field, Struct, Type, docs};
use super::schemas::Schemas;
use crate::finding::Finding;

impl Schemas<'_> {
    /// Reads a component that becomes a struct or a union, once.
    pub(super) fn component(&mut self, name: &str) -> Result<(), Finding> {
        if self.types.contains_key(name)
            || self.foreign.contains(&name)
            || self.reading.iter().any(|open| open == name)
        {
            return Ok(());
        }
        if name.to_upper_camel_case() != name {
            let what = format!("the schema name `{name}` is not UpperCamelCase");
            return Err(self.refuse(&format!("/components/schemas/{name}"), what, "rename it"));
        }
        self.reading.push(name.to_owned());
        let at = format!("/components/schemas/{name}");
        let schema = self.object(&at)?;
        let read = if schema.get("discriminator").is_some() {
            self.union(&at, &schema)
        } else {
            self.structure(&at, &schema, name, None)
        }?;
        self.reading.pop();
        self.add(name, read, &at);
        Ok(())
    }

    pub(super) fn structure(
        &mut self,
        at: &str,
        schema: &Value,
        name: &str,
        tag: Option<&str>,
    ) -> Result<Type, Finding> {
        let keywords = [
            "type",
            "properties",
            "required",
            "additionalProperties",
            "minProperties",
            "maxProperties",
        ];
        self.only(at, schema, &keywords)?;
        let closed = match schema.get("additionalProperties") {
            None | Some(Value::Bool(true)) => false,
            Some(Value::Bool(false)) => true,
            Some(_) => {
                return Err(self.refuse(
                    at,
                    "an object with both known and free members",
                    "split it in two",
                ));
            }
        };
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        if let Some(missing) = required
            .iter()
            .find(|name| !properties.contains_key(**name))
        {
            let what = format!("`{missing}` is required and not a property");
            return Err(self.refuse(
                &format!("{at}/required"),
                what,
                "add the property, or drop it here",
            ));
        }
        let mut fields = Vec::new();
        for (member, property) in &properties {
            if tag == Some(member) {
                continue;
            }
            let pointer = format!("{at}/properties/{}", crate::spec::escape(member));
            if member.to_snake_case() != *member
                || ["self", "super", "crate"].contains(&member.as_str())
            {
                return Err(self.refuse(
                    &pointer,
                    format!("the member `{member}` is not a snake_case name"),
                    "rename it",
                ));
            }
            let node = self.node(&pointer, &format!("{name}_{member}"))?;
            fields.push(Field {
                name: member.clone(),
                docs: self.docs_of(property),
                required: required.contains(&member.as_str()),
                deprecated: property["deprecated"] == true,
                node,
            });
        }
        Ok(Type::Struct(Struct {
            docs: docs(schema),
            closed,
            fields,
            members_min: self.count(at, schema, "minProperties")?,
            members_max: self.count(at, schema, "maxProperties")?,
        }))
    }

    pub(super) fn union(&mut self, at: &str, schema: &Value) -> Result<Type, Finding> {
        self.only(at, schema, &["oneOf", "discriminator"])?;
        let tag = schema["discriminator"]["propertyName"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let mut variants = Vec::new();
        for (index, alternative) in schema["oneOf"].as_array().into_iter().flatten().enumerate() {
            let pointer = format!("{at}/oneOf/{index}");
            let name = alternative["$ref"]
                .as_str()
                .and_then(|target| target.strip_prefix("#/components/schemas/"));
            let Some(name) = name.map(ToOwned::to_owned) else {
                return Err(self.refuse(
                    &pointer,
                    "an alternative that stands inline",
                    "name it and refer to it",
                ));
            };
            let component = format!("/components/schemas/{name}");
            let object = self.object(&component)?;
            let word = object["properties"][&tag]["const"]
                .as_str()
                .map(ToOwned::to_owned);
            let demanded = object["required"]
                .as_array()
                .is_some_and(|names| names.iter().any(|name| *name == tag.as_str()));
            let (Some(word), true) = (word, demanded) else {
                let what = format!("the alternative `{name}` does not tell itself apart");
                return Err(self.refuse(
                    &component,
                    what,
                    format!("make `{tag}` a required `const`"),
                ));
            };
            if self.types.contains_key(&name) {
                let what = format!("`{name}` is an alternative, and used on its own too");
                return Err(self.refuse(&component, what, "use two schemas"));
            }
            let read = self.structure(&component, &object, &name, Some(&tag))?;
            self.add(&name, read, &component);
            variants.push((word, name));
        }
        let mapping = schema["discriminator"]["mapping"].as_object();
        for (word, target) in mapping.into_iter().flatten() {
            let listed = variants.iter().any(|(known, name)| {
                known == word && *target == format!("#/components/schemas/{name}").as_str()
            });
            if !listed {
                let pointer = format!("{at}/discriminator/mapping/{word}");
                return Err(self.refuse(
                    &pointer,
                    format!("`{word}` maps to another alternative"),
                    "follow the consts",
                ));
            }
        }
        Ok(Type::Union {
            docs: docs(schema),
            tag,
            variants,
        })
    }
}
