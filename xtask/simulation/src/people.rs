//! Those who book: two travellers' shops and an agency, who search, order, pay, change their minds, and ask again when no answer
//! came. They remember what they asked and what they were told, to be held against the books.

use std::collections::BTreeMap;

use fareway::booking::BookingService;
use fareway::kernel::chance::Chance;
use fareway::kernel::id::{CancellationId, HoldId, OrderChangeId, OrderId, PaymentId};
use fareway::rpc::billing::v1::PaymentMethod;
use fareway::rpc::booking::v1::orders_server::Orders;
use fareway::rpc::booking::v1::*;
use fareway::rpc::common::v1::{Context, Idempotency, Money};
use fareway::rpc::flights::v1::{HoldItem, HoldSeatsRequest, Offer, Ptc};
use tonic::{Request, Response, Status};

use crate::services;

/// The world of the run.
pub const WORLD: &str = "wld_simulated";
/// Who books; the last is an agency with credit.
pub const ACCOUNTS: [&str; 3] = ["acc_one", "acc_two", "acc_agency"];
/// The agency.
pub const AGENCY: &str = ACCOUNTS[2];
/// Past requests that may be repeated.
const REMEMBERED: usize = 400;
/// Tokens of cards: most are in order, one loses the answer to its capture.
const CARDS: [&str; 8] = [
    "tok_visa",
    "tok_visa",
    "tok_visa",
    "tok_visa",
    "tok_visa",
    "tok_unknown",
    "tok_declined",
    "tok_insufficient_funds",
];

/// The context of a call that an account makes; none for the platform itself.
pub fn context(account: &str, now_us: i64, request: &str) -> Context {
    Context {
        world: WORLD.to_owned(),
        now_us,
        account_id: account.to_owned(),
        request_id: request.to_owned(),
        ..Context::default()
    }
}

/// A request with an idempotency key.
#[derive(Clone, Debug)]
pub enum Command {
    Create(CreateOrderRequest),
    Pay(PayOrderRequest),
    Void(VoidOrderRequest),
    Confirm(ConfirmCancellationRequest),
    Change(ConfirmOrderChangeRequest),
}

impl Command {
    /// What it asks for, in a word, and under which key.
    pub fn name(&self) -> (&'static str, &str) {
        let (name, idempotency) = match self {
            Self::Create(request) => ("create", &request.idempotency),
            Self::Pay(request) => ("pay", &request.idempotency),
            Self::Void(request) => ("void", &request.idempotency),
            Self::Confirm(request) => ("confirm", &request.idempotency),
            Self::Change(request) => ("change", &request.idempotency),
        };
        (name, idempotency.as_ref().map_or("", |given| &given.key))
    }

    /// Asks; the id of the order that was spoken of, and whether an earlier call had asked the same.
    pub async fn sent_to(self, booking: &BookingService) -> Result<(String, bool), Status> {
        let id = |order: Option<Order>| order.map(|order| order.id).unwrap_or_default();
        match self {
            Self::Create(request) => Orders::create_order(booking, Request::new(request))
                .await
                .map(Response::into_inner)
                .map(|reply| (id(reply.order), reply.replayed)),
            Self::Pay(request) => Orders::pay_order(booking, Request::new(request))
                .await
                .map(Response::into_inner)
                .map(|reply| (id(reply.order), reply.replayed)),
            Self::Void(request) => Orders::void_order(booking, Request::new(request))
                .await
                .map(Response::into_inner)
                .map(|reply| (id(reply.order), reply.replayed)),
            Self::Confirm(request) => Orders::confirm_cancellation(booking, Request::new(request))
                .await
                .map(Response::into_inner)
                .map(|reply| {
                    let order = reply.cancellation.map(|cancellation| cancellation.order_id);
                    (order.unwrap_or_default(), reply.replayed)
                }),
            Self::Change(request) => Orders::confirm_order_change(booking, Request::new(request))
                .await
                .map(Response::into_inner)
                .map(|reply| {
                    let order = reply.order_change.map(|change| change.order_id);
                    (order.unwrap_or_default(), reply.replayed)
                }),
        }
    }
}

/// Everybody who books, and what they remember.
pub struct People {
    chance: Chance,
    keys: u64,
    sent: Vec<Command>,
    /// By id of an order that was asked for: the key under which it was.
    pub asked: BTreeMap<String, String>,
    /// By key: the order that answers spoke of.
    told: BTreeMap<String, String>,
    /// Orders that somebody was told of: account and id.
    pub orders: Vec<(String, String)>,
    /// Quotes that somebody got: account and id.
    pub quotes: Vec<(String, String)>,
    /// Changes that somebody was quoted: account and quote.
    pub changes: Vec<(String, OrderChange)>,
    /// Holds that the agency asked for, with the seats of each item.
    pub holds: Vec<(String, u32)>,
}

impl People {
    /// Nobody has asked for anything yet.
    pub fn new(chance: Chance) -> Self {
        Self {
            chance,
            keys: 0,
            sent: Vec::new(),
            asked: BTreeMap::new(),
            told: BTreeMap::new(),
            orders: Vec::new(),
            quotes: Vec::new(),
            changes: Vec::new(),
            holds: Vec::new(),
        }
    }

    fn key(&mut self) -> Option<Idempotency> {
        self.keys += 1;
        let key = format!("k{}", self.keys);
        Some(Idempotency {
            fingerprint: key.clone().into_bytes(),
            key,
        })
    }

    /// Orders an offer: now and paid, or held.
    pub fn order(&mut self, account: &str, offer: &Offer, now_us: i64) -> Command {
        let holds = offer.hold_allowed && self.chance.below(3) == 0;
        let mut total = offer.price.as_ref().and_then(|price| price.total.clone());
        let services = services::chosen(&self.chance, offer);
        for (choice, cost) in &services {
            if let Some(total) = &mut total {
                total.amount += cost * i64::from(choice.quantity);
            }
        }
        let day = travel_day(offer);
        let passengers =
            offer
                .passengers
                .iter()
                .enumerate()
                .map(|(at, passenger)| OrderPassenger {
                    id: passenger.id.clone(),
                    ..named(passenger.ptc(), at, &day)
                });
        let passengers = passengers.collect();
        let payment = (!holds)
            .then(|| self.payment(account, total, now_us))
            .flatten();
        let r#type = match holds {
            true => OrderType::Hold,
            false => OrderType::Instant,
        };
        self.create(account, now_us, |request| {
            request.offer_id.clone_from(&offer.id);
            request.set_type(r#type);
            request.passengers = passengers;
            request.payment = payment;
            request.services = services.into_iter().map(|(choice, _)| choice).collect();
        })
    }

    /// Orders the seats of a hold on credit.
    pub fn order_hold(&mut self, at: usize, now_us: i64) -> Option<Command> {
        let (hold_id, seats) = self.holds.get(at)?.clone();
        let passengers = (0..usize::try_from(seats).ok()?).map(|at| OrderPassenger {
            ptc: Ptc::Adt.into(),
            ..named(Ptc::Adt, at, "2030-01-01")
        });
        let payment = PaymentInstruction {
            payment_id: PaymentId::new(now_us, &self.chance).into(),
            method: PaymentMethod::AgencyCredit.into(),
            ..PaymentInstruction::default()
        };
        let passengers = passengers.collect();
        Some(self.create(AGENCY, now_us, |request| {
            request.hold_id = hold_id;
            request.set_type(OrderType::Instant);
            request.passengers = passengers;
            request.payment = Some(payment);
        }))
    }

    fn create(
        &mut self,
        account: &str,
        now_us: i64,
        fill: impl FnOnce(&mut CreateOrderRequest),
    ) -> Command {
        let idempotency = self.key();
        let key = idempotency.clone().unwrap_or_default().key;
        let mut request = CreateOrderRequest {
            context: Some(context(account, now_us, &format!("req_{key}"))),
            idempotency,
            order_id: OrderId::new(now_us, &self.chance).into(),
            contact: Some(Contact {
                email: "traveller@example.com".to_owned(),
                phone: "+4930123456".to_owned(),
            }),
            ..CreateOrderRequest::default()
        };
        fill(&mut request);
        self.asked.insert(request.order_id.clone(), key);
        self.remember(Command::Create(request))
    }

    fn payment(
        &self,
        account: &str,
        amount: Option<Money>,
        now_us: i64,
    ) -> Option<PaymentInstruction> {
        let credit = account == AGENCY && self.chance.below(4) != 0;
        Some(PaymentInstruction {
            payment_id: PaymentId::new(now_us, &self.chance).into(),
            method_token: match credit {
                true => String::new(),
                false => CARDS[pick(&self.chance, CARDS.len())?].to_owned(),
            },
            amount,
            method: match credit {
                true => PaymentMethod::AgencyCredit.into(),
                false => PaymentMethod::Card.into(),
            },
        })
    }

    /// Pays an order, held or not.
    pub fn pay(
        &mut self,
        (account, order_id): (String, String),
        order: &Order,
        now_us: i64,
    ) -> Command {
        let due = order.amount_due.clone();
        let request = PayOrderRequest {
            context: Some(context(&account, now_us, "req_pay")),
            idempotency: self.key(),
            payment: self.payment(&account, due, now_us),
            order_id,
            wait_ms: 0,
        };
        self.remember(Command::Pay(request))
    }

    /// Voids an order, whether it may be or not.
    pub fn void(&mut self, (account, order_id): (String, String), now_us: i64) -> Command {
        let request = VoidOrderRequest {
            context: Some(context(&account, now_us, "req_void")),
            idempotency: self.key(),
            order_id,
            wait_ms: 0,
        };
        self.remember(Command::Void(request))
    }

    /// Asks what a cancellation would give back.
    pub fn quote(
        &self,
        (account, order_id): &(String, String),
        now_us: i64,
    ) -> QuoteCancellationRequest {
        QuoteCancellationRequest {
            context: Some(context(account, now_us, "req_quote")),
            cancellation_id: CancellationId::new(now_us, &self.chance).into(),
            order_id: order_id.clone(),
        }
    }

    /// Cancels on one of the quoted terms.
    pub fn confirm(&mut self, (account, id): (String, String), now_us: i64) -> Command {
        let request = ConfirmCancellationRequest {
            context: Some(context(&account, now_us, "req_confirm")),
            idempotency: self.key(),
            cancellation_id: id,
            wait_ms: 0,
        };
        self.remember(Command::Confirm(request))
    }

    /// Asks what it costs to travel by another offer.
    pub fn quote_change(
        &self,
        (account, order_id): &(String, String),
        offer: &Offer,
        now_us: i64,
    ) -> QuoteOrderChangeRequest {
        QuoteOrderChangeRequest {
            context: Some(context(account, now_us, "req_quote_change")),
            order_change_id: OrderChangeId::new(now_us, &self.chance).into(),
            order_id: order_id.clone(),
            offer_id: offer.id.clone(),
        }
    }

    /// Changes the journey on one of the quoted terms.
    pub fn change(&mut self, (account, quote): (String, OrderChange), now_us: i64) -> Command {
        let due = quote.add_collect;
        let request = ConfirmOrderChangeRequest {
            context: Some(context(&account, now_us, "req_change")),
            idempotency: self.key(),
            order_change_id: quote.id,
            payment: due.and_then(|due| self.payment(&account, Some(due), now_us)),
            wait_ms: 0,
        };
        self.remember(Command::Change(request))
    }

    /// The agency takes seats without names.
    pub fn hold(
        &mut self,
        items: Vec<HoldItem>,
        seats: u32,
        now_us: i64,
        until_us: i64,
    ) -> HoldSeatsRequest {
        let hold_id = String::from(HoldId::new(now_us, &self.chance));
        self.holds.push((hold_id.clone(), seats));
        HoldSeatsRequest {
            context: Some(context(AGENCY, now_us, "req_hold")),
            hold_id,
            items,
            expires_at_us: until_us,
            extend: false,
        }
    }

    fn remember(&mut self, command: Command) -> Command {
        if self.sent.len() == REMEMBERED {
            self.sent.remove(0);
        }
        self.sent.push(command.clone());
        command
    }

    /// A request of before, asked again under its key.
    pub fn again(&mut self, now_us: i64) -> Option<Command> {
        let command = self.sent.get(pick(&self.chance, self.sent.len())?)?.clone();
        Some(self.anew(command, now_us))
    }

    /// The same request under its key as the door would ask it again: with new ids, at another time.
    pub fn anew(&mut self, mut command: Command, now_us: i64) -> Command {
        let payment_id = || PaymentId::new(now_us, &self.chance).into();
        let context = match &mut command {
            Command::Create(request) => {
                request.order_id = OrderId::new(now_us, &self.chance).into();
                if let Some(payment) = &mut request.payment {
                    payment.payment_id = payment_id();
                }
                let key = request.idempotency.clone().unwrap_or_default().key;
                self.asked.insert(request.order_id.clone(), key);
                &mut request.context
            }
            Command::Pay(request) => {
                if let Some(payment) = &mut request.payment {
                    payment.payment_id = payment_id();
                }
                &mut request.context
            }
            Command::Void(request) => &mut request.context,
            Command::Confirm(request) => &mut request.context,
            Command::Change(request) => {
                if let Some(payment) = &mut request.payment {
                    payment.payment_id = payment_id();
                }
                &mut request.context
            }
        };
        if let Some(context) = context {
            context.now_us = now_us;
        }
        command
    }

    /// Notes what an answer spoke of; what is wrong with it (invariant I6).
    pub fn hear(&mut self, command: &Command, order_id: &str, replayed: bool) -> Option<String> {
        let (name, key) = command.name();
        if let Command::Create(request) = command {
            let account = request.context.clone().unwrap_or_default().account_id;
            let known = (account, order_id.to_owned());
            if !self.orders.contains(&known) {
                self.orders.push(known);
            }
        }
        match self.told.get(key) {
            Some(told) if told != order_id => Some(format!(
                "I6: {name} under key {key} told of {told}, and now of {order_id}"
            )),
            Some(_) if !replayed => Some(format!(
                "I6: {name} under key {key} was done again on {order_id}"
            )),
            Some(_) => None,
            None => {
                self.told.insert(key.to_owned(), order_id.to_owned());
                None
            }
        }
    }
}

/// The place of one of so many, drawn; none of none.
pub fn pick(chance: &Chance, of: usize) -> Option<usize> {
    let at = chance.below(u64::try_from(of).ok()?);
    usize::try_from(at).ok().filter(|&at| at < of)
}

/// What a hold of these flights holds, one class of each.
pub fn items(offer: &Offer, seats: u32) -> Vec<HoldItem> {
    let segments = offer.slices.iter().flat_map(|slice| &slice.segments);
    segments
        .map(|segment| HoldItem {
            flight: Some(fareway::booking::schedule::flight_of(segment)),
            booking_class: segment.booking_class.clone(),
            seats,
        })
        .collect()
}

fn travel_day(offer: &Offer) -> String {
    let first = offer
        .slices
        .first()
        .and_then(|slice| slice.segments.first());
    let departure = first.and_then(|segment| segment.departure.as_ref());
    let local = departure.map_or("2030-01-01", |departure| &departure.local);
    local.get(..10).unwrap_or("2030-01-01").to_owned()
}

/// Somebody of a kind who travels on a day; a mononym now and then.
fn named(ptc: Ptc, at: usize, day: &str) -> OrderPassenger {
    let year: i32 = day
        .get(..4)
        .and_then(|year| year.parse().ok())
        .unwrap_or(2030);
    let years = match ptc {
        Ptc::Chd => 7,
        Ptc::Inf | Ptc::Ins => 1,
        Ptc::Adt | Ptc::Unspecified => 40,
    };
    // Born on the first of January: had the birthday whenever the journey is.
    let born_on = format!("{:04}-01-01", year - years);
    let names = [
        ("Amelia", "Earhart"),
        ("Zoë", "Åström"),
        ("Sukarno", "Sukarno"),
        ("Jean-Luc", "O’Neill"),
    ];
    let (given, family) = names[at % names.len()];
    OrderPassenger {
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        born_on,
        ..OrderPassenger::default()
    }
}
