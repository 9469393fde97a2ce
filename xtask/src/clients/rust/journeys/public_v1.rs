//! The journey of public v1: search, hold, pay, cancel at once; a typed problem; pages by number; an answer that is lost.

use std::env;
use std::error::Error;

use fareway_public_v1::types::{
    ContactInput, HoldOrderInput, InstantOrderInput, Offer, OfferRequestInput, OrderPassengerInput,
    OrderPaymentInput, PassengerInput, PassengerKindInput, PaymentInput, PaymentTypeInput,
    SliceInput,
};
use fareway_public_v1::{Client, ProblemCode};

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
    let offer = search(fareway, "2027-04-05").await?;
    let held = fareway
        .create_order(HoldOrderInput::new(
            &offer.id,
            passengers(&offer),
            contact(),
        ))
        .await?;
    assert_eq!(held.status, "held");
    assert_eq!(held.due_amount, offer.total_amount);
    let payment = card("tok_visa")
        .amount(&held.due_amount)
        .currency(&held.due_currency);
    let paid = fareway
        .create_order_payment(&held.id, OrderPaymentInput::new(payment))
        .send()
        .await?;
    assert_eq!((paid.status, paid.replayed), (201, false));
    assert_eq!(paid.body.status, "confirmed");
    let payment = paid.body.payment_ids.first().ok_or("it was paid")?;
    let payment = fareway.get_payment(payment).await?;
    assert_eq!(
        (payment.status.as_str(), &payment.amount),
        ("captured", &offer.total_amount)
    );
    let documents = fareway.get_order_documents(&held.id).await?.data;
    assert_eq!(documents.len(), 1, "one passenger has one ticket");
    let cancelled = fareway.cancel_order(&held.id).await?;
    assert_eq!(
        (cancelled.status.as_str(), cancelled.refund_status.as_str()),
        ("cancelled", "succeeded")
    );
    assert_eq!(
        fareway.cancel_order(&held.id).await?,
        cancelled,
        "nothing comes back twice"
    );
    let order = fareway.get_order(&held.id).await?;
    assert_eq!(order.status, "cancelled");
    let locator = order.locator.ok_or("a ticketed order has a locator")?;
    println!(
        "journey: {} {locator} for {} {}, {} back",
        order.id, order.total_amount, order.total_currency, cancelled.refund_amount
    );
    Ok(())
}

async fn failure(fareway: &Client) -> Result<()> {
    let offer = search(fareway, "2027-04-06").await?;
    let order = instant(&offer, "tok_insufficient_funds");
    let declined = fareway.create_order(order).await;
    let error = declined.err().ok_or("a card without funds pays")?;
    let problem = error.problem().ok_or("a refusal is a problem")?;
    assert_eq!(problem.code, ProblemCode::PaymentDeclined, "{problem}");
    println!("failure: {problem}");
    Ok(())
}

async fn paging(fareway: &Client) -> Result<()> {
    let by_hand = fareway.list_airlines().per_page(50).await?;
    let mut codes = Vec::new();
    let mut airlines = fareway.list_airlines().per_page(7).entries();
    while codes.len() < by_hand.data.len() {
        let airline = airlines.next().await.ok_or("there are more")??;
        codes.push(airline.code);
    }
    let all = by_hand.data.into_iter().map(|airline| airline.code);
    assert_eq!(codes, all.collect::<Vec<_>>());
    let last = codes.last().map_or("", String::as_str);
    println!(
        "paging: {} airlines in pages of 7, up to {last}",
        codes.len()
    );
    Ok(())
}

async fn retry(fareway: &Client, cutting: &Client) -> Result<()> {
    let offer = search(fareway, "2027-04-07").await?;
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
    let adult = [PassengerInput::new(PassengerKindInput::Adult)];
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
