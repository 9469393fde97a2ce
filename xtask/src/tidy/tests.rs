//! Each rule on a small tree: what it says, and that it says nothing of tidy code.

use std::path::Path;

const LAYERS: &str = "
layer main
layer serve
layer edge
layer api booking billing
layer wire
layer platform
layer rpc api::problem
layer kernel
only axum in wire api edge serve
only sqlx in *::store platform::db
only reqwest in
only std::env in serve
";

/// Puts the files in a tree of their own and tells what tidy prints of it.
fn tidy(files: &[(&str, &str)]) -> Vec<String> {
    let root = tempfile::tempdir().expect("a folder to work in");
    for (path, text) in files.iter().chain(&[("xtask/layers.txt", LAYERS)]) {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("every file has a folder"))
            .expect("a folder for the file");
        std::fs::write(path, text).expect("the file is written");
    }
    let findings = super::gate(root.path()).expect("tidy can do its work");
    findings.iter().map(ToString::to_string).collect()
}

/// One file of src/ that holds `code` under module docs.
fn source(path: &str, code: &str) -> Vec<String> {
    tidy(&[(path, &format!("//! Docs.\n{code}\n"))])
}

#[test]
fn imports_point_down() {
    for (path, code) in [
        (
            "src/edge/orders.rs",
            "use crate::booking::order::{Order, State};",
        ),
        (
            "src/edge/orders.rs",
            "use crate::{api::public_v2 as contract, wire::*, kernel};",
        ),
        (
            "src/booking/grpc.rs",
            "use super::service::Service; use crate::rpc;",
        ),
        ("src/platform/status.rs", "use crate::api::problem::Code;"),
        ("src/main.rs", "use fareway::serve;"),
        ("src/lib.rs", "pub mod kernel;"),
    ] {
        assert_eq!(source(path, code), [""; 0], "{path}: {code}");
    }
}

#[test]
fn imports_from_above_are_found_wherever_they_stand() {
    let fix =
        "pass in what it needs, or move the word down a layer; the layers are in xtask/layers.txt";
    for code in [
        "use crate::platform::db::Db;",
        "use crate::{\nplatform,\nkernel::id};",
        "fn f(db: &crate::platform::db::Db) {}",
        "fn f() { assert_eq!(1, crate::platform::one()); }",
        "use super::super::platform::db;",
        "mod inner { use super::super::super::platform::db; }",
        "#[cfg(test)]\nmod tests { fn f() -> Vec<crate::platform::X> {} }",
    ] {
        let line = 2 + code
            .lines()
            .position(|line| line.contains("platform"))
            .expect("it is there");
        assert_eq!(
            source("src/kernel/id.rs", code),
            [format!(
                "src/kernel/id.rs:{line}: kernel imports platform, which lies above it; {fix}"
            )],
            "{code}"
        );
    }
    assert_eq!(
        source(
            "src/platform/status.rs",
            "use crate::api::public_v2::Order;"
        ),
        [format!(
            "src/platform/status.rs:2: platform imports api, which lies above it; {fix}"
        )]
    );
}

#[test]
fn siblings_never_meet() {
    assert_eq!(
        source(
            "src/booking/service.rs",
            "use crate::{billing::ledger, rpc};"
        ),
        [
            "src/booking/service.rs:2: booking imports its sibling billing; call it through its client in crate::rpc or \
          listen to its events, or move the shared word down a layer"
        ]
    );
}

#[test]
fn every_module_has_a_layer() {
    assert_eq!(
        source("src/loyalty/mod.rs", ""),
        ["src/loyalty/mod.rs: module loyalty has no layer; name it in xtask/layers.txt"]
    );
}

#[test]
fn crates_stay_in_their_homes() {
    for (path, code, found) in [
        ("src/edge/mod.rs", "use axum::Router;", ""),
        ("src/booking/store/sqlite.rs", "use sqlx::SqlitePool;", ""),
        (
            "src/booking/service.rs",
            "fn f() { env!(\"A\"); self.axum.b() }",
            "",
        ),
        (
            "src/booking/service.rs",
            "use axum::Router;",
            "src/booking/service.rs:2: booking::service names axum; move this to one of: wire, api, edge, serve (xtask/layers.txt)",
        ),
        (
            "src/platform/outbox.rs",
            "async fn f(tx: &mut sqlx::SqliteConnection) {}",
            "src/platform/outbox.rs:2: platform::outbox names sqlx; move this to one of: *::store, platform::db (xtask/layers.txt)",
        ),
        (
            "src/kernel/id.rs",
            "use std::{env, fmt};",
            "src/kernel/id.rs:2: kernel::id names std::env; move this to one of: serve (xtask/layers.txt)",
        ),
        (
            "src/edge/mod.rs",
            "use reqwest::{Client, Url};",
            "src/edge/mod.rs:2: edge names reqwest; do without it; nobody in src/ may, says xtask/layers.txt",
        ),
    ] {
        assert_eq!(source(path, code).join("\n"), found, "{path}: {code}");
    }
}

#[test]
fn files_stay_readable() {
    let lines = |count: usize| source("src/kernel/id.rs", &"// Why.\n".repeat(count - 2));
    assert_eq!(lines(400), [""; 0]);
    let fix = "split it by noun: files aim at 400 lines and fail at 500";
    assert_eq!(lines(401), [format!("src/kernel/id.rs: 401 lines; {fix}")]);
    assert_eq!(lines(500), [format!("src/kernel/id.rs: 500 lines; {fix}")]);
    for (count, note) in [(499, true), (500, false)] {
        let file = super::File {
            path: "src/a.rs".to_owned(),
            text: "\n".repeat(count),
        };
        let mut findings = Vec::new();
        super::sources::look(&file, &super::paths::Code::default(), &mut findings);
        findings.retain(|finding| finding.line == 0);
        assert_eq!(
            findings
                .iter()
                .map(|finding| finding.note)
                .collect::<Vec<_>>(),
            [note]
        );
    }
    let generated = format!("{}\n{}", super::sources::HEADER, "// Why.\n".repeat(900));
    assert_eq!(tidy(&[("src/api/public_v2.rs", &generated)]), [""; 0]);
}

#[test]
fn generated_code_and_written_code_do_not_mix() {
    let generated = format!("{} from proto/; edit that.\n", super::sources::HEADER);
    assert_eq!(tidy(&[("src/rpc/mod.rs", &generated)]), [""; 0]);
    assert_eq!(
        tidy(&[("xtask/src/generate/golden/a.rs", &generated)]),
        [""; 0]
    );
    assert_eq!(
        tidy(&[("src/edge/mod.rs", &format!("{generated}//! Docs.\n"))])[0],
        "src/edge/mod.rs:1: a generated header outside src/api and src/rpc; delete the header, or let the generator write to \
         src/api or src/rpc"
    );
    assert_eq!(
        source("src/api/mod.rs", ""),
        [
            "src/api/mod.rs:1: no generated header in a folder that only the generator writes; move the code out of src/api and \
          src/rpc, or run `cargo xtask generate`"
        ]
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    let fix = "open with //!: what it is for, what it deliberately does not do";
    for path in [
        "src/kernel/id.rs",
        "xtask/src/main.rs",
        "contract-tests/tests/main.rs",
    ] {
        assert_eq!(
            tidy(&[(path, "fn f() {}\n")]),
            [format!("{path}:1: no module docs; {fix}")]
        );
        assert_eq!(tidy(&[(path, "#![forbid(a)]\n\n//! Docs.\n")]), [""; 0]);
    }
}

#[test]
fn modules_are_no_drawers() {
    let fix = "name it after what is inside";
    for (path, code, line, name) in [
        ("src/kernel/utils.rs", "", 1, "utils"),
        ("src/kernel/helpers/mod.rs", "", 1, "helpers"),
        ("src/kernel/mod.rs", "pub mod id;\nmod misc;", 3, "misc"),
        ("src/kernel/id.rs", "mod types {}", 2, "types"),
    ] {
        assert_eq!(
            source(path, code),
            [format!("{path}:{line}: a module called {name}; {fix}")]
        );
    }
}

#[test]
fn one_word_a_thing() {
    for (path, line, found) in [
        (
            "src/kernel/id.rs",
            "struct ReservationId;",
            "says reservation; say order",
        ),
        (
            "src/kernel/id.rs",
            "fn f(pax_count: u8) {}",
            "says pax; say passenger",
        ),
        ("src/kernel/id.rs", "// Ends the txn.", "says txn; say tx"),
        (
            "openapi/public/v2.yaml",
            "maxPax: 9",
            "says pax; say passenger",
        ),
        ("proto/a.proto", "string txn2 = 1;", "says txn; say tx"),
    ] {
        let text = format!("//! Docs.\n{line}\n");
        assert_eq!(
            tidy(&[(path, &text)]),
            [format!("{path}:2: {found}: one word a thing")]
        );
    }
    assert_eq!(
        source("src/kernel/id.rs", "// Spaxe, epax, context."),
        [""; 0]
    );
}

#[test]
fn nothing_is_left_for_later() {
    assert_eq!(
        source("src/kernel/id.rs", "// TODO: all of it"),
        ["src/kernel/id.rs:2: a TODO left behind; do it, or open an issue"]
    );
    assert_eq!(
        tidy(&[("openapi/public/v2.yaml", "a: 1 # FIXME\ncurrency: XXX\n")]),
        ["openapi/public/v2.yaml:1: a FIXME left behind; do it, or open an issue"]
    );
    for ignore in ["#[ignore]", "#[ignore = \"slow\"]"] {
        assert_eq!(
            source("src/kernel/id.rs", &format!("{ignore}\nfn f() {{}}")),
            [
                "src/kernel/id.rs:2: an ignored test; assert what is so today and say why it is wrong, or delete it"
            ]
        );
    }
}

#[test]
fn tests_do_not_sleep() {
    let fix = "a test sleeps; move the clock, drain the outbox, or await the event itself";
    let sleep = "async fn f() { tokio::time::sleep(d).await }";
    assert_eq!(source("src/platform/outbox.rs", sleep), [""; 0]);
    for (path, code) in [
        ("contract-tests/tests/main.rs", sleep),
        ("src/platform/tests.rs", "use std::thread::{self, sleep};"),
        (
            "src/platform/outbox.rs",
            "#[cfg(test)] mod tests { fn f() { std::thread::sleep(d) } }",
        ),
        (
            "src/platform/outbox.rs",
            "#[cfg(test)] use a::b; #[cfg(all(test, unix))] mod tests { fn f() { time::sleep(d) } }",
        ),
    ] {
        assert_eq!(source(path, code), [format!("{path}:2: {fix}")], "{code}");
    }
}

#[test]
fn no_path_of_one_machine() {
    let fix = "write the path from the root of the repository";
    for (line, found) in [
        ("see /work/shared/a.md", "/work/"),
        ("\"/root/.cargo\"", "/root/"),
        ("cd /tmp/wt/a", "/tmp/wt"),
    ] {
        assert_eq!(
            tidy(&[("README.md", line)]),
            [format!(
                "README.md:1: names {found}, a path of one machine; {fix}"
            )]
        );
    }
    assert_eq!(
        tidy(&[("README.md", "https://example.com/work/a ../work/b")]),
        [""; 0]
    );
}

#[test]
fn trouble_is_no_verdict() {
    let root = tempfile::tempdir().expect("a folder to work in");
    let error = |root: &Path| format!("{:#}", super::gate(root).expect_err("it cannot work"));
    assert!(error(root.path()).starts_with("xtask/layers.txt: cannot be read"));
    std::fs::create_dir(root.path().join("xtask")).expect("a folder for the data");
    std::fs::write(root.path().join("xtask/layers.txt"), "layer a\nonly b\n")
        .expect("it is written");
    assert_eq!(
        error(root.path()),
        "xtask/layers.txt:2: not understood; write `layer NAME…` or `only PATH in NAME…`"
    );
    std::fs::write(root.path().join("xtask/layers.txt"), "layer a\n").expect("it is written");
    std::fs::write(root.path().join("a.rs"), "fn f( {").expect("it is written");
    assert!(error(root.path()).starts_with("a.rs: is not Rust"));
}
