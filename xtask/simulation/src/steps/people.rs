//! People search, order, pay, cancel, void, and ask again.

use fareway::kernel::clock::MINUTE_US;
use fareway::rpc::booking::v1::orders_server::Orders;
use fareway::rpc::booking::v1::{
    AcceptScheduleChangeRequest, GetOrderRequest, MetadataEntry, Order, ScheduleChangeKind,
    UpdateOrderRequest,
};
use fareway::rpc::flights::v1::Segment;
use tonic::{Request, Response, Status};

use super::JOURNEYS;
use crate::network::Call;
use crate::people::{ACCOUNTS, AGENCY, Command, context, items};
use crate::run::Run;
use crate::stage::{Service, until};

impl Run {
    pub(super) fn order(&mut self) {
        self.act("search and order");
        let account = ACCOUNTS[self.pick(ACCOUNTS.len()).unwrap_or(0)];
        let journey = self.pick(JOURNEYS.len()).unwrap_or(0);
        let offers = self.search(journey, account);
        let Some(at) = self.pick(offers.len()) else {
            self.note("nothing is for sale".to_owned());
            return;
        };
        let command = self.people.order(account, &offers[at], self.now_us);
        self.send(command);
    }

    pub(super) fn agency_hold(&mut self) {
        if let Some(call) = self.agency_call() {
            self.stray(call);
        }
    }

    /// An agency's request for seats without names, unless nothing is for sale.
    pub(super) fn agency_call(&mut self) -> Option<Call> {
        self.act("hold seats for an agency");
        let journey = self.pick(JOURNEYS.len()).unwrap_or(0);
        let offers = self.search(journey, AGENCY);
        let at = self.pick(offers.len())?;
        let seats = 1 + u32::try_from(self.chance.below(2)).unwrap_or(0);
        let until =
            self.now_us + MINUTE_US * (1 + i64::try_from(self.chance.below(90)).unwrap_or(0));
        let request = self
            .people
            .hold(items(&offers[at], seats), seats, self.now_us, until);
        self.note(format!("agency holds {seats} seats"));
        Some(Call::Hold(request))
    }

    pub(super) fn order_hold(&mut self) {
        self.act("order what is held");
        let Some(at) = self.pick(self.people.holds.len()) else {
            return;
        };
        if let Some(command) = self.people.order_hold(at, self.now_us) {
            self.send(command);
        }
    }

    /// One of the orders that somebody knows, recent ones more often.
    pub(super) fn known(&self) -> Option<(String, String)> {
        let known = &self.people.orders;
        let back = self.pick(known.len().min(12))?;
        let at = match self.now_and_then(700) {
            true => known.len() - 1 - back,
            false => self.pick(known.len())?,
        };
        known.get(at).cloned()
    }

    pub(super) fn pay(&mut self) {
        self.act("pay");
        let Some(known) = self.known() else { return };
        let Some(order) = self.read(&known) else {
            return;
        };
        let command = self.people.pay(known, &order, self.now_us);
        self.send(command);
    }

    pub(super) fn read(&self, (account, order_id): &(String, String)) -> Option<Order> {
        let request = GetOrderRequest {
            context: Some(context(account, self.now_us, "req_read")),
            order_id: order_id.clone(),
        };
        let process = self.stage.booking();
        let read = process.run(process.service.get_order(Request::new(request)));
        read.map(Response::into_inner).ok()
    }

    pub(super) fn quote(&mut self) {
        self.act("ask what cancelling costs");
        let Some(known) = self.known() else { return };
        let request = self.people.quote(&known, self.now_us);
        let process = self.stage.booking();
        let quoted = process.run(process.service.quote_cancellation(Request::new(request)));
        match quoted {
            Ok(quote) => self.people.quotes.push((known.0, quote.into_inner().id)),
            Err(status) => drop(self.refused(&status)),
        }
    }

    pub(super) fn confirm(&mut self) {
        self.act("cancel");
        let back = self.pick(self.people.quotes.len().min(6));
        let Some(quote) =
            back.map(|back| self.people.quotes[self.people.quotes.len() - 1 - back].clone())
        else {
            return;
        };
        let command = self.people.confirm(quote, self.now_us);
        self.send(command);
    }

    pub(super) fn void(&mut self) {
        self.act("void");
        let Some(known) = self.known() else { return };
        let command = self.people.void(known, self.now_us);
        self.send(command);
    }

    pub(super) fn update(&mut self) {
        self.act("change contact or metadata");
        let Some((account, order_id)) = self.known() else {
            return;
        };
        let request = UpdateOrderRequest {
            context: Some(context(&account, self.now_us, "req_update")),
            order_id,
            replace_metadata: true,
            metadata: vec![MetadataEntry {
                key: "step".to_owned(),
                value: self.tally.steps.to_string(),
            }],
            ..UpdateOrderRequest::default()
        };
        let process = self.stage.booking();
        let changed = process.run(process.service.update_order(Request::new(request)));
        self.note(format!("update: {}", changed.is_ok()));
        if let Err(status) = changed {
            self.refused(&status);
        }
    }

    /// An owner agrees to what the airline changed last, whether that is open or not.
    pub(super) fn accept_change(&mut self) {
        self.act("accept a schedule change");
        let changed = self.known().and_then(|known| {
            let order = self.read(&known)?;
            let change = order.schedule_changes.last().cloned()?;
            Some((known.0, change))
        });
        let Some((account, change)) = changed else {
            return;
        };
        let request = AcceptScheduleChangeRequest {
            context: Some(context(&account, self.now_us, "req_accept")),
            schedule_change_id: change.id.clone(),
        };
        let process = self.stage.booking();
        let accepted = process.run(
            process
                .service
                .accept_schedule_change(Request::new(request)),
        );
        self.note(format!("accept: {}", accepted.is_ok()));
        let Ok(order) = accepted.map(Response::into_inner) else {
            return;
        };
        let slices = order.offer.iter().flat_map(|offer| &offer.slices);
        let flown = slices
            .flat_map(|slice| &slice.segments)
            .find(|segment| segment.id == change.segment_id);
        let agreed = |flown: &Segment| match change.kind() {
            ScheduleChangeKind::EquipmentChanged => flown.equipment == change.equipment_after,
            _ => flown.departure == change.departure_after,
        };
        // One that was accepted before may be of a journey that was changed since.
        if !flown.map_or(change.status == "accepted", agreed) {
            self.violations.push(format!(
                "{} does not have the times or the aircraft of {} that its owner accepted",
                order.id, change.id
            ));
        }
    }

    pub(super) fn ask_again(&mut self) {
        self.act("ask again under the same key");
        if let Some(command) = self.people.again(self.now_us) {
            self.send(command);
        }
    }

    /// Sends a command: once, twice at a time, or to a booking that dies before it has answered. Of a crowd, it is sent with the
    /// others.
    pub(super) fn send(&mut self, command: Command) {
        if let Some(crowd) = &mut self.crowd {
            crowd.push(command);
            return;
        }
        let (name, key) = command.name();
        let line = format!("{name} {key}");
        match self.chance.below(20) {
            0 => {
                self.fault("booking killed after a commit, before its answer");
                self.stage.broker.hold_up(true);
                let process = self.stage.booking();
                let counter = process.service.commits();
                let sent =
                    process.run(until(counter, 1, command.clone().sent_to(&process.service)));
                match sent {
                    None => {
                        self.note(format!("{line}: booking dies"));
                        self.kill(Service::Booking);
                    }
                    Some(answer) => {
                        self.stage.broker.hold_up(false);
                        self.hear(&command, answer);
                    }
                }
            }
            1 | 2 => {
                self.fault("a request twice at the same time");
                // With the ids of the first: which of the two wins is not for the seed to say.
                let twin = command.clone();
                let process = self.stage.booking();
                let (one, two) = process.run(async {
                    let (one, two) = (command.clone(), twin.clone());
                    tokio::join!(one.sent_to(&process.service), two.sent_to(&process.service))
                });
                self.note(format!("{line}, twice"));
                // Either may have been the first.
                let (mut one, mut two) = (one, two);
                if matches!(&one, Ok((_, true))) {
                    std::mem::swap(&mut one, &mut two);
                }
                self.hear(&command, one);
                self.hear(&twin, two);
            }
            _ => {
                let process = self.stage.booking();
                let answer = process.run(command.clone().sent_to(&process.service));
                self.hear(&command, answer);
            }
        }
    }

    pub(super) fn hear(&mut self, command: &Command, answer: Result<(String, bool), Status>) {
        let (name, key) = command.name();
        let line = format!("{name} {key}");
        match answer {
            Ok((order_id, replayed)) => {
                let away = self.stage.trouble(Service::Booking).is_some() && !replayed;
                let lost = away.then(|| format!("errors: {line} was accepted, and cannot be kept"));
                self.checked("errors", lost.into_iter().collect());
                let fault = self.people.hear(command, &order_id, replayed);
                self.note(format!("{line}: accepted as {order_id}"));
                self.violations.extend(fault);
            }
            Err(status) => {
                let code = self.refused(&status);
                self.note(format!("{line}: {code}"));
            }
        }
    }
}
