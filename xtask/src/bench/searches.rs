//! The searches to measure, found by asking: pairs of large airports with a non-stop flight, and pairs without one.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::load::Connection;
use crate::sandbox::KEY;

/// A date that lies ahead of the sandbox's frozen clock.
const DATE: &str = "2027-03-15";
/// Different searches of a kind: enough that no cache of the CPU holds all they touch.
const SEARCHES: usize = 200;
/// Large airports of all continents, some without any flight between them.
const AIRPORTS: [&str; 24] = [
    "LHR", "CDG", "FRA", "MAD", "LIS", "OSL", "IST", "ATH", "DXB", "DEL", "BKK", "SIN", "HKG",
    "NRT", "SYD", "AKL", "JNB", "NBO", "GRU", "EZE", "MEX", "LAX", "JFK", "YVR",
];

/// A kind of search, as it is asked of both servers.
pub struct Kind {
    pub name: &'static str,
    pub of_fareway: Vec<Vec<u8>>,
    pub of_floor: Vec<Vec<u8>>,
    offers: usize,
}

impl Kind {
    /// What was searched, in one line.
    pub fn describe(&self) -> String {
        let count = self.of_fareway.len();
        format!(
            "{}: {count} different searches, one adult one way, {} offers an answer on average",
            self.name,
            self.offers / count
        )
    }
}

/// Asks the server at `door` and keeps its answers in `folder` for the floor.
///
/// # Errors
///
/// When an answer is no 201, or a kind finds no offers anywhere.
pub async fn pick(door: SocketAddr, folder: &Path) -> Result<Vec<Kind>> {
    let kind = |name| Kind {
        name,
        of_fareway: Vec::new(),
        of_floor: Vec::new(),
        offers: 0,
    };
    let mut kinds = vec![kind("non-stop"), kind("one-stop")];
    let mut connection = Connection::open(door).await?;
    let pairs = AIRPORTS
        .iter()
        .flat_map(|origin| AIRPORTS.iter().map(move |to| (origin, to)));
    let mut number = 0;
    for (origin, destination) in pairs.filter(|(origin, to)| origin != to) {
        // A pair with a non-stop flight stands for that kind only, so the two stay apart.
        for (connections, kind) in kinds.iter_mut().enumerate() {
            let body = json!({
                "slices": [{"origin": origin, "destination": destination, "departure_date": DATE}],
                "passengers": [{"ptc": "ADT"}],
                "max_connections": connections,
            });
            let request = request("/public/v2/offer-requests", &body, "");
            let answer = connection.ask(&request).await?;
            let offers = offers(answer)?;
            if offers == 0 {
                continue;
            }
            if kind.of_fareway.len() < SEARCHES {
                std::fs::write(folder.join(number.to_string()), answer)?;
                kind.of_fareway.push(request);
                kind.of_floor
                    .push(self::request(&format!("/{number}"), &body, ""));
                kind.offers += offers;
                number += 1;
            }
            break;
        }
    }
    for kind in &kinds {
        ensure!(
            !kind.of_fareway.is_empty(),
            "no {} search finds an offer",
            kind.name
        );
    }
    Ok(kinds)
}

fn offers(answer: &[u8]) -> Result<usize> {
    let answer: Value = serde_json::from_slice(answer)?;
    Ok(answer["offers"]
        .as_array()
        .context("an answer without offers")?
        .len())
}

/// A request with this body and these further header lines.
pub fn request(path: &str, body: &Value, headers: &str) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nApi-Key: {KEY}\r\nAccept: application/json\r\n{headers}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
