//! Numbers as they are written: exact, of any size that a document may sensibly hold.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, ToPrimitive, Zero};
use serde_json::{Number, Value};

/// An exact number.
pub type Exact = BigRational;

/// The largest power of ten that is taken.
const EXPONENT_MAX: i32 = 400;

/// Reads a number in the grammar of JSON (RFC 8259); None when its exponent is out of all proportion.
pub fn exact(text: &str) -> Option<Exact> {
    if let Ok(small) = text.parse::<i64>() {
        return Some(whole(small));
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let scale = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    if scale.abs() > EXPONENT_MAX {
        return None;
    }
    let power = BigInt::from(10).pow(scale.unsigned_abs());
    Some(if scale < 0 {
        Exact::new(digits, power)
    } else {
        Exact::from_integer(digits * power)
    })
}

/// The number of a value.
pub fn of(number: &Number) -> Option<Exact> {
    exact(&number.to_string())
}

/// The number as JSON has it; None when JSON can only come near it.
pub fn value(number: &Exact) -> Option<Value> {
    if number.is_integer() {
        let whole = number.to_integer();
        let small = whole
            .to_i64()
            .map(Number::from)
            .or_else(|| whole.to_u64().map(Number::from));
        if let Some(number) = small {
            return Some(Value::Number(number));
        }
    }
    let near = Number::from_f64(number.to_f64()?)?;
    (of(&near)? == *number).then_some(Value::Number(near))
}

/// A value in which numbers are written in one way: `1.0` and `1` are the same number.
pub fn canonical(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let same = of(&number).as_ref().and_then(self::value);
            same.unwrap_or(Value::Number(number))
        }
        Value::Array(items) => items.into_iter().map(canonical).collect(),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| (name, canonical(value)))
                .collect(),
        ),
        value => value,
    }
}

/// The number is a whole multiple of another.
pub fn is_multiple(number: &Exact, of: &Exact) -> bool {
    of.is_zero() || (number / of).is_integer()
}

/// The least number of which both are divisors.
pub fn common_multiple(one: &Exact, other: &Exact) -> Exact {
    use num_integer::Integer;
    let numerators = (one.numer() * other.denom()).lcm(&(other.numer() * one.denom()));
    Exact::new(numerators, one.denom() * other.denom())
}

/// The smallest multiple of `step` that is at least `number`.
pub fn multiple_from(number: &Exact, step: &Exact) -> Exact {
    (number / step).ceil() * step
}

/// One.
pub fn one() -> Exact {
    Exact::one()
}

/// A whole number.
pub fn whole(number: i64) -> Exact {
    Exact::from_integer(BigInt::from(number))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_exact_and_have_one_form() {
        assert_eq!(exact("1.50"), exact("15e-1"));
        assert_eq!(
            exact("9007199254740993").and_then(|n| value(&n)),
            Some(json!(9_007_199_254_740_993_u64))
        );
        assert_eq!(exact("1e999999999"), None);
        assert_eq!(canonical(json!([1.0, 2.5])), json!([1, 2.5]));
        let (tenth, three) = (
            exact("0.1").expect("a number"),
            exact("0.3").expect("a number"),
        );
        assert!(is_multiple(&three, &tenth));
        assert_eq!(
            common_multiple(
                &exact("0.4").expect("a number"),
                &exact("0.6").expect("a number")
            ),
            exact("1.2").expect("a number")
        );
    }
}
