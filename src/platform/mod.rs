//! What adapters need and the rules of a service must not see: databases, events, credentials, limits, logs.
//! Knows no service and no door.

pub mod auth;
pub mod bus;
pub mod db;
pub mod limits;
pub mod outbox;
pub mod page;
pub mod status;
pub mod telemetry;
