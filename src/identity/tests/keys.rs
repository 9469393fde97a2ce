//! Keys and clients are made, each for its door.

use super::*;

#[tokio::test]
async fn key_is_known_by_its_secret_before_and_after_a_restart() {
    let dir = tempfile::tempdir().expect("a directory");
    let identity = peopled(&dir, &Clock::manual(77)).await;
    let made = identity
        .create_key(key(1, 1, sandbox::KEY))
        .await
        .expect("it is new");
    assert_eq!(made.secret, sandbox::KEY);
    let principal = verify(&identity, sandbox::KEY, "public")
        .await
        .expect("it is known");
    assert_eq!(principal.scopes, ["orders:read", "orders:write"]);
    let told = (
        principal.world.as_str(),
        principal.livemode,
        principal.now_us,
    );
    assert_eq!(told, (sandbox::WORLD, false, 1000));
    identity.close().await;
    let warm = verify(&identity, sandbox::KEY, "public").await;
    assert_eq!(warm.expect("no database is needed"), principal);

    let identity = open(&dir).await;
    let again = verify(&identity, sandbox::KEY, "public").await;
    assert_eq!(again.expect("it is known"), principal);
    let unknown = Secret::new(Kind::ApiKey, false, &Chance::seeded(9)).reveal();
    for (secret, audience) in [
        (sandbox::KEY, "partner"),
        (sandbox::KEY, "private"),
        ("sk_test_Fareway0Sandbox0Key00000kEVaW", "public"),
        ("", "public"),
        (unknown.as_str(), "public"),
    ] {
        let refused = verify(&identity, secret, audience).await;
        assert!(
            matches!(refused, Err(Error::Unauthenticated)),
            "{secret} {audience}"
        );
    }
}

#[tokio::test]
async fn repeats_find_the_key_and_other_requests_under_its_id_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let identity = peopled(&dir, &Clock::manual(77)).await;
    let made = identity.create_key(key(1, 2, "")).await.expect("it is new");
    assert!(made.secret.starts_with("sk_test_"));
    assert_eq!(made.last_four, made.secret[made.secret.len() - 4..]);
    let repeated = identity.create_key(key(1, 2, "")).await.expect("a repeat");
    let unsaid = rpc::Key {
        secret: String::new(),
        ..made.clone()
    };
    assert_eq!(repeated, unsaid, "a secret is shown once");
    for other in [
        key(1, 1, ""),
        rpc::CreateKeyRequest {
            name: "Else".to_owned(),
            ..key(1, 2, "")
        },
        rpc::CreateKeyRequest {
            scopes: vec!["orders:read".to_owned()],
            ..key(1, 2, "")
        },
    ] {
        let refused = identity.create_key(other).await;
        assert!(matches!(refused, Err(Error::Taken("key id"))));
    }
    let stolen = identity.create_key(key(2, 1, &made.secret)).await;
    assert!(matches!(stolen, Err(Error::Taken("secret"))));
}

#[tokio::test]
async fn each_door_has_its_kind_of_key() {
    let dir = tempfile::tempdir().expect("a directory");
    let identity = peopled(&dir, &Clock::manual(77)).await;
    let at = |audience: &str, request: rpc::CreateKeyRequest| rpc::CreateKeyRequest {
        audience: audience.to_owned(),
        ..request
    };
    for (request, wrong) in [
        (at("partner", key(1, 1, "")), "audience"),
        (at("private", key(1, 1, "")), "audience"),
        (at("public", partner(1, 1)), "audience"),
        (at("private", partner(1, 1)), "audience"),
        (
            at("partner", staff(1, sandbox::WORLD, &["finance"])),
            "audience",
        ),
        (staff(1, sandbox::WORLD, &["owner"]), "role"),
        (staff(1, sandbox::WORLD, &[]), "role"),
        (staff(1, "", &["finance"]), "world"),
        (
            rpc::CreateKeyRequest {
                key_id: "key_1".to_owned(),
                ..key(1, 1, "")
            },
            "key id",
        ),
        (
            rpc::CreateKeyRequest {
                key_id: partner(1, 1).key_id,
                ..key(1, 1, "")
            },
            "key id",
        ),
        (
            rpc::CreateKeyRequest {
                scopes: vec!["a b".to_owned()],
                ..key(1, 1, "")
            },
            "scope",
        ),
        (
            rpc::CreateKeyRequest {
                roles: vec!["finance".to_owned()],
                ..key(1, 1, "")
            },
            "role",
        ),
    ] {
        let refused = identity.create_key(request).await;
        assert!(
            matches!(refused, Err(Error::Invalid(what)) if what == wrong),
            "{wrong}"
        );
    }
    let by_account = rpc::CreateKeyRequest {
        context: context(sandbox::WORLD, "acc_1"),
        ..key(6, 1, "")
    };
    let refused = identity.create_key(by_account).await;
    assert!(matches!(refused, Err(Error::PlatformOnly)));
    let elsewhere = rpc::CreateKeyRequest {
        context: context(OTHER_WORLD, PLATFORM),
        ..key(6, 1, "")
    };
    let refused = identity.create_key(elsewhere).await;
    assert!(matches!(refused, Err(Error::NotFound("account"))));
}

#[tokio::test]
async fn secrets_can_be_chosen_for_test_accounts_and_staff_and_published_ones_for_the_sandbox_only()
{
    let dir = tempfile::tempdir().expect("a directory");
    let identity = peopled(&dir, &Clock::manual(77)).await;
    let chosen = Secret::new(Kind::ApiKey, false, &Chance::seeded(3)).reveal();
    let live = "cs_live_0123456789abcdefghijABCDEFGHIJ";
    let with = |secret: &str, request| rpc::CreateKeyRequest {
        chosen_secret: secret.to_owned(),
        ..request
    };
    for (request, allowed) in [
        (key(3, 3, &chosen), false),
        (key(2, 2, sandbox::KEY), false),
        (key(2, 2, "sk_test_without-a-checksum"), false),
        (key(2, 2, &chosen), true),
        (
            with(sandbox::STAFF_SECRET, staff(4, LIVE_WORLD, &["auditor"])),
            false,
        ),
        (
            with(sandbox::STAFF_SECRET, staff(4, OTHER_WORLD, &["auditor"])),
            false,
        ),
        (with(live, staff(4, OTHER_WORLD, &["auditor"])), false),
        (with(live, partner(4, 3)), false),
        (with(live, staff(4, LIVE_WORLD, &["auditor"])), true),
    ] {
        let asked = format!("{} {}", request.key_id, request.chosen_secret);
        assert_eq!(
            identity.create_key(request).await.is_ok(),
            allowed,
            "{asked}"
        );
    }
    let live = identity
        .create_key(key(5, 3, ""))
        .await
        .expect("it is new")
        .secret;
    assert!(live.starts_with("sk_live_"));
    let principal = verify(&identity, &live, "public")
        .await
        .expect("it is known");
    assert_eq!((principal.livemode, principal.now_us), (true, 77));
}
