//! Nothing is lost or doubled, and order is kept.

use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use super::*;
use crate::platform::bus::{Bus, HandlerError};
use crate::platform::db::Db;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let sql = concat!(
        include_str!("outbox.sql"),
        include_str!("parked.sql"),
        "CREATE TABLE effect (position INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT, sequence INTEGER) STRICT;",
    );
    Migrator::with_migrations(vec![Migration::new(
        1,
        "outbox".into(),
        MigrationType::Simple,
        AssertSqlSafe(sql).into_sql_str(),
        false,
    )])
});

pub async fn open(dir: &tempfile::TempDir, name: &str) -> Db {
    Db::open(&dir.path().join(Path::new(name)), &MIGRATIONS)
        .await
        .expect("a fresh file opens")
}

pub async fn say(db: &Db, id: &str, subject: &str) -> Envelope {
    let envelope = Envelope {
        id: id.to_owned(),
        r#type: "order.created".to_owned(),
        subject: subject.to_owned(),
        world: "wld_test".to_owned(),
        ..Envelope::default()
    };
    let written = db.write(move |tx| {
        Box::pin(async move {
            let mut script = Script::default();
            push(&mut script, &envelope);
            script.run(tx).await?;
            let said = said(&mut *tx, &envelope.subject, 0, u32::MAX).await?;
            Ok::<_, Error>(said)
        })
    });
    let said = written.await.expect("the outbox takes it");
    said.into_iter().last().expect("it was said")
}

/// A consumer whose effect is a row, made once an event.
fn consume(bus: &Bus, db: &Db) {
    let db = db.clone();
    bus.subscribe("test", &["order.created"], move |event| {
        let db = db.clone();
        Box::pin(async move {
            db.write(move |tx| {
                Box::pin(async move {
                    if accepted(tx, "test", &event).await? {
                        sqlx::query("INSERT INTO effect (subject, sequence) VALUES (?, ?)")
                            .bind(&event.subject)
                            .bind(event.sequence.cast_signed())
                            .execute(tx)
                            .await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await?;
            Ok(())
        })
    });
}

async fn effects(db: &Db) -> Vec<(String, i64)> {
    sqlx::query_as("SELECT subject, sequence FROM effect ORDER BY position")
        .fetch_all(db.reader())
        .await
        .expect("the table is there")
}

async fn unsent(db: &Db) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM outbox WHERE sent = 0")
        .fetch_one(db.reader())
        .await
        .expect("the table is there")
}

#[tokio::test]
async fn crash_between_commit_and_publish_and_before_the_mark_gives_one_effect() {
    let dir = tempfile::tempdir().expect("a directory");
    let there = open(&dir, "there.db").await;
    let bus = Bus::new();
    bus.start();
    consume(&bus, &there);

    let here = open(&dir, "here.db").await;
    let said = say(&here, "evt_1", "ord_1").await;
    assert_eq!(said.sequence, 1);
    here.close().await;

    // The second life dies after the consumer's commit and before it could mark the row.
    let here = open(&dir, "here.db").await;
    bus.publish(&said).await.expect("the consumer takes it");
    here.close().await;

    let here = open(&dir, "here.db").await;
    assert_eq!(unsent(&here).await, 1);
    let relay = Relay::start(here.clone(), bus.clone());
    assert_eq!(relay.drain().await, 1);
    assert_eq!(unsent(&here).await, 0);
    assert_eq!(effects(&there).await, [("ord_1".to_owned(), 1)]);

    drop(relay);
    let relay = Relay::start(here, bus);
    assert_eq!(relay.drain().await, 0, "what is marked stays marked");
}

#[tokio::test]
async fn what_could_not_be_marked_is_marked_when_the_database_is_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(&dir, "here.db").await;
    let bus = Bus::new();
    bus.start();
    let relay = Relay::start(db.clone(), bus);
    let run = async |sql: &'static str| {
        let done = db.write(move |tx| {
            Box::pin(async move { Ok::<_, Error>(sqlx::query(sql).execute(tx).await.map(drop)?) })
        });
        done.await.expect("the statement is sound");
    };
    run("CREATE TRIGGER away BEFORE UPDATE OF sent ON outbox BEGIN SELECT RAISE(ABORT, 'away'); END").await;
    say(&db, "evt_1", "ord_1").await;
    assert_eq!(relay.drain().await, 1);
    assert_eq!(unsent(&db).await, 1);
    run("DROP TRIGGER away").await;
    assert_eq!(relay.drain().await, 1, "it is not published again");
    assert_eq!(unsent(&db).await, 0);
}

#[tokio::test]
async fn order_is_kept_within_a_subject_through_refusals_and_other_subjects_go_on() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(&dir, "here.db").await;
    let bus = Bus::new();
    bus.start();
    let log = Arc::new(Mutex::new(Vec::new()));
    let seen = log.clone();
    bus.subscribe("test", &["order.created"], move |event| {
        let mut log = seen.lock().expect("no panic");
        let tries = log.iter().filter(|(id, _)| *id == event.id).count();
        // The first event of one subject is refused until those of the other are through.
        let others = log.iter().filter(|(_, subject)| subject == "ord_2").count();
        let refused = event.subject == "ord_1" && event.sequence == 1 && (tries == 0 || others < 3);
        log.push((event.id, event.subject));
        Box::pin(async move {
            if refused {
                Err(HandlerError::later(std::fmt::Error))
            } else {
                Ok(())
            }
        })
    });
    let relay = Relay::start(db.clone(), bus);
    for number in 1..=3 {
        for subject in ["ord_1", "ord_2"] {
            let said = say(&db, &format!("{subject}-{number}"), subject).await;
            assert_eq!(said.sequence, number);
        }
    }
    assert_eq!(relay.drain().await, 6);
    let log = log.lock().expect("no panic");
    for subject in ["ord_1", "ord_2"] {
        let mut ids: Vec<&str> = log
            .iter()
            .filter(|(_, s)| s == subject)
            .map(|(id, _)| id.as_str())
            .collect();
        ids.dedup();
        assert_eq!(ids, [1, 2, 3].map(|number| format!("{subject}-{number}")));
    }
}

#[tokio::test]
async fn refused_push_leaves_no_gap_in_the_sequence() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(&dir, "here.db").await;
    say(&db, "evt_1", "ord_1").await;
    let lost: Result<(), Error> = db
        .write(|tx| {
            Box::pin(async move {
                let envelope = Envelope {
                    subject: "ord_1".to_owned(),
                    ..Envelope::default()
                };
                let mut script = Script::default();
                push(&mut script, &envelope);
                script.run(tx).await?;
                Err(sqlx::Error::RowNotFound.into())
            })
        })
        .await;
    assert!(lost.is_err());
    assert_eq!(say(&db, "evt_3", "ord_1").await.sequence, 2);
}

#[tokio::test]
async fn more_than_a_page_in_many_subjects_is_all_published() {
    let dir = tempfile::tempdir().expect("a directory");
    let (here, there) = (open(&dir, "here.db").await, open(&dir, "there.db").await);
    let bus = Bus::new();
    bus.start();
    consume(&bus, &there);
    let said = (0..1100).map(|n| {
        let here = here.clone();
        async move { say(&here, &format!("evt_{n}"), &format!("ord_{}", n % 300)).await }
    });
    futures_util::future::join_all(said).await;
    let relay = Relay::start(here.clone(), bus);
    assert_eq!(relay.drain().await, 1100);
    assert_eq!(
        (effects(&there).await.len(), unsent(&here).await),
        (1100, 0)
    );
}
