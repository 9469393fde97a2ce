//! Public v2: what any developer may call. Each operation is a function in the file of its resource; this file is their table.

mod airlines;
mod events;
mod idempotency_keys;
mod offer;
mod offers;
mod order;
mod orders;
mod places;

use crate::api::public_v2::{NAME, PublicV2, operations as op};
use crate::edge::{Clients, order_cancellations, test_clock, webhook_endpoints};
use crate::kernel::chance::Chance;
use crate::platform::auth::Caller;
use crate::wire::problem::Problem;

/// The door.
#[derive(Clone)]
pub struct Door {
    /// The services that it calls.
    pub clients: Clients,
    /// Where ids come from.
    pub chance: Chance,
}

impl PublicV2 for Door {
    async fn list_places(
        &self,
        caller: Caller,
        request: op::ListPlacesInput,
    ) -> Result<op::ListPlaces, Problem> {
        places::list(self, &caller, request).await
    }

    async fn list_airlines(
        &self,
        caller: Caller,
        request: op::ListAirlinesInput,
    ) -> Result<op::ListAirlines, Problem> {
        airlines::list(self, &caller, request).await
    }

    async fn create_offer_request(
        &self,
        caller: Caller,
        request: op::CreateOfferRequestInput,
    ) -> Result<op::CreateOfferRequest, Problem> {
        offers::search(self, &caller, request).await
    }

    async fn get_offer_request(
        &self,
        caller: Caller,
        request: op::GetOfferRequestInput,
    ) -> Result<op::GetOfferRequest, Problem> {
        offers::read_search(self, &caller, request).await
    }

    async fn list_offers(
        &self,
        caller: Caller,
        request: op::ListOffersInput,
    ) -> Result<op::ListOffers, Problem> {
        offers::list(self, &caller, request).await
    }

    async fn get_offer(
        &self,
        caller: Caller,
        request: op::GetOfferInput,
    ) -> Result<op::GetOffer, Problem> {
        offers::get(self, &caller, request).await
    }

    async fn price_offer(
        &self,
        caller: Caller,
        request: op::PriceOfferInput,
    ) -> Result<op::PriceOffer, Problem> {
        offers::price(self, &caller, request).await
    }

    async fn create_order(
        &self,
        caller: Caller,
        request: op::CreateOrderInput,
    ) -> Result<op::CreateOrder, Problem> {
        orders::create(self, &caller, request).await
    }

    async fn list_orders(
        &self,
        caller: Caller,
        request: op::ListOrdersInput,
    ) -> Result<op::ListOrders, Problem> {
        orders::list(self, &caller, request).await
    }

    async fn get_order(
        &self,
        caller: Caller,
        request: op::GetOrderInput,
    ) -> Result<op::GetOrder, Problem> {
        orders::get(self, &caller, request).await
    }

    async fn update_order(
        &self,
        caller: Caller,
        request: op::UpdateOrderInput,
    ) -> Result<op::UpdateOrder, Problem> {
        orders::update(self, &caller, request).await
    }

    async fn create_order_payment(
        &self,
        caller: Caller,
        request: op::CreateOrderPaymentInput,
    ) -> Result<op::CreateOrderPayment, Problem> {
        orders::pay(self, &caller, request).await
    }

    async fn quote_order_cancellation(
        &self,
        caller: Caller,
        request: op::QuoteOrderCancellationInput,
    ) -> Result<op::QuoteOrderCancellation, Problem> {
        order_cancellations::quote(&self.clients, &self.chance, &caller, NAME, request).await
    }

    async fn get_order_cancellation(
        &self,
        caller: Caller,
        request: op::GetOrderCancellationInput,
    ) -> Result<op::GetOrderCancellation, Problem> {
        order_cancellations::get(&self.clients, &caller, request).await
    }

    async fn confirm_order_cancellation(
        &self,
        caller: Caller,
        request: op::ConfirmOrderCancellationInput,
    ) -> Result<op::ConfirmOrderCancellation, Problem> {
        order_cancellations::confirm(&self.clients, &caller, NAME, request).await
    }

    async fn list_events(
        &self,
        caller: Caller,
        request: op::ListEventsInput,
    ) -> Result<op::ListEvents, Problem> {
        events::list(self, &caller, request).await
    }

    async fn create_webhook_endpoint(
        &self,
        caller: Caller,
        request: op::CreateWebhookEndpointInput,
    ) -> Result<op::CreateWebhookEndpoint, Problem> {
        webhook_endpoints::create(&self.clients, &self.chance, &caller, NAME, request).await
    }

    async fn list_webhook_endpoints(
        &self,
        caller: Caller,
        request: op::ListWebhookEndpointsInput,
    ) -> Result<op::ListWebhookEndpoints, Problem> {
        webhook_endpoints::list(&self.clients, &caller, NAME, request).await
    }

    async fn get_webhook_endpoint(
        &self,
        caller: Caller,
        request: op::GetWebhookEndpointInput,
    ) -> Result<op::GetWebhookEndpoint, Problem> {
        webhook_endpoints::get(&self.clients, &caller, NAME, request).await
    }

    async fn update_webhook_endpoint(
        &self,
        caller: Caller,
        request: op::UpdateWebhookEndpointInput,
    ) -> Result<op::UpdateWebhookEndpoint, Problem> {
        webhook_endpoints::update(&self.clients, &caller, NAME, request).await
    }

    async fn delete_webhook_endpoint(
        &self,
        caller: Caller,
        request: op::DeleteWebhookEndpointInput,
    ) -> Result<op::DeleteWebhookEndpoint, Problem> {
        webhook_endpoints::delete(&self.clients, &caller, NAME, request).await
    }

    async fn list_webhook_deliveries(
        &self,
        caller: Caller,
        request: op::ListWebhookDeliveriesInput,
    ) -> Result<op::ListWebhookDeliveries, Problem> {
        webhook_endpoints::list_deliveries(&self.clients, &caller, NAME, request).await
    }

    async fn redeliver_webhook(
        &self,
        caller: Caller,
        request: op::RedeliverWebhookInput,
    ) -> Result<op::RedeliverWebhook, Problem> {
        webhook_endpoints::redeliver(&self.clients, &caller, NAME, request).await
    }

    async fn get_idempotency_key(
        &self,
        caller: Caller,
        request: op::GetIdempotencyKeyInput,
    ) -> Result<op::GetIdempotencyKey, Problem> {
        idempotency_keys::get(self, &caller, request).await
    }

    async fn get_test_clock(
        &self,
        caller: Caller,
        request: op::GetTestClockInput,
    ) -> Result<op::GetTestClock, Problem> {
        test_clock::get(&self.clients, &caller, request).await
    }

    async fn advance_test_clock(
        &self,
        caller: Caller,
        request: op::AdvanceTestClockInput,
    ) -> Result<op::AdvanceTestClock, Problem> {
        test_clock::advance(&self.clients, &caller, request).await
    }
}
