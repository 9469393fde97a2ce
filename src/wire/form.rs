//! Forms (`application/x-www-form-urlencoded`) as objects of texts, so that the same schemas judge them as judge JSON.

use serde_json::{Map, Value};

use super::parameters::decode;
use super::problem::Problem;
use crate::api::problem::Code;

/// Reads a form; a member without a value counts as left out (RFC 6749, section 3.2).
///
/// # Errors
/// `malformed` when it is not percent-encoded UTF-8, or a name stands twice.
pub fn read(bytes: &[u8]) -> Result<Value, Problem> {
    let malformed = |detail: &str| Problem::new(Code::Malformed, detail);
    let text = str::from_utf8(bytes).map_err(|_| malformed("the form is not UTF-8"))?;
    let mut members = Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (decode(name, true), decode(value, true)) else {
            return Err(malformed("the form is not percent-encoded UTF-8"));
        };
        let value = Value::String(value.into_owned());
        if members.insert(name.into_owned(), value).is_some() {
            return Err(malformed("the form gives a member twice"));
        }
    }
    members.retain(|_, value| value != "");
    Ok(Value::Object(members))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn forms_are_objects_of_texts() {
        for (form, read) in [
            ("", Some(json!({}))),
            ("a=1&b=x+y%26&&c=", Some(json!({"a": "1", "b": "x y&"}))),
            ("a=1=2", Some(json!({"a": "1=2"}))),
            ("a=1&a=2", None),
            ("a=&a=", None),
            ("a=%zz", None),
            ("a=%ff", None),
        ] {
            assert_eq!(super::read(form.as_bytes()).ok(), read, "{form}");
        }
        assert!(super::read(b"a=\xff").is_err());
    }
}
