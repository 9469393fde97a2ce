//! Stories of accounts, keys, clients and tokens, over a service on a file of its own and clocks that only the test moves.

mod accounts;
mod keys;
mod lives;
mod tokens;

use super::secret::Secret;
use super::service::tests::{OTHER_WORLD, PLATFORM, account, context, open, open_with};
use super::store::Kind;
use super::{Error, IdentityService, roles, sandbox};
use crate::kernel::chance::Chance;
use crate::kernel::clock::{Clock, LIVE_WORLD, MINUTE_US, SECOND_US};
use crate::platform::bus::Bus;
use crate::rpc::common::v1::Page;
use crate::rpc::identity::v1 as rpc;

fn key(number: u64, account: u64, chosen_secret: &str) -> rpc::CreateKeyRequest {
    rpc::CreateKeyRequest {
        context: context("", PLATFORM),
        key_id: format!("key_{number:026}"),
        account_id: format!("acc_{account:026}"),
        audience: "public".to_owned(),
        scopes: vec!["orders:read".to_owned(), "orders:write".to_owned()],
        chosen_secret: chosen_secret.to_owned(),
        kind: rpc::KeyKind::ApiKey.into(),
        name: "A key".to_owned(),
        roles: Vec::new(),
    }
}

fn partner(number: u64, account: u64) -> rpc::CreateKeyRequest {
    rpc::CreateKeyRequest {
        key_id: format!("cli_{number:026}"),
        audience: "partner".to_owned(),
        kind: rpc::KeyKind::Client.into(),
        ..key(number, account, "")
    }
}

fn staff(number: u64, world: &str, roles: &[&str]) -> rpc::CreateKeyRequest {
    rpc::CreateKeyRequest {
        context: context(world, PLATFORM),
        account_id: String::new(),
        audience: "private".to_owned(),
        scopes: Vec::new(),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        ..partner(number, 0)
    }
}

async fn verify(
    identity: &IdentityService,
    secret: &str,
    audience: &str,
) -> Result<rpc::Principal, Error> {
    let request = rpc::VerifyCredentialRequest {
        secret: secret.to_owned(),
        audience: audience.to_owned(),
    };
    identity.verify_credential(&request).await
}

async fn token(
    identity: &IdentityService,
    client: &rpc::Key,
    audience: &str,
    scopes: &[&str],
) -> Result<rpc::Token, Error> {
    let request = rpc::IssueTokenRequest {
        client_id: client.id.clone(),
        client_secret: client.secret.clone(),
        audience: audience.to_owned(),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
    };
    identity.issue_token(&request).await
}

fn rotate(world: &str, old: &str, new: u64, overlap_minutes: u32) -> rpc::RotateKeyRequest {
    let prefix = &old[..4];
    rpc::RotateKeyRequest {
        context: context(world, PLATFORM),
        key_id: old.to_owned(),
        new_key_id: format!("{prefix}{new:026}"),
        overlap_minutes,
    }
}

fn revoke(world: &str, id: &str) -> rpc::RevokeKeyRequest {
    rpc::RevokeKeyRequest {
        context: context(world, PLATFORM),
        key_id: id.to_owned(),
    }
}

/// With account 1 in the sandbox, 2 in another world and 3 in the live one.
async fn peopled(dir: &tempfile::TempDir, clock: &Clock) -> IdentityService {
    let identity = open_with(dir, &Bus::new(), clock.clone()).await;
    for (number, test, world) in [
        (1, true, sandbox::WORLD),
        (2, true, OTHER_WORLD),
        (3, false, ""),
    ] {
        let made = identity.create_account(account(number, test, world)).await;
        made.expect("it is new");
    }
    identity
}
