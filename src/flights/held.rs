//! Prices what is held: seats without names become an offer to the account that holds them.
//!
//! The hold says which flights and classes; which of them are one slice, and which fare brand it is, follows from them. The
//! offer has a nonce of the hold's own, so that a hold is sold once however often it is priced.

use std::sync::PoisonError;

use super::classes::{self, Brand, ClassIndex};
use super::itinerary::{Itinerary, Leg};
use super::offer::LIFETIME_US;
use super::price::Sold;
use super::query::{Query, SLICES_MAX};
use super::service::Known;
use super::token::{self, Origin};
use super::{Error, FlightsService, equipment, search, times};
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1 as rpc;
use crate::rpc::flights::v1::HoldState;

/// A flight that is held: a class and so many seats of it.
struct Held {
    leg: Leg,
    class: ClassIndex,
    seats: u32,
}

impl FlightsService {
    /// What the seats of a hold cost now.
    ///
    /// # Errors
    /// The hold does not exist for the caller, or is over; its flights are no journey, or one is cancelled; the passengers need
    /// more or fewer seats.
    pub(super) async fn price_held(
        &self,
        context: &Context,
        request: &rpc::PriceHoldRequest,
    ) -> Result<rpc::Offer, Error> {
        let hold = self.state.get(context, &request.hold_id).await?;
        match hold.state() {
            HoldState::Active if context.now_us < hold.expires_at_us => {}
            HoldState::Active | HoldState::Expired => return Err(Error::HoldExpired),
            HoldState::Consumed
            | HoldState::Released
            | HoldState::Returned
            | HoldState::Unspecified => return Err(Error::HoldState),
        }
        let held = self.held(context, &hold)?;
        let slices = self.slices(&held).ok_or(Error::NoJourney)?;
        let query = self.query(&slices, request)?;
        let seats = u32::from(query.seats());
        if !query.laps_suffice() || held.iter().any(|held| held.seats != seats) {
            return Err(Error::PassengersMismatch);
        }
        let brands = held.iter().map(|held| classes::brand_of(held.class));
        let known = Known {
            request: token::Request {
                query,
                created_us: context.now_us,
                nonce: token::digest16(format!("{}/{}", context.world, hold.id).as_bytes()),
            },
            // The strictest conditions of all its classes.
            brand: brands.min().unwrap_or(Brand::Basic),
            slices,
            origin: Origin::Hold,
            priced_us: context.now_us,
            expires_us: hold
                .expires_at_us
                .min(context.now_us.saturating_add(LIFETIME_US)),
            bound: false,
            grant: None,
            told: None,
        };
        if self.cancelled(context, &known) {
            return Err(Error::SeatsUnavailable);
        }
        // The offer is for whoever holds the seats, even when the platform asks.
        let owner = Context {
            account_id: hold.account_id,
            ..context.clone()
        };
        let offer = self.render(&owner, &known)?;
        Ok(rpc::Offer {
            id: self.sign(&owner, &known, &offer),
            ..offer
        })
    }

    /// The flights of a hold in the order in which they leave, each once.
    fn held(&self, context: &Context, hold: &rpc::Hold) -> Result<Vec<Held>, Error> {
        let shared = self.state.overlay(&context.world);
        let overlay = shared.read().unwrap_or_else(PoisonError::into_inner);
        let mut all = Vec::<Held>::with_capacity(hold.items.len());
        for item in &hold.items {
            let (_, leg) = self.state.given(item.flight.clone())?;
            let leg = overlay.timed(leg);
            let class = classes::by_letter(&item.booking_class).ok_or(Error::NotFound)?;
            match all.iter_mut().find(|held| held.leg == leg) {
                // All passengers of an order travel in one class.
                Some(held) if held.class != class => return Err(Error::NoJourney),
                Some(held) => held.seats += item.seats,
                None => all.push(Held {
                    leg,
                    class,
                    seats: item.seats,
                }),
            }
        }
        all.sort_by_key(|held| held.leg.departs);
        Ok(all)
    }

    /// Flights that connect are one slice; `None` when someone cannot take them one after the other.
    fn slices(&self, held: &[Held]) -> Option<Vec<Sold>> {
        let mut slices = Vec::<Sold>::new();
        for held in held {
            let connection = slices.last_mut().filter(|last| {
                !last.itinerary.connects()
                    && search::goes_on(&self.world, last.itinerary.first(), &held.leg)
            });
            match connection {
                Some(last) => {
                    last.itinerary = Itinerary::connecting(*last.itinerary.first(), held.leg);
                    last.classes[1] = held.class;
                }
                None => slices.push(Sold {
                    itinerary: Itinerary::direct(held.leg),
                    classes: [held.class, 0],
                }),
            }
        }
        let journey = slices.len() <= SLICES_MAX && search::flyable(&self.world, &slices);
        journey.then_some(slices)
    }

    /// The search that would have found the slices.
    fn query(&self, slices: &[Sold], request: &rpc::PriceHoldRequest) -> Result<Query, Error> {
        let code = |airport| self.world.airport(airport).code.to_owned();
        let cabin = slices
            .first()
            .map_or(0, |sold| classes::cabin_of(sold.classes[0]));
        Query::read(&rpc::CreateOfferRequestRequest {
            slices: slices
                .iter()
                .map(|sold| rpc::SliceQuery {
                    origin: code(sold.itinerary.origin(&self.world)),
                    destination: code(sold.itinerary.destination(&self.world)),
                    departure_date: times::day_text(sold.itinerary.first().day),
                })
                .collect(),
            passengers: request.passengers.clone(),
            cabin: equipment::cabin(cabin).into(),
            max_connections: 1,
            ..rpc::CreateOfferRequestRequest::default()
        })
    }
}
