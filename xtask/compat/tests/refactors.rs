//! A document against itself, and against every rewrite of it that means the same: nothing may be found.

use std::path::PathBuf;

use compat::document::Forest;
use compat::refactor;
use proptest::prelude::*;
use serde_json::Value;

/// Contracts that stand alone, by their file.
fn documents() -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi/released");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of releases")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let contracts = files.iter().filter(|file| {
        file.extension()
            .is_some_and(|extension| extension == "json")
    });
    let read = contracts.map(|file| {
        let text = std::fs::read_to_string(file).expect("it can be read");
        (
            file.file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
            serde_json::from_str::<Value>(&text).expect("JSON"),
        )
    });
    read.filter(|(_, value)| value.get("openapi").is_some())
        .collect()
}

fn found(base: &str, revision: &str, yaml: bool) -> Vec<String> {
    let mut forest = Forest::default();
    let base = forest
        .load(&|_: &str| Ok(base.to_owned()), "base.json")
        .expect("it loads");
    let name = if yaml {
        "revision.yaml"
    } else {
        "revision.json"
    };
    let revision = forest
        .load(&|_: &str| Ok(revision.to_owned()), name)
        .expect("it loads");
    let report = compat::compare(&forest, base, revision).expect("it compares");
    // That something is written otherwise and means the same is what is to be found.
    let other = report
        .findings
        .iter()
        .filter(|finding| finding.rule != "written-otherwise");
    other
        .map(|finding| format!("[{}] {}: {}", finding.rule, finding.at(), finding.what))
        .collect()
}

#[test]
fn what_means_the_same_is_silent() {
    let documents = documents();
    assert!(!documents.is_empty(), "there are releases");
    for (name, document) in documents {
        let base = document.to_string();
        assert_eq!(
            found(&base, &base, false),
            Vec::<String>::new(),
            "{name} against itself"
        );
        let yaml = yaml_serde::to_string(&document).expect("YAML");
        assert_eq!(
            found(&base, &yaml, true),
            Vec::<String>::new(),
            "{name} as YAML"
        );
        for (rewrite, revision) in refactor::all(&document) {
            assert_eq!(
                found(&base, &revision.to_string(), false),
                Vec::<String>::new(),
                "{name}: {rewrite}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_members_says_nothing(seed in any::<u64>(), at in any::<prop::sample::Index>()) {
        let documents = documents();
        let (_, document) = &documents[at.index(documents.len())];
        let revision = refactor::shuffled(document, seed).to_string();
        prop_assert_eq!(found(&document.to_string(), &revision, false), Vec::<String>::new());
    }
}
