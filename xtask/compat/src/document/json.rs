//! Reads JSON (RFC 8259).

use jiter::{Jiter, JiterError, Peek};

use super::{DEPTH_MAX, Grower, Kind, Link, Name, NodeId, Unusable};

/// Adds the nodes of a text.
pub fn grow(grower: &mut Grower<'_>, text: &str) -> Result<NodeId, Unusable> {
    let mut reader = Reader {
        json: Jiter::new(text.as_bytes()),
        text: text.as_bytes(),
        line: 1,
        counted: 0,
    };
    let root = reader
        .peek(grower)
        .and_then(|peek| reader.value(grower, peek, 0))?;
    let end = reader.json.finish();
    reader.sound(grower, end)?;
    Ok(root)
}

struct Reader<'t> {
    json: Jiter<'t>,
    text: &'t [u8],
    /// The line at the byte up to which lines were counted.
    line: u32,
    counted: usize,
}

impl Reader<'_> {
    fn line(&mut self) -> u32 {
        let here = self.json.current_index().min(self.text.len());
        if here > self.counted {
            let lines = memchr::memchr_iter(b'\n', &self.text[self.counted..here]).count();
            self.line += u32::try_from(lines).expect("files are smaller than that");
            self.counted = here;
        }
        self.line
    }

    fn sound<T>(&self, grower: &Grower<'_>, result: Result<T, JiterError>) -> Result<T, Unusable> {
        result.or_else(|error| {
            let at = self.json.error_position(error.index);
            let line = u32::try_from(at.line).unwrap_or(0);
            let what = format!("not JSON: {} at column {}", error.error_type, at.column);
            grower.fail(line, what, "correct the syntax")
        })
    }

    fn peek(&mut self, grower: &Grower<'_>) -> Result<Peek, Unusable> {
        let peek = self.json.peek();
        self.sound(grower, peek)
    }

    fn value(
        &mut self,
        grower: &mut Grower<'_>,
        peek: Peek,
        depth: usize,
    ) -> Result<NodeId, Unusable> {
        let line = self.line();
        if depth > DEPTH_MAX {
            return grower.fail(
                line,
                format!("values are nested deeper than {DEPTH_MAX}"),
                "flatten them",
            );
        }
        let mark = grower.open.len();
        match peek {
            Peek::Null => {
                let read = self.json.known_null();
                self.sound(grower, read)?;
                Ok(grower.leaf(Kind::Null, "", line))
            }
            Peek::True | Peek::False => {
                let read = self.json.known_bool(peek);
                let kind = if self.sound(grower, read)? {
                    Kind::True
                } else {
                    Kind::False
                };
                Ok(grower.leaf(kind, "", line))
            }
            Peek::String => {
                let read = self.json.known_str().map(str::to_owned);
                let text = self.sound(grower, read)?;
                Ok(grower.leaf(Kind::Text, &text, line))
            }
            Peek::Array => {
                let first = self.json.known_array();
                let mut next = self.sound(grower, first)?;
                while let Some(peek) = next {
                    let value = self.value(grower, peek, depth + 1)?;
                    grower.open.push(Link {
                        key: Name(u32::MAX),
                        line: grower.forest.cells[value.0 as usize].line,
                        value,
                    });
                    let step = self.json.array_step();
                    next = self.sound(grower, step)?;
                }
                grower.close(Kind::Array, mark, line)
            }
            Peek::Object => {
                let mut key = {
                    let first = self
                        .json
                        .known_object()
                        .map(|key| key.map(|key| grower.forest.name(key)));
                    self.sound(grower, first)?
                };
                while let Some(name) = key {
                    let key_line = self.line();
                    let peek = self.peek(grower)?;
                    let value = self.value(grower, peek, depth + 1)?;
                    grower.open.push(Link {
                        key: name,
                        line: key_line,
                        value,
                    });
                    let next = self
                        .json
                        .next_key()
                        .map(|key| key.map(|key| grower.forest.name(key)));
                    key = self.sound(grower, next)?;
                }
                grower.close(Kind::Object, mark, line)
            }
            number => {
                let read = self.json.known_number_bytes(number).map(<[u8]>::to_vec);
                let bytes = self.sound(grower, read)?;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                Ok(grower.leaf(Kind::Number, &text, line))
            }
        }
    }
}
