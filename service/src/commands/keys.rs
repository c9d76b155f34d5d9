//! `privity keys …`

use super::circuits;
use crate::answer::Answer;
use crate::cli::keys::{Format, Keys, Relation};
use crate::env::Env;
use crate::error::{Code, Failure};
use crate::files;
use crate::keyring::KeyRing;
use clap::ValueEnum;
use privity_circuits::Relation as _;
use privity_circuits::capacity::Capacity;
use privity_circuits::disclose::Disclose;
use privity_circuits::mint::Mint;
use privity_circuits::price::Price;
use privity_circuits::release::Release;
use privity_circuits::transfer::{Transfer2x3, Transfer7x2};
use privity_prover::{Control, Lanes, ProvingKey, cpu_features, verifying_key_json};
use privity_verifier::{Pairings, PreparedKey, VerifyingKey};
use serde_json::Value;
use std::path::Path;

/// Runs `$body` with `$circuit` naming the relation's type.
macro_rules! with_circuit {
    ($relation:expr, $circuit:ident => $body:expr) => {
        match $relation {
            Relation::Mint => {
                type $circuit = Mint;
                $body
            }
            Relation::Transfer => {
                type $circuit = Transfer2x3;
                $body
            }
            Relation::Consolidation => {
                type $circuit = Transfer7x2;
                $body
            }
            Relation::Capacity => {
                type $circuit = Capacity;
                $body
            }
            Relation::Price => {
                type $circuit = Price;
                $body
            }
            Relation::Release => {
                type $circuit = Release;
                $body
            }
            Relation::Disclose => {
                type $circuit = Disclose;
                $body
            }
        }
    };
}
pub(super) use with_circuit;

pub(super) fn run(env: &Env, command: Keys) -> Result<Answer, Failure> {
    match command {
        Keys::Generate { relations } => generate(env, &named(&relations)),
        Keys::List => Ok(list(env)),
        Keys::Export { relation, out, format } => export(env, relation, &out, format),
        Keys::Import { relation, file, ceremony } => import(env, relation, &file, ceremony),
        Keys::Circuits { relations, markdown } => Ok(circuits::show(&named(&relations), markdown)),
    }
}

/// The relations named, or all.
pub(super) fn named(relations: &[Relation]) -> Vec<Relation> {
    if relations.is_empty() { Relation::value_variants().to_vec() } else { relations.to_vec() }
}

/// The name and version of a relation.
pub(super) fn name(relation: Relation) -> &'static str {
    with_circuit!(relation, C => C::NAME)
}

/// The relation's verifying key, made if need be.
pub(super) fn verifying(ring: &mut KeyRing, relation: Relation) -> Result<PreparedKey, Failure> {
    Ok(with_circuit!(relation, C => ring.key::<C>()?.verifying().clone()))
}

fn generate(env: &Env, relations: &[Relation]) -> Result<Answer, Failure> {
    let mut ring = env.keyring();
    for relation in relations {
        verifying(&mut ring, *relation)?;
    }
    Ok(list(env))
}

fn row(key: &VerifyingKey) -> Vec<Value> {
    let kind = if key.is_development() { "development" } else { "ceremony" };
    vec![key.relation().into(), key.id().to_string().into(), kind.into(), key.num_inputs().into()]
}

fn list(env: &Env) -> Answer {
    let ring = env.keyring();
    let mut rows = Vec::new();
    for relation in Relation::value_variants() {
        rows.push(match ring.store().load_verifying(name(*relation)) {
            Ok(key) => row(&key),
            Err(error) => vec![name(*relation).into(), Value::Null, error.problem.to_string().into(), Value::Null],
        });
    }
    let answer = Answer::new().shown("directory", env.home.keys.display()).shown("engine", env.engine);
    let answer = answer.field("processor", cpu_features().join(" ")).shown("pairings", Pairings::FASTEST);
    let answer = match Lanes::detect_with_warnings().refused {
        Some(error) => answer.shown("warning", error),
        None => answer,
    };
    answer.rows("keys", &["relation", "key_id", "kind", "inputs"], rows)
}

fn export(env: &Env, relation: Relation, out: &Path, format: Format) -> Result<Answer, Failure> {
    let store = env.keyring().store().clone();
    let key = store.load_verifying(name(relation))?;
    let bytes = match format {
        Format::Snarkjs => format!("{:#}\n", verifying_key_json(&key)).into_bytes(),
        Format::Bytes => key.to_bytes(),
        Format::Ark => with_circuit!(relation, C => store.load::<C>(&Control::default())?.to_ark_bytes()),
    };
    files::replace(out, &bytes)?;
    Ok(Answer::new().shown("key_id", key.id()).shown("file", out.display()))
}

fn import(env: &Env, relation: Relation, file: &Path, ceremony: bool) -> Result<Answer, Failure> {
    let store = env.keyring().store().clone();
    let place = store.proving_path(name(relation));
    if place.exists() {
        let text = format!("{} is there already; move it away: who proves under it needs it", place.display());
        return Err(Failure::new(Code::Usage, text));
    }
    let bytes = std::fs::read(file).map_err(|error| files::io(file, &error))?;
    let key = with_circuit!(relation, C => ProvingKey::from_ark_bytes::<C>(&bytes, !ceremony)?);
    store.save(&key, &Control::default())?;
    Ok(Answer::new().shown("key_id", key.id()).shown("file", place.display()))
}
