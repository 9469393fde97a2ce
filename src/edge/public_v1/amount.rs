//! Amounts as decimal strings in major units, with all digits of the currency.

use crate::api::problem::Code;
use crate::edge::money::{parts, scale};
use crate::rpc::common::v1::Money;
use crate::wire::problem::Problem;

/// An amount and its currency, as two members.
pub fn split(money: Option<&Money>) -> (String, String) {
    let (amount, currency) = parts(money);
    (decimal(amount, scale(currency)), currency.to_owned())
}

/// Minor units as a decimal string.
fn decimal(minor: i64, scale: u8) -> String {
    let scale = usize::from(scale);
    let sign = if minor < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// What a caller says that is due; `None` when nothing is said.
pub fn told(amount: Option<String>, currency: Option<String>) -> Result<Option<Money>, Problem> {
    let (amount, currency) = match (amount, currency) {
        (None, None) => return Ok(None),
        (Some(amount), Some(currency)) => (amount, currency),
        _ => return Err(mismatch("give amount and currency together, or neither")),
    };
    let Some(amount) = minor(&amount, scale(&currency)) else {
        return Err(mismatch("the amount has more decimals than its currency"));
    };
    Ok(Some(Money { amount, currency }))
}

fn mismatch(detail: &str) -> Problem {
    Problem::new(Code::AmountMismatch, detail)
}

/// A decimal string in minor units; `None` when it has more decimals than the currency.
fn minor(text: &str, scale: u8) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let missing = usize::from(scale).checked_sub(fraction.len())?;
    format!("{whole}{fraction}{}", "0".repeat(missing))
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_all_digits_of_its_currency_and_comes_back() {
        for (minor_units, scale, text) in [
            (49_810, 2, "498.10"),
            (0, 2, "0.00"),
            (7, 2, "0.07"),
            (49_810, 0, "49810"),
            (1_234, 3, "1.234"),
        ] {
            assert_eq!(decimal(minor_units, scale), text);
            assert_eq!(minor(text, scale), Some(minor_units));
        }
        assert_eq!(minor("498.1", 2), Some(49_810));
        assert_eq!(minor("498.100", 2), None);
        assert_eq!(minor("1.5", 0), None);
    }
}
