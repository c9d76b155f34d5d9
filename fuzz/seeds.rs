//! Writes valid encodings for each target to `corpus/`: `cargo run --release --example seeds`.

#[path = "../wallet/tests/common/market.rs"]
mod asked;
#[path = "../wallet/tests/common/mod.rs"]
mod town;
use town as common;

use privity_circuits::Fr;
use privity_circuits::field;
use privity_circuits::keys::{PublicKey, SigningKey};
use privity_fuzz::Square;
use privity_fuzz::ledger::NOW;
use privity_fuzz::ledger::market::{CLOSES, Market};
use privity_fuzz::ledger::world::{self, HOUR, World};
use privity_ledger::{Codec, Entry, EntryBody, Item, LocalOperator, Registration, Revocation, Tender, audit};
use privity_prover::{Control, KeyStore, generate};
use privity_quotes::{Message, Open};
use privity_wallet::build::{Make, ReleaseOrder};
use privity_wallet::certify::{AttestationRequest, WeekEntry};
use privity_wallet::evidence::{ArbiterBook, Delivery, InspectionBrief, InspectorBook};
use privity_wallet::file::Document;
use privity_wallet::history::Reference;
use privity_wallet::store::{Cost, seal_book};
use privity_wallet::swap::Amount;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use town::{DUE, Town};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let seeds = Seeds(root.join("corpus"));
    primitives(&seeds)?;
    ledger(&seeds)?;
    tenders(&seeds)?;
    wallet(&seeds)?;
    quotes(&seeds)?;
    documents(&seeds, &root.join("../examples/data"))
}

/// The folder that holds a folder per target.
struct Seeds(PathBuf);

impl Seeds {
    fn put(&self, target: &str, name: &str, bytes: impl AsRef<[u8]>) -> Outcome {
        let folder = self.0.join(target);
        fs::create_dir_all(&folder)?;
        Ok(fs::write(folder.join(format!("valid-{name}")), bytes)?)
    }

    fn file<T: Document>(&self, value: &T) -> Outcome {
        self.put("message", T::KIND, value.to_json()?)
    }
}

fn primitives(seeds: &Seeds) -> Outcome {
    let last = -Fr::from(1u64);
    seeds.put("field", "last", field::to_bytes(&last))?;
    seeds.put("field", "text", field::to_hex(&last))?;
    let key = SigningKey::from_bytes(&[5; 32])?;
    let public = key.public_key();
    let signature = privity_circuits::schnorr::Signature::sign(&key, last, last, &mut privity_testkit::rng(1));
    seeds.put("signing", "key", [5; 32])?;
    seeds.put("signing", "public", PublicKey::to_bytes(&public))?;
    seeds.put("signing", "signature", signature.to_bytes())?;
    let folder = tempfile::tempdir()?;
    let (store, control) = (KeyStore::new(folder.path()), Control::default());
    store.save(&generate::<Square>(&mut privity_testkit::rng(2), &control)?, &control)?;
    seeds.put("proving_key", "square", fs::read(store.proving_path("square.v1"))?)?;
    seeds.put("verifying_key", "square", fs::read(store.verifying_path("square.v1"))?)
}

fn ledger(seeds: &Seeds) -> Outcome {
    let mut world = World::new(3);
    let ledger = world.ledger();
    seeds.put("genesis", "genesis", world.genesis.to_bytes())?;
    let anchor = world::anchor(&ledger);
    let items: Vec<(&str, Item)> = vec![
        ("mint", world.mint(1_000, NOW + 60).into()),
        ("issue", world.issue(NOW + 60).into()),
        ("transfer", world.any_transfer(anchor, NOW).into()),
        ("withdraw", world.withdraw(anchor, NOW, 400, Fr::from(0u64)).into()),
        ("swap", world.swap(anchor, NOW).into()),
        ("release", world.release(anchor, NOW).into()),
    ];
    let mut history = vec![1];
    for (name, item) in &items {
        let bytes = item.to_bytes();
        history.extend((bytes.len() as u16).to_be_bytes());
        history.extend(&bytes);
        seeds.put("transaction", name, &bytes)?;
        ledger.submit(item.clone(), NOW)?;
    }
    seeds.put("apply", "history", &history)?;
    let deal: Item = world.deal(&ledger, NOW, true).into();
    seeds.put("transaction", "deal", deal.to_bytes())?;
    let bodies = [
        ("member", EntryBody::Member(world.admission(20))),
        ("signer", EntryBody::Register(Registration::Signer(world::Person::new(21).public))),
        ("revoke", EntryBody::Revoke(Revocation::Certifier(world.certifier.id))),
        ("policy", EntryBody::Policy(world::policy(20))),
    ];
    let fresh = world.ledger();
    let mut history = vec![0];
    for (name, body) in bodies {
        let position = fresh.enter(body, NOW + HOUR)?.position;
        let record = fresh.records(position, 1)?.pop().ok_or("no record")?;
        let entry = Entry::from_bytes(&record.body)?;
        history.extend((record.body.len() as u16).to_be_bytes());
        history.extend(&record.body);
        seeds.put("entry", name, entry.to_bytes())?;
        seeds.put("record", name, record.to_bytes())?;
    }
    seeds.put("apply", "entries", &history)?;
    seeds.put("head", "head", fresh.head()?.ok_or("no head")?.to_bytes())?;
    let mut log = Vec::new();
    audit::export(fresh.store(), &mut log)?;
    seeds.put("log", "entries", &log)?;
    let proof = world.keys.mint.simulate(&world::mint_statement(), &mut privity_testkit::rng(3))?;
    seeds.put("proof", "proof", proof.to_bytes())?;
    seeds.put("verifying_key", "mint", world.keys.mint.key().key().to_bytes())
}

/// The tenders of a story, and the messages in them; the first byte is the mode of `tender`, the kind of `quotes`.
fn tenders(seeds: &Seeds) -> Outcome {
    let mut market = Market::new(1, 2);
    for item in market.story() {
        match item {
            Item::Tender(tender) => {
                let (name, message) = match &*tender {
                    Tender::Rfq { rfq, .. } => ("rfq", [&[0], rfq.to_bytes().as_slice()].concat()),
                    Tender::Quote { quote, .. } => ("quote", [&[2], quote.to_bytes().as_slice()].concat()),
                    Tender::Exclude { exclusion } => ("exclusion", [&[3], exclusion.to_bytes().as_slice()].concat()),
                    Tender::Award { award } => ("award", [&[4], award.to_bytes().as_slice()].concat()),
                };
                seeds.put("tender", name, [&[2], Codec::to_bytes(&*tender).as_slice()].concat())?;
                seeds.put("quotes", name, message)?;
            }
            Item::Entry(entry) => seeds.put("entry", "open", Codec::to_bytes(&*entry))?,
            Item::Transaction(_) => {}
        }
    }
    let rfq = market.asked_until(2, 10 * CLOSES);
    let quote = market.sealed(&rfq, 1, 700);
    seeds.put("quote", "quote", [rfq.to_bytes(), quote.to_bytes()].concat())?;
    let open = Open { rfq: rfq.hash(), secret: market.secret(2) };
    seeds.put("quotes", "open", [&[1], open.to_bytes().as_slice()].concat())?;
    seeds.put("tender", "pending", [&[1 << 4 | 1], Codec::to_bytes(&market.signed(quote, 1)).as_slice()].concat())
}

/// What buyer and operator send each other, and what bidders get.
fn quotes(seeds: &Seeds) -> Outcome {
    let mut market = asked::Market::new();
    market.awarded();
    let (terms, _) = market.terms();
    let id = market.deal(&terms);
    let docket = market.docket();
    let link = market.on_log(|state| market.town.supplier.link(0, state, &docket, id, &mut privity_testkit::rng(5)))?;
    seeds.put("quotes", "link", [&[5], link.link.as_slice()].concat())?;
    seeds.file(&link)?;
    seeds.file(&market.granted)?;
    let operator = LocalOperator::new(SigningKey::from_bytes(&[1; 32])?);
    seeds.file(&market.granted.grant(&operator, &asked::operator_key()))
}

fn wallet(seeds: &Seeds) -> Outcome {
    let mut town = Town::new();
    let member = town.supplier.member()?;
    let (owner, to) = (member.owner, member.address());
    seeds.put("address", "member", to.to_string())?;
    seeds.put("viewing_key", "member", member.viewing_key().to_bytes())?;
    seeds.put("phrase", "member", town.supplier.seed().phrase().as_bytes())?;
    let cost = Cost { memory: 8, passes: 1 };
    seeds.put("wallet_file", "supplier", town.supplier.seal("password", cost, &mut town.rng)?)?;
    seeds.put("delivery", "note", [1; 32 + 256])?;
    seeds.put("delivery", "terms", [1; 32 + 1_024])?;

    let terms = town.terms();
    let reference = Reference { order: "4711".into(), rfq: "R-1".into(), material: "M-1".into() };
    let buyer = town.buyer.member()?.address();
    let Town { ledger, supplier, buyer: taker, rng, prover, keys, .. } = &mut town;
    let draft = ledger.read(|view| Ok(supplier.draft(0, &terms, &buyer, reference, view, rng)))??;
    let request = ledger.read(|view| Ok(taker.request(0, &draft, view, rng)))??;
    let offer = ledger.read(|view| Ok(supplier.offer(&request, None, view, prover, rng)))??;
    let deal = ledger.read(|view| Ok(taker.accept(&offer, view, keys, prover, rng)))??;
    (seeds.file(&draft)?, seeds.file(&request)?, seeds.file(&offer)?);
    seeds.put("transaction", "accepted-deal", deal.to_bytes())?;
    town.submit(deal)?;

    let id = draft.terms.id();
    let brief = InspectionBrief::of(&draft.terms);
    let mut inspector = InspectorBook::default();
    let delivery = Delivery { delivered: 400_000, time: DUE, last: false };
    let receipt = inspector.sign(&town.inspector, &brief, delivery, &mut town.rng)?;
    let proposal = town.supplier.propose(id, 1_000, 5, town.when(), &mut town.rng)?;
    (seeds.file(&brief)?, seeds.file(&receipt)?, seeds.file(&proposal)?);
    let evidence = town.supplier.file_evidence(id, |terms| receipt.evidence(terms))?;
    let mut make = Make { when: town.when(), prover: &mut town.prover, rng: &mut town.rng };
    let release = town.supplier.release(id, &ReleaseOrder::Evidence(evidence), &mut make)?;
    seeds.put("transaction", "release-of-deal", release.to_bytes())?;
    (seeds.file(&inspector)?, seeds.file(&ArbiterBook::default())?);

    let weeks = vec![WeekEntry { bucket: town::MONDAY, quantity: 4_000 }];
    let (_, serial) = town.supplier.next_serial();
    let ledger = town.genesis.ledger().id();
    let order = AttestationRequest { ledger, supplier: owner, resource: town.resource, weeks, serial: serial.id() };
    let mut book = privity_wallet::certify::CertifierBook::default();
    book.set_actual(owner, town.resource, town::MONDAY, 5_000)?;
    let attested = book.certify(&town.certifier, &order, &mut town.rng)?;
    (seeds.file(&order)?, seeds.file(&attested)?, seeds.file(&book)?);
    seeds.put("wallet_file", "book", seal_book(&book, "password", cost, &mut town.rng)?)?;
    let amount = |asset, value| Amount { asset, value };
    let (give, want) = (amount(town.currency, 5), amount(draft.terms.capacity_asset(), 7));
    let swap = town.buyer.propose_swap(0, give, want, to, town.time, &mut town.rng)?;
    seeds.file(&swap)
}

fn documents(seeds: &Seeds, data: &Path) -> Outcome {
    for (target, name) in [
        ("capacity_group", "WeekBasedCapacityGroup"),
        ("material_demand", "WeekBasedMaterialDemand"),
        ("request_for_quotation", "RequestForQuotation"),
        ("delivery_information", "DeliveryInformation"),
    ] {
        for folder in ["catena-x", "deal"] {
            seeds.put(target, folder, fs::read(data.join(folder).join(format!("{name}.json")))?)?;
        }
    }
    let table = fs::read_to_string(data.join("price_breaks.csv"))?;
    let head: Vec<&str> = table.lines().take(4).collect();
    seeds.put("price_table", "head", head.join("\n") + "\n")?;
    seeds.put("deal_config", "deal", fs::read(data.join("deal/deal.toml"))?)?;
    seeds.put("text", "number", "-12.345e-2")?;
    seeds.put("text", "time", "2026-11-23T10:00:00.5+01:00")
}
