//! The audit log: read it, and compute its chain again.

use data_encoding::HEXLOWER;

use crate::api::private_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, context, filled};
use crate::edge::money::large;
use crate::edge::page;
use crate::kernel::clock::rfc3339;
use crate::platform::auth::Caller;
use crate::rpc::identity::v1 as identity;
use crate::wire::problem::Problem;

use super::Door;

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListAuditEventsInput,
) -> Result<op::ListAuditEvents, Problem> {
    let asked = identity::ListAuditRequest {
        context: context(caller),
        page: page::asked(request.after, request.limit),
    };
    let found = door.clients.audit.list_audit(asked, ANSWER_WITHIN).await?;
    let link = page::link("/private/v1/audit-events", &[], request.limit, &found.next);
    let body = types::AuditEventList {
        data: found.events.into_iter().map(event).collect(),
        next_cursor: filled(found.next),
    };
    Ok(op::ListAuditEvents::Ok { link, body })
}

pub async fn verify(door: &Door, caller: &Caller) -> Result<op::VerifyAuditEvents, Problem> {
    let asked = identity::VerifyAuditRequest {
        context: context(caller),
    };
    // The whole log is read, which may take most of what the operation has.
    let within = caller.deadline.saturating_sub(ANSWER_WITHIN);
    let found = door.clients.audit.verify_audit(asked, within).await?;
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
