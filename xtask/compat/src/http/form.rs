//! How the value of a parameter or header is written on the wire: style and explode by RFC 6570, or a media type.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::media::Media;
use super::shape::{self, Shapes};
use crate::document::{Node, Unusable};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const RESERVED: &AsciiSet = &UNRESERVED
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';');

/// The form of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form<'f> {
    /// `query`, `path`, `header`, `cookie` or `querystring`.
    place: &'f str,
    style: &'f str,
    explode: bool,
    /// Reserved letters stand as they are.
    pub reserved: bool,
    /// The value is a document of this type.
    media: Option<(&'f str, Media)>,
}

impl<'f> Form<'f> {
    /// The form of a parameter or header, with what the place takes for granted.
    pub fn of(node: Node<'f>, place: &'f str) -> Form<'f> {
        let content = node.get("content").and_then(|all| all.members().next());
        let usual = match place {
            "query" | "cookie" | "querystring" => "form",
            _ => "simple",
        };
        let style = node.word("style").unwrap_or(usual);
        let explode = node.get("explode").and_then(Node::flag);
        Form {
            place,
            style,
            explode: explode.unwrap_or(["form", "cookie"].contains(&style)),
            reserved: node.says("allowReserved"),
            media: content.map(|(_, name, _)| (name, Media::read(name))),
        }
    }

    /// The value is a document, not written by a style.
    pub fn is_content(&self) -> bool {
        self.media.is_some()
    }

    /// How a value of this name is written: `q=a&q=b`.
    pub fn write(&self, name: &str, value: &Value) -> String {
        if let Some((_, media)) = &self.media {
            let text = match value {
                _ if media.is_form() => return pairs(value, "=", "&", &|text| self.coded(text)),
                Value::String(text) if !media.is_json() => text.clone(),
                value => value.to_string(),
            };
            return match self.place {
                "query" | "cookie" => format!("{name}={}", self.coded(&text)),
                _ => self.coded(&text),
            };
        }
        let coded = |text: &str| self.coded(text);
        let name = &coded(name);
        let many = matches!(value, Value::Array(_) | Value::Object(_));
        match (self.place, self.style) {
            ("path", "label") => {
                let between = if self.explode { "." } else { "," };
                format!(".{}", self.plain(value, between, &coded))
            }
            ("path", "matrix") => match value {
                Value::Object(_) if self.explode => {
                    format!(";{}", pairs(value, "=", ";", &coded))
                }
                Value::Array(items) if self.explode => {
                    let items = items
                        .iter()
                        .map(|item| format!(";{name}={}", coded(&text(item))));
                    items.collect()
                }
                _ => format!(";{name}={}", self.plain(value, ",", &coded)),
            },
            ("path" | "header", _) => self.plain(value, ",", &coded),
            (_, "deepObject") if value.is_object() => {
                let members = value.as_object().into_iter().flatten();
                let members = members.map(|(key, value)| {
                    format!("{name}%5B{}%5D={}", coded(key), coded(&text(value)))
                });
                members.collect::<Vec<_>>().join("&")
            }
            (_, style) if many && (self.explode || style == "deepObject") => {
                let between = if style == "cookie" { "; " } else { "&" };
                match value {
                    Value::Array(items) => {
                        let items = items.iter();
                        let items = items.map(|item| format!("{name}={}", coded(&text(item))));
                        items.collect::<Vec<_>>().join(between)
                    }
                    value => pairs(value, "=", between, &coded),
                }
            }
            (_, style) => {
                let between = match style {
                    "spaceDelimited" => "%20",
                    "pipeDelimited" => "%7C",
                    _ => ",",
                };
                format!("{name}={}", self.plain(value, between, &coded))
            }
        }
    }

    /// A list with something between, a record as list of names and values or of pairs.
    fn plain(&self, value: &Value, between: &str, coded: &dyn Fn(&str) -> String) -> String {
        match value {
            Value::Array(items) => {
                let items = items.iter().map(|item| coded(&text(item)));
                items.collect::<Vec<_>>().join(between)
            }
            Value::Object(_) if self.explode => pairs(value, "=", between, coded),
            Value::Object(_) => pairs(value, between, between, coded),
            value => coded(&text(value)),
        }
    }

    fn coded(&self, text: &str) -> String {
        if self.place == "header" {
            return text.to_owned();
        }
        let kept = if self.reserved { RESERVED } else { UNRESERVED };
        utf8_percent_encode(text, kept).to_string()
    }

    /// How values of the shapes that both sides know are written here and there, where that is not the same.
    pub fn differs(
        &self,
        name: &str,
        other: &Form<'_>,
        shapes: Shapes,
    ) -> Option<(String, String, Value)> {
        let samples = [
            (shapes.list, json!(["a", "b"])),
            (shapes.record, json!({"a": "b", "c": "d"})),
            (shapes.text, json!("a")),
            (shapes.bare, json!(5)),
        ];
        let occurring = samples.into_iter().filter(|(occurs, _)| *occurs);
        let plain = |form: &Form<'_>, value: &Value| match &form.media {
            // A type of which nothing is known is written in its own way.
            Some((shown, media)) if !(media.is_json() || media.is_text() || media.is_form()) => {
                format!("a document of {shown}")
            }
            _ => Form {
                reserved: false,
                ..form.clone()
            }
            .write(name, value),
        };
        occurring
            .map(|(_, value)| (plain(self, &value), plain(other, &value), value))
            .find(|(here, there, _)| here != there)
    }
}

/// The shapes of the values of a parameter, header or encoded member.
pub fn shapes(node: Node<'_>) -> Result<Shapes, Unusable> {
    let content = node.get("content").and_then(|all| all.members().next());
    let holder = content.map_or(node, |(_, _, media)| media);
    shape::of(holder.get("schema"))
}

fn pairs(value: &Value, within: &str, between: &str, coded: &dyn Fn(&str) -> String) -> String {
    let members = value.as_object().into_iter().flatten();
    let members =
        members.map(|(name, value)| format!("{}{within}{}", coded(name), coded(&text(value))));
    members.collect::<Vec<_>>().join(between)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(place: &'static str, style: &'static str, explode: bool) -> Form<'static> {
        Form {
            place,
            style,
            explode,
            reserved: false,
            media: None,
        }
    }

    #[test]
    fn styles_are_written_as_the_specification_shows_them() {
        let (list, record) = (json!(["a", "b"]), json!({"r": 1, "g": 2}));
        let cases = [
            ("path", "simple", false, "a,b", "r,1,g,2"),
            ("path", "simple", true, "a,b", "r=1,g=2"),
            ("path", "label", true, ".a.b", ".r=1.g=2"),
            ("path", "label", false, ".a,b", ".r,1,g,2"),
            ("path", "matrix", false, ";q=a,b", ";q=r,1,g,2"),
            ("path", "matrix", true, ";q=a;q=b", ";r=1;g=2"),
            ("query", "form", true, "q=a&q=b", "r=1&g=2"),
            ("query", "form", false, "q=a,b", "q=r,1,g,2"),
            (
                "query",
                "spaceDelimited",
                false,
                "q=a%20b",
                "q=r%201%20g%202",
            ),
            (
                "query",
                "pipeDelimited",
                false,
                "q=a%7Cb",
                "q=r%7C1%7Cg%7C2",
            ),
            (
                "query",
                "deepObject",
                true,
                "q=a&q=b",
                "q%5Br%5D=1&q%5Bg%5D=2",
            ),
            ("cookie", "cookie", true, "q=a; q=b", "r=1; g=2"),
            ("header", "simple", false, "a,b", "r,1,g,2"),
        ];
        for (place, style, explode, many, members) in cases {
            let form = form(place, style, explode);
            assert_eq!(form.write("q", &list), many, "{place} {style} {explode}");
            assert_eq!(
                form.write("q", &record),
                members,
                "{place} {style} {explode}"
            );
        }
    }

    #[test]
    fn letters_that_mean_something_are_coded() {
        let query = form("query", "form", true);
        assert_eq!(query.write("q", &json!("a b&c/d")), "q=a%20b%26c%2Fd");
        let open = Form {
            reserved: true,
            ..query
        };
        assert_eq!(open.write("q", &json!("a b&c/d")), "q=a%20b%26c/d");
    }

    #[test]
    fn a_single_value_is_written_alike_whatever_explode_says() {
        let bare = Shapes {
            bare: true,
            text: true,
            list: false,
            record: false,
        };
        let (one, other) = (
            form("query", "form", true),
            form("query", "pipeDelimited", false),
        );
        assert_eq!(one.differs("q", &other, bare), None);
        let list = Shapes { list: true, ..bare };
        let found = one.differs("q", &other, list).expect("lists differ");
        assert_eq!((found.0.as_str(), found.1.as_str()), ("q=a&q=b", "q=a%7Cb"));
    }
}
