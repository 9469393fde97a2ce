//! The witnesses as commands for sh. A server that the document does not name is the variable `SERVER`.

use std::io::{self, Write};

use serde_json::Value;

use super::plain;
use crate::judgement::{Judgement, Standing};
use crate::report::{Exchange, Proof};

/// Writes a command for each witness of what fails, is waived or is to be decided; what has none is a comment.
pub fn write(judgement: &Judgement<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "#!/bin/sh")?;
    comment(
        out,
        &format!(
            "from {} to {}",
            judgement.base.name, judgement.revision.name
        ),
    )?;
    let shown: Vec<_> = judgement
        .findings
        .iter()
        .filter(|judged| !matches!(judged.standing, Standing::Passes | Standing::Announced(_)))
        .collect();
    let is_relative = |exchange: &Exchange| !exchange.url.contains("://");
    let asks_for_server = shown.iter().any(|judged| {
        matches!(&judged.finding.proof, Proof::Witness(witness) if is_relative(&witness.exchange))
    });
    if asks_for_server {
        writeln!(
            out,
            ": \"${{SERVER:?set it to where the server listens, as in http://127.0.0.1:8080}}\""
        )?;
    }
    for judged in shown {
        let finding = judged.finding;
        writeln!(out)?;
        comment(
            out,
            &format!(
                "{} [{}] {}: {}",
                judged.word(),
                finding.rule,
                finding.at(),
                finding.what
            ),
        )?;
        match &finding.proof {
            Proof::Argued(why) => comment(out, &format!("argued: {why}"))?,
            Proof::Undecided(why) => comment(out, &format!("undecided: {why}"))?,
            Proof::Witness(witness) => {
                comment(out, &witness.says)?;
                if let Some(answer) = &witness.exchange.answer {
                    let body = answer.body.as_ref().map(Value::to_string);
                    comment(
                        out,
                        &format!("may answer: {} {}", answer.status, body.unwrap_or_default()),
                    )?;
                }
                command(out, &witness.exchange)?;
            }
        }
    }
    Ok(())
}

fn comment(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "# {}", plain(text.trim_end()))
}

fn command(out: &mut dyn Write, exchange: &Exchange) -> io::Result<()> {
    write!(out, "curl --globoff --include")?;
    match exchange.method.as_str() {
        "GET" if exchange.body.is_none() => {}
        "HEAD" => write!(out, " --head")?,
        method => write!(out, " --request {}", quoted(method))?,
    }
    let is_relative = !exchange.url.contains("://");
    let (server, path) = match is_relative {
        true => ("\"$SERVER\"/", exchange.url.trim_start_matches('/')),
        false => ("", exchange.url.as_str()),
    };
    write!(out, " {server}{}", quoted(path))?;
    for (name, value) in &exchange.headers {
        // A header without a value is written with a semicolon.
        let header = match value.as_str() {
            "" => format!("{name};"),
            value => format!("{name}: {value}"),
        };
        write!(out, " \\\n  --header {}", quoted(&plain(&header)))?;
    }
    if let Some(body) = &exchange.body {
        body_of(out, exchange, body)?;
    }
    writeln!(out)
}

fn body_of(out: &mut dyn Write, exchange: &Exchange, body: &Value) -> io::Result<()> {
    let media = exchange
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map_or("application/json", |(_, value)| value.as_str());
    let media = media.split(';').next().unwrap_or_default().trim();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let is_json = media.ends_with("/json") || media.ends_with("+json");
    match (media, body) {
        ("application/x-www-form-urlencoded", Value::Object(members)) => {
            for (name, value) in members {
                let part = format!("{name}={}", text(value));
                write!(out, " \\\n  --data-urlencode {}", quoted(&part))?;
            }
            Ok(())
        }
        ("multipart/form-data", Value::Object(members)) => {
            for (name, value) in members {
                let part = format!("{name}={}", text(value));
                write!(out, " \\\n  --form-string {}", quoted(&part))?;
            }
            Ok(())
        }
        (_, Value::String(text)) if !is_json => {
            write!(out, " \\\n  --data-raw {}", quoted(text))
        }
        (_, body) => write!(out, " \\\n  --data-raw {}", quoted(&body.to_string())),
    }
}

/// A word for sh. A NUL ends every argument and cannot be sent; other control characters are written as they are.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "'\\''"))
}
