//! `privity deal …`

use crate::answer::Answer;
use crate::cli::deal::{Deal, Terms as Args};
use crate::clock;
use crate::directory::{Directory, address, owner, parse};
use crate::env::{Env, settled};
use crate::error::{Code, Failure};
use crate::files;
use crate::home::{message, post};
use crate::terms::{self, Roles};
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::terms::{Terms, TermsId};
use privity_documents::deal::DealInputs;
use privity_ledger::context::Kind;
use privity_ledger::{Codec, Item, Ledger};
use privity_wallet::build::Make;
use privity_wallet::deal::{Draft, Offer, Request, quote};
use privity_wallet::evidence::InspectionBrief;
use privity_wallet::history::Reference;
use privity_wallet::{Address, LedgerView, Wallet};
use rand::rngs::OsRng;
use std::path::Path;

pub(super) fn run(env: &Env, command: Deal) -> Result<Answer, Failure> {
    let ledger = env.ledger()?;
    match command {
        Deal::Draft { terms, rfq, out } => draft(env, &ledger, &terms, rfq.as_deref(), &out),
        Deal::Request { draft, out } => request(env, &ledger, &draft, &out),
        Deal::Offer { request, expires_in, out } => {
            let request: Request = message(&request)?;
            let mut purse = env.purse(&ledger)?;
            let when = env.when(&ledger, expires_in)?;
            let view = env.view(&ledger)?;
            let prover = &mut env.keyring();
            let offer = purse.wallet.offer(&request, Some(when.expiry), &view, prover, &mut OsRng)?;
            purse.save()?;
            post(&out, &offer)?;
            let answer = Answer::new().shown("terms", offer.terms);
            Ok(answer.shown("firm_until", clock::show(offer.expiry)).shown("file", out.display()))
        }
        Deal::Accept { offer, out } => {
            let offer: Offer = message(&offer)?;
            let mut purse = env.purse(&ledger)?;
            let (keys, view) = (env.accepted(&ledger)?, env.view(&ledger)?);
            let transaction = purse.wallet.accept(&offer, &view, &keys, &mut env.keyring(), &mut OsRng)?;
            let answer = env.settle(&ledger, &mut purse, transaction, Some(&out))?;
            Ok(answer.shown("terms", offer.terms))
        }
        Deal::Settle { file } => settle(env, &ledger, &file),
        Deal::Revoke { terms, settle } => {
            let mut purse = env.purse(&ledger)?;
            let when = env.when(&ledger, settle.expires_in)?;
            let mut make = Make { when, prover: &mut env.keyring(), rng: &mut OsRng };
            let transaction = purse.wallet.revoke(parse(&terms)?, &mut make)?;
            env.settle_as(&ledger, &mut purse, transaction, &settle)
        }
        Deal::End { terms } => {
            let mut purse = env.purse(&ledger)?;
            let id: TermsId = parse(&terms)?;
            purse.wallet.end(id)?;
            purse.save()?;
            Ok(Answer::new().shown("ended", id))
        }
        Deal::Brief { terms, out } => brief(env, &ledger, parse(&terms)?, &out),
    }
}

fn draft(env: &Env, ledger: &Ledger, args: &Args, rfq: Option<&str>, out: &Path) -> Result<Answer, Failure> {
    let mut purse = env.purse(ledger)?;
    let view = env.view(ledger)?;
    let Plan { mut terms, buyer, reference } = planned(env, ledger, &purse.wallet, &view, args)?;
    if let Some(rfq) = rfq {
        terms.money.rfq = super::rfq::hash(rfq)?.id();
    }
    let draft = purse.wallet.draft(env.account, &terms, &buyer, reference, &view, &mut OsRng)?;
    purse.save()?;
    post(out, &draft)?;
    summary(&draft.terms, &view, out)
}

/// What documents and arguments make: terms without salts, with whom, and the ERP's ids.
pub(crate) struct Plan {
    pub(crate) terms: Terms,
    pub(crate) buyer: Address,
    pub(crate) reference: Reference,
}

/// A deal with this account as its supplier.
pub(super) fn planned(
    env: &Env,
    ledger: &Ledger,
    wallet: &Wallet,
    view: &impl LedgerView,
    args: &Args,
) -> Result<Plan, Failure> {
    let inputs = terms::read(&args.data, args.price_table.as_ref())?;
    let named = |name: &'static str| match name {
        "origin" => args.origin.as_ref(),
        "inspector" => args.inspector.as_ref(),
        "arbiter" => args.arbiter.as_ref(),
        "auditor" => args.auditor.as_ref(),
        _ => args.currency.as_ref(),
    };
    plan(&inputs, (ledger, wallet, env.account), view, (&args.buyer, &args.certifier), named)
}

/// What documents make with an account of a wallet as the supplier; `named` gives what else was said: `origin`, `inspector`,
/// `arbiter`, `auditor`, `currency`.
pub(crate) fn plan<'a>(
    inputs: &DealInputs,
    (ledger, wallet, account): (&Ledger, &Wallet, u32),
    view: &impl LedgerView,
    (buyer, certifier): (&str, &str),
    named: impl Fn(&'static str) -> Option<&'a String>,
) -> Result<Plan, Failure> {
    let buyer = address(buyer)?;
    let member = |who: &str, owner: Owner| {
        let text = format!("the {who} is no member of this ledger; have it admitted first");
        let member = view.member(owner)?.ok_or_else(|| Failure::new(Code::Missing, text).rule("L11"))?;
        Ok::<(Owner, SignerId), Failure>((owner, member.signer))
    };
    let own = wallet.account(account)?.owner;
    let signers = &inputs.config.signers;
    let currency = named("currency").unwrap_or(&inputs.config.token.name);
    let roles = Roles {
        ledger: wallet.ledger().id(),
        buyer: member("buyer", buyer.owner)?,
        supplier: member("supplier", own)?,
        certifier: parse(certifier)?,
        origin: named("origin").map_or(Ok(own), |text| owner(text))?,
        inspector: terms::role("inspector", signers.inspector.as_ref(), named("inspector"))?,
        arbiter: terms::role("arbiter", signers.arbiter.as_ref(), named("arbiter"))?,
        auditor: terms::role("auditor", signers.auditor.as_ref(), named("auditor"))?,
        currency: Directory::read(ledger)?.asset(currency)?,
    };
    Ok(Plan { terms: terms::terms(inputs, &roles), buyer, reference: terms::reference(inputs) })
}

fn request(env: &Env, ledger: &Ledger, draft: &Path, out: &Path) -> Result<Answer, Failure> {
    let draft: Draft = message(draft)?;
    let mut purse = env.purse(ledger)?;
    let view = env.view(ledger)?;
    let request = purse.wallet.request(env.account, &draft, &view, &mut OsRng)?;
    purse.save()?;
    post(out, &request)?;
    summary(&draft.terms, &view, out)
}

/// What somebody should read before agreeing.
fn summary(terms: &Terms, view: &impl LedgerView, out: &Path) -> Result<Answer, Failure> {
    Ok(comes_to(terms, view)?.shown("file", out.display()))
}

/// What terms come to.
pub(crate) fn comes_to(terms: &Terms, view: &impl LedgerView) -> Result<Answer, Failure> {
    let priced = quote(terms, &view.policy()?)?;
    Ok(Answer::new()
        .shown("terms", terms.id())
        .field("quantity_thousandths", terms.goods.quantity)
        .shown("due", clock::show(terms.goods.due))
        .field("total", priced.price.total)
        .field("fee", priced.fee)
        .field("to_pay", priced.to_pay.to_string())
        .field("capacity_millionths", priced.capacity)
        .field("escrow", terms.remedy.escrow)
        .shown("claim_until", clock::show(terms.remedy.claim_until))
        .field("lateness_rate_bp", terms.remedy.rate)
        .field("lateness_cap_bp", terms.remedy.cap)
        .shown("inspector", terms.parties.inspector)
        .shown("arbiter", terms.parties.arbiter))
}

fn settle(env: &Env, ledger: &Ledger, file: &Path) -> Result<Answer, Failure> {
    let item = Item::from_bytes(&files::read(file)?).map_err(|error| Failure::from(error).in_file(file))?;
    let is_deal = matches!(&item, Item::Transaction(transaction) if transaction.kind() == Kind::Deal);
    if !is_deal {
        let text = "not a deal; give what `privity deal accept` wrote, or use `privity ledger submit`";
        return Err(Failure::new(Code::Input, text).in_file(file));
    }
    let mut purse = env.purse(ledger)?;
    let receipt = env.submit(ledger, item)?;
    Ok(env.caught_up(ledger, &mut purse, settled(&receipt)))
}

fn brief(env: &Env, ledger: &Ledger, id: TermsId, out: &Path) -> Result<Answer, Failure> {
    let purse = env.purse(ledger)?;
    let open = purse.wallet.sessions().get(&id).map(|session| &session.draft.terms);
    let terms = purse.wallet.scanner().deals().get(&id).map(|deal| &deal.terms).or(open);
    let missing = || Failure::new(Code::Missing, format!("no deal {id} of this wallet; see `privity wallet deals`"));
    post(out, &InspectionBrief::of(terms.ok_or_else(missing)?))?;
    Ok(Answer::new().shown("terms", id).shown("file", out.display()))
}
