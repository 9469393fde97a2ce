//! What booking keeps. An order's new state, what is said of it and the answer to the command that asked for it are written
//! by one transaction, or not at all.
//!
//! Decides nothing: what may change is the pure files' matter.

pub mod entries;
pub mod exchanges;
pub mod listing;
pub mod sagas;
pub mod sqlite;

use crate::booking::change::Change;
use crate::booking::idempotency::{Entry, Operation, Settled};
use crate::booking::locator::{self, locator};
use crate::booking::order::Order;
use crate::booking::saga::{self, Outcome, Papers};
use crate::booking::ticket;
use crate::kernel::chance::Chance;
use crate::kernel::id::{EventId, RefundId};
use crate::platform::db::{self, Script, Tx};
use crate::platform::outbox;
use crate::rpc::events::v1::Envelope;

/// The row of numbers that record locators are made of.
const LOCATORS: &str = "locator";

/// The tables of booking.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("src/booking/store/migrations");

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database did not take it")]
    Db(#[from] db::Error),
    /// A statement failed.
    #[error("a statement failed")]
    Sql(#[from] sqlx::Error),
    /// The encoded part of a row cannot be read.
    #[error("a stored order cannot be read")]
    State(#[from] prost::DecodeError),
    /// A column holds what this program does not know.
    #[error("a stored value cannot be read: {0}")]
    Value(String),
    /// The last of the record locators was given out.
    #[error("all record locators are given out")]
    LocatorsUsedUp,
}

/// Why and when something is written.
#[derive(Clone)]
pub struct Cause {
    /// The world's time.
    pub now_us: i64,
    /// The request or event that causes it.
    pub causation_id: String,
    /// Where event and refund ids come from.
    pub chance: Chance,
}

impl Cause {
    /// An id for a refund by each payment of an order.
    pub fn refund_ids(&self, order: &Order) -> Vec<String> {
        let payments = order.state.payments.iter();
        payments
            .map(|_| RefundId::new(self.now_us, &self.chance).into())
            .collect()
    }
}

/// Whether an order is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is not.
    New,
    /// It is, and is replaced.
    Known,
}

/// Writes a change: the order and its events, the answer to the command under way if this settles it, and the command that is
/// begun by it if one is; what it settles.
pub async fn commit(
    tx: &mut Tx,
    cause: &Cause,
    kept: Kept,
    change: &Change,
    begun: Option<&Entry>,
) -> Result<Option<Settled>, Error> {
    let order = &change.order;
    let mut script = Script::default();
    match kept {
        Kept::New => sqlite::insert_order(&mut script, order),
        Kept::Known => update(tx, &mut script, order, cause.now_us).await?,
    }
    for event in &change.events {
        let envelope = Envelope {
            id: EventId::new(cause.now_us, &cause.chance).into(),
            r#type: event.kind.to_owned(),
            source: "booking".to_owned(),
            time_us: cause.now_us,
            subject: event.subject.clone(),
            sequence: 0,
            world: order.world.clone(),
            account_id: order.state.account_id.clone(),
            causation_id: cause.causation_id.clone(),
            correlation_id: order.request_id.clone(),
            data: Some(event.data.clone()),
        };
        outbox::push(&mut script, &envelope);
    }
    // What is under way has no answer before the order comes to rest.
    let settled = match kept {
        Kept::Known if order.rests() => settle(tx, &mut script, order, cause.now_us).await?,
        Kept::Known | Kept::New => None,
    };
    if let Some(entry) = begun {
        entries::insert_entry(&mut script, entry);
    }
    script.run(tx).await?;
    Ok(settled)
}

/// Answers the command under way, if the order as it comes to rest does; the one that has its answer by it.
async fn settle(
    tx: &mut Tx,
    script: &mut Script,
    order: &Order,
    now_us: i64,
) -> Result<Option<Settled>, Error> {
    let Some(entry) = entries::open_entry(tx, &order.state.id).await? else {
        return Ok(None);
    };
    let cancellation = match entry.key.operation {
        Operation::ConfirmOrderCancellation => {
            entries::cancellation(&mut *tx, &entry.part_id).await?
        }
        Operation::CreateOrder | Operation::CreateOrderPayment | Operation::VoidOrder => None,
        Operation::ConfirmOrderChange | Operation::ResumeSaga => None,
    };
    let answer = entry.answer_of(order, cancellation.as_ref(), now_us);
    let key = entry.key;
    let settled = answer.map(|answer| Settled { key, answer });
    if let Some(settled) = &settled {
        entries::answer(script, settled);
    }
    Ok(settled)
}

async fn update(tx: &mut Tx, script: &mut Script, order: &Order, now_us: i64) -> Result<(), Error> {
    let Some(change) = &order.change else {
        sqlite::update_order(script, order, now_us);
        return Ok(());
    };
    if let Some(before) = sqlite::order(&mut *tx, &order.state.id).await? {
        listing::delete_segments(script, &before);
    }
    exchanges::save(script, order, change);
    sqlite::update_order(script, order, now_us);
    listing::insert_segments(script, order);
    Ok(())
}

/// Draws what `saga::apply` needs for this answer.
pub async fn draw(
    tx: &mut Tx,
    cause: &Cause,
    key: &locator::Key,
    order: &Order,
    outcome: &Outcome,
) -> Result<Papers, Error> {
    let mut papers = Papers {
        refund_ids: cause.refund_ids(order),
        ..Papers::default()
    };
    let (wants_locator, tickets) = saga::draws(order, outcome);
    let changed = order
        .coming_change()
        .and_then(|change| change.offer.as_ref());
    let stock = match changed.or(order.state.offer.as_ref()) {
        Some(offer) if tickets > 0 => format!("ticket:{}", ticket::stock(offer)),
        _ => String::new(),
    };
    let mut wanted = Vec::new();
    if wants_locator {
        wanted.push((LOCATORS, 1));
    }
    if !stock.is_empty() {
        wanted.push((stock.as_str(), tickets));
    }
    for (name, first) in sqlite::draw(tx, &wanted).await? {
        if name == LOCATORS {
            papers.locator = locator(key, first).ok_or(Error::LocatorsUsedUp)?;
        } else {
            papers.first_ticket = first;
        }
    }
    Ok(papers)
}
