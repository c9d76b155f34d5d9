//! The two groups: coordinates, endomorphisms and how a scalar is split along them.
//!
//! With z = |x| the curve's parameter and r = z⁴ − z² + 1: on G1 (βx, −y) is z²·P, on G2 −ψ(P) is z·P. A scalar in
//! [−r/2, r/2] therefore becomes two signed digits to the base z² (127 bits each), or four to the base z (63 bits each).

use ark_bls12_381::{Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine, G2Projective, g1::BETA};
use ark_ec::AffineRepr;
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, BigInteger, Field, MontFp, PrimeField};

use crate::field::{Base, Coordinate, quadratic::Prime, quadratic::Quadratic};

/// z = |x|.
const Z: u64 = 0xd201_0000_0001_0000;
/// z².
const Z2: u128 = Z as u128 * Z as u128;

/// Parts of a scalar at most.
pub(crate) const MAX_PARTS: usize = 4;

/// A digit of a scalar to the base of the endomorphism.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) magnitude: u128,
    pub(crate) negative: bool,
}

/// Multiplication by the base of the split: (x, y) → (cₓ·x̄, c_y·ȳ).
pub(crate) struct Endomorphism {
    pub(crate) coefficients: [[Fq; 2]; 2],
    /// Whether the coordinates are conjugated first.
    pub(crate) conjugate: bool,
}

/// G1 or G2.
pub(crate) trait Curve: 'static + Sync {
    /// Points of arkworks.
    type Affine: AffineRepr<ScalarField = Fr, Group = Self::Projective> + Send + Sync;
    /// Sums of arkworks.
    type Projective: CurveGroup<Affine = Self::Affine, ScalarField = Fr> + Send + Sync;
    /// Coordinates over a base field of a back end.
    type Coordinate<B: Base>: Coordinate<Base = B>;
    /// Elements of Fq in a coordinate.
    const DEGREE: usize;
    /// Parts of a scalar.
    const PARTS: usize;
    /// Windows must hold this many bits in all: one more than a part's magnitude has.
    const PART_BITS: u32;
    /// The parts of a scalar, lowest first.
    fn split(scalar: &Fr) -> [Part; MAX_PARTS];
    /// Multiplication by the base of the split.
    fn endomorphism() -> Endomorphism;
    /// x and y, or `None` for infinity.
    fn coordinates(point: &Self::Affine) -> Option<[[Fq; 2]; 2]>;
    /// A point of the curve; both coordinates 0 mean infinity.
    fn point(x: [Fq; 2], y: [Fq; 2]) -> Self::Affine;
}

/// The group over Fq.
pub(crate) struct G1;
/// The group over Fq².
pub(crate) struct G2;

impl Curve for G1 {
    type Affine = G1Affine;
    type Projective = G1Projective;
    type Coordinate<B: Base> = Prime<B>;
    const DEGREE: usize = 1;
    const PARTS: usize = 2;
    const PART_BITS: u32 = 128;

    fn split(scalar: &Fr) -> [Part; MAX_PARTS] {
        let (negative, words) = centred(scalar);
        let (high, low) = halves(words);
        [low.signed(negative), high.signed(negative), Part::default(), Part::default()]
    }

    fn endomorphism() -> Endomorphism {
        Endomorphism { coefficients: [[BETA, Fq::ZERO], [-Fq::ONE, Fq::ZERO]], conjugate: false }
    }

    fn coordinates(point: &G1Affine) -> Option<[[Fq; 2]; 2]> {
        let (x, y) = point.xy()?;
        Some([[x, Fq::ZERO], [y, Fq::ZERO]])
    }

    fn point(x: [Fq; 2], y: [Fq; 2]) -> G1Affine {
        if x[0] == Fq::ZERO && y[0] == Fq::ZERO { G1Affine::identity() } else { G1Affine::new_unchecked(x[0], y[0]) }
    }
}

/// 1/(u + 1)^((p−1)/3), the x coefficient of ψ: its u part, the other being 0.
const PSI_X: Fq = MontFp!(
    "4002409555221667392624310435006688643935503118305586438271171395842971157480381377015405980053539358417135540939437"
);
/// 1/(u + 1)^((p−1)/2), the y coefficient of ψ.
const PSI_Y: [Fq; 2] = [
    MontFp!(
        "2973677408986561043442465346520108879172042883009249989176415018091420807192182638567116318576472649347015917690530"
    ),
    MontFp!(
        "1028732146235106349975324479215795277384839936929757896155643118032610843298655225875571310552543014690878354869257"
    ),
];

impl Curve for G2 {
    type Affine = G2Affine;
    type Projective = G2Projective;
    type Coordinate<B: Base> = Quadratic<B>;
    const DEGREE: usize = 2;
    const PARTS: usize = 4;
    const PART_BITS: u32 = 64;

    fn split(scalar: &Fr) -> [Part; MAX_PARTS] {
        let (negative, words) = centred(scalar);
        let (high, low) = halves(words);
        let [high, low] = [high, low].map(|part| (part.negative, quarters(part.magnitude)));
        let signed = |(sign, part): (bool, Part)| part.signed(sign != negative);
        // high · z² + low, each = upper · z + lower.
        [(low.0, low.1.1), (low.0, low.1.0), (high.0, high.1.1), (high.0, high.1.0)].map(signed)
    }

    fn endomorphism() -> Endomorphism {
        let [c0, c1] = PSI_Y;
        Endomorphism { coefficients: [[Fq::ZERO, PSI_X], [-c0, -c1]], conjugate: true }
    }

    fn coordinates(point: &G2Affine) -> Option<[[Fq; 2]; 2]> {
        let (x, y) = point.xy()?;
        Some([[x.c0, x.c1], [y.c0, y.c1]])
    }

    fn point(x: [Fq; 2], y: [Fq; 2]) -> G2Affine {
        let [x, y] = [x, y].map(|[c0, c1]| Fq2::new(c0, c1));
        if x == Fq2::ZERO && y == Fq2::ZERO { G2Affine::identity() } else { G2Affine::new_unchecked(x, y) }
    }
}

impl Part {
    /// The part or, if `negate`, its negative.
    fn signed(self, negate: bool) -> Self {
        Self { negative: self.negative != negate, ..self }
    }

    /// A remainder in [0, base) and a quotient, rounded so that the remainder's magnitude is at most base/2.
    fn nearest(quotient: u128, remainder: u128, base: u128) -> (Self, Self) {
        let positive = |magnitude| Self { magnitude, negative: false };
        if remainder > base / 2 {
            (positive(quotient + 1), Self { magnitude: base - remainder, negative: true })
        } else {
            (positive(quotient), positive(remainder))
        }
    }
}

/// The scalar's representative in [−r/2, r/2]: sign and magnitude.
pub(crate) fn centred(scalar: &Fr) -> (bool, [u128; 2]) {
    let mut value = scalar.into_bigint();
    let negative = value > Fr::MODULUS_MINUS_ONE_DIV_TWO;
    if negative {
        let mut negated = Fr::MODULUS;
        negated.sub_with_borrow(&value);
        value = negated;
    }
    let [a, b, c, d] = value.0.map(u128::from);
    (negative, [a | b << 64, c | d << 64])
}

/// High half of the product of two 128-bit integers.
fn multiply_high(a: u128, b: u128) -> u128 {
    wide(a, b).1
}

/// (low, high) of the product of two 128-bit integers.
fn wide(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let ((a1, a0), (b1, b0)) = ((a >> 64, a & LOW), (b >> 64, b & LOW));
    let low = a0 * b0;
    let middle = a0 * b1 + (low >> 64);
    let other = a1 * b0 + (middle & LOW);
    (other << 64 | low & LOW, a1 * b1 + (middle >> 64) + (other >> 64))
}

/// value = high · z² + low, |low| ≤ z²/2, for a value of at most 254 bits.
fn halves(value: [u128; 2]) -> (Part, Part) {
    /// ⌊2²⁵⁵/z²⌋.
    const RECIPROCAL: u128 = reciprocal();
    // ⌊value/2¹²⁷⌋ · ⌊2²⁵⁵/z²⌋/2¹²⁸ is at most 3 below the quotient.
    let mut quotient = multiply_high(value[1] << 1 | value[0] >> 127, RECIPROCAL);
    let (low, high) = wide(quotient, Z2);
    let (mut remainder, borrow) = value[0].overflowing_sub(low);
    let mut above = value[1] - high - u128::from(borrow);
    while above > 0 || remainder >= Z2 {
        let (less, borrow) = remainder.overflowing_sub(Z2);
        remainder = less;
        above -= u128::from(borrow);
        quotient += 1;
    }
    Part::nearest(quotient, remainder, Z2)
}

const fn reciprocal() -> u128 {
    // Long division of 2²⁵⁵ by z², bit by bit; the partial remainder stays below 2z² < 2¹²⁹.
    let (mut quotient, mut remainder, mut bit) = (0_u128, 1_u128, 0);
    while bit < 255 {
        let over = remainder >> 127 == 1;
        remainder <<= 1;
        quotient <<= 1;
        if over || remainder >= Z2 {
            remainder = remainder.wrapping_sub(Z2);
            quotient |= 1;
        }
        bit += 1;
    }
    quotient
}

/// value = high · z + low, |low| ≤ z/2, for a value below 2¹²⁷.
fn quarters(value: u128) -> (Part, Part) {
    const RECIPROCAL: u128 = (1 << 127) / Z as u128;
    let mut quotient = ((value >> 64) * RECIPROCAL) >> 63;
    let mut remainder = value - quotient * u128::from(Z);
    while remainder >= u128::from(Z) {
        remainder -= u128::from(Z);
        quotient += 1;
    }
    Part::nearest(quotient, remainder, u128::from(Z))
}
