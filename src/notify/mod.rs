//! The event feed of each account: what happened to its orders, payments and refunds, in one order that never changes, without
//! gaps; and webhooks, which bring the same events to where an account wants them. It is told by events and decides nothing.

use std::sync::Arc;

use crate::platform::bus::Bus;

mod address;
mod dispatch;
mod endpoints;
mod grpc;
mod lanes;
mod schedule;
mod sender;
mod service;
mod signature;
mod store;
#[cfg(test)]
mod tests;

pub use address::Reach;
pub use service::NotifyService;
pub use signature::MasterKey;

const CONSUMER: &str = "notify";

/// Why notify did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field of the request is wrong.
    #[error("{0} is not valid")]
    Invalid(&'static str),
    /// There is no such thing, or it is another's.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The idempotency key or id was used for another request.
    #[error("the idempotency key was used for another webhook endpoint")]
    KeyReused,
    /// It was changed since the caller has seen it.
    #[error("the webhook endpoint has changed since it was read")]
    VersionMismatch,
    /// Nothing is ever sent to this URL.
    #[error("webhooks are sent by https to addresses of the public internet only")]
    AddressRefused,
    /// Nothing is sent to a disabled endpoint.
    #[error("the webhook endpoint is disabled; enable it first")]
    Disabled,
    /// Nothing can be sent at all.
    #[error(transparent)]
    Sender(#[from] sender::Error),
    /// The database failed.
    #[error("the notify store failed")]
    Store(#[from] store::Error),
}

/// Lets notify hear what is worth telling an account.
pub fn subscribe(bus: &Bus, service: &Arc<NotifyService>) {
    let types = &[
        "order.created",
        "order.held",
        "order.confirmed",
        "order.ticketed",
        "order.changed",
        "order.updated",
        "order.schedule_change_detected",
        "order.schedule_change_accepted",
        "order.cancelled",
        "order.voided",
        "order.expired",
        "order.failed",
        "payment.authorized",
        "payment.captured",
        "payment.declined",
        "payment.voided",
        "payment.unknown",
        "refund.succeeded",
        "refund.failed",
    ];
    let service = service.clone();
    bus.subscribe(CONSUMER, types, move |event| {
        let service = service.clone();
        Box::pin(async move { Ok(service.take(event).await?) })
    });
}
