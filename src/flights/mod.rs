//! Flights: the timetable, what is for sale at which price, and the seats that are held and sold.
//!
//! Knows nothing of orders, payments or doors. Searching writes nothing: an offer is a signed token (`token`) that is worked
//! out again whenever it is read. Stored are holds and sales, limits that were set, changes of the plan, and negotiated fares;
//! what searches need of them is kept in memory as well (`overlay`).

mod classes;
mod control;
mod draw;
mod equipment;
mod fares;
mod geo;
mod grpc;
mod held;
mod hold;
mod inventory;
mod itinerary;
mod negotiated;
mod offer;
mod overlay;
mod places;
mod plan;
mod planning;
mod price;
mod query;
mod search;
mod seats;
mod seeded;
mod service;
mod services;
mod state;
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
    #[error("there is no such flight, offer, hold or fare")]
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
    /// The id or the key was used for something else.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The hold was ended in another way.
    #[error("the state of the hold does not allow this")]
    HoldState,
    /// The flights of the hold cannot be taken one after the other in one class each.
    #[error("the flights of the hold cannot be sold as one journey in one class a flight")]
    NoJourney,
    /// The passengers need more or fewer seats than the hold has.
    #[error("the passengers do not need the seats of the hold, all of them and no more")]
    PassengersMismatch,
    /// It has changed since the caller saw it.
    #[error("it has changed since it was read")]
    Changed,
    /// A service that is to be bought cannot be had.
    #[error("{detail}")]
    Service {
        /// Which of those that were named.
        at: usize,
        /// What of it is wrong: its id or its quantity.
        member: &'static str,
        /// What that breaks, as a rule of schemas.
        rule: &'static str,
        /// The same in words.
        detail: &'static str,
    },
    /// The flight is cancelled.
    #[error("the flight is cancelled")]
    Cancelled,
    /// The flight has left, or would have left at its new time.
    #[error("the flight has left, or would have left at its new time")]
    Departed,
    /// The flight would leave on another local date.
    #[error("the flight would leave on another date")]
    OtherDate,
    /// There is no such type of aircraft, or it cannot fly the flight.
    #[error("no aircraft of this type can fly so far, or there is none")]
    Equipment,
    /// A booking limit is higher than one above it.
    #[error(
        "a booking limit is higher than that of the class above it, or than the cabin has seats"
    )]
    LimitsNotNested,
    /// An amount does not fit.
    #[error("an amount does not fit 64 bits")]
    Amount,
    /// The database failed.
    #[error("the flights store failed")]
    Store(#[from] store::Error),
}
