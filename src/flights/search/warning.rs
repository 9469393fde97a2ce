//! Why a search found less than was asked for, in words for programs and for people.
//!
//! Nothing here is an error: the search was understood, and answered.

use super::super::query::Query;
use super::super::times;
use crate::rpc::flights::v1 as rpc;

/// Why there is less than was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The date has passed where the slice starts.
    PastDate(usize),
    /// No airport or city with flights has the code.
    UnknownPlace(usize),
    /// Both ends are the same place.
    SamePlace(usize),
    /// The date is further ahead than flights are on sale.
    TooFarAhead(usize),
    /// A slice departs before the one before it.
    SlicesOutOfOrder(usize),
    /// There are more infants than adults whose lap they could sit on.
    PassengersNotAllowed,
    /// Nothing flies, or nothing has seats.
    NoFlights(usize),
    /// No fare is filed under the account code, or none that the account may use.
    UnknownAccountCode(usize),
}

impl Warning {
    /// As the contract tells it.
    pub fn explain(self, query: &Query) -> rpc::Warning {
        let slice = |n: usize| &query.slices[n];
        let (code, detail, n) = match self {
            Self::PastDate(n) => (
                "past_date",
                format!("{} is in the past", times::day_text(slice(n).day)),
                Some(n),
            ),
            Self::TooFarAhead(n) => (
                "too_far_ahead",
                format!(
                    "flights on {} are not on sale yet",
                    times::day_text(slice(n).day)
                ),
                Some(n),
            ),
            Self::UnknownPlace(n) => (
                "unknown_place",
                format!(
                    "{} or {} is no airport or city with flights",
                    slice(n).origin(),
                    slice(n).destination()
                ),
                Some(n),
            ),
            Self::SamePlace(n) => (
                "same_place",
                format!(
                    "{} and {} are the same place",
                    slice(n).origin(),
                    slice(n).destination()
                ),
                Some(n),
            ),
            Self::SlicesOutOfOrder(n) => (
                "slices_out_of_order",
                "the slice departs before the one before it".to_owned(),
                Some(n),
            ),
            Self::PassengersNotAllowed => (
                "passengers_not_allowed",
                "there are more infants on a lap than adults".to_owned(),
                None,
            ),
            Self::NoFlights(n) => (
                "no_flights",
                format!(
                    "no flights with seats from {} to {} on {}",
                    slice(n).origin(),
                    slice(n).destination(),
                    times::day_text(slice(n).day)
                ),
                Some(n),
            ),
            Self::UnknownAccountCode(n) => (
                "unknown_account_code",
                format!(
                    "no fare that you may use is filed under {}",
                    query.account_codes[n]
                ),
                None,
            ),
        };
        rpc::Warning {
            code: code.to_owned(),
            detail,
            slice: n.and_then(|n| u32::try_from(n).ok()),
        }
    }
}
