//! Billing's contracts: requests in, answers out, and each error to its problem code.

use tonic::{Request, Response, Status, async_trait};

use super::{BillingService, Error};
use crate::api::problem::Code;
use crate::platform::status;
use crate::rpc::billing::v1::credit_server::Credit;
use crate::rpc::billing::v1::ledger_server::Ledger;
use crate::rpc::billing::v1::payments_server::Payments;
use crate::rpc::billing::v1::{
    CreditAccount, GetBalanceRequest, GetBalanceResponse, GetCreditRequest, GetPaymentRequest,
    ListJournalsRequest, ListJournalsResponse, ListPaymentsRequest, ListPaymentsResponse, Payment,
    ReconcileRequest, ReconcileResponse,
};

#[async_trait]
impl Payments for BillingService {
    async fn get_payment(
        &self,
        request: Request<GetPaymentRequest>,
    ) -> Result<Response<Payment>, Status> {
        Ok(Response::new(self.payment(request.get_ref()).await?))
    }

    async fn list_payments(
        &self,
        request: Request<ListPaymentsRequest>,
    ) -> Result<Response<ListPaymentsResponse>, Status> {
        Ok(Response::new(self.payments(request.get_ref()).await?))
    }

    async fn reconcile(
        &self,
        request: Request<ReconcileRequest>,
    ) -> Result<Response<ReconcileResponse>, Status> {
        Ok(Response::new(self.reconciled(request.get_ref()).await?))
    }
}

#[async_trait]
impl Ledger for BillingService {
    async fn get_balance(
        &self,
        request: Request<GetBalanceRequest>,
    ) -> Result<Response<GetBalanceResponse>, Status> {
        Ok(Response::new(self.balance(request.get_ref()).await?))
    }

    async fn list_journals(
        &self,
        request: Request<ListJournalsRequest>,
    ) -> Result<Response<ListJournalsResponse>, Status> {
        Ok(Response::new(self.journals(request.get_ref()).await?))
    }
}

#[async_trait]
impl Credit for BillingService {
    async fn get_credit(
        &self,
        request: Request<GetCreditRequest>,
    ) -> Result<Response<CreditAccount>, Status> {
        Ok(Response::new(self.credit(request.get_ref()).await?))
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Status {
        let code = match &error {
            Error::NotFound(_) => Code::NotFound,
            Error::Invalid(_) => Code::InvalidParameter,
            Error::Refused(_) => Code::InvalidState,
            Error::Unbalanced(_) | Error::Store(_) => return status::fault(&error),
        };
        status::refuse(code, error.to_string())
    }
}
