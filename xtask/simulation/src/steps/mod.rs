//! What may happen in a step: people ask, the network and the broker do their worst, services die, time passes, the airline
//! changes its mind.

mod airline;
mod between;
mod changes;
mod people;
mod store;
mod together;

use crate::run::Run;
use crate::stage::Service;

/// Where people want to go, and when: few flights, so that seats are scarce.
const JOURNEYS: [&[(&str, &str, &str)]; 4] = [
    &[("KEF", "HEL", "2027-04-13")],
    &[("HEL", "KEF", "2027-04-20")],
    &[("KEF", "HEL", "2027-04-13"), ("HEL", "KEF", "2027-04-20")],
    &[("KEF", "TLL", "2027-04-13")],
];

impl Run {
    /// One step.
    pub fn step(&mut self) {
        self.relieve(false);
        match self.chance.below(100) {
            0..8 => self.order(),
            8..11 => self.crowd(),
            11..13 => self.agency_hold(),
            13..15 => self.order_hold(),
            15..21 => self.pay(),
            21..24 => self.quote(),
            24..27 => self.confirm(),
            27..28 => self.void(),
            28 => self.update(),
            29 => self.accept_change(),
            30..32 => self.ask_again(),
            32..36 => self.change_journey(),
            36..53 => self.call(),
            53..57 => self.calls_together(),
            57..88 => self.message(),
            88 => self.raise_credit(),
            89..91 => self.old_message(),
            91..92 => self.late_call(),
            92..95 => self.pass_time_and_count(),
            95..97 => drop(self.tick()),
            97 => self.publishing_trouble(),
            98 => self.plan_changes(),
            _ => match self.now_and_then(600) {
                true => self.die(),
                false => self.trouble(),
            },
        }
    }

    fn die(&mut self) {
        let service = match self.chance.below(4) {
            0 => Service::Flights,
            1 => Service::Billing,
            _ => Service::Booking,
        };
        self.fault(match service {
            Service::Flights => "flights killed",
            Service::Billing => "billing killed",
            Service::Booking => "booking killed",
        });
        self.kill(service);
    }

    pub(super) fn kill(&mut self, service: Service) {
        self.note(format!("{service:?} is killed"));
        self.troubled.remove(&service);
        let orphans = self.stage.crash(service);
        // Some of what a dead booking had asked reaches flights all the same, some time.
        for call in orphans {
            if self.now_and_then(300) {
                self.late.push(call);
            }
        }
    }
}
