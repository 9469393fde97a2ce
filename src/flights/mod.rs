//! Flights: the timetable, what is for sale at which price, and the seats that are held and sold.
//!
//! Knows nothing of orders, payments or doors. Searching writes nothing: an offer is a signed token (`token`) that is worked
//! out again whenever it is read. Only holds and sales are stored.

mod classes;
mod draw;
mod equipment;
mod geo;
mod inventory;
mod itinerary;
mod price;
mod query;
mod search;
mod times;
pub mod world;

pub use world::World;

/// Why flights did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request breaks the form that the contract gives.
    #[error("{0}")]
    Invalid(&'static str),
}
