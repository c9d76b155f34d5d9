//! `privity swap …`

use crate::answer::Answer;
use crate::cli::swap::Swap;
use crate::clock;
use crate::directory::{Directory, address};
use crate::env::Env;
use crate::error::{Code, Failure};
use crate::home::{message, post};
use privity_ledger::Ledger;
use privity_wallet::build::Make;
use privity_wallet::swap::{Amount, SwapAnswer, SwapOffer, SwapProposal};
use rand::rngs::OsRng;

pub(super) fn run(env: &Env, command: Swap) -> Result<Answer, Failure> {
    let ledger = env.ledger()?;
    match command {
        Swap::Propose { give, want, with, out } => {
            let (give, want) = (amount(&ledger, &give)?, amount(&ledger, &want)?);
            let taker = address(&with)?;
            let mut purse = env.purse(&ledger)?;
            let time = env.when(&ledger, 0)?.time;
            let proposal = purse.wallet.propose_swap(env.account, give, want, taker, time, &mut OsRng)?;
            purse.save()?;
            post(&out, &proposal)?;
            Ok(Answer::new().field("swap", proposal.id()?).shown("file", out.display()))
        }
        Swap::Answer { proposal, out } => {
            let proposal: SwapProposal = message(&proposal)?;
            let mut purse = env.purse(&ledger)?;
            let time = env.when(&ledger, 0)?.time;
            let answer = purse.wallet.answer_swap(env.account, &proposal, time, &mut OsRng)?;
            purse.save()?;
            post(&out, &answer)?;
            let directory = Directory::read(&ledger)?;
            Ok(Answer::new()
                .field("swap", answer.swap.as_str())
                .rows(
                    "amounts",
                    AMOUNTS,
                    amounts(&directory, [("to this wallet", proposal.give), ("from this wallet", proposal.want)]),
                )
                .shown("file", out.display()))
        }
        Swap::Offer { answer, expires_in, out } => {
            let answer: SwapAnswer = message(&answer)?;
            let mut purse = env.purse(&ledger)?;
            let when = env.when(&ledger, expires_in)?;
            let prover = &mut env.keyring();
            let offer = purse.wallet.offer_swap(&answer, Some(when.expiry), when.time, prover, &mut OsRng)?;
            purse.save()?;
            post(&out, &offer)?;
            Ok(Answer::new()
                .field("swap", offer.swap.as_str())
                .shown("firm_until", clock::show(offer.expiry))
                .shown("file", out.display()))
        }
        Swap::Accept { offer, out } => {
            let offer: SwapOffer = message(&offer)?;
            let mut purse = env.purse(&ledger)?;
            let (keys, view) = (env.accepted(&ledger)?, env.view(&ledger)?);
            let transaction = purse.wallet.accept_swap(&offer, &view, &keys, &mut env.keyring(), &mut OsRng)?;
            env.settle(&ledger, &mut purse, transaction, out.as_deref())
        }
        Swap::End { swap } => {
            let mut purse = env.purse(&ledger)?;
            purse.wallet.end_swap(&swap)?;
            purse.save()?;
            Ok(Answer::new().field("ended", swap))
        }
        Swap::Revoke { swap, settle } => {
            let mut purse = env.purse(&ledger)?;
            let when = env.when(&ledger, settle.expires_in)?;
            let mut make = Make { when, prover: &mut env.keyring(), rng: &mut OsRng };
            let transaction = purse.wallet.revoke_swap(&swap, &mut make)?;
            env.settle_as(&ledger, &mut purse, transaction, &settle)
        }
    }
}

const AMOUNTS: &[&str] = &["direction", "value", "token", "asset"];

fn amounts(directory: &Directory, amounts: [(&str, Amount); 2]) -> Vec<Vec<serde_json::Value>> {
    let row = |(direction, amount): (&str, Amount)| {
        let (value, name) = (amount.value.to_string(), directory.name(amount.asset));
        vec![direction.into(), value.into(), name.into(), amount.asset.to_string().into()]
    };
    amounts.into_iter().map(row).collect()
}

/// AMOUNT ASSET.
fn amount(ledger: &Ledger, words: &[String]) -> Result<Amount, Failure> {
    let [value, asset] = words else {
        return Err(Failure::new(Code::Usage, "an amount is two words, as `12500 community-dollar`; give both"));
    };
    let value = value.parse().map_err(|_| {
        Failure::new(Code::Usage, format!("`{value}` is no whole number of minor units; give one below 2^64"))
    })?;
    Ok(Amount { asset: Directory::read(ledger)?.asset(asset)?, value })
}
