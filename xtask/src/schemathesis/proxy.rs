//! A door that lets everyone in, to show that Schemathesis notices: a reverse proxy that, when the server refuses a request with
//! 401, sends it again with the credential that was accepted last. Seen from outside nobody is asked who they are.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Where credentials are sent.
const CREDENTIALS: [HeaderName; 2] = [header::AUTHORIZATION, HeaderName::from_static("api-key")];

/// More than any contract takes.
const BODY_MAX: usize = 1024 * 1024;

/// The proxy, while it runs.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<std::io::Result<()>>,
}

#[derive(Clone)]
struct Door {
    server: SocketAddr,
    accepted: Arc<Mutex<Option<(HeaderName, HeaderValue)>>>,
}

impl Proxy {
    /// Listens on a free port of this machine, in front of `server`.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn start(server: SocketAddr) -> Result<Proxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let accepted = Arc::new(Mutex::new(None));
        let router = Router::new()
            .fallback(pass_on)
            .with_state(Door { server, accepted });
        let task = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Proxy { address, task })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(State(door): State<Door>, request: Request) -> Response {
    match door.answer(request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}\n")).into_response(),
    }
}

impl Door {
    async fn answer(&self, request: Request) -> Result<Response> {
        let (mut parts, body) = request.into_parts();
        let body = to_bytes(body, BODY_MAX).await?;
        let answer = self.send(&parts, body.clone()).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            if answer.status().is_success() {
                self.remember(&parts.headers);
            }
            return Ok(answer);
        }
        let Some((name, value)) = self.remembered() else {
            return Ok(answer);
        };
        parts.headers.insert(name, value);
        self.send(&parts, body).await
    }

    async fn send(&self, parts: &Parts, body: Bytes) -> Result<Response> {
        let stream = TcpStream::connect(self.server).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the answer; what goes wrong in it shows in the answer, too.
        tokio::spawn(connection);
        let target = parts.uri.path_and_query().context("a request has a path")?;
        let mut request = http::Request::new(Full::new(body));
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = target.as_str().parse()?;
        *request.headers_mut() = parts.headers.clone();
        let (mut parts, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        for name in [header::CONNECTION, header::TRANSFER_ENCODING] {
            parts.headers.remove(name);
        }
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    fn remember(&self, headers: &HeaderMap) {
        let sent = CREDENTIALS
            .into_iter()
            .find_map(|name| Some((name.clone(), headers.get(&name)?.clone())));
        if let (Some(sent), Ok(mut accepted)) = (sent, self.accepted.lock()) {
            *accepted = Some(sent);
        }
    }

    fn remembered(&self) -> Option<(HeaderName, HeaderValue)> {
        self.accepted.lock().ok()?.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Knows one key.
    async fn ask(headers: HeaderMap) -> StatusCode {
        match headers.get("api-key").map(HeaderValue::as_bytes) {
            Some(b"good") => StatusCode::OK,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    #[tokio::test]
    async fn who_comes_after_somebody_is_let_in() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let server = listener.local_addr().expect("it listens");
        let task =
            tokio::spawn(async move { axum::serve(listener, Router::new().fallback(ask)).await });
        let door = Door {
            server,
            accepted: Arc::default(),
        };
        for (key, status) in [
            (None, 401),
            (Some("bad"), 401),
            (Some("good"), 200),
            (Some("bad"), 200),
            (None, 200),
        ] {
            let request = http::Request::get("/a?b=c");
            let request = key.map_or(http::Request::get("/a"), |key| {
                request.header("api-key", key)
            });
            let request = request.body(Body::empty()).expect("a request");
            let answer = door.answer(request).await.expect("the server answers");
            assert_eq!(answer.status().as_u16(), status, "{key:?}");
        }
        task.abort();
    }
}
