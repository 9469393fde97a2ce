//! Fareway: a flight-booking platform whose every door is a versioned contract.

// Generated files keep the generator's formatting.
#[rustfmt::skip]
#[rustfmt::skip]

pub mod api;
pub mod flights;
pub mod identity;
pub mod kernel;
pub mod platform;
pub mod rpc;
