//! Coin selection: two notes at the most go into a payment; more are consolidated first, seven at a time.

/// A note that may be spent, as selection sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Coin {
    /// Position in the note tree.
    pub position: u32,
    /// Minor units (millionths for capacity), not 0.
    pub value: u64,
}

redacted!(Coin);

/// Notes that a consolidation takes.
pub const CONSOLIDATION_INPUTS: usize = 7;

/// What to spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// One or two notes that suffice; none for an amount of 0.
    Pay(Vec<Coin>),
    /// Make these one note first, then select again.
    Consolidate(Vec<Coin>),
}

/// Why nothing can be selected.
///
/// The texts state no balance: errors end up in logs.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// All spendable notes together do not suffice.
    #[error("the spendable notes do not suffice; receive more, or wait for locked or promised ones")]
    Insufficient {
        /// Minor units asked for.
        needed: u64,
        /// Minor units that may be spent.
        available: u128,
    },
}

redacted!(SelectError);

/// Chooses among `coins` for `amount`: the smallest single note that suffices, else the pair with the least change, else the seven
/// largest to be consolidated.
///
/// # Errors
/// [`SelectError::Insufficient`].
pub fn select(coins: &[Coin], amount: u64) -> Result<Selection, SelectError> {
    let available: u128 = coins.iter().map(|coin| u128::from(coin.value)).sum();
    if available < u128::from(amount) {
        return Err(SelectError::Insufficient { needed: amount, available });
    }
    if amount == 0 {
        return Ok(Selection::Pay(Vec::new()));
    }
    let mut coins = coins.to_vec();
    coins.sort_by_key(|coin| (coin.value, coin.position));
    let alone = coins.partition_point(|coin| coin.value < amount);
    if let Some(coin) = coins.get(alone) {
        return Ok(Selection::Pay(vec![*coin]));
    }
    if let Some(pair) = best_pair(&coins, amount) {
        return Ok(Selection::Pay(pair.to_vec()));
    }
    let largest = coins.iter().rev().take(CONSOLIDATION_INPUTS).copied().collect();
    Ok(Selection::Consolidate(largest))
}

/// The pair with the smallest sum that reaches `amount`; `coins` ascend, and each is below `amount`.
fn best_pair(coins: &[Coin], amount: u64) -> Option<[Coin; 2]> {
    let sum = |low: usize, high: usize| u128::from(coins[low].value) + u128::from(coins[high].value);
    let (mut low, mut high) = (0, coins.len().checked_sub(1)?);
    let mut best: Option<(usize, usize)> = None;
    while low < high {
        if sum(low, high) < u128::from(amount) {
            low += 1;
            continue;
        }
        if best.is_none_or(|(l, h)| sum(low, high) < sum(l, h)) {
            best = Some((low, high));
        }
        high -= 1;
    }
    best.map(|(low, high)| [coins[low], coins[high]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn coins(values: &[u64]) -> Vec<Coin> {
        values.iter().zip(0..).map(|(value, position)| Coin { position, value: *value }).collect()
    }

    proptest! {
        #[test]
        fn pays_with_the_least_change_or_ends_after_consolidations(
            values in prop::collection::vec(1u64..1000, 0..40),
            amount in 0u64..30_000,
        ) {
            let total: u64 = values.iter().sum();
            let mut coins = coins(&values);
            let mut next = 1000;
            loop {
                match select(&coins, amount) {
                    Err(SelectError::Insufficient { needed, available }) => {
                        prop_assert!(total < amount && needed == amount && available == u128::from(total));
                        break;
                    }
                    Ok(Selection::Pay(chosen)) => {
                        let sum: u64 = chosen.iter().map(|coin| coin.value).sum();
                        prop_assert!(chosen.len() <= 2 && sum >= amount);
                        let single = coins.iter().map(|coin| coin.value).filter(|value| *value >= amount).min();
                        if let (Some(single), false) = (single, amount == 0) {
                            prop_assert_eq!(sum, single);
                        } else if amount > 0 {
                            let pairs = (0..coins.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
                            let least = pairs.map(|(i, j)| coins[i].value + coins[j].value).filter(|s| *s >= amount).min();
                            prop_assert_eq!(Some(sum), least);
                        }
                        break;
                    }
                    Ok(Selection::Consolidate(chosen)) => {
                        prop_assert!((3..=CONSOLIDATION_INPUTS).contains(&chosen.len()));
                        coins.retain(|coin| !chosen.contains(coin));
                        next += 1;
                        let value = chosen.iter().map(|coin| coin.value).sum();
                        coins.push(Coin { position: next, value });
                    }
                }
            }
        }
    }
}
