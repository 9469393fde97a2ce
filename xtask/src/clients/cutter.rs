//! A door that loses answers: the first request with each idempotency key reaches the server and takes effect there, and then the
//! connection is cut instead of answered. A client that repeats the request with the same key gets what it ordered, once.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Error, Result, bail};
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

struct Cutter {
    server: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
    cut: Mutex<HashSet<Bytes>>,
}

/// Opens such a door before a server; gives its address.
///
/// # Errors
///
/// When no address is free.
pub async fn open(server: SocketAddr) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let cutter = Arc::new(Cutter {
        server,
        client: Client::builder(TokioExecutor::new()).build_http(),
        cut: Mutex::default(),
    });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let cutter = cutter.clone();
            tokio::spawn(async move {
                let service = service_fn(|request| cutter.pass(request));
                let connection = hyper::server::conn::http1::Builder::new();
                // An error of the service ends the connection without an answer, which is the purpose.
                let _ = connection
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Ok(address)
}

impl Cutter {
    async fn pass(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
        let (mut head, body) = request.into_parts();
        let key = head
            .headers
            .get("idempotency-key")
            .map(|key| Bytes::copy_from_slice(key.as_bytes()));
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = format!("http://{}{path}", self.server).parse()?;
        head.headers.remove(header::HOST);
        let body = Full::new(body.collect().await?.to_bytes());
        let answer = self.client.request(Request::from_parts(head, body)).await?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        if key.is_some_and(|key| self.is_first(key)) {
            bail!("cut");
        }
        Ok::<_, Error>(Response::from_parts(head, Full::new(body)))
    }

    fn is_first(&self, key: Bytes) -> bool {
        self.cut
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key)
    }
}
