//! What became of a request whose answer was lost.

use crate::api::shared::{IdempotencyRecord, ObjectReference};
use crate::edge::call::{ANSWER_WITHIN, Call, filled};
use crate::kernel::clock::rfc3339;
use crate::rpc::booking::v1::GetIdempotencyKeyRequest;
use crate::wire::problem::Problem;

/// What is known of a key; `operation` is an operationId.
pub async fn get(
    call: Call<'_>,
    key: String,
    operation: &str,
) -> Result<IdempotencyRecord, Problem> {
    let asked = GetIdempotencyKeyRequest {
        context: call.context(),
        key,
        operation: operation.to_owned(),
    };
    let orders = &call.clients.orders;
    let record = orders.get_idempotency_key(asked, ANSWER_WITHIN).await?;
    let resource = filled(record.resource_id).map(|id| ObjectReference {
        r#type: record.resource_type,
        id,
    });
    Ok(IdempotencyRecord {
        key: record.key,
        operation: record.operation,
        state: record.state,
        resource,
        failure_code: filled(record.failure_code),
        created_at: rfc3339(record.created_at_us),
    })
}
