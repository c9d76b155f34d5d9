//! First message: the supplier drafts.

use super::{Agreed, DealError, Draft, Outputs, Session, check_terms};
use crate::address::Address;
use crate::build::change;
use crate::delivery::Memo;
use crate::envelope::Enclosed;
use crate::history::Reference;
use crate::leg::{Planned, Recipient, Sealed};
use crate::random::random_field;
use crate::view::LedgerView;
use crate::wallet::Wallet;
use privity_circuits::terms::Terms;
use rand::{CryptoRng, RngCore};

impl Wallet {
    /// Drafts a deal as its supplier: chooses the capacity to sell and seals the outputs. The salts of `terms` are drawn afresh.
    ///
    /// Nothing is signed. The chosen notes are held until the negotiation ends.
    ///
    /// # Errors
    /// [`DealError::Terms`] for terms that this wallet would refuse, [`DealError::NotParty`] if it is not the supplier,
    /// [`DealError::Build`] if the capacity is not there.
    pub fn draft<R: RngCore + CryptoRng>(
        &mut self,
        account: u32,
        terms: &Terms,
        buyer: &Address,
        reference: Reference,
        view: &impl LedgerView,
        rng: &mut R,
    ) -> Result<Draft, DealError> {
        let mut terms = terms.clone();
        for salt in [&mut terms.parties.salt, &mut terms.goods.salt, &mut terms.money.salt, &mut terms.remedy.salt] {
            *salt = random_field(rng);
        }
        check_terms(&terms, view)?;
        let owner = self.account(account)?;
        if owner.owner != terms.parties.supplier {
            return Err(DealError::NotParty("supplier"));
        }
        if buyer.owner != terms.parties.buyer {
            return Err(DealError::Address("buyer"));
        }
        let agreed = Agreed::of(&terms, &view.policy()?)?;
        let asset = terms.capacity_asset();
        let coins = self.choose(account, asset, agreed.used, view.time())?;
        let sum: u128 = coins.iter().map(|coin| u128::from(coin.value)).sum();
        let rest = u64::try_from(sum - u128::from(agreed.used)).map_err(|_| crate::build::BuildError::Amount)?;
        let [_, _, capacity] = agreed.notes;
        let planned = [
            Planned { note: capacity, recipient: Recipient::Nobody, memo: Memo::EMPTY },
            change(owner, asset, rest, rng),
            change(owner, asset, 0, rng),
        ];
        let outputs = outputs(self.seal_all(owner, &planned, rng)?)?;
        let supplier = owner.address();
        let enclosed = Enclosed { terms, buyer_key: buyer.delivery, supplier_key: supplier.delivery };
        let envelope = self.scanner.channel.seal_envelope(&supplier.delivery, &enclosed, rng)?;
        let draft = Draft { terms: enclosed.terms, supplier, outputs, envelope, reference };
        let inputs = coins.iter().map(|coin| coin.position).collect();
        let session = Session { account, inputs, firm_until: None, draft: draft.clone(), request: None };
        self.book.references.insert(agreed.id, draft.reference.clone());
        self.book.deals.insert(agreed.id, session);
        Ok(draft)
    }
}

pub(super) fn outputs(sealed: Vec<Sealed>) -> Result<Outputs, DealError> {
    let found = sealed.len();
    let sealed: [Sealed; 3] = sealed.try_into().map_err(|_| crate::build::BuildError::Recipients(found))?;
    Ok(Outputs::new(&sealed))
}
