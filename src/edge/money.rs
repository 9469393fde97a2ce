//! Amounts and counts as the contracts write them.

use crate::api::shared as types;
use crate::kernel::money::Currency;
use crate::rpc::common::v1::Money;

/// Money with its scale.
pub fn money(money: Option<&Money>) -> types::Money {
    let (amount, code) = parts(money);
    types::Money {
        amount,
        currency: code.to_owned(),
        scale: i32::from(scale(code)),
    }
}

/// Money that a caller names.
pub fn money_asked(input: types::MoneyInput) -> Money {
    Money {
        amount: input.amount,
        currency: input.currency,
    }
}

/// Minor units and currency code; nothing of no currency where a service left it out.
pub fn parts(money: Option<&Money>) -> (i64, &str) {
    money.map_or((0, "XXX"), |money| (money.amount, money.currency.as_str()))
}

/// Digits after the decimal point of a currency.
pub fn scale(currency: &str) -> u8 {
    Currency::parse(currency).map_or(2, |currency| currency.exponent())
}

/// A count that the contract bounds far below 2³¹.
pub fn small(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A version, or another count that a double can hold exactly.
pub fn large(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
