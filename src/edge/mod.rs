//! The doors: one folder a contract, and the pages around them. HTTP ends here; what a handler does is contract types in, one
//! call, contract types out.

#[cfg(test)]
mod agreement;
mod call;
mod cancellation;
mod clients;
mod condition;
pub mod docs;
mod door;
pub mod due;
mod events;
mod idempotency_keys;
mod itinerary;
mod money;
mod order_cancellations;
mod order_parts;
mod order_request;
mod page;
mod partner_v1;
pub mod payloads;
mod private_v1;
mod public_v1;
mod public_v2;
mod reference;
mod search;
mod test_clock;
mod token;
mod webhook_endpoints;

pub use clients::Clients;
pub use door::Door;
