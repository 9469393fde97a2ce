//! Tokens for clients (RFC 6749, section 4.4), at every door that takes them. A refusal is told as section 5.2 has it, and only
//! what is the fault of nobody but ours is a problem.

use crate::api::problem::Code;
use crate::api::shared::{AccessToken, TokenError, operations as op};
use crate::rpc::identity::v1::{CredentialsClient, IssueTokenRequest};
use crate::wire::problem::Problem;
use crate::wire::visitor::{Authorization, Visitor};

use super::call::ANSWER_WITHIN;

/// `Cache-Control` of every answer: secrets are in them.
const NOT_KEPT: &str = "no-store";
/// What a client is told that named itself by HTTP Basic in vain.
const CHALLENGE: &str = "Basic realm=\"fareway\"";

/// Exchanges a client's secret for a token that is good at the doors of an audience.
///
/// # Errors
/// What keeps the service from answering.
pub async fn grant(
    credentials: &CredentialsClient,
    audience: &str,
    visitor: &Visitor,
    request: op::CreateTokenInput,
) -> Result<op::CreateToken, Problem> {
    let input = match request.body {
        Ok(input) => input,
        Err(problem) => return Ok(refused("invalid_request", problem.detail())),
    };
    if input.grant_type != "client_credentials" {
        let detail = "the grant_type is client_credentials";
        return Ok(refused("unsupported_grant_type", detail));
    }
    let named_by_header = visitor.authorization != Authorization::Absent;
    let challenge = named_by_header.then(|| CHALLENGE.to_owned());
    let (client_id, client_secret) =
        match (&visitor.authorization, input.client_id, input.client_secret) {
            // Another scheme in the header is not about the client.
            (Authorization::Absent | Authorization::Unreadable, Some(id), Some(secret)) => {
                (id, secret)
            }
            (Authorization::Basic { user, password }, id, None)
                if id.as_ref().is_none_or(|id| id == user) =>
            {
                (user.clone(), password.clone())
            }
            (Authorization::Basic { .. }, ..) => {
                let detail = "name the client by HTTP Basic or in the form, not by both";
                return Ok(refused("invalid_request", detail));
            }
            (Authorization::Absent | Authorization::Unreadable, ..) => {
                let detail = "name the client and its secret by HTTP Basic or in the form";
                return Ok(nobody(challenge, detail));
            }
        };
    let scope = input.scope.unwrap_or_default();
    let asked = IssueTokenRequest {
        client_id,
        client_secret,
        audience: audience.to_owned(),
        scopes: scope.split_ascii_whitespace().map(str::to_owned).collect(),
    };
    let issued = credentials.issue_token(asked, ANSWER_WITHIN).await;
    match issued.map_err(Problem::from) {
        Ok(token) => Ok(op::CreateToken::Ok {
            cache_control: NOT_KEPT.to_owned(),
            body: AccessToken {
                access_token: token.access_token,
                token_type: "Bearer".to_owned(),
                expires_in: i32::try_from(token.expires_in_seconds).unwrap_or(i32::MAX),
                scope: token.scopes.join(" "),
            },
        }),
        Err(problem) => match problem.code() {
            Code::Unauthenticated => Ok(nobody(
                challenge,
                "the client is unknown or its secret is wrong",
            )),
            Code::InsufficientScope => Ok(refused("invalid_scope", problem.detail())),
            _ => Err(problem),
        },
    }
}

fn refused(error: &str, description: &str) -> op::CreateToken {
    op::CreateToken::BadRequest {
        cache_control: NOT_KEPT.to_owned(),
        body: told(error, description),
    }
}

fn nobody(challenge: Option<String>, description: &str) -> op::CreateToken {
    op::CreateToken::Unauthorized {
        www_authenticate: challenge,
        cache_control: NOT_KEPT.to_owned(),
        body: told("invalid_client", description),
    }
}

/// RFC 6749 lets only printable ASCII without quotation marks and backslashes stand in a description.
fn told(error: &str, description: &str) -> TokenError {
    let plain = |character: char| match character {
        '"' | '\\' => '\'',
        ' '..='~' => character,
        _ => '?',
    };
    TokenError {
        error: error.to_owned(),
        error_description: description.chars().map(plain).take(1000).collect(),
    }
}
