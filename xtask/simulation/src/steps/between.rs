//! What the network and the broker do with what they are given.

use fareway::rpc::flights::v1::Hold;
use tonic::Status;

use crate::broker::{Hearer, hearer};
use crate::network::{Call, Parked, away};
use crate::run::Run;
use crate::stage::Service;

/// Events that a service hears before it is killed while the broker is away.
const SAID_IN_VAIN: usize = 4;

impl Run {
    /// A call to flights meets its fate.
    pub(super) fn call(&mut self) {
        match self.pick(self.stage.network.parked()) {
            Some(at) => self.answer_or_not(at),
            None => self.message(),
        }
    }

    fn answer_or_not(&mut self, at: usize) {
        match self.chance.below(100) {
            0..3 => {
                self.fault("a call lost on its way");
                let parked = self.take(at);
                parked.answer(Err(away()));
            }
            3..6 => {
                self.fault("an answer lost on its way");
                let parked = self.take(at);
                self.stray(parked.call.clone());
                parked.answer(Err(away()));
            }
            6..9 => {
                self.fault("a call that arrives twice");
                let parked = self.take(at);
                self.stray(parked.call.clone());
                let answer = self.arrive(parked.call.clone());
                parked.answer(answer);
            }
            9..12 => {
                self.fault("a call that arrives after its caller gave up");
                let parked = self.take(at);
                self.late.push(parked.call.clone());
                parked.answer(Err(away()));
            }
            12 => {
                self.fault("booking killed while flights works for it");
                let parked = self.take(at);
                self.stray(parked.call);
                self.kill(Service::Booking);
            }
            13 => {
                self.fault("flights killed before its answer");
                let parked = self.take(at);
                self.stray(parked.call.clone());
                self.kill(Service::Flights);
                parked.answer(Err(away()));
            }
            _ => self.answer_call(at),
        }
    }

    pub(super) fn take(&mut self, at: usize) -> Parked {
        let parked = self.stage.network.take(at);
        let (what, hold) = parked.call.name();
        self.note(format!("call: {what} {hold}"));
        parked
    }

    /// Lets a call through, and its answer back.
    pub fn answer_call(&mut self, at: usize) {
        self.act("a call to flights");
        let parked = self.take(at);
        let answer = self.arrive(parked.call.clone());
        parked.answer(answer);
    }

    /// A call reaches flights.
    pub fn arrive(&mut self, call: Call) -> Result<Hold, Status> {
        let process = self.stage.flights();
        let answer = process.run(call.clone().done_by(&process.service));
        self.answered(&call, &answer);
        answer
    }

    /// Notes what flights has said to a call.
    pub(super) fn answered(&mut self, call: &Call, answer: &Result<Hold, Status>) {
        let (what, hold) = call.name();
        self.saw(answer, call.asked_at_us());
        let came = match answer {
            Ok(hold) => hold.state().as_str_name(),
            Err(status) => self.refused(status).as_str(),
        };
        self.note(format!("flights: {what} {hold}: {came}"));
    }

    /// A call reaches flights, and nobody hears what came of it.
    pub fn stray(&mut self, call: Call) {
        drop(self.arrive(call));
    }

    pub(super) fn late_call(&mut self) {
        self.act("a late call");
        if let Some(at) = self.pick(self.late.len()) {
            let call = self.late.swap_remove(at);
            self.stray(call);
        }
    }

    /// The next event of some subject reaches its hearer, or nearly.
    pub(super) fn message(&mut self) {
        let Some(at) = self.pick(self.stage.broker.waiting()) else {
            return;
        };
        let Some(event) = self.stage.broker.next(at).cloned() else {
            return;
        };
        self.act("an event delivered");
        self.note(format!(
            "event {} {} of {}",
            event.r#type, event.sequence, event.subject
        ));
        match self.chance.below(100) {
            0..4 => {
                self.fault("an event delivered, and its acknowledgement lost");
                self.stage.deliver(&event);
            }
            4..10 => {
                let commits = 1 + self.chance.below(3);
                self.stage.broker.hold_up(true);
                let taken = self.stage.deliver_until(&event, commits);
                let service = match hearer(&event) {
                    Hearer::Billing => Service::Billing,
                    _ => Service::Booking,
                };
                let Some(taken) = taken else {
                    self.fault(match service {
                        Service::Billing => "billing killed between two commits",
                        _ => "booking killed between two commits",
                    });
                    self.kill(service);
                    return;
                };
                self.stage.broker.hold_up(false);
                if taken {
                    self.stage.broker.acknowledged(&event.subject);
                }
            }
            10..13 => {
                self.fault("a service killed while the broker is away");
                let hearer_of_all = hearer(&event);
                self.stage.broker.hold_up(true);
                // Several, so that what was said of the first has had time to be noted.
                for _ in 0..SAID_IN_VAIN {
                    let waiting = (0..self.stage.broker.waiting())
                        .filter_map(|at| self.stage.broker.next(at))
                        .find(|next| hearer(next) == hearer_of_all);
                    let Some(next) = waiting.cloned() else { break };
                    if self.stage.deliver(&next) {
                        self.stage.broker.acknowledged(&next.subject);
                    }
                }
                let service = match hearer_of_all {
                    Hearer::Billing => Service::Billing,
                    Hearer::Booking | Hearer::Nobody => Service::Booking,
                };
                self.stage.linger(service);
                self.kill(service);
            }
            13..15 => self.fill_up(&event),
            _ => {
                if self.stage.deliver(&event) {
                    self.stage.broker.acknowledged(&event.subject);
                }
            }
        }
    }

    pub(super) fn old_message(&mut self) {
        self.act("an event that was delivered long ago");
        let at = self.pick(self.stage.broker.remembered());
        if let Some(event) = at.and_then(|at| self.stage.broker.earlier(at)).cloned() {
            self.fault("an event delivered again");
            self.note(format!("again {} {}", event.r#type, event.sequence));
            self.stage.deliver(&event);
        }
    }

    pub(super) fn publishing_trouble(&mut self) {
        match self.now_and_then(500) {
            true => {
                self.fault("events lost on their way to the broker");
                self.stage.broker.lose();
            }
            false => {
                self.fault("events taken, and the broker's answer lost");
                self.stage.broker.forget_to_answer();
            }
        }
        self.order();
    }
}
