//! Private v1: how staff and services run the platform. Each operation is a function in the file of its resource; this file is
//! their table, and the one place where it is seen to that what is done is written to the audit log first.

mod accounts;
mod audit_events;
mod credentials;
mod fares;
mod flights;
mod inventory;
mod journals;
mod orders;

use sha2::{Digest, Sha256};

use crate::api::private_v1::PrivateV1;
use crate::api::private_v1::operations as op;
use crate::api::problem::Code;
use crate::edge::call::{ANSWER_WITHIN, context, digest};
use crate::edge::{Clients, test_clock, token};
use crate::kernel::chance::Chance;
use crate::kernel::id::{AccountId, AuditId, ClientId, FareId, KeyId};
use crate::platform::auth::Caller;
use crate::rpc::identity::v1::AppendAuditRequest;
use crate::wire::operation::Operation;
use crate::wire::problem::Problem;
use crate::wire::visitor::Visitor;

/// The door.
#[derive(Clone)]
pub struct Door {
    /// The services that it asks.
    pub clients: Clients,
    /// Where ids come from.
    pub chance: Chance,
}

impl Door {
    /// Writes down what is about to be done. When that fails the caller must not do it.
    async fn audit(
        &self,
        caller: &Caller,
        operation: &Operation,
        object_id: &str,
        body: Option<&(impl serde::Serialize + Sync)>,
    ) -> Result<(), Problem> {
        let event = AppendAuditRequest {
            context: context(caller),
            audit_id: AuditId::new(caller.now_us, &self.chance).into(),
            action: operation.id.to_owned(),
            object_id: object_id.to_owned(),
            digest: body.map(digest).unwrap_or_default(),
        };
        match self.clients.audit.append_audit(event, ANSWER_WITHIN).await {
            Ok(_) => Ok(()),
            Err(status) => {
                tracing::error!(operation = operation.id, %status, "the audit log cannot be written");
                Err(Problem::new(
                    Code::DependencyUnavailable,
                    "the audit log cannot be written, so nothing was done",
                ))
            }
        }
    }
}

/// What an operation without a body has instead of one.
const NO_BODY: Option<&()> = None;

/// Names what is made under an idempotency key, so that a repeat names the same thing.
fn made(caller: &Caller, operation: &Operation, key: &str) -> [u8; 16] {
    let mut named = Sha256::new();
    for part in [&caller.world, operation.id, key] {
        named.update(part);
        named.update([0]);
    }
    let named = named.finalize();
    std::array::from_fn(|at| named[at])
}

impl PrivateV1 for Door {
    async fn create_token(
        &self,
        visitor: Visitor,
        request: op::CreateTokenInput,
    ) -> Result<op::CreateToken, Problem> {
        token::grant(&self.clients.credentials, "private", &visitor, request).await
    }

    async fn list_flights(
        &self,
        caller: Caller,
        request: op::ListFlightsInput,
    ) -> Result<op::ListFlights, Problem> {
        flights::list(self, &caller, request).await
    }

    async fn get_flight(
        &self,
        caller: Caller,
        request: op::GetFlightInput,
    ) -> Result<op::GetFlight, Problem> {
        flights::get(self, &caller, request).await
    }

    async fn cancel_flight(
        &self,
        caller: Caller,
        request: op::CancelFlightInput,
    ) -> Result<op::CancelFlight, Problem> {
        self.audit(
            &caller,
            &op::CANCEL_FLIGHT,
            &request.flight_id,
            Some(&request.body),
        )
        .await?;
        flights::cancel(self, &caller, request).await
    }

    async fn retime_flight(
        &self,
        caller: Caller,
        request: op::RetimeFlightInput,
    ) -> Result<op::RetimeFlight, Problem> {
        self.audit(
            &caller,
            &op::RETIME_FLIGHT,
            &request.flight_id,
            Some(&request.body),
        )
        .await?;
        flights::retime(self, &caller, request).await
    }

    async fn get_inventory(
        &self,
        caller: Caller,
        request: op::GetInventoryInput,
    ) -> Result<op::GetInventory, Problem> {
        inventory::get(self, &caller, request).await
    }

    async fn set_limits(
        &self,
        caller: Caller,
        request: op::SetLimitsInput,
    ) -> Result<op::SetLimits, Problem> {
        self.audit(
            &caller,
            &op::SET_LIMITS,
            &request.flight_id,
            Some(&request.body),
        )
        .await?;
        inventory::set_limits(self, &caller, request).await
    }

    async fn explain_availability(
        &self,
        caller: Caller,
        request: op::ExplainAvailabilityInput,
    ) -> Result<op::ExplainAvailability, Problem> {
        inventory::explain(self, &caller, request).await
    }

    async fn file_fare(
        &self,
        caller: Caller,
        request: op::FileFareInput,
    ) -> Result<op::FileFare, Problem> {
        let id = FareId::of_bytes(made(&caller, &op::FILE_FARE, &request.idempotency_key));
        self.audit(&caller, &op::FILE_FARE, id.as_str(), Some(&request.body))
            .await?;
        fares::file(self, &caller, id, request).await
    }

    async fn list_fares(
        &self,
        caller: Caller,
        request: op::ListFaresInput,
    ) -> Result<op::ListFares, Problem> {
        fares::list(self, &caller, request).await
    }

    async fn get_fare(
        &self,
        caller: Caller,
        request: op::GetFareInput,
    ) -> Result<op::GetFare, Problem> {
        fares::get(self, &caller, request).await
    }

    async fn discontinue_fare(
        &self,
        caller: Caller,
        request: op::DiscontinueFareInput,
    ) -> Result<op::DiscontinueFare, Problem> {
        self.audit(&caller, &op::DISCONTINUE_FARE, &request.fare_id, NO_BODY)
            .await?;
        fares::discontinue(self, &caller, request).await
    }

    async fn list_orders(
        &self,
        caller: Caller,
        request: op::ListOrdersInput,
    ) -> Result<op::ListOrders, Problem> {
        self.audit(&caller, &op::LIST_ORDERS, "", NO_BODY).await?;
        orders::list(self, &caller, request).await
    }

    async fn get_order(
        &self,
        caller: Caller,
        request: op::GetOrderInput,
    ) -> Result<op::GetOrder, Problem> {
        self.audit(&caller, &op::GET_ORDER, &request.order_id, NO_BODY)
            .await?;
        orders::get(self, &caller, request).await
    }

    async fn list_journals(
        &self,
        caller: Caller,
        request: op::ListJournalsInput,
    ) -> Result<op::ListJournals, Problem> {
        journals::list(self, &caller, request).await
    }

    async fn create_account(
        &self,
        caller: Caller,
        request: op::CreateAccountInput,
    ) -> Result<op::CreateAccount, Problem> {
        let id = AccountId::of_bytes(made(&caller, &op::CREATE_ACCOUNT, &request.idempotency_key));
        self.audit(
            &caller,
            &op::CREATE_ACCOUNT,
            id.as_str(),
            Some(&request.body),
        )
        .await?;
        accounts::create(self, &caller, id, request).await
    }

    async fn list_accounts(
        &self,
        caller: Caller,
        request: op::ListAccountsInput,
    ) -> Result<op::ListAccounts, Problem> {
        accounts::list(self, &caller, request).await
    }

    async fn get_account(
        &self,
        caller: Caller,
        request: op::GetAccountInput,
    ) -> Result<op::GetAccount, Problem> {
        accounts::get(self, &caller, request).await
    }

    async fn update_account(
        &self,
        caller: Caller,
        request: op::UpdateAccountInput,
    ) -> Result<op::UpdateAccount, Problem> {
        self.audit(
            &caller,
            &op::UPDATE_ACCOUNT,
            &request.account_id,
            Some(&request.body),
        )
        .await?;
        accounts::update(self, &caller, request).await
    }

    async fn create_api_key(
        &self,
        caller: Caller,
        request: op::CreateApiKeyInput,
    ) -> Result<op::CreateApiKey, Problem> {
        let id = KeyId::of_bytes(made(&caller, &op::CREATE_API_KEY, &request.idempotency_key));
        self.audit(
            &caller,
            &op::CREATE_API_KEY,
            id.as_str(),
            Some(&request.body),
        )
        .await?;
        credentials::create_key(self, &caller, id, request).await
    }

    async fn list_api_keys(
        &self,
        caller: Caller,
        request: op::ListApiKeysInput,
    ) -> Result<op::ListApiKeys, Problem> {
        credentials::list_keys(self, &caller, request).await
    }

    async fn rotate_api_key(
        &self,
        caller: Caller,
        request: op::RotateApiKeyInput,
    ) -> Result<op::RotateApiKey, Problem> {
        self.audit(
            &caller,
            &op::ROTATE_API_KEY,
            &request.key_id,
            Some(&request.body),
        )
        .await?;
        credentials::rotate_key(self, &caller, request).await
    }

    async fn revoke_api_key(
        &self,
        caller: Caller,
        request: op::RevokeApiKeyInput,
    ) -> Result<op::RevokeApiKey, Problem> {
        self.audit(&caller, &op::REVOKE_API_KEY, &request.key_id, NO_BODY)
            .await?;
        credentials::revoke_key(self, &caller, request).await
    }

    async fn create_client(
        &self,
        caller: Caller,
        request: op::CreateClientInput,
    ) -> Result<op::CreateClient, Problem> {
        let id = ClientId::of_bytes(made(&caller, &op::CREATE_CLIENT, &request.idempotency_key));
        self.audit(
            &caller,
            &op::CREATE_CLIENT,
            id.as_str(),
            Some(&request.body),
        )
        .await?;
        credentials::create_client(self, &caller, id, request).await
    }

    async fn list_clients(
        &self,
        caller: Caller,
        request: op::ListClientsInput,
    ) -> Result<op::ListClients, Problem> {
        credentials::list_clients(self, &caller, request).await
    }

    async fn rotate_client(
        &self,
        caller: Caller,
        request: op::RotateClientInput,
    ) -> Result<op::RotateClient, Problem> {
        self.audit(
            &caller,
            &op::ROTATE_CLIENT,
            &request.client_id,
            Some(&request.body),
        )
        .await?;
        credentials::rotate_client(self, &caller, request).await
    }

    async fn revoke_client(
        &self,
        caller: Caller,
        request: op::RevokeClientInput,
    ) -> Result<op::RevokeClient, Problem> {
        self.audit(&caller, &op::REVOKE_CLIENT, &request.client_id, NO_BODY)
            .await?;
        credentials::revoke_client(self, &caller, request).await
    }

    async fn list_audit_events(
        &self,
        caller: Caller,
        request: op::ListAuditEventsInput,
    ) -> Result<op::ListAuditEvents, Problem> {
        audit_events::list(self, &caller, request).await
    }

    async fn verify_audit_events(
        &self,
        caller: Caller,
        _request: op::VerifyAuditEventsInput,
    ) -> Result<op::VerifyAuditEvents, Problem> {
        audit_events::verify(self, &caller).await
    }

    async fn get_test_clock(
        &self,
        caller: Caller,
        request: op::GetTestClockInput,
    ) -> Result<op::GetTestClock, Problem> {
        test_clock::get(&self.clients, &caller, request).await
    }

    async fn advance_test_clock(
        &self,
        caller: Caller,
        request: op::AdvanceTestClockInput,
    ) -> Result<op::AdvanceTestClock, Problem> {
        self.audit(
            &caller,
            &op::ADVANCE_TEST_CLOCK,
            &request.test_clock_id,
            Some(&request.body),
        )
        .await?;
        test_clock::advance(&self.clients, &caller, request).await
    }
}
