//! The bus between processes, as a broker that keeps what it was given: at least once, in order within a subject, never lost,
//! but late, repeated, and repeated much later.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fareway::platform::bus::{Bus, HandlerError};
use fareway::rpc::events::v1::Envelope;
use fareway::rpc::events::v1::envelope::Data;
use tokio::sync::watch;

/// Everything that booking says.
pub const OF_BOOKING: &[&str] = &[
    "order.created",
    "order.held",
    "order.confirmed",
    "order.ticketed",
    "order.changed",
    "order.cancelled",
    "order.voided",
    "order.expired",
    "order.failed",
    "order.schedule_change_detected",
    "order.schedule_change_accepted",
    "payment.requested",
    "payment.capture_requested",
    "payment.void_requested",
    "refund.requested",
    "exchange.requested",
];

/// Everything that billing says.
pub const OF_BILLING: &[&str] = &[
    "payment.authorized",
    "payment.captured",
    "payment.declined",
    "payment.voided",
    "payment.unknown",
    "refund.succeeded",
    "refund.failed",
];

/// Delivered events that may come again.
const REMEMBERED: usize = 256;

/// Who has to hear of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hearer {
    Billing,
    Booking,
    /// Nobody of those who run here.
    Nobody,
}

/// Who has to hear of it.
pub fn hearer(event: &Envelope) -> Hearer {
    match &event.data {
        Some(Data::PaymentRequested(_) | Data::CaptureRequested(_)) => Hearer::Billing,
        Some(Data::VoidRequested(_) | Data::RefundRequested(_)) => Hearer::Billing,
        Some(Data::Credit(_)) => Hearer::Billing,
        Some(Data::ExchangeRequested(_)) => Hearer::Billing,
        Some(Data::Payment(_) | Data::Refund(_)) => Hearer::Booking,
        _ => Hearer::Nobody,
    }
}

/// What publishers reach of the broker.
#[derive(Clone)]
pub struct Mailbox(Arc<Post>);

struct Post {
    posted: Mutex<Posted>,
    open: watch::Sender<bool>,
}

#[derive(Default)]
struct Posted {
    events: Vec<Envelope>,
    trouble: Option<Trouble>,
    /// What has met the trouble: each event does so once.
    met: HashSet<String>,
}

/// What befalls each event that is published until the next look.
#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    /// It is lost on its way in, the first time.
    Lost,
    /// It is taken, and its publisher does not hear so.
    Unanswered,
}

/// The broker did not take an event, or so it seems.
#[derive(Debug, thiserror::Error)]
#[error("no acknowledgement came")]
struct NoAnswer;

impl Mailbox {
    /// Takes events of these types that are said on a bus.
    pub fn listen(&self, bus: &Bus, types: &'static [&'static str]) {
        let mailbox = self.clone();
        bus.subscribe("broker", types, move |event| {
            let mailbox = mailbox.clone();
            Box::pin(async move { mailbox.take(event).await })
        });
    }

    async fn take(&self, event: Envelope) -> Result<(), HandlerError> {
        let mut open = self.0.open.subscribe();
        open.wait_for(|open| *open).await?;
        let mut posted = self.posted();
        let trouble = posted.trouble;
        let troubled = trouble.is_some() && posted.met.insert(event.id.clone());
        if !troubled || trouble == Some(Trouble::Unanswered) {
            posted.events.push(event);
        }
        match troubled {
            true => Err(NoAnswer.into()),
            false => Ok(()),
        }
    }

    fn posted(&self) -> MutexGuard<'_, Posted> {
        self.0.posted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The broker of a run.
pub struct Broker {
    pub mailbox: Mailbox,
    queues: BTreeMap<String, VecDeque<Envelope>>,
    delivered: VecDeque<Envelope>,
    last: BTreeMap<String, u64>,
}

impl Default for Broker {
    /// A broker without events.
    fn default() -> Self {
        let post = Post {
            posted: Mutex::default(),
            open: watch::Sender::new(true),
        };
        Self {
            mailbox: Mailbox(Arc::new(post)),
            queues: BTreeMap::new(),
            delivered: VecDeque::new(),
            last: BTreeMap::new(),
        }
    }
}

impl Broker {
    /// Lets publishers wait, or no longer.
    pub fn hold_up(&self, closed: bool) {
        self.mailbox.0.open.send_replace(!closed);
    }

    /// Loses each event on its way in until the next look; publishers are told and send it again.
    pub fn lose(&self) {
        self.mailbox.posted().trouble = Some(Trouble::Lost);
    }

    /// Takes each event until the next look, and publishers hear nothing of it and send it again.
    pub fn forget_to_answer(&self) {
        self.mailbox.posted().trouble = Some(Trouble::Unanswered);
    }

    /// Sorts in what was published since; how many events, and what is wrong with their numbers (invariant I9).
    pub fn collect(&mut self) -> (usize, Vec<String>) {
        let mut events = std::mem::take(&mut *self.mailbox.posted()).events;
        events.sort_by(|a, b| (&a.subject, a.sequence).cmp(&(&b.subject, b.sequence)));
        let mut faults = Vec::new();
        let count = events.len();
        for event in events {
            let last = self.last.entry(event.subject.clone()).or_default();
            if event.sequence > *last + 1 {
                faults.push(format!(
                    "I9: after event {last} of {} comes event {} ({})",
                    event.subject, event.sequence, event.r#type
                ));
            }
            *last = (*last).max(event.sequence);
            let queue = self.queues.entry(event.subject.clone()).or_default();
            queue.push_back(event);
        }
        (count, faults)
    }

    /// Takes what is said by somebody who does not run here.
    pub fn say(&self, event: Envelope) {
        self.mailbox.posted().events.push(event);
    }

    /// How many subjects have an event waiting.
    pub fn waiting(&self) -> usize {
        self.queues.len()
    }

    /// The next event of one of the subjects that have one, which stays until it is [`Broker::acknowledged`].
    pub fn next(&self, at: usize) -> Option<&Envelope> {
        self.queues.values().nth(at)?.front()
    }

    /// A consumer has it: the next event of the subject may come.
    pub fn acknowledged(&mut self, subject: &str) {
        let Some(queue) = self.queues.get_mut(subject) else {
            return;
        };
        if let Some(event) = queue.pop_front() {
            self.delivered.push_back(event);
            if self.delivered.len() > REMEMBERED {
                self.delivered.pop_front();
            }
        }
        if queue.is_empty() {
            self.queues.remove(subject);
        }
    }

    /// How many delivered events may come again.
    pub fn remembered(&self) -> usize {
        self.delivered.len()
    }

    /// An event that was delivered before.
    pub fn earlier(&self, at: usize) -> Option<&Envelope> {
        self.delivered.get(at)
    }
}
