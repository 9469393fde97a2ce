//! What an endpoint gets, and what is never sent.

use std::time::Duration;

use data_encoding::BASE64;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::receiver::{Receiver, SILENCE};
use super::{MACHINE_US, Reach, harness};
use crate::notify::sender::{Message, Outcome, Sender};

fn message(url: &str) -> Message<'_> {
    Message {
        url,
        event_id: "evt_1",
        seconds: 7,
        signature: "v1,AAAA".to_owned(),
        body: b"{}".to_vec(),
    }
}

async fn outcome(reach: Reach, url: &str) -> Outcome {
    let sender = Sender::new(reach, Duration::from_millis(200)).expect("it can be made");
    sender.send(message(url)).await
}

#[tokio::test]
async fn payload_is_signed_with_the_secret_that_was_shown() {
    let harness = harness().await;
    let mut receiver = Receiver::answering(&[]).await;
    let made = harness.listen(&receiver.url).await;
    harness.happens(1, 1, "order.created", "ord_1").await;
    let got = receiver.next().await;
    assert_eq!(got.body, r#"{"id":"evt_1","sequence":1}"#);
    assert_eq!(got.headers["content-type"], "application/json");
    assert_eq!(got.headers["webhook-id"], "evt_1");
    let time = &got.headers["webhook-timestamp"];
    assert_eq!(
        *time,
        (MACHINE_US / 1_000_000).to_string(),
        "the machine's time"
    );
    let secret = made.secret.strip_prefix("whsec_").expect("the prefix");
    let secret = BASE64.decode(secret.as_bytes()).expect("base64");
    let mut mac: Hmac<Sha256> = Hmac::new_from_slice(&secret).expect("any length");
    mac.update(format!("evt_1.{time}.{}", got.body).as_bytes());
    let expected = format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()));
    assert_eq!(got.headers["webhook-signature"], expected);

    let delivery = harness.deliveries().await.remove(0);
    let told = (
        delivery.status.as_str(),
        delivery.next_attempt_at_us,
        delivery.attempts[0].http_status,
    );
    assert_eq!(told, ("succeeded", None, 204));
    assert_eq!(
        (delivery.object_type.as_str(), delivery.sequence),
        ("order", 1)
    );
}

#[tokio::test]
async fn redirects_are_not_followed_and_silence_is_not_waited_for() {
    let elsewhere = Receiver::answering(&[]).await;
    let location: &'static str =
        Box::leak(format!("302 Found\r\nLocation: {}", elsewhere.url).into_boxed_str());
    let mut elsewhere = elsewhere;
    for (answer, http_status, error) in [
        ("200 OK", 200, ""),
        ("500 Internal Server Error", 500, ""),
        (location, 302, "redirect"),
        (SILENCE, 0, "timeout"),
    ] {
        let receiver = Receiver::answering(&[answer]).await;
        let came = outcome(Reach::LocalToo, &receiver.url).await;
        assert_eq!((came.http_status, came.error), (http_status, error));
    }
    assert!(elsewhere.bodies().is_empty());
    let nobody = outcome(Reach::LocalToo, "http://127.0.0.1:1/").await;
    assert_eq!((nobody.http_status, nobody.error), (0, "connection"));
}

#[tokio::test]
async fn what_is_out_of_reach_is_not_connected_to_whatever_it_is_called() {
    let mut receiver = Receiver::answering(&[]).await;
    let port = receiver.url.rsplit(':').next().expect("a port").to_owned();
    for url in [
        format!("https://localhost:{port}"),
        format!("https://127.0.0.1:{port}"),
        format!("https://2130706433:{port}"),
        format!("https://[::ffff:127.0.0.1]:{port}"),
        "https://169.254.169.254/latest/".to_owned(),
    ] {
        let came = outcome(Reach::PublicOnly, &url).await;
        assert_eq!(
            (came.http_status, came.error),
            (0, "refused_address"),
            "{url}"
        );
    }
    assert!(receiver.bodies().is_empty());
    let by_name = outcome(Reach::LocalToo, &format!("http://localhost:{port}")).await;
    assert_eq!(
        by_name.http_status, 204,
        "the name is resolved where that is allowed"
    );
}

#[test]
fn urls_that_can_never_be_sent_to_are_known_before() {
    let public = Sender::new(Reach::PublicOnly, Duration::from_secs(1)).expect("it can be made");
    let local = Sender::new(Reach::LocalToo, Duration::from_secs(1)).expect("it can be made");
    for (url, from_public, from_local) in [
        ("https://example.com/hook?a=b", true, true),
        ("https://93.184.215.14:8443/", true, true),
        ("http://example.com/", false, true),
        ("http://127.0.0.1:9000/", false, true),
        ("https://10.0.0.1/", false, true),
        ("https://0x7f.1/", false, true),
        ("https://[fd00::1]/", false, true),
        ("https://169.254.169.254/", false, false),
        ("https://user:password@example.com/", false, false),
        ("ftp://example.com/", false, false),
        ("example.com", false, false),
        ("https://", false, false),
    ] {
        let reached = (public.may_reach(url), local.may_reach(url));
        assert_eq!(reached, (from_public, from_local), "{url}");
    }
    let long = format!("https://example.com/{}", "a".repeat(2048));
    assert!(!public.may_reach(&long));
}

#[tokio::test]
async fn endpoints_may_ask_for_a_pause_by_seconds_or_by_date() {
    for (answer, seconds) in [
        ("429 Too Many Requests\r\nRetry-After: 120", Some(120)),
        (
            "503 Service Unavailable\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:51:07 GMT",
            Some(90),
        ),
        ("503 Service Unavailable\r\nRetry-After: soon", None),
        ("503 Service Unavailable", None),
    ] {
        let receiver = Receiver::answering(&[answer]).await;
        let came = outcome(Reach::LocalToo, &receiver.url).await;
        assert_eq!(came.retry_after, seconds, "{answer}");
    }
}
