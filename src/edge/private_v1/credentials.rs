//! API keys and OAuth clients: make, list, rotate, revoke. To the services both are keys; the contract tells them apart.

use crate::api::private_v1::{operations as op, types};
use crate::api::problem::Code;
use crate::edge::call::{ANSWER_WITHIN, Call, filled, words};
use crate::edge::page::{self, listed};
use crate::kernel::clock::rfc3339;
use crate::kernel::id::{ClientId, KeyId};
use crate::rpc::identity::v1::{self as identity, KeyKind};
use crate::wire::problem::Problem;

use super::audit::made;

/// Answers with a credential, and whether it was made before under the same key.
macro_rules! created {
    ($operation:ident, $made:expr, $shown:path) => {{
        let (idempotency_replayed, key) = $made;
        op::$operation::Created {
            idempotency_replayed,
            body: $shown(key),
        }
    }};
}

pub async fn create_key(
    call: Call<'_>,
    id: KeyId,
    request: op::CreateApiKeyInput,
) -> Result<op::CreateApiKey, Problem> {
    let input = request.body;
    let asked = identity::CreateKeyRequest {
        key_id: id.into(),
        kind: KeyKind::ApiKey.into(),
        audience: "public".to_owned(),
        account_id: input.account_id,
        name: input.name,
        scopes: words(&input.scopes, types::PublicScopeInput::as_str),
        ..identity::CreateKeyRequest::default()
    };
    let made = create(call, asked).await?;
    Ok(created!(CreateApiKey, made, api_key))
}

pub async fn create_client(
    call: Call<'_>,
    id: ClientId,
    request: op::CreateClientInput,
) -> Result<op::CreateClient, Problem> {
    let client = identity::CreateKeyRequest {
        key_id: id.into(),
        kind: KeyKind::Client.into(),
        ..identity::CreateKeyRequest::default()
    };
    let asked = match request.body {
        types::ClientInput::Partner(input) => identity::CreateKeyRequest {
            audience: "partner".to_owned(),
            account_id: input.account_id,
            name: input.name,
            scopes: words(&input.scopes, types::PartnerScopeInput::as_str),
            ..client
        },
        types::ClientInput::Private(input) => identity::CreateKeyRequest {
            audience: "private".to_owned(),
            name: input.name,
            roles: words(&input.roles, types::RoleInput::as_str),
            ..client
        },
    };
    let made = create(call, asked).await?;
    Ok(created!(CreateClient, made, client_shown))
}

/// Makes a key; says whether it was there already.
async fn create(
    call: Call<'_>,
    asked: identity::CreateKeyRequest,
) -> Result<(bool, identity::Key), Problem> {
    let asked = identity::CreateKeyRequest {
        context: call.context(),
        ..asked
    };
    let key = call.clients.keys.create_key(asked, ANSWER_WITHIN).await?;
    Ok((key.secret.is_empty(), key))
}

pub async fn list_keys(
    call: Call<'_>,
    request: op::ListApiKeysInput,
) -> Result<op::ListApiKeys, Problem> {
    let page = (request.after, request.limit);
    let (link, found) = list(call, KeyKind::ApiKey, "api-keys", request.account_id, page).await?;
    let body = listed!(ApiKeyList: found.keys.into_iter().map(api_key), found.next);
    Ok(op::ListApiKeys::Ok { link, body })
}

pub async fn list_clients(
    call: Call<'_>,
    request: op::ListClientsInput,
) -> Result<op::ListClients, Problem> {
    let page = (request.after, request.limit);
    let (link, found) = list(call, KeyKind::Client, "clients", request.account_id, page).await?;
    let body = listed!(ClientList: found.keys.into_iter().map(client_shown), found.next);
    Ok(op::ListClients::Ok { link, body })
}

/// A page of keys of a kind, and the link to the next.
async fn list(
    call: Call<'_>,
    kind: KeyKind,
    path: &str,
    account_id: Option<String>,
    (after, limit): (Option<String>, Option<i32>),
) -> Result<(Option<String>, identity::ListKeysResponse), Problem> {
    let asked = identity::ListKeysRequest {
        context: call.context(),
        account_id: account_id.clone().unwrap_or_default(),
        kind: kind.into(),
        page: page::asked(after, limit),
    };
    let found = call.clients.keys.list_keys(asked, ANSWER_WITHIN).await?;
    let filters = [("account_id", account_id.as_deref())];
    let link = page::link(&call.path(path), &filters, limit, &found.next);
    Ok((link, found))
}

pub async fn rotate_key(
    call: Call<'_>,
    request: op::RotateApiKeyInput,
) -> Result<op::RotateApiKey, Problem> {
    let new = KeyId::of_bytes(made(call, &op::ROTATE_API_KEY, &request.idempotency_key));
    let made = rotate(call, request.key_id, new.into(), request.body).await?;
    Ok(created!(RotateApiKey, made, api_key))
}

pub async fn rotate_client(
    call: Call<'_>,
    request: op::RotateClientInput,
) -> Result<op::RotateClient, Problem> {
    let new = ClientId::of_bytes(made(call, &op::ROTATE_CLIENT, &request.idempotency_key));
    let made = rotate(call, request.client_id, new.into(), request.body).await?;
    Ok(created!(RotateClient, made, client_shown))
}

async fn rotate(
    call: Call<'_>,
    key_id: String,
    new_key_id: String,
    input: types::RotationInput,
) -> Result<(bool, identity::Key), Problem> {
    let asked = identity::RotateKeyRequest {
        context: call.context(),
        key_id,
        new_key_id,
        overlap_minutes: input.overlap_minutes.unsigned_abs(),
    };
    let key = call.clients.keys.rotate_key(asked, ANSWER_WITHIN).await?;
    Ok((key.secret.is_empty(), key))
}

pub async fn revoke_key(
    call: Call<'_>,
    request: op::RevokeApiKeyInput,
) -> Result<op::RevokeApiKey, Problem> {
    revoke(call, request.key_id).await?;
    Ok(op::RevokeApiKey::NoContent)
}

pub async fn revoke_client(
    call: Call<'_>,
    request: op::RevokeClientInput,
) -> Result<op::RevokeClient, Problem> {
    revoke(call, request.client_id).await?;
    Ok(op::RevokeClient::NoContent)
}

async fn revoke(call: Call<'_>, key_id: String) -> Result<(), Problem> {
    let asked = identity::RevokeKeyRequest {
        context: call.context(),
        key_id,
    };
    match call.clients.keys.revoke_key(asked, ANSWER_WITHIN).await {
        Ok(_) => Ok(()),
        // The contract has no state that keeps a key from being revoked: what must stay is not there to be revoked.
        Err(status) => Err(match Problem::from(status) {
            problem if problem.code() == Code::InvalidState => {
                Problem::new(Code::NotFound, problem.detail())
            }
            problem => problem,
        }),
    }
}

/// A credential of this shape: what keys and clients have in common, and the members of its own.
macro_rules! credential {
    ($shape:ident, $key:ident $(, $member:ident: $value:expr)*) => {
        types::$shape {
            id: $key.id,
            name: $key.name,
            scopes: $key.scopes,
            last_four: $key.last_four,
            secret: filled($key.secret),
            livemode: $key.livemode,
            created_at: rfc3339($key.created_at_us),
            ends_at: $key.ends_at_us.map(rfc3339),
            replaced_by: filled($key.replaced_by),
            $($member: $value,)*
        }
    };
}

fn api_key(key: identity::Key) -> types::ApiKey {
    credential!(ApiKey, key, account_id: key.account_id)
}

fn client_shown(key: identity::Key) -> types::Client {
    credential!(
        Client, key,
        audience: key.audience,
        account_id: filled(key.account_id),
        roles: key.roles
    )
}
