//! Follows flights' log of changes to its plan, and tells every order that has a changed flight.
//!
//! The place in the log is committed together with what a change makes of the orders, so each change is told once, wherever
//! flights runs and whoever follows at the same time.

use super::service::{BookingService, Neighbours};
use super::store::{self, Kept, listing, sqlite};
use super::{Error, schedule};
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1::{FlightChange, ListChangesRequest};

/// Most changes that are asked for at once.
const CHANGES_AT_ONCE: u32 = 100;

impl BookingService {
    /// Tells orders of everything in the log that they have not been told of, in all worlds.
    pub(super) async fn follow(&self) -> Result<(), Error> {
        loop {
            let request = ListChangesRequest {
                context: Some(Context::default()),
                after: sqlite::cursor(self.0.db.reader()).await?,
                limit: CHANGES_AT_ONCE,
            };
            let Neighbours {
                schedule, deadline, ..
            } = &self.0.neighbours;
            let told = schedule.list_changes(request, *deadline).await?;
            for change in told.changes {
                self.tell(change).await?;
            }
            if !told.more {
                return Ok(());
            }
        }
    }

    async fn tell(&self, told: FlightChange) -> Result<(), Error> {
        self.note_time(&told.world, told.made_at_us);
        let cause = self.cause(told.made_at_us, &told.request_id);
        let written = self.0.db.write(move |tx| {
            Box::pin(async move {
                if !sqlite::move_cursor(tx, told.position).await? {
                    // Somebody else was faster.
                    return Ok(());
                }
                let flight = told.after.as_ref().and_then(|after| after.flight.as_ref());
                let Some(flight) = flight else {
                    tracing::error!(
                        position = told.position,
                        "a change names no flight and is passed over"
                    );
                    return Ok(());
                };
                for order in listing::live_on_flight(&mut *tx, &told.world, flight).await? {
                    // What happened to the order since is not undone by time.
                    let now_us = told.made_at_us.max(order.state.updated_at_us);
                    let cause = store::Cause {
                        now_us,
                        ..cause.clone()
                    };
                    if let Some(change) = schedule::detect(&order, &told, now_us) {
                        store::commit(tx, &cause, Kept::Known, &change, None).await?;
                    }
                }
                Ok::<_, Error>(())
            })
        });
        written.await
    }
}
