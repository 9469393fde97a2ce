//! Short runs: what a seed decides, it decides again; and nothing is violated.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use fareway::flights::World;
use simulation::run::{Outcome, Plan, run};

static WORLD: LazyLock<Arc<World>> =
    LazyLock::new(|| Arc::new(World::load().expect("the timetable is there")));

fn run_of(seed: u64, steps: u64) -> Outcome {
    let plan = Plan {
        seed,
        steps,
        traced: true,
    };
    run(&WORLD, plan).expect("there is room")
}

#[test]
fn a_seed_repeats_its_run() {
    let (one, two) = (run_of(7, 300), run_of(7, 300));
    assert_eq!(one.trace, two.trace);
    assert_eq!(one.digest, two.digest);
    assert_ne!(one.digest, run_of(8, 300).digest);
}

#[test]
fn whatever_befalls_the_core_its_books_agree() {
    let mut faults = BTreeSet::new();
    for seed in [1, 2] {
        let outcome = run_of(seed, 500);
        assert_eq!(
            outcome.violations,
            [""; 0],
            "seed {seed}\n{}",
            outcome.trace.join("\n")
        );
        // A run that injected or reached nothing would say nothing.
        let together = outcome.tally.acts["waited for one commit together"];
        assert!(
            together > 20,
            "{together} calls were under way beside another"
        );
        faults.extend(outcome.tally.faults.into_keys());
        assert!(
            outcome.tally.states.contains_key("order ticketed"),
            "{:?}",
            outcome.tally.states
        );
    }
    assert!(faults.len() > 16, "{faults:?}");
    for kind in ["the disk of", "the database of"] {
        assert!(
            faults.iter().any(|fault| fault.starts_with(kind)),
            "{kind}: {faults:?}"
        );
    }
}
