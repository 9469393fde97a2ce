//! The golden contract implemented, behind a door, and how tests talk to it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::golden::public_v9::operations::{
    CreateThing, CreateThingInput, CreateToken, CreateTokenInput, DeleteThing, DeleteThingInput,
    GetThing, GetThingInput, UpdateThing, UpdateThingInput,
};
use super::golden::public_v9::types::{Grant, Thing, ThingInput, TokenRefusal};
use super::golden::public_v9::{CONTRACT, NAME, PublicV9, routes};
use crate::api::problem::Code;
use crate::kernel::chance::Chance;
use crate::kernel::clock::Clock;
use crate::platform::auth::{Authenticator, Caller};
use crate::platform::limits::{Limits, Policy};
use crate::platform::status::refuse;
use crate::rpc::identity::v1::credentials_server::Credentials;
use crate::rpc::identity::v1::{
    CredentialsClient, IssueTokenRequest, Principal, Token, VerifyCredentialRequest,
};
use crate::wire::contract::Contract;
use crate::wire::door::{Core, Door, with_fallbacks};
use crate::wire::problem::Problem;
use crate::wire::visitor::{Authorization, Visitor};

/// Knows two keys: one may do everything, the other only read.
pub struct TwoKeys;

#[tonic::async_trait]
impl Credentials for TwoKeys {
    async fn verify_credential(
        &self,
        request: tonic::Request<VerifyCredentialRequest>,
    ) -> Result<tonic::Response<Principal>, tonic::Status> {
        let scopes = match request.get_ref().secret.as_str() {
            "writer" => vec!["things:read".to_owned(), "things:write".to_owned()],
            "reader" => vec!["things:read".to_owned()],
            "broken" => {
                return Err(tonic::Status::unavailable(
                    "10.0.0.7 refused the connection",
                ));
            }
            _ => return Err(refuse(Code::Unauthenticated, "nobody has this key")),
        };
        Ok(tonic::Response::new(Principal {
            account_id: "acc_1".to_owned(),
            key_id: request.get_ref().secret.clone(),
            scopes,
            ..Principal::default()
        }))
    }

    async fn issue_token(
        &self,
        _: tonic::Request<IssueTokenRequest>,
    ) -> Result<tonic::Response<Token>, tonic::Status> {
        Err(tonic::Status::unimplemented("these tests issue no tokens"))
    }
}

/// Does what the name of the thing says.
#[derive(Clone)]
pub struct Things;

pub fn thing(kind: &str) -> Thing {
    Thing {
        id: "thg_1".to_owned(),
        kind: kind.to_owned(),
        amount: 7,
        maker: None,
        r#type: "https://fareway.example/things/1".to_owned(),
        labels: None,
    }
}

impl PublicV9 for Things {
    async fn create_thing(
        &self,
        caller: Caller,
        request: CreateThingInput,
    ) -> Result<CreateThing, Problem> {
        let name = match request.body {
            ThingInput::Small(small) => small.name,
            ThingInput::Large(large) => {
                assert_eq!(large.weight, 28);
                return Ok(CreateThing::Accepted {
                    retry_in: Some(3),
                    body: thing("large"),
                });
            }
        };
        match name.as_str() {
            "refused" => Err(Problem::new(Code::InvalidState, "not now")),
            "undeclared" => Err(Problem::new(Code::NotFound, "secret")),
            "panic" => panic!("secret"),
            "slow" => std::future::pending().await,
            _ => Ok(CreateThing::Created {
                location: format!("/public/v9/things/{}", caller.account_id),
                etag: "\"1\"".to_owned(),
                idempotency_replayed: false,
                body: thing(&request.idempotency_key),
            }),
        }
    }

    async fn get_thing(&self, _: Caller, request: GetThingInput) -> Result<GetThing, Problem> {
        if request.if_none_match.is_some() {
            return Ok(GetThing::NotModified);
        }
        let seen = format!(
            "{:?} {:?} {:?} {:?}",
            request.sort, request.limit, request.full, request.on
        );
        let mut body = thing("small");
        body.labels = Some([("seen".to_owned(), seen)].into());
        Ok(GetThing::Ok {
            etag: "\"1\"".to_owned(),
            body,
        })
    }

    async fn update_thing(&self, _: Caller, _: UpdateThingInput) -> Result<UpdateThing, Problem> {
        Ok(UpdateThing::NoContent)
    }

    async fn delete_thing(
        &self,
        caller: Caller,
        _: DeleteThingInput,
    ) -> Result<DeleteThing, Problem> {
        assert_eq!(caller.account_id, "acc_1");
        Ok(DeleteThing::NoContent)
    }

    /// Gives a token that tells what was understood.
    async fn create_token(
        &self,
        visitor: Visitor,
        request: CreateTokenInput,
    ) -> Result<CreateToken, Problem> {
        let refusal = |error: &str, why: &str| TokenRefusal {
            error: error.to_owned(),
            error_description: Some(why.to_owned()),
        };
        let body = match request.body {
            Ok(body) => body,
            Err(problem) => {
                return Ok(CreateToken::BadRequest {
                    body: refusal("invalid_request", problem.detail()),
                });
            }
        };
        let Authorization::Basic { user, password } = visitor.authorization else {
            return Ok(CreateToken::Unauthorized {
                www_authenticate: Some("Basic realm=\"things\"".to_owned()),
                body: refusal("invalid_client", "say who you are"),
            });
        };
        Ok(CreateToken::Ok {
            cache_control: "no-store".to_owned(),
            body: Grant {
                access_token: format!("{user} {password} {} {:?}", body.grant_type, body.scope),
            },
        })
    }
}

pub fn door(undeclared_problem_panics: bool) -> Router {
    let policies = ["read", "book", "token", "door"].map(|name| Policy {
        name,
        a_minute: 50.try_into().expect("50 is not 0"),
    });
    let contract = Arc::new(Contract::new(NAME, CONTRACT));
    let core = Arc::new(Core {
        contracts: vec![Arc::clone(&contract)],
        authenticator: Authenticator::new(CredentialsClient::local(Arc::new(TwoKeys)), None),
        limits: Arc::new(Limits::new(&policies)),
        clock: Clock::manual(0),
        chance: Chance::seeded(1),
        undeclared_problem_panics,
    });
    let routes = routes::router(Door::new(Arc::clone(&core), contract, Things));
    with_fallbacks(routes, &core)
}

/// An exchange: status, headers and body, which is null when there is none.
pub async fn exchange(router: &Router, request: Request<Body>) -> (Response<()>, Value) {
    let response = router
        .clone()
        .oneshot(request)
        .await
        .expect("a router does not fail");
    let (parts, body) = response.into_parts();
    let bytes = body
        .collect()
        .await
        .expect("the body is in memory")
        .to_bytes();
    let body = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&bytes).expect("bodies are JSON")
    };
    (Response::from_parts(parts, ()), body)
}

pub fn request(method: &str, uri: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(uri)
        .header("api-key", "writer")
}

pub fn get(uri: &str) -> Request<Body> {
    request("GET", uri).body(Body::empty()).expect("a request")
}

pub fn post(body: impl Into<Body>) -> Request<Body> {
    request("POST", "/public/v9/things")
        .header("content-type", "application/json")
        .header("idempotency-key", "k")
        .body(body.into())
        .expect("a request")
}

pub fn small(name: &str) -> String {
    json!({"type": "small", "name": name, "made_on": "2027-03-01"}).to_string()
}

/// Status and code of each request, and that a failure is a problem document with the headers of every answer.
pub async fn answers(router: &Router, cases: Vec<(&str, Request<Body>, u16, &str)>) {
    for (what, request, status, code) in cases {
        let (response, body) = exchange(router, request).await;
        assert_eq!(response.status().as_u16(), status, "{what}: {body}");
        assert_eq!(
            body["code"].as_str().unwrap_or_default(),
            code,
            "{what}: {body}"
        );
        let headers = response.headers();
        assert!(
            headers.contains_key("request-id") && headers.contains_key("ratelimit"),
            "{what}"
        );
        if status >= 400 {
            assert_eq!(
                headers["content-type"], "application/problem+json",
                "{what}"
            );
            assert_eq!(
                body["request_id"],
                headers["request-id"].to_str().expect("text"),
                "{what}"
            );
        }
    }
}
