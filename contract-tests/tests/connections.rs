//! What clients do on one connection, byte by byte: a refusal reaches who is still sending, and what follows it is answered.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::app::App;
use crate::support::trials;

trials![
    refusals_reach_who_is_still_sending,
    what_follows_an_error_is_answered,
    too_much_is_refused_before_it_is_sent
];

const SEARCH: &str =
    "POST /public/v2/offer-requests HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

/// Statuses of the answers to `asked`, which ends the connection itself.
async fn statuses(app: &App, asked: &[u8]) -> Vec<u16> {
    let address = app.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    let (mut from, mut to) = stream.split();
    let mut answered = Vec::new();
    let (sent, read) = tokio::join!(to.write_all(asked), from.read_to_end(&mut answered));
    sent.expect("the server takes all of it");
    read.expect("the server ends in order");
    String::from_utf8_lossy(&answered)
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| answer[..3].parse().expect("a status"))
        .collect()
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
