//! What a contract may hold and clients cannot express: rather no client than one that silently lacks something.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use crate::generate::openapi::Contract;

/// Looks for what [`super::api`] could only say by leaving something out.
///
/// # Errors
///
/// Names what clients could not express.
pub fn look(contract: &Contract) -> Result<()> {
    let mut credential = None;
    for operation in &contract.operations {
        let id = &operation.id;
        let Some(own) = &operation.credential else {
            continue;
        };
        ensure!(
            own.kind == *credential.get_or_insert(own.kind),
            "{id} takes another credential than the operations before it"
        );
        for parameter in &operation.parameters {
            let name = &parameter.name;
            ensure!(
                parameter.place != "header" || !parameter.required || name == "Idempotency-Key",
                "{id} demands the header {name}, which clients do not send"
            );
        }
        let media = operation.body.iter().map(|body| &body.media);
        let answers = || {
            operation
                .answers
                .iter()
                .filter_map(|it| it.content.as_ref())
        };
        for media in media.chain(answers().map(|(media, _)| media)) {
            ensure!(media == "application/json", "{id} carries {media}");
        }
        let bodies: BTreeSet<_> = answers().map(|(_, schema)| schema).collect();
        ensure!(bodies.len() < 2, "{id} succeeds with one of {bodies:?}");
    }
    let mut names = BTreeSet::new();
    for name in contract.types.keys() {
        ensure!(
            names.insert(name.to_lowercase()),
            "{name} is the name of another type, but for upper and lower case"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::look;
    use crate::generate::openapi;
    use crate::generate::{bundles, problem};

    #[test]
    fn what_clients_cannot_express_is_refused() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("a root");
        let catalogue = problem::catalogue(root).expect("the catalogue");
        let golden = bundles(&root.join("xtask/src/generate/golden")).expect("the golden contract");
        let refusal = |change: &dyn Fn(&mut openapi::Contract)| {
            let nine = golden
                .iter()
                .find(|it| it.file.ends_with("v9.yaml"))
                .expect("v9");
            let mut contract =
                openapi::read(nine, "public_v9".to_owned(), &catalogue).expect("a contract");
            contract
                .operations
                .retain(|operation| operation.id != "deleteThing");
            change(&mut contract);
            look(&contract).map_err(|error| error.to_string())
        };
        assert_eq!(refusal(&|_| {}), Ok(()));
        let first = |contract: &mut openapi::Contract| contract.operations.remove(0);
        type Change<'a> = &'a dyn Fn(&mut openapi::Contract);
        let cases: [(Change, &str); 5] = [
            (
                &|contract| {
                    let mut other = first(contract);
                    other.credential.as_mut().expect("a credential").kind = "Bearer";
                    contract.operations.push(other);
                },
                "createThing takes another credential than the operations before it",
            ),
            (
                &|contract| contract.operations[0].parameters[0].name = "Trace".to_owned(),
                "createThing demands the header Trace, which clients do not send",
            ),
            (
                &|contract| {
                    let body = contract.operations[0].body.as_mut().expect("a body");
                    body.media = "text/plain".to_owned();
                },
                "createThing carries text/plain",
            ),
            (
                &|contract| {
                    let content = contract.operations[0].answers[1].content.as_mut();
                    content.expect("a body").1 = "Part".to_owned();
                },
                r#"createThing succeeds with one of {"Part", "Thing"}"#,
            ),
            (
                &|contract| {
                    let thing = contract.types.remove("Thing").expect("a type");
                    contract.types.insert("THING".to_owned(), thing);
                    let part = contract.types.remove("Part").expect("a type");
                    contract.types.insert("Thing".to_owned(), part);
                },
                "Thing is the name of another type, but for upper and lower case",
            ),
        ];
        for (change, said) in cases {
            assert_eq!(refusal(change), Err(said.to_owned()));
        }
    }
}
