//! Notify's contract: requests in, answers out, and each error to its problem code.

use tonic::{Request, Response, Status, async_trait};

use super::{Error, NotifyService};
use crate::api::problem::Code;
use crate::platform::status;
use crate::rpc::notify::v1::feed_server::Feed;
use crate::rpc::notify::v1::webhooks_server::Webhooks;
use crate::rpc::notify::v1::{
    CreateEndpointRequest, DeleteEndpointRequest, DeleteEndpointResponse, Delivery, Endpoint,
    GetEndpointRequest, ListDeliveriesRequest, ListDeliveriesResponse, ListEndpointsRequest,
    ListEndpointsResponse, ListEventsRequest, ListEventsResponse, RedeliverRequest, RunDueRequest,
    RunDueResponse, UpdateEndpointRequest,
};

#[async_trait]
impl Feed for NotifyService {
    async fn list_events(
        &self,
        request: Request<ListEventsRequest>,
    ) -> Result<Response<ListEventsResponse>, Status> {
        Ok(Response::new(self.events(request.into_inner()).await?))
    }
}

#[async_trait]
impl Webhooks for NotifyService {
    async fn create_endpoint(
        &self,
        request: Request<CreateEndpointRequest>,
    ) -> Result<Response<Endpoint>, Status> {
        Ok(Response::new(
            NotifyService::create_endpoint(self, request.into_inner()).await?,
        ))
    }

    async fn get_endpoint(
        &self,
        request: Request<GetEndpointRequest>,
    ) -> Result<Response<Endpoint>, Status> {
        Ok(Response::new(
            NotifyService::get_endpoint(self, request.into_inner()).await?,
        ))
    }

    async fn list_endpoints(
        &self,
        request: Request<ListEndpointsRequest>,
    ) -> Result<Response<ListEndpointsResponse>, Status> {
        Ok(Response::new(
            NotifyService::list_endpoints(self, request.into_inner()).await?,
        ))
    }

    async fn update_endpoint(
        &self,
        request: Request<UpdateEndpointRequest>,
    ) -> Result<Response<Endpoint>, Status> {
        Ok(Response::new(
            NotifyService::update_endpoint(self, request.into_inner()).await?,
        ))
    }

    async fn delete_endpoint(
        &self,
        request: Request<DeleteEndpointRequest>,
    ) -> Result<Response<DeleteEndpointResponse>, Status> {
        NotifyService::delete_endpoint(self, request.into_inner()).await?;
        Ok(Response::new(DeleteEndpointResponse {}))
    }

    async fn list_deliveries(
        &self,
        request: Request<ListDeliveriesRequest>,
    ) -> Result<Response<ListDeliveriesResponse>, Status> {
        Ok(Response::new(
            NotifyService::list_deliveries(self, request.into_inner()).await?,
        ))
    }

    async fn redeliver(
        &self,
        request: Request<RedeliverRequest>,
    ) -> Result<Response<Delivery>, Status> {
        Ok(Response::new(
            NotifyService::redeliver(self, request.into_inner()).await?,
        ))
    }

    async fn run_due(
        &self,
        request: Request<RunDueRequest>,
    ) -> Result<Response<RunDueResponse>, Status> {
        let attempts = NotifyService::run_due(self, request.into_inner()).await?;
        Ok(Response::new(RunDueResponse { attempts }))
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Status {
        let code = match &error {
            Error::Invalid(_) => Code::InvalidParameter,
            Error::NotFound(_) => Code::NotFound,
            Error::KeyReused => Code::IdempotencyKeyReused,
            Error::VersionMismatch => Code::PreconditionFailed,
            Error::AddressRefused => Code::AddressRefused,
            Error::Disabled => Code::InvalidState,
            Error::Sender(_) | Error::Store(_) => return status::fault(&error),
        };
        status::refuse(code, error.to_string())
    }
}
