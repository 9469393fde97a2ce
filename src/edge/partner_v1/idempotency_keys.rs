//! What became of a request whose answer was lost.

use crate::api::partner_v1::{operations as op, types};
use crate::api::problem::Code;
use crate::edge::call::Call;
use crate::edge::idempotency_keys;
use crate::kernel::clock::rfc3339;
use crate::wire::problem::Problem;

use super::holds;

pub async fn get(
    call: Call<'_>,
    request: op::GetIdempotencyKeyInput,
) -> Result<op::GetIdempotencyKey, Problem> {
    // Who keeps the orders tells operations apart by names of its own.
    let operation = match request.operation {
        types::IdempotentOperation::CreateHold => {
            return of_hold(call, request.key).await;
        }
        types::IdempotentOperation::IssueTickets => "createOrderPayment",
        other => other.as_str(),
    };
    let known = idempotency_keys::get(call, request.key, operation).await?;
    Ok(op::GetIdempotencyKey::Ok {
        body: types::IdempotencyRecord {
            operation: request.operation.as_str().to_owned(),
            ..known
        },
    })
}

/// A hold is named by its key, so it is there or the request never arrived.
async fn of_hold(call: Call<'_>, key: String) -> Result<op::GetIdempotencyKey, Problem> {
    let Some(hold) = holds::find(call, &holds::named(call, &key)).await? else {
        return Err(Problem::new(
            Code::NotFound,
            "the operation has not seen this key",
        ));
    };
    Ok(op::GetIdempotencyKey::Ok {
        body: types::IdempotencyRecord {
            key,
            operation: types::IdempotentOperation::CreateHold.as_str().to_owned(),
            state: "succeeded".to_owned(),
            resource: Some(types::ObjectReference {
                r#type: "hold".to_owned(),
                id: hold.id,
            }),
            failure_code: None,
            created_at: rfc3339(hold.created_at_us),
        },
    })
}
