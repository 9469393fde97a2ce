//! Pairs of small documents: what is found in them, how it is shown, and what documents can be wrong in.

use serde_json::json;

use super::{compare, rules_of, try_compare};
use crate::report::{Finding, Proof, Severity, Verdict, Witness};

/// Operations of paths as one document.
fn paths(paths: &str) -> String {
    format!("openapi: 3.1.0\npaths:\n{paths}")
}

fn wire(base: &str, revision: &str) -> Vec<Finding> {
    let mut findings = compare(base, revision).findings;
    findings.retain(|finding| finding.severity != Severity::Worded);
    findings
}

fn witness(finding: &Finding) -> &Witness {
    match &finding.proof {
        Proof::Witness(witness) => witness,
        other => panic!("{}: {other:?}", finding.rule),
    }
}

const DONE: &str = "responses: {'204': {description: Done}}";

#[test]
fn a_step_may_move_between_server_and_path() {
    let base = format!(
        "openapi: 3.1.0\nservers: [{{url: 'https://a/v1'}}]\npaths: {{/x: {{get: {{{DONE}}}}}}}"
    );
    let moved = format!(
        "openapi: 3.1.0\nservers: [{{url: 'https://a'}}]\npaths: {{/v1/x: {{get: {{{DONE}}}}}}}"
    );
    assert_eq!(rules_of(&wire(&base, &moved)), []);
    let other = moved.replace("/v1/x", "/v2/x");
    let found = wire(&base, &other);
    assert!(
        found
            .iter()
            .any(|finding| finding.rule == "operation-removed"),
        "{found:?}"
    );
}

#[test]
fn one_finding_for_a_server_that_all_operations_lose() {
    let of = |url: &str| {
        let items: String = (0..50)
            .map(|at| format!("  /x{at}: {{get: {{{DONE}}}}}\n"))
            .collect();
        format!("openapi: 3.1.0\nservers: [{{url: '{url}'}}]\npaths:\n{items}")
    };
    let found = wire(&of("https://a/v1"), &of("https://a/v2"));
    let breaking: Vec<&Finding> = found
        .iter()
        .filter(|it| it.severity == Severity::Breaking)
        .collect();
    assert_eq!(breaking.len(), 1);
    assert_eq!(breaking[0].reach.len(), 50);
    assert_eq!(witness(breaking[0]).exchange.url, "https://a/v1/x0");
}

#[test]
fn a_shared_parameter_is_one_cause_with_all_that_it_reaches() {
    let of = |required: bool| {
        let item = format!("{{parameters: [{{$ref: '#/components/parameters/limit'}}], {DONE}}}");
        let items: String = (0..500)
            .map(|at| format!("  /x{at}: {{get: {item}}}\n"))
            .collect();
        format!(
            "{}components: {{parameters: {{limit: {{name: limit, in: query, required: {required}, schema: {{type: integer}}}}}}}}",
            paths(&items)
        )
    };
    let found = wire(&of(false), &of(true));
    assert_eq!(
        rules_of(&found),
        [(Severity::Breaking, "parameter-required")]
    );
    assert_eq!(found[0].reach.len(), 500);
    assert_eq!(found[0].trail, ["/components/parameters/limit"]);
    assert_eq!(witness(&found[0]).exchange.url, "/x0");
}

#[test]
fn the_exchange_is_complete() {
    let of = |more: &str| {
        format!(
            "openapi: 3.1.0
servers: [{{url: 'https://{{region}}.a.example/v1', variables: {{region: {{default: eu}}}}}}]
security: [{{key: [], token: [read]}}]
paths:
  /orders/{{id}}:
    parameters: [{{name: id, in: path, required: true, schema: {{type: string, enum: ['a/b']}}}}]
    put:
      parameters:
        - {{name: q, in: query, required: true, schema: {{type: array, items: {{enum: [x y]}}, minItems: 2}}}}
        - {{name: Trace, in: header, required: true, schema: {{enum: [t]}}}}
        {more}
      requestBody: {{required: true, content: {{application/json: {{schema: {{enum: [5]}}}}}}}}
      {DONE}
components:
  securitySchemes:
    key: {{type: apiKey, in: cookie, name: sid}}
    token: {{type: oauth2, flows: {{}}}}
"
        )
    };
    let found = wire(&of(""), &of("- {name: new, in: query, required: true}"));
    assert_eq!(
        rules_of(&found),
        [(Severity::Breaking, "parameter-new-required")]
    );
    let exchange = &witness(&found[0]).exchange;
    assert_eq!(exchange.method, "PUT");
    assert_eq!(
        exchange.url,
        "https://eu.a.example/v1/orders/a%2Fb?q=x%20y&q=x%20y"
    );
    let header = |name: &str| {
        let mut headers = exchange.headers.iter();
        headers
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(header("Authorization"), Some("Bearer <token>"));
    assert_eq!(header("Cookie"), Some("sid=<key>"));
    assert_eq!(header("Trace"), Some("t"));
    assert_eq!(header("Content-Type"), Some("application/json"));
    assert_eq!(exchange.body, Some(json!(5)));
}

#[test]
fn a_scheme_of_another_name_is_the_same_on_the_wire() {
    let of = |name: &str, header: &str| {
        format!(
            "{}components: {{securitySchemes: {{{name}: {{type: apiKey, in: header, name: {header}}}}}}}",
            paths(&format!(
                "  /x: {{get: {{security: [{{{name}: []}}], {DONE}}}}}\n"
            ))
        )
    };
    assert_eq!(
        rules_of(&wire(&of("key", "Api-Key"), &of("other", "api-key"))),
        []
    );
    let found = wire(&of("key", "Api-Key"), &of("other", "Token"));
    assert_eq!(found[0].rule, "credentials-narrowed");
}

#[test]
fn credentials_are_alternatives_of_conjunctions() {
    let of = |security: &str| {
        format!(
            "{}components: {{securitySchemes: {{a: {{type: http, scheme: basic}}, b: {{type: http, scheme: bearer}}}}}}",
            paths(&format!(
                "  /x: {{get: {{security: {security}, {DONE}}}}}\n"
            ))
        )
    };
    let judge = |base: &str, revision: &str| {
        let found = wire(&of(base), &of(revision));
        found
            .iter()
            .any(|finding| finding.severity == Severity::Breaking)
    };
    assert!(!judge("[{a: []}, {b: []}]", "[{b: []}, {a: []}]"));
    assert!(judge("[{a: []}, {b: []}]", "[{a: []}]"));
    assert!(judge("[{a: []}]", "[{a: [], b: []}]"));
    assert!(!judge("[{a: [], b: []}]", "[{a: []}]"));
    assert!(judge("[]", "[{a: []}]"));
    assert!(!judge("[{}, {a: []}]", "[]"));
    assert!(!judge("[{a: []}]", "[{a: []}, {}]"));
    assert!(judge("[{a: [read]}]", "[{a: [read, write]}]"));
    assert!(!judge("[{a: [read, write]}]", "[{a: [read]}]"));
}

#[test]
fn callbacks_turn_and_may_lead_back_to_themselves() {
    let of = |required: &str| {
        format!(
            "{}components:
  callbacks:
    done:
      '{{$request.query.url}}':
        post:
          parameters: [{{name: id, in: query, required: {required}, schema: {{type: string}}}}]
          callbacks: {{again: {{$ref: '#/components/callbacks/done'}}}}
          {DONE}
",
            paths(&format!(
                "  /x: {{post: {{callbacks: {{done: {{$ref: '#/components/callbacks/done'}}}}, {DONE}}}}}\n"
            ))
        )
    };
    let found = wire(&of("true"), &of("false"));
    assert_eq!(found[0].rule, "parameter-optional");
    assert_eq!(found[0].severity, Severity::Breaking);
    assert_eq!(found[0].reach[0], "callback done of POST /x");
}

#[test]
fn statuses_are_covered_by_ranges_and_default() {
    let of = |responses: &str| paths(&format!("  /x: {{get: {{responses: {responses}}}}}\n"));
    let judge = |base: &str, revision: &str| {
        let found = wire(&of(base), &of(revision));
        found
            .iter()
            .map(|it| (it.severity, it.rule.clone()))
            .collect::<Vec<_>>()
    };
    let text = "{description: D}";
    assert_eq!(
        judge(&format!("{{'200': {text}}}"), &format!("{{'2xx': {text}}}")),
        [(Severity::Breaking, "status-success-added".to_owned())]
    );
    assert_eq!(
        judge(&format!("{{'2XX': {text}}}"), &format!("{{'200': {text}}}")),
        [
            (Severity::Additive, "status-told-apart".to_owned()),
            (Severity::Additive, "status-range-narrowed".to_owned())
        ]
    );
    assert_eq!(
        judge(
            &format!("{{default: {text}}}"),
            &format!("{{default: {text}, '404': {text}}}")
        ),
        [(Severity::Additive, "status-told-apart".to_owned())]
    );
}

#[test]
fn whatever_is_of_the_wrong_type_is_not_there() {
    let good = paths(&format!("  /x: {{get: {{{DONE}}}}}\n"));
    let members = [
        "servers",
        "security",
        "paths",
        "webhooks",
        "components",
        "info",
        "tags",
        "x-problem-catalogue",
    ];
    let values = [
        "5",
        "text",
        "null",
        "[5, null, {}, []]",
        "{a: 5, /b: 5, /c: {get: [], put: {}}}",
    ];
    let own = [
        "parameters",
        "requestBody",
        "responses",
        "security",
        "callbacks",
        "servers",
        "operationId",
        "deprecated",
    ];
    for value in values {
        for member in members {
            let odd = format!("openapi: 3.1.0\n{member}: {value}\n");
            compare(&good, &odd);
            compare(&odd, &good);
            compare(&odd, &odd);
        }
        for member in own {
            let odd = paths(&format!(
                "  /x: {{get: {{{member}: {value}, summary: S}}}}\n"
            ));
            compare(&good, &odd);
            compare(&odd, &good);
        }
    }
}

#[test]
fn a_reference_that_leads_nowhere_is_told_with_its_line() {
    let good = paths(&format!("  /x: {{get: {{{DONE}}}}}\n"));
    let bad = paths(&format!(
        "  /x:\n    get:\n      parameters:\n        - {{$ref: '#/components/parameters/none'}}\n      {DONE}\n"
    ));
    let error = try_compare(&good, &bad).expect_err("it leads nowhere");
    assert_eq!(
        (error.place.file.as_str(), error.place.line),
        ("revision.yaml", 6)
    );
}

#[test]
fn operations_that_changed_have_a_verdict() {
    let of = |a: bool, b: bool| {
        paths(&format!(
            "  /a: {{get: {{parameters: [{{name: p, in: query, required: {a}}}], {DONE}}}}}\n  /b: {{get: {{parameters: [{{name: p, in: query, required: {b}}}], {DONE}}}}}\n  /c: {{get: {{{DONE}}}}}\n"
        ))
    };
    let report = compare(&of(false, true), &of(true, false));
    let verdicts: Vec<(&str, Verdict)> = report
        .operations
        .iter()
        .map(|(name, verdict)| (name.as_str(), *verdict))
        .collect();
    assert_eq!(
        verdicts,
        [("GET /a", Verdict::Breaks), ("GET /b", Verdict::Proved)]
    );
}

#[test]
fn a_number_is_a_text_where_everything_is_written() {
    let of = |kind: &str| {
        paths(&format!(
            "  /x/{{id}}: {{get: {{parameters: [{{name: id, in: path, required: true, schema: {{type: {kind}}}}}], responses: {{'200': {{description: D, headers: {{Rate: {{schema: {{type: {kind}}}}}}}}}}}}}}}\n"
        ))
    };
    let found = wire(&of("integer"), &of("string"));
    let breaking: Vec<&Finding> = found
        .iter()
        .filter(|it| it.severity == Severity::Breaking)
        .collect();
    assert_eq!(breaking.len(), 1, "{found:?}");
    assert_eq!(breaking[0].place, "status 200, header Rate");
    let found = wire(&of("string"), &of("integer"));
    let breaking: Vec<&Finding> = found
        .iter()
        .filter(|it| it.severity == Severity::Breaking)
        .collect();
    assert_eq!(breaking.len(), 1, "{found:?}");
    assert_eq!(breaking[0].place, "path parameter `id`");
}

#[test]
fn a_path_parameter_that_the_template_calls_otherwise_is_still_the_one() {
    let of = |name: &str, kind: &str| {
        paths(&format!(
            "  /x/{{{name}}}: {{get: {{parameters: [{{name: id, in: path, required: true, schema: {{type: {kind}}}}}], {DONE}}}}}\n"
        ))
    };
    assert_eq!(
        rules_of(&wire(&of("id", "integer"), &of("key", "integer"))),
        []
    );
    let found = wire(&of("id", "string"), &of("key", "integer"));
    assert_eq!(found[0].severity, Severity::Breaking);
}

#[test]
fn a_literal_path_that_goes_leaves_its_requests_to_a_template() {
    let both = paths(&format!(
        "  /x/me: {{get: {{{DONE}}}}}\n  /x/{{id}}: {{get: {{{DONE}}}}}\n"
    ));
    let one = paths(&format!("  /x/{{id}}: {{get: {{{DONE}}}}}\n"));
    let found = wire(&both, &one);
    assert_eq!(
        rules_of(&found),
        [(Severity::Breaking, "operation-removed")]
    );
    assert!(witness(&found[0]).says.contains("left to /x/{id}"));
    let found = wire(&one, &both);
    let policy = found
        .iter()
        .find(|finding| finding.rule == "path-shadowed")
        .expect("it shadows");
    assert_eq!(witness(policy).exchange.url, "/x/me");
}

#[test]
fn operations_that_no_question_can_be_sure_of_are_sampled() {
    let of = |schema: &str| {
        let content = format!("content: {{application/json: {{schema: {schema}}}}}");
        let answer = format!("responses: {{'200': {{description: Done, {content}}}}}");
        paths(&format!("  /a: {{get: {{{answer}}}}}\n"))
    };
    let wide = "{type: array, items: {type: 'null'}, maxItems: 2}";
    // No first element fits, so that only the empty list is left; that is more than the engine can be sure of.
    let first = "{allOf: [{if: {maximum: 2}, then: {type: number, exclusiveMinimum: 2}, else: {type: string, minLength: 2}}]}";
    let narrow = format!(
        "{{type: array, prefixItems: [{first}], items: {{type: object, propertyNames: {{type: integer}}, minProperties: 1}}}}"
    );
    let report = compare(&of(wide), &of(&narrow));
    let [(name, Verdict::Sampled(samples))] = &report.operations[..] else {
        panic!("{:?}", report.operations);
    };
    assert_eq!((name.as_str(), *samples > 0), ("GET /a", true));
    assert!(
        report
            .findings
            .iter()
            .all(|finding| finding.severity != Severity::Breaking)
    );
}
