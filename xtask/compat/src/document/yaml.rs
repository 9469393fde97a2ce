//! Reads YAML 1.2: one document, keys that are scalars, anchors and aliases. An alias stands for the node it names, not for a
//! copy of it; a file that written out would be out of all proportion is refused.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use super::{DEPTH_MAX, Grower, Kind, Link, Name, NodeId, Unusable};

/// The byte order mark.
const MARK: char = '\u{feff}';

/// Adds the nodes of a text.
pub fn grow(grower: &mut Grower<'_>, text: &str) -> Result<NodeId, Unusable> {
    let text = text.trim_start_matches(MARK);
    // The parser never comes to the end of a file with a mark in its middle.
    if let Some(at) = text.find(MARK) {
        let lines = text[..at].matches('\n').count();
        let line = u32::try_from(lines + 1).unwrap_or(0);
        return grower.fail(
            line,
            "a byte order mark in the middle of the file",
            "take it out",
        );
    }
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        count: 0,
    };
    loop {
        let (event, line) = reader.next(grower)?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) => {}
            Event::StreamEnd => {
                return grower.fail(line, "the file is empty", "write an OpenAPI document");
            }
            event => {
                let root = reader.node(grower, event, line, 0)?;
                reader.end(grower)?;
                return Ok(root);
            }
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// Anchored nodes, with the number of nodes that each is when it is written out.
    anchors: HashMap<usize, (NodeId, usize)>,
    /// Nodes so far, written out.
    count: usize,
}

/// How many nodes a file may have when its aliases are written out.
const NODES_MAX: usize = 2_000_000;

fn line(span: &Span) -> u32 {
    u32::try_from(span.start.line()).unwrap_or(0)
}

impl<'t> Reader<'t> {
    fn next(&mut self, grower: &Grower<'_>) -> Result<(Event<'t>, u32), Unusable> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, line(&span))),
            Some(Err(error)) => {
                let at = u32::try_from(error.marker().line()).unwrap_or(0);
                grower.fail(
                    at,
                    format!("not YAML: {}", error.info()),
                    "correct the syntax",
                )
            }
            None => grower.fail(
                0,
                "the file ends in the middle of a node",
                "correct the syntax",
            ),
        }
    }

    /// Refuses a second document, which would be ignored silently.
    fn end(&mut self, grower: &Grower<'_>) -> Result<(), Unusable> {
        loop {
            match self.next(grower)? {
                (Event::DocumentEnd, _) => {}
                (Event::StreamEnd, _) => return Ok(()),
                (_, line) => {
                    return grower.fail(line, "a second YAML document", "keep one document a file");
                }
            }
        }
    }

    fn node(
        &mut self,
        grower: &mut Grower<'_>,
        event: Event<'t>,
        line: u32,
        depth: usize,
    ) -> Result<NodeId, Unusable> {
        if depth > DEPTH_MAX {
            return grower.fail(
                line,
                format!("values are nested deeper than {DEPTH_MAX}"),
                "flatten them",
            );
        }
        let mark = grower.open.len();
        let before = self.count;
        self.count += 1;
        let (anchor, node) = match event {
            Event::Alias(anchor) => {
                // An anchor is known only once its node is closed, so a node cannot hold itself.
                let Some((node, count)) = self.anchors.get(&anchor).copied() else {
                    return grower.fail(line, "an alias inside its own anchor", "use `$ref`");
                };
                self.count += count;
                if self.count > NODES_MAX && count > 1 {
                    let what = format!(
                        "with its aliases written out the file has more than {NODES_MAX} nodes"
                    );
                    return grower.fail(line, what, "repeat less");
                }
                return Ok(node);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_text =
                    style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
                let node = if is_text {
                    grower.leaf(Kind::Text, &text, line)
                } else {
                    self.plain(grower, &text, line)?
                };
                (anchor, node)
            }
            Event::SequenceStart(anchor, _) => {
                loop {
                    let (event, at) = self.next(grower)?;
                    if event == Event::SequenceEnd {
                        break;
                    }
                    let value = self.node(grower, event, at, depth + 1)?;
                    grower.open.push(Link {
                        key: Name(u32::MAX),
                        line: at,
                        value,
                    });
                }
                (anchor, grower.close(Kind::Array, mark, line)?)
            }
            Event::MappingStart(anchor, _) => {
                let mut merged = Vec::new();
                loop {
                    let (event, at) = self.next(grower)?;
                    let key = match event {
                        Event::MappingEnd => break,
                        Event::Scalar(key, ScalarStyle::Plain, 0, None) if key == "<<" => None,
                        Event::Scalar(key, ..) => Some(grower.forest.name(&key)),
                        _ => return grower.fail(at, "a key that is no string", "use string keys"),
                    };
                    let (event, value_line) = self.next(grower)?;
                    let value = self.node(grower, event, value_line, depth + 1)?;
                    match key {
                        Some(key) => grower.open.push(Link {
                            key,
                            line: at,
                            value,
                        }),
                        None => merged.push(value),
                    }
                }
                merge(grower, mark, &merged);
                (anchor, grower.close(Kind::Object, mark, line)?)
            }
            _ => return grower.fail(line, "not YAML: a node was expected", "correct the syntax"),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, (node, self.count - before));
        }
        Ok(node)
    }

    /// A plain scalar by the YAML 1.2 core schema, except that what JSON has no number for is refused.
    fn plain(&self, grower: &mut Grower<'_>, text: &str, line: u32) -> Result<NodeId, Unusable> {
        let kind = match text {
            "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
            "true" | "True" | "TRUE" => Kind::True,
            "false" | "False" | "FALSE" => Kind::False,
            _ => match number(text) {
                Some(Some(number)) => return Ok(grower.leaf(Kind::Number, &number, line)),
                Some(None) => {
                    let what = format!("the number `{text}` has no JSON form");
                    return grower.fail(line, what, "quote it, or write it in JSON form");
                }
                None => Kind::Text,
            },
        };
        Ok(grower.leaf(kind, text, line))
    }
}

/// Takes over the members of merged mappings (`<<`) that are not written out.
fn merge(grower: &mut Grower<'_>, mark: usize, merged: &[NodeId]) {
    let mut open: Vec<NodeId> = merged.iter().rev().copied().collect();
    while let Some(id) = open.pop() {
        let cell = grower.forest.cells[id.0 as usize];
        let links = cell.at as usize..cell.at as usize + cell.len as usize;
        for at in links {
            let link = grower.forest.links[at];
            match cell.kind {
                Kind::Array => open.push(link.value),
                _ if grower.open[mark..]
                    .iter()
                    .any(|known| known.key == link.key) => {}
                _ => grower.open.push(link),
            }
        }
    }
}

/// `None`: not a number; `Some(None)`: a number to YAML that JSON cannot write the same way.
fn number(text: &str) -> Option<Option<String>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let first = unsigned.bytes().next()?;
    if !first.is_ascii_digit() && first != b'.' {
        return None;
    }
    let is_decimal = unsigned
        .bytes()
        .all(|b| b.is_ascii_digit() || b"eE+-.".contains(&b));
    if is_decimal && unsigned.parse::<f64>().is_ok() {
        let text = text.strip_prefix('+').unwrap_or(text);
        return Some(
            serde_json::from_str::<serde_json::Number>(text)
                .ok()
                .map(|_| text.to_owned()),
        );
    }
    let digits = unsigned
        .strip_prefix("0x")
        .or_else(|| unsigned.strip_prefix("0o"))?;
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(None)
}
