//! What clients do on one connection, byte by byte: a refusal reaches who is still sending, and what follows it is answered.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::app::App;
use crate::support::raw::{Answer, answers};
use crate::support::trials;

trials![
    refusals_reach_who_is_still_sending,
    what_follows_an_error_is_answered,
    too_much_is_refused_before_it_is_sent,
    what_does_not_arrive_is_not_waited_for,
    heads_that_are_none_do_not_break_it,
];

const SEARCH: &str =
    "POST /public/v2/offer-requests HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

/// Statuses of the answers to `asked`, which ends the connection itself.
async fn statuses(app: &App, asked: &[u8]) -> Vec<u16> {
    let all = answers(&app.base, asked).await;
    all.iter().map(|answer| answer.status).collect()
}

/// A request with a body of so many blanks.
fn blanks(head: &str, length: usize) -> Vec<u8> {
    format!(
        "{head}Content-Length: {length}\r\n\r\n{}",
        " ".repeat(length)
    )
    .into_bytes()
}

fn last() -> Vec<u8> {
    b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec()
}

async fn refusals_reach_who_is_still_sending() {
    const LARGE: usize = 4 * 1024 * 1024;
    let app = App::shared().await;
    let key = fareway::identity::sandbox::KEY;
    for (head, status) in [
        (SEARCH.to_owned(), 401),
        (format!("{SEARCH}Api-Key: {key}\r\n"), 413),
        (
            "POST /public/v2/nothing HTTP/1.1\r\nHost: x\r\n".to_owned(),
            404,
        ),
        ("POST /docs/ HTTP/1.1\r\nHost: x\r\n".to_owned(), 405),
    ] {
        let asked = [blanks(&head, LARGE), last()].concat();
        assert_eq!(statuses(&app, &asked).await, [status, 200], "{head}");
    }
}

async fn what_follows_an_error_is_answered() {
    let app = App::shared().await;
    let with_key = format!("{SEARCH}Api-Key: {}\r\n", fareway::identity::sandbox::KEY);
    let asked = [
        blanks("GET /public/v2/nothing HTTP/1.1\r\nHost: x\r\n", 0),
        blanks(&with_key, 9),
        blanks(SEARCH, 9000),
        blanks("PUT /public/v2/orders HTTP/1.1\r\nHost: x\r\n", 5),
        format!("{with_key}Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n0\r\n\r\n").into_bytes(),
        last(),
    ];
    assert_eq!(
        statuses(&app, &asked.concat()).await,
        [404, 400, 401, 405, 400, 200]
    );
}

async fn too_much_is_refused_before_it_is_sent() {
    let app = App::shared().await;
    let address = app.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    let key = fareway::identity::sandbox::KEY;
    let head = format!(
        "{SEARCH}Api-Key: {key}\r\nExpect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n"
    );
    stream
        .write_all(head.as_bytes())
        .await
        .expect("it is taken");
    let mut answer = Vec::new();
    while !answer.windows(17).any(|part| part == b"payload_too_large") {
        let read = stream.read_buf(&mut answer).await.expect("an answer");
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
    }
}

async fn what_does_not_arrive_is_not_waited_for() {
    let app = App::shared().await;
    let key = fareway::identity::sandbox::KEY;
    let head = format!("{SEARCH}Api-Key: {key}\r\nConnection: close\r\n");
    // One byte of the two that are announced, and one piece without an end.
    for body in [
        "Content-Length: 2\r\n\r\n{",
        "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ] {
        let all = answers(&app.base, format!("{head}{body}").as_bytes()).await;
        let told: Vec<_> = all.iter().map(Answer::told).collect();
        assert_eq!(told, [(400, "malformed")], "{body:?}");
    }
}

async fn heads_that_are_none_do_not_break_it() {
    const GET: &str = "GET /public/v2/places HTTP/1.1\r\nHost: x\r\n";
    let app = App::shared().await;
    // More than a head may have, and it has not ended yet.
    let long = "a".repeat(33_000);
    for (head, status) in [
        // Control characters cannot end a value and begin another.
        (
            format!("{GET}Idempotency-Key: a\rX-Injected: 1\r\n\r\n"),
            400,
        ),
        (format!("{GET}Idempotency-Key: a\0b\r\n\r\n"), 400),
        (format!("{GET}Idempotency-Key: a\r\n b\r\n\r\n"), 400),
        (format!("{GET}No Such Name: a\r\n\r\n"), 400),
        (
            format!("{GET}Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
            400,
        ),
        (format!("{GET}Content-Length: -1\r\n\r\n"), 400),
        (format!("{GET}Idempotency-Key: {long}"), 431),
        (format!("GET /public/v2/places?query={long}"), 431),
        ("GET /public/v2/ places HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET /public/v2/places HTTP/9.9\r\n\r\n".to_owned(), 400),
        ("GET\r\n\r\n".to_owned(), 400),
    ] {
        let all = answers(&app.base, head.as_bytes()).await;
        let told: Vec<_> = all.iter().map(|answer| answer.status).collect();
        assert_eq!(told, [status], "{head:.99}");
        assert!(all[0].headers.get("x-injected").is_none());
    }
    assert_eq!(statuses(&app, &last()).await, [200], "others go on");
}
