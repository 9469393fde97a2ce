//! Public v2: what any developer may call. Each operation is a function in the file of its resource; this file is their table.

mod idempotency_keys;
mod offer;
mod offers;
mod order;
mod order_changes;
mod orders;
mod reference;

use crate::api::public_v2::{NAME, PublicV2, operations as op};
use crate::edge::door::{Door, handlers};
use crate::edge::{
    events, order_cancellations, order_request, search, test_clock, webhook_endpoints,
};

impl PublicV2 for Door {
    handlers! {
        list_places: ListPlacesInput -> ListPlaces = reference::places;
        list_airlines: ListAirlinesInput -> ListAirlines = reference::airlines;
        list_offers: ListOffersInput -> ListOffers = offers::list;
        price_offer: PriceOfferInput -> PriceOffer = offers::price;
        create_order: CreateOrderInput -> CreateOrder = orders::create;
        list_orders: ListOrdersInput -> ListOrders = orders::list;
        create_order_payment: CreateOrderPaymentInput -> CreateOrderPayment = orders::pay;
        accept_schedule_change: AcceptScheduleChangeInput -> AcceptScheduleChange = orders::accept_schedule_change;
        quote_order_change: QuoteOrderChangeInput -> QuoteOrderChange = order_changes::quote;
        get_order_change: GetOrderChangeInput -> GetOrderChange = order_changes::get;
        confirm_order_change: ConfirmOrderChangeInput -> ConfirmOrderChange = order_changes::confirm;
        list_events: ListEventsInput -> ListEvents = events::list;
        get_idempotency_key: GetIdempotencyKeyInput -> GetIdempotencyKey = idempotency_keys::get;
    }
    search::operations!(offer::asked, offer::offer_request, offer::offer);
    order_request::reading!(order::order);
    order_request::changing!(order::order);
    order_cancellations::operations!();
    test_clock::operations!();
    webhook_endpoints::operations!();
    webhook_endpoints::lists!();
}
