//! The judge against brute force: small schemas over a universe of small values. Whenever a value is in the first set and not in
//! the second, the judge must have a cause; a judge that finds none where there is one would let a break pass.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Position;
use super::escape::Judge;
use super::reader::Reader;
use super::schema::Site;

/// Values of every kind, and near every bound that the schemas below can have.
fn universe() -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(true),
        json!(1.5),
        json!(""),
        json!("a"),
        json!("ab"),
        json!("abc"),
        json!("abcd"),
    ];
    values.extend((-1..=4).map(|n| json!(n)));
    let scalars = values.clone();
    values.push(json!([]));
    values.push(json!({}));
    for value in &scalars {
        values.push(json!([value]));
        values.push(json!([value, value]));
        values.push(json!([value, "b", 2]));
        values.push(json!({ "a": value }));
        values.push(json!({ "b": value }));
        values.push(json!({ "c": value }));
        values.push(json!({"a": value, "b": 1}));
        values.push(json!({"a": 1, "b": value}));
        values.push(json!({"a": "a", "b": "b", "c": value}));
    }
    values
}

fn scalar() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["string", "integer", "number", "boolean", "null"]);
    prop_oneof![
        kind.prop_map(|kind| json!({ "type": kind })),
        (0..4_i64, 0..4_i64).prop_map(
            |(least, more)| json!({"type": "integer", "minimum": least, "maximum": least + more})
        ),
        (0..3_i64).prop_map(|bound| json!({"type": "number", "exclusiveMinimum": bound})),
        (1..4_i64).prop_map(|of| json!({"type": "integer", "multipleOf": of})),
        (0..3_u64, 0..3_u64).prop_map(
            |(least, more)| json!({"type": "string", "minLength": least, "maxLength": least + more})
        ),
        prop::sample::select(vec!["^a", "b$", "^[a-c]*$", "^.$"])
            .prop_map(|pattern| json!({"type": "string", "pattern": pattern})),
        prop::sample::subsequence(
            vec![json!("a"), json!("ab"), json!(1), json!(2), json!(null)],
            1..4
        )
        .prop_map(|values| json!({ "enum": values })),
        prop::sample::select(vec![json!("a"), json!(1), json!(null)])
            .prop_map(|value| json!({ "const": value })),
        prop::sample::subsequence(vec!["string", "integer", "null", "object", "array"], 1..4)
            .prop_map(|kinds| json!({ "type": kinds })),
        Just(json!({})),
        Just(json!(true)),
        Just(json!(false)),
    ]
}

fn object(inner: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    let names = || prop::sample::subsequence(vec!["a", "b", "c"], 0..3);
    let other = prop_oneof![Just(json!(true)), Just(json!(false)), inner.clone()];
    let typed = prop::bool::ANY;
    (
        names(),
        names(),
        prop::collection::vec(inner, 3),
        other,
        0..3_u64,
        0..5_u64,
        typed,
    )
        .prop_map(|(named, required, schemas, other, least, most, typed)| {
            let properties: serde_json::Map<String, Value> = named
                .iter()
                .zip(schemas)
                .map(|(name, schema)| ((*name).to_owned(), schema))
                .collect();
            let mut schema = json!({
                "properties": properties, "required": required, "additionalProperties": other,
                "minProperties": least, "maxProperties": least.max(most),
            });
            if typed {
                schema["type"] = json!("object");
            }
            schema
        })
}

fn array(inner: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    let first = prop::collection::vec(inner.clone(), 0..2);
    (inner, first, 0..3_u64, 0..4_u64, prop::bool::ANY).prop_map(|(items, first, least, most, unique)| {
        let mut schema = json!({
            "type": "array", "items": items, "minItems": least, "maxItems": least.max(most), "uniqueItems": unique,
        });
        if !first.is_empty() {
            schema["prefixItems"] = json!(first);
        }
        schema
    })
}

fn schema() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        let inner = inner.boxed();
        let several = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            object(inner.clone()),
            array(inner.clone()),
            several().prop_map(|parts| json!({ "allOf": parts })),
            several().prop_map(|branches| json!({ "anyOf": branches })),
            several().prop_map(|branches| json!({ "oneOf": branches })),
            inner.clone().prop_map(|inner| json!({ "not": inner })),
            (object(inner.clone()), several()).prop_map(|(mut whole, branches)| {
                whole["oneOf"] = json!(branches);
                whole
            }),
        ]
    })
}

/// Whether the judge finds a cause why a value of the first is none of the second.
fn has_cause(sub: &Value, sup: &Value) -> bool {
    fn reader(document: &Value) -> Reader<'_> {
        Reader {
            document,
            position: Position::Request,
        }
    }
    fn whole(node: &Value) -> Vec<Site<'_>> {
        vec![Site {
            node,
            pointer: "".into(),
        }]
    }
    let mut judge = Judge::new(reader(sub), reader(sup));
    !judge.escapes(&whole(sub), &whole(sup)).is_empty()
}

fn accepts(schema: &Value) -> impl Fn(&Value) -> bool {
    let validator = jsonschema::draft202012::new(schema).expect("the schema is one");
    move |value| validator.is_valid(value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_value_gets_away((sub, sup) in (schema(), schema())) {
        let (in_sub, in_sup) = (accepts(&sub), accepts(&sup));
        let lost = universe().into_iter().find(|value| in_sub(value) && !in_sup(value));
        if let Some(value) = lost {
            prop_assert!(has_cause(&sub, &sup), "{value} is in {sub} and not in {sup}");
        }
    }

    #[test]
    fn a_schema_loses_nothing_to_itself(schema in schema()) {
        let again = schema.clone();
        prop_assert!(!has_cause(&schema, &again), "{schema}");
    }
}
