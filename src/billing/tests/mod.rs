//! Billing as its neighbours see it: events in, events and reads out, over a real database, through crashes and repeats.

mod credit;
mod exchanges;
pub mod harness;
mod payments;
