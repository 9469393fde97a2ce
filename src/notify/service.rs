//! Keeps the feeds and reads them page by page. The id of an event is the cursor behind it, so a reader can go on from the
//! last event that it has dealt with. Where events are sent is in `endpoints.rs`, and how in `dispatch.rs`.

use std::path::Path;
use std::sync::Arc;

use super::dispatch::Dispatcher;
use super::sender::{ANSWER_WITHIN, Sender};
use super::store::{Query, Store};
use super::{Error, MasterKey, Reach};
use crate::kernel::chance::Chance;
use crate::kernel::clock::Clock;
use crate::platform::page;
use crate::rpc::events::v1::Envelope;
use crate::rpc::notify::v1::{ListEventsRequest, ListEventsResponse, PayloadsClient};

/// The feeds and webhooks of all accounts, over one database.
pub struct NotifyService {
    pub(super) store: Store,
    pub(super) dispatcher: Dispatcher,
    pub(super) key: MasterKey,
    pub(super) chance: Chance,
}

impl NotifyService {
    /// Opens or makes the database at `path`, and goes on with what is on its way. `payloads` writes events the way each
    /// contract shows them; `clock` is the live world's.
    ///
    /// # Errors
    /// The database cannot be opened or read, or nothing can be sent.
    pub async fn open(
        path: &Path,
        payloads: PayloadsClient,
        reach: Reach,
        key: MasterKey,
        chance: Chance,
        clock: Clock,
    ) -> Result<Arc<Self>, Error> {
        let store = Store::open(path).await?;
        let dispatcher = Dispatcher::new(
            store.clone(),
            Sender::new(reach, ANSWER_WITHIN)?,
            payloads,
            key.clone(),
            chance.clone(),
            clock,
        );
        for (world, now_us) in store.pending_worlds().await? {
            dispatcher.kick(&world, now_us);
        }
        Ok(Arc::new(Self {
            store,
            dispatcher,
            key,
            chance,
        }))
    }

    /// Leaves every delivery where it durably is, commits what was accepted and closes the database.
    pub async fn close(&self) {
        self.dispatcher.close().await;
        self.store.close().await;
    }

    pub(super) async fn take(&self, event: Envelope) -> Result<(), Error> {
        let (world, time_us) = (event.world.clone(), event.time_us);
        let lanes = self.store.append(event).await?;
        self.dispatcher.bring(lanes, &world, time_us);
        Ok(())
    }

    pub(super) async fn events(
        &self,
        request: ListEventsRequest,
    ) -> Result<ListEventsResponse, Error> {
        let context = request
            .context
            .filter(|context| !context.world.is_empty() && !context.account_id.is_empty());
        let context = context.ok_or(Error::Invalid("context"))?;
        let (after, limit) = page::of(request.page);
        let query = Query {
            world: context.world,
            account_id: context.account_id,
            after,
            r#type: request.r#type,
            // One more than asked for tells whether there is a next page.
            limit: limit + 1,
        };
        let mut events = self.store.events(query).await?;
        let next = page::cut(&mut events, limit, |event| event.id.clone());
        Ok(ListEventsResponse { events, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::subscribe;
    use crate::notify::tests::open;
    use crate::platform::bus::Bus;
    use crate::rpc::common::v1::{Context, Page};

    struct Harness {
        _dir: tempfile::TempDir,
        bus: Bus,
        notify: Arc<NotifyService>,
    }

    async fn harness() -> Harness {
        let dir = tempfile::tempdir().expect("a directory");
        let bus = Bus::new();
        let notify = open(dir.path(), &Arc::default(), Reach::PublicOnly).await;
        subscribe(&bus, &notify);
        bus.start();
        Harness {
            _dir: dir,
            bus,
            notify,
        }
    }

    impl Harness {
        async fn say(&self, id: &str, account_id: &str, r#type: &str, subject: &str) {
            let event = Envelope {
                id: id.to_owned(),
                r#type: r#type.to_owned(),
                subject: subject.to_owned(),
                world: "wld_test".to_owned(),
                account_id: account_id.to_owned(),
                time_us: 5,
                ..Envelope::default()
            };
            self.bus.publish(&event).await.expect("notify takes it");
        }

        /// Ids, object types and sequences of a page, and what comes after it.
        async fn read(
            &self,
            account_id: &str,
            after: &str,
            r#type: &str,
            limit: u32,
        ) -> (Vec<String>, String) {
            let context = Context {
                world: "wld_test".to_owned(),
                account_id: account_id.to_owned(),
                ..Context::default()
            };
            let request = ListEventsRequest {
                context: Some(context),
                page: Some(Page {
                    after: after.to_owned(),
                    limit,
                }),
                r#type: r#type.to_owned(),
            };
            let page = self.notify.events(request).await.expect("reads");
            let told = page
                .events
                .into_iter()
                .map(|e| format!("{} {} {}", e.id, e.object_type, e.sequence));
            (told.collect(), page.next)
        }
    }

    #[tokio::test]
    async fn feed_is_ordered_gap_free_and_without_repeats() {
        let harness = harness().await;
        for (id, r#type, subject) in [
            ("evt_1", "order.created", "ord_1"),
            ("evt_2", "payment.authorized", "pay_1"),
            ("evt_1", "order.created", "ord_1"),
            ("evt_3", "order.confirmed", "ord_1"),
            ("evt_4", "payment.requested", "pay_1"),
            ("evt_5", "order.created", "ord_2"),
            ("evt_6", "order.ticketed", "ord_1"),
        ] {
            harness.say(id, "acc_1", r#type, subject).await;
        }
        let (all, next) = harness.read("acc_1", "", "", 0).await;
        assert_eq!(
            all,
            [
                "evt_1 order 1",
                "evt_2 payment 1",
                "evt_3 order 2",
                "evt_5 order 1",
                "evt_6 order 3"
            ]
        );
        assert_eq!(next, "", "what is asked of billing is not told");
        let (first, next) = harness.read("acc_1", "", "", 2).await;
        assert_eq!((first.len(), next.as_str()), (2, "evt_2"));
        let (rest, next) = harness.read("acc_1", &next, "", 3).await;
        assert_eq!((rest.as_slice(), next.as_str()), (&all[2..], ""));
        let (created, _) = harness.read("acc_1", "evt_2", "order.created", 9).await;
        assert_eq!(created, ["evt_5 order 1"]);
        assert_eq!(
            harness.read("acc_1", "evt_unknown", "", 9).await.0,
            [] as [&str; 0]
        );
    }

    #[tokio::test]
    async fn nobody_reads_the_feed_of_another() {
        let harness = harness().await;
        harness
            .say("evt_1", "acc_1", "order.created", "ord_1")
            .await;
        harness.say("evt_2", "acc_1", "order.held", "ord_1").await;
        assert_eq!(harness.read("acc_2", "", "", 9).await.0, [] as [&str; 0]);
        assert_eq!(
            harness.read("acc_2", "evt_1", "", 9).await.0,
            [] as [&str; 0],
            "nor from its cursors"
        );
        let whole = harness.notify.events(ListEventsRequest::default()).await;
        assert!(matches!(whole, Err(Error::Invalid("context"))));
    }

    #[tokio::test]
    async fn events_at_the_same_time_have_positions_of_their_own() {
        let harness = harness().await;
        let said = (1..=40).map(|n| (format!("evt_{n}"), format!("ord_{}", n % 4)));
        let said: Vec<_> = said.collect();
        let all = said
            .iter()
            .map(|(id, subject)| harness.say(id, "acc_1", "order.held", subject));
        futures_util::future::join_all(all).await;
        let (told, _) = harness.read("acc_1", "", "", 100).await;
        let mut sequences: Vec<String> = told
            .iter()
            .map(|line| line.rsplit(' ').next().unwrap_or_default().to_owned())
            .collect();
        sequences.sort_unstable();
        let mut expected: Vec<String> = (1..=10).flat_map(|n| vec![n.to_string(); 4]).collect();
        expected.sort_unstable();
        assert_eq!(sequences, expected);
    }
}
