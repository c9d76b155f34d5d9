//! Why the ledger refuses a transaction or an entry: in order of precedence, with stable codes.

use privity_circuits::asset::AssetId;
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::note::Nullifier;
use privity_circuits::terms::TermsId;
use privity_circuits::tree::Anchor;
use privity_quotes::{QuoteId, RfqHash};
use privity_verifier::KeyId;

macro_rules! rejections {
    ($($(#[doc = $doc:literal])+ #[error($text:literal)] $name:ident $({ $($(#[doc = $field_doc:literal])+ $field:ident: $type:ty),* $(,)? })? = $code:literal, $rule:literal;)*) => {
        /// A broken rule of the ledger. The first that is broken is named, in the order of this list.
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        #[non_exhaustive]
        pub enum Rejection { $($(#[doc = $doc])+ #[error($text)] $name $({ $($(#[doc = $field_doc])+ $field: $type),* })?,)* }

        impl Rejection {
            /// A number that no later version gives another meaning.
            pub fn code(&self) -> u16 {
                match self { $(Self::$name $({ $($field: _),* })? => $code,)* }
            }

            /// The protocol's rule.
            pub fn rule(&self) -> &'static str {
                match self { $(Self::$name $({ $($field: _),* })? => $rule,)* }
            }

            /// Every code with its rule, in order of precedence.
            pub const CODES: &'static [(u16, &'static str, &'static str)] = &[$(($code, $rule, stringify!($name)),)*];
        }
    };
}

rejections! {
    /// The time given is before the ledger's.
    #[error("L4: the clock says {now}, the ledger's time is {time} and never decreases; correct the clock")]
    ClockBackwards {
        /// Time given.
        now: u64,
        /// The ledger's time.
        time: u64,
    } = 100, "L4";
    /// Settled before: proofs of the same statements, however re-randomised, are the same transaction.
    #[error("L7: this was settled at log position {position}; do not send it again")]
    Duplicate {
        /// Where it stands in the log.
        position: u64,
    } = 110, "L7";
    /// Longer than the genesis allows.
    #[error("{found} bytes, this ledger takes at most {limit}")]
    TooLong {
        /// The genesis' limit.
        limit: u32,
        /// Bytes found.
        found: usize,
    } = 120, "bytes";
    /// Too late.
    #[error("L4: expired at {expiry}, the ledger's time is {now}; make and prove it again")]
    Expired {
        /// The transaction's expiry.
        expiry: u64,
        /// The ledger's time.
        now: u64,
    } = 130, "L4";
    /// A key that was never registered, was revoked, or is past its end.
    #[error("L9: key {key} is not accepted now; prove under a key of the ledger's list")]
    KeyNotAccepted {
        /// The key.
        key: KeyId,
    } = 200, "L9";
    /// The ciphertexts are not one note and one copy per output, and two envelopes per deal.
    #[error("L6: ciphertexts are not one note and one copy per output, and two envelopes for a deal")]
    CiphertextShape = 210, "L6";
    /// A statement is bound to another frame.
    #[error("L6: statement {index} is bound to another context; expiry, recipient, outputs and ciphertexts must be those proved")]
    WrongContext {
        /// Which statement, from 0.
        index: usize,
    } = 220, "L6";
    /// A statement names another ledger.
    #[error("L9: the statement is for another ledger; use this ledger's id")]
    ForeignLedger = 230, "L9";
    /// `now` is no full hour.
    #[error("L4: now = {now} is not a multiple of 3600; state a full hour")]
    NowNotHourly {
        /// The statement's now.
        now: u64,
    } = 300, "L4";
    /// `now` lies ahead, or more than a day back.
    #[error("L4: now = {now} is not within the 86400 seconds before the ledger's time {time}; prove again")]
    NowOutOfWindow {
        /// The statement's now.
        now: u64,
        /// The ledger's time.
        time: u64,
    } = 310, "L4";
    /// The anchor never was a root.
    #[error("L2: {anchor} never was a root of the note tree; take a root of this ledger")]
    UnknownAnchor {
        /// The statement's anchor.
        anchor: Anchor,
    } = 400, "L2";
    /// Two inputs of one transaction share a nullifier.
    #[error("L3: {nullifier} occurs twice in the transaction; spend a note once")]
    NullifierRepeated {
        /// The nullifier.
        nullifier: Nullifier,
    } = 410, "L3";
    /// A note was spent before.
    #[error("L3: {nullifier} is spent; choose other notes")]
    NullifierSpent {
        /// The nullifier.
        nullifier: Nullifier,
    } = 420, "L3";
    /// Value is exposed in a swap or a deal.
    #[error("L8: only a Transfer exposes value; withdraw in a transaction of its own")]
    ExposureNotAllowed = 500, "L8";
    /// Asset without value, or value without asset.
    #[error("L8: an exposure has both asset and value, or neither")]
    HalfExposure = 510, "L8";
    /// A recipient of nothing.
    #[error("L8: a recipient needs an exposed value; set it to 0")]
    RecipientOfNothing = 520, "L8";
    /// What is exposed or minted is no registered token.
    #[error("L8: {asset} is no registered token; register it, or keep the value in the pool")]
    TokenNotRegistered {
        /// The asset.
        asset: AssetId,
    } = 530, "L8";
    /// More leaves the pool than was minted.
    #[error("L8: exposing {value} of {asset} would make its supply of {supply} negative")]
    SupplyNegative {
        /// The asset.
        asset: AssetId,
        /// Supply now.
        supply: u128,
        /// Value exposed.
        value: u64,
    } = 540, "L8";
    /// More than 2^128 − 1 minor units.
    #[error("L8: minting {value} of {asset} exceeds 2^128 - 1 minor units")]
    SupplyOverflow {
        /// The asset.
        asset: AssetId,
        /// Value minted.
        value: u64,
    } = 550, "L8";
    /// The price statement's payment, fee or capacity is not the output of its leg.
    #[error("L5: the price statement's {output} is not the leg's output; prove the price of exactly these legs")]
    OutputMismatch {
        /// `payment`, `fee` or `capacity`.
        output: &'static str,
    } = 600, "L5";
    /// A leg is not by the party that the terms name.
    #[error("L5: the {party}'s leg is not by the party that the terms name; both named parties spend")]
    PartyMismatch {
        /// `buyer` or `supplier`.
        party: &'static str,
    } = 610, "L5";
    /// The terms settled before.
    #[error("L7: {terms} settled before; agree new terms")]
    TermsUsed {
        /// The terms.
        terms: TermsId,
    } = 620, "L7";
    /// The member root is not current and its grace period is over.
    #[error("L9: {members} is no current member root; prove the price against the present one")]
    MembersStale {
        /// The statement's root.
        members: Anchor,
    } = 630, "L9";
    /// The policy is not current and its grace period is over.
    #[error("L9: the fee policy is not the current one; prove the price with it")]
    PolicyStale = 640, "L9";
    /// The certifier is not registered, or was revoked.
    #[error("L9: {certifier} is no approved certifier; ask the operator to register it")]
    CertifierNotApproved {
        /// The statement's certifier.
        certifier: SignerId,
    } = 700, "L9";
    /// An attestation of this serial issued before.
    #[error("L7: an attestation of this serial issued before; a correction cannot issue again")]
    SerialIssued = 710, "L7";
    /// The token's issuer did not sign.
    #[error("M2: the registered issuer did not sign this mint; have the issuer sign the statement's message")]
    IssuerSignature = 720, "M2";
    /// The note tree has no room.
    #[error("the note tree is full; open a new ledger")]
    TreeFull = 800, "bytes";
    /// Signed for another place in the log.
    #[error("L7: the entry is for log position {found}, the next is {expected}; sign it again")]
    WrongPosition {
        /// Position that the entry names.
        found: u64,
        /// The log's next position.
        expected: u64,
    } = 900, "L7";
    /// Signed by nobody who may.
    #[error("L9: {operator} is no operator key of this ledger now; sign with a registered one")]
    NotAnOperator {
        /// Signer id that the entry names.
        operator: SignerId,
    } = 910, "L9";
    /// The operator's signature does not hold.
    #[error("L9: the operator's signature does not hold for this entry, ledger and position; sign it again")]
    OperatorSignature = 920, "L9";
    /// Registered already.
    #[error("L9: that is registered already; revoke it first, or leave it")]
    AlreadyRegistered = 930, "L9";
    /// A signer, token, key, certifier, operator key or member that is not there.
    #[error("L9: that is not registered, or revoked; register it first")]
    NotRegistered = 940, "L9";
    /// A key of a local set-up on a production ledger.
    #[error("L9: {key} is a development key, which a production ledger refuses; register a key of the ceremony")]
    DevelopmentKey {
        /// The key.
        key: KeyId,
    } = 950, "L9";
    /// The ledger would have no operator.
    #[error("L9: the last operator key cannot be revoked; register another first")]
    LastOperator = 960, "L9";
    /// An owner of 0, which is the empty leaf.
    #[error("L9: an owner of 0 is no member")]
    NoOwner = 970, "L9";
    /// A signer that is another member's.
    #[error("L9: the signer belongs to member {owner}; each member has a signer of its own")]
    SignerTaken {
        /// Whose signer it is.
        owner: Owner,
    } = 980, "L9";
    /// The member's present signer did not consent.
    #[error("L9: the consent is not by the member's present signer; have it signed again, or leave it out and wait")]
    Consent = 990, "L9";
    /// All leaves of the member tree are taken.
    #[error("L9: the member tree is full")]
    MembersFull = 995, "L9";
    /// No such request is in the log.
    #[error("section 6: no request {rfq} is in the log; log the request first, or correct its hash")]
    UnknownRfq {
        /// The request.
        rfq: RfqHash,
    } = 1000, "6";
    /// A field of the request is out of its range, so that no log could be read back.
    #[error("section 6: {field} of the request is out of range; see the widths on the protocol's page")]
    RfqOutOfRange {
        /// Its name.
        field: &'static str,
    } = 1005, "6";
    /// Who asks or answers is no active member.
    #[error("section 5: {owner} is no active member; ask the operator to admit it")]
    NotAMember {
        /// Owner of the address.
        owner: Owner,
    } = 1010, "5";
    /// The member's signer did not sign, or took over while the request was open.
    #[error(
        "section 5: the signature is not by the signer that member {owner} had when the request was logged; sign the whole entry with it"
    )]
    MemberSignature {
        /// Owner of the member address.
        owner: Owner,
    } = 1020, "5";
    /// The request closes before it is logged.
    #[error("section 6: the request closes at {closes}, the ledger's time is {now}; ask with a later closing time")]
    ClosesInThePast {
        /// First second in which no quote is accepted.
        closes: u64,
        /// The ledger's time.
        now: u64,
    } = 1030, "6";
    /// The operator did not sign the key to which quotes are sealed.
    #[error("section 6: the operator did not endorse this request's key for its buyer and nonce; ask the operator for a key")]
    Endorsement = 1040, "6";
    /// P_rfq or the operator's key stood in a request before.
    #[error("section 6: a key of this request was used before; take a new nonce and a new key of the operator")]
    RfqKeyUsed = 1050, "6";
    /// The buyer answers itself.
    #[error("section 6: the buyer cannot quote for its own request")]
    OwnRfq = 1060, "6";
    /// Too early or too late.
    #[error("section 6: quotes are accepted from {opens} until before {closes}, the ledger's time is {now}")]
    NotQuoting {
        /// First second.
        opens: u64,
        /// First second in which no quote is accepted.
        closes: u64,
        /// The ledger's time.
        now: u64,
    } = 1070, "6";
    /// A member's second quote.
    #[error("section 6: {owner} has quoted for this request; a member quotes once")]
    QuotedAlready {
        /// Owner of the member address.
        owner: Owner,
    } = 1080, "6";
    /// As many quotes as an award can range over.
    #[error("section 6: the request has its 1024 quotes; no more are accepted")]
    RfqFull = 1090, "6";
    /// The secret comes before the request closes.
    #[error("section 6: the request closes at {closes}, the ledger's time is {now}; open it then")]
    NotClosed {
        /// First second in which it may be opened.
        closes: u64,
        /// The ledger's time.
        now: u64,
    } = 1100, "6";
    /// The delay for opening and award is over.
    #[error("section 6: the request has been void since {ends}, the ledger's time is {now}; ask again")]
    RfqVoid {
        /// First second in which it was void.
        ends: u64,
        /// The ledger's time.
        now: u64,
    } = 1110, "6";
    /// The secret is published already.
    #[error("section 6: the request is opened already")]
    OpenedAlready = 1120, "6";
    /// The secret is not that of the request's key.
    #[error("section 6: the secret does not belong to the key that the request names; publish that key's secret")]
    OpenSecret = 1130, "6";
    /// Exclusion or award before the secret is published.
    #[error("section 6: the request is not opened; wait for the operator's Open")]
    NotOpened = 1140, "6";
    /// There is a winner.
    #[error("section 6: the request has its award; nothing follows it")]
    AwardedAlready = 1150, "6";
    /// No such quote was logged for the request.
    #[error("section 6: {quote} is no quote of this request; name a logged one")]
    UnknownQuote {
        /// The quote.
        quote: QuoteId,
    } = 1160, "6";
    /// The quote is out already.
    #[error("section 6: {quote} is excluded already")]
    ExcludedAlready {
        /// The quote.
        quote: QuoteId,
    } = 1170, "6";
    /// The award was made before an exclusion was logged.
    #[error("section 6: the award counts {found} exclusions, the log has {expected}; award again")]
    ExclusionsChanged {
        /// Exclusions that the award counts.
        found: u32,
        /// Exclusions in the log.
        expected: u32,
    } = 1180, "6";
}

impl Rejection {
    /// Whether it stays refused whatever settles next; the others may be accepted later, or behind what is submitted with them.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Duplicate { .. }
                | Self::TooLong { .. }
                | Self::Expired { .. }
                | Self::CiphertextShape
                | Self::WrongContext { .. }
                | Self::ForeignLedger
                | Self::NowNotHourly { .. }
                | Self::NullifierRepeated { .. }
                | Self::NullifierSpent { .. }
                | Self::ExposureNotAllowed
                | Self::HalfExposure
                | Self::RecipientOfNothing
                | Self::OutputMismatch { .. }
                | Self::PartyMismatch { .. }
                | Self::TermsUsed { .. }
                | Self::SerialIssued
                | Self::RfqOutOfRange { .. }
                | Self::RfqKeyUsed
                | Self::OwnRfq
                | Self::QuotedAlready { .. }
                | Self::RfqFull
                | Self::RfqVoid { .. }
                | Self::OpenedAlready
                | Self::AwardedAlready
                | Self::ExcludedAlready { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Rejection;

    #[test]
    fn codes_ascend_in_order_of_precedence() {
        assert!(Rejection::CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(Rejection::TreeFull.code(), 800);
        assert_eq!(Rejection::CiphertextShape.rule(), "L6");
    }
}
