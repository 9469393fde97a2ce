//! Accounts, and what agencies may owe.

use std::sync::{Arc, Mutex};

use super::*;
use crate::rpc::common::v1 as wire;
use crate::rpc::events::v1::envelope::Data;

fn agency_account(number: u64, world: &str, limit: i64) -> rpc::CreateAccountRequest {
    rpc::CreateAccountRequest {
        agency: Some(rpc::Agency {
            iata_number: "12345675".to_owned(),
            credit_limit: eur(limit),
        }),
        ..account(number, true, world)
    }
}

fn eur(amount: i64) -> Option<wire::Money> {
    Some(wire::Money {
        amount,
        currency: "EUR".to_owned(),
    })
}

fn limit(
    world: &str,
    account: u64,
    amount: i64,
    expected_version: u64,
) -> rpc::SetCreditLimitRequest {
    rpc::SetCreditLimitRequest {
        context: context(world, ""),
        account_id: format!("acc_{account:026}"),
        credit_limit: eur(amount),
        expected_version,
    }
}

#[tokio::test]
async fn repeats_find_the_account_and_other_requests_under_its_id_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let identity = open(&dir).await;
    let first = identity.create_account(account(1, true, OTHER_WORLD)).await;
    let first = first.expect("it is new");
    assert_eq!((first.created_at_us, first.version), (1000, 1));
    let repeated = identity.create_account(account(1, true, OTHER_WORLD)).await;
    let replayed = rpc::Account {
        replayed: true,
        ..first.clone()
    };
    assert_eq!(repeated.expect("a repeat"), replayed);
    let joined = identity.create_account(account(2, true, OTHER_WORLD)).await;
    assert_eq!(
        joined.expect("it is new").clock_id,
        first.clock_id,
        "the second joins the world of the first"
    );
    let renamed = rpc::CreateAccountRequest {
        name: "Else".to_owned(),
        ..account(1, true, OTHER_WORLD)
    };
    let by_account = rpc::CreateAccountRequest {
        context: context(OTHER_WORLD, &first.id),
        ..account(3, true, OTHER_WORLD)
    };
    assert!(matches!(
        identity.create_account(renamed).await,
        Err(Error::Taken("account id"))
    ));
    assert!(matches!(
        identity
            .create_account(agency_account(1, OTHER_WORLD, 5))
            .await,
        Err(Error::Taken("account id"))
    ));
    assert!(matches!(
        identity.create_account(by_account).await,
        Err(Error::PlatformOnly)
    ));
}

#[tokio::test]
async fn staff_make_accounts_in_their_own_world_only() {
    let dir = tempfile::tempdir().expect("a directory");
    let identity = open(&dir).await;
    let made = identity.create_account(account(1, true, OTHER_WORLD)).await;
    made.expect("it is new");
    for (staff_of, asked, made_in) in [
        (OTHER_WORLD, "", Some(OTHER_WORLD)),
        (OTHER_WORLD, OTHER_WORLD, Some(OTHER_WORLD)),
        (OTHER_WORLD, "wld_third", None),
        ("wld_nowhere", "", None),
        (LIVE_WORLD, "", Some(LIVE_WORLD)),
    ] {
        let request = rpc::CreateAccountRequest {
            context: context(staff_of, ""),
            ..account(
                made_in.map_or(3, |world| u64::try_from(world.len()).unwrap()),
                true,
                asked,
            )
        };
        let made = identity.create_account(request).await.ok();
        assert_eq!(made.as_ref().map(|account| account.world.as_str()), made_in);
    }
}

#[tokio::test]
async fn accounts_see_themselves_staff_their_world_and_the_operator_all() {
    let dir = tempfile::tempdir().expect("a directory");
    let identity = open(&dir).await;
    for (number, world) in [(1, OTHER_WORLD), (2, "wld_third"), (3, OTHER_WORLD)] {
        let made = identity.create_account(account(number, true, world)).await;
        made.expect("it is new");
    }
    let id = |number: u64| format!("acc_{number:026}");
    for (world, account_id, sees) in [
        (OTHER_WORLD, id(1), vec![1]),
        (OTHER_WORLD, String::new(), vec![1, 3]),
        ("wld_third", id(1), vec![]),
        ("", String::new(), vec![1, 2, 3]),
    ] {
        for number in 1..=3 {
            let request = rpc::GetAccountRequest {
                context: context(world, &account_id),
                account_id: id(number),
            };
            let got = identity.get_account(&request).await;
            match got {
                Ok(account) => assert!(sees.contains(&number), "{world} saw {}", account.id),
                Err(Error::NotFound("account")) => assert!(!sees.contains(&number)),
                Err(error) => panic!("{error}"),
            }
        }
        let (mut listed, mut after) = (Vec::new(), String::new());
        loop {
            let request = rpc::ListAccountsRequest {
                context: context(world, &account_id),
                page: Some(wire::Page { after, limit: 1 }),
            };
            let page = identity.list_accounts(request).await.expect("lists");
            listed.extend(page.accounts.into_iter().map(|account| account.id));
            after = page.next;
            if after.is_empty() {
                break;
            }
        }
        assert_eq!(listed, sees.into_iter().map(id).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn every_limit_of_an_agency_is_said_once_and_in_order() {
    let dir = tempfile::tempdir().expect("a directory");
    let (bus, heard) = (Bus::new(), Arc::new(Mutex::new(Vec::new())));
    let log = heard.clone();
    bus.subscribe("test", &["credit.changed"], move |event| {
        let Some(Data::Credit(changed)) = event.data else {
            panic!("no credit in {}", event.id);
        };
        let amount = changed.limit.expect("it says the limit").amount;
        log.lock()
            .expect("no panic")
            .push((event.subject, event.sequence, amount));
        Box::pin(async { Ok(()) })
    });
    bus.start();
    let identity = open_with(&dir, &bus, Clock::manual(77)).await;
    for _ in 0..2 {
        let made = identity
            .create_account(agency_account(1, OTHER_WORLD, 500))
            .await;
        made.expect("made or repeated");
    }
    let made = identity.create_account(account(2, true, OTHER_WORLD)).await;
    made.expect("a developer is nobody's debtor");
    for (amount, seen_version, version) in [
        (700, 1, Some(2)),
        (700, 2, Some(2)),
        (900, 1, None),
        (800, 0, Some(3)),
    ] {
        let set = identity
            .set_credit_limit(limit(OTHER_WORLD, 1, amount, seen_version))
            .await;
        match (set, version) {
            (Ok(account), Some(version)) => assert_eq!(account.version, version),
            (Err(Error::VersionMismatch), None) => {}
            (set, _) => panic!("{amount}: {set:?}"),
        }
    }
    let again = identity
        .create_account(agency_account(1, OTHER_WORLD, 500))
        .await;
    let again = again.expect("a repeat").agency.expect("it is an agency");
    assert_eq!(again.credit_limit, eur(800), "a repeat takes no limit back");
    identity.drain().await;
    let id = format!("acc_{:026}", 1);
    let said = [(1, 500), (2, 700), (3, 800)].map(|(n, amount)| (id.clone(), n, amount));
    assert_eq!(*heard.lock().expect("no panic"), said);
}

#[tokio::test]
async fn limits_that_make_no_sense_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let identity = open(&dir).await;
    let made = identity
        .create_account(agency_account(1, OTHER_WORLD, 500))
        .await;
    made.expect("it is new");
    let made = identity.create_account(account(2, true, OTHER_WORLD)).await;
    made.expect("it is new");
    let in_dollars = rpc::SetCreditLimitRequest {
        credit_limit: Some(wire::Money {
            amount: 1,
            currency: "USD".to_owned(),
        }),
        ..limit(OTHER_WORLD, 1, 1, 0)
    };
    let by_itself = rpc::SetCreditLimitRequest {
        context: context(OTHER_WORLD, &format!("acc_{:026}", 1)),
        ..limit(OTHER_WORLD, 1, 1, 0)
    };
    for (request, error) in [
        (limit(OTHER_WORLD, 1, -1, 0), "credit limit is not valid"),
        (limit(OTHER_WORLD, 2, 1, 0), "the account is no agency"),
        (limit("wld_third", 1, 1, 0), "account not found"),
        (in_dollars, "the agency owes in another currency"),
        (by_itself, "only the platform itself may do this"),
    ] {
        let refused = identity.set_credit_limit(request).await;
        assert_eq!(
            refused.map_err(|error| error.to_string()),
            Err(error.to_owned())
        );
    }
    let mut wrong = agency_account(3, OTHER_WORLD, 5);
    wrong.agency.as_mut().expect("it is one").iata_number = "123".to_owned();
    assert!(matches!(
        identity.create_account(wrong).await,
        Err(Error::Invalid("IATA number"))
    ));
}
