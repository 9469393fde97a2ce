//! Public v1 and v2 say the same of the same orders, whichever was used to make, pay and cancel them. What corresponds to what
//! is stated once, here; a member of v1 that is not named is a fault.

use serde_json::{Value, json};

use crate::public_v1::{cancelling, offer, order_of, ordered, paying, read};
use crate::support::app::{Account, App};
use crate::support::{eventually, trials};

trials![
    made_in_v1_paid_in_v2_cancelled_in_v1,
    made_in_v2_paid_in_v1_cancelled_in_v2,
    offers_are_the_same,
    both_feeds_tell_the_same,
    webhook_endpoints_belong_to_their_contract,
    a_key_is_good_for_every_version,
];

/// How a member of v1 follows from v2.
enum How {
    /// The same value.
    Same,
    /// Money as a decimal string; null for null.
    Amount,
    /// What is added to the base of a price.
    Added,
    /// A state: three of v2 are one of v1.
    Status,
    /// A kind of passenger.
    Kind,
    /// Ids of the entries.
    Ids,
    /// Whether the fare lets it be changed and the order may still be; of the whole order or offer.
    Changeable,
    /// An object, member by member.
    Object(&'static [Row]),
    /// A list, entry by entry.
    Each(&'static [Row]),
}

/// Pointer in v1, pointer in v2, and how one follows from the other.
type Row = (&'static str, &'static str, How);

use How::{Added, Amount, Changeable, Each, Ids, Kind, Object, Same, Status};

const SEGMENT: &[Row] = &[
    ("/id", "/id", Same),
    ("/carrier", "/carrier", Same),
    ("/flight_number", "/flight_number", Same),
    ("/origin", "/departure/airport", Same),
    ("/destination", "/arrival/airport", Same),
    ("/departing_at", "/departure/local", Same),
    ("/arriving_at", "/arrival/local", Same),
    ("/duration_minutes", "/duration_minutes", Same),
    ("/distance_km", "/distance_km", Same),
    ("/aircraft", "/aircraft", Same),
    ("/cabin", "/cabin", Same),
    ("/booking_class", "/booking_class", Same),
    ("/fare_basis", "/fare_basis", Same),
    ("/seats_left", "/seats_left", Same),
];
const SLICE: &[Row] = &[
    ("/id", "/id", Same),
    ("/origin", "/origin", Same),
    ("/destination", "/destination", Same),
    ("/duration_minutes", "/duration_minutes", Same),
    ("/changeable", "", Changeable),
    ("/segments", "/segments", Each(SEGMENT)),
];
const CONDITION: &[Row] = &[
    ("/allowed", "/allowed", Same),
    ("/penalty_amount", "/penalty", Amount),
    ("/penalty_currency", "/penalty/currency", Same),
];
const CONDITIONS: &[Row] = &[
    (
        "/refund_before_departure",
        "/refund_before_departure",
        Object(CONDITION),
    ),
    (
        "/change_before_departure",
        "/change_before_departure",
        Object(CONDITION),
    ),
];
const ORDER_PASSENGER: &[Row] = &[
    ("/id", "/id", Same),
    ("/type", "/ptc", Kind),
    ("/given_name", "/given_name", Same),
    ("/family_name", "/family_name", Same),
    ("/born_on", "/born_on", Same),
];
const ORDER: &[Row] = &[
    ("/id", "/id", Same),
    ("/type", "/type", Same),
    ("/status", "/status", Status),
    ("/locator", "/locator", Same),
    ("/client_reference", "/client_reference", Same),
    ("/created_at", "/created_at", Same),
    ("/updated_at", "/updated_at", Same),
    ("/payment_required_by", "/payment_required_by", Same),
    ("/due_amount", "/amount_due", Amount),
    ("/due_currency", "/amount_due/currency", Same),
    ("/offer_id", "/offer_id", Same),
    ("/validating_carrier", "/validating_carrier", Same),
    ("/fare_brand", "/fare_brand", Same),
    ("/slices", "/slices", Each(SLICE)),
    ("/passengers", "/passengers", Each(ORDER_PASSENGER)),
    ("/total_amount", "/price/total", Amount),
    ("/total_currency", "/price/total/currency", Same),
    ("/base_amount", "/price/base", Amount),
    ("/base_currency", "/price/base/currency", Same),
    ("/tax_amount", "/price", Added),
    ("/tax_currency", "/price/total/currency", Same),
    ("/conditions", "/conditions", Object(CONDITIONS)),
    ("/contact", "/contact", Same),
    ("/payment_ids", "/payments", Ids),
    ("/metadata", "/metadata", Same),
    ("/failure_code", "/failure_code", Same),
    ("/synthetic", "/synthetic", Same),
];
const OFFER_PASSENGER: &[Row] = &[("/id", "/id", Same), ("/type", "/ptc", Kind)];
const OFFER: &[Row] = &[
    ("/id", "/id", Same),
    ("/offer_request_id", "/offer_request_id", Same),
    ("/created_at", "/created_at", Same),
    ("/expires_at", "/expires_at", Same),
    ("/validating_carrier", "/validating_carrier", Same),
    ("/fare_brand", "/fare_brand", Same),
    ("/slices", "/slices", Each(SLICE)),
    ("/passengers", "/passengers", Each(OFFER_PASSENGER)),
    ("/total_amount", "/price/total", Amount),
    ("/total_currency", "/price/total/currency", Same),
    ("/base_amount", "/price/base", Amount),
    ("/base_currency", "/price/base/currency", Same),
    ("/tax_amount", "/price", Added),
    ("/tax_currency", "/price/total/currency", Same),
    ("/conditions", "/conditions", Object(CONDITIONS)),
    ("/hold_allowed", "/hold_allowed", Same),
    ("/payment_required_by", "/payment_required_by", Same),
    ("/allowed_document_types", "/supported_document_types", Same),
    ("/synthetic", "/synthetic", Same),
];
const EVENT: &[Row] = &[
    ("/id", "/id", Same),
    ("/type", "/type", Same),
    ("/created_at", "/time", Same),
    ("/sequence", "/sequence", Same),
    ("/livemode", "/livemode", Same),
    ("/object", "/object", Same),
];
/// What only v1 tells of an event.
const SNAPSHOTS: [&str; 4] = ["api_version", "order", "payment", "refund"];

/// Where two answers do not agree; `whole` is the answer of v2 that `newer` is part of.
fn differences(
    older: &Value,
    newer: &Value,
    whole: &Value,
    table: &[Row],
    at: &str,
) -> Vec<String> {
    let mut faults: Vec<String> = older
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| format!("/{name}"))
        .filter(|name| !table.iter().any(|(pointer, ..)| pointer == name))
        .map(|name| format!("{at}{name} corresponds to nothing"))
        .collect();
    for (before, after, how) in table {
        let told = older.pointer(before).unwrap_or(&Value::Null);
        let source = newer.pointer(after).unwrap_or(&Value::Null);
        let at = format!("{at}{before}");
        let expected = match how {
            Same => source.clone(),
            Amount => decimal(source),
            Added => {
                let mut added = source["total"].clone();
                added["amount"] = json!(minor(&source["total"]) - minor(&source["base"]));
                decimal(&added)
            }
            Status => match source.as_str() {
                Some("ticketed" | "completed") => json!("confirmed"),
                _ => source.clone(),
            },
            Kind => match source.as_str() {
                Some("ADT") => json!("adult"),
                Some("CHD") => json!("child"),
                Some("INF") => json!("infant"),
                _ => json!("infant_with_seat"),
            },
            Ids => {
                let entries = source.as_array().into_iter().flatten();
                entries.map(|entry| entry["id"].clone()).collect()
            }
            Changeable => {
                let allowed = whole["conditions"]["change_before_departure"]["allowed"] == true;
                let actions = whole.get("available_actions");
                let live = actions.is_none_or(|all| {
                    all.as_array()
                        .is_some_and(|all| all.contains(&json!("update")))
                });
                json!(allowed && live)
            }
            Object(table) => {
                faults.extend(differences(told, source, whole, table, &at));
                continue;
            }
            Each(table) => {
                let (told, source) = (list(told), list(source));
                if told.len() != source.len() {
                    faults.push(format!("{at}: {} entries for {}", told.len(), source.len()));
                }
                for (n, (told, source)) in told.iter().zip(source).enumerate() {
                    let at = format!("{at}/{n}");
                    faults.extend(differences(told, source, whole, table, &at));
                }
                continue;
            }
        };
        if *told != expected {
            faults.push(format!("{at} is {told}, and {expected} follows from v2"));
        }
    }
    faults
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn minor(money: &Value) -> i64 {
    money["amount"].as_i64().expect("an amount")
}

/// An amount in major units, by the scale that v2 tells.
fn decimal(money: &Value) -> Value {
    let Some(scale) = money["scale"].as_u64() else {
        return Value::Null;
    };
    let digits = format!("{:0>width$}", minor(money), width = scale as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
    match fraction {
        "" => json!(whole),
        fraction => json!(format!("{whole}.{fraction}")),
    }
}

/// Reads an order by both and compares; the answer of v2.
async fn agreed(account: &Account, order_id: &str) -> Value {
    let newer = account.read(order_id).await;
    let older = read(account, order_id).await;
    assert_eq!(older.header("ETag"), newer.header("ETag"), "one version");
    let faults = differences(&older.body, &newer.body, &newer.body, ORDER, "");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    newer.body
}

async fn made_in_v1_paid_in_v2_cancelled_in_v1() {
    let account = App::shared().await.account().await;
    let held = ordered(&account, None).await;
    let id = held.text("/id");
    assert_eq!(agreed(&account, id).await["status"], "held");
    account.pay(id, "tok_visa", "pay").await.expect(201);
    assert_eq!(agreed(&account, id).await["status"], "ticketed");
    let cancelled = cancelling(&account, id).await.expect(200);
    let ended = agreed(&account, id).await;
    assert_eq!(ended["status"], "cancelled");
    assert_eq!(
        decimal(&ended["refunds"][0]["amount"]),
        cancelled.body["refund_amount"]
    );
    assert_eq!(
        ended["refunds"][0]["status"],
        cancelled.body["refund_status"]
    );
}

async fn made_in_v2_paid_in_v1_cancelled_in_v2() {
    let account = App::shared().await.account().await;
    let held = account.held("hold").await;
    let id = held.text("/id");
    agreed(&account, id).await;
    let card = json!({"type": "card", "token": "tok_visa"});
    paying(&account, id, &card).await.expect(201);
    assert_eq!(agreed(&account, id).await["status"], "ticketed");
    let again = account.pay(id, "tok_visa", "again").await;
    again.refused(409, "invalid_state");
    let quote = account.quote(id).await;
    let confirmed = account
        .confirm(quote.text("/id"), "cancel")
        .await
        .expect(200);
    let repeated = cancelling(&account, id).await.expect(200);
    assert_eq!(
        repeated.body["refund_amount"],
        decimal(&confirmed.body["refund"])
    );
    assert_eq!(agreed(&account, id).await["status"], "cancelled");
}

async fn offers_are_the_same() {
    let account = App::shared().await.account().await;
    let found = offer(&account).await;
    let newer = format!("/public/v2/offers/{}", found["id"].as_str().expect("an id"));
    let newer = account.client.get(newer).await.expect(200);
    let faults = differences(&found, &newer.body, &newer.body, OFFER, "");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // An offer of one is ordered by the other, once.
    let order = crate::support::traveller::order_of(&newer.body, Some("tok_visa"));
    account.order(&order, "order").await.expect(201);
    let again = account
        .client
        .post(super::public_v1::ORDERS, &order_of(&found, None));
    again.await.refused(409, "offer_already_booked");
}

async fn both_feeds_tell_the_same() {
    let account = App::shared().await.account().await;
    let order = ordered(&account, Some("tok_visa")).await;
    let id = order.text("/id");
    cancelling(&account, id).await.expect(200);
    let newer = eventually("the feed", async || {
        let all = account.all("/public/v2/events", 100).await;
        let done = all.iter().any(|event| event["type"] == "refund.succeeded");
        done.then_some(all)
    })
    .await;
    let older = account.client.get("/public/v1/events?per_page=100").await;
    let mut older = list(&older.expect(200).body["data"]).to_vec();
    assert_eq!(older.len(), newer.len());
    let mut last = Value::Null;
    for (older, newer) in older.iter_mut().zip(&newer) {
        let members = older.as_object_mut().expect("an event");
        let snapshots = SNAPSHOTS.map(|name| members.remove(name).expect("a snapshot"));
        let faults = differences(older, newer, newer, EVENT, "");
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        let [version, order, payment, refund] = snapshots;
        assert_eq!(version, "public/v1");
        let kind = newer["object"]["type"].as_str().expect("a type");
        let shown = [
            ("order", &order),
            ("payment", &payment),
            ("refund", &refund),
        ];
        for (name, snapshot) in shown {
            let about = if name == kind {
                &newer["object"]["id"]
            } else {
                &Value::Null
            };
            let id = snapshot.get("id").unwrap_or(&Value::Null);
            assert_eq!(id, about, "{name} of {newer}");
        }
        if kind == "order" {
            last = order;
        }
    }
    assert_eq!(last["status"], "cancelled", "it shows what has happened");
}

async fn webhook_endpoints_belong_to_their_contract() {
    let account = App::shared().await.account().await;
    let wanted = json!({"url": "https://hooks.customer.example/fareway"});
    let endpoints = [
        "/public/v1/webhook-endpoints",
        "/public/v2/webhook-endpoints",
    ];
    for (own, other) in [(endpoints[0], endpoints[1]), (endpoints[1], endpoints[0])] {
        let made = account.client.post(own, &wanted).await.expect(201);
        let id = made.text("/id");
        account.client.get(format!("{own}/{id}")).await.expect(200);
        let elsewhere = account.client.get(format!("{other}/{id}")).await;
        elsewhere.refused(404, "not_found");
        let listed = account.client.get(own).await.expect(200);
        let ids: Vec<_> = list(&listed.body["data"])
            .iter()
            .map(|one| &one["id"])
            .collect();
        assert_eq!(ids, [id]);
    }
}

async fn a_key_is_good_for_every_version() {
    let app = App::shared().await;
    let account = app.account().await;
    let reader = app.with_scopes(&account, &["orders:read"]).await;
    for orders in ["/public/v1/orders", "/public/v2/orders"] {
        reader.get(orders).await.expect(200);
        let refused = reader.post(orders, &json!({})).await;
        refused.refused(403, "insufficient_scope");
    }
}
