//! Keys that open other doors than this one.

use fareway::identity::sandbox;
use fareway::kernel::id::KeyId;
use fareway::rpc::identity::v1::CreateKeyRequest;

use crate::support::app::{App, SCOPES, WITHIN, platform};
use crate::support::trials;

trials![
    keys_of_other_audiences_are_nobodys,
    a_sandbox_that_was_shut_refuses_its_key
];

async fn keys_of_other_audiences_are_nobodys() {
    let app = App::shared().await;
    let account = app.account().await;
    for audience in ["partner", "private"] {
        let request = CreateKeyRequest {
            context: Some(platform()),
            key_id: KeyId::new(sandbox::CLOCK_STARTS_AT_US, &app.chance).into(),
            account_id: account.id.clone(),
            audience: audience.to_owned(),
            scopes: SCOPES.map(str::to_owned).to_vec(),
            chosen_secret: String::new(),
        };
        let created = app.clients.keys.create_key(request, WITHIN).await;
        let secret = created.expect("a key can be made").secret;
        let reply = account
            .client
            .with_key(Some(&secret))
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
