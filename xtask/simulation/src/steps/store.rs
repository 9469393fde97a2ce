//! Stores that cannot be written for a while: the disk is full, or somebody else writes and does not come to an end.
//!
//! Whoever asks meanwhile is told to come again, and nothing is half done; afterwards everything goes on by itself.

use disk::Trouble;
use fareway::api::problem::Code;
use fareway::platform::status;
use fareway::rpc::events::v1::Envelope;
use tonic::Status;

use crate::broker::{Hearer, hearer};
use crate::run::Run;
use crate::stage::Service;

/// Most steps that a store is in trouble.
const LASTS_MAX: u64 = 16;
/// Most commits that a disk still has room for.
const COMMITS_MAX: u64 = 3;

impl Run {
    /// The store of some service can be written no more.
    pub(super) fn trouble(&mut self) {
        let service = Service::ALL[self.pick(Service::ALL.len()).unwrap_or(0)];
        let trouble = match self.now_and_then(500) {
            true => Trouble::Full,
            false => Trouble::Locked,
        };
        self.fault(match (service, trouble) {
            (Service::Flights, Trouble::Full) => "the disk of flights full",
            (Service::Booking, Trouble::Full) => "the disk of booking full",
            (Service::Billing, Trouble::Full) => "the disk of billing full",
            (Service::Flights, _) => "the database of flights locked",
            (Service::Booking, _) => "the database of booking locked",
            (Service::Billing, _) => "the database of billing locked",
        });
        self.stage.befall(service, Some(trouble));
        self.lasts(service, trouble);
    }

    /// An event reaches its hearer, whose disk has room for a part of what it makes of it.
    pub(super) fn fill_up(&mut self, event: &Envelope) {
        let service = match hearer(event) {
            Hearer::Billing => Service::Billing,
            Hearer::Booking | Hearer::Nobody => Service::Booking,
        };
        self.fault(match service {
            Service::Billing => "the disk of billing full between two commits",
            _ => "the disk of booking full between two commits",
        });
        let commits = 1 + self.chance.below(COMMITS_MAX);
        self.stage.broker.hold_up(true);
        let taken = self.stage.deliver_filling(event, commits);
        self.stage.broker.hold_up(false);
        if taken {
            self.stage.broker.acknowledged(&event.subject);
        }
        self.stage.befall(service, Some(Trouble::Full));
        self.lasts(service, Trouble::Full);
    }

    fn lasts(&mut self, service: Service, trouble: Trouble) {
        let steps = 1 + self.chance.below(LASTS_MAX);
        self.note(format!("{service:?}: {trouble:?} for {steps} steps"));
        self.troubled.insert(service, self.tally.steps + steps);
    }

    /// Ends what has lasted long enough, or all of it.
    pub fn relieve(&mut self, all: bool) {
        for service in Service::ALL {
            let until = self.troubled.get(&service).copied();
            if until.is_some_and(|until| all || until <= self.tally.steps) {
                self.troubled.remove(&service);
                self.stage.befall(service, None);
                self.note(format!("{service:?} can write again"));
                self.settle();
            }
        }
    }

    /// What somebody was told who got no answer: never that the fault is ours, whatever befalls a store.
    pub fn refused(&mut self, status: &Status) -> Code {
        let code = status::code_of(status);
        let fault = (code == Code::Internal)
            .then(|| "errors: somebody was told that the fault is ours".to_owned());
        self.checked("errors", fault.into_iter().collect());
        code
    }
}
