//! The engine against brute force: small schemas over a universe of small values, where every question can be answered by trying.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::*;

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
    let values = vec![json!("a"), json!("ab"), json!(1), json!(2), json!(null)];
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
        prop::sample::subsequence(values, 1..4).prop_map(|values| json!({ "enum": values })),
        Just(json!({"maximum": 2})),
        Just(json!({"minLength": 2})),
        Just(json!(true)),
        Just(json!(false)),
    ]
}

fn schema() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 24, 3, |inner| {
        let names = prop::sample::subsequence(vec!["a", "b", "c"], 0..3);
        let members = prop::collection::btree_map(prop::sample::select(vec!["a", "b"]), inner.clone(), 0..3);
        prop_oneof![
            (members, names, prop::option::of(inner.clone())).prop_map(|(members, required, others)| {
                let mut schema = json!({"type": "object", "properties": members, "required": required});
                if let Some(others) = others {
                    schema["additionalProperties"] = others;
                }
                schema
            }),
            (inner.clone(), 0..3_u64, any::<bool>())
                .prop_map(|(items, most, unique)| json!({"type": "array", "items": items, "maxItems": most, "uniqueItems": unique})),
            (inner.clone(), inner.clone()).prop_map(|(first, rest)| json!({"type": "array", "prefixItems": [first], "items": rest})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|branches| json!({ "anyOf": branches })),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|branches| json!({ "oneOf": branches })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|branches| json!({ "allOf": branches })),
            inner.clone().prop_map(|inner| json!({ "not": inner })),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(test, then, other)| json!({"if": test, "then": then, "else": other})),
            (inner.clone(), prop::sample::select(vec!["a", "b"]))
                .prop_map(|(inner, name)| json!({"type": "object", "dependentSchemas": { name: inner }})),
            inner.clone().prop_map(|inner| json!({"type": "array", "contains": inner})),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, rest)| json!({"type": "object", "properties": {"a": a},
                "anyOf": [{"properties": {"b": b}, "required": ["b"]}, {"required": ["a"]}], "unevaluatedProperties": rest})),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(test, b, rest)| json!({"type": "object",
                "if": {"properties": {"a": test}, "required": ["a"]}, "then": {"properties": {"b": b}}, "unevaluatedProperties": rest})),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(first, held, rest)| json!({"type": "array",
                "oneOf": [{"prefixItems": [first]}, {"contains": held}], "unevaluatedItems": rest})),
            inner.prop_map(|inner| json!({"type": "object", "propertyNames": inner, "minProperties": 1})),
        ]
    })
}

/// What the engine says of values of the first that are none of the second.
#[derive(Debug, PartialEq)]
enum Said {
    /// There are none.
    No,
    Shown(Value),
    Unknown,
}

fn ask(sub: &Value, sup: &Value) -> Said {
    let document = json!({"openapi": "3.1.0", "components": {"schemas": {"Sub": sub, "Sup": sup}}});
    let mut forest = Forest::default();
    let root = forest.plant("small.json", &document).expect("a document");
    let schemas = forest
        .node(root)
        .get("components")
        .and_then(|node| node.get("schemas"))
        .expect("they are there");
    let (sub, sup) = (
        schemas.get("Sub").expect("one"),
        schemas.get("Sup").expect("the other"),
    );
    // What a server may send, it may send whether it is described or not.
    let mut engine = Engine::new(&forest);
    let mind = engine.mind(Direction::Response);
    let (sub, sup) = (mind.space.at(sub), mind.space.at(sup));
    mind.learn(sub).expect("it reads");
    mind.learn(sup).expect("it reads");
    let causes = engine.effected(Direction::Response, Effect::Widens, sup, sub);
    let mut said = Said::No;
    for (_, shown) in causes.expect("it reads") {
        match shown {
            Shown::Value(value) => return Said::Shown(value),
            Shown::Unknown(_) | Shown::Sampled(_) => said = Said::Unknown,
            Shown::Argued(_) => {}
        }
    }
    said
}

fn validator(schema: &Value) -> jsonschema::Validator {
    jsonschema::draft202012::new(schema).expect("a schema")
}

/// Asks about so many pairs and tells how many were decided, shown, and not decided.
fn tried(cases: u32) -> (u32, u32, u32) {
    let mut runner = TestRunner::new_with_rng(
        Config {
            cases,
            failure_persistence: None,
            max_shrink_iters: 2000,
            ..Config::default()
        },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let universe = universe();
    let counts = std::cell::Cell::new((0, 0, 0));
    let result = runner.run(&(schema(), schema()), |(sub, sup)| {
        let (left, right) = (validator(&sub), validator(&sup));
        let outside = universe
            .iter()
            .find(|value| left.is_valid(value) && !right.is_valid(value));
        let said = ask(&sub, &sup);
        let (no, shown, unknown) = counts.get();
        match &said {
            Said::No => {
                prop_assert!(
                    outside.is_none(),
                    "{outside:?} is a value of the first and none of the second: {sub} {sup}"
                );
                counts.set((no + 1, shown, unknown));
            }
            Said::Shown(value) => {
                prop_assert!(
                    left.is_valid(value) && !right.is_valid(value),
                    "{value} shows nothing: {sub} {sup}"
                );
                counts.set((no, shown + 1, unknown));
            }
            Said::Unknown => counts.set((no, shown, unknown + 1)),
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    counts.get()
}

#[test]
fn every_verdict_agrees_with_brute_force() {
    // PROPTEST_CASES asks for more.
    let cases = 12 * Config::default().cases;
    let (no, shown, unknown) = tried(cases);
    println!(
        "{cases} pairs: {no} without an escape, {shown} with one that was shown, {unknown} not decided"
    );
    assert!(
        unknown * 20 < cases,
        "{unknown} of {cases} were not decided"
    );
}
