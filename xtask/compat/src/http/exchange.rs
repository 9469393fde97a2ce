//! The exchange that shows a break: the request that a client of the base sends, complete enough to be sent, with the value that
//! makes the difference in its place; and the answer where that is what matters.

use std::rc::Rc;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::answers;
use super::draft::{Draft, Part, Show};
use super::form::Form;
use super::operations::Operation;
use super::parameters::{self, Parameter};
use super::security::{self, Token};
use super::templates::{Piece, pieces};
use super::{At, Comparison};
use crate::document::{Node, Unusable};
use crate::report::{Answer, Direction, Effect, Exchange, Proof, Witness};
use crate::variance::Shown;

/// What an exchange is to hold beside what the base asks for.
struct Scene<'s> {
    /// The part that matters, and whether it is there.
    part: Option<(&'s Part, bool)>,
    value: Option<&'s Value>,
    tokens: Option<&'s [Token]>,
    server: Option<&'s str>,
    path: Option<&'s str>,
    says: String,
}

/// Builds the exchange that shows a draft for an operation.
pub fn witness<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    draft: &Draft,
) -> Result<Proof, Unusable> {
    let Some(operation) = at.was.or(at.is) else {
        return Ok(Proof::Argued("it stands in no operation".to_owned()));
    };
    let mut scene = Scene {
        part: None,
        value: None,
        tokens: None,
        server: None,
        path: None,
        says: String::new(),
    };
    match &draft.show {
        Show::Nothing | Show::Argued(_) | Show::Sampled(_) => {}
        Show::Plain(says) => scene.says.clone_from(says),
        Show::With(part, says) => (scene.part, scene.says) = (Some((part, true)), says.clone()),
        Show::Without(part, says) => (scene.part, scene.says) = (Some((part, false)), says.clone()),
        Show::Value(value, part, says) => {
            scene.part = Some((part, true));
            (scene.value, scene.says) = (Some(value), says.clone());
        }
        Show::Caused(causes, cause) => {
            scene.part = Some((&draft.part, true));
            let (cause, shown) = &causes[*cause];
            if let Shown::Value(value) = shown {
                scene.value = Some(value);
            }
            scene.says = match cause.effect {
                Effect::Narrows => "right under the base, refused by the revision".to_owned(),
                Effect::Widens => "the revision may send it, the base excludes it".to_owned(),
            };
        }
        Show::Held(tokens, says) => {
            (scene.tokens, scene.says) = (Some(tokens.as_slice()), says.clone())
        }
        Show::Server(url, says) => (scene.server, scene.says) = (Some(url.as_str()), says.clone()),
        Show::Path(path, says) => (scene.path, scene.says) = (Some(path.as_str()), says.clone()),
    }
    let exchange = exchange(comparison, at, operation, &scene)?;
    Ok(Proof::Witness(Box::new(Witness {
        value: scene.value.cloned(),
        exchange,
        says: scene.says,
    })))
}

/// What becomes of the parameters of a request.
#[derive(Default)]
struct Written {
    query: Vec<String>,
    cookies: Vec<String>,
    headers: Vec<(String, String)>,
    /// By the key of the parameter.
    path: Vec<(Rc<str>, String)>,
}

fn exchange<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    operation: &Operation<'f>,
    scene: &Scene<'_>,
) -> Result<Exchange, Unusable> {
    let mut written = Written::default();
    for parameter in parameters::read(operation)?.values() {
        parameter_of(comparison, at, parameter, scene, &mut written)?;
    }
    let usual;
    let tokens = match scene.tokens {
        Some(tokens) => tokens,
        None => {
            usual = security::usual(&comparison.base, operation, at.sends);
            usual.as_slice()
        }
    };
    for token in tokens {
        match token.place.as_str() {
            "query" => written
                .query
                .push(format!("{}={}", coded(&token.name), token.value)),
            "cookie" => written
                .cookies
                .push(format!("{}={}", token.name, token.value)),
            _ => written
                .headers
                .push((token.name.clone(), token.value.clone())),
        }
    }
    if !written.cookies.is_empty() {
        let cookies = written.cookies.join("; ");
        written.headers.push(("Cookie".to_owned(), cookies));
    }
    let url = url(at, operation, scene, &written);
    let (answer, accept) = answer(comparison, at, operation, scene)?;
    let mut headers = written.headers;
    headers.extend(accept.map(|media| ("Accept".to_owned(), media)));
    let body = body(comparison, at, operation, scene)?;
    let (media, body) = body.map_or((None, None), |(media, body)| (Some(media), Some(body)));
    headers.extend(media.map(|media| ("Content-Type".to_owned(), media)));
    Ok(Exchange {
        method: operation.method.clone(),
        url,
        headers,
        body,
        answer,
    })
}

fn coded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn parameter_of<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    parameter: &Parameter<'f>,
    scene: &Scene<'_>,
    written: &mut Written,
) -> Result<(), Unusable> {
    let meant = match scene.part {
        Some((Part::Parameter(key, _), present)) if *key == parameter.key => Some(present),
        _ => None,
    };
    if !meant.unwrap_or(parameter.is_required()) {
        return Ok(());
    }
    let given = scene.value.filter(|_| meant == Some(true)).cloned();
    let value = match given {
        Some(value) => Some(value),
        None => {
            let schema = parameters::schema(parameter.node);
            comparison.engine.sample(at.sends, schema)?
        }
    };
    // Without a sample the place is shown by the name.
    let value = value.unwrap_or_else(|| Value::String(format!("<{}>", parameter.name)));
    let text = parameter.form().write(parameter.name, &value);
    match parameter.place {
        "path" => written.path.push((Rc::clone(&parameter.key), text)),
        "header" => written.headers.push((parameter.name.to_owned(), text)),
        "cookie" => written.cookies.push(text),
        _ => written.query.push(text),
    }
    Ok(())
}

fn url(at: At<'_, '_>, operation: &Operation<'_>, scene: &Scene<'_>, written: &Written) -> String {
    let server = scene.server.map(str::to_owned);
    let server = server.unwrap_or_else(|| match at.sends {
        Direction::Request => {
            let first = operation.servers.list.first();
            first.map_or_else(String::new, |server| server.shown.clone())
        }
        // A receiver is where the client said.
        Direction::Response => String::new(),
    });
    let pieces = pieces(scene.path.unwrap_or(operation.path));
    let mut turns = 0..;
    let path = pieces.into_iter().map(|piece| match piece {
        Piece::Literal(text) => text.to_owned(),
        Piece::Parameter(name) => {
            let key = format!("path {}", turns.next().unwrap_or(0));
            let known = written.path.iter().find(|(own, _)| **own == *key);
            known.map_or_else(|| format!("{{{name}}}"), |(_, value)| value.clone())
        }
    });
    let path: String = path.collect();
    let mut url = format!("{}{path}", server.trim_end_matches('/'));
    if !written.query.is_empty() {
        let mark = if url.contains('?') { '&' } else { '?' };
        url.push(mark);
        url.push_str(&written.query.join("&"));
    }
    url
}

/// A media type of a body with its value.
fn body<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    operation: &Operation<'f>,
    scene: &Scene<'_>,
) -> Result<Option<(String, Value)>, Unusable> {
    let Some(body) = operation.node.get("requestBody") else {
        return Ok(None);
    };
    let body = body.follow()?;
    let (wanted, meant) = match scene.part {
        Some((Part::Body(media), present)) => (media.as_deref(), Some(present)),
        _ => (None, None),
    };
    if !meant.unwrap_or(body.says("required")) {
        return Ok(None);
    }
    let given = scene.value.filter(|_| meant == Some(true));
    content(comparison, at.sends, body, wanted, given)
}

fn content<'f>(
    comparison: &mut Comparison<'f>,
    direction: Direction,
    holder: Node<'f>,
    wanted: Option<&str>,
    given: Option<&Value>,
) -> Result<Option<(String, Value)>, Unusable> {
    let content = holder.get("content").into_iter().flat_map(Node::members);
    let mut all = content.filter(|(_, name, _)| wanted.is_none_or(|wanted| wanted == *name));
    let Some((_, name, media)) = all.next() else {
        return Ok(given.map(|value| {
            (
                wanted.unwrap_or("application/json").to_owned(),
                value.clone(),
            )
        }));
    };
    let value = match given {
        Some(value) => Some(value.clone()),
        None => {
            let schema = media.follow()?.get("schema");
            comparison.engine.sample(direction, schema)?
        }
    };
    Ok(Some((name.to_owned(), value.unwrap_or(Value::Null))))
}

/// The answer that matters, and what the client says it takes.
fn answer<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    operation: &Operation<'f>,
    scene: &Scene<'_>,
) -> Result<(Option<Answer>, Option<String>), Unusable> {
    let (Some(status), Some((part, present))) = (at.status, scene.part) else {
        return Ok((None, None));
    };
    let receives = at.sends.turned();
    // What may come now is told by the revision, what was promised by the base.
    let told = [at.is, at.was].into_iter().flatten().chain([operation]);
    let mut node = None;
    for operation in told {
        if let Some(found) = answers::of(operation, status) {
            node = Some(found.follow()?);
            break;
        }
    }
    let mut answer = Answer {
        status: exact(status),
        ..Answer::default()
    };
    let mut accept = None;
    match part {
        Part::Answer(media) => {
            let holder = node.filter(|_| present);
            let found = match holder {
                Some(holder) => {
                    content(comparison, receives, holder, media.as_deref(), scene.value)?
                }
                None => None,
            };
            if let Some((media, body)) = found {
                answer
                    .headers
                    .push(("Content-Type".to_owned(), media.clone()));
                (answer.body, accept) = (Some(body), Some(media));
            } else {
                accept = media.as_deref().map(str::to_owned);
            }
        }
        Part::Header(name) if present => {
            let headers = node.and_then(|node| node.get("headers"));
            let mut headers = headers.into_iter().flat_map(Node::members);
            let header = headers.find(|(_, own, _)| own.eq_ignore_ascii_case(name));
            let (text, form) = match header {
                Some((_, _, header)) => {
                    let header = header.follow()?;
                    let schema = parameters::schema(header);
                    let value = match scene.value {
                        Some(value) => Some(value.clone()),
                        None => comparison.engine.sample(receives, schema)?,
                    };
                    (value, Some(Form::of(header, "header")))
                }
                None => (scene.value.cloned(), None),
            };
            let value = text.unwrap_or(Value::Null);
            let text = form.map_or_else(|| value.to_string(), |form| form.write(name, &value));
            answer.headers.push((name.to_string(), text));
        }
        Part::Header(_) | Part::Status => {}
        _ => return Ok((None, None)),
    }
    Ok((Some(answer), accept))
}

/// A status of a range.
fn exact(status: &str) -> String {
    match status {
        "default" => "500".to_owned(),
        status => status.replace("XX", "00"),
    }
}
