//! Whatever is fed to it, the engine answers, refuses with file and line, and never falls over.

use compat::document::{Forest, Unusable};
use proptest::prelude::*;
use serde_json::{Value, json};

const SEED: &str = r##"
openapi: 3.1.0
info: {title: Kiosk, version: 1.0.0}
servers: [{url: 'https://{host}/v1', variables: {host: {default: example.com}}}]
security: [{key: []}]
paths:
  /tickets/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, pattern: '^[a-z]+$'}}
    get:
      operationId: getTicket
      parameters: [{$ref: '#/components/parameters/Limit'}]
      responses:
        '200':
          description: A ticket.
          headers: {Etag: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Ticket'}}}
        default: {$ref: '#/components/responses/Problem'}
      callbacks:
        sold: {'{$request.body#/url}': {post: {requestBody: {content: {application/json: {schema: {type: integer}}}}, responses: {'204': {description: Taken.}}}}}
webhooks:
  sold: {post: {requestBody: {content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Ticket'}, {type: 'null'}]}}}}, responses: {'200': {description: Taken.}}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: Api-Key}}
  parameters: {Limit: {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}}
  responses: {Problem: {description: Refused., content: {application/problem+json: {schema: {type: object}}}}}
  schemas:
    Ticket:
      type: object
      required: [id]
      properties:
        id: {type: string, maxLength: 10}
        price: {type: number, multipleOf: 0.01, exclusiveMinimum: 0}
        class: {enum: [first, second]}
        parent: {$ref: '#/components/schemas/Ticket'}
        tags: {type: array, items: {type: string}, uniqueItems: true, maxItems: 3}
      additionalProperties: false
      if: {required: [price]}
      then: {required: [class]}
"##;

fn compared(base: &str, revision: &str) -> Result<usize, Unusable> {
    let mut forest = Forest::default();
    let base = forest.load(&|_: &str| Ok(base.to_owned()), "base.yaml")?;
    let revision = forest.load(&|_: &str| Ok(revision.to_owned()), "revision.yaml")?;
    Ok(compat::compare(&forest, base, revision)?.findings.len())
}

/// A place in the document, what to put there.
fn edit() -> impl Strategy<Value = (usize, usize, String)> {
    let odd = prop::sample::select(vec![
        "",
        "~",
        "[]",
        "{}",
        "true",
        "-1",
        "1e999",
        "1e99999999",
        "99999999999999999999999",
        "\"",
        "'",
        "{$ref: '#'}",
        "{$ref: '#/nowhere'}",
        "{$ref: '../x.yaml#/a'}",
        "{$ref: 'https://example.com/x'}",
        "&a",
        "*a",
        "\u{0}",
        "\u{feff}",
        "[[[[",
        "}}",
        "? :",
        "!!binary x",
        "- -",
        "type",
        "$ref",
        "oneOf",
        "not",
        "properties",
        "\n",
        "\n      ",
        ": ",
        ", ",
        "(",
        "[a-",
        "é",
    ]);
    (0..SEED.len(), 0..12_usize, odd.prop_map(str::to_owned))
}

fn edited(edits: &[(usize, usize, String)]) -> String {
    let mut text = SEED.to_owned();
    for (at, gone, new) in edits {
        let mut from = (*at).min(text.len());
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        let mut to = (from + gone).min(text.len());
        while !text.is_char_boundary(to) {
            to += 1;
        }
        text.replace_range(from..to, new);
    }
    text
}

#[test]
fn any_edit_is_compared_or_refused() {
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let rng = proptest::test_runner::TestRng::deterministic_rng(
        proptest::test_runner::RngAlgorithm::ChaCha,
    );
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(config, rng);
    let compared_ones = std::cell::Cell::new(0);
    let run = runner.run(&prop::collection::vec(edit(), 1..3), |edits| {
        let text = edited(&edits);
        match (compared(SEED, &text), compared(&text, SEED)) {
            (Ok(_), Ok(_)) => compared_ones.set(compared_ones.get() + 1),
            (Err(error), _) | (_, Err(error)) => {
                prop_assert!(!error.what.is_empty() && !error.fix.is_empty())
            }
        }
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    assert!(compared_ones.get() > 0, "no edit left a document");
}

fn refused(text: &str) -> String {
    compared(SEED, text).expect_err("it is refused").to_string()
}

#[test]
fn what_cannot_be_used_is_named_with_its_line() {
    let long = format!(
        "{{\"openapi\": {}1{}}}",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    let cases = [
        ("", "revision.yaml:"),
        (
            "openapi: 3.1.0\npaths: {}\npaths: {}\n",
            "revision.yaml:3: the key `paths` is written twice; keep one of them",
        ),
        ("openapi: [\n", "revision.yaml:"),
        (
            "a: 1\n",
            "revision.yaml:1: is no OpenAPI document of version 3: it has no member `openapi`; name an OpenAPI document",
        ),
        (long.as_str(), "revision.yaml:1: "),
    ];
    for (text, wanted) in cases {
        let message = refused(text);
        assert!(message.starts_with(wanted), "{message} instead of {wanted}");
    }
    let nowhere = SEED.replace(
        "#/components/schemas/Ticket'}}}",
        "#/components/schemas/Nothing'}}}",
    );
    let message = refused(&nowhere);
    assert!(
        message.starts_with("revision.yaml:17: `$ref: #/components/schemas/Nothing` leads nowhere"),
        "{message}"
    );
}

#[test]
fn a_file_that_repeats_itself_without_end_is_refused() {
    let mut text =
        String::from("openapi: 3.1.0\npaths: {}\nx-a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n");
    for at in 1..60 {
        let before = format!("*a{}", at - 1);
        text.push_str(&format!(
            "x-a{at}: &a{at} [{}]\n",
            [before.as_str(); 8].join(", ")
        ));
    }
    let message = refused(&text);
    assert!(
        message.ends_with(
            "with its aliases written out the file has more than 2000000 nodes; repeat less"
        ),
        "{message}"
    );
    let twice = "openapi: 3.1.0\npaths: {}\nx-a: &a [1, 2]\nx-b: [*a, *a]\n";
    assert_eq!(compared(twice, twice), Ok(0));
}

/// A document whose schemas refer to each other in a circle of this length.
fn circle(length: usize, last: &Value) -> String {
    let mut schemas = serde_json::Map::new();
    for at in 0..length {
        let value = if at + 1 == length {
            last.clone()
        } else {
            json!({"type": "string"})
        };
        let next = format!("#/components/schemas/S{}", (at + 1) % length);
        let inner = json!({"type": "object", "properties": {"next": {"anyOf": [{"$ref": next}, {"type": "null"}]}, "value": value}});
        schemas.insert(format!("S{at}"), inner);
    }
    let body =
        json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}});
    json!({"openapi": "3.1.0", "components": {"schemas": schemas},
        "paths": {"/s": {"post": {"requestBody": body, "responses": {"200": {"description": "Yes."}}}}}})
    .to_string()
}

#[test]
fn circles_of_any_length_end() {
    let (base, revision) = (
        circle(2_000, &json!({"type": "string"})),
        circle(2_000, &json!({"type": "integer"})),
    );
    assert_eq!(compared(&base, &base), Ok(0));
    assert!(compared(&base, &revision).is_ok_and(|found| found > 0));
}
