//! Carries out what orders ask about payments. On credit that is one transaction; else it takes two durable steps: what the provider will be asked is committed first, then
//! the provider is asked, then what came of it is committed with its journal and its answer. A crash in between leaves an
//! attempt without an outcome, which the next start, or the event's next delivery, asks the provider about before anything else.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use super::Error;
use super::credit::Credit;
use super::events::{self, Answer};
use super::ledger::{self, Clearing, Journal};
use super::payment::{Method, Operation, Outcome, Payment, Refusal, Status};
use super::provider::{Request, SandboxProvider};
use super::store::{self, Attempt, Scope};
use crate::kernel::chance::Chance;
use crate::kernel::clock::LIVE_WORLD;
use crate::kernel::id::JournalId;
use crate::kernel::money::Money;
use crate::platform::bus::Bus;
use crate::platform::db::{Db, Script, Tx};
use crate::platform::outbox::{self, Relay};
use crate::rpc::events::v1::Envelope;

/// Payments, refunds and the ledger, over one database and the sandbox's provider.
pub struct BillingService {
    pub(super) db: Db,
    provider: SandboxProvider,
    relay: Relay,
    pub(super) chance: Chance,
}

/// What an event leaves to do.
enum Next {
    Nothing,
    /// The provider has not been asked.
    Ask(Attempt, Box<Payment>),
    /// The provider may have been asked, in an earlier life.
    Resolve(Attempt),
}

impl BillingService {
    /// Opens or makes the database at `path` and ends what an earlier life began. Answers go out once the bus is started.
    pub async fn open(path: &Path, bus: &Bus, chance: Chance) -> Result<Arc<Self>, Error> {
        let db = Db::open(path, &store::MIGRATIONS).await?;
        let relay = Relay::start(db.clone(), bus.clone());
        let service = Arc::new(Self {
            provider: SandboxProvider::new(db.clone()),
            db,
            relay,
            chance,
        });
        for attempt in service.open_attempts(None).await? {
            if attempt.outcome.is_none() {
                let now_us = attempt.asked.time_us;
                service.resolve(attempt, now_us).await?;
            }
        }
        Ok(service)
    }

    /// What publishes its outbox, for who looks at what was parked of it.
    pub fn relay(&self) -> Relay {
        self.relay.clone()
    }

    /// Returns once all that billing said is published: how many events since the start.
    pub async fn drain(&self) -> u64 {
        self.relay.drain().await
    }

    /// What the provider has taken and given back for each payment by its own record, in minor units: for those who audit.
    ///
    /// # Errors
    /// The record cannot be read.
    pub async fn moved_at_provider(&self) -> Result<BTreeMap<String, (i64, i64)>, Error> {
        self.provider.moved().await
    }

    /// A count that changes with every durable commit.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.db.commits()
    }

    /// Commits what was accepted and closes the database.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Has the effect of an event once, however often it comes.
    pub(super) async fn take(&self, asked: Envelope) -> Result<(), Error> {
        let chance = self.chance.clone();
        let now_us = asked.time_us;
        let next = self
            .db
            .write(move |tx| Box::pin(async move { intend(tx, asked, &chance).await }));
        match next.await? {
            Next::Nothing => Ok(()),
            Next::Ask(attempt, payment) => {
                let outcome = self.ask(&attempt, *payment).await?;
                self.settle(attempt, outcome, now_us).await.map(drop)
            }
            Next::Resolve(attempt) => self.resolve(attempt, now_us).await.map(drop),
        }
    }

    /// Asks the provider what became of payments and refunds whose outcome is unknown; how many it knew.
    pub(super) async fn resolve_unknown(&self, scope: &Scope, now_us: i64) -> Result<u32, Error> {
        let mut resolved = 0;
        for attempt in self.open_attempts(Some(scope)).await? {
            if attempt.outcome == Some(Outcome::Unknown) && self.resolve(attempt, now_us).await? {
                resolved += 1;
            }
        }
        Ok(resolved)
    }

    async fn open_attempts(&self, scope: Option<&Scope>) -> Result<Vec<Attempt>, Error> {
        Ok(store::open_attempts(self.db.reader(), scope).await?)
    }

    /// Ends an attempt that the provider may know of: it is asked what it did, and does it only if it has not heard of it.
    async fn resolve(&self, attempt: Attempt, now_us: i64) -> Result<bool, Error> {
        let payment = store::payment(self.db.reader(), &attempt.payment_id).await?;
        let payment = payment.ok_or(Error::NotFound("payment"))?;
        let outcome = match self.provider.query(&attempt.id).await? {
            Some(outcome) => outcome,
            None => self.ask(&attempt, payment).await?,
        };
        self.settle(attempt, outcome, now_us).await
    }

    async fn ask(&self, attempt: &Attempt, payment: Payment) -> Result<Outcome, Error> {
        if let Some(declined) = unwritable(&payment, attempt) {
            return Ok(declined);
        }
        // Its answers are play money: an order that costs real seats must not be had for them.
        if payment.world == LIVE_WORLD {
            return Ok(Outcome::Declined("no_provider".to_owned()));
        }
        let request = Request {
            id: attempt.id.clone(),
            payment_id: payment.id,
            operation: attempt.operation,
            amount: attempt.amount,
            currency: payment.amount.currency.code().to_owned(),
            method_token: payment.method_token,
        };
        self.provider.perform(request).await
    }

    /// Writes down what came of an attempt and answers; whether it was unknown before and is known now.
    async fn settle(&self, attempt: Attempt, outcome: Outcome, now_us: i64) -> Result<bool, Error> {
        let chance = self.chance.clone();
        let write = self.db.write(move |tx| {
            Box::pin(async move { settle(tx, &attempt.id, &outcome, now_us, &chance).await })
        });
        write.await
    }
}

/// Notes what the provider will be asked. What the rules refuse is answered with where things stand.
async fn intend(tx: &mut Tx, asked: Envelope, chance: &Chance) -> Result<Next, Error> {
    let Some(request) = events::read(&asked) else {
        outbox::accepted(tx, events::CONSUMER, &asked).await?;
        tracing::error!(event = %asked.id, r#type = %asked.r#type, "an event says nothing that billing can read");
        return Ok(Next::Nothing);
    };
    let noted = (events::CONSUMER, &asked);
    let (new, attempt, known) =
        store::met(tx, noted, &request.attempt_id, request.payment_id).await?;
    let mut script = Script::default();
    let answer = Answer {
        asked: &asked,
        now_us: asked.time_us,
        chance,
    };
    if let Some(attempt) = attempt {
        let outcome = match &attempt.outcome {
            Some(outcome) if !new || *outcome != Outcome::Unknown => outcome,
            // Asked again under another event what nobody knows: the provider knows what it did.
            Some(_) | None => return Ok(Next::Resolve(attempt)),
        };
        let payment = store::payment(&mut *tx, &attempt.payment_id)
            .await?
            .ok_or(Error::NotFound("payment"))?;
        // Asked again under another event: answered again.
        if let Some(answer) = answer.of(&payment, &attempt, outcome).filter(|_| new) {
            outbox::push(&mut script, &answer);
        }
        script.run(tx).await?;
        return Ok(Next::Nothing);
    }
    let first = known.is_none();
    let mut payment = match (known, request.operation, request.amount) {
        _ if !new => return Ok(Next::Nothing),
        (Some(payment), ..) => payment,
        (None, Operation::Authorize, Some(amount)) if amount.amount > 0 => {
            new_payment(&request, amount, &asked)
        }
        (None, Operation::Authorize, _) => {
            outbox::push(&mut script, &answer.no_amount(&request));
            script.run(tx).await?;
            return Ok(Next::Nothing);
        }
        (None, Operation::Capture | Operation::Void | Operation::Refund, _) => {
            tracing::error!(event = %asked.id, payment = request.payment_id, "there is no such payment");
            return Ok(Next::Nothing);
        }
    };
    let amount = match request.operation {
        Operation::Void => Some(payment.amount),
        Operation::Authorize | Operation::Capture | Operation::Refund => request.amount,
    };
    let attempt = Attempt {
        id: request.attempt_id.clone(),
        payment_id: payment.id.clone(),
        operation: request.operation,
        amount: amount
            .filter(|amount| amount.currency == payment.amount.currency)
            .map_or(0, |amount| amount.amount),
        asked: asked.clone(),
        outcome: None,
    };
    let owed = begin(&mut payment, &attempt, &request);
    let owed = match owed {
        Ok(owed) => owed,
        // Its turn comes: the event is delivered again.
        Err(error @ Error::Refused(Refusal::Busy)) => return Err(error),
        Err(error) => {
            tracing::warn!(event = %asked.id, payment = %payment.id, %error, "refused");
            let refused = match request.operation {
                Operation::Refund => answer.refund(&attempt.id, &payment, request.amount, false),
                Operation::Authorize | Operation::Capture | Operation::Void => {
                    answer.payment(&payment)
                }
            };
            outbox::push(&mut script, &refused);
            script.run(tx).await?;
            return Ok(Next::Nothing);
        }
    };
    if first {
        store::insert_payment(&mut script, &payment);
    } else {
        store::save_payment(&mut script, &payment);
    }
    store::insert_attempt(&mut script, &attempt);
    if let Some(journal) = owed {
        let id = JournalId::new(asked.time_us, chance);
        let (id, at_us) = (id.as_str(), asked.time_us);
        store::post(&mut script, id, &journal, &payment, &attempt.id, at_us);
    }
    if payment.method == Method::AgencyCredit {
        // Nobody else is to be asked. In this transaction, so that no two payments fit into the same credit.
        let outcome = on_credit(tx, &payment, &attempt).await?;
        conclude(&mut script, &attempt, payment, &outcome, &answer)?;
        script.run(tx).await?;
        return Ok(Next::Nothing);
    }
    script.run(tx).await?;
    Ok(Next::Ask(attempt, Box::new(payment)))
}

/// What comes of an attempt on credit.
async fn on_credit(tx: &mut Tx, payment: &Payment, attempt: &Attempt) -> Result<Outcome, Error> {
    if let Some(declined) = unwritable(payment, attempt) {
        return Ok(declined);
    }
    match attempt.operation {
        Operation::Authorize => {
            let credit = store::credit(tx, &payment.world, &payment.account_id).await?;
            Ok(Credit::judge(credit.as_ref(), payment.amount))
        }
        Operation::Capture | Operation::Void | Operation::Refund => Ok(Outcome::Done),
    }
}

/// Money that could not be written down must not be moved.
fn unwritable(payment: &Payment, attempt: &Attempt) -> Option<Outcome> {
    let error = journal_of(payment, attempt, &Outcome::Done).err()?;
    tracing::error!(attempt = %attempt.id, %error, "the amount and its parts do not agree");
    Some(Outcome::Declined("invalid_amount".to_owned()))
}

fn new_payment(request: &events::Asked<'_>, amount: Money, asked: &Envelope) -> Payment {
    Payment {
        id: request.payment_id.to_owned(),
        world: asked.world.clone(),
        account_id: asked.account_id.clone(),
        order_id: request.order_id.to_owned(),
        method: request.method,
        method_token: request.method_token.to_owned(),
        amount,
        captured: 0,
        refunded: 0,
        status: Status::Requested,
        pending: None,
        decline_code: String::new(),
        created_at_us: asked.time_us,
    }
}

/// Begins an operation; a refund is owed from here on, and gives its journal.
fn begin(
    payment: &mut Payment,
    attempt: &Attempt,
    request: &events::Asked<'_>,
) -> Result<Option<Journal>, Error> {
    let owed = match attempt.operation {
        Operation::Refund => {
            let given = Money::new(attempt.amount, payment.amount.currency);
            Some(ledger::refund(given, request.lines, request.retained)?)
        }
        Operation::Authorize | Operation::Capture | Operation::Void => None,
    };
    payment.begin(attempt.operation, attempt.amount)?;
    Ok(owed)
}

async fn settle(
    tx: &mut Tx,
    id: &str,
    outcome: &Outcome,
    now_us: i64,
    chance: &Chance,
) -> Result<bool, Error> {
    let (attempt, payment) = store::attempt(tx, id)
        .await?
        .ok_or(Error::NotFound("attempt"))?;
    match &attempt.outcome {
        None => {}
        Some(Outcome::Unknown) if *outcome != Outcome::Unknown => {}
        // Another delivery was faster, or nothing was learned.
        Some(_) => return Ok(false),
    }
    let answer = Answer {
        asked: &attempt.asked,
        now_us,
        chance,
    };
    let mut script = Script::default();
    conclude(&mut script, &attempt, payment, outcome, &answer)?;
    script.run(tx).await?;
    Ok(*outcome != Outcome::Unknown)
}

/// Writes what came of an attempt: its journal, where the payment stands, and the answer.
fn conclude(
    script: &mut Script,
    attempt: &Attempt,
    mut payment: Payment,
    outcome: &Outcome,
    answer: &Answer<'_>,
) -> Result<(), Error> {
    payment.settle(attempt.operation, attempt.amount, outcome)?;
    if let Some(journal) = journal_of(&payment, attempt, outcome)? {
        let id = JournalId::new(answer.now_us, answer.chance);
        let (id, at_us) = (id.as_str(), answer.now_us);
        store::post(script, id, &journal, &payment, &attempt.id, at_us);
    }
    store::save_payment(script, &payment);
    store::save_outcome(script, &attempt.id, outcome);
    if let Some(answer) = answer.of(&payment, attempt, outcome) {
        outbox::push(script, &answer);
    }
    Ok(())
}

/// The movement that an outcome is.
fn journal_of(
    payment: &Payment,
    attempt: &Attempt,
    outcome: &Outcome,
) -> Result<Option<Journal>, ledger::Unbalanced> {
    let amount = Money::new(attempt.amount, payment.amount.currency);
    let through = &Clearing::of(payment.method, &payment.account_id);
    let request = events::read(&attempt.asked);
    let (lines, retained) = request.map_or((&[][..], &[][..]), |request| {
        (request.lines, request.retained)
    });
    let journal = match (attempt.operation, outcome) {
        (_, Outcome::Unknown) => return Ok(None),
        (Operation::Authorize | Operation::Void, Outcome::Declined(_)) => return Ok(None),
        (Operation::Authorize, Outcome::Done) => ledger::authorize(through, payment.amount)?,
        (Operation::Void, Outcome::Done) | (Operation::Capture, Outcome::Declined(_)) => {
            ledger::void(through, payment.amount)?
        }
        (Operation::Capture, Outcome::Done) => {
            ledger::capture(through, payment.amount, amount, lines)?
        }
        (Operation::Refund, Outcome::Done) => ledger::refund_paid(through, amount)?,
        (Operation::Refund, Outcome::Declined(_)) => {
            ledger::refund_reversed(amount, lines, retained)?
        }
    };
    Ok(Some(journal))
}

#[cfg(test)]
impl BillingService {
    /// Does what comes before the outcome is written down, and no more.
    pub(super) async fn crash_while_authorizing(&self, asked: Envelope, provider_asked: bool) {
        let chance = self.chance.clone();
        let next = self
            .db
            .write(move |tx| Box::pin(async move { intend(tx, asked, &chance).await }));
        let Next::Ask(attempt, payment) = next.await.expect("the event is taken") else {
            panic!("nothing to ask")
        };
        if provider_asked {
            self.ask(&attempt, *payment)
                .await
                .expect("the provider answers");
        }
    }
}
