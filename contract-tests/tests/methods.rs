//! Methods: those that a path does not take, HEAD, and bodies where none is wanted.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::contract::{Contract, Scheme};
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![
    wrong_methods_are_405_and_name_the_right_ones,
    head_is_get_without_a_body,
    a_body_that_nobody_wants_changes_nothing,
    methods_nobody_knows_do_not_break_it,
];

async fn wrong_methods_are_405_and_name_the_right_ones(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    for sample in Sample::each_of(contract, &account) {
        let siblings = contract
            .operations
            .iter()
            .filter(|other| other.path == sample.operation.path);
        let mut methods: BTreeSet<&str> = siblings.map(|other| other.method.as_str()).collect();
        if methods.contains("GET") {
            methods.insert("HEAD");
        }
        for wrong in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
            .iter()
            .filter(|method| !methods.contains(*method))
        {
            let target = sample.target();
            let reply = account.client.call(wrong, &target).await.expect(405);
            if *wrong != "HEAD" {
                assert_eq!(reply.code(), "method_not_allowed", "{wrong} {target}");
            }
            let allow: BTreeSet<&str> = reply.header("Allow").split(',').map(str::trim).collect();
            assert_eq!(allow, methods, "{wrong} {target}");
        }
    }
}

async fn head_is_get_without_a_body(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    let reads = |sample: &Sample| sample.operation.method == "GET";
    for sample in Sample::each_of(contract, &account)
        .into_iter()
        .filter(reads)
    {
        let mut broken = sample.clone();
        broken.query.push(("no_such_parameter", "1".to_owned()));
        for target in [
            sample.target(),
            broken.target(),
            format!("{}/x", sample.operation.path),
        ] {
            let (head, get) = (
                account.client.call("HEAD", &target).await,
                account.client.get(&target).await,
            );
            assert_eq!(
                (head.status, &head.body),
                (get.status, &Value::Null),
                "{target}"
            );
            for header in ["Content-Type", "ETag", "Cache-Control", "Allow"] {
                assert_eq!(
                    head.header(header),
                    get.header(header),
                    "{target}: {header}"
                );
            }
            assert_eq!(
                head.header("Content-Length").is_empty(),
                get.body.is_null(),
                "{target}"
            );
        }
    }
}

async fn a_body_that_nobody_wants_changes_nothing(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    let bodiless = |sample: &Sample| sample.operation.body().is_none();
    for sample in Sample::each_of(contract, &account)
        .into_iter()
        .filter(bodiless)
    {
        let without = sample.call(&account.client).await;
        let with = sample.bare(&account.client).json(&json!({"limit": 1}));
        let with = with.await;
        let strange = sample
            .bare(&account.client)
            .header("Content-Type", "text/plain");
        let strange = strange.bytes(vec![0xff; 9]).await;
        for reply in [with, strange] {
            assert_eq!(
                (reply.status, reply.code()),
                (without.status, without.code()),
                "{}",
                sample.operation.id
            );
        }
    }
}

async fn methods_nobody_knows_do_not_break_it(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    let asking = |sample: &Sample| sample.operation.scheme() != Scheme::None;
    for sample in Sample::each_of(contract, &account)
        .into_iter()
        .filter(asking)
    {
        for method in ["TRACE", "PROPFIND", "QUERY", "X"] {
            let reply = account.client.call(method, sample.target()).await;
            reply.refused(405, "method_not_allowed");
        }
    }
}
