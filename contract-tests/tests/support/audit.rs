//! The books of a world held against each other: inventory, orders, payments, ledger and events (invariants I1, I3, I5, I8, I9).
//!
//! Orders are read as their owners see them, through the contract; the rest as the services keep it.

use std::collections::{BTreeMap, HashMap};

use fareway::edge::Clients;
use fareway::rpc::billing::v1::{Journal, ListJournalsRequest, ListPaymentsRequest, Payment};
use fareway::rpc::common::v1::{Context, Page};
use fareway::rpc::flights::v1::{FlightInventory, ListInventoryRequest};
use serde_json::Value;

use super::app::{Account, WITHIN, platform};
use super::traveller::ORDERS;

/// Most looks until a world is quiet.
const LOOKS_MAX: usize = 200;

/// What an order amounts to.
const SOLD: [&str; 3] = ["confirmed", "ticketed", "completed"];

/// A booking class of a flight on a date, with its counters.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Carrier, number, local date, origin, destination, booking class.
    pub key: String,
    pub limit: u32,
    pub sold: u32,
    pub held: u32,
}

/// A figure for sold seats and one for held ones.
type Seats = (u32, u32);

/// The books of a world, read once.
struct Books {
    /// By account, as the contract lists them.
    orders: Vec<Value>,
    /// Events by account.
    feeds: Vec<Vec<Value>>,
    inventory: Vec<FlightInventory>,
    payments: Vec<Payment>,
    journals: Vec<Journal>,
}

/// Waits until nothing is under way in the accounts' world any more, and checks that its books agree. Returns the orders.
///
/// # Panics
/// When they do not.
pub async fn agree(clients: &Clients, accounts: &[Account]) -> Vec<Value> {
    let mut faults = Vec::new();
    for _ in 0..LOOKS_MAX {
        let books = Books::read(clients, accounts).await;
        faults = books.faults();
        if faults.is_empty() {
            return books.orders;
        }
    }
    panic!("the books do not agree:\n  {}", faults.join("\n  "))
}

/// The counters of all booking classes that were ever touched in a world.
pub async fn classes(clients: &Clients, world: &str) -> Vec<Class> {
    inventory(clients, world)
        .await
        .iter()
        .flat_map(classes_of)
        .collect()
}

async fn inventory(clients: &Clients, world: &str) -> Vec<FlightInventory> {
    let request = ListInventoryRequest {
        context: Some(in_world(world)),
    };
    clients
        .inventory
        .list_inventory(request, WITHIN)
        .await
        .expect("inventory is listed")
        .flights
}

fn in_world(world: &str) -> Context {
    Context {
        world: world.to_owned(),
        ..platform()
    }
}

fn classes_of(inventory: &FlightInventory) -> Vec<Class> {
    let flight = inventory.flight.clone().unwrap_or_default();
    let name = format!(
        "{} {} {} {} {}",
        flight.carrier, flight.number, flight.date, flight.origin, flight.destination
    );
    let classes = inventory.cabins.iter().flat_map(|cabin| &cabin.classes);
    classes
        .map(|class| Class {
            key: format!("{name} {}", class.booking_class),
            limit: class.limit,
            sold: class.sold,
            held: class.held,
        })
        .collect()
}

impl Books {
    async fn read(clients: &Clients, accounts: &[Account]) -> Self {
        let world = &accounts[0].world;
        let mut orders = Vec::new();
        let mut feeds = Vec::new();
        for account in accounts {
            orders.extend(account.all(ORDERS, 100).await);
            feeds.push(account.all("/public/v2/events", 100).await);
        }
        let inventory = inventory(clients, world).await;
        let request = ListPaymentsRequest {
            context: Some(in_world(world)),
            order_id: String::new(),
        };
        let payments = clients
            .payments
            .list_payments(request, WITHIN)
            .await
            .expect("payments are listed")
            .payments;
        let mut journals = Vec::new();
        let mut after = String::new();
        loop {
            let page = Some(Page { after, limit: 100 });
            let request = ListJournalsRequest {
                context: Some(in_world(world)),
                page,
                ..ListJournalsRequest::default()
            };
            let answer = clients
                .ledger
                .list_journals(request, WITHIN)
                .await
                .expect("journals are listed");
            journals.extend(answer.journals);
            after = answer.next;
            if after.is_empty() {
                return Self {
                    orders,
                    feeds,
                    inventory,
                    payments,
                    journals,
                };
            }
        }
    }

    fn faults(&self) -> Vec<String> {
        [
            self.limits(),
            self.seats(),
            self.money(),
            self.ledger(),
            self.events(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// I1: sold and held of a class and the classes below it never exceed its limit.
    fn limits(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for cabin in self.inventory.iter().flat_map(|flight| &flight.cabins) {
            let mut taken = 0;
            for class in cabin.classes.iter().rev() {
                taken += class.sold + class.held;
                if taken > class.limit {
                    faults.push(format!(
                        "I1: {taken} seats are taken in {} and below, the limit is {}",
                        class.booking_class, class.limit
                    ));
                }
            }
        }
        faults
    }

    /// I5: sold seats are those of live orders, held seats those of held orders.
    fn seats(&self) -> Vec<String> {
        let mut expected: BTreeMap<String, Seats> = BTreeMap::new();
        let mut faults = Vec::new();
        for order in &self.orders {
            let status = text(order, "status");
            let on_seats = |passenger: &&Value| passenger["ptc"] != "INF";
            let seats = u32::try_from(items(order, "passengers").iter().filter(on_seats).count())
                .unwrap_or(u32::MAX);
            let (sold, held) = match status {
                "pending" => {
                    faults.push(format!("{} is still pending", text(order, "id")));
                    continue;
                }
                "held" => (0, seats),
                status if SOLD.contains(&status) => (seats, 0),
                _ => continue,
            };
            for segment in items(order, "slices")
                .iter()
                .flat_map(|slice| items(slice, "segments"))
            {
                let place = |end: &str| {
                    segment[end]["airport"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned()
                };
                let date = segment["departure"]["local"]
                    .as_str()
                    .and_then(|local| local.get(..10))
                    .unwrap_or_default();
                let (carrier, number, class) = (
                    text(segment, "carrier"),
                    &segment["flight_number"],
                    text(segment, "booking_class"),
                );
                let key = format!(
                    "{carrier} {number} {date} {} {} {class}",
                    place("departure"),
                    place("arrival")
                );
                let entry = expected.entry(key).or_default();
                *entry = (entry.0 + sold, entry.1 + held);
            }
        }
        let kept = self
            .inventory
            .iter()
            .flat_map(classes_of)
            .filter(|class| class.sold + class.held > 0);
        let kept: BTreeMap<String, Seats> = kept
            .map(|class| (class.key, (class.sold, class.held)))
            .collect();
        for key in expected
            .keys()
            .chain(kept.keys())
            .collect::<std::collections::BTreeSet<_>>()
        {
            let (ours, theirs) = (
                expected.get(key).copied().unwrap_or_default(),
                kept.get(key).copied().unwrap_or_default(),
            );
            if ours != theirs {
                faults.push(format!(
                    "I5: {key}: orders have {} sold and {} held, inventory {} and {}",
                    ours.0, ours.1, theirs.0, theirs.1
                ));
            }
        }
        faults
    }

    /// I5 and I8: what was captured and not given back is the price of live orders and what was kept of cancelled ones.
    fn money(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut kept: HashMap<&str, i64> = HashMap::new();
        for payment in &self.payments {
            let amount = |money: &Option<fareway::rpc::common::v1::Money>| {
                money.as_ref().map_or(0, |money| money.amount)
            };
            let (captured, refunded) = (amount(&payment.captured), amount(&payment.refunded));
            if refunded > captured {
                faults.push(format!(
                    "I8: {} gave {refunded} back of {captured}",
                    payment.id
                ));
            }
            *kept.entry(payment.order_id.as_str()).or_default() += captured - refunded;
        }
        for order in &self.orders {
            let expected = due_to_us(order);
            let actual = kept.remove(text(order, "id")).unwrap_or(0);
            if expected != actual {
                faults.push(format!(
                    "I5: {} ({}) should have brought {expected}, billing has {actual}",
                    text(order, "id"),
                    text(order, "status")
                ));
            }
            if items(order, "refunds")
                .iter()
                .any(|refund| refund["status"] == "requested")
            {
                faults.push(format!("{} waits for its refund", text(order, "id")));
            }
        }
        faults.extend(
            kept.iter().map(|(order, amount)| {
                format!("I5: {amount} was paid for {order}, which nobody has")
            }),
        );
        faults
    }

    /// I3 and I4: journals balance, and say of each order what its payments say. Nothing is left pending.
    fn ledger(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut balances: HashMap<(&str, &str), i64> = HashMap::new();
        for journal in &self.journals {
            let mut sums: HashMap<&str, i64> = HashMap::new();
            for line in &journal.lines {
                let amount = line.amount.clone().unwrap_or_default();
                let currency = line
                    .amount
                    .as_ref()
                    .map_or("", |money| money.currency.as_str());
                *sums.entry(currency).or_default() += amount.amount;
                *balances
                    .entry((journal.order_id.as_str(), line.ledger_account.as_str()))
                    .or_default() += amount.amount;
            }
            faults.extend(
                sums.iter()
                    .filter(|(_, sum)| **sum != 0)
                    .map(|(currency, sum)| {
                        format!("I3: {} is off by {sum} {currency}", journal.id)
                    }),
            );
        }
        for order in &self.orders {
            let of = |account: &str| {
                balances
                    .get(&(text(order, "id"), account))
                    .copied()
                    .unwrap_or(0)
            };
            let (clearing, expected) = (of("psp_clearing"), due_to_us(order));
            if clearing != expected {
                faults.push(format!(
                    "I4: {} has {clearing} in psp_clearing, {expected} is due",
                    text(order, "id")
                ));
            }
            for open in [
                "psp_clearing:pending",
                "customer_funds:pending",
                "refunds_payable",
            ] {
                if of(open) != 0 {
                    faults.push(format!(
                        "I4: {} has {} open in {open}",
                        text(order, "id"),
                        of(open)
                    ));
                }
            }
        }
        faults
    }

    /// I9: the events of an order count from 1 without gaps, and the last one says what the order is.
    fn events(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut last: HashMap<&str, (u64, &str)> = HashMap::new();
        for event in self.feeds.iter().flatten() {
            let (sequence, kind) = last
                .entry(event["object"]["id"].as_str().unwrap_or_default())
                .or_default();
            if event["sequence"] != *sequence + 1 {
                faults.push(format!("I9: after {sequence} comes {event}"));
            }
            *sequence += 1;
            if event["object"]["type"] == "order" {
                *kind = text(event, "type");
            }
        }
        for order in &self.orders {
            let told = last.get(text(order, "id")).map_or("", |(_, kind)| kind);
            // Time alone completes a journey, and nobody tells.
            let status = if order["status"] == "completed" {
                "ticketed"
            } else {
                text(order, "status")
            };
            if told != format!("order.{status}") && told != "order.changed" {
                faults.push(format!(
                    "I9: {} is {status}, the last event was {told:?}",
                    text(order, "id")
                ));
            }
        }
        faults
    }
}

/// What an order should have brought in, in minor units: its price while it lives, what its fare keeps once it is cancelled.
pub fn due_to_us(order: &Value) -> i64 {
    let amount = |money: &Value| money["amount"].as_i64().unwrap_or(0);
    let price = &order["price"];
    match text(order, "status") {
        status if SOLD.contains(&status) => amount(&price["total"]),
        "cancelled"
            if items(order, "payments")
                .iter()
                .any(|payment| payment["status"] == "captured") =>
        {
            let carriage = amount(&price["base"])
                + items(price, "fees")
                    .iter()
                    .map(|fee| amount(&fee["amount"]))
                    .sum::<i64>();
            let refund = &order["conditions"]["refund_before_departure"];
            if refund["allowed"] == true {
                amount(&refund["penalty"]).min(carriage)
            } else {
                carriage
            }
        }
        _ => 0,
    }
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

fn items<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value[member].as_array().map_or(&[], Vec::as_slice)
}
