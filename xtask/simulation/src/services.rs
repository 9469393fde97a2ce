//! What travellers buy besides their flights: in some orders, some of what is offered.

use fareway::kernel::chance::Chance;
use fareway::rpc::flights::v1::{Offer, OfferService, ServiceChoice};

/// Services of an offer, and what one of each costs; mostly none.
pub fn chosen(chance: &Chance, offer: &Offer) -> Vec<(ServiceChoice, i64)> {
    if chance.below(4) != 0 {
        return Vec::new();
    }
    let wanted = |service: &OfferService| {
        let quantity = 1 + chance.below(u64::from(service.quantity_max.max(1)));
        let choice = ServiceChoice {
            id: service.id.clone(),
            quantity: u32::try_from(quantity).unwrap_or(1),
        };
        let cost = service.amount.as_ref().map_or(0, |one| one.amount);
        (choice, cost)
    };
    let most = 1 + usize::try_from(chance.below(3)).unwrap_or(0);
    offer.services.iter().take(most).map(wanted).collect()
}
