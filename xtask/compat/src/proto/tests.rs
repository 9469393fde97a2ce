//! The law for Protocol Buffers as a table, `cases/edits.txt`: a file, an edit, and everything that is found then.

use prost_types::FileDescriptorSet;
use prost_types::field_descriptor_proto::Type;

use super::compare;
use super::scalars::{Arrives, arrives};

const BASE: &str = include_str!("cases/base.proto");
const EDITS: &str = include_str!("cases/edits.txt");

fn compiled(text: &str) -> FileDescriptorSet {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("shop.proto"), text).expect("it is written");
    let mut compiler = protox::Compiler::new([folder.path()]).expect("the folder is there");
    compiler.include_source_info(true);
    compiler
        .open_file("shop.proto")
        .unwrap_or_else(|error| panic!("{error}:\n{text}"));
    compiler.file_descriptor_set()
}

/// A block of the table with the findings that its edit brings.
fn with_findings(block: &str) -> String {
    let lines = |mark: &str| -> String {
        let marked = block.lines().filter_map(|line| line.strip_prefix(mark));
        marked.collect::<Vec<_>>().join("\n")
    };
    let (old, new) = (lines("- "), lines("+ "));
    assert!(BASE.contains(&old), "`{old}` is not in the file");
    let found = compare(&compiled(BASE), &compiled(&BASE.replacen(&old, &new, 1)));
    let edit = block
        .lines()
        .filter(|line| !line.starts_with('>'))
        .map(str::to_owned);
    let found = found.iter().map(|one| {
        let reason = one
            .reason
            .as_ref()
            .map_or(String::new(), |reason| format!(": {reason}"));
        format!(
            "> {:?} [{}] {}{}: {}{reason}",
            one.severity,
            one.rule,
            one.line,
            one.used.map_or(String::new(), |used| format!(" {used}")),
            one.what
        )
    });
    edit.chain(found).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_edit_is_judged_as_the_table_says() {
    let blocks = EDITS.trim_end().split("\n\n");
    let wrong: Vec<String> = blocks
        .filter(|block| block.starts_with("- "))
        .map(|block| (block, with_findings(block)))
        .filter(|(block, found)| block != found)
        .map(|(_, found)| found)
        .collect();
    assert!(
        wrong.is_empty(),
        "the table should say:\n\n{}",
        wrong.join("\n\n")
    );
}

#[test]
fn a_file_does_not_differ_from_itself() {
    assert_eq!(compare(&compiled(BASE), &compiled(BASE)), []);
}

/// What proto2 can require.
#[test]
fn required_is_judged_by_who_reads() {
    let file = |request: &str, response: &str| {
        compiled(&format!(
            "syntax = \"proto2\"; service S {{ rpc Do(Q) returns (A); }}\nmessage Q {{ {request} }}\nmessage A {{ {response} }}"
        ))
    };
    let (optional, required) = ("optional int32 n = 1;", "required int32 n = 1;");
    let judged = |base: (&str, &str), revision: (&str, &str)| {
        let found = compare(&file(base.0, base.1), &file(revision.0, revision.1));
        let lines = found
            .iter()
            .map(|one| format!("{:?} {}", one.severity, one.rule));
        lines.collect::<Vec<_>>()
    };
    assert_eq!(
        judged((optional, ""), (required, "")),
        ["Breaking proto-field-label"]
    );
    assert_eq!(
        judged((required, ""), (optional, "")),
        ["Additive proto-field-label"]
    );
    assert_eq!(
        judged(("", optional), ("", required)),
        ["Additive proto-field-label"]
    );
    assert_eq!(
        judged(("", required), ("", optional)),
        ["Breaking proto-field-label"]
    );
    assert_eq!(
        judged(("", ""), (required, required)),
        ["Additive proto-field-added", "Breaking proto-field-added"]
    );
}

/// What is written as one type and read as another, by the real encoding: a varint of as many bits as it takes.
#[test]
fn integers_arrive_when_their_bits_do() {
    type Cast = (Type, fn(i128) -> u64, fn(u64) -> i128);
    // As the encoding has it: a negative number is extended to 64 bits, and a reader drops what it has no room for.
    let varints: [Cast; 4] = [
        (
            Type::Int32,
            |n| n as i64 as u64,
            |bits| i128::from(bits as i32),
        ),
        (
            Type::Int64,
            |n| n as i64 as u64,
            |bits| i128::from(bits as i64),
        ),
        (Type::Uint32, |n| n as u64, |bits| i128::from(bits as u32)),
        (Type::Uint64, |n| n as u64, i128::from),
    ];
    let range = |of: Type| match of {
        Type::Int32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
        Type::Int64 => (i128::from(i64::MIN), i128::from(i64::MAX)),
        Type::Uint32 => (0, i128::from(u32::MAX)),
        _ => (0, i128::from(u64::MAX)),
    };
    for (written, encode, _) in varints {
        for (read, _, decode) in varints {
            let (least, most) = range(written);
            let kept = [least, most, 0].into_iter().all(|n| decode(encode(n)) == n);
            let (from, to) = range(read);
            let in_json = from <= least && most <= to;
            let expected = Arrives {
                in_binary: kept,
                in_json,
            };
            assert_eq!(
                arrives(written, read),
                expected,
                "{written:?} read as {read:?}"
            );
        }
    }
}
