//! The paths a Rust file names, with the module they stand in: `use` trees, expressions, types, and the inside of macros.
//!
//! Works on tokens rather than on the syntax tree, because a macro's arguments have no syntax tree. It knows nothing of
//! names in scope: a path is read as it is written, after `self` and `super` are resolved.

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What tidy wants to know of a Rust file.
#[derive(Default)]
pub struct Code {
    /// Every path of two or more segments, and every imported one.
    pub paths: Vec<Named>,
    /// Modules declared in the file: name and line.
    pub modules: Vec<(String, usize)>,
    /// Lines with `#[ignore]`.
    pub ignores: Vec<usize>,
}

/// A path as it was named somewhere.
pub struct Named {
    /// The segments; a path into this crate starts with `crate`.
    pub segments: Vec<String>,
    pub line: usize,
    /// Whether it stands in test code.
    pub in_test: bool,
}

/// Reads the file at `path`, which tells the module it is.
pub fn read(path: &str, text: &str) -> Result<Code> {
    let tokens: TokenStream = text
        .parse()
        .map_err(|error| anyhow!("{path}: is not Rust: {error}"))?;
    let in_test = path.starts_with("contract-tests/")
        || path.ends_with("/tests.rs")
        || path.contains("/tests/");
    let mut reader = Reader {
        code: Code::default(),
        module: module_of(path).unwrap_or_default(),
        in_test,
    };
    reader.tokens(tokens);
    Ok(reader.code)
}

/// The module a file of src/ is; `None` for other files.
pub fn module_of(path: &str) -> Option<Vec<String>> {
    let inner = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let inner = inner.strip_suffix("/mod").unwrap_or(inner);
    Some(match inner {
        "lib" => Vec::new(),
        inner => inner.split('/').map(str::to_owned).collect(),
    })
}

struct Reader {
    code: Code,
    module: Vec<String>,
    in_test: bool,
}

impl Reader {
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        let mut tests_ahead = false;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Punct(hash) if hash.as_char() == '#' => {
                    if let Some(TokenTree::Group(attribute)) = tokens.get(at + 1) {
                        let name = |text: &str| names(attribute.stream(), text);
                        tests_ahead |= name("cfg") && name("test");
                        if name("ignore") {
                            self.code.ignores.push(hash.span().start().line);
                        }
                        self.tokens(attribute.stream());
                        at += 2;
                        continue;
                    }
                    at += 1;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    at += self.module(&tokens[at..], tests_ahead);
                    tests_ahead = false;
                }
                TokenTree::Ident(_) if !follows_path(&tokens, at) => {
                    at = self.path(&tokens, at, Vec::new());
                }
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    tests_ahead &= group.delimiter() != Delimiter::Brace;
                    at += 1;
                }
                TokenTree::Punct(end) if end.as_char() == ';' => {
                    tests_ahead = false;
                    at += 1;
                }
                _ => at += 1,
            }
        }
    }

    /// Reads `mod name …`; returns how many tokens it took.
    fn module(&mut self, tokens: &[TokenTree], is_test: bool) -> usize {
        let Some(TokenTree::Ident(name)) = tokens.get(1) else {
            return 1;
        };
        let line = name.span().start().line;
        self.code.modules.push((name.to_string(), line));
        let Some(TokenTree::Group(body)) = tokens.get(2) else {
            return 2;
        };
        let was_test = self.in_test;
        self.in_test |= is_test;
        self.module.push(name.to_string());
        self.tokens(body.stream());
        self.module.pop();
        self.in_test = was_test;
        3
    }

    /// Reads a path, or the tree of a `use`, that starts at `at` below `prefix`; returns where it ends.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, prefix: Vec<String>) -> usize {
        let line = tokens[at].span().start().line;
        let imported = !prefix.is_empty();
        let mut segments = prefix;
        while let Some(TokenTree::Ident(segment)) = tokens.get(at) {
            if segment != "self" || segments.is_empty() {
                segments.push(segment.to_string());
            }
            at += 1;
            if !colons(tokens, at) {
                break;
            }
            at += 2;
        }
        match tokens.get(at) {
            Some(TokenTree::Group(tree))
                if tree.delimiter() == Delimiter::Brace && colons(tokens, at.wrapping_sub(2)) =>
            {
                let tree: Vec<TokenTree> = tree.stream().into_iter().collect();
                let mut leaf = 0;
                while leaf < tree.len() {
                    leaf = match &tree[leaf] {
                        TokenTree::Ident(word) if word == "as" => leaf + 2,
                        TokenTree::Ident(_) => self.path(&tree, leaf, segments.clone()),
                        TokenTree::Punct(star) if star.as_char() == '*' => {
                            self.name(segments.clone(), line);
                            leaf + 1
                        }
                        _ => leaf + 1,
                    };
                }
                at + 1
            }
            _ => {
                if imported || segments.len() > 1 {
                    self.name(segments, line);
                }
                at
            }
        }
    }

    fn name(&mut self, segments: Vec<String>, line: usize) {
        let segments = match segments[0].as_str() {
            "fareway" => [vec!["crate".to_owned()], segments[1..].to_vec()].concat(),
            "self" | "super" => {
                let ups = segments.iter().filter(|word| *word == "super").count();
                let rest = segments
                    .iter()
                    .filter(|word| *word != "super" && *word != "self");
                let kept = self.module.len().saturating_sub(ups);
                let mut whole = vec!["crate".to_owned()];
                whole.extend(self.module[..kept].iter().chain(rest).cloned());
                whole
            }
            _ => segments,
        };
        self.code.paths.push(Named {
            segments,
            line,
            in_test: self.in_test,
        });
    }
}

/// Whether an attribute is, or holds, the word.
fn names(attribute: TokenStream, word: &str) -> bool {
    attribute.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => names(group.stream(), word),
        _ => false,
    })
}

/// Whether `::` stands at `at`.
fn colons(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    is_colon(tokens.get(at)) && is_colon(tokens.get(at + 1))
}

/// Whether the word at `at` goes on from `>::`, or names a field, a method or a lifetime.
fn follows_path(tokens: &[TokenTree], at: usize) -> bool {
    let before = |back: usize| {
        at.checked_sub(back).and_then(|at| match &tokens[at] {
            TokenTree::Punct(punct) => Some(punct.as_char()),
            _ => None,
        })
    };
    match before(1) {
        Some(':') => before(2) == Some(':') && before(3) == Some('>'),
        Some('.') => before(2) != Some('.'),
        Some('\'') => true,
        _ => false,
    }
}
