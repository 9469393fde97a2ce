//! What booking hears on the bus: billing's answers about payments and refunds.
//!
//! An answer is committed with its note in the inbox, so that a repeat has no second effect; then the saga goes on.

use std::sync::Arc;

use super::saga::Outcome;
use super::service::BookingService;
use crate::platform::bus::{Bus, HandlerError};
use crate::rpc::events::v1::Envelope;
use crate::rpc::events::v1::envelope::Data;

const TYPES: &[&str] = &[
    "payment.authorized",
    "payment.captured",
    "payment.declined",
    "payment.voided",
    "payment.unknown",
    "refund.succeeded",
    "refund.failed",
];

/// The service was stopped; its next start takes the event.
#[derive(Debug, thiserror::Error)]
#[error("booking is not running")]
struct Stopped;

/// Lets the service have billing's answers as long as it lives.
pub(super) fn subscribe(bus: &Bus, service: &BookingService) {
    let inner = Arc::downgrade(&service.0);
    bus.subscribe("booking", TYPES, move |event| {
        let service = inner.upgrade().map(BookingService);
        Box::pin(
            async move { take(service.ok_or_else(|| HandlerError::later(Stopped))?, event).await },
        )
    });
}

async fn take(service: BookingService, event: Envelope) -> Result<(), HandlerError> {
    let (order_id, outcome) = match &event.data {
        Some(Data::Payment(answer)) => (answer.order_id.clone(), Outcome::Payment(answer.clone())),
        Some(Data::Refund(answer)) => (answer.order_id.clone(), Outcome::Refund(answer.clone())),
        _ => return Ok(()),
    };
    let known = service.record(&order_id, outcome, Some(event)).await?;
    service.spawn_drive(&order_id, known);
    Ok(())
}
