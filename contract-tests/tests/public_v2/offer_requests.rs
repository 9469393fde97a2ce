//! `/public/v2/offer-requests`.

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::client::Reply;
use crate::support::mask::masked;
use crate::support::traveller::{OFFER_REQUESTS, search};
use crate::support::trials;

trials![
    offers_of_each_kind_of_journey,
    offers_keep_their_promises,
    cities_stand_for_their_airports,
    local_dates_cross_the_date_line,
    what_cannot_be_flown_is_a_warning,
    a_search_is_read_back,
];

/// Slices: origin, destination, date.
type Route = &'static [(&'static str, &'static str, &'static str)];

fn adult() -> Value {
    json!([{"ptc": "ADT"}])
}

fn family() -> Value {
    json!([{"ptc": "ADT"}, {"ptc": "ADT"}, {"age": 7}, {"ptc": "INF"}])
}

async fn offers_of_each_kind_of_journey() {
    let account = App::shared().await.account().await;
    let journeys: [(&str, Route, Value); 5] = [
        ("one_way", &[("LHR", "JFK", "2027-03-15")], adult()),
        (
            "return",
            &[("LHR", "JFK", "2027-03-15"), ("JFK", "LHR", "2027-03-22")],
            adult(),
        ),
        (
            "multi_city",
            &[
                ("LHR", "FRA", "2027-03-15"),
                ("FRA", "MAD", "2027-03-18"),
                ("MAD", "LHR", "2027-03-21"),
            ],
            adult(),
        ),
        (
            "family",
            &[("FRA", "PMI", "2027-04-03"), ("PMI", "FRA", "2027-04-10")],
            family(),
        ),
        ("one_stop", &[("LIS", "NRT", "2027-03-15")], adult()),
    ];
    for (name, slices, passengers) in journeys {
        let reply = account
            .client
            .post(
                format!("{OFFER_REQUESTS}?limit=1"),
                &search(slices, passengers),
            )
            .await
            .expect(201);
        assert_json_snapshot!(format!("offer_request_{name}"), reply.masked());
        assert_eq!(
            reply.header("Location"),
            format!("{OFFER_REQUESTS}/{}", reply.text("/id"))
        );
    }
}

/// I7, and what every offer must be whatever was searched for.
async fn offers_keep_their_promises() {
    let account = App::shared().await.account().await;
    let journeys: [(Route, Value); 5] = [
        (
            &[("LHR", "JFK", "2027-03-15"), ("JFK", "LHR", "2027-03-22")],
            family(),
        ),
        (&[("GRU", "LIS", "2027-05-01")], adult()),
        (
            &[("SYD", "LAX", "2027-03-10"), ("SFO", "HND", "2027-03-20")],
            json!([{"age": 40}, {"age": 1}, {"ptc": "INS"}]),
        ),
        (&[("KWI", "DXB", "2027-06-01")], adult()),
        (&[("HND", "ITM", "2027-03-15")], adult()),
    ];
    for (slices, passengers) in journeys {
        let wanted = search(slices, passengers);
        let reply = account
            .client
            .post(format!("{OFFER_REQUESTS}?limit=100"), &wanted)
            .await
            .expect(201);
        let offers = reply.body["offers"].as_array().expect("a list");
        assert!(!offers.is_empty(), "{wanted}: {:#}", reply.body["warnings"]);
        let totals: Vec<i64> = offers
            .iter()
            .map(|offer| amount(&offer["price"]["total"]))
            .collect();
        assert!(totals.is_sorted(), "the cheapest comes first: {totals:?}");
        for offer in offers {
            adds_up(offer);
            connects(offer, &wanted);
            assert_eq!(offer["synthetic"], true);
            assert_eq!(offer["offer_request_id"], reply.body["id"]);
            assert_eq!(offer["passengers"], reply.body["passengers"]);
        }
    }
}

fn amount(money: &Value) -> i64 {
    money["amount"].as_i64().expect("an amount is an integer")
}

fn adds_up(offer: &Value) {
    let parts = |price: &Value| {
        let charges = [&price["taxes"], &price["fees"]]
            .into_iter()
            .filter_map(Value::as_array)
            .flatten();
        amount(&price["base"]) + charges.map(|charge| amount(&charge["amount"])).sum::<i64>()
    };
    assert_eq!(
        amount(&offer["price"]["total"]),
        parts(&offer["price"]),
        "{:#}",
        offer["price"]
    );
    let shares = offer["passenger_prices"].as_array().expect("a list");
    assert_eq!(
        shares.len(),
        offer["passengers"].as_array().map_or(0, Vec::len)
    );
    for share in shares {
        assert_eq!(
            amount(&share["price"]["total"]),
            parts(&share["price"]),
            "{share:#}"
        );
    }
    let total: i64 = shares
        .iter()
        .map(|share| amount(&share["price"]["total"]))
        .sum();
    assert_eq!(
        amount(&offer["price"]["total"]),
        total,
        "shares make the total"
    );
}

/// Segments follow each other in place and time, and local time, zone and UTC tell the same moment.
fn connects(offer: &Value, wanted: &Value) {
    let slices = offer["slices"].as_array().expect("a list");
    assert_eq!(
        slices.len(),
        wanted["slices"].as_array().map_or(0, Vec::len)
    );
    for (slice, wanted) in slices
        .iter()
        .zip(wanted["slices"].as_array().expect("a list"))
    {
        let segments = slice["segments"].as_array().expect("a list");
        assert!((1..=2).contains(&segments.len()));
        let departure = segments[0]["departure"]["local"].as_str().expect("a time");
        assert!(
            departure.starts_with(wanted["departure_date"].as_str().expect("a date")),
            "{departure}"
        );
        let mut before: Option<(jiff::Timestamp, &Value)> = None;
        for segment in segments {
            let (out, back) = (moment(&segment["departure"]), moment(&segment["arrival"]));
            let minutes = (back - out)
                .total(jiff::Unit::Minute)
                .expect("minutes have one length");
            assert_eq!(
                segment["duration_minutes"].as_f64(),
                Some(minutes),
                "{segment:#}"
            );
            if let Some((landing, airport)) = before {
                assert!(
                    landing < out && *airport == segment["departure"]["airport"],
                    "{slice:#}"
                );
            }
            before = Some((back, &segment["arrival"]["airport"]));
        }
    }
}

fn moment(time: &Value) -> jiff::Timestamp {
    let text = |member: &str| time[member].as_str().expect("a text");
    let utc: jiff::Timestamp = text("utc").parse().expect("RFC 3339");
    let local = utc
        .in_tz(text("time_zone"))
        .expect("a zone of the IANA")
        .datetime();
    assert_eq!(local.to_string(), text("local"), "{time:#}");
    utc
}

async fn cities_stand_for_their_airports() {
    let account = App::shared().await.account().await;
    let offers = account
        .offers(&search(&[("LON", "NYC", "2027-03-15")], adult()))
        .await;
    let ends = |member: &str| -> std::collections::BTreeSet<String> {
        let code = |offer: &Value| {
            offer["slices"][0][member]
                .as_str()
                .expect("a code")
                .to_owned()
        };
        offers.iter().map(code).collect()
    };
    let (from, to) = (ends("origin"), ends("destination"));
    assert!(
        from.iter()
            .all(|code| ["LHR", "LGW", "STN", "LTN", "LCY", "SEN"].contains(&code.as_str())),
        "{from:?}"
    );
    assert!(
        to.iter()
            .all(|code| ["JFK", "EWR", "LGA"].contains(&code.as_str())),
        "{to:?}"
    );
    assert!(
        from.len() > 1 || to.len() > 1,
        "several airports: {from:?} {to:?}"
    );
}

async fn local_dates_cross_the_date_line() {
    let account = App::shared().await.account().await;
    let mut wanted = search(&[("SYD", "LAX", "2027-03-10")], adult());
    wanted["max_connections"] = json!(0);
    let offers = account.offers(&wanted).await;
    let times = |end: &str, member: &str| {
        offers[0]["slices"][0]["segments"][0][end][member]
            .as_str()
            .expect("a time")
            .to_owned()
    };
    assert!(times("departure", "utc") < times("arrival", "utc"));
    assert!(
        times("departure", "local") > times("arrival", "local"),
        "one lands in Los Angeles before one left Sydney"
    );
}

async fn what_cannot_be_flown_is_a_warning() {
    let account = App::shared().await.account().await;
    let infants = json!([{"ptc": "ADT"}, {"ptc": "INF"}, {"ptc": "INF"}]);
    let cases: [(&str, Route, Value); 7] = [
        ("past_date", &[("LHR", "JFK", "2020-01-01")], adult()),
        ("too_far_ahead", &[("LHR", "JFK", "2031-01-01")], adult()),
        ("unknown_place", &[("QQQ", "JFK", "2027-03-15")], adult()),
        ("same_place", &[("LHR", "LHR", "2027-03-15")], adult()),
        ("no_flights", &[("LCY", "MEL", "2027-03-15")], adult()),
        (
            "slices_out_of_order",
            &[("LHR", "JFK", "2027-03-22"), ("JFK", "LHR", "2027-03-15")],
            adult(),
        ),
        (
            "passengers_not_allowed",
            &[("LHR", "JFK", "2027-03-15")],
            infants,
        ),
    ];
    let mut heard = Vec::new();
    for (code, slices, passengers) in cases {
        let reply = account
            .client
            .post(OFFER_REQUESTS, &search(slices, passengers))
            .await
            .expect(201);
        assert_eq!(reply.body["offers"], json!([]), "{code}");
        assert_eq!(
            reply.text("/warnings/0/code"),
            code,
            "{:#}",
            reply.body["warnings"]
        );
        heard.push(json!({ code: reply.body["warnings"] }));
    }
    assert_json_snapshot!("offer_request_warnings", heard);
}

async fn a_search_is_read_back() {
    let app = App::shared().await;
    let account = app.account().await;
    let made = account
        .client
        .post(
            OFFER_REQUESTS,
            &search(&[("LHR", "JFK", "2027-03-15")], adult()),
        )
        .await
        .expect(201);
    let read = |limit: &str| {
        account
            .client
            .get(format!("{OFFER_REQUESTS}/{}{limit}", made.text("/id")))
    };
    let again: Reply = read("").await.expect(200);
    assert_eq!(masked(&again.body), masked(&made.body));
    assert_eq!(
        again.body["passengers"], made.body["passengers"],
        "an order may use the ids of either"
    );
    let one = read("?limit=1").await.expect(200);
    assert_eq!(one.body["offers"].as_array().map(Vec::len), Some(1));
    account.advance("2027-03-01T09:29:59Z").await;
    read("").await.expect(200);
    account.advance("2027-03-01T09:30:00Z").await;
    read("").await.refused(410, "offer_expired");
}
