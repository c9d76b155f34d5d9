//! `privity rfq …`

use super::deal::planned;
use crate::answer::Answer;
use crate::cli::deal::Terms as TermsArgs;
use crate::cli::rfq::{Open as OpenArgs, Rfq as Command};
use crate::clock;
use crate::directory::Directory;
use crate::env::{Env, settled};
use crate::error::{Code, Failure};
use crate::files;
use crate::home::{message, post};
use crate::terms;
use privity_circuits::field::truncate;
use privity_circuits::terms::DocumentHash;
use privity_ledger::{Docket, EntryBody, Ledger, Phase, Rejection, Tendering};
use privity_quotes::award::Standing;
use privity_quotes::{Open, QuotingKey, Rfq, RfqHash, Weights};
use privity_wallet::LedgerView;
use privity_wallet::deal::quote as priced;
use privity_wallet::quotes::{Ask, KeyGrant, KeyRequest, LinkFile, check_link};
use rand::RngCore;
use rand::rngs::OsRng;
use serde_json::Value;
use std::path::Path;

pub(super) fn run(env: &Env, command: Command) -> Result<Answer, Failure> {
    if let Command::Grant { request, out } = command {
        // Takes no ledger, so that it goes beside a node that serves it.
        return grant(env, &request, &out);
    }
    let ledger = env.ledger()?;
    match command {
        Command::Key { out } => {
            let mut nonce = [0; 32];
            OsRng.fill_bytes(&mut nonce);
            let request = env.purse(&ledger)?.wallet.rfq_key(env.account, nonce)?;
            post(&out, &request)?;
            Ok(Answer::new().shown("buyer", request.buyer).shown("file", out.display()))
        }
        Command::Grant { request, out } => grant(env, &request, &out),
        Command::Open(args) => open(env, &ledger, &args),
        Command::List => list(env, &ledger),
        Command::Show { rfq } => show(env, &ledger, &tendering(&ledger, hash(&rfq)?)?),
        Command::Quote { rfq, lead, terms } => quote(env, &ledger, hash(&rfq)?, lead, &terms),
        Command::Reveal { rfq } => reveal(env, &tendering(&ledger, hash(&rfq)?)?, ledger),
        Command::Close { rfq } => close(env, &ledger, hash(&rfq)?),
        Command::Award { rfq } => {
            let docket = docket(&ledger, hash(&rfq)?)?;
            let tender = env.purse(&ledger)?.wallet.award(env.account, &docket, &mut OsRng)?;
            Ok(settled(&env.submit(&ledger, tender)?))
        }
        Command::Verify { rfq } => verify(&ledger, hash(&rfq)?),
        Command::Link { rfq, terms, out } => link(env, &ledger, hash(&rfq)?, &terms, &out),
        Command::CheckLink { file } => {
            let link: LinkFile = message(&file)?;
            let docket = docket(&ledger, RfqHash(link.rfq))?;
            let linked = ledger.read(|state| Ok(check_link(state, &docket, &link)))??;
            let answer = Answer::new().shown("winner", linked.winner).shown("supplier", linked.supplier);
            let answer = answer.shown("transaction", linked.transaction).shown("due", clock::show(linked.due));
            Ok(answer.shown("linked", "the settled deal is the winning quote's, at its total"))
        }
    }
}

fn grant(env: &Env, request: &Path, out: &Path) -> Result<Answer, Failure> {
    let request: KeyRequest = message(request)?;
    let operator = env.operator_purse()?;
    let grant = request.grant(&*operator.operator()?, &operator.quoting_key());
    post(out, &grant)?;
    let answer = Answer::new().shown("buyer", request.buyer).shown("operator", grant.operator);
    Ok(answer.shown("file", out.display()))
}

pub(crate) fn hash(text: &str) -> Result<RfqHash, Failure> {
    let bytes = files::unhex(text).and_then(|bytes| bytes.try_into().ok());
    bytes.map(RfqHash).ok_or_else(|| {
        Failure::new(Code::Input, "a request has 64 lower-case hexadecimal digits; copy it from `privity rfq list`")
    })
}

fn tendering(ledger: &Ledger, rfq: RfqHash) -> Result<Tendering, Failure> {
    Ok(ledger.read(|state| state.rfq(rfq))?.ok_or(Rejection::UnknownRfq { rfq })?)
}

fn docket(ledger: &Ledger, rfq: RfqHash) -> Result<Docket, Failure> {
    Ok(ledger.read(|state| Ok(Docket::read(state, rfq)))??)
}

fn open(env: &Env, ledger: &Ledger, args: &OpenArgs) -> Result<Answer, Failure> {
    let grant: KeyGrant = message(&args.key)?;
    let inputs = terms::read(&args.data, None)?;
    let currency = args.currency.as_deref().unwrap_or(&inputs.config.token.name);
    let ask = Ask {
        document: DocumentHash::new(truncate(&inputs.document_hash)),
        currency: Directory::read(ledger)?.asset(currency)?,
        exponent: inputs.config.token.exponent,
        quantity: inputs.quantity,
        weights: Weights { price: args.price_weight, lead: args.lead_weight },
        opens: args.opens.unwrap_or(env.now),
        closes: args.closes,
        delay: args.delay,
    };
    let tender = env.purse(ledger)?.wallet.rfq(env.account, &ask, &grant, &mut OsRng)?;
    let rfq = tender.rfq();
    let receipt = env.submit(ledger, tender)?;
    Ok(Answer::new().shown("rfq", rfq).shown("closes", clock::show(args.closes)).and(settled(&receipt)))
}

/// Where a request stands, in words.
fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Announced => "announced",
        Phase::Quoting => "quoting",
        Phase::Closed => "closed, not opened yet",
        Phase::Opened => "opened, not awarded yet",
        Phase::Awarded => "awarded",
        Phase::VoidUnopened => "void: the operator did not open it in time",
        Phase::VoidUnawarded => "void: opened, and the buyer did not award in time",
    }
}

fn list(env: &Env, ledger: &Ledger) -> Result<Answer, Failure> {
    let rows = ledger.read(|state| {
        let now = env.now.max(state.time());
        let row = |one: Tendering| {
            let (stands, hash) = (phase(one.phase(now)), one.rfq.hash().to_string());
            vec![hash.into(), clock::show(one.rfq.closes).into(), one.quotes.into(), Value::from(stands)]
        };
        Ok(state.rfqs()?.into_iter().map(row).collect())
    })?;
    Ok(Answer::new().rows("requests", &["rfq", "closes", "quotes", "phase"], rows))
}

fn show(env: &Env, ledger: &Ledger, one: &Tendering) -> Result<Answer, Failure> {
    let now = ledger.read(|state| Ok(env.now.max(state.time())))?;
    let rfq = &one.rfq;
    let quotes = ledger.read(|state| state.quotes(rfq.hash()))?;
    let rows = quotes.iter().map(|quote| vec![quote.id().to_string().into(), quote.supplier.to_string().into()]);
    let answer = Answer::new()
        .shown("rfq", rfq.hash())
        .shown("phase", phase(one.phase(now)))
        .shown("buyer", rfq.buyer)
        .shown("document", rfq.document)
        .shown("currency", rfq.currency)
        .field("exponent", rfq.exponent)
        .field("quantity_thousandths", rfq.quantity)
        .field("price_weight", rfq.weights.price)
        .field("lead_weight", rfq.weights.lead)
        .shown("opens", clock::show(rfq.opens))
        .shown("closes", clock::show(rfq.closes))
        .field("delay_seconds", rfq.delay)
        .field("exclusions", one.exclusions)
        .rows("quotes", &["quote", "supplier"], rows.collect());
    Ok(match &one.award {
        Some((winner, _)) => answer.shown("winner", winner),
        None => answer,
    })
}

/// The total is that of the deal which the same documents draft.
fn quote(env: &Env, ledger: &Ledger, rfq: RfqHash, lead: u16, args: &TermsArgs) -> Result<Answer, Failure> {
    let asked = tendering(ledger, rfq)?.rfq;
    let mut purse = env.purse(ledger)?;
    let view = env.view(ledger)?;
    let plan = planned(env, ledger, &purse.wallet, &view, args)?;
    let (goods, money) = (&plan.terms.goods, &plan.terms.money);
    let rules = [
        (plan.buyer.owner == asked.buyer, "buyer"),
        (goods.document == asked.document, "document"),
        (goods.quantity == asked.quantity, "quantity"),
        (money.currency == asked.currency, "currency"),
        (money.exponent == u64::from(asked.exponent), "exponent of the currency"),
        (goods.due <= asked.closes.saturating_add(86_400 * u64::from(lead)), "due date, with this lead time,"),
    ];
    if let Some((_, field)) = rules.iter().find(|(holds, _)| !holds) {
        let text = format!("the {field} is not what the request says; quote from the request's own documents");
        return Err(Failure::new(Code::Input, text));
    }
    let total = priced(&plan.terms, &view.policy()?)?.price.total;
    let tender = purse.wallet.quote(env.account, &asked, (total, lead), &mut OsRng)?;
    // The attempt is on file before the quote leaves.
    purse.save()?;
    let receipt = env.submit(ledger, tender)?;
    Ok(Answer::new().shown("rfq", rfq).field("total", total).field("lead_days", lead).and(settled(&receipt)))
}

fn reveal(env: &Env, one: &Tendering, ledger: Ledger) -> Result<Answer, Failure> {
    // One process at a time has the store open.
    drop(ledger);
    let body = EntryBody::Open(opening(&one.rfq, &env.operator_purse()?.quoting_key()));
    Ok(settled(&env.operated()?.enter(body, env.now)?).shown("rfq", one.rfq.hash()))
}

/// What opens a request: the secret of its key, which the operator derives again.
pub(crate) fn opening(rfq: &Rfq, key: &QuotingKey) -> Open {
    let request = KeyRequest { ledger: rfq.ledger, buyer: rfq.buyer, nonce: rfq.nonce };
    Open { rfq: rfq.hash(), secret: request.secret(key) }
}

fn close(env: &Env, ledger: &Ledger, rfq: RfqHash) -> Result<Answer, Failure> {
    let purse = env.purse(ledger)?;
    let excluded = purse.wallet.exclude(env.account, &docket(ledger, rfq)?, &mut OsRng)?;
    let count = excluded.len();
    for tender in excluded {
        env.submit(ledger, tender)?;
    }
    let table = purse.wallet.opened_quotes(env.account, &docket(ledger, rfq)?)?;
    let rows = table.iter().map(|row| {
        let standing = match row.standing {
            Standing::In => "ranked",
            Standing::Unsealed => "out: its seal does not open",
            Standing::Excluded => "excluded: its box does not open it",
        };
        let opened = row.opening.as_ref();
        let shown = |value: Option<u64>| value.map_or(Value::Null, |value| value.to_string().into());
        let price = shown(opened.map(|opening| opening.price()));
        let lead = shown(opened.map(|opening| opening.lead().into()));
        vec![row.id.to_string().into(), row.supplier.to_string().into(), price, lead, shown(row.score), standing.into()]
    });
    let columns = ["quote", "supplier", "total", "lead_days", "score", "standing"];
    Ok(Answer::new().shown("rfq", rfq).field("excluded", count).rows("quotes", &columns, rows.collect()))
}

fn verify(ledger: &Ledger, rfq: RfqHash) -> Result<Answer, Failure> {
    let docket = docket(ledger, rfq)?;
    let award = ledger.read(|state| Ok(docket.award(state)))??;
    let missing =
        || Failure::new(Code::Missing, "the request has no award; see `privity rfq show` for where it stands");
    let award = award.ok_or_else(missing)?;
    let winner = docket.quotes.iter().map(|quote| quote.get()).find(|quote| quote.id() == award.get().winner);
    let answer = Answer::new().shown("rfq", rfq).shown("winner", award.get().winner);
    let answer = match winner {
        Some(quote) => answer.shown("supplier", quote.supplier),
        None => answer,
    };
    let answer = answer.field("quotes", docket.quotes.len()).field("exclusions", docket.exclusions.len());
    Ok(answer.shown("verified", "every quote, exclusion and the award, from the log"))
}

fn link(env: &Env, ledger: &Ledger, rfq: RfqHash, terms: &str, out: &Path) -> Result<Answer, Failure> {
    let (docket, purse) = (docket(ledger, rfq)?, env.purse(ledger)?);
    let terms = crate::directory::parse(terms)?;
    let link = ledger.read(|state| Ok(purse.wallet.link(env.account, state, &docket, terms, &mut OsRng)))??;
    post(out, &link)?;
    Ok(Answer::new().shown("rfq", rfq).shown("terms", terms).shown("file", out.display()))
}
