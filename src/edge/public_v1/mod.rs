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
use crate::edge::{Clients, webhook_endpoints};
use crate::kernel::chance::Chance;
use crate::platform::auth::Caller;
use crate::wire::problem::Problem;

pub use events::event;

/// The door.
#[derive(Clone)]
pub struct Door {
    /// The services that it calls.
    pub clients: Clients,
    /// Where ids come from.
    pub chance: Chance,
}

impl PublicV1 for Door {
    async fn list_places(
        &self,
        caller: Caller,
        request: op::ListPlacesInput,
    ) -> Result<op::ListPlaces, Problem> {
        reference::places(self, &caller, request).await
    }

    async fn list_airlines(
        &self,
        caller: Caller,
        request: op::ListAirlinesInput,
    ) -> Result<op::ListAirlines, Problem> {
        reference::airlines(self, &caller, request).await
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
        payments::create(self, &caller, request).await
    }

    async fn cancel_order(
        &self,
        caller: Caller,
        request: op::CancelOrderInput,
    ) -> Result<op::CancelOrder, Problem> {
        cancellations::cancel(self, &caller, request).await
    }

    async fn get_order_documents(
        &self,
        caller: Caller,
        request: op::GetOrderDocumentsInput,
    ) -> Result<op::GetOrderDocuments, Problem> {
        documents::get(self, &caller, request).await
    }

    async fn get_payment(
        &self,
        caller: Caller,
        request: op::GetPaymentInput,
    ) -> Result<op::GetPayment, Problem> {
        payments::get(self, &caller, request).await
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
        webhook_lists::endpoints(self, &caller, request).await
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
        webhook_lists::deliveries(self, &caller, request).await
    }

    async fn redeliver_webhook(
        &self,
        caller: Caller,
        request: op::RedeliverWebhookInput,
    ) -> Result<op::RedeliverWebhook, Problem> {
        webhook_endpoints::redeliver(&self.clients, &caller, NAME, request).await
    }
}
