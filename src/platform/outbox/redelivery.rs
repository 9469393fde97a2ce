//! Delivers a parked event again because somebody asks for it, and then what waits behind it, in order and as far as it is taken.
//!
//! One effect a key: the key is kept before the consumer is given anything, and the answer after. A repeat of what was cut off in
//! between goes on with it, which consumers take.

use std::collections::BTreeSet;

use super::relay::{self, Relay};
use super::{Error, parked};
use crate::platform::bus::Bus;
use crate::platform::db::Db;
use crate::rpc::events::v1::{Receipt, Redelivery};

/// What is asked.
#[derive(Clone)]
pub struct Asked {
    pub world: String,
    /// The idempotency key, and the digest of what is asked under it.
    pub key: String,
    pub fingerprint: Vec<u8>,
    pub event_id: String,
    /// The subject of the event.
    pub subject: String,
}

/// Asks a relay whose outbox may hold the event; `None` when it knows neither the event nor the key.
pub async fn ask(relay: &Relay, asked: &Asked) -> Result<Option<Redelivery>, Error> {
    let wanted = asked.clone();
    let kept = relay.db.write(move |tx| {
        Box::pin(async move {
            let (world, key) = (wanted.world.as_str(), wanted.key.as_str());
            let known = parked::redelivery(&mut *tx, world, key).await?;
            if known.is_some() {
                return Ok((known, None));
            }
            let subject = parked::subject(&mut *tx, world, &wanted.event_id).await?;
            if subject.is_some() {
                parked::keep(tx, (world, key), &wanted.fingerprint, None).await?;
            }
            Ok::<_, Error>((None, subject))
        })
    });
    let (known, subject) = kept.await?;
    let subject = match (known, subject) {
        (Some((fingerprint, _)), _) if fingerprint != asked.fingerprint => {
            return Err(Error::KeyReused);
        }
        (Some((_, Some(reply))), _) => return Ok(Some(again(reply))),
        (Some((_, None)), _) => {
            let found = parked::subject(relay.db.reader(), &asked.world, &asked.event_id);
            // Taken, and the answer to that is about to be kept.
            Some(found.await?.ok_or(Error::UnderWay)?)
        }
        (None, subject) => subject,
    };
    let Some(subject) = subject else {
        return Ok(None);
    };
    let asked = Asked {
        subject,
        ..asked.clone()
    };
    let answer = relay.redeliver(asked).await;
    answer.ok_or(Error::Ended)?.map(Some)
}

fn again(reply: Redelivery) -> Redelivery {
    Redelivery {
        replayed: true,
        ..reply
    }
}

/// Does it, while nothing else of the subject is under way; and the consumers for whom nothing of the subject is parked any more.
pub async fn perform(
    db: &Db,
    bus: &Bus,
    asked: Asked,
) -> (Result<Redelivery, Error>, BTreeSet<String>) {
    let mut released = BTreeSet::new();
    let answer = deliver(db, bus, asked, &mut released).await;
    (answer, released)
}

async fn deliver(
    db: &Db,
    bus: &Bus,
    asked: Asked,
    released: &mut BTreeSet<String>,
) -> Result<Redelivery, Error> {
    let known = parked::redelivery(db.reader(), &asked.world, &asked.key).await?;
    if let Some((_, Some(reply))) = known {
        return Ok(again(reply));
    }
    let mut consumers = parked::consumers(db.reader(), &asked.event_id).await?;
    if consumers.is_empty() {
        return Err(Error::NotParked);
    }
    // What came before it has to be taken first.
    consumers.retain(|(_, _, first)| *first);
    if consumers.is_empty() {
        return Err(Error::Waits);
    }
    let mut receipts = Vec::new();
    for (consumer, position, _) in consumers {
        let receipt = deliver_to(db, bus, &asked.subject, &consumer, position).await?;
        if receipt.taken && receipt.reason.is_empty() {
            released.insert(consumer);
        }
        receipts.push(receipt);
    }
    let reply = Redelivery {
        event_id: asked.event_id.clone(),
        receipts,
        replayed: false,
    };
    let kept = reply.clone();
    let keep = db.write(move |tx| {
        Box::pin(async move {
            let key = (asked.world.as_str(), asked.key.as_str());
            Ok::<_, Error>(parked::keep(tx, key, &asked.fingerprint, Some(&kept)).await?)
        })
    });
    keep.await?;
    Ok(reply)
}

/// Gives a consumer what is parked of a subject for it, from this place on, until it refuses one.
async fn deliver_to(
    db: &Db,
    bus: &Bus,
    subject: &str,
    consumer: &str,
    asked: i64,
) -> Result<Receipt, Error> {
    let mut receipt = Receipt {
        consumer: consumer.to_owned(),
        ..Receipt::default()
    };
    while let Some((position, event)) = parked::first(db.reader(), subject, consumer).await? {
        let refused = bus.offer(&event, |one| one == consumer).await.pop();
        let (whose, reason) = (consumer.to_owned(), refused.as_ref().map(relay::reason));
        let told = reason.clone();
        let write = db.write(move |tx| {
            Box::pin(async move {
                match &reason {
                    Some(reason) => parked::refuse(tx, position, &whose, reason).await?,
                    None => parked::release(tx, position, &whose).await?,
                }
                Ok::<_, Error>(())
            })
        });
        write.await?;
        match told {
            None if position == asked => receipt.taken = true,
            None => receipt.followers += 1,
            Some(reason) => {
                receipt.reason = reason;
                break;
            }
        }
    }
    Ok(receipt)
}
