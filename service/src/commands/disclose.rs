//! `privity disclose`, `check-disclosure`

use crate::answer::Answer;
use crate::cli::escrow::{CheckDisclosure, Disclose, Pledge};
use crate::clock;
use crate::directory::{Directory, parse};
use crate::env::Env;
use crate::error::Failure;
use crate::home::{message, post};
use privity_circuits::terms::RfqId;
use privity_documents::calendar::Date;
use privity_ledger::Ledger;
use privity_wallet::disclosure::{AudienceBook, Disclosure, DisclosureOrder, rfq_scope, week_scope};
use rand::rngs::OsRng;

fn order(ledger: &Ledger, pledge: &Pledge) -> Result<DisclosureOrder, Failure> {
    ordered(ledger, (&pledge.asset, &pledge.scope, &pledge.audience), (pledge.at_least, pledge.hold))
}

/// What is to be disclosed: asset, scope and audience as text, threshold and hold.
pub(crate) fn ordered(
    ledger: &Ledger,
    (asset, scope, audience): (&str, &str, &str),
    (threshold, hold): (u64, u64),
) -> Result<DisclosureOrder, Failure> {
    let scope = match Date::parse(scope) {
        Ok(week) => week_scope(week.bucket().map_err(|error| Failure::new(crate::error::Code::Usage, error))?),
        Err(_) => rfq_scope(parse::<RfqId>(scope)?),
    };
    let asset = Directory::read(ledger)?.asset(asset)?;
    Ok(DisclosureOrder { asset, threshold, hold, scope, audience: parse(audience)? })
}

pub(crate) fn shown(disclosure: &Disclosure) -> Answer {
    Answer::new()
        .shown("claimant", disclosure.claimant)
        .shown("asset", disclosure.asset)
        .field("at_least", disclosure.threshold)
        .shown("hold", clock::show(disclosure.hold))
        .shown("scope", disclosure.scope)
        .shown("tag", disclosure.tag)
}

pub(super) fn disclose(env: &Env, args: &Disclose) -> Result<Answer, Failure> {
    let ledger = env.ledger()?;
    let order = order(&ledger, &args.pledge)?;
    let purse = env.purse(&ledger)?;
    let disclosure = purse.wallet.disclose(env.account, &order, &mut env.keyring(), &mut OsRng)?;
    post(&args.out, &disclosure)?;
    Ok(shown(&disclosure).shown("file", args.out.display()))
}

pub(super) fn check(env: &Env, args: &CheckDisclosure) -> Result<Answer, Failure> {
    let disclosure: Disclosure = message(&args.disclosure)?;
    let ledger = env.ledger()?;
    let order = order(&ledger, &args.pledge)?;
    let mut book = env.book::<AudienceBook>(args.book.as_ref(), "audience.book", None)?;
    book.entries.accept(&disclosure, &order, &env.view(&ledger)?, &env.accepted(&ledger)?)?;
    book.save()?;
    Ok(Answer::new().field("accepted", true).and(shown(&disclosure)))
}
