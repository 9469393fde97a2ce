//! The one pipeline that every request of a contract goes through, fused into a single function: layers stacked one by one cost as
//! much as a search. Order: request id, credential, scope, rate limit, Accept, body; then the handler reads parameters and body
//! under the deadline; then headers for all, and one line of log.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use bytes::Bytes;
use futures_util::FutureExt;
use http::request::Parts;
use http::{HeaderValue, header};

use super::call::Call;
use super::contract::Contract;
use super::operation::{Credential, Operation};
use super::problem::Problem;
use super::reply::Success;
use super::{body, headers};
use crate::api::problem::Code;
use crate::kernel::chance::Chance;
use crate::kernel::clock::Clock;
use crate::kernel::id::RequestId;
use crate::platform::auth::{Authenticator, Caller};
use crate::platform::limits::{Limits, Verdict};

/// What all contracts of a listener share.
pub struct Core {
    /// The contracts that it keeps.
    pub contracts: Vec<Arc<Contract>>,
    /// Turns credentials into callers.
    pub authenticator: Authenticator,
    /// How often callers may ask.
    pub limits: Arc<Limits>,
    /// The wall clock, for request ids.
    pub clock: Clock,
    /// Chance, for request ids.
    pub chance: Chance,
    /// Whether a problem that the contract does not list for the operation panics (tests), or is logged and answered as 500.
    pub undeclared_problem_panics: bool,
}

/// A contract's door: the implementation behind it, and what it shares with others.
#[derive(Clone)]
pub struct Door<A> {
    core: Arc<Core>,
    contract: Arc<Contract>,
    api: A,
}

/// What is known of a request for its log line and headers.
struct Trace {
    request_id: String,
    started: Instant,
    verdict: Option<Verdict>,
    account_id: String,
}

impl<A: Clone + Send + Sync + 'static> Door<A> {
    /// A door to `api`, by a contract.
    pub fn new(core: Arc<Core>, contract: Arc<Contract>, api: A) -> Door<A> {
        Door {
            core,
            contract,
            api,
        }
    }

    /// Serves one request of an operation.
    pub async fn serve<S, F, R>(
        self,
        operation: &'static Operation,
        request: Request,
        handle: F,
    ) -> Response
    where
        S: Success,
        F: FnOnce(A, Call) -> R + Send,
        R: Future<Output = Result<S, Problem>> + Send,
    {
        let core = Arc::clone(&self.core);
        let mut trace = core.trace(&request);
        let deadline = Duration::from_millis(operation.deadline_ms);
        let log = LogLine::of(&request);
        let answer = tokio::time::timeout(deadline, async {
            let (parts, unread) = request.into_parts();
            let caller = match core.admit(operation, &parts, &mut trace).await {
                Ok(caller) => caller,
                Err(problem) => {
                    body::discard(unread);
                    return Err(problem);
                }
            };
            let bytes = match operation.body {
                // The other half of the time is for the handler.
                Some(_) => body::collect(unread, operation.body_limit, deadline / 2).await,
                None => {
                    body::discard(unread);
                    Ok(Bytes::new())
                }
            };
            let call = Call {
                caller,
                request_id: trace.request_id.clone(),
                contract: Arc::clone(&self.contract),
                operation,
                parts,
                bytes,
            };
            let handled = AssertUnwindSafe(handle(self.api, call))
                .catch_unwind()
                .await;
            handled.unwrap_or_else(|panic| {
                tracing::error!(
                    operation = operation.id,
                    panic = panic_text(&*panic),
                    "a handler panicked"
                );
                Err(Problem::new(Code::Internal, Code::Internal.title()))
            })
        });
        let answer = answer.await.unwrap_or_else(|_| {
            Err(Problem::new(
                Code::DeadlineExceeded,
                "the answer took longer than the deadline allows",
            ))
        });
        let (mut response, code) = match answer {
            Ok(success) => (success.into_reply().into_response(), ""),
            Err(problem) => {
                let problem = core.declared(operation, problem);
                let code = problem.code().as_str();
                (problem.into_response(&trace.request_id), code)
            }
        };
        if let Some(lifecycle) = self.contract.lifecycle_of(operation.id) {
            lifecycle.announce(response.headers_mut());
        }
        core.finish(&trace, &log, operation.id, code, &mut response);
        response
    }
}

impl Core {
    fn trace(&self, request: &Request) -> Trace {
        let request_id = match headers::request_id(request.headers()) {
            Some(id) => id.to_owned(),
            None => RequestId::new(self.clock.now_us(), &self.chance).into(),
        };
        Trace {
            request_id,
            started: Instant::now(),
            verdict: None,
            account_id: String::new(),
        }
    }

    /// Lets a request in, or says why not: credential, scope, limit, Accept, in this order.
    async fn admit(
        &self,
        operation: &'static Operation,
        parts: &Parts,
        trace: &mut Trace,
    ) -> Result<Option<Caller>, Problem> {
        let (secret, noun) = match operation.credential {
            Credential::ApiKey => (headers::api_key(&parts.headers), "key"),
            Credential::Bearer => (headers::bearer(&parts.headers), "token"),
            Credential::None => {
                trace.verdict = Some(self.limits.take(operation.policy, &peer(parts)));
                if let Some(problem) = limited(trace) {
                    return Err(problem);
                }
                headers::acceptable(&parts.headers, operation.produces)?;
                return Ok(None);
            }
        };
        let identified = match secret {
            Ok(secret) => self.identify(operation, secret, trace).await,
            Err(problem) => Err(problem),
        };
        let caller = match identified {
            Ok(caller) => caller,
            Err(problem) => {
                // Guessing secrets, or hammering without one, draws from a bucket that all strangers share.
                trace.verdict = Some(self.limits.take("door", ""));
                return Err(limited(trace).unwrap_or(problem));
            }
        };
        trace.account_id.clone_from(&caller.account_id);
        trace.verdict = Some(self.limits.take(operation.policy, &caller.key_id));
        if !caller.may(operation.scope) {
            return Err(Problem::new(
                Code::InsufficientScope,
                format!("the {noun} lacks {}", operation.scope),
            ));
        }
        if let Some(problem) = limited(trace) {
            return Err(problem);
        }
        headers::acceptable(&parts.headers, operation.produces)?;
        Ok(Some(caller))
    }

    async fn identify(
        &self,
        operation: &'static Operation,
        secret: &str,
        trace: &Trace,
    ) -> Result<Caller, Problem> {
        let deadline = Duration::from_millis(operation.deadline_ms);
        self.authenticator
            .authenticate(secret, operation.audience, &trace.request_id, deadline)
            .await
            .map_err(|status| match Problem::from(status) {
                problem if problem.code() == Code::Unauthenticated => {
                    headers::refused(operation.credential, problem.detail())
                }
                problem => problem,
            })
    }

    /// A problem that the contract does not list for the operation is a fault of ours.
    fn declared(&self, operation: &'static Operation, problem: Problem) -> Problem {
        if operation.problems.contains(&problem.code()) {
            return problem;
        }
        assert!(
            !self.undeclared_problem_panics,
            "{} answered `{}`, which its x-problems do not list: {}",
            operation.id,
            problem.code(),
            problem.detail(),
        );
        tracing::error!(
            operation = operation.id,
            code = problem.code().as_str(),
            detail = problem.detail(),
            "an operation answered a problem that its contract does not list"
        );
        Problem::new(Code::Internal, Code::Internal.title())
    }

    /// Answers a request that is for no operation: the path is unknown, or does not take the method.
    pub async fn turn_away(&self, request: Request, code: Code) -> Response {
        let mut trace = self.trace(&request);
        let log = LogLine::of(&request);
        trace.verdict = Some(self.limits.take("door", ""));
        body::discard(request.into_body());
        let problem = limited(&trace).unwrap_or_else(|| Problem::new(code, code.title()));
        let code = problem.code().as_str();
        let mut response = problem.into_response(&trace.request_id);
        let contract = self.contracts.iter().find(|one| one.covers(&log.path));
        if let Some(lifecycle) = contract.and_then(|contract| contract.lifecycle()) {
            lifecycle.announce(response.headers_mut());
        }
        self.finish(&trace, &log, "", code, &mut response);
        response
    }

    /// Adds the headers of every answer, and writes the line of the log.
    fn finish(
        &self,
        trace: &Trace,
        log: &LogLine,
        operation: &str,
        code: &str,
        response: &mut Response,
    ) {
        let answer = response.headers_mut();
        put(answer, "request-id", &trace.request_id);
        if let Some(verdict) = &trace.verdict {
            put(answer, "ratelimit", &verdict.limit_header());
            put(answer, "ratelimit-policy", &verdict.policy_header());
        }
        tracing::info!(
            target: "fareway::access",
            request_id = trace.request_id,
            traceparent = said(&log.traceparent),
            method = log.method,
            path = log.path,
            operation = said(operation),
            status = response.status().as_u16(),
            code = said(code),
            account_id = said(&trace.account_id),
            us = trace.started.elapsed().as_micros(),
            "answered"
        );
    }
}

/// Makes a router answer unknown paths and wrong methods (with `Allow`) as problems too.
pub fn with_fallbacks(router: axum::Router, core: &Arc<Core>) -> axum::Router {
    let (unknown, wrong) = (Arc::clone(core), Arc::clone(core));
    router
        .method_not_allowed_fallback(move |request: Request| async move {
            wrong.turn_away(request, Code::MethodNotAllowed).await
        })
        .fallback(move |request: Request| async move {
            unknown.turn_away(request, Code::NotFound).await
        })
}

/// The part of a request that its log line shows; the query is left out, for it may say who travels.
struct LogLine {
    method: String,
    path: String,
    traceparent: String,
}

impl LogLine {
    fn of(request: &Request) -> LogLine {
        let traceparent = request
            .headers()
            .get("traceparent")
            .and_then(|value| value.to_str().ok());
        LogLine {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            traceparent: traceparent
                .filter(|value| value.len() <= 128)
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

/// What is worth a place in the log line.
fn said(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn limited(trace: &Trace) -> Option<Problem> {
    let verdict = trace.verdict.filter(|verdict| !verdict.allowed)?;
    let detail = format!(
        "the quota of `{}` is used up; wait {} s",
        verdict.policy, verdict.seconds
    );
    Some(
        Problem::new(Code::RateLimited, detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from(verdict.seconds)),
    )
}

/// The address that a request comes from, which the listener tells; of IPv6 the part that one subscriber has.
fn peer(parts: &Parts) -> String {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    match peer.map(|ConnectInfo(peer)| peer.ip().to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("{:x?}", &address.segments()[..4]),
        None => String::new(),
    }
}

fn put(headers: &mut http::HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}
