//! Keys and clients are replaced, ended and brought up to date, by those who may.

use super::*;

#[tokio::test]
async fn chosen_keys_are_brought_up_to_date_and_stay_revoked_under_the_same_secret() {
    let dir = tempfile::tempdir().expect("a directory");
    let identity = peopled(&dir, &Clock::manual(77)).await;
    let administrator = |secret: &str, roles: &[&str]| rpc::CreateKeyRequest {
        chosen_secret: secret.to_owned(),
        key_id: "cli_admin".to_owned(),
        ..staff(1, LIVE_WORLD, roles)
    };
    let (one, two) = (
        "cs_live_0123456789abcdefghijABCDEFGHIJ",
        "cs_live_ABCDEFGHIJ0123456789abcdefghij",
    );
    let made = identity
        .create_key(administrator(one, &["auditor"]))
        .await
        .expect("it is new");
    let old_token = token(&identity, &made, "private", &[])
        .await
        .expect("its own secret");
    let all = identity
        .create_key(administrator(one, &["auditor", "security"]))
        .await;
    let all = all.expect("it is furnished again");
    assert_eq!((all.secret.as_str(), all.roles.len()), ("", 2));
    let issued = token(&identity, &made, "private", &["keys:write"]).await;
    assert_eq!(issued.expect("it may now").scopes, ["keys:write"]);

    identity
        .revoke_key(&revoke(LIVE_WORLD, &made.id))
        .await
        .expect("it is there");
    let again = identity
        .create_key(administrator(one, &["auditor", "security"]))
        .await;
    assert_eq!(again.expect("a repeat").ends_at_us, Some(77));
    assert!(token(&identity, &made, "private", &[]).await.is_err());
    let renewed = identity
        .create_key(administrator(two, &["auditor"]))
        .await
        .expect("a new secret");
    assert_eq!(renewed.ends_at_us, None);
    let made = rpc::Key {
        secret: two.to_owned(),
        ..made
    };
    assert!(token(&identity, &made, "private", &[]).await.is_ok());
    let refused = verify(&identity, &old_token.access_token, "private").await;
    assert!(
        matches!(refused, Err(Error::Unauthenticated)),
        "it ended with its secret"
    );
}

#[tokio::test]
async fn a_replaced_key_works_until_the_overlap_is_over() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(77);
    let identity = peopled(&dir, &clock).await;
    let old = identity
        .create_key(key(11, 1, ""))
        .await
        .expect("it is new");
    assert!(verify(&identity, &old.secret, "public").await.is_ok());
    let new = identity
        .rotate_key(rotate(sandbox::WORLD, &old.id, 2, 60))
        .await
        .expect("rotates");
    assert_ne!(new.secret, old.secret);
    assert_eq!((&new.scopes, &new.name), (&old.scopes, &old.name));
    let again = identity
        .rotate_key(rotate(sandbox::WORLD, &old.id, 2, 60))
        .await
        .expect("a repeat");
    assert_eq!(
        (again.id.as_str(), again.secret.as_str()),
        (new.id.as_str(), "")
    );
    let longer = identity
        .rotate_key(rotate(sandbox::WORLD, &old.id, 2, 61))
        .await;
    assert!(matches!(longer, Err(Error::Taken("key id"))));
    let twice = identity
        .rotate_key(rotate(sandbox::WORLD, &old.id, 3, 60))
        .await;
    assert!(matches!(twice, Err(Error::State(_))));
    let onto = identity
        .rotate_key(rotate(sandbox::WORLD, &new.id, 11, 60))
        .await;
    assert!(matches!(onto, Err(Error::Taken("key id"))));
    let endless = identity
        .rotate_key(rotate(sandbox::WORLD, &new.id, 4, 43_201))
        .await;
    assert!(matches!(endless, Err(Error::Invalid("overlap"))));

    clock.advance(60 * MINUTE_US - 1);
    assert!(verify(&identity, &old.secret, "public").await.is_ok());
    clock.advance(1);
    assert!(verify(&identity, &old.secret, "public").await.is_err());
    assert!(verify(&identity, &new.secret, "public").await.is_ok());
}

#[tokio::test]
async fn what_is_revoked_ends_at_once_even_when_it_was_seen_before() {
    let dir = tempfile::tempdir().expect("a directory");
    let identity = peopled(&dir, &Clock::manual(77)).await;
    let api_key = identity
        .create_key(key(11, 1, ""))
        .await
        .expect("it is new");
    let client = identity.create_key(partner(2, 1)).await.expect("it is new");
    let issued = token(&identity, &client, "partner", &[])
        .await
        .expect("its own secret");
    let shown = [
        (&api_key.secret, "public"),
        (&issued.access_token, "partner"),
    ];
    for (secret, audience) in shown {
        assert!(verify(&identity, secret, audience).await.is_ok());
    }
    for id in [&api_key.id, &client.id] {
        let ended = identity
            .revoke_key(&revoke(sandbox::WORLD, id))
            .await
            .expect("it is there");
        assert_eq!(ended.ends_at_us, Some(77));
        let again = identity.revoke_key(&revoke(sandbox::WORLD, id)).await;
        assert_eq!(again.expect("a repeat"), ended);
    }
    for (secret, audience) in shown {
        let refused = verify(&identity, secret, audience).await;
        assert!(matches!(refused, Err(Error::Unauthenticated)), "{audience}");
    }
    assert!(token(&identity, &client, "partner", &[]).await.is_err());
}

#[tokio::test]
async fn keys_of_another_world_are_not_there_and_published_ones_stay() {
    let dir = tempfile::tempdir().expect("a directory");
    let identity = peopled(&dir, &Clock::manual(77)).await;
    let published = rpc::CreateKeyRequest {
        key_id: sandbox::KEY_ID.to_owned(),
        ..key(1, 1, sandbox::KEY)
    };
    identity.create_key(published).await.expect("it is new");
    let own = identity.create_key(key(2, 2, "")).await.expect("it is new");
    let client = identity
        .create_key(staff(3, OTHER_WORLD, &["finance"]))
        .await
        .expect("it is new");
    for id in [&own.id, &client.id] {
        let ended = identity.revoke_key(&revoke(sandbox::WORLD, id)).await;
        assert!(matches!(ended, Err(Error::NotFound("key"))));
        let replaced = identity.rotate_key(rotate(sandbox::WORLD, id, 9, 0)).await;
        assert!(matches!(replaced, Err(Error::NotFound("key"))));
    }
    for (world, stays) in [
        (sandbox::WORLD, "the published keys"),
        (OTHER_WORLD, "key not found"),
    ] {
        let refused = identity.revoke_key(&revoke(world, sandbox::KEY_ID)).await;
        let refused = refused.expect_err("it stays").to_string();
        assert!(refused.starts_with(stays), "{refused}");
    }

    let list = |world: &str, account_id: &str, kind: rpc::KeyKind, of: &str| rpc::ListKeysRequest {
        context: context(world, account_id),
        account_id: of.to_owned(),
        kind: kind.into(),
        page: None,
    };
    let any = rpc::KeyKind::Unspecified;
    let (first, second) = (format!("acc_{:026}", 1), format!("acc_{:026}", 2));
    for (request, expected) in [
        (list(OTHER_WORLD, "", any, ""), vec![&client.id, &own.id]),
        (
            list(OTHER_WORLD, "", rpc::KeyKind::Client, ""),
            vec![&client.id],
        ),
        (list(OTHER_WORLD, "", any, &second), vec![&own.id]),
        (list(OTHER_WORLD, "", any, &first), vec![]),
        (list(OTHER_WORLD, &second, any, ""), vec![&own.id]),
    ] {
        let listed = identity.list_keys(request).await.expect("lists").keys;
        assert!(listed.iter().all(|key| key.secret.is_empty()));
        assert_eq!(
            listed.iter().map(|key| &key.id).collect::<Vec<_>>(),
            expected
        );
    }
    let foreign = identity
        .list_keys(list(OTHER_WORLD, &second, any, &first))
        .await;
    assert!(matches!(foreign, Err(Error::NotFound("account"))));
    let paged = rpc::ListKeysRequest {
        page: Some(Page {
            after: String::new(),
            limit: 1,
        }),
        ..list(OTHER_WORLD, "", any, "")
    };
    assert_eq!(
        identity.list_keys(paged).await.expect("lists").next,
        client.id
    );
}
