//! The clocks of worlds: read by those who live in one, and moved forward, never back.
//! The database is asked first and memory follows, so that no time is seen that a crash could take back.

use std::sync::Arc;

use super::world::World;
use super::{Error, IdentityService};
use crate::rpc::common::v1::Context;
use crate::rpc::identity::v1 as rpc;

impl IdentityService {
    /// The clock of the caller's own world.
    pub async fn clock(
        &self,
        context: Option<&Context>,
        clock_id: &str,
    ) -> Result<rpc::Clock, Error> {
        let (world, account_id) = self.world_of_clock(context, clock_id).await?;
        Ok(clock_answer(&world, clock_id, account_id))
    }

    /// Moves the clock of the caller's own world forward; to where it stands is no move and no error.
    pub async fn advance_clock(
        &self,
        request: rpc::AdvanceClockRequest,
    ) -> Result<rpc::Clock, Error> {
        let (world, account_id) = self
            .world_of_clock(request.context.as_ref(), &request.clock_id)
            .await?;
        self.store
            .advance_clock(request.clock_id.clone(), request.to_us)
            .await?;
        // Only now, so that nobody sees a time that a crash could take back.
        world.advanced(request.to_us);
        Ok(clock_answer(&world, &request.clock_id, account_id))
    }

    /// A clock of another world, or of a world that the account is not in, is not found.
    async fn world_of_clock(
        &self,
        context: Option<&Context>,
        clock_id: &str,
    ) -> Result<(Arc<World>, String), Error> {
        let missing = || Error::NotFound("clock");
        let context = context.ok_or_else(missing)?;
        let world = self.world(&context.world).ok_or_else(missing)?;
        if world.clock_id() != Some(clock_id) {
            return Err(missing());
        }
        let account_id = if context.account_id.is_empty() {
            self.store.first_account(&world.id).await?
        } else {
            let account = self.store.account(&context.account_id).await?;
            account
                .filter(|account| account.world == world.id)
                .map(|account| account.id)
        };
        Ok((world, account_id.ok_or_else(missing)?))
    }
}

fn clock_answer(world: &World, clock_id: &str, account_id: String) -> rpc::Clock {
    rpc::Clock {
        id: clock_id.to_owned(),
        world: world.id.clone(),
        now_us: world.now_us(),
        account_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::service::tests::{OTHER_WORLD, PLATFORM, account, context, open};

    #[tokio::test]
    async fn clocks_move_forward_for_their_own_world_and_stay_moved() {
        let dir = tempfile::tempdir().expect("a directory");
        let identity = open(&dir).await;
        let own = identity
            .create_account(account(1, true, OTHER_WORLD))
            .await
            .expect("it is new");
        let foreign = identity
            .create_account(account(2, true, "wld_third"))
            .await
            .expect("it is new");
        let to = |to_us, world: &str, account_id: &str| rpc::AdvanceClockRequest {
            context: context(world, account_id),
            clock_id: own.clock_id.clone(),
            to_us,
        };
        for (to_us, stands) in [
            (1000, Some(1000)),
            (3000, Some(3000)),
            (2999, None),
            (3000, Some(3000)),
        ] {
            let moved = identity
                .advance_clock(to(to_us, OTHER_WORLD, &own.id))
                .await;
            match (moved, stands) {
                (Ok(clock), Some(stands)) => assert_eq!(clock.now_us, stands),
                (Err(Error::ClockMovesForward { now_us }), None) => assert_eq!(now_us, 3000),
                (moved, _) => panic!("{to_us}: {moved:?}"),
            }
        }
        for (world, account_id) in [
            ("wld_third", foreign.id.as_str()),
            (OTHER_WORLD, foreign.id.as_str()),
            ("wld_live", own.id.as_str()),
        ] {
            let refused = identity.advance_clock(to(9000, world, account_id)).await;
            assert!(
                matches!(refused, Err(Error::NotFound("clock"))),
                "{world} {account_id}"
            );
        }
        identity.close().await;
        let identity = open(&dir).await;
        let clock = identity
            .clock(context(OTHER_WORLD, PLATFORM).as_ref(), &own.clock_id)
            .await;
        assert_eq!(clock.expect("it is there").now_us, 3000);
    }
}
