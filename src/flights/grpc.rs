//! The contracts of flights: requests in, answers out, and each error to its problem code.

use tonic::{Request, Response, Status, async_trait};

use super::hold::Command;
use super::store::Replan;
use super::{Error, FlightsService, inventory, places, plan, services, store};
use crate::api::problem::Code;
use crate::platform::status;
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1 as rpc;
use crate::rpc::flights::v1::fares_server::Fares;
use crate::rpc::flights::v1::inventory_server::Inventory;
use crate::rpc::flights::v1::schedule_server::Schedule;
use crate::rpc::flights::v1::search_server::Search;

const NO_FLIGHT: Error = Error::Invalid("a flight is wanted");

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
        let mut offer = self.offer(context, &request.offer_id)?;
        services::choose(&mut offer, &request.services)?;
        Ok(Response::new(offer))
    }

    async fn price_offer(&self, request: Request<rpc::PriceOfferRequest>) -> Answer<rpc::Offer> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        let mut offer = self.price(context, &request.offer_id)?;
        services::choose(&mut offer, &request.services)?;
        Ok(Response::new(offer))
    }

    async fn price_hold(&self, request: Request<rpc::PriceHoldRequest>) -> Answer<rpc::Offer> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        Ok(Response::new(self.price_held(context, request).await?))
    }
}

#[async_trait]
impl Inventory for FlightsService {
    async fn hold_seats(&self, request: Request<rpc::HoldSeatsRequest>) -> Answer<rpc::Hold> {
        let request = request.into_inner();
        let context = context(request.context.as_ref())?.clone();
        Ok(Response::new(self.state.hold(&context, request).await?))
    }

    async fn get_hold(&self, request: Request<rpc::GetHoldRequest>) -> Answer<rpc::Hold> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        Ok(Response::new(
            self.state.get(context, &request.hold_id).await?,
        ))
    }

    async fn confirm_hold(&self, request: Request<rpc::ConfirmHoldRequest>) -> Answer<rpc::Hold> {
        let request = request.get_ref();
        self.end(request.context.as_ref(), &request.hold_id, Command::Confirm)
            .await
    }

    async fn release_hold(&self, request: Request<rpc::ReleaseHoldRequest>) -> Answer<rpc::Hold> {
        let request = request.get_ref();
        let asked = request.context.as_ref();
        let released = self.end(asked, &request.hold_id, Command::Release).await;
        match released {
            Err(status) if request.for_good && status.code() == tonic::Code::NotFound => {
                let context = context(asked)?;
                let hold = self.state.forestall(context, &request.hold_id).await?;
                Ok(Response::new(hold))
            }
            released => released,
        }
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
        let inventory = self.state.inventory(context, request.flight).await?;
        Ok(Response::new(inventory))
    }

    async fn list_inventory(
        &self,
        request: Request<rpc::ListInventoryRequest>,
    ) -> Answer<rpc::ListInventoryResponse> {
        let flights = self
            .state
            .list_inventory(context(request.get_ref().context.as_ref())?)
            .await?;
        Ok(Response::new(rpc::ListInventoryResponse { flights }))
    }

    async fn run_due(&self, request: Request<rpc::RunDueRequest>) -> Answer<rpc::RunDueResponse> {
        let expired = self
            .state
            .run_due(context(request.get_ref().context.as_ref())?)
            .await?;
        Ok(Response::new(rpc::RunDueResponse { expired }))
    }

    async fn get_availability(
        &self,
        request: Request<rpc::GetAvailabilityRequest>,
    ) -> Answer<rpc::GetAvailabilityResponse> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        Ok(Response::new(self.state.availability(context, request)?))
    }

    async fn set_limits(
        &self,
        request: Request<rpc::SetLimitsRequest>,
    ) -> Answer<rpc::FlightInventory> {
        let request = request.into_inner();
        let context = context(request.context.as_ref())?.clone();
        let inventory = self.state.set_limits(&context, request).await?;
        Ok(Response::new(inventory))
    }

    async fn explain_availability(
        &self,
        request: Request<rpc::ExplainAvailabilityRequest>,
    ) -> Answer<rpc::Explanation> {
        let request = request.into_inner();
        let context = context(request.context.as_ref())?.clone();
        Ok(Response::new(self.state.explain(&context, request)?))
    }
}

#[async_trait]
impl Schedule for FlightsService {
    async fn list_flights(
        &self,
        request: Request<rpc::ListFlightsRequest>,
    ) -> Answer<rpc::ListFlightsResponse> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        Ok(Response::new(self.state.list_flights(context, request)?))
    }

    async fn get_flight(&self, request: Request<rpc::GetFlightRequest>) -> Answer<rpc::Flight> {
        let request = request.into_inner();
        let context = context(request.context.as_ref())?;
        let flight = self.state.get_flight(context, request.flight)?;
        Ok(Response::new(flight))
    }

    async fn cancel_flight(
        &self,
        request: Request<rpc::CancelFlightRequest>,
    ) -> Answer<rpc::Flight> {
        let request = request.into_inner();
        let asked = Replan {
            context: context(request.context.as_ref())?.clone(),
            operation: "cancelFlight",
            flight: request.flight.ok_or(NO_FLIGHT)?,
            expected_version: request.expected_version,
            idempotency: request.idempotency.unwrap_or_default(),
        };
        let cancel = plan::Command::Cancel;
        let flight = self.state.replan(asked, cancel, request.preview).await?;
        Ok(Response::new(flight))
    }

    async fn retime_flight(
        &self,
        request: Request<rpc::RetimeFlightRequest>,
    ) -> Answer<rpc::Flight> {
        let request = request.into_inner();
        let asked = Replan {
            context: context(request.context.as_ref())?.clone(),
            operation: "retimeFlight",
            flight: request.flight.ok_or(NO_FLIGHT)?,
            expected_version: request.expected_version,
            idempotency: request.idempotency.unwrap_or_default(),
        };
        let retime = plan::Command::Retime(request.shift_minutes.into());
        let flight = self.state.replan(asked, retime, request.preview).await?;
        Ok(Response::new(flight))
    }

    async fn change_equipment(
        &self,
        request: Request<rpc::ChangeEquipmentRequest>,
    ) -> Answer<rpc::Flight> {
        let request = request.into_inner();
        let asked = Replan {
            context: context(request.context.as_ref())?.clone(),
            operation: "changeEquipment",
            flight: request.flight.ok_or(NO_FLIGHT)?,
            expected_version: request.expected_version,
            idempotency: request.idempotency.unwrap_or_default(),
        };
        let equip = self.state.equip(&asked.flight, &request.equipment)?;
        let flight = self.state.replan(asked, equip, request.preview).await?;
        Ok(Response::new(flight))
    }

    async fn list_changes(
        &self,
        request: Request<rpc::ListChangesRequest>,
    ) -> Answer<rpc::ListChangesResponse> {
        let request = request.into_inner();
        let world = request
            .context
            .map_or(String::new(), |context| context.world);
        let changes = self
            .state
            .changes(&world, request.after, request.limit)
            .await?;
        Ok(Response::new(changes))
    }
}

#[async_trait]
impl Fares for FlightsService {
    async fn file_fare(&self, request: Request<rpc::FileFareRequest>) -> Answer<rpc::Fare> {
        let request = request.into_inner();
        let context = context(request.context.as_ref())?;
        let fare = self.state.file_fare(context, request.fare).await?;
        Ok(Response::new(fare))
    }

    async fn get_fare(&self, request: Request<rpc::GetFareRequest>) -> Answer<rpc::Fare> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        let fare = self.state.get_fare(context, &request.fare_id).await?;
        Ok(Response::new(fare))
    }

    async fn list_fares(
        &self,
        request: Request<rpc::ListFaresRequest>,
    ) -> Answer<rpc::ListFaresResponse> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        let fares = self.state.list_fares(context, request).await?;
        Ok(Response::new(fares))
    }

    async fn discontinue_fare(
        &self,
        request: Request<rpc::DiscontinueFareRequest>,
    ) -> Answer<rpc::Fare> {
        let request = request.get_ref();
        let context = context(request.context.as_ref())?;
        let fare = self.state.discontinue_fare(context, &request.fare_id);
        Ok(Response::new(fare.await?))
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
            self.state.end(context, hold_id.to_owned(), command).await?,
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
            inventory::Refusal::NotNested => Self::LimitsNotNested,
            inventory::Refusal::NotThere => Self::Store(store::Error::Row("flight_dates")),
        }
    }
}

impl From<plan::Refusal> for Error {
    fn from(refusal: plan::Refusal) -> Self {
        match refusal {
            plan::Refusal::Departed => Self::Departed,
            plan::Refusal::Cancelled => Self::Cancelled,
            plan::Refusal::OtherDate => Self::OtherDate,
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Invalid(_) => Code::ValidationFailed,
            Error::Equipment => Code::AircraftUnsuitable,
            Error::NotFound => Code::NotFound,
            Error::OfferExpired => Code::OfferExpired,
            Error::PriceChanged => Code::PriceChanged,
            Error::SeatsUnavailable => Code::SeatsUnavailable,
            Error::HoldExpired => Code::HoldExpired,
            Error::KeyReused => Code::IdempotencyKeyReused,
            Error::HoldState
            | Error::NoJourney
            | Error::Cancelled
            | Error::Departed
            | Error::OtherDate => Code::InvalidState,
            Error::PassengersMismatch => Code::PassengersMismatch,
            Error::Changed => Code::PreconditionFailed,
            Error::LimitsNotNested => Code::LimitsNotNested,
            Error::Service {
                at, member, rule, ..
            } => {
                let pointer = format!("/services/{at}/{member}");
                return status::refuse_at(
                    Code::ServicesMismatch,
                    &pointer,
                    rule,
                    error.to_string(),
                );
            }
            Error::Amount | Error::Store(_) => return status::fault(&error),
        };
        status::refuse(code, error.to_string())
    }
}
