//! The clocks of test worlds, at every contract that shows them.

use crate::api::problem::Code;
use crate::api::shared::{TestClock, operations as op};
use crate::kernel::clock::{parse_rfc3339, rfc3339};
use crate::rpc::common::v1::Context;
use crate::rpc::identity::v1::{AdvanceClockRequest, Clock, GetClockRequest};
use crate::wire::problem::Problem;

use super::call::{ANSWER_WITHIN, Call};
use super::due;

/// The operations, for a contract that has them.
macro_rules! operations {
    () => {
        $crate::edge::door::handlers! {
            get_test_clock: GetTestClockInput -> GetTestClock = test_clock::get;
            advance_test_clock: AdvanceTestClockInput -> AdvanceTestClock = test_clock::advance;
        }
    };
}
pub(super) use operations;

/// A clock of the caller's world.
///
/// # Errors
/// `not_found` for any other, and what keeps the service from answering.
pub async fn get(
    call: Call<'_>,
    request: op::GetTestClockInput,
) -> Result<op::GetTestClock, Problem> {
    let asked = GetClockRequest {
        context: call.context(),
        clock_id: request.test_clock_id,
    };
    let clock = call.clients.clocks.get_clock(asked, ANSWER_WITHIN).await?;
    Ok(op::GetTestClock::Ok {
        body: test_clock(clock),
    })
}

/// Moves the clock, and ends what is due by then before it answers, so that the next read finds it so.
///
/// # Errors
/// `not_found`, `clock_moves_forward`, and what keeps the services from answering.
pub async fn advance(
    call: Call<'_>,
    request: op::AdvanceTestClockInput,
) -> Result<op::AdvanceTestClock, Problem> {
    let to_us = parse_rfc3339(&request.body.to).ok_or_else(|| {
        Problem::new(
            Code::ClockMovesForward,
            "the time lies beyond what a clock can show",
        )
    })?;
    let asked = AdvanceClockRequest {
        context: call.context(),
        clock_id: request.test_clock_id,
        to_us,
    };
    let clocks = &call.clients.clocks;
    let clock = clocks.advance_clock(asked, ANSWER_WITHIN).await?;
    // What is due concerns the whole world, not only this account.
    let everyone = Context {
        world: clock.world.clone(),
        now_us: clock.now_us,
        request_id: call.caller.request_id.clone(),
        ..Context::default()
    };
    due::run(call.clients, &everyone, ANSWER_WITHIN).await?;
    Ok(op::AdvanceTestClock::Ok {
        body: test_clock(clock),
    })
}

fn test_clock(clock: Clock) -> TestClock {
    TestClock {
        id: clock.id,
        now: rfc3339(clock.now_us),
    }
}
