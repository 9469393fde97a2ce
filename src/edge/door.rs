//! What keeps the contracts: one door for all of them, and the rows by which it implements a contract.

use super::call::Call;
use super::clients::Clients;
use crate::kernel::chance::Chance;
use crate::platform::auth::Caller;

/// The door.
#[derive(Clone)]
pub struct Door {
    /// The services that it asks.
    pub clients: Clients,
    /// Where ids come from.
    pub chance: Chance,
}

impl Door {
    /// A call at a contract.
    pub fn call<'a>(&'a self, caller: &'a Caller, contract: &'static str) -> Call<'a> {
        Call {
            clients: &self.clients,
            chance: &self.chance,
            caller,
            contract,
        }
    }
}

/// Implements an operation: the method, what it is asked with, how it succeeds, and the answer to a call. The contract is the one
/// whose `op` and `NAME` are in scope.
macro_rules! operation {
    ($method:ident: $input:ident -> $success:ident, |$call:ident, $request:ident| $answer:expr) => {
        async fn $method(
            &self,
            caller: $crate::platform::auth::Caller,
            $request: op::$input,
        ) -> Result<op::$success, $crate::wire::problem::Problem> {
            let $call = self.call(&caller, NAME);
            $answer
        }
    };
}
pub(super) use operation;

/// Implements operations, a row each, by the functions that answer them.
macro_rules! handlers {
    ($($method:ident: $input:ident -> $success:ident = $handler:path;)*) => {$(
        $crate::edge::door::operation! {
            $method: $input -> $success, |call, request| $handler(call, request).await
        }
    )*};
}
pub(super) use handlers;
