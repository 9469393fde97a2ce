//! Payloads of webhooks: an event, written the way a contract shows it. What is sent is judged by the contract first.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tonic::{Request, Response, Status, async_trait};

use crate::api::problem::Code;
use crate::api::{partner_v1, public_v1, public_v2};
use crate::edge::{events, public_v1 as first};
use crate::kernel::clock::LIVE_WORLD;
use crate::platform::status;
use crate::rpc::events::v1::Envelope;
use crate::rpc::notify::v1::{FeedEvent, Payload, RenderPayloadRequest, payloads_server};
use crate::wire::contract::Contract;

/// Writes payloads for the contracts that have webhooks; a format is the contract's name.
pub struct Payloads {
    formats: [Format; 3],
}

struct Format {
    name: &'static str,
    contract: Arc<Contract>,
    /// Names of webhooks, which are kinds of objects or types of events, and the schemas of what is sent.
    webhooks: &'static [(&'static str, &'static str)],
    write: fn(FeedEvent, bool) -> Value,
}

impl Payloads {
    /// With the contracts that have webhooks.
    pub fn new(older: Arc<Contract>, newer: Arc<Contract>, partner: Arc<Contract>) -> Self {
        let format = |name, contract, webhooks, write| Format {
            name,
            contract,
            webhooks,
            write,
        };
        Self {
            formats: [
                format(
                    public_v1::NAME,
                    older,
                    public_v1::WEBHOOKS,
                    |event, livemode| json(&first::event(event, livemode)),
                ),
                format(
                    public_v2::NAME,
                    newer,
                    public_v2::WEBHOOKS,
                    |event, livemode| json(&events::thin(event, livemode, public_v2::NAME)),
                ),
                format(
                    partner_v1::NAME,
                    partner,
                    partner_v1::WEBHOOKS,
                    |event, livemode| json(&events::thin(event, livemode, partner_v1::NAME)),
                ),
            ],
        }
    }

    /// Writes an event.
    ///
    /// # Errors
    /// `not_found` where no contract has such a format, or the contract no webhook of this type; `internal` when what would be
    /// sent does not fit the contract.
    fn render(&self, name: &str, event: Envelope) -> Result<Vec<u8>, Status> {
        let unknown = || {
            let detail = format!("{name:?} has no webhook {}", event.r#type);
            status::refuse(Code::NotFound, detail)
        };
        let formats = &self.formats;
        let format = formats.iter().find(|format| format.name == name);
        let format = format.ok_or_else(unknown)?;
        let livemode = event.world == LIVE_WORLD;
        let told = told(&event);
        let (_, schema) = format
            .webhooks
            .iter()
            .find(|(webhook, _)| *webhook == told.r#type || *webhook == told.object_type)
            .ok_or_else(unknown)?;
        let id = told.id.clone();
        let payload = (format.write)(told, livemode);
        let violations = format.contract.violations(schema, &payload);
        if !violations.is_empty() {
            tracing::error!(
                event = id,
                name,
                ?violations,
                "a payload breaks its contract"
            );
            // Who waits for events is better off with one that is nearly right than with none; those who test are not.
            if cfg!(debug_assertions) {
                let detail = "the payload breaks its contract";
                return Err(status::refuse(Code::Internal, detail));
            }
        }
        Ok(payload.to_string().into_bytes())
    }
}

#[async_trait]
impl payloads_server::Payloads for Payloads {
    async fn render_payload(
        &self,
        request: Request<RenderPayloadRequest>,
    ) -> Result<Response<Payload>, Status> {
        let request = request.into_inner();
        let event = request.event.unwrap_or_default();
        let body = self.render(&request.format, event)?;
        Ok(Response::new(Payload { body }))
    }
}

/// The event as the feed tells it.
fn told(event: &Envelope) -> FeedEvent {
    let aggregate = event.r#type.split_once('.');
    FeedEvent {
        id: event.id.clone(),
        r#type: event.r#type.clone(),
        time_us: event.time_us,
        object_type: aggregate.map_or_else(String::new, |(aggregate, _)| aggregate.to_owned()),
        object_id: event.subject.clone(),
        sequence: event.sequence,
        event: Some(event.clone()),
    }
}

fn json(payload: &impl Serialize) -> Value {
    serde_json::to_value(payload).expect("generated types have string keys and no failing members")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::status::code_of;
    use crate::rpc::booking::v1::Order;
    use crate::rpc::events::v1::OrderChanged;
    use crate::rpc::events::v1::envelope::Data;

    const ORDER: &str = "ord_00000000000000000000000001";

    fn payloads() -> Payloads {
        let contract = |name, text| Arc::new(Contract::new(name, text));
        Payloads::new(
            contract(public_v1::NAME, public_v1::CONTRACT),
            contract(public_v2::NAME, public_v2::CONTRACT),
            contract(partner_v1::NAME, partner_v1::CONTRACT),
        )
    }

    fn ticketed() -> Envelope {
        Envelope {
            id: "evt_00000000000000000000000001".to_owned(),
            r#type: "order.ticketed".to_owned(),
            subject: ORDER.to_owned(),
            sequence: 3,
            world: "wld_test".to_owned(),
            ..Envelope::default()
        }
    }

    #[test]
    fn thin_payloads_name_the_object_and_their_contract() {
        let payloads = payloads();
        for name in ["public/v2", "partner/v1"] {
            let body = payloads.render(name, ticketed()).expect("it is written");
            let body: Value = serde_json::from_slice(&body).expect("it is JSON");
            assert_eq!(body["api_version"], name);
            assert_eq!(body["object"]["id"], ORDER);
            assert_eq!(
                (&body["sequence"], &body["livemode"]),
                (&3.into(), &false.into())
            );
            assert!(body.get("order").is_none(), "{name}");
        }
    }

    #[test]
    fn what_breaks_the_contract_is_not_sent() {
        // A snapshot of an order that lacks everything.
        let broken = Envelope {
            data: Some(Data::Order(OrderChanged {
                order: Some(Order::default()),
                ..OrderChanged::default()
            })),
            ..ticketed()
        };
        let refused = payloads().render("public/v1", broken);
        assert_eq!(
            code_of(&refused.expect_err("it is refused")),
            Code::Internal
        );
    }

    #[test]
    fn unknown_formats_and_types_are_refused() {
        let payloads = payloads();
        let unheard = Envelope {
            r#type: "hold.created".to_owned(),
            ..ticketed()
        };
        for (name, event) in [("private/v1", ticketed()), ("public/v2", unheard)] {
            let refused = payloads.render(name, event).expect_err("it is refused");
            assert_eq!(code_of(&refused), Code::NotFound);
        }
    }
}
