//! `xtask/layers.txt`, and whether the paths of src/ keep to it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::File;
use super::paths::{Code, module_of};
use crate::finding::Finding;

const DATA: &str = "xtask/layers.txt";

/// The architecture: who lies above whom, and who alone may name what.
pub struct Layers {
    /// Top first; the modules of a layer are siblings.
    layers: Vec<Vec<Pattern>>,
    only: Vec<Only>,
}

/// A module path; a segment `*` stands for any one.
struct Pattern(Vec<String>);

struct Only {
    what: Pattern,
    homes: Vec<Pattern>,
}

impl Pattern {
    fn parse(text: &str) -> Pattern {
        Pattern(text.split("::").map(str::to_owned).collect())
    }

    fn starts(&self, path: &[String]) -> bool {
        self.0.len() <= path.len()
            && (self.0.iter().zip(path)).all(|(want, is)| want == "*" || want == is)
    }

    fn name(&self) -> String {
        self.0.join("::")
    }
}

impl Layers {
    /// Reads `xtask/layers.txt` below `root`.
    pub fn read(root: &Path) -> Result<Layers> {
        let text = std::fs::read_to_string(root.join(DATA))
            .with_context(|| format!("{DATA}: cannot be read"))?;
        Layers::parse(&text)
    }

    fn parse(text: &str) -> Result<Layers> {
        let mut read = Layers {
            layers: Vec::new(),
            only: Vec::new(),
        };
        for (at, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                ["layer", ref modules @ ..] => {
                    ensure!(!modules.is_empty(), "{DATA}:{}: a layer of nothing", at + 1);
                    let layer = modules.iter().map(|text| Pattern::parse(text));
                    read.layers.push(layer.collect());
                }
                ["only", what, "in", ref homes @ ..] => read.only.push(Only {
                    what: Pattern::parse(what),
                    homes: homes.iter().map(|text| Pattern::parse(text)).collect(),
                }),
                _ => bail!(
                    "{DATA}:{}: not understood; write `layer NAME…` or `only PATH in NAME…`",
                    at + 1
                ),
            }
        }
        Ok(read)
    }

    /// The module of the data that `path` belongs to, by the longest name, with the depth of its layer.
    fn home(&self, path: &[String]) -> Option<(usize, &Pattern)> {
        let all = self.layers.iter().enumerate();
        all.flat_map(|(depth, layer)| layer.iter().map(move |module| (depth, module)))
            .filter(|(_, module)| module.starts(path))
            .max_by_key(|(_, module)| module.0.len())
    }

    /// Looks at one file of src/.
    pub fn look(&self, file: &File, code: &Code, findings: &mut Vec<Finding>) {
        let Some(module) = module_of(&file.path) else {
            return;
        };
        let home = self.home(&module);
        if home.is_none() && !module.is_empty() {
            findings.push(Finding::new(
                &file.path,
                0,
                format!("module {} has no layer", module.join("::")),
                format!("name it in {DATA}"),
            ));
        }
        let mut seen = BTreeSet::new();
        for path in &code.paths {
            let verdict = match path.segments.split_first() {
                Some((first, inside)) if first == "crate" => {
                    home.and_then(|(depth, module)| self.import(depth, module, inside))
                }
                _ => self.foreign(&module, &path.segments),
            };
            if let Some((what, fix)) = verdict
                && seen.insert((path.line, what.clone()))
            {
                findings.push(Finding::new(&file.path, path.line, what, fix));
            }
        }
    }

    /// What is wrong with `module` naming `crate::inside`.
    fn import(
        &self,
        depth: usize,
        module: &Pattern,
        inside: &[String],
    ) -> Option<(String, String)> {
        let (target_depth, target) = self.home(inside)?;
        let (from, to) = (module.name(), target.name());
        if from == to || target_depth > depth {
            None
        } else if target_depth == depth {
            Some((
                format!("{from} imports its sibling {to}"),
                "call it through its client in crate::rpc or listen to its events, or move the shared word down a layer"
                    .to_owned(),
            ))
        } else {
            Some((
                format!("{from} imports {to}, which lies above it"),
                format!(
                    "pass in what it needs, or move the word down a layer; the layers are in {DATA}"
                ),
            ))
        }
    }

    /// What is wrong with `module` naming a path of another crate.
    fn foreign(&self, module: &[String], path: &[String]) -> Option<(String, String)> {
        let rule = self.only.iter().find(|rule| rule.what.starts(path))?;
        if rule.homes.iter().any(|home| home.starts(module)) {
            return None;
        }
        let homes: Vec<String> = rule.homes.iter().map(Pattern::name).collect();
        let fix = match &homes[..] {
            [] => format!("do without it; nobody in src/ may, says {DATA}"),
            homes => format!("move this to one of: {} ({DATA})", homes.join(", ")),
        };
        let here = match module {
            [] => "lib.rs".to_owned(),
            module => module.join("::"),
        };
        Some((format!("{here} names {}", rule.what.name()), fix))
    }
}
