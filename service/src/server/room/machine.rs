//! Who may do what in which state.
//!
//! The states of a negotiation are those of the Dataspace Protocol; behind FINALIZED come call-off, despatch, receipt and settlement,
//! as often as there are partial deliveries.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a deal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = DealState)]
pub enum State {
    /// The buyer asked.
    Requested,
    /// The supplier drafted a deal.
    Offered,
    /// The buyer answered with its outputs; nothing is signed.
    Accepted,
    /// The supplier signed and proved its leg, firm until it expires.
    Agreed,
    /// The buyer checked the proof and submits the deal.
    Verified,
    /// The ledger settled the deal.
    Finalized,
    /// The negotiation ended without a deal.
    Terminated,
    /// The buyer called a quantity off.
    CalledOff,
    /// The supplier sent goods.
    Despatched,
    /// The goods were received.
    Received,
    /// The ledger settled a release of the escrow.
    Settled,
}

/// One of the two parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Pays.
    Buyer,
    /// Delivers.
    Supplier,
}

/// What a party does; every act comes with an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Ask for an offer, or for another one.
    Request,
    /// Draft a deal.
    Offer,
    /// Answer the draft.
    Accept,
    /// Sign and prove.
    Agree,
    /// Confirm that the other's proof holds.
    Verify,
    /// Say that the ledger settled it; in which transaction stands in the envelope.
    Finalize,
    /// End the negotiation.
    Terminate,
    /// Call a quantity off.
    CallOff,
    /// Say what was sent.
    Despatch,
    /// Say what was received.
    Receive,
    /// Say that the ledger released escrow; in which transaction stands in the envelope.
    Settle,
}

use Act::{Accept, Agree, CallOff, Despatch, Finalize, Offer, Receive, Request, Settle, Terminate, Verify};
use Role::{Buyer, Supplier};
use State::{
    Accepted, Agreed, CalledOff, Despatched, Finalized, Offered, Received, Requested, Settled, Terminated, Verified,
};

/// An act, who may do it, in which states (`None`: before there is a deal), and the state behind it.
type Rule = (Act, &'static [Role], &'static [Option<State>], State);

/// All that is allowed; everything else is refused.
const RULES: [Rule; 11] = [
    (Request, &[Buyer], &[None, Some(Offered)], Requested),
    (Offer, &[Supplier], &[None, Some(Requested)], Offered),
    (Accept, &[Buyer], &[Some(Offered)], Accepted),
    (Agree, &[Supplier], &[Some(Accepted)], Agreed),
    (Verify, &[Buyer], &[Some(Agreed)], Verified),
    (Finalize, &[Buyer, Supplier], &[Some(Verified)], Finalized),
    (
        Terminate,
        &[Buyer, Supplier],
        &[Some(Requested), Some(Offered), Some(Accepted), Some(Agreed), Some(Verified)],
        Terminated,
    ),
    (CallOff, &[Buyer], &[Some(Finalized), Some(Received), Some(Settled)], CalledOff),
    (
        Despatch,
        &[Supplier],
        &[Some(Finalized), Some(CalledOff), Some(Despatched), Some(Received), Some(Settled)],
        Despatched,
    ),
    (Receive, &[Buyer], &[Some(Despatched)], Received),
    (
        Settle,
        &[Buyer, Supplier],
        &[Some(Finalized), Some(CalledOff), Some(Despatched), Some(Received), Some(Settled)],
        Settled,
    ),
];

/// Why an act is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// The other party's to do.
    #[error("that is the {0}'s to do; wait for it")]
    Role(&'static str),
    /// Not in this state.
    #[error("the deal's state does not allow it; in this state one may {0}")]
    State(String),
}

impl State {
    /// The state after `act` by `role`; `state` is `None` before there is a deal.
    ///
    /// # Errors
    /// The error says whose turn it is or what may be done.
    pub fn after(state: Option<Self>, act: Act, role: Role) -> Result<Self, ActError> {
        let rule = RULES.iter().find(|(known, ..)| *known == act);
        let possible = || {
            let fits = RULES.iter().filter(|(_, roles, from, _)| roles.contains(&role) && from.contains(&state));
            let names: Vec<&str> = fits.map(|(act, ..)| act.name()).collect();
            if names.is_empty() { "do nothing but wait".to_owned() } else { names.join(", ") }
        };
        match rule {
            Some((_, _, from, _)) if !from.contains(&state) => Err(ActError::State(possible())),
            Some((_, roles, _, _)) if !roles.contains(&role) => Err(ActError::Role(role.other().name())),
            Some((_, _, _, to)) => Ok(*to),
            None => Err(ActError::State(possible())),
        }
    }

    /// Whether it ends by itself when its time is over. A verified deal may be settled already, so the parties say how it ended.
    pub fn lapses(self) -> bool {
        matches!(self, Requested | Offered | Accepted | Agreed)
    }

    /// The last part of the name of the event that tells of it, as in `deal.offered`.
    pub fn event(self) -> &'static str {
        match self {
            Requested => "requested",
            Offered => "offered",
            Accepted => "accepted",
            Agreed => "agreed",
            Verified => "verified",
            Finalized => "finalized",
            Terminated => "terminated",
            CalledOff => "called-off",
            Despatched => "despatched",
            Received => "received",
            Settled => "settled",
        }
    }
}

impl Act {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Request => "request",
            Offer => "offer",
            Accept => "accept",
            Agree => "agree",
            Verify => "verify",
            Finalize => "finalize",
            Terminate => "terminate",
            CallOff => "call-off",
            Despatch => "despatch",
            Receive => "receive",
            Settle => "settle",
        }
    }
}

impl Role {
    /// The other party.
    pub fn other(self) -> Self {
        match self {
            Buyer => Supplier,
            Supplier => Buyer,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Buyer => "buyer",
            Supplier => "supplier",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STATES: [State; 11] = [
        Requested, Offered, Accepted, Agreed, Verified, Finalized, Terminated, CalledOff, Despatched, Received, Settled,
    ];
    const ACTS: [Act; 11] =
        [Request, Offer, Accept, Agree, Verify, Finalize, Terminate, CallOff, Despatch, Receive, Settle];

    /// The table once more, written as the way of a deal: role, act, from, to.
    const WAY: &str = "
        buyer request - Requested; buyer request Offered Requested; supplier offer - Offered; supplier offer Requested Offered;
        buyer accept Offered Accepted; supplier agree Accepted Agreed; buyer verify Agreed Verified;
        buyer finalize Verified Finalized; supplier finalize Verified Finalized;
        buyer terminate Requested Terminated; buyer terminate Offered Terminated; buyer terminate Accepted Terminated;
        buyer terminate Agreed Terminated; buyer terminate Verified Terminated;
        supplier terminate Requested Terminated; supplier terminate Offered Terminated; supplier terminate Accepted Terminated;
        supplier terminate Agreed Terminated; supplier terminate Verified Terminated;
        buyer call-off Finalized CalledOff; buyer call-off Received CalledOff; buyer call-off Settled CalledOff;
        supplier despatch Finalized Despatched; supplier despatch CalledOff Despatched; supplier despatch Despatched Despatched;
        supplier despatch Received Despatched; supplier despatch Settled Despatched; buyer receive Despatched Received;
        buyer settle Finalized Settled; buyer settle CalledOff Settled; buyer settle Despatched Settled;
        buyer settle Received Settled; buyer settle Settled Settled;
        supplier settle Finalized Settled; supplier settle CalledOff Settled; supplier settle Despatched Settled;
        supplier settle Received Settled; supplier settle Settled Settled";

    fn allowed(role: Role, act: Act, state: Option<State>) -> Option<String> {
        let from = state.map_or("-".to_owned(), |state| format!("{state:?}"));
        let wanted = format!("{} {} {from}", role.name(), act.name());
        WAY.split(';').map(str::trim).find_map(|line| line.strip_prefix(&wanted)?.strip_prefix(' ').map(str::to_owned))
    }

    #[test]
    fn exactly_the_transitions_of_the_table() {
        let mut count = 0;
        for state in STATES.map(Some).into_iter().chain([None]) {
            for act in ACTS {
                for role in [Buyer, Supplier] {
                    let found = State::after(state, act, role).ok().map(|state| format!("{state:?}"));
                    assert_eq!(found, allowed(role, act, state), "{role:?} {act:?} in {state:?}");
                    count += usize::from(found.is_some());
                }
            }
        }
        assert_eq!(count, WAY.split(';').count());
    }

    proptest! {
        /// Whatever two parties try, in whatever order.
        #[test]
        fn no_sequence_leaves_the_way(tries in proptest::collection::vec((0..11usize, any::<bool>()), 0..200)) {
            let (mut state, mut finalized) = (None, false);
            for (act, buyer) in tries {
                let (act, role) = (ACTS[act], if buyer { Buyer } else { Supplier });
                match State::after(state, act, role) {
                    Ok(next) => {
                        prop_assert!(state != Some(Terminated), "nothing follows the end");
                        finalized |= next == Finalized;
                        // Goods and money move behind the ledger's settlement only, and never back into negotiation.
                        prop_assert_eq!(finalized, next >= Finalized && next != Terminated);
                        state = Some(next);
                    }
                    Err(error) => prop_assert!(error.to_string().contains("; ")),
                }
            }
        }
    }

    #[test]
    fn a_refusal_says_what_may_be_done() {
        let refused = State::after(Some(Offered), Agree, Supplier).unwrap_err();
        assert_eq!(refused.to_string(), "the deal's state does not allow it; in this state one may terminate");
        let refused = State::after(Some(Offered), Accept, Supplier).unwrap_err();
        assert_eq!(refused.to_string(), "that is the buyer's to do; wait for it");
    }
}
