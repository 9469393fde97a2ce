//! Strings: whether some text keeps all of these patterns and none of those, within lengths. Exact: patterns become automata, and
//! their product is searched for the shortest text (Rabin and Scott 1959).

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

type Dfa = dense::DFA<Vec<u32>>;

/// Automata of patterns, made when they are needed; None where a pattern has no automaton of bearable size.
#[derive(Default)]
pub struct Patterns {
    made: HashMap<Box<str>, Option<Rc<Dfa>>>,
}

/// An answer about texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Text(String),
    /// There is none.
    None,
    /// It was not found out.
    Unknown,
}

/// What a text must keep.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    pub patterns: Vec<&'a str>,
    pub not_patterns: Vec<&'a str>,
    pub min: u64,
    pub max: Option<u64>,
    /// Texts that are not meant.
    pub except: Vec<&'a str>,
}

const BYTES_MAX: usize = 4 << 20;
const STATES_MAX: usize = 200_000;
/// Longer texts show nothing to anybody.
const LENGTH_MAX: u64 = 20_000;

/// In the order in which a sample takes them.
const PREFERRED: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:/@ +,;=!?#$%&()[]{}<>*'\"|\\^~`";

impl Patterns {
    /// The text matches the pattern somewhere; None where the pattern is not understood.
    pub fn matches(&mut self, pattern: &str, text: &str) -> Option<bool> {
        let dfa = self.of(pattern)?;
        let mut state = begin(&dfa)?;
        for byte in text.bytes() {
            state = dfa.next_state(state, byte);
        }
        Some(dfa.is_match_state(dfa.next_eoi_state(state)))
    }

    /// The automaton of all texts in which the pattern matches somewhere.
    fn of(&mut self, pattern: &str) -> Option<Rc<Dfa>> {
        if let Some(known) = self.made.get(pattern) {
            return known.clone();
        }
        let made = translated(pattern)
            .and_then(|pattern| automaton(&format!(r"^(?s:.*)(?:{pattern})(?s:.*)$")));
        self.made.insert(pattern.into(), made.clone());
        made
    }

    /// The shortest text that is wanted.
    pub fn find(&mut self, wanted: &Wanted<'_>) -> Found {
        let min = wanted.min;
        if wanted.max.is_some_and(|max| max < min) {
            return Found::None;
        }
        if wanted.patterns.is_empty() && wanted.not_patterns.is_empty() {
            return plain(wanted);
        }
        if min > LENGTH_MAX {
            return Found::Unknown;
        }
        let mut automata = Vec::new();
        for (pattern, is_wanted) in wanted
            .patterns
            .iter()
            .map(|pattern| (pattern, true))
            .chain(wanted.not_patterns.iter().map(|pattern| (pattern, false)))
        {
            match self.of(pattern) {
                Some(dfa) => automata.push((dfa, is_wanted)),
                None => return Found::Unknown,
            }
        }
        for text in &wanted.except {
            match automaton(&format!("^{}$", regex_syntax::escape(text))) {
                Some(dfa) => automata.push((dfa, false)),
                None => return Found::Unknown,
            }
        }
        // Only text: what is not UTF-8 is matched by nothing that is unwanted either.
        match automaton("^(?s:.*)$") {
            Some(dfa) => automata.push((dfa, true)),
            None => return Found::Unknown,
        }
        let shortest = search(&automata, min, None);
        match (&shortest, wanted.max) {
            (Found::Text(text), Some(max)) if text.chars().count() as u64 > max => {
                search(&automata, min, Some(max))
            }
            _ => shortest,
        }
    }
}

/// A text without any pattern.
fn plain(wanted: &Wanted<'_>) -> Found {
    if wanted.min > LENGTH_MAX {
        return Found::Unknown;
    }
    let max = wanted.max.unwrap_or(u64::MAX);
    let fillers = PREFERRED
        .iter()
        .map(|byte| char::from(*byte))
        .cycle()
        .skip(23);
    let lengths = [
        wanted.min.max(1),
        wanted.min,
        wanted.min + 1,
        wanted.min + 2,
    ];
    for length in lengths
        .into_iter()
        .filter(|length| (wanted.min..=max).contains(length))
    {
        for filler in fillers.clone().take(PREFERRED.len()) {
            let text: String =
                std::iter::repeat_n(filler, usize::try_from(length).unwrap_or(0)).collect();
            if !wanted.except.contains(&text.as_str()) {
                return Found::Text(text);
            }
        }
    }
    if max == 0 {
        Found::None
    } else {
        Found::Unknown
    }
}

fn automaton(pattern: &str) -> Option<Rc<Dfa>> {
    let config = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(StartKind::Anchored)
        .dfa_size_limit(Some(BYTES_MAX))
        .determinize_size_limit(Some(BYTES_MAX));
    let built = dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().unicode(true))
        .build(pattern);
    built.ok().map(Rc::new)
}

fn begin(dfa: &Dfa) -> Option<StateID> {
    dfa.start_state(&start::Config::new().anchored(Anchored::Yes))
        .ok()
}

type States = Box<[StateID]>;

fn search(automata: &[(Rc<Dfa>, bool)], min: u64, max: Option<u64>) -> Found {
    let Some(start) = automata
        .iter()
        .map(|(dfa, _)| begin(dfa))
        .collect::<Option<States>>()
    else {
        return Found::Unknown;
    };
    let bytes = representatives(automata);
    // Beyond the least length it does not matter how many characters there are, unless there is a most.
    let cap = max.map_or(min, |max| max + 1);
    let mut seen: HashSet<(States, u64)> = HashSet::from([(start.clone(), 0)]);
    let mut queue = VecDeque::from([(start, 0, 0_usize)]);
    let mut trail: Vec<(usize, u8)> = vec![(0, 0)];
    while let Some((states, count, at)) = queue.pop_front() {
        let fits = count >= min && max.is_none_or(|max| count <= max);
        let accepts = |(state, (dfa, wanted)): (&StateID, &(Rc<Dfa>, bool))| {
            dfa.is_match_state(dfa.next_eoi_state(*state)) == *wanted
        };
        if fits && states.iter().zip(automata).all(accepts) {
            return spelled(&trail, at);
        }
        for byte in &bytes {
            let is_first = !(0x80..0xC0).contains(byte);
            let next = (count + u64::from(is_first)).min(cap);
            if max.is_some_and(|max| next > max) {
                continue;
            }
            let mut is_dead = false;
            let states: States = states
                .iter()
                .zip(automata)
                .map(|(state, (dfa, wanted))| {
                    let state = dfa.next_state(*state, *byte);
                    is_dead |= *wanted && dfa.is_dead_state(state);
                    state
                })
                .collect();
            if is_dead || !seen.insert((states.clone(), next)) {
                continue;
            }
            if seen.len() > STATES_MAX {
                return Found::Unknown;
            }
            trail.push((at, *byte));
            queue.push_back((states, next, trail.len() - 1));
        }
    }
    Found::None
}

fn spelled(trail: &[(usize, u8)], at: usize) -> Found {
    let mut bytes = Vec::new();
    let mut at = at;
    while at != 0 {
        let (before, byte) = trail[at];
        bytes.push(byte);
        at = before;
    }
    bytes.reverse();
    String::from_utf8(bytes).map_or(Found::Unknown, Found::Text)
}

/// One byte for all that no automaton tells apart, the pleasant ones first.
fn representatives(automata: &[(Rc<Dfa>, bool)]) -> Vec<u8> {
    let others = (0..=u8::MAX).filter(|byte| !PREFERRED.contains(byte));
    let mut seen = HashSet::new();
    let mut bytes = Vec::new();
    for byte in PREFERRED.iter().copied().chain(others) {
        let class: Vec<u8> = automata
            .iter()
            .map(|(dfa, _)| dfa.byte_classes().get(byte))
            .collect();
        // Continuation bytes count as no character of their own.
        if seen.insert((class, (0x80..0xC0).contains(&byte))) {
            bytes.push(byte);
        }
    }
    bytes
}

/// A pattern of ECMA-262 as a pattern of our automata; None when it uses what they have not.
fn translated(pattern: &str) -> Option<String> {
    let mut out = String::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next()? {
            'd' => out.push_str("[0-9]"),
            'D' => out.push_str("[^0-9]"),
            'w' => out.push_str("[A-Za-z0-9_]"),
            'W' => out.push_str("[^A-Za-z0-9_]"),
            'u' if letters.peek() == Some(&'{') => out.push_str("\\x"),
            'u' => {
                let code: String = letters.by_ref().take(4).collect();
                let _ = u32::from_str_radix(&code, 16).ok()?;
                out.push_str(&format!("\\x{{{code}}}"));
            }
            'Z' | 'z' => out.push('$'),
            'A' => out.push('^'),
            // Edges of words are no matter of characters alone.
            'b' | 'B' => return None,
            '1'..='9' | 'k' | 'c' => return None,
            '0' => out.push_str("\\x00"),
            other if other.is_ascii_alphabetic() => {
                out.push('\\');
                out.push(other);
            }
            other => out.push_str(&regex_syntax::escape(&other.to_string())),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(patterns: &[&str], not_patterns: &[&str], min: u64, max: Option<u64>) -> Found {
        let wanted = Wanted {
            patterns: patterns.to_vec(),
            not_patterns: not_patterns.to_vec(),
            min,
            max,
            except: Vec::new(),
        };
        Patterns::default().find(&wanted)
    }

    #[test]
    fn the_product_of_patterns_is_decided() {
        let text = |text: &str| Found::Text(text.to_owned());
        assert_eq!(find(&["^[a-z]+$"], &["^[a-z0-9]+$"], 0, None), Found::None);
        assert_eq!(find(&["^[a-z0-9]+$"], &["^[a-z]+$"], 0, None), text("0"));
        assert_eq!(find(&["b"], &[], 3, Some(3)), text("aab"));
        assert_eq!(find(&["^a{5}$"], &[], 0, Some(4)), Found::None);
        assert_eq!(find(&[r"^\d{2}-\w$"], &["a$"], 0, None), text("00-b"));
        assert_eq!(find(&["^é$"], &[], 1, Some(1)), text("é"));
        assert_eq!(find(&["(?=a)"], &[], 0, None), Found::Unknown);
        assert_eq!(find(&[], &["."], 1, None), text("\n"));
    }

    #[test]
    fn a_pattern_matches_anywhere() {
        let mut patterns = Patterns::default();
        assert_eq!(patterns.matches("b", "abc"), Some(true));
        assert_eq!(patterns.matches("^b", "abc"), Some(false));
        assert_eq!(patterns.matches(r"^\/x$", "/x"), Some(true));
    }
}
