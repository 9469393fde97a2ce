//! The sample report in every format; the goldens are read by people.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::samples::{TODAY, WAIVERS, finding, judged, report};
use super::{Format, exchange, plain, rules, suggest, write};
use crate::judgement::Standing;
use crate::report::{Exchange, Report, Severity};
use crate::waivers::Waivers;

fn golden(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "golden", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

fn waivers() -> Waivers {
    Waivers::read("waivers.toml", WAIVERS).expect("they are understood")
}

fn written(report: &Report, format: Format) -> String {
    let waivers = waivers();
    let mut out = Vec::new();
    let mut stream = anstream::StripStream::new(&mut out as &mut dyn Write);
    write(format, &judged(report, &waivers), &mut stream).expect("a vector takes all");
    String::from_utf8(out).expect("it is text")
}

#[test]
fn a_terminal_shows_every_finding_with_its_proof() {
    let text = written(&report(), Format::Text);
    golden("text", &text);
    let wide: Vec<&str> = text
        .lines()
        .filter(|line| line.chars().count() > 80)
        .collect();
    assert_eq!(wide, [] as [&str; 0]);
}

#[test]
fn colours_mark_what_breaks() {
    let (report, waivers) = (report(), waivers());
    let mut out = Vec::new();
    write(Format::Text, &judged(&report, &waivers), &mut out).expect("a vector takes all");
    let text = String::from_utf8(out).expect("it is text");
    assert!(text.starts_with("\u{1b}[1m\u{1b}[31mbreaking"), "{text:?}");
}

#[test]
fn a_changelog_tells_partners() {
    golden("markdown", &written(&report(), Format::Markdown));
}

#[test]
fn a_workflow_is_annotated() {
    golden("github", &written(&report(), Format::Github));
}

#[test]
fn programs_read_what_the_schema_describes() {
    let text = written(&report(), Format::Json);
    golden("json", &text);
    let schema: Value =
        serde_json::from_str(include_str!("../../report.schema.json")).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let value: Value = serde_json::from_str(&text).expect("it is JSON");
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, [] as [&str; 0]);
    let mut wrong = value.clone();
    wrong["findings"][0]["proof"]["kind"] = json!("belief");
    assert!(!validator.is_valid(&wrong));
    wrong = value;
    wrong["findings"][0]["standing"] = json!("waived");
    assert!(!validator.is_valid(&wrong));
}

/// What sh makes of the commands when `curl` prints its arguments.
#[test]
fn commands_reach_curl_as_they_were_meant() {
    let script = written(&report(), Format::Curl);
    golden("curl", &script);
    let script =
        format!("SERVER=http://127.0.0.1:1\ncurl() {{ printf '%s\\0' \"$@\"; }}\n{script}");
    let mut shell = Command::new("sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is a shell");
    let mut stdin = shell.stdin.take().expect("it is piped");
    stdin.write_all(script.as_bytes()).expect("it listens");
    drop(stdin);
    let output = shell.wait_with_output().expect("it ends");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("it is text");
    let arguments: Vec<&str> = text.split('\0').collect();
    assert!(arguments.contains(&"X-Note: it's $HOME"), "{arguments:?}");
    assert!(
        arguments.contains(&"http://127.0.0.1:1/orders/1"),
        "{arguments:?}"
    );
    let body = arguments
        .iter()
        .find_map(|argument| serde_json::from_str::<Value>(argument).ok());
    assert_eq!(
        body.expect("there is a body")["passengers"][1]["age"],
        json!(121)
    );
}

#[test]
fn every_rule_is_explained_by_what_is_found_in_its_example() {
    let explained = |id: &str| {
        let mut out = Vec::new();
        let mut stream = anstream::StripStream::new(&mut out as &mut dyn Write);
        let is_known = rules::explain(id, &mut stream).expect("a vector takes all");
        is_known.then(|| String::from_utf8(out).expect("it is text"))
    };
    for rule in crate::rules::table().all() {
        let text = explained(&rule.id).expect("the rule is known");
        let found = format!("[{}]", rule.id);
        let is_worded = rule.example.severity == Severity::Worded;
        assert!(
            is_worded || text.replace("\n            ", " ").contains(&found),
            "{text}"
        );
    }
    golden(
        "explained",
        &explained("operation-removed").expect("the rule is known"),
    );
    assert_eq!(explained("no-such-rule"), None);
}

#[test]
fn the_table_lists_every_rule() {
    let mut out = Vec::new();
    rules::table(&mut out).expect("a vector takes all");
    let text = String::from_utf8(out).expect("it is text");
    let all = crate::rules::table().all();
    assert_eq!(text.lines().count(), all.len() + 2);
    for (rule, line) in all.iter().zip(text.lines()) {
        assert!(
            line.starts_with(&rule.id) && line.ends_with(&rule.what),
            "{line}"
        );
    }
}

#[test]
fn the_version_is_suggested_with_its_cause() {
    let told = |report: &Report| {
        let waivers = waivers();
        let mut out = Vec::new();
        suggest(&judged(report, &waivers), &mut out).expect("a vector takes all");
        String::from_utf8(out).expect("it is text")
    };
    let mut report = report();
    assert_eq!(
        told(&report),
        "major\nbreaking [request-maximum-narrowed] POST /orders and 6 more, request body /passengers/*/age: `maximum` changes \
         from 130 to 120\nopenapi/shop.yaml:14\n"
    );
    report.findings.drain(..3);
    assert!(told(&report).starts_with("minor\nwaived [operation-removed] DELETE /old: "));
    report
        .findings
        .retain(|finding| finding.severity == Severity::Worded);
    assert!(told(&report).starts_with("patch\nwording [text-changed]"));
    assert_eq!(told(&Report::default()), "none\nnothing changed\n");
    assert_eq!(
        written(&Report::default(), Format::Text),
        "nothing changed: the version stays\n"
    );
}

#[test]
fn long_bodies_are_folded_around_what_counts() {
    let mut found = finding("x", Severity::Breaking, &["POST /a"], "x");
    found.place = "request body /list/*/a~1b".to_owned();
    let filler: String = "x".repeat(500);
    let body = json!({
        "filler": filler,
        "list": [{"other": filler}, {"a/b": [filler.clone()], "n": 1}],
        "tail": [1, 2, 3],
    });
    let exchange = Exchange {
        method: "POST".to_owned(),
        url: format!("/a?{filler}"),
        body: Some(body),
        ..Exchange::default()
    };
    let lines = exchange::lines(&found, &exchange, 40);
    let shown: Vec<String> = lines
        .iter()
        .map(|line| format!("{}{}", line.text, if line.counts { " ←" } else { "" }))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    POST /a?xxxxxxxxxxx…xxxxxxxxxxxxxxxxxxx

    {
      "list": [
        {
          "a/b": ["xxxxxxxxxxxxxx…xxxxxxxxxxxxxx"], ←
          "n": 1
        },
        … 1 more
      ],
      "tail": [1, 2, 3],
      … 1 more
    }
    "#);
}

#[test]
fn of_a_long_list_the_ends_are_shown() {
    let mut found = finding("x", Severity::Breaking, &["POST /a"], "x");
    found.place = "request body /list".to_owned();
    let exchange = Exchange {
        body: Some(json!({"list": (0..40).collect::<Vec<_>>()})),
        ..Exchange::default()
    };
    let lines = exchange::lines(&found, &exchange, 60);
    let marked: Vec<&str> = lines
        .iter()
        .filter(|line| line.counts)
        .map(|line| line.text.as_str())
        .collect();
    assert_eq!(marked, ["  \"list\": [0, … 38 more, 39]"]);
}

#[test]
fn nothing_in_a_document_steers_the_terminal() {
    assert_eq!(
        plain("a\u{1b}[2Jb\u{202e}c\n"),
        "a\\u{1b}[2Jb\\u{202e}c\\u{a}"
    );
    let mut report = report();
    report.findings[0].what = "\u{1b}[31mred\r::error::x".to_owned();
    report.findings[0].reach[0] = "GET /\u{9b}31m".to_owned();
    for format in [Format::Text, Format::Markdown, Format::Github, Format::Curl] {
        let text = written(&report, format);
        let steers = |letter: char| letter.is_control() && letter != '\n';
        assert!(!text.contains(steers), "{format:?}: {text:?}");
        assert!(!text.contains("\n::error::x"));
    }
}

#[test]
fn a_waiver_is_for_its_rule_its_place_and_its_time() {
    let report = report();
    let standing = |text: &str, today| {
        let waivers = Waivers::read("waivers.toml", text).expect("they are understood");
        let waived = waivers.covering(&report.findings[3], today).is_some();
        let faults = waivers.faults(&report.findings, today);
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        (waived, faults)
    };
    assert_eq!(standing(WAIVERS, TODAY), (true, Vec::new()));
    let expired = TODAY.saturating_add(jiff::Span::new().years(1));
    assert_eq!(
        standing(WAIVERS, expired),
        (
            false,
            vec![
                "waivers.toml:2: the waiver of operation-removed expired on 2027-03-01; undo what it waives, or ask orders to renew it"
                    .to_owned()
            ]
        )
    );
    for (from, to) in [
        ("operation-removed", "operation-renamed"),
        ("~1old", "~1o"),
        ("~1old", "~1old~1"),
    ] {
        let (waived, faults) = standing(&WAIVERS.replace(from, to), TODAY);
        assert!(!waived, "{to}");
        assert!(
            faults[0].starts_with("waivers.toml:2: the waiver waives nothing: no operation-"),
            "{faults:?}"
        );
    }
    let waivers = waivers();
    let announced = &judged(&report, &waivers).findings[4];
    assert!(matches!(announced.standing, Standing::Announced(_)));
}

#[test]
fn a_waiver_without_a_reason_is_refused() {
    let refused = |from: &str, to: &str| {
        let text = WAIVERS.replace(from, to);
        Waivers::read("waivers.toml", &text)
            .expect_err("it is refused")
            .to_string()
    };
    assert_eq!(
        refused("nobody has called it since March", " "),
        "waivers.toml:2: a waiver without a reason or an owner; say why, and who answers for it"
    );
    assert_eq!(
        refused("/paths/~1old", ""),
        "waivers.toml:2: `` is no pointer to a part; write one, as in `/paths/~1orders/post`"
    );
    let fix = "write `rule`, `pointer`, `reason`, `owner` and `expires = \"YYYY-MM-DD\"` under `[[waiver]]`";
    let unknown =
        "unknown field `own`, expected one of `rule`, `pointer`, `reason`, `owner`, `expires`";
    assert_eq!(
        refused("owner =", "own ="),
        format!("waivers.toml:6: {unknown}; {fix}")
    );
    let soon = refused("2027-03-01", "soon");
    assert!(
        soon.starts_with("waivers.toml:7: ") && soon.ends_with(fix),
        "{soon}"
    );
}
