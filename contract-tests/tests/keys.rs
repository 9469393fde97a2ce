//! Keys that open other doors than this one.

use fareway::identity::{all_roles, sandbox};
use fareway::kernel::id::ClientId;
use fareway::rpc::common::v1::Context;
use fareway::rpc::identity::v1::{CreateKeyRequest, IssueTokenRequest, KeyKind};

use crate::support::app::{App, WITHIN, platform};
use crate::support::contract::contract;
use crate::support::trials;

trials![
    keys_of_other_audiences_are_nobodys,
    a_sandbox_that_was_shut_refuses_its_key
];

async fn keys_of_other_audiences_are_nobodys() {
    let app = App::shared().await;
    let account = app.account().await;
    let staff = Context {
        world: account.world.clone(),
        ..platform()
    };
    for (audience, context, account_id, roles) in [
        ("partner", platform(), account.id.clone(), vec![]),
        ("private", staff, String::new(), all_roles()),
    ] {
        let scopes = if roles.is_empty() {
            contract("public/v2").scopes()
        } else {
            Vec::new()
        };
        let request = CreateKeyRequest {
            context: Some(context),
            key_id: ClientId::new(sandbox::CLOCK_STARTS_AT_US, &app.chance).into(),
            account_id,
            audience: audience.to_owned(),
            scopes: scopes.into_iter().map(str::to_owned).collect(),
            chosen_secret: String::new(),
            kind: KeyKind::Client.into(),
            name: "A test".to_owned(),
            roles,
        };
        let created = app.clients.keys.create_key(request, WITHIN).await;
        let client = created.expect("a client can be made");
        let request = IssueTokenRequest {
            client_id: client.id,
            client_secret: client.secret.clone(),
            audience: audience.to_owned(),
            scopes: Vec::new(),
        };
        let issued = app.clients.credentials.issue_token(request, WITHIN).await;
        let token = issued.expect("it is its own secret").access_token;
        for shown in [client.secret, token] {
            let reply = account
                .client
                .with_key(Some(&shown))
                .get("/public/v2/orders")
                .await
                .refused(401, "unauthenticated");
            assert_eq!(
                reply.header("WWW-Authenticate"),
                "ApiKey realm=\"fareway\"",
                "{audience}"
            );
        }
    }
}

async fn a_sandbox_that_was_shut_refuses_its_key() {
    let dir = tempfile::tempdir().expect("a directory");
    for (open, status) in [(true, 200), (false, 401)] {
        let app = App::start(|options| {
            options.data_dir = dir.path().to_owned();
            options.sandbox = open;
        })
        .await;
        let reply = app.sandbox().client.get("/public/v2/orders").await;
        assert_eq!(reply.status, status);
        app.stop().await;
    }
}
