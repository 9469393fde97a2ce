//! The worlds and their clocks in SQLite.

use super::{Store, is_taken};
use crate::identity::Error;
use crate::platform::db::Tx;

/// A simulated clock of a world.
#[derive(Clone, Debug)]
pub struct Clock {
    pub id: String,
    pub world: String,
    pub now_us: i64,
}

impl Store {
    /// Every simulated clock.
    pub async fn clocks(&self) -> Result<Vec<Clock>, Error> {
        let rows: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT clock_id, id, now_us FROM world WHERE clock_id IS NOT NULL")
                .fetch_all(self.db.reader())
                .await?;
        Ok(rows
            .into_iter()
            .map(|(id, world, now_us)| Clock { id, world, now_us })
            .collect())
    }

    /// Moves a clock forward.
    pub async fn advance_clock(&self, clock_id: String, to_us: i64) -> Result<(), Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let now_us: Option<i64> =
                    sqlx::query_scalar("SELECT now_us FROM world WHERE clock_id = ?")
                        .bind(&clock_id)
                        .fetch_optional(&mut *tx)
                        .await?;
                let now_us = now_us.ok_or(Error::NotFound("clock"))?;
                if to_us < now_us {
                    return Err(Error::ClockMovesForward { now_us });
                }
                sqlx::query("UPDATE world SET now_us = ? WHERE clock_id = ?")
                    .bind(to_us)
                    .bind(clock_id)
                    .execute(tx)
                    .await?;
                Ok(())
            })
        });
        write.await
    }
}

/// Makes a world with a clock, unless there is one of its name.
pub(super) async fn make_world(tx: &mut Tx, clock: Clock) -> Result<(), Error> {
    let made = sqlx::query(
        "INSERT INTO world (id, clock_id, now_us) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )
    .bind(clock.world)
    .bind(clock.id)
    .bind(clock.now_us)
    .execute(tx)
    .await;
    match made {
        Ok(_) => Ok(()),
        Err(error) if is_taken(&error) => Err(Error::Taken("clock id")),
        Err(error) => Err(error.into()),
    }
}
