//! The credit limit, under many orders at once: exactly those that fit are accepted.

use futures_util::future::join_all;
use std::future::IntoFuture;

use super::agent::{AGENCY, agency, credit, limit_credit, offer, order, order_of_offer, read};
use crate::support::trials;

trials![exactly_the_orders_that_fit_the_credit_succeed];

/// Orders at once, and how many of them the credit is for.
const ORDERS: usize = 12;
const FITTING: usize = 5;

async fn exactly_the_orders_that_fit_the_credit_succeed() {
    let (app, account) = agency().await;
    let mut offers = Vec::new();
    for _ in 0..ORDERS {
        offers.push(offer(&account).await);
    }
    let price = offers[0]["price"]["total"]["amount"]
        .as_i64()
        .expect("an amount");
    for offer in &offers {
        assert_eq!(offer["price"], offers[0]["price"], "all cost the same");
    }
    let fitting = i64::try_from(FITTING).expect("a small count");
    // One more would fit but for a penny.
    let limit = price * (fitting + 1) - 1;
    limit_credit(&app, &account, limit).await;
    let replies = join_all(offers.iter().enumerate().map(|(number, offer)| {
        let wanted = order_of_offer(offer, credit());
        order(&account, &wanted, &format!("order-{number}"))
            .header("Prefer", "wait=25")
            .into_future()
    }))
    .await;
    let mut accepted = 0;
    for reply in replies {
        if reply.status == 201 {
            assert_eq!(reply.text("/status"), "ticketed");
            accepted += 1;
        } else {
            let refused = reply.refused(402, "credit_limit_exceeded");
            let failed = read(&account, refused.text("/order_id")).await;
            assert_eq!(failed.text("/status"), "failed");
        }
    }
    assert_eq!(accepted, FITTING);
    let after = account.client.get(AGENCY).await.expect(200);
    assert_eq!(after.body["credit_used"]["amount"], price * fitting);
    assert_eq!(
        after.body["credit_available"]["amount"],
        limit - price * fitting
    );
}
