//! What a key file holds after its header.
//!
//! Verifying key length (4) ‖ fast form (4; 0 or 1) ‖ domain size (8), big-endian ‖ verifying key ‖ matrices ‖ β·G₁, δ·G₁ ‖ A ‖ B₁ ‖ H ‖ L ‖ B₂
//! ‖ (fast form: the sums a, b, c). Each part is padded with zeros to 64 bytes. From the matrices on integers are little-endian, 4 bytes each.
//!
//! Matrices: public inputs ‖ variables ‖ rows ‖ coefficients ‖ per matrix its row starts (rows + 1) and terms (variable ‖ coefficient's number) ‖
//! coefficients. A sum: variables ‖ window bits ‖ sets ‖ copies ‖ the variables ‖ padding ‖ its bases, copy by copy. Points and coefficients
//! are Montgomery limbs, little-endian, all zero for the identity; the same on every machine, whatever lanes compute with them.

use crate::engine::rows::{Rows, Sparse};
use crate::engine::sums::{Sum, Summed, Sums};
use crate::key::{Parameters, Plain, PlainFile};
use crate::points::{self, Coordinate, Raw};
use crate::problem::KeyProblem;
use crate::stored::{Bytes, Stored};
use crate::{Lanes, ProvingKey, TableSetting};
use ark_bls12_381::{FrConfig, G1Affine};
use ark_ff::{BigInt, MontConfig};
use privity_arith::Layout;
use privity_arith::ntt::Domain;
use privity_circuits::Fr;
use privity_verifier::VerifyingKey;
use rayon::prelude::*;
use std::ops::Range;

/// Alignment of parts.
const ALIGN: usize = 64;
/// Bytes of a scalar.
const SCALAR: usize = 32;
/// Terms or scalars that a thread reads at a time, at least.
const CHUNK: usize = 1 << 13;

pub(crate) fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(ALIGN), 0);
}

pub(crate) fn encode(key: &ProvingKey, tables: TableSetting, lanes: Lanes) -> Vec<u8> {
    let verifying = key.verifying().key().to_bytes();
    let p = key.parameters();
    let mut body = Vec::new();
    body.extend((verifying.len() as u32).to_be_bytes());
    body.extend(u32::from(key.is_fast()).to_be_bytes());
    body.extend((key.domain().size() as u64).to_be_bytes());
    body.extend(verifying);
    pad(&mut body);
    write_rows(&mut body, key.rows());
    for query in [&[p.beta_g1, p.delta_g1], &p.a_query[..], &p.b_g1_query, &p.h_query, &p.l_query] {
        write_points(&mut body, query);
    }
    write_points(&mut body, &p.b_g2_query);
    if let Some(Sums { a, b, c }) = key.sums() {
        write_sum(&mut body, a, tables, lanes);
        write_sum(&mut body, b, tables, lanes);
        write_sum(&mut body, c, tables, lanes);
    }
    body
}

fn write_points<P: Raw>(body: &mut Vec<u8>, points: &[ark_ec::short_weierstrass::Affine<P>])
where
    P::BaseField: Coordinate,
{
    points::write(body, points);
    pad(body);
}

fn write_integers(body: &mut Vec<u8>, integers: impl IntoIterator<Item = u32>) {
    integers.into_iter().for_each(|integer| body.extend(integer.to_le_bytes()));
}

fn write_rows(body: &mut Vec<u8>, rows: &Rows) {
    let counts = [rows.num_inputs, rows.num_variables, rows.count, rows.coefficients.len()];
    write_integers(body, counts.map(|count| count as u32));
    for matrix in [&rows.a, &rows.b, &rows.c] {
        write_integers(body, matrix.starts.iter().copied());
        write_integers(body, matrix.terms.iter().flat_map(|(variable, number)| [*variable, *number]));
    }
    for coefficient in &rows.coefficients {
        coefficient.0.0.iter().for_each(|limb| body.extend(limb.to_le_bytes()));
    }
    pad(body);
}

fn write_sum<P: Summed>(body: &mut Vec<u8>, sum: &Sum<P>, tables: TableSetting, lanes: Lanes)
where
    P::BaseField: Coordinate,
{
    let layout = P::layout(sum.length(), tables);
    let counts = [sum.variables.len() as u32, layout.bits, layout.sets, layout.levels];
    write_integers(body, counts.into_iter().chain(sum.variables.iter().copied()));
    pad(body);
    write_points(body, &P::copies(&sum.table(tables, lanes)));
}

/// The key whose body starts at `start` of `file`.
pub(crate) fn decode(file: &Bytes, start: usize) -> Result<ProvingKey, KeyProblem> {
    let mut reader = Reader::new((**file).as_ref(), start);
    let length = u32::from_be_bytes(reader.array()?) as usize;
    let fast = u32::from_be_bytes(reader.array()?);
    let size = usize::try_from(u64::from_be_bytes(reader.array()?)).ok();
    let key = VerifyingKey::from_bytes(reader.take(length)?)?;
    reader.align()?;
    let rows = reader.rows()?;
    let domain = size.filter(|size| *size >= rows.size()).and_then(Domain::of_size).ok_or(KeyProblem::Elements)?;
    if fast > 1 || key.num_inputs() != rows.num_inputs {
        return Err(KeyProblem::Elements);
    }
    let (variables, aux) = (rows.num_variables, rows.num_variables - rows.num_inputs - 1);
    let fixed = reader.points(2, G1)?;
    let fixed: Vec<G1Affine> = points::read(&reader.bytes[fixed]);
    let [a, b1] = [reader.points(variables, G1)?, reader.points(variables, G1)?];
    let [h, l] = [reader.points(domain.size() - 1, G1)?, reader.points(aux, G1)?];
    let b2 = reader.points(variables, G2)?;
    let sums = match fast {
        0 => None,
        _ => Some(Sums {
            a: reader.sum(file, variables, 1)?,
            b: reader.sum(file, variables, 2)?,
            c: reader.sum(file, variables, domain.size())?,
        }),
    };
    if reader.at != reader.bytes.len() {
        return Err(KeyProblem::Elements);
    }
    let elements = key.elements();
    let vk = ark_groth16::VerifyingKey {
        alpha_g1: elements.alpha,
        beta_g2: elements.beta,
        gamma_g2: elements.gamma,
        delta_g2: elements.delta,
        gamma_abc_g1: elements.ic.clone(),
    };
    let read = move |file: &Bytes| {
        let bytes = (**file).as_ref();
        let g1 = |range: &Range<usize>| points::read(&bytes[range.clone()]);
        Parameters {
            vk: vk.clone(),
            beta_g1: fixed[0],
            delta_g1: fixed[1],
            a_query: g1(&a),
            b_g1_query: g1(&b1),
            b_g2_query: points::read(&bytes[b2.clone()]),
            h_query: g1(&h),
            l_query: g1(&l),
        }
    };
    let plain = Plain::File(PlainFile::new(file.clone(), Box::new(read)));
    Ok(ProvingKey::assemble(rows, domain, plain, sums, key))
}

const G1: usize = <ark_bls12_381::g1::Config as Raw>::BYTES;
const G2: usize = <ark_bls12_381::g2::Config as Raw>::BYTES;

/// Reads a file from its start to its end.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], KeyProblem> {
        let end = self.at.saturating_add(length);
        let (expected, found) = (end as u64, self.bytes.len() as u64);
        let taken = self.bytes.get(self.at..end).ok_or(KeyProblem::Truncated { expected, found })?;
        self.at = end;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], KeyProblem> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// Skips padding, which must be 0.
    pub(crate) fn align(&mut self) -> Result<(), KeyProblem> {
        let padding = self.take(self.at.next_multiple_of(ALIGN) - self.at)?;
        if padding.iter().any(|byte| *byte != 0) { Err(KeyProblem::Elements) } else { Ok(()) }
    }

    /// Where `count` points of `size` bytes lie; their coordinates are in range.
    fn points(&mut self, count: usize, size: usize) -> Result<Range<usize>, KeyProblem> {
        let start = self.at;
        let taken = self.take(count.saturating_mul(size))?;
        if !points::in_range(taken) {
            return Err(KeyProblem::Elements);
        }
        let range = start..self.at;
        self.align()?;
        Ok(range)
    }

    fn integer(&mut self) -> Result<usize, KeyProblem> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    fn integers(&mut self, count: usize) -> Result<Vec<u32>, KeyProblem> {
        let words = self.take(count.saturating_mul(4))?.as_chunks().0;
        Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }

    fn rows(&mut self) -> Result<Rows, KeyProblem> {
        let [num_inputs, num_variables] = [self.integer()?, self.integer()?];
        let [count, numbers] = [self.integer()?, self.integer()?];
        if num_inputs >= num_variables || numbers < 2 {
            return Err(KeyProblem::Elements);
        }
        let mut matrix = || self.matrix(count, num_variables, numbers);
        let (a, b, c) = (matrix()?, matrix()?, matrix()?);
        let coefficients = self.take(numbers.saturating_mul(SCALAR))?.as_chunks().0;
        let scalars: Vec<_> = coefficients.par_iter().with_min_len(CHUNK).map(scalar).collect();
        if scalars.par_iter().with_min_len(CHUNK).any(|limbs| *limbs >= FrConfig::MODULUS) {
            return Err(KeyProblem::Elements);
        }
        self.align()?;
        let coefficients = scalars.into_par_iter().with_min_len(CHUNK).map(Fr::new_unchecked).collect();
        Ok(Rows { a, b, c, coefficients, count, num_inputs, num_variables })
    }

    fn matrix(&mut self, count: usize, variables: usize, coefficients: usize) -> Result<Sparse, KeyProblem> {
        let starts = self.integers(count + 1)?;
        let total = starts[count] as usize;
        if starts[0] != 0 || !starts.is_sorted() {
            return Err(KeyProblem::Elements);
        }
        let words = self.take(total.saturating_mul(8))?.as_chunks::<8>().0;
        let term = |word: &[u8; 8]| {
            let word = u64::from_le_bytes(*word);
            (word as u32, (word >> 32) as u32)
        };
        let terms: Vec<_> = words.par_iter().with_min_len(CHUNK).map(term).collect();
        let fits =
            |(variable, number): &(u32, u32)| (*variable as usize) < variables && (*number as usize) < coefficients;
        if terms.par_iter().with_min_len(CHUNK).all(fits) {
            Ok(Sparse { starts, terms })
        } else {
            Err(KeyProblem::Elements)
        }
    }

    /// A sum over some of `variables` and over `others` bases more.
    fn sum<P: Summed>(&mut self, file: &Bytes, variables: usize, others: usize) -> Result<Sum<P>, KeyProblem>
    where
        P::BaseField: Coordinate,
    {
        let count = self.integer()?;
        let mut word = || self.integer().map(|word| word as u32);
        let layout = Layout { bits: word()?, sets: word()?, levels: word()? };
        let used = self.integers(count)?;
        self.align()?;
        if used.iter().any(|variable| *variable as usize >= variables) || layout.levels == 0 {
            return Err(KeyProblem::Elements);
        }
        let points = (count + others).saturating_mul(layout.levels as usize);
        let range = self.points(points, P::BYTES)?;
        Ok(Sum { variables: used, others, layout, points: Stored::File(file.clone(), range) })
    }
}

fn scalar(bytes: &[u8; SCALAR]) -> BigInt<4> {
    let mut limbs = [0; SCALAR / 8];
    for (limb, word) in limbs.iter_mut().zip(bytes.as_chunks().0) {
        *limb = u64::from_le_bytes(*word);
    }
    BigInt(limbs)
}
