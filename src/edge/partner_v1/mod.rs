//! Partner v1: what agencies under contract may call. Each operation is a function in the file of its resource; this file is their
//! table.

mod agency;
mod availability;
mod holds;
mod idempotency_keys;
mod offer;
mod order;
mod orders;
mod ticketing;

use crate::api::partner_v1::{NAME, PartnerV1, operations as op};
use crate::edge::door::{Door, handlers};
use crate::edge::{
    events, order_cancellations, order_request, search, test_clock, token, webhook_endpoints,
};
use crate::wire::problem::Problem;
use crate::wire::visitor::Visitor;

impl PartnerV1 for Door {
    async fn create_token(
        &self,
        visitor: Visitor,
        request: op::CreateTokenInput,
    ) -> Result<op::CreateToken, Problem> {
        token::grant(&self.clients.credentials, "partner", &visitor, request).await
    }

    handlers! {
        get_agency: GetAgencyInput -> GetAgency = agency::get;
        get_availability: GetAvailabilityInput -> GetAvailability = availability::get;
        create_hold: CreateHoldInput -> CreateHold = holds::create;
        get_hold: GetHoldInput -> GetHold = holds::get;
        release_hold: ReleaseHoldInput -> ReleaseHold = holds::release;
        create_order: CreateOrderInput -> CreateOrder = orders::create;
        list_orders: ListOrdersInput -> ListOrders = orders::list;
        issue_tickets: IssueTicketsInput -> IssueTickets = ticketing::issue;
        void_order: VoidOrderInput -> VoidOrder = ticketing::void;
        list_events: ListEventsInput -> ListEvents = events::list;
        get_idempotency_key: GetIdempotencyKeyInput -> GetIdempotencyKey = idempotency_keys::get;
    }
    search::operations!(offer::asked, offer::offer_request, offer::offer);
    order_request::reading!(order::order);
    order_cancellations::operations!();
    test_clock::operations!();
    webhook_endpoints::operations!();
    webhook_endpoints::lists!();
}
