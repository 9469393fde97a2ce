//! The headers that tell of an end: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and the link to what comes after (RFC 8288).
//! Read from the contract once, at start; the dates stand for midnight in UTC.

use http::{HeaderMap, HeaderValue, header};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

/// What every answer of a deprecated contract or operation says.
#[derive(Debug)]
pub struct Lifecycle {
    deprecation: HeaderValue,
    sunset: HeaderValue,
    successor: Option<HeaderValue>,
}

impl Lifecycle {
    /// Of a contract, by its `info.x-lifecycle`; `None` while it is current.
    pub fn of_contract(document: &Value) -> Option<Lifecycle> {
        let lifecycle = &document["info"]["x-lifecycle"];
        (lifecycle["status"] == "deprecated").then(|| Lifecycle {
            deprecation: since(&lifecycle["deprecated"]),
            sunset: until(&lifecycle["sunset"]),
            successor: successor(&lifecycle["successor"]),
        })
    }

    /// Of an operation, by its `deprecated` and what goes with it; `None` when it stays.
    pub fn of_operation(operation: &Value) -> Option<Lifecycle> {
        (operation["deprecated"] == true).then(|| Lifecycle {
            deprecation: since(&operation["x-deprecated-since"]),
            sunset: until(&operation["x-sunset"]),
            successor: successor(&operation["x-successor"]),
        })
    }

    /// Adds the headers; the link goes beside others.
    pub fn announce(&self, headers: &mut HeaderMap) {
        headers.insert("deprecation", self.deprecation.clone());
        headers.insert("sunset", self.sunset.clone());
        if let Some(successor) = &self.successor {
            headers.append(header::LINK, successor.clone());
        }
    }
}

fn since(day: &Value) -> HeaderValue {
    header_value(&format!("@{}", midnight(day).timestamp().as_second()))
}

fn until(day: &Value) -> HeaderValue {
    let http_date = midnight(day).strftime("%a, %d %b %Y %H:%M:%S GMT");
    header_value(&http_date.to_string())
}

fn successor(path: &Value) -> Option<HeaderValue> {
    let path = path.as_str()?;
    Some(header_value(&format!(
        "<{path}>; rel=\"successor-version\""
    )))
}

fn midnight(day: &Value) -> jiff::Zoned {
    let day: Option<Date> = day.as_str().and_then(|day| day.parse().ok());
    day.and_then(|day| day.to_zoned(TimeZone::UTC).ok())
        .expect("the generator accepts valid dates only")
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("dates and paths of a contract fit a header")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_current_says_nothing_and_links_stand_side_by_side() {
        let current = json!({"info": {"x-lifecycle": {"status": "current"}}});
        assert!(Lifecycle::of_contract(&current).is_none());
        assert!(Lifecycle::of_operation(&json!({})).is_none());
        let ending = json!({"info": {"x-lifecycle": {
            "status": "deprecated", "deprecated": "2026-11-01", "sunset": "2028-12-01", "successor": "/public/v2",
        }}});
        let mut headers = HeaderMap::new();
        headers.insert(header::LINK, HeaderValue::from_static("</x>; rel=\"next\""));
        let lifecycle = Lifecycle::of_contract(&ending).expect("it is deprecated");
        lifecycle.announce(&mut headers);
        assert_eq!(headers["deprecation"], "@1793491200");
        assert_eq!(headers["sunset"], "Fri, 01 Dec 2028 00:00:00 GMT");
        let links: Vec<_> = headers.get_all(header::LINK).iter().collect();
        assert_eq!(
            links,
            [
                "</x>; rel=\"next\"",
                "</public/v2>; rel=\"successor-version\""
            ]
        );
    }
}
