//! The HTTP listener of a door: bounded connections, bounded time for headers, and an orderly end.
//!
//! It knows nothing of what is served; limits on bodies, rates and deadlines are the contract pipeline's.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use crate::wire;

/// Connections that are open at once; further ones wait in the backlog.
const CONNECTIONS_MAX: usize = 4096;
/// How long answers in flight may take once the end was called.
const DRAIN_WITHIN: Duration = Duration::from_secs(15);

/// Serves `router` until `stop` turns true; then finishes what is in flight.
pub async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Some((stream, peer, permit)) = accepted else {
            continue;
        };
        let router = router.clone();
        let service =
            hyper::service::service_fn(move |mut request: http::Request<hyper::body::Incoming>| {
                let router = router.clone();
                request.extensions_mut().insert(ConnectInfo(peer));
                async move {
                    let answer: Result<_, Infallible> =
                        router.oneshot(request.map(axum::body::Body::new)).await;
                    answer
                }
            });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(wire::HEADERS_WITHIN)
            .max_buf_size(wire::HEADERS_MAX)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%peer, %error, "connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_WITHIN, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            seconds = DRAIN_WITHIN.as_secs(),
            "requests were still in flight when the time to drain was over"
        );
    }
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> Option<(
    tokio::net::TcpStream,
    std::net::SocketAddr,
    tokio::sync::OwnedSemaphorePermit,
)> {
    let permit = connections.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%peer, %error, "nodelay could not be set");
            }
            Some((stream, peer, permit))
        }
        Err(error) => {
            // Out of file descriptors, most likely: give others time to close theirs.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}
