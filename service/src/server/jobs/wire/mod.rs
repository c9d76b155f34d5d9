//! Statements and witnesses on the wire, as JSON and as compact bytes, both made from one list of fields per type.
//!
//! In JSON a record is an object with exactly its members, field elements are `0x` and 64 digits, integers are decimal text, keys and
//! signatures are hexadecimal text. In bytes the same values follow each other in the same order: field elements as 32 bytes,
//! integers as 8 (positions and buckets as 4), all big-endian; nothing is between them and nothing may follow. Both forms are read
//! strictly: an integer that is not canonical, a missing, repeated or unknown member is refused.
//!
//! Errors name the place and never repeat a value: it may be a secret. No type here has a place for a signing key.

mod json;
mod leaf;
mod pair;
mod records;

pub use json::{At, Json, ShapeError};
pub use pair::{Encoding, MAX_PAIR_BYTES, MAX_PAIR_JSON, Pair, PairError, Provable, Relation, Secret};

pub(crate) use pair::with_relation;

use privity_ledger::{CodecError, Reader};

/// A value with both forms.
pub trait Wire: Sized {
    /// Appends the bytes.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads the bytes off the front.
    ///
    /// # Errors
    /// [`CodecError`] for anything but the canonical form.
    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError>;

    /// Appends the JSON.
    fn show(&self, out: &mut String);

    /// Reads the JSON that stands at `at`.
    ///
    /// # Errors
    /// [`ShapeError`] names the place.
    fn parse(json: &Json<'_>, at: &At<'_>) -> Result<Self, ShapeError>;

    /// Overwrites the value.
    fn wipe(&mut self);
}

/// [`Wire`] for a record from the list of its fields.
macro_rules! record {
    ($(@[$($generic:tt)+])? $type:ty { $($field:ident),+ $(,)? }) => {
        impl $(<$($generic)+>)? $crate::server::jobs::wire::Wire for $type {
            fn write(&self, out: &mut Vec<u8>) {
                $($crate::server::jobs::wire::Wire::write(&self.$field, out);)+
            }

            fn read(input: &mut privity_ledger::Reader<'_>) -> Result<Self, privity_ledger::CodecError> {
                $(let $field = $crate::server::jobs::wire::Wire::read(input)?;)+
                Ok(Self { $($field),+ })
            }

            fn show(&self, out: &mut String) {
                let mut between = '{';
                $(
                    out.push(between);
                    out.push_str(concat!("\"", stringify!($field), "\":"));
                    $crate::server::jobs::wire::Wire::show(&self.$field, out);
                    between = ',';
                )+
                let _ = between;
                out.push('}');
            }

            fn parse(
                json: &$crate::server::jobs::wire::Json<'_>,
                at: &$crate::server::jobs::wire::At<'_>,
            ) -> Result<Self, $crate::server::jobs::wire::ShapeError> {
                let record = json.record(&[$(stringify!($field)),+], at)?;
                $(let $field = record.member(stringify!($field), at)?;)+
                Ok(Self { $($field),+ })
            }

            fn wipe(&mut self) {
                $($crate::server::jobs::wire::Wire::wipe(&mut self.$field);)+
            }
        }
    };
}

pub(crate) use record;

#[cfg(test)]
mod tests;
