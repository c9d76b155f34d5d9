//! Pitfall 27: secrets in logs, errors, crash dumps, the database. Known secrets go in, every error that they can reach is forced, and
//! all that was printed or written is searched for them.

#[allow(dead_code, reason = "only the prover is used")]
#[path = "../embed.rs"]
mod embed;

use embed::Local;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::SigningKey;
use privity_circuits::mint::{self, Mint};
use privity_circuits::note::Note;
use privity_circuits::r1cs::Cs;
use privity_circuits::terms::Policy;
use privity_circuits::transfer::Transfer2x3;
use privity_circuits::{Relation, field, jubjub};
use privity_ledger::store::Options;
use privity_ledger::{EntryBody, Genesis, Ledger, LocalOperator, NO_END, Name, RedbStore, Registration, audit};
use privity_prover::{Control, KeyStore, Prover};
use privity_testkit::rng;
use privity_testkit::simulate::SimulatedKey;
use privity_verifier::{KeyId, Proof};
use privity_wallet::build::{Make, MintOrder, Payment, When};
use privity_wallet::delivery::Memo;
use privity_wallet::file::Document;
use privity_wallet::store::Cost;
use privity_wallet::swap::SwapProposal;
use privity_wallet::{Prove, ProveError, Seed, ViewingKey, Wallet};
use rand::RngCore;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

const NOW: u64 = 1_800_000_060;
const PASSWORD: &str = "canary password of nineteen words";
const VALUE: u64 = 7_319_204_458_113;

/// What must not appear anywhere, in each form that a program could print it in.
#[derive(Default)]
struct Canaries(Vec<(String, Vec<u8>)>);

impl Canaries {
    fn add(&mut self, name: &str, form: &str, needle: impl Into<Vec<u8>>) {
        self.0.push((format!("{name}, {form}"), needle.into()));
    }

    /// 32 bytes as they are, reversed, in hexadecimal, as a list of numbers and as one decimal number; halves count too.
    fn secret(&mut self, name: &str, bytes: &[u8; 32]) {
        let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
        for (order, bytes) in [("big-endian", bytes.as_slice()), ("little-endian", &reversed)] {
            for half in bytes.chunks(16) {
                let digits: String = half.iter().map(|byte| format!("{byte:02x}")).collect();
                let list = format!("{half:?}");
                self.add(name, &format!("{order} bytes"), half);
                self.add(name, &format!("{order} digits"), digits.to_uppercase());
                self.add(name, &format!("{order} digits"), digits);
                self.add(name, &format!("{order} list"), list.trim_matches(['[', ']']));
            }
        }
        if let Ok(x) = field::from_bytes(bytes) {
            self.add(name, "decimal", x.to_string());
            self.add(name, "limbs", format!("{:?}", x.0.0).trim_matches(['[', ']']));
            self.add(name, "memory", x.0.0.iter().take(2).flat_map(|limb| limb.to_le_bytes()).collect::<Vec<u8>>());
        }
    }

    /// Three words in a row are 33 bits of a phrase.
    fn phrase(&mut self, phrase: &str) {
        let words: Vec<&str> = phrase.split(' ').collect();
        words.windows(3).for_each(|words| self.add("phrase", "words", words.join(" ")));
    }

    /// Names of the canaries in `text`.
    fn found_in(&self, text: &[u8]) -> Vec<&str> {
        let inside = |needle: &[u8]| text.windows(needle.len()).any(|window| window == needle);
        self.0.iter().filter(|(_, needle)| inside(needle)).map(|(name, _)| name.as_str()).collect()
    }
}

/// All that was printed.
#[derive(Default)]
struct Printed(Vec<u8>);

impl Printed {
    fn debug(&mut self, value: &impl Debug) {
        self.0.extend(format!("{value:?}\n{value:#?}\n").into_bytes());
    }

    /// An error with its sources; panics if there was none.
    #[track_caller]
    fn error<T, E: std::error::Error>(&mut self, outcome: Result<T, E>) {
        let error = outcome.err().expect("this call fails");
        self.debug(&error);
        let mut next: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = next {
            self.0.extend(format!("{error}\n{error:?}\n").into_bytes());
            next = error.source();
        }
    }
}

/// Mints are proved, transfers simulated.
struct Both {
    local: Local,
    transfer: SimulatedKey<Transfer2x3>,
}

impl Prove<Mint> for Both {
    fn prove(&mut self, x: &mint::Statement, w: &mint::Witness) -> Result<(KeyId, Proof), ProveError> {
        Prove::<Mint>::prove(&mut self.local, x, w)
    }
}

impl Prove<Transfer2x3> for Both {
    fn prove(
        &mut self,
        x: &<Transfer2x3 as Relation>::Statement,
        _: &<Transfer2x3 as Relation>::Witness,
    ) -> Result<(KeyId, Proof), ProveError> {
        let proof = self.transfer.simulate(x, &mut rng(9)).map_err(|error| ProveError::Prover(Box::new(error)))?;
        Ok((self.transfer.key().id(), proof))
    }
}

struct Scene {
    ledger: Ledger,
    wallet: Wallet,
    prover: Both,
    printed: Printed,
    token: AssetId,
}

fn found(folder: &Path, seed: Seed) -> Scene {
    let key = KeyStore::new(folder).load_or_generate::<Mint>(&mut rng(1), &Control::default()).unwrap();
    let transfer = SimulatedKey::generate(11, [1; 32], &mut rng(2)).unwrap();
    let operator = SigningKey::from_wide(&Seed::new([8; 32]).derive("signer", 0)).unwrap();
    let genesis = Genesis {
        name: Name::new("canary").unwrap(),
        operator: operator.public_key(),
        production: false,
        grace: 3_600,
        signer_delay: 86_400,
        max_bytes: 65_536,
        policy: Policy { flat: 0, rate: 0, treasury: Default::default(), delivery_key: [9; 32] },
        time: NOW - 60,
    };
    let store = RedbStore::open(&folder.join("ledger.redb"), Options::default()).unwrap();
    let operator = Box::new(LocalOperator::new(operator));
    let ledger = Ledger::create(Box::new(store), &genesis, Some(operator)).unwrap();
    let wallet = Wallet::new(seed, &genesis, 2).unwrap();
    let issuer = wallet.member().unwrap().signer.clone();
    for registration in [
        Registration::Key { key: Box::new(key.verifying().key().clone()), ends: NO_END },
        Registration::Key { key: Box::new(transfer.key().key().clone()), ends: NO_END },
        Registration::Signer(issuer.public),
        Registration::Token { issuer: issuer.id, name: Name::new("EUR").unwrap() },
    ] {
        ledger.enter(EntryBody::Register(registration), NOW).unwrap();
    }
    let prover = Both { local: Local(Prover::new().with_key(key)), transfer };
    Scene { ledger, wallet, prover, printed: Printed::default(), token: AssetId::token(issuer.id, "EUR") }
}

impl Scene {
    fn catch_up(&mut self) {
        for record in self.ledger.records(self.wallet.scanner().position(), 100).unwrap() {
            let report = self.wallet.read(&record).unwrap();
            self.printed.debug(&(&record, report));
        }
    }

    /// A mint and a payment settle, and are submitted again.
    fn settle(&mut self) {
        let when = When { time: NOW, expiry: NOW + 600 };
        let to = self.wallet.member().unwrap().address();
        let memo = Memo::new(b"canary memo, for two pairs of eyes").unwrap();
        let order = MintOrder { name: "EUR".into(), value: VALUE, to, unlock: 0, memo: memo.clone() };
        let mut random = rng(3);
        let mut make = Make { when, prover: &mut self.prover, rng: &mut random };
        let mint = self.wallet.mint(0, &order, &mut make).unwrap();
        self.ledger.submit(mint.clone(), NOW).unwrap();
        self.catch_up();
        let payment = |value| Payment { to, value, unlock: 0, memo: memo.clone() };
        let mut make = Make { when, prover: &mut self.prover, rng: &mut random };
        let pay = self.wallet.send(0, self.token, &[payment(VALUE / 3)], &mut make).unwrap();
        let much = self.wallet.send(0, self.token, &[payment(VALUE * 2)], &mut make);
        self.printed.error(much);
        let unknown = self.wallet.send(7, self.token, &[payment(1)], &mut make);
        self.printed.error(unknown);
        let nothing = Prove::<Transfer2x3>::prove(&mut Local(Prover::new()), &spend(&pay), &blank());
        self.printed.error(nothing);
        self.ledger.submit(pay.clone(), NOW).unwrap();
        self.printed.error(self.ledger.submit(mint.clone(), NOW));
        self.printed.error(self.ledger.submit(pay.clone(), NOW));
        self.printed.debug(&(mint, pay));
        self.catch_up();
    }

    /// The witness of the settled mint, and of one that is not true.
    fn prove(&mut self, note: &Note) {
        let honest = mint::Witness { unlock: note.unlock, owner: note.owner, blinding: note.blinding };
        let context = Default::default();
        let statement = mint::Statement { asset: note.asset, value: note.value, out: note.commitment(), context };
        let prover = &self.prover.local.0;
        let proof = prover.prove::<Mint>(&statement, &honest, &mut rng(4)).unwrap();
        let wide = mint::Witness { unlock: 1 << 40, ..honest.clone() };
        let other = mint::Statement { value: note.value + 1, ..statement.clone() };
        self.printed.error(prover.prove::<Mint>(&statement, &wide, &mut rng(4)));
        self.printed.error(prover.prove::<Mint>(&other, &honest, &mut rng(4)));
        self.printed.error(Prove::<Mint>::prove(&mut self.prover, &other, &honest));
        let prover = &self.prover.local.0;
        let key = prover.key::<Mint>().unwrap();
        self.printed.error(key.verifying().verify::<Mint>(other, &proof));
        let mut short = Cs::without_rows().synthesize::<Mint>(&statement, &honest).into_assignment();
        short.pop();
        self.printed.error(prover.prove_assignment::<Mint>(short, &mut rng(4)));
        self.printed.debug(&(key, proof, statement));
    }

    /// Every damaged form in which somebody may hand the secrets in.
    fn read_damaged(&mut self, folder: &Path) {
        let printed = &mut self.printed;
        let phrase = self.wallet.seed().phrase();
        let words: Vec<&str> = phrase.split(' ').collect();
        printed.error(Seed::from_phrase(&words[1..].join(" ")));
        printed.error(Seed::from_phrase(&phrase.replacen(words[3], "privity", 1)));
        printed.error(Seed::from_phrase(&[&[words[1], words[0]], &words[2..]].concat().join(" ")));
        let viewing = self.wallet.member().unwrap().viewing_key().to_bytes();
        for length in [0, 64, 96, 128] {
            printed.error(ViewingKey::from_bytes(&viewing[..length]));
        }
        for at in [0, 1, 65, 128] {
            let mut damaged = viewing.to_vec();
            damaged[at] |= 0xf0;
            printed.error(ViewingKey::from_bytes(&damaged));
        }
        for body in [format!("\"{}\"", *phrase), format!("{{\"{}\": {{}}}}", *phrase), format!("[{viewing:?}")] {
            printed.error(SwapProposal::from_json(&format!(
                "{{\"kind\": \"privity.swap-proposal\", \"version\": 1, \"body\": {body}}}"
            )));
        }
        let path = folder.join("wallet");
        let cost = Cost { memory: 8, passes: 1 };
        self.wallet.save(&path, PASSWORD, cost, &mut rng(5)).unwrap();
        printed.error(Wallet::load(&path, "wrong"));
        printed.error(Wallet::load(&folder.join("none"), PASSWORD));
        printed.error(self.wallet.save(&folder.join("none/wallet"), PASSWORD, cost, &mut rng(5)));
        printed.debug(&Wallet::load(&path, PASSWORD).unwrap());
        let bytes = fs::read(&path).unwrap();
        printed.error(Wallet::unseal(&bytes[..bytes.len() - 1], PASSWORD));
        let keys = KeyStore::new(folder);
        let (proving, mut key) = (keys.proving_path(Mint::NAME), fs::read(keys.proving_path(Mint::NAME)).unwrap());
        key[300] ^= 1;
        fs::write(&proving, &key).unwrap();
        printed.error(keys.load::<Mint>(&Control::default()));
        fs::write(&proving, &bytes).unwrap();
        printed.error(keys.load::<Mint>(&Control::default()));
    }

    fn print_all(&mut self) {
        let (wallet, printed) = (&self.wallet, &mut self.printed);
        let member = wallet.member().unwrap();
        printed.debug(&(wallet.seed(), wallet.scanner(), wallet.serial(0)));
        printed.debug(&(member, member.viewing_key(), &member.signer, member.nullifier_key(), member.delivery_key()));
        wallet.scanner().notes().iter().for_each(|own| printed.debug(&own.note));
        printed.debug(wallet);
    }
}

fn spend(transaction: &privity_ledger::Transaction) -> <Transfer2x3 as Relation>::Statement {
    match &transaction.body {
        privity_ledger::Body::Transfer { leg: privity_ledger::Leg::Payment(claim), .. } => claim.statement.clone(),
        other => panic!("a payment was expected, found {other:?}"),
    }
}

fn blank() -> <Transfer2x3 as Relation>::Witness {
    <Transfer2x3 as privity_circuits::Circuit>::blank().1
}

fn canaries(wallet: &Wallet) -> Canaries {
    let (mut canaries, seed) = (Canaries::default(), wallet.seed());
    canaries.phrase(&seed.phrase());
    canaries.add("password", "text", PASSWORD);
    canaries.add("memo", "text", "canary memo");
    canaries.add("wallet", "plaintext", "\"blinding\"");
    for account in 0..2 {
        for label in ["sign", "signer"] {
            let scalar = jubjub::scalar_from_wide(&seed.derive(label, account));
            canaries.secret(label, &jubjub::scalar_to_bytes(&scalar));
        }
        let account = wallet.account(account).unwrap();
        canaries.secret("nullifier key", &field::to_bytes(&account.nullifier_key().field()));
        let viewing = account.viewing_key().to_bytes();
        canaries.secret("delivery key", viewing[97..].try_into().unwrap());
    }
    for own in wallet.scanner().notes() {
        canaries.secret("blinding", &field::to_bytes(&own.note.blinding));
    }
    canaries
}

#[test]
fn no_secret_is_printed_or_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut entropy = [0; 32];
    rng(27).fill_bytes(&mut entropy);
    let mut scene = found(folder.path(), Seed::new(entropy));
    scene.settle();
    let minted = scene.wallet.scanner().notes()[0].note.clone();
    scene.prove(&minted);
    scene.read_damaged(folder.path());
    scene.print_all();
    let mut log = Vec::new();
    audit::export(scene.ledger.store(), &mut log).unwrap();
    fs::write(folder.path().join("log"), log).unwrap();

    let mut canaries = canaries(&scene.wallet);
    canaries.secret("seed", &entropy);
    assert_eq!(scene.wallet.scanner().notes().len(), 3, "the minted note, the payment and the change");
    let Scene { ledger, printed, .. } = scene;
    drop(ledger);
    assert!(printed.0.len() > 10_000);
    assert_eq!(canaries.found_in(&printed.0), Vec::<&str>::new(), "in what was printed");
    let mut files = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let bytes = fs::read(entry.path()).unwrap();
        assert_eq!(canaries.found_in(&bytes), Vec::<&str>::new(), "in {}", entry.path().display());
        files += 1;
    }
    // Key in three files and a lock, ledger, wallet, log.
    assert_eq!(files, 7);
    println!("{} forms of secrets, {} bytes printed, {files} files: 0 hits", canaries.0.len(), printed.0.len());
}

/// The search finds what it is to find.
#[test]
fn canaries_sing() {
    let secret: [u8; 32] = core::array::from_fn(|i| 7 * i as u8 + 1);
    let x = field::from_bytes(&secret).unwrap();
    let mut canaries = Canaries::default();
    canaries.secret("secret", &secret);
    canaries.phrase(&Seed::new(secret).phrase());
    let digits = field::to_hex(&x);
    let reversed: Vec<u8> = secret.iter().rev().copied().collect();
    let phrase = Seed::new(secret).phrase();
    for text in [
        secret.to_vec(),
        reversed,
        format!("key: {digits}").into_bytes(),
        format!("key: {secret:?}").into_bytes(),
        format!("key: {x:?} {x}").into_bytes(),
        digits.as_bytes()[34..].to_vec(),
        phrase.as_bytes().to_vec(),
        phrase.split(' ').skip(9).take(3).collect::<Vec<_>>().join(" ").into_bytes(),
    ] {
        assert!(!canaries.found_in(&text).is_empty(), "{}", String::from_utf8_lossy(&text));
    }
    assert!(canaries.found_in(&secret[..15]).is_empty());
}
