//! The services as the doors reach them, in this process or in another.

use crate::rpc::billing::v1::{CreditClient, LedgerClient, PaymentsClient};
use crate::rpc::booking::v1::{OrdersClient, SagasClient};
use crate::rpc::events::v1::ParkedEventsClient;
use crate::rpc::flights::v1::{FaresClient, InventoryClient, ScheduleClient, SearchClient};
use crate::rpc::identity::v1::{
    AccountsClient, AuditClient, ClocksClient, CredentialsClient, KeysClient,
};
use crate::rpc::notify::v1::{FeedClient, WebhooksClient};

/// One client a contract between services.
#[derive(Clone)]
pub struct Clients {
    /// Offers and reference data.
    pub search: SearchClient,
    /// Seats.
    pub inventory: InventoryClient,
    /// The plan of flights.
    pub schedule: ScheduleClient,
    /// Negotiated fares.
    pub fares: FaresClient,
    /// Orders.
    pub orders: OrdersClient,
    /// What carries orders on.
    pub sagas: SagasClient,
    /// Payments.
    pub payments: PaymentsClient,
    /// Journals and balances.
    pub ledger: LedgerClient,
    /// What agencies may owe.
    pub credit: CreditClient,
    /// Developers and agencies.
    pub accounts: AccountsClient,
    /// Whose a credential is.
    pub credentials: CredentialsClient,
    /// Keys and clients.
    pub keys: KeysClient,
    /// What was done by whom.
    pub audit: AuditClient,
    /// Clocks of test worlds.
    pub clocks: ClocksClient,
    /// Events that consumers did not take.
    pub parked: ParkedEventsClient,
    /// The event feed.
    pub feed: FeedClient,
    /// Webhook endpoints and deliveries.
    pub webhooks: WebhooksClient,
}
