//! Booking: orders from acceptance to ticket, refund and end, and the saga that carries them there.
//!
//! Nouns (`order`, `cancellation`, `exchange`, `void`, `schedule`, `ticket`, `passenger`, `price`, `refund`, `locator`,
//! `idempotency`) and the rules of the saga (`saga`, `exchanging`, `standing`) are pure; `service`, `commands`, `exchanges`,
//! `answers`, `driver`, `sagas` and `history` load, decide and commit; `store` keeps; `grpc`, `events` and `follow` are the doors. Seats are
//! asked of flights and awaited; what flights changes of its plan is read from its log. Money is only ever asked for by events and
//! answered by events, so that billing being away delays a payment and loses nothing.

mod answers;
pub mod cancellation;
pub mod change;
mod commands;
mod driver;
mod events;
pub mod exchange;
mod exchanges;
mod exchanging;
mod follow;
mod grpc;
mod history;
pub mod idempotency;
pub mod locator;
pub mod order;
pub mod passenger;
pub mod price;
pub mod refund;
pub mod saga;
mod sagas;
pub mod schedule;
mod service;
pub mod standing;
mod store;
#[cfg(test)]
mod tests;
pub mod ticket;
pub mod void;
mod waiters;

pub use service::{BookingService, Neighbours};

use std::collections::HashMap;

use crate::api::problem::Code;
use crate::platform::db;

/// Why booking did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no; nothing was done.
    #[error(transparent)]
    Refused(#[from] order::Refusal),
    /// Nothing of this kind has this id, or it is another account's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The offer, or the hold, was sold before; the id is told when the order is the caller's own.
    #[error("it was ordered before")]
    OfferAlreadyBooked {
        /// The order it was sold by.
        order_id: Option<String>,
    },
    /// A caller of ours made an id that it has made before.
    #[error("the id of the new order is taken")]
    IdTaken,
    /// The key stands for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The command was accepted and has failed, as it tells at every repeat.
    #[error("the order could not be completed")]
    Failed {
        /// Why.
        code: Code,
        /// The order it was about.
        order_id: String,
        /// What the payment's provider says, when it declined; empty otherwise.
        decline_code: String,
    },
    /// A request lacks what every caller of ours gives.
    #[error("the request lacks its {0}")]
    Incomplete(&'static str),
    /// A neighbour refused, or could not be reached.
    #[error("flights: {detail}")]
    Neighbour {
        /// What it says.
        code: Code,
        /// What the caller may read of it.
        detail: String,
        /// What it names.
        facts: HashMap<String, String>,
    },
    /// The store failed.
    #[error("the order could not be kept")]
    Store(#[from] store::Error),
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::Store(error.into())
    }
}
