//! Keys that open other doors than this one, or none.

use data_encoding::BASE64URL_NOPAD;
use fareway::identity::{all_roles, sandbox};
use fareway::kernel::id::ClientId;
use fareway::rpc::common::v1::Context;
use fareway::rpc::identity::v1::{CreateKeyRequest, IssueTokenRequest, KeyKind};

use crate::support::app::{App, WITHIN, platform};
use crate::support::contract::contract;
use crate::support::trials;

trials![
    keys_of_other_audiences_are_nobodys,
    a_sandbox_that_was_shut_refuses_its_key,
    forged_tokens_are_nobodys,
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

async fn forged_tokens_are_nobodys() {
    let app = App::shared().await;
    for (name, path) in [
        ("partner/v1", "/partner/v1/agency"),
        ("private/v1", "/private/v1/accounts"),
    ] {
        let account = app.party(contract(name)).await;
        let token = account.client.secret().expect("it has a token");
        let bytes = token.strip_prefix("fwt_").expect("a token");
        let bytes = BASE64URL_NOPAD.decode(bytes.as_bytes()).expect("base64");
        // Whatever is changed of it: when it ends, whose it is, for which door, for what, or the signature itself.
        for at in 0..bytes.len() {
            let mut forged = bytes.clone();
            forged[at] ^= 1;
            let forged = format!("fwt_{}", BASE64URL_NOPAD.encode(&forged));
            let client = account.client.with_token(&forged);
            let refused = client.get(path).await.refused(401, "unauthenticated");
            let challenge = refused.header("WWW-Authenticate");
            assert!(
                challenge.contains("invalid_token"),
                "byte {at}: {challenge}"
            );
        }
        for cut in [1, 16, 32, 33] {
            let cut = &bytes[..bytes.len() - cut];
            let forged = format!("fwt_{}", BASE64URL_NOPAD.encode(cut));
            let client = account.client.with_token(&forged);
            client.get(path).await.refused(401, "unauthenticated");
        }
        account.client.get(path).await.expect(200);
    }
}
