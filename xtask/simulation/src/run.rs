//! One run: a seed decides what happens next, step by step, and what goes wrong with it; after every step, and whenever
//! everything has come to rest, the invariants are checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fareway::flights::World;
use fareway::kernel::chance::Chance;
use fareway::kernel::clock::{DAY_US, HOUR_US, MINUTE_US, SECOND_US};
use fareway::rpc::common::v1::Money;
use fareway::rpc::flights::v1::{FlightDate, Hold, HoldState};
use sha2::{Digest, Sha256};
use tonic::Status;

use crate::books::{self, Books};
use crate::network::Call;
use crate::people::{Command, People, pick};
use crate::stage::{Service, Stage};

/// When every run begins: 2027-03-01T09:00:00Z.
pub const STARTS_AT_US: i64 = 1_803_891_600_000_000;
/// Steps between two rests.
const REST_EVERY: u64 = 400;
/// Rounds in which everything has to come to rest.
const ROUNDS_MAX: usize = 64;
/// How far a run moves its clock by itself, so that its flights do not leave.
const LASTS_US: i64 = 20 * DAY_US;
/// How long a rest lets pass: longer than an order may hold seats before it is paid.
const REST_US: i64 = 2 * HOUR_US;

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    /// At most so many steps.
    pub steps: u64,
    /// Whether to keep the trace.
    pub traced: bool,
}

/// What was done, counted by name.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub steps: u64,
    pub acts: BTreeMap<&'static str, u64>,
    pub faults: BTreeMap<&'static str, u64>,
    pub states: BTreeMap<String, u64>,
    pub checks: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Adds what another run has counted.
    pub fn add(&mut self, other: Self) {
        fn merge<K: Ord>(into: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
            for (key, count) in from {
                *into.entry(key).or_default() += count;
            }
        }
        self.steps += other.steps;
        merge(&mut self.acts, other.acts);
        merge(&mut self.faults, other.faults);
        merge(&mut self.states, other.states);
        merge(&mut self.checks, other.checks);
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    pub tally: Tally,
    /// What was violated; nothing in a run that went well.
    pub violations: Vec<String>,
    /// What happened, a line each, when it was asked for.
    pub trace: Vec<String>,
    /// SHA-256 of what happened: equal for equal runs.
    pub digest: String,
}

/// A run under way.
pub struct Run {
    pub stage: Stage,
    pub people: People,
    pub chance: Chance,
    pub now_us: i64,
    pub tally: Tally,
    /// Flights that are booked in this run.
    pub hot: Vec<FlightDate>,
    /// Flights whose limits were lowered below what may be taken.
    pub lowered: BTreeSet<String>,
    /// Requests that are still on their way to flights, though whoever sent them has given up.
    pub late: Vec<Call>,
    /// What the agency may owe, as it was said, the latest last.
    pub credit: Vec<Money>,
    /// What people ask who come at one moment, while they gather.
    pub crowd: Option<Vec<Command>>,
    /// Until which step the store of a service cannot be written.
    pub troubled: BTreeMap<Service, u64>,
    /// What each hold was when it was last seen.
    holds: BTreeMap<String, (HoldState, i64)>,
    pub violations: Vec<String>,
    trace: Option<Vec<String>>,
    digest: Sha256,
}

/// Runs a plan.
///
/// # Errors
/// The machine gives no room for the stores.
pub fn run(world: &Arc<World>, plan: Plan) -> std::io::Result<Outcome> {
    let mut run = Run {
        stage: Stage::new(world.clone(), plan.seed)?,
        people: People::new(Chance::seeded(plan.seed ^ 0x7065_6f70_6c65)),
        chance: Chance::seeded(plan.seed),
        now_us: STARTS_AT_US,
        tally: Tally::default(),
        hot: Vec::new(),
        lowered: BTreeSet::new(),
        late: Vec::new(),
        credit: Vec::new(),
        crowd: None,
        troubled: BTreeMap::new(),
        holds: BTreeMap::new(),
        violations: Vec::new(),
        trace: plan.traced.then(Vec::new),
        digest: Sha256::new(),
    };
    run.open();
    while run.tally.steps < plan.steps && run.violations.is_empty() {
        run.tally.steps += 1;
        run.step();
        run.look();
        if run.tally.steps.is_multiple_of(REST_EVERY) || run.tally.steps == plan.steps {
            run.rest();
        }
    }
    let digest = run.digest.finalize();
    Ok(Outcome {
        tally: run.tally,
        violations: run.violations,
        trace: run.trace.unwrap_or_default(),
        digest: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

impl Run {
    /// Notes what happens.
    pub fn note(&mut self, line: String) {
        self.digest.update(&line);
        if let Some(trace) = &mut self.trace {
            let minutes = (self.now_us - STARTS_AT_US) / MINUTE_US;
            trace.push(format!("{:>6} +{minutes:>5} min  {line}", self.tally.steps));
        }
    }

    /// Counts a step of this kind.
    pub fn act(&mut self, name: &'static str) {
        *self.tally.acts.entry(name).or_default() += 1;
    }

    /// Counts a fault that was injected.
    pub fn fault(&mut self, name: &'static str) {
        *self.tally.faults.entry(name).or_default() += 1;
    }

    pub fn checked(&mut self, name: &'static str, violations: Vec<String>) {
        *self.tally.checks.entry(name).or_default() += 1;
        for violation in violations {
            self.note(violation.clone());
            self.violations.push(violation);
        }
    }

    /// One of so many; none of none.
    pub fn pick(&self, of: usize) -> Option<usize> {
        pick(&self.chance, of)
    }

    /// Whether something that happens so many times in a thousand happens now.
    pub fn now_and_then(&self, per_mille: u64) -> bool {
        self.chance.below(1000) < per_mille
    }

    /// Notes what an answer of flights, asked at a time, says of a hold (invariant I2: each ends exactly once, and in time).
    pub fn saw(&mut self, answer: &Result<Hold, Status>, asked_at_us: i64) {
        use HoldState as S;
        let Ok(hold) = answer else { return };
        let (id, now) = (hold.id.clone(), hold.state());
        let before = self.holds.insert(id.clone(), (now, hold.expires_at_us));
        let fault = match before.unwrap_or((now, hold.expires_at_us)) {
            (S::Active, until_us) if now == S::Consumed && asked_at_us >= until_us => {
                Some(format!("I2: hold {id} was sold when its time was over"))
            }
            (S::Active, until_us)
                if now == S::Active && hold.expires_at_us > until_us && asked_at_us >= until_us =>
            {
                Some(format!(
                    "I2: hold {id} was prolonged when its time was over"
                ))
            }
            (before, _) if before == now => None,
            (S::Active, _) | (S::Consumed, _) if now != S::Active => None,
            (before, _) => Some(format!("I2: hold {id} was {before:?} and is {now:?}")),
        };
        self.checked("I2", fault.into_iter().collect());
    }

    /// Lets everything come to rest but for what waits in the network and the broker.
    pub fn settle(&mut self) {
        let (_, faults) = self.stage.settle();
        self.checked("I9", faults);
    }

    /// What a step has left: everything at rest but for what waits in the network and the broker, and the cheap invariants.
    fn look(&mut self) {
        self.settle();
        let inventory = books::inventory(&self.stage);
        let faults = books::limits(&inventory, &self.lowered);
        self.checked("I1", faults);
    }

    /// Lets everything come to rest without faults, and holds all books against each other.
    fn rest(&mut self) {
        self.relieve(true);
        self.now_us += REST_US;
        let mut rounds = 0;
        loop {
            let mut moved = self.stage.settle().0 > 0;
            while self.stage.network.parked() > 0 {
                self.answer_call(0);
                moved = true;
                self.stage.settle();
            }
            while let Some(call) = self.late.pop() {
                self.stray(call);
            }
            while let Some(event) = self.stage.broker.next(0).cloned() {
                moved = true;
                if self.stage.deliver(&event) {
                    self.stage.broker.acknowledged(&event.subject);
                }
                self.stage.settle();
            }
            moved |= self.tick();
            rounds += 1;
            if !moved && self.stage.network.parked() == 0 {
                break;
            }
            if rounds > ROUNDS_MAX {
                self.checked("rest", vec!["rest: something goes on for ever".to_owned()]);
                return;
            }
        }
        let books = Books::read(&self.stage, &self.people, self.now_us);
        for name in ["I3", "I4", "I5", "I6", "I7", "I8", "I11"] {
            *self.tally.checks.entry(name).or_default() += 1;
        }
        self.tally.states.clear();
        for state in books.states() {
            *self.tally.states.entry(state).or_default() += 1;
        }
        let mut faults = books.faults(&self.people);
        faults.extend(books.credit_said(self.credit.last().map_or(0, |limit| limit.amount)));
        self.checked("rest", faults);
        self.note(format!("at rest with {} orders", books.orders.len()));
    }

    /// Lets time pass.
    pub fn pass_time(&mut self) {
        let active = self
            .holds
            .values()
            .filter(|(state, _)| *state == HoldState::Active);
        let next = active
            .map(|(_, until_us)| until_us - self.now_us)
            .filter(|by| *by > 0)
            .min();
        let by = match (self.chance.below(40), next) {
            (0, _) => 6 * HOUR_US,
            (1..3, _) => 40 * MINUTE_US,
            // To the very moment at which a hold ends.
            (3..20, Some(by)) if by < HOUR_US => by,
            (3..9, _) => 5 * MINUTE_US,
            _ => SECOND_US,
        };
        if self.now_us - STARTS_AT_US < LASTS_US {
            self.now_us += by;
            self.note(format!("{} s pass", by / SECOND_US));
        }
    }
}
