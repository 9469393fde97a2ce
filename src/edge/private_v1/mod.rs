//! Private v1: how staff and services run the platform. Each operation is a function in the file of its resource; this file is
//! their table, and the one place where it is seen to that what is done is written to the audit log first.

mod accounts;
mod audit;
mod audit_events;
mod credentials;
mod fares;
mod flights;
mod inventory;
mod journals;
mod order_history;
mod orders;
mod parked_events;
mod sagas;

use crate::api::private_v1::{NAME, PrivateV1, operations as op};
use crate::edge::door::{Door, handlers};
use crate::edge::{test_clock, token};
use crate::wire::problem::Problem;
use crate::wire::visitor::Visitor;

use audit::{audited, making};

impl PrivateV1 for Door {
    async fn create_token(
        &self,
        visitor: Visitor,
        request: op::CreateTokenInput,
    ) -> Result<op::CreateToken, Problem> {
        token::grant(&self.clients.credentials, "private", &visitor, request).await
    }

    handlers! {
        list_flights: ListFlightsInput -> ListFlights = flights::list;
        get_flight: GetFlightInput -> GetFlight = flights::get;
        get_inventory: GetInventoryInput -> GetInventory = inventory::get;
        explain_availability: ExplainAvailabilityInput -> ExplainAvailability = inventory::explain;
        list_fares: ListFaresInput -> ListFares = fares::list;
        get_fare: GetFareInput -> GetFare = fares::get;
        list_sagas: ListSagasInput -> ListSagas = sagas::list;
        get_saga: GetSagaInput -> GetSaga = sagas::get;
        list_parked_events: ListParkedEventsInput -> ListParkedEvents = parked_events::list;
        list_journals: ListJournalsInput -> ListJournals = journals::list;
        list_accounts: ListAccountsInput -> ListAccounts = accounts::list;
        get_account: GetAccountInput -> GetAccount = accounts::get;
        list_api_keys: ListApiKeysInput -> ListApiKeys = credentials::list_keys;
        list_clients: ListClientsInput -> ListClients = credentials::list_clients;
        list_audit_events: ListAuditEventsInput -> ListAuditEvents = audit_events::list;
        verify_audit_events: VerifyAuditEventsInput -> VerifyAuditEvents = audit_events::verify;
        get_test_clock: GetTestClockInput -> GetTestClock = test_clock::get;
    }

    audited! {
        cancel_flight: CancelFlightInput -> CancelFlight = flights::cancel, CANCEL_FLIGHT of flight_id with body;
        retime_flight: RetimeFlightInput -> RetimeFlight = flights::retime, RETIME_FLIGHT of flight_id with body;
        change_equipment: ChangeEquipmentInput -> ChangeEquipment = flights::change_equipment, CHANGE_EQUIPMENT of flight_id with body;
        set_limits: SetLimitsInput -> SetLimits = inventory::set_limits, SET_LIMITS of flight_id with body;
        discontinue_fare: DiscontinueFareInput -> DiscontinueFare = fares::discontinue, DISCONTINUE_FARE of fare_id;
        list_orders: ListOrdersInput -> ListOrders = orders::list, LIST_ORDERS;
        get_order: GetOrderInput -> GetOrder = orders::get, GET_ORDER of order_id;
        list_order_history: ListOrderHistoryInput -> ListOrderHistory = order_history::list, LIST_ORDER_HISTORY of order_id;
        redeliver_parked_event: RedeliverParkedEventInput -> RedeliverParkedEvent = parked_events::redeliver,
            REDELIVER_PARKED_EVENT of event_id;
        resume_saga: ResumeSagaInput -> ResumeSaga = sagas::resume, RESUME_SAGA of saga_id;
        update_account: UpdateAccountInput -> UpdateAccount = accounts::update, UPDATE_ACCOUNT of account_id with body;
        rotate_api_key: RotateApiKeyInput -> RotateApiKey = credentials::rotate_key, ROTATE_API_KEY of key_id with body;
        revoke_api_key: RevokeApiKeyInput -> RevokeApiKey = credentials::revoke_key, REVOKE_API_KEY of key_id;
        rotate_client: RotateClientInput -> RotateClient = credentials::rotate_client,
            ROTATE_CLIENT of client_id with body;
        revoke_client: RevokeClientInput -> RevokeClient = credentials::revoke_client, REVOKE_CLIENT of client_id;
        advance_test_clock: AdvanceTestClockInput -> AdvanceTestClock = test_clock::advance,
            ADVANCE_TEST_CLOCK of test_clock_id with body;
    }

    making! {
        file_fare: FileFareInput -> FileFare = fares::file, FILE_FARE makes FareId;
        create_account: CreateAccountInput -> CreateAccount = accounts::create, CREATE_ACCOUNT makes AccountId;
        create_api_key: CreateApiKeyInput -> CreateApiKey = credentials::create_key, CREATE_API_KEY makes KeyId;
        create_client: CreateClientInput -> CreateClient = credentials::create_client, CREATE_CLIENT makes ClientId;
    }
}
