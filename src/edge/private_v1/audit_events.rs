//! The audit log: read it, and compute its chain again.

use data_encoding::HEXLOWER;

use crate::api::private_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call, filled};
use crate::edge::money::large;
use crate::edge::page::{self, listed};
use crate::kernel::clock::rfc3339;
use crate::rpc::identity::v1 as identity;
use crate::wire::problem::Problem;

pub async fn list(
    call: Call<'_>,
    request: op::ListAuditEventsInput,
) -> Result<op::ListAuditEvents, Problem> {
    let asked = identity::ListAuditRequest {
        context: call.context(),
        page: page::asked(request.after, request.limit),
    };
    let found = call.clients.audit.list_audit(asked, ANSWER_WITHIN).await?;
    let link = page::link(&call.path("audit-events"), &[], request.limit, &found.next);
    let body = listed!(AuditEventList: found.events.into_iter().map(event), found.next);
    Ok(op::ListAuditEvents::Ok { link, body })
}

pub async fn verify(
    call: Call<'_>,
    _request: op::VerifyAuditEventsInput,
) -> Result<op::VerifyAuditEvents, Problem> {
    let asked = identity::VerifyAuditRequest {
        context: call.context(),
    };
    // The whole log is read, which may take most of what the operation has.
    let within = call.caller.deadline.saturating_sub(ANSWER_WITHIN);
    let found = call.clients.audit.verify_audit(asked, within).await?;
    let body = types::AuditVerification {
        valid: found.valid,
        events: large(found.events),
        head: hex(&found.head),
        broken_at: (found.broken_at > 0).then(|| large(found.broken_at)),
    };
    Ok(op::VerifyAuditEvents::Ok { body })
}

fn event(event: identity::AuditEvent) -> types::AuditEvent {
    types::AuditEvent {
        id: event.id,
        sequence: large(event.sequence),
        time: rfc3339(event.time_us),
        actor: event.actor,
        action: event.action,
        object_id: filled(event.object_id),
        request_id: event.request_id,
        body_sha256: hex(&event.digest),
        previous_hash: HEXLOWER.encode(&event.previous_hash),
        hash: HEXLOWER.encode(&event.hash),
    }
}

fn hex(digest: &[u8]) -> Option<String> {
    filled(HEXLOWER.encode(digest))
}
