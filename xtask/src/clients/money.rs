//! Amounts of money, which clients write as people read them.

use super::api::Api;
use crate::generate::openapi::schema::{Field, Shape, Type};

/// The type of an amount that says its scale, if the contract has one: `{amount, currency, scale}`.
pub fn of(api: &Api) -> Option<&str> {
    let found = api.types.iter().find(|(_, kind)| is_money(kind));
    found.map(|(name, _)| name.as_str())
}

/// Whether a type is that of an amount.
pub fn is_money(kind: &Type) -> bool {
    let Type::Struct(structure) = kind else {
        return false;
    };
    let is = |field: &Field, name: &str| {
        let fits = match &field.node.shape {
            Shape::Integer { .. } => name != "currency",
            Shape::Text(_) => name == "currency",
            _ => false,
        };
        fits && field.name == name && field.required && !field.node.nullable
    };
    matches!(&structure.fields[..], [amount, currency, scale]
        if is(amount, "amount") && is(currency, "currency") && is(scale, "scale"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::clients::api;

    #[test]
    fn contracts_with_a_scale_have_amounts_that_can_be_read() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        for api in api::all(root.expect("a root")).expect("contracts") {
            let money = (api.contract() != "public/v1").then_some("Money");
            assert_eq!(super::of(&api), money, "{}", api.folder());
        }
    }
}
