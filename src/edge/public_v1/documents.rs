//! The documents of an order.

use crate::api::public_v1::{operations as op, types};
use crate::edge::call::Call;
use crate::edge::order_request;
use crate::kernel::clock::rfc3339;
use crate::rpc::booking::v1::Ticket;
use crate::wire::problem::Problem;

pub async fn get(
    call: Call<'_>,
    request: op::GetOrderDocumentsInput,
) -> Result<op::GetOrderDocuments, Problem> {
    let order = order_request::read(call, &request.order_id).await?;
    let body = types::OrderDocuments {
        data: order.tickets.into_iter().map(e_ticket).collect(),
    };
    Ok(op::GetOrderDocuments::Ok { body })
}

fn e_ticket(ticket: Ticket) -> types::Document {
    types::Document {
        r#type: "e_ticket".to_owned(),
        number: ticket.number,
        passenger_id: ticket.passenger_id,
        status: ticket.status,
        issued_at: rfc3339(ticket.issued_at_us),
    }
}
