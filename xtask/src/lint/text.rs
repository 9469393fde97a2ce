//! Whether a pattern keeps control characters out, decided on the parsed expression and not by trying.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Checks a pattern of a schema.
///
/// # Errors
/// Says in words, to follow "the pattern", what is wrong with it.
pub fn refuses_control_characters(pattern: &str) -> Result<(), String> {
    // The linear engine knows neither lookaround nor references back, and the parser refuses both.
    let hir = regex_syntax::parse(pattern).map_err(|error| {
        let reason = error.to_string();
        format!(
            "is not for a linear engine ({})",
            reason.lines().last().unwrap_or_default()
        )
    })?;
    let properties = hir.properties();
    if !(properties.look_set_prefix().contains(Look::Start)
        && properties.look_set_suffix().contains(Look::End))
    {
        return Err("is not anchored at both ends".into());
    }
    if takes_control(&hir) {
        return Err("lets control characters in".into());
    }
    Ok(())
}

fn takes_control(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0)
            .chars()
            .any(char::is_control),
        HirKind::Class(Class::Unicode(class)) => class.iter().any(|range| {
            range.start() < ' ' || (range.start() <= '\u{9f}' && range.end() >= '\u{7f}')
        }),
        HirKind::Class(Class::Bytes(_)) => true,
        HirKind::Repetition(repetition) => takes_control(&repetition.sub),
        HirKind::Capture(capture) => takes_control(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(takes_control),
    }
}

#[cfg(test)]
mod tests {
    use super::refuses_control_characters;

    #[test]
    fn patterns_are_judged_by_what_they_match() {
        let cases = [
            (r"^[^\u0000-\u001F\u007F-\u009F]*$", Ok(())),
            (r"^ord_[0-7][0-9a-hjkmnp-tv-z]{25}$", Ok(())),
            (r"^(a|b)+@[A-Z]{2}$", Ok(())),
            (r"[a-z]+", Err("is not anchored at both ends")),
            (r"^a|b$", Err("is not anchored at both ends")),
            (r"^[^\u0000-\u001F]*$", Err("lets control characters in")),
            (r"^.*$", Err("lets control characters in")),
            (r"^a\sb$", Err("lets control characters in")),
            (r"^\W$", Err("lets control characters in")),
        ];
        for (pattern, verdict) in cases {
            let verdict = verdict.map_err(String::from);
            assert_eq!(refuses_control_characters(pattern), verdict, "{pattern}");
        }
        let lookahead = refuses_control_characters("^(?!x)[a-z]$").expect_err("lookaround");
        assert!(
            lookahead.starts_with("is not for a linear engine"),
            "{lookahead}"
        );
    }
}
