//! What is searched for, read from the contract's messages: slices, passengers, cabin, connections.
//!
//! Checks form only. A place that does not exist or a date that has passed is no mistake of form: the search answers it with
//! a warning.

use super::times::{self, Day};
use super::{Error, equipment};
use crate::rpc::flights::v1 as rpc;

/// Most slices of a journey.
pub const SLICES_MAX: usize = 6;
/// Most passengers of an order.
pub const PASSENGERS_MAX: usize = 9;
/// Passengers younger than this sit on a lap, unless they are said to have a seat.
const CHILD_FROM: u32 = 2;
const ADULT_FROM: u32 = 12;
/// Most account codes of a search, and most characters of one.
pub const CODES_MAX: usize = 10;
pub const CODE_LEN_MAX: usize = 20;

/// From one place to another on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    origin: [u8; 3],
    destination: [u8; 3],
    /// Local date at the origin.
    pub day: Day,
}

impl Slice {
    /// From codes of three ASCII capitals or digits.
    pub fn new(origin: [u8; 3], destination: [u8; 3], day: Day) -> Option<Self> {
        let plain = |code: [u8; 3]| {
            code.iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        (plain(origin) && plain(destination)).then_some(Self {
            origin,
            destination,
            day,
        })
    }

    /// IATA code of an airport or metropolitan area.
    pub fn origin(&self) -> &str {
        std::str::from_utf8(&self.origin).expect("codes are ASCII")
    }

    /// IATA code of an airport or metropolitan area.
    pub fn destination(&self) -> &str {
        std::str::from_utf8(&self.destination).expect("codes are ASCII")
    }
}

/// Who travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passenger {
    /// Never unspecified.
    pub ptc: rpc::Ptc,
    /// In years, when it was given.
    pub age: Option<u8>,
}

impl Passenger {
    /// Whether the passenger needs a seat.
    pub fn seated(&self) -> bool {
        self.ptc != rpc::Ptc::Inf
    }
}

/// A search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// One to six.
    pub slices: Vec<Slice>,
    /// One to nine.
    pub passengers: Vec<Passenger>,
    /// Never unspecified.
    pub cabin: rpc::Cabin,
    /// Connections allowed in a slice: 0 or 1.
    pub max_connections: u8,
    /// Codes under which negotiated fares are looked for, each once.
    pub account_codes: Vec<String>,
}

impl Query {
    /// Reads a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it breaks the form that the contract gives.
    pub fn read(request: &rpc::CreateOfferRequestRequest) -> Result<Self, Error> {
        let invalid = |what: &'static str| Error::Invalid(what);
        if !(1..=SLICES_MAX).contains(&request.slices.len()) {
            return Err(invalid("a search has one to six slices"));
        }
        if !(1..=PASSENGERS_MAX).contains(&request.passengers.len()) {
            return Err(invalid("a search has one to nine passengers"));
        }
        let slices = request
            .slices
            .iter()
            .map(|slice| {
                let code = |text: &str| <[u8; 3]>::try_from(text.as_bytes()).ok();
                let day = times::parse_day(&slice.departure_date)
                    .ok_or(invalid("a departure date is not a date"))?;
                code(&slice.origin)
                    .zip(code(&slice.destination))
                    .and_then(|(origin, destination)| Slice::new(origin, destination, day))
                    .ok_or(invalid("a place is not an IATA code"))
            })
            .collect::<Result<_, _>>()?;
        let passengers = request
            .passengers
            .iter()
            .map(passenger)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            slices,
            passengers,
            cabin: match request.cabin() {
                rpc::Cabin::Unspecified => rpc::Cabin::Economy,
                cabin => cabin,
            },
            max_connections: u8::from(request.max_connections > 0),
            account_codes: account_codes(&request.account_codes)?,
        })
    }

    /// A search for the non-stop flights of a day, whoever travels.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a place is no IATA code, or the date is none.
    pub fn of_flights(origin: &str, destination: &str, date: &str) -> Result<Self, Error> {
        Self::read(&rpc::CreateOfferRequestRequest {
            slices: vec![rpc::SliceQuery {
                origin: origin.to_owned(),
                destination: destination.to_owned(),
                departure_date: date.to_owned(),
            }],
            passengers: vec![rpc::PassengerQuery {
                ptc: rpc::Ptc::Adt.into(),
                age: None,
            }],
            ..rpc::CreateOfferRequestRequest::default()
        })
    }

    /// The place of its cabin in tables by cabin.
    pub fn cabin_index(&self) -> usize {
        equipment::cabin_index(self.cabin)
    }

    /// Seats that its passengers need on each flight.
    pub fn seats(&self) -> u16 {
        let seated = self
            .passengers
            .iter()
            .filter(|passenger| passenger.seated())
            .count();
        u16::try_from(seated).expect("passengers are few")
    }

    /// Whether each infant has a lap to sit on.
    pub fn laps_suffice(&self) -> bool {
        let count = |ptc| {
            self.passengers
                .iter()
                .filter(|passenger| passenger.ptc == ptc)
                .count()
        };
        count(rpc::Ptc::Inf) <= count(rpc::Ptc::Adt)
    }
}

/// Whether a text is the code of an account: capitals and digits.
pub fn is_account_code(text: &str) -> bool {
    (1..=CODE_LEN_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn account_codes(given: &[String]) -> Result<Vec<String>, Error> {
    if given.len() > CODES_MAX || !given.iter().all(|code| is_account_code(code)) {
        return Err(Error::Invalid(
            "a search has up to ten account codes of capitals and digits",
        ));
    }
    let mut codes = Vec::with_capacity(given.len());
    for code in given {
        if !codes.contains(code) {
            codes.push(code.clone());
        }
    }
    Ok(codes)
}

fn passenger(query: &rpc::PassengerQuery) -> Result<Passenger, Error> {
    let ptc = match (query.ptc(), query.age) {
        (rpc::Ptc::Unspecified, None) => {
            return Err(Error::Invalid("a passenger needs a type or an age"));
        }
        (rpc::Ptc::Unspecified, Some(age)) if age < CHILD_FROM => rpc::Ptc::Inf,
        (rpc::Ptc::Unspecified, Some(age)) if age < ADULT_FROM => rpc::Ptc::Chd,
        (rpc::Ptc::Unspecified, Some(_)) => rpc::Ptc::Adt,
        (given, _) => given,
    };
    let age = query
        .age
        .map(|age| u8::try_from(age).ok().filter(|&age| age < u8::MAX));
    match age {
        Some(None) => Err(Error::Invalid("an age is too high")),
        age => Ok(Passenger {
            ptc,
            age: age.flatten(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_tell_the_kind_of_passenger() {
        for (age, ptc) in [
            (0, rpc::Ptc::Inf),
            (1, rpc::Ptc::Inf),
            (2, rpc::Ptc::Chd),
            (11, rpc::Ptc::Chd),
            (12, rpc::Ptc::Adt),
        ] {
            let read = passenger(&rpc::PassengerQuery {
                ptc: 0,
                age: Some(age),
            })
            .expect("well-formed");
            assert_eq!(read.ptc, ptc, "{age}");
        }
        let seated = rpc::PassengerQuery {
            ptc: rpc::Ptc::Ins.into(),
            age: Some(1),
        };
        assert!(passenger(&seated).expect("well-formed").seated());
        assert!(passenger(&rpc::PassengerQuery { ptc: 0, age: None }).is_err());
        assert!(
            passenger(&rpc::PassengerQuery {
                ptc: 1,
                age: Some(255)
            })
            .is_err()
        );
    }
}
