//! Makes a small value of a schema, to show what a change lets through or shuts out. A sample is a guess: whoever shows it to
//! people has it validated first.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Number, Value};

use super::reader::Reader;
use super::schema::{All, KINDS, Kind, Node, compare};

const DEPTH_MAX: usize = 12;

/// A value of the conjunction, if one is found.
pub fn sample<'a>(reader: &Reader<'a>, all: &All<'a>) -> Option<Value> {
    at_depth(reader, all, 0)
}

/// A value of this kind.
pub fn of_kind<'a>(reader: &Reader<'a>, all: &All<'a>, wanted: Kind) -> Option<Value> {
    let mut ways = reader.ways(all).into_iter();
    ways.find_map(|way| from_node(reader, &reader.node(&way), wanted, 0))
}

fn at_depth<'a>(reader: &Reader<'a>, all: &All<'a>, depth: usize) -> Option<Value> {
    if depth > DEPTH_MAX {
        return None;
    }
    reader.ways(all).into_iter().find_map(|way| {
        let node = reader.node(&way);
        KINDS
            .into_iter()
            .filter(|kind| node.kinds.contains(kind))
            .find_map(|kind| from_node(reader, &node, kind, depth))
    })
}

fn from_node<'a>(
    reader: &Reader<'a>,
    node: &Node<'a>,
    wanted: Kind,
    depth: usize,
) -> Option<Value> {
    if !node.kinds.contains(wanted) {
        return None;
    }
    if let Some(values) = &node.values {
        let mut values = values.iter();
        return values
            .find(|value| super::schema::kind(value) == wanted)
            .map(|value| (*value).clone());
    }
    match wanted {
        "null" => Some(Value::Null),
        "boolean" => Some(Value::Bool(true)),
        "fraction" => fraction(node),
        "integer" => integer(node).map(Value::Number),
        "string" => {
            let known = node.known.iter().flatten().map(|word| (*word).to_owned());
            let word = known.chain(string(node, 0)).next()?;
            Some(Value::String(word))
        }
        "array" => {
            let wanted = *node.min.get("Items").unwrap_or(&0);
            let items = (0..usize::try_from(wanted).ok()?)
                .map(|at| at_depth(reader, &node.element(at), depth + 1));
            items.collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        _ => object(reader, node, depth).map(Value::Object),
    }
}

/// An object with what is required and as few other members as will do.
fn object<'a>(reader: &Reader<'a>, node: &Node<'a>, depth: usize) -> Option<Map<String, Value>> {
    let mut members = Map::new();
    for name in &node.required {
        let value = at_depth(reader, &node.member(name), depth + 1)?;
        members.insert((*name).to_owned(), value);
    }
    let wanted = usize::try_from(*node.min.get("Properties").unwrap_or(&0)).ok()?;
    for name in node.described() {
        if members.len() >= wanted {
            break;
        }
        if let Some(value) = at_depth(reader, &node.member(name), depth + 1) {
            members.insert(name.to_owned(), value);
        }
    }
    let mut at = 0;
    while members.len() < wanted && at < 64 {
        at += 1;
        let name = format!("x{at}");
        let value = at_depth(reader, &node.member(&name), depth + 1)?;
        members.insert(name, value);
    }
    (members.len() >= wanted).then_some(members)
}

fn number(node: &Node<'_>) -> Option<f64> {
    let bound = node.lower.as_ref().or(node.upper.as_ref());
    bound.map_or(Some(0.0), |bound| bound.value.as_f64())
}

fn integer(node: &Node<'_>) -> Option<Number> {
    let step = node
        .multiples
        .first()
        .and_then(|of| of.as_i128())
        .unwrap_or(1);
    let near = [&node.lower, &node.upper].into_iter().flatten();
    let near = near.filter_map(|bound| bound.value.as_f64());
    let mut starts = vec![1_i128, 0];
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a start to look around from, no figure that counts"
    )]
    starts.extend(near.map(|bound| bound as i128));
    let candidates = starts.into_iter().flat_map(|start| {
        let even = start - start.rem_euclid(step);
        [start, even, even + step, even - step, start + 1, start - 1]
    });
    let numbers = candidates
        .filter_map(|n| i64::try_from(n).ok())
        .map(Number::from);
    let mut fitting = numbers.filter(|number| super::admit::in_bounds(node, number));
    fitting.next()
}

/// A number just outside a bound, towards `step`.
pub fn beyond(bound: &Number, step: i64) -> Option<Number> {
    let bound = bound.as_i64()?;
    bound.checked_add(step).map(Number::from)
}

/// A string of the set with at least so many characters.
pub fn string(node: &Node<'_>, length: u64) -> Option<String> {
    variant(node, length, 0)
}

/// As [`string`]; another variant takes other ranges of classes and other branches of a pattern.
fn variant(node: &Node<'_>, length: u64, variant: usize) -> Option<String> {
    let min = length.max(*node.min.get("Length").unwrap_or(&0));
    let max = *node.max.get("Length").unwrap_or(&u64::MAX);
    if min > max || min > 100_000 {
        return None;
    }
    let fits = |text: &String| {
        let length = text.chars().count() as u64;
        let matches = |pattern: &&str| regex::Regex::new(pattern).is_ok_and(|p| p.is_match(text));
        (min..=max).contains(&length) && node.patterns.iter().all(matches)
    };
    if let Some(format) = node.formats.first() {
        return formatted(format).map(str::to_owned).filter(fits);
    }
    let Some(pattern) = node.patterns.first() else {
        let plain = "x".repeat(usize::try_from(min.max(1).min(max)).ok()?);
        return Some(plain).filter(fits);
    };
    let hir = regex_syntax::parse(pattern).ok()?;
    let repeats = u32::try_from(min).ok()?;
    let often: Vec<u32> = (0..=3.min(repeats)).chain([repeats]).collect();
    often.into_iter().find_map(|repeats| {
        let mut text = String::new();
        write(&hir, repeats, variant, &mut text);
        Some(text).filter(fits)
    })
}

fn formatted(format: &str) -> Option<&'static str> {
    Some(match format {
        "date" => "2027-03-15",
        "date-time" => "2027-03-15T09:00:00Z",
        "time" => "09:00:00Z",
        "uri" | "uri-reference" => "https://fareway.example/",
        "email" => "amelia@fareway.example",
        "uuid" => "0195a3d2-0000-7000-8000-000000000000",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "hostname" => "fareway.example",
        _ => return None,
    })
}

/// Writes a string that the expression matches, with open repetitions so often, in a variant.
fn write(hir: &Hir, repeats: u32, variant: usize, text: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(Class::Unicode(class)) => {
            let printable = |range: &regex_syntax::hir::ClassUnicodeRange| {
                let (start, end) = (range.start(), range.end());
                ['a', 'A', '0', start]
                    .into_iter()
                    .find(|c| (start..=end).contains(c))
            };
            let ranges = class.ranges();
            let plain = ranges.iter().filter_map(printable);
            let plain: Vec<char> = plain.filter(char::is_ascii_alphanumeric).collect();
            let chosen = plain.get(variant % plain.len().max(1)).copied();
            text.extend(chosen.or_else(|| ranges.iter().find_map(printable)));
        }
        HirKind::Class(Class::Bytes(_)) => {}
        HirKind::Repetition(repetition) => {
            let often = repeats
                .max(repetition.min)
                .min(repetition.max.unwrap_or(u32::MAX));
            for _ in 0..often {
                write(&repetition.sub, repeats, variant, text);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, repeats, variant, text),
        HirKind::Concat(parts) => parts
            .iter()
            .for_each(|part| write(part, repeats, variant, text)),
        HirKind::Alternation(branches) => {
            write(&branches[variant % branches.len()], repeats, variant, text)
        }
    }
}

/// Strings that many schemas refuse, to try against a pattern.
pub fn odd_strings(node: &Node<'_>) -> Vec<String> {
    let lengths = [0, 1, 2, 8, 64];
    let variants = (0..4).flat_map(|at| lengths.map(|length| variant(node, length, at)));
    let mut strings: Vec<String> = variants.flatten().collect();
    for odd in [
        "",
        "x",
        "X",
        "0",
        "-",
        "é",
        "a b",
        "not a word!",
        "2027-03-15",
    ] {
        strings.push(odd.to_owned());
    }
    strings
}

/// A fraction, if one is between the bounds.
fn fraction(node: &Node<'_>) -> Option<Value> {
    let number = number(node)?;
    [number + 0.5, number - 0.5]
        .into_iter()
        .filter_map(Number::from_f64)
        .find(|n| {
            let inside = |bound: &super::schema::Bound, wanted| compare(n, &bound.value) == wanted;
            node.lower
                .as_ref()
                .is_none_or(|bound| inside(bound, std::cmp::Ordering::Greater))
                && node
                    .upper
                    .as_ref()
                    .is_none_or(|bound| inside(bound, std::cmp::Ordering::Less))
        })
        .map(Value::Number)
}
