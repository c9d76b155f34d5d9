//! The treasury's side of P9: the fee of every deal, opened from its ciphertext, or reported because it does not open.
//!
//! The proof of a deal binds the fee note to the treasury, not the ciphertext that should tell the treasury its opening. A buyer who
//! seals something else keeps the fee from being spent; the deal stands, so all that the treasury can do is name it.

use crate::delivery::Channel;
use crate::keys::Account;
use crate::record;
use privity_circuits::asset::AssetId;
use privity_circuits::terms::Policy;
use privity_ledger::{Body, Claim as _, EntryBody, Genesis, Item, Statements, Transaction, TransactionId};
use serde::{Deserialize, Serialize};

/// The fee of one deal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Ledger time of the deal, Unix seconds.
    pub time: u64,
    /// The deal's transaction.
    #[serde(with = "record::transaction")]
    pub transaction: TransactionId,
    /// Currency and minor units; none if the ciphertext does not open to the fee note, so that the fee cannot be spent.
    pub opened: Option<(AssetId, u64)>,
}

redacted!(Fee);

/// Every fee policy that was in force, and the fees of the deals made under one whose treasury is an account of this wallet.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Treasury {
    policies: Vec<Policy>,
    pub(crate) fees: Vec<Fee>,
}

impl Treasury {
    pub(crate) fn new(genesis: &Genesis) -> Self {
        Self { policies: vec![genesis.policy.clone()], fees: Vec::new() }
    }

    /// Reads an item that settled at ledger time `time`.
    pub(crate) fn read<'a>(
        &mut self,
        item: &Item<Statements>,
        time: u64,
        channel: &Channel,
        accounts: impl IntoIterator<Item = &'a Account>,
    ) {
        match item {
            Item::Entry(entry) => {
                if let EntryBody::Policy(policy) = &entry.body {
                    self.policies.push(policy.clone());
                }
            }
            Item::Transaction(transaction) => {
                self.fees.extend(self.fee(transaction, time, channel, accounts));
            }
            Item::Tender(_) => {}
        }
    }

    /// The fee of a deal that owes one to an account of this wallet.
    fn fee<'a>(
        &self,
        transaction: &Transaction<Statements>,
        time: u64,
        channel: &Channel,
        accounts: impl IntoIterator<Item = &'a Account>,
    ) -> Option<Fee> {
        let Body::Deal { price, .. } = &transaction.body else { return None };
        let x = price.statement();
        let policy = self.policies.iter().rev().find(|policy| policy.id() == x.policy)?;
        if policy.flat == 0 && policy.rate == 0 {
            return None;
        }
        let account = accounts.into_iter().find(|account| account.owner == policy.treasury)?;
        let delivery = transaction.deliveries().into_iter().find(|delivery| delivery.output == x.out_fee);
        let opened = delivery.and_then(|delivery| {
            let note = channel.open_note(account.delivery_key(), account.owner, x.out_fee, &delivery.recipient.0)?.note;
            Some((note.asset, note.value))
        });
        Some(Fee { time, transaction: transaction.id(), opened })
    }
}
