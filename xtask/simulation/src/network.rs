//! The way from booking to flights: what asks for seats is stopped here until the run decides what becomes of it, everything
//! else goes straight through to the flights that run at the moment.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fareway::flights::FlightsService;
use fareway::rpc::flights::v1::inventory_server::Inventory;
use fareway::rpc::flights::v1::schedule_server::Schedule;
use fareway::rpc::flights::v1::search_server::Search;
use fareway::rpc::flights::v1::*;
use tokio::sync::oneshot;
use tonic::{Request, Response, Status, async_trait};

use crate::process::Remote;

/// How often in a row it is looked who waits, before the thread is given away for a while.
const LOOKS: u32 = 64;
const AWHILE: Duration = Duration::from_millis(1);

/// What booking asks of flights about seats.
#[derive(Clone, Debug)]
pub enum Call {
    Hold(HoldSeatsRequest),
    Get(GetHoldRequest),
    Confirm(ConfirmHoldRequest),
    Release(ReleaseHoldRequest),
    Return(ReturnSeatsRequest),
}

impl Call {
    /// What it asks, and of which hold.
    pub fn name(&self) -> (&'static str, &str) {
        match self {
            Self::Hold(request) => ("hold", &request.hold_id),
            Self::Get(request) => ("get", &request.hold_id),
            Self::Confirm(request) => ("confirm", &request.hold_id),
            Self::Release(request) => ("release", &request.hold_id),
            Self::Return(request) => ("return", &request.hold_id),
        }
    }

    /// The time that its caller told.
    pub fn asked_at_us(&self) -> i64 {
        let context = match self {
            Self::Hold(request) => &request.context,
            Self::Get(request) => &request.context,
            Self::Confirm(request) => &request.context,
            Self::Release(request) => &request.context,
            Self::Return(request) => &request.context,
        };
        context.as_ref().map_or(0, |context| context.now_us)
    }

    /// Lets flights do it.
    pub async fn done_by(self, flights: &FlightsService) -> Result<Hold, Status> {
        let done = match self {
            Self::Hold(request) => flights.hold_seats(Request::new(request)).await,
            Self::Get(request) => flights.get_hold(Request::new(request)).await,
            Self::Confirm(request) => flights.confirm_hold(Request::new(request)).await,
            Self::Release(request) => flights.release_hold(Request::new(request)).await,
            Self::Return(request) => flights.return_seats(Request::new(request)).await,
        };
        done.map(Response::into_inner)
    }
}

/// A call that waits for its fate.
pub struct Parked {
    pub call: Call,
    answer: oneshot::Sender<Result<Hold, Status>>,
    /// Counts those that were taken and not answered.
    taken: Option<Arc<()>>,
}

impl Parked {
    /// Tells booking what came of it, if booking still lives.
    pub fn answer(self, answer: Result<Hold, Status>) {
        drop(self.answer.send(answer));
    }
}

/// The network; clones are the same.
#[derive(Clone, Default)]
pub struct Network(Arc<Shared>);

#[derive(Default)]
struct Shared {
    parked: Mutex<Vec<Parked>>,
    flights: Mutex<Option<Remote<Arc<FlightsService>>>>,
    taken: Arc<()>,
}

/// What a call to flights meets when there are none.
pub fn away() -> Status {
    Status::unavailable("flights is away")
}

/// Lets other tasks run before the next look.
pub async fn between_looks(looks: &mut u32) {
    *looks += 1;
    match *looks % LOOKS {
        0 => tokio::time::sleep(AWHILE).await,
        _ => tokio::task::yield_now().await,
    }
}

impl Network {
    /// From now on these are the flights behind the network, or none.
    pub fn lead_to(&self, flights: Option<Remote<Arc<FlightsService>>>) {
        *lock(&self.0.flights) = flights;
    }

    /// Lets tasks run until as many calls are parked, or taken and not answered, as there are callers, whose number may fall
    /// meanwhile.
    pub async fn settle(&self, callers: impl Fn() -> usize) {
        let mut looks = 0;
        while self.parked() + Arc::strong_count(&self.0.taken) - 1 != callers() {
            between_looks(&mut looks).await;
        }
    }

    /// How many calls are parked.
    pub fn parked(&self) -> usize {
        lock(&self.0.parked).len()
    }

    /// Takes one of the parked calls, in an order that does not depend on when they came.
    pub fn take(&self, at: usize) -> Parked {
        let mut parked = lock(&self.0.parked);
        parked.sort_by(|a, b| a.call.name().cmp(&b.call.name()));
        let mut parked = parked.remove(at);
        parked.taken = Some(self.0.taken.clone());
        parked
    }

    /// Takes all: whoever asked is gone.
    pub fn clear(&self) -> Vec<Call> {
        let mut parked = std::mem::take(&mut *lock(&self.0.parked));
        parked.sort_by(|a, b| a.call.name().cmp(&b.call.name()));
        parked.into_iter().map(|parked| parked.call).collect()
    }

    async fn park(&self, call: Call) -> Result<Response<Hold>, Status> {
        let (answer, answered) = oneshot::channel();
        let taken = None;
        lock(&self.0.parked).push(Parked {
            call,
            answer,
            taken,
        });
        answered.await.map_err(|_| away())?.map(Response::new)
    }

    fn flights(&self) -> Result<Remote<Arc<FlightsService>>, Status> {
        lock(&self.0.flights).clone().ok_or_else(away)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Methods that go through to the flights that run at the moment.
macro_rules! through {
    ($service:ident: $($method:ident($request:ty) -> $answer:ty;)*) => {
        #[async_trait]
        impl $service for Network {
            $(async fn $method(&self, request: Request<$request>) -> Result<Response<$answer>, Status> {
                let asked = self.flights()?.ask(async move |flights| {
                    $service::$method(&*flights, request).await
                });
                asked.await.ok_or_else(away)?
            })*
        }
    };
}

through! { Search:
    list_places(ListPlacesRequest) -> ListPlacesResponse;
    list_airlines(ListAirlinesRequest) -> ListAirlinesResponse;
    create_offer_request(CreateOfferRequestRequest) -> OfferRequest;
    get_offer_request(GetOfferRequestRequest) -> OfferRequest;
    get_offer(GetOfferRequest) -> Offer;
    price_offer(PriceOfferRequest) -> Offer;
    price_hold(PriceHoldRequest) -> Offer;
}

through! { Schedule:
    list_flights(ListFlightsRequest) -> ListFlightsResponse;
    get_flight(GetFlightRequest) -> Flight;
    cancel_flight(CancelFlightRequest) -> Flight;
    retime_flight(RetimeFlightRequest) -> Flight;
    change_equipment(ChangeEquipmentRequest) -> Flight;
    list_changes(ListChangesRequest) -> ListChangesResponse;
}

#[async_trait]
impl Inventory for Network {
    async fn hold_seats(
        &self,
        request: Request<HoldSeatsRequest>,
    ) -> Result<Response<Hold>, Status> {
        self.park(Call::Hold(request.into_inner())).await
    }

    async fn get_hold(&self, request: Request<GetHoldRequest>) -> Result<Response<Hold>, Status> {
        self.park(Call::Get(request.into_inner())).await
    }

    async fn confirm_hold(
        &self,
        request: Request<ConfirmHoldRequest>,
    ) -> Result<Response<Hold>, Status> {
        self.park(Call::Confirm(request.into_inner())).await
    }

    async fn release_hold(
        &self,
        request: Request<ReleaseHoldRequest>,
    ) -> Result<Response<Hold>, Status> {
        self.park(Call::Release(request.into_inner())).await
    }

    async fn return_seats(
        &self,
        request: Request<ReturnSeatsRequest>,
    ) -> Result<Response<Hold>, Status> {
        self.park(Call::Return(request.into_inner())).await
    }

    async fn get_inventory(
        &self,
        _: Request<GetInventoryRequest>,
    ) -> Result<Response<FlightInventory>, Status> {
        Err(never_asked())
    }

    async fn get_availability(
        &self,
        _: Request<GetAvailabilityRequest>,
    ) -> Result<Response<GetAvailabilityResponse>, Status> {
        Err(never_asked())
    }

    async fn set_limits(
        &self,
        _: Request<SetLimitsRequest>,
    ) -> Result<Response<FlightInventory>, Status> {
        Err(never_asked())
    }

    async fn explain_availability(
        &self,
        _: Request<ExplainAvailabilityRequest>,
    ) -> Result<Response<Explanation>, Status> {
        Err(never_asked())
    }

    async fn list_inventory(
        &self,
        _: Request<ListInventoryRequest>,
    ) -> Result<Response<ListInventoryResponse>, Status> {
        Err(never_asked())
    }

    async fn run_due(&self, _: Request<RunDueRequest>) -> Result<Response<RunDueResponse>, Status> {
        Err(never_asked())
    }
}

/// Booking only holds, sells and gives back.
fn never_asked() -> Status {
    Status::unimplemented("booking has no use for this")
}
