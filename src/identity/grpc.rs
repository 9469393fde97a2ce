//! Identity's contracts: requests in, answers out, and each error to its problem code.

use tonic::{Request, Response, Status, async_trait};

use super::{Error, IdentityService};
use crate::api::problem::Code;
use crate::platform::status;
use crate::rpc::identity::v1::accounts_server::Accounts;
use crate::rpc::identity::v1::audit_server::Audit;
use crate::rpc::identity::v1::clocks_server::Clocks;
use crate::rpc::identity::v1::credentials_server::Credentials;
use crate::rpc::identity::v1::keys_server::Keys;
use crate::rpc::identity::v1::{
    Account, AdvanceClockRequest, AppendAuditRequest, AuditEvent, Clock, CreateAccountRequest,
    CreateKeyRequest, GetAccountRequest, GetClockRequest, IssueTokenRequest, Key,
    ListAccountsRequest, ListAccountsResponse, ListAuditRequest, ListAuditResponse,
    ListKeysRequest, ListKeysResponse, Principal, RevokeKeyRequest, RotateKeyRequest,
    SetCreditLimitRequest, Token, Verification, VerifyAuditRequest, VerifyCredentialRequest,
};

#[async_trait]
impl Credentials for IdentityService {
    async fn verify_credential(
        &self,
        request: Request<VerifyCredentialRequest>,
    ) -> Result<Response<Principal>, Status> {
        Ok(Response::new(
            IdentityService::verify_credential(self, request.get_ref()).await?,
        ))
    }

    async fn issue_token(
        &self,
        request: Request<IssueTokenRequest>,
    ) -> Result<Response<Token>, Status> {
        Ok(Response::new(
            IdentityService::issue_token(self, request.get_ref()).await?,
        ))
    }
}

#[async_trait]
impl Keys for IdentityService {
    async fn create_key(
        &self,
        request: Request<CreateKeyRequest>,
    ) -> Result<Response<Key>, Status> {
        Ok(Response::new(
            IdentityService::create_key(self, request.into_inner()).await?,
        ))
    }

    async fn list_keys(
        &self,
        request: Request<ListKeysRequest>,
    ) -> Result<Response<ListKeysResponse>, Status> {
        Ok(Response::new(
            IdentityService::list_keys(self, request.into_inner()).await?,
        ))
    }

    async fn rotate_key(
        &self,
        request: Request<RotateKeyRequest>,
    ) -> Result<Response<Key>, Status> {
        Ok(Response::new(
            IdentityService::rotate_key(self, request.into_inner()).await?,
        ))
    }

    async fn revoke_key(
        &self,
        request: Request<RevokeKeyRequest>,
    ) -> Result<Response<Key>, Status> {
        Ok(Response::new(
            IdentityService::revoke_key(self, request.get_ref()).await?,
        ))
    }
}

#[async_trait]
impl Accounts for IdentityService {
    async fn create_account(
        &self,
        request: Request<CreateAccountRequest>,
    ) -> Result<Response<Account>, Status> {
        Ok(Response::new(
            IdentityService::create_account(self, request.into_inner()).await?,
        ))
    }

    async fn get_account(
        &self,
        request: Request<GetAccountRequest>,
    ) -> Result<Response<Account>, Status> {
        Ok(Response::new(
            IdentityService::get_account(self, request.get_ref()).await?,
        ))
    }

    async fn list_accounts(
        &self,
        request: Request<ListAccountsRequest>,
    ) -> Result<Response<ListAccountsResponse>, Status> {
        Ok(Response::new(
            IdentityService::list_accounts(self, request.into_inner()).await?,
        ))
    }

    async fn set_credit_limit(
        &self,
        request: Request<SetCreditLimitRequest>,
    ) -> Result<Response<Account>, Status> {
        Ok(Response::new(
            IdentityService::set_credit_limit(self, request.into_inner()).await?,
        ))
    }
}

#[async_trait]
impl Audit for IdentityService {
    async fn append_audit(
        &self,
        request: Request<AppendAuditRequest>,
    ) -> Result<Response<AuditEvent>, Status> {
        Ok(Response::new(
            IdentityService::append_audit(self, request.into_inner()).await?,
        ))
    }

    async fn list_audit(
        &self,
        request: Request<ListAuditRequest>,
    ) -> Result<Response<ListAuditResponse>, Status> {
        Ok(Response::new(
            IdentityService::list_audit(self, request.into_inner()).await?,
        ))
    }

    async fn verify_audit(
        &self,
        request: Request<VerifyAuditRequest>,
    ) -> Result<Response<Verification>, Status> {
        Ok(Response::new(
            IdentityService::verify_audit(self, request.into_inner()).await?,
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
            Error::PlatformOnly | Error::ScopeLacking(_) => Code::InsufficientScope,
            Error::Invalid(_) => Code::InvalidParameter,
            Error::NotFound(_) => Code::NotFound,
            Error::Taken(_) => Code::IdempotencyKeyReused,
            Error::State(_) => Code::InvalidState,
            Error::OtherCurrency => Code::AmountMismatch,
            Error::VersionMismatch => Code::PreconditionFailed,
            Error::ClockMovesForward { .. } => Code::ClockMovesForward,
            Error::Store(_) => return status::fault(&error),
        };
        status::refuse(code, error.to_string())
    }
}
