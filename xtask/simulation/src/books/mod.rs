//! The books of a world held against each other and against what people remember: invariants I1 to I9 and I11.

mod checks;

use std::collections::{BTreeMap, BTreeSet};

use fareway::rpc::billing::v1::credit_server::Credit;
use fareway::rpc::billing::v1::ledger_server::Ledger;
use fareway::rpc::billing::v1::payments_server::Payments;
use fareway::rpc::billing::v1::{
    CreditAccount, GetBalanceRequest, GetCreditRequest, Journal, ListJournalsRequest,
    ListPaymentsRequest, Payment, PaymentMethod,
};
use fareway::rpc::booking::v1::orders_server::Orders;
use fareway::rpc::booking::v1::{
    Cancellation, GetCancellationRequest, GetOrderChangeRequest, ListOrdersRequest, Order,
    OrderChange,
};
use fareway::rpc::common::v1::Page;
use fareway::rpc::flights::v1::inventory_server::Inventory;
use fareway::rpc::flights::v1::{
    FlightDate, FlightInventory, GetHoldRequest, Hold, ListInventoryRequest,
};
use tonic::{Request, Response};

use crate::people::{AGENCY, People, context};
use crate::stage::Stage;

/// Rows of a page.
const PAGE: u32 = 200;

/// Everything that is kept, read once.
pub struct Books {
    pub orders: Vec<Order>,
    cancellations: Vec<Cancellation>,
    changes: Vec<OrderChange>,
    payments: Vec<Payment>,
    journals: Vec<Journal>,
    balances: BTreeMap<(String, String), i64>,
    /// By payment: what its provider has taken and given back.
    moved: BTreeMap<String, (i64, i64)>,
    credit: CreditAccount,
    inventory: Vec<FlightInventory>,
    holds: Vec<Hold>,
}

/// I1, cheap enough for every step: sold and held of a class and the classes below it never exceed its limit. `lowered` are
/// flights whose limits were lowered: they may be above until somebody gives back, but must not grow.
pub fn limits(inventory: &[FlightInventory], lowered: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for flight in inventory {
        let name = flight.flight.as_ref().map(name_of).unwrap_or_default();
        if lowered.contains(&name) {
            continue;
        }
        for cabin in &flight.cabins {
            let mut taken = 0;
            for class in cabin.classes.iter().rev() {
                taken += class.sold + class.held;
                if class.limit > cabin.capacity {
                    let (class, seats) = (&class.booking_class, cabin.capacity);
                    faults.push(format!(
                        "I1: {name}: class {class} may sell more than {seats} seats"
                    ));
                }
                if taken > class.limit {
                    faults.push(format!(
                        "I1: {name}: {taken} seats are taken in class {} and below, the limit is {}",
                        class.booking_class, class.limit
                    ));
                }
            }
        }
    }
    faults
}

/// How a flight is called in messages.
pub fn name_of(flight: &FlightDate) -> String {
    let FlightDate {
        carrier,
        number,
        date,
        origin,
        destination,
    } = flight;
    format!("{carrier} {number} {date} {origin} {destination}")
}

/// The touched flights of the world.
pub fn inventory(stage: &Stage) -> Vec<FlightInventory> {
    let request = ListInventoryRequest {
        context: Some(context("", 0, "audit")),
    };
    let flights = stage.flights();
    let listed = flights.run(flights.service.list_inventory(Request::new(request)));
    listed
        .map(Response::into_inner)
        .expect("inventory is listed")
        .flights
}

impl Books {
    /// Reads everything.
    ///
    /// # Panics
    /// When a service does not answer, which at rest all do.
    pub fn read(stage: &Stage, people: &People, now_us: i64) -> Self {
        let everybody = || Some(context("", now_us, "audit"));
        let booking = stage.booking();
        let mut orders = Vec::new();
        let mut after = String::new();
        loop {
            let request = ListOrdersRequest {
                context: everybody(),
                page: Some(Page { after, limit: PAGE }),
                ..ListOrdersRequest::default()
            };
            let listed = booking.run(booking.service.list_orders(Request::new(request)));
            let listed = listed.expect("orders are listed").into_inner();
            orders.extend(listed.orders);
            after = listed.next;
            if after.is_empty() {
                break;
            }
        }
        let cancellations = people.quotes.iter().filter_map(|(_, id)| {
            let request = GetCancellationRequest {
                context: everybody(),
                cancellation_id: id.clone(),
            };
            let told = booking.run(booking.service.get_cancellation(Request::new(request)));
            told.map(Response::into_inner).ok()
        });
        let cancellations = cancellations.collect();
        let changes = people.changes.iter().filter_map(|(_, quote)| {
            let request = GetOrderChangeRequest {
                context: everybody(),
                order_change_id: quote.id.clone(),
            };
            let told = booking.run(booking.service.get_order_change(Request::new(request)));
            told.map(Response::into_inner).ok()
        });
        let changes = changes.collect();

        let billing = stage.billing();
        let request = ListPaymentsRequest {
            context: everybody(),
            order_id: String::new(),
        };
        let payments = billing.run(billing.service.list_payments(Request::new(request)));
        let payments = payments.expect("payments are listed").into_inner().payments;
        let mut journals = Vec::new();
        let mut after = String::new();
        loop {
            let request = ListJournalsRequest {
                context: everybody(),
                page: Some(Page { after, limit: PAGE }),
                ..ListJournalsRequest::default()
            };
            let listed = billing.run(billing.service.list_journals(Request::new(request)));
            let listed = listed.expect("journals are listed").into_inner();
            journals.extend(listed.journals);
            after = listed.next;
            if after.is_empty() {
                break;
            }
        }
        let accounts: BTreeSet<&String> = journals
            .iter()
            .flat_map(|journal| &journal.lines)
            .map(|line| &line.ledger_account)
            .collect();
        let balances = accounts.into_iter().flat_map(|account| {
            let request = GetBalanceRequest {
                context: everybody(),
                ledger_account: account.clone(),
                order_id: String::new(),
            };
            let told = billing.run(billing.service.get_balance(Request::new(request)));
            let told = told.expect("a balance is told").into_inner();
            told.balances
                .into_iter()
                .map(|balance| ((account.clone(), balance.currency), balance.amount))
        });
        let balances = balances.collect();

        let moved = billing.run(billing.service.moved_at_provider());
        let moved = moved.expect("the provider has a record");
        let request = GetCreditRequest {
            context: everybody(),
            account_id: AGENCY.to_owned(),
        };
        let credit = billing.run(billing.service.get_credit(Request::new(request)));
        let credit = credit.expect("the agency has credit").into_inner();

        let flights = stage.flights();
        let holds = people.holds.iter().filter_map(|(id, _)| {
            let request = GetHoldRequest {
                context: Some(context(AGENCY, now_us, "audit")),
                hold_id: id.clone(),
            };
            flights
                .run(flights.service.get_hold(Request::new(request)))
                .map(Response::into_inner)
                .ok()
        });
        let holds = holds.collect();
        Self {
            orders,
            cancellations,
            changes,
            payments,
            journals,
            balances,
            moved,
            credit,
            inventory: inventory(stage),
            holds,
        }
    }

    /// What does not agree, once everything has come to rest.
    pub fn faults(&self, people: &People) -> Vec<String> {
        let parts = [
            self.unsettled(),
            self.once(people),
            self.seats(),
            self.prices(),
            self.quotes(),
            self.money(),
            self.ledger(),
        ];
        parts.into_iter().flatten().collect()
    }

    /// States that were reached, for the report.
    pub fn states(&self) -> impl Iterator<Item = String> {
        let orders = self.orders.iter().map(|order| {
            format!(
                "order {}",
                order
                    .status()
                    .as_str_name()
                    .trim_start_matches("ORDER_STATUS_")
                    .to_lowercase()
            )
        });
        let payments = self.payments.iter().map(|payment| {
            let how = match payment.method() {
                PaymentMethod::AgencyCredit => "credit",
                _ => "card",
            };
            format!("{how} {}", payment.status)
        });
        let holds = self.holds.iter().map(|hold| {
            format!(
                "agency hold {}",
                hold.state()
                    .as_str_name()
                    .trim_start_matches("HOLD_STATE_")
                    .to_lowercase()
            )
        });
        let changes = self.changes.iter().map(|change| {
            let how = match (&change.add_collect, &change.refund) {
                _ if change.involuntary => "for nothing",
                (Some(_), _) => "to pay for",
                (_, Some(_)) => "with a refund",
                (None, None) => "even",
            };
            let status = change.status().as_str_name();
            let status = status.trim_start_matches("ORDER_CHANGE_STATUS_");
            format!("change {how} {}", status.to_lowercase())
        });
        orders.chain(payments).chain(holds).chain(changes)
    }
}
