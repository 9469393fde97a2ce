//! Writes a pair of documents of a size, for measuring: `generate MEGABYTES FOLDER`. The revision differs in one schema that every
//! operation uses; schemas refer to each other in a circle as long as there are schemas.

use serde_json::{Map, Value, json};

/// How many bytes a resource takes: a schema, a list, and two operations.
const JSON_EACH: usize = 4_860;
const YAML_EACH: usize = 3_340;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let megabytes: usize = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(4);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    for (name, shared) in [("base", 64), ("revision", 32)] {
        let of = |each: usize| document((megabytes << 20) / each, shared);
        let json = serde_json::to_string_pretty(&of(JSON_EACH)).expect("JSON");
        std::fs::write(format!("{folder}/{name}-{megabytes}.json"), json)?;
        let yaml = yaml_serde::to_string(&of(YAML_EACH)).expect("YAML");
        std::fs::write(format!("{folder}/{name}-{megabytes}.yaml"), yaml)?;
    }
    Ok(())
}

fn document(count: usize, shared: u32) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    schemas.insert(
        "Shared".to_owned(),
        json!({"type": "object", "properties": {"id": {"type": "string", "maxLength": shared}}}),
    );
    for at in 0..count {
        let next = format!("#/components/schemas/Thing{}", (at + 1) % count);
        schemas.insert(format!("Thing{at}"), thing(at, &next));
        let thing = json!({"$ref": format!("#/components/schemas/Thing{at}")});
        let body = |schema: Value| json!({"application/json": { "schema": schema }});
        let list = json!({"type": "object", "required": ["data"], "properties": {
            "data": {"type": "array", "items": thing}, "next": {"type": ["string", "null"]}}});
        let problem = json!({"description": "Refused.", "content": body(json!({"$ref": "#/components/schemas/Shared"}))});
        let item = json!({
            "get": {
                "operationId": format!("listThing{at}"), "description": "Lists things of a sort, the newest first.",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                    {"name": "after", "in": "query", "schema": {"type": "string", "pattern": "^[a-z0-9]{8,64}$"}}],
                "responses": {"200": {"description": "Things.", "content": body(list)}, "404": problem}},
            "post": {
                "operationId": format!("createThing{at}"), "description": "Makes a thing of a sort.",
                "requestBody": {"required": true, "content": body(thing.clone())},
                "responses": {"201": {"description": "A thing.", "content": body(thing)}, "409": problem}},
        });
        paths.insert(format!("/things{at}"), item);
    }
    json!({"openapi": "3.1.0", "info": {"title": "Generated", "version": "1.0.0"}, "paths": paths, "components": { "schemas": schemas }})
}

fn thing(at: usize, next: &str) -> Value {
    let mut members = Map::new();
    members.insert(
        "id".to_owned(),
        json!({"type": "string", "format": "uuid", "description": "The id of the thing."}),
    );
    members.insert("next".to_owned(), json!({ "$ref": next }));
    members.insert(
        "shared".to_owned(),
        json!({"$ref": "#/components/schemas/Shared"}),
    );
    for member in 0..8 {
        members.insert(
            format!("member{member}"),
            json!({"type": "string", "minLength": 1, "maxLength": 10 + at % 50 + member, "description": "A member with a text of some length."}),
        );
    }
    members.insert(
        "state".to_owned(),
        json!({"type": "string", "enum": ["open", "held", "paid", "closed"]}),
    );
    members.insert(
        "count".to_owned(),
        json!({"type": "integer", "minimum": 0, "maximum": 1000 + at}),
    );
    json!({"type": "object", "required": ["id", "state"], "properties": members})
}
