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
use crate::edge::{order_request, search, webhook_endpoints};

pub use events::event;

impl PublicV1 for Door {
    handlers! {
        list_places: ListPlacesInput -> ListPlaces = reference::places;
        list_airlines: ListAirlinesInput -> ListAirlines = reference::airlines;
        list_offers: ListOffersInput -> ListOffers = offers::list;
        create_order: CreateOrderInput -> CreateOrder = orders::create;
        list_orders: ListOrdersInput -> ListOrders = orders::list;
        create_order_payment: CreateOrderPaymentInput -> CreateOrderPayment = payments::create;
        cancel_order: CancelOrderInput -> CancelOrder = cancellations::cancel;
        get_order_documents: GetOrderDocumentsInput -> GetOrderDocuments = documents::get;
        get_payment: GetPaymentInput -> GetPayment = payments::get;
        list_events: ListEventsInput -> ListEvents = events::list;
        list_webhook_endpoints: ListWebhookEndpointsInput -> ListWebhookEndpoints = webhook_lists::endpoints;
        list_webhook_deliveries: ListWebhookDeliveriesInput -> ListWebhookDeliveries = webhook_lists::deliveries;
    }
    search::operations!(offers::asked, offers::offer_request, offers::offer);
    order_request::reading!(order::order);
    order_request::changing!(order::order);
    webhook_endpoints::operations!();
}
