//! The attacks. Each goes where its honest twin goes, in the same run; forgers bypass `check`.

use super::attack::Attack;
use super::forge::forge;
use super::story::Story;
use super::world::{Role, World};
use super::{DemoError, spend};
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::capacity::Serial;
use privity_circuits::context::Context;
use privity_circuits::mint::{self, Mint};
use privity_circuits::note::{self, Note};
use privity_circuits::price::{self, Deal, Price};
use privity_circuits::r1cs::Cs;
use privity_circuits::release::{self, Release};
use privity_circuits::terms::{MAX_TIERS, Terms, TermsId, volume};
use privity_ledger::{Body, Ciphertexts, Rejection, SealedNote, SubmitError, Transaction};
use privity_prover::rerandomize;
use privity_verifier::{KeyError, Refusal, VerifyingKey};
use privity_wallet::Signer;
use privity_wallet::build::{Make, Withdrawal};
use privity_wallet::certify::{AttestationRequest, CertifierBook, CertifyError};
use privity_wallet::delivery::Channel;
use privity_wallet::evidence::Receipt;
use rand::RngCore;
use rand::rngs::OsRng;

fn false_proof(error: &SubmitError) -> bool {
    matches!(error, SubmitError::Proof(Refusal::Equation))
}

fn rule(rule: &'static str) -> impl FnOnce(&SubmitError) -> bool {
    move |error| matches!(error, SubmitError::Rejected(rejection) if rejection.rule() == rule)
}

/// A second attestation of capacity that is attested already; its twin is the first.
pub fn overbooked_attestation(
    book: &mut CertifierBook,
    certifier: &Signer,
    honest: &AttestationRequest,
) -> Result<Attack, DemoError> {
    let mut material = [0u8; 64];
    OsRng.fill_bytes(&mut material);
    let again = AttestationRequest { serial: Serial::from_wide(&material).id(), ..honest.clone() };
    let outcome = book.certify(certifier, &again, &mut OsRng);
    Attack::judge("overbooking: the same week attested twice", "C2", outcome, |error| {
        matches!(error, CertifyError::Overbooked { .. })
    })
}

/// Attacks on a deal that is about to be settled; it is their twin.
pub fn deal(story: &mut Story, terms: &Terms, honest: &Transaction) -> Result<Vec<Attack>, DemoError> {
    let Body::Deal { price, .. } = &honest.body else { return Err(DemoError::Missing("a deal")) };
    let mut attacks = Vec::new();

    let mut foreign = honest.clone();
    if let Body::Deal { buyer, .. } = &mut foreign.body {
        buyer.statement.party = note::party(story.world.account(Role::Stranger)?.owner, terms.rho(0));
    }
    attacks.push(submit(story, "a deal in a stranger's name", "L5", foreign, rule("L5"))?);

    let mut torn = honest.clone();
    if let Body::Deal { price, .. } = &mut torn.body {
        let worthless = Note {
            asset: AssetId::default(),
            value: 1,
            unlock: 0,
            owner: terms.escrow_owner(0),
            blinding: Fr::from(1u64),
        };
        price.statement.pair = note::pair(worthless.commitment(), price.statement.out_capacity);
    }
    attacks.push(submit(story, "torn escrow: a worthless token in the pair", "P7", torn, false_proof)?);

    story.verifying.verify::<Price>(&price.key, price.statement.clone(), &price.proof).map_err(DemoError::other)?;
    let forged = wrong_tier(story, terms, &price.statement)?;
    let outcome = story.verifying.verify::<Price>(&forged.key, forged.statement, &forged.proof);
    let name = "a wrong price at a tier's edge";
    attacks.push(Attack::judge(name, "P4", outcome, |error| *error == Refusal::Equation)?);
    Ok(attacks)
}

/// The price of the tier below the one that the quantity just reaches, with everything else computed to match.
fn wrong_tier(
    story: &mut Story,
    terms: &Terms,
    honest: &price::Statement,
) -> Result<privity_ledger::Proven<Price>, DemoError> {
    let policy = story.world.policy.clone();
    let used =
        terms.money.tiers.iter().filter(|tier| tier.minimum != 0 && tier.minimum <= terms.goods.quantity).count();
    let (reached, wrong) = (used.saturating_sub(1), used.saturating_sub(2));
    let mut cheaper = terms.clone();
    for tier in &mut cheaper.money.tiers[reached.max(1)..] {
        *tier = Default::default();
    }
    let deal = Deal::of(&cheaper, &policy).map_err(DemoError::other)?;
    let [payment, fee, capacity] = deal.notes(terms, &policy).map(|note| note.commitment());
    let statement = price::Statement {
        out_payment: payment,
        out_fee: fee,
        pair: if terms.remedy.escrow { note::pair(payment, capacity) } else { honest.pair },
        volume: volume(deal.quote.total, terms.money.salt, terms.id()),
        ..honest.clone()
    };
    let path = |owner| story.world.ledger.read(|state| state.member_path(owner)).map_err(DemoError::other);
    let (buyer_path, supplier_path) = (path(terms.parties.buyer)?, path(terms.parties.supplier)?);
    let witness = price::Witness {
        terms: terms.clone(),
        policy,
        buyer_path: buyer_path.ok_or(DemoError::Missing("the buyer's membership"))?,
        supplier_path: supplier_path.ok_or(DemoError::Missing("the supplier's membership"))?,
    };
    let choice = tier_choice(&Cs::with_rows().synthesize::<Price>(&statement, &witness))?;
    let (name, rule) = ("a wrong price at a tier's edge", "P4");
    forge::<Price>(&mut story.world.keys, name, rule, statement, &witness, |cs| {
        cs.forge(choice[reached], Fr::from(0u64));
        cs.forge(choice[wrong], Fr::from(1u64));
    })
}

/// The variables of the one-hot choice of a tier: the row of P3 that says that eight of them sum to 1.
fn tier_choice(cs: &Cs) -> Result<Vec<u32>, DemoError> {
    let one = Fr::from(1u64);
    let spans = cs.rules().iter().filter(|span| span.name == "P3");
    let rows = spans.flat_map(|span| &cs.rows()[span.start..span.end]);
    let mut sums = rows.filter_map(|row| match row.a.terms() {
        [(0, constant), rest @ ..] if *constant == -one && rest.len() == MAX_TIERS => {
            rest.iter().all(|(_, k)| *k == one).then(|| rest.iter().map(|(variable, _)| *variable).collect())
        }
        _ => None,
    });
    sums.next().ok_or(DemoError::Missing("the choice of a tier in the price circuit"))
}

/// Attacks on the first release, which is their twin.
pub fn releases(story: &mut Story, terms: TermsId, receipts: &[Receipt]) -> Result<Vec<Attack>, DemoError> {
    let mut attacks = Vec::new();
    if let [_, .., last] = receipts {
        let (x, w, ciphertexts) = release_of(story, terms, last, 0)?;
        let name = "a skipped receipt: the second before the first";
        let claim = forge::<Release>(&mut story.world.keys, name, "R2", x, &w, |_| ())?;
        let transaction = release_transaction(story, claim, ciphertexts);
        attacks.push(submit(story, name, "R2", transaction, false_proof)?);
    }
    if let [first, ..] = receipts {
        let (x, w, ciphertexts) = release_of(story, terms, first, 1_000)?;
        let name = "a release of a pair that was never escrowed";
        let claim = forge::<Release>(&mut story.world.keys, name, "R1", x, &w, |_| ())?;
        let transaction = release_transaction(story, claim, ciphertexts);
        attacks.push(submit(story, name, "R1", transaction, false_proof)?);
    }
    Ok(attacks)
}

fn release_transaction(
    story: &Story,
    release: privity_ledger::Proven<Release>,
    ciphertexts: Ciphertexts,
) -> Transaction {
    Transaction { expiry: story.world.when().expiry, body: Body::Release { release }, ciphertexts }
}

/// What a release of the escrow by `receipt` would state if `more` minor units lay in it.
fn release_of(
    story: &Story,
    terms: TermsId,
    receipt: &Receipt,
    more: u64,
) -> Result<(release::Statement, release::Witness, Ciphertexts), DemoError> {
    let wallet = story.world.wallet(Role::Supplier)?;
    let deal = wallet.scanner().deals().get(&terms).ok_or(DemoError::Missing("the deal"))?;
    let escrow = deal.escrow.as_ref().ok_or(DemoError::Missing("the escrow"))?;
    let tree = wallet.scanner().tree();
    let root = tree.latest();
    let mut held = escrow.holding;
    held.payment += more;
    let witness = release::Witness {
        terms: deal.terms.clone(),
        held,
        payment_blinding: escrow.payment.blinding,
        capacity_blinding: escrow.capacity.blinding,
        path: tree.path(escrow.position, root).map_err(DemoError::other)?,
        evidence: receipt.evidence(&deal.terms).map_err(DemoError::other)?,
    };
    let now = story.world.now - story.world.now % 3_600;
    let state = |context| release::Statement::of(&witness, root.anchor, now, context).map_err(DemoError::other);
    let blank = state(Context::default())?;
    let channel = Channel::new(&wallet.ledger().0);
    let seal = |cm| channel.seal_to_nobody(cm, &mut OsRng).map(SealedNote).map_err(DemoError::other);
    let outputs = [blank.out_supplier, blank.out_buyer, blank.out_capacity, blank.out_pair];
    let mut ciphertexts = Ciphertexts::default();
    for output in outputs {
        ciphertexts.recipients.push(seal(output)?);
        ciphertexts.senders.push(seal(output)?);
    }
    let claim = privity_ledger::Proven {
        key: story.verifying.of::<Release>().next().ok_or(DemoError::Missing("the release key"))?.id(),
        statement: blank,
        proof: spend::no_proof()?,
    };
    let unbound = release_transaction(story, claim, ciphertexts.clone());
    Ok((state(unbound.context(wallet.ledger()))?, witness, ciphertexts))
}

/// Attacks with tokens, capacity and keys, each followed by its twin.
pub fn tokens(story: &mut Story) -> Result<(), DemoError> {
    overbooking(story)?;
    counterfeit(story)?;
    withdrawal(story)?;
    trapdoor(story)
}

/// Overbooking by a transfer, and double spending.
fn overbooking(story: &mut Story) -> Result<(), DemoError> {
    let asset = story.capacity_asset()?;
    let note = spend::unspent(&story.world, Role::Supplier, asset)?;
    let value = note.value;
    let name = "overbooking: more capacity out than in";
    let (x, w, frame) = spend::to_self(&story.world, Role::Supplier, &note, value + 1_000_000)?;
    let claim = forge(&mut story.world.keys, name, "T7", x, &w, |_| ())?;
    let attack = submit(story, name, "T7", frame.transaction(claim), false_proof)?;
    story.attacks.push(attack);

    let honest = spend::prove(&mut story.world, Role::Supplier, &note, value)?;
    let double = spend::prove(&mut story.world, Role::Supplier, &note, value)?;
    story.world.settle(honest.clone())?;
    let spent = |error: &SubmitError| matches!(error, SubmitError::Rejected(Rejection::NullifierSpent { .. }));
    let attack = submit(story, "double spending", "L3", double, spent)?;
    story.attacks.push(attack);
    let duplicate = |error: &SubmitError| matches!(error, SubmitError::Rejected(Rejection::Duplicate { .. }));
    let attack = submit(story, "a replayed transaction", "L7", honest.clone(), duplicate)?;
    story.attacks.push(attack);
    let mut other = honest;
    if let Body::Transfer { leg: privity_ledger::Leg::Payment(claim), .. } = &mut other.body {
        let key = story.verifying.get(&claim.key).ok_or(DemoError::Missing("the transfer key"))?;
        claim.proof = rerandomize(key.key(), &claim.proof, &mut OsRng).map_err(DemoError::other)?;
    }
    let attack = submit(story, "a re-randomised proof of a settled transaction", "L7", other, duplicate)?;
    story.attacks.push(attack);
    Ok(())
}

/// A mint of 1 that opens as 2^64 − 1, because its unlock wraps the packed lane.
fn counterfeit(story: &mut Story) -> Result<(), DemoError> {
    let issuer = story.world.account(Role::Issuer)?.clone();
    let owner = story.world.account(Role::Stranger)?.owner;
    let name = "counterfeiting: a mint of 1 that opens as 2^64 − 1";
    let rich = Note { asset: story.currency, value: u64::MAX, unlock: 0, owner, blinding: Fr::from(7u64) };
    let (out, channel) = (rich.commitment(), Channel::new(&story.world.wallet(Role::Issuer)?.ledger().0));
    let mut ciphertexts = Ciphertexts::default();
    ciphertexts.recipients.push(channel.seal_to_nobody(out, &mut OsRng).map(SealedNote).map_err(DemoError::other)?);
    ciphertexts.senders.push(channel.seal_to_nobody(out, &mut OsRng).map(SealedNote).map_err(DemoError::other)?);
    let mut statement = mint::Statement { asset: story.currency, value: 1, out, context: Context::default() };
    let witness = mint::Witness { unlock: 0, owner, blinding: rich.blinding };
    let expiry = story.world.when().expiry;
    let frame = |claim: privity_ledger::Proven<Mint>| {
        let signature = issuer.signer.sign(claim.statement.message(), &mut OsRng);
        Transaction { expiry, body: Body::Mint { mint: claim, signature }, ciphertexts: ciphertexts.clone() }
    };
    let key = story.verifying.of::<Mint>().next().ok_or(DemoError::Missing("the mint key"))?.id();
    let unbound = privity_ledger::Proven { key, statement: statement.clone(), proof: spend::no_proof()? };
    statement.context = frame(unbound).context(story.world.wallet(Role::Issuer)?.ledger());
    // (2^64 − 2)/2^64 mod r, in the place of the unlock's lowest bit.
    let wrapped = Fr::from(u64::MAX - 1) / Fr::from(1u128 << 64);
    let first = 1 + 4 + 64;
    let claim = forge::<Mint>(&mut story.world.keys, name, "M1", statement, &witness, |cs| cs.forge(first, wrapped))?;
    let attack = submit(story, name, "M1", frame(claim), false_proof)?;
    story.attacks.push(attack);
    let order = privity_wallet::build::MintOrder {
        name: story.inputs.config.token.name.clone(),
        value: 1,
        to: story.world.account(Role::Stranger)?.address(),
        unlock: 0,
        memo: privity_wallet::delivery::Memo::EMPTY,
    };
    let when = story.world.when();
    let World { wallets, keys, .. } = &mut story.world;
    let wallet = wallets.get(&Role::Issuer).ok_or(DemoError::Missing("the issuer's wallet"))?;
    let twin = wallet.mint(0, &order, &mut Make { when, prover: keys, rng: &mut OsRng }).map_err(DemoError::other)?;
    story.world.settle(twin).map(drop)
}

/// A withdrawal whose recipient a watcher replaces.
fn withdrawal(story: &mut Story) -> Result<(), DemoError> {
    let (mine, theirs) = (story.world.account(Role::Buyer)?.signer.id, story.world.account(Role::Stranger)?.signer.id);
    let withdrawal = Withdrawal { value: 100, recipient: Some(mine) };
    let (when, asset) = (story.world.when(), story.currency);
    let World { wallets, keys, .. } = &mut story.world;
    let wallet = wallets.get(&Role::Buyer).ok_or(DemoError::Missing("the buyer's wallet"))?;
    let make = &mut Make { when, prover: keys, rng: &mut OsRng };
    let honest = wallet.withdraw(0, asset, withdrawal, make).map_err(DemoError::other)?;
    let mut redirected = honest.clone();
    if let Body::Transfer { recipient, .. } = &mut redirected.body {
        *recipient = theirs.field();
    }
    let attack = submit(story, "a redirected withdrawal", "L6", redirected, rule("L6"))?;
    story.attacks.push(attack);
    story.world.settle(honest).map(drop)
}

/// A verifying key whose set-up stopped at γ = δ.
fn trapdoor(story: &mut Story) -> Result<(), DemoError> {
    let key = story.verifying.of::<Mint>().next().ok_or(DemoError::Missing("the mint key"))?.key();
    let honest = key.to_bytes();
    VerifyingKey::from_bytes(&honest).map_err(DemoError::other)?;
    let (g1, g2) = (48, 96);
    let delta = honest.len() - (key.num_inputs() + 1) * g1 - g2;
    let mut skipped = honest;
    skipped.copy_within(delta - g2..delta, delta);
    let outcome = VerifyingKey::from_bytes(&skipped);
    let attack =
        Attack::judge("a key with gamma = delta", "VK", outcome, |error| matches!(error, KeyError::DeltaIsGamma))?;
    story.attacks.push(attack);
    Ok(())
}

fn submit(
    story: &Story,
    name: &'static str,
    rule: &'static str,
    transaction: Transaction,
    expected: impl FnOnce(&SubmitError) -> bool,
) -> Result<Attack, DemoError> {
    Attack::judge(name, rule, story.world.ledger.submit(transaction, story.world.now), expected)
}
