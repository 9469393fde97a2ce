//! The service as its neighbours see it: through its contracts, over a real database.

mod equipment;
mod fares;
mod holds;
mod limits;
mod offers;
mod plan;
mod seats;
mod services;

use std::path::Path;
use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::{FlightsService, SigningKeys, World};
use crate::api::problem::Code;
use crate::kernel::chance::Chance;
use crate::kernel::clock::MINUTE_US;
use crate::platform::status;
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1 as rpc;
use crate::rpc::flights::v1::HoldState;
use crate::rpc::flights::v1::fares_server::Fares;
use crate::rpc::flights::v1::inventory_server::Inventory;
use crate::rpc::flights::v1::schedule_server::Schedule;
use crate::rpc::flights::v1::search_server::Search;

/// 2027-03-01T09:00:00Z
const NOW: i64 = 1_803_891_600_000_000;

async fn open(folder: &Path) -> FlightsService {
    let world = World::load_carriers(&["BA", "AA", "VS"]).expect("well-formed");
    let keys = SigningKeys::new((1, [1; 32]), &[]);
    let path = folder.join("flights.db");
    FlightsService::open(&path, Arc::new(world), keys, Chance::seeded(1))
        .await
        .expect("opens")
}

fn context(world: &str, account: &str, now_us: i64) -> Option<Context> {
    Some(Context {
        world: world.to_owned(),
        account_id: account.to_owned(),
        now_us,
        ..Context::default()
    })
}

fn here(now_us: i64) -> Option<Context> {
    context("wld_a", "acc_a", now_us)
}

/// What was answered, or the code of the refusal.
fn told<T>(answer: Result<Response<T>, Status>) -> Result<T, Code> {
    answer
        .map(Response::into_inner)
        .map_err(|status| status::code_of(&status))
}

fn asked(slices: &[(&str, &str, &str)], ptcs: &[rpc::Ptc]) -> rpc::CreateOfferRequestRequest {
    rpc::CreateOfferRequestRequest {
        account_codes: Vec::new(),
        context: here(NOW),
        slices: slices
            .iter()
            .map(|(origin, destination, date)| rpc::SliceQuery {
                origin: (*origin).to_owned(),
                destination: (*destination).to_owned(),
                departure_date: (*date).to_owned(),
            })
            .collect(),
        passengers: ptcs
            .iter()
            .map(|&ptc| rpc::PassengerQuery {
                ptc: ptc.into(),
                age: None,
            })
            .collect(),
        cabin: rpc::Cabin::Economy.into(),
        // The one-way search wants one flight, so that each seat is one item.
        max_connections: u32::from(slices.len() > 1),
        limit: 30,
    }
}

async fn find(
    service: &FlightsService,
    slices: &[(&str, &str, &str)],
    ptcs: &[rpc::Ptc],
) -> rpc::OfferRequest {
    let request = Request::new(asked(slices, ptcs));
    told(service.create_offer_request(request).await).expect("found")
}

async fn one_way(service: &FlightsService) -> rpc::OfferRequest {
    find(service, &[("LHR", "JFK", "2027-03-15")], &[rpc::Ptc::Adt]).await
}

async fn read(
    service: &FlightsService,
    context: Option<Context>,
    id: &str,
) -> Result<rpc::Offer, Code> {
    let request = rpc::GetOfferRequest {
        context,
        offer_id: id.to_owned(),
        services: Vec::new(),
    };
    told(service.get_offer(Request::new(request)).await)
}

async fn price(
    service: &FlightsService,
    context: Option<Context>,
    id: &str,
) -> Result<rpc::Offer, Code> {
    let request = rpc::PriceOfferRequest {
        context,
        offer_id: id.to_owned(),
        services: Vec::new(),
    };
    told(service.price_offer(Request::new(request)).await)
}

/// A hold as an offer to so many adults.
async fn price_hold(
    service: &FlightsService,
    context: Option<Context>,
    id: &str,
    adults: usize,
) -> Result<rpc::Offer, Code> {
    let adult = rpc::PassengerQuery {
        ptc: rpc::Ptc::Adt.into(),
        age: None,
    };
    let request = rpc::PriceHoldRequest {
        context,
        hold_id: id.to_owned(),
        passengers: vec![adult; adults],
    };
    told(service.price_hold(Request::new(request)).await)
}

/// What an offer needs of its flights, `seats` each.
fn items(offer: &rpc::Offer, seats: u32) -> Vec<rpc::HoldItem> {
    let segments = offer.slices.iter().flat_map(|slice| &slice.segments);
    segments
        .map(|segment| {
            let (departure, arrival) = (segment.departure.clone(), segment.arrival.clone());
            let (departure, arrival) = (departure.expect("told"), arrival.expect("told"));
            rpc::HoldItem {
                flight: Some(rpc::FlightDate {
                    carrier: segment.carrier.clone(),
                    number: segment.number,
                    date: departure.local[..10].to_owned(),
                    origin: departure.airport,
                    destination: arrival.airport,
                }),
                booking_class: segment.booking_class.clone(),
                seats,
            }
        })
        .collect()
}

async fn hold(
    service: &FlightsService,
    context: Option<Context>,
    id: &str,
    items: Vec<rpc::HoldItem>,
) -> Result<HoldState, Code> {
    hold_until(service, context, id, items, NOW + 20 * MINUTE_US).await
}

async fn hold_until(
    service: &FlightsService,
    context: Option<Context>,
    id: &str,
    items: Vec<rpc::HoldItem>,
    expires_at_us: i64,
) -> Result<HoldState, Code> {
    let request = rpc::HoldSeatsRequest {
        context,
        hold_id: id.to_owned(),
        items,
        expires_at_us,
        extend: false,
    };
    let held = told(service.hold_seats(Request::new(request)).await);
    held.map(|hold| hold.state())
}

/// `confirm`, `release`, `return` or `get`.
async fn end(
    service: &FlightsService,
    verb: &str,
    context: Option<Context>,
    id: &str,
) -> Result<HoldState, Code> {
    let hold_id = id.to_owned();
    let answer = match verb {
        "confirm" => {
            service
                .confirm_hold(Request::new(rpc::ConfirmHoldRequest { context, hold_id }))
                .await
        }
        "release" => {
            service
                .release_hold(Request::new(rpc::ReleaseHoldRequest {
                    context,
                    hold_id,
                    for_good: false,
                }))
                .await
        }
        "return" => {
            service
                .return_seats(Request::new(rpc::ReturnSeatsRequest { context, hold_id }))
                .await
        }
        _ => {
            service
                .get_hold(Request::new(rpc::GetHoldRequest { context, hold_id }))
                .await
        }
    };
    told(answer).map(|hold| hold.state())
}

/// What is for sale between two places on a date.
async fn available(
    service: &FlightsService,
    context: Option<Context>,
    (origin, destination, date): (&str, &str, &str),
    cabin: rpc::Cabin,
) -> Result<rpc::GetAvailabilityResponse, Code> {
    let request = rpc::GetAvailabilityRequest {
        context,
        origin: origin.to_owned(),
        destination: destination.to_owned(),
        date: date.to_owned(),
        cabin: cabin.into(),
    };
    told(service.get_availability(Request::new(request)).await)
}

/// Seats of a class that availability tells of; `None` when it does not tell of the flight.
async fn for_sale(
    service: &FlightsService,
    context: Option<Context>,
    flight: &rpc::FlightDate,
    class: &str,
) -> Option<u32> {
    let journey = (
        flight.origin.as_str(),
        flight.destination.as_str(),
        flight.date.as_str(),
    );
    let day = available(service, context, journey, rpc::Cabin::Unspecified);
    let mut flights = day.await.expect("a day").flights.into_iter();
    let same = |one: &rpc::FlightAvailability| {
        one.flight.as_ref().and_then(|one| one.flight.as_ref()) == Some(flight)
    };
    let classes = flights.find(same)?.classes;
    let class = classes.iter().find(|one| one.booking_class == class);
    Some(class.expect("a class of the flight").seats)
}

/// Limit, sold, held and available of the class of an item.
async fn class(service: &FlightsService, item: &rpc::HoldItem) -> rpc::BookingClass {
    let request = rpc::GetInventoryRequest {
        context: here(NOW),
        flight: item.flight.clone(),
    };
    let inventory = service
        .get_inventory(Request::new(request))
        .await
        .expect("known")
        .into_inner();
    let mut classes = inventory.cabins.into_iter().flat_map(|cabin| cabin.classes);
    classes
        .find(|class| class.booking_class == item.booking_class)
        .expect("known")
}
