//! May a server move from one contract to another without breaking a client that was right under the first? A library: two OpenAPI
//! documents in, a [`Report`] as data out. It knows nothing of any particular contract, prints nothing and reads no clock.
//!
//! The parts, from the bottom: [`document`] reads files into trees that know their lines; `variance` says which values of one
//! schema are none of another, and finds one; `http` walks operations, parameters, bodies, headers, credentials and servers;
//! [`rules`] holds the words, [`report`] the findings, [`render`] what people and machines read.

pub mod document;
mod examples;
pub mod http;
pub mod judgement;
pub mod proto;
pub mod refactor;
pub mod render;
pub mod report;
pub mod rules;
pub mod variance;
pub mod waivers;

pub use http::compare;
pub use report::{Finding, Report};
