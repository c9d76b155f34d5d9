//! `privity receipt …`, `release`, `refund`, `arbitrate`, `agree …`

use super::documents::read;
use crate::answer::Answer;
use crate::cli::escrow::{Agree, Arbitrate, Receipt as ReceiptCommand, Refund, Release};
use crate::clock;
use crate::directory::parse;
use crate::env::Env;
use crate::error::{Code, Failure};
use crate::files;
use crate::home::{message, post};
use crate::purse::Purse;
use crate::terms::thousandths;
use privity_circuits::release::{Evidence, Settlement};
use privity_circuits::terms::TermsId;
use privity_documents::DeliveryInformation;
use privity_wallet::build::{Agreement, BuildError, Make, ReleaseOrder};
use privity_wallet::evidence::{
    Acknowledgement, ArbiterBook, Award, Decision, Delivery, InspectionBrief, InspectorBook, Receipt,
};
use privity_wallet::file::Document;
use rand::rngs::OsRng;
use std::path::Path;

pub(super) fn receipt(env: &Env, command: ReceiptCommand) -> Result<Answer, Failure> {
    match command {
        ReceiptCommand::Sign { brief, delivered, at, last, delivery_information, book, out } => {
            let brief: InspectionBrief = message(&brief)?;
            let purse = env.purse(&env.ledger()?)?;
            let mut book = env.book::<InspectorBook>(book.as_ref(), "inspector.book", Some(&purse))?;
            let (delivered, time) = match (delivered, at, delivery_information) {
                (_, _, Some(path)) => next_arrival(&path, book.entries.done(brief.terms()))?,
                (Some(delivered), Some(time), None) => (thousandths(&delivered)?, time),
                _ => {
                    return Err(Failure::new(
                        Code::Usage,
                        "what was delivered is not said; give --delivered and --at, or --delivery-information",
                    ));
                }
            };
            let signer = &purse.wallet.account(env.account)?.signer;
            let delivery = Delivery { delivered, time, last };
            let receipt = book.entries.sign(signer, &brief, delivery, &mut OsRng)?;
            // The book first: what it does not know of could be signed twice.
            book.save()?;
            post(&out, &receipt)?;
            Ok(Answer::new()
                .shown("terms", receipt.terms)
                .field("done_thousandths", receipt.done)
                .field("delivered_thousandths", receipt.delivered)
                .shown("time", clock::show(receipt.time))
                .field("last", receipt.last)
                .shown("file", out.display()))
        }
        ReceiptCommand::Acknowledge { brief, book, out } => {
            let brief: InspectionBrief = message(&brief)?;
            let purse = env.purse(&env.ledger()?)?;
            let mut book = env.book::<InspectorBook>(book.as_ref(), "inspector.book", Some(&purse))?;
            let signer = &purse.wallet.account(env.account)?.signer;
            let word = book.entries.acknowledge(signer, &brief, &mut OsRng)?;
            book.save()?;
            post(&out, &word)?;
            let answer = Answer::new().shown("terms", word.terms).field("done_thousandths", word.done);
            Ok(answer.shown("file", out.display()))
        }
    }
}

/// Cumulative thousandths and time of the first arrival behind `done`.
fn next_arrival(path: &Path, done: u64) -> Result<(u64, u64), Failure> {
    let document: DeliveryInformation = read(path)?;
    let mut arrivals = Vec::new();
    for delivery in document.positions.iter().flat_map(|position| &position.deliveries) {
        if let Some(event) = delivery.transit_events.iter().find(|event| event.kind == "actual-arrival") {
            let time = event.time.unix_seconds().map_err(|error| Failure::new(Code::Input, error).in_file(path))?;
            arrivals.push((time, delivery.quantity.value.to_thousandths()?));
        }
    }
    arrivals.sort_unstable();
    let mut delivered = 0u64;
    for (time, amount) in arrivals {
        delivered = delivered.saturating_add(amount);
        if delivered > done {
            return Ok((delivered, time));
        }
    }
    let text = "no arrival is left that the receipts do not cover; wait for the next, or give --delivered and --at";
    Err(Failure::new(Code::Missing, text).in_file(path))
}

/// A receipt or an award.
pub(crate) enum Proof {
    Receipt(Box<Receipt>),
    Award(Box<Award>),
}

impl Proof {
    fn read(path: &Path) -> Result<Self, Failure> {
        Self::parse(&files::read_text(path)?).map_err(|failure| failure.in_file(path))
    }

    /// From the text of either.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        match Receipt::from_json(text) {
            Ok(receipt) => Ok(Self::Receipt(Box::new(receipt))),
            Err(error) => Award::from_json(text)
                .map(|award| Self::Award(Box::new(award)))
                .map_err(|_| Failure::new(Code::Input, error)),
        }
    }

    pub(crate) fn terms(&self) -> TermsId {
        match self {
            Self::Receipt(receipt) => receipt.terms,
            Self::Award(award) => award.terms,
        }
    }

    /// Files it with the wallet, so that releases by others are understood too.
    pub(crate) fn file(&self, purse: &mut Purse) -> Result<Box<Evidence>, Failure> {
        let id = self.terms();
        if !purse.wallet.scanner().deals().contains_key(&id) {
            return Err(BuildError::UnknownDeal(id).into());
        }
        Ok(purse.wallet.file_evidence(id, |terms| match self {
            Self::Receipt(receipt) => receipt.evidence(terms),
            Self::Award(award) => award.evidence(terms),
        })?)
    }
}

pub(crate) fn amounts(amounts: &Settlement) -> Answer {
    Answer::new()
        .field("gross", amounts.gross)
        .field("lateness", amounts.gross.saturating_sub(amounts.pay))
        .field("to_supplier", amounts.pay)
        .field("to_buyer", amounts.refund)
        .field("stays", amounts.rest)
        .field("capacity_used", amounts.used)
        .field("capacity_returned", amounts.returned)
        .field("closes", amounts.closes)
}

pub(super) fn release(env: &Env, args: &Release) -> Result<Answer, Failure> {
    let proof = Proof::read(&args.evidence)?;
    let ledger = env.ledger()?;
    let mut purse = env.purse(&ledger)?;
    let evidence = proof.file(&mut purse)?;
    purse.save()?;
    let when = env.when(&ledger, args.settle.expires_in)?;
    let moved = amounts(&purse.wallet.preview(proof.terms(), &evidence.claim(), when.time)?);
    if args.preview {
        return Ok(moved.shown("terms", proof.terms()));
    }
    let mut make = Make { when, prover: &mut env.keyring(), rng: &mut OsRng };
    let transaction = purse.wallet.release(proof.terms(), &ReleaseOrder::Evidence(evidence), &mut make)?;
    Ok(moved.and(env.settle_as(&ledger, &mut purse, transaction, &args.settle)?))
}

pub(super) fn refund(env: &Env, args: &Refund) -> Result<Answer, Failure> {
    let ledger = env.ledger()?;
    let mut purse = env.purse(&ledger)?;
    let when = env.when(&ledger, args.settle.expires_in)?;
    let mut make = Make { when, prover: &mut env.keyring(), rng: &mut OsRng };
    let transaction = purse.wallet.release(parse(&args.terms)?, &ReleaseOrder::Refund, &mut make)?;
    env.settle_as(&ledger, &mut purse, transaction, &args.settle)
}

pub(super) fn arbitrate(env: &Env, args: &Arbitrate) -> Result<Answer, Failure> {
    let brief: InspectionBrief = message(&args.brief)?;
    let word: Option<Acknowledgement> = args.acknowledgement.as_deref().map(message).transpose()?;
    let decision = Decision { done: thousandths(&args.done)?, pay: args.pay, used: args.used };
    let purse = env.purse(&env.ledger()?)?;
    let mut book = env.book::<ArbiterBook>(args.book.as_ref(), "arbiter.book", Some(&purse))?;
    let signer = &purse.wallet.account(env.account)?.signer;
    let award = book.entries.sign(signer, &brief, word.as_ref(), decision, &mut OsRng)?;
    book.save()?;
    post(&args.out, &award)?;
    Ok(Answer::new()
        .shown("terms", award.terms)
        .field("done_thousandths", award.done)
        .field("pay", award.pay)
        .field("used", award.used)
        .shown("file", args.out.display()))
}

pub(super) fn agree(env: &Env, command: Agree) -> Result<Answer, Failure> {
    let ledger = env.ledger()?;
    match command {
        Agree::Propose { terms, pay, used, expires_in, out } => {
            let purse = env.purse(&ledger)?;
            let when = env.when(&ledger, expires_in)?;
            let proposal = purse.wallet.propose(parse(&terms)?, pay, used, when, &mut OsRng)?;
            post(&out, &proposal)?;
            Ok(agreed(&proposal).shown("file", out.display()))
        }
        Agree::Sign { proposal, out } => {
            let proposal: Agreement = message(&proposal)?;
            let purse = env.purse(&ledger)?;
            let when = env.when(&ledger, 0)?;
            let moved = amounts(&purse.wallet.preview(proposal.terms, &proposal.claim(), when.time)?);
            let agreement = purse.wallet.agree(&proposal, when.time, &mut OsRng)?;
            post(&out, &agreement)?;
            Ok(agreed(&agreement).and(moved).shown("file", out.display()))
        }
        Agree::Settle { agreement, out } => {
            let agreement: Agreement = message(&agreement)?;
            let mut purse = env.purse(&ledger)?;
            let when = env.when(&ledger, 0)?;
            let terms = agreement.terms;
            let order = ReleaseOrder::Agreed(Box::new(agreement));
            let mut make = Make { when, prover: &mut env.keyring(), rng: &mut OsRng };
            let transaction = purse.wallet.release(terms, &order, &mut make)?;
            env.settle(&ledger, &mut purse, transaction, out.as_deref())
        }
    }
}

fn agreed(agreement: &Agreement) -> Answer {
    Answer::new()
        .shown("terms", agreement.terms)
        .field("pay", agreement.pay)
        .field("used", agreement.used)
        .shown("expires", clock::show(agreement.expiry))
}
