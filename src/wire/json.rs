//! JSON as the contracts mean it: `28.0` is an integer, null is not absence, and a name stands once in an object.
//! The `deserialize_with` functions serve the generated types; [`strict`] serves the slow path that explains a refusal.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde_json::{Map, Number, Value};

/// Reads what may be left out but not be null.
///
/// # Errors
/// When the value is not a `T`.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Reads what must be there but may be null; as a field without a default it may not be left out.
///
/// # Errors
/// When the value is neither null nor a `T`.
pub fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(from)
}

/// Reads what may be left out (`None`) or be null (`Some(None)`).
///
/// # Errors
/// When the value is neither null nor a `T`.
pub fn optional_nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Reads an object whose names are free; a name that stands twice is refused.
///
/// # Errors
/// When the value is not such an object.
pub fn map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    struct Members<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
        type Value = BTreeMap<String, T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
            let mut members = BTreeMap::new();
            while let Some((name, value)) = from.next_entry::<String, T>()? {
                if members.contains_key(&name) {
                    return Err(A::Error::custom(format_args!(
                        "the member `{name}` stands twice"
                    )));
                }
                members.insert(name, value);
            }
            Ok(members)
        }
    }
    from.deserialize_map(Members(PhantomData))
}

/// Reads an object whose names are free, and which may be left out but not be null.
///
/// # Errors
/// As [`map`].
pub fn present_map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<BTreeMap<String, T>>, D::Error> {
    map(from).map(Some)
}

/// An integer that may be written with a fraction of zero; wrap it in `Option` or `Vec` and unwrap it again.
struct Whole<T>(T);

impl<'de, T: TryFrom<i64>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Digits<T>(PhantomData<T>);
        impl<T: TryFrom<i64>> Visitor<'_> for Digits<T> {
            type Value = Whole<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer in range")
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
                T::try_from(value)
                    .map(Whole)
                    .map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
                let signed = i64::try_from(value)
                    .map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))?;
                self.visit_i64(signed)
            }

            #[expect(
                clippy::cast_possible_truncation,
                reason = "whole and within the exact range of a double"
            )]
            fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
                const EXACT: f64 = 9_007_199_254_740_992.0;
                if value.fract() == 0.0 && value.abs() <= EXACT {
                    return self.visit_i64(value as i64);
                }
                Err(E::invalid_value(Unexpected::Float(value), &self))
            }
        }
        from.deserialize_any(Digits(PhantomData))
    }
}

/// What must be written as an object; derived readers of structs take a list of the members' values too.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, from: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(from)).map(Object)
            }
        }
        from.deserialize_map(Members(PhantomData))
    }
}

macro_rules! wrapped {
    ($bound:path => $($(#[$doc:meta])* $name:ident: $wrapped:ty => $type:ty, $unwrap:expr;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// When the value is anything else.
        pub fn $name<'de, D: Deserializer<'de>, T: $bound>(from: D) -> Result<$type, D::Error> {
            <$wrapped>::deserialize(from).map($unwrap)
        }
    )*};
}

wrapped! { TryFrom<i64> =>
    /// Reads an integer.
    integer: Whole<T> => T, |whole| whole.0;
    /// Reads an integer that may be left out but not be null.
    present_integer: Whole<T> => Option<T>, |whole| Some(whole.0);
    /// Reads an integer or null.
    nullable_integer: Option<Whole<T>> => Option<T>, |whole| whole.map(|whole| whole.0);
    /// Reads an integer that may be left out or be null.
    optional_nullable_integer: Option<Whole<T>> => Option<Option<T>>, |whole| Some(whole.map(|whole| whole.0));
    /// Reads a list of integers.
    integers: Vec<Whole<T>> => Vec<T>, |list| list.into_iter().map(|whole| whole.0).collect();
    /// Reads a list of integers that may be left out but not be null.
    present_integers: Vec<Whole<T>> => Option<Vec<T>>, |list| Some(list.into_iter().map(|whole| whole.0).collect());
}

wrapped! { Deserialize<'de> =>
    /// Reads an object.
    object: Object<T> => T, |object| object.0;
    /// Reads an object that may be left out but not be null.
    present_object: Object<T> => Option<T>, |object| Some(object.0);
    /// Reads an object or null.
    nullable_object: Option<Object<T>> => Option<T>, |object| object.map(|object| object.0);
    /// Reads an object that may be left out or be null.
    optional_nullable_object: Option<Object<T>> => Option<Option<T>>, |object| Some(object.map(|object| object.0));
    /// Reads a list of objects.
    objects: Vec<Object<T>> => Vec<T>, |list| list.into_iter().map(|object| object.0).collect();
    /// Reads a list of objects that may be left out but not be null.
    present_objects: Vec<Object<T>> => Option<Vec<T>>, |list| Some(list.into_iter().map(|object| object.0).collect());
}

/// Reads an object of a union: the word of its tag, and its other members.
///
/// # Errors
/// When it is no object, a name stands twice in it, or the tag is missing or no string.
pub fn tagged<'de, D: Deserializer<'de>>(
    from: D,
    tag: &'static str,
) -> Result<(String, Value), D::Error> {
    let mut members = from.deserialize_map(Strict)?;
    let word = members.as_object_mut().and_then(|all| all.remove(tag));
    match word {
        Some(Value::String(word)) => Ok((word, members)),
        Some(_) => Err(D::Error::custom(format_args!("`{tag}` is not a string"))),
        None => Err(D::Error::missing_field(tag)),
    }
}

/// Reads a case of a union from the members beside its tag.
///
/// # Errors
/// When they are not those of a `T`.
pub fn case<'de, T: DeserializeOwned, D: Deserializer<'de>>(members: Value) -> Result<T, D::Error> {
    T::deserialize(members).map_err(D::Error::custom)
}

/// Reads a whole JSON text (RFC 8259) in which no object has a name twice.
///
/// # Errors
/// When it is not one.
pub fn strict(text: &[u8]) -> Result<Value, serde_json::Error> {
    let mut from = serde_json::Deserializer::from_slice(text);
    let value = Strict.deserialize(&mut from)?;
    from.end()?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!(
                    "the member `{name}` stands twice"
                )));
            }
            let value = from.next_value_seed(self)?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Sample {
        #[serde(deserialize_with = "integer")]
        a: i32,
        #[serde(default, deserialize_with = "present_integer")]
        b: Option<i64>,
        #[serde(deserialize_with = "nullable_integer")]
        c: Option<i64>,
        #[serde(default, deserialize_with = "optional_nullable")]
        d: Option<Option<String>>,
    }

    #[test]
    fn integers_may_have_a_zero_fraction_and_null_is_not_absence() {
        let read = |text: &str| serde_json::from_str::<Sample>(text).ok();
        let sample = |a, b, c, d| Some(Sample { a, b, c, d });
        assert_eq!(
            read(r#"{"a": 28.0, "c": null}"#),
            sample(28, None, None, None)
        );
        assert_eq!(
            read(r#"{"a": 2.8e1, "b": 1, "c": 2, "d": null}"#),
            sample(28, Some(1), Some(2), Some(None))
        );
        for refused in [
            r#"{"a": 28.5, "c": null}"#,
            r#"{"a": 3000000000, "c": null}"#,
            r#"{"a": "28", "c": null}"#,
            r#"{"a": 1, "b": null, "c": null}"#,
            r#"{"a": 1}"#,
            r#"{"a": 1, "c": 1e300}"#,
        ] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }

    #[test]
    fn strict_refuses_what_parsers_read_differently() {
        assert!(strict(br#"{"a": [1, -2, 3.5, "x", null, true]}"#).is_ok());
        for refused in [
            &br#"{"a": 1, "a": 2}"#[..],
            br#"{"a": 1} x"#,
            b"{\"a\": \"\xff\"}",
            br#""\ud800""#,
            b"",
            b"NaN",
            b"1e999",
        ] {
            assert!(
                strict(refused).is_err(),
                "{}",
                String::from_utf8_lossy(refused)
            );
        }
        let deep = "[".repeat(100_000);
        assert!(
            strict(deep.as_bytes()).is_err(),
            "deep nesting is an error, not a crash"
        );
    }
}
