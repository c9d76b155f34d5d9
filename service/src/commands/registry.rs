//! `privity register …`, `revoke …`, `member …`, `policy …`: what the operator enters.

use super::keys::{named, verifying};
use super::ledger::fee;
use crate::answer::Answer;
use crate::cli::registry::{Member, Policy, Register, Revoke};
use crate::directory::{self, Directory, parse, public_key};
use crate::env::{Env, settled};
use crate::error::{Code, Failure};
use crate::files;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::SignerId;
use privity_circuits::schnorr::Signature;
use privity_ledger::{Admission, Codec, EntryBody, Ledger, NO_END, Name, Registration, Revocation};
use privity_verifier::VerifyingKey;
use privity_wallet::Account;
use rand::rngs::OsRng;

/// Has the operator sign and enter `body`.
fn enter(env: &Env, ledger: &Ledger, body: EntryBody) -> Result<Answer, Failure> {
    Ok(settled(&ledger.enter(body, env.now)?))
}

pub(super) fn register(env: &Env, command: Register) -> Result<Answer, Failure> {
    let registration = match command {
        Register::Signer { key } => Registration::Signer(public_key(&key)?),
        Register::Token { name, issuer } => {
            let (name, issuer) = (Name::new(&name)?, parse::<SignerId>(&issuer)?);
            let asset = AssetId::token(issuer, name.as_str());
            let body = EntryBody::Register(Registration::Token { issuer, name });
            return Ok(enter(env, &env.operated()?, body)?.shown("asset", asset));
        }
        Register::Key { relations, all, file, ends } => {
            let keys = match file {
                Some(path) => {
                    let key = VerifyingKey::from_bytes(&files::read(&path)?);
                    vec![key.map_err(|error| Failure::from(error).in_file(&path))?]
                }
                None if relations.is_empty() && !all => {
                    return Err(Failure::new(Code::Usage, "no key is named; name relations, --all or --file"));
                }
                None => own_keys(env, &relations)?,
            };
            return register_keys(env, keys, ends.unwrap_or(NO_END));
        }
        Register::Certifier { id } => Registration::Certifier(parse(&id)?),
        Register::Operator { key } => Registration::Operator(public_key(&key)?),
    };
    let id = match &registration {
        Registration::Signer(key) | Registration::Operator(key) => SignerId::of(key),
        Registration::Certifier(id) => *id,
        Registration::Token { issuer, .. } => *issuer,
        Registration::Key { .. } => SignerId::NONE,
    };
    Ok(enter(env, &env.operated()?, EntryBody::Register(registration))?.shown("signer", id))
}

fn own_keys(env: &Env, relations: &[crate::cli::keys::Relation]) -> Result<Vec<VerifyingKey>, Failure> {
    let mut ring = env.keyring();
    named(relations).into_iter().map(|relation| Ok(verifying(&mut ring, relation)?.key().clone())).collect()
}

fn register_keys(env: &Env, keys: Vec<VerifyingKey>, ends: u64) -> Result<Answer, Failure> {
    let ledger = env.operated()?;
    let mut rows = Vec::new();
    for key in keys {
        let (relation, id) = (key.relation().to_owned(), key.id());
        let receipt = ledger.enter(EntryBody::Register(Registration::Key { key: Box::new(key), ends }), env.now)?;
        rows.push(vec![relation.into(), id.to_string().into(), receipt.position.into()]);
    }
    Ok(Answer::new().rows("keys", &["relation", "key_id", "position"], rows))
}

pub(super) fn revoke(env: &Env, command: Revoke) -> Result<Answer, Failure> {
    let ledger = env.operated()?;
    let revocation = match command {
        Revoke::Signer { id } => Revocation::Signer(parse(&id)?),
        Revoke::Token { asset } => Revocation::Token(Directory::read(&ledger)?.asset(&asset)?),
        Revoke::Key { id } => Revocation::Key(parse(&id)?),
        Revoke::Certifier { id } => Revocation::Certifier(parse(&id)?),
        Revoke::Operator { id } => Revocation::Operator(parse(&id)?),
        Revoke::Member { owner } => Revocation::Member(directory::owner(&owner)?),
    };
    enter(env, &ledger, EntryBody::Revoke(revocation))
}

pub(super) fn member(env: &Env, command: Member) -> Result<Answer, Failure> {
    match command {
        Member::Admit { owner, signer, consent } => {
            let consent = consent.as_deref().map(signature).transpose()?;
            let (owner, signer) = (directory::owner(&owner)?, public_key(&signer)?);
            let id = SignerId::of(&signer);
            let body = EntryBody::Member(Admission { owner, signer, consent });
            Ok(enter(env, &env.operated()?, body)?.shown("member", owner).shown("signer", id))
        }
        Member::Consent { signer } => {
            let ledger = env.ledger()?;
            let purse = env.purse(&ledger)?;
            let account = purse.wallet.account(env.account)?;
            let (id, member) = ledger.read(|state| Ok((state.ledger(), state.member(account.owner)?)))?;
            let missing = || Failure::new(Code::Missing, "this account is no member; have it admitted first");
            let changes = member.ok_or_else(missing)?.changes;
            let message = Admission::consent(id, account.owner, changes, &public_key(&signer)?);
            let consent = account.signer.sign(message, &mut OsRng);
            Ok(Answer::new().shown("owner", account.owner).field("consent", files::hex(&consent.to_bytes())))
        }
    }
}

fn signature(text: &str) -> Result<Signature, Failure> {
    let wrong = || Failure::new(Code::Input, "a consent has lower-case hexadecimal digits; copy it whole");
    Ok(Codec::from_bytes(&files::unhex(text).ok_or_else(wrong)?)?)
}

pub(super) fn policy(env: &Env, command: Policy) -> Result<Answer, Failure> {
    let Policy::Set(args) = command;
    // The operator's own address is in its wallet; nobody else's key is needed to name a treasury.
    let own = {
        let purse = crate::purse::Purse::open(env.home.operator(), || env.secrets.operator(false))?;
        Account::derive(purse.wallet.seed(), 0)?.address()
    };
    let policy = fee(&args, &own)?;
    let answer = Answer::new().field("flat", policy.flat).field("rate", policy.rate).shown("treasury", policy.treasury);
    enter(env, &env.operated()?, EntryBody::Policy(policy)).map(|settled| answer.and(settled))
}
