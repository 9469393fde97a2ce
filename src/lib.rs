//! Fareway: a flight-booking platform whose every door is a versioned contract.

pub mod api;
pub mod identity;
pub mod kernel;
pub mod platform;
pub mod rpc;
