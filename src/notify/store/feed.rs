//! Feeds in SQLite. An event is added by the transaction that notes it in the inbox, and gets its positions and deliveries there.

use prost::Message;
use sqlx::FromRow;

use super::{Error, Lane, Store, deliveries};
use crate::notify::CONSUMER;
use crate::platform::db::{Script, Tx};
use crate::platform::outbox;
use crate::rpc::events::v1::Envelope;
use crate::rpc::notify::v1::FeedEvent;

/// Which events to list.
pub struct Query {
    pub world: String,
    pub account_id: String,
    /// The event before the first; empty to start at the beginning. One that is not in the feed gives no events.
    pub after: String,
    /// Empty for all.
    pub r#type: String,
    pub limit: u32,
}

#[derive(FromRow)]
struct EventRow {
    id: String,
    r#type: String,
    time_us: i64,
    object_type: String,
    object_id: String,
    sequence: i64,
    envelope: Option<Vec<u8>>,
}

/// An endpoint that wants to hear of an event, if there is one.
#[derive(FromRow)]
struct Listening {
    /// Of the event among those of its object.
    sequence: i64,
    endpoint_id: Option<String>,
    /// Whether nothing of the object is pending there.
    idle: bool,
}

impl Store {
    /// Adds an event at the end of its account's feed, once, with its deliveries; the lanes in which nothing else is pending. Where
    /// something is, whoever is done with that goes on with this.
    pub async fn append(&self, event: Envelope) -> Result<Vec<Lane>, Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let heard = listening(tx, &event).await?;
                let mut script = Script::default();
                // One that was noted before has its place already.
                if let Some(first) = heard.first() {
                    append(&mut script, &event, first.sequence);
                }
                let mut lanes = Vec::new();
                for Listening {
                    sequence,
                    endpoint_id,
                    idle,
                } in heard
                {
                    let Some(endpoint_id) = endpoint_id else {
                        continue;
                    };
                    deliveries::make(&mut script, &event, sequence, &endpoint_id);
                    if idle {
                        lanes.push(Lane {
                            world: event.world.clone(),
                            endpoint_id,
                            object_id: event.subject.clone(),
                        });
                    }
                }
                script.run(tx).await?;
                Ok(lanes)
            })
        });
        write.await
    }

    /// A page of a feed, oldest first.
    pub async fn events(&self, query: Query) -> Result<Vec<FeedEvent>, Error> {
        let rows: Vec<EventRow> = sqlx::query_as(
            "SELECT id, type, time_us, object_type, object_id, sequence, envelope FROM event
             WHERE world = ?1 AND account_id = ?2 AND (?4 = '' OR type = ?4)
                 AND position > CASE ?3 WHEN '' THEN 0 ELSE
                     (SELECT position FROM event WHERE id = ?3 AND world = ?1 AND account_id = ?2) END
             ORDER BY position LIMIT ?5",
        )
        .bind(query.world)
        .bind(query.account_id)
        .bind(query.after)
        .bind(query.r#type)
        .bind(query.limit)
        .fetch_all(self.db.reader())
        .await?;
        let told = rows.into_iter().map(|row| {
            let event = row.envelope.map(|bytes| Envelope::decode(bytes.as_slice()));
            Ok(FeedEvent {
                id: row.id,
                r#type: row.r#type,
                time_us: row.time_us,
                object_type: row.object_type,
                object_id: row.object_id,
                sequence: row.sequence.unsigned_abs(),
                event: event.transpose()?,
            })
        });
        told.collect()
    }
}

/// Notes an event in the inbox, and who wants to hear of it: nothing when it was noted before, one row without an endpoint when
/// nobody does.
async fn listening(tx: &mut Tx, event: &Envelope) -> Result<Vec<Listening>, sqlx::Error> {
    let mut script = Script::default();
    outbox::accept(&mut script, CONSUMER, event);
    script
        .add(
            "SELECT 1 + coalesce((SELECT last FROM object WHERE id = ?), 0) AS sequence, endpoint.id AS endpoint_id,
                 NOT EXISTS (SELECT 1 FROM delivery
                     WHERE endpoint_id = endpoint.id AND object_id = ? AND status = 'pending') AS idle
             FROM (SELECT 1) LEFT JOIN endpoint ON world = ? AND account_id = ? AND status = 'enabled'
                 AND (events = '' OR instr(' ' || events || ' ', ' ' || ? || ' ') > 0)
             WHERE changes() = 1",
        )
        .bind(&event.subject)
        .bind(&event.subject)
        .bind(&event.world)
        .bind(&event.account_id)
        .bind(&event.r#type);
    let rows = script.find_all(tx).await?;
    rows.iter().map(Listening::from_row).collect()
}

/// Gives an event its place in its account's feed, and that of the `sequence`-th among those of its object.
fn append(script: &mut Script, event: &Envelope, sequence: i64) {
    script
        .add(
            "INSERT INTO feed (world, account_id, last) VALUES (?, ?, 1)
             ON CONFLICT (world, account_id) DO UPDATE SET last = last + 1",
        )
        .bind(&event.world)
        .bind(&event.account_id)
        .add("INSERT INTO object (id, last) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET last = excluded.last")
        .bind(&event.subject)
        .bind(sequence)
        .add(
            "INSERT INTO event (world, account_id, position, object_id, sequence, id, type, time_us, object_type, envelope)
             SELECT world, account_id, last, ?, ?, ?, ?, ?, ?, ? FROM feed WHERE world = ? AND account_id = ?",
        )
        .bind(&event.subject)
        .bind(sequence)
        .bind(&event.id)
        .bind(&event.r#type)
        .bind(event.time_us)
        .bind(aggregate(&event.r#type))
        .bind(event.encode_to_vec())
        .bind(&event.world)
        .bind(&event.account_id);
}

/// What a type of event is about.
pub(super) fn aggregate(r#type: &str) -> &str {
    r#type
        .split_once('.')
        .map_or("", |(aggregate, _)| aggregate)
}
