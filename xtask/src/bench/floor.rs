//! The floor: what axum costs that reads a request and answers the bytes of a file, and does nothing else.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::routing::post;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

/// Where to listen and what to answer.
#[derive(clap::Args)]
pub struct Args {
    address: SocketAddr,
    /// Files called 0, 1, 2…: `POST /1` answers the second
    answers: PathBuf,
}

/// Serves until Ctrl-C.
///
/// # Errors
///
/// When the answers cannot be read or the address is taken.
#[tokio::main]
pub async fn run(args: Args) -> Result<()> {
    let mut answers: Vec<Bytes> = Vec::new();
    while let Ok(answer) = std::fs::read(args.answers.join(answers.len().to_string())) {
        answers.push(answer.into());
    }
    let listener = TcpListener::bind(args.address).await?.tap_io(|stream| {
        // Without it the kernel waits for more, which is no cost of axum's.
        drop(stream.set_nodelay(true));
    });
    let stop = async { tokio::signal::ctrl_c().await.unwrap_or(()) };
    axum::serve(listener, router(answers))
        .with_graceful_shutdown(stop)
        .await
        .context("the floor gave way")
}

pub fn router(answers: Vec<Bytes>) -> Router {
    Router::new()
        .route("/{number}", post(answer))
        .with_state(answers)
}

async fn answer(
    State(answers): State<Vec<Bytes>>,
    Path(number): Path<usize>,
    _body: Bytes,
) -> Result<(StatusCode, [(header::HeaderName, &'static str); 1], Bytes), StatusCode> {
    let answer = answers.get(number).ok_or(StatusCode::NOT_FOUND)?;
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((StatusCode::CREATED, json, answer.clone()))
}
