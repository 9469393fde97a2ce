//! Fareway: a flight-booking platform whose every door is a versioned contract.
//!
//! # The way of a request
//!
//! ```text
//! openapi/public/v2.yaml ──generate──▶ api/public_v2        types, one trait, one router   (generated; so each contract)
//!                                          ▲ implements
//! client ─HTTP─▶ wire ─▶ api ─▶ edge/public_v2              contract types in, contract types out
//!                                  │ rpc::booking           a plain call in this process, or gRPC to another
//!                                  ▼
//!                               booking/service             load, decide, commit
//!                                  │     └─▶ booking/order  pure: state + command + time → state + events, or a refusal
//!                                  ▼
//!                               booking/store               state, idempotency key and outbox row in ONE transaction
//!                                  ▼
//!                               platform/outbox → bus ─▶ billing, notify
//! ```
//!
//! One way down, no way back up: a module may use what stands below it here, and siblings never meet (`cargo xtask tidy`, from
//! `xtask/layers.txt`).
//!
//! | layer | what it is |
//! |---|---|
//! | `main`, [`config`] | the command line, and the only reader of the environment |
//! | [`serve`] | which services run here, which neighbours are elsewhere; start, drain, stop |
//! | [`edge`] | the doors: one folder a contract, what contracts say alike above the folders, and the pages |
//! | [`api`] | generated from `openapi/`: types, one trait and one router a contract |
//! | [`flights`], [`booking`], [`billing`], [`identity`], [`notify`] | the services; each implements its proto contract and keeps a database of its own; none names a version or an audience |
//! | [`wire`] | what every contract's HTTP shares: extraction, validation, negotiation, problems |
//! | [`platform`] | what adapters need and rules must not see: database, outbox, bus, credentials, limits |
//! | [`rpc`] | generated from `proto/`: messages, service traits, and clients that call in process or over a channel |
//! | [`kernel`] | ids, money, time, chance |
//!
//! HTTP exists only in `wire`, `api`, `edge` and `serve`; SQL only in a `store` and in `platform::{db, outbox}`.
//!
//! # Invariants
//!
//! Each has a test that can fail.
//!
//! - I1: no hold or sale is accepted that takes what is sold and held in a booking class and those below it past their limit.
//! - I2: every hold ends exactly once.
//! - I3: the lines of a journal sum to zero in each currency.
//! - I4: an order's balance is the sum of its ledger lines.
//! - I5: once the system is quiet, sold seats are those of live orders, and captured − refunded is what live orders cost plus
//!   penalties kept.
//! - I6: an idempotency key has one effect, under duplicate, concurrent and crash-and-retry calls.
//! - I7: a total is the sum of its parts, to the minor unit.
//! - I8: refunds never exceed captures.
//! - I9: the events of an aggregate are in order and without gaps.

// Generated files keep the generator's formatting.
#[rustfmt::skip]
pub mod api;
pub mod billing;
pub mod booking;
pub mod config;
pub mod edge;
pub mod flights;
pub mod identity;
pub mod kernel;
pub mod notify;
pub mod platform;
#[rustfmt::skip]
pub mod rpc;
pub mod serve;
pub mod wire;
