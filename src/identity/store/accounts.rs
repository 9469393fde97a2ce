//! Accounts in SQLite. What an agency may owe is said by the transaction that makes it so.

use sqlx::{FromRow, SqliteExecutor};

use super::worlds::{Clock, make_world};
use super::{Store, is_taken};
use crate::identity::Error;
use crate::kernel::money::{Currency, Money};
use crate::platform::db::{Script, Tx};
use crate::platform::outbox;
use crate::rpc::common::v1 as wire;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{CreditChanged, Envelope};

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub id: String,
    pub name: String,
    pub world: String,
    /// `None` for a developer.
    pub agency: Option<Agency>,
    pub created_at_us: i64,
    pub version: u64,
}

/// What makes an account an agency.
#[derive(Clone, Debug, PartialEq)]
pub struct Agency {
    pub iata_number: String,
    pub credit_limit: Money,
}

/// What an agency may owe from now on.
pub struct NewLimit {
    pub account_id: String,
    pub limit: Money,
    /// The version that the caller has seen; 0 stands for any.
    pub expected_version: u64,
}

/// How an event is said: its id and cause.
#[derive(Clone)]
pub struct Said {
    pub event_id: String,
    pub time_us: i64,
    pub request_id: String,
}

#[derive(FromRow)]
struct AccountRow {
    id: String,
    name: String,
    world: String,
    iata_number: Option<String>,
    credit_limit: Option<i64>,
    credit_currency: Option<String>,
    created_at_us: i64,
    version: i64,
}

impl Store {
    /// An account by its id.
    pub async fn account(&self, id: &str) -> Result<Option<Account>, Error> {
        find(self.db.reader(), id).await
    }

    /// The oldest account of a world.
    pub async fn first_account(&self, world: &str) -> Result<Option<String>, Error> {
        let id = sqlx::query_scalar("SELECT id FROM account WHERE world = ? ORDER BY id LIMIT 1")
            .bind(world)
            .fetch_optional(self.db.reader())
            .await?;
        Ok(id)
    }

    /// The accounts of a world (of all when it is empty) after `after`, in the order of their ids; only `only` unless it is
    /// empty. After what is not there is nothing.
    pub async fn accounts(
        &self,
        world: &str,
        only: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Account>, Error> {
        let rows: Vec<AccountRow> = sqlx::query_as(
            "SELECT * FROM account WHERE (?1 = '' OR world = ?1) AND (?2 = '' OR id = ?2)
                 AND (?3 = '' OR id > (SELECT id FROM account WHERE id = ?3 AND (?1 = '' OR world = ?1)))
             ORDER BY id LIMIT ?4",
        )
        .bind(world)
        .bind(only)
        .bind(after)
        .bind(limit)
        .fetch_all(self.db.reader())
        .await?;
        rows.into_iter().map(account).collect()
    }

    /// Makes an account, and its world when `clock` starts one that is not there, and returns it with true; with false the one
    /// of this id that says the same and was there.
    pub async fn create_account(
        &self,
        new: Account,
        clock: Option<Clock>,
        said: Said,
    ) -> Result<(Account, bool), Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                if let Some(found) = find(&mut *tx, &new.id).await? {
                    return if same(&found, &new) {
                        Ok((found, false))
                    } else {
                        Err(Error::Taken("account id"))
                    };
                }
                if let Some(clock) = clock {
                    make_world(tx, clock).await?;
                }
                let agency = new.agency.as_ref();
                sqlx::query(
                    "INSERT INTO account (id, name, world, iata_number, credit_limit, credit_currency, created_at_us, version)
                     VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
                )
                .bind(&new.id)
                .bind(&new.name)
                .bind(&new.world)
                .bind(agency.map(|agency| agency.iata_number.clone()))
                .bind(agency.map(|agency| agency.credit_limit.amount))
                .bind(agency.map(|agency| agency.credit_limit.currency.code().to_owned()))
                .bind(new.created_at_us)
                .execute(&mut *tx)
                .await
                .map_err(|error| {
                    if is_taken(&error) {
                        Error::Taken("account id")
                    } else {
                        error.into()
                    }
                })?;
                say(tx, &new, said).await?;
                Ok((new, true))
            })
        });
        write.await
    }

    /// Sets what an agency may owe, and says it. To what it is already is no change.
    pub async fn set_limit(&self, new: NewLimit, said: Said) -> Result<Account, Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let mut account = find(&mut *tx, &new.account_id)
                    .await?
                    .ok_or(Error::NotFound("account"))?;
                if ![0, account.version].contains(&new.expected_version) {
                    return Err(Error::VersionMismatch);
                }
                let agency = account.agency.as_mut();
                let agency = agency.ok_or(Error::State("the account is no agency"))?;
                if agency.credit_limit.currency != new.limit.currency {
                    return Err(Error::OtherCurrency);
                }
                if agency.credit_limit == new.limit {
                    return Ok(account);
                }
                agency.credit_limit = new.limit;
                account.version += 1;
                sqlx::query(
                    "UPDATE account SET credit_limit = ?, version = version + 1 WHERE id = ?",
                )
                .bind(new.limit.amount)
                .bind(&account.id)
                .execute(&mut *tx)
                .await?;
                say(tx, &account, said).await?;
                Ok(account)
            })
        });
        write.await
    }
}

/// Whether a repeat asks for what is there. A limit that was changed since says nothing of what was asked first.
fn same(found: &Account, asked: &Account) -> bool {
    let agencies = match (&found.agency, &asked.agency) {
        (None, None) => true,
        (Some(found_agency), Some(asked_agency)) => {
            found_agency.iata_number == asked_agency.iata_number
                && (found.version > 1 || found_agency.credit_limit == asked_agency.credit_limit)
        }
        _ => false,
    };
    agencies && found.name == asked.name && found.world == asked.world
}

async fn say(tx: &mut Tx, account: &Account, said: Said) -> Result<(), sqlx::Error> {
    let Some(agency) = &account.agency else {
        return Ok(());
    };
    let changed = CreditChanged {
        account_id: account.id.clone(),
        limit: Some(wire::Money {
            amount: agency.credit_limit.amount,
            currency: agency.credit_limit.currency.code().to_owned(),
        }),
    };
    let envelope = Envelope {
        id: said.event_id,
        r#type: "credit.changed".to_owned(),
        source: "identity".to_owned(),
        time_us: said.time_us,
        subject: account.id.clone(),
        sequence: 0,
        world: account.world.clone(),
        account_id: account.id.clone(),
        causation_id: said.request_id.clone(),
        correlation_id: said.request_id,
        data: Some(Data::Credit(changed)),
    };
    let mut script = Script::default();
    outbox::push(&mut script, &envelope);
    script.run(tx).await
}

async fn find(on: impl SqliteExecutor<'_>, id: &str) -> Result<Option<Account>, Error> {
    let row: Option<AccountRow> = sqlx::query_as("SELECT * FROM account WHERE id = ?")
        .bind(id)
        .fetch_optional(on)
        .await?;
    row.map(account).transpose()
}

fn account(row: AccountRow) -> Result<Account, Error> {
    let agency = match (row.iata_number, row.credit_limit, row.credit_currency) {
        (Some(iata_number), Some(amount), Some(currency)) => {
            let unreadable = || sqlx::Error::Decode("a currency has three capital letters".into());
            let currency = Currency::parse(&currency).ok_or_else(unreadable)?;
            Some(Agency {
                iata_number,
                credit_limit: Money::new(amount, currency),
            })
        }
        _ => None,
    };
    Ok(Account {
        id: row.id,
        name: row.name,
        world: row.world,
        agency,
        created_at_us: row.created_at_us,
        version: row.version.unsigned_abs(),
    })
}
