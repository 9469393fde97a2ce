//! The history of an order: what was said of it, event by event, as it was written by the transactions that changed it.
//!
//! Read from the outbox, which keeps what is published, too.

use super::Error;
use super::service::BookingService;
use super::store;
use crate::platform::{outbox, page};
use crate::rpc::booking::v1 as pb;
use crate::rpc::events::v1::Envelope;
use crate::rpc::events::v1::envelope::Data;

impl BookingService {
    /// What happened to an order of the context's account, the oldest first; to one of any account for the platform itself.
    pub(super) async fn list_history(
        &self,
        request: pb::ListHistoryRequest,
    ) -> Result<pb::ListHistoryResponse, Error> {
        let context = self.platform_context(request.context)?;
        let order = self.own_order(&context, &request.order_id).await?;
        let (after, limit) = page::of(request.page);
        let after = match after.as_str() {
            "" => Ok(0),
            after => after.parse(),
        };
        let Ok(after) = after else {
            return Ok(pb::ListHistoryResponse::default());
        };
        // One more tells whether there is a further page.
        let said = outbox::said(self.0.db.reader(), &order.state.id, after, limit + 1).await;
        let mut said = said.map_err(store::Error::from)?;
        let next = page::cut(&mut said, limit, |last| last.sequence.to_string());
        Ok(pb::ListHistoryResponse {
            entries: said.into_iter().filter_map(entry).collect(),
            next,
        })
    }
}

fn entry(event: Envelope) -> Option<pb::HistoryEntry> {
    let Some(Data::Order(told)) = event.data else {
        return None;
    };
    let order = told.order.unwrap_or_default();
    Some(pb::HistoryEntry {
        event_id: event.id,
        sequence: event.sequence,
        time_us: event.time_us,
        r#type: event.r#type,
        causation_id: event.causation_id,
        correlation_id: event.correlation_id,
        status: order.status,
        payment_status: order.payment_status,
        version: order.version,
    })
}
