//! The fast path and JSON Schema accept the same requests of every contract that is served here.

use crate::api::public_v2::{CONTRACT, types};
use crate::wire::tests::agreement::{Typed, all_agree, fits};

#[test]
fn types_and_schemas_of_public_v2_agree() {
    let types: [Typed; 6] = [
        ("OfferRequestInput", fits::<types::OfferRequestInput>),
        (
            "OrderCancellationInput",
            fits::<types::OrderCancellationInput>,
        ),
        ("OrderInput", fits::<types::OrderInput>),
        ("OrderPaymentInput", fits::<types::OrderPaymentInput>),
        ("OrderUpdateInput", fits::<types::OrderUpdateInput>),
        (
            "TestClockAdvanceInput",
            fits::<types::TestClockAdvanceInput>,
        ),
    ];
    all_agree(CONTRACT, &types);
}
