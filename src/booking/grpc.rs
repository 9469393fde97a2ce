//! The contracts of booking (`fareway.booking.v1`: `Orders`, `Sagas`) over the service, and what its errors are called there.
//!
//! Nothing is decided here.

use tonic::{Request, Response, Status};

use super::Error;
use super::order::Refusal;
use super::service::BookingService;
use crate::api::problem::Code;
use crate::platform::status;
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::orders_server::Orders;
use crate::rpc::booking::v1::sagas_server::Sagas;

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::Neighbour {
            code: status::code_of(&status),
            detail: status.message().to_owned(),
            facts: status::metadata_of(&status),
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Refused(refusal) => match refusal {
                Refusal::OfferExpired => Code::OfferExpired,
                Refusal::HoldNotAllowed => Code::HoldNotAllowed,
                Refusal::PassengersMismatch => Code::PassengersMismatch,
                Refusal::AmountMismatch => Code::AmountMismatch,
                Refusal::PriceBroken => return status::fault(&error),
                Refusal::TimeLimitPassed => Code::TimeLimitPassed,
                Refusal::VoidWindowClosed => Code::VoidWindowClosed,
                Refusal::InvalidState | Refusal::ChangeClosed | Refusal::NothingToAccept => {
                    Code::InvalidState
                }
                Refusal::VersionMismatch => Code::PreconditionFailed,
                Refusal::QuoteExpired => Code::QuoteExpired,
            },
            Error::NotFound(_) => Code::NotFound,
            Error::OfferAlreadyBooked { order_id } => {
                let (code, detail) = (Code::OfferAlreadyBooked, error.to_string());
                return match order_id {
                    Some(id) => status::refuse_with(code, detail, [("order_id", id.clone())]),
                    None => status::refuse(code, detail),
                };
            }
            Error::KeyReused => Code::IdempotencyKeyReused,
            Error::Failed {
                code,
                order_id,
                decline_code,
            } => {
                let title = code.title().to_lowercase();
                let order = ("order_id", order_id.clone());
                if decline_code.is_empty() {
                    return status::refuse_with(*code, format!("{error}: {title}"), [order]);
                }
                let detail = format!("{title} ({decline_code})");
                let facts = [order, ("decline_code", decline_code.clone())];
                return status::refuse_with(*code, detail, facts);
            }
            Error::Incomplete(_) => Code::InvalidParameter,
            Error::Neighbour {
                code,
                detail,
                facts,
            } => return status::refuse_with(*code, detail.clone(), facts.clone()),
            Error::IdTaken | Error::Store(_) => return status::fault(&error),
        };
        status::refuse(code, error.to_string())
    }
}

#[tonic::async_trait]
impl Orders for BookingService {
    async fn create_order(
        &self,
        request: Request<pb::CreateOrderRequest>,
    ) -> Result<Response<pb::OrderReply>, Status> {
        Ok(Response::new(
            self.create_order(request.into_inner()).await?,
        ))
    }

    async fn get_order(
        &self,
        request: Request<pb::GetOrderRequest>,
    ) -> Result<Response<pb::Order>, Status> {
        Ok(Response::new(self.get_order(request.into_inner()).await?))
    }

    async fn list_orders(
        &self,
        request: Request<pb::ListOrdersRequest>,
    ) -> Result<Response<pb::ListOrdersResponse>, Status> {
        Ok(Response::new(self.list_orders(request.into_inner()).await?))
    }

    async fn list_history(
        &self,
        request: Request<pb::ListHistoryRequest>,
    ) -> Result<Response<pb::ListHistoryResponse>, Status> {
        Ok(Response::new(
            self.list_history(request.into_inner()).await?,
        ))
    }

    async fn update_order(
        &self,
        request: Request<pb::UpdateOrderRequest>,
    ) -> Result<Response<pb::Order>, Status> {
        Ok(Response::new(
            self.update_order(request.into_inner()).await?,
        ))
    }

    async fn accept_schedule_change(
        &self,
        request: Request<pb::AcceptScheduleChangeRequest>,
    ) -> Result<Response<pb::Order>, Status> {
        Ok(Response::new(
            self.accept_schedule_change(request.into_inner()).await?,
        ))
    }

    async fn pay_order(
        &self,
        request: Request<pb::PayOrderRequest>,
    ) -> Result<Response<pb::OrderReply>, Status> {
        Ok(Response::new(self.pay_order(request.into_inner()).await?))
    }

    async fn quote_cancellation(
        &self,
        request: Request<pb::QuoteCancellationRequest>,
    ) -> Result<Response<pb::Cancellation>, Status> {
        Ok(Response::new(
            self.quote_cancellation(request.into_inner()).await?,
        ))
    }

    async fn get_cancellation(
        &self,
        request: Request<pb::GetCancellationRequest>,
    ) -> Result<Response<pb::Cancellation>, Status> {
        Ok(Response::new(
            self.get_cancellation(request.into_inner()).await?,
        ))
    }

    async fn confirm_cancellation(
        &self,
        request: Request<pb::ConfirmCancellationRequest>,
    ) -> Result<Response<pb::CancellationReply>, Status> {
        Ok(Response::new(
            self.confirm_cancellation(request.into_inner()).await?,
        ))
    }

    async fn quote_order_change(
        &self,
        request: Request<pb::QuoteOrderChangeRequest>,
    ) -> Result<Response<pb::OrderChange>, Status> {
        Ok(Response::new(
            self.quote_order_change(request.into_inner()).await?,
        ))
    }

    async fn get_order_change(
        &self,
        request: Request<pb::GetOrderChangeRequest>,
    ) -> Result<Response<pb::OrderChange>, Status> {
        Ok(Response::new(
            self.get_order_change(request.into_inner()).await?,
        ))
    }

    async fn confirm_order_change(
        &self,
        request: Request<pb::ConfirmOrderChangeRequest>,
    ) -> Result<Response<pb::OrderChangeReply>, Status> {
        Ok(Response::new(
            self.confirm_order_change(request.into_inner()).await?,
        ))
    }

    async fn get_idempotency_key(
        &self,
        request: Request<pb::GetIdempotencyKeyRequest>,
    ) -> Result<Response<pb::IdempotencyRecord>, Status> {
        Ok(Response::new(
            self.get_idempotency_key(request.into_inner()).await?,
        ))
    }

    async fn run_due(
        &self,
        request: Request<pb::RunDueRequest>,
    ) -> Result<Response<pb::RunDueResponse>, Status> {
        Ok(Response::new(self.run_due(request.into_inner()).await?))
    }

    async fn void_order(
        &self,
        request: Request<pb::VoidOrderRequest>,
    ) -> Result<Response<pb::OrderReply>, Status> {
        Ok(Response::new(self.void_order(request.into_inner()).await?))
    }
}

#[tonic::async_trait]
impl Sagas for BookingService {
    async fn list_sagas(
        &self,
        request: Request<pb::ListSagasRequest>,
    ) -> Result<Response<pb::ListSagasResponse>, Status> {
        Ok(Response::new(self.list_sagas(request.into_inner()).await?))
    }

    async fn get_saga(
        &self,
        request: Request<pb::GetSagaRequest>,
    ) -> Result<Response<pb::Saga>, Status> {
        Ok(Response::new(self.get_saga(request.into_inner()).await?))
    }

    async fn resume_saga(
        &self,
        request: Request<pb::ResumeSagaRequest>,
    ) -> Result<Response<pb::SagaReply>, Status> {
        Ok(Response::new(self.resume_saga(request.into_inner()).await?))
    }
}
