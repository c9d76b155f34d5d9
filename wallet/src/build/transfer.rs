//! Transfers: payments, withdrawals, burns, consolidations, and spending notes to oneself.

use super::{BuildError, Draftable, Make};
use crate::address::Address;
use crate::delivery::Memo;
use crate::keys::Account;
use crate::leg::{self, Leg, Planned, Recipient, Sealed};
use crate::prove::{Prove, proven};
use crate::random::random_field;
use crate::select;
use crate::wallet::Wallet;
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::SignerId;
use privity_circuits::transfer::{Transfer2x3, Transfer7x2};
use privity_ledger::context::Kind;
use privity_ledger::{Body, Transaction};
use rand::{CryptoRng, RngCore};

/// Something to send.
#[derive(Clone)]
pub struct Payment {
    /// To whom.
    pub to: Address,
    /// Minor units (millionths for capacity).
    pub value: u64,
    /// From when the recipient may spend it, Unix seconds; 0 for at once.
    pub unlock: u64,
    /// Text that only the recipient and the sender read.
    pub memo: Memo,
}

redacted!(Payment);

/// Value that leaves in the open.
#[derive(Clone, Copy, Debug)]
pub struct Withdrawal {
    /// Minor units.
    pub value: u64,
    /// Whom the effect names; none burns the value.
    pub recipient: Option<SignerId>,
}

/// An output back to its sender.
pub(crate) fn change<R: RngCore + CryptoRng>(account: &Account, asset: AssetId, value: u64, rng: &mut R) -> Planned {
    let address = account.address();
    let recipient = if value > 0 { Recipient::Key(address.delivery) } else { Recipient::Nobody };
    Planned { note: leg::fresh(asset, value, 0, address.owner, rng), recipient, memo: Memo::EMPTY }
}

impl Wallet {
    /// Sends `asset` from one account to one or two addresses; the rest comes back.
    ///
    /// # Errors
    /// [`BuildError`]; [`WalletError::Consolidate`](crate::WalletError::Consolidate) if more than two notes are needed.
    pub fn send<P: Prove<Transfer2x3>, R: RngCore + CryptoRng>(
        &self,
        account: u32,
        asset: AssetId,
        payments: &[Payment],
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, BuildError> {
        self.pay(account, asset, payments, None, make)
    }

    /// Takes value out in the open.
    ///
    /// # Errors
    /// As [`Wallet::send`].
    pub fn withdraw<P: Prove<Transfer2x3>, R: RngCore + CryptoRng>(
        &self,
        account: u32,
        asset: AssetId,
        withdrawal: Withdrawal,
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, BuildError> {
        self.pay(account, asset, &[], Some(withdrawal), make)
    }

    fn pay<P: Prove<Transfer2x3>, R: RngCore + CryptoRng>(
        &self,
        account: u32,
        asset: AssetId,
        payments: &[Payment],
        withdrawal: Option<Withdrawal>,
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, BuildError> {
        if payments.len() > 2 {
            return Err(BuildError::Recipients(payments.len()));
        }
        let exposed = withdrawal.map_or(0, |withdrawal| withdrawal.value);
        let mut amounts = payments.iter().map(|payment| payment.value).chain([exposed]);
        let amount = amounts.try_fold(0u64, |sum, value| sum.checked_add(value)).ok_or(BuildError::Amount)?;
        let coins = self.choose(account, asset, amount, make.when.time)?;
        let inputs: u128 = coins.iter().map(|coin| u128::from(coin.value)).sum();
        let rest = u64::try_from(inputs - u128::from(amount)).map_err(|_| BuildError::Amount)?;
        let account = self.account(account)?;
        let mut planned: Vec<Planned> = payments
            .iter()
            .map(|payment| Planned {
                note: leg::fresh(asset, payment.value, payment.unlock, payment.to.owner, make.rng),
                recipient: Recipient::Key(payment.to.delivery),
                memo: payment.memo.clone(),
            })
            .collect();
        planned.push(change(account, asset, rest, make.rng));
        while planned.len() < 3 {
            planned.push(change(account, asset, 0, make.rng));
        }
        let positions: Vec<u32> = coins.iter().map(|coin| coin.position).collect();
        let recipient = withdrawal.and_then(|withdrawal| withdrawal.recipient).unwrap_or(SignerId::NONE).field();
        self.spend(account, asset, &positions, planned, (exposed, recipient), make)
    }

    fn spend<P: Prove<Transfer2x3>, R: RngCore + CryptoRng>(
        &self,
        account: &Account,
        asset: AssetId,
        positions: &[u32],
        planned: Vec<Planned>,
        (exposed, recipient): (u64, Fr),
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, BuildError> {
        let found = planned.len();
        let planned: [Planned; 3] = planned.try_into().map_err(|_| BuildError::Recipients(found))?;
        let (at, coins) = self.coins(positions, make.when.time)?;
        let rho = random_field(make.rng);
        let mut leg = Leg::<2, 3>::new(account, asset, at, &coins, &planned, rho, make.rng)?;
        if exposed > 0 {
            leg = leg.exposing(exposed);
        }
        let frame = Draftable::new(Kind::Transfer, make.when.expiry, &self.seal_all(account, &planned, make.rng)?)
            .to(recipient);
        let (statement, witness) = leg.sign(frame.context(self.ledger()), make.rng);
        let claim = proven::<Transfer2x3, _>(make.prover, statement, &witness)?;
        let body = Body::Transfer { leg: privity_ledger::Leg::Payment(claim), recipient };
        Ok(Transaction { expiry: make.when.expiry, body, ciphertexts: frame.ciphertexts })
    }

    pub(crate) fn seal_all<R: RngCore + CryptoRng>(
        &self,
        account: &Account,
        planned: &[Planned],
        rng: &mut R,
    ) -> Result<Vec<Sealed>, BuildError> {
        let channel = &self.scanner.channel;
        planned.iter().map(|planned| Ok(leg::seal(channel, account, planned, rng)?)).collect()
    }

    /// Makes up to seven notes of an asset one, the largest ones first; none if there are fewer than two.
    ///
    /// # Errors
    /// As [`Wallet::send`].
    pub fn consolidate<P: Prove<Transfer7x2>, R: RngCore + CryptoRng>(
        &self,
        account: u32,
        asset: AssetId,
        make: &mut Make<'_, P, R>,
    ) -> Result<Option<Transaction>, BuildError> {
        let mut coins = self.spendable(account, asset, make.when.time);
        coins.sort_by_key(|coin| std::cmp::Reverse(coin.value));
        coins.truncate(select::CONSOLIDATION_INPUTS);
        if coins.len() < 2 {
            return Ok(None);
        }
        let positions: Vec<u32> = coins.iter().map(|coin| coin.position).collect();
        self.gather(account, &positions, make).map(Some)
    }

    /// Makes the notes at these positions, all of one asset, one.
    pub(crate) fn gather<P: Prove<Transfer7x2>, R: RngCore + CryptoRng>(
        &self,
        account: u32,
        positions: &[u32],
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, BuildError> {
        let (at, coins) = self.coins(positions, make.when.time)?;
        let (asset, sum) = together(&coins)?;
        let account = self.account(account)?;
        let planned = [change(account, asset, sum, make.rng), change(account, asset, 0, make.rng)];
        let rho = random_field(make.rng);
        let leg = Leg::<7, 2>::new(account, asset, at, &coins, &planned, rho, make.rng)?;
        let frame = Draftable::new(Kind::Transfer, make.when.expiry, &self.seal_all(account, &planned, make.rng)?);
        let (statement, witness) = leg.sign(frame.context(self.ledger()), make.rng);
        let claim = proven::<Transfer7x2, _>(make.prover, statement, &witness)?;
        let body = Body::Transfer { leg: privity_ledger::Leg::Consolidation(claim), recipient: Fr::default() };
        Ok(Transaction { expiry: make.when.expiry, body, ciphertexts: frame.ciphertexts })
    }

    /// Spends one or two notes to oneself: it revokes whatever was signed over them.
    pub(crate) fn spend_to_self<P: Prove<Transfer2x3>, R: RngCore + CryptoRng>(
        &self,
        account: u32,
        positions: &[u32],
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, BuildError> {
        let (_, coins) = self.coins(positions, make.when.time)?;
        let (asset, sum) = together(&coins)?;
        let account = self.account(account)?;
        let planned = [sum, 0, 0].map(|value| change(account, asset, value, make.rng)).into();
        self.spend(account, asset, positions, planned, (0, Fr::default()), make)
    }
}

/// The asset of these notes and their value together.
fn together(coins: &[leg::Coin]) -> Result<(AssetId, u64), BuildError> {
    let asset = coins.first().map(|coin| coin.note.asset).unwrap_or_default();
    let sum = coins.iter().try_fold(0u64, |sum, coin| sum.checked_add(coin.note.value));
    Ok((asset, sum.ok_or(BuildError::Amount)?))
}
