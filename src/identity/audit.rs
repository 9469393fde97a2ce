//! What was done by whom: appended before it is done, listed and verified by the platform in each world. What is audited is
//! decided by the doors.

use super::chain::Checker;
use super::service::{Sight, check};
use super::store::Appended;
use super::{Error, IdentityService};
use crate::kernel::id::AuditId;
use crate::platform::page;
use crate::rpc::common::v1::Context;
use crate::rpc::identity::v1 as rpc;

const TEXT_LEN_MAX: usize = 200;

impl IdentityService {
    /// Adds an event to the chain of the context's world; durable when it returns.
    pub async fn append_audit(
        &self,
        request: rpc::AppendAuditRequest,
    ) -> Result<rpc::AuditEvent, Error> {
        let context = request.context.ok_or(Error::Invalid("context"))?;
        check(self.world(&context.world).is_some(), "world")?;
        check(AuditId::parse(&request.audit_id).is_some(), "audit id")?;
        let short = |text: &str| text.len() <= TEXT_LEN_MAX;
        check(
            !request.action.is_empty() && short(&request.action),
            "action",
        )?;
        check(short(&request.object_id), "object id")?;
        check([0, 32].contains(&request.digest.len()), "digest")?;
        let event = rpc::AuditEvent {
            id: request.audit_id,
            time_us: context.now_us,
            actor: context.actor,
            action: request.action,
            object_id: request.object_id,
            request_id: context.request_id,
            digest: request.digest,
            ..rpc::AuditEvent::default()
        };
        let new = Appended {
            world: context.world,
            event,
        };
        self.store.append_audit(new, self.keys.seal.clone()).await
    }

    /// A page of the events of the context's world, oldest first.
    pub async fn list_audit(
        &self,
        request: rpc::ListAuditRequest,
    ) -> Result<rpc::ListAuditResponse, Error> {
        let world = audited_world(request.context.as_ref())?;
        let (after, limit) = page::of(request.page);
        // After what never was there is nothing.
        let after = match after.as_str() {
            "" => 0,
            sequence => sequence.parse().unwrap_or(u64::MAX >> 1),
        };
        let mut events = self.store.audit_events(world, after, limit + 1).await?;
        let next = page::cut(&mut events, limit, |event| event.sequence.to_string());
        Ok(rpc::ListAuditResponse { events, next })
    }

    /// Computes the chain of the context's world again.
    pub async fn verify_audit(
        &self,
        request: rpc::VerifyAuditRequest,
    ) -> Result<rpc::Verification, Error> {
        let world = audited_world(request.context.as_ref())?;
        let mut checker = Checker::new(world);
        let head = self.store.check_audit(world, &mut checker).await?;
        Ok(checker.finish(head.as_ref(), &self.keys.seal))
    }
}

/// Only the platform reads the audit, world by world.
fn audited_world(context: Option<&Context>) -> Result<&str, Error> {
    match Sight::of(context)? {
        Sight::World(world) => Ok(world),
        Sight::Operator => Err(Error::Invalid("world")),
        Sight::Account { .. } => Err(Error::PlatformOnly),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::identity::sandbox;
    use crate::identity::service::tests::{OTHER_WORLD, account, context, open};

    pub const WORLD: &str = sandbox::WORLD;

    fn done(number: u64, world: &str) -> rpc::AppendAuditRequest {
        let context = Context {
            world: world.to_owned(),
            now_us: 1000,
            actor: "cli_1".to_owned(),
            request_id: format!("req_{number}"),
            ..Context::default()
        };
        rpc::AppendAuditRequest {
            context: Some(context),
            audit_id: format!("aud_{number:026}"),
            action: "getOrder".to_owned(),
            object_id: format!("ord_{number}"),
            digest: vec![1; 32],
        }
    }

    pub async fn audited(dir: &tempfile::TempDir) -> IdentityService {
        let identity = open(dir).await;
        for (number, world) in [(1, WORLD), (2, OTHER_WORLD)] {
            let made = identity.create_account(account(number, true, world)).await;
            made.expect("it is new");
        }
        for number in 1..=5 {
            identity
                .append_audit(done(number, WORLD))
                .await
                .expect("appends");
        }
        identity
            .append_audit(done(6, OTHER_WORLD))
            .await
            .expect("appends");
        identity
    }

    pub async fn verdict(identity: &IdentityService, world: &str) -> (bool, u64, u64) {
        let request = rpc::VerifyAuditRequest {
            context: context(world, ""),
        };
        let verified = identity.verify_audit(request).await.expect("computes");
        (verified.valid, verified.events, verified.broken_at)
    }

    #[tokio::test]
    async fn chain_of_a_world_is_its_own_gap_free_and_takes_repeats() {
        let dir = tempfile::tempdir().expect("a directory");
        let identity = audited(&dir).await;
        let again = identity
            .append_audit(done(2, WORLD))
            .await
            .expect("a repeat");
        assert_eq!(again.sequence, 2);
        let other = rpc::AppendAuditRequest {
            action: "cancelFlight".to_owned(),
            ..done(2, WORLD)
        };
        let refused = identity.append_audit(other).await;
        assert!(matches!(refused, Err(Error::Taken("audit id"))));
        let elsewhere = identity.append_audit(done(2, OTHER_WORLD)).await;
        assert!(matches!(elsewhere, Err(Error::Taken("audit id"))));

        let list = |after: &str, limit| rpc::ListAuditRequest {
            context: context(WORLD, ""),
            page: Some(crate::rpc::common::v1::Page {
                after: after.to_owned(),
                limit,
            }),
        };
        let first = identity.list_audit(list("", 3)).await.expect("lists");
        let rest = identity
            .list_audit(list(&first.next, 3))
            .await
            .expect("lists");
        let sequences: Vec<u64> = first
            .events
            .iter()
            .chain(&rest.events)
            .map(|event| event.sequence)
            .collect();
        assert_eq!(sequences, [1, 2, 3, 4, 5]);
        assert_eq!(rest.next, "");
        let nowhere = identity
            .list_audit(list("nowhere", 3))
            .await
            .expect("lists");
        assert!(nowhere.events.is_empty());
        assert_eq!(first.events[1].previous_hash, first.events[0].hash);
        assert_eq!(verdict(&identity, WORLD).await, (true, 5, 0));
        assert_eq!(verdict(&identity, OTHER_WORLD).await, (true, 1, 0));
    }

    #[tokio::test]
    async fn accounts_do_not_read_the_audit() {
        let dir = tempfile::tempdir().expect("a directory");
        let identity = audited(&dir).await;
        let request = rpc::ListAuditRequest {
            context: context(WORLD, "acc_00000000000000000000000001"),
            page: None,
        };
        let refused = identity.list_audit(request).await;
        assert!(matches!(refused, Err(Error::PlatformOnly)));
        let refused = identity.verify_audit(rpc::VerifyAuditRequest {
            context: context("", ""),
        });
        assert!(matches!(refused.await, Err(Error::Invalid("world"))));
    }
}
