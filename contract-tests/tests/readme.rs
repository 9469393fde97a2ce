//! The README's tour is the one that the landing page shows.

use fareway::identity::sandbox;

use crate::support::contract::repository;
use crate::support::trials;

trials![the_tour_is_the_one_of_the_landing_page];

/// The line before the tour's code block in the README.
const MARKER: &str = "<!-- tour -->\n";
/// Where the README says that the server is.
const BASE: &str = "http://127.0.0.1:8080";

async fn the_tour_is_the_one_of_the_landing_page() {
    let read = |name: &str| {
        std::fs::read_to_string(repository().join(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let readme = read("README.md");
    let (_, after) = readme
        .split_once(MARKER)
        .unwrap_or_else(|| panic!("README.md has no line {MARKER:?}"));
    let (fence, block) = after
        .split_once('\n')
        .expect("a code block follows the marker");
    assert!(
        fence.starts_with("```sh"),
        "a code block of shell follows the marker, not {fence:?}"
    );
    let tour = block.split("\n```").next().unwrap_or_default();
    let landing = read("src/edge/docs/tour.sh")
        .replace("{{base}}", BASE)
        .replace("{{key}}", sandbox::KEY);
    assert_eq!(
        tour.trim_end(),
        landing.trim_end(),
        "copy src/edge/docs/tour.sh into README.md, with base and key filled in"
    );
}
