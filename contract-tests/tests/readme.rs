//! The README's tour is the one that the landing page shows, and what the pages show can be pasted as it stands.

use fareway::identity::sandbox;

use crate::support::app::App;
use crate::support::contract::repository;
use crate::support::trials;

trials![
    the_tour_is_the_one_of_the_landing_page,
    the_tours_of_the_pages_work
];

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

async fn the_tours_of_the_pages_work() {
    let app = App::shared().await;
    for (door, shows) in [
        (app.public(), r#""status":"cancelled""#),
        (app.private.clone(), r#""seats_available":"#),
    ] {
        let page = reqwest::get(&door.base).await.expect("the page is there");
        let page = page.text().await.expect("it is text");
        let (_, pasted) = page
            .split_once("<pre id=\"tour\">")
            .expect("a page has a tour");
        let (pasted, _) = pasted.split_once("</pre>").expect("the tour ends");
        let pasted = pasted
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&");
        let shell = tokio::process::Command::new("sh")
            .args(["-euc", &pasted])
            .kill_on_drop(true)
            .output();
        let done = shell.await.expect("sh and curl are there");
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(
            done.status.success() && said.contains(shows),
            "{pasted}\n{said}"
        );
        assert!(!said.contains("/problems/"), "{pasted}\n{said}");
    }
}
