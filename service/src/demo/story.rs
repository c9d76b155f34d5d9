//! The honest story: certify, issue, mint, swap, deal, receipts, releases, disclosure, restore.

use super::attack::Attack;
use super::integers;
use super::narrator::{Narrator, decimal, instant, money};
use super::world::{Role, World};
use super::{DemoError, gallery, table};
use crate::terms::{self, Roles};
use crate::view::View;
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::field::truncate;
use privity_circuits::keys::SignerId;
use privity_circuits::terms::{Terms, TermsId};
use privity_documents::deal::{DealInputs, Receipt};
use privity_ledger::Transaction;
use privity_quotes::RfqHash;
use privity_verifier::Keys;
use privity_wallet::Wallet;
use privity_wallet::build::{Make, MintOrder, Payment, ReleaseOrder};
use privity_wallet::certify::{AttestationRequest, CertifierBook, WeekEntry};
use privity_wallet::delivery::Memo;
use privity_wallet::disclosure::{AudienceBook, DisclosureError, DisclosureOrder, week_scope};
use privity_wallet::evidence::{Delivery, InspectionBrief, InspectorBook};
use privity_wallet::swap::Amount;
use rand::rngs::OsRng;
use std::time::{Duration, Instant};

const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// A transaction of `role`'s wallet, made now by the world's prover.
macro_rules! make {
    ($story:ident, $role:expr, |$wallet:ident, $make:ident| $body:expr) => {{
        let when = $story.world.when();
        let World { wallets, keys, .. } = &mut $story.world;
        let $wallet = wallets.get_mut(&$role).ok_or(DemoError::Missing("a role's wallet"))?;
        let mut rng = OsRng;
        let $make = &mut Make { when, prover: keys, rng: &mut rng };
        $body.map_err(DemoError::other)
    }};
}

/// The story as far as it has been told.
pub struct Story {
    pub(super) inputs: DealInputs,
    pub(super) world: World,
    pub(super) narrator: Narrator,
    pub(super) attacks: Vec<Attack>,
    pub(super) verifying: Keys,
    pub(super) currency: AssetId,
    app_token: AssetId,
    inspector: InspectorBook,
    disclosed: Option<Duration>,
}

impl Story {
    /// A story about to begin.
    pub fn new(inputs: DealInputs, mut world: World, narrator: Narrator) -> Result<Self, DemoError> {
        let verifying = world.keys.all().map_err(DemoError::other)?.into_iter().collect();
        let issuer = world.account(Role::Issuer)?.signer.id;
        let currency = AssetId::token(issuer, &inputs.config.token.name);
        let app_token = AssetId::token(issuer, &inputs.config.app_token.name);
        let inspector = InspectorBook::default();
        Ok(Self {
            inputs,
            world,
            narrator,
            attacks: Vec::new(),
            verifying,
            currency,
            app_token,
            inspector,
            disclosed: None,
        })
    }

    /// Tells it, attacks included.
    pub fn play(&mut self) -> Result<(), DemoError> {
        self.certify_and_issue()?;
        self.mint()?;
        self.swap()?;
        let awarded = self.quotes()?;
        let terms = self.deal(awarded.rfq)?;
        self.link(&awarded, terms)?;
        self.deliver(terms)?;
        self.disclose()?;
        self.restore()?;
        gallery::tokens(self)
    }

    fn units(&self, millionths: u128) -> String {
        format!("{} {}", decimal(millionths, 6), self.inputs.unit.trim_start_matches("unit:"))
    }

    /// Minor units of the community token.
    pub(super) fn price(&self, minor: u128) -> String {
        money(minor, self.inputs.config.token.exponent, &self.inputs.currency)
    }

    fn certify_and_issue(&mut self) -> Result<(), DemoError> {
        self.narrator.scene("Capacity: certified once, issued as notes");
        let certifications = self.inputs.certifications.clone();
        let mut book = CertifierBook::default();
        for certification in &certifications {
            let resource = ResourceId::new(truncate(&certification.resource.content_id()));
            let owner = self.world.account(Role::Supplier)?.owner;
            for week in &certification.weeks {
                book.set_actual(owner, resource, week.bucket, week.quantity).map_err(DemoError::other)?;
            }
            let supplier = self.world.wallets.get_mut(&Role::Supplier).ok_or(DemoError::Missing("supplier"))?;
            let (index, serial) = supplier.next_serial();
            let entry = |week: &privity_documents::certification::CertifiedWeek| WeekEntry {
                bucket: week.bucket,
                quantity: week.quantity,
            };
            let request = AttestationRequest {
                ledger: supplier.ledger().id(),
                supplier: owner,
                resource,
                weeks: certification.weeks.iter().map(entry).collect(),
                serial: serial.id(),
            };
            let certifier = self.world.account(Role::Certifier)?.signer.clone();
            let attested = book.certify(&certifier, &request, &mut OsRng).map_err(DemoError::other)?;
            self.attacks.push(gallery::overbooked_attestation(&mut book, &certifier, &request)?);
            let issue = make!(self, Role::Supplier, |wallet, make| wallet.issue(0, &attested, index, make))?;
            self.world.settle(issue)?;
            let sum = certification.weeks.iter().map(|week| u128::from(week.quantity)).sum::<u128>();
            let weeks = certification.weeks.len();
            self.narrator.say(format!("{weeks} weeks attested and issued, {} in all", self.units(sum)));
        }
        for week in &self.inputs.match_report.weeks {
            self.narrator.say(format!(
                "week of {}: load {} of {} actual, {} maximum: {:?}",
                week.week, week.load, week.actual, week.maximum, week.outcome
            ));
        }
        let capacity = self.capacity_asset()?;
        let held = self.balance(Role::Supplier, capacity)?;
        let certified = certifications.iter().flat_map(|c| &c.weeks).find(|week| week.bucket == self.inputs.bucket);
        let certified = certified.map_or(0, |week| u128::from(week.quantity));
        let unit = self.inputs.unit.clone();
        self.narrator.check("capacity of the order's week", held, certified, |v| {
            format!("{} {}", decimal(v, 6), unit.trim_start_matches("unit:"))
        })
    }

    pub(super) fn capacity_asset(&self) -> Result<AssetId, DemoError> {
        let resource = ResourceId::new(truncate(&self.inputs.resource));
        let certifier = self.world.account(Role::Certifier)?.signer.id;
        let supplier = self.world.account(Role::Supplier)?.owner;
        Ok(AssetId::capacity(certifier, supplier, resource, self.inputs.bucket))
    }

    pub(super) fn balance(&self, role: Role, asset: AssetId) -> Result<u128, DemoError> {
        Ok(self.world.wallet(role)?.scanner().balances().get(&asset).copied().unwrap_or(0))
    }

    fn mint(&mut self) -> Result<(), DemoError> {
        self.narrator.scene("Tokens: minted in the open, held in private");
        let config = &self.inputs.config;
        let orders = [(config.token.clone(), Role::Buyer), (config.app_token.clone(), Role::Supplier)];
        for (token, role) in orders {
            let to = self.world.account(role)?.address();
            let order = MintOrder { name: token.name.clone(), value: token.mint, to, unlock: 0, memo: Memo::EMPTY };
            let mint = make!(self, Role::Issuer, |wallet, make| wallet.mint(0, &order, make))?;
            self.world.settle(mint)?;
            let asset = AssetId::token(self.world.account(Role::Issuer)?.signer.id, &token.name);
            let supply = self.world.ledger.read(|state| state.supply(asset)).map_err(DemoError::other)?;
            let code = token.currency.clone().unwrap_or_else(|| token.name.clone());
            self.narrator.check(&format!("supply of {}", token.name), supply, u128::from(token.mint), |v| {
                money(v, token.exponent, &code)
            })?;
        }
        Ok(())
    }

    fn swap(&mut self) -> Result<(), DemoError> {
        self.narrator.scene("A swap: both legs or neither");
        self.world.advance(self.world.now + HOUR)?;
        let now = self.world.now;
        let swap = self.inputs.config.swap;
        let give = Amount { asset: self.currency, value: swap.token };
        let want = Amount { asset: self.app_token, value: swap.app_token };
        let taker = self.world.account(Role::Supplier)?.address();
        let proposal = make!(self, Role::Buyer, |w, m| w.propose_swap(0, give, want, taker, now, m.rng))?;
        let answer = make!(self, Role::Supplier, |w, m| w.answer_swap(0, &proposal, now, m.rng))?;
        let offer = make!(self, Role::Buyer, |w, m| w.offer_swap(&answer, None, now, m.prover, m.rng))?;
        let World { wallets, keys, ledger, .. } = &mut self.world;
        let view = View::new(ledger, now).map_err(DemoError::other)?;
        let supplier = wallets.get_mut(&Role::Supplier).ok_or(DemoError::Missing("supplier"))?;
        let transaction =
            supplier.accept_swap(&offer, &view, &self.verifying, keys, &mut OsRng).map_err(DemoError::other)?;
        self.world.settle(transaction)?;
        let minted = u128::from(self.inputs.config.token.mint);
        let (found, expected) = (self.balance(Role::Buyer, self.currency)?, minted - u128::from(swap.token));
        let exponent = self.inputs.config.token.exponent;
        let code = self.inputs.currency.clone();
        self.narrator.check("buyer's community tokens", found, expected, |v| money(v, exponent, &code))?;
        let app = u128::from(swap.app_token);
        self.narrator.check("buyer's app tokens", self.balance(Role::Buyer, self.app_token)?, app, |v| v.to_string())
    }

    pub(super) fn roles(&self) -> Result<Roles, DemoError> {
        let signer = |role: Role| Ok::<SignerId, DemoError>(self.world.account(role)?.signer.id);
        let named = |role: Role, name: &Option<String>| name.as_ref().map_or(Ok(SignerId::NONE), |_| signer(role));
        let (buyer, supplier) = (self.world.account(Role::Buyer)?, self.world.account(Role::Supplier)?);
        let signers = &self.inputs.config.signers;
        Ok(Roles {
            ledger: self.world.genesis.ledger().id(),
            buyer: (buyer.owner, buyer.signer.id),
            supplier: (supplier.owner, supplier.signer.id),
            certifier: signer(Role::Certifier)?,
            origin: supplier.owner,
            inspector: named(Role::Inspector, &signers.inspector)?,
            arbiter: named(Role::Arbiter, &signers.arbiter)?,
            auditor: named(Role::Auditor, &signers.auditor)?,
            currency: self.currency,
        })
    }

    fn deal(&mut self, rfq: RfqHash) -> Result<TermsId, DemoError> {
        self.narrator.scene("A deal in four messages");
        self.world.advance(self.world.now + HOUR)?;
        let now = self.world.now;
        let mut terms = terms::terms(&self.inputs, &self.roles()?);
        terms.money.rfq = rfq.id();
        let reference = terms::reference(&self.inputs);
        let buyer = self.world.account(Role::Buyer)?.address();
        let World { wallets, keys, ledger, .. } = &mut self.world;
        let view = View::new(ledger, now).map_err(DemoError::other)?;
        let mut parties = wallets.iter_mut().filter(|(role, _)| [Role::Supplier, Role::Buyer].contains(role));
        let (Some((_, supplier)), Some((_, purchaser))) = (parties.next(), parties.next()) else {
            return Err(DemoError::Missing("a party's wallet"));
        };
        let draft = supplier.draft(0, &terms, &buyer, reference, &view, &mut OsRng).map_err(DemoError::other)?;
        let request = purchaser.request(0, &draft, &view, &mut OsRng).map_err(DemoError::other)?;
        let offer = supplier.offer(&request, None, &view, keys, &mut OsRng).map_err(DemoError::other)?;
        let deal = purchaser.accept(&offer, &view, &self.verifying, keys, &mut OsRng).map_err(DemoError::other)?;
        self.narrator.say("draft → request → offer → acceptance, each a file that two parties can e-mail");
        self.settle_deal(&draft.terms, deal)
    }

    fn settle_deal(&mut self, terms: &Terms, deal: Transaction) -> Result<TermsId, DemoError> {
        let (exponent, code) = (self.inputs.config.token.exponent, self.inputs.currency.clone());
        let shown = |v: u128| money(v, exponent, &code);
        let quote = privity_wallet::deal::quote(terms, &self.world.policy).map_err(DemoError::other)?;
        let [total, fee] = [integers::total(&self.inputs), integers::fee(&self.inputs)];
        self.narrator.check("total of the deal", u128::from(quote.price.total), u128::from(total), shown)?;
        self.narrator.check("fee to the community", u128::from(quote.fee), u128::from(fee), shown)?;
        let used = u128::from(self.inputs.quantity) * u128::from(self.inputs.load_factor);
        self.narrator.check("capacity taken", u128::from(quote.capacity), used, |v| decimal(v, 6))?;
        let before = self.balance(Role::Buyer, self.currency)?;
        let attacks = gallery::deal(self, terms, &deal)?;
        self.attacks.extend(attacks);
        let receipt = self.world.settle(deal)?;
        self.narrator.say(format!(
            "settled at log position {}: payment and capacity wait in escrow as one pair",
            receipt.position
        ));
        let paid = before - self.balance(Role::Buyer, self.currency)?;
        self.narrator.check("paid by the buyer", paid, u128::from(total + fee), shown)?;
        Ok(terms.id())
    }

    fn deliver(&mut self, terms: TermsId) -> Result<(), DemoError> {
        self.narrator.scene("Deliveries: receipts release the escrow step by step");
        let receipts = self.inputs.receipts.clone();
        let expected = integers::payouts(&self.inputs, &receipts);
        let full = self.world.wallet(Role::Buyer)?.scanner().deals().get(&terms).map(|deal| deal.terms.clone());
        let full = full.ok_or(DemoError::Missing("the deal in the buyer's wallet"))?;
        let brief = InspectionBrief::of(&full);
        let inspector = self.world.account(Role::Inspector)?.signer.clone();
        let mut signed = Vec::new();
        for Receipt { delivered, time } in &receipts {
            let delivery = Delivery { delivered: *delivered, time: *time, last: false };
            signed.push(self.inspector.sign(&inspector, &brief, delivery, &mut OsRng).map_err(DemoError::other)?);
        }
        for (index, (receipt, expected)) in signed.iter().zip(&expected).enumerate() {
            self.world.advance((receipt.time.div_ceil(HOUR) + 1) * HOUR)?;
            if index == 0 {
                let attacks = gallery::releases(self, terms, &signed)?;
                self.attacks.extend(attacks);
            }
            let (exponent, code) = (self.inputs.config.token.exponent, self.inputs.currency.clone());
            let shown = |v: u128| money(v, exponent, &code);
            let before = [self.balance(Role::Supplier, self.currency)?, self.balance(Role::Buyer, self.currency)?];
            let evidence = receipt.evidence(&full).map_err(DemoError::other)?;
            let order = ReleaseOrder::Evidence(Box::new(evidence));
            let release = make!(self, Role::Supplier, |wallet, make| wallet.release(terms, &order, make))?;
            self.world.settle(release)?;
            let quantity = decimal(u128::from(receipt.delivered), 3);
            self.narrator.say(format!(
                "{quantity} received by {}, {} weeks late",
                instant(receipt.time),
                expected.weeks
            ));
            let [paid, back] = [
                self.balance(Role::Supplier, self.currency)? - before[0],
                self.balance(Role::Buyer, self.currency)? - before[1],
            ];
            self.narrator.check("  paid to the supplier", paid, u128::from(expected.pay), shown)?;
            self.narrator.check("  back to the buyer", back, u128::from(expected.refund), shown)?;
        }
        let asset = self.capacity_asset()?;
        let left = self.balance(Role::Supplier, asset)?;
        let used: u64 = expected.iter().map(|payout| payout.used).sum();
        let weeks = self.inputs.certifications.iter().flat_map(|c| &c.weeks);
        let certified: u64 = weeks.filter(|week| week.bucket == self.inputs.bucket).map(|week| week.quantity).sum();
        self.narrator.check("capacity left in the week", left, u128::from(certified - used), |v| decimal(v, 6))
    }

    fn disclose(&mut self) -> Result<(), DemoError> {
        self.narrator.scene("A disclosure: funds shown, not moved");
        let address = self.world.account(Role::Buyer)?.address();
        let hold = self.world.now + 30 * DAY;
        let threshold = 10_000.min(self.balance(Role::Buyer, self.currency)? as u64);
        let to_self = Payment { to: address, value: threshold, unlock: hold, memo: Memo::EMPTY };
        let asset = self.currency;
        let lock = make!(self, Role::Buyer, |wallet, make| wallet.send(0, asset, &[to_self], make))?;
        self.world.settle(lock)?;
        let order = DisclosureOrder {
            asset,
            threshold,
            hold,
            scope: week_scope(self.inputs.bucket),
            audience: self.world.account(Role::Auditor)?.signer.id,
        };
        let shown = make!(self, Role::Buyer, |wallet, make| wallet.disclose(0, &order, make.prover, make.rng))?;
        let mut book = AudienceBook::default();
        let started = Instant::now();
        book.accept(&shown, &order, &self.world.view()?, &self.verifying).map_err(DemoError::other)?;
        self.disclosed = Some(started.elapsed());
        self.narrator.say(format!(
            "the auditor accepts: at least {} held until {}",
            self.price(u128::from(threshold)),
            instant(hold)
        ));
        let again = book.accept(&shown, &order, &self.world.view()?, &self.verifying);
        let pledged = |error: &DisclosureError| *error == DisclosureError::Pledged;
        self.attacks.push(Attack::judge("one note pledged twice", "D3", again, pledged)?);
        Ok(())
    }

    fn restore(&mut self) -> Result<(), DemoError> {
        self.narrator.scene("Restore: phrase and ledger are enough");
        let log = self.world.records()?;
        for role in [Role::Buyer, Role::Supplier] {
            let wallet = self.world.wallet(role)?;
            let phrase = wallet.seed().phrase();
            let seed = privity_wallet::Seed::from_phrase(&phrase).map_err(DemoError::other)?;
            let restored = Wallet::restore(seed, &self.world.genesis, 1, &log).map_err(DemoError::other)?;
            let (found, expected) = (restored.scanner().balances(), wallet.scanner().balances());
            let sum = |balances: &std::collections::BTreeMap<AssetId, u128>| balances.values().sum::<u128>();
            if found != expected {
                let what = format!("{role:?}'s restored balances");
                return Err(DemoError::Figure { what, found: sum(&found), expected: sum(&expected) });
            }
            self.narrator.say(format!(
                "{role:?}: 24 words and {} log records give {} equal balances",
                log.len(),
                found.len()
            ));
        }
        Ok(())
    }

    /// The gallery, the table, the end.
    pub fn finish(self) -> Result<(), DemoError> {
        self.narrator.scene("Attack gallery: each refused by its rule, its honest twin accepted");
        for attack in &self.attacks {
            self.narrator.say(attack.line());
        }
        self.narrator.scene("Proofs");
        table::print(&self.world, self.disclosed)?;
        let (checks, attacks) = (self.narrator.checks(), self.attacks.len());
        println!(
            "\n{checks} figures equal plain integers, {attacks} attacks refused, {:.1} s",
            self.narrator.elapsed()
        );
        Ok(())
    }
}
