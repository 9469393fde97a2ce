//! The contracts of flights: requests in, answers out, and each error to its problem code.

use tonic::{Request, Response, Status, async_trait};

use super::hold::Command;
use super::{Error, FlightsService, inventory, places, store};
use crate::api::problem::Code;
use crate::platform::status;
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1 as rpc;
use crate::rpc::flights::v1::inventory_server::Inventory;
use crate::rpc::flights::v1::search_server::Search;

type Answer<T> = Result<Response<T>, Status>;

#[async_trait]
impl Search for FlightsService {
    async fn list_places(
        &self,
        request: Request<rpc::ListPlacesRequest>,
    ) -> Answer<rpc::ListPlacesResponse> {
        let request = request.get_ref();
        Ok(Response::new(self.places.list(
            &self.world,
            &request.query,
            request.page.as_ref(),
        )))
    }

    async fn list_airlines(
        &self,
        request: Request<rpc::ListAirlinesRequest>,
    ) -> Answer<rpc::ListAirlinesResponse> {
        Ok(Response::new(places::airlines(
            &self.world,
            request.get_ref().page.as_ref(),
        )))
    }

    async fn create_offer_request(
        &self,
        request: Request<rpc::CreateOfferRequestRequest>,
    ) -> Answer<rpc::OfferRequest> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        Ok(Response::new(self.search(context, request)?))
    }

    async fn get_offer_request(
        &self,
        request: Request<rpc::GetOfferRequestRequest>,
    ) -> Answer<rpc::OfferRequest> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        let read = self.search_again(context, &request.offer_request_id, request.limit)?;
        Ok(Response::new(read))
    }

    async fn get_offer(&self, request: Request<rpc::GetOfferRequest>) -> Answer<rpc::Offer> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        Ok(Response::new(self.offer(context, &request.offer_id)?))
    }

    async fn price_offer(&self, request: Request<rpc::PriceOfferRequest>) -> Answer<rpc::Offer> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        Ok(Response::new(self.price(context, &request.offer_id)?))
    }
}

#[async_trait]
impl Inventory for FlightsService {
    async fn hold_seats(&self, request: Request<rpc::HoldSeatsRequest>) -> Answer<rpc::Hold> {
        let request = request.into_inner();
        let context = context(request.context.as_ref())?.clone();
        Ok(Response::new(self.seats.hold(&context, request).await?))
    }

    async fn get_hold(&self, request: Request<rpc::GetHoldRequest>) -> Answer<rpc::Hold> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        Ok(Response::new(
            self.seats.get(context, &request.hold_id).await?,
        ))
    }

    async fn confirm_hold(&self, request: Request<rpc::ConfirmHoldRequest>) -> Answer<rpc::Hold> {
        let request = request.get_ref();
        self.end(request.context.as_ref(), &request.hold_id, Command::Confirm)
            .await
    }

    async fn release_hold(&self, request: Request<rpc::ReleaseHoldRequest>) -> Answer<rpc::Hold> {
        let request = request.get_ref();
        self.end(request.context.as_ref(), &request.hold_id, Command::Release)
            .await
    }

    async fn return_seats(&self, request: Request<rpc::ReturnSeatsRequest>) -> Answer<rpc::Hold> {
        let request = request.get_ref();
        self.end(request.context.as_ref(), &request.hold_id, Command::Return)
            .await
    }

    async fn get_inventory(
        &self,
        request: Request<rpc::GetInventoryRequest>,
    ) -> Answer<rpc::FlightInventory> {
        let request = request.into_inner();
        let context = context(request.context.as_ref())?;
        let flight = request
            .flight
            .clone()
            .ok_or(Error::Invalid("a flight is wanted"))?;
        Ok(Response::new(self.seats.inventory(context, flight).await?))
    }

    async fn list_inventory(
        &self,
        request: Request<rpc::ListInventoryRequest>,
    ) -> Answer<rpc::ListInventoryResponse> {
        let flights = self
            .seats
            .list(context(request.get_ref().context.as_ref())?)
            .await?;
        Ok(Response::new(rpc::ListInventoryResponse { flights }))
    }

    async fn run_due(&self, request: Request<rpc::RunDueRequest>) -> Answer<rpc::RunDueResponse> {
        let expired = self
            .seats
            .run_due(context(request.get_ref().context.as_ref())?)
            .await?;
        Ok(Response::new(rpc::RunDueResponse { expired }))
    }
}

impl FlightsService {
    async fn end(
        &self,
        given: Option<&Context>,
        hold_id: &str,
        command: Command,
    ) -> Answer<rpc::Hold> {
        let context = context(given)?;
        Ok(Response::new(
            self.seats.end(context, hold_id.to_owned(), command).await?,
        ))
    }
}

fn context(context: Option<&Context>) -> Result<&Context, Error> {
    context
        .filter(|context| !context.world.is_empty())
        .ok_or(Error::Invalid("a request has a context"))
}

impl From<inventory::Refusal> for Error {
    fn from(refusal: inventory::Refusal) -> Self {
        match refusal {
            inventory::Refusal::SeatsUnavailable => Self::SeatsUnavailable,
            // A hold names seats that its flight does not count: the database was changed by someone else.
            inventory::Refusal::NotThere => Self::Store(store::Error::Row("flight_dates")),
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Invalid(_) => Code::ValidationFailed,
            Error::NotFound => Code::NotFound,
            Error::OfferExpired => Code::OfferExpired,
            Error::PriceChanged => Code::PriceChanged,
            Error::SeatsUnavailable => Code::SeatsUnavailable,
            Error::HoldExpired => Code::HoldExpired,
            Error::HoldReused => Code::IdempotencyKeyReused,
            Error::HoldState => Code::InvalidState,
            Error::Amount | Error::Store(_) => return status::fault(&error),
        };
        status::refuse(code, error.to_string())
    }
}
