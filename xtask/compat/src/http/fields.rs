//! What each field of an OpenAPI object is to the engine; schemas have a table of their own (`variance::keywords`). A field that only
//! newer versions of OpenAPI have, and that says something of the wire, is compared as it stands rather than passed over.

use super::draft::{Draft, Part, Show, replaced};
use crate::document::Node;
use crate::report::Direction;

/// What a field does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Is compared by what it means.
    Meaning,
    /// Holds what is compared where something refers to it.
    Held,
    /// Is only read.
    Words,
    /// Means something for the wire and is only compared as it stands.
    Written,
}

use Role::{Held, Meaning, Words, Written};

/// Every field of the objects of OpenAPI 3.0, 3.1 and 3.2 other than schemas.
pub const FIELDS: &[(&str, Role, &[&str])] = &[
    (
        "components",
        Held,
        &[
            "callbacks",
            "headers",
            "links",
            "mediaTypes",
            "parameters",
            "pathItems",
            "requestBodies",
            "responses",
            "schemas",
            "securitySchemes",
        ],
    ),
    ("components", Words, &["examples"]),
    ("contact", Words, &["email", "name", "url"]),
    (
        "encoding",
        Meaning,
        &[
            "allowReserved",
            "contentType",
            "explode",
            "headers",
            "style",
        ],
    ),
    (
        "encoding",
        Written,
        &["encoding", "itemEncoding", "prefixEncoding"],
    ),
    (
        "example",
        Words,
        &[
            "dataValue",
            "description",
            "externalValue",
            "serializedValue",
            "summary",
            "value",
        ],
    ),
    ("external-documentation", Words, &["description", "url"]),
    (
        "header",
        Meaning,
        &[
            "content",
            "deprecated",
            "explode",
            "required",
            "schema",
            "style",
        ],
    ),
    // The first two mean nothing for headers, though the older meta-schema has them there.
    (
        "header",
        Words,
        &[
            "allowEmptyValue",
            "allowReserved",
            "description",
            "example",
            "examples",
        ],
    ),
    (
        "info",
        Words,
        &[
            "contact",
            "description",
            "license",
            "summary",
            "termsOfService",
            "title",
            "version",
        ],
    ),
    ("license", Words, &["identifier", "name", "url"]),
    (
        "link",
        Meaning,
        &[
            "operationId",
            "operationRef",
            "parameters",
            "requestBody",
            "server",
        ],
    ),
    // `body` is what a meta-schema of 3.1 calls `server` by mistake.
    ("link", Words, &["body", "description"]),
    ("media-type", Meaning, &["encoding", "itemSchema", "schema"]),
    ("media-type", Written, &["itemEncoding", "prefixEncoding"]),
    ("media-type", Words, &["description", "example", "examples"]),
    (
        "oauth-flow",
        Meaning,
        &[
            "authorizationUrl",
            "deviceAuthorizationUrl",
            "refreshUrl",
            "tokenUrl",
        ],
    ),
    // What counts is which scopes operations ask for.
    ("oauth-flow", Words, &["scopes"]),
    (
        "oauth-flows",
        Meaning,
        &[
            "authorizationCode",
            "clientCredentials",
            "deviceAuthorization",
            "implicit",
            "password",
        ],
    ),
    (
        "openapi",
        Meaning,
        &["openapi", "paths", "security", "servers", "webhooks"],
    ),
    ("openapi", Held, &["$self", "components"]),
    ("openapi", Written, &["jsonSchemaDialect"]),
    ("openapi", Words, &["externalDocs", "info", "tags"]),
    (
        "operation",
        Meaning,
        &[
            "callbacks",
            "deprecated",
            "operationId",
            "parameters",
            "requestBody",
            "responses",
            "security",
            "servers",
        ],
    ),
    (
        "operation",
        Words,
        &["description", "externalDocs", "summary", "tags"],
    ),
    (
        "parameter",
        Meaning,
        &[
            "allowEmptyValue",
            "allowReserved",
            "content",
            "deprecated",
            "explode",
            "in",
            "name",
            "required",
            "schema",
            "style",
        ],
    ),
    ("parameter", Words, &["description", "example", "examples"]),
    (
        "path-item",
        Meaning,
        &[
            "$ref",
            "additionalOperations",
            "delete",
            "get",
            "head",
            "options",
            "parameters",
            "patch",
            "post",
            "put",
            "query",
            "servers",
            "trace",
        ],
    ),
    ("path-item", Words, &["description", "summary"]),
    ("reference", Meaning, &["$ref"]),
    ("reference", Words, &["description", "summary"]),
    ("request-body", Meaning, &["content", "required"]),
    ("request-body", Words, &["description"]),
    ("response", Meaning, &["content", "headers", "links"]),
    ("response", Words, &["description", "summary"]),
    ("responses", Meaning, &["default"]),
    (
        "security-scheme",
        Meaning,
        &[
            "deprecated",
            "flows",
            "in",
            "name",
            "openIdConnectUrl",
            "scheme",
            "type",
        ],
    ),
    // Where a client may look up what the flows say.
    (
        "security-scheme",
        Words,
        &["bearerFormat", "description", "oauth2MetadataUrl"],
    ),
    ("server", Meaning, &["url", "variables"]),
    ("server", Words, &["description", "name"]),
    ("server-variable", Meaning, &["default", "enum"]),
    ("server-variable", Words, &["description"]),
    (
        "tag",
        Words,
        &[
            "description",
            "externalDocs",
            "kind",
            "name",
            "parent",
            "summary",
        ],
    ),
];

/// Compares the fields of an object that are only compared as they stand.
pub fn written(
    drafts: &mut Vec<Draft>,
    direction: Direction,
    part: &Part,
    object: &str,
    (was, is): (Node<'_>, Node<'_>),
) {
    let own = FIELDS
        .iter()
        .filter(|(name, role, _)| *name == object && *role == Written);
    for field in own.flat_map(|(_, _, fields)| *fields) {
        let (before, after) = (was.get(field), is.get(field));
        let is_same = match (before, after) {
            (Some(before), Some(after)) => before.equals(after),
            (before, after) => before.is_none() && after.is_none(),
        };
        if is_same {
            continue;
        }
        let say = |node: Option<Node<'_>>| {
            node.map_or("absent".to_owned(), |node| node.value().to_string())
        };
        let why = "it is only compared as it stands".to_owned();
        let draft = Draft::wire("field-written", direction, replaced(direction))
            .both(before.unwrap_or(was), after.unwrap_or(is))
            .about(*field)
            .part(part.clone())
            .change(say(before), say(after));
        drafts.push(draft.show(Show::Argued(why)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A line a version and object.
    const LISTED: &str = include_str!("../../tests/fields.txt");

    #[test]
    fn every_field_of_the_meta_schemas_has_one_role() {
        let mut listed = BTreeSet::new();
        for line in LISTED.lines().filter(|line| !line.starts_with('#')) {
            let (object, fields) = line.split_once(": ").expect("an object and its fields");
            let (version, object) = object.split_once(' ').expect("a version and an object");
            assert!(["3.0", "3.1", "3.2"].contains(&version), "{line}");
            listed.extend(fields.split(' ').map(|field| (object, field)));
        }
        let all = FIELDS
            .iter()
            .flat_map(|(object, _, fields)| fields.iter().map(move |field| (*object, *field)));
        let ours: BTreeSet<(&str, &str)> = all.clone().collect();
        assert_eq!(ours.len(), all.count(), "a field has one role");
        let missing: Vec<_> = listed.difference(&ours).collect();
        assert!(missing.is_empty(), "{missing:?} have no role");
        let invented: Vec<_> = ours.difference(&listed).collect();
        assert!(invented.is_empty(), "{invented:?} are in no meta-schema");
    }
}
