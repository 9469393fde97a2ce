//! What stands behind the example of accepting a schedule change: an order whose flight the airline has moved since.

use tonic::Status;

use crate::booking::schedule;
use crate::edge::Clients;
use crate::identity::sandbox;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1 as booking;
use crate::rpc::common::v1::{Context as RpcContext, Idempotency};
use crate::rpc::flights::v1::RetimeFlightRequest;

use super::STEP_WITHIN;
use super::orders::{self, Seed};

/// The order, on a flight that no other example names.
const RETIMED: Seed = Seed {
    order_id: "ord_00000000000000000000000007",
    offer_id: "off_sandbox-retimed",
    key: "sandbox-retimed",
    payment_id: Some("pay_00000000000000000000000007"),
    quote: None,
    change: None,
};
/// How much later its flight leaves and lands.
const SHIFT_MINUTES: i32 = 45;

/// The order of the sandbox account, told of the new times.
pub async fn furnish(clients: &Clients, context: &RpcContext) -> Result<(), Status> {
    let owner = RpcContext {
        account_id: sandbox::ACCOUNT.to_owned(),
        ..context.clone()
    };
    let paid_by = (PaymentMethod::Card, "tok_visa");
    orders::furnish(clients, &owner, paid_by, "sandbox-tour", &[RETIMED]).await?;
    let read = booking::GetOrderRequest {
        context: Some(owner),
        order_id: RETIMED.order_id.to_owned(),
    };
    let order = clients.orders.get_order(read, STEP_WITHIN).await?;
    if !order.schedule_changes.is_empty() {
        return Ok(());
    }
    let slices = order.offer.iter().flat_map(|offer| &offer.slices);
    let flight = slices.flat_map(|slice| &slice.segments).next();
    let retime = RetimeFlightRequest {
        context: Some(context.clone()),
        flight: flight.map(schedule::flight_of),
        shift_minutes: SHIFT_MINUTES,
        idempotency: Some(Idempotency {
            key: RETIMED.key.to_owned(),
            fingerprint: RETIMED.key.as_bytes().to_vec(),
        }),
        ..RetimeFlightRequest::default()
    };
    clients.schedule.retime_flight(retime, STEP_WITHIN).await?;
    let due = booking::RunDueRequest {
        context: Some(context.clone()),
    };
    clients.orders.run_due(due, STEP_WITHIN).await?;
    Ok(())
}
