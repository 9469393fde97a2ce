//! The contract as it is written: the YAML files themselves, with references followed through them.
//!
//! Nothing here comes from the generator, so that its mistakes cannot hide themselves. What an exchange must look like is
//! judged in `judge.rs`.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use jsonschema::{Draft, PatternOptions, Registry, Resource, Validator};
use serde_json::{Map, Value, json};

/// The catalogue of problems.
const PROBLEMS: &str = "openapi/shared/problems.yaml";

/// Where the files are said to be; nothing is ever fetched from there.
const BASE: &str = "https://contract.test/";

/// All contracts that are written, by name.
static ALL: LazyLock<BTreeMap<String, Contract>> = LazyLock::new(|| {
    let mut all = BTreeMap::new();
    for audience in ["public", "partner", "private"] {
        let folder = repository().join("openapi").join(audience);
        // An audience without a contract has no folder yet.
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let name = entry.expect("an entry").file_name();
            let major = name.to_str().and_then(|name| name.strip_suffix(".yaml"));
            if let Some(major) = major.filter(|major| major.starts_with('v')) {
                let contract = Contract::load(audience, major);
                all.insert(contract.name.clone(), contract);
            }
        }
    }
    all
});

/// All contracts, in the order of their names.
pub fn contracts() -> impl Iterator<Item = &'static Contract> {
    ALL.values()
}

/// The contract of this name, such as `public/v2`.
pub fn contract(name: &str) -> &'static Contract {
    ALL.get(name)
        .unwrap_or_else(|| panic!("there is no contract {name}"))
}

/// How a door is asked who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The secret of a key in the `Api-Key` header.
    ApiKey,
    /// A token in the `Authorization` header.
    Bearer,
    /// Nobody is asked.
    None,
}

/// The folder of the repository.
pub fn repository() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent()
        .expect("the crate lies in the repository")
        .to_owned()
}

/// A contract and all files that it refers to.
pub struct Contract {
    /// Audience and major version, such as `public/v2`.
    pub name: String,
    /// Whom it is for: `public`, `partner` or `private`.
    pub audience: &'static str,
    /// Its operations, in the order of the file.
    pub operations: Vec<Operation>,
    /// The document itself.
    pub root: Node,
    problems: Node,
    registry: Registry<'static>,
    validators: Mutex<HashMap<String, &'static Validator>>,
}

/// An operation of a contract.
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// The contract that it belongs to.
    pub contract: String,
    /// Its method, in capitals.
    pub method: String,
    /// Its path with parameters in braces.
    pub path: String,
    /// All that stands about it.
    pub node: Node,
}

/// A place in the files of a contract. References are followed on the way to it.
#[derive(Clone, Copy)]
pub struct Node {
    /// What stands there.
    pub value: &'static Value,
    files: &'static BTreeMap<String, Value>,
    file: &'static str,
    pointer: &'static str,
}

impl Contract {
    fn load(audience: &'static str, major: &str) -> Self {
        let name = format!("{audience}/{major}");
        Self::read(audience, &name, &format!("openapi/{name}.yaml"))
    }

    /// A revision as it was released, such as `public`, `2.0.0`.
    pub fn released(audience: &'static str, version: &str) -> Self {
        let major = version.split('.').next().unwrap_or_default();
        let file = format!("openapi/released/{audience}-{version}.json");
        Self::read(audience, &format!("{audience}/v{major}"), &file)
    }

    fn read(audience: &'static str, name: &str, file: &str) -> Self {
        let mut files = BTreeMap::new();
        read(file, &mut files);
        read(PROBLEMS, &mut files);
        let files: &'static BTreeMap<String, Value> = Box::leak(Box::new(files));
        let mut registry = Registry::new();
        for (name, value) in files {
            let resource = Resource::from_contents(value.clone());
            registry = registry
                .add(format!("{BASE}{name}"), resource)
                .expect("the name is a URI");
        }
        let registry = registry
            .draft(Draft::Draft202012)
            .prepare()
            .expect("references lead somewhere");
        let root = |file: &str| {
            let (file, value) = files.get_key_value(file).expect("it was read");
            Node {
                value,
                files,
                file,
                pointer: "",
            }
        };
        let mut operations = Vec::new();
        for (path, item) in root(file).at("paths").members() {
            for (method, node) in item.members() {
                let id = node.text("operationId").to_owned();
                operations.push(Operation {
                    id,
                    contract: name.to_owned(),
                    method: method.to_uppercase(),
                    path: path.to_owned(),
                    node,
                });
            }
        }
        Self {
            name: name.to_owned(),
            audience,
            operations,
            root: root(file),
            problems: root(PROBLEMS).at("problems"),
            registry,
            validators: Mutex::default(),
        }
    }

    /// The operation that a request is for; `path` without the query.
    pub fn operation_at(&self, method: &str, path: &str) -> Option<&Operation> {
        let fits = |template: &str| {
            let (mut wanted, mut given) = (template.split('/'), path.split('/'));
            let same = wanted
                .by_ref()
                .zip(given.by_ref())
                .all(|(w, g)| w == g || (w.starts_with('{') && !g.is_empty()));
            same && wanted.next().is_none()
                && given.next().is_none()
                && template.matches('/').count() == path.matches('/').count()
        };
        self.operations
            .iter()
            .find(|operation| operation.method == method && fits(&operation.path))
    }

    /// Where its paths begin.
    pub fn prefix(&self) -> String {
        format!("/{}/", self.name)
    }

    /// Its name as a module has it, such as `public_v2`.
    pub fn module(&self) -> String {
        self.name.replace('/', "_")
    }

    /// How those of its operations that ask who one is do it.
    pub fn scheme(&self) -> Scheme {
        match self.audience {
            "public" => Scheme::ApiKey,
            _ => Scheme::Bearer,
        }
    }

    /// All scopes that its operations ask for.
    pub fn scopes(&self) -> Vec<&'static str> {
        let mut scopes: Vec<&'static str> = self.operations.iter().map(Operation::scope).collect();
        scopes.retain(|scope| !scope.is_empty());
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }

    /// What the catalogue says of a problem code.
    pub fn problem(&self, code: &str) -> Option<Node> {
        self.problems.find(code)
    }

    /// What does not fit the schema at a node; empty when all does. Formats are asserted.
    pub fn violations(&self, schema: Node, instance: &Value) -> Vec<String> {
        let mut validators = self
            .validators
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let validator = *validators.entry(schema.uri()).or_insert_with(|| {
            let validator = jsonschema::options()
                .with_draft(Draft::Draft202012)
                .with_registry(&self.registry)
                .with_pattern_options(PatternOptions::regex())
                .should_validate_formats(true)
                .build(&json!({ "$ref": schema.uri() }));
            Box::leak(Box::new(
                validator.unwrap_or_else(|error| panic!("{}: {error}", schema.uri())),
            ))
        });
        drop(validators);
        let told =
            |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
        validator.iter_errors(instance).map(told).collect()
    }
}

impl Operation {
    /// The scope that a key needs.
    pub fn scope(&self) -> &'static str {
        self.node.text("x-scope")
    }

    /// How it asks who one is.
    pub fn scheme(&self) -> Scheme {
        let schemes = self.node.at("security").items();
        match schemes.first() {
            None => Scheme::None,
            Some(scheme) if scheme.value.get("oauth2").is_some() => Scheme::Bearer,
            Some(_) => Scheme::ApiKey,
        }
    }

    /// Codes of the problems that it may answer.
    pub fn problems(&self) -> Vec<&'static str> {
        self.node
            .at("x-problems")
            .items()
            .iter()
            .filter_map(|code| code.value.as_str())
            .collect()
    }

    /// Statuses that it documents.
    pub fn statuses(&self) -> Vec<u16> {
        let number = |status: &str| {
            status
                .parse()
                .unwrap_or_else(|_| panic!("{}: status {status}", self.id))
        };
        self.node
            .at("responses")
            .members()
            .into_iter()
            .map(|(status, _)| number(status))
            .collect()
    }

    /// Its parameters in `place`: `path`, `query` or `header`.
    pub fn parameters(&self, place: &str) -> Vec<Node> {
        let mut parameters = self
            .node
            .find("parameters")
            .map_or_else(Vec::new, |all| all.items());
        parameters.retain(|parameter| parameter.text("in") == place);
        parameters
    }

    /// What stands about its body; none when it takes no body.
    pub fn body(&self) -> Option<Node> {
        self.content().map(|(_, media)| media)
    }

    /// Media type of its body; empty when it takes none.
    pub fn media_type(&self) -> &'static str {
        self.content().map_or("", |(media_type, _)| media_type)
    }

    fn content(&self) -> Option<(&'static str, Node)> {
        let content = self.node.find("requestBody")?.find("content")?;
        content.members().into_iter().next()
    }
}

impl Node {
    /// A member, with its reference followed.
    pub fn find(&self, member: &str) -> Option<Self> {
        let value = self.value.get(member)?;
        Some(self.child(member, value).followed())
    }

    /// A member that must be there.
    pub fn at(&self, member: &str) -> Self {
        self.find(member)
            .unwrap_or_else(|| panic!("{} lacks {member}", self.uri()))
    }

    /// A member that is a text; empty when there is none.
    pub fn text(&self, member: &str) -> &'static str {
        self.value
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// All members of a mapping.
    pub fn members(&self) -> Vec<(&'static str, Self)> {
        static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        let members = self.value.as_object().unwrap_or(&NONE);
        members
            .iter()
            .map(|(name, value)| (name.as_str(), self.child(name, value).followed()))
            .collect()
    }

    /// All items of a list.
    pub fn items(&self) -> Vec<Self> {
        let items = self.value.as_array().map_or(&[][..], Vec::as_slice);
        items
            .iter()
            .enumerate()
            .map(|(at, value)| self.child(&at.to_string(), value).followed())
            .collect()
    }

    /// Names the place as a reference does.
    pub fn uri(&self) -> String {
        format!(
            "{BASE}{}#{}",
            self.file,
            self.pointer.replace('{', "%7B").replace('}', "%7D")
        )
    }

    fn child(&self, member: &str, value: &'static Value) -> Self {
        let escaped = member.replace('~', "~0").replace('/', "~1");
        let pointer: &'static str =
            Box::leak(format!("{}/{escaped}", self.pointer).into_boxed_str());
        Self {
            value,
            pointer,
            ..*self
        }
    }

    fn followed(self) -> Self {
        let Some(target) = self.value.get("$ref").and_then(Value::as_str) else {
            return self;
        };
        let (file, pointer) = target.split_once('#').expect("a reference has a fragment");
        let name = join(self.file, file);
        let (file, root) = self
            .files
            .get_key_value(&name)
            .expect("files that are referred to were read");
        let value = root
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{} refers to nothing: {target}", self.uri()));
        let pointer: &'static str = Box::leak(pointer.to_owned().into_boxed_str());
        Self {
            value,
            files: self.files,
            file,
            pointer,
        }
        .followed()
    }
}

/// Reads a file and all files that it refers to. Names are relative to the repository.
fn read(name: &str, files: &mut BTreeMap<String, Value>) {
    if files.contains_key(name) {
        return;
    }
    let path = repository().join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let value: Value =
        yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut targets = Vec::new();
    collect_references(&value, &mut targets);
    files.insert(name.to_owned(), value);
    for target in targets {
        read(&join(name, &target), files);
    }
}

fn collect_references(value: &Value, targets: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(target)) = members.get("$ref") {
                targets.push(target.split('#').next().unwrap_or_default().to_owned());
            }
            members
                .values()
                .for_each(|member| collect_references(member, targets));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_references(item, targets)),
        _ => {}
    }
}

/// A file as `target` names it from within `from`.
fn join(from: &str, target: &str) -> String {
    if target.is_empty() {
        return from.to_owned();
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." => {}
            name => parts.push(name),
        }
    }
    parts.join("/")
}
