//! Whether the time of refusing a token tells how much of it was right.

use privity_service::server::Scope;
use privity_service::server::tokens::{Grant, Tokens};
use std::hint::black_box;
use std::time::Instant;

/// Refusals of two kinds in turn: wrong at the end of the secret, and another secret altogether. Welch's t of their times; the
/// two are told apart if it is beyond ±4.5.
pub fn compare() {
    let grant = Grant { name: "erp".into(), scopes: [Scope::Auditor].into(), party: None, created: 0, expires: 200 };
    let ((good, credential), (other, _)) = (grant.token(), grant.token());
    let tokens = Tokens::of([credential]);
    // A prefix and an id of 16 digits, each with its `_`, then the secret; the last character holds two bits that count for nothing.
    let head = good.len() - 43;
    let near = changed(&good, good.len() - 2);
    let far = format!("{}{}", &good[..head], &other[head..]);
    let time = |text: &str| {
        let begun = Instant::now();
        assert!(black_box(tokens.bearer(black_box(text), 100)).is_none());
        begun.elapsed().as_nanos() as f64
    };
    let count = privity_testkit::size(200_000, 2_000_000);
    let mut times: Vec<(f64, f64)> = (0..count).map(|_| (time(&near), time(&far))).collect();
    // What an interrupt lengthened says nothing: the upper tenth of each is left out.
    let mut both: Vec<f64> = times.iter().flat_map(|(near, far)| [*near, *far]).collect();
    both.sort_by(f64::total_cmp);
    let most = both[both.len() * 9 / 10];
    times.retain(|(near, far)| *near <= most && *far <= most);
    let (near, far): (Vec<f64>, Vec<f64>) = times.into_iter().unzip();
    let ((a, var_a), (b, var_b)) = (moments(&near), moments(&far));
    let t = (a - b) / (var_a / near.len() as f64 + var_b / far.len() as f64).sqrt();
    println!("compare: a token wrong at its end is refused in {a:.1} ns, another one in {b:.1} ns; t = {t:+.2}");
}

fn changed(text: &str, at: usize) -> String {
    let other = if text[at..].starts_with('A') { "B" } else { "A" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

/// Mean and variance.
fn moments(times: &[f64]) -> (f64, f64) {
    let count = times.len().max(1) as f64;
    let mean = times.iter().sum::<f64>() / count;
    (mean, times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / count)
}
