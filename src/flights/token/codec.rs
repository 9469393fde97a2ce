//! The bytes of a token: fixed widths, big-endian, counts before lists. Reading refuses what writing cannot have made.
//!
//! Signing is not done here.

use super::super::classes::Brand;
use super::super::negotiated::ID_LEN_MAX;
use super::super::price;
use super::super::query::{
    CODE_LEN_MAX, CODES_MAX, PASSENGERS_MAX, Passenger, Query, SLICES_MAX, Slice,
};
use super::super::times::Day;
use super::{Grant, Leg, Origin, Request};
use crate::rpc::flights::v1::{Cabin, Ptc};

const NO_AGE: u8 = 255;

fn byte(count: usize) -> u8 {
    u8::try_from(count).expect("slices, legs and passengers are few")
}

pub fn put_request(bytes: &mut Vec<u8>, request: &Request) {
    let query = &request.query;
    bytes.extend(request.created_us.to_be_bytes());
    bytes.extend([
        byte(query.cabin_index()),
        query.max_connections,
        byte(query.slices.len()),
    ]);
    for slice in &query.slices {
        bytes.extend(slice.origin().as_bytes());
        bytes.extend(slice.destination().as_bytes());
        bytes.extend(slice.day.to_be_bytes());
    }
    bytes.push(byte(query.passengers.len()));
    for passenger in &query.passengers {
        bytes.extend([
            price::ptc_byte(passenger.ptc),
            passenger.age.unwrap_or(NO_AGE),
        ]);
    }
    bytes.extend(request.nonce);
}

pub fn put_choice(bytes: &mut Vec<u8>, brand: Brand, slices: &[Vec<Leg>]) {
    bytes.push(brand.byte());
    for legs in slices {
        bytes.push(byte(legs.len()));
        for leg in legs {
            bytes.extend(leg.carrier);
            bytes.extend(leg.number.to_be_bytes());
            bytes.extend(leg.origin);
            bytes.extend(leg.destination);
            bytes.extend(leg.day.to_be_bytes());
            bytes.push(leg.class);
        }
    }
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(byte(text.len()));
    bytes.extend(text.as_bytes());
}

pub fn put_codes(bytes: &mut Vec<u8>, codes: &[String]) {
    bytes.push(byte(codes.len()));
    for code in codes {
        put_text(bytes, code);
    }
}

pub fn put_grant(bytes: &mut Vec<u8>, grant: Option<&Grant>) {
    bytes.push(u8::from(grant.is_some()));
    if let Some(grant) = grant {
        put_text(bytes, &grant.fare_id);
        put_text(bytes, &grant.account_code);
        bytes.extend(grant.discount.to_be_bytes());
    }
}

pub fn origin_byte(origin: Origin) -> u8 {
    match origin {
        Origin::Search => 0,
        Origin::Seed => 1,
        Origin::Hold => 2,
    }
}

/// What is still to be read.
pub struct Reader<'a>(pub &'a [u8]);

impl Reader<'_> {
    pub fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    pub fn origin(&mut self) -> Option<Origin> {
        let origins = [Origin::Search, Origin::Seed, Origin::Hold];
        origins.get(usize::from(self.byte()?)).copied()
    }

    fn text(&mut self, most: usize) -> Option<String> {
        let length = self.count(most)?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    pub fn codes(&mut self) -> Option<Vec<String>> {
        let count = Some(usize::from(self.byte()?)).filter(|&count| count <= CODES_MAX)?;
        (0..count).map(|_| self.text(CODE_LEN_MAX)).collect()
    }

    /// `None` when it cannot be read, `Some(None)` when there is none.
    pub fn grant(&mut self) -> Option<Option<Grant>> {
        if self.byte()? == 0 {
            return Some(None);
        }
        Some(Some(Grant {
            fare_id: self.text(ID_LEN_MAX)?,
            account_code: self.text(CODE_LEN_MAX)?,
            discount: u16::from_be_bytes(self.take()?),
        }))
    }

    fn count(&mut self, most: usize) -> Option<usize> {
        self.byte()
            .map(usize::from)
            .filter(|count| (1..=most).contains(count))
    }

    pub fn request(&mut self) -> Option<Request> {
        let created_us = i64::from_be_bytes(self.take()?);
        let cabins = [
            Cabin::Economy,
            Cabin::PremiumEconomy,
            Cabin::Business,
            Cabin::First,
        ];
        let cabin = *cabins.get(usize::from(self.byte()?))?;
        let max_connections = self.byte()?;
        let slices = (0..self.count(SLICES_MAX)?)
            .map(|_| Slice::new(self.take()?, self.take()?, Day::from_be_bytes(self.take()?)))
            .collect::<Option<_>>()?;
        let ptcs = [Ptc::Adt, Ptc::Chd, Ptc::Inf, Ptc::Ins];
        let passengers = (0..self.count(PASSENGERS_MAX)?)
            .map(|_| {
                let ptc = *ptcs.get(usize::from(self.byte()?.checked_sub(1)?))?;
                Some(Passenger {
                    ptc,
                    age: Some(self.byte()?).filter(|&age| age != NO_AGE),
                })
            })
            .collect::<Option<_>>()?;
        let query = Query {
            slices,
            passengers,
            cabin,
            max_connections,
            account_codes: Vec::new(),
        };
        Some(Request {
            query,
            created_us,
            nonce: self.take()?,
        })
    }

    pub fn choice(&mut self, slices: usize) -> Option<(Brand, Vec<Vec<Leg>>)> {
        let brand = Brand::from_byte(self.byte()?)?;
        let slices = (0..slices)
            .map(|_| {
                (0..self.count(2)?)
                    .map(|_| {
                        Some(Leg {
                            carrier: self.take()?,
                            number: u16::from_be_bytes(self.take()?),
                            origin: self.take()?,
                            destination: self.take()?,
                            day: Day::from_be_bytes(self.take()?),
                            class: self.byte()?,
                        })
                    })
                    .collect()
            })
            .collect::<Option<_>>()?;
        Some((brand, slices))
    }
}
