//! Neighbours of booking for its own tests: a flights that keeps holds in memory and can be cut off before or after it had its
//! effect, and a billing that answers each request as the payment method says. Nothing a user runs.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use tonic::{Request, Response, Status};

use super::samples;
use crate::api::problem::Code;
use crate::platform::bus::Bus;
use crate::platform::status::refuse;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{Envelope, PaymentAnswered, RefundAnswered};
use crate::rpc::flights::v1::inventory_server::Inventory;
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
    pub holds: Mutex<BTreeMap<String, (HoldState, i64)>>,
    /// Seats that can still be held.
    pub seats: AtomicI64,
    /// Calls about seats until flights is away.
    pub calls_left: AtomicI64,
    pub cut: Mutex<Cut>,
    pub offers: Mutex<BTreeMap<String, Offer>>,
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
        })
    }

    /// How many holds are in this state.
    pub fn count(&self, state: HoldState) -> usize {
        self.holds
            .lock()
            .expect("no panic")
            .values()
            .filter(|(known, _)| *known == state)
            .count()
    }

    /// Calls from here on find nobody.
    pub fn cut_after(&self, calls: i64, cut: Cut) {
        *self.cut.lock().expect("no panic") = cut;
        self.calls_left.store(calls, Ordering::SeqCst);
    }

    fn call(
        &self,
        id: &str,
        effect: impl FnOnce(&Self) -> Result<HoldState, Status>,
    ) -> Answer<Hold> {
        let left = self.calls_left.load(Ordering::SeqCst);
        if left != NEVER {
            self.calls_left.store(left - 1, Ordering::SeqCst);
        }
        let away = || Status::unavailable("the line is cut");
        let cut = *self.cut.lock().expect("no panic");
        if left < 0 || (left == 0 && cut == Cut::Before) {
            return Err(away());
        }
        let state = effect(self)?;
        if left == 0 {
            return Err(away());
        }
        Ok(Response::new(Hold {
            id: id.to_owned(),
            state: state.into(),
            ..Hold::default()
        }))
    }

    /// Moves a hold on; what is over stays over, and a repeat finds it done.
    fn turn(&self, id: &str, from: HoldState, to: HoldState) -> Answer<Hold> {
        self.call(id, |flights| {
            let mut holds = flights.holds.lock().expect("no panic");
            let (state, seats) = holds
                .get_mut(id)
                .ok_or_else(|| refuse(Code::NotFound, "no such hold"))?;
            if *state == from {
                *state = to;
                if to != HoldState::Consumed {
                    flights.seats.fetch_add(*seats, Ordering::SeqCst);
                }
            }
            Ok(*state)
        })
    }
}

#[tonic::async_trait]
impl Inventory for Flights {
    async fn hold_seats(&self, request: Request<HoldSeatsRequest>) -> Answer<Hold> {
        let request = request.into_inner();
        self.call(&request.hold_id, |flights| {
            let mut holds = flights.holds.lock().expect("no panic");
            if let Some((state, _)) = holds.get(&request.hold_id) {
                return Ok(*state);
            }
            let wanted = request
                .items
                .iter()
                .map(|item| i64::from(item.seats))
                .max()
                .unwrap_or(0);
            if flights.seats.load(Ordering::SeqCst) < wanted {
                return Err(refuse(Code::SeatsUnavailable, "sold out"));
            }
            flights.seats.fetch_sub(wanted, Ordering::SeqCst);
            holds.insert(request.hold_id.clone(), (HoldState::Active, wanted));
            Ok(HoldState::Active)
        })
    }

    async fn get_hold(&self, _: Request<GetHoldRequest>) -> Answer<Hold> {
        Err(Status::unimplemented("not booking's"))
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
}

/// Billing on the bus. It says everything twice, as a bus may.
#[derive(Clone, Default)]
pub struct Billing {
    /// All that booking has said, in the order it came.
    pub heard: Arc<Mutex<Vec<Envelope>>>,
    /// The method of each payment.
    methods: Arc<Mutex<BTreeMap<String, String>>>,
}

const HEARD: &[&str] = &[
    "order.created",
    "order.held",
    "order.confirmed",
    "order.ticketed",
    "order.cancelled",
    "order.expired",
    "order.failed",
    "payment.requested",
    "payment.capture_requested",
    "payment.void_requested",
    "refund.requested",
];

impl Billing {
    pub fn listen(&self, bus: &Bus) {
        let (billing, there) = (self.clone(), bus.clone());
        bus.subscribe("billing", HEARD, move |event| {
            let (billing, bus) = (billing.clone(), there.clone());
            Box::pin(async move {
                if let Some(answer) = billing.answer(&event) {
                    bus.publish(&answer).await?;
                    bus.publish(&answer).await?;
                }
                Ok(())
            })
        });
    }

    /// Kinds that were said of a subject.
    pub fn kinds(&self, subject: &str) -> Vec<String> {
        let mut kinds = Vec::new();
        for event in self
            .heard
            .lock()
            .expect("no panic")
            .iter()
            .filter(|e| e.subject == subject)
        {
            let known = u64::try_from(kinds.len()).expect("few");
            assert!(event.sequence <= known + 1, "a gap before {}", event.r#type);
            // A restart may say the last ones again.
            if event.sequence > known {
                kinds.push(event.r#type.clone());
            }
        }
        kinds
    }

    fn answer(&self, event: &Envelope) -> Option<Envelope> {
        self.heard.lock().expect("no panic").push(event.clone());
        let mut methods = self.methods.lock().expect("no panic");
        let (payment_id, outcome) = match event.data.as_ref()? {
            Data::PaymentRequested(asked) => {
                methods.insert(asked.payment_id.clone(), asked.method_token.clone());
                let declined = asked.method_token == "tok_declined";
                (
                    &asked.payment_id,
                    if declined { "declined" } else { "authorized" },
                )
            }
            Data::CaptureRequested(asked) => {
                let sum: i64 = asked.lines.iter().map(crate::booking::price::units).sum();
                assert_eq!(
                    Some(samples::eur(sum)),
                    asked.amount,
                    "lines are the amount"
                );
                (
                    &asked.payment_id,
                    match methods[&asked.payment_id].as_str() {
                        "tok_unknown" => "unknown",
                        "tok_capture_fails" => "declined",
                        _ => "captured",
                    },
                )
            }
            Data::VoidRequested(asked) => (&asked.payment_id, "voided"),
            Data::RefundRequested(asked) => {
                let refund = RefundAnswered {
                    refund_id: asked.refund_id.clone(),
                    payment_id: asked.payment_id.clone(),
                    order_id: asked.order_id.clone(),
                    amount: asked.amount.clone(),
                    outcome: "succeeded".to_owned(),
                };
                return Some(said(event, "refund.succeeded", Data::Refund(refund)));
            }
            Data::Order(_) | Data::Payment(_) | Data::Refund(_) => return None,
        };
        let order_id = match event.data.as_ref()? {
            Data::PaymentRequested(asked) => &asked.order_id,
            Data::CaptureRequested(asked) => &asked.order_id,
            Data::VoidRequested(asked) => &asked.order_id,
            _ => return None,
        };
        Some(answered(event, payment_id, order_id, outcome))
    }
}

/// An answer of billing about a payment.
pub fn answered(cause: &Envelope, payment_id: &str, order_id: &str, outcome: &str) -> Envelope {
    let payment = PaymentAnswered {
        payment_id: payment_id.to_owned(),
        order_id: order_id.to_owned(),
        outcome: outcome.to_owned(),
        ..PaymentAnswered::default()
    };
    said(cause, &format!("payment.{outcome}"), Data::Payment(payment))
}

fn said(cause: &Envelope, kind: &str, data: Data) -> Envelope {
    Envelope {
        id: format!("evt_{kind}_{}", cause.id),
        r#type: kind.to_owned(),
        source: "billing".to_owned(),
        time_us: cause.time_us,
        world: cause.world.clone(),
        data: Some(data),
        ..Envelope::default()
    }
}
