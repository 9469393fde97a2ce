//! Fareway: a flight-booking platform whose every door is a versioned contract.

// Generated files keep the generator's formatting.
#[rustfmt::skip]
pub mod api;
pub mod billing;
pub mod booking;
pub mod flights;
pub mod identity;
pub mod kernel;
pub mod notify;
pub mod platform;
#[rustfmt::skip]
pub mod rpc;
pub mod wire;
