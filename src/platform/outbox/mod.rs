//! Events in and out of a service without losing or doubling an effect: `push` in the transaction that makes something
//! true, a relay that publishes what was committed (`relay`), `accept` in the transaction of a consumer's effect.
//! The tables are in `outbox.sql` and `parked.sql`, which migrations of each service hold. What events mean is not known here.
//!
//! An event that a consumer keeps refusing is parked for that consumer (`parked`), so that one that can never be taken stops
//! nobody else. Later events of its subject are parked behind it for the same consumer, because a consumer may rely on the order
//! of a subject: it never has an event before it has had those that came earlier. Other consumers, and other subjects of the same
//! consumer, go on. Why parked and not waiting in the relay: what waits there would be lost from sight, and would hold up the other
//! consumers of the subject.

mod drill;
mod parked;
mod parked_events;
#[cfg(test)]
mod parking_tests;
mod redelivery;
mod relay;
#[cfg(test)]
mod tests;

use prost::Message;
use sqlx::SqliteExecutor;

use super::db::{self, Script, Tx};
use crate::rpc::events::v1::Envelope;

pub use drill::subscribe as subscribe_drill;
pub use parked_events::ParkedEvents;
pub use relay::{Patience, Relay, TRIES};

/// Why the outbox could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Committing failed.
    #[error("the database failed")]
    Db(#[from] db::Error),
    /// A statement failed.
    #[error("a statement failed")]
    Sql(#[from] sqlx::Error),
    /// A row holds what this program never writes.
    #[error("an envelope in the outbox cannot be read")]
    Envelope(#[from] prost::DecodeError),
    /// The event is not parked, or not in the caller's world.
    #[error("there is no such parked event")]
    NotParked,
    /// An earlier event of its subject has to be taken first.
    #[error("it waits behind an earlier event of its subject, which has to be delivered first")]
    Waits,
    /// The key stands for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// A request lacks what it needs.
    #[error("the request lacks its {0}")]
    Incomplete(&'static str),
    /// The service is stopping.
    #[error("the relay has ended")]
    Ended,
}

/// Adds an event to the outbox and gives it the next sequence of its subject. It is published after the commit.
pub fn push(script: &mut Script, envelope: &Envelope) {
    script
        .add("INSERT INTO outbox_sequence (subject, last) VALUES (?, 1) ON CONFLICT (subject) DO UPDATE SET last = last + 1")
        .bind(&envelope.subject)
        .add("INSERT INTO outbox (subject, sequence, envelope) SELECT subject, last, ? FROM outbox_sequence WHERE subject = ?")
        .bind(envelope.encode_to_vec())
        .bind(&envelope.subject);
}

/// An event of the outbox, whose sequence is in a column of its own.
fn read(sequence: i64, envelope: &[u8]) -> Result<Envelope, prost::DecodeError> {
    Ok(Envelope {
        sequence: sequence.unsigned_abs(),
        ..Envelope::decode(envelope)?
    })
}

/// What was said of a subject after this sequence, the oldest first. The outbox keeps what is published, too.
pub async fn said(
    on: impl SqliteExecutor<'_>,
    subject: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<Envelope>, sqlx::Error> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT sequence, envelope FROM outbox WHERE subject = ? AND sequence > ? ORDER BY sequence LIMIT ?",
    )
    .bind(subject)
    .bind(i64::try_from(after).unwrap_or(i64::MAX))
    .bind(limit)
    .fetch_all(on)
    .await?;
    let rows = rows.into_iter();
    let read = rows.map(|(sequence, envelope)| read(sequence, &envelope));
    read.collect::<Result<_, _>>()
        .map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Notes that `consumer` has the effect of this event. For the statement that comes next, `changes()` is 1 when it did not have it
/// before, and else 0.
pub fn accept(script: &mut Script, consumer: &str, envelope: &Envelope) {
    script
        .add("INSERT INTO inbox (consumer, event_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(consumer)
        .bind(&envelope.id);
}

/// Notes that `consumer` has the effect of the events with these ids.
pub fn accept_all<'e>(
    script: &mut Script,
    consumer: &str,
    event_ids: impl IntoIterator<Item = &'e str>,
) {
    script
        .add(
            "INSERT INTO inbox (consumer, event_id) SELECT ?, value FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING",
        )
        .bind(consumer)
        .bind(serde_json::Value::from_iter(event_ids).to_string());
}

/// Notes that `consumer` has the effect of this event; false when it had it before.
pub async fn accepted(
    tx: &mut Tx,
    consumer: &str,
    envelope: &Envelope,
) -> Result<bool, sqlx::Error> {
    let mut script = Script::default();
    accept(&mut script, consumer, envelope);
    script.add("SELECT 1 WHERE changes() = 1");
    Ok(script.find(tx).await?.is_some())
}
