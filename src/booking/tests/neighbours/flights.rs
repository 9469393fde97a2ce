//! Flights as booking calls it: holds in memory, offers that do not change, and a log of changes to the plan.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::Barrier;
use tonic::{Request, Response, Status};

use crate::api::problem::Code;
use crate::booking::tests::samples;
use crate::platform::status::refuse;
use crate::rpc::flights::v1::inventory_server::Inventory;
use crate::rpc::flights::v1::schedule_server::Schedule;
use crate::rpc::flights::v1::search_server::Search;
use crate::rpc::flights::v1::*;

type Answer<T> = Result<Response<T>, Status>;

/// Never cut off.
pub const NEVER: i64 = i64::MAX;

/// Where a call is cut off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cut {
    /// Nothing happened.
    Before,
    /// It happened, and the answer was lost.
    After,
}

pub struct Flights {
    pub holds: Mutex<BTreeMap<String, Hold>>,
    /// Seats that can still be held.
    pub seats: AtomicI64,
    /// Calls about seats until flights is away.
    pub calls_left: AtomicI64,
    pub cut: Mutex<Cut>,
    pub offers: Mutex<BTreeMap<String, Offer>>,
    /// What was changed of the plan.
    pub changes: Mutex<Vec<FlightChange>>,
    /// Whether the held flights are cancelled, so that no seat of them is sold.
    pub grounded: AtomicBool,
    /// Those who ask together what a hold costs: one is answered, the others once its order has taken the seats.
    pub crowd: Mutex<Option<Arc<Barrier>>>,
}

impl Flights {
    pub fn new(seats: i64) -> Arc<Self> {
        let mut offers = BTreeMap::new();
        for number in 1..=9_u8 {
            let id = format!("off_{number}");
            offers.insert(
                id.clone(),
                Offer {
                    id,
                    nonce: vec![number; 16],
                    ..samples::offer()
                },
            );
        }
        Arc::new(Self {
            holds: Mutex::default(),
            seats: AtomicI64::new(seats),
            calls_left: AtomicI64::new(NEVER),
            cut: Mutex::new(Cut::Before),
            offers: Mutex::new(offers),
            changes: Mutex::default(),
            grounded: AtomicBool::new(false),
            crowd: Mutex::default(),
        })
    }

    /// How many holds are in this state.
    pub fn count(&self, state: HoldState) -> usize {
        self.holds
            .lock()
            .expect("no panic")
            .values()
            .filter(|hold| hold.state() == state)
            .count()
    }

    /// A hold as it stands.
    pub fn hold(&self, id: &str) -> Hold {
        self.holds.lock().expect("no panic")[id].clone()
    }

    /// Holds the seat of the sample offer for an account, as it would do itself.
    pub fn hold_for(&self, account_id: &str, id: &str, expires_at_us: i64) {
        let offer = samples::offer();
        let segments = offer.slices.iter().flat_map(|slice| &slice.segments);
        let items = segments.map(|segment| HoldItem {
            flight: Some(crate::booking::schedule::flight_of(segment)),
            booking_class: segment.booking_class.clone(),
            seats: 1,
        });
        let hold = Hold {
            id: id.to_owned(),
            state: HoldState::Active.into(),
            // In an order of their own: it is the account that named them.
            items: items.rev().collect(),
            expires_at_us,
            account_id: account_id.to_owned(),
            ..Hold::default()
        };
        self.seats.fetch_sub(1, Ordering::SeqCst);
        self.holds
            .lock()
            .expect("no panic")
            .insert(hold.id.clone(), hold);
    }

    /// Ends a hold as its time does.
    pub fn expire(&self, id: &str) {
        let mut holds = self.holds.lock().expect("no panic");
        holds
            .get_mut(id)
            .expect("held")
            .set_state(HoldState::Expired);
    }

    /// Notes a change of a flight that leaves on this day.
    pub fn change(&self, number: u32, after: FlightStatus, shift_us: i64) {
        let mut changes = self.changes.lock().expect("no panic");
        let position = u64::try_from(changes.len()).expect("few") + 1;
        changes.push(samples::change(position, number, after, shift_us));
    }

    /// Calls from here on find nobody.
    pub fn cut_after(&self, calls: i64, cut: Cut) {
        *self.cut.lock().expect("no panic") = cut;
        self.calls_left.store(calls, Ordering::SeqCst);
    }

    /// Cuts a call off before or after its effect when it is its turn.
    fn call<T>(&self, effect: impl FnOnce() -> Result<T, Status>) -> Answer<T> {
        let left = self.calls_left.load(Ordering::SeqCst);
        if left != NEVER {
            self.calls_left.store(left - 1, Ordering::SeqCst);
        }
        let away = || Status::unavailable("the line is cut");
        let cut = *self.cut.lock().expect("no panic");
        if left < 0 || (left == 0 && cut == Cut::Before) {
            return Err(away());
        }
        let answer = effect()?;
        if left == 0 {
            return Err(away());
        }
        Ok(Response::new(answer))
    }

    /// Moves a hold on; what is over stays over, and a repeat finds it done.
    fn turn(&self, id: &str, from: HoldState, to: HoldState) -> Answer<Hold> {
        self.call(|| {
            let mut holds = self.holds.lock().expect("no panic");
            let hold = holds
                .get_mut(id)
                .ok_or_else(|| refuse(Code::NotFound, "no such hold"))?;
            if hold.state() == from {
                if to == HoldState::Consumed && self.grounded.load(Ordering::SeqCst) {
                    return Err(refuse(Code::SeatsUnavailable, "cancelled"));
                }
                hold.set_state(to);
                if to != HoldState::Consumed {
                    self.seats.fetch_add(wanted(&hold.items), Ordering::SeqCst);
                }
            }
            Ok(hold.clone())
        })
    }
}

fn wanted(items: &[HoldItem]) -> i64 {
    let seats = items.iter().map(|item| i64::from(item.seats));
    seats.max().unwrap_or(0)
}

fn account(context: &Option<crate::rpc::common::v1::Context>) -> String {
    context.clone().unwrap_or_default().account_id
}

#[tonic::async_trait]
impl Inventory for Flights {
    async fn hold_seats(&self, request: Request<HoldSeatsRequest>) -> Answer<Hold> {
        let request = request.into_inner();
        self.call(|| {
            let mut holds = self.holds.lock().expect("no panic");
            if let Some(hold) = holds.get_mut(&request.hold_id) {
                let same = hold.account_id == account(&request.context);
                if !same || hold.items != request.items {
                    return Err(refuse(Code::IdempotencyKeyReused, "another hold"));
                }
                if hold.state() == HoldState::Active {
                    hold.expires_at_us = hold.expires_at_us.max(request.expires_at_us);
                }
                return Ok(hold.clone());
            }
            if self.seats.load(Ordering::SeqCst) < wanted(&request.items) {
                return Err(refuse(Code::SeatsUnavailable, "sold out"));
            }
            self.seats
                .fetch_sub(wanted(&request.items), Ordering::SeqCst);
            let hold = Hold {
                id: request.hold_id.clone(),
                state: HoldState::Active.into(),
                account_id: account(&request.context),
                items: request.items,
                expires_at_us: request.expires_at_us,
                ..Hold::default()
            };
            holds.insert(request.hold_id, hold.clone());
            Ok(hold)
        })
    }

    async fn get_hold(&self, request: Request<GetHoldRequest>) -> Answer<Hold> {
        let request = request.into_inner();
        self.call(|| {
            let holds = self.holds.lock().expect("no panic");
            let own = |hold: &&Hold| hold.account_id == account(&request.context);
            let hold = holds.get(&request.hold_id).filter(own).cloned();
            hold.ok_or_else(|| refuse(Code::NotFound, "no such hold"))
        })
    }

    async fn confirm_hold(&self, request: Request<ConfirmHoldRequest>) -> Answer<Hold> {
        self.turn(
            &request.into_inner().hold_id,
            HoldState::Active,
            HoldState::Consumed,
        )
    }

    async fn release_hold(&self, request: Request<ReleaseHoldRequest>) -> Answer<Hold> {
        self.turn(
            &request.into_inner().hold_id,
            HoldState::Active,
            HoldState::Released,
        )
    }

    async fn return_seats(&self, request: Request<ReturnSeatsRequest>) -> Answer<Hold> {
        self.turn(
            &request.into_inner().hold_id,
            HoldState::Consumed,
            HoldState::Returned,
        )
    }

    async fn get_inventory(&self, _: Request<GetInventoryRequest>) -> Answer<FlightInventory> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn list_inventory(
        &self,
        _: Request<ListInventoryRequest>,
    ) -> Answer<ListInventoryResponse> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn run_due(&self, _: Request<RunDueRequest>) -> Answer<RunDueResponse> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn get_availability(
        &self,
        _: Request<GetAvailabilityRequest>,
    ) -> Answer<GetAvailabilityResponse> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn set_limits(&self, _: Request<SetLimitsRequest>) -> Answer<FlightInventory> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn explain_availability(
        &self,
        _: Request<ExplainAvailabilityRequest>,
    ) -> Answer<Explanation> {
        Err(Status::unimplemented("not booking's"))
    }
}

#[tonic::async_trait]
impl Search for Flights {
    async fn list_places(&self, _: Request<ListPlacesRequest>) -> Answer<ListPlacesResponse> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn list_airlines(&self, _: Request<ListAirlinesRequest>) -> Answer<ListAirlinesResponse> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn create_offer_request(
        &self,
        _: Request<CreateOfferRequestRequest>,
    ) -> Answer<OfferRequest> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn get_offer_request(&self, _: Request<GetOfferRequestRequest>) -> Answer<OfferRequest> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn get_offer(&self, request: Request<GetOfferRequest>) -> Answer<Offer> {
        if self.calls_left.load(Ordering::SeqCst) < 0 {
            return Err(Status::unavailable("the line is cut"));
        }
        let offers = self.offers.lock().expect("no panic");
        let offer = offers.get(&request.into_inner().offer_id).cloned();
        offer
            .map(Response::new)
            .ok_or_else(|| refuse(Code::NotFound, "no such offer"))
    }

    async fn price_offer(&self, _: Request<PriceOfferRequest>) -> Answer<Offer> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn price_hold(&self, request: Request<PriceHoldRequest>) -> Answer<Offer> {
        let request = request.into_inner();
        let crowd = self.crowd.lock().expect("no panic").clone();
        if let Some(crowd) = crowd
            && !crowd.wait().await.is_leader()
        {
            while self.hold(&request.hold_id).state() == HoldState::Active {
                tokio::task::yield_now().await;
            }
        }
        let holds = self.holds.lock().expect("no panic");
        let own = |hold: &&Hold| hold.account_id == account(&request.context);
        let hold = holds.get(&request.hold_id).filter(own);
        let hold = hold.ok_or_else(|| refuse(Code::NotFound, "no such hold"))?;
        if hold.state() != HoldState::Active {
            return Err(refuse(Code::HoldExpired, "the hold is over"));
        }
        let seated = request.passengers.iter().filter(|p| p.ptc() != Ptc::Inf);
        if i64::try_from(seated.count()).expect("few") != wanted(&hold.items) {
            return Err(refuse(Code::PassengersMismatch, "other seats are held"));
        }
        let passengers = (1..).zip(&request.passengers).map(|(n, asked)| Passenger {
            id: format!("pas_{n}"),
            ptc: asked.ptc,
            age: None,
        });
        Ok(Response::new(Offer {
            id: format!("off_of_{}", hold.id),
            nonce: hold.id.as_bytes().to_vec(),
            passengers: passengers.collect(),
            ..samples::offer()
        }))
    }
}

#[tonic::async_trait]
impl Schedule for Flights {
    async fn list_changes(
        &self,
        request: Request<ListChangesRequest>,
    ) -> Answer<ListChangesResponse> {
        let after = request.into_inner().after;
        // One at a time, so that the reader has to come again.
        let changes = self.changes.lock().expect("no panic");
        let mut later = changes.iter().filter(|change| change.position > after);
        let next = later.next().cloned();
        Ok(Response::new(ListChangesResponse {
            changes: next.into_iter().collect(),
            more: later.next().is_some(),
        }))
    }

    async fn list_flights(&self, _: Request<ListFlightsRequest>) -> Answer<ListFlightsResponse> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn get_flight(&self, _: Request<GetFlightRequest>) -> Answer<Flight> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn cancel_flight(&self, _: Request<CancelFlightRequest>) -> Answer<Flight> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn retime_flight(&self, _: Request<RetimeFlightRequest>) -> Answer<Flight> {
        Err(Status::unimplemented("not booking's"))
    }

    async fn change_equipment(&self, _: Request<ChangeEquipmentRequest>) -> Answer<Flight> {
        Err(Status::unimplemented("not booking's"))
    }
}
