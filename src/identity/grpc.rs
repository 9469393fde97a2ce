//! Identity's contracts: requests in, answers out, and each error to its problem code.

use tonic::{Request, Response, Status, async_trait};

use super::{Error, IdentityService};
use crate::api::problem::Code;
use crate::platform::status;
use crate::rpc::identity::v1::clocks_server::Clocks;
use crate::rpc::identity::v1::keys_server::Keys;
use crate::rpc::identity::v1::{
    Account, AdvanceClockRequest, Clock, CreateAccountRequest, CreateKeyRequest, CreateKeyResponse,
    GetClockRequest, Principal, VerifyKeyRequest,
};

#[async_trait]
impl Keys for IdentityService {
    async fn verify_key(
        &self,
        request: Request<VerifyKeyRequest>,
    ) -> Result<Response<Principal>, Status> {
        Ok(Response::new(
            IdentityService::verify_key(self, request.get_ref()).await?,
        ))
    }

    async fn create_account(
        &self,
        request: Request<CreateAccountRequest>,
    ) -> Result<Response<Account>, Status> {
        Ok(Response::new(
            IdentityService::create_account(self, request.into_inner()).await?,
        ))
    }

    async fn create_key(
        &self,
        request: Request<CreateKeyRequest>,
    ) -> Result<Response<CreateKeyResponse>, Status> {
        Ok(Response::new(
            IdentityService::create_key(self, request.into_inner()).await?,
        ))
    }
}

#[async_trait]
impl Clocks for IdentityService {
    async fn get_clock(
        &self,
        request: Request<GetClockRequest>,
    ) -> Result<Response<Clock>, Status> {
        let request = request.get_ref();
        Ok(Response::new(
            self.clock(request.context.as_ref(), &request.clock_id)
                .await?,
        ))
    }

    async fn advance_clock(
        &self,
        request: Request<AdvanceClockRequest>,
    ) -> Result<Response<Clock>, Status> {
        Ok(Response::new(
            IdentityService::advance_clock(self, request.into_inner()).await?,
        ))
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Status {
        let code = match &error {
            Error::Unauthenticated => Code::Unauthenticated,
            Error::PlatformOnly => Code::InsufficientScope,
            Error::Invalid(_) => Code::InvalidParameter,
            Error::NotFound(_) => Code::NotFound,
            Error::Taken(_) => Code::IdempotencyKeyReused,
            Error::ClockMovesForward { .. } => Code::ClockMovesForward,
            Error::Store(_) => return status::fault(&error),
        };
        status::refuse(code, error.to_string())
    }
}
