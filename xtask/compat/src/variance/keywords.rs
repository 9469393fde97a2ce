//! What each keyword of a schema is to the engine. A keyword that stands in no list is compared as it stands, and a change of it is
//! not decided.

/// What a keyword does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Says which values are taken; the engine knows how.
    Values,
    /// Says something to clients that is compared by itself.
    Note,
    /// Is only read.
    Words,
    /// Says which values are taken in a way that is only compared as it stands.
    Opaque,
}

/// The keywords of OpenAPI 3.0 (Schema Object), 3.1 and 3.2 (JSON Schema 2020-12 with the vocabulary of OpenAPI).
pub const KEYWORDS: &[(&str, Role)] = &[
    ("$anchor", Role::Words),
    ("$comment", Role::Words),
    ("$defs", Role::Words),
    ("$dynamicAnchor", Role::Words),
    ("$dynamicRef", Role::Opaque),
    ("$id", Role::Words),
    ("$ref", Role::Values),
    ("$schema", Role::Words),
    ("$vocabulary", Role::Words),
    ("additionalProperties", Role::Values),
    ("allOf", Role::Values),
    ("anyOf", Role::Values),
    ("const", Role::Values),
    ("contains", Role::Values),
    ("contentEncoding", Role::Note),
    ("contentMediaType", Role::Note),
    ("contentSchema", Role::Note),
    ("default", Role::Note),
    ("definitions", Role::Words),
    ("dependencies", Role::Opaque),
    ("dependentRequired", Role::Values),
    ("dependentSchemas", Role::Values),
    ("deprecated", Role::Note),
    ("description", Role::Words),
    ("discriminator", Role::Note),
    ("else", Role::Values),
    ("enum", Role::Values),
    ("example", Role::Words),
    ("examples", Role::Words),
    ("exclusiveMaximum", Role::Values),
    ("exclusiveMinimum", Role::Values),
    ("externalDocs", Role::Words),
    ("format", Role::Values),
    ("if", Role::Values),
    ("items", Role::Values),
    ("maxContains", Role::Values),
    ("maxItems", Role::Values),
    ("maxLength", Role::Values),
    ("maxProperties", Role::Values),
    ("maximum", Role::Values),
    ("minContains", Role::Values),
    ("minItems", Role::Values),
    ("minLength", Role::Values),
    ("minProperties", Role::Values),
    ("minimum", Role::Values),
    ("multipleOf", Role::Values),
    ("not", Role::Values),
    ("nullable", Role::Values),
    ("oneOf", Role::Values),
    ("pattern", Role::Values),
    ("patternProperties", Role::Values),
    ("prefixItems", Role::Values),
    ("properties", Role::Values),
    ("propertyNames", Role::Values),
    ("readOnly", Role::Values),
    ("required", Role::Values),
    ("then", Role::Values),
    ("title", Role::Words),
    ("type", Role::Values),
    ("unevaluatedItems", Role::Values),
    ("unevaluatedProperties", Role::Values),
    ("uniqueItems", Role::Values),
    ("writeOnly", Role::Values),
    ("xml", Role::Words),
];

/// The role of a keyword; names that begin with `x-` are only read, except those that the engine knows.
pub fn role(keyword: &str) -> Role {
    if let Ok(at) = KEYWORDS.binary_search_by_key(&keyword, |(known, _)| known) {
        return KEYWORDS[at].1;
    }
    match keyword {
        "x-extensible-enum" | "x-sunset" => Role::Note,
        keyword if keyword.starts_with("x-") => Role::Words,
        _ => Role::Opaque,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use referencing::meta;

    use super::*;

    /// Schema Object of OpenAPI 3.0.4 as far as it has other names than JSON Schema 2020-12.
    const OPENAPI_3_0: [&str; 10] = [
        "nullable",
        "discriminator",
        "readOnly",
        "writeOnly",
        "xml",
        "externalDocs",
        "example",
        "deprecated",
        "exclusiveMinimum",
        "exclusiveMaximum",
    ];

    /// The vocabulary of OpenAPI 3.1 and 3.2.
    const OPENAPI_3_1: [&str; 4] = ["discriminator", "xml", "externalDocs", "example"];

    fn of_json_schema() -> BTreeSet<String> {
        let vocabularies = [
            &*meta::DRAFT202012,
            &*meta::DRAFT202012_CORE,
            &*meta::DRAFT202012_APPLICATOR,
            &*meta::DRAFT202012_UNEVALUATED,
            &*meta::DRAFT202012_VALIDATION,
            &*meta::DRAFT202012_META_DATA,
            &*meta::DRAFT202012_FORMAT_ANNOTATION,
            &*meta::DRAFT202012_CONTENT,
        ];
        let properties = vocabularies
            .into_iter()
            .filter_map(|schema| schema["properties"].as_object());
        properties
            .flat_map(|properties| properties.keys().cloned())
            .collect()
    }

    #[test]
    fn every_keyword_of_the_meta_schemas_has_a_role() {
        let listed = |keyword: &str| KEYWORDS.iter().any(|(known, _)| *known == keyword);
        let own = OPENAPI_3_0
            .into_iter()
            .chain(OPENAPI_3_1)
            .map(str::to_owned);
        let all: BTreeSet<String> = of_json_schema().into_iter().chain(own).collect();
        assert!(all.len() > 50, "the meta-schemas are read");
        // The second name of `$anchor` and `$dynamicRef` in an older draft, which nothing in OpenAPI says.
        let old = ["$recursiveAnchor", "$recursiveRef"];
        let unknown: Vec<&String> = all
            .iter()
            .filter(|keyword| !listed(keyword) && !old.contains(&keyword.as_str()))
            .collect();
        assert!(unknown.is_empty(), "{unknown:?} have no role");
        let invented: Vec<&str> = KEYWORDS
            .iter()
            .map(|(keyword, _)| *keyword)
            .filter(|keyword| !all.contains(*keyword))
            .collect();
        assert!(invented.is_empty(), "{invented:?} are in no meta-schema");
    }

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(KEYWORDS.windows(2).all(|two| two[0].0 < two[1].0));
        assert_eq!(role("oneOf"), Role::Values);
        assert_eq!(role("somethingNew"), Role::Opaque);
    }
}
