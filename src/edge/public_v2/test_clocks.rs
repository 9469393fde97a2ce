//! The clocks of test worlds.

use crate::api::problem::Code;
use crate::api::public_v2::{operations as op, types};
use crate::edge::due;
use crate::kernel::clock::{parse_rfc3339, rfc3339};
use crate::platform::auth::Caller;
use crate::rpc::common::v1::Context;
use crate::rpc::identity::v1::{AdvanceClockRequest, Clock, GetClockRequest};
use crate::wire::problem::Problem;

use super::{ANSWER_WITHIN, Door, context};

pub async fn get(
    door: &Door,
    caller: &Caller,
    request: op::GetTestClockInput,
) -> Result<op::GetTestClock, Problem> {
    let asked = GetClockRequest {
        context: context(caller),
        clock_id: request.test_clock_id,
    };
    let clock = door.clocks.get_clock(asked, ANSWER_WITHIN).await?;
    Ok(op::GetTestClock::Ok {
        body: test_clock(clock),
    })
}

/// Moves the clock, and ends what is due by then before it answers, so that the next read finds it so.
pub async fn advance(
    door: &Door,
    caller: &Caller,
    request: op::AdvanceTestClockInput,
) -> Result<op::AdvanceTestClock, Problem> {
    let to_us = parse_rfc3339(&request.body.to).ok_or_else(|| {
        Problem::new(
            Code::ClockMovesForward,
            "the time lies beyond what a clock can show",
        )
    })?;
    let asked = AdvanceClockRequest {
        context: context(caller),
        clock_id: request.test_clock_id,
        to_us,
    };
    let clock = door.clocks.advance_clock(asked, ANSWER_WITHIN).await?;
    // What is due concerns the whole world, not only this account.
    let everyone = Context {
        world: clock.world.clone(),
        now_us: clock.now_us,
        account_id: String::new(),
        request_id: caller.request_id.clone(),
    };
    due::run(
        &door.inventory,
        &door.orders,
        &door.payments,
        &everyone,
        ANSWER_WITHIN,
    )
    .await?;
    Ok(op::AdvanceTestClock::Ok {
        body: test_clock(clock),
    })
}

fn test_clock(clock: Clock) -> types::TestClock {
    types::TestClock {
        id: clock.id,
        now: rfc3339(clock.now_us),
    }
}
