//! Messages about quotes: each has one encoding, and what it says is checked without a panic, whatever it is.

use privity_quotes::award::Award;
use privity_quotes::link::Link;
use privity_quotes::{Exclusion, Message, Open, Rfq, SealedQuote};

/// The first byte says which message follows.
pub fn message(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    match kind % 6 {
        0 => drop(codec::<Rfq>(bytes).map(|rfq| (rfq.hash(), rfq.check()))),
        1 => drop(codec::<Open>(bytes).map(|open| open.secret.public())),
        2 => drop(codec::<SealedQuote>(bytes).map(|quote| quote.id())),
        3 => drop(codec::<Exclusion>(bytes)),
        4 => drop(codec::<Award>(bytes)),
        _ => drop(codec::<Link>(bytes)),
    }
}

/// A request and a quote that answers it, with any proofs: refused, not panicked at.
pub fn verify(data: &[u8]) {
    let Some((request, rest)) = data.split_at_checked(Rfq::BYTES) else { return };
    let (Ok(rfq), Ok(mut quote)) = (Rfq::from_bytes(request), SealedQuote::from_bytes(rest)) else { return };
    quote.rfq = rfq.hash();
    let _ = quote.verify(&rfq);
}

fn codec<M: Message>(bytes: &[u8]) -> Option<M> {
    let message = M::from_bytes(bytes).ok()?;
    assert!(bytes.len() <= M::LIMIT);
    assert_eq!(message.to_bytes(), bytes);
    Some(message)
}
