//! Public v1: the older shape of the public API, over the same services. What a member of v1 is made of is decided here and
//! nowhere below; where v1 says what v2 says, both use the same conversions.

mod amount;
mod cancellations;
mod documents;
mod events;
mod itinerary;
mod numbered;
mod offers;
mod order;
mod orders;
mod payments;
mod reference;
mod webhook_lists;

use crate::api::public_v1::{NAME, PublicV1, operations as op};
use crate::edge::door::{Door, handlers};
use crate::edge::webhook_endpoints;

pub use events::event;

impl PublicV1 for Door {
    handlers! {
        list_places: ListPlacesInput -> ListPlaces = reference::places;
        list_airlines: ListAirlinesInput -> ListAirlines = reference::airlines;
        create_offer_request: CreateOfferRequestInput -> CreateOfferRequest = offers::search;
        get_offer_request: GetOfferRequestInput -> GetOfferRequest = offers::read_search;
        list_offers: ListOffersInput -> ListOffers = offers::list;
        get_offer: GetOfferInput -> GetOffer = offers::get;
        create_order: CreateOrderInput -> CreateOrder = orders::create;
        list_orders: ListOrdersInput -> ListOrders = orders::list;
        get_order: GetOrderInput -> GetOrder = orders::get;
        update_order: UpdateOrderInput -> UpdateOrder = orders::update;
        create_order_payment: CreateOrderPaymentInput -> CreateOrderPayment = payments::create;
        cancel_order: CancelOrderInput -> CancelOrder = cancellations::cancel;
        get_order_documents: GetOrderDocumentsInput -> GetOrderDocuments = documents::get;
        get_payment: GetPaymentInput -> GetPayment = payments::get;
        list_events: ListEventsInput -> ListEvents = events::list;
        list_webhook_endpoints: ListWebhookEndpointsInput -> ListWebhookEndpoints = webhook_lists::endpoints;
        list_webhook_deliveries: ListWebhookDeliveriesInput -> ListWebhookDeliveries = webhook_lists::deliveries;
    }
    webhook_endpoints::operations!();
}
