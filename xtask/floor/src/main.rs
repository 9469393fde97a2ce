//! The raw database that bookings are measured against: the same driver, settings and allocator, and as many durable commits a
//! booking as the server needs, without a server. `audit` counts what a server has left in its databases.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use mimalloc::MiMalloc;
use serde::Serialize;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Flights that the bookings are spread over.
const FLIGHTS: u32 = 1000;
/// About as much as a server keeps of an order, and tells in an event.
const STATE: usize = 1500;

#[derive(Parser)]
enum Command {
    /// Books in a new database, so many at a time
    Book {
        /// Where to make the database; the disk is what is measured
        folder: PathBuf,
        #[arg(long)]
        bookings: u32,
        /// Durable commits that one booking takes
        #[arg(long)]
        commits: u32,
        /// Bookings that share each of them
        #[arg(long)]
        together: u32,
    },
    /// Counts orders, sold seats and what was told of orders
    Audit {
        /// The data folder of a server that has ended
        folder: PathBuf,
    },
}

#[derive(Serialize)]
struct Booked {
    per_second: f64,
}

/// What a run leaves behind.
#[derive(Serialize)]
struct Audit {
    /// Orders that have tickets.
    ticketed: i64,
    /// Seats that are sold.
    sold: i64,
    /// Orders of which as much was told as of a ticketed one: made, confirmed, ticketed.
    told: i64,
    /// Payments that were captured whole.
    captured: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let text = match Command::parse() {
        Command::Book {
            folder,
            bookings,
            commits,
            together,
        } => serde_json::to_string(&book(&folder, bookings, commits, together).await?)?,
        Command::Audit { folder } => serde_json::to_string(&audit(&folder).await?)?,
    };
    #[expect(clippy::print_stdout, reason = "it is what the caller reads")]
    {
        println!("{text}");
    }
    Ok(())
}

/// The settings of the server's stores.
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-16384")
        .pragma("wal_autocheckpoint", "8192")
        .disable_statement_logging()
}

async fn book(folder: &Path, bookings: u32, commits: u32, together: u32) -> Result<Booked> {
    let options = options(&folder.join("floor.db")).create_if_missing(true);
    let mut connection = options.connect().await.context("no database can be made")?;
    sqlx::raw_sql(
        "CREATE TABLE flights (id INTEGER PRIMARY KEY, free INTEGER NOT NULL) STRICT;
         CREATE TABLE orders (id INTEGER PRIMARY KEY, step INTEGER NOT NULL, state BLOB NOT NULL) STRICT;
         CREATE TABLE outbox (position INTEGER PRIMARY KEY, id INTEGER NOT NULL, envelope BLOB NOT NULL) STRICT;",
    )
    .execute(&mut connection)
    .await?;
    for flight in 0..FLIGHTS {
        sqlx::query("INSERT INTO flights VALUES (?, 1000000)")
            .bind(flight)
            .execute(&mut connection)
            .await?;
    }
    let begun = Instant::now();
    let mut first = 0;
    while first < bookings {
        let end = bookings.min(first + together);
        for step in 0..commits {
            begin(&mut connection).await?;
            for id in first..end {
                match step {
                    0 => accept(&mut connection, id).await?,
                    _ => go_on(&mut connection, id, step).await?,
                }
            }
            sqlx::query("COMMIT").execute(&mut connection).await?;
        }
        first = end;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let (orders, told, sold): (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM outbox), (SELECT sum(1000000 - free) FROM flights)",
    )
    .fetch_one(&mut connection)
    .await?;
    ensure!(
        (orders, told, sold) == (bookings.into(), bookings.into(), bookings.into()),
        "{orders} orders, {told} events and {sold} seats of {bookings} bookings"
    );
    Ok(Booked {
        per_second: f64::from(bookings) / seconds,
    })
}

async fn begin(connection: &mut SqliteConnection) -> Result<()> {
    sqlx::query("BEGIN IMMEDIATE").execute(connection).await?;
    Ok(())
}

/// Takes the seat, and writes order and event.
async fn accept(connection: &mut SqliteConnection, id: u32) -> Result<()> {
    let taken = sqlx::query("UPDATE flights SET free = free - 1 WHERE id = ? AND free > 0")
        .bind(id % FLIGHTS)
        .execute(&mut *connection)
        .await?;
    ensure!(taken.rows_affected() == 1, "a flight is full");
    sqlx::query("INSERT INTO orders VALUES (?, 0, ?)")
        .bind(id)
        .bind(vec![b'x'; STATE])
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT INTO outbox (id, envelope) VALUES (?, ?)")
        .bind(id)
        .bind(vec![b'x'; STATE])
        .execute(connection)
        .await?;
    Ok(())
}

/// Moves the order on by a step.
async fn go_on(connection: &mut SqliteConnection, id: u32, step: u32) -> Result<()> {
    sqlx::query("UPDATE orders SET step = ? WHERE id = ?")
        .bind(step)
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

async fn audit(folder: &Path) -> Result<Audit> {
    let count = |file: &'static str, query: &'static str| async move {
        let path = folder.join(file);
        let connected = options(&path).connect().await;
        let mut connection = connected.with_context(|| format!("no {}", path.display()))?;
        let counted: i64 = sqlx::query_scalar(query).fetch_one(&mut connection).await?;
        anyhow::Ok(counted)
    };
    Ok(Audit {
        // TICKETED of booking.v1.OrderStatus.
        ticketed: count("booking.db", "SELECT count(*) FROM orders WHERE status = 4").await?,
        sold: count(
            "flights.db",
            "SELECT coalesce(sum(json_extract(class.value, '$[0]')), 0) FROM flight_dates, json_each(seats) AS class",
        )
        .await?,
        told: count(
            "booking.db",
            "SELECT count(*) FROM orders JOIN outbox_sequence ON subject = orders.id
             WHERE status = 4 AND last = (SELECT count(*) FROM outbox WHERE outbox.subject = orders.id) AND last >= 3",
        )
        .await?,
        captured: count(
            "billing.db",
            "SELECT count(*) FROM payment WHERE status = 'captured' AND captured = amount AND refunded = 0",
        )
        .await?,
    })
}
