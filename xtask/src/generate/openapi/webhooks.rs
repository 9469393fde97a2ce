//! The webhooks of a contract: what we send, and nobody asks for. Their payloads become types; they are not mounted.

use super::operation::Reader;
use super::schemas::Schemas;
use crate::finding::Finding;
use crate::spec::{Document, escape};

/// A webhook: its name in the contract, and the schema of its payload.
#[derive(Debug)]
pub struct Webhook {
    pub name: String,
    pub schema: String,
}

/// Reads all webhooks, in the order of the contract.
pub fn read(document: &Document, schemas: &mut Schemas) -> Result<Vec<Webhook>, Finding> {
    const KNOWN: [&str; 9] = [
        "operationId",
        "tags",
        "summary",
        "description",
        "security",
        "parameters",
        "requestBody",
        "responses",
        "deprecated",
    ];
    let mut webhooks = Vec::new();
    for (name, item) in document.value["webhooks"].as_object().into_iter().flatten() {
        let at = format!("/webhooks/{}", escape(name));
        for (method, _) in item.as_object().into_iter().flatten() {
            let reader = Reader {
                document,
                pointer: format!("{at}/{method}"),
                path: name,
                method,
            };
            if method != "post" {
                let what = format!("`{method}` on a webhook");
                return Err(document.finding(&reader.pointer, what, "we only post"));
            }
            reader.only(&reader.pointer, &KNOWN)?;
            let body = document.resolve(&format!("{}/requestBody", reader.pointer))?;
            match reader.content(schemas, &body)? {
                Some((media, schema)) if media == "application/json" => webhooks.push(Webhook {
                    name: name.clone(),
                    schema,
                }),
                _ => {
                    let what = "a webhook without a JSON payload";
                    return Err(reader.refuse("/requestBody", what, "say what it carries"));
                }
            }
        }
    }
    Ok(webhooks)
}
