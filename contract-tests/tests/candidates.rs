//! What `cargo xtask fixtures import` runs last, and no test: candidates in `target/fixtures` become recorded exchanges when two
//! untouched sandboxes answer them as they were recorded, and both alike.

use std::collections::HashSet;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::fixtures::{answers, folder};
use crate::support::contract::{Contract, repository};
use crate::support::recording::{exchanges, files};
use crate::support::trial_each;

/// Left out unless they are asked for: they write.
pub fn trials() -> Vec<Trial> {
    let path = concat!(module_path!(), "::candidates_are_settled");
    let trials = trial_each(path, candidates_are_settled);
    let ignored = |trial: Trial| trial.with_ignored_flag(true);
    trials.into_iter().map(ignored).collect()
}

async fn candidates_are_settled(contract: &'static Contract) {
    let laid = repository().join("target/fixtures").join(contract.module());
    let recorded = folder(contract).join("recorded");
    std::fs::create_dir_all(&recorded).expect("a folder can be made");
    for file in files(&laid) {
        let lines = exchanges(&file).into_iter().map(|(_, line)| line);
        // A failure has no answer yet, and what a server that has it would answer breaks the contract.
        let (waiting, lines): (Vec<Value>, Vec<Value>) =
            lines.partition(|line| line["response"] == serde_json::json!({}));
        let settled = settled(contract, lines).await;
        let text: String = settled
            .iter()
            .chain(&waiting)
            .map(|line| format!("{line}\n"))
            .collect();
        let name = file.file_name().expect("a file has a name");
        std::fs::write(recorded.join(name), text).expect("a fixture can be written");
    }
}

/// The lines that stay, with their answers. One that goes may change what the others meet, so that they are asked again.
async fn settled(contract: &'static Contract, mut lines: Vec<Value>) -> Vec<Value> {
    loop {
        let one = answers(contract, &lines).await;
        let other = answers(contract, &lines).await;
        let mut bound = HashSet::new();
        let mut kept = Vec::new();
        for ((line, one), other) in lines.iter().zip(one).zip(other) {
            let is_new = line.get("new").is_some();
            let wanted = &line["response"];
            let is_as_recorded = ["status", "content_type"]
                .iter()
                .all(|member| one.get(member) == wanted.get(member));
            if is_new && !(one == other && is_as_recorded && is_bound(line, &bound)) {
                continue;
            }
            let names = line["bind"].as_object().into_iter().flatten();
            bound.extend(names.map(|(name, _)| name.clone()));
            kept.push((line.clone(), one));
        }
        let is_settled = kept.len() == lines.len();
        lines = kept
            .into_iter()
            .map(|(mut line, answer)| {
                if is_settled
                    && line
                        .as_object_mut()
                        .and_then(|line| line.remove("new"))
                        .is_some()
                {
                    line["response"] = answer;
                }
                line
            })
            .collect();
        if is_settled {
            return lines;
        }
    }
}

/// Whether earlier lines give all that a request names.
fn is_bound(line: &Value, bound: &HashSet<String>) -> bool {
    let request = line["request"].to_string();
    let names = request.split("{{").skip(1);
    names
        .filter_map(|rest| rest.split_once("}}"))
        .all(|(name, _)| bound.contains(name))
}
