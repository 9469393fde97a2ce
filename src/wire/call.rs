//! An admitted request as the generated routes take it apart: who asks, with which parameters, and with which body.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use serde::de::DeserializeOwned;
use validator::Validate;

use super::contract::Contract;
use super::operation::{Body, Operation};
use super::parameters::{Given, demanded};
use super::problem::Problem;
use super::visitor::{Authorization, Visitor};
use super::{body, headers};
use crate::platform::auth::Caller;

/// An admitted request, for the generated route to take apart.
pub struct Call {
    pub(super) caller: Option<Caller>,
    pub(super) request_id: String,
    pub(super) contract: Arc<Contract>,
    pub(super) operation: &'static Operation,
    pub(super) parts: Parts,
    pub(super) bytes: Result<Bytes, Problem>,
}

impl Call {
    /// Who asks, of an operation that takes a credential.
    ///
    /// # Errors
    /// `internal` when the operation takes none.
    pub fn caller(self) -> Result<Caller, Problem> {
        demanded(self.caller)
    }

    /// Who asks, of an operation that takes no credential.
    pub fn visitor(self) -> Visitor {
        Visitor {
            request_id: self.request_id,
            deadline: Duration::from_millis(self.operation.deadline_ms),
            authorization: Authorization::of(&self.parts.headers),
        }
    }

    /// Its parameters.
    pub fn given(&self) -> Given<'_> {
        Given::new(self.operation, &self.parts)
    }

    /// Its body.
    ///
    /// # Errors
    /// `unsupported_media_type`, `payload_too_large`, `malformed` or `validation_failed`.
    pub fn body<T: DeserializeOwned + Validate>(&self) -> Result<T, Problem> {
        let (body, bytes) = self.announced()?;
        body::read(&self.contract, body, &self.parts.headers, bytes)
    }

    /// Its body, when it has one.
    ///
    /// # Errors
    /// As [`Call::body`], when there is a body.
    pub fn optional_body<T: DeserializeOwned + Validate>(&self) -> Result<Option<T>, Problem> {
        let (body, bytes) = self.announced()?;
        body::read_optional(&self.contract, body, &self.parts.headers, bytes)
    }

    /// Hands a misfit to the operation when the contract leaves the answer to it: it lists no such problem, for it answers that status
    /// with a body of its own.
    ///
    /// # Errors
    /// The problem, when the contract lists it.
    pub fn judged<T>(&self, read: Result<T, Problem>) -> Result<Result<T, Problem>, Problem> {
        match read {
            Err(problem) if self.operation.problems.contains(&problem.code()) => Err(problem),
            read => Ok(read),
        }
    }

    fn announced(&self) -> Result<(&'static Body, &Bytes), Problem> {
        let body = self
            .operation
            .body
            .as_ref()
            .expect("the generator reads the bodies of operations that take one");
        let bytes = match &self.bytes {
            Ok(bytes) => bytes,
            Err(problem) => {
                headers::announced(&self.parts.headers, body.media)?;
                return Err(problem.clone());
            }
        };
        Ok((body, bytes))
    }
}
