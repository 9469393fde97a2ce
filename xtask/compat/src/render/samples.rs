//! Findings as the comparison makes them, for the tests of all formats.

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use crate::document::Place;
use crate::judgement::{Judgement, Side};
use crate::report::{
    Answer, Direction, Effect, Exchange, Finding, Lane, Proof, Report, Severity, Spot, Verdict,
    Witness,
};
use crate::waivers::Waivers;

pub const TODAY: Date = date(2026, 11, 21);

pub const WAIVERS: &str = r#"
[[waiver]]
rule = "operation-removed"
pointer = "/paths/~1old"
reason = "nobody has called it since March"
owner = "orders"
expires = "2027-03-01"
"#;

fn spot(pointer: &str, line: u32) -> Option<Spot> {
    Some(Spot {
        pointer: pointer.to_owned(),
        place: Place {
            file: "openapi/shop.yaml".to_owned(),
            line,
        },
    })
}

fn witness(value: Option<Value>, says: &str, exchange: Exchange) -> Proof {
    Proof::Witness(Box::new(Witness {
        value,
        exchange,
        says: says.to_owned(),
    }))
}

/// A finding of a rule that nobody is hurt by.
pub fn finding(rule: &str, severity: Severity, reach: &[&str], what: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        lane: Lane::Wire,
        direction: None,
        effect: None,
        base: spot("/paths/~1orders/post", 12),
        revision: spot("/paths/~1orders/post", 14),
        reach: reach.iter().map(|&name| name.to_owned()).collect(),
        place: String::new(),
        trail: Vec::new(),
        subject: None,
        before: None,
        after: None,
        what: what.to_owned(),
        fix: "raise the minor version".to_owned(),
        reason: None,
        proof: Proof::Argued("nothing to show".to_owned()),
        sunset: None,
    }
}

fn request() -> Finding {
    let body = json!({
        "payment": {"method": "card", "currency": "EUR"},
        "contact": {"email": "traveller@fareway.example", "phone": "+15555550100", "name": "A. Traveller"},
        "passengers": [
            {"given_name": "Ada", "age": 7},
            {"given_name": "Grace", "age": 121},
        ],
    });
    Finding {
        direction: Some(Direction::Request),
        effect: Some(Effect::Narrows),
        place: "request body /passengers/*/age".to_owned(),
        trail: vec![
            "#/components/schemas/OrderInput".to_owned(),
            "#/components/schemas/Passenger".to_owned(),
        ],
        before: Some("130".to_owned()),
        after: Some("120".to_owned()),
        fix: "leave it as it was, or wait for the next major".to_owned(),
        proof: witness(
            Some(json!(121)),
            "right under the base, refused by the revision",
            Exchange {
                method: "POST".to_owned(),
                url: "https://api.fareway.example/orders?lang=en%20GB".to_owned(),
                headers: vec![
                    ("Content-Type".to_owned(), "application/json".to_owned()),
                    ("X-Note".to_owned(), "it's $HOME".to_owned()),
                ],
                body: Some(body),
                answer: None,
            },
        ),
        ..finding(
            "request-maximum-narrowed",
            Severity::Breaking,
            &[
                "POST /orders",
                "PUT /orders/{id}",
                "POST /quotes",
                "PUT /quotes/{id}",
                "POST /holds",
                "PUT /holds/{id}",
                "POST /carts",
            ],
            "`maximum` changes from 130 to 120",
        )
    }
}

fn response() -> Finding {
    Finding {
        direction: Some(Direction::Response),
        effect: Some(Effect::Widens),
        place: "200 body /status".to_owned(),
        fix: "keep the old values".to_owned(),
        proof: witness(
            Some(json!("lost")),
            "may come under the revision, excluded by the base",
            Exchange {
                method: "GET".to_owned(),
                url: "/orders/1".to_owned(),
                answer: Some(Answer {
                    status: "200".to_owned(),
                    headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
                    body: Some(json!({"id": "1", "status": "lost"})),
                }),
                ..Exchange::default()
            },
        ),
        ..finding(
            "response-enum-widened",
            Severity::Breaking,
            &["GET /orders/{id}"],
            "the value \"lost\" is new",
        )
    }
}

/// A report with a finding of every kind.
pub fn report() -> Report {
    let undecided = Finding {
        place: "request body /code".to_owned(),
        proof: Proof::Undecided("the pattern `^(?=a)` looks ahead".to_owned()),
        reason: Some("what cannot be judged counts as a break".to_owned()),
        ..finding(
            "request-pattern-narrowed",
            Severity::Breaking,
            &["POST /codes"],
            "`pattern` changes",
        )
    };
    let waived = Finding {
        base: spot("/paths/~1old/delete", 70),
        revision: None,
        fix: "keep it and mark it `deprecated: true`".to_owned(),
        proof: Proof::Argued("a removed operation answers nothing to anybody".to_owned()),
        ..finding(
            "operation-removed",
            Severity::Breaking,
            &["DELETE /old"],
            "the operation is removed",
        )
    };
    let announced = Finding {
        base: spot("/paths/~1gone/get", 80),
        revision: None,
        sunset: Some(date(2026, 11, 1)),
        ..finding(
            "operation-removed",
            Severity::Breaking,
            &["GET /gone"],
            "the operation is removed",
        )
    };
    let policy = Finding {
        lane: Lane::Sdk,
        reason: Some("no exchange becomes invalid; generated clients call it otherwise".to_owned()),
        fix: "keep the name".to_owned(),
        ..finding(
            "operation-id-changed",
            Severity::Policy,
            &["GET /orders"],
            "`operationId` changes from a_b to <c>",
        )
    };
    Report {
        findings: vec![
            request(),
            response(),
            undecided,
            waived,
            announced,
            policy,
            finding(
                "member-added",
                Severity::Additive,
                &["GET /orders"],
                "member `size` is new",
            ),
            finding(
                "deprecated",
                Severity::Deprecating,
                &["GET /orders"],
                "parameter `page` is deprecated",
            ),
            Finding {
                lane: Lane::Docs,
                ..finding(
                    "text-changed",
                    Severity::Worded,
                    &[],
                    "schema Order is described otherwise",
                )
            },
        ],
        operations: vec![
            ("POST /orders".to_owned(), Verdict::Breaks),
            ("GET /orders".to_owned(), Verdict::Proved),
            ("PUT /codes/{code}".to_owned(), Verdict::Sampled(200)),
        ],
    }
}

/// A judgement of a report.
pub fn judged<'r>(report: &'r Report, waivers: &'r Waivers) -> Judgement<'r> {
    let base = Side {
        name: "main:openapi/shop.yaml".to_owned(),
        prefix: "main:".to_owned(),
    };
    let revision = Side {
        name: "openapi/shop.yaml".to_owned(),
        prefix: String::new(),
    };
    Judgement::new(report, (base, revision), &[], waivers, TODAY)
}
