//! Values to try where neither a value that breaks nor a reason against one was found: a small value of the first schema, and what it
//! becomes when one place of it is left out or is something else.

use serde_json::{Value, json};

use super::mind::Mind;
use super::prove;
use super::schema::SchemaId;

/// Most values that are tried.
const TRIES_MAX: usize = 200;

/// What is put at each place.
fn others() -> [Value; 12] {
    [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(""),
        json!("x"),
        json!("2027-03-15"),
        json!([]),
        json!(["x"]),
        json!({}),
    ]
}

/// What tries came to.
pub enum Tried {
    /// This one is of the first schema and not of the second.
    Refuted(Value),
    /// So many of the first are of the second too.
    Held(u32),
}

/// Tries values of `sub` on `sup`.
pub fn run(mind: &mut Mind<'_>, sub: SchemaId, sup: SchemaId) -> Tried {
    let mut held = 0;
    let Some(first) = prove::sample(mind, sub) else {
        return Tried::Held(held);
    };
    let mut values = vec![first.clone()];
    near(&first, &mut |value| values.push(value));
    for value in values {
        if mind.judgement.accepts(&mind.space, sub, &value) != Some(true) {
            continue;
        }
        match mind.judgement.accepts(&mind.space, sup, &value) {
            Some(true) => held += 1,
            Some(false) => return Tried::Refuted(value),
            None => {}
        }
    }
    Tried::Held(held)
}

/// Gives every value that differs from this one at one place, up to the limit.
fn near(whole: &Value, give: &mut impl FnMut(Value)) {
    let mut left = TRIES_MAX;
    let mut places = Vec::new();
    collect(whole, String::new(), &mut places);
    for place in places {
        let variants = others().into_iter().map(Some).chain([None]);
        for variant in variants {
            let Some(value) = changed(whole, &place, variant) else {
                continue;
            };
            if left == 0 {
                return;
            }
            left -= 1;
            give(value);
        }
    }
}

/// The pointers of every place in a value, the outermost first.
fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    places.push(at.clone());
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = crate::document::escape(name);
                collect(member, format!("{at}/{name}"), places);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                collect(element, format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
}

/// The value with something else at a place, or without it.
fn changed(whole: &Value, place: &str, variant: Option<Value>) -> Option<Value> {
    let mut changed = whole.clone();
    match variant {
        Some(value) => *changed.pointer_mut(place)? = value,
        None => {
            let (parent, last) = place.rsplit_once('/')?;
            let last = last.replace("~1", "/").replace("~0", "~");
            match changed.pointer_mut(parent)? {
                Value::Object(members) => drop(members.shift_remove(&last)?),
                Value::Array(elements) => drop(elements.remove(last.parse().ok()?)),
                _ => return None,
            }
        }
    }
    Some(changed)
}
