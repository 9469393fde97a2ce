//! The parts that run nothing: tables, edits, and what the lines of a run amount to.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::edit::{versioned, with_choices};
use super::suite::{Outcome, outcome};
use super::table::{Mutant, chosen, distinct, parse};
use super::{edited, seen, table};

const TABLE: &str = r#"
[[mutant]]
name = "one-more"
breaks = "a page has an entry too many"
file = "src/page.rs"
find = "limit"
with = "limit + 1"
seen_by = "lists::"
"#;

fn mutant(name: &str, find: &str, with: &str) -> Mutant {
    let mut mutants = parse("t.toml", TABLE).expect("the sample is sound");
    Mutant {
        name: name.to_owned(),
        find: find.to_owned(),
        with: with.to_owned(),
        ..mutants.remove(0)
    }
}

fn root() -> &'static std::path::Path {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the repository")
}

#[test]
fn a_table_is_read_or_the_line_to_mend_is_named() {
    let mutants = parse("t.toml", TABLE).expect("the sample is sound");
    assert_eq!(mutants.len(), 1);
    assert_eq!(
        (&*mutants[0].with, &*mutants[0].table),
        ("limit + 1", "t.toml")
    );
    for (from, to, told) in [
        ("one-more", "One More", "lower-case"),
        ("a page has an entry too many", " ", "`breaks`"),
        ("limit + 1", "limit", "let it differ"),
        ("src/page.rs", "xtask/src/main.rs", "below src/"),
        ("src/page.rs", "src/main.rs", "below src/"),
        ("seen_by", "sein_by", "sein_by"),
        ("seen_by = \"lists::\"", "", "seen_by"),
    ] {
        let error = parse("t.toml", &TABLE.replacen(from, to, 1)).expect_err(told);
        let error = format!("{error:#}");
        assert!(error.contains(told) && error.contains("t.toml"), "{error}");
    }
    let twice = [mutants.clone(), mutants].concat();
    let error = distinct(&twice).expect_err("one name, two mutants");
    assert!(error.to_string().contains("`one-more`"), "{error}");
}

#[test]
fn mutants_are_chosen_by_name() {
    let all = [mutant("a", "x", "y"), mutant("b", "x", "z")];
    let names = |given: &[&str]| {
        let given: Vec<String> = given.iter().map(|&name| name.to_owned()).collect();
        chosen(&all, &given)
            .map(|found| found.iter().map(|one| one.name.clone()).collect::<Vec<_>>())
    };
    assert_eq!(names(&[]).expect("all"), ["a", "b"]);
    assert_eq!(names(&["b"]).expect("one"), ["b"]);
    let error = names(&["c"]).expect_err("nobody's name");
    assert!(error.to_string().contains("--list"), "{error}");
}

#[test]
fn each_edit_becomes_a_choice_where_its_text_stands() {
    let text = "fn f(a: u8) -> bool { a > 1 && a < 9 }";
    let (low, high) = (
        mutant("low", "a > 1", "true"),
        mutant("high", "a < 9", "a < 10"),
    );
    let edited = with_choices(text, &[&high, &low]).expect("each stands there once");
    assert_eq!(
        edited.split_whitespace().collect::<Vec<_>>().join(" "),
        "fn f(a: u8) -> bool { (if crate::mutant(\"low\") { true } else { a > 1 }) && \
         (if crate::mutant(\"high\") { a < 10 } else { a < 9 }) }"
    );
    let statement = mutant("quiet", "say(a);", "");
    let edited = with_choices("say(a); a", &[&statement]).expect("it stands there once");
    assert_eq!(
        edited.split_whitespace().collect::<Vec<_>>().join(" "),
        "{ if crate::mutant(\"quiet\") { } else { say(a); } } a"
    );
    let other = mutant("lower", "a > 1", "a > 0");
    let edited = with_choices(text, &[&low, &other]).expect("one text, two mutants");
    assert!(
        edited.contains("} else if crate::mutant(\"lower\")"),
        "{edited}"
    );
}

#[test]
fn a_text_that_is_gone_or_no_longer_one_is_named_with_what_to_do() {
    let text = "a + a + b";
    for (find, told) in [("c", "is not there; correct"), ("a", "2 times; lengthen")] {
        let mutant = mutant("m", find, "0");
        let error = with_choices(text, &[&mutant]).expect_err(told).to_string();
        assert!(error.starts_with("src/page.rs: "), "{error}");
        assert!(error.contains(told) && error.contains("t.toml"), "{error}");
    }
    let (left, right) = (mutant("m", "a + b", "0"), mutant("n", "+ b", "- b"));
    let error = with_choices("a + b", &[&left, &right]).expect_err("they overlap");
    assert!(error.to_string().contains("overlaps"), "{error}");
}

#[test]
fn the_tables_fit_the_sources_as_they_are() {
    let mutants = table::read(root()).expect("the tables are sound");
    assert!(mutants.len() >= 30, "{} mutants", mutants.len());
    edited(root(), &mutants).expect("each text stands there once");
}

#[test]
fn the_copy_has_a_version_of_its_own() {
    let manifest =
        "[workspace.package]\nversion = \"0.1.0\"\n[package]\nversion.workspace = true\n";
    let own = versioned(manifest).expect("there is one version");
    assert!(own.contains("\nversion = \"0.1.0-mutants\"\n"), "{own}");
    assert!(versioned("[package]\nversion.workspace = true\n").is_err());
}

#[test]
fn a_mutant_is_seen_by_the_tests_that_fail_and_by_nothing_else() {
    let ok = ExitStatus::from_raw(0);
    let failed = ExitStatus::from_raw(101 << 8);
    let run = |lines: &[&str], ended| {
        let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        outcome(&lines, ended)
    };
    let passes = "test a::b       ... ok";
    let fails = [
        "test a::c::v1 ... FAILED",
        "test a::c::v2 ... FAILED",
        "test a::d ... FAILED",
    ];
    assert_eq!(
        run(
            &["running 2 tests", passes, fails[2], "test result: FAILED."],
            Some(failed)
        ),
        Outcome {
            passed: 1,
            failed: vec!["a::d".to_owned()],
            trouble: None
        }
    );
    for (outcome, told) in [
        (run(&[passes, fails[0]], Some(failed)), Ok("a::c::v1")),
        (
            run(&fails, Some(failed)),
            Ok("a::c::v1, a::c::v2 and 1 more"),
        ),
        // What failed before it hung has failed.
        (run(&fails[2..], None), Ok("a::d")),
        (run(&[passes], Some(ok)), Err("1 passed")),
        (run(&[passes], None), Err("it had to be stopped")),
        (
            run(&[passes], Some(failed)),
            Err("it ended with exit status: 101"),
        ),
        (
            run(&["running 0 tests"], Some(ok)),
            Err("no test has that in its name"),
        ),
    ] {
        assert_eq!(
            seen(&outcome).as_deref().map_err(String::as_str),
            told,
            "{outcome:?}"
        );
    }
}
