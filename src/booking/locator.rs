//! Record locators: six characters that people can read out, unique without asking the store, and not in a row.
//!
//! A keyed permutation of a counter (a Feistel network over two halves of three characters each, added modulo 28³ instead
//! of by bits), so every counter has its own locator and one locator says nothing of the next. Not a secret: whoever reads
//! an order needs more than its locator.

use sha2::{Digest, Sha256};

/// No vowels, so no words; no 0, 1, I, L-like pairs to mistake by ear or eye.
const ALPHABET: &[u8; 28] = b"23456789BCDFGHJKLMNPQRSTVWXZ";

/// Values of half a locator.
const HALF: u64 = 28 * 28 * 28;

/// How many locators there are.
pub const COUNT: u64 = HALF * HALF;

const ROUNDS: u8 = 8;

/// The secret that decides the order in which locators are given out.
#[derive(Clone)]
pub struct Key(pub [u8; 32]);

/// The locator of the `counter`-th order (from 0); `None` once all are given out.
pub fn locator(key: &Key, counter: u64) -> Option<String> {
    if counter >= COUNT {
        return None;
    }
    let (mut left, mut right) = (counter / HALF, counter % HALF);
    for round in 0..ROUNDS {
        (left, right) = (right, (left + mixed(key, round, right)) % HALF);
    }
    Some(letters(left) + &letters(right))
}

fn mixed(key: &Key, round: u8, half: u64) -> u64 {
    let digest = Sha256::new()
        .chain_update(key.0)
        .chain_update([round])
        .chain_update(half.to_be_bytes())
        .finalize();
    let head: [u8; 8] = digest[..8].try_into().expect("a digest has 32 bytes");
    u64::from_be_bytes(head) % HALF
}

fn letters(half: u64) -> String {
    [half / 784, half / 28 % 28, half % 28]
        .iter()
        .map(|&digit| char::from(ALPHABET[usize::try_from(digit).expect("below 28")]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn counters_in_a_row_have_locators_of_their_own_that_are_not_in_a_row() {
        let key = Key([7; 32]);
        let some: Vec<String> = (0..20_000).filter_map(|n| locator(&key, n)).collect();
        assert_eq!(some.iter().collect::<HashSet<_>>().len(), 20_000);
        assert!(
            some.iter()
                .all(|text| text.len() == 6 && text.bytes().all(|b| ALPHABET.contains(&b)))
        );
        let starts: HashSet<&str> = some[..100].iter().map(|text| &text[..3]).collect();
        assert!(
            starts.len() > 90,
            "neighbours share a start: {}",
            starts.len()
        );
        assert_ne!(locator(&Key([8; 32]), 0), Some(some[0].clone()));
        assert_eq!(locator(&key, COUNT), None);
    }

    /// What undoes each round undoes all: two counters can never meet in one locator.
    fn counter(key: &Key, text: &str) -> u64 {
        let digit = |byte: u8| {
            ALPHABET
                .iter()
                .position(|&b| b == byte)
                .expect("of the alphabet") as u64
        };
        let half = |text: &[u8]| text.iter().fold(0, |sum, &byte| sum * 28 + digit(byte));
        let (mut left, mut right) = (half(&text.as_bytes()[..3]), half(&text.as_bytes()[3..]));
        for round in (0..ROUNDS).rev() {
            (left, right) = ((right + HALF - mixed(key, round, left)) % HALF, left);
        }
        left * HALF + right
    }

    proptest! {
        #[test]
        fn every_locator_leads_back_to_its_counter(n in 0..COUNT, seed in any::<u8>()) {
            let key = Key([seed; 32]);
            prop_assert_eq!(counter(&key, &locator(&key, n).expect("in range")), n);
        }
    }
}
