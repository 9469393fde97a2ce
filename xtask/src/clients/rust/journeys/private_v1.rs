//! The journey of private v1: flights, inventory, why a class is closed, limits, audit; a typed problem; pages; an answer that is
//! lost.

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};

use fareway_private_v1::types::{
    AgencyAccountInput, AgencyInput, CabinInput, ClassInventory, ClassLimitInput, CreditLimitInput,
    Inventory, LimitsInput,
};
use fareway_private_v1::{Client, ProblemCode, Reply};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let id = env::var("FAREWAY_CLIENT_ID")?;
    let secret = env::var("FAREWAY_CLIENT_SECRET")?;
    let fareway = Client::new(env::var("FAREWAY_URL")?, &id, &secret)?;
    let cutting = Client::new(env::var("FAREWAY_CUTTING_URL")?, &id, &secret)?;
    journey(&fareway).await?;
    paging(&fareway).await?;
    retry(&fareway, &cutting).await
}

async fn journey(fareway: &Client) -> Result<()> {
    let mut flights = fareway
        .list_flights("BA", "2027-04-12")
        .origin("LHR")
        .destination("JFK")
        .entries();
    let flight = flights.next().await.ok_or("BA flies from LHR to JFK")??.id;
    let before = fareway.get_inventory(&flight).send().await?;
    let cheapest = cheapest(&before.body)?;
    let class = &cheapest.booking_class;
    let explained = fareway.explain_availability(&flight, class).await?;
    assert!(!explained.limits.is_empty(), "{}", explained.summary);

    let closed = set(fareway, &flight, class, 0, &before).await?;
    assert_eq!(self::cheapest(&closed.body)?.limit, 0);
    let explained = fareway.explain_availability(&flight, class).await?;
    assert!(!explained.available, "{}", explained.summary);
    failure(fareway, &flight, class, &before).await?;
    let restored = set(fareway, &flight, class, cheapest.limit, &closed).await?;
    assert_eq!(self::cheapest(&restored.body)?, cheapest);

    let audit = fareway.verify_audit_events().await?;
    assert!(audit.valid, "broken at {:?}", audit.broken_at);
    println!(
        "journey: class {class} of {flight} closed ({}) and opened; {} audit events are valid",
        explained.reason, audit.events
    );
    Ok(())
}

/// A version that is no longer current.
async fn failure(
    fareway: &Client,
    flight: &str,
    class: &str,
    stale: &Reply<Inventory>,
) -> Result<()> {
    let set = set(fareway, flight, class, 1, stale).await;
    let error = set.err().ok_or("an old version is good enough")?;
    let error: Box<fareway_private_v1::Error> = error.downcast()?;
    let problem = error.problem().ok_or("a refusal is a problem")?;
    assert_eq!(problem.code, ProblemCode::PreconditionFailed, "{problem}");
    println!("failure: {problem}");
    Ok(())
}

async fn paging(fareway: &Client) -> Result<()> {
    let by_hand = fareway.list_flights("BA", "2027-04-13").limit(100).await?;
    let mut ids = Vec::new();
    let mut flights = fareway.list_flights("BA", "2027-04-13").limit(9).entries();
    while ids.len() < by_hand.data.len() {
        ids.push(flights.next().await.ok_or("there are more")??.id);
    }
    let all: Vec<_> = by_hand.data.into_iter().map(|flight| flight.id).collect();
    assert_eq!(ids, all);
    assert!(
        ids.len() > 18,
        "{} flights fill more than two pages",
        ids.len()
    );
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    println!("paging: {} flights in pages of 9", ids.len());
    Ok(())
}

async fn retry(fareway: &Client, cutting: &Client) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    let name = format!("Rust {now}");
    let agency = AgencyInput::new("12345675", CreditLimitInput::new(1_000_000, "GBP"));
    let opened = cutting
        .create_account(AgencyAccountInput::new(&name, agency))
        .send()
        .await?;
    assert!(opened.replayed, "the first answer was lost");
    let mut found = Vec::new();
    let mut accounts = fareway.list_accounts().limit(100).entries();
    while let Some(account) = accounts.next().await {
        let account = account?;
        if account.name == name {
            found.push(account.id);
        }
    }
    assert_eq!(found, [opened.body.id.as_str()]);
    println!("retry: {} once, as {name}", opened.body.id);
    Ok(())
}

async fn set(
    fareway: &Client,
    flight: &str,
    class: &str,
    limit: i32,
    seen: &Reply<Inventory>,
) -> Result<Reply<Inventory>> {
    let limits = LimitsInput::new(CabinInput::Economy, [ClassLimitInput::new(class, limit)]);
    let etag = seen.etag.as_ref().ok_or("an inventory has a version")?;
    let set = fareway.set_limits(flight, limits).if_match(etag);
    Ok(set.send().await?)
}

/// The lowest class of economy, which no other is nested in.
fn cheapest(inventory: &Inventory) -> Result<&ClassInventory> {
    let mut cabins = inventory.cabins.iter();
    let economy = cabins.find(|cabin| cabin.cabin == "economy");
    let class = economy.and_then(|cabin| cabin.classes.last());
    Ok(class.ok_or("the flight has no economy")?)
}
