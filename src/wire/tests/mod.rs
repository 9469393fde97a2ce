//! The pipeline under test with the golden contract, which the generator's own tests keep: it uses the whole dialect, and its
//! implementation here is small enough to see through.

pub mod agreement;
mod failures;
mod pipeline;
mod things;
mod tokens;

#[rustfmt::skip]
#[expect(dead_code, reason = "it is generated whole, and the tests need a part")]
#[path = "../../../xtask/src/generate/golden/expected/mod.rs"]
mod golden;
