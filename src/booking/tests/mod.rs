//! Tests of booking: stories over the pure rules, and journeys through the whole service.
//!
//! The neighbours here are the tests' own; what is shipped has none of them.

mod agencies;
mod crashes;
mod exchange_money;
mod exchanges;
mod held_orders;
mod neighbours;
mod orders;
mod plan;
mod reads;
mod sagas;
pub mod samples;
mod scene;
mod services;
mod stories;
mod voids;
