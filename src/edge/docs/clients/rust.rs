//! The cheapest way from London to New York.

use fareway_public_v2::Client;
use fareway_public_v2::types::{OfferRequestInput, PassengerInput, PassengerTypeInput, SliceInput};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fareway = Client::new("http://127.0.0.1:8080", "sk_test_Fareway0Sandbox0Key00000kEVaV")?;
    let journey = [SliceInput::new("LON", "NYC", "2027-03-15")];
    let adult = [PassengerInput::new().ptc(PassengerTypeInput::Adt)];
    let search = fareway.create_offer_request(OfferRequestInput::new(journey, adult)).await?;

    // The answer has the cheapest offers, the cheapest first.
    let cheapest = search.offers.first().ok_or("no flight is for sale")?;
    println!("{}", cheapest.price.total);
    Ok(())
}
