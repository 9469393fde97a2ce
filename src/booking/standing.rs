//! Where the saga of an order stands: what it does or waits for, since when, and whether it gets on.
//!
//! Pure. A saga is its order's own, and so is its id: the same under another prefix.

use super::order::{Order, Step};
use crate::kernel::clock::MINUTE_US;
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::{PaymentStatus, SagaState};

/// How long a saga may stand at one stage before it counts as stuck. Each takes seconds when everybody answers.
pub const STUCK_AFTER_US: i64 = 5 * MINUTE_US;

/// The most of an error that is told, in characters.
const ERROR_LEN_MAX: usize = 500;

/// What a saga does next, or waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A step of the order's.
    At(Step),
    /// The steps are done; money is on its way back.
    AwaitRefund,
}

/// Stages, the numbers they are kept under, and what they are called between services.
const STAGES: [(Stage, i64, &str); 15] = [
    (Stage::At(Step::Rest), 0, "rest"),
    (Stage::At(Step::HoldSeats), 1, "hold_seats"),
    (
        Stage::At(Step::AwaitAuthorization),
        2,
        "await_authorization",
    ),
    (Stage::At(Step::ConfirmHold), 3, "confirm_hold"),
    (Stage::At(Step::AwaitCapture), 4, "await_capture"),
    (Stage::At(Step::ReleaseHold), 5, "release_hold"),
    (Stage::At(Step::ReturnSeats), 6, "return_seats"),
    (Stage::AwaitRefund, 7, "await_refund"),
    (Stage::At(Step::HoldNewSeats), 8, "hold_new_seats"),
    (
        Stage::At(Step::AwaitNewAuthorization),
        9,
        "await_new_authorization",
    ),
    (Stage::At(Step::ConfirmNewHold), 10, "confirm_new_hold"),
    (Stage::At(Step::AwaitNewCapture), 11, "await_new_capture"),
    (Stage::At(Step::ReleaseNewHold), 12, "release_new_hold"),
    (Stage::At(Step::ReturnNewSeats), 13, "return_new_seats"),
    (Stage::At(Step::ReturnOldSeats), 14, "return_old_seats"),
];

impl Stage {
    fn row(self) -> &'static (Self, i64, &'static str) {
        let known = STAGES.iter().find(|(stage, ..)| *stage == self);
        known.expect("every stage has a row")
    }

    /// The number it is kept under.
    pub fn number(self) -> i64 {
        self.row().1
    }

    /// What it is called between services.
    pub fn word(self) -> &'static str {
        self.row().2
    }

    /// The stage of a number.
    pub fn of_number(number: i64) -> Option<Self> {
        let known = STAGES.iter().find(|(_, known, _)| *known == number);
        known.map(|(stage, ..)| *stage)
    }

    /// What billing was asked, when it is waited for.
    pub fn asked(self) -> Option<&'static str> {
        match self {
            Self::At(Step::AwaitAuthorization | Step::AwaitNewAuthorization) => {
                Some("payment.requested")
            }
            Self::At(Step::AwaitCapture | Step::AwaitNewCapture) => {
                Some("payment.capture_requested")
            }
            Self::AwaitRefund => Some("refund.requested"),
            Self::At(Step::Rest | Step::HoldSeats | Step::ConfirmHold) => None,
            Self::At(Step::ReleaseHold | Step::ReturnSeats) => None,
            Self::At(Step::HoldNewSeats | Step::ConfirmNewHold) => None,
            Self::At(Step::ReleaseNewHold | Step::ReturnNewSeats | Step::ReturnOldSeats) => None,
        }
    }
}

impl Order {
    /// Where its saga stands.
    pub fn stage(&self) -> Stage {
        let mut refunds = self.state.refunds.iter();
        match self.step {
            Step::Rest if refunds.any(|refund| refund.status == "requested") => Stage::AwaitRefund,
            step => Stage::At(step),
        }
    }

    /// The id of its saga.
    pub fn saga_id(&self) -> String {
        self.state.id.replacen("ord_", "sag_", 1)
    }
}

/// The order of a saga.
pub fn order_of(saga_id: &str) -> Option<String> {
    let body = saga_id.strip_prefix("sag_")?;
    Some(format!("ord_{body}"))
}

/// An order's saga as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub order: Order,
    /// Since when it is at its stage.
    pub since_us: i64,
    /// How often that was tried without an answer.
    pub tries: u32,
    /// What came of the last of these tries.
    pub last_error: String,
    /// When it is tried next by itself.
    pub next_try_at_us: Option<i64>,
}

impl Standing {
    /// Whether it gets on.
    pub fn state(&self, now_us: i64) -> SagaState {
        let unknown = self.order.state.payment_status() == PaymentStatus::Unknown;
        let late = self.since_us.saturating_add(STUCK_AFTER_US) <= now_us;
        match self.order.stage() {
            Stage::At(Step::Rest) => SagaState::Resting,
            _ if unknown || late => SagaState::Stuck,
            _ => SagaState::Running,
        }
    }

    /// What is told of it at this time.
    pub fn as_of(&self, now_us: i64) -> pb::Saga {
        let state = &self.order.state;
        pb::Saga {
            id: self.order.saga_id(),
            order_id: state.id.clone(),
            account_id: state.account_id.clone(),
            state: self.state(now_us).into(),
            step: self.order.stage().word().to_owned(),
            since_us: self.since_us,
            tries: self.tries,
            last_error: self.last_error.clone(),
            next_try_at_us: self.next_try_at_us,
            order_status: self.order.status(now_us).into(),
            payment_status: state.payment_status,
        }
    }
}

/// An error as it is told: in one line, and not too long.
pub fn told(error: &str) -> String {
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    error.chars().map(plain).take(ERROR_LEN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::order::accept;
    use crate::booking::tests::samples::{NOW, draft};

    fn standing(step: Step) -> Standing {
        let mut order = accept(draft(), NOW).expect("good").order;
        order.step = step;
        Standing {
            order,
            since_us: NOW,
            tries: 0,
            last_error: String::new(),
            next_try_at_us: None,
        }
    }

    #[test]
    fn stuck_is_what_stands_too_long_or_waits_for_what_nobody_knows() {
        use SagaState::{Resting, Running, Stuck};
        for (step, unknown, after_us, state) in [
            (Step::HoldSeats, false, STUCK_AFTER_US - 1, Running),
            (Step::HoldSeats, false, STUCK_AFTER_US, Stuck),
            (Step::AwaitCapture, false, 0, Running),
            (Step::AwaitCapture, true, 0, Stuck),
            (Step::Rest, false, STUCK_AFTER_US, Resting),
        ] {
            let mut standing = standing(step);
            if unknown {
                let state = &mut standing.order.state;
                state.set_payment_status(PaymentStatus::Unknown);
            }
            assert_eq!(standing.state(NOW + after_us), state, "{step:?} {after_us}");
        }
    }

    #[test]
    fn an_order_at_rest_waits_for_its_refunds() {
        let mut standing = standing(Step::Rest);
        for (status, word) in [("requested", "await_refund"), ("succeeded", "rest")] {
            standing.order.state.refunds = vec![pb::Refund {
                status: status.to_owned(),
                ..pb::Refund::default()
            }];
            assert_eq!(standing.as_of(NOW).step, word);
        }
    }

    #[test]
    fn every_stage_has_a_number_and_a_word_of_its_own() {
        for (stage, number, word) in STAGES {
            assert_eq!(Stage::of_number(number), Some(stage));
            let same = STAGES.iter().filter(|(.., other)| *other == word);
            assert_eq!(same.count(), 1, "{word}");
        }
    }

    #[test]
    fn an_error_is_one_line_that_fits() {
        assert_eq!(told("a\nb"), "a b");
        assert_eq!(told(&"é".repeat(600)).chars().count(), ERROR_LEN_MAX);
    }

    #[test]
    fn a_saga_is_named_after_its_order() {
        let standing = standing(Step::Rest);
        let id = standing.order.saga_id();
        assert_eq!(order_of(&id), Some(standing.order.state.id));
        assert_eq!(order_of("ord_1"), None);
    }
}
