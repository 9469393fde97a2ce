//! Finds the cheapest offer between two cities that may be held, and holds it.

use fareway_public_v2::Client;
use fareway_public_v2::types::{
    ContactInput, HoldOrderInput, OfferRequestInput, OfferSort, OrderPassengerInput, PassengerInput,
    PassengerTypeInput, SliceInput,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fareway = Client::new("http://127.0.0.1:8080", "sk_test_Fareway0Sandbox0Key00000kEVaV")?;
    let journey = [SliceInput::new("LON", "NYC", "2027-03-15")];
    let adult = [PassengerInput::new().ptc(PassengerTypeInput::Adt)];
    let found = fareway.create_offer_request(OfferRequestInput::new(journey, adult)).await?;

    let mut offers = fareway.list_offers(&found.id).sort(OfferSort::Price).entries();
    while let Some(offer) = offers.next().await.transpose()? {
        if offer.hold_allowed {
            let passenger = &offer.passengers[0].id;
            let ada = OrderPassengerInput::new(passenger, "Ada", "Lovelace", "1990-12-10");
            let contact = ContactInput::new("ada@example.com");
            let order = fareway.create_order(HoldOrderInput::new(&offer.id, [ada], contact)).await?;
            println!("{}: {:?}, to pay by {:?}", order.id, order.amount_due, order.payment_required_by);
            break;
        }
    }
    Ok(())
}
