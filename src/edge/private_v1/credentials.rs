//! API keys and OAuth clients: make, list, rotate, revoke. To the services both are keys; the contract tells them apart.

use crate::api::private_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, context, filled};
use crate::edge::page;
use crate::kernel::clock::rfc3339;
use crate::kernel::id::{ClientId, KeyId};
use crate::platform::auth::Caller;
use crate::rpc::identity::v1::{self as identity, KeyKind};
use crate::wire::problem::Problem;

use super::{Door, made};

pub async fn create_key(
    door: &Door,
    caller: &Caller,
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
        scopes: input
            .scopes
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .collect(),
        ..identity::CreateKeyRequest::default()
    };
    let (idempotency_replayed, key) = create(door, caller, asked).await?;
    Ok(op::CreateApiKey::Created {
        idempotency_replayed,
        body: api_key(key),
    })
}

pub async fn create_client(
    door: &Door,
    caller: &Caller,
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
            scopes: input
                .scopes
                .iter()
                .map(|scope| scope.as_str().to_owned())
                .collect(),
            ..client
        },
        types::ClientInput::Private(input) => identity::CreateKeyRequest {
            audience: "private".to_owned(),
            name: input.name,
            roles: input
                .roles
                .iter()
                .map(|role| role.as_str().to_owned())
                .collect(),
            ..client
        },
    };
    let (idempotency_replayed, key) = create(door, caller, asked).await?;
    Ok(op::CreateClient::Created {
        idempotency_replayed,
        body: client_shown(key),
    })
}

/// Makes a key; says whether it was there already.
async fn create(
    door: &Door,
    caller: &Caller,
    asked: identity::CreateKeyRequest,
) -> Result<(bool, identity::Key), Problem> {
    let asked = identity::CreateKeyRequest {
        context: context(caller),
        ..asked
    };
    let key = door.clients.keys.create_key(asked, ANSWER_WITHIN).await?;
    Ok((key.secret.is_empty(), key))
}

pub async fn list_keys(
    door: &Door,
    caller: &Caller,
    request: op::ListApiKeysInput,
) -> Result<op::ListApiKeys, Problem> {
    let account_id = request.account_id.as_deref();
    let page = (request.after, request.limit);
    let found = list(door, caller, KeyKind::ApiKey, account_id, page).await?;
    let filters = [("account_id", account_id)];
    let link = page::link("/private/v1/api-keys", &filters, request.limit, &found.next);
    let body = types::ApiKeyList {
        data: found.keys.into_iter().map(api_key).collect(),
        next_cursor: filled(found.next),
    };
    Ok(op::ListApiKeys::Ok { link, body })
}

pub async fn list_clients(
    door: &Door,
    caller: &Caller,
    request: op::ListClientsInput,
) -> Result<op::ListClients, Problem> {
    let account_id = request.account_id.as_deref();
    let page = (request.after, request.limit);
    let found = list(door, caller, KeyKind::Client, account_id, page).await?;
    let filters = [("account_id", account_id)];
    let link = page::link("/private/v1/clients", &filters, request.limit, &found.next);
    let body = types::ClientList {
        data: found.keys.into_iter().map(client_shown).collect(),
        next_cursor: filled(found.next),
    };
    Ok(op::ListClients::Ok { link, body })
}

async fn list(
    door: &Door,
    caller: &Caller,
    kind: KeyKind,
    account_id: Option<&str>,
    (after, limit): (Option<String>, Option<i32>),
) -> Result<identity::ListKeysResponse, Problem> {
    let asked = identity::ListKeysRequest {
        context: context(caller),
        account_id: account_id.unwrap_or_default().to_owned(),
        kind: kind.into(),
        page: page::asked(after, limit),
    };
    Ok(door.clients.keys.list_keys(asked, ANSWER_WITHIN).await?)
}

pub async fn rotate_key(
    door: &Door,
    caller: &Caller,
    request: op::RotateApiKeyInput,
) -> Result<op::RotateApiKey, Problem> {
    let new = KeyId::of_bytes(made(caller, &op::ROTATE_API_KEY, &request.idempotency_key));
    let overlap = request.body.overlap_minutes;
    let (idempotency_replayed, key) =
        rotate(door, caller, request.key_id, new.into(), overlap).await?;
    Ok(op::RotateApiKey::Created {
        idempotency_replayed,
        body: api_key(key),
    })
}

pub async fn rotate_client(
    door: &Door,
    caller: &Caller,
    request: op::RotateClientInput,
) -> Result<op::RotateClient, Problem> {
    let new = ClientId::of_bytes(made(caller, &op::ROTATE_CLIENT, &request.idempotency_key));
    let overlap = request.body.overlap_minutes;
    let (idempotency_replayed, key) =
        rotate(door, caller, request.client_id, new.into(), overlap).await?;
    Ok(op::RotateClient::Created {
        idempotency_replayed,
        body: client_shown(key),
    })
}

async fn rotate(
    door: &Door,
    caller: &Caller,
    key_id: String,
    new_key_id: String,
    overlap_minutes: i32,
) -> Result<(bool, identity::Key), Problem> {
    let asked = identity::RotateKeyRequest {
        context: context(caller),
        key_id,
        new_key_id,
        overlap_minutes: overlap_minutes.unsigned_abs(),
    };
    let key = door.clients.keys.rotate_key(asked, ANSWER_WITHIN).await?;
    Ok((key.secret.is_empty(), key))
}

pub async fn revoke_key(
    door: &Door,
    caller: &Caller,
    request: op::RevokeApiKeyInput,
) -> Result<op::RevokeApiKey, Problem> {
    revoke(door, caller, request.key_id).await?;
    Ok(op::RevokeApiKey::NoContent)
}

pub async fn revoke_client(
    door: &Door,
    caller: &Caller,
    request: op::RevokeClientInput,
) -> Result<op::RevokeClient, Problem> {
    revoke(door, caller, request.client_id).await?;
    Ok(op::RevokeClient::NoContent)
}

async fn revoke(door: &Door, caller: &Caller, key_id: String) -> Result<(), Problem> {
    let asked = identity::RevokeKeyRequest {
        context: context(caller),
        key_id,
    };
    door.clients.keys.revoke_key(asked, ANSWER_WITHIN).await?;
    Ok(())
}

fn api_key(key: identity::Key) -> types::ApiKey {
    types::ApiKey {
        id: key.id,
        account_id: key.account_id,
        name: key.name,
        scopes: key.scopes,
        last_four: key.last_four,
        secret: filled(key.secret),
        livemode: key.livemode,
        created_at: rfc3339(key.created_at_us),
        ends_at: key.ends_at_us.map(rfc3339),
        replaced_by: filled(key.replaced_by),
    }
}

fn client_shown(key: identity::Key) -> types::Client {
    types::Client {
        id: key.id,
        audience: key.audience,
        account_id: filled(key.account_id),
        name: key.name,
        scopes: key.scopes,
        roles: key.roles,
        last_four: key.last_four,
        secret: filled(key.secret),
        livemode: key.livemode,
        created_at: rfc3339(key.created_at_us),
        ends_at: key.ends_at_us.map(rfc3339),
        replaced_by: filled(key.replaced_by),
    }
}
