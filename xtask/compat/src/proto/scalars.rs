//! Which values of one type are read as themselves by a program that knows the field as another.

use prost_types::field_descriptor_proto::Type;

/// Whether every value arrives as what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrives {
    pub in_binary: bool,
    pub in_json: bool,
}

/// What becomes of a value that was written as one type and is read as another.
pub fn arrives(written: Type, read: Type) -> Arrives {
    Arrives {
        in_binary: written == read || binary(written, read),
        in_json: written == read || json(written, read),
    }
}

/// Varints are families: a reader takes the bits it knows. Everything else has a form of its own, but for text in bytes and a
/// message in bytes.
fn binary(written: Type, read: Type) -> bool {
    use Type::{Bool, Bytes, Enum, Int32, Int64, Message, Sint32, Sint64, String, Uint32, Uint64};
    matches!(
        (written, read),
        (Bool, Int32 | Int64 | Uint32 | Uint64 | Enum)
            | (Int32 | Enum, Int32 | Int64 | Enum)
            | (Uint32, Int64 | Uint64)
            | (Sint32, Sint64)
            | (String | Message, Bytes)
    )
}

/// In JSON a number is a number whatever its form in binary, and readers take 64 bits as text or as a number.
fn json(written: Type, read: Type) -> bool {
    if (written, read) == (Type::Float, Type::Double)
        || read == Type::Enum && range(written) == Some(INT32)
    {
        return true;
    }
    match (range(written), range(read)) {
        (Some((from, to)), Some((least, most))) => least <= from && to <= most,
        // A double holds every integer of 32 bits.
        (Some((from, to)), None) => read == Type::Double && from >= INT32.0 && to <= UINT32.1,
        _ => false,
    }
}

const INT32: (i128, i128) = (i32::MIN as i128, i32::MAX as i128);
const UINT32: (i128, i128) = (0, u32::MAX as i128);

/// The least and the greatest value of an integer type.
fn range(of: Type) -> Option<(i128, i128)> {
    match of {
        Type::Int32 | Type::Sint32 | Type::Sfixed32 => Some(INT32),
        Type::Uint32 | Type::Fixed32 => Some(UINT32),
        Type::Int64 | Type::Sint64 | Type::Sfixed64 => Some((i64::MIN.into(), i64::MAX.into())),
        Type::Uint64 | Type::Fixed64 => Some((0, u64::MAX.into())),
        _ => None,
    }
}
