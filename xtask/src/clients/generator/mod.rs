//! Java, Go and C# by openapi-generator, from the profile of a contract.
//!
//! It tells of no fault by its exit code, so what it wrote is looked at: two files that one path would take, an operation or a header
//! of the contract that is nowhere, and of course what the compilers say. Compilers that are missing are said to be missing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use heck::{ToLowerCamelCase, ToUpperCamelCase};
use serde_json::Value;
use walkdir::WalkDir;

use super::api::{Api, Operation};
use super::{Compiled, Workshop, profile};
use crate::evolve::Version;
use crate::tools;

/// Pinned; the package holds the generator's jar.
const REQUIREMENTS: &str = include_str!("requirements.txt");
/// Annotations that say when a file was generated want a library that Java no longer has.
const NO_ANNOTATION: &str = "generatedAnnotation.mustache";
/// Pinned; the package holds the compiler and its library.
const GO_REQUIREMENTS: &str = include_str!("go-requirements.txt");

/// What openapi-generator is told for a language.
pub struct Target {
    /// Its word for the language.
    generator: &'static str,
    /// How the files of the language end.
    ending: &'static str,
    options: fn(&Api) -> String,
    /// What it is told of the contract.
    profile: fn(&Api) -> Value,
}

pub const JAVA: Target = Target {
    generator: "java",
    ending: "java",
    options: |api| {
        let package = java_package(api);
        format!(
            "library=native,openApiNullable=false,useJakartaEe=false,hideGenerationTimestamp=true,groupId=com.fareway,\
             artifactId=fareway-{}-v{},artifactVersion={},invokerPackage={package},apiPackage={package}.api,modelPackage={package}.model",
            api.audience, api.major, api.version
        )
    },
    profile: profile::of,
};

pub const GO: Target = Target {
    generator: "go",
    ending: "go",
    options: |api| {
        format!(
            "packageName=fareway,packageVersion={},enumClassPrefix=true,hideGenerationTimestamp=true,useOneOfDiscriminatorLookup=true",
            api.version
        )
    },
    // With these, the packages need no library.
    profile: |api| profile::with_bearer(profile::of(api)),
};

pub const CSHARP: Target = Target {
    generator: "csharp",
    ending: "cs",
    options: |api| {
        let name = format!(
            "Fareway.{}V{}",
            api.audience.to_upper_camel_case(),
            api.major
        );
        format!(
            "library=httpclient,targetFramework=net8.0,packageName={name},packageVersion={}",
            api.version
        )
    },
    profile: profile::of,
};

/// `com.fareway.publicv2`.
fn java_package(api: &Api) -> String {
    format!("com.fareway.{}v{}", api.audience, api.major)
}

/// Where a package would be published: Go wants the major version in it, from the second on.
fn repository(api: &Api) -> String {
    match api.major {
        1 => api.audience.clone(),
        major => format!("{}/v{major}", api.audience),
    }
}

/// The generator's jar, installed when it is missing.
fn jar(root: &Path) -> Result<PathBuf> {
    let environment = tools::python(root, "openapi-generator", REQUIREMENTS)?;
    let found = WalkDir::new(&environment)
        .into_iter()
        .filter_map(Result::ok);
    let mut jars = found.filter(|entry| entry.file_name() == "openapi-generator.jar");
    let jar = jars.next().with_context(|| {
        format!(
            "no openapi-generator.jar in {}; remove that folder and try again",
            environment.display()
        )
    })?;
    Ok(jar.into_path())
}

/// Writes the packages of a language and looks at what was written.
///
/// # Errors
///
/// When Java is missing, the generator fails, or what it wrote lacks something of the contract.
pub fn write(workshop: &Workshop, target: &Target, apis: &[Api]) -> Result<()> {
    let jar = jar(&workshop.root)?;
    let templates = workshop.folder.join("templates");
    fs::create_dir_all(&templates)?;
    fs::write(templates.join(NO_ANNOTATION), "")?;
    for api in apis {
        let document = workshop.folder.join(format!("{}.json", api.folder()));
        let profile = serde_json::to_string_pretty(&(target.profile)(api))?;
        let repository = repository(api);
        let options = format!("--additional-properties={}", (target.options)(api));
        let folder = workshop.folder.join(api.folder());
        let stamp = folder.join(".generated-from");
        let source = format!("{REQUIREMENTS}{options}\n{repository}\n{profile}");
        if !fs::read_to_string(&stamp).is_ok_and(|found| found == source) {
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::write(&document, profile)?;
            let mut command = Command::new("java");
            command
                .arg("-jar")
                .arg(&jar)
                .args([
                    "generate",
                    "--skip-validate-spec",
                    "-g",
                    target.generator,
                    "-i",
                ])
                .arg(&document)
                .arg("-o")
                .arg(&folder)
                .arg("-t")
                .arg(&templates)
                .args(["--git-host", "fareway.example", "--git-user-id", "clients"])
                .args(["--git-repo-id", &repository])
                .args(["--global-property", "apiTests=false,modelTests=false"])
                .arg(options);
            let said = workshop.tool(
                &mut command,
                "java is missing: install a Java runtime, 11 or newer",
            )?;
            ensure!(
                !said.contains("FILEPATH_COLLISION"),
                "{} {}: two things of the contract want one file; openapi-generator says:\n{said}",
                target.generator,
                api.folder()
            );
            fs::write(stamp, source)?;
        }
        look(target, api, &folder)?;
    }
    Ok(())
}

/// Looks for everything of a contract that a client cannot do without.
fn look(target: &Target, api: &Api, folder: &Path) -> Result<()> {
    let mut code = String::new();
    let mut paths = BTreeMap::new();
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        let path = entry
            .path()
            .strip_prefix(folder)?
            .to_string_lossy()
            .into_owned();
        let other = paths.insert(path.to_lowercase(), path.clone());
        ensure!(
            other.is_none(),
            "{} {}: {path} and {} are one file where case does not count",
            target.generator,
            api.folder(),
            other.unwrap_or_default()
        );
        if entry
            .path()
            .extension()
            .is_some_and(|ending| ending == target.ending)
        {
            code.push_str(&fs::read_to_string(entry.path())?);
        }
    }
    let missing = missing(api, &code);
    ensure!(
        missing.is_empty(),
        "{} {}: the client has nothing for {}",
        target.generator,
        api.folder(),
        missing.join(", ")
    );
    Ok(())
}

/// The operations, headers and types of a contract that some code does not speak of.
fn missing(api: &Api, code: &str) -> Vec<String> {
    let mut missing = Vec::new();
    for operation in &api.operations {
        let named = [
            operation.id.to_lower_camel_case(),
            operation.id.to_upper_camel_case(),
        ];
        if !named.iter().any(|name| code.contains(&format!("{name}("))) {
            missing.push(operation.id.clone());
        }
    }
    let headers = |operation: &Operation| -> Vec<String> {
        let optional = operation
            .optional
            .iter()
            .filter(|parameter| parameter.place == "header");
        let optional = optional.map(|parameter| parameter.name.clone());
        optional
            .chain(operation.keyed.then(|| "Idempotency-Key".to_owned()))
            .collect()
    };
    let mut wanted: BTreeMap<String, usize> = BTreeMap::new();
    for name in api.operations.iter().flat_map(headers) {
        *wanted.entry(name).or_default() += 1;
    }
    for (name, count) in wanted {
        if code.matches(&format!("\"{name}\"")).count() < count {
            missing.push(format!("the header {name} of each of {count} operations"));
        }
    }
    for name in api.types.keys() {
        if !code.contains(&format!("class {name}"))
            && !code.contains(&format!("type {name} "))
            && !code.contains(&format!("enum {name}"))
        {
            missing.push(format!("the type {name}"));
        }
    }
    missing
}

/// Compiles the Java packages with their journeys. The generator's own jar holds the libraries that they use.
///
/// # Errors
///
/// When they do not compile.
pub fn compile_java(workshop: &Workshop, apis: &[Api]) -> Result<Compiled> {
    if Command::new("javac").arg("-version").output().is_err() {
        return Ok(Compiled::No("javac is missing: install a JDK, 11 or newer"));
    }
    let jar = jar(&workshop.root)?;
    for api in apis {
        let folder = workshop.folder.join(api.folder());
        let journey = folder.join("Journey.java");
        fs::write(&journey, java_journey(api)?)?;
        let check = folder.join("Check.java");
        fs::write(&check, include_str!("java/Check.java"))?;
        let classes = folder.join("classes");
        let mut command = Command::new("javac");
        command
            .args(["-nowarn", "-d"])
            .arg(&classes)
            .arg("-cp")
            .arg(&jar)
            .args([&journey, &check]);
        let sources = WalkDir::new(folder.join("src/main/java"))
            .into_iter()
            .filter_map(Result::ok);
        command.args(
            sources
                .map(walkdir::DirEntry::into_path)
                .filter(|path| path.is_file()),
        );
        workshop.tool(&mut command, "javac is missing: install a JDK, 11 or newer")?;
    }
    Ok(Compiled::Yes)
}

/// The journey of a package.
fn java_journey(api: &Api) -> Result<String> {
    let journey = match api.contract().as_str() {
        "public/v1" => include_str!("java/PublicV1.java"),
        "public/v2" => include_str!("java/PublicV2.java"),
        "partner/v1" => include_str!("java/PartnerV1.java"),
        "private/v1" => include_str!("java/PrivateV1.java"),
        other => {
            anyhow::bail!("{other} has no journey in Java; write xtask/src/clients/generator/java/")
        }
    };
    as_of(journey, &api.version).context("a mark `/*since VERSION TEXT*/` in Java is broken")
}

/// A journey for a revision: the text of `/*since 2.1.0 , null*/` stands there from that revision on. Java has no arguments that can
/// be left out, so each that an operation has come to take has to be given.
fn as_of(journey: &str, version: &Version) -> Option<String> {
    let mut parts = journey.split("/*since ");
    let mut text = parts.next()?.to_owned();
    for part in parts {
        let (since, rest) = part.split_once(' ')?;
        let (more, rest) = rest.split_once("*/")?;
        if *version >= since.parse().ok()? {
            text.push_str(more);
        }
        text.push_str(rest);
    }
    Some(text)
}

/// The program that makes the journey with a Java package.
///
/// # Errors
///
/// When the jar cannot be found.
pub fn run_java(workshop: &Workshop, api: &Api) -> Result<Command> {
    let jar = jar(&workshop.root)?;
    let classes = workshop.folder.join(api.folder()).join("classes");
    let mut command = Command::new("java");
    command
        .arg("-cp")
        .arg(format!("{}:{}", classes.display(), jar.display()))
        .arg("Journey");
    Ok(command)
}

/// Compiles the Go packages, which need nothing but Go's own library, with a compiler that is installed when it is missing.
///
/// # Errors
///
/// When they do not compile, or ask for a library.
pub fn compile_go(workshop: &Workshop, apis: &[Api]) -> Result<Compiled> {
    let tools = tools::python(&workshop.root, "go", GO_REQUIREMENTS)?;
    for api in apis {
        let mut command = Command::new(tools.join("bin/go"));
        command
            .args(["vet", "."])
            .current_dir(workshop.folder.join(api.folder()))
            .env("GOCACHE", workshop.root.join("target/tools/go-cache"))
            .env("GOPATH", workshop.root.join("target/tools/go-path"))
            .env("GOPROXY", "off")
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off");
        workshop.tool(
            &mut command,
            "the Go compiler is missing: remove target/tools/go and try again",
        )?;
    }
    Ok(Compiled::Yes)
}
