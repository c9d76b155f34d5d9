//! `H(tag; x₁, …, x_n)`, the one hash inside circuits (protocol, section 1 and *Bytes*).

use crate::{Fr, poseidon};

/// Version of every tag.
pub const VERSION: u64 = 1;

macro_rules! domains {
    ($($name:ident = $number:literal, $doc:literal;)*) => {
        /// What a hash is of; all of the protocol's tags live here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Domain { $(#[doc = $doc] $name = $number,)* }

        impl Domain {
            /// Every domain, in the order of their numbers.
            pub const ALL: &'static [Domain] = &[$(Domain::$name,)*];
        }
    };
}

domains! {
    Owner = 1, "Owner of notes: (pk.x, pk.y, nk).";
    Signer = 2, "Signer id: (pk.x, pk.y).";
    Sig = 3, "Schnorr challenge: (R.x, R.y, prefix, m).";
    Intent = 4, "What a transfer's owner signs.";
    Accept = 5, "What a supplier signs to issue an attestation.";
    Disclose = 6, "What an owner signs to disclose a note.";
    Attest = 7, "What a certifier signs.";
    Receipt = 8, "What an inspector signs.";
    Award = 9, "What an arbiter signs.";
    Mint = 10, "What an issuer signs.";
    Refund = 11, "What a buyer's signer signs once an escrow lapsed.";
    Settle = 12, "What both parties' signers sign to settle.";
    Entry = 13, "What a member's signer signs in the log.";
    Note = 14, "Note commitment.";
    Nullifier = 15, "Nullifier: (nk, cm, position).";
    Token = 16, "Token asset: (issuer, name).";
    Erc20 = 17, "ERC-20 asset: (chain id, token, scale).";
    Capacity = 18, "Capacity asset: (certifier, origin, resource, bucket).";
    Node = 19, "Inner node of the 4-ary trees.";
    Party = 20, "Party tag: (owner, ρ).";
    Serial = 21, "Serial of an attestation.";
    Blind = 22, "Blinding derived from a secret.";
    Issued = 23, "Mark that a serial issued: (certifier, serial).";
    Terms = 24, "Terms: (parties, goods, money, remedy).";
    Parties = 25, "PARTIES of terms.";
    Goods = 26, "GOODS of terms.";
    Money = 27, "MONEY of terms.";
    Remedy = 28, "REMEDY of terms.";
    Escrow = 29, "Escrow owner E(done): (terms, done).";
    Pair = 30, "Escrowed pair: (payment, capacity).";
    Retired = 31, "Owner of consumed capacity, which nobody can spend.";
    Policy = 32, "Fee policy: (flat, rate, treasury, delivery key).";
    Volume = 33, "Blinding scalar of a deal's volume.";
    Rho = 34, "Randomness of party tags and awards.";
    Awarded = 35, "Award of an RFQ named by a deal.";
    Offer = 36, "What was offered: (currency, exponent, quantity and due, document).";
    EscrowNk = 37, "Nullifier key of an escrow: (s₃).";
    Disclosed = 38, "Disclosure tag: (nk, cm, position, scope).";
}

/// 2^32·version + 2^16·domain + number of inputs.
pub fn tag(domain: Domain, inputs: usize) -> Fr {
    Fr::from((VERSION << 32) + ((domain as u64) << 16) + inputs as u64)
}

/// `H(domain; inputs)`: state (tag, 0, 0, 0, 0), up to four inputs added to lanes 1–4, permuted, repeated; lane 1 is the output.
///
/// ```
/// use privity_circuits::{Domain, Fr, hash};
/// let owner = hash(Domain::Owner, &[Fr::from(1u64), Fr::from(2u64), Fr::from(3u64)]);
/// assert_ne!(owner, hash(Domain::Signer, &[Fr::from(1u64), Fr::from(2u64)]));
/// ```
pub fn hash(domain: Domain, inputs: &[Fr]) -> Fr {
    let zero = Fr::from(0u64);
    let mut state = [tag(domain, inputs.len()), zero, zero, zero, zero];
    for chunk in inputs.chunks(poseidon::RATE) {
        for (lane, input) in state[1..].iter_mut().zip(chunk) {
            *lane += input;
        }
        poseidon::permute(&mut state);
    }
    state[1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_numbered_without_gaps() {
        for (index, domain) in Domain::ALL.iter().enumerate() {
            assert_eq!(*domain as usize, index + 1);
        }
        assert_eq!(Domain::ALL.len(), 38);
    }

    #[test]
    fn length_and_domain_separate() {
        let x = Fr::from(7u64);
        let zero = Fr::from(0u64);
        assert_ne!(hash(Domain::Note, &[x]), hash(Domain::Note, &[x, zero]));
        assert_ne!(hash(Domain::Note, &[x]), hash(Domain::Node, &[x]));
    }
}
