//! Values without fields: field elements, integers, keys, signatures, lists.

use super::{At, Json, ShapeError, Wire};
use crate::files::{hex, unhex};
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::capacity::{Issued, Serial};
use privity_circuits::context::{Context, LedgerId};
use privity_circuits::disclose::{Scope, Tag};
use privity_circuits::keys::{NullifierKey, Owner, PublicKey, SignerId};
use privity_circuits::note::{Commitment, Nullifier, Party};
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::{AwardTag, DocumentHash, Mode, RfqId, Rounding, Stage, TermsId};
use privity_circuits::tree::Anchor;
use privity_circuits::{Fr, field, jubjub};
use privity_ledger::{CodecError, Reader};
use std::fmt::Write;
use std::hint::black_box;
use zeroize::Zeroize;

const FIELD: &str = "a field element: 0x and 64 lower-case digits, below the field's order";

/// Replaces a value whose insides are not ours to overwrite; the compiler must take the replacement for used.
fn replace<T>(value: &mut T, by: T) {
    *value = by;
    black_box(value);
}

impl Wire for Fr {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&field::to_bytes(self));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(input.field()?)
    }

    fn show(&self, out: &mut String) {
        quoted(out, field::to_hex(self));
    }

    fn parse(json: &Json<'_>, at: &At<'_>) -> Result<Self, ShapeError> {
        field::from_hex(json.text(FIELD, at)?).map_err(|_| at.expected(FIELD))
    }

    fn wipe(&mut self) {
        self.0.0.zeroize();
    }
}

/// Text in quotation marks; the text needs no escapes. The text is overwritten.
fn quoted(out: &mut String, mut text: String) {
    out.push('"');
    out.push_str(&text);
    out.push('"');
    text.zeroize();
}

/// Field elements with a meaning of their own.
macro_rules! fields {
    ($($name:ident),* $(,)?) => {
        $(impl Wire for $name {
            fn write(&self, out: &mut Vec<u8>) {
                self.field().write(out);
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
                Ok(Self::new(input.field()?))
            }

            fn show(&self, out: &mut String) {
                self.field().show(out);
            }

            fn parse(json: &Json<'_>, at: &At<'_>) -> Result<Self, ShapeError> {
                Fr::parse(json, at).map(Self::new)
            }

            fn wipe(&mut self) {
                replace(self, Self::new(Fr::from(0u64)));
            }
        })*
    };
}

fields!(
    Anchor,
    AssetId,
    AwardTag,
    Commitment,
    Context,
    DocumentHash,
    Issued,
    LedgerId,
    Nullifier,
    NullifierKey,
    Owner,
    Party,
    ResourceId,
    RfqId,
    Scope,
    Serial,
    SignerId,
    Tag,
    TermsId,
);

/// Unsigned integers: decimal text, and their own width in bytes.
macro_rules! integers {
    ($($type:ty, $read:ident, $what:literal;)*) => {
        $(impl Wire for $type {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
                Ok(input.$read()?)
            }

            fn show(&self, out: &mut String) {
                // Writing into a String cannot fail.
                let _ = write!(out, "\"{self}\"");
            }

            fn parse(json: &Json<'_>, at: &At<'_>) -> Result<Self, ShapeError> {
                let text = json.text($what, at)?;
                let canonical = text == "0" || text.starts_with(|first: char| ('1'..='9').contains(&first));
                let value = if canonical { text.parse().ok() } else { None };
                value.ok_or_else(|| at.expected($what))
            }

            fn wipe(&mut self) {
                self.zeroize();
            }
        })*
    };
}

integers! {
    u64, u64, "an integer below 2^64 as decimal text without leading zeros";
    u32, u32, "an integer below 2^32 as decimal text without leading zeros";
}

impl Wire for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        match input.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            found => Err(CodecError::Variant { what: "truth", found }),
        }
    }

    fn show(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }

    fn parse(json: &Json<'_>, at: &At<'_>) -> Result<Self, ShapeError> {
        if let Json::Flag(flag) = json { Ok(*flag) } else { Err(at.expected("true or false")) }
    }

    fn wipe(&mut self) {
        replace(self, false);
    }
}

/// Names without values.
macro_rules! names {
    ($($type:ident { $($byte:literal $variant:ident $name:literal),* $(,)? })*) => {
        $(impl Wire for $type {
            fn write(&self, out: &mut Vec<u8>) {
                out.push(match self { $(Self::$variant => $byte),* });
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
                match input.u8()? {
                    $($byte => Ok(Self::$variant),)*
                    found => Err(CodecError::Variant { what: stringify!($type), found }),
                }
            }

            fn show(&self, out: &mut String) {
                out.push_str(match self { $(Self::$variant => concat!("\"", $name, "\"")),* });
            }

            fn parse(json: &Json<'_>, at: &At<'_>) -> Result<Self, ShapeError> {
                let what = concat!("one of", $(" ", $name),*);
                match json.text(what, at)? {
                    $($name => Ok(Self::$variant),)*
                    _ => Err(at.expected(what)),
                }
            }

            fn wipe(&mut self) {
                replace(self, Self::default());
            }
        })*
    };
}

names! {
    Mode { 0 AllUnits "all-units", 1 Graduated "graduated" }
    Rounding { 0 Down "down", 1 Up "up", 2 HalfUp "half-up", 3 HalfEven "half-even" }
    Stage { 0 Line "line", 1 UnitPrice "unit-price" }
}

/// A fixed number of bytes as hexadecimal text.
fn bytes<const N: usize>(json: &Json<'_>, what: &'static str, at: &At<'_>) -> Result<[u8; N], ShapeError> {
    let bytes = zeroize::Zeroizing::new(unhex(json.text(what, at)?).ok_or_else(|| at.expected(what))?);
    bytes.as_slice().try_into().map_err(|_| at.expected(what))
}

impl Wire for PublicKey {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self::from_bytes(input.take(64)?)?)
    }

    fn show(&self, out: &mut String) {
        quoted(out, hex(&self.to_bytes()));
    }

    fn parse(json: &Json<'_>, at: &At<'_>) -> Result<Self, ShapeError> {
        let what = "a public key: 128 lower-case digits, a point of prime order";
        Self::from_bytes(&bytes::<64>(json, what, at)?).map_err(|_| at.expected(what))
    }

    fn wipe(&mut self) {
        replace(self, Self::new_unchecked(jubjub::Point::IDENTITY));
    }
}

impl Wire for Signature {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        privity_ledger::Codec::read(input)
    }

    fn show(&self, out: &mut String) {
        quoted(out, hex(&self.to_bytes()));
    }

    fn parse(json: &Json<'_>, at: &At<'_>) -> Result<Self, ShapeError> {
        let what = "a signature: 96 lower-case digits, its scalar below the group's order";
        Self::from_bytes(&bytes::<48>(json, what, at)?).map_err(|_| at.expected(what))
    }

    fn wipe(&mut self) {
        self.c.zeroize();
        self.s.0.0.zeroize();
    }
}

impl Wire for [u8; 32] {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(input.array()?)
    }

    fn show(&self, out: &mut String) {
        quoted(out, hex(self));
    }

    fn parse(json: &Json<'_>, at: &At<'_>) -> Result<Self, ShapeError> {
        bytes(json, "64 lower-case hexadecimal digits", at)
    }

    fn wipe(&mut self) {
        self.zeroize();
    }
}

impl<T: Wire, const N: usize> Wire for [T; N] {
    fn write(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|item| item.write(out));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let items = (0..N).map(|_| T::read(input)).collect::<Result<Vec<T>, _>>()?;
        // `N` were collected.
        items.try_into().map_err(|_| CodecError::Truncated { needed: N })
    }

    fn show(&self, out: &mut String) {
        out.push('[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            item.show(out);
        }
        out.push(']');
    }

    fn parse(json: &Json<'_>, at: &At<'_>) -> Result<Self, ShapeError> {
        let wrong = || at.expected(format!("a list of {N}"));
        let Json::List(items) = json else { return Err(wrong()) };
        if items.len() != N {
            return Err(wrong());
        }
        let items = items.iter().enumerate().map(|(index, item)| T::parse(item, &At::Item(at, index)));
        items.collect::<Result<Vec<T>, _>>()?.try_into().map_err(|_| wrong())
    }

    fn wipe(&mut self) {
        self.iter_mut().for_each(Wire::wipe);
    }
}
