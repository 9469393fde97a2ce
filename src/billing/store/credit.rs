//! What accounts may owe and what they owe, as rows.

use sqlx::SqliteExecutor;

use super::Error;
use crate::billing::credit::Credit;
use crate::billing::ledger::Clearing;
use crate::billing::payment::Method;
use crate::kernel::money::{Currency, Money};
use crate::platform::db::Tx;

/// Writes what an account may owe from now on.
pub async fn set_credit(
    tx: &mut Tx,
    world: &str,
    account_id: &str,
    limit: Money,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO credit (world, account_id, currency, credit_limit) VALUES (?, ?, ?, ?)
         ON CONFLICT (world, account_id)
         DO UPDATE SET currency = excluded.currency, credit_limit = excluded.credit_limit",
    )
    .bind(world)
    .bind(account_id)
    .bind(limit.currency.code())
    .bind(limit.amount)
    .execute(tx)
    .await?;
    Ok(())
}

/// The credit of an account, and how much of it is used.
pub async fn credit(
    on: impl SqliteExecutor<'_>,
    world: &str,
    account_id: &str,
) -> Result<Option<Credit>, Error> {
    let clearing = Clearing::of(Method::AgencyCredit, account_id);
    let row: Option<(String, i64, i64, i64)> = sqlx::query_as(
        "SELECT credit.currency, credit_limit, coalesce(posted.amount, 0), coalesce(pending.amount, 0)
         FROM credit
         LEFT JOIN receivable posted ON posted.world = credit.world
             AND posted.currency = credit.currency AND posted.ledger_account = ?3
         LEFT JOIN receivable pending ON pending.world = credit.world
             AND pending.currency = credit.currency AND pending.ledger_account = ?4
         WHERE credit.world = ?1 AND credit.account_id = ?2",
    )
    .bind(world)
    .bind(account_id)
    .bind(&clearing.there)
    .bind(&clearing.promised)
    .fetch_optional(on)
    .await?;
    let Some((currency, limit, posted, pending)) = row else {
        return Ok(None);
    };
    let currency = Currency::parse(&currency).ok_or(Error::Row("credit"))?;
    Ok(Some(Credit {
        limit: Money::new(limit, currency),
        posted,
        pending,
    }))
}
