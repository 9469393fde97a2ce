//! Neighbours of booking for its own tests: a flights that keeps holds in memory and can be cut off before or after it had its
//! effect, and a billing that answers each request as the payment method says. Nothing a user runs.

mod billing;
mod flights;

pub use billing::{Billing, OVER_LIMIT, answered};
pub use flights::{Cut, Flights, NEVER};
