//! Money: whole minor units of a currency, checked arithmetic, and splitting without losing a unit.
//!
//! There is no float here and no way to make one. Amounts of different currencies never meet.
#![deny(clippy::arithmetic_side_effects)]

use std::fmt;

/// A currency of ISO 4217, by its three letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads a code of three capital letters.
    pub fn parse(code: &str) -> Option<Self> {
        let letters: [u8; 3] = code.as_bytes().try_into().ok()?;
        letters
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Self(letters))
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency is three ASCII letters")
    }

    /// Decimal places of the minor unit: 2 for most, 0 for the yen, 3 for the dinar (ISO 4217 list one, as of 2024-06-25).
    pub fn exponent(&self) -> u8 {
        // On bytes: this is asked for every amount of every offer.
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in minor units of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units; negative for what is owed the other way.
    pub amount: i64,
    /// What the units are of.
    pub currency: Currency,
}

/// Why two amounts could not be put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The amounts are of different currencies.
    #[error("{0} and {1} do not add up")]
    CurrencyMismatch(Currency, Currency),
    /// The result does not fit 64 bits.
    #[error("the amount is too large")]
    Overflow,
}

impl Money {
    /// `amount` minor units of `currency`.
    pub fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Nothing of `currency`.
    pub fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Result<Self, Error> {
        self.same_currency(other)?;
        self.amount
            .checked_add(other.amount)
            .map(|amount| Self::new(amount, self.currency))
            .ok_or(Error::Overflow)
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Result<Self, Error> {
        self.same_currency(other)?;
        self.amount
            .checked_sub(other.amount)
            .map(|amount| Self::new(amount, self.currency))
            .ok_or(Error::Overflow)
    }

    /// The amount `count` times.
    pub fn times(self, count: i64) -> Result<Self, Error> {
        self.amount
            .checked_mul(count)
            .map(|amount| Self::new(amount, self.currency))
            .ok_or(Error::Overflow)
    }

    /// The amount times `numerator` / `denominator`, halves rounded away from zero. The denominator must not be zero.
    pub fn share(self, numerator: i64, denominator: i64) -> Result<Self, Error> {
        let product = i128::from(self.amount)
            .checked_mul(i128::from(numerator))
            .ok_or(Error::Overflow)?;
        rounded_quotient(product, i128::from(denominator))
            .and_then(|amount| i64::try_from(amount).ok())
            .map(|amount| Self::new(amount, self.currency))
            .ok_or(Error::Overflow)
    }

    fn same_currency(self, other: Self) -> Result<(), Error> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(Error::CurrencyMismatch(self.currency, other.currency))
        }
    }
}

/// Integer quotient, halves rounded away from zero; `None` on division by zero or overflow.
fn rounded_quotient(dividend: i128, divisor: i128) -> Option<i128> {
    let quotient = dividend.checked_div(divisor)?;
    let remainder = dividend.checked_rem(divisor)?;
    let doubled = remainder.checked_abs()?.checked_mul(2)?;
    if doubled < divisor.checked_abs()? {
        return Some(quotient);
    }
    if (dividend < 0) == (divisor < 0) {
        quotient.checked_add(1)
    } else {
        quotient.checked_sub(1)
    }
}

/// Splits `total` in proportion to `weights` by largest remainder, so that the parts sum to the total exactly. Ties go to the
/// earlier part. All weights zero splits evenly; no weights gives no parts.
pub fn largest_remainder(total: i64, weights: &[u64]) -> Vec<i64> {
    let sum: u128 = weights.iter().fold(0_u128, |sum, &weight| {
        sum.saturating_add(u128::from(weight))
    });
    if weights.is_empty() {
        return Vec::new();
    }
    if sum == 0 {
        return largest_remainder(total, &vec![1; weights.len()]);
    }
    let whole = u128::from(total.unsigned_abs());
    let mut shares: Vec<(usize, u128, u128)> = weights
        .iter()
        .enumerate()
        .map(|(index, &weight)| {
            let product = whole.saturating_mul(u128::from(weight));
            let quotient = product.checked_div(sum).unwrap_or(0);
            (index, quotient, product.checked_rem(sum).unwrap_or(0))
        })
        .collect();
    let given = shares
        .iter()
        .fold(0_u128, |given, share| given.saturating_add(share.1));
    let left = usize::try_from(whole.saturating_sub(given)).unwrap_or(0);
    shares.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(&b.0)));
    for share in shares.iter_mut().take(left) {
        share.1 = share.1.saturating_add(1);
    }
    shares.sort_by_key(|share| share.0);
    let sign = total.signum();
    shares
        .iter()
        .map(|share| {
            i64::try_from(share.1)
                .unwrap_or(i64::MAX)
                .saturating_mul(sign)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::parse("EUR").expect("three letters"))
    }

    #[test]
    fn exponents_are_those_of_iso_4217() {
        for (code, exponent) in [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)] {
            assert_eq!(
                Currency::parse(code).map(|c| c.exponent()),
                Some(exponent),
                "{code}"
            );
        }
        assert_eq!(Currency::parse("eur"), None);
        assert_eq!(Currency::parse("EURO"), None);
    }

    #[test]
    fn arithmetic_is_checked() {
        assert_eq!(eur(2).plus(eur(3)), Ok(eur(5)));
        assert_eq!(eur(i64::MAX).plus(eur(1)), Err(Error::Overflow));
        let yen = Money::new(1, Currency::parse("JPY").expect("three letters"));
        assert!(matches!(eur(1).plus(yen), Err(Error::CurrencyMismatch(..))));
        for (amount, numerator, denominator, share) in [
            (10, 1, 3, 3),
            (5, 1, 2, 3),
            (-5, 1, 2, -3),
            (100, 75, 100, 75),
        ] {
            assert_eq!(eur(amount).share(numerator, denominator), Ok(eur(share)));
        }
        assert_eq!(eur(1).share(1, 0), Err(Error::Overflow));
    }

    #[test]
    fn splitting_gives_the_odd_units_to_the_largest_remainders() {
        assert_eq!(largest_remainder(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(largest_remainder(10, &[0, 0]), [5, 5]);
        assert_eq!(largest_remainder(-7, &[1, 3]), [-2, -5]);
        assert!(largest_remainder(5, &[]).is_empty());
    }

    proptest! {
        #[test]
        fn parts_always_sum_to_the_whole(total in -1_000_000_000_i64..1_000_000_000, weights in proptest::collection::vec(0_u64..1_000_000, 1..12)) {
            prop_assert_eq!(largest_remainder(total, &weights).iter().sum::<i64>(), total);
        }
    }
}
