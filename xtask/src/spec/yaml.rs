//! Reads one YAML file into a JSON value and remembers the line of every node.
//! The subset is what a contract needs: one document, string keys, no anchors, no tags; a duplicate key is an error.

use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use serde_json::{Map, Number, Value};

use super::{Location, escape};
use crate::finding::Finding;

/// A parsed file: its value, and the location of each JSON pointer in it. A member is located at its key.
pub struct Parsed {
    pub value: Value,
    pub positions: HashMap<String, Location>,
}

/// Parses `text`, which is the content of `file`.
pub fn parse(file: &str, text: &str) -> Result<Parsed, Finding> {
    let mut reader = Reader {
        file: Arc::from(file),
        parser: Parser::new_from_str(text),
        positions: HashMap::new(),
    };
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) => {}
            Event::StreamEnd => {
                return Err(reader.fail(span, "the file is empty", "write a YAML mapping"));
            }
            event => {
                let value = reader.node(event, span, "")?;
                reader.end()?;
                return Ok(Parsed {
                    value,
                    positions: reader.positions,
                });
            }
        }
    }
}

struct Reader<'a> {
    file: Arc<str>,
    parser: Parser<'a, StrInput<'a>>,
    positions: HashMap<String, Location>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Finding> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err(Location::new(&self.file, error.marker().line())
                .finding(format!("not YAML: {}", error.info()), "correct the syntax")),
            None => Err(Location::new(&self.file, 1).finding(
                "the file ends in the middle of a node",
                "correct the syntax",
            )),
        }
    }

    /// Refuses a second document, which would be ignored silently.
    fn end(&mut self) -> Result<(), Finding> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::DocumentEnd => {}
                Event::StreamEnd => return Ok(()),
                _ => {
                    return Err(self.fail(
                        span,
                        "a second YAML document",
                        "keep one document a file",
                    ));
                }
            }
        }
    }

    fn fail(&self, span: Span, what: &str, todo: &str) -> Finding {
        Location::new(&self.file, span.start.line()).finding(what, todo)
    }

    fn node(&mut self, event: Event<'a>, span: Span, pointer: &str) -> Result<Value, Finding> {
        self.positions
            .entry(pointer.to_owned())
            .or_insert_with(|| Location::new(&self.file, span.start.line()));
        match event {
            Event::Scalar(text, style, 0, None) => self.scalar(&text, style, span),
            Event::SequenceStart(0, None) => {
                let mut items = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    if event == Event::SequenceEnd {
                        return Ok(Value::Array(items));
                    }
                    let item = self.node(event, span, &format!("{pointer}/{}", items.len()))?;
                    items.push(item);
                }
            }
            Event::MappingStart(0, None) => {
                let mut members = Map::new();
                loop {
                    let (event, span) = self.next()?;
                    let key = match event {
                        Event::MappingEnd => return Ok(Value::Object(members)),
                        Event::Scalar(key, _, 0, None) => key.into_owned(),
                        _ => {
                            return Err(self.fail(
                                span,
                                "a key that is not a string",
                                "use string keys",
                            ));
                        }
                    };
                    let child = format!("{pointer}/{}", escape(&key));
                    self.positions
                        .insert(child.clone(), Location::new(&self.file, span.start.line()));
                    let (event, value_span) = self.next()?;
                    let value = self.node(event, value_span, &child)?;
                    if members.insert(key.clone(), value).is_some() {
                        return Err(self.fail(
                            span,
                            &format!("the key `{key}` is written twice"),
                            "keep one of them",
                        ));
                    }
                }
            }
            Event::Alias(_) => {
                Err(self.fail(span, "a YAML alias", "write the value out, or use `$ref`"))
            }
            _ => Err(self.fail(span, "a YAML anchor or tag", "leave it out, or use `$ref`")),
        }
    }

    /// Resolves a scalar by the YAML 1.2 core schema, except that floats of no JSON form are refused.
    fn scalar(&self, text: &str, style: ScalarStyle, span: Span) -> Result<Value, Finding> {
        if style != ScalarStyle::Plain {
            return Ok(Value::String(text.to_owned()));
        }
        Ok(match text {
            "" | "~" | "null" | "Null" | "NULL" => Value::Null,
            "true" | "True" | "TRUE" => Value::Bool(true),
            "false" | "False" | "FALSE" => Value::Bool(false),
            _ => match number(text) {
                Some(Some(number)) => Value::Number(number),
                Some(None) => {
                    return Err(self.fail(
                        span,
                        &format!("the number `{text}` has no JSON form"),
                        "quote it, or write it in JSON form",
                    ));
                }
                None => Value::String(text.to_owned()),
            },
        })
    }
}

/// `None`: not a number; `Some(None)`: a number to YAML that JSON cannot write the same way.
fn number(text: &str) -> Option<Option<Number>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let first = unsigned.bytes().next()?;
    if !first.is_ascii_digit() && !unsigned.starts_with('.') {
        return None;
    }
    if unsigned
        .bytes()
        .all(|b| b.is_ascii_digit() || b"eE+-.".contains(&b))
        && unsigned.parse::<f64>().is_ok()
    {
        return Some(serde_json::from_str(text).ok());
    }
    let based = unsigned
        .strip_prefix("0x")
        .or_else(|| unsigned.strip_prefix("0o"));
    match based {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Some(None)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_follow_the_core_schema_and_know_their_lines() {
        let text = "a: 1\nb:\n  - x: '2'\n    y: 2027-03-01\n  - ~\nc: {d: 1.5, e: yes, f: 1.0.0, 200: ok}\n";
        let parsed = parse("t.yaml", text).expect("it parses");
        assert_eq!(
            parsed.value,
            json!({"a": 1, "b": [{"x": "2", "y": "2027-03-01"}, null],
                   "c": {"d": 1.5, "e": "yes", "f": "1.0.0", "200": "ok"}})
        );
        assert_eq!(parsed.positions["/b/0/y"].to_string(), "t.yaml:4");
        assert_eq!(parsed.positions["/c/e"].to_string(), "t.yaml:6");
    }

    #[test]
    fn what_would_be_lost_is_refused_with_its_line() {
        let cases = [
            (
                "a: 1\na: 2\n",
                "t.yaml:2: the key `a` is written twice; keep one of them",
            ),
            (
                "a: &x 1\n",
                "t.yaml:1: a YAML anchor or tag; leave it out, or use `$ref`",
            ),
            (
                "a: 1\n---\nb: 2\n",
                "t.yaml:2: a second YAML document; keep one document a file",
            ),
            (
                "a: 007\n",
                "t.yaml:1: the number `007` has no JSON form; quote it, or write it in JSON form",
            ),
        ];
        for (text, message) in cases {
            let refused = parse("t.yaml", text).err().expect("it is refused");
            assert_eq!(refused.to_string(), message);
        }
    }
}
