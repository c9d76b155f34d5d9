//! Reading the vectors' JSON.
#![allow(dead_code)]

use privity_circuits::jubjub::Point;
use privity_circuits::{Fr, field};
use serde_json::Value;

pub fn vectors(name: &str) -> Value {
    let path = format!("{}/../vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub fn fr(value: &Value) -> Fr {
    field::from_hex(text(value)).unwrap()
}

pub fn int<T: std::str::FromStr>(value: &Value) -> T
where
    T::Err: std::fmt::Debug,
{
    text(value).parse().unwrap()
}

pub fn bytes(value: &Value) -> Vec<u8> {
    let digits = text(value);
    (0..digits.len() / 2).map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap()).collect()
}

pub fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

pub fn point(value: &Value) -> Point {
    Point { x: fr(&value["x"]), y: fr(&value["y"]) }
}

pub fn frs(value: &Value) -> Vec<Fr> {
    list(value).iter().map(fr).collect()
}
