//! People change their minds about where to go, and when: a quote, mostly taken at once, sometimes later or never.

use fareway::rpc::booking::v1::orders_server::Orders;
use fareway::rpc::booking::v1::{Order, OrderPassenger};
use fareway::rpc::flights::v1::{Offer, Ptc};
use tonic::{Request, Response};

use super::JOURNEYS;
use crate::run::Run;

/// Orders that somebody looks at for one to change.
const LOOKED_AT: usize = 12;

impl Run {
    /// Asks what another journey costs, takes what was quoted, or both.
    pub(super) fn change_journey(&mut self) {
        if self.now_and_then(700) && !self.quote_change() {
            return;
        }
        if self.now_and_then(800) {
            self.take_change();
        }
    }

    /// An order that may be changed, if one is soon found; else any, which is refused.
    fn changeable(&self) -> Option<((String, String), Order)> {
        let mut found = None;
        for _ in 0..LOOKED_AT {
            let Some(known) = self.known() else { continue };
            let Some(order) = self.read(&known) else {
                continue;
            };
            let may = order.available_actions.iter().any(|a| a == "change");
            found = Some((known, order));
            if may {
                break;
            }
        }
        found
    }

    /// Whether anything was quoted.
    fn quote_change(&mut self) -> bool {
        self.act("ask what a change costs");
        let Some((known, order)) = self.changeable() else {
            return false;
        };
        let kinds: Vec<Ptc> = order.passengers.iter().map(OrderPassenger::ptc).collect();
        let journey = self.pick(JOURNEYS.len()).unwrap_or(0);
        let mut offers = self.search_for(journey, &known.0, &kinds);
        // What is sold elsewhere costs another currency, and is refused.
        if !offers
            .iter()
            .any(|other| order.offer.as_ref().map(currency) == Some(currency(other)))
        {
            offers = self.search_for(journey ^ 1, &known.0, &kinds);
        }
        let Some(at) = self.pick(offers.len()) else {
            return false;
        };
        let request = self.people.quote_change(&known, &offers[at], self.now_us);
        let process = self.stage.booking();
        let quoted = process.run(process.service.quote_order_change(Request::new(request)));
        match quoted.map(Response::into_inner) {
            Ok(quote) => {
                let due = quote.add_collect.as_ref().map_or(0, |due| due.amount);
                self.note(format!("a change of {} for {due}", known.1));
                self.people.changes.push((known.0, quote));
                true
            }
            Err(status) => {
                let code = self.refused(&status);
                self.note(format!("no change of {}: {code}", known.1));
                false
            }
        }
    }

    fn take_change(&mut self) {
        self.act("change the journey");
        let changes = &self.people.changes;
        // The last one mostly; an older one is over, or was taken.
        let back = match self.now_and_then(800) {
            true => 0,
            false => self.pick(changes.len().min(6)).unwrap_or(0),
        };
        let at = changes.len().checked_sub(1 + back);
        let Some(quote) = at.map(|at| changes[at].clone()) else {
            return;
        };
        let command = self.people.change(quote, self.now_us);
        self.send(command);
    }
}

fn currency(offer: &Offer) -> &str {
    let total = offer.price.as_ref().and_then(|price| price.total.as_ref());
    total.map_or("", |total| &total.currency)
}
