//! A fire drill: an event that its only consumer refuses until it is parked, so that staff can see and try what they would
//! need on a bad day. Said in test worlds only.

use super::{Error, Relay, parked, push, said};
use crate::platform::bus::{Bus, HandlerError};
use crate::platform::db::{Db, Script};
use crate::rpc::common::v1::Context;
use crate::rpc::events::v1::Envelope;

const CONSUMER: &str = "drill";
const TYPE: &str = "drill.said";

/// Most drills of a subject among which a repeat is recognized.
const DRILLS_MAX: u32 = 100;

/// Why the consumer of drills does not take one.
#[derive(Debug, thiserror::Error)]
#[error("a drill is not taken before it is parked")]
struct NotParked;

/// Lets somebody hear drills of this relay, who takes what is parked there and nothing else.
pub fn subscribe(bus: &Bus, relay: &Relay) {
    let db = relay.db.clone();
    bus.subscribe(CONSUMER, &[TYPE], move |event| {
        let db = db.clone();
        Box::pin(async move {
            let parked = parked::subject(db.reader(), &event.world, &event.id).await?;
            parked
                .map(drop)
                .ok_or_else(|| HandlerError::never(NotParked))
        })
    });
}

/// Says a drill of a subject, or of one of its own, once an id.
pub async fn say(
    db: &Db,
    source: &'static str,
    context: &Context,
    (event_id, subject): (String, String),
) -> Result<(), Error> {
    let envelope = Envelope {
        subject: match subject.is_empty() {
            true => event_id.replacen("evt_", "drl_", 1),
            false => subject,
        },
        id: event_id,
        r#type: TYPE.to_owned(),
        source: source.to_owned(),
        time_us: context.now_us,
        world: context.world.clone(),
        causation_id: context.request_id.clone(),
        correlation_id: context.request_id.clone(),
        ..Envelope::default()
    };
    let write = db.write(move |tx| {
        Box::pin(async move {
            let said = said(&mut *tx, &envelope.subject, 0, DRILLS_MAX).await?;
            if said.iter().all(|known| known.id != envelope.id) {
                let mut script = Script::default();
                push(&mut script, &envelope);
                script.run(tx).await?;
            }
            Ok(())
        })
    });
    write.await
}
