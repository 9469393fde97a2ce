//! A payment and what may happen to it, as pure rules: first an operation begins, then the provider's outcome ends it.
//!
//! requested → authorized → captured | voided; declined ends both halves. An outcome that is not known keeps the operation
//! pending until it is. Refunds never exceed what was captured. Nothing here asks anybody.
#![deny(clippy::arithmetic_side_effects)]

use crate::kernel::money::Money;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Requested,
    Authorized,
    Captured,
    Declined,
    Voided,
    /// The provider was asked, and what it did is not known.
    Unknown,
}

/// How a payment is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By a token of the provider.
    Card,
    /// On what its account may owe.
    AgencyCredit,
}

/// What the provider can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Authorize,
    Capture,
    Void,
    Refund,
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Certainly not done, and why.
    Declined(String),
    Unknown,
}

/// Why an operation may not begin or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another operation is under way; later this one may begin.
    #[error("another operation on the payment is under way")]
    Busy,
    #[error("the state of the payment does not allow the operation")]
    WrongState,
    #[error("no amount, or less than nothing")]
    NoAmount,
    #[error("more than was authorized")]
    ExceedsAuthorization,
    #[error("more than is left of what was captured")]
    ExceedsCapture,
    /// The outcome belongs to an operation that is not under way.
    #[error("no such operation is under way")]
    NotPending,
}

/// A payment of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Payment {
    pub id: String,
    pub world: String,
    pub account_id: String,
    pub order_id: String,
    pub method: Method,
    /// Token of the payment method at the provider; empty on credit.
    pub method_token: String,
    pub amount: Money,
    /// Minor units taken.
    pub captured: i64,
    /// Minor units given back.
    pub refunded: i64,
    pub status: Status,
    /// What the provider was asked and has not answered.
    pub pending: Option<Operation>,
    /// Empty unless declined.
    pub decline_code: String,
    /// World's time, microseconds since the Unix epoch.
    pub created_at_us: i64,
}

impl Payment {
    /// Begins an operation on `amount` minor units.
    pub fn begin(&mut self, operation: Operation, amount: i64) -> Result<(), Refusal> {
        if self.pending.is_some() {
            return Err(Refusal::Busy);
        }
        let required = match operation {
            Operation::Authorize => Status::Requested,
            Operation::Capture | Operation::Void => Status::Authorized,
            Operation::Refund => Status::Captured,
        };
        if self.status != required {
            return Err(Refusal::WrongState);
        }
        if amount <= 0 {
            return Err(Refusal::NoAmount);
        }
        match operation {
            Operation::Authorize | Operation::Capture | Operation::Void
                if amount > self.amount.amount =>
            {
                return Err(Refusal::ExceedsAuthorization);
            }
            Operation::Refund if amount > self.captured.saturating_sub(self.refunded) => {
                return Err(Refusal::ExceedsCapture);
            }
            Operation::Authorize | Operation::Capture | Operation::Void | Operation::Refund => {}
        }
        self.pending = Some(operation);
        Ok(())
    }

    /// Ends the operation under way, or notes that its outcome is not known yet.
    pub fn settle(
        &mut self,
        operation: Operation,
        amount: i64,
        outcome: &Outcome,
    ) -> Result<(), Refusal> {
        if self.pending != Some(operation) {
            return Err(Refusal::NotPending);
        }
        let before = match operation {
            Operation::Authorize => Status::Requested,
            Operation::Capture | Operation::Void => Status::Authorized,
            Operation::Refund => Status::Captured,
        };
        self.status = match (operation, outcome) {
            (Operation::Authorize, Outcome::Done) => Status::Authorized,
            (Operation::Capture, Outcome::Done) => {
                self.captured = amount;
                Status::Captured
            }
            (Operation::Void, Outcome::Done) => Status::Voided,
            (Operation::Refund, Outcome::Done) => {
                self.refunded = self
                    .refunded
                    .checked_add(amount)
                    .ok_or(Refusal::ExceedsCapture)?;
                Status::Captured
            }
            (Operation::Authorize | Operation::Capture, Outcome::Declined(code)) => {
                self.decline_code.clone_from(code);
                Status::Declined
            }
            (Operation::Void | Operation::Refund, Outcome::Declined(_)) => before,
            // What was captured stays so, whatever becomes of a refund.
            (Operation::Refund, Outcome::Unknown) => before,
            (Operation::Authorize | Operation::Capture | Operation::Void, Outcome::Unknown) => {
                Status::Unknown
            }
        };
        if *outcome != Outcome::Unknown {
            self.pending = None;
        }
        Ok(())
    }
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $name {
            /// The word in events and tables.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads the word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words!(Status {
    Requested = "requested",
    Authorized = "authorized",
    Captured = "captured",
    Declined = "declined",
    Voided = "voided",
    Unknown = "unknown",
});
words!(Method { Card = "card", AgencyCredit = "agency_credit" });
words!(Operation { Authorize = "authorize", Capture = "capture", Void = "void", Refund = "refund" });

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::kernel::money::Currency;

    pub fn payment() -> Payment {
        Payment {
            id: "pay_1".to_owned(),
            world: "wld_test".to_owned(),
            account_id: "acc_1".to_owned(),
            order_id: "ord_1".to_owned(),
            method: Method::Card,
            method_token: "tok_visa".to_owned(),
            amount: Money::new(100, Currency::parse("EUR").expect("three letters")),
            captured: 0,
            refunded: 0,
            status: Status::Requested,
            pending: None,
            decline_code: String::new(),
            created_at_us: 1,
        }
    }

    /// `begin operation amount = ok | refusal`, `end operation amount outcome = status captured refunded | refusal`.
    fn play(story: &str) {
        let mut payment = payment();
        for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (command, expected) = line.split_once(" = ").expect("a line has a result");
            let words: Vec<&str> = command.split(' ').collect();
            let operation = Operation::parse(words[1]).expect("an operation");
            let amount = words[2].parse().expect("an amount");
            let result = if words[0] == "begin" {
                payment.begin(operation, amount).map(|()| "ok".to_owned())
            } else {
                let outcome = match words[3] {
                    "done" => Outcome::Done,
                    "unknown" => Outcome::Unknown,
                    code => Outcome::Declined(code.to_owned()),
                };
                let told =
                    |p: &Payment| format!("{} {} {}", p.status.as_str(), p.captured, p.refunded);
                payment
                    .settle(operation, amount, &outcome)
                    .map(|()| told(&payment))
            };
            let result = result.unwrap_or_else(|refusal| format!("{refusal:?}"));
            assert_eq!(result, expected, "{line}");
        }
    }

    #[test]
    fn whole_life() {
        play(
            "begin capture 100 = WrongState
             begin authorize 0 = NoAmount
             begin authorize 100 = ok
             begin authorize 100 = Busy
             end capture 100 done = NotPending
             end authorize 100 done = authorized 0 0
             begin refund 1 = WrongState
             begin capture 101 = ExceedsAuthorization
             begin capture 90 = ok
             begin void 90 = Busy
             end capture 90 done = captured 90 0
             end capture 90 done = NotPending
             begin void 90 = WrongState
             begin refund 91 = ExceedsCapture
             begin refund 60 = ok
             begin refund 30 = Busy
             end refund 60 done = captured 90 60
             begin refund 31 = ExceedsCapture
             begin refund 30 = ok
             end refund 30 later = captured 90 60
             begin refund 30 = ok
             end refund 30 done = captured 90 90
             begin refund 1 = ExceedsCapture",
        );
    }

    #[test]
    fn declined_or_voided_ends_a_payment() {
        play(
            "begin authorize 100 = ok
             end authorize 100 card_declined = declined 0 0
             begin capture 100 = WrongState
             begin authorize 100 = WrongState",
        );
        play(
            "begin authorize 100 = ok
             end authorize 100 done = authorized 0 0
             begin void 100 = ok
             end void 100 not_now = authorized 0 0
             begin void 100 = ok
             end void 100 done = voided 0 0
             begin capture 100 = WrongState",
        );
        play(
            "begin authorize 100 = ok
             end authorize 100 done = authorized 0 0
             begin capture 100 = ok
             end capture 100 expired = declined 0 0
             begin capture 100 = WrongState",
        );
    }

    #[test]
    fn unknown_outcome_stops_everything_until_it_is_known() {
        play(
            "begin authorize 100 = ok
             end authorize 100 unknown = unknown 0 0
             begin void 100 = Busy
             end authorize 100 done = authorized 0 0
             begin capture 100 = ok
             end capture 100 unknown = unknown 0 0
             begin capture 100 = Busy
             begin refund 1 = Busy
             end capture 100 unknown = unknown 0 0
             end capture 100 done = captured 100 0
             begin refund 50 = ok
             end refund 50 unknown = captured 100 0
             begin refund 50 = Busy
             end refund 50 done = captured 100 50",
        );
    }
}
