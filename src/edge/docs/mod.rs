//! The pages of a door: landing page, contracts, Swagger UI, changelog and guides, the meaning of each problem, health.
//!
//! Pages and contracts are rendered once at start-up and served from memory with an `ETag`; the files of Swagger UI are inside the
//! program. Nothing is fetched from elsewhere.

mod contracts;
mod history;
mod landing;
mod problems;
mod swagger;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::api::problem::Code;
use crate::api::released::Revision;
use crate::wire::door::Core;
use crate::wire::etag;

pub use contracts::{Contract, Summary};
pub use landing::{STAFF_TOUR, TOUR};

/// What the landing page says of the world behind the door.
#[derive(Clone, Debug)]
pub struct World {
    /// Airlines that fly in it.
    pub airlines: usize,
    /// Airports that they serve.
    pub airports: usize,
    /// Departures in a week.
    pub weekly_flights: u64,
}

/// What opens the sandbox.
#[derive(Clone, Copy)]
pub struct Sandbox {
    /// The published key; `None` where no contract asks for keys.
    pub key: Option<&'static str>,
    /// Id and secret of the published OAuth client.
    pub client: (&'static str, &'static str),
}

/// What the pages need to know.
pub struct Pages {
    /// The contracts of this door, newest major first.
    pub contracts: Vec<Contract>,
    /// What was ever released of them.
    pub released: &'static [Revision],
    /// `None` where there is no sandbox.
    pub sandbox: Option<Sandbox>,
    /// Absent when the flights service runs elsewhere.
    pub world: Option<World>,
    /// What one does at this door, in a sentence.
    pub lead: &'static str,
    /// What to paste into a shell, with `{{base}}` and the sandbox's credentials to be filled in.
    pub tour: &'static str,
    /// Where the door is reached, for the commands on the page: `http://127.0.0.1:8080`.
    pub base_url: String,
}

/// The routes of the pages; `core` answers for files that are not there.
pub fn router(pages: &Pages, core: &Arc<Core>) -> Router {
    let landing = Document::new("text/html; charset=utf-8", landing::render(pages));
    let changelog = Document::new(
        "text/html; charset=utf-8",
        history::changelog(&pages.contracts),
    );
    let problems = Document::new("text/html; charset=utf-8", problems::render());
    let problems = get(move |headers: HeaderMap| async move { problems.answer(&headers) });
    let mut router = Router::new()
        .route(
            "/",
            get(move |headers: HeaderMap| async move { landing.answer(&headers) }),
        )
        .route("/problems", problems)
        .route(
            "/changelog",
            get(move |headers: HeaderMap| async move { changelog.answer(&headers) }),
        )
        .route(
            "/health",
            get(|| async { ([(header::CACHE_CONTROL, "no-store")], "ok\n") }),
        );
    for guide in history::guides(&pages.contracts) {
        let page = Document::new("text/html; charset=utf-8", guide.render());
        router = router.route(
            &guide.path(),
            get(move |headers: HeaderMap| async move { page.answer(&headers) }),
        );
    }
    for code in Code::ALL {
        let row = format!("/problems#{code}");
        let redirect = get(move || async move { Redirect::permanent(&row) });
        router = router.route(&format!("/problems/{code}"), redirect);
    }
    router
        .merge(contracts::router(&pages.contracts, pages.released))
        .merge(swagger::router(pages, core))
}

/// How long those who keep a document may do so without asking.
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A document that stands ready in memory.
#[derive(Clone)]
struct Document {
    content_type: &'static str,
    etag: String,
    cache: HeaderValue,
    bytes: Bytes,
}

impl Document {
    fn new(content_type: &'static str, text: impl Into<Bytes>) -> Arc<Self> {
        let bytes = text.into();
        let etag = etag::of_bytes(&bytes);
        Arc::new(Self {
            content_type,
            etag,
            cache: ASK_EACH_TIME,
            bytes,
        })
    }

    /// A document that never changes, named by its digest.
    fn frozen(content_type: &'static str, text: &'static str, digest: &str) -> Arc<Self> {
        Arc::new(Self {
            content_type,
            etag: format!("\"{digest}\""),
            cache: FOR_EVER,
            bytes: Bytes::from_static(text.as_bytes()),
        })
    }

    /// The document, or 304 when the caller has it (RFC 9110, If-None-Match).
    fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers
            .get(header::IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| etag::none_match_hits(value, &self.etag));
        let cache = (header::CACHE_CONTROL, self.cache.clone());
        let etag = (
            header::ETAG,
            HeaderValue::from_str(&self.etag).expect("hexadecimal digits fit a header"),
        );
        if known {
            return (StatusCode::NOT_MODIFIED, [cache, etag]).into_response();
        }
        let content_type = (
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        let nosniff = (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        let headers = [cache, etag, content_type, nosniff];
        (headers, Body::from(self.bytes.clone())).into_response()
    }
}

/// A page of this title, style and body.
fn page(title: &str, style: &str, body: &str) -> String {
    include_str!("page.html")
        .replace("{{title}}", &escape(title))
        .replace("{{style}}", style)
        .replace("{{body}}", body)
}

/// A page of text, with the way back to the landing page.
fn text_page(title: &str, body: &str) -> String {
    let body = format!("<p><a href=\"/\">Fareway</a></p>\n{body}");
    page(title, include_str!("text.css"), &body)
}

/// Text that is safe between tags and in quoted attributes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
