//! What became of a request whose answer was lost.

use crate::api::public_v2::operations as op;
use crate::edge::call::Call;
use crate::edge::idempotency_keys;
use crate::wire::problem::Problem;

pub async fn get(
    call: Call<'_>,
    request: op::GetIdempotencyKeyInput,
) -> Result<op::GetIdempotencyKey, Problem> {
    let operation = request.operation.as_str();
    let body = idempotency_keys::get(call, request.key, operation).await?;
    Ok(op::GetIdempotencyKey::Ok { body })
}
