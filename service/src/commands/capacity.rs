//! `privity certify …`, `issue`

use super::documents::read;
use crate::answer::Answer;
use crate::cli::capacity::{Certify, Issue};
use crate::clock;
use crate::env::Env;
use crate::error::{Code, Failure};
use crate::files;
use crate::home::{Book, message, post};
use crate::keyring::KeyRing;
use crate::terms::millionths;
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::capacity::Serial;
use privity_circuits::field::{self, truncate};
use privity_documents::WeekBasedCapacityGroup;
use privity_documents::certification::{Certification, certify as attestations};
use privity_documents::document::Document as _;
use privity_ledger::{Body, Claim as _, Codec, Item, Ledger, Transaction};
use privity_wallet::Wallet;
use privity_wallet::build::Make;
use privity_wallet::certify::{AttestationRequest, CertifierBook, SignedAttestation, WeekEntry};
use rand::rngs::OsRng;
use serde_json::Value;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Serials of a wallet that are looked through.
const SERIALS: u32 = 10_000;

pub(super) fn certify(env: &Env, command: Certify) -> Result<Answer, Failure> {
    match command {
        Certify::Check { capacity_group } => check(&capacity_group),
        Certify::Request { capacity_group, part, quantity, serial, out } => {
            request(env, &capacity_group, part, quantity.as_deref(), serial, &out)
        }
        Certify::Sign { request, capacity_group, book, out } => {
            sign(env, &request, &capacity_group, book.as_ref(), &out)
        }
        Certify::Open { attestation, out } => open(env, &attestation, &out),
        Certify::Settle { attestation, opening, book } => settle(env, &attestation, &opening, book.as_ref()),
    }
}

fn parts(path: &Path) -> Result<Vec<Certification>, Failure> {
    let group: WeekBasedCapacityGroup = read(path)?;
    attestations(&group).map_err(|error| Failure::from(error).in_file(path))
}

/// What a capacity group asks to have attested, from its JSON text.
pub(crate) fn parts_of(text: &str) -> Result<Vec<Certification>, Failure> {
    Ok(attestations(&WeekBasedCapacityGroup::from_slice(text.as_bytes())?)?)
}

fn resource(part: &Certification) -> ResourceId {
    ResourceId::new(truncate(&part.resource.content_id()))
}

fn check(path: &Path) -> Result<Answer, Failure> {
    let parts = parts(path)?;
    let resource = parts.first().map(|part| resource(part).to_string());
    let weeks = parts.iter().enumerate().flat_map(|(index, part)| part.weeks.iter().map(move |week| (index + 1, week)));
    let rows = weeks.map(|(part, week)| {
        vec![part.into(), week.bucket.into(), clock::day(week.bucket).into(), week.quantity.into()]
    });
    Ok(Answer::new()
        .field("resource", resource)
        .field("unit", parts.first().and_then(|part| part.resource.unit()))
        .rows("weeks", &["part", "bucket", "monday", "millionths"], rows.collect()))
}

fn request(
    env: &Env,
    group: &Path,
    part: usize,
    quantity: Option<&str>,
    serial: Option<u32>,
    out: &Path,
) -> Result<Answer, Failure> {
    let parts = parts(group)?;
    let other = quantity.map(millionths).transpose()?;
    let ledger = env.ledger()?;
    let mut purse = env.purse(&ledger)?;
    let (file, answer) = asked(&mut purse.wallet, env.account, &parts, (part, other, serial))?;
    purse.save()?;
    post(out, &file)?;
    Ok(answer.shown("file", out.display()))
}

/// A request for the attestation of one part of a capacity group, counted from 1; another quantity per week, and the serial of an
/// earlier request, if given.
pub(crate) fn asked(
    wallet: &mut Wallet,
    account: u32,
    parts: &[Certification],
    (part, quantity, serial): (usize, Option<u64>, Option<u32>),
) -> Result<(AttestationRequest, Answer), Failure> {
    let count = parts.len();
    let asked = part.checked_sub(1).and_then(|index| parts.get(index)).ok_or_else(|| {
        Failure::new(Code::Missing, format!("the group has {count} attestations, not {part}; give a part that it has"))
    })?;
    let weeks = asked.weeks.iter();
    let weeks = weeks.map(|week| WeekEntry { bucket: week.bucket, quantity: quantity.unwrap_or(week.quantity) });
    let weeks: Vec<WeekEntry> = weeks.collect();
    let (index, serial) = match serial {
        Some(index) => (index, wallet.serial(index)),
        None => wallet.next_serial(),
    };
    let supplier = wallet.account(account)?.owner;
    let (ledger, rows) = (wallet.ledger().id(), weeks.len());
    let request = AttestationRequest { ledger, supplier, resource: resource(asked), weeks, serial: serial.id() };
    let answer = Answer::new().shown("supplier", supplier).shown("resource", request.resource);
    Ok((request, answer.field("serial", index).field("weeks", rows).field("parts", count)))
}

fn sign(env: &Env, path: &Path, group: &Path, book: Option<&PathBuf>, out: &Path) -> Result<Answer, Failure> {
    let request: AttestationRequest = message(path)?;
    let parts = parts(group)?;
    let ledger = env.ledger()?;
    let purse = env.purse(&ledger)?;
    let mut book = env.book::<CertifierBook>(book, "certifier.book", Some(&purse))?;
    let (attestation, answer) = attest((&ledger, &purse.wallet, env.account), &request, &parts, &mut book)?;
    post(out, &attestation)?;
    Ok(answer.shown("file", out.display()))
}

/// Certifies what a request asks for, as far as its capacity group has it; the book is on disk before anybody sees the signature.
pub(crate) fn attest(
    (ledger, wallet, account): (&Ledger, &Wallet, u32),
    request: &AttestationRequest,
    parts: &[Certification],
    book: &mut Book<CertifierBook>,
) -> Result<(SignedAttestation, Answer), Failure> {
    if request.ledger != wallet.ledger().id() {
        return Err(Failure::new(Code::Rule, "the request is for another ledger; ask for one for this").rule("C1"));
    }
    if parts.iter().any(|part| resource(part) != request.resource) {
        let text = "the request names another resource than this capacity group; take the group that it was made from";
        return Err(Failure::new(Code::Rule, text));
    }
    for week in parts.iter().flat_map(|part| &part.weeks) {
        book.entries.set_actual(request.supplier, request.resource, week.bucket, week.quantity)?;
    }
    let signer = &wallet.account(account)?.signer;
    let attestation = book.entries.certify(signer, request, &mut OsRng)?;
    let approved = ledger.read(|state| state.is_certifier(signer.id))?;
    // The book first: what it does not know of could be signed twice.
    book.save()?;
    let answer = Answer::new().shown("certifier", signer.id).field("approved", approved);
    let answer = answer.rows("weeks", WEEKS, assets(&attestation));
    Ok((attestation, answer))
}

const WEEKS: &[&str] = &["bucket", "monday", "millionths", "asset"];

fn assets(attestation: &SignedAttestation) -> Vec<Vec<Value>> {
    let request = &attestation.request;
    let asset = |bucket| AssetId::capacity(attestation.certifier, request.supplier, request.resource, bucket);
    let weeks = request.weeks.iter();
    let row = |week: &WeekEntry| {
        let asset = asset(week.bucket).to_string();
        vec![week.bucket.into(), clock::day(week.bucket).into(), week.quantity.into(), asset.into()]
    };
    weeks.map(row).collect()
}

/// The index of the wallet's serial that an attestation was asked for with.
fn serial_of(wallet: &Wallet, attestation: &SignedAttestation) -> Result<u32, Failure> {
    let found = (0..SERIALS).find(|index| wallet.serial(*index).id() == attestation.request.serial);
    let text = "the attestation was not asked for by this wallet; open the wallet that asked";
    found.ok_or_else(|| Failure::new(Code::Missing, text).rule("C4"))
}

pub(super) fn issue(env: &Env, args: &Issue) -> Result<Answer, Failure> {
    let attestation: SignedAttestation = message(&args.attestation)?;
    let ledger = env.ledger()?;
    let mut purse = env.purse(&ledger)?;
    let when = env.when(&ledger, args.settle.expires_in)?;
    let mut make = Make { when, prover: &mut env.keyring(), rng: &mut OsRng };
    let (transaction, weeks) = issuing(&mut purse.wallet, env.account, &attestation, &mut make)?;
    let answer = env.settle_as(&ledger, &mut purse, transaction, &args.settle)?;
    Ok(answer.and(weeks))
}

/// The transaction that turns an attestation into capacity notes, and their weeks.
pub(crate) fn issuing(
    wallet: &mut Wallet,
    account: u32,
    attestation: &SignedAttestation,
    make: &mut Make<'_, KeyRing, OsRng>,
) -> Result<(Transaction, Answer), Failure> {
    attestation.check()?;
    let serial = serial_of(wallet, attestation)?;
    let transaction = wallet.issue(account, attestation, serial, make)?;
    Ok((transaction, Answer::new().rows("weeks", WEEKS, assets(attestation))))
}

fn open(env: &Env, path: &Path, out: &Path) -> Result<Answer, Failure> {
    let attestation: SignedAttestation = message(path)?;
    let purse = env.purse(&env.ledger()?)?;
    let index = serial_of(&purse.wallet, &attestation)?;
    let serial = purse.wallet.serial(index);
    files::create(out, Zeroizing::new(format!("{}\n", field::to_hex(&serial.field()))).as_bytes())?;
    Ok(Answer::new().field("serial", index).shown("file", out.display()))
}

fn settle(env: &Env, path: &Path, opening: &Path, book: Option<&PathBuf>) -> Result<Answer, Failure> {
    let attestation: SignedAttestation = message(path)?;
    let text = Zeroizing::new(files::read_text(opening)?);
    let serial = Serial::new(field::from_hex(text.trim()).map_err(|error| Failure::from(error).in_file(opening))?);
    let ledger = env.ledger()?;
    let mark = serial.issued(attestation.certifier);
    let (position, outputs) = issued(&ledger, mark)?;
    let mut book = env.book::<CertifierBook>(book, "certifier.book", None)?;
    book.entries.settle(attestation.certifier, &attestation, &serial, mark, &outputs)?;
    book.save()?;
    Ok(Answer::new().shown("issued", mark).field("position", position))
}

/// The log position and the outputs of the transaction that made a mark.
fn issued(
    ledger: &Ledger,
    mark: privity_circuits::capacity::Issued,
) -> Result<(u64, [privity_circuits::Fr; privity_circuits::capacity::WEEKS]), Failure> {
    let missing = || Failure::new(Code::Missing, "no attestation of this serial has issued; issue it first");
    if !ledger.read(|state| state.is_issued(mark))? {
        return Err(missing());
    }
    let mut position = 0;
    loop {
        let records = ledger.records(position, 256)?;
        let last = records.last().ok_or_else(missing)?;
        position = last.position + 1;
        for record in &records {
            if let Item::Transaction(transaction) = Item::from_bytes(&record.body)?
                && let Body::Issue { capacity } = &transaction.body
                && capacity.statement().issued == mark
            {
                return Ok((record.position, capacity.statement().outputs.map(|output| output.field())));
            }
        }
    }
}
