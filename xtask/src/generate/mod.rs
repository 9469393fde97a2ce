//! `cargo xtask generate`: code from the contracts.

pub mod proto;
