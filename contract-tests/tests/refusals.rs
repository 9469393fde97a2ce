//! What every operation refuses in the same way, made from the contract: for each operation a request that would succeed,
//! with one thing wrong.

use serde_json::Value;

use crate::support::app::App;
use crate::support::client::Reply;
use crate::support::contract::{Contract, Operation, Scheme};
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![
    keys_are_asked_for_first,
    each_operation_wants_its_scope,
    only_json_can_be_had,
    only_json_can_be_sent,
    bodies_are_bounded,
    forms_are_bounded_and_of_their_kind,
    unknown_and_repeated_parameters_are_refused,
    malformed_ids_are_400_and_unknown_ones_404,
    money_and_seats_need_an_idempotency_key,
];

async fn keys_are_asked_for_first(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    let wrong = [
        "sk_test_Fareway0Sandbox0Key00000kEVaW",
        "sk_test_AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sk_live_x",
        "fwt_x",
        "x",
        "",
        "Bearer x",
        "é",
    ];
    for mut sample in Sample::each_of(contract, &account) {
        let (scheme, challenge) = match sample.operation.scheme() {
            Scheme::ApiKey => (Scheme::ApiKey, r#"ApiKey realm="fareway""#),
            Scheme::Bearer => (Scheme::Bearer, r#"Bearer realm="fareway""#),
            Scheme::None => continue,
        };
        for secret in std::iter::once(None).chain(wrong.map(Some)) {
            let client = account.client.with(secret.map(|secret| (scheme, secret)));
            let reply = sample.call(&client).await.refused(401, "unauthenticated");
            let given = reply.header("WWW-Authenticate");
            assert!(given.starts_with(challenge), "{given}");
        }
        // Nothing is said about the rest of the request to somebody who is nobody.
        sample.query.push(("no_such_parameter", String::new()));
        let call = sample
            .bare(&app.anonymous_at(contract))
            .header("Content-Type", "text/plain")
            .header("Accept", "image/png");
        call.bytes(vec![b'x'; 100_000])
            .await
            .refused(401, "unauthenticated");
    }
}

async fn each_operation_wants_its_scope(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    let all = contract.scopes();
    for sample in Sample::each_of(contract, &account) {
        let scope = sample.operation.scope();
        if sample.operation.scheme() == Scheme::None {
            continue;
        }
        let others: Vec<&str> = all
            .iter()
            .copied()
            .filter(|other| *other != scope)
            .collect();
        let lacking = app.scoped(&account, contract, &others).await;
        sample
            .call(&lacking)
            .await
            .refused(403, "insufficient_scope");
        let having = app.scoped(&account, contract, &[scope]).await;
        let reply = sample.call(&having).await;
        assert!(
            ![401, 403].contains(&reply.status),
            "{}: {scope} is not enough: {:#}",
            sample.operation.id,
            reply.body
        );
    }
}

async fn only_json_can_be_had(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    for sample in Sample::each_of(contract, &account) {
        for accept in [
            "text/html",
            "application/xml, image/*",
            "application/json;q=0",
            "application/json;q=0, text/*",
        ] {
            sample
                .call(&account.client)
                .header("Accept", accept)
                .await
                .refused(406, "not_acceptable");
        }
        for accept in [
            "*/*",
            "application/*",
            "text/html, application/json;q=0.1",
            "application/json; charset=utf-8",
            "application/problem+json, */*;q=0.5",
        ] {
            let reply = sample.call(&account.client).header("Accept", accept).await;
            assert_ne!(
                reply.status, 406,
                "{}: Accept: {accept}",
                sample.operation.id
            );
        }
    }
}

async fn only_json_can_be_sent(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    for sample in Sample::each_of(contract, &account) {
        let Some(body) = json_of(&sample) else {
            continue;
        };
        let good = body.to_string();
        let with = |media: &str, body: &str| {
            sample
                .bare(&account.client)
                .header("Content-Type", media)
                .bytes(body.as_bytes().to_vec())
        };
        for media in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonx",
            "multipart/form-data; boundary=x",
            "json",
            "",
            "application/json; charset=latin1",
            "application/json; charset=utf-16",
            "application/json; charset",
            "application/json; version=1",
            "application/json, application/json",
            "application/merge-patch+json",
            "application/problem+json",
        ] {
            with(media, &good)
                .await
                .refused(415, "unsupported_media_type");
        }
        sample
            .bare(&account.client)
            .bytes(good.as_bytes().to_vec())
            .await
            .refused(415, "unsupported_media_type");
        for encoding in ["gzip", "br", "identity, gzip"] {
            with("application/json", &good)
                .header("Content-Encoding", encoding)
                .await
                .refused(415, "unsupported_media_type");
        }
        with("application/json", &good)
            .header("Content-Type", "application/json")
            .await
            .refused(415, "unsupported_media_type");
        for media in [
            "application/json; charset=utf-8",
            "APPLICATION/JSON;Charset=\"UTF-8\"",
        ] {
            let reply = with(media, &good).await;
            assert!(
                ![400, 415, 422].contains(&reply.status),
                "{} {media}: {:#}",
                sample.operation.id,
                reply.body
            );
        }
        let cut = &good[..good.len() - 1];
        let twice = format!("{good}{good}");
        let deep = "[".repeat(500);
        let repeated = good.replacen('{', r#"{"a": 1, "a": 1, "#, 1);
        for broken in [
            cut,
            "",
            "{",
            "nul",
            "\u{feff}",
            "{'a': 1}",
            "[1,]",
            "\"\\ud800\"",
            "{\"a\": NaN}",
            &twice,
            &deep,
        ] {
            let reply = with("application/json", broken).await;
            assert_eq!(
                (reply.status, reply.code()),
                (400, "malformed"),
                "{}: {broken:.60}",
                sample.operation.id
            );
        }
        let invalid = sample
            .bare(&account.client)
            .header("Content-Type", "application/json")
            .bytes(b"{\"a\": \"\xff\"}".to_vec());
        invalid.await.refused(400, "malformed");
        let reply = with("application/json", &repeated).await;
        assert!(
            [400, 422].contains(&reply.status),
            "{}: a repeated member gets {}",
            sample.operation.id,
            reply.status
        );
        for other in ["null", "1", "\"text\"", "[]", "{}"] {
            let reply = with("application/json", other)
                .await
                .refused(422, "validation_failed");
            assert!(
                reply.body["errors"]
                    .as_array()
                    .is_some_and(|errors| !errors.is_empty()),
                "{:#}",
                reply.body
            );
        }
    }
}

/// The body of a request that takes JSON.
fn json_of(sample: &Sample) -> Option<&Value> {
    let json = sample.operation.media_type() == "application/json";
    sample.body.as_ref().filter(|_| json)
}

async fn bodies_are_bounded(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    for sample in Sample::each_of(contract, &account) {
        let Some(body) = json_of(&sample) else {
            continue;
        };
        let limit = sample.operation.node.value["x-body-limit"]
            .as_u64()
            .expect("an operation with a body bounds it");
        let limit = usize::try_from(limit).expect("the bound fits");
        let padded = |length: usize| {
            let mut text = body.to_string();
            text.push_str(&" ".repeat(length - text.len()));
            sample
                .bare(&account.client)
                .header("Content-Type", "application/json")
                .bytes(text.into_bytes())
        };
        let reply = padded(limit).await;
        assert!(
            ![400, 413, 422].contains(&reply.status),
            "{}: {:#}",
            sample.operation.id,
            reply.body
        );
        padded(limit + 1).await.refused(413, "payload_too_large");
    }
}

async fn forms_are_bounded_and_of_their_kind(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    for sample in Sample::each_of(contract, &account) {
        if sample.body.is_none() || json_of(&sample).is_some() {
            continue;
        }
        let limit = sample.operation.node.value["x-body-limit"].as_u64();
        let limit = usize::try_from(limit.expect("it bounds its body")).expect("the bound fits");
        let sent = |media: &str, length: usize| {
            let call = sample.bare(&account.client).header("Content-Type", media);
            call.bytes(vec![b'a'; length])
        };
        let kind = sample.operation.media_type();
        sent(kind, limit + 1)
            .await
            .refused(413, "payload_too_large");
        for media in ["text/plain", "application/json"] {
            sent(media, 1).await.refused(415, "unsupported_media_type");
        }
    }
}

async fn unknown_and_repeated_parameters_are_refused(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    let named = |reply: &Reply, name: &str| {
        let errors = reply.body["errors"].as_array().cloned().unwrap_or_default();
        assert!(
            errors.iter().any(|error| error["parameter"] == name),
            "{name}: {:#}",
            reply.body
        );
    };
    for sample in Sample::each_of(contract, &account) {
        // An operation that refuses in its own words says it there.
        if sample.operation.scheme() == Scheme::None {
            continue;
        }
        let mut unknown = sample.clone();
        unknown.query.push(("no_such_parameter", "1".to_owned()));
        named(
            &unknown
                .call(&account.client)
                .await
                .refused(400, "invalid_parameter"),
            "no_such_parameter",
        );
        for (name, value) in &sample.query {
            let mut repeated = sample.clone();
            repeated.query.push((name, value.clone()));
            named(
                &repeated
                    .call(&account.client)
                    .await
                    .refused(400, "invalid_parameter"),
                name,
            );
        }
        for required in sample
            .operation
            .parameters("query")
            .iter()
            .filter(|parameter| parameter.value["required"] == true)
        {
            let mut without = sample.clone();
            without
                .query
                .retain(|(name, _)| *name != required.text("name"));
            named(
                &without
                    .call(&account.client)
                    .await
                    .refused(400, "invalid_parameter"),
                required.text("name"),
            );
        }
    }
}

async fn malformed_ids_are_400_and_unknown_ones_404(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    for sample in Sample::each_of(contract, &account) {
        for at in 0..sample.path.len() {
            let (name, example) = sample.path[at].clone();
            let with = |id: &str| {
                let mut other = sample.clone();
                other.path[at].1 = id.to_owned();
                other.call(&account.client)
            };
            if name == "key" {
                with("never-seen").await.refused(404, "not_found");
                with(&"k".repeat(256))
                    .await
                    .refused(400, "invalid_parameter");
                continue;
            }
            let schema = sample.operation.parameters("path")[at].at("schema");
            let prefix = example.split_inclusive('_').next().unwrap_or_default();
            for malformed in [
                "x",
                prefix,
                "ord-1",
                "abc_00000000000000000000000001",
                &format!("{prefix}é"),
                &format!("{example}%"),
            ] {
                assert!(
                    !contract
                        .violations(schema, &Value::from(malformed))
                        .is_empty(),
                    "{malformed} is an id"
                );
                let reply = with(malformed).await.refused(400, "invalid_parameter");
                assert_eq!(reply.text("/errors/0/parameter"), name, "{malformed}");
            }
            for unknown in unknown_ids(prefix) {
                with(&unknown).await.refused(404, "not_found");
            }
        }
    }
}

/// Ids that are well formed and nobody's.
fn unknown_ids(prefix: &str) -> Vec<String> {
    match prefix {
        // Signed tokens: too short, and of a plausible length.
        "off_" | "orq_" => vec![
            format!("{prefix}A"),
            format!("{prefix}{}", "A".repeat(200)),
            format!("{prefix}sandbox-nothing"),
        ],
        "flt_" => vec![
            "flt_XX9999-20270315-LHR-JFK".to_owned(),
            "flt_BA117-20270315-XXX-YYY".to_owned(),
        ],
        _ => vec![format!("{prefix}7zzzzzzzzzzzzzzzzzzzzzzzzz")],
    }
}

async fn money_and_seats_need_an_idempotency_key(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    let required = |operation: &&Operation| operation.node.text("x-idempotency") == "required";
    for operation in contract.operations.iter().filter(required) {
        let mut sample = Sample::of(operation);
        sample
            .headers
            .retain(|(name, _)| *name != "Idempotency-Key");
        let reply = sample
            .call(&account.client)
            .await
            .refused(400, "idempotency_key_required");
        assert_eq!(reply.text("/errors/0/header"), "Idempotency-Key");
    }
    let keyless = contract.name == "public/v1";
    assert_eq!(
        contract.operations.iter().filter(required).count() == 0,
        keyless,
        "operations that move money or seats want a key"
    );
}
