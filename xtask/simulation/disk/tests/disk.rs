//! What a database meets on a disk in trouble, and that it is as good as new afterwards.

use std::path::Path;
use std::time::Duration;

use disk::{Trouble, befall, held_up, install};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

async fn open(path: &Path) -> SqliteConnection {
    install();
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(3600));
    let mut connection = options.connect().await.expect("it opens");
    sqlx::query("CREATE TABLE IF NOT EXISTS seat (number INTEGER) STRICT")
        .execute(&mut connection)
        .await
        .expect("there is room");
    connection
}

async fn take(connection: &mut SqliteConnection) -> Result<(), String> {
    let taken = sqlx::query("INSERT INTO seat VALUES (1)").execute(connection);
    let code = |error: sqlx::Error| {
        let code = error.as_database_error().and_then(|error| error.code());
        code.unwrap_or_default().into_owned()
    };
    taken.await.map(drop).map_err(code)
}

async fn seats(connection: &mut SqliteConnection) -> i64 {
    let counted = sqlx::query_scalar("SELECT count(*) FROM seat").fetch_one(connection);
    counted.await.expect("it can be read")
}

#[tokio::test]
async fn what_is_written_on_a_full_disk_or_past_a_lock_is_refused_until_it_is_over() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("one.db");
    let mut connection = open(&path).await;
    let mut neighbour = open(&dir.path().join("other.db")).await;
    // SQLITE_FULL and SQLITE_BUSY; the hour for which one waits for a lock is over at once.
    for (trouble, code) in [(Trouble::Full, "13"), (Trouble::Locked, "5")] {
        befall(&path, Some(trouble));
        for _ in 0..3 {
            assert_eq!(take(&mut connection).await, Err(code.to_owned()));
        }
        take(&mut neighbour).await.expect("it is another database");
        befall(&path, None);
        let before = seats(&mut connection).await;
        take(&mut connection).await.expect("it is over");
        assert_eq!(seats(&mut connection).await, before + 1);
    }
    assert_eq!(seats(&mut connection).await, 2);
    connection.close().await.expect("it closes");
    assert_eq!(seats(&mut open(&path).await).await, 2);
}

#[tokio::test]
async fn who_writes_to_a_slow_disk_waits_and_who_reads_does_not() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("one.db");
    let (mut writer, mut reader) = (open(&path).await, open(&path).await);
    befall(&path, Some(Trouble::Slow));
    let writing = tokio::spawn(async move { take(&mut writer).await });
    while held_up(&path) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(seats(&mut reader).await, 0);
    befall(&path, None);
    writing.await.expect("no panic").expect("it is over");
    assert_eq!((seats(&mut reader).await, held_up(&path)), (1, 0));
}
