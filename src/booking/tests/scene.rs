//! The whole service for its tests: its store, its outbox, the bus, and neighbours that fail when told to.

use std::sync::Arc;
use std::time::Duration;

use super::neighbours::{Billing, Flights};
use super::samples::{self, NOW};
use crate::api::problem::Code;
use crate::booking::locator::Key;
use crate::booking::{BookingService, Neighbours};
use crate::kernel::chance::Chance;
use crate::kernel::clock::Clock;
use crate::platform::bus::Bus;
use crate::platform::status::code_of;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1::orders_server::Orders;
use crate::rpc::booking::v1::*;
use crate::rpc::common::v1::{Context, Idempotency, Page};
use crate::rpc::flights::v1::{InventoryClient, Ptc, ScheduleClient, SearchClient};

pub struct Scene {
    pub dir: tempfile::TempDir,
    pub flights: Arc<Flights>,
    pub billing: Billing,
    pub bus: Bus,
    pub booking: BookingService,
}

async fn open(
    dir: &tempfile::TempDir,
    flights: &Arc<Flights>,
    billing: &Billing,
    chance: Chance,
) -> (BookingService, Bus) {
    let bus = Bus::new();
    billing.listen(&bus);
    let booking = BookingService::open(
        &dir.path().join("booking.db"),
        Neighbours {
            search: SearchClient::local(flights.clone()),
            inventory: InventoryClient::local(flights.clone()),
            schedule: ScheduleClient::local(flights.clone()),
            deadline: Duration::from_secs(3),
        },
        &bus,
        chance,
        Clock::manual(NOW),
        Key([1; 32]),
    )
    .await
    .expect("the store opens");
    bus.start();
    (booking, bus)
}

impl Scene {
    pub async fn new(seats: i64) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let (flights, billing) = (Flights::new(seats), Billing::default());
        let (booking, bus) = open(&dir, &flights, &billing, Chance::seeded(1)).await;
        Self {
            dir,
            flights,
            billing,
            bus,
            booking,
        }
    }

    /// Ends the process where it is and starts another over what is on disk.
    pub async fn crash(&mut self) {
        self.booking.close().await;
        (self.booking, self.bus) =
            open(&self.dir, &self.flights, &self.billing, Chance::seeded(1)).await;
    }

    /// A second process over the same store, with the same neighbours.
    pub async fn second(&self) -> BookingService {
        let chance = Chance::seeded(2);
        open(&self.dir, &self.flights, &self.billing, chance)
            .await
            .0
    }

    pub async fn create(&self, request: CreateOrderRequest) -> Result<OrderReply, Code> {
        let reply = Orders::create_order(&self.booking, tonic::Request::new(request)).await;
        reply
            .map(tonic::Response::into_inner)
            .map_err(|status| code_of(&status))
    }

    pub async fn order(&self, id: &str, now_us: i64) -> Order {
        let request = GetOrderRequest {
            context: at(now_us),
            order_id: id.to_owned(),
        };
        self.booking.get_order(request).await.expect("it is there")
    }

    pub async fn quiet(&self) {
        while self.booking.drain().await != self.booking.drain().await {}
    }

    pub async fn list(
        &self,
        status: OrderStatus,
        now_us: i64,
        page: Page,
    ) -> (Vec<String>, String) {
        let request = ListOrdersRequest {
            context: at(now_us),
            statuses: vec![status.into()],
            page: Some(page),
            ..ListOrdersRequest::default()
        };
        let listed = self.booking.list_orders(request).await.expect("a list");
        (
            listed.orders.into_iter().map(|order| order.id).collect(),
            listed.next,
        )
    }

    pub async fn quote(&self, id: &str, order_id: &str) -> Result<Cancellation, Code> {
        let request = QuoteCancellationRequest {
            context: at(NOW),
            cancellation_id: id.to_owned(),
            order_id: order_id.to_owned(),
        };
        let quoted = Orders::quote_cancellation(&self.booking, tonic::Request::new(request)).await;
        quoted
            .map(tonic::Response::into_inner)
            .map_err(|status| code_of(&status))
    }

    pub async fn confirm(&self, id: &str) -> Result<CancellationReply, Code> {
        let request = ConfirmCancellationRequest {
            context: at(NOW),
            idempotency: keyed(id),
            cancellation_id: id.to_owned(),
            wait_ms: WAIT,
        };
        let reply = Orders::confirm_cancellation(&self.booking, tonic::Request::new(request)).await;
        reply
            .map(tonic::Response::into_inner)
            .map_err(|status| code_of(&status))
    }

    pub async fn pay(&self, order_id: &str, token: &str, now_us: i64) -> Result<OrderReply, Code> {
        let request = PayOrderRequest {
            context: at(now_us),
            idempotency: keyed(token),
            order_id: order_id.to_owned(),
            payment: Some(by(&format!("pay_{token}"), token)),
            wait_ms: WAIT,
        };
        let reply = Orders::pay_order(&self.booking, tonic::Request::new(request)).await;
        reply
            .map(tonic::Response::into_inner)
            .map_err(|status| code_of(&status))
    }

    pub async fn void(&self, key: &str, now_us: i64) -> Result<OrderReply, Code> {
        let request = VoidOrderRequest {
            context: at(now_us),
            idempotency: keyed(key),
            order_id: "ord_1".to_owned(),
            wait_ms: WAIT,
        };
        let reply = Orders::void_order(&self.booking, tonic::Request::new(request)).await;
        reply
            .map(tonic::Response::into_inner)
            .map_err(|status| code_of(&status))
    }

    pub async fn accept(&self, account_id: &str, change_id: &str) -> Result<Order, Code> {
        let context = at(NOW).map(|context| Context {
            account_id: account_id.to_owned(),
            ..context
        });
        let request = AcceptScheduleChangeRequest {
            context,
            schedule_change_id: change_id.to_owned(),
        };
        let request = tonic::Request::new(request);
        let accepted = Orders::accept_schedule_change(&self.booking, request).await;
        accepted
            .map(tonic::Response::into_inner)
            .map_err(|status| code_of(&status))
    }

    /// Does what is due, as somebody does every second.
    pub async fn tick(&self, now_us: i64) -> u32 {
        let request = RunDueRequest {
            context: at(now_us),
        };
        let due = self.booking.run_due(request).await;
        due.expect("flights answers").expired
    }

    pub async fn key(&self, operation: &str, key: &str) -> Option<IdempotencyRecord> {
        let request = GetIdempotencyKeyRequest {
            context: at(NOW),
            key: key.to_owned(),
            operation: operation.to_owned(),
        };
        self.booking.get_idempotency_key(request).await.ok()
    }
}

pub const WAIT: u32 = 20_000;

pub fn at(now_us: i64) -> Option<Context> {
    Some(Context {
        world: "wld_test".to_owned(),
        now_us,
        account_id: "acc_1".to_owned(),
        request_id: "req_1".to_owned(),
        ..Context::default()
    })
}

pub fn keyed(key: &str) -> Option<Idempotency> {
    Some(Idempotency {
        key: key.to_owned(),
        fingerprint: key.as_bytes().to_vec(),
    })
}

pub fn by(payment_id: &str, token: &str) -> PaymentInstruction {
    PaymentInstruction {
        payment_id: payment_id.to_owned(),
        method_token: token.to_owned(),
        amount: Some(samples::eur(38_234)),
        method: PaymentMethod::Card.into(),
    }
}

pub fn instant(number: u8, token: &str) -> CreateOrderRequest {
    CreateOrderRequest {
        context: at(NOW),
        idempotency: keyed(&format!("create-{number}")),
        order_id: format!("ord_{number}"),
        offer_id: format!("off_{number}"),
        r#type: OrderType::Instant.into(),
        passengers: samples::passengers(),
        contact: Some(samples::contact()),
        payment: Some(by(&format!("pay_{number}"), token)),
        wait_ms: WAIT,
        ..CreateOrderRequest::default()
    }
}

pub fn hold(number: u8) -> CreateOrderRequest {
    CreateOrderRequest {
        r#type: OrderType::Hold.into(),
        payment: None,
        ..instant(number, "")
    }
}

/// An order from a hold, by an agency that owes the money.
pub fn from_hold(number: u8, hold_id: &str, token: &str) -> CreateOrderRequest {
    CreateOrderRequest {
        offer_id: String::new(),
        hold_id: hold_id.to_owned(),
        passengers: named(),
        payment: Some(PaymentInstruction {
            method: PaymentMethod::AgencyCredit.into(),
            ..by(&format!("pay_{number}"), token)
        }),
        ..instant(number, token)
    }
}

/// The sample's passengers as they are named for a hold: each with its kind, none with an id.
pub fn named() -> Vec<OrderPassenger> {
    let mut passengers = samples::passengers();
    for (passenger, ptc) in passengers.iter_mut().zip([Ptc::Adt, Ptc::Inf]) {
        passenger.id.clear();
        passenger.set_ptc(ptc);
    }
    passengers
}
