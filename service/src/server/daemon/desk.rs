//! A wallet with everything that its verbs take. The verbs are the command's, without files.

use super::calls::{
    AcceptCall, AttestCall, DiscloseCall, DraftCall, IssueCall, Message, OfferCall, OpenCall, PayCall, ReceiptCall,
    ReleaseCall, RequestCall, SealCall, SeekCall, SettleCall, TermsCall, Text,
};
use super::views::{
    Accepted, Attested, Balance, Briefed, Deals, Disclosed, Drafted, Identity, Issued, Offered, Receipted, Released,
    Requested, Sealed, Settled, Sought, posted, typed, with,
};
use crate::answer::Answer;
use crate::clock;
use crate::commands::{capacity, deal, disclose, escrow, token, wallet};
use crate::directory::{Directory, address, parse, show_key};
use crate::error::{Code, Failure};
use crate::home::{Book, Home};
use crate::keyring::KeyRing;
use crate::progress::Progress;
use crate::purse::Purse;
use crate::server::Problem;
use crate::server::node::views::SettledView;
use crate::server::room::DealId;
use crate::server::room::letter::{Letter, Place};
use crate::view::View;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use privity_circuits::terms::TermsId;
use privity_documents::deal::{DealInputs, DealSources};
use privity_ledger::{Codec, Item, Ledger};
use privity_prover::EngineChoice;
use privity_verifier::{Keys, PreparedKey};
use privity_wallet::build::{Make, MintOrder, Payment, ReleaseOrder, When};
use privity_wallet::certify::CertifierBook;
use privity_wallet::deal::{Draft, FIRM_SECONDS, Offer, Request};
use privity_wallet::delivery::Channel;
use privity_wallet::evidence::{Delivery, InspectionBrief, InspectorBook};
use privity_wallet::file::Document;
use rand::RngCore;
use rand::rngs::OsRng;
use std::sync::Arc;

/// What a desk needs of the node that its ledger is.
pub trait Counter: Send + Sync {
    /// The ledger.
    ///
    /// # Errors
    /// [`Code::Store`] while its store does not answer.
    fn ledger(&self) -> Result<Arc<Ledger>, Failure>;
    /// The time, Unix seconds.
    ///
    /// # Errors
    /// [`Code::Store`] if the clock jumped.
    fn now(&self) -> Result<u64, Failure>;
    /// Settles.
    ///
    /// # Errors
    /// The ledger's refusal by its rule.
    fn submit(&self, item: Item) -> Result<SettledView, Problem>;
}

/// An open wallet, kept abreast of the ledger.
pub struct Desk {
    purse: Purse,
    keys: KeyRing,
    home: Home,
    account: u32,
    counter: Arc<dyn Counter>,
}

/// Why a verb is refused: by the wallet, as the command would be, or by the node.
pub enum Denied {
    /// By the wallet.
    Wallet(Failure),
    /// By the node.
    Node(Problem),
}

impl<E: Into<Failure>> From<E> for Denied {
    fn from(error: E) -> Self {
        Self::Wallet(error.into())
    }
}

/// What one call looks at: one moment of the ledger.
struct Moment {
    ledger: Arc<Ledger>,
    now: u64,
}

impl Moment {
    fn view(&self) -> Result<View<'_>, Failure> {
        Ok(View::new(&self.ledger, self.now)?)
    }

    fn when(&self, expires_in: u64) -> Result<When, Failure> {
        let time = self.ledger.read(|state| Ok(state.time()))?.max(self.now);
        Ok(When { time, expiry: time.saturating_add(expires_in) })
    }

    fn keys(&self) -> Result<Keys, Failure> {
        let keys = self.ledger.read(|state| {
            let now = self.now.max(state.time());
            let mut accepted = Vec::new();
            for key in state.keys()? {
                if state.key_end(key.id())?.is_some_and(|end| now < end) {
                    accepted.push(key);
                }
            }
            Ok(accepted)
        })?;
        Ok(keys.into_iter().map(PreparedKey::new).collect())
    }
}

/// A message of another wallet.
fn message<T: Document>(message: &Message) -> Result<T, Failure> {
    Ok(T::from_json(&text(message)?)?)
}

fn text(message: &Message) -> Result<String, Failure> {
    serde_json::to_string(message).map_err(|_| Failure::new(Code::Input, "that is no message; send it as it came"))
}

impl Desk {
    /// A desk at an open wallet.
    pub fn new(purse: Purse, home: Home, account: u32, counter: Arc<dyn Counter>) -> Self {
        let keys = KeyRing::new(&home.keys, EngineChoice::default(), Progress::Silent);
        Self { purse, keys, home, account, counter }
    }

    /// The moment, which the wallet has read up to.
    fn moment(&mut self) -> Result<Moment, Failure> {
        let (ledger, now) = (self.counter.ledger()?, self.counter.now()?);
        self.purse.scan(&ledger, &Progress::Silent.task("wallet"))?;
        Ok(Moment { ledger, now })
    }

    fn submit(&mut self, item: impl Into<Item>) -> Result<Settled, Denied> {
        // What was promised is on disk before anybody sees it.
        self.purse.save()?;
        let told = self.counter.submit(item.into()).map_err(Denied::Node)?;
        let answer = Answer::new()
            .field("transaction", told.id)
            .field("position", told.position)
            .shown("time", clock::show(told.time))
            .field("anchor", told.root);
        match self.moment() {
            Ok(_) if self.purse.wallet.scanner().position() > told.position => typed(&answer),
            _ => {
                let text = "it is settled, do not send it again; the wallet reads it with a later call";
                typed(&answer.field("warning", text))
            }
        }
    }

    pub(super) fn balance(&mut self) -> Result<Balance, Denied> {
        let moment = self.moment()?;
        typed(&wallet::balance(&Directory::read(&moment.ledger)?, self.purse.wallet.scanner())?)
    }

    pub(super) fn address(&mut self) -> Result<Identity, Denied> {
        let account = self.purse.wallet.account(self.account)?;
        let answer = Answer::new().shown("address", account.address()).shown("owner", account.owner);
        let answer = answer.shown("signer", account.signer.id);
        typed(&answer.field("signer_key", show_key(&account.signer.public)))
    }

    pub(super) fn deals(&mut self) -> Result<Deals, Denied> {
        self.moment()?;
        typed(&wallet::deals(&self.purse))
    }

    pub(super) fn mint(&mut self, call: &PayCall) -> Result<Settled, Denied> {
        let order = MintOrder {
            name: call.asset.clone(),
            value: call.amount.small()?,
            to: address(&call.to)?,
            unlock: 0,
            memo: token::memo(&call.memo)?,
        };
        let moment = self.moment()?;
        let mut make = Make { when: moment.when(FIRM_SECONDS)?, prover: &mut self.keys, rng: &mut OsRng };
        let transaction = token::minting(&moment.ledger, &mut self.purse.wallet, self.account, &order, &mut make)?;
        self.submit(transaction)
    }

    pub(super) fn send(&mut self, call: &PayCall) -> Result<Settled, Denied> {
        let payment =
            Payment { to: address(&call.to)?, value: call.amount.small()?, unlock: 0, memo: token::memo(&call.memo)? };
        let moment = self.moment()?;
        let asset = Directory::read(&moment.ledger)?.asset(&call.asset)?;
        let mut make = Make { when: moment.when(FIRM_SECONDS)?, prover: &mut self.keys, rng: &mut OsRng };
        let transaction = self.purse.wallet.send(self.account, asset, &[payment], &mut make)?;
        self.submit(transaction)
    }

    pub(super) fn seek(&mut self, call: &SeekCall) -> Result<Sought, Denied> {
        let part = usize::try_from(call.part.unwrap_or(1)).unwrap_or(usize::MAX);
        let parts = capacity::parts_of(&call.capacity_group)?;
        let (request, answer) = capacity::asked(&mut self.purse.wallet, self.account, &parts, (part, None, None))?;
        self.purse.save()?;
        with(&answer, "request", posted(&request)?)
    }

    pub(super) fn attest(&mut self, call: &AttestCall) -> Result<Attested, Denied> {
        let (request, parts) = (message(&call.request)?, capacity::parts_of(&call.capacity_group)?);
        let moment = self.moment()?;
        let mut book = self.book::<CertifierBook>("certifier.book")?;
        let wallet = (&*moment.ledger, &self.purse.wallet, self.account);
        let (attestation, answer) = capacity::attest(wallet, &request, &parts, &mut book)?;
        with(&answer, "attestation", posted(&attestation)?)
    }

    pub(super) fn issue(&mut self, call: &IssueCall) -> Result<Issued, Denied> {
        let attestation = message(&call.attestation)?;
        let moment = self.moment()?;
        let mut make = Make { when: moment.when(FIRM_SECONDS)?, prover: &mut self.keys, rng: &mut OsRng };
        let wallet = &mut self.purse.wallet;
        let (transaction, weeks) = capacity::issuing(wallet, self.account, &attestation, &mut make)?;
        let settled = self.submit(transaction)?;
        with(&weeks, "settled", settled)
    }

    /// The book of a role in the home, under the wallet's password.
    fn book<T: Document + Default>(&self, name: &str) -> Result<Book<T>, Failure> {
        let password = self.purse.password().clone();
        Book::open(self.home.book(None, name), |_| Ok(password))
    }

    pub(super) fn draft(&mut self, call: &DraftCall) -> Result<Drafted, Denied> {
        let documents = &call.documents;
        let inputs = DealInputs::read(DealSources {
            capacity_group: documents.capacity_group.as_bytes(),
            material_demand: documents.material_demand.as_bytes(),
            request_for_quotation: documents.request_for_quotation.as_bytes(),
            delivery_information: documents.delivery_information.as_bytes(),
            price_table: documents.price_table.as_bytes(),
            config: documents.config.as_bytes(),
        })?;
        let moment = self.moment()?;
        let view = moment.view()?;
        let named = |name: &'static str| match name {
            "origin" => call.origin.as_ref(),
            "inspector" => call.inspector.as_ref(),
            "arbiter" => call.arbiter.as_ref(),
            "auditor" => call.auditor.as_ref(),
            _ => call.currency.as_ref(),
        };
        let wallet = (&*moment.ledger, &self.purse.wallet, self.account);
        let plan = deal::plan(&inputs, wallet, &view, (&call.buyer, &call.certifier), named)?;
        let draft =
            self.purse.wallet.draft(self.account, &plan.terms, &plan.buyer, plan.reference, &view, &mut OsRng)?;
        self.purse.save()?;
        Ok(Drafted { figures: typed(&deal::comes_to(&draft.terms, &view)?)?, draft: posted(&draft)? })
    }

    pub(super) fn request(&mut self, call: &RequestCall) -> Result<Requested, Denied> {
        let draft: Draft = message(&call.draft)?;
        let moment = self.moment()?;
        let view = moment.view()?;
        let request = self.purse.wallet.request(self.account, &draft, &view, &mut OsRng)?;
        self.purse.save()?;
        Ok(Requested { figures: typed(&deal::comes_to(&draft.terms, &view)?)?, request: posted(&request)? })
    }

    pub(super) fn offer(&mut self, call: &OfferCall) -> Result<Offered, Denied> {
        let request: Request = message(&call.request)?;
        let moment = self.moment()?;
        let when = moment.when(call.expires_in.map_or(Ok(FIRM_SECONDS), Text::small)?)?;
        let view = moment.view()?;
        let offer = self.purse.wallet.offer(&request, Some(when.expiry), &view, &mut self.keys, &mut OsRng)?;
        self.purse.save()?;
        let answer = Answer::new().shown("terms", offer.terms).shown("firm_until", clock::show(offer.expiry));
        with(&answer, "offer", posted(&offer)?)
    }

    pub(super) fn accept(&mut self, call: &AcceptCall) -> Result<Accepted, Denied> {
        let offer: Offer = message(&call.offer)?;
        let moment = self.moment()?;
        let (keys, view) = (moment.keys()?, moment.view()?);
        let transaction = self.purse.wallet.accept(&offer, &view, &keys, &mut self.keys, &mut OsRng)?;
        self.purse.save()?;
        let answer = Answer::new().shown("terms", offer.terms).shown("id", transaction.id());
        let answer = answer.shown("expires", clock::show(transaction.expiry));
        let bytes = Item::from(transaction).to_bytes();
        with(&answer, "transaction", BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn settle(&mut self, call: &SettleCall) -> Result<Settled, Denied> {
        let wrong = |_| Failure::new(Code::Input, "the transaction is not base64; send what `accept` answered");
        let bytes = BASE64_STANDARD.decode(&call.transaction).map_err(wrong)?;
        let item = Item::from_bytes(&bytes)?;
        if !matches!(item, Item::Transaction(_)) {
            let text = "that is an entry of an operator; send what `accept` answered";
            return Err(Failure::new(Code::Input, text).into());
        }
        self.submit(item)
    }

    pub(super) fn brief(&mut self, call: &TermsCall) -> Result<Briefed, Denied> {
        self.moment()?;
        let id: TermsId = parse(&call.terms)?;
        let wallet = &self.purse.wallet;
        let open = wallet.sessions().get(&id).map(|session| &session.draft.terms);
        let terms = wallet.scanner().deals().get(&id).map(|deal| &deal.terms).or(open);
        let missing = || Failure::new(Code::Missing, format!("no deal {id} of this wallet; list its deals"));
        let brief = InspectionBrief::of(terms.ok_or_else(missing)?);
        with(&Answer::new().shown("terms", id), "brief", posted(&brief)?)
    }

    pub(super) fn receipt(&mut self, call: &ReceiptCall) -> Result<Receipted, Denied> {
        let brief: InspectionBrief = message(&call.brief)?;
        let mut book = self.book::<InspectorBook>("inspector.book")?;
        let signer = &self.purse.wallet.account(self.account)?.signer;
        let delivery = Delivery { delivered: call.delivered.small()?, time: call.time.small()?, last: call.last };
        let receipt = book.entries.sign(signer, &brief, delivery, &mut OsRng)?;
        // The book first: what it does not know of could be signed twice.
        book.save()?;
        let answer = Answer::new().shown("terms", receipt.terms).field("done_thousandths", receipt.done);
        let answer = answer.field("delivered_thousandths", receipt.delivered).shown("time", clock::show(receipt.time));
        with(&answer, "receipt", posted(&receipt)?)
    }

    pub(super) fn release(&mut self, call: &ReleaseCall) -> Result<Released, Denied> {
        let proof = escrow::Proof::parse(&text(&call.evidence)?)?;
        let moment = self.moment()?;
        let evidence = proof.file(&mut self.purse)?;
        self.purse.save()?;
        let when = moment.when(FIRM_SECONDS)?;
        let moved = escrow::amounts(&self.purse.wallet.preview(proof.terms(), &evidence.claim(), when.time)?);
        let movement = typed(&moved)?;
        if call.preview {
            return Ok(Released { movement, settled: None });
        }
        let mut make = Make { when, prover: &mut self.keys, rng: &mut OsRng };
        let transaction = self.purse.wallet.release(proof.terms(), &ReleaseOrder::Evidence(evidence), &mut make)?;
        Ok(Released { movement, settled: Some(self.submit(transaction)?) })
    }

    pub(super) fn refund(&mut self, call: &TermsCall) -> Result<Settled, Denied> {
        let moment = self.moment()?;
        let mut make = Make { when: moment.when(FIRM_SECONDS)?, prover: &mut self.keys, rng: &mut OsRng };
        let transaction = self.purse.wallet.release(parse(&call.terms)?, &ReleaseOrder::Refund, &mut make)?;
        self.submit(transaction)
    }

    pub(super) fn disclose(&mut self, call: &DiscloseCall) -> Result<Disclosed, Denied> {
        let moment = self.moment()?;
        let order = disclose::ordered(
            &moment.ledger,
            (&call.asset, &call.scope, &call.audience),
            (call.at_least.small()?, call.hold.small()?),
        )?;
        let disclosure = self.purse.wallet.disclose(self.account, &order, &mut self.keys, &mut OsRng)?;
        with(&disclose::shown(&disclosure), "disclosure", posted(&disclosure)?)
    }

    pub(super) fn seal(&mut self, call: &SealCall) -> Result<Sealed, Denied> {
        let account = self.purse.wallet.account(self.account)?;
        let mut nonce = [0u8; 16];
        OsRng.fill_bytes(&mut nonce);
        let deal = match &call.deal {
            Some(text) => deal_id(text)?,
            None => DealId::of(account.owner, &nonce),
        };
        let place = Place { deal: &deal, act: call.act, sequence: call.sequence };
        let to = address(&call.to)?;
        let channel = Channel::new(&self.purse.wallet.ledger().0);
        let keys = [&to.delivery, &account.delivery_key().public()];
        let sealed =
            call.letter.seal(&channel, &place, keys, &mut OsRng).map_err(|error| Failure::new(Code::Input, error))?;
        Ok(Sealed {
            deal: deal.to_string(),
            envelope: BASE64_STANDARD.encode(sealed),
            counterparty: to.owner.to_string(),
            nonce: call.deal.is_none().then(|| crate::files::hex(&nonce)),
        })
    }

    pub(super) fn open(&mut self, call: &OpenCall) -> Result<Letter, Denied> {
        let deal = deal_id(&call.deal)?;
        let place = Place { deal: &deal, act: call.act, sequence: call.sequence };
        let wrong = |_| Failure::new(Code::Input, "the envelope is not base64; send its bytes so");
        let bytes = BASE64_STANDARD.decode(&call.envelope).map_err(wrong)?;
        let channel = Channel::new(&self.purse.wallet.ledger().0);
        let key = self.purse.wallet.account(self.account)?.delivery_key();
        Ok(Letter::open(&channel, &place, key, &bytes).map_err(|error| Failure::new(Code::Input, error))?)
    }
}

fn deal_id(text: &str) -> Result<DealId, Failure> {
    let wrong = || Failure::new(Code::Input, "a deal's id has 32 lower-case hexadecimal digits; copy it whole");
    DealId::named(text).ok_or_else(wrong)
}
