//! Finds the cheapest offer from London to New York that may be held, and holds it.

use fareway_public_v2::Client;
use fareway_public_v2::types::{
    ContactInput, HoldOrderInput, OfferRequestInput, OrderPassengerInput, PassengerInput,
    PassengerTypeInput, SliceInput,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fareway = Client::new("http://127.0.0.1:8080", "sk_test_Fareway0Sandbox0Key00000kEVaV")?;
    let journey = [SliceInput::new("LON", "NYC", "2027-03-15")];
    let adult = [PassengerInput::new().ptc(PassengerTypeInput::Adt)];
    let search = fareway.create_offer_request(OfferRequestInput::new(journey, adult)).await?;

    // Every offer of the search, the cheapest first. Not every fare may be held.
    let mut offers = fareway.list_offers(&search.id).entries();
    while let Some(offer) = offers.try_next().await? {
        if offer.hold_allowed {
            let ada = OrderPassengerInput::new(&offer.passengers[0].id, "Ada", "Lovelace", "1990-12-10");
            let contact = ContactInput::new("ada@example.com");
            let order = fareway.create_order(HoldOrderInput::new(&offer.id, [ada], contact)).await?;
            let (locator, deadline) = (order.locator.unwrap_or_default(), order.payment_required_by.unwrap_or_default());
            println!("{locator}: {}, pay by {deadline}", order.amount_due);
            return Ok(());
        }
    }
    Err("no offer may be held".into())
}
