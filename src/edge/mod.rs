//! The doors: one folder a contract, and the pages around them. HTTP ends here; what a handler does is contract types in, one
//! call, contract types out.

#[cfg(test)]
mod agreement;
pub mod docs;
pub mod due;
pub mod public_v2;
