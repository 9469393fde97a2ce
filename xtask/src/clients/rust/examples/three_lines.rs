//! The three lines that matter: connect, search, take the cheapest.

use fareway_public_v2::Client;
use fareway_public_v2::types::{OfferRequestInput, PassengerInput, PassengerTypeInput, SliceInput};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (url, key) = (std::env::var("FAREWAY_URL")?, std::env::var("FAREWAY_KEY")?);
    let journey = [SliceInput::new("LON", "NYC", "2027-03-15")];
    let adult = [PassengerInput::new().ptc(PassengerTypeInput::Adt)];

    let fareway = Client::new(url, key)?;
    let found = fareway
        .create_offer_request(OfferRequestInput::new(journey, adult))
        .await?;
    let cheapest = found.offers.first().ok_or("no flight is for sale")?;

    println!("{:?} {}", cheapest.price.total, cheapest.id);
    Ok(())
}
