//! Attacks with nothing but the public API: second encodings of keys and secrets, degenerate weights, a friend's torn quote, damage
//! to every message. `docs/attacks.md` lists the attempts; those that need a prover of their own are in `src/*/tests.rs`.

use privity_circuits::asset::AssetId;
use privity_circuits::keys::{Owner, SignerId, SigningKey};
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::{self, DocumentHash, TermsId};
use privity_circuits::{Domain, Fr, hash};
use privity_quotes::award::{Award, Field};
use privity_quotes::link::{Link, Statement, Witness};
use privity_quotes::{
    CodecError, Error, Exclusion, Message, Open, Opening, OperatorSecret, QuotingKey, Rfq, SealedQuote, SecretScalar,
    Verified, Weights,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use x25519_dalek::x25519;

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

struct Scene {
    rfq: Rfq,
    buyer: SecretScalar,
    operator: OperatorSecret,
}

fn scene(weights: Weights) -> Scene {
    let (ledger, nonce, owner) = ([7; 32], [1; 32], Owner::new(Fr::from(1_000u64)));
    let buyer = QuotingKey::from_wide(&[1; 64]).buyer_secret(&ledger, &nonce);
    let operator = QuotingKey::from_wide(&[99; 64]).operator_secret(&ledger, owner, &nonce);
    let signing = SigningKey::from_wide(&[5; 64]).unwrap();
    let signer = SignerId::of(&signing.public_key());
    let message = Rfq::endorsement(&ledger, owner, &nonce, &operator.public());
    let rfq = Rfq {
        ledger,
        buyer: owner,
        document: DocumentHash::new(Fr::from(11u64)),
        currency: AssetId::new(Fr::from(12u64)),
        exponent: 2,
        quantity: 1_005_000,
        weights,
        opens: 100,
        closes: 200,
        delay: 50,
        key: buyer.public(),
        operator_key: operator.public(),
        nonce,
        operator: signer,
        endorsement: Signature::sign(&signing, signer.field(), message, &mut rng(1)),
    };
    Scene { rfq, buyer, operator }
}

impl Scene {
    fn supplier(&self, number: u8) -> (Owner, QuotingKey) {
        (Owner::new(Fr::from(2_000 + u64::from(number))), QuotingKey::from_wide(&[100 + number; 64]))
    }

    fn opening(&self, number: u8, price: u64) -> Opening {
        self.supplier(number).1.opening(&self.rfq.hash(), 0, price, 5).unwrap()
    }

    /// The quote of supplier `number` at `price`, its box holding `boxed`.
    fn quote(&self, number: u8, price: u64, boxed: u64) -> Verified<SealedQuote> {
        let (owner, key) = self.supplier(number);
        let (opening, inside) = (self.opening(number, price), self.opening(number, boxed));
        let ephemeral = key.ephemeral(&self.rfq.hash(), 0);
        let quote =
            SealedQuote::seal_mismatched(&self.rfq, owner, &ephemeral, &opening, &inside, &mut rng(number.into()));
        quote.unwrap().verify(&self.rfq).unwrap()
    }

    fn open(&self) -> Verified<Open> {
        Open { rfq: self.rfq.hash(), secret: self.operator.clone() }.verify(&self.rfq).unwrap()
    }

    fn exclusion(&self, quote: &SealedQuote) -> Verified<Exclusion> {
        let made = Exclusion::prove(&self.rfq, quote, &self.operator, &self.buyer, &mut rng(7)).unwrap();
        made.verify(&self.rfq, quote, &self.operator).unwrap()
    }

    fn award(&self, field: &Field<'_>, openings: &[Opening]) -> Verified<Award> {
        Award::prove(field, openings, &self.buyer, &mut rng(8)).unwrap().verify(field).unwrap()
    }
}

const WEIGHTS: Weights = Weights { price: 3, lead: 20_000 };

/// X25519 ignores the top bit and reduces modulo p: another encoding of a key whose secret is out already would look like a new key.
#[test]
fn a_sealing_key_has_one_encoding() {
    let Scene { rfq, .. } = scene(WEIGHTS);
    let mut above = [0xff; 32];
    (above[0], above[31]) = (0xed + 9, 0x7f);
    let mut nine = [0; 32];
    nine[0] = 9;
    assert_eq!(x25519([1; 32], above), x25519([1; 32], nine));
    let mut high = rfq.operator_key;
    high[31] |= 0x80;
    assert_eq!(x25519([1; 32], high), x25519([1; 32], rfq.operator_key));
    for operator_key in [above, high] {
        let other = Rfq { operator_key, ..rfq.clone() };
        assert_eq!(other.check(), Err(Error::Request("operator key")));
        assert_eq!(Rfq::from_bytes(&other.to_bytes()), Err(CodecError::Range("operator key")));
    }
    let mut last = [0xff; 32];
    (last[0], last[31]) = (0xed - 3, 0x7f);
    for operator_key in [last, nine, rfq.operator_key] {
        assert_eq!(Rfq { operator_key, ..rfq.clone() }.check(), Ok(()));
    }
}

/// s and 8·ℓ − s, both clamped, are secrets of one key: what they make of a point on the twist differs, so an operator who held both
/// could choose after closing whether the quote of a friend, sealed to such a point, is out.
#[test]
fn a_sealing_key_has_one_secret() {
    // 8·(ℓ − 2^252)
    let eightfold = 27742317777372353535851937790883648493u128 * 8;
    let of = |low: u128| {
        let mut secret = [0; 32];
        secret[..16].copy_from_slice(&low.to_le_bytes());
        secret[31] = 0x40;
        secret
    };
    let (one, two) = (of(40), of(eightfold - 40));
    let mut base = [0; 32];
    base[0] = 9;
    assert_eq!(x25519(one, base), x25519(two, base));
    let on_twist = (2..20u8).any(|u| {
        let mut point = [0; 32];
        point[0] = u;
        x25519(one, point) != x25519(two, point)
    });
    assert!(on_twist);
    for secret in [one, two, of(0), of(eightfold)] {
        assert_eq!(OperatorSecret::from_bytes(&secret), Err(CodecError::Range("operator secret")));
    }
    let mut above = of(0);
    above[16] = 1;
    assert!(OperatorSecret::from_bytes(&above).is_ok());
}

/// Weights of 0 rank by the log alone; scores and their commitments are then all 0 and the identity.
#[test]
fn weights_of_zero_rank_by_the_log() {
    let scene = scene(Weights { price: 0, lead: 0 });
    let quotes: Vec<_> = [900, 1, 500].iter().zip(0..).map(|(price, n)| scene.quote(n, *price, *price)).collect();
    let openings: Vec<_> = [900, 1, 500].iter().zip(0..).map(|(price, n)| scene.opening(n, *price)).collect();
    let open = scene.open();
    let field = Field::new(&scene.rfq, &quotes, &open, []).unwrap();
    assert_eq!(scene.award(&field, &openings).get().winner, quotes[0].get().id());
    let last = Field::new(&scene.rfq, &quotes[1..], &open, []).unwrap();
    assert_eq!(scene.award(&last, &openings[1..]).get().winner, quotes[1].get().id());
}

/// What cannot be prevented: only the buyer shows that a box is torn, so one who was told its opening may count the quote or exclude
/// it. The exclusion names the supplier and opens the box to everybody.
#[test]
fn a_friends_torn_quote_counts_or_not_as_the_buyer_likes() {
    let scene = scene(WEIGHTS);
    let quotes = [scene.quote(1, 1_000, 1_000), scene.quote(2, 1, 2), scene.quote(3, 900, 901)];
    let prices = [(1, 1_000), (2, 1), (3, 900)];
    let open = scene.open();
    let torn = [1, 2].map(|index: usize| scene.exclusion(quotes[index].get()));
    for (excluded, winner) in [(vec![], 1), (vec![&torn[0]], 2), (vec![&torn[0], &torn[1]], 0)] {
        let field = Field::new(&scene.rfq, &quotes, &open, excluded).unwrap();
        let ranked: Vec<_> = field.ranked().map(|(id, _)| id).collect();
        let openings: Vec<_> = quotes
            .iter()
            .zip(prices)
            .filter(|(quote, _)| ranked.contains(&quote.get().id()))
            .map(|(_, (number, price))| scene.opening(number, price))
            .collect();
        assert_eq!(scene.award(&field, &openings).get().winner, quotes[winner].get().id());
    }
}

/// K of an excluded quote opens that box and no other, and an exclusion does not become one of the supplier's next quote.
#[test]
fn evidence_opens_one_box() {
    let scene = scene(WEIGHTS);
    let (torn, honest) = (scene.quote(1, 500, 400), scene.quote(2, 600, 600));
    let shared = scene.exclusion(torn.get()).get().shared;
    assert_eq!(honest.get().open(&scene.operator, &shared).unwrap_err(), Error::Box);
    let mut moved = scene.exclusion(torn.get()).into_inner();
    moved.quote = honest.get().id();
    assert_eq!(moved.verify(&scene.rfq, honest.get(), &scene.operator).unwrap_err(), Error::Shared);
}

/// Decodes; what decodes encodes to the same bytes; whether it verifies.
type Verdict<'a> = Box<dyn Fn(&[u8]) -> bool + 'a>;

fn decoded<M: Message>(bytes: &[u8]) -> Option<M> {
    let message = M::from_bytes(bytes).ok()?;
    assert_eq!(message.to_bytes(), bytes, "{} has two encodings", M::NAME);
    Some(message)
}

/// 10 000 messages of all kinds, damaged or spliced with each other, without a panic; nothing but the honest bytes verifies.
#[test]
fn damaged_messages_are_refused() {
    let scene = scene(WEIGHTS);
    let quotes = [scene.quote(1, 1_000, 1_000), scene.quote(2, 1, 2), scene.quote(3, 1_100, 1_100)];
    let torn = quotes[1].get();
    let (open, exclusion) = (scene.open(), scene.exclusion(torn));
    let field = Field::new(&scene.rfq, &quotes, &open, [&exclusion]).unwrap();
    let openings = [scene.opening(1, 1_000), scene.opening(3, 1_100)];
    let award = scene.award(&field, &openings);
    let (salt, id) = (Fr::from(3u64), TermsId::new(Fr::from(4u64)));
    let volume = terms::volume(1_000, salt, id);
    let statement = Statement::new(&scene.rfq, &award, &quotes[0], [6; 32], &volume).unwrap();
    let witness = Witness::new(&openings[0], hash(Domain::Volume, &[salt, id.field()]));
    let link = Link::prove(&statement, &witness, &mut rng(9)).unwrap();
    let rfq = &scene.rfq;
    let subjects: [(Vec<u8>, Verdict<'_>); 6] = [
        (rfq.to_bytes(), Box::new(|bytes| decoded::<Rfq>(bytes).is_some_and(|other| other == *rfq))),
        (open.get().to_bytes(), Box::new(|bytes| decoded::<Open>(bytes).is_some_and(|open| open.verify(rfq).is_ok()))),
        (
            quotes[0].get().to_bytes(),
            Box::new(|bytes| decoded::<SealedQuote>(bytes).is_some_and(|quote| quote.verify(rfq).is_ok())),
        ),
        (
            exclusion.get().to_bytes(),
            Box::new(|bytes| {
                decoded::<Exclusion>(bytes).is_some_and(|made| made.verify(rfq, torn, &scene.operator).is_ok())
            }),
        ),
        (
            award.get().to_bytes(),
            Box::new(|bytes| decoded::<Award>(bytes).is_some_and(|award| award.verify(&field).is_ok())),
        ),
        (link.to_bytes(), Box::new(|bytes| decoded::<Link>(bytes).is_some_and(|link| link.verify(&statement).is_ok()))),
    ];
    let count = if std::env::var_os("PRIVITY_LONG").is_some() { 100_000 } else { 10_000 };
    let mut dice = rng(10);
    for _ in 0..count {
        let (honest, verdict) = &subjects[dice.gen_range(0..subjects.len())];
        let other = &subjects[dice.gen_range(0..subjects.len())].0;
        let bytes = damaged(honest, other, &mut dice);
        assert_eq!(verdict(&bytes), bytes == *honest, "{bytes:x?}");
    }
}

/// Bits flipped, 32-byte words taken from the same message or another, bytes cut off or added.
fn damaged(honest: &[u8], other: &[u8], dice: &mut ChaCha20Rng) -> Vec<u8> {
    let mut bytes = honest.to_vec();
    for _ in 0..dice.gen_range(1..4) {
        let at = dice.gen_range(0..bytes.len());
        match dice.gen_range(0..5) {
            0 | 1 => bytes[at] ^= 1 << dice.gen_range(0..8),
            2 | 3 => {
                let source = if dice.r#gen() { honest } else { other };
                let (from, to) = (dice.gen_range(0..source.len() / 32) * 32, at / 32 * 32);
                let length = 32.min(bytes.len() - to).min(source.len() - from);
                bytes[to..to + length].copy_from_slice(&source[from..from + length]);
            }
            _ if dice.r#gen() => bytes.truncate(at.max(1)),
            _ => bytes.push(dice.r#gen()),
        }
    }
    bytes
}
