//! A hostile counterparty against one wallet: drafts, requests, offers, swaps, agreements, briefs, attestations; `docs/attacks.md`
//! lists the attempts.

mod attack;
mod common;

use attack::{accepted, address, dealt, drafted, edited, forged_plaintext, hexadecimal, offered, requested, settled};
use common::{DUE, MONDAY, START, Town, WEEK, signer};
use privity_circuits::Fr;
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::note::Note;
use privity_circuits::terms::Terms;
use privity_ledger::context::{Frame, Kind, NO_VOLUME};
use privity_ledger::{Admission, Ciphertexts, EntryBody, Leg, SealedNote};
use privity_wallet::address::AddressError;
use privity_wallet::build::{BuildError, Make, ReleaseOrder};
use privity_wallet::certify::{AttestationRequest, CertifierBook, CertifyError, WeekEntry};
use privity_wallet::deal::{DealError, TermsRefusal, check_terms};
use privity_wallet::delivery::Channel;
use privity_wallet::evidence::{
    ArbiterBook, Decision, Delivery, EvidenceError, InspectionBrief, InspectorBook, SignedBy,
};
use privity_wallet::file::Document;
use privity_wallet::swap::{Amount, SwapAnswer, SwapError, SwapOffer, SwapProposal};
use privity_wallet::{Address, random_field};
use serde_json::{Value, json};

macro_rules! make {
    ($town:ident) => {
        Make { when: $town.when(), prover: &mut $town.prover, rng: &mut $town.rng }
    };
}

fn refusal(town: &Town, change: impl FnOnce(&mut Terms)) -> Option<TermsRefusal> {
    let mut terms = town.terms();
    change(&mut terms);
    town.ledger.read(|view| Ok(check_terms(&terms, view).err())).unwrap()
}

/// A supplier changes its registered signer and names the old one, still registered, as arbiter: it would award itself everything.
/// The same with a new signer that waits for its delay.
#[test]
fn a_party_does_not_judge_through_another_signer_of_its_own() {
    let town = Town::empty();
    let (buyer, supplier) = (town.buyer.member().unwrap(), town.supplier.member().unwrap());
    let (old, new, waiting) = (supplier.signer.id, signer(70), signer(71));
    let message = Admission::consent(town.genesis.ledger(), supplier.owner, 0, &new.public);
    let consent = Some(supplier.signer.sign(message, &mut privity_testkit::rng(1)));
    let enter = |owner, signer: &privity_wallet::Signer, consent| {
        let admission = Admission { owner, signer: signer.public, consent };
        town.ledger.enter(EntryBody::Member(admission), START).unwrap();
    };
    enter(supplier.owner, &new, consent);
    enter(buyer.owner, &waiting, None);
    let renewed = |t: &mut Terms| t.parties.supplier_signer = new.id;
    assert_eq!(refusal(&town, renewed), None, "the new signer, an independent arbiter");
    for (judge, whose) in [(old, "a former signer"), (waiting.id, "a signer to come")] {
        let by_arbiter = refusal(&town, |t| (renewed(t), t.parties.arbiter = judge).0);
        assert_eq!(by_arbiter, Some(TermsRefusal::OwnJudge("arbiter")), "{whose}");
        let by_inspector = refusal(&town, |t| (renewed(t), t.parties.inspector = judge).0);
        assert_eq!(by_inspector, Some(TermsRefusal::OwnJudge("inspector")), "{whose}");
    }
}

/// What the wallet would have sealed to itself: a plaintext with the owner in its memo, sealed to a public key by anybody.
fn forged_copy(channel: &Channel, to: &Address, note: &Note, rng: &mut privity_testkit::TestRng) -> Vec<u8> {
    let plain = forged_plaintext(note);
    channel.seal(&to.delivery, &note.commitment().to_bytes(), &plain, rng).unwrap()
}

/// Three outputs in the form of a message, all ciphertexts sealed to the victim.
fn forged_outputs(town: &mut Town, victim: &Address, notes: &[(u64, Owner)]) -> Value {
    let (channel, asset) = (Channel::new(&town.genesis.ledger().0), town.currency);
    let outputs = notes.iter().map(|(value, owner)| {
        let note = Note { asset, value: *value, unlock: 0, owner: *owner, blinding: random_field(&mut town.rng) };
        let memo = privity_wallet::delivery::Memo::EMPTY;
        let recipient = channel.seal_note(&victim.delivery, &note, &memo, &mut town.rng).unwrap();
        let copy = forged_copy(&channel, victim, &note, &mut town.rng);
        json!({ "commitment": note.commitment(), "recipient": hexadecimal(&recipient), "copy": hexadecimal(&copy) })
    });
    Value::Array(outputs.collect())
}

/// Two roles, one session. The proposer of a swap of one cent for one cent writes as its own outputs one cent to the taker and the
/// taker's change to himself, with copies that open under the taker's public key; then he sends an answer in place of an offer. A
/// taker's wallet that plays the proposer signs all its inputs over to him.
#[test]
fn a_taker_does_not_sign_what_the_proposer_sealed() {
    let mut town = Town::new();
    let (victim, thief) = (address(&town.buyer), address(&town.treasury));
    let cent = Amount { asset: town.currency, value: 1 };
    let rest = 2_000_000 - 1;
    let body = json!({
        "give": serde_json::to_value(cent).unwrap(),
        "want": serde_json::to_value(cent).unwrap(),
        "proposer": thief.to_string(),
        "taker": victim.to_string(),
        "outputs": forged_outputs(&mut town, &victim, &[(1, victim.owner), (rest, thief.owner), (0, thief.owner)]),
    });
    let file = json!({ "kind": SwapProposal::KIND, "version": 1, "body": body });
    let proposal = SwapProposal::from_json(&file.to_string()).unwrap();
    let time = town.time;
    let answer = town.buyer.answer_swap(0, &proposal, time, &mut town.rng).unwrap();
    let notes = [(1, victim.owner), (0, thief.owner), (0, thief.owner)];
    let outputs = forged_outputs(&mut town, &victim, &notes);
    let hostile: SwapAnswer = edited(&answer, |body| body["outputs"] = outputs);
    let proofs = town.prover.proofs;
    let signed = town.buyer.offer_swap(&hostile, None, time, &mut town.prover, &mut town.rng);
    assert!(matches!(signed, Err(SwapError::NotProposer)), "{:?}", signed.err());
    assert_eq!(town.prover.proofs, proofs, "nothing was signed");
}

fn swap(town: &mut Town) -> (SwapProposal, SwapAnswer) {
    let give = Amount { asset: town.currency, value: 700 };
    let want = Amount { asset: town.terms().capacity_asset(), value: 3 };
    let (to, time) = (address(&town.supplier), town.time);
    let proposal = town.buyer.propose_swap(0, give, want, to, time, &mut town.rng).unwrap();
    let answer = town.supplier.answer_swap(0, &proposal, time, &mut town.rng).unwrap();
    (proposal, answer)
}

/// A proposal sent twice would make the taker forget what it signed, and promise other notes for it.
#[test]
fn a_proposal_is_answered_once() {
    let mut town = Town::new();
    let (proposal, answer) = swap(&mut town);
    let time = town.time;
    let again = town.supplier.answer_swap(0, &proposal, time, &mut town.rng);
    assert!(matches!(again, Err(SwapError::Open(id)) if id == answer.swap));
    let asset = town.terms().capacity_asset();
    assert!(town.supplier.spendable(0, asset, time).is_empty(), "still promised");
}

fn taken(town: &mut Town, offer: &SwapOffer) -> Result<(), SwapError> {
    let Town { ledger, supplier, rng, prover, keys, .. } = town;
    ledger.read(|view| Ok(supplier.accept_swap(offer, view, keys, prover, rng).map(drop))).unwrap()
}

/// Offers that the ledger would refuse are not signed: a statement two days old, an answer's outputs exchanged, another expiry.
#[test]
fn a_swap_offer_that_would_not_settle() {
    let mut town = Town::new();
    let (_, answer) = swap(&mut town);
    let time = town.time;
    let torn = edited(&answer, |body| body["outputs"].as_array_mut().unwrap().swap(0, 1));
    let torn = town.buyer.offer_swap(&torn, None, time, &mut town.prover, &mut town.rng);
    assert!(matches!(torn, Err(SwapError::Opening)));
    let (old, expiry) = (time - 2 * 86_400, Some(time + 600));
    let offer = town.buyer.offer_swap(&answer, expiry, old, &mut town.prover, &mut town.rng).unwrap();
    assert!(matches!(taken(&mut town, &offer), Err(SwapError::Offer("time"))));

    let mut town = Town::new();
    let (_, answer) = swap(&mut town);
    let offer = town.buyer.offer_swap(&answer, expiry, time, &mut town.prover, &mut town.rng).unwrap();
    let proofs = town.prover.proofs;
    let mut other = offer.clone();
    other.expiry += 1;
    assert!(matches!(taken(&mut town, &other), Err(SwapError::Offer("context"))));
    let changed = |change: fn(&mut privity_circuits::transfer::Statement<2, 3>)| {
        let mut other = offer.clone();
        let Leg::Payment(claim) = &mut other.leg else { panic!("two inputs are enough") };
        change(&mut claim.statement);
        other
    };
    let other = changed(|x| x.exposed_value = 1);
    assert!(matches!(taken(&mut town, &other), Err(SwapError::Offer("exposed value"))));
    let other = changed(|x| x.nullifiers[1] = x.nullifiers[0]);
    assert!(matches!(taken(&mut town, &other), Err(SwapError::Offer("nullifiers"))));
    let other = changed(|x| x.now -= 3_600);
    assert!(matches!(taken(&mut town, &other), Err(SwapError::Proof(_))), "the proof is of another hour");
    assert_eq!(town.prover.proofs, proofs, "nothing was signed");
}

/// Requests that are somebody else's, for other terms, twice, or made of the supplier's own outputs.
#[test]
fn hostile_requests() {
    let mut town = Town::new();
    let (terms, to) = (town.terms(), address(&town.buyer));
    let draft = drafted(&mut town, &terms, &to).unwrap();
    let request = requested(&mut town, &draft).unwrap();
    let mirrored = edited(&request, |body| body["outputs"] = serde_json::to_value(&draft.outputs).unwrap());
    assert!(matches!(offered(&mut town, &mirrored), Err(DealError::Opening("payment"))));
    let mut other = request.clone();
    other.terms = privity_circuits::terms::TermsId::new(Fr::from(9u64));
    assert!(matches!(offered(&mut town, &other), Err(DealError::Unknown(_))));
    // The buyer's own wallet is sent its request: it is no supplier.
    let proofs = town.prover.proofs;
    let Town { ledger, buyer, rng, prover, .. } = &mut town;
    let role = ledger.read(|view| Ok(buyer.offer(&request, None, view, prover, rng))).unwrap();
    assert!(matches!(role, Err(DealError::NotParty("supplier"))));
    assert_eq!(town.prover.proofs, proofs);
    // Two buyers' requests at once: the second is refused while the first one's signature stands, and the notes stay promised.
    let change = edited(&request, |body| {
        let other = body["outputs"][2]["copy"].clone();
        body["outputs"][2]["recipient"] = other;
    });
    offered(&mut town, &request).unwrap();
    assert!(matches!(offered(&mut town, &change), Err(DealError::Firm { .. })));
    let asset = draft.terms.capacity_asset();
    assert!(town.supplier.spendable(0, asset, town.time).is_empty());
}

/// Two drafts at once, offers of one sent for the other, and an acceptance by the supplier itself.
#[test]
fn offers_are_for_their_own_terms() {
    let mut town = Town::new();
    town.issue();
    town.mint(2_000_000);
    let (terms, to) = (town.terms(), address(&town.buyer));
    let drafts = [(); 2].map(|()| drafted(&mut town, &terms, &to).unwrap());
    assert_ne!(drafts[0].terms.id(), drafts[1].terms.id(), "fresh salts");
    let requests = drafts.each_ref().map(|draft| requested(&mut town, draft).unwrap());
    let offers = requests.each_ref().map(|request| offered(&mut town, request).unwrap());
    let mut crossed = offers[0].clone();
    crossed.terms = offers[1].terms;
    assert!(matches!(accepted(&mut town, &crossed), Err(DealError::Offer("outputs"))));
    let mut stretched = offers[0].clone();
    stretched.expiry = u64::MAX;
    assert!(matches!(accepted(&mut town, &stretched), Err(DealError::Offer("context"))));
    let Town { ledger, supplier, rng, prover, keys, .. } = &mut town;
    let own = ledger.read(|view| Ok(supplier.accept(&offers[0], view, keys, prover, rng))).unwrap();
    assert!(own.is_err(), "the supplier accepts nothing");
    for offer in &offers {
        let transaction = accepted(&mut town, offer).unwrap();
        town.submit(transaction).unwrap();
    }
}

/// A party whose delivery key is of small order: nothing can be sealed to it. The address is refused where it is read; where it got
/// through all the same, the other party is still paid, and the buyer's refund is not locked.
#[test]
fn a_delivery_key_of_small_order_locks_nothing() {
    let mut town = Town::new();
    let mut to = address(&town.buyer);
    to.delivery = [0; 32];
    assert_eq!(to.to_string().parse::<Address>(), Err(AddressError::Delivery));
    to.delivery[0] = 1;
    assert_eq!(to.to_string().parse::<Address>(), Err(AddressError::Delivery));
    let (terms, transaction) = dealt(&mut town, &to);
    town.submit(transaction).unwrap();
    let (id, brief) = (terms.id(), InspectionBrief::of(&terms));
    town.time = DUE;
    let delivery = Delivery { delivered: 1_000_000, time: DUE, last: true };
    let receipt = InspectorBook::default().sign(&town.inspector, &brief, delivery, &mut town.rng).unwrap();
    let evidence = town.supplier.file_evidence(id, |terms| receipt.evidence(terms)).unwrap();
    let release = town.supplier.release(id, &ReleaseOrder::Evidence(evidence), &mut make!(town)).unwrap();
    town.submit(release).unwrap();
    let paid = town.supplier.scanner().balances()[&town.currency];
    assert_eq!(paid, u128::from(town.supplier.scanner().deals()[&id].total));
}

/// The proposer of a settlement writes all ciphertexts. Noise in the other party's place would be signed, paid out and never found
/// again: not even a restore from phrase and ledger could tell what was agreed.
#[test]
fn an_agreement_that_cannot_be_read_is_not_signed() {
    let mut town = Town::new();
    let terms = settled(&mut town);
    let (id, when) = (terms.id(), town.when());
    let proposal = town.supplier.propose(id, 1_000, 5, when, &mut town.rng).unwrap();
    let blind = edited(&proposal, |body| {
        let noise = body["recipients"][0].clone();
        body["recipients"][1] = noise;
    });
    // The supplier signs what it altered: nothing but the ciphertext is wrong.
    let escrow = town.supplier.scanner().deals()[&id].escrow.clone().unwrap();
    let settlement = town.supplier.preview(id, &blind.claim(), town.time).unwrap();
    let [supplier, buyer, capacity, rest, kept] = settlement.notes(&terms, escrow.nullifier(&terms));
    let pair = privity_circuits::note::pair(rest.commitment(), kept.commitment());
    let outputs = [supplier.commitment(), buyer.commitment(), capacity.commitment(), pair];
    let sealed = |name: &str| -> Vec<SealedNote> {
        let json: Value = serde_json::from_str(&blind.to_json().unwrap()).unwrap();
        let texts = json["body"][name].as_array().unwrap().clone();
        texts.iter().map(|text| SealedNote(bytes(text.as_str().unwrap()).try_into().unwrap())).collect()
    };
    let (recipients, senders) = (sealed("recipients"), sealed("copies"));
    let ciphertexts = Ciphertexts { recipients, senders, envelopes: Vec::new() };
    let frame = Frame {
        ledger: town.genesis.ledger(),
        kind: Kind::Release,
        expiry: blind.expiry,
        terms: Default::default(),
        volume: NO_VOLUME,
        recipient: Fr::from(0u64),
        outputs: &outputs,
        ciphertexts: &ciphertexts,
    };
    let message = blind.claim().message(id, 0, escrow.nullifier(&terms), frame.context());
    let own = &town.supplier.member().unwrap().signer;
    let signature = own.sign(message, &mut town.rng);
    let mut hostile = blind.clone();
    hostile.supplier = Some(SignedBy { key: own.public, signature });
    let signed = town.buyer.agree(&hostile, town.time, &mut town.rng);
    assert!(matches!(signed, Err(BuildError::Ciphertext("buyer's payment"))), "{:?}", signed.err());
    town.buyer.agree(&proposal, town.time, &mut town.rng).unwrap();
}

fn bytes(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// Pitfall 40 off the chain: due moved by thirty days, the increment above 2^40 making up for it. Terms and signature are those of
/// the honest brief; whoever judges lateness by this one judges wrongly.
#[test]
fn a_brief_opens_its_terms_one_way() {
    let mut town = Town::empty();
    let honest = InspectionBrief::of(&town.terms());
    let mut forged = honest.clone();
    forged.goods.due -= 30 * 86_400;
    forged.goods.increment += (30 * 86_400) << 40;
    assert!(forged.terms() == honest.terms() && forged.goods.due != honest.goods.due);
    let refused = Some(EvidenceError::Brief("increment"));
    let delivery = Delivery { delivered: 5_000, time: DUE, last: false };
    let (mut book, mut arbiter) = (InspectorBook::default(), ArbiterBook::default());
    assert_eq!(book.sign(&town.inspector, &forged, delivery, &mut town.rng).err(), refused);
    assert_eq!(book.acknowledge(&town.inspector, &forged, &mut town.rng).err(), refused);
    let file = book.acknowledge(&town.inspector, &honest, &mut town.rng).unwrap();
    let decision = Decision { done: 0, pay: 0, used: 0 };
    assert_eq!(arbiter.sign(&town.arbiter, &forged, Some(&file), decision, &mut town.rng).err(), refused);
    arbiter.sign(&town.arbiter, &honest, Some(&file), decision, &mut town.rng).unwrap();
}

/// The signed sum done + 2^40·done′ + 2^80·time read another way: a second earlier, 2^40 thousandths more.
#[test]
fn a_receipt_reads_one_way() {
    let mut town = Town::empty();
    let terms = town.terms();
    let delivery = Delivery { delivered: 5_000, time: DUE + 1, last: false };
    let brief = InspectionBrief::of(&terms);
    let receipt = InspectorBook::default().sign(&town.inspector, &brief, delivery, &mut town.rng).unwrap();
    receipt.evidence(&terms).unwrap();
    let mut earlier = receipt.clone();
    (earlier.time, earlier.delivered) = (DUE, 5_000 + (1 << 40));
    assert_eq!(earlier.evidence(&terms).err(), Some(EvidenceError::Range));
    let mut skipping = receipt.clone();
    (skipping.done, skipping.delivered) = (1 << 40, 4_999);
    assert_eq!(skipping.evidence(&terms).err(), Some(EvidenceError::Range));
}

/// Of two attestations with one serial only one issues — by one certifier on one ledger. The book counts them once, so it must
/// not sign the second for another certifier's key or another ledger: both would issue, and the machines be sold twice.
#[test]
fn a_serial_is_one_certifiers_on_one_ledger() {
    let mut town = Town::empty();
    let supplier = town.supplier.member().unwrap().owner;
    let mut book = CertifierBook::default();
    book.set_actual(supplier, town.resource, MONDAY, 100).unwrap();
    let serial = town.supplier.serial(0);
    let request = |ledger| AttestationRequest {
        ledger,
        supplier,
        resource: town.resource,
        weeks: vec![WeekEntry { bucket: MONDAY, quantity: 100 }],
        serial: serial.id(),
    };
    let (here, elsewhere) = (town.genesis.ledger().id(), privity_circuits::context::LedgerId::new(Fr::from(5u64)));
    let other = signer(60);
    assert_ne!(serial.issued(town.certifier.id), serial.issued(other.id), "two marks");
    book.certify(&town.certifier, &request(here), &mut town.rng).unwrap();
    let foreign = book.certify(&town.certifier, &request(elsewhere), &mut town.rng);
    assert_eq!(foreign.err(), Some(CertifyError::Serial), "another ledger");
    let foreign = book.certify(&other, &request(here), &mut town.rng);
    assert_eq!(foreign.err(), Some(CertifyError::Serial), "another certifier");
    book.certify(&town.certifier, &request(here), &mut town.rng).unwrap();
}

/// A claim_until that a lateness rate of 0 or a cap above 100 % would move, and parties that stand in for each other's judge.
#[test]
fn terms_at_the_edge_of_what_is_signed() {
    let town = Town::empty();
    assert_eq!(refusal(&town, |t| (t.remedy.rate, t.remedy.claim_until) = (0, DUE + 2 * WEEK)), None);
    let early = TermsRefusal::ClaimUntil { claim_until: DUE + 2 * WEEK - 1, earliest: DUE + 2 * WEEK };
    let short = refusal(&town, |t| (t.remedy.rate, t.remedy.claim_until) = (0, DUE + 2 * WEEK - 1));
    assert!(matches!(short, Some(TermsRefusal::Rule(rule)) if rule.rule == "P2") || short == Some(early));
    // A rate of one basis point keeps the escrow for 500 weeks.
    assert!(matches!(refusal(&town, |t| t.remedy.rate = 1), Some(TermsRefusal::ClaimUntil { .. })));
    let revoked = refusal(&town, |t| t.parties.arbiter = SignerId::new(Fr::from(1u64)));
    assert_eq!(revoked, Some(TermsRefusal::Unregistered("arbiter")));
}
