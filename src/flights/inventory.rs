//! The seats of one flight on one date: what each booking class may sell, has sold and holds, and what is left.
//!
//! Pure arithmetic, and the one place where it is decided whether a seat may be held. Classes of a cabin are nested: with
//! S_k = Σ over i ≥ k of (sold_i + held_i), available(j) = min over k ≤ j of (limit_k − S_k), not below 0; nothing is held that
//! takes an S_k past its limit. A limit may be set below what is sold already: nobody loses a seat, and no more are sold.
#![deny(clippy::arithmetic_side_effects)]

use super::classes::{self, CLASSES, ClassIndex};
use super::equipment::CABINS;

/// Counters of one flight on one date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Seats sold by each class.
    pub sold: [u16; CLASSES],
    /// Seats held in each class.
    pub held: [u16; CLASSES],
    /// Limits that were set; the other classes have those of the ladder.
    pub limits: [Option<u16>; CLASSES],
    /// Grows by one with every change.
    pub version: u64,
}

/// Why seats were not moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The class has fewer seats left.
    #[error("the booking class has too few seats left")]
    SeatsUnavailable,
    /// More seats would move than the class holds or has sold.
    #[error("the booking class does not have so many seats")]
    NotThere,
    /// A limit would be higher than that of the class above, or than the cabin.
    #[error(
        "a booking limit is higher than that of the class above it, or than the cabin has seats"
    )]
    NotNested,
}

/// The limit of one class, and what counts against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Which class.
    pub class: ClassIndex,
    /// Most seats that it and the classes below it may sell.
    pub limit: u16,
    /// Seats sold and held in it and in the classes below it.
    pub used: u16,
}

impl Use {
    /// What is left of the limit.
    pub fn left(&self) -> u16 {
        self.limit.saturating_sub(self.used)
    }
}

impl Counters {
    /// Most seats that a class and those below it may sell in a cabin of `capacity`. Limits that were set for another aircraft
    /// reach no higher than those above them, and than this one has seats.
    pub fn limit(&self, class: ClassIndex, capacity: u16) -> u16 {
        let above = classes::of_cabin(classes::cabin_of(class)).start..=usize::from(class);
        let own = above.map(|k| self.own_limit(k, capacity));
        own.min().unwrap_or(0)
    }

    /// The limit of a class by itself.
    fn own_limit(&self, class: usize, capacity: u16) -> u16 {
        let ladder = || classes::limit(u8::try_from(class).expect("classes are few"), capacity);
        self.limits[class].map_or_else(ladder, |set| set.min(capacity))
    }

    /// Sets limits of classes of one cabin; those that are not named stay.
    ///
    /// # Errors
    /// They would not be nested.
    pub fn set_limits(
        &mut self,
        cabins: &[u16; CABINS],
        cabin: usize,
        wanted: &[(ClassIndex, u16)],
    ) -> Result<(), Refusal> {
        let mut changed = *self;
        for &(class, limit) in wanted {
            changed.limits[usize::from(class)] = Some(limit);
        }
        let mut above = cabins[cabin];
        for class in classes::of_cabin(cabin) {
            let class = u8::try_from(class).expect("classes are few");
            let named = wanted.iter().rfind(|(named, _)| *named == class);
            let limit = named.map_or_else(|| self.limit(class, cabins[cabin]), |(_, limit)| *limit);
            if limit > above {
                return Err(Refusal::NotNested);
            }
            above = limit;
        }
        *self = changed;
        Ok(())
    }

    /// The limits that a class must keep to: from the highest class of its cabin down to its own.
    pub fn uses(&self, cabins: &[u16; CABINS], class: ClassIndex) -> Vec<Use> {
        let cabin = classes::cabin_of(class);
        let mut used = 0_u16;
        let mut uses = Vec::new();
        for k in classes::of_cabin(cabin).rev() {
            used = used
                .saturating_add(self.sold[k])
                .saturating_add(self.held[k]);
            if k <= usize::from(class) {
                let class = u8::try_from(k).expect("classes are few");
                let limit = self.limit(class, cabins[cabin]);
                uses.push(Use { class, limit, used });
            }
        }
        uses.reverse();
        uses
    }

    /// Seats that a class may still sell in a cabin of a flight with these `cabins`.
    pub fn available(&self, cabins: &[u16; CABINS], class: ClassIndex) -> u16 {
        let cabin = classes::cabin_of(class);
        let capacity = cabins[cabin];
        // From the lowest class up, so that each S_k is the one before and one class more.
        let (mut taken, mut available) = (0_u16, u16::MAX);
        for k in classes::of_cabin(cabin).rev() {
            taken = taken
                .saturating_add(self.sold[k])
                .saturating_add(self.held[k]);
            if k <= usize::from(class) {
                // An S_k is no less than those below it: the least is found without looking at the limits above each.
                available = available.min(self.own_limit(k, capacity).saturating_sub(taken));
            }
        }
        available
    }

    /// Holds seats.
    ///
    /// # Errors
    /// The class has too few left.
    pub fn hold(
        &mut self,
        cabins: &[u16; CABINS],
        class: ClassIndex,
        seats: u16,
    ) -> Result<(), Refusal> {
        if self.available(cabins, class) < seats {
            return Err(Refusal::SeatsUnavailable);
        }
        shift(None, Some(&mut self.held[usize::from(class)]), seats)
    }

    /// Turns held seats into sold ones.
    ///
    /// # Errors
    /// So many are not held.
    pub fn sell(&mut self, class: ClassIndex, seats: u16) -> Result<(), Refusal> {
        let class = usize::from(class);
        shift(
            Some(&mut self.held[class]),
            Some(&mut self.sold[class]),
            seats,
        )
    }

    /// Gives held seats up.
    ///
    /// # Errors
    /// So many are not held.
    pub fn release(&mut self, class: ClassIndex, seats: u16) -> Result<(), Refusal> {
        shift(Some(&mut self.held[usize::from(class)]), None, seats)
    }

    /// Puts sold seats back on sale.
    ///
    /// # Errors
    /// So many are not sold.
    pub fn give_back(&mut self, class: ClassIndex, seats: u16) -> Result<(), Refusal> {
        shift(Some(&mut self.sold[usize::from(class)]), None, seats)
    }
}

/// Moves seats all or not at all.
fn shift(from: Option<&mut u16>, to: Option<&mut u16>, seats: u16) -> Result<(), Refusal> {
    let less = from
        .as_ref()
        .map(|from| from.checked_sub(seats).ok_or(Refusal::NotThere))
        .transpose()?;
    let more = to
        .as_ref()
        .map(|to| to.checked_add(seats).ok_or(Refusal::SeatsUnavailable))
        .transpose()?;
    if let (Some(from), Some(less)) = (from, less) {
        *from = less;
    }
    if let (Some(to), Some(more)) = (to, more) {
        *to = more;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 100 in economy: limits Y 100, B 96, M 90, H 82, Q 74, K 64, L 50, V 34.
    const CABINS_100: [u16; CABINS] = [100, 10, 10, 2];

    fn class(letter: &str) -> ClassIndex {
        classes::by_letter(letter).expect("a class")
    }

    #[test]
    fn classes_are_nested() {
        let table = "
            V 34 = V 0, L 16, K 30, M 56, Y 66
            L 50 = V 0, L 0, K 14, Y 50
            Y 60 = Y 40, K 40, L 40, V 34
            Y 70 = Y 30, L 30, V 30
            K 64, Y 36 = Y 0, M 0, V 0
            Y 100 = Y 0, V 0
            J 10 = Y 100, J 0, I 0
            I 5 = I 0, D 3, J 5";
        for line in table.lines().filter(|line| !line.trim().is_empty()) {
            let (held, left) = line.split_once('=').expect("a row of the table");
            let items = |text: &'static str| {
                text.split(',').map(|item| {
                    let (letter, seats) = item.trim().split_once(' ').expect("class and seats");
                    (class(letter), seats.trim().parse::<u16>().expect("seats"))
                })
            };
            let mut counters = Counters::default();
            for (class, seats) in items(held) {
                assert_eq!(counters.hold(&CABINS_100, class, seats), Ok(()), "{line}");
            }
            for (class, seats) in items(left) {
                let available = counters.available(&CABINS_100, class);
                assert_eq!(available, seats, "{} in {line}", classes::letter(class));
            }
        }
    }

    #[test]
    fn seats_that_are_not_there_do_not_move() {
        let mut counters = Counters::default();
        assert_eq!(counters.sell(class("Y"), 1), Err(Refusal::NotThere));
        assert_eq!(counters.release(class("Y"), 1), Err(Refusal::NotThere));
        assert_eq!(counters.give_back(class("Y"), 1), Err(Refusal::NotThere));
        assert_eq!(
            counters.hold(&CABINS_100, class("Y"), 101),
            Err(Refusal::SeatsUnavailable)
        );
        assert_eq!(counters, Counters::default());
        assert_eq!(counters.hold(&CABINS_100, class("Y"), 100), Ok(()));
        assert_eq!(counters.sell(class("Y"), 100), Ok(()));
        assert_eq!(
            counters.hold(&CABINS_100, class("Y"), 1),
            Err(Refusal::SeatsUnavailable)
        );
    }

    #[test]
    fn limits_are_nested_or_refused() {
        let table = "
            V 10            = V 10, L 50, Y 100
            V 0, L 0        = V 0, L 0, K 64, Y 100
            Y 200           = refused
            Y 50            = refused
            L 65            = refused
            L 64            = L 64, V 34
            V 51            = refused
            Y 9, B 9, M 9, H 9, Q 9, K 9, L 9, V 9 = Y 9, V 9
            M 95            = M 95, B 96
            M 97            = refused";
        for line in table.lines().filter(|line| !line.trim().is_empty()) {
            let (wanted, answer) = line.split_once('=').expect("a row of the table");
            let items = |text: &str| -> Vec<(ClassIndex, u16)> {
                let item = |item: &str| {
                    let (letter, seats) = item.trim().split_once(' ').expect("class and seats");
                    (class(letter), seats.trim().parse().expect("seats"))
                };
                text.split(',').map(item).collect()
            };
            let mut counters = Counters::default();
            let set = counters.set_limits(&CABINS_100, 0, &items(wanted));
            if answer.trim() == "refused" {
                assert_eq!(set, Err(Refusal::NotNested), "{line}");
                assert_eq!(counters, Counters::default(), "{line}");
                continue;
            }
            assert_eq!(set, Ok(()), "{line}");
            for (class, limit) in items(answer) {
                assert_eq!(counters.available(&CABINS_100, class), limit, "{line}");
            }
        }
    }

    #[test]
    fn a_limit_below_what_is_sold_closes_the_class_and_takes_no_seat() {
        let mut counters = Counters::default();
        assert_eq!(counters.hold(&CABINS_100, class("V"), 20), Ok(()));
        assert_eq!(counters.sell(class("V"), 20), Ok(()));
        assert_eq!(
            counters.set_limits(&CABINS_100, 0, &[(class("L"), 15), (class("V"), 5)]),
            Ok(())
        );
        assert_eq!(counters.sold[usize::from(class("V"))], 20);
        for letter in ["V", "L"] {
            assert_eq!(counters.available(&CABINS_100, class(letter)), 0);
        }
        assert_eq!(counters.available(&CABINS_100, class("K")), 44);
        let uses = counters.uses(&CABINS_100, class("L"));
        assert_eq!(uses.len(), 7);
        assert_eq!((uses[0].limit, uses[0].used, uses[0].left()), (100, 20, 80));
        assert_eq!((uses[6].limit, uses[6].used, uses[6].left()), (15, 20, 0));
    }

    #[test]
    fn another_aircraft_has_the_limits_that_fit_it() {
        let (mut counters, smaller) = (Counters::default(), [40, 0, 0, 0]);
        let set = counters.set_limits(&CABINS_100, 0, &[(class("B"), 60), (class("M"), 60)]);
        assert_eq!(set, Err(Refusal::NotNested), "H has 82");
        let all = ["B", "M", "H", "Q", "K"].map(|letter| (class(letter), 60));
        assert_eq!(counters.set_limits(&CABINS_100, 0, &all), Ok(()));
        assert_eq!(counters.hold(&CABINS_100, class("Y"), 41), Ok(()));
        assert_eq!(counters.hold(&CABINS_100, class("J"), 3), Ok(()));
        for letter in ["Y", "B", "V", "J"] {
            assert_eq!(counters.available(&smaller, class(letter)), 0, "{letter}");
        }
        assert_eq!(counters.limit(class("B"), 40), 40);
        assert_eq!(
            counters.limit(class("L"), 40),
            classes::limit(class("L"), 40)
        );
        assert_eq!(counters.limit(class("J"), 0), 0);
        // Those that nobody names may stand in nobody's way.
        assert_eq!(
            counters.set_limits(&smaller, 0, &[(class("Y"), 39)]),
            Err(Refusal::NotNested)
        );
        assert_eq!(counters.set_limits(&smaller, 0, &[(class("V"), 3)]), Ok(()));
        // What was set is there again when the aircraft is.
        assert_eq!(counters.limit(class("B"), 100), 60);
        assert_eq!(counters.available(&CABINS_100, class("B")), 59);
    }

    proptest! {
        #[test]
        fn what_is_left_is_the_least_that_any_limit_leaves(
            capacity in 0_u16..300,
            held in proptest::collection::vec((0_u8..17, 1_u16..20), 0..20),
            class in 0_u8..17,
        ) {
            let cabins = [capacity, capacity / 2, capacity / 3, capacity / 4];
            let mut counters = Counters::default();
            for (class, seats) in held {
                // A refusal changes nothing, and that is what is wanted of it here.
                let _ = counters.hold(&cabins, class, seats);
            }
            let least = counters.uses(&cabins, class).iter().map(Use::left).min();
            prop_assert_eq!(Some(counters.available(&cabins, class)), least);
        }

        #[test]
        fn no_sequence_sells_a_seat_twice(
            capacity in 0_u16..40,
            steps in proptest::collection::vec((0_u8..5, 0_u8..17, 1_u16..10), 1..200),
        ) {
            let cabins = [capacity, capacity / 2, capacity / 3, capacity / 4];
            let mut counters = Counters::default();
            for (verb, class, seats) in steps {
                let before = counters;
                let outcome = match verb {
                    0 => counters.hold(&cabins, class, seats),
                    1 => counters.sell(class, seats),
                    2 => counters.release(class, seats),
                    3 => counters.set_limits(&cabins, classes::cabin_of(class), &[(class, seats)]),
                    _ => counters.give_back(class, seats),
                };
                if outcome.is_err() {
                    prop_assert_eq!(counters, before);
                }
                // What was sold before a limit was lowered stays sold; only a new hold must keep to every limit above it.
                if verb == 0 && outcome.is_ok() {
                    let cabin = classes::cabin_of(class);
                    for k in classes::of_cabin(cabin).start..=usize::from(class) {
                        let below = k..classes::of_cabin(cabin).end;
                        let taken: u16 = below.clone().map(|i| counters.sold[i]).sum::<u16>()
                            .saturating_add(below.map(|i| counters.held[i]).sum());
                        let limit = counters.limit(u8::try_from(k).expect("few"), cabins[cabin]);
                        prop_assert!(taken <= limit);
                    }
                }
            }
        }
    }
}
