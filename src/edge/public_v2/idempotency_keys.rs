//! What became of a request whose answer was lost.

use crate::api::public_v2::{operations as op, types};
use crate::kernel::clock::rfc3339;
use crate::platform::auth::Caller;
use crate::rpc::booking::v1::GetIdempotencyKeyRequest;
use crate::wire::problem::Problem;

use super::{ANSWER_WITHIN, Door, context, filled};

pub async fn get(
    door: &Door,
    caller: &Caller,
    request: op::GetIdempotencyKeyInput,
) -> Result<op::GetIdempotencyKey, Problem> {
    let asked = GetIdempotencyKeyRequest {
        context: context(caller),
        key: request.key,
        operation: request.operation.as_str().to_owned(),
    };
    let record = door
        .orders
        .get_idempotency_key(asked, ANSWER_WITHIN)
        .await?;
    let resource = filled(record.resource_id).map(|id| types::ObjectReference {
        r#type: record.resource_type,
        id,
    });
    let body = types::IdempotencyRecord {
        key: record.key,
        operation: record.operation,
        state: record.state,
        resource,
        failure_code: filled(record.failure_code),
        created_at: rfc3339(record.created_at_us),
    };
    Ok(op::GetIdempotencyKey::Ok { body })
}
