//! Where documents come from: a folder, or a commit. What a document refers to is read from the same folder or commit, and
//! nothing is read outside of it.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail, ensure};
use compat::document::{BYTES_MAX, Forest, NodeId, Place, Source, Unusable};
use compat::judgement::Side;
use compat::report::Report;

/// Two documents side by side.
pub struct Pair {
    forest: Forest,
    base: (Side, NodeId),
    revision: (Side, NodeId),
}

impl Pair {
    /// Reads both with all that they refer to. Paths are those of the shell; `widest` is the folder that references may not leave.
    ///
    /// # Errors
    ///
    /// When there is no such file or commit, or a document cannot be used.
    pub fn open(root: &Path, widest: Option<&Path>, base: &str, revision: &str) -> Result<Pair> {
        let mut forest = Forest::default();
        let mut load = |name: &str| -> Result<(Side, NodeId)> {
            let document = Asked::find(root, widest, name)?;
            let id = forest
                .load(&document, &document.file)
                .map_err(|error| said(error, &document.side.prefix))?;
            Ok((document.side, id))
        };
        let (base, revision) = (load(base)?, load(revision)?);
        Ok(Pair {
            forest,
            base,
            revision,
        })
    }

    /// Compares them.
    ///
    /// # Errors
    ///
    /// When a document cannot be used.
    pub fn compare(&self) -> Result<Report> {
        let (base, revision) = (&self.base, &self.revision);
        compat::compare(&self.forest, base.1, revision.1).map_err(|error| {
            let side = if error.of == Some(base.1) {
                base
            } else {
                revision
            };
            said(error, &side.0.prefix)
        })
    }

    /// What they are called.
    pub fn sides(&self) -> (Side, Side) {
        (self.base.0.clone(), self.revision.0.clone())
    }
}

/// The complaint with the name of the file as it was asked for.
fn said(error: Unusable, prefix: &str) -> anyhow::Error {
    let file = format!("{prefix}{}", error.place.file);
    let place = Place {
        file,
        ..error.place
    };
    anyhow!(Unusable { place, ..error })
}

/// A document by the name that somebody asked for.
struct Asked {
    side: Side,
    /// Its name among the files of its home.
    file: String,
    home: Home,
}

enum Home {
    Folder(PathBuf),
    Commit { repository: PathBuf, id: String },
}

impl Asked {
    fn find(root: &Path, widest: Option<&Path>, name: &str) -> Result<Asked> {
        if Path::new(name).is_file() {
            return Asked::in_folder(root, widest, name);
        }
        let Some((commit, path)) = name.split_once(':') else {
            bail!(
                "{name}: there is no such file; write a path, or `git-ref:path` as in `main:openapi/public/v2.yaml`"
            );
        };
        let revision = format!("{commit}^{{commit}}");
        let id = git(
            root,
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &revision,
            ],
        )
        .ok()
        .with_context(|| {
            format!(
                "{name}: there is no file and no commit `{commit}`; correct the name, or fetch it"
            )
        })?;
        Ok(Asked {
            side: Side {
                name: name.to_owned(),
                prefix: format!("{commit}:"),
            },
            file: path.to_owned(),
            home: Home::Commit {
                repository: root.to_owned(),
                id: id.trim().to_owned(),
            },
        })
    }

    fn in_folder(root: &Path, widest: Option<&Path>, name: &str) -> Result<Asked> {
        let whole = |path: &Path| {
            fs::canonicalize(path).with_context(|| format!("{}: cannot be read", path.display()))
        };
        let path = whole(Path::new(name))?;
        let root = whole(root)?;
        let (home, is_ours) = match widest {
            Some(folder) => (whole(folder)?, false),
            None if path.starts_with(&root) => (root, true),
            None => (
                path.parent().context("a file has a folder")?.to_owned(),
                false,
            ),
        };
        let file = path.strip_prefix(&home).ok().and_then(Path::to_str);
        let file = file
            .with_context(|| {
                format!(
                    "{name}: is not in {}; choose a wider --root",
                    home.display()
                )
            })?
            .to_owned();
        let prefix = match name.strip_suffix(&file) {
            _ if is_ours => "",
            Some(prefix) => prefix,
            None => &format!("{}/", home.display()),
        };
        Ok(Asked {
            side: Side {
                name: name.to_owned(),
                prefix: prefix.to_owned(),
            },
            file,
            home: Home::Folder(home),
        })
    }
}

impl Source for Asked {
    fn read(&self, name: &str) -> Result<String, String> {
        let read = match &self.home {
            Home::Folder(folder) => from_folder(folder, name),
            Home::Commit { repository, id } => from_commit(repository, id, name),
        };
        read.map_err(|error| format!("{error:#}"))
    }
}

fn from_folder(folder: &Path, name: &str) -> Result<String> {
    // Links are followed before the folder is looked at.
    let path = fs::canonicalize(folder.join(name)).map_err(|_| anyhow!("there is no such file"))?;
    ensure!(
        path.starts_with(folder),
        "it is outside of {}, which --root can widen",
        folder.display()
    );
    ensure!(path.is_file(), "it is no file");
    let limit = u64::try_from(BYTES_MAX)? + 1;
    let mut text = String::new();
    File::open(&path)?.take(limit).read_to_string(&mut text)?;
    Ok(text)
}

fn from_commit(repository: &Path, id: &str, name: &str) -> Result<String> {
    ensure!(
        !name.split('/').any(|step| step == ".."),
        "it is outside of the repository"
    );
    git(repository, &["cat-file", "blob", &format!("{id}:{name}")])
        .map_err(|_| anyhow!("there is no such file in the commit"))
}

fn git(repository: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .current_dir(repository)
        .args(arguments)
        .output()
        .context("git cannot be run")?;
    ensure!(output.status.success(), "git refuses");
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "openapi: 3.1.0
paths:
  /a:
    $ref: ../shared/item.yaml
";
    const ITEM: &str = "get: {responses: {'200': {description: It.}}}\n";

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (file, text) in [("api/v1.yaml", DOCUMENT), ("shared/item.yaml", ITEM)] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
            fs::write(path, text).expect("it is written");
        }
        folder
    }

    fn opened(root: &Path, widest: Option<&Path>, name: &str) -> Result<Pair> {
        Pair::open(root, widest, name, name)
    }

    fn refused(root: &Path, name: &str) -> String {
        let error = opened(root, None, name).err().expect("it is refused");
        format!("{error:#}")
    }

    #[test]
    fn nothing_is_read_outside_of_the_root() {
        let (folder, ours) = (folder(), tempfile::tempdir().expect("a folder"));
        let file = folder.path().join("api/v1.yaml").display().to_string();
        let home = fs::canonicalize(folder.path().join("api")).expect("it is there");
        assert_eq!(
            refused(ours.path(), &file),
            format!(
                "{file}:3: ../shared/item.yaml cannot be read: it is outside of {}, which --root can widen; correct the path",
                home.display()
            )
        );
        assert!(opened(ours.path(), Some(folder.path()), &file).is_ok());
        assert!(opened(folder.path(), None, &file).is_ok());
        let link = folder.path().join("api/link.yaml");
        std::os::unix::fs::symlink(folder.path().join("shared/item.yaml"), &link)
            .expect("it is linked");
        fs::write(&file, DOCUMENT.replace("../shared/item.yaml", "link.yaml"))
            .expect("it is written");
        assert!(refused(ours.path(), &file).contains("it is outside of "));
    }

    #[test]
    fn a_commit_is_read_with_what_it_refers_to() {
        let folder = folder();
        let git = |arguments: &[&str]| {
            let identity = ["-c", "user.name=a", "-c", "user.email=a@fareway.example"];
            let output = Command::new("git")
                .current_dir(folder.path())
                .args(identity)
                .args(arguments)
                .output()
                .expect("git runs");
            assert!(output.status.success(), "{output:?}");
        };
        git(&["init", "--quiet"]);
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message", "first"]);
        git(&["tag", "first"]);
        let broken = "get: {responses: {'204': {description: It.}}}\n";
        fs::write(folder.path().join("shared/item.yaml"), broken).expect("it is written");
        let file = folder.path().join("api/v1.yaml").display().to_string();
        let pair =
            Pair::open(folder.path(), None, "first:api/v1.yaml", &file).expect("both are read");
        let report = pair.compare().expect("they can be compared");
        let finding = report.findings.first().expect("the status changes");
        let (base, revision) = pair.sides();
        let place = |side: &Side, spot: &Option<compat::report::Spot>| {
            spot.as_ref().map(|spot| side.place(&spot.place))
        };
        let places = [
            place(&base, &finding.base),
            place(&revision, &finding.revision),
        ];
        let shown: Vec<String> = places.into_iter().flatten().collect();
        assert!(
            shown
                .iter()
                .all(|place| place.ends_with("shared/item.yaml:1")),
            "{shown:?}"
        );
        assert_eq!(
            refused(folder.path(), "second:api/v1.yaml"),
            "second:api/v1.yaml: there is no file and no commit `second`; correct the name, or fetch it"
        );
        assert_eq!(
            refused(folder.path(), "first:api/v2.yaml"),
            "first:api/v2.yaml: cannot be read: there is no such file in the commit; correct the path"
        );
        assert_eq!(
            refused(folder.path(), "nowhere.yaml"),
            "nowhere.yaml: there is no such file; write a path, or `git-ref:path` as in `main:openapi/public/v2.yaml`"
        );
    }

    #[test]
    fn what_cannot_be_compared_is_named_with_its_side() {
        let (folder, ours) = (folder(), tempfile::tempdir().expect("a folder"));
        let file = |name: &str| folder.path().join(name).display().to_string();
        let broken = DOCUMENT.replace("../shared/item.yaml", "'#/nowhere'");
        fs::create_dir(folder.path().join("new")).expect("it is made");
        fs::write(file("api/v1.yaml"), "openapi: 3.1.0\npaths: {}\n").expect("it is written");
        fs::write(file("new/v1.yaml"), broken).expect("it is written");
        let pair = |base: &str, revision: &str| {
            let pair = Pair::open(ours.path(), None, &file(base), &file(revision));
            let error = pair.expect("both are read").compare().err();
            error.expect("a reference leads nowhere").to_string()
        };
        let place = format!("{}:3:", file("new/v1.yaml"));
        for error in [
            pair("api/v1.yaml", "new/v1.yaml"),
            pair("new/v1.yaml", "api/v1.yaml"),
        ] {
            assert!(error.starts_with(&place), "{error}");
        }
    }

    #[test]
    fn a_name_is_no_option_of_git() {
        let folder = folder();
        let error = refused(folder.path(), "--upload-pack=x:api/v1.yaml");
        assert!(error.contains("no commit `--upload-pack=x`"), "{error}");
    }
}
