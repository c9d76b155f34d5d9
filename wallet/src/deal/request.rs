//! Second message: the buyer adds its outputs and signs nothing.

use super::draft::outputs;
use super::{Agreed, DealError, Draft, Request, Session, check_terms, expect};
use crate::build::change;
use crate::delivery::Memo;
use crate::envelope::Enclosed;
use crate::leg::{Planned, Recipient};
use crate::view::LedgerView;
use crate::wallet::Wallet;
use rand::{CryptoRng, RngCore};

impl Wallet {
    /// Checks a draft as its buyer and answers with payment, fee and change.
    ///
    /// # Errors
    /// [`DealError::Terms`] for terms to refuse, [`DealError::NotParty`] if this wallet is not the buyer, [`DealError::Opening`]
    /// for a capacity that is not the terms', [`DealError::Open`] if these terms are being negotiated already.
    pub fn request<R: RngCore + CryptoRng>(
        &mut self,
        account: u32,
        draft: &Draft,
        view: &impl LedgerView,
        rng: &mut R,
    ) -> Result<Request, DealError> {
        let terms = &draft.terms;
        check_terms(terms, view)?;
        let owner = self.account(account)?;
        if owner.owner != terms.parties.buyer {
            return Err(DealError::NotParty("buyer"));
        }
        if draft.supplier.owner != terms.parties.supplier {
            return Err(DealError::Address("supplier"));
        }
        let policy = view.policy()?;
        let agreed = Agreed::of(terms, &policy)?;
        if self.book.deals.contains_key(&agreed.id) {
            return Err(DealError::Open(agreed.id));
        }
        let [payment, fee, capacity] = agreed.notes;
        expect(&draft.outputs.commitments(), 0, &capacity, "capacity")?;

        let currency = terms.money.currency;
        let amount = agreed.total.checked_add(agreed.fee).ok_or(crate::build::BuildError::Amount)?;
        let coins = self.choose(account, currency, amount, view.time())?;
        let sum: u128 = coins.iter().map(|coin| u128::from(coin.value)).sum();
        let rest = u64::try_from(sum - u128::from(amount)).map_err(|_| crate::build::BuildError::Amount)?;
        let to_supplier = match terms.remedy.escrow {
            true => Recipient::Nobody,
            false => Recipient::Key(draft.supplier.delivery),
        };
        let planned = [
            Planned { note: payment, recipient: to_supplier, memo: Memo::EMPTY },
            Planned { note: fee, recipient: Recipient::Key(policy.delivery_key), memo: Memo::EMPTY },
            change(owner, currency, rest, rng),
        ];
        let outputs = outputs(self.seal_all(owner, &planned, rng)?)?;
        let buyer = owner.address();
        let enclosed =
            Enclosed { terms: terms.clone(), buyer_key: buyer.delivery, supplier_key: draft.supplier.delivery };
        let envelope = self.scanner.channel.seal_envelope(&buyer.delivery, &enclosed, rng)?;
        let request = Request { terms: agreed.id, buyer, policy, outputs, envelope };
        let inputs = coins.iter().map(|coin| coin.position).collect();
        let (firm_until, draft, request) = (None, draft.clone(), request);
        self.book.references.insert(agreed.id, draft.reference.clone());
        let session = Session { account, inputs, firm_until, draft, request: Some(request.clone()) };
        self.book.deals.insert(agreed.id, session);
        Ok(request)
    }
}
