//! Links from answers to other operations. They are hints: no exchange becomes invalid without them, and clients that go by them
//! go elsewhere.

use super::draft::{Draft, Part, Show};
use crate::document::{Node, Unusable};

/// Compares the links of two answers.
pub fn compare(drafts: &mut Vec<Draft>, (was, is): (Node<'_>, Node<'_>)) -> Result<(), Unusable> {
    let links = was.get("links");
    for (_, name, link) in links.into_iter().flat_map(Node::members) {
        let before = link.follow()?;
        let after = is.get("links").and_then(|all| all.get(name));
        let draft = match after.map(Node::follow).transpose()? {
            None => Draft::plain("link-removed").both(before, is),
            Some(after) => match changed(before, after) {
                Some(member) => {
                    let say = |link: Node<'_>| link.word(member).unwrap_or("another").to_owned();
                    let draft = Draft::plain("link-changed").both(before, after);
                    draft.change(say(before), say(after))
                }
                None => continue,
            },
        };
        let why = "a link is followed in another exchange, or never".to_owned();
        let draft = draft.about(name).part(Part::Status);
        drafts.push(draft.show(Show::Argued(why)));
    }
    Ok(())
}

/// The member that leads a link elsewhere.
fn changed(before: Node<'_>, after: Node<'_>) -> Option<&'static str> {
    let members = [
        "operationId",
        "operationRef",
        "parameters",
        "requestBody",
        "server",
    ];
    members
        .into_iter()
        .find(|member| match (before.get(member), after.get(member)) {
            (Some(one), Some(other)) => !one.equals(other),
            (one, other) => one.is_some() != other.is_some(),
        })
}
