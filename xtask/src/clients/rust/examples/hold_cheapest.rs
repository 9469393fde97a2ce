//! Finds the cheapest offer between two cities that may be held, and holds it.

use fareway_public_v2::Client;
use fareway_public_v2::types::{
    ContactInput, HoldOrderInput, OfferRequestInput, OrderPassengerInput, PassengerInput,
    PassengerTypeInput, SliceInput,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fareway = Client::new(std::env::var("FAREWAY_URL")?, std::env::var("FAREWAY_KEY")?)?;
    let journey = [SliceInput::new("LON", "NYC", "2027-03-15")];
    let adult = [PassengerInput::new().ptc(PassengerTypeInput::Adt)];
    let found = fareway
        .create_offer_request(OfferRequestInput::new(journey, adult))
        .await?;

    let offers = found.offers.iter().filter(|offer| offer.hold_allowed);
    let cheapest = offers
        .min_by_key(|offer| offer.price.total.amount)
        .ok_or("no offer may be held")?;

    let passengers = cheapest.passengers.iter();
    let passengers =
        passengers.map(|it| OrderPassengerInput::new(&it.id, "Ada", "Lovelace", "1990-12-10"));
    let contact = ContactInput::new("ada@example.com");
    let order = fareway
        .create_order(HoldOrderInput::new(&cheapest.id, passengers, contact))
        .await?;

    let due = &order.amount_due;
    println!(
        "{} is held until {}",
        order.id,
        order.payment_required_by.unwrap_or_default()
    );
    println!(
        "{} {} are due",
        due.amount as f64 / 10_f64.powi(due.scale),
        due.currency
    );
    Ok(())
}
