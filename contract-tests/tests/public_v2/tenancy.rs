//! One account never sees or touches another's: not in its own world, not in another. What is not yours is not there (404).

use serde_json::json;

use crate::support::app::{Account, App};
use crate::support::client::Call;
use crate::support::contract::contract;
use crate::support::traveller::{CANCELLATIONS, CHANGES, ORDERS, order_of};
use crate::support::{eventually, trials};

trials![
    ids_of_others_are_not_found,
    lists_hold_only_ones_own,
    offers_belong_to_who_searched,
    what_others_did_stays_undone,
    every_operation_with_an_id_is_here
];

/// Everything that names a resource by id, aimed at what `owner` has.
async fn owned(owner: &Account) -> Vec<(&'static str, Target)> {
    let offer = owner.offer().await;
    let offer_id = offer["id"].as_str().expect("an id").to_owned();
    let request_id = offer["offer_request_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let order = owner.held("tenancy-order").await;
    let order_id = order.text("/id").to_owned();
    let quote_id = owner.quote(&order_id).await.text("/id").to_owned();
    let changeable = owner.ticketed("tenancy-ticketed").await;
    let other_offer = owner.offer().await;
    let change = json!({"order_id": changeable.body["id"], "offer_id": other_offer["id"]});
    let change_id = owner.quote_change(&change).await.text("/id").to_owned();
    let pay = json!({"payment": {"type": "card", "token": "tok_visa"}});
    let clock = owner.clock_id.clone();
    let endpoint = json!({"url": "https://hooks.customer.example/fareway"});
    let made = owner
        .client
        .post("/public/v2/webhook-endpoints", &endpoint)
        .await
        .expect(201);
    let endpoint = made.header("Location");
    let delivery = format!("{endpoint}/deliveries/whd_00000000000000000000000001/redeliver");
    vec![
        ("getWebhookEndpoint", Target::get(endpoint.to_owned())),
        (
            "updateWebhookEndpoint",
            Target::new("PATCH", endpoint.to_owned()).with(json!({"status": "disabled"})),
        ),
        (
            "deleteWebhookEndpoint",
            Target::new("DELETE", endpoint.to_owned()),
        ),
        (
            "listWebhookDeliveries",
            Target::get(format!("{endpoint}/deliveries")),
        ),
        ("redeliverWebhook", Target::new("POST", delivery)),
        (
            "getOfferRequest",
            Target::get(format!("/public/v2/offer-requests/{request_id}")),
        ),
        (
            "listOffers",
            Target::get(format!("/public/v2/offers?offer_request_id={request_id}")),
        ),
        (
            "getOffer",
            Target::get(format!("/public/v2/offers/{offer_id}")),
        ),
        (
            "priceOffer",
            Target::new("POST", format!("/public/v2/offers/{offer_id}/price")),
        ),
        (
            "createOrder",
            Target::new("POST", ORDERS.to_owned()).with(order_of(&offer, Some("tok_visa"))),
        ),
        ("getOrder", Target::get(format!("{ORDERS}/{order_id}"))),
        (
            "updateOrder",
            Target::new("PATCH", format!("{ORDERS}/{order_id}"))
                .with(json!({"metadata": {"stolen": "yes"}})),
        ),
        (
            "createOrderPayment",
            Target::new("POST", format!("{ORDERS}/{order_id}/payments")).with(pay),
        ),
        (
            "acceptScheduleChange",
            Target::new(
                "POST",
                "/public/v2/schedule-changes/scg_00000000000000000000000001/accept".to_owned(),
            ),
        ),
        (
            "quoteOrderCancellation",
            Target::new("POST", CANCELLATIONS.to_owned()).with(json!({ "order_id": order_id })),
        ),
        (
            "getOrderCancellation",
            Target::get(format!("{CANCELLATIONS}/{quote_id}")),
        ),
        (
            "confirmOrderCancellation",
            Target::new("POST", format!("{CANCELLATIONS}/{quote_id}/confirm")),
        ),
        (
            "quoteOrderChange",
            Target::new("POST", CHANGES.to_owned()).with(change),
        ),
        (
            "getOrderChange",
            Target::get(format!("{CHANGES}/{change_id}")),
        ),
        (
            "confirmOrderChange",
            Target::new("POST", format!("{CHANGES}/{change_id}/confirm"))
                .with(json!({"payment": null})),
        ),
        (
            "getIdempotencyKey",
            Target::get(
                "/public/v2/idempotency-keys/tenancy-order?operation=createOrder".to_owned(),
            ),
        ),
        (
            "getTestClock",
            Target::get(format!("/public/v2/test-clocks/{clock}")),
        ),
        (
            "advanceTestClock",
            Target::new("POST", format!("/public/v2/test-clocks/{clock}/advance"))
                .with(json!({"to": "2027-03-01T10:00:00Z"})),
        ),
    ]
}

struct Target {
    method: &'static str,
    path: String,
    body: Option<serde_json::Value>,
}

impl Target {
    fn new(method: &'static str, path: String) -> Self {
        Self {
            method,
            path,
            body: None,
        }
    }

    fn get(path: String) -> Self {
        Self::new("GET", path)
    }

    fn with(mut self, body: serde_json::Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The request, as somebody sends it. Headers that only some operations take harm none.
    fn call(&self, account: &Account) -> Call {
        let call = account.client.call(self.method, &self.path);
        let call = if self.method == "PATCH" {
            call.header("If-Match", "*")
        } else {
            call
        };
        let call = if self.method == "POST" {
            call.key("tenancy")
        } else {
            call
        };
        match &self.body {
            Some(body) => call.json(body),
            None => call,
        }
    }
}

async fn ids_of_others_are_not_found() {
    let app = App::shared().await;
    let owner = app.account().await;
    let neighbour = app.account_in(&owner.world).await;
    let stranger = app.account().await;
    for (operation, target) in owned(&owner).await {
        for (who, other) in [
            ("neighbour", &neighbour),
            ("stranger", &stranger),
            ("sandbox", &app.sandbox()),
        ] {
            // A world's clock belongs to all who live in it.
            if who == "neighbour" && operation.ends_with("TestClock") {
                continue;
            }
            let reply = target.call(other).await;
            assert_eq!(
                (reply.status, reply.code()),
                (404, "not_found"),
                "{operation} by {who}: {:#}",
                reply.body
            );
        }
    }
}

async fn every_operation_with_an_id_is_here() {
    let app = App::shared().await;
    let here: Vec<&str> = owned(&app.account().await)
        .await
        .into_iter()
        .map(|(operation, _)| operation)
        .collect();
    for operation in contract("public/v2")
        .operations
        .iter()
        .filter(|operation| operation.problems().contains(&"not_found"))
    {
        assert!(
            here.contains(&operation.id.as_str()),
            "{} may answer not_found: aim it at another's in `owned`",
            operation.id
        );
    }
}

async fn lists_hold_only_ones_own() {
    let app = App::shared().await;
    let owner = app.account().await;
    let neighbour = app.account_in(&owner.world).await;
    owned(&owner).await;
    let own = neighbour.held("own").await;
    for (list, count) in [(ORDERS, 1), ("/public/v2/events", 2)] {
        let listed = eventually(list, async || {
            let all = neighbour.all(list, 100).await;
            (all.len() >= count).then_some(all)
        });
        for entry in listed.await {
            let id = entry["object"]["id"].as_str().or(entry["id"].as_str());
            assert_eq!(
                id,
                own.body["id"].as_str(),
                "{list} lists another's: {entry:#}"
            );
        }
    }
    // Another's position is no position in one's own list.
    let theirs = owner
        .client
        .get(format!("{ORDERS}?limit=1"))
        .await
        .expect(200);
    let event = owner
        .client
        .get("/public/v2/events?limit=1")
        .await
        .expect(200);
    let id = event.body["data"][0]["id"]
        .as_str()
        .unwrap_or("evt_00000000000000000000000001")
        .to_owned();
    for (list, after) in [
        (
            ORDERS,
            theirs.body["next_cursor"].as_str().unwrap_or_default(),
        ),
        ("/public/v2/events", id.as_str()),
    ] {
        let page = neighbour
            .client
            .get(format!("{list}?after={after}"))
            .await
            .expect(200);
        let foreign = page.body["data"]
            .as_array()
            .expect("a list")
            .iter()
            .any(|entry| {
                let id = entry["object"]["id"].as_str().or(entry["id"].as_str());
                id != own.body["id"].as_str()
            });
        assert!(!foreign, "{:#}", page.body);
    }
}

async fn offers_belong_to_who_searched() {
    let app = App::shared().await;
    let owner = app.account().await;
    let neighbour = app.account_in(&owner.world).await;
    let offer = owner.offer().await;
    neighbour
        .order(&order_of(&offer, Some("tok_visa")), "stolen")
        .await
        .refused(404, "not_found");
    owner
        .order(&order_of(&offer, Some("tok_visa")), "own")
        .await
        .expect(201);
}

async fn what_others_did_stays_undone() {
    let app = App::shared().await;
    let owner = app.account().await;
    let neighbour = app.account_in(&owner.world).await;
    let targets = owned(&owner).await;
    let before = owner.all(ORDERS, 100).await;
    for (operation, target) in targets
        .iter()
        .filter(|(operation, _)| !operation.ends_with("TestClock"))
    {
        assert_eq!(target.call(&neighbour).await.status, 404, "{operation}");
    }
    assert_eq!(owner.all(ORDERS, 100).await, before);
}
