//! Which orders there are: pages of them, those with a locator, and those on a flight.
//!
//! Reads on somebody's behalf take the world and the account, so that no other account's row can be met.

use sqlx::{QueryBuilder, Sqlite, SqliteExecutor};

use super::Error;
use super::sqlite::{COLUMNS, order_of, update_order};
use crate::booking::order::Order;
use crate::booking::schedule;
use crate::platform::db::{Script, Tx};
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1::FlightDate;

/// Earlier orders that are brought up to date at once.
const EARLIER_AT_ONCE: u32 = 500;

/// Creation time of an order, and its place among all that were ever accepted: many are made at one moment of a frozen clock.
pub type Position = (i64, i64);

/// Where an order stands, or what comes before the newest one when none is named; `None` when the context may not see it.
pub async fn position(
    on: impl SqliteExecutor<'_>,
    context: &Context,
    order_id: &str,
) -> Result<Option<Position>, Error> {
    if order_id.is_empty() {
        return Ok(Some((i64::MAX, i64::MAX)));
    }
    let found = sqlx::query_as(
        "SELECT created_at_us, rowid FROM orders WHERE id = ? AND world = ? AND ? IN ('', account_id)",
    )
    .bind(order_id)
    .bind(&context.world)
    .bind(&context.account_id)
    .fetch_optional(on)
    .await?;
    Ok(found)
}

/// Which orders a page holds.
pub struct Selection {
    /// Empty for those of the whole world.
    pub account_id: String,
    /// Empty for any.
    pub statuses: Vec<i32>,
    /// Empty for any.
    pub client_reference: String,
    /// Empty for any.
    pub locator: String,
    /// Only orders with a segment on it.
    pub flight: Option<FlightDate>,
    /// Where the last order of the page before stands.
    pub after: Position,
    /// Most orders of the page.
    pub limit: u32,
}

/// Orders of a world, newest first. The status is that of this time.
pub async fn orders(
    on: impl SqliteExecutor<'_>,
    world: &str,
    selection: &Selection,
    now_us: i64,
) -> Result<Vec<Order>, Error> {
    // Only the conditions that are asked for: one text that serves all would use no index.
    let mut query = select();
    query.push(" WHERE world = ").push_bind(world);
    if !selection.account_id.is_empty() {
        query
            .push(" AND account_id = ")
            .push_bind(&selection.account_id);
    }
    if !selection.locator.is_empty() {
        query
            .push(" AND locator <> '' AND locator = ")
            .push_bind(&selection.locator);
    }
    if let Some(flight) = &selection.flight {
        query.push(" AND id IN (");
        push_on_flight(&mut query, world, flight);
        query.push(")");
    }
    if !selection.client_reference.is_empty() {
        query
            .push(" AND client_reference = ")
            .push_bind(&selection.client_reference);
    }
    if !selection.statuses.is_empty() {
        // The rules of `Order::status`: held past its time is expired (7), flown is completed (5).
        query
            .push(" AND CASE WHEN status = 2 AND step = 0 AND payment_required_by_us <= ")
            .push_bind(now_us)
            .push(" THEN 7 WHEN status = 4 AND travel_ends_at_us <= ")
            .push_bind(now_us)
            .push(" THEN 5 ELSE status END IN (");
        let mut statuses = query.separated(", ");
        for &status in &selection.statuses {
            statuses.push_bind(status);
        }
        query.push(")");
    }
    query
        .push(" AND (created_at_us, rowid) < (")
        .push_bind(selection.after.0)
        .push(", ")
        .push_bind(selection.after.1)
        .push(") ORDER BY created_at_us DESC, rowid DESC LIMIT ")
        .push_bind(selection.limit);
    let rows = query.build().fetch_all(on).await?;
    rows.iter().map(order_of).collect()
}

/// Orders of a world that may still be flown and have a segment on this flight: pending to ticketed (1 to 4).
pub async fn live_on_flight(
    on: impl SqliteExecutor<'_>,
    world: &str,
    flight: &FlightDate,
) -> Result<Vec<Order>, Error> {
    let mut query = select();
    query.push(" WHERE status BETWEEN 1 AND 4 AND id IN (");
    push_on_flight(&mut query, world, flight);
    query.push(") ORDER BY created_at_us, rowid");
    let rows = query.build().fetch_all(on).await?;
    rows.iter().map(order_of).collect()
}

fn select() -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(COLUMNS).push(" FROM orders");
    query
}

fn push_on_flight(query: &mut QueryBuilder<Sqlite>, world: &str, flight: &FlightDate) {
    query
        .push("SELECT order_id FROM order_segments WHERE world = ")
        .push_bind(world)
        .push(" AND carrier = ")
        .push_bind(&flight.carrier)
        .push(" AND number = ")
        .push_bind(flight.number)
        .push(" AND date = ")
        .push_bind(&flight.date)
        .push(" AND origin = ")
        .push_bind(&flight.origin)
        .push(" AND destination = ")
        .push_bind(&flight.destination);
}

/// Notes which flights an order is on, and which it is being changed to.
pub fn insert_segments(script: &mut Script, order: &Order) {
    script
        .add(
            "INSERT INTO order_segments (world, carrier, number, date, origin, destination, order_id)
             SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ? FROM json_each(?)
             WHERE true ON CONFLICT DO NOTHING",
        )
        .bind(&order.world)
        .bind(&order.state.id)
        .bind(flights(order));
}

/// Forgets the flights that an order was on, or was being changed to.
pub fn delete_segments(script: &mut Script, order: &Order) {
    script
        .add(
            "DELETE FROM order_segments WHERE world = ? AND order_id = ?
                 AND (carrier, number, date, origin, destination) IN
                     (SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?))",
        )
        .bind(&order.world)
        .bind(&order.state.id)
        .bind(flights(order));
}

/// The flights of an order as JSON.
fn flights(order: &Order) -> String {
    let segments = order.segments().chain(order.coming_segments());
    let flights: Vec<serde_json::Value> = segments
        .map(schedule::flight_of)
        .map(|flight| {
            let FlightDate {
                carrier,
                number,
                date,
                origin,
                destination,
            } = flight;
            serde_json::json!([carrier, number, date, origin, destination])
        })
        .collect();
    serde_json::Value::from(flights).to_string()
}

/// Brings some of the orders up to date that were kept before there were locators, flights and schedule changes to find them by;
/// false when there is none left.
pub async fn index_earlier(tx: &mut Tx) -> Result<bool, Error> {
    let mut query = select();
    query
        .push(" WHERE locator IS NULL LIMIT ")
        .push_bind(EARLIER_AT_ONCE);
    let rows = query.build().fetch_all(&mut *tx).await?;
    for row in &rows {
        let order = order_of(row)?;
        let mut script = Script::default();
        insert_segments(&mut script, &order);
        update_order(&mut script, &order, order.state.updated_at_us);
        script.run(tx).await?;
    }
    Ok(!rows.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::order::accept;
    use crate::booking::store::{MIGRATIONS, sqlite};
    use crate::booking::tests::samples;
    use crate::platform::db::Db;
    use crate::rpc::booking::v1::ScheduleChange;

    #[tokio::test]
    async fn orders_from_before_they_were_indexed_are_found_after() {
        let dir = tempfile::tempdir().expect("a directory");
        let db = Db::open(&dir.path().join("booking.db"), &MIGRATIONS)
            .await
            .expect("a fresh file opens");
        let mut order = accept(samples::draft(), samples::NOW).expect("good").order;
        order.state.locator = "BCDFGH".to_owned();
        order.state.schedule_changes = vec![ScheduleChange {
            id: "scg_1".to_owned(),
            ..ScheduleChange::default()
        }];
        let flight = schedule::flight_of(order.segments().next().expect("it has one"));
        let rounds = db.write(move |tx| {
            Box::pin(async move {
                let mut script = Script::default();
                sqlite::insert_order(&mut script, &order);
                script.run(tx).await?;
                for sql in [
                    "UPDATE orders SET locator = NULL",
                    "DELETE FROM order_segments",
                ] {
                    sqlx::query(sql).execute(&mut *tx).await?;
                }
                let mut rounds = 0;
                while index_earlier(tx).await? {
                    rounds += 1;
                }
                Ok::<_, Error>(rounds)
            })
        });
        assert_eq!(rounds.await.expect("it is written"), 1);
        let selection = Selection {
            account_id: String::new(),
            statuses: Vec::new(),
            client_reference: String::new(),
            locator: "BCDFGH".to_owned(),
            flight: Some(flight),
            after: (i64::MAX, i64::MAX),
            limit: 9,
        };
        let found = orders(db.reader(), "wld_test", &selection, samples::NOW).await;
        assert_eq!(found.expect("reads").len(), 1);
        let context = Context {
            world: "wld_test".to_owned(),
            ..Context::default()
        };
        let changed = sqlite::own_changed_order(db.reader(), &context, "scg_1").await;
        assert!(changed.expect("reads").is_some());
    }
}
