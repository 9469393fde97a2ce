//! The life of a hold: seats kept for a while, then sold, given up or expired, each exactly once.
//!
//! Pure: state, command and time give the next state and what happens to the seats, or a refusal. Every command may be
//! repeated; a repeat of what was done already changes nothing.

use crate::rpc::flights::v1::HoldState;

/// What is asked of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Sell its seats.
    Confirm,
    /// Give its seats up.
    Release,
    /// Put its sold seats back on sale.
    Return,
    /// End it if it is due.
    Expire,
    /// Keep its seats until later, in microseconds since 1970.
    Extend(i64),
}

/// What becomes of the seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// From held to sold.
    Sell,
    /// From held to free.
    Free,
    /// From sold to free.
    GiveBack,
    /// They stay where they are.
    Keep,
}

/// A step: the state it leads to and its effect; `None` when the hold stays as it is.
pub type Step = Option<(HoldState, Effect)>;

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its time was over. The step still has to be taken: it frees the seats of a hold that nobody ended.
    Expired(Step),
    /// The state does not allow it.
    State,
}

/// Decides. A hold is due when `now_us` reaches `expires_at_us`.
pub fn decide(
    state: HoldState,
    expires_at_us: i64,
    command: Command,
    now_us: i64,
) -> Result<Step, Refusal> {
    use Command::{Confirm, Expire, Extend, Release, Return};
    use HoldState::{Active, Consumed, Expired, Released, Returned, Unspecified};
    let due = now_us >= expires_at_us;
    let expire = Some((Expired, Effect::Free));
    match (state, command) {
        (Active, Confirm | Extend(_)) if due => Err(Refusal::Expired(expire)),
        (Active, Extend(until)) if until > expires_at_us => Ok(Some((Active, Effect::Keep))),
        (Active, Confirm) => Ok(Some((Consumed, Effect::Sell))),
        (Active, Release | Expire) if due => Ok(expire),
        (Active, Release) => Ok(Some((Released, Effect::Free))),
        (Consumed, Return) => Ok(Some((Returned, Effect::GiveBack))),
        (Expired, Confirm | Extend(_)) => Err(Refusal::Expired(None)),
        (Consumed, Confirm)
        | (Returned, Return)
        | (Released | Expired, Release)
        | (Active | Consumed | Released | Returned, Extend(_))
        | (_, Expire) => Ok(None),
        (Active | Released | Expired, Return)
        | (Released | Returned, Confirm)
        | (Consumed | Returned, Release)
        | (Unspecified, Confirm | Release | Return | Extend(_)) => Err(Refusal::State),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// State, command, minutes before (−) or after expiry ⇒ what happens.
    #[test]
    fn every_hold_ends_once() {
        let table = "
            Active    Confirm -1 = Consumed Sell
            Active    Confirm  0 = refused, Expired Free
            Active    Release -1 = Released Free
            Active    Release  5 = Expired Free
            Active    Return  -1 = refused
            Active    Expire  -1 = nothing
            Active    Expire   0 = Expired Free
            Active    Extend  -1 = Active Keep
            Active    Extend   0 = refused, Expired Free
            Consumed  Confirm  9 = nothing
            Consumed  Release -1 = refused
            Consumed  Return   9 = Returned GiveBack
            Consumed  Expire   9 = nothing
            Consumed  Extend  -1 = nothing
            Returned  Return   9 = nothing
            Returned  Confirm -1 = refused
            Returned  Release -1 = refused
            Returned  Expire   9 = nothing
            Released  Release -1 = nothing
            Released  Confirm -1 = refused
            Released  Return  -1 = refused
            Released  Expire   9 = nothing
            Released  Extend  -1 = nothing
            Expired   Confirm  9 = refused, nothing
            Expired   Release  9 = nothing
            Expired   Return   9 = refused
            Expired   Expire   9 = nothing
            Expired   Extend   9 = refused, nothing";
        for line in table.lines().filter(|line| !line.trim().is_empty()) {
            let (question, answer) = line.split_once('=').expect("a row of the table");
            let words: Vec<_> = question.split_whitespace().collect();
            let state = [
                HoldState::Active,
                HoldState::Consumed,
                HoldState::Released,
                HoldState::Expired,
                HoldState::Returned,
            ]
            .into_iter()
            .find(|state| format!("{state:?}") == words[0])
            .expect(line);
            let command = [
                Command::Confirm,
                Command::Release,
                Command::Return,
                Command::Expire,
                Command::Extend(99),
            ]
            .into_iter()
            .find(|command| format!("{command:?}").starts_with(words[1]))
            .expect(line);
            let now: i64 = words[2].parse().expect(line);
            let step = |step: Step| {
                step.map_or("nothing".to_owned(), |(state, effect)| {
                    format!("{state:?} {effect:?}")
                })
            };
            let told = match decide(state, 0, command, now) {
                Ok(taken) => step(taken),
                Err(Refusal::Expired(taken)) => format!("refused, {}", step(taken)),
                Err(Refusal::State) => "refused".to_owned(),
            };
            assert_eq!(told, answer.trim(), "{line}");
        }
    }
}
