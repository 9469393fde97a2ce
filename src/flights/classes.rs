//! The ladder of booking classes: which cabin a class belongs to, how many seats it may sell, and which fare brand sells it.
//!
//! Classes of a cabin are nested: a class may sell what it and the classes below it have left. The limits are synthetic, shares
//! of the cabin as expected marginal seat revenue (EMSR-b) sets them for fares that fall evenly down the ladder.

use std::ops::Range;

/// Booking classes of all cabins.
pub const CLASSES: usize = 17;

/// A booking class: its place in the ladder, highest of each cabin first.
pub type ClassIndex = u8;

struct Class {
    letter: u8,
    /// Share of the cabin that this class and those below it may sell, in percent.
    limit: u32,
    /// Days before departure until which it is sold.
    advance: i32,
    /// The fare as a share of the reference fare, in thousandths.
    fare: i64,
}

const fn class(letter: u8, limit: u32, advance: i32, fare: i64) -> Class {
    Class {
        letter,
        limit,
        advance,
        fare,
    }
}

const LADDER: [Class; CLASSES] = [
    class(b'F', 100, 0, 9000),
    class(b'A', 70, 0, 6800),
    class(b'J', 100, 0, 5600),
    class(b'C', 90, 0, 4600),
    class(b'D', 75, 0, 3700),
    class(b'I', 45, 0, 2900),
    class(b'W', 100, 0, 2300),
    class(b'P', 80, 0, 1800),
    class(b'E', 50, 0, 1500),
    class(b'Y', 100, 0, 2000),
    class(b'B', 96, 7, 1600),
    class(b'M', 90, 0, 1250),
    class(b'H', 82, 3, 1050),
    class(b'Q', 74, 14, 900),
    class(b'K', 64, 0, 760),
    class(b'L', 50, 7, 600),
    class(b'V', 34, 21, 470),
];

/// A bundle of conditions that a fare is sold with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Brand {
    /// Cheapest: neither refunds nor changes.
    Basic,
    /// Refunds and changes for a fee.
    Standard,
    /// Refunds and changes for nothing.
    Flex,
}

impl Brand {
    /// All brands, cheapest first.
    pub const ALL: [Brand; 3] = [Brand::Basic, Brand::Standard, Brand::Flex];

    /// The name in offers.
    pub fn name(self) -> &'static str {
        match self {
            Brand::Basic => "basic",
            Brand::Standard => "standard",
            Brand::Flex => "flex",
        }
    }

    /// Reads the byte that stands for a brand in tokens.
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }

    /// The byte that stands for the brand in tokens.
    pub fn byte(self) -> u8 {
        match self {
            Brand::Basic => 0,
            Brand::Standard => 1,
            Brand::Flex => 2,
        }
    }
}

/// The classes of a cabin (0 economy … 3 first), highest first.
pub fn of_cabin(cabin: usize) -> Range<usize> {
    match cabin {
        0 => 9..17,
        1 => 6..9,
        2 => 2..6,
        _ => 0..2,
    }
}

/// The cabin of a class.
pub fn cabin_of(class: ClassIndex) -> usize {
    match class {
        0..2 => 3,
        2..6 => 2,
        6..9 => 1,
        _ => 0,
    }
}

/// The classes that a brand sells in a cabin, cheapest first; none where the cabin has no such fare.
pub fn of_brand(cabin: usize, brand: Brand) -> &'static [ClassIndex] {
    match (cabin, brand) {
        (0, Brand::Basic) => &[16, 15, 14],
        (0, Brand::Standard) => &[13, 12, 11],
        (0, Brand::Flex) => &[10, 9],
        (1, Brand::Basic) => &[8],
        (1, Brand::Standard) => &[7],
        (1, Brand::Flex) => &[6],
        (2, Brand::Basic) => &[5],
        (2, Brand::Standard) => &[4],
        (2, Brand::Flex) => &[3, 2],
        (_, Brand::Basic) => &[],
        (_, Brand::Standard) => &[1],
        (_, Brand::Flex) => &[0],
    }
}

/// All classes, highest of each cabin first, from the first cabin to economy.
pub fn all() -> impl Iterator<Item = ClassIndex> {
    (0..).take(CLASSES)
}

/// The brand that sells a class.
pub fn brand_of(class: ClassIndex) -> Brand {
    let cabin = cabin_of(class);
    let sells = |brand: &Brand| of_brand(cabin, *brand).contains(&class);
    Brand::ALL
        .into_iter()
        .find(sells)
        .expect("the brands divide the ladder")
}

/// The class of a letter.
pub fn by_letter(letter: &str) -> Option<ClassIndex> {
    let [letter] = letter.as_bytes() else {
        return None;
    };
    (0..)
        .zip(&LADDER)
        .find_map(|(index, class)| (class.letter == *letter).then_some(index))
}

/// The letter of a class.
pub fn letter(class: ClassIndex) -> char {
    char::from(at(class).letter)
}

/// Most seats that a class and those below it may sell in a cabin of `capacity`.
pub fn limit(class: ClassIndex, capacity: u16) -> u16 {
    let seats = (u32::from(capacity) * at(class).limit + 50) / 100;
    u16::try_from(seats)
        .expect("a share of the cabin is not larger than it")
        .max(capacity.min(1))
}

/// Whether a class is still sold so many days before departure.
pub fn sold_at(class: ClassIndex, days_before: i32) -> bool {
    days_before >= at(class).advance
}

/// The fare of a class in thousandths of the reference fare.
pub fn fare_share(class: ClassIndex) -> i64 {
    at(class).fare
}

fn at(class: ClassIndex) -> &'static Class {
    &LADDER[usize::from(class)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_fares_fall_down_each_ladder() {
        for cabin in 0..4 {
            let classes: Vec<u8> = of_cabin(cabin)
                .map(|class| u8::try_from(class).expect("few"))
                .collect();
            assert!(classes.iter().all(|&class| cabin_of(class) == cabin));
            assert!(
                classes
                    .windows(2)
                    .all(|two| fare_share(two[0]) > fare_share(two[1]))
            );
            for capacity in 0..600 {
                assert_eq!(limit(classes[0], capacity), capacity);
                assert!(
                    classes
                        .windows(2)
                        .all(|two| limit(two[0], capacity) >= limit(two[1], capacity))
                );
            }
        }
    }

    #[test]
    fn brands_divide_the_ladder_without_overlap() {
        let mut sold: Vec<u8> = (0..4)
            .flat_map(|cabin| Brand::ALL.map(|brand| of_brand(cabin, brand)))
            .flatten()
            .copied()
            .collect();
        sold.sort_unstable();
        assert_eq!(sold, (0..17).collect::<Vec<u8>>());
        for class in all() {
            assert!(of_brand(cabin_of(class), brand_of(class)).contains(&class));
        }
        assert_eq!(by_letter("V"), Some(16));
        assert_eq!(by_letter("X"), None);
        assert!(
            Brand::ALL
                .iter()
                .all(|&brand| Brand::from_byte(brand.byte()) == Some(brand))
        );
    }
}
