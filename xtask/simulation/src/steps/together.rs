//! Several at one moment: all have looked before the first has changed anything, and what they change is committed together.

use std::collections::BTreeMap;

use tonic::Status;

use crate::network::Parked;
use crate::people::Command;
use crate::run::Run;
use crate::stage::Service;

/// Most that come at one moment by themselves.
const CROWD_MAX: u64 = 5;

impl Run {
    /// Several people ask booking for something, some of them twice under one key.
    pub(super) fn crowd(&mut self) {
        self.crowd = Some(Vec::new());
        for _ in 0..2 + self.chance.below(CROWD_MAX - 1) {
            match self.chance.below(10) {
                0..4 => self.order(),
                4..6 => self.order_hold(),
                6 => self.pay(),
                7 => self.confirm(),
                8 => self.void(),
                _ => self.ask_again(),
            }
        }
        let mut commands = self.crowd.take().unwrap_or_default();
        for at in 0..commands.len() {
            if self.now_and_then(300) {
                let twin = self.people.anew(commands[at].clone(), self.now_us);
                commands.push(twin);
            }
        }
        if self.stage.trouble(Service::Booking).is_some() {
            for command in commands {
                self.send(command);
                self.settle();
            }
            return;
        }
        let booking = self.stage.booking();
        let calls = commands
            .iter()
            .map(|command| command.clone().sent_to(&booking.service));
        let (answers, waited) = self.stage.at_once(Service::Booking, calls);
        self.came_together("asked booking at one moment", answers.len(), waited);
        let answers: Vec<_> = answers.into_iter().map(|(answer, _)| answer).collect();
        self.one_answer_a_key(&commands, &answers);
        for (command, answer) in commands.iter().zip(answers) {
            self.hear(command, answer);
        }
    }

    /// I6: who is told of success under a key is not alone with it.
    fn one_answer_a_key(
        &mut self,
        commands: &[Command],
        answers: &[Result<(String, bool), Status>],
    ) {
        let mut told: BTreeMap<(&str, &str), Vec<bool>> = BTreeMap::new();
        for (command, answer) in commands.iter().zip(answers) {
            told.entry(command.name()).or_default().push(answer.is_ok());
        }
        let two = told
            .into_iter()
            .filter(|(_, told)| told.windows(2).any(|two| two[0] != two[1]));
        let faults = two.map(|((name, key), _)| {
            format!("I6: {name} under key {key} was accepted and refused at one moment")
        });
        let faults = faults.collect();
        self.checked("I6 at one moment", faults);
    }

    /// Several of the calls that wait in the network reach flights, and an agency's now and then.
    pub(super) fn calls_together(&mut self) {
        if self.stage.trouble(Service::Flights).is_some() {
            return self.call();
        }
        let mut parked: Vec<Option<Parked>> = Vec::new();
        for _ in 0..2 + self.chance.below(CROWD_MAX - 1) {
            if let Some(at) = self.pick(self.stage.network.parked()) {
                parked.push(Some(self.take(at)));
            }
        }
        let mut calls: Vec<_> = parked
            .iter()
            .flatten()
            .map(|parked| parked.call.clone())
            .collect();
        if self.now_and_then(300) {
            calls.extend(self.agency_call());
        }
        parked.resize_with(calls.len(), || None);
        let flights = self.stage.flights();
        let asked = calls
            .iter()
            .map(|call| call.clone().done_by(&flights.service));
        let (answers, waited) = self.stage.at_once(Service::Flights, asked);
        self.came_together("asked flights at one moment", answers.len(), waited);
        let mut heard: Vec<_> = calls.iter().zip(parked).zip(answers).collect();
        // Who needed no commit was answered before it.
        heard.sort_by_key(|(_, (_, early))| !early);
        for ((call, parked), (answer, _)) in heard {
            self.answered(call, &answer);
            if let Some(parked) = parked {
                parked.answer(answer);
                // One after the other, so that it is not for a thread to say who goes on first.
                self.settle();
            }
        }
    }

    fn came_together(&mut self, name: &'static str, all: usize, waited: usize) {
        self.note(format!("{all} {name}, {waited} waited together"));
        for (name, by) in [(name, all), ("waited for one commit together", waited)] {
            *self.tally.acts.entry(name).or_default() += u64::try_from(by).unwrap_or(0);
        }
    }
}
