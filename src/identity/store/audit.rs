//! The audit in SQLite: rows that a trigger keeps from being changed, and a sealed head for each world.

use sqlx::{Connection, FromRow, SqliteExecutor};

use super::{Store, hash};
use crate::identity::Error;
use crate::identity::chain::{self, Checker, SealKey};
use crate::platform::db::Tx;
use crate::rpc::identity::v1::AuditEvent;

/// How many rows are checked at a time.
const CHECKED_AT_ONCE: u32 = 500;

/// What was done, before it has a place in the chain.
pub struct Appended {
    pub world: String,
    /// Its sequence and hashes are not read.
    pub event: AuditEvent,
}

/// Where the chain of a world ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Head {
    pub sequence: u64,
    pub hash: [u8; 32],
    pub seal: [u8; 32],
}

#[derive(FromRow)]
struct EventRow {
    id: String,
    sequence: i64,
    time_us: i64,
    actor: String,
    action: String,
    object_id: String,
    request_id: String,
    digest: Vec<u8>,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl Store {
    /// Adds an event at the end of its world's chain and returns it; one that is there under this id and says the same is
    /// returned as it is.
    pub async fn append_audit(&self, new: Appended, key: SealKey) -> Result<AuditEvent, Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let Appended { world, mut event } = new;
                let found: Option<EventRow> =
                    sqlx::query_as("SELECT * FROM audit_event WHERE id = ? AND world = ?")
                        .bind(&event.id)
                        .bind(&world)
                        .fetch_optional(&mut *tx)
                        .await?;
                if let Some(found) = found.map(audit_event) {
                    let same = (&found.actor, &found.action, &found.object_id, &found.digest)
                        == (&event.actor, &event.action, &event.object_id, &event.digest);
                    return if same {
                        Ok(found)
                    } else {
                        Err(Error::Taken("audit id"))
                    };
                }
                let head = head(&mut *tx, &world).await?;
                event.sequence = head.map_or(0, |head| head.sequence) + 1;
                let previous = head.map_or(chain::START, |head| head.hash);
                event.previous_hash = previous.to_vec();
                let hash = chain::hash(&previous, &world, &event);
                event.hash = hash.to_vec();
                insert(tx, &world, &event).await?;
                sqlx::query(
                    "INSERT INTO audit_head (world, sequence, hash, seal) VALUES (?, ?, ?, ?)
                     ON CONFLICT (world) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash, seal = excluded.seal",
                )
                .bind(&world)
                .bind(event.sequence.cast_signed())
                .bind(hash.to_vec())
                .bind(key.seal(&world, event.sequence, &hash).to_vec())
                .execute(tx)
                .await?;
                Ok(event)
            })
        });
        write.await
    }

    /// The events of a world after the one with this sequence, in their order.
    pub async fn audit_events(
        &self,
        world: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, Error> {
        Ok(events(self.db.reader(), world, after, limit).await?)
    }

    /// Lets `checker` see all events of a world, and returns its head as it was at that moment.
    pub async fn check_audit(
        &self,
        world: &str,
        checker: &mut Checker,
    ) -> Result<Option<Head>, Error> {
        // One transaction, so that an event that is appended meanwhile is in neither.
        let mut reader = self.db.reader().acquire().await?;
        let mut tx = reader.begin().await?;
        let head = head(&mut *tx, world).await?;
        let mut after = 0;
        loop {
            let page = events(&mut *tx, world, after, CHECKED_AT_ONCE).await?;
            let Some(last) = page.last() else {
                return Ok(head);
            };
            after = last.sequence;
            for event in &page {
                checker.see(event);
            }
        }
    }
}

async fn insert(tx: &mut Tx, world: &str, event: &AuditEvent) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO audit_event
             (world, sequence, id, time_us, actor, action, object_id, request_id, digest, previous_hash, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(world)
    .bind(event.sequence.cast_signed())
    .bind(&event.id)
    .bind(event.time_us)
    .bind(&event.actor)
    .bind(&event.action)
    .bind(&event.object_id)
    .bind(&event.request_id)
    .bind(&event.digest)
    .bind(&event.previous_hash)
    .bind(&event.hash)
    .execute(tx)
    .await
    .map_err(|error| match error.as_database_error() {
        // The id is in use in another world, of which nothing is said.
        Some(cause) if cause.is_unique_violation() => Error::Taken("audit id"),
        _ => error.into(),
    })?;
    Ok(())
}

async fn events(
    on: impl SqliteExecutor<'_>,
    world: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<AuditEvent>, sqlx::Error> {
    let rows: Vec<EventRow> = sqlx::query_as(
        "SELECT * FROM audit_event WHERE world = ? AND sequence > ? ORDER BY sequence LIMIT ?",
    )
    .bind(world)
    .bind(after.cast_signed())
    .bind(limit)
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(audit_event).collect())
}

async fn head(on: impl SqliteExecutor<'_>, world: &str) -> Result<Option<Head>, sqlx::Error> {
    let row: Option<(i64, Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT sequence, hash, seal FROM audit_head WHERE world = ?")
            .bind(world)
            .fetch_optional(on)
            .await?;
    let head = row.map(|(sequence, end, seal)| {
        Ok(Head {
            sequence: sequence.unsigned_abs(),
            hash: hash(end)?,
            seal: hash(seal)?,
        })
    });
    head.transpose()
}

fn audit_event(row: EventRow) -> AuditEvent {
    AuditEvent {
        id: row.id,
        sequence: row.sequence.unsigned_abs(),
        time_us: row.time_us,
        actor: row.actor,
        action: row.action,
        object_id: row.object_id,
        request_id: row.request_id,
        digest: row.digest,
        hash: row.hash,
        previous_hash: row.previous_hash,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::audit::tests::{WORLD, audited, verdict};
    use crate::identity::service::tests::{OTHER_WORLD, open};
    use sqlx::Connection;
    use std::path::Path;

    /// Does to the file of a stopped service what its triggers forbid.
    async fn tamper(path: &Path, statement: &'static str) {
        let url = format!("sqlite:{}", path.display());
        let mut file = sqlx::SqliteConnection::connect(&url).await.expect("opens");
        for trigger in ["audit_is_not_changed", "audit_is_not_removed"] {
            let drop = format!("DROP TRIGGER {trigger}");
            let dropped = sqlx::query(sqlx::AssertSqlSafe(drop))
                .execute(&mut file)
                .await;
            dropped.expect("the trigger is there");
        }
        let changed = sqlx::raw_sql(statement)
            .execute(&mut file)
            .await
            .expect("changes");
        assert!(changed.rows_affected() > 0, "{statement}");
        file.close().await.expect("closes");
    }

    #[tokio::test]
    async fn changed_removed_reordered_added_and_cut_off_events_are_named() {
        for (statement, broken_at) in [
            ("UPDATE audit_event SET object_id = 'ord_9' WHERE world = 'wld_sandbox' AND sequence = 3", 3),
            ("UPDATE audit_event SET hash = zeroblob(32) WHERE world = 'wld_sandbox' AND sequence = 5", 5),
            ("DELETE FROM audit_event WHERE world = 'wld_sandbox' AND sequence = 2", 2),
            ("UPDATE audit_event SET sequence = -1 WHERE world = 'wld_sandbox' AND sequence = 2;
              UPDATE audit_event SET sequence = 2 WHERE world = 'wld_sandbox' AND sequence = 3;
              UPDATE audit_event SET sequence = 3 WHERE world = 'wld_sandbox' AND sequence = -1", 2),
            ("DELETE FROM audit_event WHERE world = 'wld_sandbox' AND sequence > 3", 4),
            ("UPDATE audit_head SET sequence = 3,
                  hash = (SELECT hash FROM audit_event AS e WHERE e.world = audit_head.world AND e.sequence = 3)
              WHERE world = 'wld_sandbox'", 4),
            ("UPDATE audit_head SET seal = zeroblob(32) WHERE world = 'wld_sandbox'", 5),
            ("DELETE FROM audit_head WHERE world = 'wld_sandbox'", 1),
        ] {
            let dir = tempfile::tempdir().expect("a directory");
            let identity = audited(&dir).await;
            identity.close().await;
            tamper(&dir.path().join("identity.db"), statement).await;
            let identity = open(&dir).await;
            let (valid, _, named) = verdict(&identity, WORLD).await;
            assert_eq!((valid, named), (false, broken_at), "{statement}");
            assert_eq!(verdict(&identity, OTHER_WORLD).await, (true, 1, 0));
        }
    }

    #[tokio::test]
    async fn what_was_appended_cannot_be_changed_by_a_statement() {
        let dir = tempfile::tempdir().expect("a directory");
        let identity = audited(&dir).await;
        for statement in [
            "UPDATE audit_event SET actor = ''",
            "DELETE FROM audit_event",
        ] {
            let db = identity.store.db();
            let write = db.write(move |tx| {
                Box::pin(async move {
                    sqlx::query(statement).execute(tx).await?;
                    Ok::<_, Error>(())
                })
            });
            assert!(write.await.is_err(), "{statement}");
        }
    }
}
