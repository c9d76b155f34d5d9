//! Attacks on one proof type, from its layout alone.
//!
//! Every part of the message and every element of the statement is exchanged for another valid one: the challenges drawn after it
//! must change, those before it must not, and verification must fail. Then come identities, encodings that are not canonical,
//! other lengths, and random damage.

use super::challenges;
use crate::range::BITS;
use crate::{Error, Point};
use curve25519_dalek::Scalar;
use curve25519_dalek::ristretto::RistrettoPoint;
use privity_circuits::{Fr, field};
use rand::Rng;
use rand_chacha::ChaCha20Rng;
use std::boxed::Box;
use std::vec::Vec;

/// What a part of a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Compared with what the verifier knows before any challenge is drawn.
    Id,
    /// A Ristretto point, 32 bytes.
    Point,
    /// A Ristretto scalar, 32 bytes little-endian.
    Scalar,
    /// An element of F, 32 bytes big-endian.
    Field,
    /// Bytes without a meaning of their own, or integers.
    Bytes,
}

/// A part of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) bytes: usize,
    pub(crate) kind: Kind,
    /// Challenges that are drawn before it is absorbed.
    pub(crate) stage: usize,
}

/// A part of `bytes` bytes that is absorbed after `stage` challenges.
pub(crate) fn part(name: &'static str, bytes: usize, kind: Kind, stage: usize) -> Part {
    Part { name, bytes, kind, stage }
}

/// The parts of a range proof over `parties` values.
pub(crate) fn range_parts(parties: usize, stage: usize) -> Vec<Part> {
    let words = |name, count, kind| core::iter::repeat_n(part(name, 32, kind, stage), count);
    words("A, S, T₁, T₂", 4, Kind::Point)
        .chain(words("evaluation", 3, Kind::Scalar))
        .chain(words("folding", 2 * (BITS * parties).ilog2() as usize, Kind::Point))
        .chain(words("folded", 2, Kind::Scalar))
        .collect()
}

/// Decodes and verifies.
pub(crate) type Verify<'a> = Box<dyn Fn(&[u8]) -> Result<(), Error> + 'a>;

/// A message with its verifier.
pub(crate) struct Subject<'a> {
    pub(crate) name: &'static str,
    /// An honest message.
    pub(crate) bytes: Vec<u8>,
    /// Its layout, without gaps.
    pub(crate) parts: Vec<Part>,
    /// Decodes and verifies under the honest statement.
    pub(crate) verify: Verify<'a>,
    /// Element of the statement → the message, with ids brought in line, and the verifier under the statement that differs there.
    pub(crate) others: Vec<(&'static str, Vec<u8>, Verify<'a>)>,
}

impl Subject<'_> {
    fn try_bytes(&self, bytes: &[u8]) -> (Result<(), Error>, Vec<Vec<u8>>) {
        challenges(|| (self.verify)(bytes))
    }
}

/// Runs all attacks; `damaged` random messages at the end.
pub(crate) fn attack(subject: &Subject<'_>, damaged: usize, rng: &mut ChaCha20Rng) {
    let (verdict, honest) = subject.try_bytes(&subject.bytes);
    assert_eq!(verdict, Ok(()), "{}: the honest message is refused", subject.name);
    assert!(!honest.is_empty(), "{}: no challenge is drawn", subject.name);
    let length: usize = subject.parts.iter().map(|part| part.bytes).sum();
    assert_eq!(length, subject.bytes.len(), "{}: the layout has gaps", subject.name);

    let mut at = 0;
    for part in &subject.parts {
        let range = at..at + part.bytes;
        at = range.end;
        for other in exchanged(&subject.bytes[range.clone()], part.kind, rng) {
            let mut bytes = subject.bytes.clone();
            bytes[range.clone()].copy_from_slice(&other);
            let (verdict, drawn) = subject.try_bytes(&bytes);
            assert!(verdict.is_err(), "{}: another {} is accepted", subject.name, part.name);
            if part.kind != Kind::Id {
                assert_bound(&format!("{}: {} before byte {at}", subject.name, part.name), &honest, &drawn, part.stage);
            }
        }
        for other in malformed(&subject.bytes[range.clone()], part.kind) {
            let mut bytes = subject.bytes.clone();
            bytes[range.clone()].copy_from_slice(&other);
            let verdict = (subject.verify)(&bytes);
            assert!(verdict.is_err(), "{}: a malformed {} is accepted", subject.name, part.name);
        }
    }
    for (name, bytes, verify) in &subject.others {
        let (verdict, drawn) = challenges(|| verify(bytes));
        assert!(verdict.is_err(), "{}: holds for another {name}", subject.name);
        assert_bound(&format!("{}: statement's {name}", subject.name), &honest, &drawn, 0);
    }
    let longer = [subject.bytes.as_slice(), &[0]].concat();
    assert!((subject.verify)(&longer).is_err(), "{}: a trailing byte is accepted", subject.name);
    for length in 0..subject.bytes.len() {
        assert!((subject.verify)(&subject.bytes[..length]).is_err(), "{}: truncated to {length}", subject.name);
    }
    for _ in 0..damaged {
        let bytes = damage(&subject.bytes, rng);
        let same = bytes == subject.bytes;
        assert_eq!((subject.verify)(&bytes).is_ok(), same, "{}: damage is accepted: {bytes:x?}", subject.name);
    }
}

/// The challenges before `stage` are the honest ones, those from it on are not, and there is one.
fn assert_bound(what: &str, honest: &[Vec<u8>], drawn: &[Vec<u8>], stage: usize) {
    assert!(drawn.len() > stage, "{what}: refused before a challenge that would bind it was drawn");
    for (index, (old, new)) in honest.iter().zip(drawn).enumerate() {
        assert_eq!(old == new, index < stage, "{what}: challenge {index}");
    }
}

/// Other valid values of the kind.
fn exchanged(old: &[u8], kind: Kind, rng: &mut ChaCha20Rng) -> Vec<Vec<u8>> {
    match kind {
        Kind::Point => {
            let negated = point(old).map(|point| -point);
            let points = [Some(RistrettoPoint::random(rng)), negated, point(old).map(|point| point + point)];
            points.iter().flatten().map(|point| point.compress().as_bytes().to_vec()).collect()
        }
        Kind::Scalar => {
            let scalars = [Scalar::random(rng), Scalar::ZERO, Scalar::ONE, -Scalar::ONE];
            scalars.iter().map(|scalar| scalar.as_bytes().to_vec()).filter(|bytes| bytes != old).collect()
        }
        Kind::Field => {
            let value = field::from_bytes(old).unwrap();
            [value + Fr::from(1u64), -value].iter().map(|x| field::to_bytes(x).to_vec()).collect()
        }
        Kind::Id | Kind::Bytes => [0, old.len() / 2, old.len() - 1]
            .iter()
            .map(|&index| {
                let mut bytes = old.to_vec();
                bytes[index] ^= 1 << rng.gen_range(0..8);
                bytes
            })
            .collect(),
    }
}

fn point(bytes: &[u8]) -> Option<RistrettoPoint> {
    Point::from_bytes(bytes.try_into().ok()?).ok().map(|point| point.point())
}

/// Identities, and encodings that are not canonical.
fn malformed(old: &[u8], kind: Kind) -> Vec<Vec<u8>> {
    // ℓ = 2^252 + 27742317777372353535851937790883648493, little-endian.
    let mut order = (-Scalar::ONE).to_bytes();
    order[0] += 1;
    let scalar_plus_order = || {
        let mut carry = 0u16;
        let sum = old.iter().zip(order).map(|(x, y)| {
            carry += u16::from(*x) + u16::from(y);
            let digit = carry as u8;
            carry >>= 8;
            digit
        });
        sum.collect::<Vec<u8>>()
    };
    // The encoding of x as p − x, which decodes to the same square but is "negative".
    let negative = |bytes: &[u8]| {
        let mut p = [0xffu8; 32];
        (p[0], p[31]) = (0xed, 0x7f);
        let mut borrow = 0i16;
        let difference = p.iter().zip(bytes).map(|(x, y)| {
            let digit = i16::from(*x) - i16::from(*y) - borrow;
            borrow = i16::from(digit < 0);
            digit as u8
        });
        difference.collect::<Vec<u8>>()
    };
    match kind {
        Kind::Point => std::vec![std::vec![0; 32], std::vec![0xff; 32], negative(old)],
        Kind::Scalar => std::vec![scalar_plus_order(), order.to_vec(), std::vec![0xff; 32]],
        Kind::Field => std::vec![std::vec![0xff; 32]],
        Kind::Id | Kind::Bytes => Vec::new(),
    }
}

/// A bit, a byte, a word moved, bytes left out or put in.
fn damage(honest: &[u8], rng: &mut ChaCha20Rng) -> Vec<u8> {
    let mut bytes = honest.to_vec();
    for _ in 0..rng.gen_range(1..4) {
        let at = rng.gen_range(0..bytes.len());
        match rng.gen_range(0..6) {
            0 | 1 => bytes[at] ^= 1 << rng.gen_range(0..8),
            2 => bytes[at] = rng.r#gen(),
            3 => {
                let from = rng.gen_range(0..=bytes.len() - 32);
                let to = rng.gen_range(0..=bytes.len() - 32);
                bytes.copy_within(from..from + 32, to);
            }
            4 if bytes.len() > 33 => drop(bytes.remove(at)),
            _ => bytes.insert(at, rng.r#gen()),
        }
    }
    bytes
}
