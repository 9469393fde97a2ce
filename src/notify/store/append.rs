//! How events get their places in feeds. An event is added by the transaction that notes it in the inbox, and gets its positions
//! and deliveries there.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, MutexGuard, PoisonError};

use prost::Message;
use serde_json::{Value, json};
use sqlx::FromRow;
use tokio::sync::oneshot;

use super::deliveries::delivery_id;
use super::feed::aggregate;
use super::{Error, Lane, Store};
use crate::notify::CONSUMER;
use crate::platform::db::{self, Script, Tx};
use crate::platform::outbox;
use crate::rpc::events::v1::Envelope;

/// An event that waits for its place, and who wants to know the lanes that it opens.
pub(super) struct Waiting {
    event: Envelope,
    reply: Reply,
}

type Reply = oneshot::Sender<Result<Vec<Lane>, Error>>;

impl Store {
    /// Adds an event at the end of its account's feed, once, with its deliveries; the lanes in which nothing else is pending. Where
    /// something is, whoever is done with that goes on with this. What comes while the database is busy is added together.
    pub async fn append(&self, event: Envelope) -> Result<Vec<Lane>, Error> {
        let (reply, answer) = oneshot::channel();
        let first = {
            let mut waiting = self.waiting();
            waiting.push(Waiting { event, reply });
            waiting.len() == 1
        };
        if first {
            // By a task of its own, so that whoever leaves takes nobody along.
            tokio::spawn(self.clone().append_waiting());
        }
        answer.await.unwrap_or(Err(db::Error::Lost.into()))
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds all that wait when their turn comes.
    async fn append_waiting(self) {
        let (started, mut taken) = oneshot::channel();
        let store = self.clone();
        let added = self.db.write(move |tx| {
            Box::pin(async move {
                let waiting = std::mem::take(&mut *store.waiting());
                let (events, replies): (Vec<Envelope>, Vec<Reply>) = waiting
                    .into_iter()
                    .map(|one| (one.event, one.reply))
                    .unzip();
                let events = Arc::new(events);
                // Whoever asked for this waits for it.
                drop(started.send((events.clone(), replies)));
                append(tx, &events).await
            })
        });
        let added = added.await;
        let Ok((events, replies)) = taken.try_recv() else {
            // Their turn never came.
            self.waiting().clear();
            return;
        };
        match added {
            Ok(lanes) => {
                for (reply, lanes) in replies.into_iter().zip(lanes) {
                    drop(reply.send(Ok(lanes)));
                }
            }
            // One that cannot be added must not stand in the way of the others.
            Err(_) if events.len() > 1 => {
                for (event, reply) in events.iter().cloned().zip(replies) {
                    let alone = self
                        .db
                        .write(move |tx| Box::pin(async move { append(tx, &[event]).await }));
                    drop(reply.send(alone.await.map(|lanes| lanes.concat())));
                }
            }
            Err(error) => {
                if let Some(reply) = replies.into_iter().next() {
                    drop(reply.send(Err(error)));
                }
            }
        }
    }
}

/// What an event meets that was not noted before: a row for each endpoint that wants to hear of it, or one without.
#[derive(FromRow)]
struct Met {
    /// Which of the events it is, from 0.
    at: i64,
    /// How far the feed of its account has come.
    feed: i64,
    /// How far its object has.
    object: i64,
    endpoint_id: Option<String>,
    /// Whether nothing of the object is pending there.
    idle: bool,
}

async fn met(tx: &mut Tx, events: &[Envelope]) -> Result<Vec<Met>, sqlx::Error> {
    let told = events.iter().map(|event| {
        json!([
            event.id,
            event.world,
            event.account_id,
            event.subject,
            event.r#type
        ])
    });
    sqlx::query_as(
        "WITH told AS MATERIALIZED (
             SELECT key AS at, value ->> 0 AS id, value ->> 1 AS world, value ->> 2 AS account_id, value ->> 3 AS object_id,
                 value ->> 4 AS type
             FROM json_each(?))
         SELECT at, endpoint.id AS endpoint_id,
             coalesce((SELECT last FROM feed WHERE world = told.world AND account_id = told.account_id), 0) AS feed,
             coalesce((SELECT last FROM object WHERE id = object_id), 0) AS object,
             NOT EXISTS (SELECT 1 FROM delivery
                 WHERE endpoint_id = endpoint.id AND delivery.object_id = told.object_id AND status = 'pending') AS idle
         FROM told LEFT JOIN endpoint ON endpoint.world = told.world AND endpoint.account_id = told.account_id
             AND status = 'enabled' AND (events = '' OR instr(' ' || events || ' ', ' ' || type || ' ') > 0)
         WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE consumer = ? AND event_id = told.id)
         ORDER BY at",
    )
    .bind(array(told))
    .bind(CONSUMER)
    .fetch_all(tx)
    .await
}

/// Adds events in this order; for each the lanes in which nothing else is pending.
async fn append(tx: &mut Tx, events: &[Envelope]) -> Result<Vec<Vec<Lane>>, Error> {
    let met = met(tx, events).await?;
    let mut lanes = vec![Vec::new(); events.len()];
    let mut rows = Rows::default();
    for of_one in met.chunk_by(|one, next| one.at == next.at) {
        let at = usize::try_from(of_one[0].at).unwrap_or(usize::MAX);
        if let (Some(event), Some(lanes)) = (events.get(at), lanes.get_mut(at)) {
            rows.add(event, of_one);
            let idle = of_one.iter().filter(|met| met.idle);
            lanes.extend(idle.filter_map(|met| {
                Some(Lane {
                    world: event.world.clone(),
                    endpoint_id: met.endpoint_id.clone()?,
                    object_id: event.subject.clone(),
                })
            }));
        }
    }
    if !rows.events.is_empty() {
        rows.script().run(tx).await?;
    }
    Ok(lanes)
}

/// What is added to the tables, as arrays of JSON; the envelopes one after the other.
#[derive(Default)]
struct Rows<'e> {
    noted: HashSet<&'e str>,
    /// How far feeds have come, by world and account.
    feeds: HashMap<(&'e str, &'e str), i64>,
    /// How far objects have.
    objects: HashMap<&'e str, i64>,
    events: Vec<Value>,
    envelopes: Vec<u8>,
    deliveries: Vec<Value>,
}

impl<'e> Rows<'e> {
    /// Gives an event its place, unless it has one among these.
    fn add(&mut self, event: &'e Envelope, met: &[Met]) {
        if !self.noted.insert(&event.id) {
            return;
        }
        let feed = self.feeds.entry((&event.world, &event.account_id));
        let position = feed.or_insert(met[0].feed);
        *position += 1;
        let sequence = self.objects.entry(&event.subject).or_insert(met[0].object);
        *sequence += 1;
        let begin = self.envelopes.len();
        self.envelopes.extend_from_slice(&event.encode_to_vec());
        self.events.push(json!([
            event.id,
            event.world,
            event.account_id,
            position,
            event.subject,
            sequence,
            event.r#type,
            event.time_us,
            aggregate(&event.r#type),
            begin + 1,
            self.envelopes.len() - begin,
        ]));
        for endpoint_id in met.iter().filter_map(|met| met.endpoint_id.as_ref()) {
            self.deliveries.push(json!([
                delivery_id(event, *sequence, endpoint_id),
                endpoint_id,
                event.id,
                event.world,
                event.subject,
                sequence,
                event.time_us,
            ]));
        }
    }

    fn script(self) -> Script {
        let feeds = self.feeds.iter();
        let feeds = feeds.map(|((world, account_id), last)| json!([world, account_id, last]));
        let objects = self.objects.iter().map(|(id, last)| json!([id, last]));
        let mut script = Script::default();
        outbox::accept_all(&mut script, CONSUMER, self.noted);
        script
            .add(
                "INSERT INTO feed (world, account_id, last) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE TRUE
                 ON CONFLICT (world, account_id) DO UPDATE SET last = excluded.last",
            )
            .bind(array(feeds))
            .add(
                "INSERT INTO object (id, last) SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE TRUE
                 ON CONFLICT (id) DO UPDATE SET last = excluded.last",
            )
            .bind(array(objects))
            .add(
                "INSERT INTO event
                     (envelope, id, world, account_id, position, object_id, sequence, type, time_us, object_type)
                 SELECT substr(?, value ->> 9, value ->> 10), value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4,
                     value ->> 5, value ->> 6, value ->> 7, value ->> 8
                 FROM json_each(?)",
            )
            .bind(self.envelopes)
            .bind(array(self.events))
            .add(
                "INSERT INTO delivery
                     (id, endpoint_id, event_id, world, object_id, sequence, status, next_attempt_at_us, created_at_us)
                 SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, 'pending', value ->> 6,
                     value ->> 6
                 FROM json_each(?)",
            )
            .bind(array(self.deliveries));
        script
    }
}

/// Rows for `json_each`.
fn array(rows: impl IntoIterator<Item = Value>) -> String {
    Value::from_iter(rows).to_string()
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::notify::store::Query;

    fn event(id: &str) -> Envelope {
        Envelope {
            id: id.to_owned(),
            r#type: "order.held".to_owned(),
            subject: "ord_1".to_owned(),
            world: "wld_test".to_owned(),
            account_id: "acc_1".to_owned(),
            ..Envelope::default()
        }
    }

    #[tokio::test]
    async fn one_that_cannot_be_added_stands_in_nobodys_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify.db");
        let store = Store::open(&path).await.expect("opens");
        store.append(event("evt_1")).await.expect("added");
        // An event that has its place, and that the inbox knows nothing of.
        let forgotten = store.db.write(|tx| {
            Box::pin(async move {
                sqlx::query("DELETE FROM inbox").execute(tx).await?;
                Ok::<_, Error>(())
            })
        });
        forgotten.await.expect("written");
        let all = ["evt_2", "evt_1", "evt_3", "evt_3"].map(|id| store.append(event(id)));
        let added: Vec<bool> = join_all(all).await.iter().map(Result::is_ok).collect();
        assert_eq!(added, [true, false, true, true]);
        let query = Query {
            world: "wld_test".to_owned(),
            account_id: "acc_1".to_owned(),
            after: String::new(),
            r#type: String::new(),
            limit: 9,
        };
        let told = store.events(query).await.expect("read");
        let told: Vec<(&str, u64)> = told.iter().map(|e| (e.id.as_str(), e.sequence)).collect();
        assert_eq!(told, [("evt_1", 1), ("evt_2", 2), ("evt_3", 3)]);
        store.close().await;
        let closed = store.append(event("evt_4")).await;
        assert!(closed.is_err(), "nobody waits for ever");
        let closed = store.append(event("evt_5")).await;
        assert!(closed.is_err(), "nor does the next one");
    }

    #[tokio::test]
    async fn events_that_come_together_are_added_together() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify.db");
        let store = Store::open(&path).await.expect("opens");
        let before = *store.db.commits().borrow();
        let ids: Vec<String> = (1..=40).map(|n| format!("evt_{n:02}")).collect();
        let all = ids.iter().map(|id| store.append(event(id)));
        assert!(join_all(all).await.iter().all(Result::is_ok));
        assert_eq!(*store.db.commits().borrow() - before, 1);
    }
}
