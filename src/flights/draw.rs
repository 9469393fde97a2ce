//! Draws that depend on nothing but a name: the same name gives the same number on every machine and in every run.
//!
//! What is synthetic in the world is drawn here. Nothing secret is: whoever knows the name knows the number.

/// A number drawn from a name, even over all 64 bits.
pub fn draw(name: &[&[u8]]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for part in name {
        // A separator that no code contains keeps ("AB", "C") and ("A", "BC") apart.
        for &byte in part.iter().chain(&[0xff]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    mix(state)
}

/// A number below `bound` drawn from a name.
pub fn below(name: &[&[u8]], bound: u64) -> u64 {
    let wide = u128::from(draw(name)) * u128::from(bound);
    u64::try_from(wide >> 64)
        .expect("the upper half of a product of two 64-bit numbers has 64 bits")
}

/// The finaliser of SplitMix64.
fn mix(mut state: u64) -> u64 {
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_fixed_and_even() {
        assert_eq!(draw(&[b"BA", b"LHR"]), draw(&[b"BA", b"LHR"]));
        assert_ne!(draw(&[b"AB", b"C"]), draw(&[b"A", b"BC"]));
        let mut counts = [0_u32; 10];
        for n in 0..10_000_u32 {
            counts[usize::try_from(below(&[&n.to_be_bytes()], 10)).expect("below ten")] += 1;
        }
        assert!(
            counts.iter().all(|&count| (900..1100).contains(&count)),
            "{counts:?}"
        );
    }
}
