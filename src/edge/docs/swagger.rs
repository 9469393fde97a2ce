//! Swagger UI, from files inside the program: every contract of the door in its list, the sandbox's credentials already in place.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderValue, header};
use serde_json::json;
use utoipa_swagger_ui::{Config, Url};

use super::{Pages, Sandbox};
use crate::api::problem::Code;
use crate::wire::door::Core;

/// What the vendored start script calls to build the page; the key is put in place once the page stands.
const BUILDS_PAGE: &str = "window.ui = SwaggerUIBundle({";
/// Puts the first example of a form into its members, for Swagger UI shows only those.
const FILLS_FORMS: &str = include_str!("forms.js");
/// The title of the vendored page, and what stands there instead.
const TITLE: &str = "<title>Swagger UI</title>";
const HEAD: &str = include_str!("swagger-head.html");

/// Routes of Swagger UI below `/docs/`.
pub fn router(pages: &Pages, core: &Arc<Core>) -> Router {
    let urls = pages.contracts.iter().map(|contract| {
        let summary = contract.summary;
        let name = summary.entry();
        // Swagger UI's settings borrow their texts; these live as long as the program, and are few.
        Url::new(name.leak(), format!("{}.json", contract.path()).leak())
    });
    let config = Config::new(urls)
        .validator_url("none")
        .deep_linking(true)
        .display_request_duration(true)
        .display_operation_id(false)
        .doc_expansion("list")
        .default_models_expand_depth(0)
        .persist_authorization(true)
        .try_it_out_enabled(true)
        .filter(true);
    let config = Arc::new(config);
    let credentials = pages.sandbox.map(|sandbox| credentials(pages, &sandbox));
    let credentials: Option<Arc<str>> = credentials.map(Arc::from);
    let core = Arc::clone(core);
    let file = move |request: Request| {
        let (config, core) = (Arc::clone(&config), Arc::clone(&core));
        let credentials = credentials.clone();
        async move {
            // The names of the files are plain, so an encoded path is none of them.
            let path = request
                .uri()
                .path()
                .strip_prefix("/docs/")
                .unwrap_or_default();
            match file(path, config, credentials.as_deref()) {
                Ok(found) => found,
                Err(code) => core.turn_away(request, code).await,
            }
        }
    };
    Router::new()
        .route("/docs", get(|| async { Redirect::permanent("/docs/") }))
        .route("/docs/", get(file.clone()))
        .route("/docs/{*path}", get(file))
}

/// What puts the sandbox's credentials in place whenever a contract is shown: the key at once, the client into the dialogue.
fn credentials(pages: &Pages, sandbox: &Sandbox) -> String {
    let key = sandbox.key.map_or_else(String::new, |key| {
        format!("window.ui.preauthorizeApiKey(\"apiKey\", \"{key}\"); ")
    });
    let (id, secret) = sandbox.client;
    let scopes: Vec<String> = pages
        .contracts
        .iter()
        .flat_map(|contract| contract.summary.scopes.clone())
        .collect();
    let client = json!({"clientId": id, "clientSecret": secret, "scopes": scopes});
    format!("{key}window.ui.initOAuth({client});")
}

fn file(
    path: &str,
    config: Arc<Config<'static>>,
    credentials: Option<&str>,
) -> Result<Response, Code> {
    let found = match utoipa_swagger_ui::serve(path, config) {
        Ok(Some(found)) => found,
        Ok(None) => return Err(Code::NotFound),
        Err(error) => {
            tracing::error!(path, %error, "a file of swagger ui could not be rendered");
            return Err(Code::Internal);
        }
    };
    let mut bytes = found.bytes.into_owned();
    if path == "swagger-initializer.js" {
        let script = String::from_utf8_lossy(&bytes);
        let complete = credentials.unwrap_or_default();
        let settings = format!(
            "{BUILDS_PAGE}\n    onComplete: () => {{ {complete} }},\n    responseInterceptor: {FILLS_FORMS},"
        );
        bytes = script.replacen(BUILDS_PAGE, &settings, 1).into_bytes();
    } else if path.is_empty() || path == "index.html" {
        let page = String::from_utf8_lossy(&bytes);
        bytes = page.replacen(TITLE, HEAD, 1).into_bytes();
    }
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    if let Ok(content_type) = HeaderValue::try_from(found.content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    if found.gzpipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}
