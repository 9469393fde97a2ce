//! The fast path and JSON Schema accept the same requests: whatever one of them lets through or stops, so does the other.

use proptest::prelude::*;
use proptest::sample::Index;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use validator::Validate;

use super::golden::public_v9 as golden;
use crate::wire::contract::Contract;
use crate::wire::json::Object;

/// A request schema: its name, the examples of the contract, and the verdict of the type.
struct Schema {
    name: String,
    examples: Vec<Value>,
    typed: fn(&str) -> bool,
}

/// Whether a type accepts a JSON text, as the fast path does.
pub fn fits<T: DeserializeOwned + Validate>(text: &str) -> bool {
    serde_json::from_str::<Object<T>>(text).is_ok_and(|value| value.0.validate().is_ok())
}

/// The verdict of a type, by the name of its schema.
pub type Typed = (&'static str, fn(&str) -> bool);

/// Every request schema of a contract; the contract says which there are.
fn schemas(contract: &str, types: &[Typed]) -> Vec<Schema> {
    let document: Value = serde_json::from_str(contract).expect("a contract is JSON");
    let mut schemas = Vec::new();
    for operation in document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .flat_map(|item| item.as_object().expect("methods").values())
    {
        // Forms have readers and tests of their own.
        let Some(content) = operation["requestBody"]["content"].get("application/json") else {
            continue;
        };
        let target = content["schema"]["$ref"].as_str();
        let name = target.and_then(|target| target.rsplit('/').next());
        let name = name.expect("bodies have named schemas");
        let examples = content["examples"]
            .as_object()
            .expect("requests have examples")
            .values();
        schemas.push(Schema {
            name: name.to_owned(),
            examples: examples.map(|example| example["value"].clone()).collect(),
            typed: typed(types, name),
        });
    }
    schemas
}

fn typed(types: &[Typed], name: &str) -> fn(&str) -> bool {
    let found = types.iter().find(|(known, _)| *known == name);
    found
        .unwrap_or_else(|| panic!("name the type of the request schema {name} in this test"))
        .1
}

/// Values that tell careless readers apart.
fn odd_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1),
        json!(28.0),
        json!(1.5),
        json!(1e300),
        json!(9_007_199_254_740_991_i64),
        json!(9_007_199_254_740_993_i64),
        json!(u64::MAX),
        json!(2_147_483_648_i64),
        json!(""),
        json!("x"),
        json!("é"),
        json!("\u{0}"),
        json!("a\n"),
        json!("card"),
        json!("small"),
        json!("2027-02-30"),
        json!("2027-03-01"),
        json!("2027-03-01T09:00:00Z"),
        json!("2027-03-01T09:00:00"),
        json!("a@example.com"),
        json!("x".repeat(300)),
        json!("é".repeat(5)),
        json!([]),
        json!([null]),
        json!(["a", "b", "c", "d"]),
        json!({}),
        json!({"type": "small"}),
        json!({"UPPER": "x"}),
    ]
}

/// All the places in a value, as JSON pointers.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| places(item, &format!("{at}/{index}"), into)),
        Value::Object(members) => members
            .iter()
            .for_each(|(name, member)| places(member, &format!("{at}/{name}"), into)),
        _ => {}
    }
}

/// Changes one place of a value: replaces it, drops it, adds beside it, or repeats it.
fn mutate(value: &mut Value, place: Index, kind: u8, odd: Index) {
    let mut all = Vec::new();
    places(value, "", &mut all);
    let pointer = place.get(&all).clone();
    let odd = odd.get(&odd_values()).clone();
    let target = value
        .pointer_mut(&pointer)
        .expect("the place is in the value");
    match (kind, target) {
        (0, Value::Object(members)) => {
            members.insert("unknown".to_owned(), odd);
        }
        (1, Value::Object(members)) => {
            let first: Option<String> = members.keys().next().cloned();
            *members = members
                .clone()
                .into_iter()
                .filter(|(name, _)| Some(name) != first.as_ref())
                .collect::<Map<_, _>>();
        }
        (0, Value::Array(items)) => items.push(odd),
        (1, Value::Array(items)) => {
            let again = items.clone();
            items.extend(again);
        }
        (_, target) => *target = odd,
    }
}

fn agree(contract: &Contract, schema: &Schema, value: &Value) -> Result<(), TestCaseError> {
    let text = value.to_string();
    let violations = contract.violations(&schema.name, value);
    prop_assert_eq!(
        (schema.typed)(&text),
        violations.is_empty(),
        "{}: {} is judged differently; JSON Schema says {:?}",
        schema.name,
        text,
        violations
    );
    Ok(())
}

/// Judges the examples of a contract, and thousands of changes of them.
pub fn all_agree(contract: &'static str, types: &[Typed]) {
    let schemas = schemas(contract, types);
    let contract = Contract::new("public/v9", contract);
    for schema in &schemas {
        for example in &schema.examples {
            assert!(
                (schema.typed)(&example.to_string()),
                "{}: the example {example} is refused",
                schema.name
            );
            agree(&contract, schema, example).expect("both accept the examples");
        }
    }
    let mutations = prop::collection::vec((any::<Index>(), 0..4_u8, any::<Index>()), 1..4);
    let strategy = (any::<Index>(), any::<Index>(), mutations);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 4_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let judged = runner.run(&strategy, |(schema, example, mutations)| {
        let schema = schema.get(&schemas);
        let mut value = example.get(&schema.examples).clone();
        for (place, kind, odd) in mutations {
            mutate(&mut value, place, kind, odd);
        }
        agree(&contract, schema, &value)
    });
    if let Err(error) = judged {
        panic!("{error}");
    }
}

#[test]
fn types_and_schemas_of_the_golden_contract_agree() {
    let types: [Typed; 3] = [
        ("TokenInput", fits::<golden::types::TokenInput>),
        ("ThingInput", fits::<golden::types::ThingInput>),
        ("ThingChangeInput", fits::<golden::types::ThingChangeInput>),
    ];
    all_agree(golden::CONTRACT, &types);
}
