//! The currency of a journey, what a US cent is worth in it, and the units that its amounts are rounded to.
//!
//! Fares are thought in US cents and sold in the currency of the country where the journey starts. The rates are synthetic and
//! fixed: they are near those of 2026 so that prices look right, and no one exchanges money at them.

use super::super::world::Country;
use crate::kernel::money::Currency;

/// One in a million: the scale of rates, and of fares before they are rounded.
pub const MICRO: i128 = 1_000_000;
/// US cents in a US dollar.
const DOLLAR: i128 = 100;
/// The whole of a fare, in hundredths of a percent.
const WHOLE: u16 = 10_000;

/// Millionths of a minor unit for a US cent. A country whose currency is not here sells in US dollars.
const RATES: [(&str, i64); 58] = [
    ("AED", 3_670_000),
    ("AUD", 1_520_000),
    ("BDT", 120_000_000),
    ("BGN", 1_800_000),
    ("BHD", 3_760_000),
    ("BRL", 5_400_000),
    ("CAD", 1_380_000),
    ("CHF", 850_000),
    ("CLP", 9_400_000),
    ("CNY", 7_150_000),
    ("COP", 4_000_000_000),
    ("CZK", 22_500_000),
    ("DKK", 6_860_000),
    ("EGP", 49_000_000),
    ("EUR", 920_000),
    ("FJD", 2_250_000),
    ("GBP", 780_000),
    ("HKD", 7_800_000),
    ("HUF", 360_000_000),
    ("IDR", 16_000_000_000),
    ("ILS", 3_600_000),
    ("INR", 86_000_000),
    ("ISK", 1_380_000),
    ("JOD", 7_090_000),
    ("JPY", 1_500_000),
    ("KES", 130_000_000),
    ("KRW", 13_700_000),
    ("KWD", 3_070_000),
    ("KZT", 500_000_000),
    ("LKR", 300_000_000),
    ("MAD", 9_800_000),
    ("MUR", 46_000_000),
    ("MXN", 18_500_000),
    ("MYR", 4_400_000),
    ("NGN", 1_550_000_000),
    ("NOK", 10_700_000),
    ("NZD", 1_680_000),
    ("OMR", 3_850_000),
    ("PEN", 3_700_000),
    ("PHP", 57_000_000),
    ("PKR", 280_000_000),
    ("PLN", 3_900_000),
    ("QAR", 3_640_000),
    ("RON", 4_600_000),
    ("RSD", 108_000_000),
    ("SAR", 3_750_000),
    ("SEK", 10_300_000),
    ("SGD", 1_330_000),
    ("THB", 34_000_000),
    ("TND", 31_000_000),
    ("TRY", 40_000_000),
    ("TWD", 32_000_000),
    ("UAH", 41_000_000),
    ("VND", 254_000_000),
    ("XAF", 6_040_000),
    ("XOF", 6_040_000),
    ("XPF", 1_100_000),
    ("ZAR", 18_200_000),
];

/// How amounts of one currency are made.
#[derive(Clone, Copy, Debug)]
pub struct Tariff {
    /// What the amounts are of.
    pub currency: Currency,
    rate: i128,
    fare_unit: i64,
    /// What is left of a fare, in hundredths of a percent.
    share: i128,
}

impl Tariff {
    /// Of a country's own currency, or of the US dollar.
    pub fn of(country: &Country) -> Self {
        let code = country.currency.code();
        let rate = RATES
            .binary_search_by(|(known, _)| (*known).cmp(code))
            .map(|index| RATES[index].1);
        match rate {
            Ok(rate) => Self::new(country.currency, rate),
            Err(_) => Self::new(Currency::parse("USD").expect("three capitals"), 1_000_000),
        }
    }

    fn new(currency: Currency, rate: i64) -> Self {
        let rate = i128::from(rate);
        // The largest power of ten that two dollars buy: a dollar, a euro, a hundred yen, a tenth of a dinar.
        let two_dollars = 2 * DOLLAR * rate / MICRO;
        let mut fare_unit = 1;
        while i128::from(fare_unit) * 10 <= two_dollars {
            fare_unit *= 10;
        }
        Self {
            currency,
            rate,
            fare_unit,
            share: i128::from(WHOLE),
        }
    }

    /// The same with so many hundredths of a percent off every fare; taxes, surcharges and penalties stay.
    pub fn discounted(self, basis_points: u16) -> Self {
        Self {
            share: i128::from(WHOLE.saturating_sub(basis_points)),
            ..self
        }
    }

    /// Fares are multiples of this many minor units.
    #[cfg(test)]
    pub fn fare_unit(&self) -> i64 {
        self.fare_unit
    }

    /// A fare of so many millionths of a US cent, rounded up to its unit.
    pub fn fare(&self, micro_cents: i128) -> Option<i64> {
        let unit = i128::from(self.fare_unit);
        let scale = MICRO
            .checked_mul(MICRO)?
            .checked_mul(unit)?
            .checked_mul(i128::from(WHOLE))?;
        let units = micro_cents
            .checked_mul(self.rate)?
            .checked_mul(self.share)?
            .checked_add(scale - 1)?
            .div_euclid(scale);
        i64::try_from(units.checked_mul(unit)?).ok()
    }

    /// A share of a fare in thousandths, rounded up to the unit of fares.
    pub fn fare_share(&self, fare: i64, thousandths: i64) -> Option<i64> {
        let unit = self.fare_unit.checked_mul(1000)?;
        let units = fare
            .checked_mul(thousandths)?
            .checked_add(unit - 1)?
            .div_euclid(unit);
        units.checked_mul(self.fare_unit)
    }

    /// A tax, fee or penalty of so many US cents; halves up to a hundredth of the unit of fares.
    pub fn charge(&self, cents: i64) -> Option<i64> {
        self.rounded_charge(i128::from(cents).checked_mul(self.rate)?, MICRO)
    }

    /// A tax of so many thousandths of a fare; halves up to a hundredth of the unit of fares.
    pub fn charge_share(&self, fare: i64, thousandths: i64) -> Option<i64> {
        self.rounded_charge(i128::from(fare).checked_mul(i128::from(thousandths))?, 1000)
    }

    fn rounded_charge(&self, scaled: i128, scale: i128) -> Option<i64> {
        let unit = i128::from((self.fare_unit / 100).max(1));
        let divisor = scale.checked_mul(unit)?;
        let units = scaled
            .checked_mul(2)?
            .checked_add(divisor)?
            .div_euclid(divisor.checked_mul(2)?);
        i64::try_from(units.checked_mul(unit)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tariff(code: &'static str) -> Tariff {
        Tariff::of(&Country {
            code: "ZZ",
            name: "Nowhere",
            currency: Currency::parse(code).expect("three capitals"),
            continent: "EU",
        })
    }

    #[test]
    fn amounts_are_rounded_to_the_units_of_their_currency() {
        // Currency ⇒ unit of fares, a fare of 100.01 dollars, a charge of 5.605 dollars less half a cent.
        for (code, unit, fare, charge) in [
            ("USD", 100, 10_100, 560),
            ("GBP", 100, 7_900, 437),
            ("JPY", 100, 15_100, 840),
            ("KWD", 100, 30_800, 1_719),
            ("INR", 10_000, 870_000, 48_200),
            ("KRW", 1000, 138_000, 7_670),
        ] {
            let tariff = tariff(code);
            assert_eq!(tariff.fare_unit(), unit, "{code}");
            assert_eq!(tariff.fare(10_001 * MICRO), Some(fare), "{code}");
            assert_eq!(tariff.charge(560), Some(charge), "{code}");
        }
        assert_eq!(tariff("USD").charge_share(10_100, 75), Some(758));
        assert_eq!(tariff("USD").fare_share(10_100, 100), Some(1_100));
        assert_eq!(tariff("USD").fare(i128::MAX), None);
        // A tenth off 100 dollars, off 100.01, and all but a ten-thousandth.
        for (basis_points, cents, fare) in [
            (1_000, 10_000, 9_000),
            (1_000, 10_001, 9_100),
            (9_999, 10_000, 100),
        ] {
            let discounted = tariff("USD").discounted(basis_points);
            assert_eq!(discounted.fare(cents * MICRO), Some(fare));
            assert_eq!(discounted.charge(560), tariff("USD").charge(560));
        }
    }

    #[test]
    fn a_currency_without_a_rate_sells_in_dollars() {
        assert_eq!(tariff("ZWL").currency.code(), "USD");
        assert!(RATES.is_sorted());
        for (code, rate) in RATES {
            assert!(Currency::parse(code).is_some() && rate > 0, "{code}");
        }
    }
}
