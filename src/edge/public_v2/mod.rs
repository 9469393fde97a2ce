//! Public v2: what any developer may call. Each operation is a function in the file of its resource; this file is their table.

mod airlines;
mod events;
mod idempotency_keys;
mod offer;
mod offers;
mod order;
mod order_cancellations;
mod orders;
mod page;
mod places;
mod test_clocks;

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::api::public_v2::operations as op;
use crate::api::public_v2::{PublicV2, types};
use crate::kernel::chance::Chance;
use crate::platform::auth::Caller;
use crate::rpc::billing::v1::PaymentsClient;
use crate::rpc::booking::v1::OrdersClient;
use crate::rpc::common::v1::{Context, Idempotency};
use crate::rpc::flights::v1::{InventoryClient, SearchClient};
use crate::rpc::identity::v1::ClocksClient;
use crate::rpc::notify::v1::FeedClient;
use crate::wire::prefer;
use crate::wire::problem::Problem;

/// How long a neighbour may take for a plain answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How long a caller waits for an order to settle when it does not say.
const WAIT_SECONDS: u64 = 8;
/// The longest that a caller may ask to wait.
const WAIT_SECONDS_MAX: u64 = 25;
/// Entries of a page when the caller does not say.
const PAGE: u32 = 20;

/// The door: the neighbours it calls.
#[derive(Clone)]
pub struct Door {
    /// Offers and reference data.
    pub search: SearchClient,
    /// Seats.
    pub inventory: InventoryClient,
    /// Orders.
    pub orders: OrdersClient,
    /// Payments.
    pub payments: PaymentsClient,
    /// Clocks of test worlds.
    pub clocks: ClocksClient,
    /// Events.
    pub feed: FeedClient,
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
        order_cancellations::quote(self, &caller, request).await
    }

    async fn get_order_cancellation(
        &self,
        caller: Caller,
        request: op::GetOrderCancellationInput,
    ) -> Result<op::GetOrderCancellation, Problem> {
        order_cancellations::get(self, &caller, request).await
    }

    async fn confirm_order_cancellation(
        &self,
        caller: Caller,
        request: op::ConfirmOrderCancellationInput,
    ) -> Result<op::ConfirmOrderCancellation, Problem> {
        order_cancellations::confirm(self, &caller, request).await
    }

    async fn list_events(
        &self,
        caller: Caller,
        request: op::ListEventsInput,
    ) -> Result<op::ListEvents, Problem> {
        events::list(self, &caller, request).await
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
        test_clocks::get(self, &caller, request).await
    }

    async fn advance_test_clock(
        &self,
        caller: Caller,
        request: op::AdvanceTestClockInput,
    ) -> Result<op::AdvanceTestClock, Problem> {
        test_clocks::advance(self, &caller, request).await
    }
}

/// What a neighbour is told of the caller.
fn context(caller: &Caller) -> Option<Context> {
    Some(Context {
        world: caller.world.clone(),
        now_us: caller.now_us,
        account_id: caller.account_id.clone(),
        request_id: caller.request_id.clone(),
    })
}

/// The key, and the digest of what was asked under it. The body is digested as it was understood, so that white space and the
/// order of members make no difference.
fn idempotency<T: serde::Serialize>(
    key: &str,
    subject: &str,
    body: Option<&T>,
) -> Option<Idempotency> {
    let mut digest = Sha256::new_with_prefix(subject);
    digest.update([0]);
    digest.update(
        serde_json::to_vec(&body).expect("generated types have string keys and no failing members"),
    );
    Some(Idempotency {
        key: key.to_owned(),
        fingerprint: digest.finalize().to_vec(),
    })
}

/// How long the caller waits, of `Prefer: wait=n`, and how long the neighbour is given then.
fn patience(preference: Option<&str>) -> (u32, Duration) {
    let preference = preference.unwrap_or_default();
    let seconds = if prefer::respond_async(preference) {
        0
    } else {
        prefer::wait_seconds(preference).unwrap_or(WAIT_SECONDS)
    };
    let wait = Duration::from_secs(seconds.min(WAIT_SECONDS_MAX));
    (
        u32::try_from(wait.as_millis()).unwrap_or(u32::MAX),
        wait + ANSWER_WITHIN,
    )
}

/// Money as the contract writes it.
fn money(money: Option<&crate::rpc::common::v1::Money>) -> types::Money {
    let (amount, code) = money.map_or((0, "XXX"), |money| (money.amount, money.currency.as_str()));
    let scale =
        crate::kernel::money::Currency::parse(code).map_or(2, |currency| currency.exponent());
    types::Money {
        amount,
        currency: code.to_owned(),
        scale: i32::from(scale),
    }
}

/// `None` for the empty string, which stands for absence between services.
fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
