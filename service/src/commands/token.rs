//! `privity mint`, `send`, `consolidate`, `withdraw`

use crate::answer::Answer;
use crate::cli::token::{Consolidate, Mint, Send, Withdraw};
use crate::directory::{Directory, address, parse};
use crate::env::Env;
use crate::error::{Code, Failure};
use crate::keyring::KeyRing;
use privity_circuits::asset::AssetId;
use privity_ledger::{Ledger, Transaction};
use privity_wallet::Wallet;
use privity_wallet::build::{Make, MintOrder, Payment, Withdrawal};
use privity_wallet::delivery::Memo;
use rand::rngs::OsRng;

pub(crate) fn memo(text: &str) -> Result<Memo, Failure> {
    Memo::new(text.as_bytes()).map_err(|error| Failure::new(Code::Input, error))
}

pub(super) fn mint(env: &Env, args: &Mint) -> Result<Answer, Failure> {
    let order = MintOrder {
        name: args.token.clone(),
        value: args.amount,
        to: address(&args.to)?,
        unlock: args.unlock,
        memo: memo(&args.memo)?,
    };
    let ledger = env.ledger()?;
    let mut purse = env.purse(&ledger)?;
    let when = env.when(&ledger, args.settle.expires_in)?;
    let mut make = Make { when, prover: &mut env.keyring(), rng: &mut OsRng };
    let transaction = minting(&ledger, &mut purse.wallet, env.account, &order, &mut make)?;
    env.settle_as(&ledger, &mut purse, transaction, &args.settle)
}

/// The transaction that mints a registered token of this account's signer.
pub(crate) fn minting(
    ledger: &Ledger,
    wallet: &mut Wallet,
    account: u32,
    order: &MintOrder,
    make: &mut Make<'_, KeyRing, OsRng>,
) -> Result<Transaction, Failure> {
    let issuer = wallet.account(account)?.signer.id;
    if Directory::read(ledger)?.name(AssetId::token(issuer, &order.name)).is_none() {
        let text = format!(
            "`{}` is no registered token of this wallet's signer; open its issuer's wallet, or have it registered",
            order.name
        );
        return Err(Failure::new(Code::Rule, text).rule("L8"));
    }
    Ok(wallet.mint(account, order, make)?)
}

pub(super) fn send(env: &Env, args: &Send) -> Result<Answer, Failure> {
    let payment = Payment { to: address(&args.to)?, value: args.amount, unlock: args.unlock, memo: memo(&args.memo)? };
    let ledger = env.ledger()?;
    let asset = Directory::read(&ledger)?.asset(&args.asset)?;
    let mut purse = env.purse(&ledger)?;
    let when = env.when(&ledger, args.settle.expires_in)?;
    let mut make = Make { when, prover: &mut env.keyring(), rng: &mut OsRng };
    let transaction = purse.wallet.send(env.account, asset, &[payment], &mut make)?;
    env.settle_as(&ledger, &mut purse, transaction, &args.settle)
}

pub(super) fn consolidate(env: &Env, args: &Consolidate) -> Result<Answer, Failure> {
    let ledger = env.ledger()?;
    let asset = Directory::read(&ledger)?.asset(&args.asset)?;
    let mut purse = env.purse(&ledger)?;
    let when = env.when(&ledger, args.settle.expires_in)?;
    let mut make = Make { when, prover: &mut env.keyring(), rng: &mut OsRng };
    match purse.wallet.consolidate(env.account, asset, &mut make)? {
        Some(transaction) => env.settle_as(&ledger, &mut purse, transaction, &args.settle),
        None => Ok(Answer::new().shown("nothing_to_do", "fewer than two spendable notes of this asset")),
    }
}

pub(super) fn withdraw(env: &Env, args: &Withdraw) -> Result<Answer, Failure> {
    if args.amount == 0 {
        return Err(Failure::new(Code::Usage, "nothing is taken out by an amount of 0; give more").rule("L8"));
    }
    let recipient = args.recipient.as_deref().map(parse).transpose()?;
    let ledger = env.ledger()?;
    let asset = Directory::read(&ledger)?.asset(&args.asset)?;
    let mut purse = env.purse(&ledger)?;
    let when = env.when(&ledger, args.settle.expires_in)?;
    let mut make = Make { when, prover: &mut env.keyring(), rng: &mut OsRng };
    let withdrawal = Withdrawal { value: args.amount, recipient };
    let transaction = purse.wallet.withdraw(env.account, asset, withdrawal, &mut make)?;
    env.settle_as(&ledger, &mut purse, transaction, &args.settle)
}
