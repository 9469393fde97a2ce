//! Where chance comes from: the operating system, or a seed that makes a run repeatable.

use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

/// A cryptographically secure source of random bytes that is passed in; clones draw from the same stream.
#[derive(Clone, Debug)]
pub struct Chance(Arc<Mutex<Stream>>);

#[derive(Debug)]
struct Stream {
    random: StdRng,
    turn: u16,
}

impl Chance {
    /// Seeded by the operating system.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that draws from the operating system"
    )]
    pub fn from_os() -> Self {
        Self::of(StdRng::from_os_rng())
    }

    /// The same seed gives the same stream.
    pub fn seeded(seed: u64) -> Self {
        Self::of(StdRng::seed_from_u64(seed))
    }

    fn of(random: StdRng) -> Self {
        Self(Arc::new(Mutex::new(Stream { random, turn: 0 })))
    }

    /// The next of the numbers from 0 to 65,535, which begin anew after the last.
    pub fn turn(&self) -> u16 {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = stream.turn;
        stream.turn = turn.wrapping_add(1);
        turn
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .random
            .fill_bytes(&mut bytes);
        bytes
    }

    /// A number from 0 to `bound` − 1; 0 when `bound` is 0.
    pub fn below(&self, bound: u64) -> u64 {
        let wide = u128::from(u64::from_le_bytes(self.bytes::<8>())) * u128::from(bound);
        u64::try_from(wide >> 64)
            .expect("the upper half of a product of two 64-bit numbers has 64 bits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_stream() {
        let (one, two, other) = (Chance::seeded(7), Chance::seeded(7), Chance::seeded(8));
        assert_eq!(one.bytes::<16>(), two.bytes::<16>());
        assert_ne!(one.bytes::<16>(), other.bytes::<16>());
        assert!((0..1000).all(|_| one.below(3) < 3));
        assert_eq!(one.below(0), 0);
    }
}
