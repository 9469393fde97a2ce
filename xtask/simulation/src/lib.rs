//! A simulation of the booking core that is the same whenever its seed is.
//!
//! Flights, booking and billing are the real ones, over real stores. Between them are a network that loses, delays and repeats,
//! and a broker that delivers at least once; each service may be killed at any step and starts again over its files, and its
//! [`disk`] may be full or its database locked for a while. A seed decides what happens, one step after the other, or several
//! things at one moment: people search, order, pay, cancel, void and ask again; flights are retimed or given another
//! aircraft, and their limits changed;
//! time passes. After each step the cheap invariants are checked, and whenever all has come to rest, all books are held against
//! each other: no seat is sold twice, no money is lost or taken twice.
//!
//! [`run`] is one run, [`steps`] what may happen in it, [`stage`] the services, [`network`] and [`broker`] what is between them,
//! [`people`] who books, [`books`] the invariants.

pub mod books;
pub mod broker;
pub mod network;
pub mod people;
pub mod process;
pub mod report;
pub mod run;
pub mod services;
pub mod stage;
pub mod steps;
