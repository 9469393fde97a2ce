//! Delivers a parked event again because somebody asks for it, and then what waits behind it, in order and as far as it is taken.
//!
//! One effect a key: the key is kept before a consumer is given anything, and the answer in the commit that notes what the last of
//! them said. So a repeat of what was cut off either goes on with it, which consumers take, or finds the answer.

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
            let subject = parked::subject(&mut *tx, world, &wanted.event_id).await?;
            if known.is_none() && subject.is_some() {
                parked::keep(tx, (world, key), &wanted.fingerprint, None).await?;
            }
            Ok::<_, Error>((known, subject))
        })
    });
    let (known, subject) = kept.await?;
    match known {
        Some((fingerprint, _)) if fingerprint != asked.fingerprint => return Err(Error::KeyReused),
        Some((_, Some(reply))) => return Ok(Some(again(reply))),
        // Cut off before anything came of it, and taken meanwhile because somebody else asked.
        Some((_, None)) if subject.is_none() => return Err(Error::NotParked),
        Some((_, None)) | None => {}
    }
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
    let mut reply = Redelivery {
        event_id: asked.event_id.clone(),
        ..Redelivery::default()
    };
    let last = consumers.len() - 1;
    for (at, (consumer, position, _)) in consumers.into_iter().enumerate() {
        reply.receipts.push(Receipt {
            consumer: consumer.clone(),
            ..Receipt::default()
        });
        deliver_to(db, bus, &asked, (position, at == last), &mut reply).await?;
        let all = |receipt: &Receipt| receipt.taken && receipt.reason.is_empty();
        if reply.receipts.last().is_some_and(all) {
            released.insert(consumer);
        }
    }
    Ok(reply)
}

/// Gives the consumer of the answer's last receipt what is parked of the subject for it, from this place on, until it refuses one.
/// What it says is noted, and with it the answer so far if it is the last of the consumers.
async fn deliver_to(
    db: &Db,
    bus: &Bus,
    asked: &Asked,
    (place, last): (i64, bool),
    reply: &mut Redelivery,
) -> Result<(), Error> {
    let Some(receipt) = reply.receipts.len().checked_sub(1) else {
        return Ok(());
    };
    let consumer = reply.receipts[receipt].consumer.clone();
    while let Some((position, event)) =
        parked::first(db.reader(), &asked.subject, &consumer).await?
    {
        let refused = bus.offer(&event, |one| one == consumer).await.pop();
        let reason = refused.as_ref().map(relay::reason);
        let receipt = &mut reply.receipts[receipt];
        match &reason {
            None if position == place => receipt.taken = true,
            None => receipt.followers += 1,
            Some(reason) => receipt.reason.clone_from(reason),
        }
        let over = reason.is_some();
        let (whose, asked, answer) = (consumer.clone(), asked.clone(), last.then(|| reply.clone()));
        let write = db.write(move |tx| {
            Box::pin(async move {
                match &reason {
                    Some(reason) => parked::refuse(tx, position, &whose, reason).await?,
                    None => parked::release(tx, position, &whose).await?,
                }
                if let Some(answer) = answer {
                    let key = (asked.world.as_str(), asked.key.as_str());
                    parked::keep(tx, key, &asked.fingerprint, Some(&answer)).await?;
                }
                Ok::<_, Error>(())
            })
        });
        write.await?;
        if over {
            break;
        }
    }
    Ok(())
}
