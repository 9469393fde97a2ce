//! A `schemathesis.toml`, derived from the contract: credentials, and which refusals are right.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::{Value, json};

use super::contract::{Contract, Operation};
use crate::sandbox;

/// What says that a message does not fit its schema: never an answer to one that does.
const UNFIT: [u16; 5] = [405, 406, 413, 415, 422];

/// What tells of the state of things, which nobody has looked at when a message does not fit.
const STATE: [u16; 5] = [402, 409, 410, 412, 428];

/// A path that is not of the form that its operation has may be that of another, with other methods. No operation documents it.
const OTHER_METHODS: u16 = 405;

/// Codes of the problems with 400 that say so, too. OAuth's 400 is no problem: it refuses grants that fit.
const BAD_REQUEST: [&str; 2] = ["malformed", "invalid_parameter"];

/// Where a contract says in words, for OpenAPI has none, that `surname` and `locator` stand together; one alone is answered 400.
const TOGETHER: [(&str, &str); 2] = [("partner/v1", "listOrders"), ("private/v1", "listOrders")];

impl Contract {
    /// The configuration, as text.
    ///
    /// # Errors
    ///
    /// When the contract has no security scheme, or an operation of it no id.
    pub fn config(&self, seed: u32, examples: u32, recording: &Path) -> Result<String> {
        let config = Config {
            seed,
            color: false,
            workers: 1,
            generation: Generation {
                max_examples: examples,
                database: "none",
            },
            phases: Phases {
                examples: Examples { fill_missing: true },
                stateful: Stateful {
                    inference: Inference { algorithms: [] },
                },
            },
            cache: Enabled { enabled: false },
            output: Output {
                sanitization: Enabled { enabled: false },
            },
            reports: Reports {
                ndjson: Report {
                    path: recording.to_owned(),
                },
            },
            auth: self.auth()?,
            operations: self
                .operations()
                .map(|operation| self.expectation(&operation))
                .collect::<Result<_>>()?,
        };
        Ok(toml::to_string(&config)?)
    }

    /// The sandbox's credential under the name of the contract's security scheme. A header given by hand would switch the check
    /// `ignored_auth` off.
    fn auth(&self) -> Result<Value> {
        let schemes = self.document["components"]["securitySchemes"].as_object();
        let scheme = schemes.and_then(|schemes| schemes.iter().next());
        let (name, scheme) = scheme.context("the contract has no security scheme")?;
        if scheme["type"] == "apiKey" {
            return Ok(json!({"openapi": {name: {"api_key": sandbox::KEY}}}));
        }
        let (id, secret) = match self.is_private() {
            true => sandbox::STAFF,
            false => sandbox::AGENCY,
        };
        // Fetched again when it is refused, so that a pass may be longer than a token lives.
        let fetched = json!({
            "path": "/oauth/token",
            "payload": {"grant_type": "client_credentials", "client_id": id, "client_secret": secret},
            "payload_content_type": "application/x-www-form-urlencoded",
            "extract_selector": "/access_token",
        });
        Ok(json!({"dynamic": {"openapi": {name: fetched}}}))
    }

    /// What may be answered to a request that fits its schema, all that is documented but what says that it does not fit; and to
    /// one that does not: a documented refusal, whatever the state of things.
    fn expectation(&self, operation: &Operation) -> Result<Expectation> {
        let id = operation.node["operationId"].as_str();
        let id = id.with_context(|| format!("{} has no operationId", operation.label()))?;
        let together = TOGETHER.contains(&(self.name.as_str(), id));
        let is_expected = |status: &u16| match status {
            400 => together || !operation.lists(&BAD_REQUEST),
            status => !UNFIT.contains(status),
        };
        let documented = operation.node["responses"]
            .as_object()
            .into_iter()
            .flatten();
        let documented: Vec<u16> = documented
            .filter_map(|(status, _)| status.parse().ok())
            .collect();
        let refusals = documented
            .iter()
            .copied()
            .filter(|status| *status >= 400 && !STATE.contains(status))
            .chain([OTHER_METHODS]);
        Ok(Expectation {
            include_operation_id: id.to_owned(),
            checks: Checks {
                negative_data_rejection: Statuses {
                    expected_statuses: refusals.collect(),
                },
                positive_data_acceptance: Statuses {
                    expected_statuses: documented.into_iter().filter(is_expected).collect(),
                },
            },
        })
    }
}

// What schemathesis.toml holds, in its own words.

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Config {
    seed: u32,
    color: bool,
    /// One, or the order of requests would differ from run to run.
    workers: u8,
    generation: Generation,
    phases: Phases,
    cache: Enabled,
    output: Output,
    reports: Reports,
    auth: Value,
    operations: Vec<Expectation>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Generation {
    max_examples: u32,
    /// `none`: what earlier runs found does not change this one.
    database: &'static str,
}

#[derive(Serialize)]
struct Phases {
    examples: Examples,
    stateful: Stateful,
}

#[derive(Serialize)]
struct Stateful {
    inference: Inference,
}

#[derive(Serialize)]
struct Inference {
    /// None: sequences go along the links that the contract has. Those that Schemathesis guesses besides send a `null` on as the
    /// text `None`, and call it valid.
    algorithms: [&'static str; 0],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Examples {
    /// For operations that have no example since they take nothing.
    fill_missing: bool,
}

#[derive(Serialize)]
struct Enabled {
    enabled: bool,
}

#[derive(Serialize)]
struct Output {
    /// Off: it would hide the idempotency keys from the recording. The credentials are the sandbox's.
    sanitization: Enabled,
}

#[derive(Serialize)]
struct Reports {
    ndjson: Report,
}

#[derive(Serialize)]
struct Report {
    path: PathBuf,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Expectation {
    include_operation_id: String,
    checks: Checks,
}

#[derive(Serialize)]
struct Checks {
    negative_data_rejection: Statuses,
    positive_data_acceptance: Statuses,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Statuses {
    expected_statuses: Vec<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> Contract {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Contract::read(&root, &format!("openapi/{name}.yaml")).expect("the contract bundles")
    }

    fn config(contract: &Contract) -> toml::Table {
        let text = contract.config(7, 20, Path::new("a.ndjson"));
        let text = text.expect("the contract has all that is needed");
        text.parse().expect("it is TOML")
    }

    /// The statuses that a check expects of an operation.
    fn expected(config: &toml::Table, check: &str, id: &str) -> Vec<i64> {
        let operations = config["operations"].as_array().expect("a list");
        let operation = operations
            .iter()
            .find(|operation| operation["include-operation-id"].as_str() == Some(id))
            .expect("every operation is there");
        let statuses = &operation["checks"][check]["expected-statuses"];
        let statuses = statuses.as_array().expect("a list").iter();
        statuses.filter_map(toml::Value::as_integer).collect()
    }

    #[test]
    fn what_fits_is_never_answered_that_it_does_not() {
        let expected = |config, id| expected(config, "positive_data_acceptance", id);
        let public = config(&read("public/v2"));
        assert_eq!(
            expected(&public, "createOrderPayment"),
            [201, 202, 401, 402, 403, 404, 409, 410, 429, 500, 503]
        );
        assert_eq!(
            expected(&public, "updateOrder"),
            [200, 401, 403, 404, 409, 412, 428, 429, 500, 503]
        );
        let partner = config(&read("partner/v1"));
        // RFC 6749 refuses a grant with 400, and a client with 401.
        assert_eq!(
            expected(&partner, "createToken"),
            [200, 400, 401, 429, 500, 503]
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_whatever_the_state_of_things() {
        let public = config(&read("public/v2"));
        assert_eq!(
            expected(&public, "negative_data_rejection", "createOrderPayment"),
            [400, 401, 403, 404, 406, 413, 415, 422, 429, 500, 503, 405]
        );
        assert_eq!(
            expected(&public, "negative_data_rejection", "getOrder"),
            [400, 401, 403, 404, 406, 429, 500, 503, 405]
        );
    }

    #[test]
    fn parameters_that_stand_together_are_few_and_there() {
        for (name, id) in TOGETHER {
            let contract = read(name);
            let fits = expected(&config(&contract), "positive_data_acceptance", id);
            assert!(fits.contains(&400));
            let operation = contract
                .operations()
                .find(|operation| operation.node["operationId"] == id)
                .expect("the operation is there");
            let parameters = operation.node["parameters"].to_string();
            assert!(parameters.contains("\"locator\"") && parameters.contains("\"surname\""));
        }
    }

    #[test]
    fn credentials_are_those_of_the_contracts_schemes() {
        let public = config(&read("public/v1"));
        assert_eq!(
            public["auth"]["openapi"]["apiKey"]["api_key"].as_str(),
            Some(sandbox::KEY)
        );
        for (name, client) in [
            ("partner/v1", sandbox::AGENCY.0),
            ("private/v1", sandbox::STAFF.0),
        ] {
            let fetched = &config(&read(name))["auth"]["dynamic"]["openapi"]["oauth2"];
            assert_eq!(fetched["payload"]["client_id"].as_str(), Some(client));
        }
    }
}
