//! The writer's batches: what shares a commit, what stands alone, and what happens when the disk fails.

use super::*;
use sqlx::migrate::{Migration, MigrationType};
use sqlx::{AssertSqlSafe, SqlSafeStr};
use std::sync::LazyLock;

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let sql = "CREATE TABLE seat (number INTEGER PRIMARY KEY, note TEXT) STRICT;";
    Migrator::with_migrations(vec![Migration::new(
        1,
        "seat".into(),
        MigrationType::Simple,
        AssertSqlSafe(sql).into_sql_str(),
        false,
    )])
});

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("taken")]
    Taken,
    #[error("store")]
    Db(#[from] Error),
    #[error("store")]
    Sql(#[from] sqlx::Error),
}

async fn open(dir: &tempfile::TempDir) -> Db {
    Db::open(&dir.path().join("test.db"), &MIGRATIONS)
        .await
        .expect("a fresh file opens")
}

async fn seats(db: &Db) -> Vec<i64> {
    sqlx::query_scalar("SELECT number FROM seat ORDER BY number")
        .fetch_all(db.reader())
        .await
        .expect("the table is there")
}

async fn take(db: &Db, number: i64) -> Result<(), Failure> {
    db.write(move |tx| {
        Box::pin(async move {
            sqlx::query("INSERT INTO seat (number) VALUES (?)")
                .bind(number)
                .execute(tx)
                .await?;
            Ok(())
        })
    })
    .await
}

#[tokio::test]
async fn refused_job_undoes_itself_and_not_its_batch() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(&dir).await;
    let commits = *db.commits().borrow();
    let refused = db.write(|tx| {
        Box::pin(async move {
            sqlx::query("INSERT INTO seat (number) VALUES (50)")
                .execute(tx)
                .await?;
            Err::<(), _>(Failure::Taken)
        })
    });
    let (first, refused, repeated, last) =
        tokio::join!(take(&db, 1), refused, take(&db, 1), take(&db, 2));
    first.expect("the seat is free");
    assert!(matches!(refused, Err(Failure::Taken)));
    assert!(
        matches!(repeated, Err(Failure::Sql(error)) if error.as_database_error().is_some_and(|e| e.is_unique_violation()))
    );
    last.expect("the batch goes on");
    assert_eq!(
        *db.commits().borrow(),
        commits + 1,
        "all four shared one commit"
    );
    assert_eq!(seats(&db).await, [1, 2]);
}

#[tokio::test]
async fn jobs_without_statements_end_nothing_of_others() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(&dir).await;
    let idle = || db.write(|_| Box::pin(async { Ok::<_, Failure>(()) }));
    let refused = || db.write(|_| Box::pin(async { Err::<(), _>(Failure::Taken) }));
    idle().await.expect("a commit of nothing");
    let (before, first, between, no, second, after) = tokio::join!(
        idle(),
        take(&db, 1),
        idle(),
        refused(),
        take(&db, 2),
        refused()
    );
    assert!(before.is_ok() && between.is_ok());
    assert!(matches!(
        (no, after),
        (Err(Failure::Taken), Err(Failure::Taken))
    ));
    first.expect("the seat is free");
    second.expect("the seat is free");
    assert_eq!(seats(&db).await, [1, 2]);
}

#[tokio::test]
async fn what_others_changed_is_not_counted_for_a_job() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(&dir).await;
    let clear = || {
        db.write(|tx| {
            Box::pin(async move {
                let cleared = sqlx::query("DELETE FROM seat WHERE number = 7");
                Ok::<_, Failure>(cleared.execute(tx).await?.rows_affected())
            })
        })
    };
    let (none, first, refused, second, one) =
        tokio::join!(clear(), take(&db, 7), take(&db, 7), take(&db, 8), clear());
    first.expect("the seat is free");
    second.expect("the seat is free");
    assert!(refused.is_err());
    let counted = [none, one].map(|count| count.expect("cleared"));
    assert_eq!(counted, [0, 1]);
    assert_eq!(seats(&db).await, [8]);
}

#[tokio::test]
async fn a_script_is_run_in_order_and_leaves_nothing_when_a_statement_fails() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(&dir).await;
    let run = |numbers: [i64; 3]| {
        db.write(move |tx| {
            Box::pin(async move {
                let mut script = Script::default();
                for number in numbers {
                    script
                        .add("INSERT INTO seat (number, note) VALUES (?, ?)")
                        .bind(number)
                        .bind(format!("the {number}th"));
                }
                script.add("SELECT count(*) FROM seat WHERE note LIKE 'the %'");
                let counted = script.find(tx).await?.expect("a count is a row");
                Ok::<i64, Failure>(sqlx::Row::get(&counted, 0))
            })
        })
    };
    let (first, twice, last) = tokio::join!(run([1, 2, 3]), run([4, 5, 2]), run([6, 7, 8]));
    assert_eq!(first.expect("none is taken"), 3);
    assert!(matches!(twice, Err(Failure::Sql(_))));
    assert_eq!(last.expect("none is taken"), 6);
    assert_eq!(seats(&db).await, [1, 2, 3, 6, 7, 8]);
}

#[tokio::test]
async fn full_disk_loses_the_whole_batch_and_the_writer_recovers() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(&dir).await;
    let filling = db.write(|tx| {
        Box::pin(async move {
            // The limit belongs to the connection, so the reopened one is free of it.
            sqlx::query("PRAGMA max_page_count = 1")
                .execute(&mut *tx)
                .await?;
            sqlx::query("INSERT INTO seat VALUES (2, hex(zeroblob(1000000)))")
                .execute(tx)
                .await?;
            Ok::<_, Failure>(())
        })
    });
    let (before, filled, after) = tokio::join!(take(&db, 1), filling, take(&db, 3));
    assert!(matches!(before, Err(Failure::Db(Error::Lost))));
    assert!(matches!(filled, Err(Failure::Sql(_))));
    assert!(matches!(after, Err(Failure::Db(Error::Lost))));
    assert_eq!(seats(&db).await, [] as [i64; 0]);
    take(&db, 4).await.expect("the connection is a new one");
    assert_eq!(seats(&db).await, [4]);
}

#[tokio::test]
async fn panicking_job_takes_nobody_but_its_batch_along() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(&dir).await;
    let panicking = db.write(|_| Box::pin(async { panic!("a fault of ours") }));
    let panicked: Result<(), Failure> = panicking.await;
    assert!(matches!(panicked, Err(Failure::Db(Error::Panicked))));
    take(&db, 1).await.expect("the writer lives");
}

#[tokio::test]
async fn readers_cannot_write_and_see_what_was_acknowledged() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(&dir).await;
    take(&db, 7).await.expect("the seat is free");
    assert_eq!(seats(&db).await, [7]);
    let written = sqlx::query("DELETE FROM seat").execute(db.reader()).await;
    assert!(written.is_err());
}

#[tokio::test]
async fn close_commits_what_was_accepted_and_refuses_the_rest() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(&dir).await;
    let (taken, ()) = tokio::join!(take(&db, 9), db.close());
    taken.expect("it was accepted before the close");
    assert!(matches!(
        take(&db, 10).await,
        Err(Failure::Db(Error::Closed))
    ));
    assert_eq!(seats(&open(&dir).await).await, [9]);
}
