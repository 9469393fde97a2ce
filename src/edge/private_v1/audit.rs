//! What is done is written to the audit log first.

use sha2::{Digest, Sha256};

use crate::api::problem::Code;
use crate::edge::call::{ANSWER_WITHIN, Call};
use crate::kernel::id::AuditId;
use crate::rpc::identity::v1::AppendAuditRequest;
use crate::wire::operation::Operation;
use crate::wire::problem::Problem;

/// Writes down what is about to be done, with the digest of the body if there is one. When that fails the caller must not do it.
pub async fn written(
    call: Call<'_>,
    operation: &Operation,
    object_id: &str,
    digest: Vec<u8>,
) -> Result<(), Problem> {
    let event = AppendAuditRequest {
        context: call.context(),
        audit_id: AuditId::new(call.caller.now_us, call.chance).into(),
        action: operation.id.to_owned(),
        object_id: object_id.to_owned(),
        digest,
    };
    match call.clients.audit.append_audit(event, ANSWER_WITHIN).await {
        Ok(_) => Ok(()),
        Err(status) => {
            tracing::error!(operation = operation.id, %status, "the audit log cannot be written");
            Err(Problem::new(
                Code::DependencyUnavailable,
                "the audit log cannot be written, so nothing was done",
            ))
        }
    }
}

/// Names what is made under an idempotency key, so that a repeat names the same thing.
pub fn made(call: Call<'_>, operation: &Operation, key: &str) -> [u8; 16] {
    let mut named = Sha256::new();
    for part in [&call.caller.world, operation.id, key] {
        named.update(part);
        named.update([0]);
    }
    let named = named.finalize();
    std::array::from_fn(|at| named[at])
}

/// Implements operations that are written down first, a row each as in `handlers!`, and what is written: the operation, the member
/// of the request that names the object, and the body.
macro_rules! audited {
    ($($method:ident: $input:ident -> $success:ident = $handler:path,
        $operation:ident $(of $object:ident)? $(with $body:ident)?;)*) => {$(
        $crate::edge::door::operation! {
            $method: $input -> $success, |call, request| {
                let object = String::new() $(+ &request.$object)?;
                let digests: &[Vec<u8>] = &[$($crate::edge::call::digest(&request.$body))?];
                audit::written(call, &op::$operation, &object, digests.concat()).await?;
                $handler(call, request).await
            }
        }
    )*};
}
pub(super) use audited;

/// Implements operations that make what the idempotency key names; the object that is written down is its id, of this kind.
macro_rules! making {
    ($($method:ident: $input:ident -> $success:ident = $handler:path, $operation:ident makes $id:ident;)*) => {$(
        $crate::edge::door::operation! {
            $method: $input -> $success, |call, request| {
                let made = audit::made(call, &op::$operation, &request.idempotency_key);
                let id = $crate::kernel::id::$id::of_bytes(made);
                let digest = $crate::edge::call::digest(&request.body);
                audit::written(call, &op::$operation, id.as_str(), digest).await?;
                $handler(call, id, request).await
            }
        }
    )*};
}
pub(super) use making;
