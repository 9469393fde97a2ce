//! How the run-time behaves towards a server that is told what to answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::call::Call;
use crate::{Client, Error, Pager, ProblemCode, Result};

pub(crate) const FINE: &str =
    "200\r\nETag: \"3\"\r\nRequest-Id: req_1\r\nIdempotency-Replayed: true\r\n\r\n7";
const BUSY: &str = "503\r\nRetry-After: 0\r\n\r\n<p>Busy</p>";
const LIMITED: &str = concat!(
    "429\r\nRetry-After: 0\r\n\r\n",
    r#"{"type":"x","title":"t","status":429,"detail":"d","code":"rate_limited","request_id":"req_2","retryable":true}"#
);
const UNKNOWN: &str = concat!(
    "409\r\n\r\n",
    r#"{"title":"t","status":409,"detail":"d","code":"of_tomorrow","request_id":"req_3","retryable":false,"#,
    r#""errors":[{"pointer":"/a","code":"required","detail":"e"}]}"#
);
const STRANGER: &str = concat!(
    "401\r\n\r\n",
    r#"{"error":"invalid_client","error_description":"Nobody has this secret."}"#
);
const CUT: &str = "";
const SILENT: &str = "…";

/// A server that gives these answers, one a request, and the last one for ever; tokens it grants besides.
pub(crate) struct Server {
    pub(crate) url: String,
    /// What came: the head and the body of each request.
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn that_says(answers: &'static [&'static str]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/below/", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = requests.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                let answer = {
                    let mut seen = seen.lock().unwrap();
                    let count = |is_token| {
                        let all = seen.iter();
                        all.filter(|it| it.contains("/oauth/token") == is_token)
                            .count()
                    };
                    let answer = match request.contains("/oauth/token") {
                        true if request.contains("/strangers/") => STRANGER.to_owned(),
                        true => grant(count(true)),
                        false => answers[count(false).min(answers.len() - 1)].to_owned(),
                    };
                    seen.push(request);
                    answer
                };
                match answer.as_str() {
                    CUT => {}
                    SILENT => {
                        tokio::spawn(async move { stream.read_u8().await });
                    }
                    answer => {
                        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
                        let length = body.len();
                        let answer = format!(
                            "HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
                        );
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                }
            }
        });
        Server { url, requests }
    }

    pub(crate) fn client(&self) -> Client {
        connect(&self.url).unwrap()
    }

    /// The requests, but for those of tokens.
    pub(crate) fn requests(&self) -> Vec<String> {
        let all = self.requests.lock().unwrap().clone();
        all.into_iter()
            .filter(|it| !it.contains("/oauth/token"))
            .collect()
    }
}

// key {
pub(crate) fn connect(url: &str) -> Result<Client> {
    Client::new(url, "sk_test_1")
}
// }
// oauth {
pub(crate) fn connect(url: &str) -> Result<Client> {
    Client::new(url, "cli_test_1", "cs_test_1")
}
// }

/// Tokens are told apart by their number; every third is at its end already.
fn grant(number: usize) -> String {
    let life = if number % 3 == 2 { 30 } else { 900 };
    format!("200\r\n\r\n{{\"access_token\":\"t{number}\",\"expires_in\":{life}}}")
}

async fn read(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        request.push(stream.read_u8().await.unwrap());
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return text.into_owned();
        }
    }
}

pub(crate) fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let mut lines = request.lines();
    let found = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    found.unwrap_or_default()
}

pub(crate) fn get(client: &Client) -> Call {
    Call::new(client, Method::GET, "/things", []).repeatable()
}

/// What came of a call: the number that was answered, or how it failed; and how many requests it took.
async fn outcome(
    answers: &'static [&'static str],
    call: impl FnOnce(&Client) -> Call,
) -> (String, usize) {
    let server = Server::that_says(answers).await;
    let answer = call(&server.client()).send().await;
    let reply = answer.and_then(|it| it.read(|body| serde_json::from_slice::<u8>(body)));
    let told = match reply {
        Ok(reply) => reply.body.to_string(),
        Err(Error::Problem(problem)) => problem.to_string(),
        Err(Error::Unexpected(unexpected)) => format!("unexpected {}", unexpected.status),
        Err(Error::Transport(_)) => "transport".to_owned(),
        Err(error) => format!("{error:?}"),
    };
    (told, server.requests().len())
}

#[tokio::test]
async fn what_may_be_repeated_is_when_it_is_worth_it() {
    let post = |client: &Client| Call::new(client, Method::POST, "/things", []);
    let impatient = |client: &Client| get(client).timeout(Duration::from_secs(2));
    let limited = "429 rate_limited: d (req_2)";
    for (answers, told, count) in [
        (&[FINE][..], "7", 1),
        (&[CUT, FINE], "7", 2),
        (&[BUSY, LIMITED, FINE], "7", 3),
        (&[CUT], "transport", 3),
        (&[BUSY], "unexpected 503", 3),
        (&[LIMITED], limited, 3),
        (&[UNKNOWN], "409 of_tomorrow: d (req_3); /a: e", 1),
        (&["200\r\n\r\n<p>Welcome</p>"], "unexpected 200", 1),
        (&["302\r\nLocation: /\r\n\r\n"], "unexpected 302", 1),
        (&["304\r\n\r\n"], "NotModified", 1),
    ] {
        assert_eq!(outcome(answers, get).await, (told.to_owned(), count));
    }
    for (answers, told) in [(&[CUT, FINE][..], "transport"), (&[LIMITED, FINE], limited)] {
        assert_eq!(outcome(answers, post).await, (told.to_owned(), 1));
    }
    assert_eq!(
        outcome(&[SILENT, FINE], impatient).await,
        ("7".to_owned(), 2)
    );
}

#[tokio::test]
async fn every_attempt_carries_the_same_key_and_the_same_body() {
    let server = Server::that_says(&[CUT, BUSY, FINE]).await;
    let client = server.client();
    let call = Call::new(&client, Method::POST, "/things", [])
        .keyed()
        .body(&"x");
    call.send().await.unwrap();
    let requests = server.requests();
    let keys: Vec<_> = requests
        .iter()
        .map(|it| header(it, "idempotency-key"))
        .collect();
    assert_eq!(keys, [keys[0]; 3]);
    assert_eq!(keys[0].len(), 32);
    assert!(
        requests.iter().all(|it| it.ends_with("\r\n\r\n\"x\"")),
        "{requests:?}"
    );
    call.send().await.unwrap();
    call.header("Idempotency-Key", "mine").send().await.unwrap();
    let requests = server.requests();
    assert_ne!(header(&requests[3], "idempotency-key"), keys[0]);
    assert_eq!(header(&requests[4], "idempotency-key"), "mine");
}

#[tokio::test]
async fn patience_is_the_callers_to_choose() {
    for retries in [0, 4] {
        let server = Server::that_says(&[BUSY]).await;
        let client = server.client().with_max_retries(retries);
        get(&client).send().await.err().unwrap();
        assert_eq!(server.requests().len(), retries as usize + 1);
    }
    let server = Server::that_says(&[SILENT]).await;
    let client = server.client().with_timeout(Duration::from_millis(20));
    let error = get(&client).send().await.err().unwrap();
    assert_eq!(error.to_string(), "no answer within 20ms");
}

#[tokio::test]
async fn arguments_keep_their_meaning_on_the_wire() {
    let server = Server::that_says(&[FINE]).await;
    let client = server.client();
    let call = |id| Call::new(&client, Method::GET, "/things/{id}/parts", [id]);
    let parts = call("a/b ?%é")
        .query("of", "1")
        .query("of", "x&y=z +")
        .query("to", "");
    let reply = parts
        .send()
        .await
        .unwrap()
        .read(|body| serde_json::from_slice::<u8>(body))
        .unwrap();
    assert_eq!((reply.status, reply.replayed), (200, true));
    assert_eq!(
        (reply.etag.as_deref(), reply.request_id.as_deref()),
        (Some("\"3\""), Some("req_1"))
    );
    let request = server.requests().remove(0);
    let line = request.lines().next().unwrap();
    let path = "/below/things/a%2Fb%20%3F%25%C3%A9/parts?of=x%26y%3Dz+%2B&to=";
    assert_eq!(line, format!("GET {path} HTTP/1.1"));
    let agent = format!(
        "fareway-rust/{} ({})",
        env!("CARGO_PKG_VERSION"),
        crate::CONTRACT
    );
    assert_eq!(header(&request, "user-agent"), agent);
    for call in [
        call(""),
        call("."),
        call(".."),
        call("1").header("If-Match", "a\nb"),
    ] {
        let error = call.send().await.err().unwrap();
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
    }
    for address in [
        "",
        "fareway.example.com",
        "ftp://fareway.example.com",
        "http://a/?b=c",
    ] {
        let error = connect(address);
        assert!(
            matches!(error, Err(Error::InvalidArgument { .. })),
            "{address}"
        );
    }
    assert_eq!(server.requests().len(), 1);
    assert!(!format!("{client:?}").contains("_test_1"), "{client:?}");
}

#[tokio::test]
async fn lists_go_on_after_a_failure_and_end() {
    const PAGES: &[&str] = &[
        "200\r\n\r\n[1,2]",
        UNKNOWN,
        "200\r\n\r\n[]",
        "200\r\n\r\n[9]",
    ];
    let server = Server::that_says(PAGES).await;
    let call = get(&server.client()).header("If-None-Match", "\"1\"");
    let mut pager = Pager::new(call, |body| {
        let page: Vec<u8> = serde_json::from_slice(body)?;
        let next = (page != [9]).then(|| ("after", format!("{page:?}")));
        Ok((page, next))
    });
    let mut seen = Vec::new();
    while let Some(entry) = pager.next().await {
        seen.push(entry.map_err(|error| error.code().cloned()));
    }
    let unknown = ProblemCode::Other("of_tomorrow".to_owned());
    assert_eq!(seen, [Ok(1), Ok(2), Err(Some(unknown)), Ok(9)]);
    assert!(pager.next().await.is_none());
    assert_eq!(pager.try_next().await.unwrap(), None);
    let requests = server.requests();
    let lines: Vec<_> = requests
        .iter()
        .filter_map(|it| it.split(' ').nth(1))
        .collect();
    let second = "/below/things?after=%5B1%2C+2%5D";
    assert_eq!(
        lines,
        [
            "/below/things",
            second,
            second,
            "/below/things?after=%5B%5D"
        ]
    );
    let versions: Vec<_> = requests
        .iter()
        .map(|it| header(it, "if-none-match"))
        .collect();
    assert_eq!(versions, ["\"1\"", "", "", ""]);
}
