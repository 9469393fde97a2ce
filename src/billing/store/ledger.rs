//! The ledger's rows: journals are added, never changed; balances are sums of their lines.

use std::collections::HashMap;

use sqlx::{FromRow, SqliteExecutor};

use super::{Error, Scope};
use crate::billing::ledger::{Journal, Kind};
use crate::billing::payment::Payment;
use crate::kernel::money::{Currency, Money};
use crate::platform::db::{Readers, Script};

/// A journal as it was posted.
#[derive(Debug)]
pub struct StoredJournal {
    /// Where it stands among all, ascending.
    pub position: i64,
    pub id: String,
    pub kind: String,
    pub order_id: String,
    pub payment_id: String,
    pub posted_at_us: i64,
    /// Ledger account and amount.
    pub lines: Vec<(String, Money)>,
}

/// Which journals to list.
pub struct JournalQuery<'a> {
    pub scope: &'a Scope,
    /// Empty for all.
    pub order_id: &'a str,
    /// Only journals with a line on this ledger account; empty for all.
    pub ledger_account: &'a str,
    /// Exclusive.
    pub after: i64,
    pub limit: u32,
}

#[derive(FromRow)]
struct JournalRow {
    position: i64,
    id: String,
    kind: String,
    order_id: String,
    payment_id: String,
    posted_at_us: i64,
}

/// Adds a journal of a payment, which an attempt or exchange of this id has made. One that ends a pending one names it, and can
/// do so only once.
pub fn post(
    script: &mut Script,
    id: &str,
    journal: &Journal,
    payment: &Payment,
    attempt_id: &str,
    posted_at_us: i64,
) {
    let lines: Vec<serde_json::Value> = journal
        .lines()
        .iter()
        .map(|line| {
            serde_json::json!([
                line.ledger_account,
                line.amount.currency.code(),
                line.amount.amount
            ])
        })
        .collect();
    script
        .add(
            "INSERT INTO journal_line (journal_id, number, ledger_account, currency, amount)
             SELECT ?, key + 1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)",
        )
        .bind(id)
        .bind(serde_json::Value::from(lines).to_string())
        .add(
            "INSERT INTO journal (id, world, account_id, kind, order_id, payment_id, attempt_id, posted_at_us, resolves)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?,
                 (SELECT id FROM journal WHERE payment_id = ? AND kind = ? ORDER BY position DESC LIMIT 1))",
        )
        .bind(id)
        .bind(&payment.world)
        .bind(&payment.account_id)
        .bind(journal.kind().as_str())
        .bind(&payment.order_id)
        .bind(&payment.id)
        .bind(attempt_id)
        .bind(posted_at_us)
        .bind(&payment.id)
        .bind(resolved_kind(journal.kind()).map(Kind::as_str));
}

/// What a journal of this kind ends.
fn resolved_kind(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::Authorize | Kind::Refund | Kind::Exchange => None,
        Kind::Capture | Kind::Void => Some(Kind::Authorize),
        Kind::RefundPaid | Kind::RefundReversed => Some(Kind::Refund),
    }
}

/// The sum of a ledger account in each currency, of one order when `order_id` is not empty.
pub async fn balances(
    on: impl SqliteExecutor<'_>,
    scope: &Scope,
    ledger_account: &str,
    order_id: &str,
) -> Result<Vec<Money>, Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT currency, sum(amount) FROM journal_line JOIN journal ON journal.id = journal_id
         WHERE ledger_account = ?1 AND world = ?2 AND (?3 = '' OR account_id = ?3) AND (?4 = '' OR order_id = ?4)
         GROUP BY currency ORDER BY currency",
    )
    .bind(ledger_account)
    .bind(&scope.world)
    .bind(&scope.account_id)
    .bind(order_id)
    .fetch_all(on)
    .await?;
    rows.into_iter()
        .map(|(currency, amount)| money(&currency, amount))
        .collect()
}

/// A page of journals with their lines, oldest first.
pub async fn journals(
    reader: &Readers,
    query: &JournalQuery<'_>,
) -> Result<Vec<StoredJournal>, Error> {
    let rows: Vec<JournalRow> = sqlx::query_as(
        "SELECT position, id, kind, order_id, payment_id, posted_at_us FROM journal
         WHERE position > ?1 AND world = ?2 AND (?3 = '' OR account_id = ?3) AND (?4 = '' OR order_id = ?4)
             AND (?5 = '' OR id IN (SELECT journal_id FROM journal_line WHERE ledger_account = ?5))
         ORDER BY position LIMIT ?6",
    )
    .bind(query.after)
    .bind(&query.scope.world)
    .bind(&query.scope.account_id)
    .bind(query.order_id)
    .bind(query.ledger_account)
    .bind(query.limit)
    .fetch_all(reader)
    .await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let lines: Vec<(String, String, String, i64)> = sqlx::query_as(
        "SELECT journal_id, ledger_account, currency, amount FROM journal_line
         WHERE journal_id IN (SELECT value FROM json_each(?)) ORDER BY journal_id, number",
    )
    .bind(serde_json::Value::from(ids).to_string())
    .fetch_all(reader)
    .await?;
    let mut by_journal: HashMap<String, Vec<(String, Money)>> = HashMap::new();
    for (journal_id, ledger_account, currency, amount) in lines {
        by_journal
            .entry(journal_id)
            .or_default()
            .push((ledger_account, money(&currency, amount)?));
    }
    let stored = rows.into_iter().map(|row| StoredJournal {
        lines: by_journal.remove(&row.id).unwrap_or_default(),
        position: row.position,
        id: row.id,
        kind: row.kind,
        order_id: row.order_id,
        payment_id: row.payment_id,
        posted_at_us: row.posted_at_us,
    });
    Ok(stored.collect())
}

fn money(currency: &str, amount: i64) -> Result<Money, Error> {
    let currency = Currency::parse(currency).ok_or(Error::Row("journal_line"))?;
    Ok(Money::new(amount, currency))
}

#[cfg(test)]
mod tests {
    use crate::billing::Error;
    use crate::billing::store::MIGRATIONS;
    use crate::platform::db::Db;

    const PAYMENT: &str = "INSERT INTO payment VALUES ('pay_1', 'w', 'a', 'o', 't', 'EUR', 1, 0, 0, 'requested', NULL, '', 0, 'card')";
    const ATTEMPT: &str =
        "INSERT INTO attempt VALUES ('att_1', 'pay_1', 'authorize', 1, x'', NULL)";
    const JOURNAL: &str = "INSERT INTO journal (id, world, account_id, kind, order_id, payment_id, attempt_id, posted_at_us)
        VALUES ('jrn_1', 'w', 'a', 'authorize', 'o', 'pay_1', 'att_1', 0)";
    const DEBIT: &str = "INSERT INTO journal_line VALUES ('jrn_1', 1, 'x', 'EUR', 5)";
    const CREDIT: &str = "INSERT INTO journal_line VALUES ('jrn_1', 2, 'y', 'EUR', -5)";
    const OTHER_CURRENCY: &str = "INSERT INTO journal_line VALUES ('jrn_1', 2, 'y', 'JPY', -5)";

    async fn run(statements: &'static [&'static str]) -> Result<(), Error> {
        let dir = tempfile::tempdir().expect("a directory");
        let db = Db::open(&dir.path().join("billing.db"), &MIGRATIONS).await?;
        let write = db.write(move |tx| {
            Box::pin(async move {
                for statement in statements {
                    sqlx::query(*statement).execute(&mut *tx).await?;
                }
                Ok(())
            })
        });
        write.await
    }

    #[tokio::test]
    async fn database_refuses_what_would_unbalance_or_rewrite_the_ledger() {
        run(&[PAYMENT, ATTEMPT, DEBIT, CREDIT, JOURNAL])
            .await
            .expect("it balances");
        let refused: [&'static [&'static str]; 8] = [
            &[PAYMENT, ATTEMPT, JOURNAL],
            &[PAYMENT, ATTEMPT, DEBIT, JOURNAL],
            &[PAYMENT, ATTEMPT, DEBIT, OTHER_CURRENCY, JOURNAL],
            &[
                PAYMENT,
                ATTEMPT,
                DEBIT,
                CREDIT,
                JOURNAL,
                "INSERT INTO journal_line VALUES ('jrn_1', 3, 'z', 'EUR', 1)",
            ],
            &[
                PAYMENT,
                ATTEMPT,
                DEBIT,
                CREDIT,
                JOURNAL,
                "UPDATE journal_line SET amount = 6",
            ],
            &[
                PAYMENT,
                ATTEMPT,
                DEBIT,
                CREDIT,
                JOURNAL,
                "DELETE FROM journal_line",
            ],
            &[
                PAYMENT,
                ATTEMPT,
                DEBIT,
                CREDIT,
                JOURNAL,
                "DELETE FROM journal",
            ],
            &[DEBIT],
        ];
        for statements in refused {
            assert!(run(statements).await.is_err(), "{statements:?}");
        }
    }
}
