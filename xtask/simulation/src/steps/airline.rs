//! The airline, and time: what is for sale, at first and later; what is due.

use fareway::kernel::clock::DAY_US;
use fareway::rpc::billing::v1::ReconcileRequest;
use fareway::rpc::billing::v1::payments_server::Payments;
use fareway::rpc::booking::v1 as booking;
use fareway::rpc::booking::v1::orders_server::Orders;
use fareway::rpc::common::v1::{Idempotency, Money};
use fareway::rpc::events::v1::envelope::Data;
use fareway::rpc::events::v1::{CreditChanged, Envelope};
use fareway::rpc::flights::v1::inventory_server::Inventory;
use fareway::rpc::flights::v1::schedule_server::Schedule;
use fareway::rpc::flights::v1::search_server::Search;
use fareway::rpc::flights::v1::{self as flights, Cabin, Offer, PassengerQuery, Ptc, SliceQuery};
use tonic::{Request, Response};

use super::JOURNEYS;
use crate::books::{self, name_of};
use crate::people::{ACCOUNTS, AGENCY, WORLD, context, items};
use crate::run::{Run, STARTS_AT_US};

/// Seats of the highest class of each flight, at first.
const SEATS: u32 = 14;
/// Types that fly, small and large.
const AIRCRAFT: [&str; 4] = ["ER4", "DH4", "320", "738"];
/// What the agency may owe, in minor units: a few tickets.
const CREDIT: i64 = 200_000;

impl Run {
    /// The scene at the start: flights with few seats, an agency with some credit.
    pub fn open(&mut self) {
        let event = self.credit(Money {
            amount: CREDIT,
            currency: self.currency(),
        });
        self.stage.broker.say(event.clone());
        self.settle();
        assert!(self.stage.deliver(&event), "billing takes what may be owed");
        self.stage.broker.acknowledged(&event.subject);
        let offers: Vec<Offer> = (0..JOURNEYS.len())
            .flat_map(|at| self.search(at, ACCOUNTS[0]))
            .collect();
        for item in offers.iter().flat_map(|offer| items(offer, 1)) {
            let flight = item.flight.unwrap_or_default();
            if !self.hot.contains(&flight) {
                self.hot.push(flight);
            }
        }
        for flight in self.hot.clone() {
            self.limit(&flight, SEATS);
        }
    }

    /// What identity says when the agency may owe so much from now on.
    fn credit(&mut self, limit: Money) -> Envelope {
        self.credit.push(limit.clone());
        let sequence = self.credit.len();
        Envelope {
            id: format!("evt_credit_{sequence}"),
            r#type: "credit.changed".to_owned(),
            subject: AGENCY.to_owned(),
            sequence: u64::try_from(sequence).unwrap_or(u64::MAX),
            world: WORLD.to_owned(),
            data: Some(Data::Credit(CreditChanged {
                account_id: AGENCY.to_owned(),
                limit: Some(limit),
            })),
            ..Envelope::default()
        }
    }

    /// The agency may owe a little more.
    pub(super) fn raise_credit(&mut self) {
        self.act("an agency's credit is raised");
        let by = 1 + i64::try_from(self.chance.below(10_000)).unwrap_or(0);
        let mut limit = self.credit.last().cloned().unwrap_or_default();
        limit.amount += by;
        self.note(format!("the agency may owe {}", limit.amount));
        let event = self.credit(limit);
        self.stage.broker.say(event);
    }

    /// The currency that offers are made in.
    fn currency(&self) -> String {
        let offer = self.search(0, AGENCY).into_iter().next();
        let total = offer
            .and_then(|offer| offer.price)
            .and_then(|price| price.total);
        total.map(|total| total.currency).unwrap_or_default()
    }

    /// What there is for somebody, and sometimes for somebody with another.
    pub(super) fn search(&self, journey: usize, account: &str) -> Vec<Offer> {
        let kinds: &[Ptc] = match self.chance.below(4) {
            0 => &[Ptc::Adt, Ptc::Inf],
            1 => &[Ptc::Adt, Ptc::Chd],
            2 => &[Ptc::Adt, Ptc::Adt],
            _ => &[Ptc::Adt],
        };
        self.search_for(journey, account, kinds)
    }

    pub(super) fn search_for(&self, journey: usize, account: &str, kinds: &[Ptc]) -> Vec<Offer> {
        let slices = JOURNEYS[journey]
            .iter()
            .map(|(origin, destination, date)| SliceQuery {
                origin: (*origin).to_owned(),
                destination: (*destination).to_owned(),
                departure_date: (*date).to_owned(),
            });
        let query = |ptc: &Ptc| PassengerQuery {
            ptc: (*ptc).into(),
            age: None,
        };
        let request = flights::CreateOfferRequestRequest {
            context: Some(context(account, self.now_us, "req_search")),
            slices: slices.collect(),
            passengers: kinds.iter().map(query).collect(),
            cabin: Cabin::Economy.into(),
            max_connections: 1,
            limit: 40,
            ..flights::CreateOfferRequestRequest::default()
        };
        let process = self.stage.flights();
        let found = process.run(process.service.create_offer_request(Request::new(request)));
        let mut offers = found
            .map(Response::into_inner)
            .map(|found| found.offers)
            .unwrap_or_default();
        // Connections by way of the scarce flights only.
        if !self.hot.is_empty() {
            offers.retain(|offer| {
                items(offer, 1).iter().any(|item| {
                    item.flight
                        .as_ref()
                        .is_some_and(|flight| self.hot.contains(flight))
                })
            });
        }
        offers
    }

    /// Sets limits of all classes of economy: so many seats at most, fewer the lower the class.
    fn limit(&mut self, flight: &flights::FlightDate, seats: u32) {
        let process = self.stage.flights();
        let asked = flights::GetInventoryRequest {
            context: Some(context("", self.now_us, "req_limits")),
            flight: Some(flight.clone()),
        };
        let Ok(inventory) = process.run(process.service.get_inventory(Request::new(asked))) else {
            return;
        };
        let inventory = inventory.into_inner();
        let Some(cabin) = inventory
            .cabins
            .iter()
            .find(|cabin| cabin.cabin == "economy")
        else {
            return;
        };
        let limits = cabin
            .classes
            .iter()
            .zip(0u32..)
            .map(|(class, at)| flights::ClassLimit {
                booking_class: class.booking_class.clone(),
                limit: seats.saturating_sub(at),
            });
        let request = flights::SetLimitsRequest {
            context: Some(context("", self.now_us, "req_limits")),
            flight: Some(flight.clone()),
            cabin: Cabin::Economy.into(),
            limits: limits.collect(),
            expected_version: 0,
        };
        let set = process
            .run(process.service.set_limits(Request::new(request)))
            .is_ok();
        self.note_lowered(flight);
        self.note(format!(
            "limits of {} from {seats} down: {set}",
            name_of(flight)
        ));
    }

    /// What was sold under the old limits stays sold.
    fn note_lowered(&mut self, flight: &flights::FlightDate) {
        let name = name_of(flight);
        if books::limits(&books::inventory(&self.stage), &Default::default())
            .iter()
            .any(|fault| fault.contains(&name))
        {
            self.lowered.insert(name.clone());
        } else {
            self.lowered.remove(&name);
        }
    }

    pub(super) fn pass_time_and_count(&mut self) {
        self.act("time passes");
        self.pass_time();
    }

    /// What somebody does every second; whether it changed anything.
    pub fn tick(&mut self) -> bool {
        self.act("what is due");
        let asked = || Some(context("", self.now_us, "req_tick"));
        let flights = self.stage.flights();
        let request = flights::RunDueRequest { context: asked() };
        let freed = flights.run(Inventory::run_due(&*flights.service, Request::new(request)));
        let booking = self.stage.booking();
        let request = booking::RunDueRequest { context: asked() };
        let ended = booking.run(Orders::run_due(&booking.service, Request::new(request)));
        let resumed = booking.run(booking.service.resume());
        let billing = self.stage.billing();
        let request = ReconcileRequest { context: asked() };
        let resolved = billing.run(billing.service.reconcile(Request::new(request)));
        for status in [
            freed.as_ref().err(),
            ended.as_ref().err(),
            resolved.as_ref().err(),
        ] {
            if let Some(status) = status.cloned() {
                self.refused(&status);
            }
        }
        let freed = freed.map_or(0, |freed| freed.into_inner().expired);
        let ended = ended.map_or(0, |ended| ended.into_inner().expired);
        let resolved = resolved.map_or(0, |resolved| resolved.into_inner().resolved);
        let resumed = resumed.unwrap_or(0);
        self.note(format!(
            "due: {freed} holds, {ended} orders, {resolved} payments"
        ));
        freed + ended + resolved > 0 || resumed > 0
    }

    /// The airline changes limits often, the times or the aircraft of a flight now and then, and cancels one hardly ever.
    pub(super) fn plan_changes(&mut self) {
        self.act("the airline changes its plan");
        let Some(at) = self.pick(self.hot.len()) else {
            return;
        };
        let flight = self.hot[at].clone();
        let key = format!("plan-{}", self.tally.steps);
        let idempotency = Some(Idempotency {
            fingerprint: key.clone().into_bytes(),
            key,
        });
        let asked = Some(context("", self.now_us, "req_plan"));
        let process = self.stage.flights();
        match self.chance.below(20) {
            0 if self.now_us - STARTS_AT_US > DAY_US && self.now_and_then(200) => {
                let request = flights::CancelFlightRequest {
                    context: asked,
                    flight: Some(flight.clone()),
                    idempotency,
                    ..flights::CancelFlightRequest::default()
                };
                let done = process
                    .run(process.service.cancel_flight(Request::new(request)))
                    .is_ok();
                self.note(format!("{} cancelled: {done}", name_of(&flight)));
            }
            1..3 => {
                let Some(at) = self.pick(AIRCRAFT.len()) else {
                    return;
                };
                let request = flights::ChangeEquipmentRequest {
                    context: asked,
                    flight: Some(flight.clone()),
                    idempotency,
                    equipment: AIRCRAFT[at].to_owned(),
                    ..flights::ChangeEquipmentRequest::default()
                };
                let done = process
                    .run(process.service.change_equipment(Request::new(request)))
                    .is_ok();
                self.note_lowered(&flight);
                self.note(format!(
                    "{} flown by {}: {done}",
                    name_of(&flight),
                    AIRCRAFT[at]
                ));
            }
            3..6 => {
                let shift = i32::try_from(self.chance.below(120)).unwrap_or(0) - 60;
                let request = flights::RetimeFlightRequest {
                    context: asked,
                    flight: Some(flight.clone()),
                    shift_minutes: shift,
                    idempotency,
                    ..flights::RetimeFlightRequest::default()
                };
                let done = process
                    .run(process.service.retime_flight(Request::new(request)))
                    .is_ok();
                self.note(format!(
                    "{} {shift} minutes later: {done}",
                    name_of(&flight)
                ));
            }
            _ => {
                let seats = SEATS - 6 + u32::try_from(self.chance.below(12)).unwrap_or(0);
                self.limit(&flight, seats);
            }
        }
    }
}
