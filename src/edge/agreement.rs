//! The fast path and JSON Schema accept the same requests of every contract that is served here.

use crate::api::{partner_v1, private_v1, public_v1, public_v2};
use crate::wire::tests::agreement::{all_agree, fits};

/// A type of each request schema that a contract has.
macro_rules! agree {
    ($contract:ident: $($name:ident),* $(,)?) => {
        all_agree(
            $contract::CONTRACT,
            &[$((stringify!($name), fits::<$contract::types::$name>)),*],
        )
    };
}

#[test]
fn types_and_schemas_of_public_v1_agree() {
    agree!(
        public_v1: OfferRequestInput,
        OrderInput,
        OrderPaymentInput,
        OrderUpdateInput,
        WebhookEndpointInput,
        WebhookEndpointUpdateInput,
    );
}

#[test]
fn types_and_schemas_of_public_v2_agree() {
    agree!(
        public_v2: OfferPriceInput,
        OfferRequestInput,
        OrderCancellationInput,
        OrderChangeConfirmationInput,
        OrderChangeInput,
        OrderInput,
        OrderPaymentInput,
        OrderUpdateInput,
        TestClockAdvanceInput,
        WebhookEndpointInput,
        WebhookEndpointUpdateInput,
    );
}

#[test]
fn types_and_schemas_of_partner_v1_agree() {
    agree!(
        partner_v1: HoldInput,
        OfferRequestInput,
        OrderCancellationInput,
        OrderInput,
        TestClockAdvanceInput,
        TicketInput,
        WebhookEndpointInput,
        WebhookEndpointUpdateInput,
    );
}

#[test]
fn types_and_schemas_of_private_v1_agree() {
    agree!(
        private_v1: AccountInput,
        AccountUpdateInput,
        ApiKeyInput,
        ClientInput,
        FareInput,
        FlightCancelInput,
        FlightEquipmentInput,
        FlightRetimeInput,
        LimitsInput,
        RotationInput,
        TestClockAdvanceInput,
    );
}
