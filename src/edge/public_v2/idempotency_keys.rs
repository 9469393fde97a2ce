//! What became of a request whose answer was lost.

use crate::api::public_v2::operations as op;
use crate::edge::idempotency_keys;
use crate::platform::auth::Caller;
use crate::wire::problem::Problem;

use super::Door;

pub async fn get(
    door: &Door,
    caller: &Caller,
    request: op::GetIdempotencyKeyInput,
) -> Result<op::GetIdempotencyKey, Problem> {
    let operation = request.operation.as_str();
    let body = idempotency_keys::get(&door.clients, caller, request.key, operation).await?;
    Ok(op::GetIdempotencyKey::Ok { body })
}
