//! What of the books has to agree with what.

use std::collections::{BTreeMap, BTreeSet};

use fareway::booking::schedule::flight_of;
use fareway::rpc::billing::v1::PaymentMethod;
use fareway::rpc::booking::v1::{CancellationStatus, Order, OrderChangeStatus, OrderStatus};
use fareway::rpc::common::v1::Money;
use fareway::rpc::flights::v1::{FlightDate, HoldItem, HoldState, Ptc};

use super::Books;
use crate::people::People;

/// Where money of services is.
const ANCILLARY: &str = "revenue:ancillary";

/// Carrier, number, date, origin, destination and booking class.
type Class = (String, u32, String, String, String, String);

/// Sold and held.
type Seats = (u32, u32);

impl Books {
    /// At rest nothing is under way.
    pub(super) fn unsettled(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for change in &self.changes {
            if change.status() == OrderChangeStatus::Pending {
                faults.push(format!("I5: {} is under way, and nothing moves", change.id));
            }
        }
        for order in &self.orders {
            if order.status() == OrderStatus::Pending {
                faults.push(format!("I5: {} is pending, and nothing moves", order.id));
            }
            if order
                .refunds
                .iter()
                .any(|refund| refund.status == "requested")
            {
                faults.push(format!(
                    "I5: {} waits for its refund, and nothing moves",
                    order.id
                ));
            }
        }
        faults
    }

    /// I6: an order for a key, and an offer or hold ordered once.
    pub(super) fn once(&self, people: &People) -> Vec<String> {
        let (mut keys, mut offers) = (BTreeMap::new(), BTreeMap::new());
        let mut faults = Vec::new();
        for order in &self.orders {
            match people.asked.get(&order.id) {
                None => faults.push(format!("I6: nobody has asked for {}", order.id)),
                Some(key) => {
                    if let Some(other) = keys.insert(key.clone(), &order.id) {
                        faults.push(format!("I6: key {key} has made {other} and {}", order.id));
                    }
                }
            }
            // What has failed sold nothing, and its offer may be ordered again.
            if order.status() == OrderStatus::Failed {
                continue;
            }
            let nonce = order
                .offer
                .as_ref()
                .map(|offer| offer.nonce.clone())
                .unwrap_or_default();
            if let Some(other) = offers.insert(nonce, &order.id) {
                faults.push(format!(
                    "I6: {other} and {} were made from one offer",
                    order.id
                ));
            }
        }
        for (account, id) in &people.orders {
            if !self
                .orders
                .iter()
                .any(|order| order.id == *id && order.account_id == *account)
            {
                faults.push(format!("I6: {account} was told of {id}, which is lost"));
            }
        }
        faults
    }

    /// I5: sold seats are those of live orders, held seats those of held orders and of the agency's holds.
    pub(super) fn seats(&self) -> Vec<String> {
        let mut expected: BTreeMap<Class, Seats> = BTreeMap::new();
        let mut add = |class: Class, (sold, held): Seats| {
            let entry = expected.entry(class).or_default();
            *entry = (entry.0 + sold, entry.1 + held);
        };
        for order in &self.orders {
            let seated = order
                .passengers
                .iter()
                .filter(|passenger| passenger.ptc() != Ptc::Inf);
            let seats = u32::try_from(seated.count()).unwrap_or(u32::MAX);
            let seats = match order.status() {
                OrderStatus::Held => (0, seats),
                status if is_live(status) => (seats, 0),
                _ => continue,
            };
            let slices = order.offer.iter().flat_map(|offer| &offer.slices);
            for segment in slices.flat_map(|slice| &slice.segments) {
                add(
                    class_of(flight_of(segment), segment.booking_class.clone()),
                    seats,
                );
            }
        }
        for hold in self
            .holds
            .iter()
            .filter(|hold| hold.state() == HoldState::Active)
        {
            for HoldItem {
                flight,
                booking_class,
                seats,
            } in hold.items.clone()
            {
                add(
                    class_of(flight.unwrap_or_default(), booking_class),
                    (0, seats),
                );
            }
        }
        let mut kept: BTreeMap<Class, Seats> = BTreeMap::new();
        for flight in &self.inventory {
            for class in flight.cabins.iter().flat_map(|cabin| &cabin.classes) {
                if class.sold + class.held > 0 {
                    let of = flight.flight.clone().unwrap_or_default();
                    kept.insert(
                        class_of(of, class.booking_class.clone()),
                        (class.sold, class.held),
                    );
                }
            }
        }
        let all: BTreeSet<&Class> = expected.keys().chain(kept.keys()).collect();
        all.into_iter()
            .filter_map(|class| {
                let ours = expected.get(class).copied().unwrap_or_default();
                let theirs = kept.get(class).copied().unwrap_or_default();
                (ours != theirs).then(|| {
                    format!(
                        "I5: {class:?}: orders and holds have {} sold and {} held, inventory {} and {}",
                        ours.0, ours.1, theirs.0, theirs.1
                    )
                })
            })
            .collect()
    }

    /// I7: a total is the sum of its parts.
    pub(super) fn prices(&self) -> Vec<String> {
        let amount = |money: &Option<Money>| money.as_ref().map_or(0, |money| money.amount);
        let mut faults = Vec::new();
        for order in &self.orders {
            let Some(offer) = &order.offer else { continue };
            let whole = offer.price.clone().unwrap_or_default();
            let charges = whole.taxes.iter().chain(&whole.fees);
            let parts: i64 = charges.map(|charge| amount(&charge.amount)).sum();
            let each: i64 = offer
                .passenger_prices
                .iter()
                .filter_map(|passenger| passenger.price.as_ref())
                .map(|price| amount(&price.total))
                .sum();
            let total = amount(&whole.total);
            if total != amount(&whole.base) + parts || total != each {
                faults.push(format!(
                    "I7: the price of {} is not the sum of its parts",
                    order.id
                ));
            }
        }
        faults
    }

    /// I5 and I8: what was captured and not given back is what orders owe by their state and the quotes they were ended on.
    pub(super) fn money(&self) -> Vec<String> {
        let amount = |money: &Option<Money>| money.as_ref().map_or(0, |money| money.amount);
        let mut faults = Vec::new();
        let mut kept: BTreeMap<&str, i64> = BTreeMap::new();
        for payment in &self.payments {
            let (captured, refunded) = (amount(&payment.captured), amount(&payment.refunded));
            if refunded > captured {
                faults.push(format!(
                    "I8: {} gave {refunded} back of {captured}",
                    payment.id
                ));
            }
            if captured > amount(&payment.amount) {
                faults.push(format!(
                    "I8: {} took {captured} of {}",
                    payment.id,
                    amount(&payment.amount)
                ));
            }
            *kept.entry(&payment.order_id).or_default() += captured - refunded;
            let there = self.moved.get(&payment.id).copied().unwrap_or_default();
            if payment.method() == PaymentMethod::Card && there != (captured, refunded) {
                faults.push(format!(
                    "I8: of {} the provider took {} and gave {} back, billing says {captured} and {refunded}",
                    payment.id, there.0, there.1
                ));
            }
        }
        let credit = &self.credit;
        let used = amount(&credit.posted) + amount(&credit.pending);
        if used > amount(&credit.limit) {
            faults.push(format!(
                "I8: the agency owes {used} of {} at most",
                amount(&credit.limit)
            ));
        }
        for order in &self.orders {
            let (expected, actual) = (self.due(order), kept.remove(order.id.as_str()).unwrap_or(0));
            if expected != actual {
                faults.push(format!(
                    "I5: {} ({:?}) should have brought {expected}, billing has {actual}",
                    order.id,
                    order.status()
                ));
            }
        }
        let strays = kept.into_iter().filter(|(_, amount)| *amount != 0);
        faults.extend(
            strays.map(|(order, amount)| {
                format!("I5: {amount} was paid for {order}, which nobody has")
            }),
        );
        faults
    }

    /// I6: what was said last of the agency's credit is so, however often earlier words come again.
    pub fn credit_said(&self, limit: i64) -> Option<String> {
        let kept = self.credit.limit.as_ref().map_or(0, |limit| limit.amount);
        (kept != limit).then(|| {
            format!("I6: the agency may owe {limit} as was said last, and {kept} by billing")
        })
    }

    /// What changes of an order's journey have kept.
    fn kept(&self, order: &Order) -> i64 {
        let amount = |money: &Option<Money>| money.as_ref().map_or(0, |money| money.amount);
        let done = self.changes.iter().filter(|change| {
            change.order_id == order.id && change.status() == OrderChangeStatus::Confirmed
        });
        done.map(|change| amount(&change.penalty) + amount(&change.forfeited))
            .sum()
    }

    /// What an order should have brought in: its price while it lives, what the quote kept that it was ended on; and what was kept
    /// when it was changed. What is voided has brought nothing.
    fn due(&self, order: &Order) -> i64 {
        let amount = |money: &Option<Money>| money.as_ref().map_or(0, |money| money.amount);
        if is_live(order.status()) {
            let price = order.offer.as_ref().and_then(|offer| offer.price.as_ref());
            return price.map_or(0, |price| amount(&price.total)) + self.kept(order);
        }
        if order.status() != OrderStatus::Cancelled {
            return 0;
        }
        let quote = self.cancellations.iter().find(|quote| {
            quote.order_id == order.id && quote.status() == CancellationStatus::Confirmed
        });
        quote.map_or(0, |quote| amount(&quote.penalty) + self.kept(order))
    }

    /// What an order has earned by services: all of them while it lives, and what the quote kept of them that it was ended on.
    fn services(&self, order: &Order) -> i64 {
        let amount = |money: &Option<Money>| money.as_ref().map_or(0, |money| money.amount);
        if is_live(order.status()) {
            let offer = order.offer.iter();
            let bought = offer.flat_map(|offer| &offer.services);
            return bought
                .map(|one| amount(&one.amount) * i64::from(one.quantity))
                .sum();
        }
        let quotes = self.cancellations.iter().filter(|quote| {
            quote.order_id == order.id && quote.status() == CancellationStatus::Confirmed
        });
        let lines = quotes.flat_map(|quote| &quote.lines);
        let kept = lines.filter(|line| line.kind == "service");
        kept.map(|line| amount(&line.penalty)).sum()
    }

    /// I7: what a quote gives back and keeps is the sum of its lines.
    pub(super) fn quotes(&self) -> Vec<String> {
        let amount = |money: &Option<Money>| money.as_ref().map_or(0, |money| money.amount);
        let mut faults = Vec::new();
        for quote in &self.cancellations {
            let sums = quote.lines.iter().fold((0, 0), |(refund, penalty), line| {
                (
                    refund + amount(&line.refund),
                    penalty + amount(&line.penalty),
                )
            });
            if sums != (amount(&quote.refund), amount(&quote.penalty)) {
                faults.push(format!("I7: the lines of {} do not add up", quote.id));
            }
        }
        faults
    }

    /// I3, I4 and I11: journals balance, say of each order what it brought, leave nothing open, and add up to the balances told.
    pub(super) fn ledger(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut of_orders: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        let mut replayed: BTreeMap<(String, String), i64> = BTreeMap::new();
        for journal in &self.journals {
            let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
            for line in &journal.lines {
                let Some(money) = &line.amount else { continue };
                *sums.entry(&money.currency).or_default() += money.amount;
                *of_orders
                    .entry((&journal.order_id, &line.ledger_account))
                    .or_default() += money.amount;
                let account = (line.ledger_account.clone(), money.currency.clone());
                *replayed.entry(account).or_default() += money.amount;
            }
            let off = sums.into_iter().filter(|(_, sum)| *sum != 0);
            faults.extend(
                off.map(|(currency, sum)| format!("I3: {} is off by {sum} {currency}", journal.id)),
            );
        }
        for order in &self.orders {
            let receivable = format!("agency_receivable:{}", order.account_id);
            let of = |account: &str| {
                of_orders
                    .get(&(order.id.as_str(), account))
                    .copied()
                    .unwrap_or(0)
            };
            let (brought, expected) = (of("psp_clearing") + of(&receivable), self.due(order));
            if brought != expected {
                faults.push(format!(
                    "I4: the ledger has {brought} for {}, {expected} is due",
                    order.id
                ));
            }
            // Of what it brought, that is owed which its flights and taxes cost, and the rest is earned: all of it once it has
            // ended.
            let kept = match is_live(order.status()) {
                true => self.kept(order),
                false => expected - self.services(order),
            };
            let owed = expected - kept;
            let lines = of_orders.iter().filter(|((id, account), _)| {
                *id == order.id
                    && (account.starts_with("air_traffic_liability:")
                        || account.starts_with("tax_payable:")
                        || *account == ANCILLARY)
            });
            let sum: i64 = lines.map(|(_, amount)| -amount).sum();
            if (sum, -of("revenue:penalty")) != (owed, kept) {
                faults.push(format!(
                    "I4: {} owes {sum} and has earned {}, not {owed} and {kept}",
                    order.id,
                    -of("revenue:penalty")
                ));
            }
            let (earned, services) = (-of(ANCILLARY), self.services(order));
            if earned != services {
                faults.push(format!(
                    "I4: {} has earned {earned} by services, not {services}",
                    order.id
                ));
            }
            let promised = format!("{receivable}:pending");
            for open in [
                "exchange_clearing",
                "psp_clearing:pending",
                "customer_funds:pending",
                "refunds_payable",
                &promised,
            ] {
                if of(open) != 0 {
                    faults.push(format!("I4: {} has {} open in {open}", order.id, of(open)));
                }
            }
        }
        for (account, sum) in replayed.iter().filter(|(_, sum)| **sum != 0) {
            let told = self.balances.get(account).copied().unwrap_or(0);
            if told != *sum {
                faults.push(format!(
                    "I11: {account:?} is {sum} by its journals, {told} is told"
                ));
            }
        }
        faults
    }
}

fn is_live(status: OrderStatus) -> bool {
    matches!(
        status,
        OrderStatus::Confirmed | OrderStatus::Ticketed | OrderStatus::Completed
    )
}

fn class_of(flight: FlightDate, class: String) -> Class {
    (
        flight.carrier,
        flight.number,
        flight.date,
        flight.origin,
        flight.destination,
        class,
    )
}
