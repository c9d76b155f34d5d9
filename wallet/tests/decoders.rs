//! Every decoder refuses what is not exactly an encoding, without a panic; every accepted deal can be released.

mod common;

use common::{DUE, Town};
use privity_circuits::release::{Claim, Holding, Settlement};
use privity_circuits::terms::{Mode, Rounding, Stage, Tier};
use privity_wallet::deal::{check_terms, earliest_claim_until, quote};
use privity_wallet::delivery::{Channel, DeliveryKey};
use privity_wallet::envelope::Enclosed;
use privity_wallet::evidence::Receipt;
use privity_wallet::file::Document;
use privity_wallet::{Address, Seed, ViewingKey, Wallet};
use proptest::prelude::*;
use std::sync::OnceLock;

fn town() -> &'static std::sync::Mutex<Town> {
    static TOWN: OnceLock<std::sync::Mutex<Town>> = OnceLock::new();
    TOWN.get_or_init(|| std::sync::Mutex::new(Town::empty()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), text in ".{0,200}") {
        let channel = Channel::new(&[1; 32]);
        let key = DeliveryKey::from_bytes(&[2; 32]);
        prop_assert!(channel.open_copy(&key, Default::default(), &bytes).is_none());
        prop_assert!(ViewingKey::from_bytes(&bytes).is_err());
        prop_assert!(Wallet::unseal(&bytes, "x").is_err());
        prop_assert!(text.parse::<Address>().is_err());
        prop_assert!(Seed::from_phrase(&text).is_err());
        prop_assert!(Receipt::from_json(&text).is_err());
    }

    #[test]
    fn a_viewing_key_has_one_encoding(at in 0usize..129, bit in 0u8..8) {
        let key = common::seed(9);
        let key = privity_wallet::Account::derive(&key, 0).unwrap().viewing_key();
        let mut bytes = *key.to_bytes();
        bytes[at] ^= 1 << bit;
        if let Ok(other) = ViewingKey::from_bytes(&bytes) {
            prop_assert!(*other.to_bytes() == bytes);
        }
    }

    #[test]
    fn an_address_with_a_changed_character_is_refused(at in 0usize..117, to in "[qpzry9x8gf2tvdw0s3jn54khce6mua7l]") {
        let good = privity_wallet::Account::derive(&common::seed(9), 0).unwrap().address().to_string();
        let mut bad = good.clone();
        bad.replace_range(at..at + 1, &to);
        prop_assert_eq!(bad.parse::<Address>().is_ok(), bad == good);
    }

    /// Pitfall 44, and the envelope that restores the terms.
    #[test]
    fn what_a_wallet_accepts_can_be_released(
        quantity in 1u64..1 << 40,
        load_factor in 1u64..1 << 32,
        prices in prop::collection::vec(0u64..1 << 48, 1..8),
        surcharge in 0u64..1 << 16,
        allowance in 0u64..10_001,
        exponent in 0u64..7,
        (rate, cap) in (0u64..10_001, 0u64..10_001),
        choices in any::<[bool; 4]>(),
        done in any::<prop::sample::Index>(),
    ) {
        let town = town().lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut terms = town.terms();
        terms.goods.quantity = quantity;
        terms.goods.load_factor = load_factor;
        terms.goods.increment = 1;
        let money = &mut terms.money;
        money.tiers = [Tier::default(); 8];
        for (index, price) in prices.iter().enumerate() {
            money.tiers[index] = Tier { minimum: 1 + index as u64 * 1000, price: *price };
        }
        (money.surcharge, money.allowance, money.exponent) = (surcharge, allowance, exponent);
        money.mode = if choices[0] { Mode::Graduated } else { Mode::AllUnits };
        money.stage = if choices[1] { Stage::UnitPrice } else { Stage::Line };
        money.rounding = match (choices[2], choices[3]) {
            (false, false) => Rounding::Down,
            (false, true) => Rounding::Up,
            (true, false) => Rounding::HalfUp,
            (true, true) => Rounding::HalfEven,
        };
        (terms.remedy.rate, terms.remedy.cap) = (rate, cap);
        terms.remedy.claim_until = earliest_claim_until(DUE, &terms.remedy);
        let accepted = town.ledger.read(|view| Ok(check_terms(&terms, view))).unwrap();
        let Ok(deal) = accepted else { return Ok(()) };
        let dry = quote(&terms, &town.genesis.policy).unwrap();
        prop_assert_eq!((dry.price.total, dry.capacity, dry.fee), (deal.quote.total, deal.used, deal.fee));
        prop_assert!(dry.rounding.abs() <= 1_000_000 || choices[1], "a line is rounded by less than a minor unit");

        let held = Holding { done: 0, payment: deal.quote.total, capacity: deal.used };
        let part = Claim::Delivered { delivered: 1 + done.index(quantity as usize) as u64, time: DUE, last: false };
        let late = terms.remedy.claim_until - 1;
        let all = Claim::Delivered { delivered: quantity, time: late, last: true };
        let awarded = Claim::Awarded { pay: held.payment, used: held.capacity };
        let agreed = Claim::Agreed { pay: 0, used: 0 };
        for claim in [part, all, Claim::Lapsed, awarded, agreed] {
            let moved = Settlement::of(&terms, &held, &claim, terms.remedy.claim_until).unwrap();
            prop_assert_eq!(u128::from(moved.pay) + u128::from(moved.refund) + u128::from(moved.rest), u128::from(held.payment));
            if let Some(next) = moved.next() {
                let rest = Settlement::of(&terms, &next, &all, 0).unwrap();
                prop_assert!(rest.closes);
            }
        }

        let channel = Channel::new(&[3; 32]);
        let key = DeliveryKey::from_bytes(&[4; 32]);
        let enclosed = Enclosed { terms: terms.clone(), buyer_key: [5; 32], supplier_key: [6; 32] };
        let mut rng = privity_testkit::rng(8);
        let envelope = channel.seal_envelope(&key.public(), &enclosed, &mut rng).unwrap();
        prop_assert!(channel.open_envelope(&key, terms.id(), &envelope) == Some(enclosed));
        prop_assert!(channel.open_envelope(&key, Default::default(), &envelope).is_none());
    }
}
