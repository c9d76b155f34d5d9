//! Rules of transactions.

use super::ensure;
use crate::apply::ApplyError;
use crate::claims::{Claim, Form};
use crate::effects::{Effects, Withdrawal};
use crate::rejection::Rejection;
use crate::state::State;
use crate::transaction::{Body, Spend, Transaction};
use crate::tree::NOTE_CAPACITY;
use privity_circuits::asset::AssetId;
use privity_circuits::context::LedgerId;
use privity_circuits::note::Nullifier;
use privity_circuits::schnorr::Signature;
use privity_circuits::tree::Anchor;
use privity_circuits::{Fr, capacity, mint, price};
use std::collections::BTreeSet;

/// Seconds of an hour: `now` of every statement is a multiple (L4).
const HOUR: u64 = 3_600;
/// Seconds that a statement's `now` may lie back (L4).
const WINDOW: u64 = 86_400;

pub(super) fn effects<F: Form>(
    state: &State<'_>,
    transaction: &Transaction<F>,
    mut effects: Effects,
) -> Result<Effects, ApplyError> {
    let (now, expiry) = (effects.time, transaction.expiry);
    ensure(now < expiry, || Rejection::Expired { expiry, now })?;
    bound(state, transaction, now)?;
    let spends = transaction.spends();
    hours(transaction, &spends, now)?;
    effects.nullifiers = unspent(state, transaction, &spends)?;
    effects.leaves = transaction.leaves();
    match &transaction.body {
        Body::Issue { capacity } => issue(state, capacity.statement(), &mut effects)?,
        Body::Mint { mint, signature } => minted(state, mint.statement(), signature, &mut effects)?,
        Body::Transfer { leg, recipient } => exposed(state, leg.spend().exposed, *recipient, &mut effects)?,
        Body::Swap { .. } => hidden(&spends)?,
        Body::Deal { price, .. } => {
            hidden(&spends)?;
            deal(state, price.statement(), &spends, &mut effects)?;
        }
        Body::Release { .. } => {}
    }
    let size = state.notes() + effects.leaves.len() as u64;
    ensure(size <= NOTE_CAPACITY, || Rejection::TreeFull)?;
    Ok(effects)
}

/// L9: keys are accepted, `ledger` inputs are this ledger's. L6: every context is that of the whole transaction.
fn bound<F: Form>(state: &State<'_>, transaction: &Transaction<F>, now: u64) -> Result<(), ApplyError> {
    let statements = transaction.stated();
    for statement in &statements {
        let key = statement.key;
        let accepted = state.key_end(key)?.is_some_and(|end| now < end);
        ensure(accepted, || Rejection::KeyNotAccepted { key })?;
    }
    let (outputs, envelopes) = (transaction.outputs().len(), transaction.envelopes());
    ensure(transaction.ciphertexts.has_shape(outputs, envelopes), || Rejection::CiphertextShape)?;
    let context = transaction.context(state.ledger());
    for (index, statement) in statements.iter().enumerate() {
        ensure(statement.context == context, || Rejection::WrongContext { index })?;
    }
    let named: Option<LedgerId> = match &transaction.body {
        Body::Issue { capacity } => Some(capacity.statement().ledger),
        Body::Deal { price, .. } => Some(price.statement().ledger),
        _ => None,
    };
    ensure(named.is_none_or(|ledger| ledger == state.ledger().id()), || Rejection::ForeignLedger)
}

/// L4: every stated `now` is a full hour, not ahead of the ledger's time and at most a day behind.
fn hours<F: Form>(transaction: &Transaction<F>, spends: &[Spend<'_>], time: u64) -> Result<(), ApplyError> {
    let released = match &transaction.body {
        Body::Release { release } => Some(release.statement().now),
        _ => None,
    };
    let stated = || spends.iter().map(|spend| spend.now).chain(released);
    for now in stated() {
        ensure(now % HOUR == 0, || Rejection::NowNotHourly { now })?;
    }
    for now in stated() {
        let recent = time.checked_sub(now).is_some_and(|age| age <= WINDOW);
        ensure(recent, || Rejection::NowOutOfWindow { now, time })?;
    }
    Ok(())
}

/// L2: anchors are historic. L3: nullifiers are new, also within the transaction.
fn unspent<F: Form>(
    state: &State<'_>,
    transaction: &Transaction<F>,
    spends: &[Spend<'_>],
) -> Result<Vec<Nullifier>, ApplyError> {
    let mut anchors: Vec<Anchor> = spends.iter().map(|spend| spend.anchor).collect();
    let mut nullifiers: Vec<Nullifier> = spends.iter().flat_map(|spend| spend.nullifiers).copied().collect();
    if let Body::Release { release } = &transaction.body {
        anchors.push(release.statement().anchor);
        nullifiers.push(release.statement().nullifier);
    }
    for anchor in anchors {
        ensure(state.anchor_size(anchor)?.is_some(), || Rejection::UnknownAnchor { anchor })?;
    }
    let mut seen = BTreeSet::new();
    for nullifier in &nullifiers {
        ensure(seen.insert(nullifier), || Rejection::NullifierRepeated { nullifier: *nullifier })?;
    }
    for nullifier in &nullifiers {
        ensure(!state.is_spent(*nullifier)?, || Rejection::NullifierSpent { nullifier: *nullifier })?;
    }
    Ok(nullifiers)
}

/// L8: nothing is exposed.
fn hidden(spends: &[Spend<'_>]) -> Result<(), ApplyError> {
    let nothing = (AssetId::default(), 0);
    ensure(spends.iter().all(|spend| spend.exposed == nothing), || Rejection::ExposureNotAllowed)
}

/// L8: a transfer exposes asset and value, or neither; of a registered token, and no more than there is.
fn exposed(
    state: &State<'_>,
    (asset, value): (AssetId, u64),
    recipient: Fr,
    effects: &mut Effects,
) -> Result<(), ApplyError> {
    ensure(asset.is_zero() == (value == 0), || Rejection::HalfExposure)?;
    if value == 0 {
        return ensure(recipient == Fr::default(), || Rejection::RecipientOfNothing);
    }
    let registered = state.token(asset)?.is_some_and(|token| token.active);
    ensure(registered, || Rejection::TokenNotRegistered { asset })?;
    let supply = state.supply(asset)?;
    let rest = supply.checked_sub(u128::from(value)).ok_or(Rejection::SupplyNegative { asset, supply, value })?;
    effects.supply = Some((asset, rest));
    effects.withdrawal = Some(Withdrawal { recipient, asset, value });
    Ok(())
}

/// M2: the asset is recomputed from the registered issuer and name, whose issuer signed. L8: the supply has room.
fn minted(
    state: &State<'_>,
    x: &mint::Statement,
    signature: &Signature,
    effects: &mut Effects,
) -> Result<(), ApplyError> {
    let (asset, value) = (x.asset, x.value);
    let unknown = || Rejection::TokenNotRegistered { asset };
    let token = state.token(asset)?.filter(|token| token.active).ok_or_else(unknown)?;
    ensure(AssetId::token(token.issuer, token.name.as_str()) == asset, unknown)?;
    let supply = state.supply(asset)?.checked_add(u128::from(value));
    let supply = supply.ok_or(Rejection::SupplyOverflow { asset, value })?;
    let signed = match state.signer(token.issuer)? {
        Some((key, true)) => signature.verify(&key, token.issuer.field(), x.message()),
        _ => false,
    };
    ensure(signed, || Rejection::IssuerSignature)?;
    effects.supply = Some((asset, supply));
    Ok(())
}

/// L9: the certifier is approved. L7: its serial issues once.
fn issue(state: &State<'_>, x: &capacity::Statement, effects: &mut Effects) -> Result<(), ApplyError> {
    let certifier = x.certifier;
    ensure(state.is_certifier(certifier)?, || Rejection::CertifierNotApproved { certifier })?;
    ensure(!state.is_issued(x.issued)?, || Rejection::SerialIssued)?;
    effects.issued = Some(x.issued);
    Ok(())
}

/// L5: the price names exactly the legs' outputs and parties. L7: terms settle once. L9: members and policy.
fn deal(
    state: &State<'_>,
    x: &price::Statement,
    spends: &[Spend<'_>],
    effects: &mut Effects,
) -> Result<(), ApplyError> {
    let [buyer, supplier] = spends else { return Err(Rejection::PartyMismatch { party: "buyer" }.into()) };
    let named = [
        ("payment", x.out_payment, buyer.outputs.first()),
        ("fee", x.out_fee, buyer.outputs.get(1)),
        ("capacity", x.out_capacity, supplier.outputs.first()),
    ];
    for (output, stated, made) in named {
        ensure(made == Some(&stated), || Rejection::OutputMismatch { output })?;
    }
    ensure(buyer.party == x.party_buyer, || Rejection::PartyMismatch { party: "buyer" })?;
    ensure(supplier.party == x.party_supplier, || Rejection::PartyMismatch { party: "supplier" })?;
    let (terms, members, now) = (x.terms, x.members, effects.time);
    ensure(!state.are_terms_used(terms)?, || Rejection::TermsUsed { terms })?;
    let current = state.member_root_end(members)?.is_some_and(|end| now <= end);
    ensure(current, || Rejection::MembersStale { members })?;
    let current = state.policy_of(x.policy)?.is_some_and(|(end, _)| now <= end);
    ensure(current, || Rejection::PolicyStale)?;
    effects.terms = Some(terms);
    Ok(())
}
