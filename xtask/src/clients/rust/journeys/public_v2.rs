//! The journey of public v2: search, price, hold, pay, cancel; a typed problem; pages; an answer that is lost.

use std::env;
use std::error::Error;

use fareway_public_v2::types::{
    ContactInput, HoldOrderInput, InstantOrderInput, Offer, OfferRequestInput,
    OrderCancellationInput, OrderPassengerInput, OrderPaymentInput, PassengerInput,
    PassengerTypeInput, PaymentInput, PaymentTypeInput, SliceInput,
};
use fareway_public_v2::{Client, ProblemCode};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let key = env::var("FAREWAY_KEY")?;
    let fareway = Client::new(env::var("FAREWAY_URL")?, &key)?;
    let cutting = Client::new(env::var("FAREWAY_CUTTING_URL")?, &key)?;
    journey(&fareway).await?;
    failure(&fareway).await?;
    paging(&fareway).await?;
    retry(&fareway, &cutting).await
}

async fn journey(fareway: &Client) -> Result<()> {
    let offer = search(fareway, "2027-03-18").await?;
    let offer = fareway.price_offer(&offer.id).await?;
    assert!(offer.price_guaranteed_until.is_some(), "a price is bound");
    let held = fareway
        .create_order(HoldOrderInput::new(
            &offer.id,
            passengers(&offer),
            contact(),
        ))
        .await?;
    assert_eq!(held.status, "held");
    assert_eq!(held.amount_due, offer.price.total);
    let paid = fareway
        .create_order_payment(&held.id, OrderPaymentInput::new(card("tok_visa")))
        .send()
        .await?;
    assert_eq!((paid.status, paid.replayed), (201, false));
    assert_eq!(paid.body.status, "ticketed");
    let order = fareway.get_order(&held.id).send().await?;
    assert_eq!(order.body, paid.body);
    let etag = order.etag.ok_or("an order has a version")?;
    let unchanged = fareway.get_order(&held.id).if_none_match(&etag).await;
    assert!(
        matches!(unchanged, Err(fareway_public_v2::Error::NotModified)),
        "{unchanged:?}"
    );
    let quote = fareway
        .quote_order_cancellation(OrderCancellationInput::new(&held.id))
        .await?;
    let confirmed = fareway.confirm_order_cancellation(&quote.id).await?;
    let refund = confirmed.refund.ok_or("something comes back")?;
    assert_eq!(quote.refund, Some(refund.clone()));
    let order = fareway.get_order(&held.id).await?;
    assert_eq!(order.status, "cancelled");
    let refunds: Vec<_> = order.refunds.iter().map(|it| it.amount.amount).collect();
    assert_eq!(refunds, [refund.amount]);
    let locator = order.locator.ok_or("a ticketed order has a locator")?;
    let total = &order.price.total;
    println!(
        "journey: {} {locator} for {} {}, {} back",
        order.id, total.amount, total.currency, refund.amount
    );
    Ok(())
}

async fn failure(fareway: &Client) -> Result<()> {
    let offer = search(fareway, "2027-03-19").await?;
    let order = instant(&offer, "tok_declined");
    let error = fareway
        .create_order(order)
        .await
        .err()
        .ok_or("a card that is declined pays")?;
    let problem = error.problem().ok_or("a refusal is a problem")?;
    assert_eq!(problem.code, ProblemCode::PaymentDeclined, "{problem}");
    assert_eq!((problem.status, problem.retryable), (402, false));
    println!("failure: {problem}");
    Ok(())
}

async fn paging(fareway: &Client) -> Result<()> {
    let by_hand = fareway.list_places().query("london").limit(100).await?;
    assert_eq!(by_hand.next_cursor, None, "one page holds all");
    let mut codes = Vec::new();
    let mut places = fareway.list_places().query("london").limit(3).entries();
    while let Some(place) = places.next().await {
        codes.push(place?.code);
    }
    let all: Vec<_> = by_hand.data.into_iter().map(|place| place.code).collect();
    assert_eq!(codes, all);
    assert!(codes.len() > 6, "{codes:?} fill more than two pages");
    println!(
        "paging: {} places in pages of 3: {}",
        codes.len(),
        codes.join(" ")
    );
    Ok(())
}

async fn retry(fareway: &Client, cutting: &Client) -> Result<()> {
    let offer = search(fareway, "2027-03-20").await?;
    let reference = format!("rust-{}", offer.passengers[0].id);
    let order = instant(&offer, "tok_visa").client_reference(&reference);
    let ordered = cutting.create_order(order).send().await?;
    assert!(ordered.replayed, "the first answer was lost");
    let mut orders = fareway.list_orders().client_reference(&reference).entries();
    let only = orders.next().await.ok_or("the order is there")??;
    assert_eq!(only, ordered.body);
    assert!(orders.next().await.is_none(), "there is one order");
    println!("retry: {} once, as {reference}", only.id);
    Ok(())
}

/// The cheapest offer that may be held and given back.
async fn search(fareway: &Client, date: &str) -> Result<Offer> {
    let journey = [SliceInput::new("LON", "NYC", date)];
    let adult = [PassengerInput::new().ptc(PassengerTypeInput::Adt)];
    let found = fareway
        .create_offer_request(OfferRequestInput::new(journey, adult))
        .await?;
    let mut offers = fareway.list_offers(&found.id).entries();
    while let Some(offer) = offers.next().await {
        let offer = offer?;
        if offer.hold_allowed && offer.conditions.refund_before_departure.allowed {
            return Ok(offer);
        }
    }
    Err("no offer may be held and given back".into())
}

fn instant(offer: &Offer, token: &str) -> InstantOrderInput {
    InstantOrderInput::new(&offer.id, passengers(offer), contact(), card(token))
}

fn passengers(offer: &Offer) -> Vec<OrderPassengerInput> {
    let ids = offer.passengers.iter().map(|passenger| &passenger.id);
    ids.map(|id| OrderPassengerInput::new(id, "Ada", "Lovelace", "1990-12-10"))
        .collect()
}

fn contact() -> ContactInput {
    ContactInput::new("ada@example.com").phone("+442071234567")
}

fn card(token: &str) -> PaymentInput {
    PaymentInput::new(PaymentTypeInput::Card, token)
}
