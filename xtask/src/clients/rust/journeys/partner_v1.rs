//! The journey of partner v1: availability, hold, order on credit, void; a typed problem; pages; an answer that is lost.

use std::collections::BTreeSet;
use std::env;
use std::error::Error;

use fareway_partner_v1::types::{
    CabinInput, ContactInput, CreditPaymentInput, HeldOrderInput, Hold, HoldInput, HoldItemInput,
    HoldPassengerInput, PassengerTypeInput,
};
use fareway_partner_v1::{Client, ProblemCode};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let id = env::var("FAREWAY_CLIENT_ID")?;
    let secret = env::var("FAREWAY_CLIENT_SECRET")?;
    let fareway = Client::new(env::var("FAREWAY_URL")?, &id, &secret)?;
    let cutting = Client::new(env::var("FAREWAY_CUTTING_URL")?, &id, &secret)?;
    journey(&fareway).await?;
    failure(&fareway).await?;
    paging(&fareway).await?;
    retry(&fareway, &cutting).await
}

async fn journey(fareway: &Client) -> Result<()> {
    let before = fareway.get_agency().await?.credit_used;
    let hold = hold(fareway, "2027-04-08").await?;
    let order = fareway.create_order(held(&hold, "journey")).await?;
    assert_eq!(
        (order.status.as_str(), order.tickets.len()),
        ("ticketed", 1)
    );
    assert_eq!(order.hold_id.as_ref(), Some(&hold.id));
    let used = fareway.get_agency().await?.credit_used;
    assert_eq!(used.amount, before.amount + order.price.total.amount);
    let void = fareway.void_order(&order.id).await?;
    assert_eq!(
        (void.status.as_str(), void.tickets[0].status.as_str()),
        ("cancelled", "void")
    );
    let after = fareway.get_agency().await?.credit_used;
    assert_eq!(after, before, "the credit is back");
    let locator = order.locator.ok_or("a ticketed order has a locator")?;
    let total = order.price.total;
    println!(
        "journey: {} {locator} for {} {} of credit, void and back",
        order.id, total.amount, total.currency
    );
    Ok(())
}

async fn failure(fareway: &Client) -> Result<()> {
    let hold = hold(fareway, "2027-04-09").await?;
    fareway.release_hold(&hold.id).await?;
    let ordered = fareway.create_order(held(&hold, "failure")).await;
    let error = ordered.err().ok_or("a hold that was released is ordered")?;
    let problem = error.problem().ok_or("a refusal is a problem")?;
    assert_eq!(problem.code, ProblemCode::InvalidState, "{problem}");
    println!("failure: {problem}");
    Ok(())
}

async fn paging(fareway: &Client) -> Result<()> {
    let by_hand = fareway.list_events().limit(25).await?.data;
    let mut ids = Vec::new();
    let mut events = fareway.list_events().limit(4).entries();
    while ids.len() < by_hand.len() {
        ids.push(events.next().await.ok_or("there are more")??.id);
    }
    let all: Vec<_> = by_hand.into_iter().map(|event| event.id).collect();
    assert_eq!(ids, all);
    assert!(
        ids.len() > 8,
        "{} events fill more than two pages",
        ids.len()
    );
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    println!("paging: {} events in pages of 4", ids.len());
    Ok(())
}

async fn retry(fareway: &Client, cutting: &Client) -> Result<()> {
    let hold = hold(fareway, "2027-04-10").await?;
    let reference = format!("rust-{}", hold.id);
    let ordered = cutting.create_order(held(&hold, &reference)).send().await?;
    assert!(ordered.replayed, "the first answer was lost");
    let mut found = Vec::new();
    let mut orders = fareway.list_orders().limit(100).entries();
    while let Some(order) = orders.next().await {
        let order = order?;
        if order.client_reference.as_ref() == Some(&reference) {
            found.push(order.id);
        }
    }
    assert_eq!(found, [ordered.body.id.as_str()]);
    // Its credit is for others to use.
    fareway.void_order(&ordered.body.id).await?;
    println!("retry: {} once, as {reference}", ordered.body.id);
    Ok(())
}

/// A seat in class M of the first flight that has one.
async fn hold(fareway: &Client, date: &str) -> Result<Hold> {
    let availability = fareway
        .get_availability("LHR", "JFK", date)
        .cabin(CabinInput::Economy)
        .await?;
    let flight = availability.flights.iter().find(|flight| {
        let mut classes = flight.classes.iter();
        classes.any(|class| class.booking_class == "M" && class.seats > 0)
    });
    let flight = flight.ok_or("no flight has a seat in class M")?;
    let item = HoldItemInput::new(
        &flight.carrier,
        flight.flight_number,
        date,
        "LHR",
        "JFK",
        "M",
        1,
    );
    let held = fareway
        .create_hold(HoldInput::new([item]).ttl_minutes(30))
        .send()
        .await?;
    assert_eq!((held.status, held.body.status.as_str()), (201, "active"));
    let read = fareway.get_hold(&held.body.id).send().await?;
    assert_eq!((&read.body, &read.etag), (&held.body, &held.etag));
    Ok(held.body)
}

fn held(hold: &Hold, reference: &str) -> HeldOrderInput {
    let passenger =
        HoldPassengerInput::new(PassengerTypeInput::Adt, "Amelia", "Earhart", "1987-07-24");
    HeldOrderInput::new(
        &hold.id,
        [passenger],
        ContactInput::new("amelia@example.com"),
        CreditPaymentInput::new(),
    )
    .client_reference(reference)
}
