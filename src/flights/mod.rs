//! Flights: the timetable, what is for sale at which price, and the seats that are held and sold.
//!
//! Knows nothing of orders, payments or doors. Searching writes nothing: an offer is a signed token (`token`) that is worked
//! out again whenever it is read. Only holds and sales are stored.

mod classes;
mod draw;
mod equipment;
mod geo;
mod grpc;
mod hold;
mod inventory;
mod itinerary;
mod offer;
mod places;
mod price;
mod query;
mod search;
mod seats;
mod seeded;
mod service;
mod store;
#[cfg(test)]
mod stories;
mod times;
mod token;
pub mod world;

pub use service::FlightsService;
pub use token::SigningKeys;
pub use world::World;

/// Why flights did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request breaks the form that the contract gives.
    #[error("{0}")]
    Invalid(&'static str),
    /// There is no such thing, or the caller may not know of it.
    #[error("there is no such flight, offer or hold")]
    NotFound,
    /// The offer or the offer request is over, or its flight has left.
    #[error("the offer has expired")]
    OfferExpired,
    /// The offer costs something else by now.
    #[error("the price of the offer has changed")]
    PriceChanged,
    /// Fewer seats are left than are wanted.
    #[error("the booking class has too few seats left")]
    SeatsUnavailable,
    /// The time of the hold is over.
    #[error("the hold has expired")]
    HoldExpired,
    /// The id was used for a hold of other seats.
    #[error("the hold id was used for other seats")]
    HoldReused,
    /// The hold was ended in another way.
    #[error("the state of the hold does not allow this")]
    HoldState,
    /// An amount does not fit.
    #[error("an amount does not fit 64 bits")]
    Amount,
    /// The database failed.
    #[error("the flights store failed")]
    Store(#[from] store::Error),
}
