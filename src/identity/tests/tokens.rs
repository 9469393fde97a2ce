//! Clients exchange their secrets for tokens.

use super::*;

#[tokio::test]
async fn token_opens_its_own_door_for_fifteen_minutes() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(77);
    let identity = peopled(&dir, &clock).await;
    let client = identity.create_key(partner(1, 1)).await.expect("it is new");
    assert!(client.secret.starts_with("cs_test_"));
    let issued = token(&identity, &client, "partner", &[])
        .await
        .expect("its own secret");
    assert_eq!(issued.expires_in_seconds, 900);
    assert_eq!(issued.scopes, ["orders:read", "orders:write"]);
    let principal = verify(&identity, &issued.access_token, "partner")
        .await
        .expect("it is good");
    assert_eq!(principal.account_id, format!("acc_{:026}", 1));
    assert_eq!(
        (principal.key_id, principal.now_us),
        (client.id.clone(), 1000)
    );
    for (secret, audience) in [
        (&issued.access_token, "public"),
        (&issued.access_token, "private"),
        (&client.secret, "partner"),
        (&client.secret, "public"),
        (&format!("{}A", issued.access_token), "partner"),
    ] {
        let refused = verify(&identity, secret, audience).await;
        assert!(matches!(refused, Err(Error::Unauthenticated)), "{audience}");
    }
    clock.advance(900 * SECOND_US - 1);
    assert!(
        verify(&identity, &issued.access_token, "partner")
            .await
            .is_ok()
    );
    clock.advance(1);
    assert!(
        verify(&identity, &issued.access_token, "partner")
            .await
            .is_err()
    );
}

#[tokio::test]
async fn tokens_are_for_those_who_know_the_secret_and_for_what_the_client_may() {
    let dir = tempfile::tempdir().expect("a directory");
    let identity = peopled(&dir, &Clock::manual(77)).await;
    let client = identity.create_key(partner(1, 1)).await.expect("it is new");
    let api_key = identity.create_key(key(2, 1, "")).await.expect("it is new");
    let wrong = rpc::Key {
        secret: format!("{}x", client.secret),
        ..client.clone()
    };
    let unknown = rpc::Key {
        id: "cli_9".to_owned(),
        ..client.clone()
    };
    for (who, audience) in [
        (&client, "private"),
        (&client, "public"),
        (&wrong, "partner"),
        (&unknown, "partner"),
        (&api_key, "public"),
        (&api_key, "partner"),
    ] {
        let refused = token(&identity, who, audience, &[]).await;
        assert!(
            matches!(refused, Err(Error::Unauthenticated)),
            "{} {audience}",
            who.id
        );
    }
    let less = token(&identity, &client, "partner", &["orders:read"])
        .await
        .expect("it may");
    let principal = verify(&identity, &less.access_token, "partner")
        .await
        .expect("it is good");
    assert_eq!(principal.scopes, ["orders:read"]);
    let more = token(
        &identity,
        &client,
        "partner",
        &["orders:read", "keys:write"],
    )
    .await;
    assert!(matches!(more, Err(Error::ScopeLacking(scope)) if scope == "keys:write"));

    let officer = identity
        .create_key(staff(3, OTHER_WORLD, &["pricing"]))
        .await
        .expect("it is new");
    let issued = token(&identity, &officer, "private", &[])
        .await
        .expect("its own secret");
    let principal = verify(&identity, &issued.access_token, "private")
        .await
        .expect("it is good");
    assert_eq!(
        (principal.account_id.as_str(), principal.world.as_str()),
        ("", OTHER_WORLD)
    );
    assert_eq!(principal.scopes, roles::scopes_of(&["pricing".to_owned()]));
}
