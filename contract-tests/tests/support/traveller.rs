//! Steps of a journey that many tests take: search, choose, order.

use serde_json::{Value, json};

use super::app::Account;
use super::client::{Call, Reply};
use super::eventually;

pub const OFFER_REQUESTS: &str = "/public/v2/offer-requests";
pub const ORDERS: &str = "/public/v2/orders";
pub const CANCELLATIONS: &str = "/public/v2/order-cancellations";
pub const CHANGES: &str = "/public/v2/order-changes";

/// A search: slices are origin, destination and date; passengers as in the contract.
pub fn search(slices: &[(&str, &str, &str)], passengers: Value) -> Value {
    let slices: Vec<Value> = slices
        .iter()
        .map(|(origin, destination, date)| json!({"origin": origin, "destination": destination, "departure_date": date}))
        .collect();
    json!({ "slices": slices, "passengers": passengers })
}

/// One adult from London to New York, two weeks after the clocks of test worlds start.
pub fn to_new_york() -> Value {
    let mut search = search(&[("LHR", "JFK", "2027-03-15")], json!([{"ptc": "ADT"}]));
    search["max_connections"] = json!(0);
    search
}

/// Whether the fare may be given back for money, and whether it may be held.
pub fn is_flexible(offer: &Value) -> bool {
    offer["hold_allowed"] == true
        && offer["conditions"]["refund_before_departure"]["allowed"] == true
}

/// An order of all passengers of an offer: `instant` with this payment method, or `hold` without one.
pub fn order_of(offer: &Value, method: Option<&str>) -> Value {
    let names = [
        ("Amelia", "Earhart"),
        ("Bessie", "Coleman"),
        ("Charles", "Lindbergh"),
        ("Dorothy", "Hester"),
    ];
    let passengers: Vec<Value> = offer["passengers"]
        .as_array()
        .expect("an offer has passengers")
        .iter()
        .zip(names.iter().cycle())
        .map(|(passenger, (given, family))| {
            let born_on = match passenger["ptc"].as_str() {
                Some("ADT") => "1987-07-24",
                Some("CHD") => "2019-07-24",
                _ => "2026-07-24",
            };
            json!({"id": passenger["id"], "given_name": given, "family_name": family, "born_on": born_on})
        })
        .collect();
    let mut order = json!({
        "type": "hold",
        "offer_id": offer["id"],
        "passengers": passengers,
        "contact": {"email": "amelia@example.com", "phone": "+442071234567"},
    });
    if let Some(token) = method {
        order["type"] = json!("instant");
        order["payment"] = json!({"type": "card", "token": token});
    }
    order
}

impl Account {
    /// The offers of a search.
    pub async fn offers(&self, search: &Value) -> Vec<Value> {
        let reply = self.client.post(OFFER_REQUESTS, search).await.expect(201);
        reply.body["offers"]
            .as_array()
            .expect("offers are a list")
            .clone()
    }

    /// The cheapest offer to New York that may be held and refunded.
    pub async fn offer(&self) -> Value {
        let offers = self.offers(&to_new_york()).await;
        offers
            .into_iter()
            .find(is_flexible)
            .expect("there is a flexible offer")
    }

    /// Orders an offer; not sent yet.
    pub fn order(&self, order: &Value, key: &str) -> Call {
        self.client.post(ORDERS, order).key(key)
    }

    /// A ticketed order of a new offer.
    pub async fn ticketed(&self, key: &str) -> Reply {
        let offer = self.offer().await;
        let reply = self
            .order(&order_of(&offer, Some("tok_visa")), key)
            .await
            .expect(201);
        assert_eq!(reply.body["status"], "ticketed", "{:#}", reply.body);
        reply
    }

    /// A held order of a new offer.
    pub async fn held(&self, key: &str) -> Reply {
        let offer = self.offer().await;
        let reply = self.order(&order_of(&offer, None), key).await.expect(201);
        assert_eq!(reply.body["status"], "held", "{:#}", reply.body);
        reply
    }

    /// Pays a held order; not sent yet.
    pub fn pay(&self, order_id: &str, token: &str, key: &str) -> Call {
        let payment = json!({"payment": {"type": "card", "token": token}});
        self.client
            .post(format!("{ORDERS}/{order_id}/payments"), &payment)
            .key(key)
    }

    /// Quotes the cancellation of an order.
    pub async fn quote(&self, order_id: &str) -> Reply {
        self.client
            .post(CANCELLATIONS, &json!({ "order_id": order_id }))
            .await
            .expect(201)
    }

    /// Confirms a quote; not sent yet.
    pub fn confirm(&self, quote_id: &str, key: &str) -> Call {
        self.client
            .post_empty(format!("{CANCELLATIONS}/{quote_id}/confirm"))
            .key(key)
    }

    /// Quotes a change of an order.
    pub async fn quote_change(&self, change: &Value) -> Reply {
        self.client.post(CHANGES, change).await.expect(201)
    }

    /// Confirms a change, paid by this card or by nothing; not sent yet.
    pub fn change(&self, change_id: &str, token: Option<&str>, key: &str) -> Call {
        let card = token.map(|token| json!({"type": "card", "token": token}));
        let body = json!({ "payment": card });
        self.client
            .post(format!("{CHANGES}/{change_id}/confirm"), &body)
            .key(key)
    }

    /// An order as it is now.
    pub async fn read(&self, order_id: &str) -> Reply {
        self.client
            .get(format!("{ORDERS}/{order_id}"))
            .await
            .expect(200)
    }

    /// An order once it has this status.
    pub async fn read_as(&self, order_id: &str, status: &str) -> Reply {
        eventually(status, async || {
            Some(self.read(order_id).await).filter(|order| order.body["status"] == status)
        })
        .await
    }

    /// Moves the clock of the account's world.
    pub async fn advance(&self, to: &str) -> Reply {
        self.client
            .post(
                format!("/public/v2/test-clocks/{}/advance", self.clock_id),
                &json!({ "to": to }),
            )
            .await
            .expect(200)
    }

    /// All entries of a list, page by page.
    pub async fn all(&self, target: &str, limit: usize) -> Vec<Value> {
        let joint = if target.contains('?') { '&' } else { '?' };
        let mut entries = Vec::new();
        let mut after = String::new();
        loop {
            let page = self
                .client
                .get(format!("{target}{joint}limit={limit}&after={after}"))
                .await
                .expect(200);
            let data = page.body["data"].as_array().expect("a page has data");
            assert!(
                data.len() <= limit,
                "a page of {} where {limit} were asked for",
                data.len()
            );
            entries.extend(data.iter().cloned());
            match page.body["next_cursor"].as_str() {
                // A feed that may grow names a place to go on from on its last page too.
                Some(next) if !data.is_empty() => {
                    assert_ne!(next, after, "{target}: a page leads to itself");
                    after = next.to_owned();
                }
                _ => return entries,
            }
        }
    }
}
