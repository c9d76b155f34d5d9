//! Proving keys in memory.

use crate::apart::apart;
use crate::engine::queries::Queries;
use crate::engine::rows::Rows;
use crate::engine::sums::Sums;
use crate::stored::Bytes;
use ark_bls12_381::Bls12_381;
use ark_relations::gr1cs::Matrix;
use privity_arith::ntt::Domain;
use privity_circuits::r1cs::Shape;
use privity_circuits::{Circuit, Fr};
use privity_verifier::groth16::Elements;
use privity_verifier::{KeyError, KeyId, PreparedKey, VerifyingKey};
use std::sync::OnceLock;

pub(crate) type Parameters = ark_groth16::ProvingKey<Bls12_381>;

/// Everything that proving one relation takes: the circuit's matrices, the set-up's elements and the verifying key.
///
/// Matrices are made once per key; linear combinations in them are over variables only, so that nothing is inlined per proof.
pub struct ProvingKey {
    rows: Rows,
    matrices: OnceLock<Vec<Matrix<Fr>>>,
    domain: Domain,
    plain: Plain,
    sums: Option<Sums>,
    verifying: PreparedKey,
}

/// ark's elements: in memory, or in a file until somebody asks.
pub(crate) enum Plain {
    Memory(Box<Parameters>),
    File(Box<PlainFile>),
}

/// Elements that lie in a file.
pub(crate) struct PlainFile {
    file: Bytes,
    read: Box<dyn Fn(&Bytes) -> Parameters + Send + Sync>,
    parameters: OnceLock<Parameters>,
}

impl PlainFile {
    /// What `read` gives of `file`, once it is wanted.
    pub(crate) fn new(file: Bytes, read: Box<dyn Fn(&Bytes) -> Parameters + Send + Sync>) -> Box<Self> {
        Box::new(Self { file, read, parameters: OnceLock::new() })
    }
}

/// Why a foreign key is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The queries' lengths are not those of the circuit.
    #[error("the queries do not have the circuit's lengths; use the key that was made for this relation and version")]
    Queries,
    /// Not the bytes of a key, or a point that is none.
    #[error(
        "not an uncompressed proving key of ark-groth16 over BLS12-381, or a point in it is not of its group; export it again"
    )]
    Bytes,
    /// The verifying key inside is refused.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The elements of a set-up, and the domain that they belong to.
pub(crate) struct SetUp {
    pub(crate) domain: Domain,
    pub(crate) parameters: Parameters,
    pub(crate) queries: Option<Queries>,
}

impl ProvingKey {
    /// The key of a circuit of `shape` with the elements of `setup`.
    pub(crate) fn new(relation: &str, shape: &Shape, development: bool, setup: SetUp) -> Result<Self, KeyError> {
        let vk = &setup.parameters.vk;
        let elements = Elements {
            alpha: vk.alpha_g1,
            beta: vk.beta_g2,
            gamma: vk.gamma_g2,
            delta: vk.delta_g2,
            ic: vk.gamma_abc_g1.clone(),
        };
        let key = VerifyingKey::new(relation, shape.digest(), development, shape.num_inputs, elements)?;
        let SetUp { domain, parameters, queries } = setup;
        let sums = queries.map(|queries| Sums::new(&parameters, &queries, &domain));
        Ok(Self::assemble(Rows::new(shape), domain, Plain::Memory(Box::new(parameters)), sums, key))
    }

    /// A key that ark-groth16 made for `C`'s rows, in order, with its own reduction or [`FittingReduction`](crate::FittingReduction). It has no elements for the fast form, so
    /// that the engine proves in plain form with it. [`parameters`](Self::parameters) is the way back. Queries are not checked point by
    /// point: one that does not belong gives proofs that do not verify.
    ///
    /// # Errors
    /// [`ImportError`] if the queries have other lengths than the circuit's, or the verifying key is refused.
    pub fn from_ark<C: Circuit>(parameters: Parameters, development: bool) -> Result<Self, ImportError> {
        let shape = Shape::of::<C>();
        // The smallest power of two, or the smallest domain of all.
        let domains = [Domain::power_of_two(shape.size()), Domain::fitting(shape.size())];
        let length = parameters.h_query.len();
        let domain = domains.into_iter().flatten().find(|domain| domain.size() - 1 == length);
        let domain = domain.ok_or(ImportError::Queries)?;
        let (variables, aux) = (shape.num_variables, shape.num_variables - shape.num_inputs - 1);
        let p = &parameters;
        let found = [&p.a_query, &p.b_g1_query, &p.l_query].map(Vec::len);
        if found != [variables, variables, aux] || p.b_g2_query.len() != variables {
            return Err(ImportError::Queries);
        }
        Ok(Self::new(C::NAME, &shape, development, SetUp { domain, parameters, queries: None })?)
    }

    /// The parts must belong together: the file's hash or the set-up says so.
    pub(crate) fn assemble(rows: Rows, domain: Domain, plain: Plain, sums: Option<Sums>, key: VerifyingKey) -> Self {
        Self { rows, matrices: OnceLock::new(), domain, plain, sums, verifying: PreparedKey::new(key) }
    }

    /// The relation's name and version.
    pub fn relation(&self) -> &str {
        self.verifying.key().relation()
    }

    /// The id of the verifying key.
    pub fn id(&self) -> KeyId {
        self.verifying.id()
    }

    /// The verifying key, ready to verify.
    pub fn verifying(&self) -> &PreparedKey {
        &self.verifying
    }

    /// Public inputs, the constant 1 not counted.
    pub fn num_inputs(&self) -> usize {
        self.verifying.key().num_inputs()
    }

    /// Length of z = (1, public inputs, witness).
    pub fn num_variables(&self) -> usize {
        self.rows.num_variables
    }

    /// Rows of the circuit.
    pub fn num_constraints(&self) -> usize {
        self.rows.count
    }

    /// Matrices A, B, C, a row being its terms (coefficient, variable). For back ends.
    pub fn matrices(&self) -> &[Matrix<Fr>] {
        self.matrices.get_or_init(|| self.rows.to_ark())
    }

    /// The domain of the circuit's polynomials.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The set-up's elements as ark-groth16 has them, read from the key's file at the first call. For back ends.
    pub fn parameters(&self) -> &ark_groth16::ProvingKey<Bls12_381> {
        match &self.plain {
            Plain::Memory(parameters) => parameters,
            Plain::File(plain) => plain.parameters.get_or_init(|| apart(|| (plain.read)(&plain.file))),
        }
    }

    /// Whether the key has the elements of the engine's fast form.
    pub fn is_fast(&self) -> bool {
        self.sums.is_some()
    }

    pub(crate) fn sums(&self) -> Option<&Sums> {
        self.sums.as_ref()
    }

    pub(crate) fn rows(&self) -> &Rows {
        &self.rows
    }
}

impl core::fmt::Debug for ProvingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ProvingKey({}, {})", self.relation(), self.id())
    }
}
