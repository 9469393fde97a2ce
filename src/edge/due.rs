//! Ends what is due in a world at its time: holds, unpaid orders, payments whose outcome was unknown; and tells whoever waits to
//! be told.
//!
//! The live world is told by a timer, a test world by whoever moves its clock; both go through here.

use std::time::Duration;

use tonic::Status;

use super::Clients;
use crate::rpc::billing::v1::ReconcileRequest;
use crate::rpc::booking::v1 as booking;
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1 as flights;
use crate::rpc::notify::v1 as notify;

/// Ends what is due at the context's time.
///
/// Orders come before the seats they hold, so that an order never looks held while its seats are for sale.
///
/// # Errors
/// When a service cannot be reached within the deadline; calling again is harmless.
pub async fn run(clients: &Clients, context: &Context, deadline: Duration) -> Result<(), Status> {
    let context = || Some(context.clone());
    let reconciled = clients
        .payments
        .reconcile(ReconcileRequest { context: context() }, deadline)
        .await;
    let orders = clients
        .orders
        .run_due(booking::RunDueRequest { context: context() }, deadline)
        .await;
    let holds = clients
        .inventory
        .run_due(flights::RunDueRequest { context: context() }, deadline)
        .await;
    let told = clients
        .webhooks
        .run_due(notify::RunDueRequest { context: context() }, deadline)
        .await;
    // Each has its turn whatever became of the others; the first failure is told.
    reconciled
        .map(drop)
        .and(orders.map(drop))
        .and(holds.map(drop))
        .and(told.map(drop))
}
