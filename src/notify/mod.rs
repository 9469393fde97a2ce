//! The event feed of each account: what happened to its orders, payments and refunds, in one order that never changes, without
//! gaps. It is told by events and tells by its contract; it decides nothing.

use std::sync::Arc;

use crate::platform::bus::Bus;

mod grpc;
mod service;
mod store;

pub use service::NotifyService;

const CONSUMER: &str = "notify";

/// Why notify did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field of the request is wrong.
    #[error("{0} is not valid")]
    Invalid(&'static str),
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
        "order.cancelled",
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
