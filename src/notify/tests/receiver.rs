//! An endpoint on this machine: it answers as it is told and keeps what it got.

use std::collections::{HashMap, VecDeque};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// What an endpoint got.
#[derive(Debug)]
pub struct Got {
    /// By their names in lower case.
    pub headers: HashMap<String, String>,
    pub body: String,
}

/// An endpoint; it ends with this.
pub struct Receiver {
    pub url: String,
    got: mpsc::UnboundedReceiver<Got>,
    _task: JoinSet<()>,
}

/// An answer that never comes.
pub const SILENCE: &str = "";

impl Receiver {
    /// Gives these answers (status line and headers) in turn, and 204 from then on.
    pub async fn answering(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let mut answers: VecDeque<&'static str> = answers.iter().copied().collect();
        let (told, got) = mpsc::unbounded_channel();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut silent = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.expect("it listens");
                let request = read(&mut stream).await;
                drop(told.send(request));
                match answers.pop_front().unwrap_or("204 No Content") {
                    SILENCE => silent.push(stream),
                    answer => {
                        let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n");
                        // Who asked may have gone.
                        drop(stream.write_all(answer.as_bytes()).await);
                    }
                }
            }
        });
        Self {
            url: format!("http://{address}/hook"),
            got,
            _task: task,
        }
    }

    /// The next request; waits for it.
    pub async fn next(&mut self) -> Got {
        self.got.recv().await.expect("it listens")
    }

    /// The bodies of all requests so far.
    pub fn bodies(&mut self) -> Vec<String> {
        let mut bodies = Vec::new();
        while let Ok(got) = self.got.try_recv() {
            bodies.push(got.body);
        }
        bodies
    }
}

async fn read(stream: &mut TcpStream) -> Got {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).await.expect("a head");
        bytes.extend(byte);
    }
    let head = String::from_utf8(bytes).expect("text");
    let headers: HashMap<String, String> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let len: usize = headers["content-length"].parse().expect("a number");
    let mut body = vec![0; len];
    stream.read_exact(&mut body).await.expect("a body");
    Got {
        headers,
        body: String::from_utf8(body).expect("text"),
    }
}
