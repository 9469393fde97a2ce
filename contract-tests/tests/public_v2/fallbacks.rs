//! What is no operation: unknown paths and wrong methods are problems too.

use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::contract::contract;
use crate::support::sample::Sample;
use crate::support::trials;

trials![
    unknown_paths_are_404,
    wrong_methods_are_405_and_name_the_right_ones,
    methods_nobody_knows_do_not_break_it,
    head_is_get_without_a_body
];

async fn unknown_paths_are_404() {
    let app = App::shared().await;
    let account = app.account().await;
    for path in [
        "/public/v2",
        "/public/v2/",
        "/public/v2/nothing",
        "/public/v2/orders/",
        "/public/v2/Orders",
        "/public/v2/places/x",
        "/public/v9/places",
        "/public/v2/%00",
        "/public/v2/orders/ord_00000000000000000000000001/nothing",
    ] {
        for client in [&account.client, &app.anonymous()] {
            client.get(path).await.refused(404, "not_found");
            client
                .post(path, &json!({}))
                .await
                .refused(404, "not_found");
        }
    }
}

async fn wrong_methods_are_405_and_name_the_right_ones() {
    let app = App::shared().await;
    let account = app.account().await;
    for operation in contract("public/v2").operations.iter() {
        let target = Sample::of(operation).target();
        let siblings = contract("public/v2")
            .operations
            .iter()
            .filter(|other| other.path == operation.path);
        let methods: Vec<&str> = siblings.map(|other| other.method.as_str()).collect();
        for wrong in ["GET", "POST", "PUT", "PATCH", "DELETE"]
            .iter()
            .filter(|method| !methods.contains(method))
        {
            let reply = account
                .client
                .call(wrong, &target)
                .await
                .refused(405, "method_not_allowed");
            let allow: Vec<&str> = reply.header("Allow").split(',').map(str::trim).collect();
            assert!(
                methods.iter().all(|method| allow.contains(method)),
                "{wrong} {target}: Allow: {allow:?}"
            );
            assert!(!allow.contains(wrong), "{wrong} {target}: Allow: {allow:?}");
        }
    }
}

async fn methods_nobody_knows_do_not_break_it() {
    let account = App::shared().await.account().await;
    for method in ["TRACE", "OPTIONS", "PROPFIND", "QUERY", "X"] {
        let reply = account.client.call(method, "/public/v2/orders").await;
        assert!(
            [405, 204, 200].contains(&reply.status),
            "{method}: {}",
            reply.status
        );
    }
}

async fn head_is_get_without_a_body() {
    let account = App::shared().await.account().await;
    for target in [
        "/public/v2/places?query=london",
        "/public/v2/places?limit=0",
        "/public/v2/nothing",
    ] {
        let (head, get) = (
            account.client.call("HEAD", target).await,
            account.client.get(target).await,
        );
        assert_eq!((head.status, &head.body), (get.status, &Value::Null));
        for header in ["Content-Type", "Content-Length", "ETag"] {
            assert_eq!(head.header(header), get.header(header), "{header}");
        }
    }
}
