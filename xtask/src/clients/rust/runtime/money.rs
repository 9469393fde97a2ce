//! Amounts of money, as people read them.

use std::fmt;

use crate::types::Money;

/// In major units: `498.10 GBP`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Money {
            amount,
            currency,
            scale,
            ..
        } = self;
        let digits = u8::try_from(*scale).unwrap_or(u8::MAX);
        let Some(unit) = 10_u64.checked_pow(digits.into()) else {
            return write!(f, "{amount}e-{scale} {currency}");
        };
        if *amount < 0 {
            f.write_str("-")?;
        }
        let amount = amount.unsigned_abs();
        write!(f, "{}", amount / unit)?;
        if digits > 0 {
            write!(f, ".{:0width$}", amount % unit, width = digits.into())?;
        }
        write!(f, " {currency}")
    }
}

#[cfg(test)]
mod tests {
    use crate::types::Money;

    #[test]
    fn amounts_are_read_in_major_units() {
        for (amount, currency, scale, text) in [
            (49_810, "GBP", 2, "498.10 GBP"),
            (49_810, "JPY", 0, "49810 JPY"),
            (5, "KWD", 3, "0.005 KWD"),
            (0, "GBP", 2, "0.00 GBP"),
            (-5, "GBP", 2, "-0.05 GBP"),
            (9_007_199_254_740_991, "GBP", 2, "90071992547409.91 GBP"),
            (1, "GBP", 40, "1e-40 GBP"),
        ] {
            let currency = currency.to_owned();
            let money = Money {
                amount,
                currency,
                scale,
            };
            assert_eq!(money.to_string(), text);
        }
    }
}
